"""Disaster: a node is lost with its disk, restored from an old backup, and catches up from its partners."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from federation.world import Disk, DiskImage, Image, Wires, World
from spean.core.errors import Conflict, InvalidInput, NotFound, Refusal, Unavailable, VerificationFailed
from spean.exchange.page import GiveBack, Pull, Returned, ReturnedItem, decode_returned
from spean.exchange.receive import PageRefused
from spean.keys import ContentKeys
from spean.keys import files as key_files
from spean.node import Node
from spean.node.care import catching_up
from spean.node.care.backup import KeySource, read_manifest, restore
from spean.node.care.catching_up import mark
from spean.node.care.keyring import MemoryKeyRing
from spean.node.settings import load_settings
from spean.node.wire.gate import Gate
from spean.node.wire.watch import Watch
from spean.node.work import EXCHANGE
from spean.store import Store, Tx
from spean.store.rows import AlarmRow

PASSPHRASE = "five words for the safe"
LIST = {"title": "Wallets of a network", "source": "Desk of KR", "data": "wallet"}
MARKS = {"purpose": "warn", "data": "wallet", "subject": "none"}
ASKED = {
    "offence": "fraud", "facts": "A victim paid there an hour ago.", "need": "Only the holder knows.",
    "items": [{"selector": "wallet", "value": "0xabc", "chain": "ethereum", "question": "Who holds it?"}],
    "proportionality": "One wallet, one payment.",
}  # fmt: skip


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Three nodes on files, one agreement."""
    made = World(("KR", "KH", "TH"), tmp_path, opens=lambda name: on_files(tmp_path / name))
    made.agreement(("KH", "KR", "TH"))
    return made


def on_files(home: Path) -> tuple[Store, ContentKeys]:
    home.mkdir(exist_ok=True)
    return Store.open(f"sqlite:///{home}/spean.db"), ContentKeys.open(f"sqlite:///{home}/content-keys.db")


def entry(value: str, **more: str) -> dict[str, str]:
    return {"kind": "wallet", "value": value, "chain": "bitcoin", **more}


def exchange(world: World) -> dict[str, str]:
    """A day of work among the three; KH sends, receives, corrects, is recalled from. Names of what was made."""
    listed = world.act("KR", "open", LIST, procedure="circular", to=("KH", "TH"), **MARKS)
    entries = [world.act("KR", "entry", entry(f"bc1q{n}"), record=listed.record) for n in range(4)]
    world.act("KR", "publish", {"entries": 4, "reason": "checked with its source"}, record=listed.record)
    world.settle()
    world.act("KH", "acknowledge", {}, record=listed.record)
    own = world.act("KH", "open", LIST, procedure="circular", to=("KR", "TH"), **MARKS)
    mine = [world.act("KH", "entry", entry(f"bc1k{n}"), record=own.record) for n in range(3)]
    world.settle()
    world.nodes["KH"].recalling.correct(world.officers["KH"], mine[0].fact, entry("bc1k9"), "a digit was wrong")
    world.act("KH", "withdraw-entry", {"reason": "not theirs"}, record=own.record, targets=(mine[1].fact,))
    world.act("KR", "withdraw-entry", {"reason": "cleared"}, record=listed.record, targets=(entries[1].fact,))
    world.settle()
    asked = world.act("TH", "send", ASKED, procedure="information-request", to=("KH",), **MARKS)
    world.settle()
    world.act("KH", "acknowledge", {}, record=asked.record)
    world.settle()
    return {
        "list": listed.record,
        "own": own.record,
        "asked": asked.record,
        "recalled": entries[1].fact,
        "kept": mine[2].fact,
    }


