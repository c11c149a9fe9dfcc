"""Groups of travellers from a table (B5): each line a person, each answered by itself."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from spean.core.errors import InvalidInput, TooMuch
from spean.screening.model import Traveller

MOST = 200
MOST_BYTES = 512 * 1024
_COLUMNS = {
    "id": "id", "no": "id", "number": "id", "seat": "id", "name": "name", "names": "name", "surname": "family", "family name": "family",
    "family_name": "family", "last name": "family", "given name": "given", "given names": "given", "given_name": "given", "first name": "given",
    "birth": "birth", "birth date": "birth", "birth_date": "birth", "date of birth": "birth", "dob": "birth", "document": "document",
    "document number": "document", "passport": "document", "passport number": "document", "issuer": "issuer", "issuing state": "issuer",
    "country": "issuer", "nationality": "nationality", "sex": "sex", "gender": "sex",
}  # fmt: skip
_BIRTH = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?|(\d{1,2})[./](\d{1,2})[./](\d{4})")


@dataclass(frozen=True, slots=True, kw_only=True)
class BadLine:
    """A line that was not taken."""

    line: int
    field: str
    why: str


def read(data: bytes) -> tuple[list[Traveller], list[BadLine]]:
    """The travellers of a CSV file, in order, and what could not be read. Raises ``InvalidInput`` or ``TooMuch`` for the whole file."""
    if len(data) > MOST_BYTES:
        raise TooMuch(
            "The table is too large", why=f"over {MOST_BYTES} bytes", remedy=f"give at most {MOST} people at once"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise InvalidInput("file", "not in UTF-8", remedy="save the table as CSV in UTF-8") from wrong
    lines = text.splitlines()
    if not lines:
        raise InvalidInput("file", "it is empty", remedy="give a table with a header")
    delimiter = max(",;\t", key=lines[0].count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns = [_COLUMNS.get(name.strip().lower(), "") for name in _next(rows)]
    if not {"name", "family", "given", "document"} & set(columns):
        raise InvalidInput(
            "file", "no column is a name or a document", remedy="name the columns: id, name, birth, document, issuer"
        )
    return _people(rows, columns)


def _next(rows: Iterator[list[str]]) -> list[str]:
    try:
        return next(rows)
    except (csv.Error, StopIteration) as wrong:
        raise InvalidInput("file", "its first line is no header", remedy="name the columns") from wrong


def _people(rows: Iterator[list[str]], columns: list[str]) -> tuple[list[Traveller], list[BadLine]]:
    found: list[Traveller] = []
    bad: list[BadLine] = []
    line = 1
    while True:
        line += 1
        try:
            row = next(rows)
        except StopIteration:
            return found, bad
        except csv.Error as wrong:
            bad.append(BadLine(line=line, field="line", why=str(wrong)))
            continue
        if not any(cell.strip() for cell in row):
            continue
        if len(found) == MOST:
            raise TooMuch("The group is too large", why=f"over {MOST} people", remedy="give it in several tables")
        cells = {name: cell.strip() for name, cell in zip(columns, row, strict=False) if name}
        try:
            found.append(_traveller(cells, line))
        except InvalidInput as wrong:
            bad.append(BadLine(line=line, field=wrong.field, why=wrong.why))


def _traveller(cells: dict[str, str], line: int) -> Traveller:
    joined = " ".join(part for part in (cells.get("given", ""), cells.get("family", "")) if part)
    names = tuple(name for name in (cells.get("name", ""), joined) if name)
    document = cells.get("document", "")
    made = Traveller(
        names=names, birth=birth(cells.get("birth", "")), documents=((document, cells.get("issuer", "").upper()[:3]),) if document else (),
        sex=cells.get("sex", "").lower()[:1], nationality=cells.get("nationality", "").upper()[:3], id=cells.get("id", "") or str(line),
    )  # fmt: skip
    if made.empty:
        raise InvalidInput("name", "neither a name nor a document", remedy="give one of them")
    if any(len(name) > 200 for name in names) or len(document) > 40:
        raise InvalidInput("name", "too long", remedy="give at most 200 characters")
    return made


def birth(text: str) -> str:
    """A birth date as typed to ISO, as far as it is known: 1990, 1990-05, 1990-05-17, 17/05/1990. Raises ``InvalidInput``."""
    text = text.strip()
    if not text:
        return ""
    found = _BIRTH.fullmatch(text)
    if found is None:
        raise InvalidInput(
            "birth", f"{text[:20]} is no date", remedy="give it as 1990-05-17, 17/05/1990, 1990-05 or only 1990"
        )
    year, month, day = found[1] or found[6], found[2] or found[5], found[3] or found[4]
    if (month and not 1 <= int(month) <= 12) or (day and not 1 <= int(day) <= 31) or not 1880 <= int(year) <= 2700:
        raise InvalidInput(
            "birth", f"{text[:20]} is no date", remedy="give it as 1990-05-17, 17/05/1990, 1990-05 or only 1990"
        )
    if int(year) > 2400:  # Buddhist era (A7): 2533 is 1990
        year = str(int(year) - 543)
    return "-".join(part for part in (year, month and month.zfill(2), day and day.zfill(2)) if part)
