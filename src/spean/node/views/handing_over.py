"""The hand-over of a shift: a note that the node writes, words that the officer adds, and the next officer who takes it over (DOMAIN 5).

The note names records, kinds, times and clocks and no contents, so composing it is no read. Handed over, it is a fact of the
domestic log with an encrypted body: what was known at that moment, and who said so. Opening it later is a read, since the officer's
own words are in it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from spean.core.errors import Conflict, InvalidInput, NotFound, Refusal
from spean.core.roles import Role
from spean.core.world import iso
from spean.exchange.codec import decode_header
from spean.exchange.make import HeaderFields, make_fact
from spean.exchange.seal import decrypt_content
from spean.node.entry.people import Who
from spean.node.entry.rights import opened_to
from spean.node.folding import body_document, open_body
from spean.node.views.shift_note import MOST_BACK, SHIFT, Note, compose, seen_by
from spean.node.work import Work
from spean.store.rows import FactRow, SubmissionRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.store import Tx

PROCEDURE = "hand-over"
MOST_WORDS = 4_000
SHOWN = 20
"""Past notes in the list."""
_WATCHES = frozenset({Role.ADMINISTRATOR, Role.AUDITOR, Role.SERVICE, Role.TRAINER})
"""Roles that, alone, keep no shift at the desk."""
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """A note that was handed over: by whom and when, and who has taken it over (empty while nobody has)."""

    fact: str
    unit: str
    by: str
    by_id: str
    at: int
    taken_by: str = ""
    taken_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A note with its words. ``note`` is None once erased."""

    handed: Handed
    text: str
    note: Note | None


class _Form(msgspec.Struct, forbid_unknown_fields=True):
    """What stands encrypted in the fact."""

    text: str
    note: Note


