"""Rotation and revocation (O8, O9) while lines are cut: nobody is locked out, nothing is lost."""

from __future__ import annotations

from federation.world import World
from spean.core.errors import Unavailable


def rotate(world: World, name: str) -> None:
    world.nodes[name].rotating.rotate(world.officers[name], "a yearly rotation")


def test_a_page_may_bring_a_key_and_what_it_signed(pair: World) -> None:
    before = pair.ask("KR", "KH")
    rotate(pair, "KR")
    after = pair.ask("KR", "KH")
    pair.settle()
    assert pair.state("KH", before.record) == pair.state("KH", after.record) == "sent"
    assert pair.alarms("KH") == pair.alarms("KR") == []


def test_two_nodes_that_rotate_while_the_line_is_cut_find_each_other_again(pair: World) -> None:
    pair.cut.add(frozenset(("KH", "KR")))
    asked = pair.ask("KH", "KR")
    for name in pair.nodes:
        rotate(pair, name)
    answered = pair.ask("KR", "KH")
    pair.cut.clear()
    pair.settle()
    assert (pair.state("KR", asked.record), pair.state("KH", answered.record)) == ("sent", "sent")
    assert pair.alarms("KH") == pair.alarms("KR") == []


def test_receipts_that_a_revoked_key_signed_are_signed_anew(pair: World) -> None:
    asked = pair.ask("KH", "KR")
    pair.nodes["KR"].pulling.once("KH")
    old = pair.nodes["KR"].keys.sign_id
    rotate(pair, "KR")
    pair.nodes["KR"].rotating.revoke(pair.officers["KR"], old, pair.clock.now(), "it was copied")
    pair.settle()
    with pair.nodes["KH"].reading() as tx:
        assert [row.receipt for row in tx.outbox.page("KR", 0, 99) if row.fact == asked.fact] == ["accepted"]
    assert pair.alarms("KH", "receipt") == []


def test_what_a_revoked_key_signs_after_its_revocation_is_refused_at_step_1(pair: World) -> None:
    node = pair.nodes["KR"]
    stolen = node.signer
    rotate(pair, "KR")
    node.rotating.revoke(pair.officers["KR"], stolen.key_id, pair.clock.now(), "it was copied")
    pair.settle()
    node.signer = stolen
    forged = pair.ask("KR", "KH")
    node.signer = type(stolen)(node.keys.sign_id, node.keys.sign)
    try:
        pair.nodes["KH"].pulling.once("KR")
    except Unavailable as down:
        raise AssertionError("one fact with a revoked key is refused alone") from down
    assert pair.status("KH", forged.fact) == "refused"
    with pair.nodes["KH"].reading() as tx:
        row = tx.facts.get(forged.fact)
        assert (row.step, row.content) == (1, None)
        assert tx.receipts.of_fact(forged.fact)[0].rule == "O9"
