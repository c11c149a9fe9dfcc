"""The asker's side: blind, ask, verify, look up (docs/protocol.md, 10.4 and 10.5; B1, B2, R24, R38, R42).

The blinds stay in this process's memory. When it ends before an answer comes, the answer cannot be read by anybody, and whom it was about
is forgotten: it is asked again.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from spean.core.errors import InvalidInput, Refusal, SpeanError, TooMuch, VerificationFailed
from spean.core.ids import check_node, ulid
from spean.core.world import DAY, HOUR, MINUTE
from spean.hits.model import ELEMENTS, Answer, Unanswered
from spean.hits.rules import raw
from spean.matching.private import budget, opening, people
from spean.matching.private.categories import DATA
from spean.matching.private.people import Certified
from spean.matching.private.table import TAG, Table, reference
from spean.matching.private.voprf import Blinded
from spean.node.acts.acting import Done, Intent, Marks
from spean.node.entry.people import Who
from spean.node.private import model
from spean.node.private.inputs import PART, PART_WEIGHT, Input, category_of, inputs_of
from spean.node.private.model import Asked, Hit, Person, Term
from spean.node.work import Work
from spean.store.private_rows import AskedRow, HoldingRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.store import Tx

WAIT = 10 * MINUTE
"""After this an answer that did not come is not waited for any more."""
MOST_TERMS = 400
"""In one go; an hour's brake for one person."""
LATELY = 30 * DAY
MOST_KEPT = 1_000
"""Questions of which it is remembered who was not asked; it is told at once, and later only if somebody looks soon."""


@dataclass(slots=True)
class Pending:
    """A question under way: its blinds, and what each element is. Never at rest."""

    blinded: Blinded
    inputs: tuple[tuple[int, Input], ...]
    """Number of the term and input, in the order of the elements; a dummy has the term −1."""
    terms: tuple[Term, ...]
    outputs: list[bytes] | None = None
    """Verified, while the table is still on its way."""


