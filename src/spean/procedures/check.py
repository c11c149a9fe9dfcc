"""What a declaration must fulfil before the engine runs it. Each fault is a ``DeclarationError`` that names it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from spean.core.errors import SpeanError
from spean.procedures.clocks import FromForm
from spean.procedures.forms import has_floats

if TYPE_CHECKING:
    from spean.procedures.declare import Procedure, Transition

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


class DeclarationError(SpeanError):
    """A procedure is declared wrongly; raised when it is built, so never at work."""

    def __init__(self, procedure: str, why: str) -> None:
        super().__init__(f"Procedure {procedure}", why=why, remedy="correct the declaration", rule="D6")


def check(procedure: Procedure) -> None:
    """Raise ``DeclarationError`` for the first fault found."""
    for examine in (_names, _parties, _openings, _states, _rests, _clocks, _safeguards, _words):
        for fault in examine(procedure):
            raise DeclarationError(procedure.name, fault)


def _names(procedure: Procedure) -> Iterable[str]:
    if procedure.version < 1:
        yield "versions count from 1"
    kinds = [transition.kind for transition in procedure.transitions]
    for name in (procedure.name, *kinds, *procedure.state_names, *(party.name for party in procedure.parties)):
        if _NAME.fullmatch(name) is None:
            yield f"{name!r} is not a name (small letters, digits, hyphens)"
    for kind in kinds:
        if kinds.count(kind) > 1 or kind in ("correct", "note", "approve"):
            yield f"kind {kind!r} is declared twice"
    for transition in procedure.transitions:
        if has_floats(transition.form):
            yield f"{transition.kind}: the form has a floating-point field; use integers"


def _parties(procedure: Procedure) -> Iterable[str]:
    names = [party.name for party in procedure.parties]
    if not 1 <= len(names) <= 2 or len(set(names)) != len(names):
        yield "one or two parties of different names are needed; more countries are more records"
    openers = [party for party in procedure.parties if party.opens]
    if len(openers) != 1 or openers[0].many:
        yield "exactly one party, of one node, opens"
    for transition in procedure.transitions:
        for name in transition.by:
            if name not in names:
                yield f"{transition.kind}: unknown party {name!r}"


def _rests(procedure: Procedure) -> Iterable[str]:
    for name in procedure.rests:
        if name not in procedure.state_names:
            yield f"rests in {name!r}, which is no state"


def _openings(procedure: Procedure) -> Iterable[str]:
    openings = [transition for transition in procedure.transitions if transition.opens]
    if len(openings) != 1 or openings[0].target is None or openings[0].local:
        yield "exactly one act opens, and it enters a state"
    elif openings[0].by != tuple(party.name for party in procedure.parties if party.opens):
        yield f"{openings[0].kind}: only the party that opens may open"


def _states(procedure: Procedure) -> Iterable[str]:
    states = procedure.state_names
    for name in (*procedure.ends, *procedure.candidates):
        if name not in states:
            yield f"unknown state {name!r}"
    if procedure.states and set(procedure.states) != set(states):
        yield f"states in words and in paths differ: {sorted(set(procedure.states) ^ set(states))}"
    reached = _reach(procedure, {procedure.opening.target or ""}, lambda _: True)
    for name in states:
        exits = [t for t in procedure.transitions if t.moves and t.allowed_in(name) and t.target != name]
        if name not in reached:
            yield f"state {name!r} cannot be reached"
        if name in procedure.ends and exits:
            yield f"state {name!r} is an end, but {exits[0].kind} leaves it"
        if name not in procedure.ends and not exits:
            yield f"state {name!r} has no exit and is no end"


def _clocks(procedure: Procedure) -> Iterable[str]:
    kinds = {transition.kind: transition for transition in procedure.transitions}
    fired = {transition.else_ for transition in procedure.transitions if transition.else_}
    for transition in procedure.transitions:
        yield from _deadline(procedure, transition)
        if transition.is_timer:
            yield from _timer(procedure, transition, fired)
        for delay in (transition.within, transition.after):
            for kind in delay.of if isinstance(delay, FromForm) else ():
                if kind not in kinds or not kinds[kind].moves:
                    yield f"{transition.kind}: the clock reads the form of {kind!r}, which is no move"


def _deadline(procedure: Procedure, transition: Transition) -> Iterable[str]:
    if (transition.within is None) != (transition.else_ == ""):
        yield f"{transition.kind}: a clock without an end (within needs else_, and else_ needs within)"
    if not transition.else_:
        return
    missed = {t.kind: t for t in procedure.transitions}.get(transition.else_)
    if missed is None or not missed.is_timer:
        yield f"{transition.kind}: else_ names {transition.else_!r}, which is no timer"
    elif transition.clock_by and (transition.clock_by,) != missed.by:
        yield f"{transition.kind}: clock_by says {transition.clock_by!r}, but {missed.kind} is by {missed.by[0]!r}"
    elif not any(missed.allowed_in(state) for state in transition.sources):
        yield f"{transition.kind}: {missed.kind} cannot fire in {transition.path!r}"


def _timer(procedure: Procedure, timer: Transition, fired: set[str]) -> Iterable[str]:
    if timer.opens or len(timer.by) != 1 or procedure.party(timer.by[0]).many:
        yield f"{timer.kind}: a timer is owned by one party of one node and opens nothing"
    if timer.after is None and timer.kind not in fired:
        yield f"{timer.kind}: no clock fires this timer"
    if timer.adverse or timer.target in procedure.adverse_states:
        yield f"{timer.kind}: a timer never acts against anybody (D8)"
    if timer.target is not None:
        later = _reach(procedure, {timer.target}, lambda transition: transition.is_timer)
        if any(timer.allowed_in(state) for state in later):
            yield f"{timer.kind}: a clock without an end: it comes back to where it fires"
    starts = (timer.target,) if timer.target is not None else timer.sources
    for state in starts:
        if not ends_well(procedure, state):
            yield f"{timer.kind}: a clock without an end: from {state!r} no end and no human turn is reached"


def ends_well(procedure: Procedure, state: str) -> bool:
    """Whether clocks alone lead from ``state`` to an end or to a state in which a person can move."""
    reached = _reach(procedure, {state}, lambda transition: transition.is_timer or transition.auto)
    return any(name in procedure.ends or _human_turn(procedure, name) for name in reached)


def _human_turn(procedure: Procedure, state: str) -> bool:
    return any(
        transition.moves and transition.allowed_in(state) and not transition.is_timer and not transition.auto
        for transition in procedure.transitions
    )


def _safeguards(procedure: Procedure) -> Iterable[str]:
    for transition in procedure.transitions:
        if not transition.adverse:
            continue
        if not transition.human:
            yield f"{transition.kind}: adverse, but not bound to a human decision (R1)"
        if "reason" not in transition.form.__struct_fields__:
            yield f"{transition.kind}: adverse, but its form has no reason (R1)"
        if transition.bulk:
            yield f"{transition.kind}: adverse, so each is decided and signed by itself (R1, R3)"
    for state in sorted(procedure.adverse_states):
        if not any(t.allowed_in(state) and t.moves and t.prevails > 0 for t in procedure.transitions):
            yield f"adverse state {state!r} has no way back (a move that prevails)"
    mechanical = _reach(procedure, set(procedure.candidates), lambda transition: not transition.human)
    for state in sorted(mechanical & procedure.adverse_states):
        yield f"a path from a candidate to the adverse state {state!r} has no human decision (D8, R2)"


def _words(procedure: Procedure) -> Iterable[str]:
    kinds = {transition.kind for transition in procedure.transitions}
    once = {transition.kind for transition in procedure.transitions if transition.once}
    for transition in procedure.transitions:
        if transition.local and (transition.moves or transition.opens):
            yield f"{transition.kind}: a local act does not move the shared state"
        if transition.pins and (not transition.moves or transition.pins in kinds):
            yield f"{transition.kind}: only a move pins, under a word that is no kind"
        for kind in transition.resets:
            if kind not in once or not transition.moves:
                yield f"{transition.kind}: resets {kind!r}, which is no once kind"


def _reach(procedure: Procedure, states: set[str], may: Callable[[Transition], bool]) -> set[str]:
    """All states reached from ``states`` along moves for which ``may(transition)`` holds."""
    reached, new = set(states), set(states)
    while new:
        new = {
            transition.target
            for transition in procedure.transitions
            if transition.target is not None
            and not transition.opens
            and may(transition)
            and any(transition.allowed_in(state) for state in new)
        } - reached
        reached |= new
    return reached
