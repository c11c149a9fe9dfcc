"""Account model (Ethereum and its like, Tron): transfers of coins and tokens, and the fees of transactions.

Read are the tables and JSON of Etherscan and its sisters (BscScan, Polygonscan, Arbiscan), TronScan and TronGrid, by the names of their
columns. Amounts in JSON are smallest units; in tables they are decimal text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from spean.core.errors import InvalidInput
from spean.entities.values.wallet import WALLET
from spean.formats.bank_csv.values import number
from spean.formats.bank_csv.words import plain
from spean.formats.chain.tokens import Token, coin, listed, token
from spean.formats.identity import Names
from spean.formats.model import Item, Payment, References, Source
from spean.formats.moments import moment
from spean.formats.money import scaled

_NAMES: dict[str, tuple[str, ...]] = {
    "hash": ("hash", "txhash", "transactionhash", "transactionid", "txnhash", "txid", "txnid"),
    "time": (
        "timestamp",
        "unixtimestamp",
        "blockts",
        "blocktimestamp",
        "datetimeutc",
        "timeutc",
        "timestamputc",
        "datetime",
        "time",
        "date",
    ),
    "from": ("from", "fromaddress", "transferfromaddress", "sender", "owneraddress"),
    "to": ("to", "toaddress", "transfertoaddress", "receiver", "recipient"),
    "raw": ("quant", "rawvalue", "amountstr"),
    "value": ("value", "amount", "tokenvalue", "quantity", "amounttoken"),
    "symbol": ("tokensymbol", "symbol", "tokenabbr", "token"),
    "decimals": ("tokendecimal", "decimals", "tokendecimals"),
    "contract": ("contractaddress", "tokenid", "tokenaddress", "tokencontract", "address"),
    "failed": ("iserror", "errcode"),
    "result": ("contractret", "finalresult", "result", "status"),
}
_GOOD = frozenset({"", "0", "1", "success", "confirmed", "ok", "true", "none", "successful"})


class Accounts:
    """Reads the rows of one export of ``chain`` (our name of it). ``decimals``: of tokens that the export leaves out, by contract."""

    def __init__(self, chain: str, table: bool, decimals: Mapping[str, int]) -> None:
        self._chain = chain
        self._table = table
        self._coin = coin(chain)
        self._given = decimals
        self._names = Names()
        self._document = f"{chain}-{'csv' if table else 'json'}"

    def items(self, line: int, record: Mapping[str, Any]) -> Iterator[Item]:
        """One transfer, and the fee of its transaction where the export tells it."""
        row = _flat(record)
        fields = _fields(row)
        source = Source(self._document, line if self._table else 0, "" if self._table else f"[{line}]")
        payer = self._wallet(fields, "from")
        fee = self._fee(row)
        if fee and "contract" not in fields:
            yield self._payment(fields, source, payer, "", fee, self._coin, "fee")
        if (
            fields.get("failed", "").casefold() not in ("", "0", "false")
            or fields.get("result", "").casefold() not in _GOOD
        ):
            raise InvalidInput("status", "the transaction failed; nothing moved", remedy="nothing to do", rule="failed")
        unit, amount = self._moved(fields, row)
        if amount <= 0:
            raise InvalidInput("value", "the amount is zero", remedy="nothing moved; nothing to do", rule="amount")
        yield self._payment(fields, source, payer, self._wallet(fields, "to"), amount, unit, "transfer")

    def _payment(
        self, fields: Mapping[str, str], source: Source, payer: str, payee: str, amount: int, unit: Token, kind: Any
    ) -> Payment:  # fmt: skip
        reference = fields.get("hash", "")
        if not reference:
            raise InvalidInput(
                "hash", "the transaction's hash is missing", remedy="export it with its hash", rule="chain-export"
            )
        time = _time(fields)
        name = self._names.by_content(kind, self._chain, reference, payer, payee, amount, unit.unit)
        known = References(hash=reference)
        decimals = None if listed(unit) else unit.decimals
        return Payment(
            name, time, payer, payee, amount, unit.unit, reference, source, kind, references=known, decimals=decimals
        )

    def _wallet(self, fields: Mapping[str, str], side: str) -> str:
        address = fields.get(side, "")
        if not address:
            raise InvalidInput(
                side, "the address is missing", remedy="export it with both addresses", rule="chain-export"
            )
        return WALLET.on(self._chain, address)

    def _moved(self, fields: Mapping[str, str], row: Mapping[str, str]) -> tuple[Token, int]:
        contract = fields.get("contract", "")
        unit = self._coin
        if contract and contract.strip("_0") and contract.upper() != unit.unit:
            contract = WALLET.on(self._chain, contract).rpartition(":")[2]
            unit = token(self._chain, contract, fields.get("decimals", ""), self._given)
        if "raw" in fields:
            return unit, scaled(fields["raw"], 0, "value", unit.unit)
        text = fields.get("value", "")
        if not self._table:
            return unit, scaled(text, 0, "value", unit.unit)
        if not text:
            text = next(
                (cell for name, cell in row.items() if name.startswith(("valuein", "valueout")) and cell.strip("0.")),
                "",
            )
        return unit, scaled(number(text, ".", "value") or "0", unit.decimals, "value", unit.unit)

    def _fee(self, row: Mapping[str, str]) -> int:
        """In smallest units of the chain's coin: gas by price in JSON, the fee's column in tables."""
        if not self._table:
            used, price = row.get("gasused", ""), row.get("gasprice", "")
            return scaled(used, 0, "gasUsed", "gas") * scaled(price, 0, "gasPrice", "wei") if used and price else 0
        for name in (f"txnfee{self._coin.unit.casefold()}", f"transactionfee{self._coin.unit.casefold()}"):
            if row.get(name):
                return scaled(number(row[name], ".", name) or "0", self._coin.decimals, name, self._coin.unit)
        return 0


def _flat(record: Mapping[str, Any]) -> dict[str, str]:
    """Names as they are compared → text; one level of objects (``tokenInfo``) is opened."""
    row: dict[str, str] = {}
    for name, value in record.items():
        if isinstance(value, str):
            row[plain(name)] = value.strip()
        elif isinstance(value, bool):
            row[plain(name)] = "true" if value else "false"
        elif isinstance(value, dict):
            for inner, told in value.items():
                if isinstance(told, str):
                    row.setdefault(plain(inner), told.strip())
    return row


def _fields(row: Mapping[str, str]) -> dict[str, str]:
    """Field → text, the first alias that is filled."""
    fields: dict[str, str] = {}
    for field, aliases in _NAMES.items():
        for alias in aliases:
            if row.get(alias):
                fields[field] = row[alias]
                break
    return fields


def _time(fields: Mapping[str, str]) -> int:
    text = fields.get("time", "")
    if text.isascii() and text.isdecimal() and len(text) in (9, 10, 12, 13):
        return int(text) * (1 if len(text) > 11 else 1000)
    return moment(text, "time")[0]
