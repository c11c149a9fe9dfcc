"""Requests to stop money: traced once more, one for each place and payment, all sent in parallel, the most worth first.

Nobody is asked for more than the case's rule claims there (R50). Each request is a record of its own between two nodes, judged by its
agreement; one that is refused keeps nobody else waiting.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spean.core.errors import Conflict, InvalidInput, SpeanError
from spean.formats.chain.tokens import digits
from spean.holds.reports import FraudReport
from spean.node.acts.acting import Done, Intent, Marks
from spean.node.entry.people import Who
from spean.node.money.asking import plain_currency
from spean.node.money.homes import institution
from spean.node.money.sheet import Key, amounts
from spean.store.rows import CaseRow, HopRow
from spean.tracing.model import known_rule

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.node.money.crossing import Way
    from spean.node.money.following import Ways
    from spean.node.money.intake import Told
    from spean.node.money.money import Money

PLACE = 40
"""Letters of an institution's code or name in a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What came of the request for one place: the act, or why it was refused."""

    node: str
    account: str
    amount: int
    currency: str
    done: Done | None
    error: SpeanError | None


@dataclass(slots=True)
class Came:
    """A payment by which traced money came into the ledger of a node, as far as we know it."""

    payment: str
    start: int
    end: int
    amount: int
    account: str
    paid_at: int
    hop: int
    hash: str = ""
    told: Told | None = None


class Sending:
    """Sends stop-payment requests."""

    def __init__(self, ground: Ground, money: Money) -> None:
        self._ground = ground
        self._money = money

    def send(self, who: Who, case: str, places: Sequence[tuple[str, str]] = (), *, basis: str = "", contact_name: str = "",
             contact_phone: str = "", marks: Marks | None = None) -> list[Sent]:  # fmt: skip
        """Ask for holds at ``places`` (node, account); at all that nobody was asked about when none is named.

        Raises ``InvalidInput`` for a place where nothing can be claimed, ``Conflict`` when there is nothing to ask for.
        """
        money = self._money
        money.need(who, case)
        ways = money.following.trace(who, case)  # before each request goes out
        row, (report, _) = money.following.case(case), money.following.report(case)
        chosen = self._chosen(row, ways, places)
        contact = {
            "contact_name": contact_name or report.contact_name,
            "contact_phone": contact_phone or report.contact_phone,
        }
        forms = [
            (key, form) for key in chosen for form in self._forms(row, report, ways, key, {"basis": basis, **contact})
        ]
        intents = [
            Intent(kind="send", form=form, procedure="stop-payment", to=(key[0],), marks=self._marks(key, marks))
            for key, form in forms
        ]
        done = self._ground.acting.act_each(who, intents)
        sent = [_sent(key, form, came) for (key, form), came in zip(forms, done, strict=True)]
        self._keep(case, forms, done)
        records = [each.record for each in done if isinstance(each, Done)]
        if records and money.following.report(case)[1] == "traced":
            self._ground.acting.act(who, Intent(kind="follow", form={"records": records[:1000]}, record=case))
        return sent

    def _chosen(self, row: CaseRow, ways: Ways, places: Sequence[tuple[str, str]]) -> list[Key]:
        """The places to ask for, the most worth first."""
        open_ = [hop for hop in self._money.sheets.hops(row, ways) if hop.state == "to-send" and hop.next == "send"]
        ranked = {(hop.node, hop.account): number for number, hop in enumerate(open_)}
        wanted = list(ranked) if not places else list(dict.fromkeys(places))
        for place in wanted:
            if place not in ranked:
                raise InvalidInput("places", f"nothing can be claimed at {place[1][:60]} of {place[0][:10] or 'nobody known'} now",
                                   remedy="see the case's sheet: it was asked for, or the money went on", rule="R50")  # fmt: skip
        keys = [key for key in amounts(ways.claimed) if (key[0], key[1]) in wanted]
        if not keys:
            raise Conflict("There is nothing to ask for", why="no traced money lies abroad that nobody was asked about",
                           remedy="wait for the answers that are open")  # fmt: skip
        return sorted(keys, key=lambda key: ranked[key[0], key[1]])

    def _marks(self, key: Key, marks: Marks | None) -> Marks:
        data = "wallet" if key[1].count(":") == 2 else "account"
        return self._money.routes.marks("stop-payment", "send", key[0], data, marks)

    def _forms(
        self, row: CaseRow, report: FraudReport, ways: Ways, key: Key, given: dict[str, str]
    ) -> Iterator[dict[str, Any]]:
        """A request for each payment that brought the money: no request claims more than its payment brought (R50)."""
        node, account, currency = key
        left, located = amounts(ways.claimed)[key], amounts(ways.located).get(key, 0)
        several = came(self._money, ways.claimed, node, currency, account if node == self._ground.me else "")
        if not several:
            raise InvalidInput(
                "places", f"no payment is known that brought it to {node}", remedy="trace the case again"
            )
        given = {**given, "hash": ways.claimed.hashes.get(account, "")}
        several.sort(key=lambda each: (each.account != account, each.start - each.end))
        for each in several:
            claimed = min(left, each.amount)
            if not claimed:
                return
            yield self._form(row, report, each, key, claimed, min(located, each.amount), given)
            left, located = left - claimed, max(0, located - claimed)

    def _form(
        self, row: CaseRow, report: FraudReport, by: Came, key: Key, claimed: int, located: int, given: dict[str, str]
    ) -> dict[str, Any]:
        _, account, currency = key
        first = min(report.payments, key=lambda each: each.transferred_at)
        told = None if by.told is None else by.told.payment
        mine = told is not None and told.payee == account
        chain = _chain(account)
        return {
            "case": row.record, "hop": max(1, by.hop + (by.account != account)), "victim": report.victim, "reported_at": report.reported_at,
            "transferred_at": first.transferred_at, "arrived_at": by.paid_at or first.transferred_at, "amount": by.amount,
            "currency": plain_currency(currency), "digits": digits(currency), "payment": by.payment, "part_from": by.start,
            "part_to": by.end, "sender_institution": "" if told is None else (told.payer_agent or institution(told.payer))[:PLACE],
            "institution": self._institution(account, told.payee_agent if told is not None and mine else ""), "account": account,
            "chain": chain, "holder_name": told.payee_name[:200] if told is not None and mine else "",
            "uetr": "" if told is None else told.references.uetr, "end_to_end": "" if told is None else told.references.end_to_end[:35],
            "transaction_hash": given["hash"] if chain else "", "channel": str(first.channel), "scam_type": str(report.scam_type),
            "located": located, "claimed": claimed, "rule": self._money.following.rule(key[0], known_rule(row.claim)),
            "asked": claimed, "complaint_reference": report.complaint_reference,
            "basis": given["basis"] or "request of the police of the victim's country", "contact_name": given["contact_name"],
            "contact_phone": given["contact_phone"],
        }  # fmt: skip

    def _institution(self, account: str, agent: str) -> str:
        """Where the account is kept: as the payment says, as the account says (an IBAN: country, check digits, bank), or as the
        directory says of a wallet."""
        code = agent or institution(account)
        if not code:
            _, sign, holder = self._money.homes().owner(account).why.partition("wallets of ")
            code = holder if sign else account.partition(":")[0] if ":" in account else account[:8]
        return code[:PLACE] or "unknown"

    def _keep(self, case: str, forms: Sequence[tuple[Key, dict[str, Any]]], done: Sequence[Done | SpeanError]) -> None:
        hashed = self._money.vault.hashed
        rows = [
            HopRow(record=came.record, case=case, place=hashed("place", *key), hop=form["hop"])
            for (key, form), came in zip(forms, done, strict=True) if isinstance(came, Done)
        ]  # fmt: skip
        with self._ground.store.write() as tx:
            for row in rows:
                tx.money.add_hop(row)


