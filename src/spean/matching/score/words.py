"""All words that were met, once each, as rows of arrays: letters, readings, how common, what they are in a name.

A word is known by its number. Numbers make it cheap to hold millions of names and to compare thousands of pairs at once; the text of a
word is not kept beside its letters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spean.matching.names.model import MOST_READINGS, Reading, Role, Script
from spean.matching.score.costs import FAR, LATIN, NATIVE, distances, table_of
from spean.matching.score.frequency import NUMBER, POPULATIONS, bits_of, customs_of, unknown
from spean.matching.score.letters import LONGEST, SOUNDS, VOWEL_SOUNDS, letters, skeleton, sounds

SCRIPTS: tuple[Script, ...] = (
    "latin", "khmer", "lao", "thai", "burmese", "hangul", "han", "kana", "arabic", "cyrillic", "other",
)  # fmt: skip
POPULATION_OF: dict[Script, str] = {
    "khmer": "km", "lao": "lo", "thai": "th", "burmese": "my", "hangul": "ko", "han": "zh", "kana": "ja", "arabic": "ar", "cyrillic": "ru",
}  # fmt: skip
"""Whose custom a script speaks for."""
NAME, INITIAL, PARTICLE, FORM, NICKNAME = range(5)
"""What a word is in a name. Titles are not compared."""
KINDS: dict[Role, int] = {"initial": INITIAL, "particle": PARTICLE, "form": FORM, "nickname": NICKNAME}
TENTH = 0.1
"""How common a word is, is kept in tenths of a bit."""
_CLASS_BITS = 6.0
"""What a consonant of a class that the other word lacks costs at least, nearly always; saves comparing what is plainly different."""
_PARTICLE_BITS, _FORM_BITS, _INITIAL_BITS = 1.5, 1.0, 3.5
_MASK_OF = np.zeros(len(SOUNDS), np.uint32)

Ids = NDArray[np.int32]


def _bit(sound: str) -> int:
    """The bit of a sound's consonant class; vowels have none, since they change most."""
    return 1 << ("PKSTLMNV".index(bones[0])) if (bones := skeleton("a" + sound)[1:]) else 0


for _number, _sound in enumerate(SOUNDS):
    if _sound and _number not in VOWEL_SOUNDS:
        _MASK_OF[_number] = _bit(_sound)


