"""The ledgers of a node: one live index for each currency under ``ledgers`` in its home, opened when first used.

Whoever never traces pays nothing: Arrow and numba are imported here, inside functions. One process writes; others of the same home
(the command line beside a running server) are told so.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

from spean.core.errors import Conflict

if TYPE_CHECKING:
    from spean.ledgers.live import Arrived, Live
    from spean.tracing.engine import Ledger
    from spean.tracing.model import Transfer

_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")


class Ledgers:
    """Opens, feeds and reads the ledgers."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, Live] = {}
        self._guard = threading.RLock()

    def currencies(self) -> list[str]:
        """The currencies of which there is a ledger."""
        with self._guard:
            return sorted(
                each.name if each.name[0] != "_" else (each / "name").read_text()
                for each in self._folder.glob("*") if (each / "index.json").is_file()
            )  # fmt: skip

    def ledger(self, currency: str) -> Ledger | None:
        """The ledger of a currency as it is now, to read from; None when nothing in that currency ever came."""
        with self._guard:
            if currency not in self._open and not (self._place(currency) / "index.json").is_file():
                return None
            try:
                return self.live(currency).ledger
            except Conflict:  # the node that is served writes it: we only read
                from spean.ledgers.live import Live

                return Live.read(self._place(currency))

    def add(self, currency: str, rows: Sequence[Transfer]) -> Arrived:
        """Take rows into the ledger of their currency: durable and traceable when it returns. Raises like ``Live.add``."""
        return self.live(currency).add(rows)

    def live(self, currency: str) -> Live:
        """The ledger of a currency, opened for writing; made when it is new. Raises ``Conflict`` beside another process."""
        from spean.ledgers.live import Live

        with self._guard:
            found = self._open.get(currency)
            if found is None:
                folder = self._place(currency)
                if not (folder / "index.json").is_file():
                    _begin(folder, currency)
                try:
                    found = self._open[currency] = Live(folder)
                except Conflict as busy:
                    raise Conflict(
                        f"The ledger of {currency}", why="the node that runs on this home writes it",
                        remedy="give the file to the running node, by its page or its API",
                    ) from busy  # fmt: skip
            return found

    @contextmanager
    def anew(self, currencies: Iterable[str]) -> Iterator[Ledgers]:
        """Empty ledgers beside these, to be filled while the old ones are read; then they take the place of those of ``currencies``.

        One that stays empty is gone. Readers go on with what they hold. Raises ``Conflict`` beside another process.
        """
        named = list(currencies)
        for currency in named:
            self.live(currency)
        beside = self._folder.with_name(self._folder.name + ".new")
        rmtree(beside, ignore_errors=True)
        fresh = Ledgers(beside)
        try:
            yield fresh
            fresh.close()
            with self._guard:
                for currency in named:
                    self._open.pop(currency).close()
                    rmtree(self._place(currency))
                    if fresh._place(currency).is_dir():
                        fresh._place(currency).rename(self._place(currency))
        finally:
            fresh.close()
            rmtree(beside, ignore_errors=True)

    def close(self) -> None:
        """Close what is open."""
        with self._guard:
            for each in self._open.values():
                each.close()
            self._open.clear()

    def _place(self, currency: str) -> Path:
        plain = currency and set(currency) <= _PLAIN and currency[0] not in ".-" and len(currency) < 40
        return self._folder / (currency if plain else "_" + sha256(currency.encode()).hexdigest()[:32])


def _begin(folder: Path, currency: str) -> None:
    """An empty ledger."""
    import numpy as np
    import pyarrow as pa

    from spean.ledgers import index
    from spean.ledgers.columns import Columns

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.name.startswith("_"):
        (folder / "name").write_text(currency)
    none = pa.array([], pa.large_string())
    numbers, places = np.zeros(0, np.int64), np.zeros(0, np.int32)
    found = Columns(none, numbers, places, places, numbers, none, currency)
    ledger = index.in_memory(found, numbers, index.a_seed())
    with index.only_writer(folder):
        number = index.last_number(folder) + 1
        index.write_opening(folder, number, numbers, ledger)
        index.write_part(folder, number, index.truth_of(found))
        index.publish(folder, ledger, number, [number])
