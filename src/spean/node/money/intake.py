"""What documents tell, taken into store and ledgers: each payment once, bad rows with line, field and reason.

Ledgers first, then what the document says: after a crash in between the file is read again, its rows are found in the ledger, and only
their words are missing. So a row is in a ledger once, and no row is there without words for long.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from spean.core.errors import TooMuch
from spean.formats.goaml.named import Named
from spean.formats.model import Balance, Notice, Payment, Rejected, Source
from spean.node.money.counting import money_words
from spean.node.money.homes import Homes, rows
from spean.node.money.model import BadRow
from spean.store.rows import PaymentRow
from spean.tracing.borders import FROM_ABROAD, TO_ABROAD
from spean.tracing.model import MAX_AMOUNT, Transfer

if TYPE_CHECKING:
    from spean.ledgers.live import Arrived
    from spean.node.ground import Ground

OPENING = "<opening balance>"
"""Pays an account its opening balance, so that it is the first money in its queue."""
_WORDS = msgspec.json.Decoder(Payment)
Heard = Callable[[str, Sequence[str], "Arrived"], None]
"""Told of each arrival: currency, payments, and which of them came late."""


@dataclass(slots=True)
class Counts:
    """What came of rows so far."""

    taken: int = 0
    twice: int = 0
    rejected: int = 0
    late: int = 0
    noted: int = 0
    """Bad rows and notices that were written down."""
    bad: list[BadRow] = field(default_factory=list)
    """Those since."""
    named: list[Named] = field(default_factory=list)
    """Whom and what a report named since."""

    def reject(self, bad: BadRow) -> None:
        self.rejected += 1
        self.bad.append(bad)


@dataclass(frozen=True, slots=True)
class Told:
    """A payment with what its document says of it, and which file that was."""

    payment: Payment
    file: str
    source: str
    grade: int


class Intake:
    """Takes items of one file. ``key`` seals their words."""

    def __init__(self, ground: Ground, file: str, key: bytes, homes: Homes, heard: Heard) -> None:
        self._ground = ground
        self._money = ground.money
        self._file = file
        self._key = key
        self._homes = homes
        self._heard = heard
        self.counts = Counts()
        self._came: list[tuple[str, Sequence[str], Arrived]] = []

    def take(self, items: Iterable[Any]) -> None:
        """Payments and balances go into the ledgers; what is rejected is counted and named."""
        payments: dict[str, Payment] = {}
        balances: list[Balance] = []
        for item in items:
            if isinstance(item, Payment):
                self._sort(item, payments)
            elif isinstance(item, Balance):
                balances.append(item)
            elif isinstance(item, Rejected):
                self.counts.reject(BadRow(line=item.line, element=item.element, field=item.field, rule=item.rule,
                                          reason=item.reason, remedy=item.remedy))  # fmt: skip
            elif isinstance(item, Named):
                self.counts.named.append(item)
            elif isinstance(item, Notice):
                self.counts.bad.append(BadRow(line=0, element="", field="document", rule=item.rule, reason=item.reason,
                                              remedy=item.remedy))  # fmt: skip
            else:
                self._other(item)
        self._open(balances)
        self._payments(payments)
        came, self._came = self._came, []
        for currency, names, arrived in came:  # now that their words are there
            self._heard(currency, names, arrived)

    def _other(self, item: Any) -> None:
        why = "it is an answer or a request, not a payment"
        self._bad(item.source, "document", "no-payment", why, "put it into the bank's folder, or record it at its hop")

    def _bad(self, source: Source, name: str, rule: str, why: str, remedy: str) -> None:
        self.counts.reject(
            BadRow(line=source.line, element=source.element, field=name, rule=rule, reason=why, remedy=remedy)
        )

    def _sort(self, item: Payment, payments: dict[str, Payment]) -> None:
        before = payments.get(item.id)
        if not item.booked:
            why = "it is pending: the money has not moved yet"
            self._bad(item.source, "Sts", "pending", why, "load the file again when it is booked")
        elif before is None:
            payments[item.id] = item
        else:
            self._again(item, before)

    def _again(self, item: Payment, before: Payment) -> None:
        """A name that is known: the same news, or a conflict that a person must look at."""
        if item.currency == before.currency and item.amount_minor != before.amount_minor:
            now, then = (money_words(each.amount_minor, each.currency) for each in (item, before))
            why = f"{item.reference or item.id} stands here with {now}, before with {then}"
            self._bad(
                item.source, "id", "conflict", why, "compare both rows with the bank; the first one is in the ledger"
            )
        else:
            self.counts.twice += 1

    def _payments(self, payments: dict[str, Payment]) -> None:
        with self._ground.store.read() as tx:
            known = tx.money.payments(payments)
        for name, told in self._money.opened(known.values()).items():
            self._again(payments.pop(name), told.payment)
        for name in known.keys() & payments.keys():  # its words are erased, yet it is in the ledger
            self.counts.twice += 1
            del payments[name]
        taken = self._add(payments)
        words = [
            PaymentRow(id=each.id, file=self._file, at=each.time_ms, words=self._seal(each))
            for each in sorted(taken, key=lambda each: each.time_ms)
        ]
        with self._ground.store.write() as tx:
            tx.money.add_payments(words)
        self.counts.taken += len(taken)

    def _seal(self, payment: Payment) -> bytes:
        return self._money.vault.seal(self._key, msgspec.json.encode(payment))

    def _add(self, payments: dict[str, Payment]) -> list[Payment]:
        """Into the ledgers; those that are there now, or concern no account of ours and are kept for reference."""
        taken, batches = [], defaultdict[str, list[Transfer]](list)
        for payment in payments.values():
            made = rows(payment, self._homes)
            wrong = next((why for row in made if (why := _wrong(row))), None)
            if wrong is not None:
                self._bad(payment.source, *wrong)
                continue
            if not made:
                self._bad(payment.source, "account", "no-account-of-ours", "neither account is of this country or chain",
                          "give the file to the node whose accounts they are")  # fmt: skip
                continue
            taken.append(payment)
            for row in made:
                batches[row.currency].append(row)
        for currency, several in batches.items():
            try:
                self._into(currency, several)
            except TooMuch as beyond:
                lost = {row.id for row in several}
                for payment in (each for each in taken if each.id in lost):
                    self._bad(
                        payment.source,
                        "amount",
                        beyond.rule or "ledger-sum",
                        f"{beyond.what}: {beyond.why}",
                        beyond.remedy,
                    )
                taken = [each for each in taken if each.id not in lost]
        return taken

    def _into(self, currency: str, several: list[Transfer]) -> None:
        ledger = self._money.ledgers.ledger(currency)
        new = [row for row in several if ledger is None or ledger.names.order(row.id) is None]
        if new:
            arrived = self._money.ledgers.add(currency, new)
            self.counts.late += len(arrived.late)
            self._came.append((currency, [row.id for row in new], arrived))

    def _open(self, balances: Sequence[Balance]) -> None:
        """An opening balance is the first money of an account that the ledger has not seen yet."""
        opened: dict[tuple[str, str], Payment] = {}
        for each in sorted(balances, key=lambda each: each.time_ms):
            if (
                each.kind != "opening"
                or each.amount_minor <= 0
                or not each.account
                or not self._homes.ours(each.account)
            ):
                continue
            ledger = self._money.ledgers.ledger(each.currency)
            if (ledger is None or ledger.names.number(each.account) is None) and (
                each.account,
                each.currency,
            ) not in opened:
                name = f"opening:{self._money.vault.hashed('opening', each.account, each.currency).hex()[:32]}"
                made = Payment(
                    name, each.time_ms, OPENING, each.account, each.amount_minor, each.currency, "", each.source
                )
                opened[each.account, each.currency] = made
        batches = defaultdict[str, list[Transfer]](list)
        kept = []
        for payment in opened.values():
            (row,) = again(payment, self._homes)
            if _wrong(row) is None:
                batches[row.currency].append(row)
                kept.append(PaymentRow(id=row.id, file=self._file, at=row.time, words=self._seal(payment)))
        for currency, several in batches.items():
            self._into(currency, several)
        if kept:
            with self._ground.store.write() as tx:
                tx.money.add_payments(kept)
        self.counts.taken += len(kept)


def _wrong(row: Transfer) -> tuple[str, str, str, str] | None:
    """What a ledger would not take: field, rule, reason and remedy."""
    from spean.ledgers.bad import READ

    if row.amount > MAX_AMOUNT:
        why = f"{money_words(row.amount, row.currency)} is more than a ledger counts in one payment ({money_words(MAX_AMOUNT, row.currency)})"
        remedy = "check the amount; a token of so many is followed outside, counted in whole tokens (spean trace)"
        return "amount", "ledger-amount", why, remedy
    for name in ("id", "time", "payer", "payee", "amount", "currency"):
        value = getattr(row, name)
        try:
            READ[name](value)
        except ValueError as error:
            return name, "ledger", str(error), "correct the row"
        if name in ("payer", "payee") and value.startswith("<") and value not in _MADE:
            return name, "ledger", "a name in angle brackets is not an account's", "correct the row"
    return None


_MADE = frozenset((FROM_ABROAD, TO_ABROAD, OPENING, "<unnamed>"))


def again(payment: Payment, homes: Homes) -> list[Transfer]:
    """The rows of a payment that was taken before, an account's opening balance among them."""
    if payment.payer == OPENING:
        return [Transfer(payment.id, payment.time_ms, OPENING, payment.payee, payment.amount_minor, payment.currency)]
    return rows(payment, homes)


def decoded(words: bytes) -> Payment:
    """A payment from its words."""
    return _WORDS.decode(words)
