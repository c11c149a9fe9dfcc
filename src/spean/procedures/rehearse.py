"""Play one record of a procedure by hand, without store, keys or network: for tests, examples and training."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from spean.procedures.acts import Act, Context, Folded, Known, LocalAct, RecordView, TimerDue
from spean.procedures.declare import Procedure
from spean.procedures.engine import Engine
from spean.procedures.forms import Form


@dataclass
class Rehearsal:
    """A record among nodes that see each other's acts at once. ``now`` (ms) is moved by hand."""

    procedure: Procedure
    opener: str
    others: tuple[str, ...]
    now: int = 1_772_586_000_000
    acts: list[Act] = field(default_factory=list)
    local: tuple[LocalAct, ...] = ()
    elsewhere: dict[str, Known] = field(default_factory=dict)
    """Facts of other records that rules may ask for."""
    others_of: dict[str, tuple[tuple[str, str, Any], ...]] = field(default_factory=dict)
    """Other matters by procedure: record, state, opening form."""
    national: dict[str, int] = field(default_factory=dict)
    """National settings, as clocks and rules ask for them."""
    purpose: str = ""
    """The purpose in the envelopes of this record."""

    def __post_init__(self) -> None:
        self.engine = Engine([self.procedure])
        self.record = f"{self.opener}:{self.procedure.name}:{'0' * 26}"
        self.view: RecordView | None = None
        self.timers: tuple[TimerDue, ...] = ()

    def fact(self, name: str) -> Known | None:
        """The fact of that name in this record or elsewhere."""
        for act in self.acts:
            if act.id == name:
                return Known(self.record, act.kind, act.node, actor=act.actor, purpose=self.purpose)
        return self.elsewhere.get(name)

    def form(self, name: str) -> Any | None:
        """The form of an act of this record."""
        return next((act.body for act in self.acts if act.id == name), None)

    def stated(self, record: str, kind: str) -> tuple[tuple[str, Any], ...]:
        """Name and form of the acts of that kind in this record."""
        mine = self.acts if record == self.record else ()
        kinds = kind.split(" | ")
        return tuple((act.id, act.body) for act in mine if act.kind in kinds and act.body is not None)

    def beside(
        self, procedure: str, states: frozenset[str], names: tuple[str, ...] = ()
    ) -> tuple[tuple[str, Any], ...]:
        """The other matters that were given, whatever their names are: a rule looks at the forms themselves."""
        del names
        return tuple((name, form) for name, state, form in self.others_of.get(procedure, ()) if state in states)

    def opening(self, record: str) -> Any | None:
        """How one of the other matters that were given was opened."""
        return next((form for given in self.others_of.values() for name, _, form in given if name == record), None)

    def chain(self, one: str, other: str, verdict: str) -> tuple[str, ...]:
        """A record by itself knows no judgements of others."""
        del one, other, verdict
        return ()

    def same(self, record: str) -> tuple[tuple[str, str], ...]:
        """The record itself with those that were given under the name ``same``; another one stands alone."""
        if record != self.record:
            return tuple((name, state) for name, state, _ in self.others_of.get("entity", ()) if name == record)
        return ((record, self.state), *((name, state) for name, state, _ in self.others_of.get("same", ())))

    def setting(self, name: str) -> int | None:
        """What is set nationally."""
        return self.national.get(name)

    def do(self, node: str, kind: str, body: Form | None, *, targets: tuple[str, ...] = (), **more: Any) -> Act:
        """``node`` acts; raises what the engine raises, and changes nothing then. The body goes through its bytes."""
        heads = () if self.view is None else self.view.heads
        name = sha256(f"{self.record}/{len(self.acts)}".encode()).hexdigest()
        kinds = {act.id: act.kind for act in self.acts}
        if body is not None:
            corrects = kinds.get(targets[0], "") if kind == "correct" and targets else ""
            body = self.engine.decode(self.procedure, kind, self.engine.encode(body), corrects=corrects)
        act = Act(
            name, kind, node, more.get("actor", f"{node.lower()}-1"), more.get("actor_kind", "person"),
            more.get("roles"), self.now, heads, targets, body, self.others if self.view is None else (),
        )  # fmt: skip
        ctx = Context(self.now, node, self, self.local)
        if self.view is None:
            outcome = self.engine.open(act, self.record, self.procedure, ctx=ctx)
        else:
            outcome = self.engine.advance(self.view, act, ctx)
        self.view, self.timers = outcome.view, outcome.timers
        self.acts.append(act)
        return act

    def tick(self) -> Act | None:
        """Let the next clock fire, at its time; None when no clock runs."""
        if not self.timers or self.view is None:
            return None
        due = self.timers[0]
        self.now = max(self.now, due.due_at)
        return self.do(self.view.parties[due.by_party][0], due.kind, None, actor_kind="timer")

    @property
    def state(self) -> str:
        """The record's state, empty before it is opened."""
        return "" if self.view is None else self.view.state

    def fold(self) -> Folded:
        """All acts folded anew."""
        return self.engine.fold(self.record, self.procedure, self.acts)
