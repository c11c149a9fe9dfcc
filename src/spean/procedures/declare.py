"""How a procedure is declared: parties, moves, timers, ends (D6). The declaration is data that a jurist can read.

Paths: ``"-> sent"`` opens a record; ``"sent | delivered -> acknowledged"`` moves it; ``"in-force | amending"``
(no arrow) is done in these states and stays; ``"*"`` is done in any state and stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from spean.procedures.check import check
from spean.procedures.clocks import Delay, FromForm
from spean.procedures.forms import Form
from spean.procedures.generic import GENERIC_FORMS, Empty
from spean.procedures.rules import Rule

Since = Literal["entered", "opened"]
Begins = Callable[[Any], dict[str, Any]]
ANY = "*"


@dataclass(frozen=True, slots=True)
class Party:
    """A side of a record. The opening act's node takes the party that ``opens``; its recipients take the other,
    which may be ``many`` nodes."""

    name: str
    many: bool = False
    opens: bool = False
    doc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One kind of act. ``target`` is None when it stays; ``sources`` is empty for an opening act."""

    kind: str
    path: str
    sources: tuple[str, ...]
    target: str | None
    by: tuple[str, ...]
    form: type[Form]
    doc: str = ""
    rules: tuple[Rule, ...] = ()
    human: bool = True
    adverse: bool = False
    auto: bool = False
    prevails: int = 0
    once: bool = False
    roles: tuple[str, ...] = ()
    bulk: bool = False
    local: bool = False
    correctable: bool = True
    pins: str = ""
    resets: tuple[str, ...] = ()
    within: Delay | None = None
    else_: str = ""
    clock_by: str = ""
    is_timer: bool = False
    after: Delay | None = None
    since: Since = "entered"
    begins: Begins | None = None
    """What stands in its form at first, from the form that opened the record."""

    @property
    def opens(self) -> bool:
        """Whether this act opens a record."""
        return not self.sources

    @property
    def moves(self) -> bool:
        """Whether this act enters a state."""
        return self.target is not None

    def allowed_in(self, state: str) -> bool:
        """Whether the act may be done in ``state``."""
        return state in self.sources or self.sources == (ANY,)


@dataclass(frozen=True, slots=True, eq=False)
class Procedure:
    """A cooperation process, checked when built: ``DeclarationError`` names what is wrong.

    ``states`` gives each state's meaning in words; when given, it must name all of them. ``candidates`` are states
    that rest on a match, a score or a model (D8).
    """

    name: str
    version: int
    title: str
    parties: tuple[Party, ...]
    transitions: tuple[Transition, ...]
    ends: tuple[str, ...]
    doc: str
    states: Mapping[str, str] = field(default_factory=dict)
    candidates: tuple[str, ...] = ()
    rests: tuple[str, ...] = ()
    """States in which nobody is expected to act, such as an agreement in force: acts are possible, none is due."""
    domestic: bool = False
    """Whether a node may be both parties: then nobody receives anything, and the record stays in its own log."""
    through: str = ""
    """How a record is opened when not by its own form: by another act, which makes it."""
    by_kind: Mapping[str, Transition] = field(init=False, repr=False)
    state_names: tuple[str, ...] = field(init=False, repr=False)
    clocks_in: Mapping[str, tuple[Transition, ...]] = field(init=False, repr=False)
    """Per state, the acts with a clock that runs there."""
    clock_readers: Mapping[str, tuple[Transition, ...]] = field(init=False, repr=False)
    """Per kind, the acts whose clock reads that kind's form."""

    def __post_init__(self) -> None:
        kinds = {transition.kind: transition for transition in generic(self.parties)}
        kinds.update((transition.kind, transition) for transition in self.transitions)
        object.__setattr__(self, "by_kind", kinds)
        object.__setattr__(self, "state_names", _state_names(self.transitions))
        check(self)
        if self.states:
            object.__setattr__(self, "state_names", tuple(self.states))
        timed = [t for t in self.transitions if t.within is not None or t.after is not None]
        in_state = {name: tuple(t for t in timed if self._runs_in(t, name)) for name in self.state_names}
        object.__setattr__(self, "clocks_in", in_state)
        readers = {kind: tuple(t for t in timed if kind in self._read_by(t)) for kind in kinds}
        object.__setattr__(self, "clock_readers", {kind: found for kind, found in readers.items() if found})

    def _runs_in(self, transition: Transition, state: str) -> bool:
        fired = self.by_kind[transition.else_] if transition.else_ else transition
        return transition.allowed_in(state) and fired.allowed_in(state)

    def _read_by(self, transition: Transition) -> tuple[str, ...]:
        delay = transition.after if transition.is_timer else transition.within
        if not isinstance(delay, FromForm):
            return ()
        return delay.of or (self.opening.kind,)

    @property
    def own(self) -> bool:
        """Whether its records stay at their own node: it has one party, so no fact of it has a recipient."""
        return len(self.parties) == 1

    @property
    def opening(self) -> Transition:
        """The one act that opens a record."""
        return next(transition for transition in self.transitions if transition.opens)

    def party(self, name: str) -> Party:
        """The party of that name; ``KeyError`` if there is none."""
        for party_ in self.parties:
            if party_.name == name:
                return party_
        raise KeyError(name)

    @property
    def adverse_states(self) -> frozenset[str]:
        """The states that an adverse act enters."""
        return frozenset(t.target for t in self.transitions if t.adverse and t.target is not None)


