"""``node.private``: asking other nodes without showing whom we mean, and answering without showing what we hold (B1, B2, B6, R42)."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from spean.core.errors import NotFound, SpeanError
from spean.core.fact import Fact
from spean.hits.model import Announce, Delta, Offer
from spean.node.acts.acting import Done, Intent
from spean.node.entry.people import Who
from spean.node.private.answering import Answering
from spean.node.private.asking import Asking, Questions
from spean.node.private.model import Asked, Holding, OnHit, Spent, Term
from spean.node.private.offering import Offering
from spean.node.private.overlapping import Overlapping
from spean.node.private.overseeing import Opened, Overseeing
from spean.node.private.parcels import Parcels
from spean.node.private.tables import Tables
from spean.node.private.watching import Watching
from spean.node.work import Work
from spean.store.rows import JobRow

if TYPE_CHECKING:
    from spean.node.ground import Ground

_ENDING = frozenset({"clear", "expire", "close", "withdraw", "lapse"})
"""Acts after which a record may say less; corrections and withdrawals of single facts have targets."""
LOOK = 0.05
"""Seconds between looks for an answer that somebody waits for."""


class Private:
    """The verbs of private matching."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.parcels = Parcels(ground)
        self.offering = Offering(ground)
        self.tables = Tables(ground)
        self.answering = Answering(ground)
        self.questions = Questions(ground)
        self.watching = Watching(ground)
        self.overseeing = Overseeing(ground)
        self.overlapping = Overlapping(ground)
        ground.same.on_change.append(self.offering.told)

    @property
    def on_hit(self) -> list[OnHit]:
        """Who is told of a watch's hits."""
        return self.watching.on_hit

    # asking -----------------------------------------------------------------------------------------------------

    def ask(self, who: Who, terms: Sequence[Term], *, purpose: str, subject: str, reason: str, to: Sequence[str] = (),
            instrument: str = "", case: str = "", watch: str = "", watch_until: int = 0) -> Asked:  # fmt: skip
        """See ``model.PrivateMatching.ask``."""
        return self.questions.ask(who, Asking(
            terms=tuple(terms), purpose=purpose, subject=subject, reason=reason, to=tuple(to), instrument=instrument, case=case,
            watch=watch, watch_until=watch_until,
        ))  # fmt: skip

    def ask_now(self, who: Who, terms: Sequence[Term], *, purpose: str, subject: str, reason: str, to: Sequence[str] = (),
                instrument: str = "", case: str = "", seconds: float = 4.0) -> Asked:  # fmt: skip
        """See ``model.PrivateMatching.ask_now``."""
        asked = self.ask(
            who, terms, purpose=purpose, subject=subject, reason=reason, to=to, instrument=instrument, case=case
        )
        end = time.monotonic() + seconds
        while asked.open and time.monotonic() < end:
            time.sleep(LOOK)
            asked = self.answers(asked.id)
        return asked

    def answers(self, asked: str) -> Asked:
        """See ``model.PrivateMatching.answers``."""
        return self.questions.answers(asked)

    def answers_for(self, who: Who, asked: str) -> Asked:
        """The answers to a question that ``who`` asked. Raises ``NotFound`` for anybody else's."""
        with self._ground.reading() as tx:
            mine = [row for row in tx.private.asked_together(asked) if row.user == who.id]
        if not mine:
            raise NotFound("No question of yours has that name", remedy="whoever asked reads the answers")
        return self.answers(asked)

    def claim(self, who: Who, record: str, references: Sequence[str]) -> Done:
        """Tell the owner which references came out of a question, so that it says whether it holds them now and who is in charge."""
        return self._ground.acting.act(who, Intent(kind="claim", form={"references": list(references)}, record=record))

    def drop_watch(self, watch: str) -> None:
        """See ``model.PrivateMatching.drop_watch``."""
        self.watching.drop(watch)

    # answering --------------------------------------------------------------------------------------------------

    def offer(self, who: Who, instrument: str, category: str, *, purposes: Sequence[str], subjects: Sequence[str], desk: str,
              contact: str = "", reason: str, to: Sequence[str] = ()) -> Done:  # fmt: skip
        """Answer private questions from now on; see ``Offering.offer``."""
        return self.offering.offer(
            who,
            instrument,
            category,
            purposes=purposes,
            subjects=subjects,
            desk=desk,
            contact=contact,
            reason=reason,
            to=to,
        )

    def referred(self, who: Who, reference: str) -> tuple[str, ...]:
        """Our records that a hit's reference names; a read, written down (R38). Only those whose purpose is for ``who`` (O1)."""
        ground = self._ground
        with ground.reading() as tx:
            records = self.answering.held(tx, (reference,)).get(reference, ())
            rows = tx.records.many(records)
        mine = tuple(name for name in records if name in rows and who.may_purpose(rows[name].purpose))
        with ground.writing() as work:
            for name in mine:
                ground.reading_desk.note_access(
                    work, who, "read", name, "a hit of a partner refers to it", {"reference": reference}
                )
        return mine

    def holdings_for(self, who: Who) -> tuple[Holding, ...]:
        """The same for a person who reads anything (O1)."""
        self._ground.reading_desk.may_read(who)
        return self.holdings()

    def holdings(self) -> tuple[Holding, ...]:
        """What we offer and what is offered to us."""
        with self._ground.reading() as tx:
            ours = []
            for key in tx.private.own_keys():
                with suppress(NotFound):
                    offer = self.offering.offered(tx, key.record)
                    ours.append(
                        Holding(holder=self._ground.me, record=key.record, instrument=key.instrument, category=key.category,
                                month=key.month, desk=offer.desk, contact=offer.contact, purposes=tuple(map(str, offer.purposes)),
                                items=key.items, as_of=key.at, state="ready", fetched=key.size, size=key.size)
                    )  # fmt: skip
            return (*ours, *self.tables.holdings(tx))

    # budgets and oversight --------------------------------------------------------------------------------------

    def spent(self, who: Who) -> list[Spent]:
        """What partners used of their budgets."""
        return self.answering.spent(who)

    def openings(self, who: Who, *, reason: str, limit: int = 100) -> list[Opened]:
        """For an auditor: the inputs of our own questions that chance chose."""
        return self.overseeing.waiting(who, reason=reason, limit=limit)

    def oversee(self, who: Who, record: str, proper: int) -> None:
        """An auditor's judgement of a question's openings."""
        self.overseeing.judge(who, record, proper)

    # jobs and reactions -----------------------------------------------------------------------------------------

    def run(self, job: JobRow) -> None:
        """A job of private matching."""
        words = json.loads(job.payload)
        if job.kind == "private-renew":
            self.offering.renew()
            self.overseeing.destroy_old()
        elif job.kind == "private-grow":
            self.offering.grow(words["records"])
        elif job.kind == "private-fetch":
            self.parcels.run(words)
        elif job.kind == "private-rekey":
            self.watching.rekey(words["record"], words["month"])
        elif job.kind == "private-unwatch":
            self.watching.drop(words["watch"])
        elif job.kind == "private-overlap":
            self.overlapping.step(words["record"])
        else:
            raise NotFound(f"no such job: {job.kind}")

    def auto(self, procedure: str, record: str, kind: str) -> bool:
        """Do what the node answers by itself; whether it was ours to do."""
        if procedure != "private-question":
            return False
        if kind == "answer":
            self.answering.answer(record)
        else:
            self.answering.confirm(record)
        return True

    def after(self, work: Work, fact: Fact, form: object) -> None:
        """What follows from a fact of private matching, inside its transaction."""
        procedure, kind = fact.header.procedure, fact.header.kind
        if procedure == "holding":
            self._holding(work, fact, form)
        elif procedure == "private-question" and kind == "forget":
            self.questions.forget(work, fact.header.record)
        elif procedure == "overlap":
            self.overlapping.moved(work, fact)
        elif fact.header.targets or kind in _ENDING:
            self.offering.told(work, frozenset({fact.header.record}))

    def _holding(self, work: Work, fact: Fact, form: object) -> None:
        if isinstance(form, Offer):
            self.offering.decided(work, fact)
            self.tables.offered(work, fact, form)
        elif isinstance(form, Announce):
            self.tables.announced(work, fact, form)
        elif isinstance(form, Delta):
            self.tables.changed(work, fact, form)
        elif fact.header.kind == "end":
            self.offering.ended(work, fact)
            self.tables.ended(work, fact)

    def arrived(self, name: str) -> None:
        """A parcel is here."""
        self.tables.arrived(name)
        self.overlapping.arrived(name)

    def tick(self) -> None:
        """Read answers that came to questions of this process."""
        with suppress(SpeanError):
            self.questions.collect()
