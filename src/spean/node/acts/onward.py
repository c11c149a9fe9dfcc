"""Passing on what another node owns (A5, R26): never without the owner's consent where that is needed, never unseen.

A refused attempt is written into the domestic log, and where consent would help the owner is asked at once. A fact that was
passed on stays the owner's: its marks and signature travel with it, the owner is told, and a recall reaches the copy.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from spean.agreements.always import CLOSED
from spean.agreements.preview import PreviewLine
from spean.agreements.question import Question
from spean.core.errors import NotFound, Refusal, SpeanError
from spean.core.fact import Envelope, Header
from spean.core.ids import check_node
from spean.core.world import iso
from spean.exchange.codec import decode_header, fact_id
from spean.exchange.identity import read_identity
from spean.exchange.seal import decrypt_content
from spean.node.acts.acting import Done, Intent, Marks
from spean.node.acts.carried import CARRYING, OPENING
from spean.node.entry.people import Who
from spean.node.entry.rights import check_named
from spean.node.folding import FOLDED
from spean.node.work import Work
from spean.onward.model import ConsentedTransfer, Onwards, Transfer
from spean.onward.procedures import CONSENT, CONSENTED, DESK, NOTICE, TRANSFER
from spean.onward.rules import STAYS
from spean.onward.service import opened
from spean.store.rows import FactRow, RecordRow

if TYPE_CHECKING:
    from spean.node.ground import Ground

PASSING = CARRYING | {CONSENT.name, NOTICE.name}
"""All procedures of passing on."""
NO_MARKS = Marks()


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOn:
    """A fact on its way to a third node."""

    done: Done
    consent: str
    """Record of the owner's consent; empty when none was needed."""


class _ConsentMissing(Refusal):
    """The owner's consent would make it pass. ``ask``: whether asking is still to be done."""

    def __init__(self, why: str, *, remedy: str = "", ask: dict[str, str] | None = None) -> None:
        super().__init__("A5", why, remedy=remedy)
        self.ask = ask


