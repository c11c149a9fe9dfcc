"""What happens by itself: timers of procedures, alarms for what is not delivered, witnesses that are late, alarms out of band.

A timer may release, remind or escalate, never act against somebody; the engine checks that too (D8).
"""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from spean.core.errors import Conflict, NotFound, Refusal, SpeanError
from spean.core.world import MINUTE, SECOND
from spean.node.acts.acting import Intent
from spean.node.care.escalating import SUPERVISED
from spean.node.work import Work
from spean.store.rows import AlarmRow, JobRow

if TYPE_CHECKING:
    from spean.node.ground import Ground

WATCH = 5 * SECOND
"""Between looks at the outbox: with a partner away for days it is long."""
TICK = 0.25
"""Seconds between looks at what is due."""


class Clockwork:
    """Runs due jobs and watches the outbox. ``tick`` is all there is; the thread only calls it."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._stop = threading.Event()
        self._watched = self._looked = 0

    def tick(self) -> int:
        """Do what is due now; returns how many jobs ran."""
        ground = self._ground
        ground.restoring.retry()
        with ground.store.read() as tx:
            due = tx.jobs.next_due()
        ran = 0
        if due is not None and due <= ground.clock.now():
            with ground.writing() as work:
                jobs = work.tx.jobs.due(work.now, 100)
            for job in jobs:
                self._run(job)
                ran += 1
        self._watch()
        ground.private.tick()
        ground.indexing.tick()
        return ran

    def _run(self, job: JobRow) -> None:
        ground = self._ground
        try:
            with suppress(Refusal, NotFound, Conflict):  # what it was for has happened otherwise: nothing is left to do
                if job.kind == "timer":
                    self._fire(job)
                elif job.kind == "compare-logs":
                    ground.witnessing.check(ground.pulling.line, json.loads(job.payload))
                else:
                    ground.reactions.run(job)
        except SpeanError:
            with ground.writing() as work:
                delay = min(SECOND << min(job.attempts, 8), 5 * MINUTE)
                work.tx.jobs.retry(job.id, work.now + delay)
            return
        with ground.writing() as work:
            work.tx.jobs.done(job.id)

    def _fire(self, job: JobRow) -> None:
        """The owner's node writes the timer's fact."""
        ground = self._ground
        record = job.key.rsplit("/", 1)[0]
        kind = json.loads(job.payload)["kind"]
        clock = ground.people.node_itself(through="clock")
        done = ground.acting.act(clock, Intent(kind=kind, form={}, record=record))
        with ground.writing() as work:
            text = f"{record}: {kind}: {self._waited_for(work, record, kind)}"
            work.tx.alarms.raise_("timer", f"{record}/{kind}/{done.fact[:16]}", "warning", text, work.now)

    def _waited_for(self, work: Work, record: str, kind: str) -> str:
        """Who missed the deadline, by name."""
        row = work.record(record)
        if row is None:
            return "a deadline passed"
        procedure = self._ground.engine.procedure(row.procedure, row.version)
        missed = next((t for t in procedure.transitions if t.else_ == kind), None)
        if missed is None:
            return "a deadline passed"
        done = row.done.get(missed.kind, ())
        nodes = [node for name in missed.by for node in row.parties.get(name, ()) if node not in done]
        return f"no {missed.kind} by {', '.join(nodes)} in time"

    def _watch(self) -> None:
        """Not delivered after three minutes: alarm, once for each fact that is first in line (DOMAIN 3.2)."""
        ground = self._ground
        now = ground.clock.now()
        if 0 <= now - self._watched < WATCH:
            return
        self._watched = now
        ground.money.banks.look()
        ground.matching.tick()
        with ground.store.read() as tx:
            late = {
                peer: row for peer, row in tx.outbox.oldest_unreceipted().items()
                if row.alarmed_at is None and now - row.queued_at > ground.settings.undelivered_ms and peer in ground.peering.active()
            }  # fmt: skip
        if late:
            with ground.writing() as work:
                for peer, row in late.items():
                    count = work.tx.outbox.counts()[peer].open
                    minutes = (now - row.queued_at) // MINUTE
                    text = f"{peer} has not acknowledged {count} facts, the oldest for {minutes} minutes: call its desk"
                    work.tx.alarms.raise_("not-delivered", f"{peer}:{row.seq}", "critical", text, now)
                    work.tx.outbox.mark_alarmed(peer, row.seq, now)
        self._hourly(now)

    def _hourly(self, now: int) -> None:
        """Once a minute: witnesses; expired tokens; the domestic log's padded checkpoint at its fixed cadence."""
        if 0 <= now - self._looked < MINUTE:
            return
        self._looked = now
        with self._ground.writing() as work:
            self._ground.witnessing.late(work)
            work.tx.people.expire_tokens(now)
            work.tx.sign_in.expire_challenges(now)
            self._ground.logs.domestic_cadence(work)

    def unsent(self) -> list[AlarmRow]:
        """Alarms that must still go out of band (webhook, mail)."""
        with self._ground.store.read() as tx:
            return [alarm for alarm in tx.alarms.unsent() if alarm.severity != "info" and alarm.kind not in SUPERVISED]

    def sent(self, alarm: AlarmRow) -> None:
        """Note that it went out."""
        with self._ground.writing() as work:
            work.tx.alarms.sent(alarm.id, work.now)

    # thread -------------------------------------------------------------------------------------------------

    def start(self) -> None:
        threading.Thread(target=self._loop, name="clockwork", daemon=True).start()
        names = self._ground.matching.asking.book
        threading.Thread(target=names.run, args=(self._stop,), name="names", daemon=True).start()

    def stop(self) -> None:
        self._stop.set()

    def _loop(self) -> None:
        while not self._stop.wait(TICK):
            try:
                self.tick()
            except SpeanError:
                self._stop.wait(5)  # the store is away: it says so where people look; try again
