"""Groups of travellers from a table: each answered by itself, in the background, with progress (B5).

What was given and what was answered stand sealed in the store, under a key of the group's own. So its giver sees it at every process of the
node, also after a restart, and what one process leaves half done the next one ends. It is erased when its giver has read it, at the latest
after a day: rows and key go. That somebody was asked about, and with which answer, stays in the log (R38).
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from spean.core.errors import InvalidInput, NotFound, Refusal, SpeanError, Unavailable
from spean.core.ids import ulid
from spean.core.world import DAY, SECOND
from spean.node.entry.people import Who
from spean.node.same.screening import Screened
from spean.screening import groups
from spean.screening.groups import BadLine
from spean.screening.model import Traveller
from spean.store.rows import BorderGroupRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.node.same.screening import Screening
    from spean.node.work import Work
    from spean.store import Tx

GOES_ON, ENDS = "matching-group", "matching-group-end"
"""Jobs: look whether a group still moves; erase it."""
KEPT = DAY
PATIENCE = 10 * SECOND
"""How long a group may stand still before another process takes it up."""
_AT_ONCE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group on its way. ``failed`` says why it stopped; what is there was answered."""

    id: str
    name: str
    by: str
    at: int
    ends: int
    """When it is erased by itself (ms)."""
    people: int
    answered: int
    bad: tuple[BadLine, ...] = ()
    answers: tuple[Screened, ...] = ()
    failed: SpeanError | None = None

    @property
    def done(self) -> bool:
        """Whether nothing more comes."""
        return self.failed is not None or self.answered == self.people


class _Given(msgspec.Struct, frozen=True, kw_only=True):
    """What was given, as it is sealed."""

    name: str
    reason: str
    through: str
    people: tuple[Traveller, ...]
    bad: tuple[BadLine, ...]


class _Failed(msgspec.Struct, frozen=True, kw_only=True):
    """Why it stopped, as it is sealed."""

    what: str
    why: str
    remedy: str
    rule: str


_given = msgspec.json.Decoder(_Given)
_failed = msgspec.json.Decoder(_Failed)
_screened = msgspec.json.Decoder(Screened)