def picture(node: Node) -> dict[str, Any]:
    """What must be as it was: log, facts, records, deliveries. Times of writing differ."""
    with node.store.read() as tx:
        size = tx.log.head(EXCHANGE).size
        names = [name.hex() for name in tx.log.leaf_ids(EXCHANGE, 0, size)]
        rows = tx.facts.many(names)
        facts = [
            (name, rows[name].status, rows[name].superseded_by, rows[name].received_from, rows[name].from_index)
            for name in names
        ]
        records = [
            (row.id, row.state, row.heads, row.done, row.due_at, row.parties, row.closed)
            for row in sorted(tx.records.list(limit=1000), key=lambda row: row.id)
        ]
        outbox = {
            peer: [
                (row.seq, row.fact, row.batch, row.forward_for, row.receipt) for row in tx.outbox.page(peer, 0, 1000)
            ]
            for peer in node.peering.active()
        }
        timers = sorted((job.key, job.due_at) for job in tx.jobs.list() if job.kind == "timer")
        return {
            "root": tx.log.head(EXCHANGE).root(),
            "facts": facts,
            "records": records,
            "outbox": outbox,
            "timers": timers,
        }


def lose_and_restore(world: World, name: str, backup: Path, keys: Path) -> Node:
    """The node's disk is gone; another machine is filled from the backup."""
    world.nodes.pop(name).close()
    home = world.folder / f"{name}-again"
    restore(backup, home, KeySource(copy=keys, copy_passphrase=PASSPHRASE), clock=world.clock, entropy=world.entropy)
    settings = load_settings(home)
    store, content = Store.open(settings.store_url(home)), ContentKeys.open(settings.content_keys_url(home))
    ring = MemoryKeyRing(key_files.load(home / "keys"))
    world.disks[name] = Disk(settings, home, store, content, ring, (home / "identity").read_bytes())
    return world.boot(name)


def alarms(node: Node, severity: str) -> list[AlarmRow]:
    return [alarm for alarm in node.reading_desk.alarms() if alarm.severity == severity]


def roll_back(world: World, name: str, old: DiskImage, *, marked: bool = True) -> Node:
    """The node's database is as it was; its key store is on another disk and survived."""
    now = world.disk_image(name)
    world.nodes[name].close()
    world._put(name, world.disk_of(name, dataclasses.replace(now, store=old.store)))
    node = world.nodes[name]
    if marked:
        mark(node, "an old database was put in place")
    return node


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """INT, KH, KR, TH with an agreement in force, as an image."""
    world = World(("INT", "KH", "KR", "TH"), tmp_path_factory.mktemp("begun"))
    world.agreement(("KH", "KR", "TH"), mediators=["INT"])
    return world.image()


@pytest.fixture
def four(begun: Image, tmp_path: Path) -> World:
    return World(("INT", "KH", "KR", "TH"), tmp_path, seed=2, image=begun)


def test_a_restored_node_is_again_what_it_was(world: World, tmp_path: Path) -> None:
    world.nodes["KH"].restoring.backup(tmp_path / "old")
    names = exchange(world)
    before = picture(world.nodes["KH"])
    (tmp_path / "safe").mkdir()
    world.nodes["KH"].restoring.backup_keys(tmp_path / "safe" / "keys", PASSPHRASE)
    node = lose_and_restore(world, "KH", tmp_path / "old", tmp_path / "safe" / "keys")

    with pytest.raises(Unavailable, match="has not caught up"):
        world.act("KH", "send", ASKED, procedure="information-request", to=("KR",), **MARKS)
    with pytest.raises(Unavailable, match="cannot be reached"):
        world.nodes["KR"].pulling.once("KH")
    with pytest.raises(Unavailable, match="has not caught up"):
        node.pulling.once("KR")

    done = node.restoring.catch_up()
    assert (done.complete, done.trouble, done.partners) == (True, (), ("KR", "TH"))
    assert done.after == len(before["facts"]) > done.before
    world.settle()
    assert picture(node) == before
    assert node.logs.verify().size == done.after
    assert not alarms(node, "critical")
    assert not alarms(world.nodes["KR"], "critical")
    assert not alarms(world.nodes["TH"], "critical")
    assert any("domestic log" in alarm.text for alarm in alarms(node, "warning"))

    reader = world.officers["KH"]
    shown = node.reading_desk.record(reader, names["own"], reason="after the disaster")
    values = {fact.row.id: fact.form["value"] for fact in shown.facts if fact.form and "value" in fact.form}
    assert values[names["kept"]] == "bc1k2"
    recalled = node.reading_desk.record(reader, names["list"], reason="after the disaster")
    assert next(fact.form for fact in recalled.facts if fact.row.id == names["recalled"]) is None

    world.act("KH", "accept", {}, record=names["asked"])
    world.settle()
    with world.nodes["TH"].reading() as tx:
        assert tx.records.get(names["asked"]).state == "accepted"


