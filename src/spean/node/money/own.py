"""What our own ledgers tell of a slice of money: for our own traces with every step, for other nodes only what leaves and what rests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spean.core.errors import NotFound
from spean.formats.chain.tokens import counted_name, digits
from spean.holds.questions import Converted, Onward, Rest, TraceAnswer
from spean.node.money.homes import Homes, sides
from spean.tracing import borders
from spean.tracing.borders import Part
from spean.tracing.convert import across
from spean.tracing.engine import Flow, Ledger, follow
from spean.tracing.model import Rule
from spean.tracing.segment import AMOUNT, Start

if TYPE_CHECKING:
    from spean.formats.model import Payment
    from spean.node.money.intake import Told
    from spean.node.money.money import Money


@dataclass(frozen=True, slots=True)
class Moved:
    """A payment of our ledgers that carried traced money, as its ``hop``-th hop since the money came in."""

    payment: str
    payer: str
    payee: str
    amount: int
    hop: int
    start: int = 0
    end: int = 0
    """The stretch of the payment in which its slices lie."""


class Own:
    """Traces through our ledgers. One for each trace: the directory is read once."""

    def __init__(self, money: Money, homes: Homes) -> None:
        self._money = money
        self.homes = homes

    def answer(
        self, rule: Rule, currency: str, parts: Sequence[Part], until: int | None, own: str | None = None
    ) -> TraceAnswer:
        """Where these parts, and the whole of our own payment ``own``, went. Raises ``NotFound`` for what is not in our ledgers."""
        ledger = self._ledger(currency)
        question = borders.Question(rule, tuple(parts), until)
        found = borders.answer(borders.Country(ledger, lambda _: "", self.homes.public), question, own)
        told = self._money.payments(each.part.payment for each in found.onward)
        slices: dict[str, list[Part]] = defaultdict(list)
        for each in found.onward:
            slices[each.part.payment].append(each.part)
        onward = [made for name, several in slices.items() for made in self._onward(told.get(name), several, rule)]
        wallets = {each.account for each in found.rests if each.account.count(":") == 2}
        filled = self._filled(wallets, self.steps(rule, currency, parts, until, own)) if wallets else {}
        rests = tuple(
            Rest(account=each.account, amount=each.amount, transaction_hash=filled.get(each.account, ""))
            for each in found.rests if each.amount
        )  # fmt: skip
        return TraceAnswer(onward=tuple(onward), rests=rests)

    def ledger_name(self, unit: str, places: int) -> str:
        """The ledger of a currency that an answer names: ours, else as every node would name it."""
        for name in self._money.ledgers.currencies():
            if name.partition("@")[0] == unit and digits(name) == places:
                return name
        return counted_name(unit, places)

    def steps(
        self, rule: Rule, currency: str, parts: Sequence[Part], until: int | None, own: str | None = None
    ) -> list[Moved]:
        """The payments that carried the money, in order; ours to see only."""
        ledger = self._ledger(currency)
        starts = [Start(ledger.order(part.payment), part.start, part.end) for part in parts]
        if own is not None:
            order = ledger.order(own)
            starts.append(Start(order, 0, ledger.line(order)[AMOUNT]))
        found = follow(ledger, starts, rule, until)
        sums: dict[int, list[int]] = {}
        if isinstance(found, Flow):
            for each in found.carried:
                sums[each.order] = [each.amount, each.hop, 0, each.amount]
            for start in starts:
                sums.setdefault(start.order, [start.end - start.start, 1, start.start, start.end])
        else:
            for piece in found:
                known = sums.setdefault(piece.order, [0, piece.hop, piece.start, piece.end])
                known[:] = [known[0] + piece.end - piece.start, min(known[1], piece.hop), min(known[2], piece.start),
                            max(known[3], piece.end)]  # fmt: skip
        return [Moved(ledger.names.payment(order), *ledger.parties(order), *sums[order]) for order in sorted(sums)]

    def _filled(self, wallets: set[str], steps: Sequence[Moved]) -> dict[str, str]:
        """Wallet → the transaction that brought the last of the money: public on its chain, and without it nobody finds the money there."""
        last = {moved.payee: moved.payment for moved in steps if moved.payee in wallets}
        told = self._money.payments(last.values())
        return {wallet: told[name].payment.references.hash for wallet, name in last.items() if name in told}

    def _ledger(self, currency: str) -> Ledger:
        ledger = self._money.ledgers.ledger(currency)
        if ledger is None:
            raise NotFound(f"No ledger of {currency[:12]} here", why="no file with it came in", remedy="import one")
        return ledger

    def _onward(self, told: Told | None, parts: Sequence[Part], rule: Rule) -> list[Onward]:
        """Slices of one payment that left: to whom, and what they became."""
        if told is None:
            return [Onward(node="", payment=part.payment, start=part.start, end=part.end) for part in parts]
        payment = told.payment
        node = self.homes.owner(payment.payee).node if payment.payee else ""
        into = _into(payment, parts, rule, self.homes)
        known: dict[str, Any] = {
            "account": payment.payee,
            "paid_at": payment.time_ms,
            "transaction_hash": payment.references.hash,
        }
        return [
            Onward(node=node, payment=part.payment, start=part.start, end=part.end, into=converted, **known)
            for part, converted in zip(parts, into, strict=True)
        ]


def _into(payment: Payment, parts: Sequence[Part], rule: Rule, homes: Homes) -> list[Converted | None]:
    """The slices in the currency that the payment became; None for each when it was not converted."""
    both = sides(payment, bool(payment.payer) and homes.ours(payment.payer))
    if not both.converts:
        return [None] * len(parts)
    currency, paid, received = both.received.currency, both.paid.minor, both.received.minor
    if rule == "haircut":
        slices = [(0, (part.end - part.start) * received // paid) for part in parts]
    else:
        slices = across([(part.start, part.end) for part in parts], paid, received)
    return [
        Converted(currency=currency, digits=digits(currency), start=start, end=end) if end > start else None
        for start, end in slices
    ]