class Onward:
    """Passes on, and knows where it went."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    # the holder ---------------------------------------------------------------------------------------------

    def pass_on(self, who: Who, fact: str, to: str, reason: str, marks: Marks = NO_MARKS) -> PassedOn:
        """Pass another's fact on to ``to``. Raises ``Refusal`` (A5 or the agreement's rule) after the attempt was written down and,
        where that would help, the owner was asked; ``NotFound`` when no such fact is here."""
        check_node(to)
        try:
            with self._ground.writing() as work:
                return self._pass_on(work, who, fact, to, reason, marks)
        except Refusal as refused:
            with self._ground.writing() as work:
                told = self._attempted(work, who, fact, to, reason, refused)
            raise told from refused

    def preview(self, who: Who, fact: str, to: str, marks: Marks = NO_MARKS) -> PreviewLine:
        """Would ``to`` receive it now, and why, or what is in the way. Nobody is asked and nothing is written."""
        with self._ground.reading() as tx:
            work = Work(self._ground, tx)
            try:
                who.need(*DESK)
                check_named(work, who, fact)
                row, header, owners = self._held(work, fact)
                chosen = self._marks(work, owners, to, marks)
                record = ""
                if not self._is_free(work, header, owners, to, chosen):
                    record = self._consent(work, row, to, str(chosen.purpose))[0]
            except SpeanError as no:
                remedy = no.remedy or f"pass it on: {self._owner(work, fact)} is then asked for its consent"
                return PreviewLine(node=to, allowed=False, instrument="", rule=no.rule, reason=no.why or no.what, remedy=remedy,
                                   clauses=())  # fmt: skip
        reason = f"{header.node} consented: {record}" if record else "its handling and the agreement allow it"
        return PreviewLine(
            node=to, allowed=True, instrument=str(chosen.instrument), rule="", reason=reason, remedy="", clauses=()
        )

    def _owner(self, work: Work, fact: str) -> str:
        row = work.fact(fact)
        return "its owner" if row is None else row.origin

    def _pass_on(self, work: Work, who: Who, fact: str, to: str, reason: str, marks: Marks) -> PassedOn:
        who.need(*DESK)
        check_named(work, who, fact)
        row, header, owners = self._held(work, fact)
        chosen = self._marks(work, owners, to, marks)
        record, consent = "", None
        if not self._is_free(work, header, owners, to, chosen):
            record, consent = self._consent(work, row, to, str(chosen.purpose))
        form: dict[str, Any] = {"original": self._signed(work, row), "reason": reason}
        if consent is not None:
            form["consent"] = self._signed(work, consent)
        keys = {each.key_id for each in (row, consent) if each is not None}
        form["identity"] = self._identity(work, header.node, keys)
        procedure = TRANSFER if consent is None else CONSENTED
        targets = (row.id,) if consent is None else (row.id, consent.id)
        intent = Intent(kind=OPENING, procedure=procedure.name, form=form, to=(to,), marks=chosen, targets=targets)
        return PassedOn(done=self._ground.acting.perform(work, who, intent), consent=record)

    def _held(self, work: Work, fact: str) -> tuple[FactRow, Header, Envelope]:
        """A fact of another node that we hold with its words."""
        row = work.fact(fact)
        if row is None:
            raise NotFound(f"no fact {fact[:16]}… here", remedy="spean record show names them")
        if row.origin == self._ground.me:
            raise Refusal("A5", "it is our own", remedy="send it: it need not be passed on")
        header = decode_header(row.payload)
        if row.procedure in STAYS or header.envelope is None:
            raise Refusal(
                "A5",
                f"a fact of {row.procedure} stays between its parties",
                remedy=f"ask {row.origin} to send it itself",
            )
        if row.status != "effective" or row.content is None:
            state = "erased" if row.status == "effective" else row.status
            raise Refusal("A5", f"it is {state}", remedy="pass its latest version on")
        return row, header, header.envelope

    def _marks(self, work: Work, owners: Envelope, to: str, given: Marks) -> Marks:
        """The owner's marks, unless the officer gives others; ``keep_marks`` judges those."""
        kept = {
            name: value
            for name, value in asdict(owners).items()
            if name not in ("recipients", "via", "basis", "instrument")
        }
        chosen = {**kept, **{name: value for name, value in asdict(given).items() if value is not None}}
        instrument = given.instrument or self._instrument(owners.instrument, to)
        if given.review is None:
            chosen["review"] = min(owners.review, self._ground.acting.review_day(instrument, work.now))
        return Marks(**{**chosen, "instrument": instrument})

    def _instrument(self, owners: str, to: str) -> str:
        """The agreement under which it was received, where the receiver is party to it; else the only one with the receiver."""
        registry, me = self._ground.registry, self._ground.me
        if owners in registry and {me, to} <= registry.get(owners).parties:
            return owners
        return self._ground.acting.only_instrument((to,))

    def _is_free(self, work: Work, header: Header, owners: Envelope, to: str, marks: Marks) -> bool:
        """Whether it may go without consent. Raises ``Refusal`` when it may not even go with consent."""
        registry = self._ground.registry
        via = marks.via or ""
        question = Question(
            sender=self._ground.me, receiver=via or to, origin=header.node, instrument=str(marks.instrument), purpose=str(marks.purpose),
            data=str(marks.data), subject=str(marks.subject), tlp=str(marks.tlp), handling=str(marks.handling),
            procedure=TRANSFER.name, kind=OPENING, via=via, date=iso(work.now)[:10],
        )  # fmt: skip
        decision = registry.decide(question)
        if decision.instrument == CLOSED:
            return True
        wanted = self._ground.carried.wants_consent(owners, to) or marks.purpose != owners.purpose
        if decision.allowed and not wanted:
            return True
        claimed = registry.decide(replace(question, procedure=CONSENTED.name))
        if not claimed.allowed:
            raise Refusal(claimed.rule, claimed.reason, remedy=claimed.remedy, what="Nothing leaves")
        return False

    def _consent(self, work: Work, row: FactRow, to: str, purpose: str) -> tuple[str, FactRow]:
        """The consent that may be used now: its record and fact. Raises ``_ConsentMissing``."""
        owner = row.origin
        why = f"{owner} has not consented to its being passed on to {to} for {purpose}"
        for record in self._asked(work, row.id, to, purpose):
            if record.state == "granted":
                found = self._granted(work, record, row.id, to, purpose)
                if found is not None:
                    return record.id, found
            elif record.state == "asked":
                raise _ConsentMissing(why, remedy=f"{owner} was asked already: {record.id}")
            elif record.state == "refused":
                raise _ConsentMissing(
                    f"{owner} refused: {record.id}", remedy="ask again with new reasons: spean consent ask"
                )
        raise _ConsentMissing(why, ask={"node": to, "purpose": purpose})

    def _asked(self, work: Work, fact: str, to: str, purpose: str) -> list[RecordRow]:
        """Our requests for this consent, the latest first."""
        found = []
        for row in work.citing(fact):
            if (row.procedure, row.kind, row.origin) == (CONSENT.name, "ask", self._ground.me):
                form = self._ground.projector.form(row, work.key(row.id))
                record = work.record(row.record)
                if record is not None and form is not None and (form.node, form.purpose) == (to, purpose):
                    found.append(record)
        return sorted(found, key=lambda record: record.opened_at, reverse=True)

    def _granted(self, work: Work, record: RecordRow, fact: str, to: str, purpose: str) -> FactRow | None:
        for row in work.facts_of(record.id):
            if row.kind == "grant" and row.status == "effective":
                form = self._ground.projector.form(row, work.key(row.id))
                if (
                    form is not None
                    and (form.node, form.purpose) == (to, purpose)
                    and fact in decode_header(row.payload).targets
                ):
                    return row
        return None

    def _signed(self, work: Work, row: FactRow) -> dict[str, str]:
        """A fact as its origin signed it, with what proves its words."""
        key = work.key(row.id)
        if key is None or row.content is None:
            raise Refusal("A5", "its words are erased here", remedy=f"ask {row.origin} for it")
        salt, body = decrypt_content(key, row.content, row.id)
        return {
            "payload": row.payload.decode(), "key_id": row.key_id, "signature": row.signature.hex(), "salt": salt.hex(), "body": body.decode(),
        }  # fmt: skip

    def _identity(self, work: Work, owner: str, keys: set[str]) -> str:
        """The owner's admitted identity, where it names the key that signed; whoever knows the owner needs none."""
        peer = next((row for row in work.tx.peers.list() if row.node == owner), None)
        if peer is None or not {read_identity(peer.identity).sign_id} >= keys:
            return ""
        return peer.identity.decode()

    def _attempted(self, work: Work, who: Who, fact: str, to: str, reason: str, refused: Refusal) -> Refusal:
        """Write the attempt down; ask the owner where that would help."""
        row = work.fact(fact)
        if row is None:
            return refused
        said = {"fact": fact, "to": to, "rule": refused.rule, "why": refused.why}
        noted = self._ground.reading_desk.note_access(work, who, "attempt", row.record, reason, said)
        if isinstance(refused, _ConsentMissing):
            refused = Refusal(
                "A5",
                refused.why,
                remedy=refused.remedy if refused.ask is None else self._ask(work, who, row, refused.ask, reason),
            )
        refused.add_note(f"written down as {noted}")
        return refused

    def _ask(self, work: Work, who: Who, row: FactRow, ask: dict[str, str], reason: str) -> str:
        """Open the request for consent; in words what comes next."""
        owners = decode_header(row.payload).envelope
        assert owners is not None
        intent = Intent(kind="ask", procedure=CONSENT.name, form={**ask, "reason": reason}, to=(row.origin,),
                        marks=_marks_of(owners), targets=(row.id,))  # fmt: skip
        try:
            done = self._ground.acting.perform(work, who, intent)
        except SpeanError as cannot:
            return f"{row.origin} cannot be asked now: {cannot.why or cannot.what}"
        return f"{row.origin} is asked ({done.record}); pass it on again once it has consented"

    # what follows -------------------------------------------------------------------------------------------

    def passed(self, work: Work, fact: str, header: Header, form: Any) -> None:
        """Our own passing on counts: the consent is spent, and the owner knows who has its fact."""
        if header.node != self._ground.me or not isinstance(form, Transfer) or header.envelope is None:
            return
        name, original = opened(form.original)
        assert original.envelope is not None
        told = {"node": header.envelope.recipients[0], "transfer": fact}
        intent = Intent(
            kind="tell", procedure=NOTICE.name, form=told, to=(original.node,), marks=_marks_of(original.envelope), targets=(name,)
        )  # fmt: skip
        if isinstance(form, ConsentedTransfer):
            consent = work.fact(fact_id(form.consent.payload.encode()))
            if consent is None:
                return
            intent = Intent(kind="use", record=consent.record, form=told, targets=(name,))
        self._ground.acting.perform(work, self._ground.people.node_itself(), intent)

    def tell_again(self, fact: str) -> None:
        """After a restore: what we passed on was given back, but perhaps not what we told the owner of it."""
        with self._ground.writing() as work:
            row = work.fact(fact)
            form = None if row is None else self._ground.projector.form(row, work.key(fact))
            if row is None or form is None:
                return
            header = decode_header(row.payload)
            told = (self._told(work, each) for target in header.targets for each in work.citing(target))
            if not any(said is not None and said.transfer == fact for said in told):
                self.passed(work, fact, header, form)

    def _told(self, work: Work, row: FactRow) -> Onwards | None:
        """What a fact tells an owner about the passing on of its fact, if it does."""
        if (row.procedure, row.kind) not in ((CONSENT.name, "use"), (NOTICE.name, "tell")) or row.status not in FOLDED:
            return None
        form = self._ground.projector.form(row, work.key(row.id))
        return form if isinstance(form, Onwards) else None

    def carriers(self, work: Work, fact: str) -> list[FactRow]:
        """Our own facts that carried ``fact`` (or were sent under it as consent) to others."""
        return [
            row for row in work.citing(fact)
            if row.procedure in CARRYING and row.kind == OPENING and row.origin == self._ground.me and row.status in FOLDED
        ]  # fmt: skip

    def told(self, work: Work, fact: str) -> list[tuple[str, str]]:
        """What holders told us of our fact: node to which it was passed on, and the record that says so."""
        rows = [row for row in work.citing(fact) if row.origin != self._ground.me]
        return [(said.node, row.record) for row in rows if (said := self._told(work, row)) is not None]


def _marks_of(envelope: Envelope) -> Marks:
    """The marks of a fact for what is said about it to its owner, by the way on which it came."""
    kept = {name: value for name, value in asdict(envelope).items() if name not in ("recipients", "review")}
    return Marks(**kept)
