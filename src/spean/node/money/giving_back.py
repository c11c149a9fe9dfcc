"""A restitution as one sheet: each holding and each victim to the last unit, each amount with how it follows from the written rule (C8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from spean.core.errors import Conflict, NotFound
from spean.node.acts.acting import Done, Intent
from spean.node.entry.people import Who
from spean.node.money.model import Sum
from spean.node.work import Work
from spean.restitution.model import (
    Allocation,
    Claim,
    ClaimRefused,
    Decision,
    Holding,
    Line,
    Objection,
    Payment,
    Terms,
)
from spean.restitution.rules import standing
from spean.restitution.service import allocate

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.node.views.reading import FactView, RecordDetail

NAME = "restitution"
F = TypeVar("F")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """So much of a holding for one claim, with what it follows from."""

    claim: str
    victim: str
    arrived_at: int
    traced: Sum
    before: Sum
    """Traced money that goes before it by FIFO or LIFO; none for a haircut."""
    amount: Sum
    paid_at: int | None
    proof: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pot:
    """A holding with everything that becomes of it."""

    number: int
    record: str
    node: str
    rate: str
    held: Sum
    shared: Sum
    shared_with: str
    pot: Sum
    """What is to be given back."""
    traced: Sum
    """All that the claims have in it."""
    lines: tuple[Given, ...]
    given: Sum
    left: Sum


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A victim's claim and what comes of it."""

    claim: str
    victim: str
    transfer: str
    paid_at: int
    amount: Sum
    traced: Sum
    gets: Sum
    refused: str
    """Why it is not taken into account; empty when it stands."""
    appeal_to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RestitutionSheet:
    """All of it. Sums reconcile: held = shared + given + left."""

    record: str
    title: str
    state: str
    rule: str
    basis: str
    claims_until: int
    pots: tuple[Pot, ...]
    claims: tuple[Claimed, ...]
    proposed: bool
    """The lines are those on the table; else they are computed from the claims that stand now."""
    reason: str
    authority: str
    appeal_to: str
    why: str
    """Reason of the decision."""
    objections: tuple[tuple[str, str], ...]
    """Node and reason."""
    held: Sum
    shared: Sum
    given: Sum
    left: Sum
    paid: Sum
    signed: tuple[tuple[str, str], ...]
    """Kind and name of the facts that open, propose and decide."""
    leads: bool


class GivingBack:
    """Sheets of restitutions, and proposing what the rule gives."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def sheet(self, who: Who, record: str, *, reason: str) -> RestitutionSheet:
        """A restitution's sheet; a read with its reason (R38). Raises ``NotFound``."""
        return self.of(self._ground.reading_desk.record(who, record, reason=reason))

    def of(self, detail: RecordDetail) -> RestitutionSheet:
        """The sheet of a record that was read."""
        record = detail.row.id
        if detail.row.procedure != NAME:
            raise NotFound(f"{record} is no restitution", remedy="see the record's page")
        told = _Told(detail.facts)
        terms = told.one("open", Terms)
        if terms is None:
            raise NotFound("The written rule is erased here", remedy="ask a partner of the record")
        claims = self._standing(record)
        proposal = told.one("propose", Allocation)
        unit = terms.currency, terms.digits
        lines, left = (
            (proposal.lines, proposal.left) if proposal else allocate(terms.holdings, claims, terms.rule, unit)
        )
        return _sheet(detail.row, told, terms, claims, lines, left, self._ground.me)

    def propose(self, who: Who, record: str, reason: str) -> Done:
        """Put on the table what the written rule gives for the claims that stand; nobody types a line.

        Raises ``Refusal`` (C8), as while victims may still claim.
        """
        ground = self._ground
        with ground.reading() as tx:
            work = Work(ground, tx)
            terms = [
                form for _, form in ground.projector.stated(work, record, "open", "shared") if isinstance(form, Terms)
            ]
        if not terms:
            raise Conflict("There is no written rule here", why="it is erased", remedy="open a new restitution")
        lines, left = allocate(
            terms[0].holdings, self._standing(record), terms[0].rule, (terms[0].currency, terms[0].digits)
        )
        form: dict[str, Any] = msgspec.to_builtins(Allocation(lines=lines, left=left, reason="-" * 3))
        return ground.acting.act(who, Intent(kind="propose", form={**form, "reason": reason}, record=record))

    def _standing(self, record: str) -> dict[str, Claim]:
        ground = self._ground
        with ground.reading() as tx:
            row = tx.records.get(record)
            return standing(ground.projector.view(row), ground.projector.context(Work(ground, tx), record, local=False))


