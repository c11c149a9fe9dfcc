"""The engine that runs every procedure, at both ends (D6): decode, judge, advance, fold, offer.

It is pure: it holds declarations and nothing else. The node loads a record's view, asks the engine, and writes what
comes out. An act that builds on exactly the record's heads advances the view in O(1); any other set of acts is
folded. Both come to the same result.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from spean.core.errors import Conflict, InvalidInput, NotFound, Refusal
from spean.procedures import forms
from spean.procedures.acts import (
    NOTHING,
    Act,
    Context,
    Effect,
    Folded,
    Known,
    LocalAct,
    Lookup,
    Outcome,
    RecordView,
    TimerDue,
)
from spean.procedures.declare import Procedure, Transition
from spean.procedures.fold import Folding, Judge
from spean.procedures.forms import Form
from spean.procedures.generic import Correction, RawCorrection
from spean.procedures.rules import judge, judge_correction
from spean.procedures.tracks import after_act
from spean.procedures.turn import (
    UnknownVersion,
    assign,
    check_actor,
    check_clock,
    check_name,
    check_once,
    check_target,
    check_turn,
    clocks,
    transition_of,
)

__all__ = [
    "NOTHING", "Act", "Context", "Effect", "Engine", "Folded", "Known", "LocalAct", "Lookup", "Offer", "Outcome",
    "RecordView", "TimerDue", "UnknownVersion", "assign",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offer:
    """An act that a party may be about to do. ``refusal`` says what is still in its way."""

    kind: str
    transition: Transition
    adverse: bool
    refusal: Refusal | None


class Engine:
    """All procedures that this node knows, each in all its versions."""

    def __init__(self, procedures: Iterable[Procedure]) -> None:
        self._versions: dict[str, dict[int, Procedure]] = {}
        for procedure in procedures:
            versions = self._versions.setdefault(procedure.name, {})
            if procedure.version in versions:
                raise ValueError(f"{procedure.name} version {procedure.version} is given twice")
            versions[procedure.version] = procedure

    @property
    def procedures(self) -> tuple[Procedure, ...]:
        """The newest version of each procedure, by name."""
        return tuple(self.procedure(name) for name in self.names())

    def names(self) -> tuple[str, ...]:
        """The names of all procedures."""
        return tuple(sorted(self._versions))

    def versions(self, name: str) -> tuple[int, ...]:
        """The versions of a procedure that this node knows, for negotiation with a peer."""
        return tuple(sorted(self._versions.get(name, ())))

    def procedure(self, name: str, version: int | None = None) -> Procedure:
        """The procedure in that version (None: the newest). ``NotFound``, or ``UnknownVersion`` for a newer one."""
        versions = self._versions.get(name)
        if versions is None:
            raise NotFound(f"No procedure {name!r}", remedy=f"one of {', '.join(self.names())}", rule="D6")
        found = versions.get(max(versions) if version is None else version)
        if found is None:
            raise UnknownVersion(
                f"{name} version {version} is not known here",
                why=f"this node knows {', '.join(map(str, sorted(versions)))}",
                remedy="upgrade this node; the fact is kept",
                rule="D6",
            )
        return found

    def decode(self, procedure: Procedure, kind: str, body: bytes, *, corrects: str = "") -> Form:
        """Read the form of an act. ``corrects``: for ``correct``, the kind of the fact that it targets.

        Raises ``InvalidInput`` naming the field, ``TooMuch`` past a limit, ``UnknownVersion`` for an unknown kind.
        """
        form = transition_of(procedure, kind).form
        if kind != "correct":
            return forms.decode(form, body)
        raw = forms.decode(RawCorrection, body)
        target = transition_of(procedure, corrects) if corrects else None
        if target is None or target.form is Correction or target.local:
            raise InvalidInput("targets", "a correction names the fact that it corrects", remedy="name an own fact")
        try:
            return Correction(reason=raw.reason, replacement=forms.decode(target.form, bytes(raw.replacement)))
        except InvalidInput as error:
            raise InvalidInput(f"replacement.{error.field}", error.why, remedy=error.remedy) from None

    def encode(self, form: Form) -> bytes:
        """The canonical bytes of a form."""
        return forms.encode(form)

    def open(
        self,
        act: Act,
        record_id: str,
        procedure: Procedure,
        parties: Mapping[str, tuple[str, ...]] | None = None,
        ctx: Context | None = None,
    ) -> Outcome:
        """Open a record by its first act. ``parties``: who is who, by default the opener and its recipients."""
        t = transition_of(procedure, act.kind)
        everybody = assign(procedure, act.node, act.recipients) if parties is None else parties
        check_name(procedure, record_id, act.node)
        check_turn(t, act, "", everybody)
        if act.builds_on:
            raise Refusal("D6", "the first act of a record builds on nothing", remedy="open a new record")
        if ctx is not None:
            judge(t.rules, None, act, ctx)
        view = RecordView(
            record_id, procedure.name, procedure.version, everybody, t.target or "", (act.id,),
            after_act(procedure, t, act, {}), act.time, act.time, act.id,
        )  # fmt: skip
        return Outcome(view, "effective", clocks(procedure, view, ctx))

    def advance(self, view: RecordView, act: Act, ctx: Context) -> Outcome:
        """One more act that builds on exactly the record's heads; O(1) in the record's length.

        Raises ``Refusal`` (with its rule), ``UnknownVersion``, or ``Conflict`` when it builds on something else:
        then the set of all acts is to be folded. A local act leaves the view as it is.
        """
        procedure = self.procedure(view.procedure, view.version)
        t = transition_of(procedure, act.kind)
        if t.local:
            return self._local(procedure, t, view, act, ctx)
        if act.builds_on != view.heads and set(act.builds_on) != set(view.heads):
            raise Conflict(
                "The record has moved meanwhile", why="the act builds on other facts", remedy="read it again", rule="D6"
            )
        check_turn(t, act, view.state, view.parties)
        check_once(t, act, view.done)
        check_clock(procedure, t, act, view, ctx)
        if t.kind == "correct":
            target = check_target(procedure, act, view.id, ctx.ask.fact(act.targets[0]) if act.targets else None)
            judge_correction(target.rules, view, act, ctx)
        judge(t.rules, view, act, ctx)
        done = after_act(procedure, t, act, view.done)
        if t.target is None:
            state, entered_at, entered_by = view.state, view.entered_at, view.entered_by
        else:
            state, entered_at, entered_by = t.target, act.time, act.id
        after = RecordView(
            view.id, view.procedure, view.version, view.parties, state, (act.id,), done,
            view.opened_at, entered_at, entered_by,
        )  # fmt: skip
        return Outcome(after, "effective", clocks(procedure, after, ctx))

    def _local(self, procedure: Procedure, t: Transition, view: RecordView, act: Act, ctx: Context) -> Outcome:
        if act.node != ctx.me:
            raise Refusal("D6", f"{t.kind} is on {act.node}'s own track", remedy="local acts are never sent")
        check_turn(t, act, view.state, view.parties)
        judge(t.rules, view, act, ctx)
        return Outcome(view, "effective", clocks(procedure, view, ctx))

    def fold(
        self,
        record_id: str,
        procedure: Procedure,
        acts: Sequence[Act],
        judged: Judge | None = None,
        settings: Context | None = None,
    ) -> Folded:
        """Fold any set of shared acts, in any order. Facts that are here were judged when they came in, so rules are
        judged only for acts to which ``judged`` gives a context. ``settings`` holds national clocks."""
        return self.folding(record_id, procedure, judged, settings).run(acts)

    def folding(
        self, record_id: str, procedure: Procedure, judged: Judge | None = None, settings: Context | None = None
    ) -> Folding:
        """A fold that is kept: ``run`` once over what is stored, then ``add`` act by act as a page brings them."""
        return Folding(procedure, record_id, judged, settings)

    def offers(self, view: RecordView, node: str, roles: frozenset[str], ctx: Context) -> list[Offer]:
        """What ``node``'s officer with ``roles`` may do now ("your turn"), and what is in the way of each act."""
        procedure = self.procedure(view.procedure, view.version)
        found: list[Offer] = []
        for t in procedure.by_kind.values():
            mine = any(node in view.parties[name] for name in t.by)
            if mine and not t.is_timer and not t.auto and t.allowed_in(view.state):
                found.append(Offer(t.kind, t, t.adverse, self.in_the_way(view, t, node, roles, ctx)))
        return found

    def in_the_way(
        self, view: RecordView | None, t: Transition, node: str, roles: frozenset[str], ctx: Context
    ) -> Refusal | None:
        """What keeps an officer with ``roles`` from an act now (``view`` None: from opening a record), as far as it does not
        depend on what the form will say."""
        act = Act("", t.kind, node, "", "person", roles, ctx.now, () if view is None else view.heads, (), None, ())
        try:
            if view is None:
                check_actor(t, act)
                return None
            check_turn(t, act, view.state, view.parties)
            check_once(t, act, view.done)
            judge(t.rules, view, act, ctx)
        except Refusal as refusal:
            return refusal
        return None
