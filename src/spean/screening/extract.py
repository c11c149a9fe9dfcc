"""The off-line extract: an encrypted, expiring file from which a counter without a line is answered (B5).

    master   = Argon2id(passphrase, salt)                     memory and passes stand in the header
    keys     = HKDF-SHA256(master, info "spean/extract/1/…")  for body, look, tags, answers
    file     = magic ‖ u32 length ‖ header ‖ look (36 bytes) ‖ nonce ‖ AES-256-GCM(body key, table, aad = header)
    table    = list of [tag, sealed answer], sorted by tag, with made-up ones between so that their number says little
    tag      = HMAC-SHA256(tag key, match key)[:16]
    sealed   = AES-256-GCM(HKDF(answer key, match key ‖ number), answer, aad = tag): only whoever presents the match key opens it

So a lost laptop shows nothing: without the passphrase not even how many entries there are; with it no name and no number, only yes or no to one
that is already known. ``look`` is the latest time at which the file was asked, sealed: a clock that was moved back is noticed. Stated
limit: whoever has the passphrase may try names, and whoever copies the file back can try an earlier copy until its end.
"""

from __future__ import annotations

import hmac
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from spean.core.errors import InvalidInput, Refusal, Unauthenticated, VerificationFailed
from spean.core.world import MINUTE, iso
from spean.screening.model import Basis

MAGIC = b"SPEANX1\n"
MOST_BYTES = 64 * 1024 * 1024
SHORTEST_PASSPHRASE = 12
PASSES, MEMORY = 3, 64 * 1024
"""Argon2id: passes and KiB (RFC 9106, second recommended choice)."""
BACK = 2 * MINUTE
"""A clock may be set right by so much without being called moved back."""
_TAG = 16
_LOOK = 36
_PAD = 256
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


class Answer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is told when one of an entry's match keys is presented. ``entry`` is a number within this file alone."""

    entry: int
    kind: str
    instructions: str
    contact: str
    until: int
    weight: int
    basis: Basis
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
    """An entry that some of the presented keys opened: the answer as the heaviest of them gives it."""

    answer: Answer

    @property
    def weight(self) -> int:
        return self.answer.weight


_header = msgspec.json.Decoder(Header)
_answer = msgspec.json.Decoder(Answer)
_table = msgspec.msgpack.Decoder(list[tuple[bytes, bytes]])


def build(header: Header, passphrase: str, entries: Sequence[Travelling], chance: Chance) -> bytes:
    """The file. Raises ``InvalidInput`` for a short passphrase. ``chance`` gives random bytes."""
    check_passphrase(passphrase)
    keys = _Keys.of(passphrase, header)
    rows: list[tuple[bytes, bytes]] = []
    counts: dict[bytes, int] = {}
    for number, entry in enumerate(entries):
        for key, (weight, basis) in entry.keys.items():
            answer = Answer(entry=number, kind=entry.kind, instructions=entry.instructions, contact=entry.contact, until=entry.until,
                            weight=weight, basis=basis, languages=entry.languages)  # fmt: skip
            turn = counts[key] = counts.get(key, -1) + 1
            tag = keys.tag(key, turn)
            rows.append((tag, keys.cipher(key, turn).encrypt(bytes(12), _padded(msgspec.json.encode(answer)), tag)))
    rows += [(chance(_TAG), chance(_PAD + 16)) for _ in range(_made_up(len(rows)))]
    rows.sort()
    said = msgspec.json.encode(header)
    nonce = chance(12)
    body = AESGCM(keys.body).encrypt(nonce, msgspec.msgpack.encode(rows), said)
    return b"".join(
        (MAGIC, struct.pack(">I", len(said)), said, keys.look(header.made_at, chance(12), said), nonce, body)
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
            rows = _table.decode(AESGCM(self._keys.body).decrypt(sealed[:12], sealed[12:], self._said))
        except (InvalidTag, msgspec.MsgspecError) as wrong:
            raise Unauthenticated("The extract does not open", why="the passphrase is another, or the file was altered",
                                  remedy="type it again, or have a new extract made") from wrong  # fmt: skip
        self._rows = dict(rows)

    def ask(self, keys: Iterable[bytes], now: int) -> list[Met]:
        """The entries that these match keys open, the heaviest first. Raises ``Refusal`` after the end, or with a clock that was moved back."""
        self.check(now)
        self.seen = now = max(self.seen, now)
        met: dict[int, list[Answer]] = {}
        for key in dict.fromkeys(keys):
            for answer in self._answers(key):
                met.setdefault(answer.entry, []).append(answer)
        found = [Met(max(each, key=lambda one: (one.basis == "document", one.weight))) for each in met.values()]
        return sorted(
            (each for each in found if now < each.answer.until),
            key=lambda each: (each.answer.basis != "document", -each.weight),
        )

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

    def _answers(self, key: bytes) -> Iterable[Answer]:
        turn = 0
        while (sealed := self._rows.get(tag := self._keys.tag(key, turn))) is not None:
            yield _answer.decode(self._keys.cipher(key, turn).decrypt(bytes(12), sealed, tag).rstrip(b" "))
            turn += 1

    def looked(self, nonce: bytes) -> tuple[int, bytes]:
        """Where in the file, and what, to write so that the time of the latest look is kept. ``nonce``: 12 fresh random bytes."""
        return len(MAGIC) + 4 + len(self._said), self._keys.look(self.seen, nonce, self._said)


@dataclass(frozen=True, slots=True)
class _Keys:
    """The keys of one file."""

    body: bytes
    seen: bytes
    tags: bytes
    answers: bytes

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
                HKDFExpand(SHA256(), 32, b"spean/extract/1/" + use).derive(master)
                for use in (b"body", b"seen", b"tags", b"answers")
            )
        )

    def tag(self, key: bytes, turn: int) -> bytes:
        return hmac.digest(self.tags, struct.pack(">I", turn) + key, "sha256")[:_TAG]

    def cipher(self, key: bytes, turn: int) -> AESGCM:
        """Its key seals one answer and no other, so its nonce may be zero."""
        return AESGCM(HKDF(SHA256(), 32, self.answers, struct.pack(">I", turn)).derive(key))

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
        if header.version != 1:
            raise ValueError(f"it has version {header.version}; this program reads 1")
    except (ValueError, struct.error) as wrong:  # msgspec's errors are ValueErrors
        raise VerificationFailed("This is no extract", why=str(wrong), remedy="have a new one made") from wrong
    return header, said, look, sealed


def _padded(text: bytes) -> bytes:
    return text + b" " * (-len(text) % _PAD)


def _made_up(rows: int) -> int:
    """So many more that the number of rows is a power of two, at least 1024."""
    return max(1024, 1 << rows.bit_length()) - rows


def digest(file: bytes) -> str:
    """SHA-256 (hex) of the file as it was made, for the record of its making."""
    return sha256(file).hexdigest()
