"""Candidates: raised with the owner, looked at by somebody who did not ask, released by the owner (B3, R2, R22, R23, R27).

What a reviewer sees is put together here: the own data on the left, what the other side has told on the right. Before the release that is the
owner's reference and how strong the match is, and nothing else; for two own records both sides are open to whoever may read them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from spean.candidates.look_ups import Hit, LookUp, Mark, Watch
from spean.candidates.model import About, Category, CoreData, Explanation, Raised
from spean.candidates.rules import RAISED
from spean.core.errors import Conflict, InvalidInput, NotFound, SpeanError
from spean.core.fact import Fact
from spean.node.acts.acting import Done, Intent, Marks
from spean.node.entry.people import Who
from spean.node.entry.rights import check_act, opened_to
from spean.node.same.finder import Entry, Weight
from spean.node.same.model import Named, Selector
from spean.node.same.selecting import clean
from spean.node.work import Work
from spean.screening.model import Clause

if TYPE_CHECKING:
    from spean.matching.names.model import Kind
    from spean.node.ground import Ground
    from spean.node.same.asking import Asking
    from spean.node.same.looking import Looking
    from spean.procedures.engine import Offer
    from spean.store import Tx
    from spean.store.rows import RecordRow

PROCEDURE = "candidate"
ABOUT = "matching-about"
"""Job at the owner: which own records a reference names."""
Verdict = Literal["confirm", "reject", "leave-undecided"]
DATA: dict[Category, str] = {
    Category.PERSON: "identity", Category.ORGANISATION: "identity", Category.PHONE: "phone", Category.ACCOUNT: "account", Category.WALLET: "wallet",
    Category.DOCUMENT: "document", Category.DEVICE: "device", Category.SITE: "place",
}  # fmt: skip
"""Category → the data mark under which its candidates travel (R26); others travel as indicators."""
_SELECTORS = {
    Category.PERSON: "person", Category.PHONE: "phone", Category.ACCOUNT: "account", Category.WALLET: "wallet", Category.DOCUMENT: "document",
    Category.DEVICE: "device", Category.DOMAIN: "domain", Category.SITE: "place",
}  # fmt: skip
_TYPES = {
    Category.PHONE: "phone", Category.ACCOUNT: "account", Category.WALLET: "wallet", Category.DOCUMENT: "document", Category.EMAIL: "email",
    Category.USER_ACCOUNT: "handle", Category.DOMAIN: "domain", Category.URL: "url", Category.IP: "ip", Category.DEVICE: "imei",
}  # fmt: skip
"""Category → the value type of what its owner releases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What is known on one side, as far as the reader may see it."""

    record: str
    names: tuple[str, ...] = ()
    births: tuple[str, ...] = ()
    values: tuple[Selector, ...] = ()
    why: str = ""
    """Why it was asked."""
    thing: str = ""
    """Kind of thing, where it is an entity of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A candidate as somebody looks at it."""

    row: RecordRow
    raised: Raised
    asker: str
    owner: str
    left: tuple[Side, ...]
    """The own side: the question at the asker, the records that the reference names at the owner."""
    right: tuple[Side, ...]
    """The other side, where both are our own."""
    core: CoreData | None
    sentence: tuple[Clause, ...]
    weights: tuple[Weight, ...]
    explained: tuple[tuple[str, str, int], ...]
    """Reasons on our own track: opaque id of the person, words, time."""
    offers: tuple[Offer, ...]
    may_verify: bool
    """Whether this reader did not ask (R2)."""
    held_by: tuple[tuple[str, str], ...]


class Candidates:
    """Raises and shows candidates."""

    def __init__(self, ground: Ground, looking: Looking) -> None:
        self._ground = ground
        self._looking = looking

    # raising ----------------------------------------------------------------------------------------------------

    def raise_with(self, node: str, hit: Hit, question: str, by: str, marks: Marks, instrument: str = "") -> str:
        """Raise a hit with its owner, as the node itself; empty when the agreement lets nothing pass, which rings."""
        ground = self._ground
        form = {"category": hit.category, "reference": hit.reference, "question": question, "how": hit.how, "band": hit.band, "score": hit.score,
                "asked_by": by}  # fmt: skip
        told = replace(
            marks, instrument=instrument or None, data=DATA.get(hit.category, "indicator"), nature="assessment"
        )
        try:
            intent = Intent(
                kind="raise",
                procedure=PROCEDURE,
                form=form,
                to=(node or ground.me,),
                marks=told,
                once=f"{question}/{node}/{hit.reference}",
            )
            return ground.acting.act(ground.people.node_itself(), intent).record
        except SpeanError as refused:
            with ground.writing() as work:
                text = f"{question}: {node} has something, and it cannot be told: {refused.why or refused.what}"
                work.tx.alarms.raise_("candidate", f"{question}/{node}/{hit.reference}", "warning", text, work.now)
            return ""

    def raise_own(self, who: Who, question: str, hit: Hit, marks: Marks) -> str:
        """A person makes an own hit a candidate: it then goes the same way as a partner's."""
        if hit.node or hit.source:
            raise InvalidInput("hit", "it is none of our own records", remedy="choose one of our own")
        self._ground.reading_desk.may_read(who)
        return self.raise_with("", hit, question, who.id, marks)

    def of_question(self, work: Work, question: str) -> dict[str, str]:
        """Candidates of a look-up or watch: owner and reference → record."""
        found = {}
        for row in work.tx.records.list(procedure=PROCEDURE, limit=1000):
            form = self._raised(work, row)
            if form is not None and form.question == question:
                owner = row.parties["owner"][0]
                found[f"{'' if owner == self._ground.me else owner}/{form.reference}"] = row.id
        return found

    def _raised(self, work: Work, row: RecordRow) -> Raised | None:
        fact = work.fact(row.done[RAISED][0]) if RAISED in row.done else None
        form = None if fact is None else self._ground.projector.form(fact, work.key(fact.id), work.fact)
        return form if isinstance(form, Raised) else None

    # what follows at the owner ----------------------------------------------------------------------------------

    def arrived(self, work: Work, fact: Fact) -> None:
        """A candidate was raised with us, or with ourselves: find out whom it is about, beside this transaction."""
        row = work.record(fact.header.record)
        if row is not None and self._ground.me in row.parties.get("owner", ()):
            work.tx.jobs.put(ABOUT, row.id, work.now, json.dumps({"record": row.id}))

    def tell_about(self, record: str) -> None:
        """Write on our own track which records the reference names, and ring where a safeguard stands (R22, R23)."""
        ground = self._ground
        with ground.reading() as tx:
            row = tx.records.get(record)
            form = self._raised(Work(ground, tx), row)
        if form is None:
            return
        records = self._referred(form.reference)
        with ground.writing() as work:
            intent = Intent(kind="tell-about", record=record, form={"records": list(records)})
            ground.acting.perform(work, ground.people.node_itself(), intent)
            asker = row.parties["asker"][0]
            for each in (one for name in records for one in self._looking.safeguards(work).get(name, ())):
                if asker != ground.me and asker in each.feared:
                    text = f"{record}: {asker} asks about somebody who is protected from it"
                    work.tx.alarms.raise_("R22", record, "critical", text, work.now)
                if each.mark is not Mark.NONE:
                    text = f"{record}: {asker} asks about somebody whose work is protected"
                    work.tx.alarms.raise_("R23", record, "warning", text, work.now)

    def _referred(self, reference: str) -> tuple[str, ...]:
        if ":" in reference:
            return (reference.partition("#")[0],) if "#" not in reference else ()
        with suppress(SpeanError):
            return tuple(self._ground.private.referred(self._ground.people.node_itself(), reference))
        return ()

    # looking at it ----------------------------------------------------------------------------------------------

    def open(self, who: Who, *, limit: int = 200) -> list[RecordRow]:
        """Candidates that are not done, what runs out next on top. It shows no contents, so it is no read."""
        return self._ground.reading_desk.records(who, procedure=PROCEDURE, open_only=True, limit=limit)

    def review(self, who: Who, record: str, *, reason: str, asking: Asking) -> Review:
        """A candidate with both sides as far as this reader may see them; a read, written down with its reason."""
        ground = self._ground
        ground.reading_desk.note_read(who, record, reason)
        with ground.reading() as tx:
            work = Work(ground, tx)
            row = tx.records.get(record)
            form = self._raised(work, row)
            if row.procedure != PROCEDURE or form is None:
                raise NotFound(f"No candidate {record[:80]} here", remedy="see the list of candidates")
            context = ground.projector.context(work, record)
            asker, owner = row.parties["asker"][0], row.parties["owner"][0]
            ours = self._question_side(work, form, asking) if asker == ground.me else ()
            theirs = self._owner_side(work, who, form, context.local) if owner == ground.me else ()
            released = [
                each for _, each in ground.projector.stated(work, record, "release") if isinstance(each, CoreData)
            ]
            compared = _compared(
                asking, tx, ours, theirs or tuple(_released(record, form, each) for each in released[-1:])
            )
            offers = tuple(ground.engine.offers(ground.projector.view(row), ground.me, who.roles, context))
            held = dict(tx.outbox.holders(row.done[RAISED][0]))
            asked = {form.asked_by, *self._askers(context, form)}
            return Review(
                row=row, raised=form, asker=asker, owner=owner, left=ours or theirs, right=theirs if ours else (),
                core=released[-1] if released else None,
                sentence=compared[0], weights=compared[1], offers=offers, may_verify=asker == ground.me and who.id not in asked,
                explained=tuple((each.actor, each.body.reason, each.time) for each in context.local if isinstance(each.body, Explanation)),
                held_by=tuple(sorted(held.items())),
            )  # fmt: skip

    def _askers(self, context: Any, form: Raised) -> set[str]:
        names = [name for kind in ("ask", "watch", "renew") for name, _ in context.ask.stated(form.question, kind)]
        return {known.actor for name in names if (known := context.ask.fact(name)) is not None}

    def _question_side(self, work: Work, form: Raised, asking: Asking) -> tuple[Side, ...]:
        try:
            question = asking.question(work, form.question)
        except NotFound:
            return (Side(record=form.question),)
        return (side_of(form.question, question),)

    def _owner_side(self, work: Work, who: Who, form: Raised, local: Sequence[Any]) -> tuple[Side, ...]:
        records = {name for each in local if isinstance(each.body, About) for name in each.body.records}
        if ":" in form.reference and "#" not in form.reference:
            records.add(form.reference)
        mine = sorted(opened_to(work.tx, who, sorted(records)))
        return tuple(_side(each) for each in self._ground.same.named(work.tx, mine))

    def verify(self, who: Who, record: str, verdict: Verdict, points: Sequence[str], reason: str) -> Done:
        """The verdict with its reason, in one transaction: the reason on our own track, the verdict on the shared one."""
        with self._ground.writing() as work:
            done = []
            for intent in (
                Intent(kind="explain", record=record, form={"reason": reason}),
                Intent(kind=verdict, record=record, form={"points": list(points)}),
            ):
                check_act(self._ground, work, who, intent, "")
                done.append(self._ground.acting.perform(work, who, intent))
        return done[-1]

    # the request that it becomes ---------------------------------------------------------------------------------

    def request_form(self, who: Who, record: str, *, reason: str, asking: Asking) -> tuple[str, dict[str, Any]]:
        """To whom, and the information request as it would be sent: from the question, its reason and the owner's reference."""
        review = self.review(who, record, reason=reason, asking=asking)
        if review.asker != self._ground.me or review.owner == self._ground.me:
            raise Conflict(
                "There is nobody to ask",
                why="both sides are our own, or we are the owner",
                remedy="open the own record",
            )
        return review.owner, prefilled(review)

    def prefilled(self, review: Review) -> dict[str, Any]:
        """The information request that follows from a candidate that was read."""
        return prefilled(review)

    def request(self, who: Who, record: str, form: dict[str, Any], *, once: str = "") -> Done:
        """Send the information request, under the candidate's own marks; its clock runs from then on."""
        ground = self._ground
        with ground.reading() as tx:
            work = Work(ground, tx)
            row = tx.records.get(record)
            opening = work.opening(row)
        if row.procedure != PROCEDURE or opening is None or row.parties["asker"][0] != ground.me:
            raise NotFound(f"No candidate {record[:80]} of ours", remedy="see the list of candidates")
        from spean.exchange.codec import decode_header

        envelope = decode_header(opening.payload).envelope
        if envelope is None or row.parties["owner"][0] == ground.me:
            raise Conflict("There is nobody to ask", why="both sides are our own", remedy="open the own record")
        marks = Marks(
            purpose=envelope.purpose,
            instrument=envelope.instrument,
            data=envelope.data,
            subject=envelope.subject,
            nature="fact",
        )
        return ground.acting.act(
            who,
            Intent(
                kind="send", procedure="information-request", form=form, to=row.parties["owner"], marks=marks, once=once
            ),
        )