class Groups:
    """Takes groups, runs them, shows them to whoever gave them."""

    def __init__(self, ground: Ground, screening: Screening) -> None:
        self._ground = ground
        self._screening = screening
        self._turn = threading.Lock()

    def start(self, who: Who, name: str, data: bytes, *, reason: str, wait: bool = False) -> Group:
        """Read the table and begin. Raises ``InvalidInput``, ``TooMuch`` and ``Refusal`` before anybody is asked about."""
        people, bad = groups.read(data)
        self._screening.may(who, len(people))
        ground = self._ground
        if len(reason.strip()) < 3:
            raise InvalidInput(
                "reason", "every read and search says why", rule="R38", remedy="give the case or task in a few words"
            )
        given = _Given(name=name[:200], reason=reason, through=who.through, people=tuple(people), bad=tuple(bad))
        key = ground.money.vault.new()
        row = BorderGroupRow(
            id=ulid(ground.clock, ground.entropy), user=who.id, at=ground.clock.now(), key=key, people=len(people), answered=0,
            given=ground.money.vault.seal(key, msgspec.json.encode(given)), failed=b"",
        )  # fmt: skip
        with ground.writing() as work:
            work.tx.matching.add_group(row)
            work.tx.jobs.put(ENDS, row.id, row.at + KEPT, json.dumps({"group": row.id}))
            self._look_again(work, row.id, 0)
        self._begin(row.id, wait=wait)
        return self.one(who, row.id)

    def one(self, who: Who, id: str) -> Group:
        """A group with its answers so far, for whoever gave it. Raises ``NotFound``."""
        with self._ground.reading() as tx:
            row = tx.matching.group(id)
            found = None if row is None or row.user != who.id else self._open(row, tx)
        if found is None:
            raise NotFound(
                "No such group of yours",
                why="it was erased, by its giver or after a day",
                remedy="give the table again",
            )
        return found

    def mine(self, who: Who) -> list[Group]:
        """The groups of one person, newest first, without their answers."""
        with self._ground.reading() as tx:
            rows = tx.matching.groups(who.id)
        return [found for row in rows if (found := self._open(row)) is not None]

    def erase(self, who: Who, id: str) -> None:
        """Its giver has read it: rows and key go. Raises ``NotFound``."""
        self.one(who, id)
        self.end(id)

    # by itself --------------------------------------------------------------------------------------------------

    def end(self, id: str) -> None:
        """Erase a group, whoever gave it; nothing happens when it is gone already."""
        ground = self._ground
        with ground.writing() as work:
            row = work.tx.matching.group(id)
            work.tx.matching.drop_group(id)
            work.tx.jobs.cancel(GOES_ON, id)
            work.tx.jobs.cancel(ENDS, id)
        if row is not None:
            ground.content_keys.destroy([row.key.hex()], ground.clock.now(), "the group was read, or its day is over")
            ground.money.vault.forget()

    def go_on(self, id: str, seen: int) -> None:
        """Take a group up that has stood still since ``seen`` of its people were answered: its process is gone."""
        with self._ground.writing() as work:
            row = work.tx.matching.group(id)
            if row is None or row.failed or row.answered == row.people:
                return
            self._look_again(work, id, row.answered)
        if row.answered == seen:
            self._begin(id)

    def _look_again(self, work: Work, id: str, answered: int) -> None:
        work.tx.jobs.put(GOES_ON, id, work.now + PATIENCE, json.dumps({"group": id, "seen": answered}))

    def _begin(self, id: str, *, wait: bool = False) -> None:
        if wait:
            self._run(id)
        else:
            threading.Thread(target=self._run, args=(id,), name="group", daemon=True).start()

    def _run(self, id: str) -> None:
        """Part by part until the end; each part's answers stand with their lines of the log, or neither does."""
        ground = self._ground
        with ground.reading() as tx:
            row = tx.matching.group(id)
        if row is None or row.failed:
            return
        try:
            given = _given.decode(ground.money.vault.open(row.key, row.given))
            who = self._giver(row, given)
            at = row.answered
            while at < row.people and self._part(row, given, who, at):
                at = min(row.people, at + _AT_ONCE)
        except Unavailable:
            return  # the store is away: whoever looks next goes on
        except SpeanError as failed:
            self._stop(row, failed)

    def _part(self, row: BorderGroupRow, given: _Given, who: Who, at: int) -> bool:
        """Ask about the next ones; False when another process has done so meanwhile."""
        people, vault = given.people[at : at + _AT_ONCE], self._ground.money.vault
        with self._turn, self._ground.writing() as work:
            if not work.tx.matching.advance_group(row.id, at, at + len(people)):
                return False
            found = self._screening.within(work, who, people, reason=given.reason, use="group")
            work.tx.matching.add_answers(row.id, at, [vault.seal(row.key, msgspec.json.encode(each)) for each in found])
        return True

    def _giver(self, row: BorderGroupRow, given: _Given) -> Who:
        user = self._ground.people.find(row.user)
        if user.disabled_at is not None:
            raise Refusal("O1", f"{user.name} is disabled", remedy="a colleague gives the rest of the table")
        return Who(user=user, through=given.through)

    def _stop(self, row: BorderGroupRow, failed: SpeanError) -> None:
        told = _Failed(what=failed.what, why=failed.why, remedy=failed.remedy, rule=failed.rule)
        with self._ground.writing() as work:
            sealed = self._ground.money.vault.seal(row.key, msgspec.json.encode(told))
            work.tx.matching.fail_group(row.id, sealed)

    def _open(self, row: BorderGroupRow, tx: Tx | None = None) -> Group | None:
        """The group in words; None when its key is gone. ``tx``: with its answers."""
        vault = self._ground.money.vault
        try:
            given = _given.decode(vault.open(row.key, row.given))
            sealed = [] if tx is None else tx.matching.answers(row.id)
            answers = tuple(_screened.decode(vault.open(row.key, each)) for each in sealed)
            failed = _failed.decode(vault.open(row.key, row.failed)) if row.failed else None
        except NotFound:
            return None
        return Group(
            id=row.id, name=given.name, by=row.user, at=row.at, ends=row.at + KEPT, people=row.people, bad=given.bad, answers=answers,
            answered=row.answered if tx is None else len(answers),
            failed=None if failed is None else SpeanError(failed.what, why=failed.why, remedy=failed.remedy, rule=failed.rule),
        )  # fmt: skip
