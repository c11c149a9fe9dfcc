"""Does an amendment change only what it says? Proved with z3 for all questions, or shown with a counterexample.

Needs the extra ``prove``. Two instruments are encoded clause by clause over every possible question: all marks,
all days, all nodes that either names, and four more nodes that neither names (a hop names at most four nodes, and
a decision sees of a stranger only whether it equals another). A counterexample is put to Cedar as well before it
is shown, so that a proof never rests on the encoding alone. What always passes is outside of every agreement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from spean.agreements.claims import Change, Within
from spean.agreements.model import DATA, HANDLING, PURPOSES, SUBJECTS, TLP_RANK, Instrument
from spean.agreements.question import Question
from spean.agreements.registry import Registry
from spean.core.errors import InvalidInput, SpeanError, Unavailable
from spean.core.marks import Purpose

MAX_EXAMPLES = 10
_STRANGERS = 4
_NOBODY = ""
_PROCEDURE, _KIND = "information-request", "ask"
_MARKS: Mapping[str, Iterable[str]] = {
    "purpose": PURPOSES, "data": DATA, "subject": SUBJECTS, "handling": HANDLING,
}  # fmt: skip
_ENDS = ("sender", "receiver", "origin")


@dataclass(frozen=True, slots=True)
class Example:
    """One question on which the two versions differ."""

    question: Question
    before: bool
    after: bool
    says: str


@dataclass(frozen=True, slots=True)
class Proof:
    """``holds``: proved for all questions. Otherwise ``counterexample`` is a question outside of the claim."""

    holds: bool
    says: str
    counterexample: Example | None = None


@dataclass(frozen=True, slots=True)
class Widening:
    """One example per cause of what becomes newly permitted and newly refused."""

    permitted: tuple[Example, ...]
    refused: tuple[Example, ...]


def prove_amendment(old: Instrument, new: Instrument, claim: Change) -> Proof:
    """Prove that ``new`` decides as ``old`` except within ``claim``, or give a question for which it does not.

    Raises ``Unavailable`` naming the extra when z3 is missing, ``SpeanError`` when z3 gives up.
    """
    _same(old, new)
    model = _Model(old, new)
    before, after = model.allowed(old), model.allowed(new)
    outside_permits = model.z3.Not(model.any(model.within(region) for region in claim.permits))
    outside_refuses = model.z3.Not(model.any(model.within(region) for region in claim.refuses))
    and_, not_ = model.z3.And, model.z3.Not
    for says, condition in (
        ("newly permits", and_(after, not_(before), outside_permits)),
        ("newly refuses", and_(before, not_(after), outside_refuses)),
    ):
        question = model.solve(condition)
        if question is not None:
            example = _example(old, new, question)
            return Proof(False, f"The amendment {says} what its claim does not say: {example.says}", example)
    said = "; ".join(claim.sentences) or ("what is declared" if claim.permits or claim.refuses else "nothing")
    return Proof(True, f"Proved for all questions: the amendment changes only this: {said}.")


def widest(old: Instrument, new: Instrument) -> Widening:
    """What ``new`` newly permits and newly refuses, one example for each cause, at most ``MAX_EXAMPLES`` each."""
    _same(old, new)
    model = _Model(old, new)
    permitted = tuple(_example(old, new, question) for question in model.newly(barred_by=old, open_in=new))
    refused = tuple(_example(old, new, question) for question in model.newly(barred_by=new, open_in=old))
    return Widening(permitted, refused)


def permits_in_model(instrument: Instrument, question: Question) -> bool:
    """What the encoding says of one question: the check of the encoding against Cedar."""
    model = _Model(instrument, instrument, question)
    return model.solve(model.z3.And(model.allowed(instrument), *model.fixed(question))) is not None


def in_words(question: Question) -> str:
    """A question as a sentence."""
    about = "nobody" if question.subject == "none" else f"a {question.subject}"
    ways = [f"{question.sender} sends {question.receiver} {question.data} data about {about} for {question.purpose}",
            f"TLP:{question.tlp}", question.handling, f"on {question.date}"]  # fmt: skip
    if question.origin != question.sender:
        ways.append(f"which came from {question.origin}")
    if question.via:
        ways.append(f"through {question.via}")
    if question.passed_on:
        ways.append(f"passed on {'with' if question.consent else 'without'} consent")
    return ", ".join(ways)


def _same(old: Instrument, new: Instrument) -> None:
    if old.id != new.id:
        raise InvalidInput("id", "these are two agreements, not two versions of one", remedy="give the same id")


def _example(old: Instrument, new: Instrument, question: Question) -> Example:
    before, after = (_judged(version, question) for version in (old, new))
    if before == after:
        raise SpeanError("the proof and the policies disagree", why=in_words(question), remedy="report this as a bug")
    under = "" if question.instrument == new.id else ", under another agreement"
    verdict = "was refused and would be permitted" if after else "was permitted and would be refused"
    return Example(question, before, after, f"{in_words(question)}{under}: {verdict}")


def _judged(version: Instrument, question: Question) -> bool:
    """Cedar's answer where ``version`` is registered, and beside it an agreement that permits everything else."""
    registry = Registry([version])
    if question.instrument != version.id:
        registry = registry.with_instrument(_permissive(question))
    return registry.decide(question).allowed


