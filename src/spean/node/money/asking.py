"""Questions to other nodes about a case's money: what they have answered, what has still to be asked; and our own answers to theirs.

A question is a record with a signed fact each way (procedure *trace-question*), so both logs show it and the agreement's quota limits it.
An answer may serve again while its parts are what is asked about; FIFO and LIFO put several answers together, since each slice goes its
own way, haircut takes an answer only as a whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from spean.core.errors import NotFound, Refusal, SpeanError
from spean.formats.chain.tokens import digits
from spean.holds.questions import PARTS, TraceAnswer, TraceQuestion
from spean.node.acts.acting import Done, Intent
from spean.node.entry.people import Who
from spean.node.money.crossing import Told
from spean.node.work import Work
from spean.procedures.acts import Act
from spean.store.rows import QuestionRow
from spean.tracing.borders import Part
from spean.tracing.model import Rule

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.node.money.money import Money

PURPOSE = "stop-fraud"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was answered, or not yet (``answer`` None)."""

    row: QuestionRow
    question: TraceQuestion
    state: str
    answer: TraceAnswer | None
    fact: str
    why: str


@dataclass(slots=True)
class Wanted:
    """Questions that a trace found to be open: (node, rule, currency, parts)."""

    new: list[tuple[str, Rule, str, tuple[Part, ...]]] = field(default_factory=list)


class Asking:
    """Asks and answers."""

    def __init__(self, ground: Ground, money: Money) -> None:
        self._ground = ground
        self._money = money

    # what is known ----------------------------------------------------------------------------------------------

    def asked(self, case: str) -> list[Asked]:
        """The questions of a case, the newest first."""
        ground = self._ground
        found = []
        with ground.reading() as tx:
            work = Work(ground, tx)
            for row in reversed(tx.money.questions(case)):
                known = self._one(work, row)
                if known is not None:
                    found.append(known)
        return found

    def _one(self, work: Work, row: QuestionRow) -> Asked | None:
        record = work.record(row.record)
        acts = latest(self._ground.projector.acts_of(work, row.record))
        if record is None or "ask" not in acts or not isinstance(acts["ask"].body, TraceQuestion):
            return None
        told = acts.get("answer")
        answer = told.body if told is not None and isinstance(told.body, TraceAnswer) else None
        declined = acts.get("decline")
        why = "" if declined is None else str(getattr(declined.body, "reason", ""))
        return Asked(row, acts["ask"].body, record.state, answer, "" if told is None else told.id, why)

    def reader(self, case: str, wanted: Wanted) -> Reader:
        """What a trace of the case asks; what it lacks is noted in ``wanted``. An answer holds until its node gives another."""
        return Reader(self.asked(case), wanted)

    # asking -----------------------------------------------------------------------------------------------------

    def ask(self, who: Who, case: str, wanted: Wanted, reason: str) -> list[Done | SpeanError]:
        """Open the questions that are not open yet, in one transaction; each is judged by its agreement and may be refused alone."""
        ground = self._ground
        pending = {each.row.asked for each in self.asked(case) if each.state == "asked"}
        rows, intents = [], []
        for node, rule, currency, parts in wanted.new:
            for start in range(0, len(parts), PARTS):
                some = parts[start : start + PARTS]
                name = _name(node, rule, currency, some)
                if name in pending:
                    continue
                pending.add(name)
                rows.append((node, rule, name))
                intents.append(self._intent(case, node, rule, currency, some, reason))
        done = ground.acting.act_each(who, intents)
        with ground.store.write() as tx:
            for (node, rule, name), came in zip(rows, done, strict=True):
                if isinstance(came, Done):
                    tx.money.add_question(QuestionRow(record=came.record, case=case, node=node, rule=rule, asked=name,
                                                      at=ground.clock.now()))  # fmt: skip
        return done

    def _intent(self, case: str, node: str, rule: Rule, currency: str, parts: Sequence[Part], reason: str) -> Intent:
        form = {
            "case": case, "rule": rule, "currency": plain_currency(currency), "digits": digits(currency), "need": reason,
            "parts": [{"payment": part.payment, "start": part.start, "end": part.end} for part in parts],
        }  # fmt: skip
        marks = self._money.routes.marks("trace-question", "ask", node, "account")
        return Intent(kind="ask", form=form, procedure="trace-question", to=(node,), marks=marks)

    # answering --------------------------------------------------------------------------------------------------

    def form(self, record: str) -> dict[str, Any]:
        """Our answer to a node's question, computed from our own ledgers. Raises ``NotFound`` while a part has not come in to us, and
        when there is nothing new to tell."""
        from spean.node.money.own import Own

        ground = self._ground
        with ground.reading() as tx:
            acts = latest(ground.projector.acts_of(Work(ground, tx), record))
        question = acts["ask"].body if "ask" in acts else None
        if not isinstance(question, TraceQuestion):
            raise NotFound("The question's words are erased", remedy="the asker asks again")
        own = Own(self._money, self._money.homes())
        parts = [Part(each.payment, each.start, each.end) for each in question.parts]
        currency = self._money.routes.ledger_of(question.currency, question.digits, parts)
        answer = told_abroad(own.answer(question.rule, currency, parts, question.until or None))
        if max(len(answer.onward), len(answer.rests)) > PARTS:
            raise Refusal("R28", f"the answer has more than {PARTS} places", remedy="ask about fewer parts at once")
        if "answer" in acts and acts["answer"].body == answer:
            raise NotFound("Nothing has moved since the last answer", remedy="it is told when it does")
        found: dict[str, Any] = msgspec.to_builtins(answer)
        return found

    def retry(self) -> int:
        """Payments came in: questions that waited for them are answered now, and those whose money moved on anew; how many are tried."""
        ground = self._ground
        with ground.writing() as work:
            rows = work.tx.records.list(procedure="trace-question", open_only=True, limit=1000)
            mine = [row for row in rows if ground.me in row.parties.get("holder", ())]
            for row in mine:
                payload = msgspec.json.encode({"record": row.id, "kind": "answer"}).decode()
                work.tx.jobs.put("auto", f"{row.id}/answer", work.now, payload)
        return len(mine)

    def withdraw(self, case: str) -> None:
        """The case is over: its questions are, too."""
        clerk = self._ground.people.node_itself()
        for each in self.asked(case):
            if each.state in ("asked", "answered"):
                with suppress(SpeanError):
                    form = {"reason": "the case is no longer followed"}
                    self._ground.acting.act(clerk, Intent(kind="withdraw", form=form, record=each.row.record))


