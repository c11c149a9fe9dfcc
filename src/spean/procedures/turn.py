"""Whose turn is it: the checks of an act that need the declaration and the folded state only.

Both ends make the same checks on the same facts, so they come to the same result (docs/design.md, decision 5).
"""

from __future__ import annotations

from collections.abc import Mapping

from spean.core.errors import InvalidInput, NotFound, Refusal
from spean.core.ids import parse_record
from spean.procedures.acts import Act, Context, Known, RecordView, TimerDue
from spean.procedures.clocks import Delay, FromForm, National
from spean.procedures.declare import Procedure, Transition

Parties = Mapping[str, tuple[str, ...]]
ERASED = "erased"
"""Beside a clock's length in ``done``: the form that said it is erased, so this is the declared substitute."""


class UnknownVersion(NotFound):
    """The procedure is known, but not in this version, or not this kind: a newer node wrote it."""


def transition_of(procedure: Procedure, kind: str) -> Transition:
    """The declared act ``kind``; raises ``UnknownVersion`` if this version has none."""
    found = procedure.by_kind.get(kind)
    if found is None:
        raise UnknownVersion(
            f"{procedure.name} version {procedure.version} has no act {kind!r}",
            why="it needs a newer version",
            remedy="upgrade this node; the fact is kept",
            rule="D6",
        )
    return found