class Words:
    """The words of all names that are compared with one another. Words are only added; ``len`` says how many there are."""

    def __init__(self) -> None:
        self._spelt: dict[bytes | tuple[int, bytes], int] = {}
        self._ids: dict[tuple[str, str, int], int] = {}
        self._joined: dict[tuple[int, int], int] = {}
        self.count = self.spellings = self._used = 0
        self.codes = np.zeros((256, LONGEST), np.uint8)
        self.mask = np.zeros(256, np.uint32)
        self.sounds = np.zeros(256, np.uint8)
        self.own = np.zeros(256, np.int32)
        self.script = np.zeros(256, np.uint8)
        self.kind = np.zeros(256, np.uint8)
        self.first = np.zeros(256, np.int32)
        self.many = np.zeros(256, np.uint8)
        self.bits = np.zeros((256, len(POPULATIONS)), np.uint8)
        self.customs = np.zeros((256, len(POPULATIONS)), np.uint8)
        self.reading = np.zeros(256, np.int32)
        self.surprise = np.zeros(256, np.float32)
        self.native_table = np.full(len(SCRIPTS), NATIVE, np.uint8)
        self.reading_table = np.array([table_of(POPULATION_OF.get(script, "latin")) for script in SCRIPTS], np.uint8)
        self.tables = np.array([table_of(population) for population in POPULATIONS], np.uint8)
        self._add(0, 0, NAME, (), [0.0] * len(POPULATIONS), {})  # number 0 is no word

    def __len__(self) -> int:
        return self.count

    # --- Adding ------------------------------------------------------------------------------------------------------

    def word(self, written: str, script: Script, role: Role, readings: Sequence[Reading]) -> int:
        """The number of a word; 0 for a title and for what has no letter."""
        if role == "title" or not readings:
            return 0
        kind = KINDS.get(role, NAME)
        if kind == FORM:
            written, script = readings[0].latin, "latin"
        key = (written, script, kind)
        number = self._ids.get(key)
        if number is None:
            number = self._ids[key] = self._new(written, script, kind, readings)
        return number

    def _new(self, written: str, script: Script, kind: int, readings: Sequence[Reading]) -> int:
        first = sounds(readings[0].latin)
        if script == "latin":
            own = self._spelling(first)
        else:
            own = self._spelling(letters(written, script), SCRIPTS.index(script))
        if kind == PARTICLE:
            bits = [_PARTICLE_BITS] * len(POPULATIONS)
        elif kind == FORM:
            bits = [_FORM_BITS] * len(POPULATIONS)
        elif kind == INITIAL:
            bits = [_INITIAL_BITS] * len(POPULATIONS)
        else:
            bits = _commonness(readings)
        said = (
            customs_of(readings[0].latin) if script == "latin" else {NUMBER.get(POPULATION_OF.get(script, ""), 0): 10.0}
        )
        return self._add(own, SCRIPTS.index(script), kind, readings, bits, said)

    def _add(
        self,
        own: int,
        script: int,
        kind: int,
        readings: Iterable[Reading],
        bits: list[float],
        customs: dict[int, float],
    ) -> int:
        number = self.count
        if number == len(self.own):
            for name in ("own", "script", "kind", "first", "many", "bits", "customs"):
                setattr(self, name, _larger(getattr(self, name)))
        self.own[number], self.script[number], self.kind[number] = own, script, kind
        self.first[number] = self._used
        for reading in readings:
            self._read(self._spelling(sounds(reading.latin)), reading.bits)
        self.many[number] = self._used - self.first[number]
        self.bits[number] = np.minimum(np.asarray(bits) / TENTH, 255)
        for population, weight in customs.items():
            self.customs[number, population] = min(255, int(weight * 20))
        self.count += 1
        return number

    def _read(self, spelling: int, bits: float) -> None:
        if self._used == len(self.reading):
            self.reading, self.surprise = _larger(self.reading), _larger(self.surprise)
        self.reading[self._used], self.surprise[self._used] = spelling, bits
        self._used += 1

    def _spelling(self, codes: bytes, script: int = 0) -> int:
        codes = codes[:LONGEST]
        key = codes if script == 0 else (script, codes)
        number = self._spelt.get(key)
        if number is not None:
            return number
        number = self._spelt[key] = self.spellings
        if number == len(self.codes):
            self.codes, self.mask, self.sounds = _larger(self.codes), _larger(self.mask), _larger(self.sounds)
        row = np.frombuffer(codes, np.uint8)
        self.codes[number, : len(row)] = row
        self.sounds[number] = len(row)
        if script == 0 and len(row):
            self.mask[number] = np.bitwise_or.reduce(_MASK_OF[row])
        self.spellings += 1
        return number

    def join(self, one: int, other: int) -> int:
        """The number of two words written as one. Its letters are both words', its readings the likeliest of both."""
        number = self._joined.get((one, other))
        if number is None:
            number = self._joined[one, other] = self._new_joined(one, other)
        return number

    def _new_joined(self, one: int, other: int) -> int:
        script = int(self.script[one])
        found: list[tuple[float, bytes]] = []
        for spelling, bits in self._readings(one)[:4]:
            found += [
                (bits + more, self._letters(spelling) + self._letters(after))
                for after, more in self._readings(other)[:4]
            ]
        found.sort()
        own = self._letters(int(self.own[one])) + self._letters(int(self.own[other]))
        readings = [Reading(_text(codes), bits) for bits, codes in found[:MOST_READINGS]]
        bits = np.minimum(self.bits[one].astype(np.int64) + self.bits[other], 200) * TENTH
        spelling = self._spelling(own if script else sounds(_text(own)), script)
        number = self._add(spelling, script, NAME, readings, [float(each) for each in bits], {})
        self.customs[number] = np.maximum(self.customs[one], self.customs[other])
        return number

    def _letters(self, spelling: int) -> bytes:
        return self.codes[spelling, : self.sounds[spelling]].tobytes()

    def _readings(self, word: int) -> list[tuple[int, float]]:
        first, many = int(self.first[word]), int(self.many[word])
        return [(int(self.reading[at]), float(self.surprise[at])) for at in range(first, first + many)]

    def latin_readings(self, word: int) -> list[tuple[str, float]]:
        """The readings of a word as text, with their bits; for keys of an index."""
        return [(_text(self._letters(spelling)), bits) for spelling, bits in self._readings(word)]

    # --- Comparing ---------------------------------------------------------------------------------------------------

    def costs(
        self, one: Ids, other: Ids, populations: NDArray[np.uint8], limit: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Bits between words, pair by pair; ``FAR`` for those that surely cost more than ``limit``.

        ``populations`` (numbers in ``POPULATIONS``) choose the costs between Latin spellings.
        """
        found = np.full(len(one), FAR, np.float32)
        same_script = self.script[one] == self.script[other]
        own, others = self.own[one], self.own[other]
        equal = same_script & (own == others)
        found[equal] = 0.0
        latin = self.script[one] == LATIN
        direct = np.flatnonzero(same_script & ~equal)
        if len(direct):
            in_latin = latin[direct]
            table = np.where(in_latin, self.tables[populations[direct]], NATIVE).astype(np.uint8)
            found[direct] = self._by_spelling(own[direct], others[direct], table, limit[direct], in_latin)
        readable = np.flatnonzero(
            ~same_script | (latin & same_script & ~equal & ((self.many[one] > 1) | (self.many[other] > 1)))
        )
        if len(readable):
            by_reading = self._by_reading(one[readable], other[readable], populations[readable], limit[readable])
            found[readable] = np.minimum(found[readable], by_reading)
        return found

    def _by_spelling(
        self, one: Ids, other: Ids, table: NDArray[np.uint8], limit: NDArray[np.float32], latin: NDArray[np.bool_]
    ) -> NDArray[np.float32]:
        a, b = self.mask[one], self.mask[other]
        bones = np.maximum(np.bitwise_count(a & ~b), np.bitwise_count(b & ~a))
        longer = np.abs(self.sounds[one].astype(np.int16) - self.sounds[other])
        worth = np.flatnonzero((np.where(latin, _CLASS_BITS * bones, 0.0) + longer) <= limit)
        found = np.full(len(one), FAR, np.float32)
        if len(worth):
            found[worth] = distances(self.codes[one[worth]], self.codes[other[worth]], table[worth])
        return found

    def _by_reading(
        self, one: Ids, other: Ids, populations: NDArray[np.uint8], limit: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        many_one, many_other = self.many[one].astype(np.int64), self.many[other].astype(np.int64)
        both_native = (self.script[one] != LATIN) & (self.script[other] != LATIN)
        many_one, many_other = (np.where(both_native, np.minimum(many, 4), many) for many in (many_one, many_other))
        each = many_one * many_other
        pair = np.repeat(np.arange(len(one)), each)
        within = np.arange(len(pair)) - np.repeat(np.cumsum(each) - each, each)
        at_one = self.first[one][pair] + within // np.maximum(many_other, 1)[pair]
        at_other = self.first[other][pair] + within % np.maximum(many_other, 1)[pair]
        surprise = self.surprise[at_one] + self.surprise[at_other]
        script = np.maximum(self.script[one], self.script[other])
        table = np.where(script == LATIN, self.tables[populations], self.reading_table[script])[pair].astype(np.uint8)
        left, right = self.reading[at_one], self.reading[at_other]
        bits = np.where(left == right, 0.0, FAR).astype(np.float32)
        differ = np.flatnonzero((left != right) & (surprise <= limit[pair]))
        if len(differ):
            latin = np.ones(len(differ), np.bool_)
            rest = (limit[pair] - surprise)[differ]
            bits[differ] = self._by_spelling(left[differ], right[differ], table[differ], rest, latin)
        found = np.full(len(one), FAR, np.float32)
        np.minimum.at(found, pair, bits + surprise)
        return found


def _text(codes: bytes) -> str:
    return "".join(SOUNDS[code] for code in codes)


def _commonness(readings: Sequence[Reading]) -> list[float]:
    each = [
        [bits + reading.bits for bits in bits_of(reading.latin, len(sounds(reading.latin)))] for reading in readings[:4]
    ]
    return [min(column) for column in zip(*each, strict=True)] if each else [unknown(1)] * len(POPULATIONS)


def _larger(array: NDArray[Any]) -> Any:
    wide = np.zeros((2 * len(array), *array.shape[1:]), array.dtype)
    wide[: len(array)] = array
    return wide