def latest(acts: Iterable[Act]) -> dict[str, Act]:
    """The last act of each kind."""
    return {act.kind: act for act in sorted(acts, key=lambda act: (act.time, act.id))}


class Reader:
    """Answers a trace's questions from what partners have answered."""

    def __init__(self, asked: list[Asked], wanted: Wanted) -> None:
        self._asked = asked
        self._wanted = wanted

    def __call__(self, node: str, rule: Rule, currency: str, parts: Sequence[Part], until: int | None) -> Told:
        """What ``node`` has answered about these parts; the others are pending."""
        del until  # the questions of a case run to the present
        left = set(parts)
        onward: list[Any] = []
        rests: list[Any] = []
        facts: list[str] = []
        for each in self._asked:
            mine = {Part(part.payment, part.start, part.end) for part in each.question.parts}
            asked = each.row.node, each.row.rule, each.question.currency, each.question.digits
            fits = asked == (node, rule, plain_currency(currency), digits(currency))
            whole = mine == left if rule == "haircut" else mine <= left
            if each.answer is None or not fits or not mine or not whole:
                continue
            left -= mine
            onward += each.answer.onward
            rests += each.answer.rests
            facts.append(each.fact)
        if left:
            self._want(node, rule, currency, tuple(sorted(left)))
        return Told(TraceAnswer(onward=tuple(onward), rests=tuple(rests)), tuple(facts), tuple(sorted(left)))

    def _want(self, node: str, rule: Rule, currency: str, parts: tuple[Part, ...]) -> None:
        question = node, rule, currency, parts
        if question not in self._wanted.new:
            self._wanted.new.append(question)


def plain_currency(currency: str) -> str:
    """As forms name it: a token's name without its chain."""
    return currency.partition("@")[0]


def told_abroad(answer: TraceAnswer) -> TraceAnswer:
    """Currencies as forms name them: token and decimals, from which another node finds its own ledger."""
    onward = tuple(
        each
        if each.into is None
        else replace(each, into=replace(each.into, currency=plain_currency(each.into.currency)))
        for each in answer.onward
    )
    return replace(answer, onward=onward)


def _name(node: str, rule: Rule, currency: str, parts: Sequence[Part]) -> bytes:
    text = msgspec.json.encode([node, rule, currency, [[part.payment, part.start, part.end] for part in parts]])
    return hashlib.sha256(text).digest()
