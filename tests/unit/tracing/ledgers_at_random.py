"""Small ledgers in which everything that is awkward happens often: ties, overdrafts, nothing paid, oneself paid."""

from __future__ import annotations

import random

from spean.tracing.model import Transfer


def random_ledger(chance: random.Random, most: int = 14) -> tuple[list[Transfer], dict[str, int]]:
    """Rows as they arrive (some late), and opening balances (some accounts have none)."""
    names = [f"A{number}" for number in range(chance.randint(2, 6))]
    top = chance.choice((3, 20, 20, 1000, 10**16))
    opening = {name: chance.randint(0, top) for name in names if chance.random() < 0.6}
    time, rows = 0, []
    for number in range(chance.randint(1, most)):
        time += chance.choice((0, 0, 1, 5))
        late = chance.choice((0, 0, 0, 0, 7))
        payer, payee = chance.choice(names), chance.choice(names)
        amount = chance.choice((0, 1, chance.randint(0, top), chance.randint(0, top)))
        rows.append(Transfer(f"p{number}", max(0, time - late), payer, payee, amount, "USD"))
    return rows, opening
