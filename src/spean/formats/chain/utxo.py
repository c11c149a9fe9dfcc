"""UTXO chains (Bitcoin and its like). A transaction is an account of its own, which its inputs fill and its outputs and fee empty.

Which input paid which output is nowhere written, so no reader may decide it: with the transaction as an account in between, the rule of
tracing decides, as everywhere else, and every unit is accounted for. Inputs stand before outputs, in the transaction's own order.

Read are the JSON of Esplora (Blockstream, mempool.space) and of blockchain.com, and Blockchair's tables of outputs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from spean.core.errors import InvalidInput
from spean.entities.values.chains import BY_NAME
from spean.entities.values.wallet import WALLET
from spean.formats.chain.tokens import coin
from spean.formats.identity import Names
from spean.formats.model import Item, Payment, References, Source
from spean.formats.moments import moment
from spean.formats.money import scaled

UTXO = frozenset({"bitcoin", "bitcoin-cash", "litecoin", "dogecoin"})
_HASH = re.compile("[0-9a-f]{64}")
_MOST_PARTS = 100_000
"""Inputs or outputs of one transaction; a block of Bitcoin cannot hold more."""


class Unspent:
    """Reads the rows of one export of ``chain`` (our name of it)."""

    def __init__(self, chain: str, table: bool) -> None:
        self._chain = chain
        self._table = table
        self._unit = coin(chain).unit
        self._names = Names()
        self._document = f"{chain}-{'tsv' if table else 'json'}"

    def items(self, line: int, record: Mapping[str, Any]) -> Iterator[Item]:
        """All that a transaction moves, or what one output's row tells. A bad part refuses the whole transaction."""
        source = Source(self._document, line if self._table else 0, "" if self._table else f"[{line}]")
        yield from list(self._output(record, source) if self._table else self._transaction(record, source))

    def _transaction(self, record: Mapping[str, Any], source: Source) -> Iterator[Payment]:
        name = self._through(record.get("txid") or record.get("hash"))
        time = _confirmed(record)
        outer = "vout" in record
        inputs = _parts(record.get("vin" if outer else "inputs"))
        outputs = _parts(record.get("vout" if outer else "out"))
        paid = [_part(_spent(part)) for part in inputs if not part.get("is_coinbase") and _spent(part) is not None]
        got = [_part(part) for part in outputs]
        rest = sum(value for _, value in paid) - sum(value for _, value in got)
        if paid and (rest < 0 or len(paid) != len(inputs)):
            raise InvalidInput(
                "inputs", "they do not cover the outputs; an input is missing", remedy="export it again", rule="sum"
            )
        for address, value in paid:
            yield from self._payment(name, time, self._wallet(address), name, value, source)
        for address, value in got:
            yield from self._payment(name, time, name if paid else "", self._wallet(address), value, source)
        if paid:
            yield from self._payment(name, time, name, "", rest, source, "fee")

    def _output(self, row: Mapping[str, Any], source: Source) -> Iterator[Payment]:
        """Blockchair: an output with the transaction that made it and, once spent, the one that took it."""
        value = _units(row.get("value"))
        wallet = self._wallet(row.get("recipient", ""))
        made = self._through(row.get("transactionhash"))
        yield from self._payment(made, moment(row.get("time", ""), "time")[0], made, wallet, value, source)
        if row.get("isspent") in ("1", "true") or row.get("spendingtransactionhash"):
            taken = self._through(row.get("spendingtransactionhash"))
            yield from self._payment(
                taken, moment(row.get("spendingtime", ""), "spending_time")[0], wallet, taken, value, source
            )

    def _payment(
        self, name: str, time: int, payer: str, payee: str, value: int, source: Source, kind: Any = "transfer"
    ) -> Iterator[Payment]:  # fmt: skip
        """Nothing for an output of nothing (a note on the chain)."""
        if value == 0:
            return
        known = References(hash=name.rpartition(":")[2].removeprefix("tx-"))
        row = self._names.by_content(kind, self._chain, name, payer, payee, value)
        yield Payment(row, time, payer, payee, value, self._unit, known.hash, source, kind, references=known)

    def _through(self, txid: Any) -> str:
        """The transaction's own account."""
        found = txid.lower() if isinstance(txid, str) else ""
        if _HASH.fullmatch(found) is None:
            raise InvalidInput(
                "txid", "the transaction's hash is missing or none", remedy="export it again", rule="chain-export"
            )
        return f"{BY_NAME[self._chain].caip2}:tx-{found}"

    def _wallet(self, address: Any) -> str:
        """Empty for an output that pays no address (a script of its own)."""
        if not isinstance(address, str) or not address or address.startswith(("s-", "d-", "m-")):
            return ""
        return WALLET.on(self._chain, address)


def _confirmed(record: Mapping[str, Any]) -> int:
    status = record.get("status")
    told = status.get("block_time") if isinstance(status, dict) else record.get("time")
    if not isinstance(told, str) or not told.isascii() or not told.isdecimal() or len(told) > 11:
        raise InvalidInput(
            "time",
            "the transaction is not confirmed, or its time is missing",
            remedy="export it later",
            rule="unconfirmed",
        )
    return int(told) * 1000


def _parts(found: Any) -> list[dict[str, Any]]:
    if not isinstance(found, list) or len(found) > _MOST_PARTS or not all(isinstance(part, dict) for part in found):
        raise InvalidInput(
            "inputs, outputs", "they are missing or damaged", remedy="export the whole transaction", rule="chain-export"
        )
    return found


def _spent(part: Mapping[str, Any]) -> Mapping[str, Any] | None:
    found = part.get("prevout", part.get("prev_out"))
    return found if isinstance(found, dict) else None


def _part(part: Mapping[str, Any] | None) -> tuple[Any, int]:
    table = part or {}
    return table.get("scriptpubkey_address", table.get("addr", "")), _units(table.get("value"))


def _units(value: Any) -> int:
    found = scaled(value if isinstance(value, str) else "", 0, "value", "units", most=19)
    if found < 0:
        raise InvalidInput("value", "it is below zero", remedy="export it again", rule="amount")
    return found
