"""Standing watches: a key that is compared with whatever we or partners enter, until its end; it rings and does nothing else (B6).

Our own new entries are compared in a job of the transaction that brought them; partners' come as new tags, which the watch's finished tags meet
(``node.private``). Either way the owner is told by the candidate that is raised, and the desk by an alarm.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spean.candidates.look_ups import CATEGORIES, Hit, Mark, Watch
from spean.candidates.model import Band, Category, How
from spean.candidates.rules import PUT
from spean.core.errors import InvalidInput
from spean.core.fact import Fact
from spean.node.acts.acting import Intent, Marks
from spean.node.entry.people import Who
from spean.node.same.asking import band_of, same
from spean.node.same.finder import Entry, Finder
from spean.node.same.model import Named, Selector
from spean.node.same.selecting import clean, selector_type
from spean.node.work import Work
from spean.screening.groups import birth as read_birth

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.node.private.model import Watched
    from spean.node.same.candidates import Candidates
    from spean.node.same.looking import Looking
    from spean.store.rows import RecordRow

PROCEDURE = "watch"
LIVE = frozenset({"watching"})
OWN, BLIND, END = "matching-watch-own", "matching-watch-hit", "matching-watch-end"
"""Jobs: our own records changed; a partner's new tag met a watch; a watch is over."""
RINGS = 600
"""Probability in a thousand from which a watched name rings."""
ENDED = ("end", "expire", "stop")


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchShown:
    """A watch on the list. Opened contents, so the list is a read."""

    row: RecordRow
    form: Watch
    by: str
    until: int
    rang: tuple[tuple[str, str, int], ...]
    """Whose entry, the candidate, when."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A watch in memory."""

    record: str
    form: Watch
    by: str
    marks: Marks
    selector: Selector | None