def test_a_restored_node_that_writes_before_it_caught_up_is_refused_and_alarmed_about(four: World) -> None:
    old = four.disk_image("KH")
    listed = four.act("KH", "open", LIST, procedure="circular", to=("KR",), **MARKS)
    four.settle()
    before = picture(four.nodes["KR"])
    roll_back(four, "KH", old, marked=False)  # a copied disk, forced into service: it bears no mark
    refused_at_step_2(four, "shrunken-log")
    assert "spean restore --catch-up" in four.alarms("KH", "memory-lost")[0]
    assert not four.state("KH", listed.record)
    for _ in range(3):
        four.act("KH", "open", LIST, procedure="circular", to=("KR",), **MARKS)
    refused_at_step_2(four, "forked-log")
    assert picture(four.nodes["KR"]) == before


def refused_at_step_2(world: World, rule: str) -> None:
    with pytest.raises(PageRefused) as refused:
        world.nodes["KR"].pulling.once("KH")
    assert (refused.value.step, refused.value.rule) == (2, rule)
    assert world.alarms("KR", rule)


def test_a_copied_disk_learns_from_its_partners_that_it_is_old(four: World) -> None:
    old = four.disk_image("KH")
    four.act("KH", "open", LIST, procedure="circular", to=("KR",), **MARKS)
    four.settle()
    before = picture(four.nodes["KH"])
    node = roll_back(four, "KH", old, marked=False)
    done = node.restoring.catch_up()
    assert (done.complete, done.after - done.before) == (True, 1)
    four.settle()
    assert picture(node) == before
    again = node.restoring.catch_up()
    assert (again.complete, again.after - again.before, again.lost) == (True, 0, "")


def test_it_stays_restored_while_a_partner_cannot_be_asked_and_says_whom_and_what(four: World) -> None:
    old = four.disk_image("KH")
    four.act("KH", "open", LIST, procedure="circular", to=("KR",), **MARKS)
    four.act("TH", "open", LIST, procedure="circular", to=("KH",), **MARKS)
    four.settle()
    before = picture(four.nodes["KH"])
    size = len(before["facts"])
    node = roll_back(four, "KH", old)
    four.cut.add(frozenset(("KH", "TH")))
    done = node.restoring.catch_up()
    assert not done.complete
    assert done.after == done.before, "nothing is written before all fits"
    assert any("TH could not be asked" in each for each in done.trouble)
    assert any("of our log" in each and str(size - 1) in each for each in done.trouble) or size - 1 < 0
    assert four.alarms("KH", "restored") == [f"restored, and not complete yet: {'; '.join(done.trouble)}"]
    with pytest.raises(Unavailable):
        node.serving.page("KR", pull(node))
    with pytest.raises(Unavailable):
        node.serving.consistency(1, 2)
    four.cut.clear()
    four.clock.advance(31_000)
    four.settle()
    assert picture(node) == before
    assert not node.restoring.pending


