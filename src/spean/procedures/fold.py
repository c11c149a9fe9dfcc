"""Fold any set of a record's acts, independent of the order of their arrival (docs/design.md, decision 5).

The acts form a graph by ``builds_on``. Moving acts that were allowed when they were written compete: greedily, by
precedence and then by name, an act is accepted if it is comparable (ancestor or descendant) with all accepted ones.
The accepted acts form a chain, whose end is the state. Restricted to the ancestors of any accepted act, the chain
is the fold of those ancestors; so each act is judged once, against the fold of what it builds on.

Ancestors are bit masks over the few *heavy* acts (moving, once or clock), so bulk facts cost O(1) each.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from spean.core.errors import Refusal, SpeanError, TooMuch
from spean.procedures.acts import Act, Context, Effect, Folded, Known, Outcome, RecordView
from spean.procedures.declare import Procedure, Transition
from spean.procedures.rules import judge, judge_correction
from spean.procedures.tracks import Done, after_act, forgets, is_tracked
from spean.procedures.turn import (
    Parties,
    assign,
    check_clock,
    check_name,
    check_once,
    check_target,
    check_turn,
    clocks,
    transition_of,
)

MAX_HEAVY = 5_000
"""More acts that move or count once than this in one record are refused: nothing honest has them."""

Judge = Callable[[Act], Context | None]
"""Gives the context in which an act's rules are judged, or None for acts that were judged before."""


@dataclass(slots=True, eq=False)
class _Node:
    act: Act
    t: Transition
    mask: int
    """Bits of the heavy ancestors."""
    bit: int
    tip: _Node | None
    """End of the chain that the ancestors and the act itself fold to."""
    prev: _Node | None = None
    """For a moving act: the end of the chain before it."""
    parties: Parties | None = None
    """Who is who; for moving acts."""

    @property
    def reach(self) -> int:
        return self.mask | self.bit


