"""Published lists as their publishers give them: a table (CSV), FollowTheMoney entities (one JSON object a line), addresses one a line (B7).

A line that cannot be read is reported and the others are kept. Only what tells persons and things apart is taken; what a list says about
why somebody is on it stays with its publisher.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from spean.core.errors import InvalidInput, SpeanError, TooMuch
from spean.entities.values.types import value_type

MOST_BYTES = 256 * 1024 * 1024
MOST_ENTRIES = 500_000
MOST_LINE = 256 * 1024
MOST_NAMES = 40
MOST_VALUES = 60
_PERSON = frozenset({"person", "individual"})
_ORGANISATION = frozenset({"organization", "organisation", "company", "legalentity", "publicbody", "entity"})
_COLUMNS = {
    "id": "id", "uid": "id", "ent_num": "id", "schema": "schema", "type": "schema", "kind": "schema", "name": "name", "sdn_name": "name",
    "aliases": "aliases", "alias": "aliases", "alt_name": "aliases", "birth_date": "births", "birth": "births", "dob": "births",
    "date_of_birth": "births", "countries": "countries", "country": "countries", "nationality": "countries", "identifiers": "document",
    "passport": "document", "passport_number": "document", "id_number": "document", "document": "document", "phones": "phone", "phone": "phone",
    "emails": "email", "email": "email", "wallet": "wallet", "address": "wallet", "wallets": "wallet", "chain": "chain", "iban": "iban",
    "account": "account", "domain": "domain", "url": "url",
}  # fmt: skip
_PROPERTIES = {
    "name": "name", "alias": "aliases", "weakAlias": "aliases", "birthDate": "births", "nationality": "countries", "country": "countries",
    "passportNumber": "document", "idNumber": "document", "phone": "phone", "email": "email", "publicKey": "wallet", "iban": "iban",
    "accountNumber": "account", "website": "url", "imoNumber": "imo", "registrationNumber": "document",
}  # fmt: skip
_SEVERAL = (";", "|")


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One entry. ``id`` is the publisher's; ``values`` are exact ones in their clean form."""

    id: str
    kind: str
    """``person``, ``organisation`` or ``other``."""
    names: tuple[str, ...] = ()
    births: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that was not taken, and why."""

    line: int
    why: str


def read(data: bytes, chain: str = "") -> tuple[list[Published], list[BadLine]]:
    """The entries of a file. ``chain``: of which chain are addresses that stand one a line. Raises ``InvalidInput`` or ``TooMuch``."""
    if len(data) > MOST_BYTES:
        raise TooMuch("The list is too large", why=f"over {MOST_BYTES} bytes", remedy="give it in parts")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise InvalidInput("file", "not in UTF-8", remedy="save it in UTF-8") from wrong
    first = text.lstrip()[:1]
    if not first:
        raise InvalidInput("file", "it is empty", remedy="choose another file")
    if first == "{":
        return _taken(_entities(text))
    header = text.split("\n", 1)[0]
    named = [name.strip().strip('"').lower() for name in header.replace(";", ",").replace("\t", ",").split(",")]
    if len(named) > 1 and {"name", "wallet", "address", "sdn_name"} & set(named):
        return _taken(_table(text, header))
    if not chain:
        raise InvalidInput(
            "chain", "addresses one a line do not say of which chain they are", remedy="name the chain, e.g. bitcoin"
        )
    return _taken(_addresses(text, chain))


_Line = tuple[int, Published | SpeanError]


def _taken(lines: Iterable[_Line]) -> tuple[list[Published], list[BadLine]]:
    found: list[Published] = []
    bad: list[BadLine] = []
    for line, one in lines:
        if isinstance(one, SpeanError):
            bad.append(BadLine(line, one.why or one.what))
            continue
        if len(found) >= MOST_ENTRIES:
            raise TooMuch("The list is too long", why=f"over {MOST_ENTRIES} entries", remedy="give it in parts")
        found.append(one)
    if not found:
        raise InvalidInput(
            "file",
            f"none of its {len(bad)} lines could be read",
            remedy="CSV with a header, FollowTheMoney JSON lines, or addresses",
        )
    return found, bad


def _addresses(text: str, chain: str) -> Iterator[_Line]:
    for number, line in enumerate(text.splitlines(), 1):
        address = line.strip()
        if address and not address.startswith("#"):
            yield number, _made({"id": address, "wallet": [address], "chain": [chain], "schema": "wallet"})


def _table(text: str, header: str) -> Iterator[_Line]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=header.count))
    columns = [_COLUMNS.get(name.strip().lower(), "") for name in next(rows)]
    several = tuple(sign for sign in _SEVERAL if sign not in header)
    try:
        for row in rows:
            cells: dict[str, Any] = {}
            for name, cell in zip(columns, row, strict=False):
                if name and cell.strip():
                    cells.setdefault(name, []).extend(_split(cell, several) if name != "name" else [cell.strip()])
            if cells:
                yield (
                    rows.line_num,
                    _made(
                        {
                            **cells,
                            "id": (cells.get("id") or [str(rows.line_num)])[0],
                            "schema": (cells.get("schema") or [""])[0],
                        }
                    ),
                )
    except csv.Error as wrong:
        yield rows.line_num, InvalidInput("line", str(wrong), remedy="mend the table")


def _split(cell: str, signs: Sequence[str]) -> list[str]:
    parts = [cell]
    for sign in signs:
        parts = [piece for part in parts for piece in part.split(sign)]
    return [part.strip() for part in parts if part.strip()]


def _entities(text: str) -> Iterator[_Line]:
    decoder = msgspec.json.Decoder()
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        if len(line) > MOST_LINE:
            yield number, InvalidInput("line", "too long", remedy="one entity a line")
            continue
        try:
            given = decoder.decode(line)
        except (msgspec.DecodeError, RecursionError) as wrong:
            yield number, InvalidInput("line", f"not JSON: {wrong}"[:120], remedy="one JSON object a line")
            continue
        if (made := _entity(given)) is not None:
            yield number, made


def _entity(given: object) -> Published | SpeanError | None:
    """None for what is no person, firm or thing of its own, such as an address or a sanction."""
    if (
        not isinstance(given, Mapping)
        or not isinstance(given.get("properties"), Mapping)
        or not isinstance(given.get("id"), str)
    ):
        return InvalidInput("line", "no entity: it has no id or no properties", remedy="FollowTheMoney JSON lines")
    cells: dict[str, Any] = {"id": given["id"], "schema": str(given.get("schema", ""))}
    for name, values in given["properties"].items():
        part = _PROPERTIES.get(name)
        if part and isinstance(values, list):
            cells.setdefault(part, []).extend(value for value in values if isinstance(value, str))
    if isinstance(given.get("caption"), str) and "name" not in cells:
        cells["name"] = [given["caption"]]
    known = _kind(cells["schema"]) != "other" or {"wallet", "imo"} & cells.keys()
    return _made(cells) if known else None


def _kind(schema: str) -> str:
    low = schema.lower()
    return "person" if low in _PERSON else "organisation" if low in _ORGANISATION else "other"


def _made(cells: Mapping[str, Any]) -> Published | SpeanError:
    names = tuple(
        dict.fromkeys(
            name.strip()[:200] for name in (*cells.get("name", ()), *cells.get("aliases", ())) if name.strip()
        )
    )[:MOST_NAMES]
    values = tuple(dict.fromkeys(_values(cells)))[:MOST_VALUES]
    if not names and not values:
        return InvalidInput("line", "neither a name nor a value", remedy="see the publisher's file")
    births = tuple(dict.fromkeys(birth for text in cells.get("births", ()) if (birth := _birth(text))))[:10]
    kind = _kind(cells["schema"])
    if kind == "other" and births:
        kind = "person"
    return Published(
        id=str(cells["id"])[:120],
        kind=kind,
        names=names,
        births=births,
        countries=tuple(cells.get("countries", ()))[:10],
        values=values,
    )


def _values(cells: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    chain = (cells.get("chain") or [""])[0]
    for name in ("document", "phone", "email", "wallet", "iban", "account", "domain", "url", "imo"):
        for text in cells.get(name, ()):
            if found := key_of(name, text, chain):
                yield name, found


def key_of(type_: str, text: str, chain: str = "") -> str:
    """The one form under which an exact value is looked up; the text itself, without spaces, when it is of a form that we do not know."""
    of = value_type(type_)
    written = f"{chain}:{text}" if chain and type_ == "wallet" else text
    try:
        return of.keys(of.clean(written))[0]
    except InvalidInput:
        return "".join(text.split())[:200] if type_ in ("wallet", "document", "account") else ""


def _birth(text: str) -> str:
    head = text.strip()[:10]
    parts = head.split("-")
    sizes = [len(part) for part in parts]
    return head if all(part.isdecimal() for part in parts) and sizes in ([4], [4, 2], [4, 2, 2]) else ""
