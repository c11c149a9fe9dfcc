"""A case's money sheet and the hold board: traces by both rules, what was asked for, what is held and what is lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from spean.core.errors import NotFound, SpeanError
from spean.core.world import MINUTE
from spean.formats.chain.tokens import cut, digits
from spean.holds.model import StopRequest
from spean.holds.reports import FraudReport
from spean.node.entry.people import Who
from spean.node.money.counting import not_followed
from spean.node.money.homes import Homes, institution, sides
from spean.node.money.model import UNNAMED, Edge, Hop, HopState, MoneySheet, Place, Sum, Unanswered
from spean.node.work import Work
from spean.tracing.claims import Request, value
from spean.tracing.model import known_rule

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.node.money.crossing import Way
    from spean.node.money.following import Ways
    from spean.node.money.intake import Told
    from spean.node.money.money import Money
    from spean.procedures.acts import Act
    from spean.store.rows import CaseRow, RecordRow

HALF_LIFE = 10 * MINUTE
"""Accounts of mules are emptied within 3 to 10 minutes (DOMAIN 2.1)."""
CHANCE = 500
"""Of a thousand requests to somebody who never answered one."""
LOST = ("too-late", "not-found", "refused", "released", "auto-released", "withdrawn", "returned")
OUT = ("sent", "acknowledged")
HELD = ("held", "disputed", "confirmed", "seized", "allocated", "paid-out")
Key = tuple[str, str, str]
"""Node, account, currency of a place."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as its record tells it."""

    row: RecordRow
    request: StopRequest
    held: int
    until: int | None
    noted: bool