@dataclass(slots=True)
class Wanted:
    """Terms of one category with what is blinded for them."""

    category: str
    inputs: list[tuple[int, Input]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What somebody wants to know."""

    terms: tuple[Term, ...]
    purpose: str
    subject: str
    reason: str
    to: tuple[str, ...] = ()
    instrument: str = ""
    case: str = ""
    watch: str = ""
    watch_until: int = 0


class Questions:
    """Asks and reads answers."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._pending: dict[str, Pending] = {}
        self._not_asked: dict[str, list[model.Answer]] = {}

    # asking -----------------------------------------------------------------------------------------------------

    def ask(self, who: Who, asking: Asking) -> Asked:
        """Ask; see ``node.private.model.PrivateMatching.ask``."""
        ground = self._ground
        if not 1 <= len(asking.terms) <= MOST_TERMS:
            raise InvalidInput("terms", f"between 1 and {MOST_TERMS}", remedy="ask about fewer at a time")
        who.need_purpose(asking.purpose)
        wanted = self._wanted(asking.terms)
        self._brake(who, asking)
        with ground.reading() as tx:
            plan, missing = self._plan(tx, wanted, asking)
        name = f"{ground.me}:search:{ulid(ground.clock, ground.entropy)}"
        nodes = [row.holder for row, _ in plan]
        acts: list[Callable[[Work], object]] = [partial(self._note, who=who, name=name, asking=asking, nodes=nodes)]
        acts += [partial(self._one, who=who, name=name, asking=asking, row=row, part=part) for row, part in plan]
        done = ground.committer.together(acts)
        if isinstance(done[0], SpeanError):
            raise done[0]
        for (row, part), came in zip(plan, done[1:], strict=True):
            if isinstance(came, SpeanError):
                missing.append(_not_asked(row.holder, part.category, came))
        while len(self._not_asked) >= MOST_KEPT:
            self._not_asked.pop(next(iter(self._not_asked)))
        self._not_asked[name] = missing
        if asking.watch:
            ground.private.watching.keep(asking)
        return self.answers(name)

    def _wanted(self, terms: Sequence[Term]) -> list[Wanted]:
        """What is blinded, by category, in questions that fit into a form. A person always takes as many elements as any other."""
        open_: dict[str, Wanted] = {}
        found: list[Wanted] = []
        for number, term in enumerate(terms):
            category, several = category_of(term), list(inputs_of(term))
            if category == "person":
                several += [self._dummy() for _ in range(people.MOST - len(several))]
            part = open_.get(category)
            if part is None or len(part.inputs) + len(several) > ELEMENTS:
                part = open_[category] = Wanted(category)
                found.append(part)
            part.inputs += [(number if each.says != "" else -1, each) for each in several]
        return found

    def _dummy(self) -> Input:
        return Input(b"spean/1/dummy\0" + self._ground.entropy.bytes(16), "")

    def _plan(
        self, tx: Tx, wanted: Sequence[Wanted], asking: Asking
    ) -> tuple[list[tuple[HoldingRow, Wanted]], list[model.Answer]]:
        """Whom to ask what, and what cannot be asked since nobody offers it."""
        ground = self._ground
        nodes = tuple(check_node(node) for node in asking.to)
        plan: list[tuple[HoldingRow, Wanted]] = []
        missing: list[model.Answer] = []
        for part in wanted:
            rows = ground.private.tables.may_ask(tx, nodes, part.category, asking.purpose, asking.instrument)
            plan += [(row, part) for row in rows]
            offered = {row.holder for row in rows}
            for node in dict.fromkeys(nodes or ([] if rows else ground.peering.active())):
                if node not in offered:
                    missing.append(_nothing_offered(node, part.category, asking.purpose))
        return plan, missing

    def _note(self, work: Work, *, who: Who, name: str, asking: Asking, nodes: list[str]) -> None:
        """Who asked whom how much, for what and why (R38). About whom is not written down: a miss leaves nothing but the count."""
        told = {"purpose": asking.purpose, "terms": str(len(asking.terms)), "asked": ", ".join(dict.fromkeys(nodes))}
        if asking.case:
            told["case"] = asking.case
        self._ground.reading_desk.note_access(work, who, "search", name, asking.reason, told)

    def _one(self, work: Work, *, who: Who, name: str, asking: Asking, row: HoldingRow, part: Wanted) -> Done:
        """One question to one node: a fact, with what our own auditor may open later sealed beside it."""
        ground = self._ground
        blinded = Blinded([each.value for _, each in part.inputs])
        salts = [ground.entropy.bytes(opening.SALT) for _ in part.inputs]
        commitments = [opening.commitment(salt, each.value) for salt, (_, each) in zip(salts, part.inputs, strict=True)]
        form = {
            "holding": row.record, "category": row.category, "month": row.month, "key": row.public, "count": len(blinded),
            "elements": base64.b64encode(blinded.elements).decode(), "commitment": opening.root(commitments).hex(),
        }  # fmt: skip
        marks = Marks(
            purpose=asking.purpose, instrument=row.instrument, data=DATA[row.category], subject=asking.subject
        )
        intent = Intent(kind="ask", form=form, procedure="private-question", to=(row.holder,), marks=marks)
        ground.acting.check_right(work, who, intent)
        done = ground.acting.perform(work, who, intent)
        key, words = ground.private.overseeing.seal(commitments, salts, [each.value for _, each in part.inputs])
        terms = {number for number, _ in part.inputs if number >= 0}
        work.tx.private.save_asked(
            AskedRow(record=done.record, asked=name, node=row.holder, category=row.category, holding=row.record, month=row.month,
                     instrument=row.instrument, user=who.id, at=work.now, terms=len(terms), elements=len(blinded), state="asked",
                     hits="", case=asking.case, watch=asking.watch, public=row.public, key=key, words=words)
        )  # fmt: skip
        self._pending[done.record] = Pending(blinded, tuple(part.inputs), asking.terms)
        return done

    # the brake (R24) ----------------------------------------------------------------------------------------------

    def _brake(self, who: Who, asking: Asking) -> None:
        """A person who asks about very many is stopped, and the supervisor is told; watches and the node itself are not persons."""
        ground = self._ground
        if who.actor_kind != "person":
            return
        now = ground.clock.now()
        with ground.store.read() as tx:
            past = tx.private.asked_by(who.id, now - DAY)
        did = budget.Asking(
            hour=sum(terms for terms, at, _ in past if at > now - HOUR), day=sum(terms for terms, _, _ in past),
            misses=_misses(past),
        )  # fmt: skip
        try:
            budget.check_person(did, len(asking.terms))
        except TooMuch as stopped:
            self._report(who, "asked about too many", stopped.why)
            raise
        if did.misses >= budget.MISSES:
            self._report(who, "asked in vain many times in a row", f"{did.misses} terms without a hit")

    def _report(self, who: Who, what: str, why: str) -> None:
        """To the supervisor: an auditor, who is outside the chain of command."""
        ground = self._ground
        with ground.writing() as work:
            text = f"{who.user.name or who.id} {what} blindly: {why}"
            day = work.time[:10]
            work.tx.alarms.raise_("R24", f"{who.id}/{what}/{day}", "warning", text, work.now)

    # answers ----------------------------------------------------------------------------------------------------

    def answers(self, name: str) -> Asked:
        """How far it is; what has come is read first."""
        self.collect(name)
        with self._ground.reading() as tx:
            rows = tx.private.asked_together(name)
            answers = [self._told(tx, row) for row in rows]
        return Asked(id=name, answers=(*answers, *self._not_asked.get(name, ())))

    def _told(self, tx: Tx, row: AskedRow) -> model.Answer:
        holding = tx.private.holding(row.holding)
        state = _state(row.state)
        why = _reason(row.hits) if state == "declined" else ""
        return model.Answer(
            node=row.node, category=row.category, state=state, record=row.record, why=why,
            hits=() if holding is None or state != "answered" else _hits(row, holding),
            items=0 if holding is None else holding.items, as_of=0 if holding is None else holding.at,
        )  # fmt: skip

    def collect(self, name: str = "") -> int:
        """Read the answers that have come to questions of this process; how many."""
        ground, read = self._ground, 0
        if not self._pending and not name:
            return 0
        with ground.reading() as tx:
            rows = tx.private.asked_together(name) if name else tx.private.asked_in("asked")
            states = {each.id: each.state for each in tx.records.many([row.record for row in rows]).values()}
        for row in rows:
            if row.state == "asked":
                read += self._read(row, states.get(row.record, ""))
        return read

    def _read(self, row: AskedRow, state: str) -> bool:
        ground = self._ground
        pending = self._pending.get(row.record)
        late = ground.clock.now() - row.at > WAIT
        if state in ("declined", "withdrawn"):
            self._close(row, "declined", self._why(row.record))
        elif pending is None and (late or state == "answered") and ground.clock.now() - row.at > MINUTE:
            self._close(row, "lost", "")
        elif state == "answered" and pending is not None:
            return self._finish(row, pending)
        return False

    def _why(self, record: str) -> str:
        with self._ground.reading() as tx:
            stated = self._ground.projector.stated(Work(self._ground, tx), record, "decline")
        return stated[-1][1].reason if stated and isinstance(stated[-1][1], Unanswered) else "it is no longer needed"

    def _close(self, row: AskedRow, state: str, why: str) -> None:
        self._pending.pop(row.record, None)
        with self._ground.writing() as work:
            hits = json.dumps({"why": why}) if why else ""
            work.tx.private.save_asked(replace(row, state=state, hits=hits, words=b"", key=b""))

    def _finish(self, row: AskedRow, pending: Pending) -> bool:
        """Verify the answer against the key that was pinned when it was asked, and look it up."""
        ground = self._ground
        with ground.reading() as tx:
            told = ground.projector.stated(Work(ground, tx), row.record, "answer")
            holding = tx.private.holding(row.holding)
        if not told or not isinstance(told[0][1], Answer):
            return False
        if pending.outputs is None:
            try:
                pending.outputs = pending.blinded.finish(raw(told[0][1].elements), bytes.fromhex(row.public))
            except (VerificationFailed, Refusal) as forged:
                self._forged(row, holding, forged)
                return True
        with ground.writing() as work:
            holding = work.tx.private.holding(row.holding)
            table = (
                None if holding is None or holding.month != row.month else ground.private.tables.table(work.tx, holding)
            )
            if holding is None or holding.month != row.month:
                self._lost(work, row)
                return True
            if table is None:
                return False
            self._kept(work, row, pending, table, holding, told[0][0])
        self._pending.pop(row.record, None)
        return True

    def _lost(self, work: Work, row: AskedRow) -> None:
        """The month's table is gone before the answer was read."""
        self._pending.pop(row.record, None)
        work.tx.private.save_asked(replace(row, state="lost", words=b"", key=b""))

    def _kept(
        self, work: Work, row: AskedRow, pending: Pending, table: Table, holding: HoldingRow, answer: str
    ) -> None:
        """What remains of a question: its hits, the inputs that chance chose for the auditor, and for a watch its tags."""
        ground = self._ground
        tags = [output[:TAG] for output in pending.outputs or []]
        hits = find(pending.inputs, pending.terms, tags, table)
        ask = next(each.id for each in work.facts_of(row.record) if each.kind == "ask")
        kept = ground.private.overseeing.chosen(row, ask, answer)
        told = replace(
            row,
            state="answered",
            hits=json.dumps([list(hit) for hit in hits]) if hits else "",
            answer=answer,
            words=kept,
        )
        work.tx.private.save_asked(told if kept else replace(told, key=b"", overseen=0))
        if row.watch:
            ground.private.watching.add(work, row, pending.inputs, tags)
        self._unusual(work, row, len(hits))

    def _unusual(self, work: Work, row: AskedRow, hits: int) -> None:
        """Far more hits than usual: a partner stuffs its table to learn whom we mean, or somebody of ours has its list (R24)."""
        if not hits:
            return
        elements, packed = work.tx.private.rate(row.node, work.now - LATELY)
        found = sum(len(json.loads(each)) for each in packed)
        if budget.unusual(elements, found):
            text = f"{row.node}: {found} hits for {elements} elements in thirty days: far more than usual"
            work.tx.alarms.raise_("private-rate", f"{row.node}/{work.time[:7]}", "warning", text, work.now)

    def _forged(self, row: AskedRow, holding: HoldingRow | None, why: SpeanError) -> None:
        """The proof is not the pinned key's: the answer is refused, nothing more is asked there, and people are told."""
        with self._ground.writing() as work:
            if holding is not None:
                self._ground.private.tables.contest(work, holding, f"{why.what}: {why.why}")
        self._close(row, "declined", f"{why.what}: {why.why}")

    def forget(self, work: Work, record: str) -> None:
        """The record closed: nothing of the question is kept."""
        work.tx.private.drop_asked(record)


Found = tuple[int, str, int, int]
"""Number of the term, reference, how many keys agree, and what they weigh in 100."""


def find(
    inputs: Sequence[tuple[int, Input]], terms: Sequence[Term], tags: Sequence[bytes], table: Table
) -> list[Found]:
    """Which terms are in a table. A person's keys are weighed together, for each of the owner's persons apart."""
    looked = table.look(tags)
    exact: dict[int, tuple[str, int, int]] = {}
    groups: dict[tuple[int, int], list[tuple[bytes, Certified]]] = {}
    for (number, each), tag, group in zip(inputs, tags, looked, strict=True):
        if number < 0 or group is None:
            continue
        if isinstance(each.says, Certified):
            groups.setdefault((number, group), []).append((tag, each.says))
        elif number not in exact:
            exact[number] = (reference(tag), 1, PART_WEIGHT if each.says == PART else 100)
    found: list[Found] = [(number, *told) for number, told in exact.items()]
    for (number, _), agreed in groups.items():
        term = terms[number]
        if isinstance(term, Person):
            persons = max(len(table) // people.MOST, 1)
            bits = people.found(term.name, term.birth, [says for _, says in agreed], persons)
            if bits >= people.MARGIN:
                found.append((number, reference(agreed[0][0]), len(agreed), people.percent(bits)))
    return sorted(found, key=lambda hit: (hit[0], -hit[3]))


def _hits(row: AskedRow, holding: HoldingRow) -> tuple[Hit, ...]:
    return tuple(
        Hit(node=row.node, desk=holding.desk, contact=holding.contact, category=row.category, reference=name, month=row.month,
            instrument=row.instrument, term=number, keys=keys, weight=weight)
        for number, name, keys, weight in (json.loads(row.hits) if row.hits else [])
    )  # fmt: skip


def _misses(past: Sequence[tuple[int, int, bool]]) -> int:
    """Terms since the last hit, newest first."""
    count = 0
    for terms, _, hit in past:
        if hit:
            break
        count += terms
    return count


def _reason(packed: str) -> str:
    told = json.loads(packed) if packed else {}
    return str(told.get("why", "")) if isinstance(told, dict) else ""


def _state(text: str) -> model.State:
    for known in ("asked", "answered", "declined", "lost"):
        if text == known:
            return known
    return "lost"


def _not_asked(node: str, category: str, why: SpeanError) -> model.Answer:
    rule = f"[{why.rule}] " if why.rule else ""
    return model.Answer(
        node=node,
        category=category,
        state="not-asked",
        record="",
        why=f"{rule}{why.what}: {why.why}",
        remedy=why.remedy,
    )


def _nothing_offered(node: str, category: str, purpose: str) -> model.Answer:
    return model.Answer(
        node=node, category=category, state="not-asked", record="",
        why=f"{node} offers us no private questions about {category} for {purpose}", remedy="send it an information request",
    )  # fmt: skip
