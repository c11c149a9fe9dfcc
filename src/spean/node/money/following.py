"""Open cases, followed through our ledgers and those of partners: traced at their beginning, and again by every payment or answer that
touches them. Two rules run side by side: LIFO locates, the case's own rule claims."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec

from spean.core.errors import Conflict, InvalidInput, NotFound, Refusal, SpeanError
from spean.formats.chain.tokens import digits
from spean.holds.model import StopRequest
from spean.holds.reports import FraudReport, Traced
from spean.node.acts.acting import Intent
from spean.node.entry.people import Who
from spean.node.money.asking import Wanted
from spean.node.money.finding import account_names, find
from spean.node.money.sheet import amounts
from spean.node.work import Work
from spean.store.rows import CaseRow
from spean.tracing.borders import Part
from spean.tracing.cases import OpenCases
from spean.tracing.model import Rule, known_rule

if TYPE_CHECKING:
    from spean.ledgers.live import Arrived
    from spean.node.ground import Ground
    from spean.node.money.crossing import Way
    from spean.node.money.money import Money

LOCATE: Rule = "lifo"
ERASED = "import:"
"""What a trace says that was made anew because a file was erased: this and the file's id."""
NEED = "to find where the money of a reported fraud lies now, before it moves on"


@dataclass(frozen=True, slots=True)
class Ways:
    """A case's money by both rules."""

    located: Way
    claimed: Way
    starts: tuple[tuple[str, str], ...]
    """Currency and name of each payment from which it was followed; empty: our ledgers know none of them yet."""


