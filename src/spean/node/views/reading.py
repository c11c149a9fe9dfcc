"""Reading: records and facts for people, each read and search logged with user and reason (O2, R38); who would receive, who holds."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec

from spean.agreements.preview import PreviewLine, preview
from spean.agreements.question import Question
from spean.core.errors import InvalidInput, NotFound, Refusal
from spean.core.ids import ulid
from spean.core.roles import Role
from spean.core.world import iso
from spean.exchange.codec import decode_header
from spean.exchange.make import HeaderFields, make_fact
from spean.exchange.officer import Signed, shown
from spean.exchange.seal import decrypt_content
from spean.node.care.escalating import SUPERVISED
from spean.node.entry.people import Who
from spean.node.entry.rights import check_fact
from spean.node.folding import body_document, open_body
from spean.node.work import Work
from spean.procedures.engine import Offer
from spean.store.rows import AccessAct, AccessRow, AlarmRow, FactRow, ReceiptRow, RecordRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.node.views.searching import Found

ACCESSES = (
    *("read", "search", "export", "attempt", "refused"),
    *("sign-in", "sign-in-failed", "sign-in-proof", "session-end", "passkey-add", "passkey-drop"),
    *("password-set", "code-set", "recovery-ask", "recovery-approve", "recovery-use"),
    *("hand-over", "take-over", "import"),
)
"""Kinds of facts of the domestic log that say who asked for what and who signed in; only an auditor is shown them."""
_RECORD = re.compile(r"\b[A-Z][A-Z0-9]{1,7}:[a-z][a-z0-9-]{0,39}:[0-9A-HJKMNP-TV-Z]{26}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class FactView:
    """One fact as a reader sees it. ``form`` and ``by`` are None once erased."""

    row: FactRow
    header: dict[str, Any]
    by: str | None
    form: dict[str, Any] | None
    receipts: list[ReceiptRow]
    delivered: tuple[tuple[str, str], ...] = ()
    """Partners to whom it went, with the status of their receipt ('' while none came); a receipt may cover a whole batch."""
    officer: Signed | None = None
    """Where the acting officer signed with her own passkey: with which one, and on which page (R1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDetail:
    """A record with its facts in order, and what the reader may do now ("your turn")."""

    row: RecordRow
    facts: list[FactView]
    offers: list[Offer]
    held_by: list[tuple[str, str]]
    """Partners to whom anything of it went, with the status of the last receipt."""


MOST_FACTS = 2_000
"""Of a longer record the opening fact and so many last ones are shown; search and the log find the others."""


class Reading:
    """Reads for people."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def may_read(self, who: Who) -> None:
        """Refuse whoever has only roles that read nothing."""
        if who.purposes == frozenset():
            raise Refusal("O1", f"{who.user.name} may not read contents", remedy="ask an officer of the unit")

    def record(self, who: Who, record: str, *, reason: str) -> RecordDetail:
        """A record with its facts: the opening one and the last ``MOST_FACTS``. The read is logged before anything is
        shown, in a transaction of its own, so that opening contents keeps no writer waiting."""
        self.note_read(who, record, reason)
        ground = self._ground
        with ground.reading() as tx:
            work = Work(ground, tx)
            row = tx.records.get(record)
            facts = self._story(work, row)
            keys = work.keys([fact.id for fact in facts])
            views = [self.fact_view(work, fact, keys.get(fact.id)) for fact in facts]
            projector = ground.projector
            try:
                offers = ground.engine.offers(
                    projector.view(row), ground.me, who.roles, projector.context(work, record)
                )
            except NotFound:
                offers = []
            return RecordDetail(row=row, facts=views, offers=offers, held_by=_held_by(views))

    def opening(self, who: Who, record: str, *, reason: str) -> FactView | None:
        """Only the fact that opened the record, as a read; None when it is of a newer version."""
        self.note_read(who, record, reason)
        with self._ground.reading() as tx:
            work = Work(self._ground, tx)
            try:
                fact = work.opening(tx.records.get(record))
            except NotFound:
                return None
            return None if fact is None else self.fact_view(work, fact, work.key(fact.id))

    def note_read(self, who: Who, record: str, reason: str) -> None:
        """Write down a read of a record, for views that open more than its facts. Raises ``Refusal`` and ``NotFound``."""
        self.may_read(who)
        with self._ground.writing() as work:
            row = work.record(record)
            if row is None:
                raise NotFound(f"no record {record} here", remedy="spean record list shows them")
            who.need_purpose(row.purpose)
            self.note_access(work, who, "read", record, reason)

    def _story(self, work: Work, row: RecordRow) -> list[FactRow]:
        facts = work.tx.facts.story(row.id, ACCESSES, MOST_FACTS)
        if len(facts) == MOST_FACTS:
            with contextlib.suppress(NotFound):
                opening = work.opening(row)
                if opening is not None and opening.id not in {fact.id for fact in facts}:
                    facts.insert(0, opening)
        return sorted(facts, key=lambda fact: (fact.at, fact.id))

    def fact_view(self, work: Work, row: FactRow, key: bytes | None) -> FactView:
        """A fact as a reader sees it; ``key`` is its content key, None once destroyed."""
        by = form = officer = None
        if row.content is not None and key is not None:
            body = decrypt_content(key, row.content, row.id)[1]
            by, raw = open_body(body)
            form, officer = msgspec.json.decode(raw), shown(row.payload, body)
        header = msgspec.to_builtins(decode_header(row.payload)) if row.status != "unknown" else {}
        return FactView(row=row, header=header, by=by, form=form, receipts=work.tx.receipts.of_fact(row.id),
                        delivered=tuple(work.tx.outbox.holders(row.id)), officer=officer)  # fmt: skip

    def records(self, who: Who, *, procedure: str | None = None, state: str | None = None, open_only: bool = False,
                after: str = "", limit: int = 100) -> list[RecordRow]:  # fmt: skip
        """The desk's queue, sorted by the seconds that are left: what ``who`` may read (O1). It shows no contents, so it is no read."""
        if not 1 <= limit <= 1000:
            raise InvalidInput("limit", "between 1 and 1000", remedy="ask for a page")
        with self._ground.reading() as tx:
            last = tx.records.get(after) if after else None
            return tx.records.list(
                procedure=procedure, state=state, open_only=open_only, purposes=who.purposes, after=last, limit=limit
            )

    def search(self, who: Who, *, words: str, reason: str, limit: int = 50, before: int | None = None,
               narrow: dict[str, str] | None = None, alike: bool = False) -> Found:  # fmt: skip
        """Facts whose form holds the words, or with ``alike`` what sounds like them; see ``searching``."""
        return self._ground.searching.search(
            who, words=words, reason=reason, limit=limit, before=before, narrow=narrow, alike=alike
        )

    def closed(self, who: Who, records: Iterable[str]) -> frozenset[str]:
        """Which of these records are here and not for somebody's eyes, so that no page shows a way that is closed (O1)."""
        with self._ground.reading() as tx:
            rows = tx.records.many(dict.fromkeys(records))
        return frozenset(name for name, row in rows.items() if not who.may_purpose(row.purpose))

    def note_access(
        self, work: Work, who: Who, act: AccessAct, subject: str, reason: str, extra: dict[str, str] | None = None
    ) -> str:
        """Write who read what and why into the domestic log. The reason stands in the body, where it can be erased."""
        if len(reason.strip()) < 3:
            raise InvalidInput(
                "reason", "every read and search says why", rule="R38", remedy="give the case or task in a few words"
            )
        ground = self._ground
        procedure = subject.split(":")[1]
        fields = HeaderFields(
            node=ground.me, unit=who.user.unit, actor=who.id, actor_kind=who.actor_kind, time=iso(work.now), record=subject,
            procedure=procedure, version=1, kind=act, track="local", envelope=None,
        )  # fmt: skip
        form = msgspec.json.encode({"reason": reason, **(extra or {})})
        made = make_fact(fields, body_document(who.user.name, form), ground.signer, ground.entropy)
        work.add(made.fact, made.key, status="effective")
        work.access(AccessRow(at=work.now, user=who.id, act=act, subject=subject, fact=made.fact.id))
        return made.fact.id

    def note_refusal(self, who: Who, refused: Refusal, doing: str) -> None:
        """Write down what somebody was not allowed to do (O1, R1): who, what, which rule. ``doing`` names it, without its contents.

        Once only: whoever refuses with more to tell has written it down already, and left a note on the refusal.
        """
        if getattr(refused, "__notes__", None):
            return
        ground = self._ground
        named = _RECORD.search(doing)
        subject = named[0] if named else f"{ground.me}:refusal:{ulid(ground.clock, ground.entropy)}"
        with ground.writing() as work:
            fact = self.note_access(
                work, who, "refused", subject, refused.why or refused.what, {"rule": refused.rule, "doing": doing[:500]}
            )
        refused.add_note(f"written down as {fact}")

    def readers(self, who: Who, subject: str) -> list[AccessRow]:
        """Who read a record (R38). The question is itself logged."""
        who.need(Role.AUDITOR)
        with self._ground.writing() as work:
            self.note_access(work, who, "read", subject, "audit of its readers")
            return work.tx.access.of_subject(subject)

    # who would receive, who holds ---------------------------------------------------------------------------

    def preview(self, question: Question, receivers: tuple[str, ...] = ()) -> list[PreviewLine]:
        """Who would receive this, and why, and who not, and why not; before anything is sent (D3)."""
        with self._ground.reading():
            nodes = receivers or self._ground.peering.active()
            return preview(
                self._ground.registry, replace(question, sender=self._ground.me, origin=self._ground.me), nodes
            )

    def holders(self, fact: str, who: Who | None = None) -> list[tuple[str, str]]:
        """To whom a fact went by line, with the status of its receipt ('' while none came), and by file.

        ``who`` asks: refused when the fact's record is not for her (O1). None: the node itself.
        """
        with self._ground.reading() as tx:
            row = tx.facts.get(fact)
            if who is not None:
                check_fact(Work(self._ground, tx), who, row.record)
            by_file = [(export.medium, "exported") for export in tx.exports.of_fact(fact)]
            return tx.outbox.holders(fact) + by_file

    def alarms(self, *, open_only: bool = True, who: Who | None = None) -> list[AlarmRow]:
        """Newest first; what is for the supervisor is shown to no other ``who`` (R23, R24). None: the machine's own command line."""
        with self._ground.store.read() as tx:
            found = tx.alarms.list(open_only=open_only)
        return [alarm for alarm in found if who is None or Role.AUDITOR in who.roles or alarm.kind not in SUPERVISED]

    def acknowledge(self, who: Who, alarm: int) -> None:
        """Somebody has seen it; who and when stays."""
        with self._ground.writing() as work:
            if Role.AUDITOR not in who.roles and any(
                row.id == alarm and row.kind in SUPERVISED for row in work.tx.alarms.list()
            ):
                raise NotFound(f"no alarm {alarm} here", remedy="see the page of alarms")
            work.tx.alarms.acknowledge(alarm, who.id, work.now)


def _held_by(views: list[FactView]) -> list[tuple[str, str]]:
    latest = {peer: status for view in views for peer, status in view.delivered}
    return sorted(latest.items())
