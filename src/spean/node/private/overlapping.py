"""The overlap of two whole holdings: the private question in batches, overnight (B1; docs/protocol.md, 10.8).

Each batch is a fact in both logs before it is evaluated; its bytes travel beside the facts, by their hashes. A process that ends loses the
blinds of one batch, which is asked anew; everything before it stays. What was found is told to nobody: hits are claimed one by one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from spean.core.errors import InvalidInput, NotFound, Refusal, SpeanError, VerificationFailed
from spean.core.fact import Fact
from spean.hits.model import BATCH, Batch, Evaluated, Proposal
from spean.matching.private import people
from spean.matching.private.categories import DATA
from spean.matching.private.people import Certified
from spean.matching.private.table import TAG, reference
from spean.matching.private.voprf import ELEMENT, PROOF, Blinded
from spean.node.acts.acting import Done, Intent, Marks
from spean.node.entry.people import Who
from spean.node.private.inputs import CATEGORY, Input, inputs_of, stands
from spean.node.private.model import Person
from spean.node.same.model import Named
from spean.node.work import Work
from spean.store.private_rows import OverlapRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.store import Tx

FOUND = "found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """How far an overlap is, and, at the asker, what both hold."""

    record: str
    node: str
    category: str
    state: str
    count: int
    batches: int
    done: int
    hits: tuple[tuple[str, str, int], ...]
    """Our record, the owner's reference, and the weight out of 100."""


@dataclass(slots=True)
class _Batch:
    """The batch that is under way. Never at rest."""

    number: int
    blinded: Blinded
    inputs: list[tuple[str, str, Input]]
    """Our record, the name as written (persons), the input."""