class Following:
    """Traces cases, and knows which of them a new payment touches."""

    def __init__(self, ground: Ground, money: Money) -> None:
        self._ground = ground
        self._money = money
        self._turn = threading.RLock()
        self._watched: dict[str, OpenCases] = {}
        """By currency; a watched name is ``case|rule|payment``."""
        self._entries: dict[str, set[tuple[str, str, Rule]]] = {}
        self._victims: dict[str, set[str]] = {}
        self._requests: dict[str, tuple[str, str]] = {}
        """Watched requests to us: currency, and the name under which it is watched."""
        self._loaded = False
        self._beginning: threading.Thread | None = None

    # tracing --------------------------------------------------------------------------------------------------

    def trace(self, who: Who, case: str, claim: str = "") -> Ways:
        """Follow a validated report's money, now and from now on. ``claim``: the rule by which it is claimed (FIFO unless said).

        What partners have to tell is asked in the same go; their answers come as they come. Raises ``Conflict`` and ``Refusal``.
        """
        self._money.need(who, case)
        report, state = self.report(case)
        if state not in ("validated", "traced", "following"):
            raise Conflict(
                "The report cannot be followed yet", why=f"it is {state}", remedy="complete and validate it first"
            )
        with self._turn:
            self._load()
            row = self._case(case, report, claim)
            ways, wanted = self.ways(row)
            self._money.asking.ask(who, case, wanted, NEED)
            self._watch(row, ways)
            self._told(who, row, ways, state)
        return ways

    def ways(self, row: CaseRow) -> tuple[Ways, Wanted]:
        """Both traces as ledgers and answers stand, and what should be asked."""
        from spean.node.money.crossing import Tracer
        from spean.node.money.own import Own

        ground, wanted = self._ground, Wanted()
        own = Own(self._money, self._money.homes())
        reader = self._money.asking.reader(row.record, wanted)
        starts = tuple(
            (currency, name) for name in row.payment.split("\n") if name and (currency := self._ledger_of(name))
        )
        found: dict[Rule, Way] = {}
        base = known_rule(row.claim)
        for rule in dict.fromkeys((LOCATE, base)):
            found[rule] = Tracer(ground.me, own, reader, rule).trace(starts)
        rules = {node: self.rule(node, base) for node in (*_nodes(found[LOCATE]), *_nodes(found[base]))}
        for rule in dict.fromkeys(rules.values()):
            if rule not in found:
                found[rule] = Tracer(ground.me, own, reader, rule).trace(starts)
        return Ways(found[LOCATE], claims(found, base, rules), starts), wanted

    def rule(self, node: str, base: Rule) -> Rule:
        """By which rule money is claimed at ``node``: its country's, as our settings say, else the case's."""
        return known_rule(self._ground.settings.claim_rules.get(node, base))

    def received(self, request: StopRequest) -> Ways:
        """Where the money of a request that came to us is now, by our own ledgers alone. Raises ``NotFound``."""
        from spean.node.money.crossing import Tracer, nobody_asked
        from spean.node.money.own import Own

        ground = self._ground
        part = Part(request.payment, request.part_from, request.part_to)
        currency = self._money.routes.ledger_of(request.currency, request.digits, [part])
        own = Own(self._money, self._money.homes())

        entry = [(currency, ground.me, part)]
        located, claimed = (
            Tracer(ground.me, own, nobody_asked, rule).parts(entry) for rule in (LOCATE, known_rule(request.rule))
        )
        return Ways(located, claimed, ((currency, request.payment),))

    def _ledger_of(self, payment: str) -> str:
        """The ledger from which a payment is followed: that of its payer when it is converted."""
        ledgers = self._money.ledgers
        known = [
            name
            for name in ledgers.currencies()
            if (found := ledgers.ledger(name)) and found.names.order(payment) is not None
        ]
        if len(known) < 2:
            return known[0] if known else ""
        told = self._money.payments([payment]).get(payment)
        if told is None:
            return known[0]
        from spean.node.money.homes import sides

        return sides(told.payment, self._money.homes().ours(told.payment.payer)).paid.currency

    # cases ----------------------------------------------------------------------------------------------------

    def report(self, case: str) -> tuple[FraudReport, str]:
        """What a report says now, and its state. Raises ``NotFound``."""
        ground = self._ground
        with ground.reading() as tx:
            work = Work(ground, tx)
            record = tx.records.get(case)
            acts = ground.projector.acts_of(work, case)
        told = [
            act.body for act in sorted(acts, key=lambda act: (act.time, act.id)) if isinstance(act.body, FraudReport)
        ]
        if record.procedure != "fraud-report" or not told:
            raise NotFound(f"{case} is no report that can be followed", remedy="take the report down first")
        return told[-1], record.state

    def case(self, case: str) -> CaseRow:
        """The followed case. Raises ``NotFound``."""
        with self._ground.store.read() as tx:
            row = tx.money.case(case)
        if row is None:
            raise NotFound(f"{case} is not followed yet", remedy="have it traced first")
        return row

    def _case(self, case: str, report: FraudReport, claim: str) -> CaseRow:
        """The case with the payments that our ledgers know by now."""
        with self._ground.store.read() as tx:
            row = tx.money.case(case)
        if claim and known_rule(claim) == "poison":
            raise InvalidInput("claim", "poison sums nothing", remedy="fifo, lifo or haircut")
        now, names = (
            self._ground.clock.now(),
            [name for each in report.payments if (name := find(self._money.ledgers, each))],
        )
        first = report.payments[0].currency if report.payments else ""
        if row is None:
            row = CaseRow(record=case, payment="", currency=first, claim=claim or "fifo", opened_at=now, traced_at=now, again="",
                          closed=False)  # fmt: skip
        row = replace(
            row, payment="\n".join(dict.fromkeys(names)), claim=claim or row.claim, traced_at=now, closed=False
        )
        accounts = [
            name for each in report.payments for name in account_names(each.sender_institution, each.sender_account)
        ]
        with self._ground.store.write() as tx:
            tx.money.save_case(row)
            for account in accounts:
                tx.money.add_victim(self._money.vault.hashed("account", account), case, now)
        for account in accounts:
            self._victims.setdefault(account, set()).add(case)
        return row

    def _told(self, who: Who, row: CaseRow, ways: Ways, state: str, again: str = "") -> None:
        """The trace as a fact of the report's record."""
        from spean.node.money.asking import plain_currency

        kind = "retrace" if state == "following" else "trace"
        if not ways.starts or (kind == "trace" and state not in ("validated", "traced")):
            return
        currency, payment = ways.starts[0]
        amount = sum(self._amount(*start) for start in ways.starts if start[0] == currency)
        form = {
            "payment": payment, "currency": plain_currency(currency), "digits": digits(currency), "amount": amount, "locate": LOCATE,
            "claim": row.claim, "places": min(100_000, len(ways.located.standing)), "result": self._result(ways),
        }  # fmt: skip
        if self._last(row.record) == form:
            return  # nothing has moved since the last one
        form["again"] = again
        self._ground.acting.act(who, Intent(kind=kind, form=form, record=row.record))

    def _result(self, ways: Ways) -> str:
        """A keyed hash of where the money lies and what waits, by both rules."""
        lies = [
            sorted((*place, str(amount)) for place, amount in amounts(way).items())
            for way in (ways.located, ways.claimed)
        ]
        return self._money.vault.hashed("trace", json.dumps(lies)).hex()[:32]

    def _last(self, case: str) -> dict[str, Any] | None:
        """The last trace that the report's record tells of, but for what caused it."""
        ground = self._ground
        with ground.reading() as tx:
            acts = ground.projector.acts_of(Work(ground, tx), case)
        told = [act for act in sorted(acts, key=lambda act: (act.time, act.id)) if isinstance(act.body, Traced)]
        if not told:
            return None
        found: dict[str, Any] = msgspec.to_builtins(told[-1].body)
        return {name: value for name, value in found.items() if name != "again"}

    def _amount(self, currency: str, payment: str) -> int:
        from spean.tracing.segment import AMOUNT

        ledger = self._money.ledgers.ledger(currency)
        return 0 if ledger is None else int(ledger.line(ledger.order(payment))[AMOUNT])

    # watching -------------------------------------------------------------------------------------------------

    def arrived(self, currency: str, payments: Sequence[str], arrived: Arrived) -> None:
        """Payments are in the ledger of ``currency``: cases that they touch are traced again, and questions that waited for them answered."""
        with self._turn:
            known = self._loaded
            traced = self._load()
            touched = self._touched(currency, payments, arrived) if known else _carried(traced, currency, set(payments))
            touched.update(self._watch_requests(set(payments)))
            lacking = {row.record: "" for row in self._open() if not row.payment}
        self._second_payments(currency, payments)
        for case, payment in {**lacking, **touched}.items():
            if case in self._requests:
                self._moved(case, payment)
            else:
                self.again(case, payment)
        self._money.asking.retry()

    def _touched(self, currency: str, payments: Sequence[str], arrived: Arrived) -> dict[str, str]:
        cases, ledger = self._watched.get(currency), self._money.ledgers.ledger(currency)
        if cases is None or ledger is None:
            return {}
        found: dict[str, str] = {}
        for each in cases.arrived(ledger, payments, arrived.late):
            found.setdefault(each.case.split("|", 1)[0], each.payment)
        return found

    def _watch_requests(self, payments: set[str]) -> dict[str, str]:
        """Requests to us that are not held yet: when their money moves on, a hold of it would come too late. Those that came since are
        watched from now on; which of them ``payments`` have touched already."""
        ground, touched = self._ground, dict[str, str]()
        with ground.store.read() as tx:
            rows = [*tx.records.list(procedure="stop-payment", open_only=True, limit=1000)]
        open_ = {
            row.id
            for row in rows
            if row.state in ("sent", "acknowledged")
            and ground.me in row.parties.get("holder", ())
            and ground.me not in row.parties.get("asker", ())  # of our own, the case is watched
        }
        for gone in set(self._requests) - open_:
            currency, name = self._requests.pop(gone)
            self._watched[currency].close(name)
        for asked in self._money.sheets.asked(open_ - set(self._requests)):
            request, record = asked.request, asked.row.id
            try:
                part = Part(request.payment, request.part_from, request.part_to)
                currency = self._money.routes.ledger_of(request.currency, request.digits, [part])
            except (NotFound, InvalidInput):
                continue  # its payment has not come in to us yet, or is counted otherwise: its sheet says so
            ledger = self._money.ledgers.ledger(currency)
            if ledger is not None:
                name = f"{record}|{request.rule}|{request.payment}"
                self._watched.setdefault(currency, OpenCases()).open(
                    ledger, name, request.payment, known_rule(request.rule)
                )
                self._requests[record] = currency, name
                moved = [
                    step.payment
                    for at, step in self.received(request).claimed.steps
                    if at == currency and step.payment in payments
                ]
                touched.update((record, each) for each in moved if each != request.payment)
        return touched

    def _moved(self, record: str, payment: str) -> None:
        """Money of a request to us moved on before it was held."""
        with self._ground.writing() as work:
            text = f"{record}: the money of this request moves on: hold what is left, or say where it went"
            work.tx.alarms.raise_("money-moved", f"{record}/{payment}", "critical", text, work.now)

    def through(self, payments: Collection[str]) -> list[str]:
        """The open cases whose money any of these payments carried."""
        found = []
        for row in self._open():
            try:
                ways, _ = self.ways(row)
            except SpeanError:
                found.append(row.record)
                continue
            moved = {step.payment for way in (ways.located, ways.claimed) for _, step in way.steps}
            if not (moved | set(row.payment.split("\n"))).isdisjoint(payments):
                found.append(row.record)
        return found

    def traced_without(self, file: str, cases: Collection[str] | None) -> None:
        """The ledgers were made anew without a file: whatever is watched is watched in them, and ``cases`` (None: all that are open) are
        traced again and say so. Partners whom our answers told something else get new ones."""
        with self._turn:
            for watched in (self._watched, self._entries, self._victims, self._requests):
                watched.clear()
            self._loaded = False
            open_ = [row.record for row in self._open()]
        for case in open_ if cases is None else [each for each in open_ if each in cases]:
            self.again(case, erased=file)
        self._money.asking.retry()

    def again(self, case: str, payment: str = "", erased: str = "") -> None:
        """Trace a case anew: a payment touched it, a partner answered, or a file was erased. Whoever watches the board sees it; the desk is
        alarmed when money moved, and when something is missing from now on."""
        ground, because = self._ground, f"{ERASED}{erased}" if erased else payment
        with self._turn:
            try:
                report, state = self.report(case)
                before = self.case(case)
            except NotFound:
                return None
            if before.closed or state == "closed":
                return self._close(before)
            self._load()
            row = self._case(case, report, "")
            if not because and row.payment == before.payment == "":
                return None
            ways, wanted = self.ways(row)
            clerk = ground.people.node_itself()
            self._money.asking.ask(clerk, case, wanted, NEED)
            self._watch(row, ways)
            with contextlib.suppress(Refusal, Conflict):  # the report moved on meanwhile: the trace is what counts
                self._told(clerk, row, ways, state, because)
        with ground.writing() as work:
            work.tx.money.traced(case, work.now, because)
            if erased:
                text = f"{case}: a file that told of its money was erased; it is traced without it: look at its sheet"
                work.tx.alarms.raise_("file-erased", f"{case}/{erased}", "warning", text, work.now)
            elif payment:
                text = f"{case}: a payment moved money of this case: look at its sheet"
                work.tx.alarms.raise_("money-moved", f"{case}/{payment}", "warning", text, work.now)
        return None

    def _second_payments(self, currency: str, payments: Iterable[str]) -> None:
        """A victim pays again (C9): somebody calls her at once."""
        if not self._victims:
            return
        ground, told = self._ground, self._money.payments(payments)
        for name, each in told.items():
            for case in sorted(self._victims.get(each.payment.payer, ())):
                try:
                    report, state = self.report(case)
                except SpeanError:
                    continue
                if state == "closed" or each.payment.time_ms <= report.reported_at:
                    continue
                text = "The victim of this report pays again: call at once, before the money is gone."
                form = {"about": "repeat-victim", "payment": name, "text": text}
                ground.acting.act(ground.people.node_itself(), Intent(kind="alert", form=form, record=case))
                with ground.writing() as work:
                    work.tx.alarms.raise_("repeat-victim", f"{case}/{name}", "critical", f"{case}: {text}", work.now)

    def _open(self) -> list[CaseRow]:
        with self._ground.store.read() as tx:
            return tx.money.open_cases()

    def begin(self) -> None:
        """After a start: trace what is followed beside everything else, so that no payment waits for it later."""
        if self._open():
            self._beginning = threading.Thread(target=self._begin, name="open cases", daemon=True)
            self._beginning.start()

    def end(self) -> None:
        """Wait until that is done."""
        if self._beginning is not None:
            self._beginning.join()

    def _begin(self) -> None:
        with self._turn:
            self._load()

    def _load(self) -> dict[str, Ways]:
        """After a start: what is followed; each open case's money as it stands, where it was not loaded before."""
        traced: dict[str, Ways] = {}
        if self._loaded:
            return traced
        self._loaded = True
        for row in self._open():
            try:
                report, _ = self.report(row.record)
                traced[row.record] = self.ways(row)[0]
                self._watch(row, traced[row.record])
            except SpeanError:
                continue
            for each in report.payments:
                for account in account_names(each.sender_institution, each.sender_account):
                    self._victims.setdefault(account, set()).add(row.record)
        return traced

    def _watch(self, row: CaseRow, ways: Ways) -> None:
        """Watch every payment by which the case's money came into a ledger of ours, whole: what it carries of others is more, never less."""
        wanted = {
            (currency, payment, way.rule)
            for way in (ways.located, ways.claimed)
            for currency, payment in (*way.entries, *ways.starts)
        }
        known = self._entries.setdefault(row.record, set())
        for currency, payment, rule in known - wanted:
            self._watched[currency].close(f"{row.record}|{rule}|{payment}")
        for currency, payment, rule in wanted - known:
            ledger = self._money.ledgers.ledger(currency)
            if ledger is not None:
                cases = self._watched.setdefault(currency, OpenCases())
                cases.open(ledger, f"{row.record}|{rule}|{payment}", payment, rule)
        self._entries[row.record] = wanted

    def _close(self, row: CaseRow) -> None:
        with self._ground.store.write() as tx:
            tx.money.save_case(replace(row, closed=True))
        self._money.asking.withdraw(row.record)
        for currency, payment, rule in self._entries.pop(row.record, set()):
            self._watched[currency].close(f"{row.record}|{rule}|{payment}")