def _permissive(question: Question) -> Instrument:
    nodes = frozenset((question.sender, question.receiver, question.origin))
    via = frozenset((question.via,)) - {_NOBODY}
    return Instrument(
        id=question.instrument, title="Another agreement", parties=nodes | via, mediators=via,
        purposes=frozenset(map(str, PURPOSES)), data=frozenset(map(str, DATA)), subjects=frozenset(map(str, SUBJECTS)),
        tlp_ceiling="RED", handling=frozenset(map(str, HANDLING)), onward="parties", retention_days=1,
        starts=date.min.isoformat(), state="in-force",
    )  # fmt: skip


def _load() -> Any:
    try:
        import z3
    except ImportError:
        raise Unavailable(
            "Proving an amendment needs z3, which is not installed", why="it comes with the extra 'prove'",
            remedy="install spean[prove]",
        ) from None  # fmt: skip
    return z3


class _Model:
    """All questions as z3 variables, in a context of their own."""

    def __init__(self, old: Instrument, new: Instrument, seen: Question | None = None) -> None:
        self.z3 = z3 = _load()
        self.ctx = z3.Context()
        named = old.members | new.members
        if seen is not None:
            named |= {seen.sender, seen.receiver, seen.origin, seen.via} - {_NOBODY}
        self.id = new.id
        self.values: dict[str, dict[str, Any]] = {}
        self.vars: dict[str, Any] = {}
        for name, marks in _MARKS.items():
            self._enum(name, sorted(str(mark) for mark in marks), (name,))
        self._enum("node", [_NOBODY, *sorted(named), *_strangers(named)], (*_ENDS, "via"))
        self.vars |= {name: z3.Bool(name, self.ctx) for name in ("onward", "consent", "named")}
        self.vars |= {name: z3.Int(name, self.ctx) for name in ("tlp", "day")}

    def _enum(self, sort: str, values: list[str], variables: Iterable[str]) -> None:
        kind, constants = self.z3.EnumSort(sort, [f"{sort}:{value}" for value in values], ctx=self.ctx)
        self.values[sort] = dict(zip(values, constants, strict=True))
        self.vars |= {name: self.z3.Const(name, kind) for name in variables}

    def any(self, conditions: Iterable[Any]) -> Any:
        return self.z3.Or(self.z3.BoolVal(False, self.ctx), *conditions)

    def all(self, conditions: Iterable[Any]) -> Any:
        return self.z3.And(self.z3.BoolVal(True, self.ctx), *conditions)

    def among(self, variable: str, values: Iterable[str]) -> Any:
        known = self.values["node" if variable in (*_ENDS, "via") else variable]
        return self.any(self.vars[variable] == known[value] for value in sorted(values) if value in known)

    def no_via(self) -> Any:
        return self.vars["via"] == self.values["node"][_NOBODY]

    def passed_on(self) -> Any:
        q = self.vars
        return self.any([q["onward"], self.z3.And(q["origin"] != q["sender"], q["via"] != q["sender"])])

    def clauses(self, instrument: Instrument) -> dict[str, Any]:
        """Each clause of ``instrument`` as a condition on the question."""
        q, and_, or_, not_ = self.vars, self.z3.And, self.z3.Or, self.z3.Not
        parties = {end: self.among(end, instrument.parties) for end in _ENDS}
        end_is_via = {end: q[end] == q["via"] for end in _ENDS}
        return {
            "state": self.z3.BoolVal(instrument.state == "in-force", self.ctx),
            "dates": and_(q["day"] >= instrument.first_day, q["day"] <= instrument.last_day),
            "parties": and_(
                q["sender"] != q["receiver"], *(or_(end_is_via[end], parties[end]) for end in ("sender", "receiver"))
            ),
            "mediator": or_(
                self.no_via(),
                and_(self.among("via", instrument.mediators), or_(end_is_via["sender"], end_is_via["receiver"])),
            ),
            "origin": or_(self.passed_on(), parties["origin"]),
            "suspension": not_(self.any(self._rests(each.pair) for each in instrument.suspended)),
            "purpose": self.among("purpose", instrument.purposes),
            "data": self.among("data", instrument.data),
            "subject": self.among("subject", instrument.subjects),
            "tlp": q["tlp"] <= TLP_RANK[instrument.tlp_ceiling],
            "handling": self.among("handling", instrument.handling),
            "onward": or_(not_(self.passed_on()), self._may_be_passed_on(instrument)),
            "prohibition": not_(self._prohibited(instrument)),
        }

    def allowed(self, instrument: Instrument) -> Any:
        """The decision of ``instrument``; a question that names another agreement meets its prohibitions alone."""
        clauses = self.clauses(instrument)
        bound = self.all(clauses.values())
        elsewhere = self.z3.And(self._open_elsewhere(), clauses["prohibition"])
        decided = self.z3.If(self.vars["named"], bound, elsewhere)
        return self.z3.Or(self.among("purpose", (Purpose.DANGER_TO_LIFE.value,)), decided)

    def within(self, region: Within) -> Any:
        q = self.vars
        named = {"purpose": region.purposes, "data": region.data, "subject": region.subjects,
                 "handling": region.handling, "via": region.mediators}  # fmt: skip
        parts = [self.among(variable, values) for variable, values in named.items() if values]
        if region.nodes:
            parts.append(self.any(self.among(end, region.nodes) for end in _ENDS))
        if region.pairs:
            parts.append(self.any(self._between(pair) for pair in region.pairs))
        if region.tlp:
            parts.append(self.any(q["tlp"] == TLP_RANK[mark] for mark in region.tlp))
        if region.onward:
            parts.append(self.passed_on())
        if region.before:
            parts.append(q["day"] < date.fromisoformat(region.before).toordinal())
        if region.after:
            parts.append(q["day"] > date.fromisoformat(region.after).toordinal())
        return self.all(parts)

    def newly(self, *, barred_by: Instrument, open_in: Instrument) -> Iterator[Question]:
        """Questions open in one and barred by the other: first each single cause, then what has several."""
        clauses = self.clauses(barred_by)
        base = self.z3.And(self.allowed(open_in), self.z3.Not(self.allowed(barred_by)))
        several = [base]
        found = 0
        for cause in clauses:
            alone = self.all(held if name != cause else self.z3.Not(held) for name, held in clauses.items())
            several.append(self.z3.Not(alone))
            question = self.solve(self.z3.And(base, alone))
            if question is not None and found < MAX_EXAMPLES:
                found += 1
                yield question
        last = self.solve(self.z3.And(*several)) if found == 0 else None
        if last is not None:
            yield last

    def solve(self, condition: Any) -> Question | None:
        """A question for which ``condition`` holds, or None when there is none."""
        solver = self.z3.Solver(ctx=self.ctx)
        solver.set("timeout", 60_000)
        q = self.vars
        solver.add(q["tlp"] >= 0, q["tlp"] < len(TLP_RANK), q["day"] >= 1, q["day"] <= date.max.toordinal())
        solver.add(*(q[end] != self.values["node"][_NOBODY] for end in _ENDS), condition)
        verdict = solver.check()
        if verdict == self.z3.unsat:
            return None
        if verdict != self.z3.sat:
            raise SpeanError("z3 gave up", why=str(solver.reason_unknown()), remedy="prove the amendment in parts")
        return self._question(solver.model())

    def fixed(self, question: Question) -> list[Any]:
        """The conditions that pin every variable to ``question``."""
        q = self.vars
        pins = [q[name] == self.values[name][getattr(question, name)] for name in _MARKS]
        pins += [q[name] == self.values["node"][getattr(question, name)] for name in (*_ENDS, "via")]
        pins += [q["onward"] == question.onward, q["consent"] == question.consent]
        pins += [q["tlp"] == TLP_RANK[question.tlp], q["day"] == question.day]
        return [*pins, q["named"] == (question.instrument == self.id)]

    def _question(self, model: Any) -> Question:
        def value(name: str) -> str:
            return str(model.eval(self.vars[name], model_completion=True)).split(":", 1)[-1]

        marks = {name: value(name) for name in (*_MARKS, *_ENDS, "via")}
        truths = {name: value(name) == "True" for name in ("onward", "consent", "named")}
        return Question(
            **marks,
            tlp=list(TLP_RANK)[int(value("tlp"))],
            date=date.fromordinal(int(value("day"))).isoformat(),
            instrument=self.id if truths["named"] else _other_id(self.id),
            onward=truths["onward"],
            consent=truths["consent"],
            procedure=_PROCEDURE,
            kind=_KIND,
        )

    def _between(self, pair: Iterable[str]) -> Any:
        nodes = sorted(pair)
        q, to = self.vars, self.among("receiver", nodes)
        hop = self.z3.And(self.among("sender", nodes), to)
        whole = self.z3.And(self.among("origin", nodes), to, q["origin"] != q["receiver"])
        return self.z3.Or(hop, whole)

    def _rests(self, pair: Iterable[str]) -> Any:
        nodes = sorted(pair)
        q, to = self.vars, self.among("receiver", nodes)
        whole = self.z3.And(self.passed_on(), self.among("origin", nodes), to, q["origin"] != q["receiver"])
        return self.z3.Or(self.z3.And(self.among("sender", nodes), to), whole)

    def _open_elsewhere(self) -> Any:
        """What the most permissive other agreement permits (``_permissive``)."""
        q, or_ = self.vars, self.z3.Or
        way = or_(self.no_via(), q["via"] == q["sender"], q["via"] == q["receiver"])
        onward = or_(self.z3.Not(self.passed_on()), self.z3.Not(self._guarded()), q["consent"])
        return self.z3.And(q["sender"] != q["receiver"], way, onward)

    def _guarded(self) -> Any:
        return self.z3.Or(self.among("handling", ("H2",)), self.vars["tlp"] >= TLP_RANK["AMBER+STRICT"])

    def _may_be_passed_on(self, instrument: Instrument) -> Any:
        consent = self.vars["consent"]
        rule = {"never": self.z3.BoolVal(False, self.ctx), "consent": consent,
                "parties": self.among("origin", instrument.parties)}[instrument.onward]  # fmt: skip
        return self.z3.And(rule, self.z3.Or(self.z3.Not(self._guarded()), consent))

    def _prohibited(self, instrument: Instrument) -> Any:
        if instrument.state != "in-force":
            return self.z3.BoolVal(False, self.ctx)
        q, members = self.vars, instrument.members
        source = self.z3.And(self.among("origin", members), q["origin"] != q["receiver"])
        bound = self.all([
            self.among("receiver", members),
            self.z3.Or(self.among("sender", members), source),
            q["day"] >= instrument.first_day,
            q["day"] <= instrument.last_day,
        ])  # fmt: skip
        return self.z3.And(bound, self.any(
            self.all(self.among(name, values) for name, values in
                     (("data", ban.data), ("subject", ban.subjects), ("purpose", ban.purposes)) if values)
            for ban in instrument.prohibitions
        ))  # fmt: skip


def _strangers(named: Iterable[str]) -> list[str]:
    taken = set(named)
    return [name for name in (f"ZZ{number}" for number in range(10, 100)) if name not in taken][:_STRANGERS]


def _other_id(instrument: str) -> str:
    node = "YY" if not instrument.startswith("YY:") else "XX"
    return f"{node}:agreement:{'0' * 26}"