OFFENCES = {
    "investigate-laundering": "laundering",
    "investigate-trafficking": "trafficking",
    "investigate-cybercrime": "cybercrime",
}
"""Purpose → the offence that a request names at first; fraud otherwise, and serious crime where a person is looked for."""


def prefilled(review: Review) -> dict[str, Any]:
    """The information request that follows from a candidate. Every word of it is the asker's own, and may be changed before it goes."""
    left = review.left[0] if review.left else Side(record=review.raised.question)
    kind = _SELECTORS.get(review.raised.category, "other")
    values = [*(left.names if kind == "person" else ()), *(each.value for each in left.values)] or list(left.names)
    chain = next((each.value.split(":")[0] for each in left.values if each.type == "wallet"), "")
    question = f"What do you hold under your reference {review.raised.reference}?"
    items = [
        {"selector": kind, "value": value, "question": question, "chain": chain if kind == "wallet" else ""}
        for value in values[:5]
    ]
    person = review.row.purpose in ("locate-missing", "protect-person", "danger-to-life")
    return {
        "offence": OFFENCES.get(review.row.purpose, "serious-crime" if person else "fraud"),
        "facts": left.why if len(left.why) >= 10 else f"{left.why} ({left.record})", "items": items,
        "need": f"A comparison without content showed that you hold it: your reference {review.raised.reference}.",
        "proportionality": "Only what you hold under this one reference is asked for.", "urgency": "normal", "urgency_reason": "",
        "reference": review.row.id, "language": "en",
    }  # fmt: skip