def test_what_only_we_had_leaves_a_hole_that_is_named(four: World) -> None:
    old = four.disk_image("KH")
    four.cut.add(frozenset(("KH", "TH")))
    four.act("KH", "open", LIST, procedure="circular", to=("TH",), **MARKS)  # TH never fetches it
    four.act("KH", "open", LIST, procedure="circular", to=("KR",), **MARKS)
    four.settle()
    node = roll_back(four, "KH", old)
    four.cut.clear()
    done = node.restoring.catch_up()
    assert not done.complete
    assert [each for each in done.trouble if "is with nobody who answered" in each] == [
        f"entry {done.before} of our log is with nobody who answered"
    ]
    assert node.restoring.pending


def test_what_was_taken_in_before_its_receipt_left_is_found_with_its_sender(four: World) -> None:
    """TH's facts stand in our log, KR has witnessed them there, and TH has no receipt: the root says where they stood."""
    old = four.disk_image("KH")
    world, node = four, four.nodes["KH"]
    listed = world.act("TH", "open", LIST, procedure="circular", to=("KH",), **MARKS)
    for n in range(3):
        world.act("TH", "entry", entry(f"bc1q{n}"), record=listed.record)
    node.pulling.once("TH")
    world.act("KH", "open", LIST, procedure="circular", to=("KR",), **MARKS)
    world.nodes["KR"].pulling.once("KH")
    world.nodes["KR"].pulling.once("KH")
    before = picture(node)
    node = roll_back(world, "KH", old)
    done = node.restoring.catch_up()
    assert (done.complete, done.after - done.before) == (True, 5)
    assert [fact[0] for fact in picture(node)["facts"]] == [fact[0] for fact in before["facts"]]
    world.settle()
    with world.nodes["TH"].reading() as tx:
        assert not tx.outbox.unreceipted("KH", 0, 10)
    assert not world.alarms("TH", "refused-by-peer")


def test_a_mediator_and_those_on_both_sides_can_each_be_restored(four: World) -> None:
    old = {name: four.disk_image(name) for name in ("INT", "KH", "TH")}
    marks = {**MARKS, "purpose": "investigate-fraud", "via": "INT"}
    asked = four.act("TH", "send", ASKED, procedure="information-request", to=("KH",), **marks)
    four.settle()
    four.act("KH", "acknowledge", {}, record=asked.record)
    four.settle()
    for name, image in old.items():
        before = picture(four.nodes[name])
        node = roll_back(four, name, image)
        done = node.restoring.catch_up()
        assert (done.complete, done.trouble) == (True, ()), name
        four.settle()
        assert picture(node) == before, name
    four.act("KH", "accept", {}, record=asked.record)
    four.settle()
    assert four.state("TH", asked.record) == "accepted"


def test_a_partner_that_lies_is_not_believed(four: World) -> None:
    """TH returns KH's own fact with another signature and content; KR has it as it was."""
    old = four.disk_image("KH")
    listed = four.act("KH", "open", LIST, procedure="circular", to=("KR", "TH"), **MARKS)
    four.settle()
    before = picture(four.nodes["KH"])
    node = roll_back(four, "KH", old)
    node.pulling.line = Liar(four, "KH", "TH", signature=b"\1" * 64)
    assert node.restoring.catch_up().complete
    four.settle()
    assert picture(node) == before
    shown = node.reading_desk.record(four.officers["KH"], listed.record, reason="to see")
    assert shown.facts[0].form is not None

    node = roll_back(four, "KH", old)
    four.cut.add(frozenset(("KH", "KR")))
    four.nodes["KH"].peering.revoke(four.officers["KH"], "KR", "only the liar is left")
    node.pulling.line = Liar(four, "KH", "TH", signature=b"\1" * 64)
    done = node.restoring.catch_up()
    assert done.trouble == (f"entry {done.before} ({listed.fact[:12]}…): TH gives it with a wrong signature",)
    node.pulling.line = Liar(four, "KH", "TH", name=b"\2" * 32)
    done = node.restoring.catch_up()
    assert "are not those that we signed" in done.trouble[0]


