"""Oversight of private questions: one input in a hundred, which nobody chose, is opened by our own auditor (docs/protocol.md, 10.7).

What may be opened is sealed under a key of its day, which is destroyed a month later; what chance did not choose is dropped as soon as the
answer is there, so that a miss leaves nothing but the count.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from spean.core.errors import InvalidInput, NotFound, VerificationFailed
from spean.core.roles import Role
from spean.core.world import DAY
from spean.hits.model import Question
from spean.matching.private import opening
from spean.node.acts.acting import Intent
from spean.node.entry.people import Who
from spean.node.work import Work
from spean.store.private_rows import AskedRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.store import Tx

KEPT_DAYS = 35
_NONCE = 12


class Kept(msgspec.Struct, array_like=True):
    """What is sealed of a question: all commitments; place, salt and input of what may still be opened."""

    commitments: list[bytes]
    opened: list[tuple[int, bytes, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """One input of a question, as its auditor sees it, with who asked and for what."""

    record: str
    place: int
    value: str
    category: str
    node: str
    user: str
    name: str
    at: int
    purpose: str
    case: str


class Overseeing:
    """Seals, chooses and opens."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._keys: dict[bytes, AESGCM] = {}

    def seal(self, commitments: list[bytes], salts: list[bytes], values: list[bytes]) -> tuple[bytes, bytes]:
        """Name of the day's key, and what is sealed under it."""
        day = self._ground.clock.now() // DAY
        name = _name(day)
        if name not in self._keys:
            self._ground.content_keys.put([(name.hex(), self._ground.entropy.bytes(32))])
        kept = Kept(commitments, [(place, *pair) for place, pair in enumerate(zip(salts, values, strict=True))])
        return name, self._sealed(name, kept)

    def chosen(self, row: AskedRow, ask: str, answer: str) -> bytes:
        """What stays of a question, sealed: the inputs that both facts chose; empty when they chose none."""
        kept = self._open(row)
        places = set(opening.chosen(ask, answer, len(kept.commitments)))
        opened = [each for each in kept.opened if each[0] in places]
        return self._sealed(row.key, Kept(kept.commitments, opened)) if opened else b""

    def waiting(self, who: Who, *, reason: str, limit: int = 100) -> list[Opened]:
        """Inputs that chance chose and nobody has looked at, each verified against what was asked. A look is written down (R38).

        Raises ``Refusal`` (O1) unless ``who`` is an auditor, and ``VerificationFailed`` when something kept was changed.
        """
        who.need(Role.AUDITOR)
        ground = self._ground
        with ground.reading() as tx:
            rows = tx.private.to_oversee(limit)
            names = {user.id: user.name for user in tx.people.list()}
            found = [each for row in rows for each in self._opened(tx, row, names)]
        with ground.writing() as work:
            for record in dict.fromkeys(each.record for each in found):
                ground.reading_desk.note_access(work, who, "read", record, reason, {"what": "openings of oversight"})
        return found

    def _opened(self, tx: Tx, row: AskedRow, names: dict[str, str]) -> list[Opened]:
        try:
            kept = self._open(row)
        except NotFound:
            return []
        stated = self._ground.projector.stated(Work(self._ground, tx), row.record, "ask")
        if not stated or not isinstance(stated[0][1], Question):
            raise VerificationFailed("A question's words are gone", why=row.record, remedy="tell the supervisor")
        opening.check(
            bytes.fromhex(stated[0][1].commitment),
            kept.commitments,
            {at: (salt, value) for at, salt, value in kept.opened},
        )
        purpose = tx.records.get(row.record).purpose
        return [
            Opened(record=row.record, place=place, value=_words(value), category=row.category, node=row.node, user=row.user,
                   name=names.get(row.user, ""), at=row.at, purpose=purpose, case=row.case)
            for place, _, value in kept.opened
        ]  # fmt: skip

    def judge(self, who: Who, record: str, proper: int) -> None:
        """The auditor has looked at a question's openings and holds ``proper`` of them for proper. The asked node sees the numbers."""
        who.need(Role.AUDITOR)
        ground = self._ground
        with ground.reading() as tx:
            row = tx.private.asked(record)
        if row is None or row.overseen >= 0 or not row.words:
            raise NotFound("Nothing of this question waits to be looked at", remedy="look at the list again")
        count = len(self._open(row).opened)
        if not 0 <= proper <= count:
            raise InvalidInput("proper", f"between 0 and {count}", remedy="count again")
        form = {"opened": count, "proper": proper}
        ground.acting.act(who, Intent(kind="oversee", form=form, record=record))
        with ground.writing() as work:
            work.tx.private.save_asked(replace(row, overseen=count, words=b"", key=b""))
            if proper < count:
                text = f"{record}: {count - proper} of {count} opened inputs were not proper"
                work.tx.alarms.raise_("R24", f"{record}/openings", "critical", text, work.now)

    def destroy_old(self) -> None:
        """Keys of days that are long over."""
        ground = self._ground
        today = ground.clock.now() // DAY
        names = [_name(day).hex() for day in range(today - KEPT_DAYS - 30, today - KEPT_DAYS)]
        there = list(ground.content_keys.get(names))
        if there:
            ground.content_keys.destroy(there, ground.clock.now(), "openings over")
            self._keys.clear()

    def _sealed(self, name: bytes, kept: Kept) -> bytes:
        nonce = self._ground.entropy.bytes(_NONCE)
        return nonce + self._key(name).encrypt(nonce, msgspec.msgpack.encode(kept), name)

    def _open(self, row: AskedRow) -> Kept:
        if not row.words:
            raise NotFound("Nothing is kept of this question")
        try:
            words = self._key(row.key).decrypt(row.words[:_NONCE], row.words[_NONCE:], row.key)
        except InvalidTag as wrong:
            raise VerificationFailed(
                "What is kept of a question was changed", why=row.record, remedy="tell the supervisor"
            ) from wrong
        return msgspec.msgpack.decode(words, type=Kept)

    def _key(self, name: bytes) -> AESGCM:
        if name not in self._keys:
            found = self._ground.content_keys.get([name.hex()]).get(name.hex())
            if found is None:
                raise NotFound("The key of that day is destroyed")
            self._keys[name] = AESGCM(found)
        return self._keys[name]


def _name(day: int) -> bytes:
    return hashlib.sha256(f"spean/private/openings\0{day}".encode()).digest()


def _words(value: bytes) -> str:
    """An input as an auditor reads it: without the mark of its format."""
    return value.decode(errors="replace").partition("\0")[2].removeprefix("\1")