def party(name: str, *, many: bool = False, opens: bool = False, doc: str = "") -> Party:
    """A side of the record; ``doc`` says who that is."""
    return Party(name, many, opens, doc)


def move(
    kind: str,
    path: str,
    *,
    by: str,
    form: type[Form],
    rules: tuple[Rule, ...] = (),
    human: bool = True,
    adverse: bool = False,
    auto: bool = False,
    prevails: int = 0,
    within: Delay | None = None,
    else_: str | None = None,
    clock_by: str = "",
    since: Since = "entered",
    once: bool = False,
    roles: tuple[str, ...] = (),
    bulk: bool = False,
    correctable: bool = True,
    pins: str = "",
    resets: tuple[str, ...] = (),
    begins: Begins | None = None,
    doc: str = "",
) -> Transition:
    """An act of a party.

    human: only a person may do it (an ``auto`` act is done by the node itself when its rules allow it, so never
    human). adverse: acts against somebody. prevails: among concurrent acts the higher number wins. within/else_:
    the deadline for this act, counted from the entering of the state, and the timer that fires when it is missed.
    once: once per node. pins: the view names the latest such act under this word. resets: *once* kinds that must be
    done afresh after this act. begins: what its form holds at first. bulk: may come in batches. correctable: whether its origin may correct it alone.
    """
    sources, target = _path(path)
    return Transition(
        kind=kind, path=path, sources=sources, target=target, by=_names(by), form=form, doc=doc, rules=rules,
        human=human and not auto, adverse=adverse, auto=auto, prevails=prevails, once=once, roles=roles, bulk=bulk,
        pins=pins, resets=resets, correctable=correctable and not auto, within=within,
        else_=else_ or "", clock_by=clock_by, since=since, begins=begins,
    )  # fmt: skip


def timer(
    kind: str,
    path: str,
    *,
    by: str,
    after: Delay | None = None,
    since: Since = "entered",
    prevails: int = 0,
    adverse: bool = False,
    doc: str = "",
) -> Transition:
    """An act of a clock, written by the node of party ``by``: it may release, remind or escalate, never act against
    anybody. Without ``after`` it is fired by the missed deadline (``else_``) of a move."""
    sources, target = _path(path)
    return Transition(
        kind=kind, path=path, sources=sources, target=target, by=_names(by), form=Empty, doc=doc, human=False,
        adverse=adverse, prevails=prevails, is_timer=True, correctable=False, after=after, since=since,
    )  # fmt: skip


def local(
    kind: str,
    path: str,
    *,
    by: str,
    form: type[Form],
    rules: tuple[Rule, ...] = (),
    roles: tuple[str, ...] = (),
    human: bool = True,
    begins: Begins | None = None,
    doc: str = "",
) -> Transition:
    """An act on a party's own local track: never sent, and without effect on the shared state."""
    sources, target = _path(path)
    return Transition(
        kind=kind, path=path, sources=sources, target=target, by=_names(by), form=form, doc=doc, rules=rules,
        roles=roles, human=human, local=True, begins=begins,
    )  # fmt: skip


def generic(parties: tuple[Party, ...]) -> tuple[Transition, ...]:
    """The kinds that every procedure has: ``correct`` (shared), ``note`` and ``approve`` (local)."""
    everybody = tuple(party_.name for party_ in parties)
    shared = {"correct": False}
    return tuple(
        Transition(
            kind=kind, path=ANY, sources=(ANY,), target=None, by=everybody, form=form, doc=doc,
            human=kind == "approve", local=kind not in shared,
        )
        for kind, (form, doc) in GENERIC_FORMS.items()
    )  # fmt: skip


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|"))


def _path(path: str) -> tuple[tuple[str, ...], str | None]:
    before, arrow, target = path.partition("->")
    sources = _names(before) if before.strip() else ()
    return sources, (target.strip() if arrow else None)


def _state_names(transitions: tuple[Transition, ...]) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for transition in sorted(transitions, key=lambda t: not t.opens):
        for name in (*transition.sources, *([transition.target] if transition.target is not None else [])):
            if name != ANY:
                names.setdefault(name)
    return tuple(names)
