"""What a record remembers besides its state: who did what is done once, fired reminders, pins, clocks from forms."""

from __future__ import annotations

from collections.abc import Mapping

from spean.procedures.acts import Act
from spean.procedures.declare import Procedure, Transition
from spean.procedures.turn import clock_words

Done = Mapping[str, tuple[str, ...]]


def is_tracked(t: Transition) -> bool:
    """Whether a staying act leaves a trace in ``done``."""
    return t.once or t.is_timer


def after_act(procedure: Procedure, t: Transition, act: Act, done: Done) -> Done:
    """``done`` after one more act that counts; the same object when nothing changes."""
    if not t.moves:
        return _add(done, t.kind, act.node) if is_tracked(t) else done
    if not done and not t.once and not t.pins and t.kind not in procedure.clock_readers:
        return done
    after = {kind: nodes for kind, nodes in done.items() if not forgets(procedure, t, kind)}
    if t.once:
        after = _add(after, t.kind, act.node)
    if t.pins:
        after[t.pins] = (act.id,)
    clock_words(t, procedure, act, after)
    return after


def forgets(procedure: Procedure, t: Transition, kind: str) -> bool:
    """Whether the move ``t`` ends what ``kind`` left in ``done``: a reset, or a reminder of the state left."""
    if kind in t.resets:
        return True
    tracked = procedure.by_kind.get(kind)
    return tracked is not None and tracked.is_timer and tracked.since == "entered"


def _add(done: Done, kind: str, node: str) -> dict[str, tuple[str, ...]]:
    nodes = done.get(kind, ())
    return {**done, kind: nodes if node in nodes else tuple(sorted((*nodes, node)))}
