"""An act happens whole or not at all, whoever shares its transaction (group commit)."""

from __future__ import annotations

import threading

import pytest

from federation.faults import Faults, open_faulty
from federation.simulation import beginning
from federation.world import REASON, World
from spean.core.errors import Refusal, SpeanError, Unavailable
from spean.node.acts.acting import Intent, Marks
from spean.node.work import Work


def size(world: World, node: str) -> int:
    with world.nodes[node].reading() as tx:
        return tx.log.head("exchange").size


def circular(world: World, *to: str) -> tuple[str, str]:
    """A list with one entry, from KH; record and entry."""
    marks = {"instrument": world.treaty, "purpose": "warn", "data": "wallet"}
    opened = world.act(
        "KH", "open", {"title": "A list", "source": "a source", "data": "wallet"}, procedure="circular", to=to, **marks
    )
    entry = {"kind": "wallet", "value": "0xabc", "chain": "ethereum"}
    (done,) = world.nodes["KH"].acting.act_batch(world.officers["KH"], opened.record, "entry", [entry])
    world.settle()
    return opened.record, done.fact


def test_a_second_withdrawal_is_refused_and_leaves_no_trace(pair: World) -> None:
    record, entry = circular(pair, "KR")
    pair.act("KH", "withdraw-entry", {"reason": REASON}, record=record, targets=(entry,))
    before = size(pair, "KH")
    with pytest.raises(Refusal, match="withdrawn already"):
        pair.act("KH", "withdraw-entry", {"reason": REASON}, record=record, targets=(entry,))
    assert size(pair, "KH") == before
    pair.settle()
    assert pair.status("KR", entry) == "withdrawn"


def test_a_partner_that_was_revoked_does_not_stand_in_the_way_of_a_correction(three: World) -> None:
    _, entry = circular(three, "INT", "KR")
    node = three.nodes["KH"]
    node.peering.revoke(three.officers["KH"], "INT", REASON)
    recalled = node.recalling.correct(
        three.officers["KH"], entry, {"kind": "wallet", "value": "0xdef", "chain": "ethereum"}, REASON
    )
    three.settle()
    assert set(recalled.records) == {"KR"}
    assert {held.node: held.status for held in node.recalling.holding(entry)} == {"KR": "confirmed", "INT": "holds"}


def test_an_act_that_fails_half_done_takes_nobody_with_it(pair: World) -> None:
    """Three officers share one transaction; the second writes and is refused."""
    node, results = pair.nodes["KH"], {}
    intent = Intent(kind="order", form={"account": "1", "amount": 5}, procedure="stop-payment", to=("KR",),
                    marks=Marks(instrument=pair.treaty, purpose="stop-fraud", data="account"))  # fmt: skip
    gate, queued = threading.Event(), threading.Event()

    def first(work: Work) -> str:
        queued.set()
        gate.wait(5)
        return node.acting.perform(work, pair.officers["KH"], intent).fact

    def bad(work: Work) -> None:
        node.acting.perform(work, pair.officers["KH"], intent)
        raise Refusal("R1", "it is refused late", remedy="none")

    def run(name: str, act) -> None:
        try:
            results[name] = node.committer.run(act)
        except SpeanError as refused:
            results[name] = refused

    leader = threading.Thread(target=run, args=("first", first))
    leader.start()
    assert queued.wait(5)
    others = [threading.Thread(target=run, args=("bad", bad)),
              threading.Thread(target=run, args=("good", lambda work: node.acting.perform(work, pair.officers["KH"], intent).fact))]  # fmt: skip
    for each in others:
        each.start()
    while len(node.committer._queue) < 2:
        pass
    gate.set()
    for each in (leader, *others):
        each.join()
    assert isinstance(results["bad"], Refusal)
    assert pair.status("KH", results["first"]) == pair.status("KH", results["good"]) == "effective"
    with node.reading() as tx:
        assert len(tx.records.list(procedure="stop-payment")) == 2


@pytest.mark.parametrize("rolls_back", [True, False])
def test_a_full_disk_in_the_middle_of_a_correction_leaves_nothing(tmp_path, rolls_back: bool) -> None:
    """SQLite may end the transaction by itself when the disk is full: what follows must not be committed piecemeal."""
    image, treaty = beginning(2)
    faults = {name: Faults(name) for name in ("KH", "KR")}
    world = World(("KH", "KR"), tmp_path, image=image, opens=lambda name: open_faulty(faults[name]))
    world.treaty = treaty
    _, entry = circular(world, "KR")
    node, mine = world.nodes["KH"], faults["KH"]
    mine.rolls_back = rolls_back
    replacement = {"kind": "wallet", "value": "0xdef", "chain": "ethereum"}
    before = size(world, "KH")
    for skipped in range(200):
        mine.wait, mine.refuse = skipped, 1
        try:
            node.recalling.correct(world.officers["KH"], entry, replacement, REASON)
            break
        except Unavailable:
            assert (size(world, "KH"), world.status("KH", entry)) == (before, "effective")
    mine.calm()
    assert skipped > 10
    world.settle()
    assert node.recalling.holding(entry)[0].status == "confirmed"
    node.logs.verify()
