"""The register of agreements for people: what is agreed, by whom, since when; what a new text would change; what may go to whom (A1).

Agreements hold nothing about persons, so looking one up is no read that needs a reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

from spean.agreements.differences import differences
from spean.agreements.effects import Cell, Effect, effects, mediators, permitted
from spean.agreements.model import PEERING, Instrument, Suspension
from spean.agreements.preview import PreviewLine, preview
from spean.agreements.question import Question
from spean.agreements.registry import Registry
from spean.agreements.routes import alternatives
from spean.core.errors import InvalidInput, NotFound
from spean.core.world import iso
from spean.exchange.seal import decrypt_content
from spean.node.entry.people import Who
from spean.node.entry.rights import opened_to
from spean.node.folding import open_body
from spean.node.work import Work
from spean.store.rows import RecordRow
from spean.treaties import service
from spean.treaties.model import AgreementText, to_instrument

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.procedures.acts import Act
    from spean.store import Tx

NOW = "now"
"""Stands for the register as it is, where two texts are compared."""
ENDED = "ended"
"""Stands for the agreement having ended."""
_TEXTS = ("propose", "redraft", "amend")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One agreement of the register. ``state`` is the record's, e.g. *amending*; for ``peering``: *in-force*."""

    instrument: Instrument
    state: str
    unsigned: tuple[str, ...]
    """Parties whose signature under the text on the table is missing; empty when no text is on the table."""
    changed_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text that was on the table. ``number`` counts them from 1."""

    number: int
    fact: str
    at: int
    node: str
    kind: str
    instrument: Instrument
    binds: bool


@dataclass(frozen=True, slots=True)
class Used:
    """Of a quota, what we have used towards one partner this month."""

    purpose: str
    partner: str
    used: int
    most: int


@dataclass(frozen=True, slots=True)
class Way:
    """A lawful way while the direct one under this agreement rests. ``through`` is empty for a direct one."""

    through: str
    instrument: str
    title: str
    combinations: int
    of: int


@dataclass(frozen=True, slots=True)
class Resting:
    """A suspended pair, and what is left to use when we are one of it."""

    suspension: Suspension
    partner: str
    """The other one when we are of the pair, else empty."""
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """All about one agreement."""

    line: Line
    signed: tuple[str, ...]
    texts: tuple[Text, ...]
    history: tuple[service.Step, ...]
    names: dict[str, str]
    """Fact → name of who acted; those whose words are erased are missing."""
    quotas: tuple[Used, ...]
    resting: tuple[Resting, ...]


class Register:
    """Looks agreements up."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def lines(self, *, partner: str = "", state: str = "") -> list[Line]:
        """The agreements, those in force first; only those of a partner or in a state when one is named."""
        with self._ground.reading() as tx:
            rows = tx.records.many(each.id for each in self._ground.registry)
            found = [self._line(each, rows.get(each.id)) for each in self._ground.registry]
        chosen = [
            line for line in found
            if (not partner or partner in line.instrument.members) and (not state or state == line.state)
        ]  # fmt: skip
        return sorted(
            chosen, key=lambda line: (line.instrument.state != "in-force", line.instrument.title, line.instrument.id)
        )

    def detail(self, agreement: str) -> Detail:
        """One agreement with its texts, signatures, history, quotas and suspended pairs. Raises ``NotFound``."""
        ground = self._ground
        with ground.reading() as tx:
            instrument = ground.registry.get(agreement)
            if agreement == PEERING:
                return Detail(line=self._line(instrument, None), signed=tuple(sorted(instrument.parties)), texts=(), history=(),
                              names={}, quotas=(), resting=())  # fmt: skip
            work = Work(ground, tx)
            acts = ground.projector.acts_of(work, agreement)
            return Detail(
                line=self._line(instrument, tx.records.get(agreement)) , signed=tuple(sorted(service.signed_by(agreement, acts))),
                texts=tuple(_texts(agreement, acts)), history=service.history(agreement, acts),
                names=_names(work, [act.id for act in acts]), quotas=tuple(self._quotas(tx, instrument)),
                resting=tuple(self._resting(instrument, each) for each in _in_order(instrument.suspended)),
            )  # fmt: skip

    def opens(self, who: Who, agreement: str) -> bool:
        """Whether somebody may open the record behind an agreement (O1)."""
        with self._ground.reading() as tx:
            return bool(opened_to(tx, who, (agreement,)))

    def differences(self, agreement: str, old: str, new: str) -> list[str]:
        """What differs between two texts of an agreement, each named by its fact, in words."""
        texts = {text.fact: text.instrument for text in self.detail(agreement).texts}
        return differences(_of(texts, old), _of(texts, new))

    def effects(self, agreement: str, old: str, new: str) -> list[Effect]:
        """What would change between us and each partner if one text bound instead of another; see ``effects``.

        ``old`` and ``new`` name facts that hold a text, or are ``NOW`` and ``ENDED``.
        """
        ground = self._ground
        texts = {text.fact: text.instrument for text in self.detail(agreement).texts}
        with ground.reading():
            registry = ground.registry
            before, after = (self._as_if(registry, agreement, texts, each) for each in (old, new))
        starts = max(texts[each].starts for each in (old, new) if each in texts) if {old, new} & texts.keys() else ""
        date = max(self._today(), starts)
        partners = registry.get(agreement).members.union(*(each.members for each in texts.values()))
        return effects(before, after, ground.me, partners, date)

    def ask(self, *, purpose: str, data: str, subject: str, tlp: str, handling: str) -> list[PreviewLine]:
        """For each partner: may we send it such a thing, under which agreement, and why, or why not (D3).

        Raises ``InvalidInput`` for a mark that is on no list.
        """
        ground = self._ground
        template = Question(
            sender=ground.me, receiver=ground.me, origin=ground.me, instrument="", purpose=purpose, data=data, subject=subject,
            tlp=tlp, handling=handling, procedure="", kind="", date=self._today(),
        )  # fmt: skip
        with ground.reading():
            return [self._best(ground.registry, replace(template, receiver=node)) for node in ground.peering.active()]

    def _best(self, registry: Registry, question: Question) -> PreviewLine:
        """The answer of the agreement that permits it, else of the one in whose way least stands."""
        shared = registry.between(question.sender, question.receiver)
        asked = [replace(question, instrument=each.id) for each in shared] or [question]
        lines = [line for each in asked for line in preview(registry, each, (question.receiver,))]
        return min(lines, key=lambda line: (not line.allowed, sum(not clause.holds for clause in line.clauses)))

    def _line(self, instrument: Instrument, row: RecordRow | None) -> Line:
        if row is None:
            return Line(instrument=instrument, state=instrument.state, unsigned=(), changed_at=None)
        asked = row.state in ("legal-review", "amending")
        gone = {*row.done.get("sign", ()), *row.done.get("leave", ())}
        parties = {node for nodes in row.parties.values() for node in nodes}
        return Line(
            instrument=instrument, state=row.state, unsigned=tuple(sorted(parties - gone)) if asked else (),
            changed_at=row.changed_at,
        )  # fmt: skip

    def _quotas(self, tx: Tx, instrument: Instrument) -> Iterable[Used]:
        month = self._today()[:7]
        for purpose, most in sorted(instrument.quotas.items()):
            for partner in sorted(instrument.parties - {self._ground.me}):
                yield Used(purpose, partner, tx.people.count(instrument.id, partner, purpose, month), most)

    def _resting(self, instrument: Instrument, suspension: Suspension) -> Resting:
        me = self._ground.me
        if me not in suspension.pair:
            return Resting(suspension, "", ())
        (partner,) = suspension.pair - {me}
        return Resting(suspension, partner, tuple(self._ways(instrument, partner)))

    def _ways(self, instrument: Instrument, partner: str) -> Iterable[Way]:
        """The direct way under other agreements, then that through each mediator: for how much of what the agreement covers."""
        ground = self._ground
        covered: set[Cell] = set(product(instrument.purposes, instrument.data, instrument.subjects))
        for via in ("", *mediators(ground.registry, ground.me, partner)):
            cells = covered & permitted(ground.registry, ground.me, partner, self._today(), via)
            if not cells:
                continue
            purpose, data, subject = min(cells)
            question = Question(
                sender=ground.me, receiver=partner, origin=ground.me, instrument=instrument.id, purpose=purpose, data=data,
                subject=subject, tlp="CLEAR", handling=min(instrument.handling), procedure="", kind="", date=self._today(),
            )  # fmt: skip
            for route in alternatives(ground.registry, question):
                if route.nodes[1:-1] == ((via,) if via else ()):
                    title = ground.registry.get(route.instrument).title
                    yield Way(via, route.instrument, title, len(cells), len(covered))
                    break

    def _as_if(self, registry: Registry, agreement: str, texts: dict[str, Instrument], which: str) -> Registry:
        if which == NOW:
            return registry
        present = registry.get(agreement)
        if which == ENDED:
            return registry.with_instrument(replace(present, state="terminated"))
        text = _of(texts, which)
        resting = frozenset(each for each in present.suspended if each.pair <= text.members)
        return registry.with_instrument(replace(text, state="in-force", suspended=resting))

    def _today(self) -> str:
        return iso(self._ground.clock.now())[:10]


