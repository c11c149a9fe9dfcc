"""Recalls: one per holder, confirmed with an outcome, overdue by name, and who still holds (A8, R34, D5)."""

from __future__ import annotations

from typing import Any

import pytest

from spean.core.errors import InvalidInput, Refusal
from spean.core.world import MINUTE
from spean.procedures.acts import Context, Known
from spean.procedures.rehearse import Rehearsal
from spean.recalls.model import Confirmation, Downstream, Recall
from spean.recalls.procedures import RECALL
from spean.recalls.service import still_holding

FACT = "ab" * 32


def asked(holder: str = "KH", **more: Any) -> Rehearsal:
    play = Rehearsal(RECALL, "KR", (holder,))
    play.do("KR", "recall", Recall(**{"mode": "withdraw", "reason": "wrong person", **more}), targets=(FACT,))
    return play


def pairs(*plays: Rehearsal) -> list[Any]:
    return [(play.view, play.acts) for play in plays]


def test_a_recall_is_confirmed_and_nobody_holds_any_more() -> None:
    play = asked()
    assert [(holder.node, holder.fact, holder.outcome) for holder in still_holding(pairs(play))] == [("KH", FACT, "")]
    play.do("KH", "confirm", Confirmation(outcome="erased"), actor_kind="service")
    assert play.state == "confirmed"
    assert still_holding(pairs(play)) == ()


def test_silence_is_overdue_after_five_minutes_and_stays_open() -> None:
    play = asked()
    start = play.now
    late = play.tick()
    assert late is not None
    assert (late.kind, late.node, late.time - start) == ("overdue", "KR", 5 * MINUTE)
    assert play.state == "asked"
    (holder,) = still_holding(pairs(play))
    assert holder.overdue
    play.do("KH", "confirm", Confirmation(outcome="never-held"), actor_kind="service")
    assert still_holding(pairs(play)) == ()


def test_a_restriction_has_ground_and_end_and_still_holds() -> None:
    play = asked()
    for wrong in (Confirmation(outcome="restricted"), Confirmation(outcome="restricted", ground="court order 7"),
                  Confirmation(outcome="erased", ground="court order 7", until="2027-01-01")):  # fmt: skip
        with pytest.raises(Refusal) as caught:
            play.do("KH", "confirm", wrong)
        assert caught.value.rule == "R34"
    play.do("KH", "confirm", Confirmation(outcome="restricted", ground="court order 7", until="2027-01-01"))
    (holder,) = still_holding(pairs(play))
    assert (holder.outcome, holder.ground, holder.until) == ("restricted", "court order 7", "2027-01-01")


def test_it_is_not_confirmed_while_somebody_behind_has_not_answered() -> None:
    play = asked("INT")
    behind = (Downstream(node="TH", outcome="unreachable"), Downstream(node="VN", outcome="erased"))
    with pytest.raises(Refusal, match="TH has not answered"):
        play.do("INT", "confirm", Confirmation(outcome="erased", downstream=behind))
    play.do("INT", "progress", Confirmation(outcome="erased", downstream=behind), actor_kind="service")
    assert [(each.node, each.behind, each.outcome) for each in still_holding(pairs(play))] == [
        ("TH", "INT", "unreachable")
    ]
    done = (Downstream(node="TH", outcome="erased"), behind[1])
    play.do("INT", "confirm", Confirmation(outcome="erased", downstream=done))
    assert still_holding(pairs(play, asked("LA")))[0].node == "LA"


def test_a_recall_names_one_own_fact_and_a_correction_its_replacement() -> None:
    play = Rehearsal(RECALL, "KR", ("KH",))
    body = Recall(mode="withdraw", reason="wrong person")
    for targets in ((), (FACT, "cd" * 32)):
        with pytest.raises(Refusal, match="one fact"):
            play.do("KR", "recall", body, targets=targets)
    for wrong in ({"mode": "correct"}, {"replacement": FACT}):
        with pytest.raises(Refusal, match="replacing"):
            asked(**wrong)
    with pytest.raises(InvalidInput):
        asked(mode="correct", replacement="xyz")
    assert asked(mode="correct", replacement=FACT).state == "asked"


def test_nobody_recalls_anothers_fact_at_its_holder() -> None:
    play = Rehearsal(RECALL, "TH", ("KH",), elsewhere={FACT: Known("KR:x", "entry", "KR")})
    body = Recall(mode="withdraw", reason="wrong person")
    act = play.do("TH", "recall", body, targets=(FACT,))  # TH passed it on, and may recall that from those behind
    other = Rehearsal(RECALL, "TH", ("KH",), elsewhere=play.elsewhere)
    with pytest.raises(Refusal, match="ask KR"):
        other.engine.open(act, other.record, RECALL, ctx=Context(0, "KH", other))