class Folding:
    """The working memory of one fold."""

    def __init__(self, procedure: Procedure, record: str, judged: Judge | None, settings: Context | None) -> None:
        self._procedure = procedure
        self._record = record
        self._judged = judged
        self._settings = settings
        self._nodes: dict[str, _Node] = {}
        self._heavy: list[_Node] = []
        self._moving = 0
        self._tips: dict[int, _Node | None] = {}
        self._invalid: dict[str, str] = {}
        self._acts: dict[str, Act] = {}
        self._leaves: dict[str, _Node] = {}
        """Nodes on which nothing builds yet: the heads."""

    def run(self, acts: Sequence[Act]) -> Folded:
        """Fold the acts."""
        self._acts.update((act.id, act) for act in acts)
        order, waiting = _sorted({act.id: act for act in acts})
        for act in order:
            try:
                self._take(act)
            except TooMuch:
                raise
            except SpeanError as refusal:
                self._invalid[act.id] = str(refusal)
        return self._result(waiting)

    def add(self, act: Act) -> Effect:
        """One more act whose predecessors are all folded, in O(moving acts): for a page full of concurrent facts.

        Raises what refuses it; the fold is then as it was before.
        """
        self._acts[act.id] = act
        try:
            self._take(act)
        except SpeanError:
            del self._acts[act.id]
            raise
        return "overtaken" if act.id in self.overtaken() else "effective"

    def overtaken(self) -> frozenset[str]:
        """The moving acts that do not count, since a concurrent one won."""
        tip, _ = self._now()
        counted = {node.act.id for node in self._chain(tip)}
        return frozenset(node.act.id for node in self._heavy if node.t.moves and node.act.id not in counted)

    def moving(self) -> tuple[str, ...]:
        """All acts that enter a state, whether they count or not."""
        return tuple(node.act.id for node in self._heavy if node.t.moves)

    def outcome(self) -> Outcome | None:
        """The view and the clocks that run now; None while no opening act is here."""
        tip, mask = self._now()
        if tip is None:
            return None
        view = self._view(tip, mask, self._leaves)
        return Outcome(view, "effective", clocks(self._procedure, view, self._settings))

    def _now(self) -> tuple[_Node | None, int]:
        mask = 0
        for node in self._leaves.values():
            mask |= node.reach
        return self._tip(mask, self._leaves.values()), mask

    def _take(self, act: Act) -> None:
        for name in act.builds_on:
            if name in self._invalid:
                raise Refusal("D6", f"it builds on a refused fact ({name[:8]}…)", remedy="build on what counts")
        t = transition_of(self._procedure, act.kind)
        before = [self._nodes[name] for name in act.builds_on]
        if len(before) == 1:
            mask, tip = before[0].reach, before[0].tip
        else:
            mask = 0
            for node in before:
                mask |= node.reach
            tip = self._tip(mask, before)
        node = _Node(act, t, mask, 0, tip)
        self._examine(node, tip)
        if t.moves or is_tracked(t):
            self._weigh(node)
        if t.moves:
            node.prev, node.tip = tip, node
            node.parties = node.parties if tip is None else tip.parties
        self._nodes[act.id] = self._leaves[act.id] = node
        for name in act.builds_on:
            self._leaves.pop(name, None)

    def _weigh(self, node: _Node) -> None:
        if len(self._heavy) >= MAX_HEAVY:
            raise TooMuch("The record has too many moves", why=f"more than {MAX_HEAVY}", remedy="open a new record")
        node.bit = 1 << len(self._heavy)
        self._heavy.append(node)
        if node.t.moves:
            self._moving |= node.bit

    def _examine(self, node: _Node, tip: _Node | None) -> None:
        act, t = node.act, node.t
        if tip is None:
            if t.opens:
                check_name(self._procedure, self._record, act.node)
                node.parties = assign(self._procedure, act.node, act.recipients)
            check_turn(t, act, "", node.parties or assign_nobody(self._procedure))
        else:
            check_turn(t, act, tip.t.target or "", self._parties(tip))
        ctx = self._judged(act) if self._judged is not None else None
        target = check_target(self._procedure, act, self._record, self._known(act)) if t.kind == "correct" else None
        if tip is not None and (t.once or t.is_timer or (ctx is not None and (t.rules or target is not None))):
            view = self._view(tip, node.mask, act.builds_on)
            check_once(t, act, view.done)
            check_clock(self._procedure, t, act, view, ctx)
            if ctx is not None:
                judge(t.rules, view, act, ctx)
                if target is not None:
                    judge_correction(target.rules, view, act, ctx)
        elif ctx is not None:
            judge(t.rules, None, act, ctx)

    def _known(self, act: Act) -> Known | None:
        target = self._acts.get(act.targets[0]) if act.targets else None
        return None if target is None else Known(self._record, target.kind, target.node)

    def _parties(self, tip: _Node) -> Parties:
        assert tip.parties is not None, "every moving act carries its record's parties"
        return tip.parties

    def _tip(self, mask: int, among: Iterable[_Node]) -> _Node | None:
        """The end of the accepted chain of the moving acts in ``mask``."""
        moving = mask & self._moving
        for node in among:
            if node.reach & self._moving == moving:
                return node.tip
        if moving not in self._tips:
            self._tips[moving] = self._greedy(moving)
        return self._tips[moving]

    def _greedy(self, moving: int) -> _Node | None:
        chain: list[_Node] = []
        for node in sorted(self._members(moving), key=lambda node: (-node.t.prevails, node.act.id)):
            # the ancestors of a node within a chain are its beginning; the next one must be a descendant
            place = bisect_left(chain, True, key=lambda other: not other.bit & node.mask)
            if place == len(chain) or chain[place].mask & node.bit:
                chain.insert(place, node)
        return chain[-1] if chain else None

    def _members(self, mask: int) -> Iterable[_Node]:
        while mask:
            low = mask & -mask
            yield self._heavy[low.bit_length() - 1]
            mask ^= low

    def _chain(self, tip: _Node | None) -> list[_Node]:
        chain: list[_Node] = []
        while tip is not None:
            chain.append(tip)
            tip = tip.prev
        return chain[::-1]

    def _view(self, tip: _Node, mask: int, heads: Iterable[str]) -> RecordView:
        chain = self._chain(tip)
        return RecordView(
            self._record, self._procedure.name, self._procedure.version, self._parties(tip), tip.t.target or "",
            tuple(sorted(heads)), self._done(chain, mask), chain[0].act.time, tip.act.time, tip.act.id,
        )  # fmt: skip

    def _done(self, chain: list[_Node], mask: int) -> Done:
        done: Done = {}
        for node in chain:
            done = after_act(self._procedure, node.t, node.act, done)
        last: dict[str, int] = {}
        for node in self._members(mask & ~self._moving):
            kind = node.t.kind
            if kind not in last:
                steps = (step.bit for step in reversed(chain) if forgets(self._procedure, step.t, kind))
                last[kind] = next(steps, 0)
            if last[kind] == node.mask & last[kind]:
                done = after_act(self._procedure, node.t, node.act, done)
        return done

    def _result(self, waiting: set[str]) -> Folded:
        tip, mask = self._now()
        chain = self._chain(tip)
        counted = {node.act.id for node in chain}
        effects: dict[str, Effect] = {
            name: "overtaken" if node.t.moves and name not in counted else "effective"
            for name, node in self._nodes.items()
        }
        effects.update((name, "waiting") for name in waiting)
        effects.update((name, "invalid") for name in self._invalid)
        view = None if tip is None else self._view(tip, mask, self._leaves)
        timers = () if view is None else clocks(self._procedure, view, self._settings)
        return Folded(view, effects, timers, self._invalid, tuple(node.act.id for node in chain))


def assign_nobody(procedure: Procedure) -> Parties:
    """The parties of a record that is not open: nobody."""
    return {party.name: () for party in procedure.parties}


def _sorted(acts: dict[str, Act]) -> tuple[list[Act], set[str]]:
    """Acts after their predecessors, and the names of those whose predecessors are not all here."""
    missing: dict[str, int] = {}
    followers: dict[str, list[str]] = {}
    ready: list[str] = []
    for name, act in acts.items():
        before = set(act.builds_on)
        missing[name] = len(before)
        for other in before:
            followers.setdefault(other, []).append(name)
        if not before:
            ready.append(name)
    order: list[Act] = []
    while ready:
        name = ready.pop()
        order.append(acts[name])
        for other in followers.get(name, ()):
            missing[other] -= 1
            if missing[other] == 0:
                ready.append(other)
    return order, {name for name, count in missing.items() if count > 0}