def _texts(record: str, acts: Sequence[Act]) -> Iterable[Text]:
    """Every text that is readable here, in the order of time."""
    binding = service.binding_fact(record, acts)
    number = 0
    for act in sorted(acts, key=lambda act: (act.time, act.id)):
        text = getattr(act.body, "text", act.body)
        if act.kind not in _TEXTS or not isinstance(text, AgreementText):
            continue
        number += 1
        try:
            instrument = to_instrument(text, record=record)
        except InvalidInput:
            continue
        yield Text(
            number=number,
            fact=act.id,
            at=act.time,
            node=act.node,
            kind=act.kind,
            instrument=instrument,
            binds=act.id == binding,
        )


def _of(texts: dict[str, Instrument], fact: str) -> Instrument:
    found = texts.get(fact)
    if found is None:
        raise NotFound(f"{fact[:16]} is no text of this agreement", remedy="choose one of its texts")
    return found


def _names(work: Work, facts: Sequence[str]) -> dict[str, str]:
    keys = work.keys(facts)
    found = {}
    for name in facts:
        row = work.fact(name)
        if row is not None and row.content is not None and name in keys:
            found[name] = open_body(decrypt_content(keys[name], row.content, name)[1])[0]
    return found


def _in_order(suspended: Iterable[Suspension]) -> list[Suspension]:
    return sorted(suspended, key=lambda each: sorted(each.pair))