def came(money: Money, way: Way, node: str, currency: str, account: str = "") -> list[Came]:
    """The payments by which traced money came to ``node`` in ``currency``, each with the whole stretch of its slices; with ``account``,
    those of our own ledgers that brought it there."""
    found: dict[str, Came] = {}
    for at, moved in way.steps:
        if account and (at, moved.payee) == (currency, account):
            found[moved.payment] = Came(moved.payment, moved.start, moved.end, moved.end, account, 0, moved.hop)
    for each in way.crossed:
        out = each.onward
        if out.node != node or account:
            continue
        into = out.into
        unit = (each.currency, digits(each.currency)) if into is None else (into.currency, into.digits)
        if (plain_currency(unit[0]), unit[1]) != (plain_currency(currency), digits(currency)):
            continue
        start, end = (out.start, out.end) if into is None else (into.start, into.end)
        known = found.setdefault(
            out.payment, Came(out.payment, start, end, end, out.account, out.paid_at, each.hop, out.transaction_hash)
        )
        known.start, known.end = min(known.start, start), max(known.end, end)
        known.amount = max(known.amount, known.end)
    for name, told in money.payments(found).items():
        payment, found[name].told = told.payment, told
        found[name].paid_at = found[name].paid_at or payment.time_ms
        whole = [payment.amount_minor] if payment.currency == currency else []
        if payment.instructed is not None and payment.instructed.currency == currency:
            whole.append(payment.instructed.minor)
        found[name].amount = max(found[name].amount, *whole, 0)
    return list(found.values())


def _chain(account: str) -> str:
    if account.count(":") != 2:
        return ""
    from spean.entities.values.chains import BY_ID

    known = account.rpartition(":")[0]
    return BY_ID[known].name if known in BY_ID else known[:40]


def _sent(key: Key, form: dict[str, Any], came: Done | SpeanError) -> Sent:
    refused = came if isinstance(came, SpeanError) else None
    done = came if isinstance(came, Done) else None
    return Sent(node=key[0], account=key[1], amount=form["asked"], currency=key[2], done=done, error=refused)
