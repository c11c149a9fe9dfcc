"""Catching up after a restore: survey, fill, rebuild, compare (docs/protocol.md, section 6).

*Survey*: partners name the leaves of our log that they know. Nothing is written before these names make, at every size that
a partner has witnessed, the root that we once signed. *Fill* appends them in their old order, a few hundred in each
transaction. *Rebuild* folds the records anew and queues what was under way. Each part may be repeated after a crash.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from spean.agreements.question import question_of
from spean.core.errors import Conflict, InvalidInput, SpeanError, VerificationFailed
from spean.core.fact import Fact, Header
from spean.exchange.codec import UnknownFormat, decode_header, fact_id
from spean.exchange.page import MAX_ITEMS, MAX_LATE, GiveBack, Returned, ReturnedFact, ReturnedItem
from spean.exchange.seal import check_commitment, decrypt_content, open_key, seal_info
from spean.ledger import dsse
from spean.ledger.checkpoint import Checkpoint, open_checkpoint
from spean.ledger.merkle import grow, head_at
from spean.ledger.note import Verifier
from spean.node.acts.acting import BEHIND, NEVER
from spean.node.acts.recalling import RECALL
from spean.node.care.survey import Incomplete, Place, Survey, plan
from spean.node.instruments import touch_register
from spean.node.work import DOMESTIC, EXCHANGE, Work
from spean.store.rows import FactRow

if TYPE_CHECKING:
    from spean.node.ground import Ground

LIMIT = 256
"""Leaves in one request and in one transaction."""
RECORDS = 20
BEYOND = 2**53
"""An index that no log reaches: asks only for what has no index."""
FLIGHT = 64 * 1024
"""Leaves that a partner may place beyond its checkpoint of ours: more were never in flight."""

Offer = tuple[str, ReturnedItem]
"""Who gives it, and what."""


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """What came of it. ``sizes`` are those of the exchange log, before and after."""

    complete: bool
    before: int
    after: int
    partners: tuple[str, ...] = ()
    """Who answered."""
    trouble: tuple[str, ...] = ()
    """What is missing, and who could not be reached; empty when complete."""
    lost: str = ""
    """What no partner can give back."""


class CatchingUp:
    """One attempt."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def run(self) -> CaughtUp:
        """Raises ``Unavailable`` only when our own store is away; partners' troubles are in the answer and in alarms."""
        ground = self._ground
        with ground.reading() as tx:
            start = tx.log.head(EXCHANGE).size
            known = {peer: (tx.outbox.settled(peer), tx.outbox.top(peer)) for peer in ground.peering.active()}
        surveys, trouble = self._surveys(start, known)
        begun = self._begun(start, surveys)
        if begun is None:
            return CaughtUp(True, start, start, tuple(known))
        partners = tuple(survey.peer for survey in surveys)
        try:
            names = self._planned(start, surveys)
            if trouble:
                raise Incomplete(trouble)
            self._fill(start, names, surveys)
            self._deliver(start + len(names), surveys)
            self._rebuild(begun)
            lost = self._finish(begun, surveys)
        except Incomplete as why:
            return self._stays(start, partners, (*trouble, *(each for each in why.troubles if each not in trouble)))
        return CaughtUp(True, start, start + len(names), partners, (), lost)

    def _begun(self, start: int, surveys: Sequence[Survey]) -> int | None:
        """From which leaf on this restore takes leaves in; None when there is nothing to restore.

        A copied disk does not know that it is old: a checkpoint of ours beyond our log, which only we can have signed, says so.
        """
        ground = self._ground
        with ground.reading() as tx:
            begun = tx.meta.get("restored-from")
        if ground.restoring.pending:
            return start if not begun else int(begun)
        ahead = max((survey.size for survey in surveys), default=0)
        if ahead <= start:
            return None
        mark(ground, f"partners have witnessed {ahead} entries of our log, we have {start}")
        return start

    def _stays(self, start: int, partners: tuple[str, ...], trouble: tuple[str, ...]) -> CaughtUp:
        """Incomplete: say exactly what is missing, once for each state of things."""
        ground = self._ground
        with ground.writing() as work:
            text = f"restored, and not complete yet: {'; '.join(trouble)}"
            work.tx.alarms.raise_("restored", f"{start}:{hash_of(trouble)}", "critical", text, work.now)
            size = work.tx.log.head(EXCHANGE).size
        return CaughtUp(False, start, size, partners, trouble)

    # survey -------------------------------------------------------------------------------------------------

    def _surveys(self, start: int, known: dict[str, tuple[int, int]]) -> tuple[list[Survey], tuple[str, ...]]:
        """What each partner knows; and who could not be asked, with the reason."""
        found: list[Survey] = []
        trouble: list[str] = []
        for peer in sorted(known):
            try:
                found.append(self._survey(peer, start, *known[peer]))
            except SpeanError as down:
                trouble.append(f"{peer} could not be asked ({down.why or down.what})")
        return found, tuple(trouble)

    def _survey(self, peer: str, start: int, settled: int, top: int) -> Survey:
        survey = Survey(peer)
        delivered: int | None = top
        while delivered is not None:
            request = GiveBack(start, 1, self._ground.clock.now(), True, settled, delivered)
            late = self._ground.pulling.line.give_back(peer, request).late
            survey.late += [(each.seq, each.name) for each in late]
            delivered = late[-1].seq if len(late) == MAX_LATE else None
        for returned in self._pages(peer, start, bare=True, limit=MAX_ITEMS):
            survey.checkpoint = survey.checkpoint or self._ours(returned.note, EXCHANGE)
            survey.domestic = survey.domestic or self._ours(returned.domestic, DOMESTIC)
            for item in returned.items:
                if item.index is None:
                    survey.loose.append(item.name)
                elif item.index >= max(start, survey.size) + FLIGHT:
                    return survey
                else:
                    survey.places[item.index] = Place(item.name, item.seq, item.sent)
        return survey

    def _pages(self, peer: str, after: int, *, bare: bool, limit: int) -> Iterator[Returned]:
        """Everything that the partner gives back from ``after`` on."""
        while True:
            request = GiveBack(after, limit, self._ground.clock.now(), bare)
            returned = self._ground.pulling.line.give_back(peer, request)
            if returned.sender != peer or any(_place(item) < after for item in returned.items):
                raise VerificationFailed(f"{peer} answers for something else", why="sender or places do not fit")
            yield returned
            if not returned.more:
                return
            after = _place(returned.items[-1]) + 1

    def _ours(self, note: bytes, log: str) -> Checkpoint | None:
        """A checkpoint of one of our logs, as a partner kept it: only what we signed counts."""
        if not note:
            return None
        ground = self._ground
        origin = ground.logs.verifier(log).name
        retired = [key.public for key in ground.keys.retired if key.use == "log"]
        return open_checkpoint(note, [Verifier(origin, public) for public in (ground.keys.log_public, *retired)])

    # plan ---------------------------------------------------------------------------------------------------

    def _planned(self, start: int, surveys: Sequence[Survey]) -> list[bytes]:
        """The names of the lost leaves in order. Raises ``Incomplete`` unless they make every witnessed root."""
        with self._ground.reading() as tx:
            head, read = tx.log.head(EXCHANGE), tx.log.reader(EXCHANGE)
            tops = {survey.peer: tx.outbox.top(survey.peer) for survey in surveys}
            checkpoints = [survey.checkpoint for survey in surveys if survey.checkpoint is not None]

            def misfits(names: list[bytes]) -> list[str]:
                wrong = []
                for checkpoint in checkpoints:
                    size = checkpoint.size
                    tree = head_at(size, read) if size <= start else grow(head, names[: size - start], read)[0]
                    if tree.root() != checkpoint.root:
                        wrong.append(f"the first {size} entries are not those that we signed")
                return wrong

            return plan(start, surveys, tops, misfits)

    # fill ---------------------------------------------------------------------------------------------------

    def _fill(self, start: int, names: Sequence[bytes], surveys: Sequence[Survey]) -> None:
        gone = {each.id for each in self._ground.content_keys.destroyed()}
        batch: list[tuple[str, list[Offer]]] = []
        first = start
        for place, offers in enumerate(self._offers(start, names, surveys)):
            batch.append((names[place].hex(), offers))
            if len(batch) == LIMIT or place == len(names) - 1:
                self._write(first, batch, gone)
                first, batch = first + len(batch), []

    def _offers(self, start: int, names: Sequence[bytes], surveys: Sequence[Survey]) -> Iterator[list[Offer]]:
        """For each planned leaf what the partners give for it, in order; memory for a page of each partner."""
        end = start + len(names)
        placed = {name for survey in surveys for place in survey.places.values() for name in (place.name,)}
        wanted = {name for name in names if name not in placed}
        loose: dict[bytes, Offer] = {}
        for survey in surveys:
            if wanted & set(survey.loose):
                for item in self._full(survey.peer, BEYOND, BEYOND):
                    loose[item[1].name] = item
        streams = [self._full(survey.peer, start, end) for survey in surveys if survey.places]
        merged = heapq.merge(*streams, key=_index)
        groups = groupby(merged, key=_index)
        index, group = next(groups, (end, iter(())))
        for place, name in enumerate(names, start):
            offers: list[Offer] = []
            while index < place:
                index, group = next(groups, (end, iter(())))
            if index == place:
                offers = [offer for offer in group if offer[1].name == name]
                index, group = next(groups, (end, iter(())))
            if name in loose:
                offers.append(loose[name])
            yield offers

    def _full(self, peer: str, after: int, end: int) -> Iterator[Offer]:
        """The partner's leaves of ours with their facts; with ``after = BEYOND`` only those without an index."""
        try:
            for returned in self._pages(peer, after, bare=False, limit=LIMIT):
                for item in returned.items:
                    if (item.index is None) == (after == BEYOND) and (item.index or 0) < end:
                        yield peer, item
                    elif after != BEYOND:
                        return
        except SpeanError as down:
            raise Incomplete((f"{peer} could not be asked ({down.why or down.what})",)) from down

    def _write(self, first: int, batch: Sequence[tuple[str, list[Offer]]], gone: set[str]) -> None:
        """Leaves ``first``… with their facts, in one transaction."""
        with self._ground.writing() as work:
            if work.next_index(EXCHANGE) != first:
                raise Conflict("another process is catching up", remedy="wait until it is done")
            work.preload((), [name for name, _ in batch])
            for name, offers in batch:
                self._one(work, name, offers, erased=name in gone)
            work.flush()
            erased = [name for name, _ in batch if name in gone]
            if erased:
                work.tx.facts.erase(erased, work.now)

    def _one(self, work: Work, name: str, offers: list[Offer], *, erased: bool) -> None:
        index = work.next_index(EXCHANGE)
        header, given = self._signed(index, name, offers)
        content, key = (None, None) if erased else self._content(header, name, offers)
        fact = Fact(
            id=name,
            header=header,
            payload=given.payload,
            key_id=given.key_id,
            signature=given.signature,
            content=content,
        )
        known = work.fact(name)
        if known is None:
            giver, seq, leaf = ("", 0, -1) if header.node == self._ground.me else self._came_from(header, offers)
            work.add(fact, key, status="effective", received_from=giver, from_seq=seq, from_index=leaf)
        else:
            work.place(known, "effective")  # it was waiting when the backup was made
        form = None if content is None or key is None else self._ground.projector.form(_row(fact), key, work.fact)
        self._ground.reactions.learn(work, fact, form)

    def _signed(self, index: int, name: str, offers: list[Offer]) -> tuple[Header, ReturnedFact]:
        """The first offer whose bytes are the planned leaf and carry the origin's signature."""
        why = "nobody gives it"
        for peer, item in offers:
            given = item.fact
            if given is None or fact_id(given.payload) != name:
                why = f"{peer} gives other bytes than it named"
                continue
            try:
                header = decode_header(given.payload)
            except (InvalidInput, UnknownFormat) as newer:
                raise Incomplete((f"entry {index} is of a newer version: {newer}",)) from newer
            key = next((key for key in self._ground.sign_keys(header.node) if key.key_id == given.key_id), None)
            if key is None:
                why = f"the key {given.key_id} of {header.node} is not known here"
                continue
            try:
                dsse.verify(dsse.FACT_TYPE, given.payload, given.signature, key.public)
            except VerificationFailed:
                why = f"{peer} gives it with a wrong signature"
                continue
            return header, given
        raise Incomplete((f"entry {index} ({name[:12]}…): {why}",))

    def _content(self, header: Header, name: str, offers: list[Offer]) -> tuple[bytes | None, bytes | None]:
        """Content and key, if one of the partners still has them and they are what was signed."""
        for peer, item in offers:
            given = item.fact
            if given is None or given.content is None or given.sealed is None:
                continue
            for private in self._ground.seals:
                try:
                    key = open_key(given.sealed, private, seal_info(peer, self._ground.me, name))
                    check_commitment(header, *decrypt_content(key, given.content, name))
                except VerificationFailed:
                    continue
                return given.content, key
        return None, None

    def _came_from(self, header: Header, offers: list[Offer]) -> tuple[str, int, int]:
        """Who sent it to us, under which number and as which leaf of its log."""
        for peer, item in offers:
            if item.sent:
                return peer, item.seq, -1 if item.leaf is None else item.leaf
        via = "" if header.envelope is None else header.envelope.via
        return via if via not in ("", self._ground.me) else header.node, 0, -1

    def _deliver(self, end: int, surveys: Sequence[Survey]) -> None:
        """The outbox as the partners know it, so that the next numbers go on from theirs."""
        for survey in surveys:
            ours = survey.deliveries(end)
            for at in range(0, len(ours), LIMIT):
                part = [name.hex() for _, name in ours[at : at + LIMIT]]
                with self._ground.writing() as work:
                    if work.tx.outbox.top(survey.peer) != ours[at][0] - 1:
                        raise Conflict("another process is catching up", remedy="wait until it is done")
                    work.preload((), part)
                    for name in part:
                        row = work.fact(name)
                        if row is None:
                            raise Incomplete((f"{survey.peer} has {name[:12]}… from us, which is not in our log",))
                        mine = row.origin == self._ground.me
                        batch = decode_header(row.payload).batch
                        work.send(survey.peer, name, batch=batch, forward_for="" if mine else row.origin)

    # rebuild ------------------------------------------------------------------------------------------------

    def _rebuild(self, begun: int) -> None:
        """Records folded anew, clocks armed, agreements taken in; then the marks and jobs that follow from each fact."""
        ground = self._ground
        records: dict[str, None] = {}
        for rows in self._chunks(begun):
            records.update(dict.fromkeys(row.record for row in rows))
        names = list(records)
        for at in range(0, len(names), RECORDS):
            with ground.writing() as work:
                for record in names[at : at + RECORDS]:
                    ground.projector.rebuild(work, record)
        with ground.writing() as work:
            touch_register(work.tx)
            self._no_longer_behind(work)
        for rows in self._chunks(begun):
            with ground.writing() as work:
                keys = work.keys([row.id for row in rows if row.procedure == RECALL])
                for row in rows:
                    header = decode_header(row.payload)
                    form = ground.projector.form(row, keys.get(row.id), work.fact)
                    ground.reactions.replay(work, _fact(row, header), form)
                    self._send_on(work, row, header)

    def _no_longer_behind(self, work: Work) -> None:
        """Notes of the backup about parties who have received the fact since."""
        for job in work.tx.jobs.list(BEHIND):
            fact, _, node = job.key.partition("/")
            if node in dict(work.tx.outbox.holders(fact)):
                work.tx.jobs.done(job.id)

    def _chunks(self, begun: int) -> Iterator[list[FactRow]]:
        with self._ground.reading() as tx:
            size = tx.log.head(EXCHANGE).size
        for at in range(begun, size, LIMIT):
            with self._ground.reading() as tx:
                names = [name.hex() for name in tx.log.leaf_ids(EXCHANGE, at, min(at + LIMIT, size))]
                rows = tx.facts.many(names)
            yield [rows[name] for name in names]

    def _send_on(self, work: Work, row: FactRow, header: Header) -> None:
        """Whoever should have it and has not fetched it before the disaster gets it now, if the agreement still permits."""
        ground, envelope = self._ground, header.envelope
        if envelope is None or (header.node != ground.me and not ground.is_mediating(header)):
            return
        carrying = header.node != ground.me
        hops = envelope.recipients if carrying or not envelope.via else (envelope.via,)
        has = {peer for peer, _ in work.tx.outbox.holders(row.id)}
        for hop in hops:
            if hop in has or hop == ground.me:
                continue
            question = question_of(header, ground.me, hop, date=work.time[:10])
            if ground.is_peer(hop) and ground.registry.decide(question).allowed:
                work.send(hop, row.id, batch=header.batch, forward_for=header.node if carrying else "")
            elif not carrying:
                work.tx.jobs.put(BEHIND, f"{row.id}/{hop}", NEVER)

    # end ----------------------------------------------------------------------------------------------------

    def _finish(self, begun: int, surveys: Sequence[Survey]) -> str:
        """Compare what is written with what was witnessed; then, and only then, the node counts as complete."""
        ground = self._ground
        with ground.writing() as work:
            tx = work.tx
            head, read = tx.log.head(EXCHANGE), tx.log.reader(EXCHANGE)
            for survey in surveys:
                checkpoint = survey.checkpoint
                if checkpoint is not None and head_at(checkpoint.size, read).root() != checkpoint.root:
                    raise Incomplete((f"{survey.peer} has witnessed another log of {checkpoint.size} entries",))
            lost = self._lost(tx.log.head(DOMESTIC).size, surveys)
            text = f"restored and complete again: {head.size - begun} entries came back from {len(surveys)} partners"
            tx.alarms.raise_("restored", f"complete:{head.size}", "info", text, work.now)
            tx.alarms.raise_("restored-lost", f"{begun}:{head.size}", "warning", lost, work.now)
            tx.meta.set("restored", "")
            tx.meta.set("restored-from", "")
            touch_register(tx)
        with ground.reading():
            return lost  # reading takes the end of the restored mode into the caches

    def _lost(self, domestic: int, surveys: Iterable[Survey]) -> str:
        """What only we had. Partners who witnessed a larger domestic log will say so."""
        seen = max((survey.domestic.size for survey in surveys if survey.domestic is not None), default=0)
        count = f"at least {seen - domestic} entries of it" if seen > domestic else "all of it"
        return (
            f"Lost with the old disk: the domestic log since the backup ({count}: reads, searches, approvals, notes), files "
            "written for exchange, legal holds, users, tokens and revocations of partners made since; look at spean user list "
            "and spean peer list. What nobody had fetched yet is lost too"
        )


def mark(ground: Ground, why: str) -> None:
    """Enter the restored mode: from here on the node neither acts nor serves until it is complete."""
    with ground.writing() as work:
        work.tx.meta.set("restored", why)
        work.tx.meta.set("restored-from", str(work.tx.log.head(EXCHANGE).size))
        touch_register(work.tx)
    with ground.reading():
        return  # reading takes the mark into the caches


def hash_of(trouble: Sequence[str]) -> str:
    """A short name for one state of things, so that it is alarmed about once."""
    return fact_id(json.dumps(list(trouble)).encode())[:16]


def _index(offer: Offer) -> int:
    return _place(offer[1])


def _place(item: ReturnedItem) -> int:
    return BEYOND if item.index is None else item.index


def _fact(row: FactRow, header: Header) -> Fact:
    return Fact(
        id=row.id, header=header, payload=row.payload, key_id=row.key_id, signature=row.signature, content=row.content
    )


def _row(fact: Fact) -> FactRow:
    header = fact.header
    return FactRow(
        id=fact.id, record=header.record, procedure=header.procedure, kind=header.kind, origin=header.node, track=header.track,
        at=0, payload=fact.payload, key_id=fact.key_id, signature=fact.signature, content=fact.content, status="effective",
    )  # fmt: skip