class Sheets:
    """Puts sheets and boards together. Nothing of it is kept: it is traced when it is looked at."""

    def __init__(self, ground: Ground, money: Money) -> None:
        self._ground = ground
        self._money = money

    # one case ---------------------------------------------------------------------------------------------------

    def sheet(self, who: Who, case: str, reason: str) -> MoneySheet:
        """The money of our own case, or of a request that came to us. The read is logged (R38)."""
        ground = self._ground
        ground.reading_desk.note_read(who, case, reason)
        with ground.reading() as tx:
            procedure = tx.records.get(case).procedure
        if procedure == "stop-payment":
            return self._of_request(case)
        row = self._money.following.case(case)
        report, _ = self._money.following.report(case)
        ways, _ = self._money.following.ways(row)
        currency = ways.starts[0][0] if ways.starts else row.currency
        return self._whole(row, report.victim, ways, _reported(report, currency))

    def _of_request(self, record: str) -> MoneySheet:
        from spean.store.rows import CaseRow

        asked = self.asked([record])
        if not asked:
            raise NotFound(f"{record} has no words any more", remedy="ask its sender")
        request = asked[0].request
        if self._asker(asked[0].row):  # our own request, to our own bank too: the case's money
            row = self._money.following.case(request.case)
            return self._whole(row, request.victim, self._money.following.ways(row)[0], _part(request))
        ways = self._money.following.received(request)
        row = CaseRow(record=record, payment=request.payment, currency=ways.starts[0][0], claim=request.rule, opened_at=asked[0].row.opened_at,
                      traced_at=self._ground.clock.now(), again="", closed=False)  # fmt: skip
        return self._whole(row, request.victim, ways, _part(request))

    def _whole(self, row: CaseRow, reference: str, ways: Ways, reported: Sum) -> MoneySheet:
        hops = self.hops(row, ways)
        records = {(hop.node, hop.account): hop.record for hop in hops if hop.record}
        edges = self._edges(ways)
        return MoneySheet(
            case=row.record, reference=reference, payment=row.payment.partition("\n")[0], reported=reported, locate="lifo",
            claim=known_rule(row.claim), traced_at=row.traced_at, again=row.again, edges=edges,
            places=self._places(ways, records), unanswered=_unanswered(ways.located), hops=tuple(hops),
            asked=added(hop.asked for hop in hops if hop.record and hop.state in OUT), held=added(hop.held for hop in hops),
            lost=added(hop.lost for hop in hops), not_followed=added(edge.rest for edge in edges if edge.rest is not None),
        )  # fmt: skip

    def _edges(self, ways: Ways) -> tuple[Edge, ...]:
        """Every payment that carried traced money: our own with their documents, others as their nodes told of them."""
        names = [moved.payment for way in (ways.located, ways.claimed) for _, moved in way.steps]
        names += [each.onward.payment for way in (ways.located, ways.claimed) for each in way.crossed]
        told = self._money.payments(names)
        homes, found = self._money.homes(), dict[tuple[str, str], Edge]()
        for at, way in (("located", ways.located), ("claimed", ways.claimed)):
            for currency, moved in way.steps:
                key = currency, moved.payment
                edge = found.get(key) or self._own_edge(
                    told.get(moved.payment), homes, currency, moved.payment, moved.payer, moved.payee
                )
                found[key] = _with(replace(edge, hop=moved.hop), at, _sum(moved.amount, currency))
            for each in way.crossed:
                if each.node != self._ground.me:
                    _foreign(found, each, at)
                elif (key := (each.currency, each.onward.payment)) in found:
                    found[key] = replace(found[key], to=each.onward.node)
        return tuple(sorted(found.values(), key=lambda edge: (edge.hop, edge.time, edge.payment)))

    def _own_edge(self, told: Told | None, homes: Homes, currency: str, name: str, payer: str, payee: str) -> Edge:
        edge = Edge(payment=name, payer=payer, payee=payee, node=self._ground.me, hop=1, located=None, claimed=None, time=0, document="",
                    source="", grade=0, reference="", fact="")  # fmt: skip
        if told is None:
            return edge
        payment = told.payment
        both = sides(payment, bool(payment.payer) and homes.ours(payment.payer))
        where = payment.source.element or (f"line {payment.source.line}" if payment.source.line else "")
        became = both.received if both.converts and both.paid.currency == currency else None
        return replace(
            edge, payer=payment.payer or payer, payee=payment.payee or payee, time=payment.time_ms, reference=payment.reference,
            document=", ".join(part for part in (payment.source.document, where) if part), source=told.source, grade=told.grade,
            converted=None if became is None else _sum(became.minor, became.currency), rest=not_followed(payment),
        )  # fmt: skip

    def _places(self, ways: Ways, records: dict[tuple[str, str], str]) -> tuple[Place, ...]:
        names, hops = self._names(ways), _hops(ways)
        found: dict[tuple[str, str], dict[str, list[Sum]]] = defaultdict(lambda: {"located": [], "claimed": []})
        for at, way in (("located", ways.located), ("claimed", ways.claimed)):
            for (node, account, currency), amount in amounts(way).items():
                found[node, account][at].append(_sum(amount, currency))
        return tuple(
            Place(account=account, node=node, name=names.get(account, ""), hop=_hop(ways, hops, node, account), located=tuple(each["located"]),
                  claimed=tuple(each["claimed"]), lowest=self._lowest(ways, node, account), record=records.get((node, account), ""))
            for (node, account), each in sorted(found.items(), key=lambda one: (_hop(ways, hops, *one[0]), one[0]))
        )  # fmt: skip

    def _names(self, ways: Ways) -> dict[str, str]:
        """Account → holder's name as documents show it."""
        steps = [moved.payment for way in (ways.located, ways.claimed) for _, moved in way.steps]
        told = self._money.payments(steps).values()
        found = {each.payment.payer: each.payment.payer_name for each in told if each.payment.payer_name}
        return {**found, **{each.payment.payee: each.payment.payee_name for each in told if each.payment.payee_name}}

    def _lowest(self, ways: Ways, node: str, account: str) -> Sum | None:
        """Lowest balance since the money came, where the line is ours: the bound of a claim there."""
        from spean.tracing.engine import lowest

        for currency, moved in ways.located.steps if node == self._ground.me else ():
            ledger = self._money.ledgers.ledger(currency)
            if moved.payee == account and ledger is not None:
                return _sum(lowest(ledger, moved.payment), currency)
        return None

    # hops -------------------------------------------------------------------------------------------------------

    def hops(self, row: CaseRow, ways: Ways, chances: dict[str, int] | None = None) -> list[Hop]:
        """Requests that were sent, and places abroad for which none is out. ``chances``: see ``chances``, where they are known."""
        ground = self._ground
        with ground.store.read() as tx:
            sent = [each.record for each in tx.money.hops(row.record)]
        asked = self.asked([row.record] if ":stop-payment:" in row.record else sent)
        located, claimed = amounts(ways.located), amounts(ways.claimed)
        found = [self._sent(row.record, each, located, claimed) for each in asked]
        out = {(hop.node, hop.account) for hop in found if hop.state not in ("withdrawn",)}
        chances = self.chances() if chances is None else chances
        for key in dict.fromkeys((*located, *claimed)):
            node, account, _ = key
            if (node, account) not in out and account and self._asks(node, account):
                found.append(self._open(row, ways, key, located.get(key, 0), claimed.get(key, 0), chances))
        return sorted(found, key=lambda hop: (hop.state != "to-send", -hop.value, hop.hop, hop.account))

    def _asks(self, node: str, account: str) -> bool:
        """Whether somebody can be asked for a hold there; at home, a bank of ours or whoever keeps a wallet of our exchanges. Nobody is
        for charges and cash, which documents leave unnamed."""
        if account == UNNAMED:
            return False
        return node != self._ground.me or not (account.startswith("<") or self._money.homes().public(account))

    def _open(self, row: CaseRow, ways: Ways, key: Key, located: int, claimed: int, chances: dict[str, int]) -> Hop:
        """A place for which nothing was sent."""
        node, account, currency = key
        since, hop = _since(ways, node, account), _hop(ways, _hops(ways), node, account)
        worth = int(min(located or claimed, claimed) * ways.located.rates.get(currency, 1))
        rank = value(Request(account, worth, chances.get(node, CHANCE), since), self._ground.clock.now(), HALF_LIFE)
        return Hop(
            case=row.record, record="", node=node, institution=institution(account), account=account, hop=hop, state="to-send",
            located=_sum(located, currency), claimed=_sum(claimed, currency), asked=_sum(claimed, currency), held=_sum(0, currency),
            lost=_sum(0, currency), rule=self._money.following.rule(node, known_rule(row.claim)), since=since, due_at=None, due="",
            next="send" if node and claimed else "", value=rank if node else 0,
        )  # fmt: skip

    def _sent(self, case: str, asked: Asked, located: dict[Key, int], claimed: dict[Key, int]) -> Hop:
        """A request, with what the trace says of its account now."""
        row, request = asked.row, asked.request
        holder = (*row.parties.get("holder", ()), "")[0]
        state = cast(HopState, row.state)  # the states of the procedure are those of a hop
        unit = Sum(amount=0, currency=request.currency, digits=request.digits)
        now_at, now_claimed = (
            sum(amount for (node, account, _), amount in place.items() if (node, account) == (holder, request.account))
            for place in (located, claimed)
        )
        held = asked.held if state in HELD else 0
        there = request.asked if not located and not claimed else min(request.asked, max(now_at, now_claimed))
        lost = max(0, there - held) if state in LOST or state in HELD else 0
        due = {"sent": "escalate", "held": "lapse", "confirmed": "lapse", "disputed": "complaint-overdue"}.get(
            state, ""
        )
        return Hop(
            case=case, record=row.id, node=holder, institution=request.institution, account=request.account, hop=request.hop,
            state=state, located=replace(unit, amount=now_at or request.located), claimed=replace(unit, amount=now_claimed or request.claimed),
            asked=replace(unit, amount=request.asked), held=replace(unit, amount=held), lost=replace(unit, amount=lost),
            rule=known_rule(request.rule), since=request.arrived_at,
            due_at=(asked.until if due == "lapse" else row.due_at) if due else None, due=due, next=self._next(asked), value=0,
        )  # fmt: skip

    def _next(self, asked: Asked) -> str:
        """The next act of ours, by the state."""
        row = asked.row
        if self._ground.me in row.parties.get("holder", ()):
            due = {"sent": "acknowledge", "acknowledged": "hold", "disputed": "release", "held": "confirm"}.get(
                row.state, ""
            )
            if due or not self._asker(row):
                return due
        return "take-note" if row.state in ("released", "auto-released") and not asked.noted else ""

    def _asker(self, row: RecordRow) -> bool:
        return self._ground.me in row.parties.get("asker", ())

    def asked(self, records: Iterable[str]) -> list[Asked]:
        """The requests with these records whose words can be read."""
        ground, found = self._ground, []
        with ground.reading() as tx:
            work = Work(ground, tx)
            for row in tx.records.many(records).values():
                acts = sorted(ground.projector.acts_of(work, row.id), key=lambda act: (act.time, act.id))
                request = next((act.body for act in acts if isinstance(act.body, StopRequest)), None)
                if request is not None:
                    found.append(
                        Asked(row, request, _held(acts), _until(acts), any(act.kind == "take-note" for act in acts))
                    )
        return found

    def chances(self) -> dict[str, int]:
        """By node: how many of a thousand requests it answered with a hold, so far as we know (rule of succession)."""
        counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        with self._ground.store.read() as tx:
            rows = tx.records.list(procedure="stop-payment", limit=1000)
        for row in rows:
            for node in row.parties.get("holder", ()):
                if row.state not in ("sent", "acknowledged", "withdrawn"):
                    counts[node][1] += 1
                    counts[node][0] += row.state in HELD
        return {node: 1000 * (held + 1) // (answered + 2) for node, (held, answered) in counts.items()}

    # the board --------------------------------------------------------------------------------------------------

    def board(self, who: Who) -> list[Hop]:
        """Every hop of every open case of ours, and every request to us; accounts masked, so that it is no read of contents."""
        from spean.node.money.asking import PURPOSE

        who.need_purpose(PURPOSE)
        with self._ground.store.read() as tx:
            cases = tx.money.open_cases()
            rows = [*tx.records.list(procedure="stop-payment", open_only=True, limit=1000)]
        found, chances = list[Hop](), self.chances()
        for row in cases:
            try:
                found += self.hops(row, self._money.following.ways(row)[0], chances)
            except SpeanError:
                continue
        ours = [row.id for row in rows if self._ground.me in row.parties.get("holder", ()) and not self._asker(row)]
        found += [self._sent(each.request.case, each, {}, {}) for each in self.asked(ours)]
        return [replace(hop, account=masked(hop.account)) for hop in found]


def _reported(report: FraudReport, currency: str) -> Sum:
    """What the victim paid in it, as finely as she told."""
    told = [each for each in report.payments if each.currency == currency.partition("@")[0]]
    places = max((each.digits for each in told), default=digits(currency))
    paid = sum(cut(each.amount, each.digits, places)[0] for each in told)
    return Sum(amount=paid, currency=currency.partition("@")[0], digits=places)


def _part(request: StopRequest) -> Sum:
    return Sum(amount=request.part_to - request.part_from, currency=request.currency, digits=request.digits)


def amounts(way: Way) -> dict[Key, int]:
    """What stands where, together with what waits for an answer at the account that it was paid to."""
    found = dict(way.standing)
    for each in way.waits:
        key = each.node, each.account, each.currency
        found[key] = found.get(key, 0) + each.part.end - each.part.start
    return found


def _held(acts: Sequence[Act]) -> int:
    """What is held by the acts of a record in order."""
    held = 0
    for act in acts:
        body: Any = act.body
        if act.kind == "hold" and body is not None:
            held = body.amount
        elif act.kind == "ease" and body is not None:
            held = body.stays
        elif act.kind in ("confirm", "seize") and body is not None:
            held = min(held, body.amount)
    return held


def _until(acts: Sequence[Act]) -> int | None:
    ends = [
        act.body.until for act in acts if act.kind in ("hold", "review", "extend", "confirm") and act.body is not None
    ]
    return ends[-1] if ends else None


def _foreign(found: dict[tuple[str, str], Edge], each: Any, at: str) -> None:
    """A payment that another node told of."""
    key = each.currency, each.onward.payment
    edge = found.get(key) or Edge(
        payment=each.onward.payment, payer="", payee=each.onward.account, node=each.node, hop=each.hop, located=None, claimed=None,
        time=each.onward.paid_at, document="", source="", grade=0, reference="", fact=(*each.facts, "")[0],
    )  # fmt: skip
    known: Sum | None = getattr(edge, at)
    amount = each.onward.end - each.onward.start + (0 if known is None else known.amount)
    into = each.onward.into
    unit = "" if into is None else into.currency.partition("@")[0]
    became = None if into is None else Sum(amount=into.end - into.start, currency=unit, digits=into.digits)
    found[key] = _with(replace(edge, converted=became, to=each.onward.node), at, _sum(amount, each.currency))


def _with(edge: Edge, at: str, amount: Sum) -> Edge:
    return replace(edge, located=amount) if at == "located" else replace(edge, claimed=amount)


def _hops(ways: Ways) -> dict[str, int]:
    """Account → how many payments the money has made when it is there."""
    found: dict[str, int] = {}
    for way in (ways.located, ways.claimed):
        for _, moved in way.steps:
            found[moved.payee] = min(found.get(moved.payee, moved.hop), moved.hop)
        for each in way.crossed:
            found.setdefault(each.onward.account, each.hop)
        for wait in way.waits:
            found.setdefault(wait.account, wait.hop)
    return found


def _hop(ways: Ways, hops: dict[str, int], node: str, account: str) -> int:
    """The same for a place; where its node shows no payment within, one more than the payment that came in, at the least."""
    if account in hops:
        return hops[account]
    came_in = [each.hop for way in (ways.located, ways.claimed) for each in way.crossed if each.onward.node == node]
    return min(came_in, default=0) + 1


def _since(ways: Ways, node: str, account: str) -> int:
    """When money of the case came to an account, as far as it was told; else when the last of it came to its node, which shows no
    payment within. Later is safe: it ranks such a place higher, never lower."""
    crossed = [each.onward for way in (ways.located, ways.claimed) for each in way.crossed]
    there = [each.paid_at for each in crossed if each.account == account]
    return max(there or [each.paid_at for each in crossed if each.node == node], default=0)


def _unanswered(way: Way) -> tuple[Unanswered, ...]:
    return tuple(
        Unanswered(node=each.node, amount=_sum(each.part.end - each.part.start, each.currency), why=each.why)
        for each in way.waits
    )


def _sum(amount: int, currency: str) -> Sum:
    return Sum(amount=amount, currency=currency.partition("@")[0], digits=digits(currency))


def added(sums: Iterable[Sum]) -> tuple[Sum, ...]:
    """Sums put together, each currency once; nothing of nothing."""
    found: dict[tuple[str, int], int] = {}
    for each in sums:
        if each.amount:
            found[each.currency, each.digits] = found.get((each.currency, each.digits), 0) + each.amount
    return tuple(
        Sum(amount=amount, currency=currency, digits=places) for (currency, places), amount in sorted(found.items())
    )


def masked(account: str) -> str:
    """An account as a board shows it: who keeps it, and its last four signs."""
    head, sign, rest = account.rpartition("/" if "/" in account else ":")
    return f"{head}{sign}…{rest[-4:]}" if len(rest) > 4 else account
