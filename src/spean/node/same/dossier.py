"""An entity as its facts say it, derived anew each time it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import msgspec

from spean.core.errors import InvalidInput
from spean.dossiers.model import (
    Answered,
    Categorised,
    Judged,
    JudgementWithdrawn,
    Linked,
    OffLine,
    Opened,
    Stated,
    StatementWithdrawn,
    Stopped,
    Suspected,
)
from spean.dossiers.rules import TOLD
from spean.entities.kinds import Kind, kind, properties
from spean.entities.statements import PropertyView, Statement, caption, fold
from spean.exchange.seal import decrypt_content
from spean.node.folding import open_body
from spean.node.same.model import Answer, AnswerKind, Selector
from spean.node.same.selecting import ENTITY
from spean.procedures.forms import decode
from spean.store.rows import FactRow, RecordRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.procedures.forms import Form
    from spean.store import Tx

_FORMS: Mapping[str, type[Form]] = {
    "open": Opened, "state": Stated, "link": Linked, "withdraw-statement": StatementWithdrawn, "judge": Judged,
    "withdraw-judgement": JudgementWithdrawn, "categorise": Categorised, "mark-suspect": Suspected, "off-line": OffLine,
    "verify": Answered, "protect": Answered, "stop": Stopped,
}  # fmt: skip
ANSWERS: Mapping[str, AnswerKind] = {"verify": "verify", "protect": "protect", "stop": "stop"}
_COUNTS = frozenset({"effective"})


class _Author(msgspec.Struct, frozen=True):
    """Of a header that was checked when it was taken in: who wrote it."""

    unit: str
    actor: str


_author = msgspec.json.Decoder(_Author)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSaid:
    """A link as one statement says it; ``backward``: it is said in the other entity's record."""

    id: str
    link: str
    source_entity: str
    target_entity: str
    role: str
    statement: Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgementSaid:
    """A judgement as its fact says it."""

    fact: str
    other: str
    verdict: str
    candidate: str
    reason: str
    by: str
    actor: str
    at: int
    withdrawn: str = ""
    withdrawn_reason: str = ""
    withdrawn_by: str = ""
    withdrawn_at: int = 0


@dataclass(slots=True, kw_only=True)
class Dossier:
    """One entity. ``kind`` is None once its opening is erased: then nothing is known of it."""

    record: str
    purpose: str
    state: str
    kind: Kind | None = None
    category: str = ""
    statements: list[Statement] = field(default_factory=list)
    links: list[LinkSaid] = field(default_factory=list)
    judgements: list[JudgementSaid] = field(default_factory=list)
    answer: Answer | None = None
    off_line: bool = False
    opened_at: int = 0
    upto: int = 0

    @property
    def views(self) -> tuple[PropertyView, ...]:
        """Its properties with their values and who says them."""
        return () if self.kind is None else fold(self.kind, self.statements)

    @property
    def caption(self) -> str:
        """By which words people call it."""
        return "" if self.kind is None else caption(self.kind, self.views)

    @property
    def standing(self) -> list[Statement]:
        """The statements that count."""
        return [each for each in self.statements if each.counts]

    @property
    def open(self) -> bool:
        """Whether it is kept as something to be found."""
        return self.kind is not None and self.state != "closed"

    def of_type(self, *types: str) -> tuple[str, ...]:
        """Values that count, of these value types, once each and in the order of being said."""
        known = properties()
        return tuple(dict.fromkeys(each.value for each in self.standing if known[each.property].type in types))

    def of(self, *names: str) -> tuple[str, ...]:
        """Values that count, of these properties."""
        return tuple(dict.fromkeys(each.value for each in self.standing if each.property in names))

    @property
    def selectors(self) -> tuple[Selector, ...]:
        """Its exact values."""
        known = properties()
        found = (
            Selector(known[each.property].selector, each.value)
            for each in self.standing
            if known[each.property].values.exact
        )
        return tuple(dict.fromkeys(found))


def load(ground: Ground, tx: Tx, records: Iterable[str]) -> dict[str, Dossier]:
    """The entities of these records, by record; others are left out."""
    names = [name for name in dict.fromkeys(records) if name.split(":")[1:2] == [ENTITY]]
    rows = tx.records.many(names)
    facts: dict[str, list[FactRow]] = {name: [] for name in rows}
    for fact in tx.facts.of_records(list(rows)):
        facts[fact.record].append(fact)
    keys = ground.content_keys.get(
        each.id for several in facts.values() for each in several if each.content is not None
    )
    return {name: dossier(row, facts[name], keys, ground.clock.now()) for name, row in rows.items()}


def kinds_of(ground: Ground, tx: Tx, records: Iterable[str]) -> dict[str, str]:
    """The kinds of these entities, by record; one whose opening is erased has none."""
    names = [name for name in dict.fromkeys(records) if name.split(":")[1:2] == [ENTITY]]
    openings = {told[0]: name for name, row in tx.records.many(names).items() if (told := row.done.get(TOLD))}
    facts = tx.facts.many(openings)
    keys = ground.content_keys.get(each.id for each in facts.values() if each.content is not None)
    found: dict[str, str] = {}
    for id, fact in facts.items():
        form, _ = _opened(fact, keys.get(id))
        if isinstance(form, Opened):
            found[openings[id]] = form.kind
    return found