class Watching:
    """Keeps watches."""

    def __init__(self, ground: Ground, looking: Looking, candidates: Candidates) -> None:
        self._ground = ground
        self._looking = looking
        self._candidates = candidates
        self._finder = Finder()
        self._kept: tuple[tuple[str, ...], dict[str, _Kept]] = ((), {})
        ground.same.on_change.append(self._own_changed)

    # beginning and ending ---------------------------------------------------------------------------------------

    def watch(self, who: Who, form: dict[str, Any], marks: Marks, *, once: str = "") -> str:
        """Put a watch and begin it; a marked one waits for the supervisor. Its record. Raises ``InvalidInput`` and ``Refusal``."""
        ground = self._ground
        self._looking.check(who, "look-up")
        given = {**form, "birth": read_birth(str(form.get("birth", "")))}
        if given.get("type") != "person":
            given["value"] = _selector(
                str(given.get("type")), str(given.get("value", "")), str(given.get("chain", ""))
            ).value
        done = ground.acting.act(who, Intent(kind="watch", procedure=PROCEDURE, form=given, marks=marks, once=once))
        with ground.writing() as work:
            self._looking.note(work, who, "look-up", [(True, False)])
            if given.get("mark", Mark.NONE) != Mark.NONE:
                text = f"{done.record}: a watch by {who.id} on somebody whose work is protected waits"
                work.tx.alarms.raise_("R23", done.record, "warning", text, work.now)
                return done.record
        self.begin(who, done.record)
        return done.record

    def begin(self, who: Who, record: str) -> None:
        """Compare from now on, and with what is there already. Refused while a marked one waits for the supervisor (R23)."""
        ground = self._ground
        with ground.writing() as work:
            intent = Intent(kind="begin", record=record, form={"reason": "it is compared from now on"})
            ground.acting.perform(work, ground.people.node_itself(), intent)
            kept = self._all(work)[record]
        if kept.form.nodes:
            self._ask(who, kept)

    def renew(self, who: Who, record: str, until: int, reason: str, instrument: str = "") -> None:
        """A person looks at it and lets it go on; partners are asked for the longer time."""
        ground = self._ground
        ground.acting.act(
            who, Intent(kind="renew", record=record, form={"until": until, "instrument": instrument, "reason": reason})
        )
        with ground.reading() as tx:
            kept = self._all(Work(ground, tx)).get(record)
        if kept is not None and kept.form.nodes:
            self._ask(who, kept, until)

    def _ask(self, who: Who, kept: _Kept, until: int = 0) -> None:
        from spean.node.private.model import Person

        term = kept.selector or Person(kept.form.value, kept.form.birth)
        self._ground.private.ask(
            who, [term], purpose=kept.marks.purpose or "", subject=kept.marks.subject or "other", reason=kept.form.reason, to=kept.form.nodes,
            instrument=kept.form.instrument, case=kept.record, watch=kept.record, watch_until=until or kept.form.until,
        )  # fmt: skip

    def over(self, work: Work, fact: Fact) -> None:
        """A watch ended: what was kept of it is forgotten, beside this transaction."""
        work.tx.jobs.put(END, fact.header.record, work.now, json.dumps({"watch": fact.header.record}))

    def forget(self, watch: str) -> None:
        """Drop its tags."""
        self._ground.private.drop_watch(watch)

    # comparing --------------------------------------------------------------------------------------------------

    def _own_changed(self, work: Work, records: frozenset[str]) -> None:
        """Own records said something new: compare them beside this transaction, while anything is watched at all."""
        if any(True for _ in work.records_in(PROCEDURE, LIVE)):
            for record in records:
                work.tx.jobs.put(OWN, record, work.now, json.dumps({"record": record}))

    def compare_own(self, record: str) -> None:
        """Compare one of our records with every watch; whoever watches what she entered herself is not rung."""
        ground = self._ground
        with ground.reading() as tx:
            work = Work(ground, tx)
            watches = self._all(work)
            named = next(iter(ground.same.named(tx, [record])), None)
        if named is None or named.gone:
            return
        for watch, hit in self._met(watches, named):
            self._ring(watch, hit)

    def _met(self, watches: dict[str, _Kept], named: Named) -> list[tuple[_Kept, Hit]]:
        found = []
        for each in watches.values():
            if each.selector is not None and any(same(each.selector, one) for one in named.selectors):
                kind = CATEGORIES.get(each.form.type, Category.OTHER)
                found.append((each, Hit(reference=named.record, category=kind, how=How.WATCH, band=Band.SAME)))
        for birth in named.births or ("",):
            for alike in self._finder.search(named.names, birth, least=RINGS):
                hit = Hit(
                    reference=named.record,
                    category=Category.PERSON,
                    how=How.WATCH,
                    band=band_of(alike.score),
                    score=alike.score,
                )
                if alike.reference in watches:
                    found.append((watches[alike.reference], hit))
        return found

    def met(self, work: Work, watched: Watched) -> None:
        """A partner's new tag met a watch (``node.private``): told inside the transaction that took it in."""
        hit = watched.hit
        payload = {"watch": watched.watch, "node": hit.node, "reference": hit.reference, "category": hit.category, "weight": hit.weight,
                   "instrument": hit.instrument}  # fmt: skip
        work.tx.jobs.put(BLIND, f"{watched.watch}/{hit.node}/{hit.reference}", work.now, json.dumps(payload))

    def met_blind(self, payload: dict[str, Any]) -> None:
        """The same, beside it: raise the candidate with the owner, and ring."""
        with self._ground.reading() as tx:
            kept = self._all(Work(self._ground, tx)).get(payload["watch"])
        if kept is None:
            return
        known = set(map(str, Category))
        kind = Category(payload["category"]) if payload["category"] in known else Category.OTHER
        score = min(1000, 10 * int(payload["weight"]))
        hit = Hit(node=payload["node"], reference=payload["reference"], category=kind, how=How.WATCH, score=score,
                  band=Band.SAME if kind is not Category.PERSON and score == 1000 else band_of(score))  # fmt: skip
        self._ring(kept, hit, payload["instrument"])

    def _ring(self, kept: _Kept, hit: Hit, instrument: str = "") -> None:
        """Once for each entry: a candidate with its owner, a line in the watch, an alarm."""
        ground = self._ground
        node = hit.node or ground.me
        with ground.reading() as tx:
            rang = ground.projector.stated(Work(ground, tx), kept.record, "ring")
        if any((form.node, form.reference) == (node, hit.reference) for _, form in rang):
            return
        candidate = self._candidates.raise_with(hit.node, hit, kept.record, kept.by, kept.marks, instrument)
        with ground.writing() as work:
            form = {"node": node, "reference": hit.reference, "candidate": candidate}
            ground.acting.perform(work, ground.people.node_itself(), Intent(kind="ring", record=kept.record, form=form))
            if not hit.node:  # a partner's entry has rung already, in the transaction that brought it
                text = f"{kept.record}: {node} has entered what is watched"
                work.tx.alarms.raise_("watch", f"{kept.record}/{hit.reference}", "warning", text, work.now)

    # what is watched --------------------------------------------------------------------------------------------

    def _all(self, work: Work) -> dict[str, _Kept]:
        """The watches that run, opened anew only when one of them changed."""
        rows = work.records_in(PROCEDURE, LIVE)
        stamp = tuple(sorted(f"{row.id}{row.entered_by}" for row in rows))
        if stamp != self._kept[0]:
            found = {row.id: kept for row in rows if (kept := self._opened(work, row)) is not None}
            self._finder.drop(self._finder.references())
            self._finder.put(
                Entry(reference=each.record, names=(each.form.value,), births=(each.form.birth,) if each.form.birth else ())
                for each in found.values() if each.selector is None
            )  # fmt: skip
            self._kept = stamp, found
        return self._kept[1]

    def _opened(self, work: Work, row: RecordRow) -> _Kept | None:
        from spean.exchange.codec import decode_header

        fact = work.fact(row.done[PUT][0]) if PUT in row.done else None
        form = None if fact is None else self._ground.projector.form(fact, work.key(fact.id), work.fact)
        if fact is None or not isinstance(form, Watch):
            return None
        header = decode_header(fact.payload)
        envelope = header.envelope
        marks = (
            Marks()
            if envelope is None
            else Marks(purpose=envelope.purpose, data=envelope.data, subject=envelope.subject)
        )
        selector = None if form.type == "person" else Selector(form.type, form.value)
        return _Kept(row.id, form, header.actor, marks, selector)

    def shown(self, who: Who, *, reason: str, past: bool = False) -> list[WatchShown]:
        """The watches that ``who`` may read, with what they watch: a read of each (R38)."""
        ground = self._ground
        rows = ground.reading_desk.records(who, procedure=PROCEDURE, open_only=not past, limit=200)
        found = []
        with ground.writing() as work:
            for row in rows:
                kept = self._opened(work, row)
                if kept is None:
                    continue
                ground.reading_desk.note_access(work, who, "read", row.id, reason)
                found.append(self._shown(work, row, kept))
        return found

    def _shown(self, work: Work, row: RecordRow, kept: _Kept) -> WatchShown:
        projector = self._ground.projector
        until = [form.until for _, form in projector.stated(work, row.id, "renew")]
        rang = tuple(
            (form.node, form.candidate, fact.at)
            for name, form in projector.stated(work, row.id, "ring")
            if (fact := work.fact(name)) is not None
        )
        return WatchShown(row=row, form=kept.form, by=kept.by, until=until[-1] if until else kept.form.until, rang=rang)


def _selector(type: str, value: str, chain: str) -> Selector:
    written = f"{chain}:{value}" if type == "document" and chain else value
    found = clean(type, written, chain)
    if found is None:
        selector_type(type).validate(written)
        raise InvalidInput(
            "value", "it is not looked up by its exact value", remedy="watch a number, an address or a person"
        )
    return found
