"""Walk a procedure at random and hold it to the laws (D6, D8). For tests, and for anybody who declares a procedure.

Several nodes act on one record, each on what has reached it: allowed and forbidden acts, by parties and a stranger,
at the same time. ``pick`` chooses from a sequence (``random.Random(7).choice``, or a drawn choice of a property
test), so a walk repeats itself. A broken law raises ``LawBroken`` with the story that led there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol, TypeVar

from spean.core.errors import Conflict, SpeanError
from spean.core.fact import ActorKind
from spean.core.world import HOUR
from spean.procedures.acts import Act, Context, Folded, Known, LocalAct, Outcome, RecordView
from spean.procedures.check import ends_well
from spean.procedures.declare import Procedure, Transition
from spean.procedures.engine import Engine
from spean.procedures.forms import Form

T = TypeVar("T")
_START = 1_772_586_000_000


class Pick(Protocol):
    """Chooses one of a non-empty sequence."""

    def __call__(self, choices: Sequence[T], /) -> T:
        """The chosen one."""


class LawBroken(AssertionError):
    """A law of procedures does not hold; the text names the law, the procedure and the acts."""


@dataclass
class Walk:
    """A walk: what each node has, and what came of it."""

    procedure: Procedure
    pick: Pick
    forms: Mapping[str, Form] = field(default_factory=dict)
    """Filled-in forms of some kinds; acts of the others are walked without one, so without the rules that read it."""
    calm: bool = False
    """Everybody is honest and every act arrives at once: such walks go far, the others go astray."""
    record: str = ""
    acts: dict[str, Act] = field(default_factory=dict)
    held: dict[str, set[str]] = field(default_factory=dict)
    now: int = _START
    accepted: int = 0
    refused: int = 0

    def __post_init__(self) -> None:
        self.engine = Engine([self.procedure])
        several = any(party.many for party in self.procedure.parties)
        others = ("TH", "VN", "LA")[: self.pick((1, 2, 3)) if several else 1]
        self.others = others if len(self.procedure.parties) > 1 else ()
        self.record = f"KR:{self.procedure.name}:{'0' * 26}"
        self.salt = self.pick(range(1 << 16))
        self.folds: dict[str, tuple[int, Folded]] = {}
        self.held = {node: set() for node in ("KR", *self.others)}

    def run(self, steps: int) -> Folded:
        """Open the record, take ``steps`` steps, and check every law. Returns the fold of all acts."""
        self._open()
        for _ in range(steps):
            if len(self.held) > 1 and not self.calm and self.pick((True, False, False)):
                self._deliver()
            elif self.calm or self.pick((True, True, False)):
                any(self._try(honest=True) for _ in range(4))
            else:
                self._try(honest=False)
        folded = self._fold(list(self.acts.values()))
        self._check_order(folded)
        self._check_winners(folded)
        self._check_humans(folded)
        self._check_clocks(folded)
        return folded

    def _fold(self, acts: list[Act]) -> Folded:
        return self.engine.fold(self.record, self.procedure, acts)

    def _folded(self, node: str) -> Folded:
        """The fold of what a node holds; kept until it holds more."""
        size, folded = self.folds.get(node, (0, None))
        if folded is None or size != len(self.held[node]):
            folded = self._fold(self._known(node))
            self.folds[node] = (len(self.held[node]), folded)
        return folded

    def _known(self, node: str) -> list[Act]:
        return [self.acts[name] for name in self.held[node]]

    def _name(self) -> str:
        return sha256(f"{self.salt}:{len(self.acts)}:{self.refused}".encode()).hexdigest()

    def _open(self) -> None:
        kind = self.procedure.opening.kind
        act = Act(
            self._name(), kind, "KR", "kr-1", "person", None, self.now, (), (), self.forms.get(kind),
            tuple(sorted(self.others)),
        )  # fmt: skip
        self.acts[act.id] = act
        for held in self.held.values():
            held.add(act.id)

    def _deliver(self) -> None:
        giver, taker = self.pick(sorted(self.held)), self.pick(sorted(self.held))
        fresh = sorted(self.held[giver] - self.held[taker])
        if fresh:
            self.held[taker].update(self.pick((fresh, [self.pick(fresh)])))

    def _try(self, *, honest: bool) -> bool:
        """Let somebody attempt something, and say whether it was allowed; both ways of judging it must agree."""
        self.now += self.pick((1, 1000, HOUR, 200 * HOUR))
        holder = self.pick(sorted(self.held))
        before = self._folded(holder)
        assert before.view is not None
        node = holder if honest else self.pick((holder, "XX"))
        t = self._kind(before.view, node, honest)
        act = self._act(before.view, node, t, honest)
        ctx = self._context(holder, t)
        try:
            outcome = self.engine.advance(before.view, act, ctx)
        except Conflict:
            raise
        except SpeanError as refusal:
            self.refused += 1
            if not t.local:
                self._agree_refused(holder, act, ctx, refusal)
            return False
        self.accepted += 1
        self._check_lawful(before.view, t, act)
        if t.local:
            self._law(outcome.view == before.view, "a local act leaves the shared state as it is", act)
            return True
        self._agree(holder, act, ctx, outcome)
        self.acts[act.id] = act
        self.held[holder].add(act.id)
        if self.calm:
            for held in self.held.values():
                held.add(act.id)
        return True

    def _kind(self, view: RecordView, node: str, honest: bool) -> Transition:
        """Honest: what the node may do, mostly what keeps the record alive. Else anything."""
        everything = tuple(t for t in self.procedure.by_kind.values() if not t.local)
        near = tuple(t for t in everything if t.allowed_in(view.state))
        mine = tuple(t for t in near if any(node in view.parties[name] for name in t.by))
        alive = tuple(t for t in mine if t.target not in self.procedure.ends)
        moving = tuple(t for t in alive if t.moves)
        seen = {act.kind for act in self.acts.values()}
        new = tuple(t for t in alive if t.kind not in seen)
        undone = tuple(t for t in alive if t.once and node not in view.done.get(t.kind, ()))
        whole = tuple(self.procedure.by_kind.values())
        over = tuple(t for t in mine if t.target in self.procedure.ends)
        ending = over if self.pick(range(6)) == 0 else alive
        visited = {self.procedure.by_kind[kind].target for kind in seen}
        onward = tuple(t for t in moving if t.target not in visited)
        if self.calm:
            return self.pick(self.pick((undone, undone, undone or onward, new, ending)) or onward or alive or whole)
        wanted = (new, undone, undone, onward, moving, ending) if honest else (near, everything, whole)
        return self.pick(self.pick(wanted) or alive or whole)

    def _act(self, view: RecordView, node: str, t: Transition, honest: bool) -> Act:
        right: ActorKind = "timer" if t.is_timer else "service" if t.auto else "person"
        kinds: tuple[ActorKind, ...] = (right,) if honest else (right, "service", "timer", "person")
        kind = self.pick(kinds)
        pins = [view.done[other.pins] for other in self.procedure.transitions if other.pins in view.done]
        some = (self.pick(sorted(self.acts)),)
        usual: tuple[tuple[str, ...], ...] = (*pins, *pins, *pins, some)
        targets = self.pick(usual if honest else ((), (view.entered_by,), some))
        return Act(
            self._name(), t.kind, node, f"{node.lower()}-{self.pick((1, 2))}", kind, None, self.now, view.heads, targets,
            self.forms.get(t.kind), (),
        )  # fmt: skip

    def _context(self, me: str, t: Transition) -> Context:
        approvals = tuple(LocalAct("approve", f"{me.lower()}-{n}", me, self.now, t.kind) for n in (2, 3))
        own = tuple(
            LocalAct(each.kind, f"{me.lower()}-{n}", me, self.now, "", self.forms.get(each.kind))
            for each in self.procedure.transitions if each.local for n in (1, 2)
        )  # fmt: skip
        return Context(self.now, me, _Asked(self), self.pick(((*approvals, *own), ())))

    def _agree(self, holder: str, act: Act, ctx: Context, outcome: Outcome) -> None:
        folded = self.engine.fold(
            self.record, self.procedure, [act, *self._known(holder)], lambda each: ctx if each is act else None, ctx
        )
        same = folded.view == outcome.view and folded.timers == outcome.timers
        self._law(same, f"advance and fold agree: {outcome} against {folded.view} {folded.timers}", act)
        self._law(folded.effects[act.id] == outcome.effect, "advance and fold agree on the effect", act)

    def _agree_refused(self, holder: str, act: Act, ctx: Context, refusal: SpeanError) -> None:
        folded = self.engine.fold(
            self.record, self.procedure, [*self._known(holder), act], lambda each: ctx if each is act else None, ctx
        )
        self._law(folded.effects[act.id] == "invalid", f"what advance refuses ({refusal}), fold refuses", act)

    def _check_lawful(self, view: RecordView, t: Transition, act: Act) -> None:
        mine = any(act.node in view.parties[name] for name in t.by)
        self._law(mine, "no transition by the wrong party", act)
        self._law(t.allowed_in(view.state), "no transition from the wrong state", act)
        if t.adverse or t.human:
            self._law(act.actor_kind == "person", "a human decision needs a named human", act)
        self._law(not (t.is_timer and t.adverse), "a clock never acts against anybody", act)

    def _check_order(self, folded: Folded) -> None:
        names = sorted(self.acts)
        for _ in range(2):
            rest, shuffled = list(names), []
            while rest:
                shuffled.append(rest.pop(self.pick(range(len(rest)))))
            again = self._fold([self.acts[name] for name in shuffled])
            same = (again.view, again.effects, again.chain) == (folded.view, folded.effects, folded.chain)
            self._law(same, "folding does not depend on the order of arrival", None)

    def _check_winners(self, folded: Folded) -> None:
        """Who is not in the chain lost against a concurrent act of at least its precedence."""
        below = self._ancestors()
        for name, effect in folded.effects.items():
            if effect != "overtaken":
                continue
            weight = self._prevails(name)
            winners = [
                other
                for other in folded.chain
                if other not in below[name] and name not in below[other] and self._prevails(other) >= weight
            ]
            self._law(bool(winners), "a prevailing act is overtaken by a prevailing act only", self.acts[name])

    def _check_humans(self, folded: Folded) -> None:
        chain = [self.acts[name] for name in folded.chain]
        decided = True
        for act in chain:
            t = self.procedure.by_kind[act.kind]
            decided = decided or act.actor_kind == "person"
            if t.target in self.procedure.adverse_states:
                self._law(decided, "no path from a candidate to an adverse state without a named human (D8)", act)
            if t.target in self.procedure.candidates:
                decided = False

    def _check_clocks(self, folded: Folded) -> None:
        """Clocks alone come to rest, at an end or where a person can move."""
        assert folded.view is not None
        view, timers, ctx = folded.view, folded.timers, Context(self.now, "KR")
        for turn in range(len(self.procedure.state_names) * len(self.procedure.transitions)):
            if not timers:
                break
            due = timers[0]
            owner = view.parties[due.by_party][0]
            name = sha256(f"clock {turn}".encode()).hexdigest()
            act = Act(name, due.kind, owner, "clock", "timer", None, due.due_at, view.heads, (), None, ())
            outcome = self.engine.advance(view, act, ctx)
            view, timers = outcome.view, outcome.timers
        self._law(not timers, "no clock without an end", None)
        self._law(ends_well(self.procedure, view.state), f"from {view.state} an end or a human turn is reached", None)

    def _prevails(self, name: str) -> int:
        return self.procedure.by_kind[self.acts[name].kind].prevails

    def _ancestors(self) -> dict[str, set[str]]:
        below: dict[str, set[str]] = {}
        for name, act in self.acts.items():  # acts are kept in the order in which they were written
            below[name] = set(act.builds_on).union(*(below[other] for other in act.builds_on))
        return below

    def _law(self, holds: bool, law: str, act: Act | None) -> None:
        if not holds:
            story = "\n".join(f"  {each.kind} by {each.node}/{each.actor_kind}" for each in self.acts.values())
            raise LawBroken(f"{self.procedure.name}: {law}\nact: {act}\nstory:\n{story}")


@dataclass(frozen=True)
class _Asked:
    """What a walking node knows about facts."""

    walk: Walk

    def fact(self, name: str) -> Known | None:
        """The fact if it is an act of this walk."""
        act = self.walk.acts.get(name)
        return None if act is None else Known(self.walk.record, act.kind, act.node, actor=act.actor)

    def form(self, name: str) -> Form | None:
        """The form of an act of this walk."""
        act = self.walk.acts.get(name)
        return None if act is None else act.body

    def stated(self, record: str, kind: str) -> tuple[tuple[str, Form], ...]:
        """Name and form of the acts of that kind in this walk."""
        del record
        kinds = kind.split(" | ")
        return tuple(
            (act.id, act.body) for act in self.walk.acts.values() if act.kind in kinds and act.body is not None
        )

    def beside(
        self, procedure: str, states: frozenset[str], names: tuple[str, ...] = ()
    ) -> tuple[tuple[str, Form], ...]:
        """A walk is one matter."""
        del procedure, states, names
        return ()

    def opening(self, record: str) -> Form | None:
        """A walk is one record."""
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