def side_of(record: str, question: LookUp | Watch) -> Side:
    """The asker's side."""
    from spean.node.same.asking import exact_of

    births = (question.birth,) if question.birth else ()
    values: tuple[Selector, ...]
    if isinstance(question, Watch):
        person = question.type == "person"
        values = () if person else (Selector(question.type, question.value),)
        return Side(
            record=record, names=(question.value,) if person else (), births=births, values=values, why=question.reason
        )
    try:
        values = tuple(exact_of(question.selectors))
    except InvalidInput:
        values = tuple(Selector(each.type, each.value) for each in question.selectors)
    return Side(record=record, names=question.names, births=births, values=values, why=question.why)


def _side(named: Named) -> Side:
    values = (*named.selectors, *named.places)
    return Side(record=named.record, names=named.names, births=named.births, values=values, thing=named.thing)


def _released(record: str, raised: Raised, core: CoreData) -> Side:
    """What the owner has told, as far as it can be compared."""
    type = _TYPES.get(raised.category, "")
    values = [clean(type, value) for value in core.values] if type else []
    values += [
        clean("document", f"{each.issuer}:{each.number}" if each.issuer else each.number) for each in core.documents
    ]
    births = (core.birth,) if core.birth else ()
    return Side(
        record=record, names=core.names, births=births, values=tuple(each for each in values if each is not None)
    )


def _compared(
    asking: Asking, tx: Tx, ours: Sequence[Side], theirs: Sequence[Side]
) -> tuple[tuple[Clause, ...], tuple[Weight, ...]]:
    """The best comparison of one side's records with the other's."""
    pairs = ((one, other) for one in ours for other in theirs)
    found = [alike for one, other in pairs if (alike := asking.compare(tx, _entry(one), _entry(other))) is not None]
    best = max(found, key=lambda each: each.score, default=None)
    return ((), ()) if best is None else (best.why, best.weights)


def _entry(side: Side) -> Entry:
    kind: Kind = "organisation" if side.thing == "organisation" else "person"
    return Entry(reference=side.record, names=side.names, births=side.births, kind=kind, values=side.values)
