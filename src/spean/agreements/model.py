"""The instrument: what states have agreed, as plain frozen data (DOMAIN 4.1, 6.A; A1, R26, R29, R30).

An instrument is built whole or not at all: every field is checked when it is made, against the closed lists of
``core.marks``, and ``InvalidInput`` names the field that is wrong. Its text form is in ``form.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Literal, get_args

from spean.core.errors import InvalidInput
from spean.core.ids import check_node, parse_record
from spean.core.marks import Data, Handling, Purpose, Subject, Tlp

Onward = Literal["never", "consent", "parties"]
State = Literal["draft", "review", "signed", "in-force", "expired", "terminated"]
Pair = frozenset[str]

PURPOSES = frozenset(Purpose)
DATA = frozenset(Data)
SUBJECTS = frozenset(Subject)
HANDLING = frozenset(Handling)
TLP_RANK: Mapping[str, int] = MappingProxyType({str(mark): mark.rank for mark in Tlp})

CLAUSES = (
    "instrument", "state", "dates", "parties", "mediator", "origin", "suspension",
    "purpose", "data", "subject", "tlp", "handling", "onward", "prohibition",
)  # fmt: skip
"""The clauses in which an instrument is explained (``explain.py``), in the order in which they are read."""

MAX_TITLE = 300
MAX_WORDS = 2_000
MAX_ITEMS = 500
MAX_PARTIES = 64
MAX_RETENTION_DAYS = 1_827
"""Five years: data are reviewed or deleted by then (R33)."""

PEERING = "peering"
"""Id of the one built-in instrument."""
OWN = "own"
"""Stands for an instrument on facts of a node's own records, which have no recipients: no agreement permits what never leaves."""
_ARTICLE = re.compile(r"[0-9]{1,3}[a-z]?(\([0-9]{1,2}\))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prohibition:
    """A combination that must not leave, whatever else permits it. An empty set stands for *any*."""

    article: str
    """The article that says so, e.g. ``7(2)``; empty when the instrument numbers none."""
    data: frozenset[str] = frozenset()
    subjects: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        _member_set("prohibitions.data", self.data, DATA, empty=True)
        _member_set("prohibitions.subjects", self.subjects, SUBJECTS, empty=True)
        _member_set("prohibitions.purposes", self.purposes, PURPOSES, empty=True, rule="R20")
        if not (self.data or self.subjects or self.purposes):
            raise InvalidInput("prohibitions", "it names nothing", remedy="name data, persons or purposes", rule="R26")
        _article("prohibitions.article", self.article)

    def meets(self, data: str, subject: str, purpose: str) -> bool:
        """Does this combination fall under it?"""
        named = ((self.data, data), (self.subjects, subject), (self.purposes, purpose))
        return all(not values or value in values for values, value in named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """One pair of parties between which the instrument rests (A1, A9), by whose act and since when."""

    pair: Pair
    by: str
    """The node that suspended."""
    when: str
    """ISO date."""
    reason: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.pair, frozenset) or len(self.pair) != 2:
            raise InvalidInput("suspended", "a suspension is between two parties", remedy="name two nodes", rule="A1")
        _node("suspended.by", self.by)
        day_number("suspended.when", self.when)
        _words("suspended.reason", self.reason, MAX_WORDS, empty=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """An agreement between nodes. All values are those of ``core.marks``; dates are ISO, inclusive.

    Raises ``InvalidInput`` naming the field, with rule R20 (closed list of purposes), R26 or R30.
    """

    id: str
    """Record id of the agreement, or ``peering``."""
    title: str
    version: int = 1
    parties: frozenset[str]
    purposes: frozenset[str]
    data: frozenset[str]
    subjects: frozenset[str]
    """Categories of persons; ``none`` admits data about nobody."""
    tlp_ceiling: str
    handling: frozenset[str]
    onward: Onward = "never"
    """May a receiver pass it on: never, with the origin's consent, or to the parties of this instrument."""
    mediators: frozenset[str] = frozenset()
    """Nodes that may carry between parties when a pair is suspended or has no channel (A9)."""
    retention_days: int
    quotas: Mapping[str, int] = field(default_factory=dict, hash=False)
    """Purpose → most facts per partner and calendar month."""
    contacts: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Node → the office that answers for this instrument there."""
    articles: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Article number → what it says."""
    cites: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Clause (``CLAUSES``) → number of the article on which it rests, so that a reason can cite it."""
    starts: str
    ends: str = ""
    """Last day; empty when it runs until denounced."""
    prohibitions: tuple[Prohibition, ...] = ()
    state: State = "draft"
    suspended: frozenset[Suspension] = frozenset()

    def __post_init__(self) -> None:
        self._check_identity()
        _member_set("purposes", self.purposes, PURPOSES, rule="R20")
        _member_set("data", self.data, DATA)
        _member_set("subjects", self.subjects, SUBJECTS, rule="R30")
        _member_set("handling", self.handling, HANDLING)
        _member("tlp_ceiling", self.tlp_ceiling, TLP_RANK)
        _member("onward", self.onward, get_args(Onward))
        _member("state", self.state, get_args(State))
        self._check_time()
        self._check_pairs()
        self._check_maps()

    def _check_identity(self) -> None:
        check_instrument_id(self.id)
        _words("title", self.title, MAX_TITLE)
        _whole("version", self.version, 1, 1_000_000)
        _nodes("parties", self.parties)
        if len(self.parties) < 2:
            raise InvalidInput("parties", "an agreement needs two parties", remedy="name at least two", rule="R26")
        _nodes("mediators", self.mediators)

    def _check_time(self) -> None:
        _whole("retention_days", self.retention_days, 1, MAX_RETENTION_DAYS, rule="R33")
        first = day_number("starts", self.starts)
        if self.ends and day_number("ends", self.ends) < first:
            raise InvalidInput("ends", "it ends before it starts", remedy=f"give a day from {self.starts} on")

    def _check_pairs(self) -> None:
        if not isinstance(self.suspended, frozenset) or len(self.suspended) > MAX_PARTIES * MAX_PARTIES // 2:
            raise InvalidInput("suspended", "not a set of suspensions", remedy="give a set, one per pair", rule="A1")
        pairs = [suspension.pair for suspension in self.suspended]
        if len(set(pairs)) != len(pairs):
            raise InvalidInput("suspended", "a pair is suspended twice", remedy="name each pair once", rule="A1")
        if strangers := frozenset().union(*pairs) - self.parties - self.mediators:
            raise InvalidInput("suspended", f"{_some(strangers)} is no party", remedy="name parties", rule="A1")
        if not isinstance(self.prohibitions, tuple) or len(self.prohibitions) > MAX_ITEMS:
            raise InvalidInput("prohibitions", "too many, or not a list", remedy=f"give at most {MAX_ITEMS}")

    def _check_maps(self) -> None:
        for name in ("quotas", "contacts", "articles", "cites"):
            given = getattr(self, name)
            if not isinstance(given, Mapping) or len(given) > MAX_ITEMS:
                raise InvalidInput(name, "too many, or not a table", remedy=f"give a table of at most {MAX_ITEMS}")
            object.__setattr__(self, name, MappingProxyType(dict(given)))
        for purpose, most in self.quotas.items():
            _member("quotas", purpose, self.purposes)
            _whole("quotas", most, 0, 10**9)
        for node, office in self.contacts.items():
            _member("contacts", node, self.parties | self.mediators)
            _words("contacts", office, MAX_WORDS)
        for number, says in self.articles.items():
            _article("articles", number)
            _words("articles", says, MAX_WORDS)
        for clause, number in self.cites.items():
            _member("cites", clause, CLAUSES)
            _article("cites", number)

    @property
    def first_day(self) -> int:
        """First day as the proleptic ordinal (1 = 0001-01-01)."""
        return date.fromisoformat(self.starts).toordinal()

    @property
    def last_day(self) -> int:
        """Last day as the proleptic ordinal; the last day of all when open-ended."""
        return (date.fromisoformat(self.ends) if self.ends else date.max).toordinal()

    @property
    def members(self) -> frozenset[str]:
        """Parties and mediators: every node that can stand at the end of a hop."""
        return self.parties | self.mediators

    def suspension_of(self, a: str, b: str) -> Suspension | None:
        """The suspension of this pair, if it rests."""
        pair = frozenset((a, b))
        return next((each for each in self.suspended if each.pair == pair), None)


def peering(nodes: Iterable[str]) -> Instrument:
    """The instrument that accepting a peer concludes (docs/design.md, 6): agreement texts, directory entries and keys
    among nodes that have accepted one another, about no person, to coordinate or warn, and nothing else.

    ``nodes`` are this node and its peers; both ends of a hop judge it by their own list, so both must have accepted."""
    return Instrument(
        id=PEERING,
        title="Peering",
        parties=frozenset(check_node(node) for node in nodes),
        purposes=frozenset((Purpose.COORDINATE.value, Purpose.WARN.value)),
        data=frozenset((Data.AGREEMENT.value, Data.DIRECTORY.value, Data.KEY.value)),
        subjects=frozenset((Subject.NONE.value,)),
        tlp_ceiling=Tlp.AMBER_STRICT.value,
        handling=frozenset(str(code) for code in Handling),
        retention_days=MAX_RETENTION_DAYS,
        starts=date.min.isoformat(),
        state="in-force",
    )


def check_instrument_id(text: str) -> str:
    """The id itself when it is a record's name or ``peering``, else ``InvalidInput``."""
    if text == PEERING:
        return text
    if not isinstance(text, str):
        raise InvalidInput("id", "not an instrument's id", remedy="give NODE:procedure:ULID or peering", rule="R26")
    parse_record(text)
    return text


def day_number(name: str, text: str) -> int:
    """An ISO date (``2026-03-04``, nothing else) as the proleptic ordinal, else ``InvalidInput`` for ``name``."""
    try:
        day = date.fromisoformat(text)
    except (TypeError, ValueError):
        raise InvalidInput(name, "not a date", remedy="give YYYY-MM-DD") from None
    if day.isoformat() != text:  # fromisoformat also takes 20260304 and 2026-W10-3
        raise InvalidInput(name, "not a plain date", remedy="give YYYY-MM-DD")
    return day.toordinal()


def _some(values: Iterable[object]) -> str:
    return ", ".join(sorted(str(value)[:40] for value in values)[:5])


def _member(name: str, value: object, allowed: Iterable[str], rule: str = "R26") -> None:
    if not isinstance(value, str) or value not in allowed:
        raise InvalidInput(name, f"{str(value)[:40]!r} is not on the list", remedy=f"choose from: {_list(allowed)}",
                           rule=rule)  # fmt: skip


def _member_set(
    name: str, values: object, allowed: frozenset[str] | frozenset[Purpose], *, empty: bool = False, rule: str = "R26"
) -> None:
    if not isinstance(values, frozenset) or not (values or empty):
        raise InvalidInput(name, "it names nothing", remedy=f"choose from: {_list(allowed)}", rule=rule)
    if strange := values - allowed:
        raise InvalidInput(name, f"{_some(strange)} is not on the list", remedy=f"choose from: {_list(allowed)}",
                           rule=rule)  # fmt: skip


def _list(allowed: Iterable[str]) -> str:
    return ", ".join(sorted(str(each) for each in allowed))


def _nodes(name: str, values: object) -> None:
    if not isinstance(values, frozenset) or len(values) > MAX_PARTIES:
        raise InvalidInput(name, "not a set of nodes", remedy=f"give at most {MAX_PARTIES} nodes", rule="R26")
    for value in values:
        _node(name, value)


def _node(name: str, value: object) -> None:
    try:
        check_node(value if isinstance(value, str) else "")
    except InvalidInput as wrong:
        raise InvalidInput(name, wrong.why, remedy=wrong.remedy, rule="R26") from None


def _words(name: str, value: object, most: int, *, empty: bool = False) -> None:
    if not isinstance(value, str) or not (value.strip() or empty):
        raise InvalidInput(name, "it is empty", remedy="write it in words")
    if len(value) > most:
        raise InvalidInput(name, f"{len(value)} characters are too many", remedy=f"use at most {most}")
    if any(not (sign.isprintable() or sign == "\n") for sign in value):
        raise InvalidInput(name, "it holds control characters", remedy="use plain text")


def _whole(name: str, value: object, least: int, most: int, rule: str = "form") -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise InvalidInput(name, f"{str(value)[:40]} is out of bounds", remedy=f"give {least} to {most}", rule=rule)


def _article(name: str, value: object) -> None:
    if value != "" and (not isinstance(value, str) or _ARTICLE.fullmatch(value) is None):
        raise InvalidInput(name, f"{str(value)[:40]!r} is no article number", remedy="give e.g. 4, 12a or 7(2)")
