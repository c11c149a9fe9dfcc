"""What the engine reads and writes: acts, views of records, the context of a judgement, outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

from spean.core.fact import ActorKind

Effect = Literal["effective", "overtaken", "waiting", "invalid"]
"""effective: counts; overtaken: a concurrent act won; waiting: a predecessor is missing; invalid: was not allowed."""


@dataclass(frozen=True, slots=True)
class Act:
    """A fact as the engine sees it: header words and the decoded form.

    ``roles`` is None for foreign acts: another state's officers are not ours to check. ``body`` is None when it is
    erased; rules that read it are then not judged again. ``time`` is in milliseconds.
    """

    id: str
    kind: str
    node: str
    actor: str
    actor_kind: ActorKind
    roles: frozenset[str] | None
    time: int
    builds_on: tuple[str, ...]
    targets: tuple[str, ...]
    body: Any | None
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordView:
    """What the shared acts of a record fold to.

    ``done`` holds, per *once* kind and fired reminder, the nodes that did it; per *pin*, the one fact that it names;
    under ``clock:<kind>`` a delay that a form set. ``entered_by`` is the fact that entered the state.
    """

    id: str
    procedure: str
    version: int
    parties: Mapping[str, tuple[str, ...]]
    state: str
    heads: tuple[str, ...]
    done: Mapping[str, tuple[str, ...]]
    opened_at: int
    entered_at: int
    entered_by: str


class Known(NamedTuple):
    """What is known about a fact that an act targets."""

    record: str
    kind: str
    node: str
    giver: str = ""
    """The partner that handed it to us; empty for our own."""
    actor: str = ""
    """The opaque id of whoever did it."""
    purpose: str = ""
    """The purpose in its envelope; empty when it has none."""


class LocalAct(NamedTuple):
    """An act on our own local track. ``about``: for ``approve`` the approved kind. ``body``: its form, None when erased."""

    kind: str
    actor: str
    node: str
    time: int
    about: str = ""
    body: Any | None = None


class Lookup(Protocol):
    """What rules and clocks may ask the node that judges."""

    def fact(self, name: str) -> Known | None:
        """The fact of that name if this node holds it."""

    def form(self, name: str) -> Any | None:
        """The form of a fact that this node holds; None when it is unknown or erased. Rules name it by a pin of the view,
        so that both ends read the same one."""

    def stated(self, record: str, kind: str) -> tuple[tuple[str, Any], ...]:
        """Name and form of all facts of that kind (or kinds: ``a | b``) in a record that count here, in the order of time; erased
        ones are missing.
        For rules that are the author's alone: another node may hold others."""

    def beside(
        self, procedure: str, states: frozenset[str], names: tuple[str, ...] = ()
    ) -> tuple[tuple[str, Any], ...]:
        """Other matters of that procedure that are in one of these states here: record and the form that opened it. ``names``: only those
        whose opening bears one of them, where the node keeps an index of such names. For rules that are the author's alone."""

    def opening(self, record: str) -> Any | None:
        """The form that opened another record here; None when there is none or it is erased. For rules that are the author's alone."""

    def chain(self, one: str, other: str, verdict: str) -> tuple[str, ...]:
        """The judgements, as facts, that a new one of these two entities would contradict, from one to the other. For rules that are
        the author's alone."""

    def same(self, record: str) -> tuple[tuple[str, str], ...]:
        """The entity, and those that people here judged to be the same one, each with the state that its record is in. For rules that are
        the author's alone."""

    def setting(self, name: str) -> int | None:
        """A national setting, for clocks in milliseconds; ``instrument:<id>``: the last moment for which that agreement lets data
        be kept, from now."""


class Nothing:
    """A lookup that knows nothing: for offers, tests and pure folds."""

    def fact(self, name: str) -> Known | None:
        """No fact is known."""
        del name
        return None

    def form(self, name: str) -> Any | None:
        """No form is known."""
        del name
        return None

    def stated(self, record: str, kind: str) -> tuple[tuple[str, Any], ...]:
        """Nothing was stated."""
        del record, kind
        return ()

    def beside(
        self, procedure: str, states: frozenset[str], names: tuple[str, ...] = ()
    ) -> tuple[tuple[str, Any], ...]:
        """There is no other matter."""
        del procedure, states, names
        return ()

    def opening(self, record: str) -> Any | None:
        """There is no other record."""
        del record
        return None

    def chain(self, one: str, other: str, verdict: str) -> tuple[str, ...]:
        """Nobody judged anything."""
        del one, other, verdict
        return ()

    def same(self, record: str) -> tuple[tuple[str, str], ...]:
        """It stands alone."""
        del record
        return ()

    def setting(self, name: str) -> int | None:
        """Nothing is set."""
        del name
        return None


NOTHING = Nothing()


@dataclass(frozen=True, slots=True)
class Context:
    """Where and when an act is judged: our node ``me``, ``now`` in ms, lookups, and our local acts on the record."""

    now: int
    me: str
    ask: Lookup = NOTHING
    local: tuple[LocalAct, ...] = ()


@dataclass(frozen=True, slots=True)
class TimerDue:
    """A clock that runs: at ``due_at`` (ms) the node of ``by_party`` writes the act ``kind``."""

    name: str
    due_at: int
    kind: str
    by_party: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """An act was accepted: the record's new view, and *all* clocks that run from now on."""

    view: RecordView
    effect: Effect
    timers: tuple[TimerDue, ...]


@dataclass(frozen=True, slots=True)
class Folded:
    """A set of acts folded. ``view`` is None while no opening act is here. ``invalid`` gives reasons."""

    view: RecordView | None
    effects: dict[str, Effect]
    timers: tuple[TimerDue, ...]
    invalid: dict[str, str]
    chain: tuple[str, ...]
    """The moving acts that count, in order."""