def dossier(row: RecordRow, facts: Sequence[FactRow], keys: Mapping[str, bytes], now: int) -> Dossier:
    """One entity from its record and facts, in the order of arrival."""
    made = Dossier(record=row.id, purpose=row.purpose, state=row.state, opened_at=row.opened_at)
    reader = _Reader(made)
    for fact in facts:
        made.upto = max(made.upto, fact.n)
        form, by = _opened(fact, keys.get(fact.id))
        if form is not None:
            reader.take(fact, form, by)
    reader.finish()
    if row.state in ANSWERS and reader.told is not None and reader.told[1].until > now:
        fact, form = reader.told
        made.answer = Answer(
            kind=ANSWERS[row.state], record=row.id, fact=fact.id, until=form.until, instructions=form.instructions,
            contact=f"{form.contact_name}, {form.contact_phone}", off_line=made.off_line, category=made.category, purpose=row.purpose,
            ground=form.ground if isinstance(form, Stopped) and form.ground != "not-said" else "",
        )  # fmt: skip
    return made


def _opened(fact: FactRow, key: bytes | None) -> tuple[Any, str]:
    """Form and author's name; None when it is erased, of a newer version, or of no interest here."""
    of = _FORMS.get(fact.kind)
    if of is None or fact.content is None or key is None or fact.status not in _COUNTS or fact.track != "shared":
        return None, ""
    by, raw = open_body(decrypt_content(key, fact.content, fact.id)[1])
    try:
        return decode(of, raw), by
    except InvalidInput:
        return None, ""


class _Reader:
    """Gathers what facts say."""

    def __init__(self, made: Dossier) -> None:
        self._made = made
        self._gone: dict[str, str] = {}
        self._back: dict[str, tuple[FactRow, JudgementWithdrawn, str]] = {}
        self.told: tuple[FactRow, Any] | None = None

    def take(self, fact: FactRow, form: Any, by: str) -> None:
        made = self._made
        if isinstance(form, Opened):
            made.kind, made.category = kind(form.kind), made.category or form.category
        if isinstance(form, Opened | Stated):
            self._statements(fact, form, by)
        elif isinstance(form, Linked):
            made.links.append(self._link(fact, form, by))
        elif isinstance(form, StatementWithdrawn):
            self._gone[form.statement] = fact.id
        elif isinstance(form, Judged):
            made.judgements.append(
                JudgementSaid(
                    fact=fact.id, other=form.other, verdict=form.verdict, candidate=form.candidate, reason=form.reason, by=by,
                    actor=_author.decode(fact.payload).actor, at=fact.at,
                )
            )  # fmt: skip
        elif isinstance(form, JudgementWithdrawn):
            self._back[form.judgement] = (fact, form, by)
        elif isinstance(form, Categorised | Suspected):
            made.category = form.category
        elif isinstance(form, OffLine):
            made.off_line = form.ticked
        elif isinstance(form, Answered | Stopped):
            self.told = (fact, form)

    def _statements(self, fact: FactRow, form: Opened | Stated, by: str) -> None:
        known, unit = properties(), _author.decode(fact.payload).unit
        for place, each in enumerate(form.statements):
            of = known.get(each.property)
            if of is None:
                continue
            try:
                value = of.values.clean(each.value)
            except InvalidInput:
                value = each.value
            said = _statement(fact, unit, f"{fact.id}:{place}", each.property, value, each.value, each, by)
            self._made.statements.append(said)

    def _link(self, fact: FactRow, form: Linked, by: str) -> LinkSaid:
        unit = _author.decode(fact.payload).unit
        said = _statement(fact, unit, f"{fact.id}:0", form.link, form.other, form.other, form, by)
        return LinkSaid(
            id=said.id,
            link=form.link,
            source_entity=fact.record,
            target_entity=form.other,
            role=form.role,
            statement=said,
        )

    def finish(self) -> None:
        """Withdrawals, whatever order they came in."""
        made, gone = self._made, self._gone
        if gone:
            made.statements = [replace(each, withdrawn=gone.get(each.id, "")) for each in made.statements]
            made.links = [
                replace(each, statement=replace(each.statement, withdrawn=gone.get(each.id, ""))) for each in made.links
            ]
        for at, each in enumerate(made.judgements):
            if back := self._back.get(each.fact):
                fact, form, by = back
                made.judgements[at] = replace(
                    each, withdrawn=fact.id, withdrawn_reason=form.reason, withdrawn_by=by, withdrawn_at=fact.at
                )


def _statement(
    fact: FactRow, unit: str, id: str, property: str, value: str, given: str, said: Any, by: str
) -> Statement:
    return Statement(
        id=id, entity=fact.record, property=property, value=value, given=given, node=fact.origin, unit=unit,
        by=by, origin=said.origin, source=str(said.source), grade=said.grade, nature=str(said.nature), said_at=fact.at,
        since=said.since, until=said.until,
    )  # fmt: skip