class Liar(Wires):
    """Changes what one partner gives back."""

    def __init__(self, world: World, me: str, partner: str, *, signature: bytes = b"", name: bytes = b"") -> None:
        super().__init__(world, me)
        self._partner, self._signature, self._named = partner, signature, name

    def give_back(self, node: str, request: GiveBack) -> Returned:
        told = super().give_back(node, request)
        if node != self._partner:
            return told
        return msgspec.structs.replace(told, items=[self._lie(item) for item in told.items])

    def _lie(self, item: ReturnedItem) -> ReturnedItem:
        if self._named:
            item = msgspec.structs.replace(item, name=self._named)
        if item.fact is not None and self._signature:
            fact = msgspec.structs.replace(item.fact, signature=self._signature, content=b"x" * 60)
            item = msgspec.structs.replace(item, fact=fact)
        return item


def test_a_crash_while_it_catches_up_costs_a_repetition(four: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process dies after each transaction in turn; the next attempt goes on from there."""
    old = four.disk_image("KH")
    exchange(four)
    before = picture(four.nodes["KH"])
    monkeypatch.setattr(catching_up, "LIMIT", 4)
    node = roll_back(four, "KH", old)
    attempts = 0
    while not attempt(node, after=attempts + 2):
        attempts += 1
        image = four.disk_image("KH")
        four.nodes["KH"].close()
        four._put("KH", four.disk_of("KH", image))
        node = four.nodes["KH"]
        assert node.restoring.pending, "the mark survives"
        assert attempts < 100
    assert attempts > 5
    four.settle()
    assert picture(node) == before
    assert not alarms(node, "critical")


def attempt(node: Node, after: int) -> bool:
    """Catch up until the given transaction, in which the process dies. True when it came through."""
    left = after
    writing = node.store.write

    @contextmanager
    def dying() -> Iterator[Tx]:
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt
        with writing() as tx:
            yield tx

    node.store.write = dying  # type: ignore[method-assign]
    try:
        return node.restoring.catch_up().complete
    except KeyboardInterrupt:
        return False
    finally:
        del node.store.write


def test_new_keys_of_a_partner_come_back_before_what_they_signed(four: World) -> None:
    old = four.disk_image("KH")
    four.nodes["KR"].rotating.rotate(four.officers["KR"], "every year")
    four.settle()
    listed = four.act("KR", "open", LIST, procedure="circular", to=("KH",), **MARKS)
    four.settle()
    before = picture(four.nodes["KH"])
    node = roll_back(four, "KH", old)
    done = node.restoring.catch_up()
    assert (done.complete, done.trouble) == (True, ())
    assert picture(node)["facts"] == before["facts"]
    assert four.state("KH", listed.record) == "compiling"
    four.settle()
    assert not alarms(node, "critical")


def test_what_reached_a_partner_late_keeps_its_number(four: World) -> None:
    """An old fact that a suspension held back was delivered after the backup: the partner has it under a later number."""
    treaty = instrument(four)
    held = four.act("KH", "open", LIST, procedure="circular", to=("KR", "TH"), **MARKS)
    four.settle()
    suspended = four.act("KH", "suspend-pair", {"other": "TH", "reason": "a review"}, record=treaty)
    four.settle()
    said = four.act("KH", "entry", entry("bc1q0"), record=held.record)
    four.settle()
    old = four.disk_image("KH")
    four.act("KH", "resume-pair", {"reason": "it is over"}, record=treaty, targets=(suspended.fact,))
    four.settle()
    assert four.status("TH", said.fact) == "effective"
    before = picture(four.nodes["KH"])
    node = roll_back(four, "KH", old)
    done = node.restoring.catch_up()
    assert (done.complete, done.trouble) == (True, ())
    four.settle()
    assert picture(node) == before
    four.act("KH", "entry", entry("bc1q1"), record=held.record)
    four.settle()
    assert four.alarms("TH", "step-2") == []


def instrument(world: World) -> str:
    with world.nodes["KH"].reading() as tx:
        return tx.records.list(procedure="agreement")[0].id


def test_who_had_not_fetched_yet_gets_it_after_the_disaster(four: World) -> None:
    old = four.disk_image("KH")
    listed = four.act("KH", "open", LIST, procedure="circular", to=("KR", "TH"), **MARKS)
    four.nodes["KR"].pulling.once("KH")
    node = roll_back(four, "KH", old)
    assert node.restoring.catch_up().complete
    four.settle()
    assert four.state("TH", listed.record) == "compiling"
    assert [peer for peer, status in node.reading_desk.holders(listed.fact) if status == "accepted"] == ["KR", "TH"]


def test_a_restored_mediator_still_returns_the_answers_of_those_behind_it(four: World) -> None:
    old = four.disk_image("INT")
    marks = {**MARKS, "via": "INT"}
    listed = four.act("TH", "open", LIST, procedure="circular", to=("KH",), **marks)
    said = four.act("TH", "entry", entry("bc1q0"), record=listed.record)
    four.settle()
    four.nodes["TH"].recalling.withdraw(four.officers["TH"], said.fact, "not theirs")
    four.nodes["INT"].pulling.once("TH")
    four.nodes["INT"].clockwork.tick()  # it recalls from KH in turn
    four.nodes["KH"].pulling.once("INT")
    four.nodes["TH"].pulling.once("INT")
    assert {each.node: each.outcome for each in four.nodes["TH"].recalling.holding(said.fact)} == {"INT": "", "KH": ""}
    node = roll_back(four, "INT", old)
    assert node.restoring.catch_up().trouble == ()
    four.settle()
    holding = four.nodes["TH"].recalling.holding(said.fact)
    assert {each.node: (each.status, each.outcome) for each in holding} == {
        "INT": ("confirmed", "erased"),
        "KH": ("confirmed", "erased"),
    }
    assert not alarms(node, "critical")


def test_the_gate_gives_back_what_it_is_asked_for(four: World) -> None:
    four.act("KH", "open", LIST, procedure="circular", to=("KR",), **MARKS)
    four.settle()
    node = four.nodes["KR"]
    asked = GiveBack(0, 2, four.clock.now(), True)
    first = decode_returned(asyncio.run(Gate(node, Watch(node)).serve_give_back("KH", asked)))
    assert first == node.restoring.give_back("KH", asked)
    assert ([item.index for item in first.items], first.more) == ([0, 1], True)
    indexes: list[int] = []
    after: int | None = 0
    while after is not None:
        told = node.restoring.give_back("KH", GiveBack(after, 2, four.clock.now(), True))
        placed = [item.index for item in told.items if item.index is not None]
        indexes += placed
        after = placed[-1] + 1 if told.more else None
    assert indexes == sorted(set(indexes)), "each leaf once, in order"
    with node.reading() as tx:
        checkpoint = tx.witness.latest(four.nodes["KH"].settings.log_origin)
    assert checkpoint is not None
    assert len(indexes) <= checkpoint.size
    with pytest.raises(Refusal):
        node.serving.check_partner("XX")


def test_erased_words_do_not_come_back_with_the_log(four: World) -> None:
    old = four.disk_image("KH")
    listed = four.act("KH", "open", LIST, procedure="circular", to=("KR",), **MARKS)
    said = four.act("KH", "entry", entry("bc1q-erased"), record=listed.record)
    four.settle()
    four.cut.add(frozenset(("KH", "KR")))  # the recall does not reach KR, which still has the words
    four.nodes["KH"].recalling.erase(four.officers["KH"], said.fact, "a court ordered it")
    node = roll_back(four, "KH", old)
    four.cut.clear()
    assert node.restoring.catch_up().complete
    with node.reading() as tx:
        row = tx.facts.get(said.fact)
    assert (row.content, row.erased_at is not None) == (None, True)
    assert node.logs.verify().size > 0


def test_backups_are_made_while_the_node_writes_and_hold_no_key(world: World, tmp_path: Path) -> None:
    node = world.nodes["KH"]
    stop = threading.Event()
    written: list[str] = []

    def write() -> None:
        while not stop.is_set():
            written.append(world.act("KH", "open", LIST, procedure="circular", to=("KR",), **MARKS).fact)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        while len(written) < 3:
            assert thread.is_alive()
        node.restoring.backup(tmp_path / "one")
        assert thread.is_alive()
    finally:
        stop.set()
        thread.join()
    with pytest.raises(Conflict, match="never overwrites"):
        node.restoring.backup(tmp_path / "one")
    manifest = read_manifest(tmp_path / "one")
    assert sorted(manifest["files"]) == ["identity", "settings.json", "store.backup"]
    everything = b"".join(path.read_bytes() for path in (tmp_path / "one").iterdir())
    for key in (*(stored.private for stored in node.keys.stored), *node.content_keys.get(written[:3]).values()):
        assert key not in everything
    home = tmp_path / "again"
    with pytest.raises(NotFound, match="own keys"):
        restore(tmp_path / "one", home, KeySource())
    assert not home.exists()
    (tmp_path / "one" / "identity").write_bytes(b"another")
    with pytest.raises(VerificationFailed, match="identity is not as it was written"):
        read_manifest(tmp_path / "one")


def test_a_copy_of_keys_replaces_the_last_one_and_never_lies_beside_a_backup(four: World, tmp_path: Path) -> None:
    node, other = four.nodes["KH"], four.nodes["KR"]
    safe = tmp_path / "safe"
    safe.mkdir()
    node.restoring.backup_keys(safe / "keys", PASSPHRASE)
    with pytest.raises(Conflict):
        node.restoring.backup_keys(safe / "keys", PASSPHRASE)
    node.restoring.backup_keys(safe / "keys", PASSPHRASE, over=True)
    with pytest.raises(Refusal, match="another node"):
        other.restoring.backup_keys(safe / "keys", PASSPHRASE, over=True)
    with pytest.raises(InvalidInput, match="passphrase"):
        node.restoring.backup_keys(safe / "short", "short")
    node.restoring.backup(tmp_path / "backups")
    with pytest.raises(Refusal) as beside:
        node.restoring.backup_keys(tmp_path / "keys", PASSPHRASE)
    assert beside.value.rule == "D4"


def pull(node: Node) -> Pull:
    return Pull(0, 0, 10, 0, [], b"", [], node.clock.now())


def test_own_records_stand_as_in_the_backup_and_what_came_after_is_said_to_be_lost(four: World) -> None:
    """No partner has them, by design: so they are only as safe as the backup, and the domestic log says how much is missing."""
    told = {"victim": "V-KH-1", "reported_at": 1, "story": "before the backup"}
    kept = four.act(
        "KH", "report", told, procedure="fraud-report", purpose="stop-fraud", data="payment", subject="victim"
    )
    old = four.disk_image("KH")
    four.act("KH", "complete", {**told, "story": "after the backup"}, record=kept.record)
    lost = four.act(
        "KH", "report", told, procedure="fraud-report", purpose="stop-fraud", data="payment", subject="victim"
    )
    four.ask("KH", "KR", instrument="", purpose="stop-fraud")
    four.settle()
    node = roll_back(four, "KH", old)
    assert node.restoring.catch_up().complete
    four.settle()
    assert four.state("KH", kept.record) == "reported"
    assert four.state("KH", lost.record) == ""
    detail = node.reading_desk.record(four.officers["KH"], kept.record, reason="after the disaster")
    assert [each.form["story"] for each in detail.facts if each.form and "story" in each.form] == ["before the backup"]
    four.act("KH", "complete", {**told, "story": "told once more"}, record=kept.record)
    assert not alarms(node, "critical")
    node.logs.verify("domestic")
