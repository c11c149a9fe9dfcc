"""What stands between a FollowTheMoney file and our entities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

MOST_LINE = 2_000_000
MOST_VALUES = 300
"""Values of one entity that are taken; what is more is counted in the report."""


class Ftm(msgspec.Struct, frozen=True):
    """A line of a file. Other fields, such as captions and datasets, are derived there and are left aside."""

    id: str
    schema: str
    properties: dict[str, list[str]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One entity in our words: values by property, as the file writes them."""

    id: str
    kind: str
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """One link in our words, between two ids of the file."""

    id: str
    link: str
    source: str
    target: str
    role: str = ""
    since: str = ""
    until: str = ""


@dataclass(slots=True)
class Report:
    """What was not taken, and why: counts by name, never a value."""

    lines: int = 0
    things: int = 0
    ties: int = 0
    bad_lines: list[tuple[int, str]] = field(default_factory=list)
    """Line and reason, the first hundred."""
    schemata: Counter[str] = field(default_factory=Counter)
    """Schemata that no kind of ours takes."""
    properties: Counter[str] = field(default_factory=Counter)
    """``Schema.property`` that no property of ours takes."""
    forbidden: Counter[str] = field(default_factory=Counter)
    """Properties that R21 forbids to keep."""
    values: Counter[str] = field(default_factory=Counter)
    """``kind.property`` whose values are not well formed."""

    def bad(self, line: int, why: str) -> None:
        """A line that cannot be read."""
        if len(self.bad_lines) < 100:
            self.bad_lines.append((line, why))


FORBIDDEN = frozenset({"religion", "ethnicity", "political"})
"""Properties of that model that R21 forbids."""
_IGNORED = """
    indexText createdAt modifiedAt retrievedAt alephUrl namesMentioned topics keywords proof firstName lastName middleName secondName fatherName
    motherName nameSuffix wikidataId opencorporatesUrl publisher programId program birthCountry bodyText bodyHtml
"""
IGNORED = frozenset(_IGNORED.split())
"""Derived or administrative there: left aside without a word in the report."""
Values = Mapping[str, list[str]]
