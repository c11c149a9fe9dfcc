"""Erasing what a file said: of the store, of the ledgers made from it, of every case that was traced through it.

One transaction drops the sealed words and notes who asked and why; the file's key is destroyed, so no backup opens them; the ledgers that
knew its payments are made anew from what the store still holds, and take the place of the old ones; then the open cases that it touched are
traced again and say why. A crash in between is finished at the next start. Facts that told of these payments are not touched: they
are erased by recall (``recalling``), and the person is told so before.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from spean.core.errors import Conflict, InvalidInput, NotFound, Unavailable
from spean.node.entry.people import Who
from spean.node.money.importing import ERASERS
from spean.node.money.model import ImportState
from spean.store.rows import ImportRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.node.money.money import Money

GROUND = "erasure of a file"
MOST_REASON = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasurePreview:
    """What erasing a file takes away, and what of it stays."""

    file: ImportState
    payments: int
    """Payments that no file given before told of: they leave the ledgers, also where a file given later told of them too."""
    currencies: tuple[str, ...]
    """Ledgers that are made anew."""
    cases: tuple[str, ...]
    """Open cases that are traced again without it."""
    requests: int
    """Requests that went out for these cases: what they say stays until it is recalled."""


class Erasing:
    """Erases files."""

    def __init__(self, ground: Ground, money: Money) -> None:
        self._ground = ground
        self._money = money

    def preview(self, who: Who, id: str) -> ErasurePreview:
        """What would go, and what stays. Raises ``Conflict`` for a file that is being read, or is erased already."""
        who.need(*ERASERS)
        with self._ground.store.read() as tx:
            row = tx.money.one_import(id)
            names = tx.money.payments_of(id)
        _check(row)
        cases = self._money.following.through(set(names)) if names else []
        with self._ground.store.read() as tx:
            requests = sum(len(tx.money.hops(case)) for case in cases)
        return ErasurePreview(
            file=self._money.importing.state_of(id), payments=len(names), currencies=tuple(self._currencies(names)),
            cases=tuple(cases), requests=requests,
        )  # fmt: skip

    def erase(self, who: Who, id: str, reason: str, *, wait: bool = False) -> ImportState:
        """Erase all that a file said. Its words are gone when this returns; the ledgers are made anew beside the caller unless ``wait``.

        A session needs a fresh proof. Raises ``Refusal``, ``InvalidInput`` without a reason, ``Conflict`` for a file that is being
        read, is erased already, or whose ledgers another process writes.
        """
        who.need(*ERASERS)
        ground, money = self._ground, self._money
        ground.signing_in.need_proof(who)
        reason = " ".join(reason.split())
        if not 3 <= len(reason) <= MOST_REASON:
            raise InvalidInput(
                "reason",
                f"3 to {MOST_REASON} characters say why",
                remedy="name who asked for it, or the order",
                rule="D4",
            )
        with ground.store.read() as tx:
            found = tx.money.one_import(id)
            names = tx.money.payments_of(id)
        _check(found)
        fingerprint = money.importing.fingerprint(found)
        for currency in self._currencies(names):
            money.ledgers.live(currency)
        with ground.writing() as work:
            row = work.tx.money.one_import(id)
            _check(row)
            told = {"file": id, "payments": str(len(names))}
            ground.reading_desk.note_access(work, who, "export", f"{ground.me}:import:{id}", f"erasure: {reason}", told)
            work.tx.money.erase_file(row, "erasing")
            if fingerprint:
                work.tx.money.drop_mapping(fingerprint)
            key = row.key.hex()
            work.tx.jobs.put("destroy-keys", key, work.now, json.dumps({"facts": [key], "ground": GROUND}))
        if wait:
            self._finish(row, names)
        else:
            threading.Thread(target=self._finish_beside, args=(row, names), name=f"erasing {id}", daemon=True).start()
        return money.importing.state_of(id)

    def resume(self) -> int:
        """After a start: finish what a crash left; how many files. Which payments they were is no longer known: every ledger is made anew."""
        with self._ground.store.read() as tx:
            rows = tx.money.imports_in("erasing")
        for row in rows:
            self._finish(row, None)
        return len(rows)

    def _finish_beside(self, row: ImportRow, names: Sequence[str]) -> None:
        try:
            self._finish(row, names)
        except Exception as error:  # nobody else hears of it in this thread
            with self._ground.writing() as work:
                text = f"Erasing file {row.id} broke off ({type(error).__name__}): look at the disk, then start the node anew, which ends it"
                work.tx.alarms.raise_("file-erased", row.id, "critical", text, work.now)
            raise

    def _finish(self, row: ImportRow, names: Sequence[str] | None) -> None:
        ground, money = self._ground, self._money
        with money.importing.turn:
            with suppress(
                Unavailable
            ):  # nobody reads the key any more; the job empties the write-ahead log when the last reader is gone
                ground.content_keys.destroy([row.key.hex()], ground.clock.now(), GROUND)
            money.vault.forget()
            money.importing.spool.drop(row.id)
            cases = None if names is None else money.following.through(set(names))
            currencies = money.ledgers.currencies() if names is None else self._currencies(names)
            with money.ledgers.anew(currencies) as fresh:
                money.remake(fresh, currencies)
            money.following.traced_without(row.id, cases)
            with ground.store.write() as tx:
                tx.money.save_import(replace(row, state="erased", words=b""))
        with suppress(Unavailable):  # a reader is in the way: the job comes after him
            ground.store.scrub()

    def _currencies(self, names: Collection[str]) -> list[str]:
        """The ledgers that know any of these payments."""
        ledgers, found = self._money.ledgers, []
        for currency in ledgers.currencies():
            ledger = ledgers.ledger(currency)
            if ledger is not None and any(ledger.names.order(name) is not None for name in names):
                found.append(currency)
        return found


def _check(row: ImportRow) -> None:
    if row.state in ("waiting", "reading"):
        raise Conflict(
            "The file is being read", why="its payments are still coming in", remedy="erase it when it is read"
        )
    if row.state in ("erasing", "erased"):
        raise NotFound("The file is erased already", remedy="the list of files says which are there")
