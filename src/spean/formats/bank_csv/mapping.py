"""How one bank's table is read, as plain data that a node keeps under the fingerprint of the header."""

from __future__ import annotations

from collections.abc import Mapping as Table
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from spean.core.errors import InvalidInput
from spean.formats.bank_csv.words import FIELDS, plain
from spean.formats.identity import digest
from spean.formats.money import exponent

ENCODINGS = (
    "utf-8",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "gb18030",
    "big5",
    "cp949",
    "cp874",
    "shift_jis",
    "cp1258",
    "cp1252",
)
DELIMITERS = (",", ";", "\t", "|")
Style = Literal["two-parties", "signed", "debit-credit", "indicator"]
Order = Literal["ymd", "dmy", "mdy"]
VERSION = 1


@dataclass(frozen=True, slots=True)
class Mapping:
    """Confirmed by an analyst before the first row is loaded."""

    fingerprint: str
    """Of the header; a table with another header is not read by this mapping."""
    encoding: str
    delimiter: str
    header_line: int
    """Records before it are the bank's preamble; 0: the table has no header."""
    columns: Table[str, int]
    """Field (``words.FIELDS``) → column, from 0."""
    style: Style
    """How the direction is told: payer and payee, a sign, two columns, or a word."""
    date_order: Order = "ymd"
    buddhist: bool = False
    """Years of the Buddhist era: 2569 is 2026."""
    decimal: Literal[".", ","] = "."
    offset: int = 0
    """Minutes east of UTC."""
    currency: str = ""
    """Where no column says it."""
    account: str = ""
    """Whose statement it is, where no column says it."""
    keeper: str = ""
    """Code of the bank whose statement it is."""
    version: int = VERSION

    def checked(self) -> Mapping:
        """The mapping itself when it can be read with; else ``InvalidInput`` naming what is missing."""
        columns = self.columns
        wanted = {
            "two-parties": ("payer", "payee", "amount"),
            "signed": ("amount",),
            "indicator": ("amount", "indicator"),
        }
        for field in ("date", *wanted.get(self.style, ())):
            if field not in columns:
                raise _wrong(f"columns.{field}", "no column is mapped to it", "choose the column")
        if self.style == "debit-credit" and not ("debit" in columns and "credit" in columns):
            raise _wrong("columns.debit, columns.credit", "one of the two is not mapped", "choose both columns")
        if self.style != "two-parties" and "account" not in columns and not self.account:
            raise _wrong("account", "it is not said whose statement this is", "give the account's number")
        if "currency" not in columns:
            exponent(self.currency, "currency")
        if self.encoding not in ENCODINGS or self.delimiter not in DELIMITERS or self.decimal not in ".,":
            raise _wrong("encoding, delimiter, decimal", "one of them is not known here", "choose from the lists")
        if (
            self.version != VERSION
            or not -14 * 60 <= self.offset <= 14 * 60
            or any(not 0 <= at < 500 for at in columns.values())
        ):
            raise _wrong("mapping", "version, zone or a column is out of range", "have the table recognised anew")
        return self

    def to_plain(self) -> dict[str, Any]:
        """Plain JSON data."""
        return {**asdict(self), "columns": dict(self.columns)}

    @classmethod
    def from_plain(cls, data: Any) -> Mapping:
        """The inverse of ``to_plain``; raises ``InvalidInput`` for anything else."""
        if not isinstance(data, dict) or set(data) != {field.name for field in fields(cls)}:
            raise _wrong("mapping", "it has not the fields of a mapping", "have the table recognised anew")
        columns = data["columns"]
        numbers = [
            data["header_line"],
            data["offset"],
            data["version"],
            *(columns.values() if isinstance(columns, dict) else [None]),
        ]
        texts = [
            data[name]
            for name in (
                "fingerprint",
                "encoding",
                "delimiter",
                "style",
                "date_order",
                "decimal",
                "currency",
                "account",
                "keeper",
            )
        ]
        known = isinstance(columns, dict) and set(columns) <= set(FIELDS)
        sound = all(type(number) is int for number in numbers) and all(isinstance(text, str) for text in texts)
        if not (known and sound and isinstance(data["buddhist"], bool) and data["date_order"] in ("ymd", "dmy", "mdy")):
            raise _wrong("mapping", "a field has a wrong type", "have the table recognised anew")
        if data["style"] not in ("two-parties", "signed", "debit-credit", "indicator"):
            raise _wrong("style", "it is not known", "have the table recognised anew")
        return cls(**data).checked()


def fingerprint(header: Sequence[str]) -> str:
    """The same for every table with these columns in this order, however it is encoded or spaced."""
    return digest("bank-csv", *(plain(cell) for cell in header))


def _wrong(field: str, why: str, remedy: str) -> InvalidInput:
    return InvalidInput(field, why, remedy=remedy, rule="csv-mapping")
