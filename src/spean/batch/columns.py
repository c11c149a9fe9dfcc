"""What the columns of a list hold: ``given=first_name,family=surname,birth=dob,id=no`` as people type it, or the same in a file."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from spean.core.errors import InvalidInput

NAMES = ("name", "given", "family")
PLAIN = ("birth", "place", "code")
IDENTIFIERS = ("phone", "account", "wallet", "document", "email")
ROLES: Mapping[str, str] = {
    "id": "what names the row in the answer; without it the row's number",
    "name": "a whole name, in any script and order",
    "given": "given names",
    "family": "family name",
    "birth": "date of birth, ISO 8601 (also 19900102, 1990-05 or 1990)",
    "place": "a place in words",
    "code": "a postal or area code, whose beginning means the wider area",
    **dict.fromkeys(IDENTIFIERS, "an identifier: equal or not"),
    "same": "any other column that is equal or not; may be given several times",
}
"""Role → what a column of it holds."""

_MANY = "same"
_MOST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Columns:
    """Role → column of the list. ``same``: further columns that are equal or not."""

    of: Mapping[str, str]
    same: tuple[str, ...] = ()

    def has(self, *roles: str) -> bool:
        return all(role in self.of for role in roles)

    @property
    def all(self) -> tuple[str, ...]:
        """Every column that is read."""
        return (*self.of.values(), *self.same)


def _typed(text: str) -> list[tuple[str, str]]:
    pairs = []
    for each in text.split(","):
        role, sign, column = each.partition("=")
        if not sign:
            raise InvalidInput(
                "columns", f"{each!r} is no role=column", remedy="for example id=no,name=full_name,birth=dob"
            )
        pairs.append((role.strip(), column.strip()))
    return pairs


def _filed(path: Path) -> list[tuple[str, str]]:
    if path.stat().st_size > _MOST_BYTES:
        raise InvalidInput(
            "columns", f"{path.name} is larger than {_MOST_BYTES} bytes", remedy='a TOML file of role = "column"'
        )
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput("columns", f"{path.name}: {error}", remedy='lines of role = "column"') from error
    return [
        (role, str(one)) for role, value in found.items() for one in (value if isinstance(value, list) else [value])
    ]


def parse(text: str) -> Columns:
    """Roles and columns from the command line: pairs, or the name of a TOML file with them. Raises ``InvalidInput``."""
    path = Path(text)
    pairs = _filed(path) if "=" not in text and path.is_file() else _typed(text)
    of: dict[str, str] = {}
    same: list[str] = []
    for role, column in pairs:
        if role not in ROLES:
            raise InvalidInput("columns", f"no role {role!r}", remedy="one of " + ", ".join(ROLES))
        if not column:
            raise InvalidInput("columns", f"{role} names no column", remedy=f"{role}=COLUMN")
        if role == _MANY:
            same.append(column)
        elif role in of:
            raise InvalidInput(
                "columns", f"{role} is given twice", remedy="one column a role; only same may be given again"
            )
        else:
            of[role] = column
    return Columns(of, tuple(same))


def guess(header: Sequence[str]) -> Columns:
    """Columns that are called like their role."""
    return Columns({each: each for each in header if each in ROLES and each != _MANY})


def header(path: Path) -> list[str]:
    """The first line of a CSV file. Raises ``InvalidInput``."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return next(csv.reader(file), [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput("file", f"{path.name}: {error}", remedy="a CSV file in UTF-8 with a header") from error
    except OSError as error:
        raise InvalidInput("file", f"{path}: {error.strerror}", remedy="the path of a CSV file") from error


def check(columns: Columns, name: str, found: Sequence[str]) -> None:
    """Every column is there, and there is something to compare. Raises ``InvalidInput``."""
    for column in columns.all:
        if column not in found:
            raise InvalidInput(
                "columns", f"{name} has no column {column!r}", remedy="its columns are " + ", ".join(found)
            )
    if not columns.has("name") and not columns.has("given", "family") and not any(map(columns.has, IDENTIFIERS)):
        raise InvalidInput(
            "columns",
            "nothing says who is meant",
            remedy="name a column as name, as given and family, or as an identifier",
        )