class HandingOver:
    """Composes, hands over, opens, takes over."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def compose(self, who: Who, since: int | None = None) -> Note:
        """The note as of now, since a moment: by default since the unit last handed over, else for twelve hours.

        Raises ``Refusal`` (O1) for who reads no contents and ``InvalidInput`` for a moment that is ahead or too long ago.
        """
        self._ground.reading_desk.may_read(who)
        with self._ground.reading() as tx:
            return compose(self._ground, tx, who, self._since(tx, who, since))

    def past(self, who: Who) -> list[Handed]:
        """The latest notes of this officer's unit, newest first, without their words."""
        self._ground.reading_desk.may_read(who)
        with self._ground.reading() as tx:
            return self._past(tx, who.user.unit)

    def hand_over(self, who: Who, text: str, since: int | None = None, *, once: str = "") -> Handed:
        """Write the note of this moment, with the officer's words, into the domestic log. ``once``: mark of the form sent.

        Raises ``Refusal`` for whoever keeps no shift and ``InvalidInput`` for too many words.
        """
        self._keeps_shift(who)
        text = text.strip()
        if len(text) > MOST_WORDS or any(not (sign.isprintable() or sign in "\n\t") for sign in text):
            raise InvalidInput(
                "text", f"at most {MOST_WORDS} characters of plain text", remedy="shorten it; records keep the rest"
            )
        key = hashlib.sha256(f"{who.id}\0hand-over\0{once}".encode()).digest()
        with self._ground.writing() as work:
            known = work.tx.submissions.get(key) if once else None
            if known is not None:
                return self._find(work.tx, who, known.fact)
            note = compose(self._ground, work.tx, who, self._since(work.tx, who, since))
            form = msgspec.json.encode(_Form(text=text, note=note))
            fact = self._write(work, who, "hand-over", form)
            work.flush()
            if once:
                work.tx.submissions.add(
                    SubmissionRow(key=key, fact=fact, record=self._record(who.user.unit), at=work.now)
                )
            return self._find(work.tx, who, fact)

    def open(self, who: Who, fact: str, *, reason: str) -> Opened:
        """A note of this officer's unit with its words and what this officer may open of it (O1); the read is written down
        (R38). Raises ``NotFound``."""
        ground = self._ground
        ground.reading_desk.may_read(who)
        with ground.writing() as work:
            handed = self._find(work.tx, who, fact)
            ground.reading_desk.note_access(work, who, "read", self._record(who.user.unit), reason, {"fact": fact})
            row, key = work.fact(fact), work.key(fact)
            if row is None or row.content is None or key is None:
                return Opened(handed=handed, text="", note=None)
            form = msgspec.json.decode(open_body(decrypt_content(key, row.content, fact)[1])[1], type=_Form)
            note = form.note
            parts = (note.came_in, note.done, note.late, note.runs_out)
            opens = opened_to(work.tx, who, (line.record for part in parts for line in part))
        return Opened(handed=handed, text=form.text, note=seen_by(note, opens))

    def take_over(self, who: Who, fact: str) -> Handed:
        """This officer has the desk from now on. Raises ``Conflict`` when somebody took it over, or it is one's own note."""
        self._keeps_shift(who)
        with self._ground.writing() as work:
            handed = self._find(work.tx, who, fact)
            if handed.taken_at is not None:
                if handed.taken_by == self._name(work.tx, who.id):
                    return handed
                raise Conflict(
                    f"{handed.taken_by} has taken this over already", remedy="talk to each other; hand over anew"
                )
            if handed.by_id == who.id:
                raise Conflict(
                    "Who hands over does not take over", remedy="the next officer takes over under her own name"
                )
            self._write(work, who, "take-over", b"{}", (fact,))
            work.flush()
            return self._find(work.tx, who, fact)

    def may(self, who: Who) -> bool:
        """Whether this user keeps a shift, and so hands over and takes over."""
        return who.user.kind == "person" and bool(who.roles - _WATCHES)

    def _keeps_shift(self, who: Who) -> None:
        self._ground.reading_desk.may_read(who)
        if not self.may(who):
            raise Refusal(
                "O1",
                f"{who.user.name} keeps no shift at this desk",
                remedy="an officer of the unit hands over and takes over",
            )

    def _since(self, tx: Tx, who: Who, since: int | None) -> int:
        if since is not None:
            return since
        now = self._ground.clock.now()
        last = next(iter(self._past(tx, who.user.unit, 1)), None)
        return now - SHIFT if last is None else max(last.at, now - MOST_BACK)

    # facts ----------------------------------------------------------------------------------------------------------

    def _write(self, work: Work, who: Who, kind: str, form: bytes, targets: tuple[str, ...] = ()) -> str:
        ground = self._ground
        fields = HeaderFields(
            node=ground.me, unit=who.user.unit, actor=who.id, actor_kind=who.actor_kind, time=iso(work.now),
            record=self._record(who.user.unit), procedure=PROCEDURE, version=1, kind=kind, track="local", envelope=None,
            targets=targets,
        )  # fmt: skip
        made = make_fact(fields, body_document(who.user.name, form), ground.signer, ground.entropy)
        work.add(made.fact, made.key, status="effective")
        return made.fact.id

    def _past(self, tx: Tx, unit: str, limit: int = SHOWN) -> list[Handed]:
        return [
            self._handed(tx, row) for row in tx.facts.recent(record=self._record(unit), kind="hand-over", limit=limit)
        ]

    def _find(self, tx: Tx, who: Who, fact: str) -> Handed:
        row = tx.facts.many([fact]).get(fact) if len(fact) == 64 and set(fact) <= set("0123456789abcdef") else None
        if row is None or row.kind != "hand-over" or row.record != self._record(who.user.unit):
            raise NotFound("No such note of this unit", remedy="see the list of notes")
        return self._handed(tx, row)

    def _handed(self, tx: Tx, row: FactRow) -> Handed:
        header = decode_header(row.payload)
        taken = next((each for each in tx.facts.citing(row.id) if each.kind == "take-over"), None)
        by = decode_header(taken.payload).actor if taken is not None else ""
        return Handed(
            fact=row.id, unit=header.unit, by=self._name(tx, header.actor), by_id=header.actor, at=row.at,
            taken_by=self._name(tx, by) if by else "", taken_at=None if taken is None else taken.at,
        )  # fmt: skip

    def _name(self, tx: Tx, user: str) -> str:
        return next((row.name for row in tx.people.list() if row.id == user), user)

    def _record(self, unit: str) -> str:
        """One record for each unit of this node."""
        number = int.from_bytes(hashlib.sha256(unit.encode()).digest()[:16], "big")
        return f"{self._ground.me}:{PROCEDURE}:" + "".join(
            _CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5)
        )
