"""What payments and accounts are called that came after the index was built, and where they stand in one state of the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from spean.ledgers.index import TableNames
from spean.ledgers.strings import Strings

Array = Any
MANY = 10_000
"""So many ids at once are kept as a table: a million texts of Python's own would be looked through by its collector."""


class Arrivals:
    """Names by number of arrival. It only grows, so readers share it."""

    def __init__(self, base: TableNames) -> None:
        self.base = base
        self.spans: tuple[tuple[int, Strings | list[str]], ...] = ()  # first number, ids
        self.size = len(base.payments)
        self.places: dict[str, int] = {}  # of the ids in lists
        self.accounts: list[str] = []
        self.numbers: dict[str, int] = {}

    def arrival(self, payment: str) -> int | None:
        found = self.base.payments.find(payment)
        if found is not None:
            return found
        place = self.places.get(payment)
        if place is not None:
            return place
        for first, ids in self.spans:
            inside = ids.find(payment) if isinstance(ids, Strings) else None
            if inside is not None:
                return first + inside
        return None

    def payment(self, arrival: int) -> str:
        for first, ids in reversed(self.spans):
            if arrival >= first:
                return ids[arrival - first]
        return self.base.payments[arrival]

    def payments(self) -> pa.Array:
        """All ids, by number of arrival."""
        tables = (self.base.payments, *(ids for _, ids in self.spans))
        return pa.concat_arrays(
            [ids.array() if isinstance(ids, Strings) else pa.array(ids, pa.large_string()) for ids in tables]
        )

    def account(self, number: int) -> str:
        before = self.base.count()
        return self.base.account(number) if number < before else self.accounts[number - before]

    def number(self, account: str) -> int | None:
        found = self.base.number(account)
        return self.numbers.get(account) if found is None else found

    def count(self) -> int:
        return self.base.count() + len(self.accounts)

    def add_account(self, account: str) -> int:
        number = self.number(account)
        if number is None:
            number = self.numbers[account] = self.count()
            self.accounts.append(account)
        return number

    def add_payments(self, payments: Sequence[str] | Strings) -> Array:
        """Their numbers of arrival."""
        first = self.size
        if isinstance(payments, Strings):
            self.spans = (*self.spans, (first, payments))
        elif self.spans and isinstance(self.spans[-1][1], list):
            self.spans[-1][1].extend(payments)
        else:
            self.spans = (*self.spans, (first, list(payments)))
        self.size += len(payments)
        if not isinstance(payments, Strings):
            self.places.update(zip(payments, range(first, self.size), strict=True))
        return np.arange(first, self.size, dtype=np.int64)

    def known(self, payments: Strings) -> str | None:
        """One of many ids that is here already, or None."""
        for table in (self.base.payments, *(ids for _, ids in self.spans)):
            if isinstance(table, Strings):
                double = table.shared(payments)
                if double is not None:
                    return double
        if len(self.places) <= len(payments):
            return next((each for each in self.places if payments.find(each) is not None), None)
        return next((each for each in payments if each in self.places), None)


def _place_of(numbers: Array | range, arrival: int) -> int:
    """Where a number of arrival stands, or -1."""
    if isinstance(numbers, range):
        return arrival - numbers.start if arrival in numbers else -1
    found = np.flatnonzero(numbers == arrival)
    return int(found[0]) if len(found) else -1


def as_range(numbers: Array) -> Array | range:
    """Numbers without a gap and without a late one need no array."""
    first = int(numbers[0]) if len(numbers) else 0
    whole = np.array_equal(numbers, np.arange(first, first + len(numbers)))
    return range(first, first + len(numbers)) if whole else numbers


@dataclass(frozen=True, slots=True)
class LiveNames:
    """Names of one state. ``arrivals[i]`` are the numbers of arrival of segment i's rows, in order."""

    known: Arrivals
    bases: tuple[int, ...]
    sizes: tuple[int, ...]
    arrivals: tuple[Array | range, ...]

    def order(self, payment: str) -> int | None:
        arrival = self.known.arrival(payment)
        if arrival is None:
            return None
        for base, size, numbers in zip(self.bases, self.sizes, self.arrivals, strict=True):
            place = _place_of(numbers, arrival)
            if 0 <= place < size:
                return base + place
        return None

    def payment(self, order: int) -> str:
        at = max(number for number, base in enumerate(self.bases) if order >= base)
        return self.known.payment(int(self.arrivals[at][order - self.bases[at]]))

    def account(self, number: int) -> str:
        return self.known.account(number)

    def number(self, account: str) -> int | None:
        return self.known.number(account)

    def count(self) -> int:
        return self.known.count()