class _Told:
    """The effective facts of a record as forms."""

    def __init__(self, views: Sequence[FactView]) -> None:
        self._views = [view for view in views if view.form is not None and view.row.status == "effective"]

    def all(self, kind: str, form: type[F]) -> list[tuple[FactView, F]]:
        return [(view, msgspec.convert(view.form, form)) for view in self._views if view.row.kind == kind]

    def one(self, kind: str, form: type[F]) -> F | None:
        """The latest of its kind."""
        found = self.all(kind, form)
        return found[-1][1] if found else None


def _sheet(
    row: Any,
    told: _Told,
    terms: Terms,
    claims: Mapping[str, Claim],
    lines: Sequence[Line],
    left: Sequence[int],
    me: str,
) -> RestitutionSheet:
    def sum_(amount: int) -> Sum:
        return Sum(amount=amount, currency=terms.currency, digits=terms.digits)

    paid = {(form.claim, form.holding): (view.row.at, form) for view, form in told.all("pay", Payment)}
    every = {view.row.id: form for view, form in told.all("claim", Claim)}
    refused = {form.claim: form for _, form in told.all("refuse-claim", ClaimRefused)}
    pots = tuple(
        _pot(number, holding, terms, {**every, **claims}, claims, lines, left, paid)
        for number, holding in enumerate(terms.holdings)
    )
    decision, proposal = told.one("decide", Decision), told.one("propose", Allocation)
    gets = {name: sum(line.amount for line in lines if line.claim == name) for name in every}
    return RestitutionSheet(
        record=row.id, title=terms.title, state=row.state, rule=terms.rule, basis=terms.basis, claims_until=terms.claims_until,
        pots=pots, proposed=proposal is not None, reason=proposal.reason if proposal else "",
        claims=tuple(
            Claimed(claim=name, victim=form.victim, transfer=form.transfer, paid_at=form.paid_at, amount=sum_(form.amount),
                    traced=sum_(sum(part.amount for part in form.traced)), gets=sum_(gets[name]),
                    refused=refused[name].reason if name in refused else "" if name in claims else "this transfer was claimed before",
                    appeal_to=refused[name].appeal_to if name in refused else "")
            for name, form in every.items()
        ),
        authority=decision.authority if decision else "", appeal_to=decision.appeal_to if decision else "",
        why=decision.reason if decision else "",
        objections=tuple((view.row.origin, form.reason) for view, form in told.all("object", Objection)),
        held=sum_(sum(each.held.amount for each in pots)), shared=sum_(sum(each.shared.amount for each in pots)),
        given=sum_(sum(each.given.amount for each in pots)), left=sum_(sum(each.left.amount for each in pots)),
        paid=sum_(sum(form.amount for _, form in paid.values())),
        signed=tuple((kind, found[-1][0].row.id) for kind, form in (("open", Terms), ("propose", Allocation), ("decide", Decision))
                     if (found := told.all(kind, form))),
        leads=me in row.parties.get("lead", ()),
    )  # fmt: skip


def _pot(
    number: int, holding: Holding, terms: Terms, every: Mapping[str, Claim], standing: Mapping[str, Claim], lines: Sequence[Line],
    left: Sequence[int], paid: Mapping[tuple[str, int], tuple[int, Payment]],
) -> Pot:  # fmt: skip
    def sum_(amount: int) -> Sum:
        return Sum(amount=amount, currency=terms.currency, digits=terms.digits)

    mine = {line.claim: line for line in lines if line.holding == number}
    parts = sorted(
        (min(part.arrived_at for part in here), name, sum(part.amount for part in here))
        for name in dict.fromkeys((*standing, *mine))
        if name in every and (here := [part for part in every[name].traced if part.holding == number])
    )
    order = parts[::-1] if terms.rule == "lifo" else parts
    found, before = [], 0
    for arrived_at, name, traced in order:
        line, paid_out = mine.get(name), paid.get((name, number))
        found.append(
            Given(claim=name, victim=every[name].victim, arrived_at=arrived_at, traced=sum_(traced), before=sum_(before),
                  amount=sum_(line.amount if line else 0), paid_at=paid_out[1].paid_at if paid_out else None,
                  proof=paid_out[1].proof if paid_out else "")
        )  # fmt: skip
        before += traced
    return Pot(
        number=number, record=holding.record, node=holding.node, rate=holding.rate, held=sum_(holding.amount), shared=sum_(holding.shared),
        shared_with=holding.shared_with, pot=sum_(holding.amount - holding.shared), traced=sum_(before), lines=tuple(found),
        given=sum_(sum(line.amount for line in mine.values())), left=sum_(left[number] if number < len(left) else 0),
    )  # fmt: skip
