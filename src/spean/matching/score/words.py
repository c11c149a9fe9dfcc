"""All words that were met, once each, as rows of arrays: letters, readings, how common, what they are in a name.

A word is known by its number. Numbers make it cheap to hold millions of names and to compare thousands of pairs at once; the text of a
word is not kept beside its letters.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from spean.matching.names.model import MOST_READINGS, Reading, Role, Script
from spean.matching.names.spellings import variants
from spean.matching.score.columns import Columns
from spean.matching.score.costs import (
    ALPHABET,
    CLASS_BITS,
    FAR,
    LATIN,
    NATIVE,
    READ_TOGETHER,
    SLIP_FROM,
    TONED,
    distances,
    reading_table_of,
    slips,
    table_of,
    tables,
)
from spean.matching.score.frequency import NUMBER, POPULATIONS, bits_of, customs_of, known, spellings_of, with_customs
from spean.matching.score.kernels import Held, Spellings
from spean.matching.score.letters import (
    CODES,
    LONGEST,
    PLAIN,
    SOUNDS,
    WIDTH,
    letters,
    plain,
    signatures,
    sound_signatures,
    sounds,
    sounds_of_many,
)

SCRIPTS: tuple[Script, ...] = (
    "latin", "khmer", "lao", "thai", "burmese", "hangul", "han", "kana", "arabic", "cyrillic", "other",
)  # fmt: skip
POPULATION_OF: dict[Script, str] = {
    "khmer": "km", "lao": "lo", "thai": "th", "burmese": "my", "hangul": "ko", "han": "zh", "kana": "ja", "arabic": "ar", "cyrillic": "ru",
}  # fmt: skip
"""Whose custom a script speaks for."""
OWN_TABLE = np.array(
    [
        TONED if script in ("thai", "lao") else ALPHABET if script in ("arabic", "cyrillic", "other") else NATIVE
        for script in SCRIPTS
    ],
    np.uint8,
)
NAME, INITIAL, PARTICLE, FORM, NICKNAME = range(5)
"""What a word is in a name. Titles are not compared."""
KINDS: dict[Role, int] = {"initial": INITIAL, "particle": PARTICLE, "form": FORM, "nickname": NICKNAME}
ONE_SYSTEM = 0.75
"""Part of the surprise of the likeliest reading that no reading of a word costs: the letters of a word are spelt by one system, so their
surprises do not add up."""
TENTH = 0.1
"""How common a word is, is kept in tenths of a bit."""
_SAME_FAMILY = 3.0
"""Bits of another spelling of a family name."""
_PARTICLE_BITS, _FORM_BITS, _INITIAL_BITS = 1.5, 1.0, 3.5
_WIDE = len(POPULATIONS)
_FLAT = {
    kind: bytes([int(bits / TENTH)] * _WIDE)
    for kind, bits in ((PARTICLE, _PARTICLE_BITS), (FORM, _FORM_BITS), (INITIAL, _INITIAL_BITS))
}
_SPEAKS = {
    script: bytes(200 if NUMBER.get(POPULATION_OF.get(script, ""), 0) == number > 0 else 0 for number in range(_WIDE))
    for script in SCRIPTS
}
_MASK_OF = np.zeros(WIDTH, np.uint32)

Ids = NDArray[np.int32]


for _at, _sounds in enumerate(
    (
        "b p bh",
        "v f ph",
        "c k q kh ck",
        "g gh",
        "d dh",
        "t th",
        "s z sh hs",
        "ch j dj zh ts tz",
        "l",
        "r",
        "m",
        "n ng nh ny",
        "x",
    ),
):
    for _sound in _sounds.split():
        _MASK_OF[CODES[_sound]] = 1 << _at  # vowels, h, w and y have no bit, since they come and go


class Words:
    """The words of all names that are compared with one another. Words are only added; ``len`` says how many there are.

    What is added waits in lists until somebody compares: arrays are filled many rows at a time.
    """

    def __init__(self) -> None:
        self._spelt: dict[bytes | tuple[int, bytes], int] = {}
        self._ids: dict[tuple[str, int], dict[str, int]] = {}
        self._joined: dict[tuple[int, int], int] = {}
        self._count = self._spellings = self._used = 0
        self._other: dict[int, list[tuple[int, float]]] = {}
        self._new_pairs: list[tuple[int, float]] = []
        self._pair = np.zeros(0, np.int64)
        self._pair_bits = np.zeros(0, np.float32)
        self._new_words: list[tuple[int, int, int, int, int]] = []
        self._new_bits: list[bytes] = []
        self._new_customs: list[bytes] = []
        self._new_codes: list[bytes] = []
        self._new_readings: list[tuple[int, float]] = []
        self._columns = Columns()
        self._flushed = 0
        self._lines = np.zeros((2, LONGEST + 1), np.int64)
        self.reading_table = np.array(
            [reading_table_of(POPULATION_OF.get(script, "latin")) for script in SCRIPTS], np.uint8
        )
        self.tables = np.array([table_of(population) for population in POPULATIONS], np.uint8)
        self._add(self._spelling(b""), 0, NAME, (), bytes(_WIDE), bytes(_WIDE))  # number 0 is no word

    def __len__(self) -> int:
        return self._count

    @property
    def columns(self) -> Columns:
        """The arrays, with every word that was added."""
        if self._new_words or self._new_codes:
            self._flush()
            self._flushed = self._count
        return self._columns

    # --- Adding ------------------------------------------------------------------------------------------------------

    def word(self, written: str, script: Script, role: Role, readings: Sequence[Reading]) -> int:
        """The number of a word; 0 for a title and for what has no letter."""
        if role == "title" or not readings:
            return 0
        kind = KINDS.get(role, NAME)
        if kind == FORM:
            written, script = readings[0].latin, "latin"
        alike = self._ids.setdefault((script, kind), {})
        number = alike.get(written)
        if number is None:
            number = alike[written] = self._new(written, script, kind, readings)
        return number

    def several(self, latin: Sequence[str]) -> list[int]:
        """The numbers of ordinary Latin words (``ordinary``; two letters or more, a–z), many at once: as ``word`` gives them one by one."""
        alike = self._ids.setdefault(("latin", NAME), {})
        new = [word for word in dict.fromkeys(latin) if word not in alike]
        if new:
            bare = bytes(_WIDE)
            for word, (codes, text) in zip(new, sounds_of_many(new), strict=True):
                own = self._spelt.get(codes)
                if own is None:
                    own = self._spelt[codes] = self._spellings
                    self._new_codes.append(b"\x00" + codes.ljust(LONGEST, b"\x00") + text.ljust(PLAIN, b"\x00"))
                    self._spellings += 1
                self._new_words.append((own, LATIN, NAME, self._used, 1))
                self._new_bits.append(_unknown(len(codes)))
                self._new_customs.append(bare)
                self._new_readings.append((own, 0.0))
                alike[word] = self._count
                self._used += 1
                self._count += 1
        return [alike[word] for word in latin]

    def _new(self, written: str, script: Script, kind: int, readings: Sequence[Reading]) -> int:
        if script == "latin":
            own = self._spelling(sounds(readings[0].latin))
            if kind == NAME and own not in self._other and with_customs(readings[0].latin):
                self._spell(own, readings[0].latin)
        else:
            own = self._spelling(letters(written, script), SCRIPTS.index(script))
        bits = _FLAT[kind] if kind in _FLAT else commonness(readings)
        said = _customs(readings[0].latin) if script == "latin" else _SPEAKS[script]
        return self._add(own, SCRIPTS.index(script), kind, readings, bits, said)

    def _spell(self, own: int, latin: str) -> None:
        """Keep how else people write a word that its customs are known of."""
        others = [(self._spelling(sounds(each.latin)), each.bits) for each in variants(latin)]
        others += [(self._spelling(sounds(each)), _SAME_FAMILY) for each in spellings_of(latin)]
        self._other[own] = others = [(spelling, bits) for spelling, bits in others if spelling != own]
        for spelling, bits in others:
            self._new_pairs += [(own << 32 | spelling, bits), (spelling << 32 | own, bits)]

    def others(self, word: int) -> list[tuple[int, float]]:
        """Other spellings of a Latin word, by number, with their bits."""
        return self._other.get(int(self.columns.own[word]), []) if self.columns.script[word] == LATIN else []

    def _add(self, own: int, script: int, kind: int, readings: Sequence[Reading], bits: bytes, customs: bytes) -> int:
        number = self._count
        self._new_words.append((own, script, kind, self._used, len(readings)))
        self._new_bits.append(bits)
        self._new_customs.append(customs)
        if script == LATIN and len(readings) == 1:
            self._new_readings.append((own, readings[0].bits))
        else:
            least = ONE_SYSTEM * readings[0].bits if readings else 0.0
            self._new_readings += [
                (self._spelling(sounds(reading.latin)), reading.bits - least) for reading in readings
            ]
        self._used += len(readings)
        self._count += 1
        return number

    def _spelling(self, codes: bytes, script: int = 0) -> int:
        codes = codes[:LONGEST]
        key = codes if script == 0 else (script, codes)
        number = self._spelt.get(key)
        if number is None:
            number = self._spelt[key] = self._spellings
            text = (plain(codes) if script == 0 else codes)[:PLAIN]
            self._new_codes.append(
                (b"\x00" if script == 0 else b"\x01") + codes.ljust(LONGEST, b"\x00") + text.ljust(PLAIN, b"\x00")
            )
            self._spellings += 1
        return number

    def _flush(self) -> None:
        into = self._columns
        if self._new_codes:
            block = np.frombuffer(b"".join(self._new_codes), np.uint8).reshape(-1, 1 + LONGEST + PLAIN)
            codes = block[:, 1 : LONGEST + 1]
            mask = np.where(block[:, 0] == 0, np.bitwise_or.reduce(_MASK_OF[codes & 0x7F], axis=1), 0)
            into.put(
                "spelling", self._spellings, codes=codes, mask=mask, sounds=np.count_nonzero(codes, axis=1),
                plain=block[:, LONGEST + 1 :], sign=signatures(block[:, LONGEST + 1 :]), sound=sound_signatures(codes),
            )  # fmt: skip
        if self._new_words:
            own, script, kind, first, many = np.array(self._new_words, np.int64).T
            into.put(
                "word", self._count, own=own, script=script, kind=kind, first=first, many=many,
                bits=np.frombuffer(b"".join(self._new_bits), np.uint8).reshape(-1, _WIDE),
                customs=np.frombuffer(b"".join(self._new_customs), np.uint8).reshape(-1, _WIDE),
            )  # fmt: skip
        if self._new_readings:
            spelling, surprise = zip(*self._new_readings, strict=True)
            into.put("reading", self._used, reading=spelling, surprise=surprise)
        if self._new_pairs:
            keys = np.concatenate([self._pair, np.array([key for key, _ in self._new_pairs], np.int64)])
            bits = np.concatenate([self._pair_bits, np.array([bits for _, bits in self._new_pairs], np.float32)])
            order = np.lexsort((bits, keys))
            self._pair, first = np.unique(keys[order], return_index=True)
            self._pair_bits = bits[order][first]
            self._new_pairs.clear()
        for waiting in (
            self._new_codes,
            self._new_words,
            self._new_bits,
            self._new_customs,
            self._new_readings,
        ):
            waiting.clear()

    def join(self, one: int, other: int) -> int:
        """The number of two words written as one. Its letters are both words', its readings the likeliest of both."""
        number = self._joined.get((one, other))
        if number is None:
            number = self._joined[one, other] = self._new_joined(one, other)
        return number

    def _new_joined(self, one: int, other: int) -> int:
        into = self._columns if max(one, other) < self._flushed else self.columns
        script = int(into.script[one])
        found = sorted(
            (bits + more, latin + after) for latin, bits in self._read(one) for after, more in self._read(other)
        )
        readings = [Reading(latin, bits) for bits, latin in found[:MOST_READINGS]]
        own = self._codes(int(into.own[one])) + self._codes(int(into.own[other]))
        bits = np.minimum(into.bits[one].astype(np.int64) + into.bits[other], 200).astype(np.uint8)
        customs = np.maximum(into.customs[one], into.customs[other])
        spelling = self._spelling(own, script) if script else self._spelling(sounds(readings[0].latin))
        return self._add(spelling, script, NAME, readings, bits.tobytes(), customs.tobytes())

    def _read(self, word: int) -> list[tuple[str, float]]:
        into = self._columns
        first = int(into.first[word])
        few = range(first, first + min(4, int(into.many[word])))
        return [(_text(self._codes(int(into.reading[at]))), float(into.surprise[at])) for at in few]

    def _codes(self, spelling: int) -> bytes:
        codes: bytes = self._columns.codes[spelling, : self._columns.sounds[spelling]].tobytes()
        return codes

    def letters(self, spelling: int) -> bytes:
        """The sounds or letters of a spelling."""
        codes: bytes = self.columns.codes[spelling, : self.columns.sounds[spelling]].tobytes()
        return codes

    def sounds_of(self, word: int) -> list[bytes]:
        """The sounds of each reading of a word."""
        into = self.columns
        first = int(into.first[word])
        return [self.letters(each) for each in into.reading[first : first + int(into.many[word])].tolist()]

    def readings(self, word: int) -> list[tuple[str, float]]:
        """The readings of a word as text, with their bits."""
        into = self.columns
        first, many = int(into.first[word]), int(into.many[word])
        return [
            (_text(self.letters(int(into.reading[at]))), float(into.surprise[at])) for at in range(first, first + many)
        ]

    def held(self) -> Held:
        """The arrays that a comparison of single words looks at."""
        into = self.columns
        _, subs, gaps = tables()
        spelling = Spellings(
            into.codes, into.plain, into.mask, into.sign, into.sounds, subs, gaps.ravel(), self._lines[0], self._lines[1]
        )  # fmt: skip
        return Held(
            spelling, into.sound, into.own, into.script, into.kind, into.first, into.many, into.bits, into.customs, into.reading,
            into.surprise, self._pair, self._pair_bits, self.tables, OWN_TABLE, self.reading_table,
        )  # fmt: skip

    # --- Comparing ---------------------------------------------------------------------------------------------------

    def costs(
        self, one: Ids, other: Ids, populations: NDArray[np.uint8], limit: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Bits between words, pair by pair; ``FAR`` for those that surely cost more than ``limit``.

        ``populations`` (numbers in ``POPULATIONS``) choose the costs between Latin spellings.
        """
        found = np.full(len(one), FAR, np.float32)
        held = self.columns
        same_script = held.script[one] == held.script[other]
        own, others = held.own[one], held.own[other]
        equal = same_script & (own == others)
        found[equal] = 0.0
        latin = held.script[one] == LATIN
        direct = np.flatnonzero(same_script & ~equal)
        if len(direct):
            in_latin = latin[direct]
            table = np.where(in_latin, self.tables[populations[direct]], OWN_TABLE[held.script[one[direct]]]).astype(
                np.uint8
            )
            found[direct] = self.by_spelling(own[direct], others[direct], table, limit[direct], in_latin)
            spelt = direct[in_latin]
            found[spelt] = np.minimum(found[spelt], self._spelt_so(own[spelt], others[spelt]))
        readable = np.flatnonzero(
            ~same_script | (latin & same_script & ~equal & ((held.many[one] > 1) | (held.many[other] > 1)))
        )
        if len(readable):
            by_reading = self._by_reading(one[readable], other[readable], populations[readable], limit[readable])
            found[readable] = np.minimum(found[readable], by_reading)
        return found

    def _spelt_so(self, one: Ids, other: Ids) -> NDArray[np.float32]:
        """Bits of two Latin spellings that are known to be one name, ``FAR`` for others."""
        found = np.full(len(one), FAR, np.float32)
        if len(self._pair):
            key = one.astype(np.int64) << 32 | other
            at = np.minimum(np.searchsorted(self._pair, key), len(self._pair) - 1)
            known = np.flatnonzero(self._pair[at] == key)
            found[known] = self._pair_bits[at[known]]
        return found

    def by_spelling(
        self, one: Ids, other: Ids, table: NDArray[np.uint8], limit: NDArray[np.float32], latin: NDArray[np.bool_]
    ) -> NDArray[np.float32]:
        """Bits between spellings (their numbers) by their tables; ``FAR`` for those that surely cost more than ``limit``."""
        held = self.columns
        a, b = held.mask[one], held.mask[other]
        bones = np.maximum(np.bitwise_count(a & ~b), np.bitwise_count(b & ~a))
        longer = np.abs(held.sounds[one].astype(np.int16) - held.sounds[other])
        worth = np.flatnonzero((np.where(latin, CLASS_BITS * bones, 0.0) + longer) <= limit)
        found = np.full(len(one), FAR, np.float32)
        if len(worth):
            found[worth] = distances(held.codes[one[worth]], held.codes[other[worth]], table[worth])
            far = worth[(found[worth] > SLIP_FROM) & latin[worth]]
            if len(far):
                found[far] = np.minimum(found[far], slips(held.plain[one[far]], held.plain[other[far]]))
        return found

    def _by_reading(
        self, one: Ids, other: Ids, populations: NDArray[np.uint8], limit: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        held = self.columns
        many_one, many_other = held.many[one].astype(np.int64), held.many[other].astype(np.int64)
        both_native = (held.script[one] != LATIN) & (held.script[other] != LATIN)
        many_one, many_other = (
            np.where(both_native, np.minimum(many, READ_TOGETHER), many) for many in (many_one, many_other)
        )
        each = many_one * many_other
        pair = np.repeat(np.arange(len(one)), each)
        within = np.arange(len(pair)) - np.repeat(np.cumsum(each) - each, each)
        at_one = held.first[one][pair] + within // np.maximum(many_other, 1)[pair]
        at_other = held.first[other][pair] + within % np.maximum(many_other, 1)[pair]
        surprise = held.surprise[at_one] + held.surprise[at_other]
        script = np.maximum(held.script[one], held.script[other])
        table = np.where(script == LATIN, self.tables[populations], self.reading_table[script])[pair].astype(np.uint8)
        left, right = held.reading[at_one], held.reading[at_other]
        bits = np.where(left == right, 0.0, FAR).astype(np.float32)
        differ = np.flatnonzero((left != right) & (surprise <= limit[pair]))
        if len(differ):
            latin = np.ones(len(differ), np.bool_)
            rest = (limit[pair] - surprise)[differ]
            bits[differ] = self.by_spelling(left[differ], right[differ], table[differ], rest, latin)
        found = np.full(len(one), FAR, np.float32)
        np.minimum.at(found, pair, bits + surprise)
        return found


def ordinary(latin: str) -> bool:
    """Whether nothing is known of a Latin word: no table and no custom has it."""
    return not known(latin) and not customs_of(latin)


def _text(codes: bytes) -> str:
    return "".join(SOUNDS[code] for code in codes)


def commonness(readings: Sequence[Reading]) -> bytes:
    """Tenths of a bit of a word in each population: its likeliest known reading counts."""
    if len(readings) == 1 and not known(readings[0].latin):
        return _unknown(len(sounds(readings[0].latin)))
    found = [255.0] * _WIDE
    for reading in readings[:4]:
        each = bits_of(reading.latin, len(sounds(reading.latin)))
        found = [min(now, (bits + reading.bits) / TENTH) for now, bits in zip(found, each, strict=True)]
    return bytes(int(bits) for bits in found)


@lru_cache(maxsize=64)
def _unknown(count: int) -> bytes:
    return bytes(int(bits / TENTH) for bits in bits_of("", count))


@lru_cache(maxsize=1 << 15)
def _customs(latin: str) -> bytes:
    said = customs_of(latin)
    return bytes(min(255, int(20 * said.get(number, 0.0))) for number in range(_WIDE)) if said else bytes(_WIDE)
