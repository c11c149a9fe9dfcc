"""What private matching gives to other parts of the node and to faces (B1, B2, B6, R42).

A *term* is what somebody asks about. It leaves the node only blinded; what comes back is compared, here, with the tags that the asked
node offers. So the asked node learns that it was asked, by whom, for what purpose and how often, and never about whom; the asker learns
of a hit the owner's desk and a reference, never content; of a miss nothing but that it was asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from spean.node.same.model import Selector

if TYPE_CHECKING:
    from spean.node.entry.people import Who
    from spean.node.work import Work

State = Literal["asked", "answered", "declined", "not-asked", "lost"]
"""asked: no answer yet; declined: the node said why not; not-asked: an agreement, budget or safeguard of ours stood against it, or the
node offers nothing of the kind; lost: we were restarted before the answer came, and whom we meant is forgotten: ask again."""


HoldingState = Literal["ready", "fetching", "contested", "waiting"]
STATES: tuple[HoldingState, ...] = ("ready", "fetching", "contested", "waiting")


class Person(NamedTuple):
    """Somebody by name, as written in any script, and birth date (ISO, ``1988``, ``1988-04`` or ``1988-04-02``; empty: not known)."""

    name: str
    birth: str = ""


Term = Selector | Person
"""A selector's type says its category (``node.private.inputs.CATEGORY``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One of our terms is among what the node holds. It is a candidate: people look at it before anything follows (D8)."""

    node: str
    desk: str
    """The owner's unit that answers for it."""
    contact: str
    """How the desk is reached, as its offer says."""
    category: str
    reference: str
    """32 hex digits, by which the owner finds what it holds (``Private.referred`` there). Of use under this one agreement only."""
    month: str
    instrument: str
    term: int
    """Which of the terms that were asked, counted from 0."""
    keys: int
    """For a person: how many derived keys agree; otherwise 1."""
    weight: int
    """For a person: what these keys weigh together, 0–100; otherwise 100."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One node's answer about one category. Without hits it says nothing but that it was asked."""

    node: str
    category: str
    state: State
    record: str
    """The record *private-question* in both logs; empty when nothing was asked."""
    hits: tuple[Hit, ...] = ()
    why: str = ""
    """For *declined* and *not-asked*: rule and reason."""
    remedy: str = ""
    items: int = 0
    """How many items the node offers in this category, rounded up by it."""
    as_of: int = 0
    """When its table was last brought up to date, in ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked, of how many nodes; ``answers`` is complete when none of them is *asked*."""

    id: str
    answers: tuple[Answer, ...]

    @property
    def open(self) -> bool:
        """Whether an answer is still awaited."""
        return any(answer.state == "asked" for answer in self.answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """That a node answers private questions about one category under one agreement."""

    holder: str
    record: str
    instrument: str
    category: str
    month: str
    """Of the key that is in use, ``2026-03``."""
    desk: str
    contact: str
    purposes: tuple[str, ...]
    items: int
    """Rounded up, with dummies among them."""
    as_of: int
    state: HoldingState
    """fetching: the table is on its way; contested: two keys were shown for one month, so nothing is asked; waiting: no key yet."""
    fetched: int
    """Bytes of the table that are here, of ``size``."""
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a partner's questions have used of its budget in a calendar month, over all agreements, categories and keys of ours."""

    peer: str
    month: str
    elements: int
    budget: int
    years: int
    """How many years the enumeration of 10^8 numbers takes at this budget."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A watch compared a node's new tags with what it watches for: one hit, once."""

    watch: str
    hit: Hit


OnHit = Callable[["Work", Watched], None]
"""Told inside the transaction that took the new tags in; raise alarms and queue jobs there, and nothing slow."""


class PrivateMatching(Protocol):
    """``node.private``."""

    on_hit: list[OnHit]

    def ask(self, who: Who, terms: Sequence[Term], *, purpose: str, subject: str, reason: str, to: Sequence[str] = (),
            instrument: str = "", case: str = "", watch: str = "", watch_until: int = 0) -> Asked:  # fmt: skip
        """Ask nodes (empty: all that offer it to us) about terms, one record for each node and category, in one transaction.

        ``reason`` is written into the own log, where it can be erased (R38); it does not leave. ``case``: our record that it is for.
        With ``watch`` (a record's name) the finished tags are kept until ``watch_until`` (ms) and compared with what the nodes add from
        then on: see ``on_hit``. A watch is asked anew by itself when a month's key ends.
        Raises ``InvalidInput``, ``Refusal`` (O1, R24, R26) and ``TooMuch`` (R24) when nothing at all may be asked.
        """

    def answers(self, asked: str) -> Asked:
        """How far it is. Answers are given out by the process that asked: the blinds are in its memory only."""

    def ask_now(self, who: Who, terms: Sequence[Term], *, purpose: str, subject: str, reason: str, to: Sequence[str] = (),
                instrument: str = "", case: str = "", seconds: float = 4.0) -> Asked:  # fmt: skip
        """The same, and wait for the answers, at most so long."""

    def drop_watch(self, watch: str) -> None:
        """Forget the tags of a watch, and whom it meant."""

    def referred(self, who: Who, reference: str) -> tuple[str, ...]:
        """At the owner: our records that a reference of a hit names; empty for a dummy or what is gone. A read, logged (R38)."""

    def holdings(self) -> tuple[Holding, ...]:
        """What we offer and what is offered to us."""