def _carried(traced: Mapping[str, Ways], currency: str, payments: set[str]) -> dict[str, str]:
    """The first payments after a start, which nobody watched for yet: whatever they carried of a case touched it."""
    found: dict[str, str] = {}
    for case, ways in traced.items():
        for at, moved in (*ways.located.steps, *ways.claimed.steps):
            if at == currency and moved.payment in payments:
                found.setdefault(case, moved.payment)
    return found


def _nodes(way: Way) -> set[str]:
    return {node for node, _, _ in way.standing} | {each.node for each in way.waits}


def claims(found: Mapping[Rule, Way], base: Rule, rules: Mapping[str, Rule]) -> Way:
    """What may be claimed where: at each node by the rule of its country. With one rule it is that trace itself; with several each
    place's amount is right by its own rule, and they need not add up to the payment."""
    if set(rules.values()) <= {base}:
        return found[base]
    mixed = replace(found[base], standing={}, crossed=[], waits=[])
    for rule in dict.fromkeys((base, *rules.values())):
        way = found[rule]
        mixed.standing |= {key: amount for key, amount in way.standing.items() if rules.get(key[0], base) == rule}
        mixed.crossed += [each for each in way.crossed if rules.get(each.onward.node, base) == rule]
        mixed.waits += [each for each in way.waits if rules.get(each.node, base) == rule]
    return mixed
