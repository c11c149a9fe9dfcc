"""Clocks across nodes: under a suspension, after an erasure, with a deadline that both ends know differently (DESIGN, Clocks)."""

from __future__ import annotations

from federation.world import REASON, World
from spean.core.world import HOUR, MINUTE


def suspend(world: World, one: str, other: str) -> str:
    """Let the world's agreement rest for a pair; the suspension's fact."""
    done = world.act(one, "suspend-pair", {"other": other, "reason": REASON}, record=world.treaty)
    world.settle()
    return done.fact


def kinds(world: World, node: str, record: str) -> list[str]:
    with world.nodes[node].reading() as tx:
        return [row.kind for row in tx.facts.of_record(record)]


def test_a_deadline_passes_at_its_owner_although_the_pair_is_suspended(pair: World) -> None:
    asked = pair.ask("KH", "KR", form={"urgency": "urgent", "urgency_reason": REASON})
    pair.settle()
    suspension = suspend(pair, "KR", "KH")
    pair.clock.advance(6 * MINUTE)
    pair.settle()
    assert kinds(pair, "KH", asked.record) == ["send", "escalate"]
    assert len(pair.alarms("KH", "timer")) == 1
    assert kinds(pair, "KR", asked.record) == ["send"]
    pair.act("KR", "resume-pair", {"reason": REASON}, record=pair.treaty, targets=(suspension,))
    pair.settle()
    assert kinds(pair, "KR", asked.record) == ["send", "escalate"]


def test_an_escalation_stays_lawful_after_the_form_that_set_its_clock_is_erased(pair: World) -> None:
    """Five minutes when urgent: the receiver erased the form, folds the record anew, and must not think of a day."""
    asked = pair.ask("KH", "KR", form={"urgency": "urgent", "urgency_reason": REASON})
    pair.settle()
    pair.nodes["KH"].recalling.withdraw(pair.officers["KH"], asked.fact, REASON)
    pair.settle()
    assert pair.status("KR", asked.fact) == "withdrawn"
    pair.cut.add(frozenset(("KH", "KR")))
    pair.clock.advance(6 * MINUTE)
    pair.act("KR", "acknowledge", {}, record=asked.record)
    pair.settle()
    pair.cut.clear()
    pair.settle()
    for name in ("KH", "KR"):
        assert sorted(kinds(pair, name, asked.record)) == ["acknowledge", "escalate", "send"]
        assert pair.state(name, asked.record) == "acknowledged"
    assert pair.alarms("KR", "refused") == []


def test_a_hold_lapses_by_itself_once(pair: World) -> None:
    asked = pair.act("KR", "order", {"account": "1", "amount": 5}, procedure="stop-payment", to=("KH",),
                     instrument=pair.treaty, purpose="stop-fraud", data="account")  # fmt: skip
    pair.settle()
    pair.act("KH", "acknowledge", {"reason": REASON}, record=asked.record)
    pair.act("KH", "hold", {"amount": 5, "reason": REASON}, record=asked.record)
    pair.settle()
    assert pair.state("KR", asked.record) == "held"
    for _ in range(3):
        pair.clock.advance(73 * HOUR)
        pair.settle()
    assert kinds(pair, "KR", asked.record) == ["order", "acknowledge", "hold", "lapse"]
    assert pair.state("KR", asked.record) == pair.state("KH", asked.record) == "released"