def assign(procedure: Procedure, opener: str, others: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Who is which party: the opener takes the party that opens, the recipients the other."""
    parties: dict[str, tuple[str, ...]] = {}
    rest = tuple(sorted(set(others) - {opener}))
    for party in procedure.parties:
        if party.opens or (not rest and procedure.domestic):
            parties[party.name] = (opener,)
        elif not rest or (len(rest) > 1 and not party.many):
            wanted = "one or more nodes" if party.many else "exactly one other node"
            raise InvalidInput("recipients", f"{party.name} is {wanted}, not {len(rest)}", remedy=f"name {wanted}")
        else:
            parties[party.name] = rest
    if rest and len(procedure.parties) == 1:
        raise InvalidInput("recipients", f"{procedure.name} stays at its own node", remedy="name no recipient")
    return parties


def check_name(procedure: Procedure, record: str, opener: str) -> None:
    """A record's name says who opened it and by which procedure; nobody opens in another's name."""
    name = parse_record(record)
    if name.node != opener or name.procedure != procedure.name:
        raise Refusal("D6", f"{record} is not a {procedure.name} of {opener}", remedy="name it after its opener")


def check_turn(t: Transition, act: Act, state: str, parties: Parties) -> None:
    """Party, state, kind of actor and recipients. Raises ``Refusal``."""
    if not any(act.node in parties[name] for name in t.by):
        raise Refusal(
            "D6",
            f"{act.node} is not {' or '.join(t.by)} of this record, so {t.kind} is not its act",
            remedy=f"only {', '.join(node for name in t.by for node in parties[name])} may do it",
        )
    if not t.opens and not t.allowed_in(state):
        raise Refusal(
            "D6",
            f"{t.kind} is not possible in state {state}",
            remedy=f"it is possible in {' or '.join(t.sources)}",
        )
    check_actor(t, act)
    if act.recipients:
        everybody = {node for nodes in parties.values() for node in nodes}
        if not everybody.issuperset(act.recipients):
            strangers = sorted(set(act.recipients) - everybody)
            raise Refusal("D3", f"{', '.join(strangers)} is no party of this record", remedy="send to its parties only")
    if t.opens == bool(state):
        raise Refusal("D6", "a record is opened once, by its first act", remedy="open a new record")


def check_actor(t: Transition, act: Act) -> None:
    """A person where a human decides (R1, D8), a clock where a clock runs, and the role where we can know it (O1)."""
    if t.human and act.actor_kind != "person":
        rule = "R1" if t.adverse else "D8"
        raise Refusal(rule, f"{t.kind} needs a named human, not a {act.actor_kind}", remedy="an officer decides it")
    if t.is_timer != (act.actor_kind == "timer"):
        raise Refusal("D6", f"{t.kind} is {'' if t.is_timer else 'not '}an act of a clock", remedy="leave it to it")
    if t.roles and act.roles is not None and act.roles.isdisjoint(t.roles) and act.actor_kind == "person":
        raise Refusal("O1", f"{t.kind} needs the role {' or '.join(t.roles)}", remedy="ask an officer with that role")


def check_once(t: Transition, act: Act, done: Parties) -> None:
    """What is done once per node is not done twice."""
    if t.once and act.node in done.get(t.kind, ()):
        raise Refusal("D6", f"{act.node} has done {t.kind} already", remedy="correct the first one if it was wrong")


def check_target(procedure: Procedure, act: Act, record: str, known: Known | None) -> Transition:
    """A correction names one own fact of this record (A8, R34); the declared act of that fact."""
    if len(act.targets) != 1 or known is None or known.record != record:
        raise Refusal("R34", "a correction names exactly one fact of this record", remedy="name the fact to correct")
    if known.node != act.node:
        raise Refusal("R34", f"the fact is {known.node}'s, not {act.node}'s", remedy=f"ask {known.node} to correct it")
    if known.kind in ("correct", "note", "approve"):
        raise Refusal("R34", f"a {known.kind} is not corrected", remedy="correct the first fact once more")
    target = procedure.by_kind[known.kind]
    if not target.correctable:
        raise Refusal("R34", f"a {known.kind} is not one side's to correct", remedy="use the procedure's own acts")
    return target


def clocks(procedure: Procedure, view: RecordView, ctx: Context | None) -> tuple[TimerDue, ...]:
    """All clocks that run in this view, the nearest first."""
    found: list[TimerDue] = []
    for t in procedure.clocks_in.get(view.state, ()):
        kind = t.kind if t.is_timer else t.else_
        delay = t.after if t.is_timer else t.within
        if kind in view.done or delay is None or (t.once and _all_did(t, view)):
            continue
        due = _due(t, delay, view, ctx)
        if due is not None:
            name = t.kind if t.is_timer else f"{t.kind}:{kind}"
            found.append(TimerDue(name, due, kind, procedure.by_kind[kind].by[0]))
    if len(found) > 1:
        found.sort(key=lambda timer: (timer.due_at, timer.name))
    return tuple(found)


def _all_did(t: Transition, view: RecordView) -> bool:
    did = view.done.get(t.kind, ())
    return all(node in did for name in t.by for node in view.parties[name])


def _due(t: Transition, delay: Delay, view: RecordView, ctx: Context | None) -> int | None:
    start = view.opened_at if t.since == "opened" else view.entered_at
    if isinstance(delay, int):
        return start + delay
    if isinstance(delay, National):
        setting = ctx.ask.setting(delay.name) if ctx is not None else None
        return start + (delay.default if setting is None else setting)
    said = view.done.get(f"clock:{t.kind}")
    if said is None or not said[0]:
        return None
    return int(said[0]) if delay.absolute else start + int(said[0])


def check_clock(procedure: Procedure, t: Transition, act: Act, view: RecordView, ctx: Context | None) -> None:
    """A clock's act is done only when such a clock runs, and not before its time.

    A national clock's length is its owner's to know, and so is one whose form is erased here: the time is checked at the
    owner only. Otherwise an erasure would make what was done in time look as if it had been too early.
    """
    if not t.is_timer or (_erased(procedure, t, view) and (ctx is None or ctx.me != act.node)):
        return
    due = [timer.due_at for timer in clocks(procedure, view, ctx) if timer.kind == t.kind]
    if not due:
        raise Refusal("D6", f"no clock for {t.kind} runs in this state", remedy="nothing is to be done")
    if act.time < min(due) and (not is_national(procedure, t) or (ctx is not None and ctx.me == act.node)):
        raise Refusal("D6", f"{t.kind} is {min(due) - act.time} ms too early", remedy="wait for the clock")


def _erased(procedure: Procedure, t: Transition, view: RecordView) -> bool:
    """Whether the length of this timer's clock stood in a form that is erased, and the timer has not fired yet."""
    readers = (t, *(other for other in procedure.transitions if other.else_ == t.kind))
    return t.kind not in view.done and any(len(view.done.get(f"clock:{reader.kind}", ())) > 1 for reader in readers)


def is_national(procedure: Procedure, t: Transition) -> bool:
    """Whether the timer's delay is a national setting."""
    delays = [t.after, *(other.within for other in procedure.transitions if other.else_ == t.kind)]
    return any(isinstance(delay, National) for delay in delays)


def clock_words(t: Transition, procedure: Procedure, act: Act, done: dict[str, tuple[str, ...]]) -> None:
    """Keep in ``done`` what this act's form says about clocks, since the form may be erased later."""
    for reader in procedure.clock_readers.get(t.kind, ()):
        delay = reader.after if reader.is_timer else reader.within
        assert isinstance(delay, FromForm)
        done.pop(f"clock:{reader.kind}", None)
        if act.body is None:
            done[f"clock:{reader.kind}"] = ("" if delay.otherwise is None else str(delay.otherwise), ERASED)
        elif (value := delay.read(act.body)) is not None:
            done[f"clock:{reader.kind}"] = (str(value),)
