"""Ledgers written as files, for the tests."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from spean.tracing.model import Transfer

NAMES = ("id", "time", "payer", "payee", "amount", "currency")


def some_rows(seed: int, count: int = 400, accounts: int = 12, top: int = 500) -> list[Transfer]:
    """Rows in order of time, with ties, overdrafts and payments of nothing."""
    chance, time, rows = random.Random(seed), 1_772_586_000_000, []
    for number in range(count):
        time += chance.choice((0, 0, 1, 60_000))
        payer, payee = (f"A{chance.randrange(accounts)}" for _ in range(2))
        rows.append(Transfer(f"p{number}", time, payer, payee, chance.randint(0, top), "USD"))
    return rows


def opening_of(seed: int, accounts: int = 12) -> dict[str, int]:
    chance = random.Random(seed)
    return {f"A{number}": chance.randint(0, 900) for number in range(0, accounts, 2)}


def write_csv(path: Path, rows: Iterable[Transfer]) -> Path:
    lines = [",".join(NAMES)]
    lines += [",".join(str(getattr(row, name)) for name in NAMES) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_parquet(path: Path, rows: Iterable[Transfer], group: int = 1000) -> Path:
    several = list(rows)
    table = pa.table({name: [getattr(row, name) for row in several] for name in NAMES})
    pyarrow.parquet.write_table(table, path, row_group_size=group)
    return path


def write_balances(path: Path, opening: dict[str, int]) -> Path:
    path.write_text("account,amount\n" + "".join(f"{name},{amount}\n" for name, amount in opening.items()))
    return path
