"""What an amendment says that it changes: the ground on which ``prove.py`` judges it.

A claim is a list of short sentences, so that a jurist can write and read it, and an amendment can carry it:
``adds data phone``, ``adds party VN``, ``removes purpose warn``, ``adds tlp AMBER``, ``refuses pair KH-TH``,
``adds after 2028-12-31``, ``permits data phone purpose warn`` (both together), ``adds onward``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from spean.agreements.model import DATA, HANDLING, PURPOSES, SUBJECTS, TLP_RANK, Pair, day_number
from spean.core.errors import InvalidInput
from spean.core.ids import check_node

_VERBS = {"adds": True, "permits": True, "removes": False, "refuses": False}
_LISTS = {
    "purpose": ("purposes", PURPOSES),
    "data": ("data", DATA),
    "subject": ("subjects", SUBJECTS),
    "tlp": ("tlp", frozenset(TLP_RANK)),
    "handling": ("handling", HANDLING),
}
_GRAMMAR = "write e.g. 'adds data phone', 'removes party VN' or 'refuses pair KH-TH'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """A region of questions. All that is named must match; an empty set stands for any. ``Within()`` is everything."""

    nodes: frozenset[str] = frozenset()
    """One of these is sender, receiver or origin."""
    pairs: frozenset[Pair] = frozenset()
    """It goes between both of one of these pairs, or comes from the one originally and goes to the other."""
    purposes: frozenset[str] = frozenset()
    data: frozenset[str] = frozenset()
    subjects: frozenset[str] = frozenset()
    tlp: frozenset[str] = frozenset()
    handling: frozenset[str] = frozenset()
    mediators: frozenset[str] = frozenset()
    onward: bool = False
    """Only what is passed on."""
    before: str = ""
    """Only days before this ISO date."""
    after: str = ""
    """Only days after this ISO date."""


@dataclass(frozen=True, slots=True)
class Change:
    """What an amendment may newly permit and newly refuse; outside of both every decision stays as it was."""

    permits: tuple[Within, ...] = ()
    refuses: tuple[Within, ...] = ()
    sentences: tuple[str, ...] = field(default=(), compare=False)


def read_claim(sentences: Iterable[str]) -> Change:
    """The claim in ``sentences``; raises ``InvalidInput`` for one that cannot be read. No sentence: no change."""
    permits: list[Within] = []
    refuses: list[Within] = []
    said = tuple(sentence.strip() for sentence in sentences)
    for sentence in said:
        verb, *words = sentence.split() or [""]
        if verb not in _VERBS or not words:
            raise _unreadable(sentence)
        (permits if _VERBS[verb] else refuses).append(_within(sentence, words))
    return Change(tuple(permits), tuple(refuses), said)


def _within(sentence: str, words: list[str]) -> Within:
    found: dict[str, Any] = {}
    rest = iter(words)
    for name in rest:
        key, value = ("onward", True) if name == "onward" else _part(sentence, name, next(rest, ""))
        if key in found:
            raise InvalidInput("claim", f"{name} is named twice in {sentence[:80]!r}", remedy="write two sentences")
        found[key] = value
    return Within(**found)


def _part(sentence: str, name: str, value: str) -> tuple[str, object]:
    if name in _LISTS:
        key, allowed = _LISTS[name]
        if value not in allowed:
            remedy = f"choose from: {', '.join(sorted(str(each) for each in allowed))}"
            raise InvalidInput("claim", f"{value[:40]!r} is no {name}", remedy=remedy)
        return key, frozenset((value,))
    if name in ("party", "mediator"):
        return {"party": "nodes", "mediator": "mediators"}[name], frozenset((check_node(value),))
    if name == "pair":
        pair = frozenset(check_node(node) for node in value.split("-"))
        if len(pair) != 2:
            raise InvalidInput("claim", f"{value[:40]!r} is no pair", remedy="write e.g. KH-TH")
        return "pairs", frozenset((pair,))
    if name in ("before", "after"):
        day_number("claim", value)
        return name, value
    raise _unreadable(sentence)


def _unreadable(sentence: str) -> InvalidInput:
    return InvalidInput("claim", f"{sentence[:80]!r} cannot be read", remedy=_GRAMMAR)
