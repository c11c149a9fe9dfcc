"""The off-line extract: an encrypted, expiring file from which a counter without a line is answered (B5).

    master   = Argon2id(passphrase, salt)                     memory and passes stand in the header
    keys     = HKDF-SHA256(master, info "spean/extract/2/…")  for body, look, tags, pointers
    file     = magic ‖ u32 length ‖ header ‖ look (36 bytes) ‖ nonce ‖ AES-256-GCM(body key, [rows, answers], aad = header)
    rows     = tag ‖ pointer, 28 bytes each, sorted by tag, with made-up ones between so that their number says little
    tag      = HMAC-SHA256(tag key, number ‖ match key)[:8]
    pointer  = (which answer, weight and basis, its key) ⊕ HMAC-SHA256(pointer key, number ‖ match key)[:20]
    answer   = AES-128-GCM(its key, nonce 0, deflated answer, padded): only whoever presents a match key of the entry opens it

An entry has some two dozen match keys and one answer, so only the short pointers are many. A lost laptop shows nothing: without the
passphrase not even how many entries there are; with it no name and no number, only yes or no to one that is already known. ``look`` is the
latest time at which the file was asked, sealed: a clock that was moved back is noticed. Stated limit: whoever has the passphrase may try
names, and whoever copies the file back can try an earlier copy until its end.
"""

from __future__ import annotations

import hmac
import struct
import zlib
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from spean.core.errors import InvalidInput, Refusal, Unauthenticated, VerificationFailed
from spean.core.world import MINUTE, iso
from spean.screening.model import Basis

MAGIC = b"SPEANX2\n"
VERSION = 2
MOST_BYTES = 64 * 1024 * 1024
SHORTEST_PASSPHRASE = 12
PASSES, MEMORY = 3, 64 * 1024
"""Argon2id: passes and KiB (RFC 9106, second recommended choice)."""
BACK = 2 * MINUTE
"""A clock may be set right by so much without being called moved back."""
_TAG, _POINTER, _KEY = 8, 20, 16
_ROW = _TAG + _POINTER
_LOOK = 36
_PAD = 128
_LEAST_ROWS, _LEAST_ANSWERS = 1024, 64
_MOST_TEXT = 64 * 1024
_BASES: tuple[Basis, ...] = ("name", "name-and-birth", "document")
Chance = Callable[[int], bytes]


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What anybody may read of the file. ``log_key``: the node's sealing key (hex), for what is asked off-line."""

    version: int
    node: str
    id: str
    device: str
    made_at: int
    until: int
    salt: bytes
    passes: int
    memory: int
    seal_id: str
    log_key: str


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """What is told when one of an entry's match keys is presented."""

    kind: str
    instructions: str
    contact: str
    until: int
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Travelling:
    """An entry that may travel: its match keys, each with its weight (0–100) and on what it rests, and what is answered."""

    keys: Mapping[bytes, tuple[int, Basis]]
    kind: str
    instructions: str
    contact: str
    until: int
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Met:
    """An entry that some of the presented keys opened, with the heaviest of them. ``entry`` is a number within this file alone."""

    entry: int
    weight: int
    basis: Basis
    answer: Answer


_header = msgspec.json.Decoder(Header)
_answer = msgspec.msgpack.Decoder(Answer)
_body = msgspec.msgpack.Decoder(tuple[bytes, list[bytes]])


def build(header: Header, passphrase: str, entries: Sequence[Travelling], chance: Chance) -> bytes:
    """The file. Raises ``InvalidInput`` for a short passphrase. ``chance`` gives random bytes."""
    check_passphrase(passphrase)
    keys = _Keys.of(passphrase, header)
    slots = sorted(range(_stepped(len(entries), _LEAST_ANSWERS)), key=lambda _: chance(8))
    answers = [b""] * len(slots)
    rows: list[bytes] = []
    counts: dict[bytes, int] = {}
    for slot, entry in zip(slots, entries, strict=False):
        own = chance(_KEY)
        answers[slot] = _sealed(own, entry)
        for key, (weight, basis) in entry.keys.items():
            turn = counts[key] = counts.get(key, -1) + 1
            said = struct.pack(">I", slot << 9 | _BASES.index(basis) << 7 | weight)
            rows.append(keys.tag(key, turn) + _mixed(said + own, keys.mask(key, turn)))
    rows += [chance(_ROW) for _ in range(_stepped(len(rows), _LEAST_ROWS) - len(rows))]
    sizes = [len(each) for each in answers if each] or [_PAD + 16]
    for at, each in enumerate(answers):
        if not each:
            answers[at] = chance(sizes[at % len(sizes)])
    front = msgspec.json.encode(header)
    nonce = chance(12)
    body = AESGCM(keys.body).encrypt(nonce, msgspec.msgpack.encode((b"".join(sorted(rows)), answers)), front)
    return b"".join(
        (MAGIC, struct.pack(">I", len(front)), front, keys.look(header.made_at, chance(12), front), nonce, body)
    )