class Overlapping:
    """Proposes, evaluates, compares."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._under_way: dict[str, _Batch] = {}

    # asker ------------------------------------------------------------------------------------------------------

    def propose(self, who: Who, holding: str, *, purpose: str, subject: str, reason: str) -> Done:
        """Ask a partner whether all our items of the category of its offer may be compared. Raises ``NotFound``, ``InvalidInput``."""
        ground = self._ground
        with ground.reading() as tx:
            row = tx.private.holding(holding)
        if row is None or not row.month or row.state == "contested":
            raise NotFound("No such offer that can be asked", remedy="look at what partners offer")
        count = sum(1 for _ in self._inputs(row.category, subject))
        if count == 0:
            raise InvalidInput(
                "category", f"we hold nothing of the category {row.category}", remedy="ask about another"
            )
        form = {
            "holding": holding,
            "category": row.category,
            "month": row.month,
            "key": row.public,
            "count": count,
            "reason": reason,
        }
        marks = Marks(purpose=purpose, instrument=row.instrument, data=DATA[row.category], subject=subject)
        done = ground.acting.act(
            who, Intent(kind="propose", form=form, procedure="overlap", to=(row.holder,), marks=marks)
        )
        with ground.writing() as work:
            work.tx.private.save_overlap(
                OverlapRow(record=done.record, role="asker", node=row.holder, holding=holding, category=row.category, month=row.month,
                           count=count, state=subject, done=0, at=work.now, hits=None)
            )  # fmt: skip
        return done

    def overlaps(self, who: Who) -> list[Overlap]:
        """All overlaps of ours, the newest first; hits only for whoever may read their records."""
        ground = self._ground
        ground.reading_desk.may_read(who)
        with ground.reading() as tx:
            return [self._shown(tx, row) for row in tx.private.overlaps()]

    def _shown(self, tx: Tx, row: OverlapRow) -> Overlap:
        record = tx.records.many([row.record]).get(row.record)
        found = json.loads(row.hits) if row.hits else {}
        return Overlap(
            record=row.record, node=row.node, category=row.category, state="" if record is None else record.state, count=row.count,
            batches=-(-row.count // BATCH), done=row.done, hits=tuple((a, b, c) for a, b, c in found.get(FOUND, ())),
        )  # fmt: skip

    def _inputs(self, category: str, subject: str) -> Iterator[tuple[str, str, Input]]:
        """Everything of ours in a category, in an order that stays: record, name, input."""
        ground = self._ground
        if category == "person":
            names = {each.record for each in ground.same.names()}
        else:
            with ground.reading() as tx:
                names = {held.record for held in ground.same.held(tx) if held.origin == ground.me}
        mine = sorted(name for name in names if name.startswith(f"{ground.me}:"))
        for start in range(0, len(mine), 200):
            with ground.reading() as tx:
                found = {each.record: each for each in ground.same.named(tx, mine[start : start + 200])}
            for name in mine[start : start + 200]:
                if name in found and stands(found[name]) and (found[name].category or "other") in (subject, "other"):
                    yield from self._of(found[name], category)

    def _of(self, named: Named, category: str) -> Iterator[tuple[str, str, Input]]:
        if category == "person":
            for name in named.names[:1] if named.thing == "person" else ():
                try:
                    several = inputs_of(Person(name, next(iter(named.births), "")))
                except InvalidInput:
                    continue
                yield from ((named.record, name, each) for each in several)
            return
        for selector in named.selectors:
            if CATEGORY.get(selector.type) == category:
                yield named.record, "", inputs_of(selector)[0]

    def step(self, record: str) -> None:
        """Go on with an overlap: the next batch, the comparison of an answer, or a batch of a partner."""
        ground = self._ground
        with ground.reading() as tx:
            row = tx.private.overlap(record)
            known = tx.records.many([record]).get(record)
        if row is None or known is None:
            return
        if row.role == "holder":
            self._evaluate(row, known.state)
        elif known.state == "accepted":
            self._next(row)
        elif known.state == "evaluated":
            self._compare(row)

    def _next(self, row: OverlapRow) -> None:
        """Blind and show the next batch, or say that all is compared."""
        ground = self._ground
        clerk = ground.people.node_itself()
        start = row.done * BATCH
        inputs = [
            each for place, each in enumerate(self._inputs(row.category, row.state)) if start <= place < start + BATCH
        ]
        if not inputs:
            self._finish(row)
            return
        blinded = Blinded([each.value for _, _, each in inputs])
        with ground.writing() as work:
            parcel = ground.private.parcels.put(work.tx, blinded.elements, [row.node])
            form = {"number": row.done + 1, "count": len(blinded), "parcel": parcel}
            ground.acting.perform(work, clerk, Intent(kind="batch", form=form, record=row.record))
        self._under_way[row.record] = _Batch(row.done + 1, blinded, inputs)

    def _compare(self, row: OverlapRow) -> None:
        """Verify the answer to a batch and look it up. A batch whose blinds are lost is asked anew."""
        ground = self._ground
        with ground.reading() as tx:
            work = Work(ground, tx)
            told = ground.projector.stated(work, row.record, "evaluate")[-1][1]
            proposed = ground.projector.stated(work, row.record, "propose")[0][1]
            data = ground.private.parcels.get(tx, told.parcel) if isinstance(told, Evaluated) else None
        batch = self._under_way.get(row.record)
        if not isinstance(told, Evaluated) or not isinstance(proposed, Proposal):
            return
        if batch is None or batch.number != told.number:
            self._next(row)
            return
        if data is None:
            size = len(batch.blinded) * ELEMENT + PROOF
            with ground.writing() as work:
                ground.private.parcels.want(work.tx, row.node, told.parcel, size)
            return
        self._under_way.pop(row.record)
        try:
            outputs = batch.blinded.finish(data, bytes.fromhex(proposed.key))
        except VerificationFailed as forged:
            self._forged(row, forged)
            return
        self._keep(row, batch, [output[:TAG] for output in outputs], told.parcel)

    def _keep(self, row: OverlapRow, batch: _Batch, tags: Sequence[bytes], parcel: str) -> None:
        ground = self._ground
        with ground.writing() as work:
            holding = work.tx.private.holding(row.holding)
            if holding is None or holding.month != row.month:
                raise Refusal("B2", "the month of this overlap's key is over", remedy="propose it again")
            table = ground.private.tables.table(work.tx, holding)
            if table is None:
                raise NotFound("The partner's table is still on its way")
            found = json.loads(row.hits) if row.hits else {FOUND: [], "agreed": []}
            for (source, name, each), tag, group in zip(batch.inputs, tags, table.look(tags), strict=True):
                if group is None:
                    continue
                if isinstance(each.says, Certified):
                    found["agreed"].append(
                        [source, name, group, reference(tag), list(map(list, each.says.words)), each.says.date]
                    )
                else:
                    found[FOUND].append([source, reference(tag), 100])
            found["persons"] = max(len(table) // people.MOST, 1)
            after = replace(row, done=row.done + 1, hits=json.dumps(found).encode(), at=work.now)
            work.tx.private.save_overlap(after)
            work.tx.private.drop_parcel(parcel)
        self._next(after)

    def _finish(self, row: OverlapRow) -> None:
        """All batches are compared; persons are assigned one to one."""
        ground = self._ground
        found = json.loads(row.hits) if row.hits else {FOUND: []}
        done = {FOUND: found[FOUND] + assigned(found.get("agreed", []), found.get("persons", 1))}
        with ground.writing() as work:
            work.tx.private.save_overlap(replace(row, hits=json.dumps(done).encode(), at=work.now))
            ground.acting.perform(
                work, ground.people.node_itself(), Intent(kind="finish", form={"count": row.count}, record=row.record)
            )

    def _forged(self, row: OverlapRow, why: SpeanError) -> None:
        ground = self._ground
        with ground.writing() as work:
            holding = work.tx.private.holding(row.holding)
            if holding is not None:
                ground.private.tables.contest(work, holding, f"{why.what}: {why.why}")
            form = {"reason": "an answer's proof does not hold"}
            ground.acting.perform(
                work, ground.people.node_itself(), Intent(kind="withdraw", form=form, record=row.record)
            )

    # holder -----------------------------------------------------------------------------------------------------

    def _evaluate(self, row: OverlapRow, state: str) -> None:
        """Evaluate the batch that was asked last, once its bytes are here: counted first, then logged, then fetched."""
        ground = self._ground
        if state != "asked":
            return
        with ground.reading() as tx:
            work = Work(ground, tx)
            batch = ground.projector.stated(work, row.record, "batch")[-1][1]
            proposed = ground.projector.stated(work, row.record, "propose")[0][1]
            data = ground.private.parcels.get(tx, batch.parcel) if isinstance(batch, Batch) else None
        if not isinstance(batch, Batch) or not isinstance(proposed, Proposal):
            return
        if data is None:
            with ground.writing() as work:
                ground.private.parcels.want(work.tx, row.node, batch.parcel, batch.count * ELEMENT)
            return
        try:
            told, spent = ground.private.answering.evaluate_batch(row, proposed, batch, data)
        except (Refusal, NotFound, VerificationFailed, InvalidInput) as refused:
            form: dict[str, Any] = {"reason": f"{refused.what}: {refused.why}"[:2000]}
            ground.acting.act(ground.people.node_itself(), Intent(kind="decline", form=form, record=row.record))
            return
        with ground.writing() as work:
            parcel = ground.private.parcels.put(work.tx, told, [row.node])
            form = {"number": batch.number, "parcel": parcel, "spent": spent}
            ground.acting.perform(
                work, ground.people.node_itself(), Intent(kind="evaluate", form=form, record=row.record)
            )
            work.tx.private.drop_parcel(batch.parcel)
            work.tx.private.save_overlap(replace(row, done=batch.number, at=work.now))

    # reactions --------------------------------------------------------------------------------------------------

    def moved(self, work: Work, fact: Fact) -> None:
        """An overlap went on: the next step is taken beside this transaction."""
        record, me = fact.header.record, self._ground.me
        if fact.header.kind == "propose" and fact.header.node != me:
            self._proposed(work, record, fact.header.node)
        if fact.header.node != me and fact.header.kind in ("accept", "batch", "evaluate"):
            work.tx.jobs.put("private-overlap", record, work.now, json.dumps({"record": record}))
        if fact.header.kind == "accept" and fact.header.node == me:
            self._affordable(work, record)

    def _proposed(self, work: Work, record: str, node: str) -> None:
        stated = self._ground.projector.stated(work, record, "propose")
        if stated and isinstance(stated[0][1], Proposal):
            form = stated[0][1]
            work.tx.private.save_overlap(
                OverlapRow(record=record, role="holder", node=node, holding=form.holding, category=form.category, month=form.month,
                           count=form.count, state="", done=0, at=work.now, hits=None)
            )  # fmt: skip

    def _affordable(self, work: Work, record: str) -> None:
        """Nobody accepts what the month's budget does not bear: it is raised first, by two persons (B2)."""
        row = work.tx.private.overlap(record)
        if row is not None:
            self._ground.private.answering.check_room(work, row.node, row.count)

    def arrived(self, name: str) -> None:
        """A batch or an answer may be here."""
        with self._ground.writing() as work:
            rows = [
                row for row in work.tx.private.overlaps() if (known := work.record(row.record)) and not known.closed
            ]
            for row in rows:
                work.tx.jobs.put("private-overlap", row.record, work.now, json.dumps({"record": row.record}))


def assigned(agreed: Sequence[Sequence[Any]], persons: int) -> list[list[Any]]:
    """Persons one to one: our record, the owner's reference, the weight out of 100."""
    several: dict[tuple[str, int], list[Sequence[Any]]] = {}
    for each in agreed:
        several.setdefault((each[0], each[2]), []).append(each)
    weights = {
        pair: people.weight(found[0][1], [_says(each) for each in found], persons) for pair, found in several.items()
    }
    return [
        [source, several[source, group][0][3], people.percent(weights[source, group])]
        for source, group in sorted(people.assign(weights).items())
    ]


def _says(each: Sequence[Any]) -> Certified:
    return Certified(tuple((int(place), str(level)) for place, level in each[4]), str(each[5]))
