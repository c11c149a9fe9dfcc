"""Disaster: a node is lost with its disk, restored from an old backup, and catches up from its partners."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from federation.world import Disk, World
from spean.core.errors import Unavailable
from spean.keys import ContentKeys
from spean.keys import files as key_files
from spean.node import Node
from spean.node.backup import KeySource, restore
from spean.node.keyring import MemoryKeyRing
from spean.node.settings import load_settings
from spean.node.work import EXCHANGE
from spean.store import Store
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
    world.act("KR", "publish", {"entries": 4}, record=listed.record)
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
    return {"list": listed.record, "own": own.record, "asked": asked.record, "recalled": entries[1].fact, "kept": mine[2].fact}


def picture(node: Node) -> dict[str, Any]:
    """What must be as it was: log, facts, records, deliveries. Times of writing differ."""
    with node.store.read() as tx:
        size = tx.log.head(EXCHANGE).size
        names = [name.hex() for name in tx.log.leaf_ids(EXCHANGE, 0, size)]
        rows = tx.facts.many(names)
        facts = [(name, rows[name].status, rows[name].superseded_by, rows[name].received_from, rows[name].from_index) for name in names]
        records = [
            (row.id, row.state, row.heads, row.done, row.due_at, row.parties, row.closed)
            for row in sorted(tx.records.list(limit=1000), key=lambda row: row.id)
        ]
        outbox = {
            peer: [(row.seq, row.fact, row.batch, row.forward_for, row.receipt) for row in tx.outbox.page(peer, 0, 1000)]
            for peer in node.peering.active()
        }
        timers = sorted((job.key, job.due_at) for job in tx.jobs.list() if job.kind == "timer")
        return {"root": tx.log.head(EXCHANGE).root(), "facts": facts, "records": records, "outbox": outbox, "timers": timers}


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
