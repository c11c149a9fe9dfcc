"""The mule registry: signed suspicion, verified by another person, ending by itself, cleared for good (C10, R2, R46)."""

from __future__ import annotations

import pytest

from spean.core.errors import Refusal
from spean.core.world import DAY
from spean.mules import service
from spean.mules.model import Appeal, Cleared, Kept, Listing, Read, Verified
from spean.mules.procedures import MULE_ACCOUNT
from spean.procedures.forms import schema
from spean.procedures.rehearse import Rehearsal

REASON = "two victims paid into it"


def listing(now: int, length: int = 90 * DAY, **more: object) -> Listing:
    given = {"account": "PPBKKHPP/88012", "first_seen": now - 2, "last_seen": now - 1, "evidence": ("KR:fraud-report:1",),
             "expires_at": now + length, "reason": REASON, **more}  # fmt: skip
    return Listing(**given)  # type: ignore[arg-type]


def verified(now: int, *evidence: str) -> Verified:
    return Verified(
        grade="money-traced", evidence=evidence or ("KR:stop-payment:1",), expires_at=now + 180 * DAY, reason=REASON
    )


def listed() -> Rehearsal:
    play = Rehearsal(MULE_ACCOUNT, "KR", ("KH", "TH"))
    play.do("KR", "report", listing(play.now))
    return play


def test_a_listing_is_a_persons_signed_suspicion_with_an_end() -> None:
    play = Rehearsal(MULE_ACCOUNT, "KR", ("KH",))
    with pytest.raises(Refusal, match="R1"):
        play.do("KR", "report", listing(play.now), actor_kind="service")
    for length in (0, 365 * DAY + 1):
        with pytest.raises(Refusal, match="R33"):
            play.do("KR", "report", listing(play.now, length))
    with pytest.raises(Refusal, match="R28"):
        play.do("KR", "report", listing(play.now, account="tron:0x2b:T"))
    with pytest.raises(Refusal, match="R28"):
        play.do("KR", "report", listing(play.now, last_seen=play.now + 1))


def test_no_field_names_a_person() -> None:
    fields = {name for t in MULE_ACCOUNT.transitions for name in schema(t.form).get("properties", {})}
    assert not {name for name in fields if "holder" in name or "person" in name or name.endswith("name")}


def test_whoever_entered_it_does_not_verify_it() -> None:
    play = listed()
    with pytest.raises(Refusal, match="R2"):
        play.do("KR", "verify", verified(play.now))
    play.do("KR", "verify", verified(play.now), actor="kr-2")
    found = service.entry(play.acts, play.state)
    assert found is not None
    assert (found.account, found.grade) == ("PPBKKHPP/88012", "money-traced")


def test_it_is_prolonged_on_new_evidence_only() -> None:
    play = listed()
    play.do("KR", "verify", verified(play.now, "a"), actor="kr-2")
    with pytest.raises(Refusal, match="R33"):
        play.do("KR", "verify", verified(play.now, "a"), actor="kr-1")
    play.do("KR", "verify", verified(play.now, "a", "b"), actor="kr-1")


def test_it_ends_by_itself() -> None:
    play = listed()
    while play.state == "reported":
        assert play.tick() is not None
    assert play.state == "expired"
    assert play.now == play.view.opened_at + 90 * DAY  # type: ignore[union-attr]
    assert service.entry(play.acts, play.state) is None


def test_during_an_appeal_nobody_relies_on_it_and_another_person_decides() -> None:
    play = listed()
    play.do("KH", "acknowledge", Read(), actor_kind="service")
    play.do(
        "TH", "appeal", Appeal(by="account-holder", received_at=play.now, text="I sold rice."), actor_kind="service"
    )
    assert service.entry(play.acts, play.state) is None
    keep = Kept(
        answer="Victims' money came three times.", appeal_to="Ombudsman", expires_at=play.now + DAY, reason=REASON
    )
    with pytest.raises(Refusal, match="R2"):
        play.do("KR", "keep", keep)
    due = next(timer for timer in play.timers if timer.kind == "appeal-overdue")
    assert due.due_at - play.now == 3 * DAY
    play.do("KR", "keep", keep, actor="kr-2")
    assert play.state == "verified"


def test_clearing_prevails_and_is_final() -> None:
    play = listed()
    view = play.view
    check = play.do("KR", "verify", verified(play.now), actor="kr-2")
    play.view = view
    clear = play.do("KR", "clear", Cleared(ground="good-faith", wrong=True, reason="a merchant"))
    folded = play.engine.fold(play.record, MULE_ACCOUNT, play.acts)
    assert folded.view is not None
    assert folded.view.state == "cleared"
    assert (folded.effects[check.id], folded.effects[clear.id]) == ("overtaken", "effective")
    assert service.wrongly_listed(play.acts)
    with pytest.raises(Refusal, match="D6"):
        play.do("KR", "verify", verified(play.now), actor="kr-2")