def check_passphrase(passphrase: str) -> None:
    """Raises ``InvalidInput`` when it is too easily guessed."""
    if len(passphrase) < SHORTEST_PASSPHRASE or len(set(passphrase)) < 6:
        raise InvalidInput(
            "passphrase", f"shorter than {SHORTEST_PASSPHRASE} characters, or too simple", remedy="four or more words"
        )


def header_of(file: bytes) -> Header:
    """What stands in front; nothing of it is secret. Raises ``VerificationFailed`` when it is no extract."""
    return _parts(file)[0]


class Extract:
    """An opened extract. It answers between its making and its end, by a clock that does not go back."""

    def __init__(self, file: bytes, passphrase: str) -> None:
        """Raises ``Unauthenticated`` for a wrong passphrase (or altered bytes), ``VerificationFailed`` for what is no extract."""
        self.header, self._said, look, sealed = _parts(file)
        self._keys = _Keys.of(passphrase, self.header)
        try:
            self.seen = struct.unpack(">Q", AESGCM(self._keys.seen).decrypt(look[:12], look[12:], self._said))[0]
            opened = AESGCM(self._keys.body).decrypt(sealed[:12], sealed[12:], self._said)
            self._rows, self._sealed = _body.decode(opened)
        except (InvalidTag, msgspec.MsgspecError) as wrong:
            raise Unauthenticated("The extract does not open", why="the passphrase is another, or the file was altered",
                                  remedy="type it again, or have a new extract made") from wrong  # fmt: skip

    def ask(self, keys: Iterable[bytes], now: int) -> list[Met]:
        """The entries that these match keys open, the heaviest first. Raises ``Refusal`` after the end, or with a clock that was moved back."""
        self.check(now)
        self.seen = now = max(self.seen, now)
        met: dict[int, Met] = {}
        for key in dict.fromkeys(keys):
            for each in self._met(key):
                if each.entry not in met or _strength(met[each.entry]) < _strength(each):
                    met[each.entry] = each
        return sorted((each for each in met.values() if now < each.answer.until), key=_strength, reverse=True)

    def check(self, now: int) -> None:
        """Refuse after the end, and when the clock says that it is earlier than it was."""
        if now >= self.header.until:
            raise Refusal(
                "B5",
                f"the extract ended at {iso(self.header.until)}",
                remedy="have a new one made",
                what="Not answered",
            )
        if now < max(self.seen, self.header.made_at) - BACK:
            raise Refusal(
                "B5",
                f"the clock was moved back: it was {iso(self.seen)} already",
                remedy="set the clock right",
                what="Not answered",
            )

    def _met(self, key: bytes) -> Iterator[Met]:
        turn = 0
        while (pointer := self._pointer(self._keys.tag(key, turn))) is not None:
            plain = _mixed(pointer, self._keys.mask(key, turn))
            (said,) = struct.unpack(">I", plain[:4])
            answer = self._answer(said >> 9, plain[4:])
            if answer is not None and said >> 7 & 3 < len(_BASES):
                yield Met(said >> 9, min(said & 127, 100), _BASES[said >> 7 & 3], answer)
            turn += 1

    def _pointer(self, tag: bytes) -> bytes | None:
        """What stands beside a tag; the rows are sorted, so they are halved until it is found."""
        rows = self._rows
        at = bisect_left(range(len(rows) // _ROW), tag, key=lambda row: rows[row * _ROW : row * _ROW + _TAG])
        found = rows[at * _ROW : (at + 1) * _ROW]
        return found[_TAG:] if found.startswith(tag) else None

    def _answer(self, slot: int, key: bytes) -> Answer | None:
        """None for a made-up row whose tag is this one's by chance."""
        if slot >= len(self._sealed):
            return None
        try:
            return _answer.decode(_inflated(AESGCM(key).decrypt(bytes(12), self._sealed[slot], None)))
        except (InvalidTag, msgspec.MsgspecError, zlib.error):
            return None

    def looked(self, nonce: bytes) -> tuple[int, bytes]:
        """Where in the file, and what, to write so that the time of the latest look is kept. ``nonce``: 12 fresh random bytes."""
        return len(MAGIC) + 4 + len(self._said), self._keys.look(self.seen, nonce, self._said)


@dataclass(frozen=True, slots=True)
class _Keys:
    """The keys of one file."""

    body: bytes
    seen: bytes
    tags: bytes
    pointers: bytes

    @classmethod
    def of(cls, passphrase: str, header: Header) -> _Keys:
        if not (1 <= header.passes <= 10 and 8 * 1024 <= header.memory <= 1024 * 1024 and len(header.salt) == 16):
            raise VerificationFailed(
                "The extract cannot be read", why="its header asks for too much work", remedy="have a new one made"
            )
        master = Argon2id(
            salt=header.salt, length=32, iterations=header.passes, lanes=1, memory_cost=header.memory
        ).derive(passphrase.encode())
        return cls(
            *(
                HKDFExpand(SHA256(), 32, b"spean/extract/2/" + use).derive(master)
                for use in (b"body", b"seen", b"tags", b"pointers")
            )
        )

    def tag(self, key: bytes, turn: int) -> bytes:
        return hmac.digest(self.tags, struct.pack(">I", turn) + key, "sha256")[:_TAG]

    def mask(self, key: bytes, turn: int) -> bytes:
        """What hides the pointer of one row; each row has its own."""
        return hmac.digest(self.pointers, struct.pack(">I", turn) + key, "sha256")[:_POINTER]

    def look(self, at: int, nonce: bytes, said: bytes) -> bytes:
        return nonce + AESGCM(self.seen).encrypt(nonce, struct.pack(">Q", at), said)


def _parts(file: bytes) -> tuple[Header, bytes, bytes, bytes]:
    try:
        if not file.startswith(MAGIC) or len(file) > MOST_BYTES:
            raise ValueError("it does not begin like one, or is too long")
        start = len(MAGIC) + 4
        (length,) = struct.unpack(">I", file[len(MAGIC) : start])
        said = file[start : start + length]
        look, sealed = file[start + length : start + length + _LOOK], file[start + length + _LOOK :]
        if length > 4096 or len(look) != _LOOK or len(sealed) < 28:
            raise ValueError("it is cut off")
        header = _header.decode(said)
        if header.version != VERSION:
            raise ValueError(f"it has version {header.version}; this program reads {VERSION}")
    except (ValueError, struct.error) as wrong:  # msgspec's errors are ValueErrors
        raise VerificationFailed("This is no extract", why=str(wrong), remedy="have a new one made") from wrong
    return header, said, look, sealed


def _sealed(key: bytes, entry: Travelling) -> bytes:
    """An answer under a key of its own, which seals nothing else, so its nonce may be zero."""
    answer = Answer(entry.kind, entry.instructions, entry.contact, entry.until, entry.languages)
    text = zlib.compress(msgspec.msgpack.encode(answer), 9)
    return AESGCM(key).encrypt(bytes(12), text + bytes(-len(text) % _PAD), None)


def _inflated(text: bytes) -> bytes:
    return zlib.decompressobj().decompress(text, _MOST_TEXT)


def _mixed(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).to_bytes(_POINTER, "big")


def _strength(met: Met) -> tuple[bool, int]:
    return met.basis == "document", met.weight


def _stepped(count: int, least: int) -> int:
    """At least ``count``, in steps of a quarter between powers of two, so that the file says little of how many there are."""
    if count < least:
        return least
    step = 1 << max(0, count.bit_length() - 3)
    return (count // step + 1) * step


def digest(file: bytes) -> str:
    """SHA-256 (hex) of the file as it was made, for the record of its making."""
    return sha256(file).hexdigest()
