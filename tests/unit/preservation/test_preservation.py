"""Preservation: the six elements, at least 60 days, the alarm before they end, and no way around the formal request."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from spean.core.errors import InvalidInput, Refusal
from spean.core.world import DAY, HOUR
from spean.preservation import service
from spean.preservation.model import (
    Declined,
    Disclosed,
    Ending,
    FormalRequest,
    Ground,
    Offence,
    PreservationRequest,
    Preserved,
    RenewalAsked,
)
from spean.preservation.procedures import PRESERVATION
from spean.procedures.forms import decode, encode
from spean.procedures.rehearse import Rehearsal

REQUEST = PreservationRequest(
    authority="Cyber bureau, Seoul", offence=Offence.FRAUD, facts="A romance scam by one Daniel Lim.",
    data="Chat logs of the account danlim77.", relation="The victim was led to pay in these chats.",
    custodian="The platform's regional office", necessity="The platform deletes chats after 30 days.",
    formal_request="intended",
)  # fmt: skip


def asked() -> Rehearsal:
    play = Rehearsal(PRESERVATION, "KR", ("SG",))
    play.do("KR", "ask", REQUEST)
    return play


def kept(length: int = 60 * DAY) -> Rehearsal:
    play = asked()
    play.do("SG", "preserve", Preserved(until=play.now + length, custodian="Platform", reference="P-1"))
    return play


@pytest.mark.parametrize(
    "element", ["authority", "offence", "facts", "data", "relation", "custodian", "necessity", "formal_request"]
)
def test_none_of_the_six_elements_may_be_missing(element: str) -> None:
    whole: dict[str, Any] = msgspec.json.decode(encode(REQUEST))
    del whole[element]
    with pytest.raises(InvalidInput, match=element):
        decode(PreservationRequest, msgspec.json.encode(whole))


def test_a_formal_request_must_be_intended() -> None:
    whole = {**msgspec.json.decode(encode(REQUEST)), "formal_request": "no"}
    with pytest.raises(InvalidInput, match="formal_request"):
        decode(PreservationRequest, msgspec.json.encode(whole))


@pytest.mark.parametrize("length", [60 * DAY - 1, 365 * DAY + 1, 0])
def test_data_are_kept_for_sixty_days_at_least(length: int) -> None:
    with pytest.raises(Refusal, match=r"R33|A4"):
        kept(length)


def test_the_alarm_comes_two_weeks_before_the_end_and_the_data_lapse_by_themselves() -> None:
    play = kept()
    begun = play.now
    first = play.tick()
    assert first is not None
    assert (first.kind, first.node, first.time - begun) == ("remind", "KR", 46 * DAY)
    last = play.tick()
    assert last is not None
    assert (last.kind, last.time - begun, play.state) == ("lapse", 60 * DAY, "lapsed")
    assert play.timers == ()


def test_a_renewal_moves_both_clocks() -> None:
    play = kept()
    play.now += 50 * DAY
    play.do("KR", "ask-renewal", RenewalAsked(reason="the ministry is slow"))
    play.do("SG", "renew", Preserved(until=play.now + 90 * DAY, custodian="Platform"))
    assert [timer.due_at - play.now for timer in play.timers] == [76 * DAY, 90 * DAY]
    found = service.kept(play.acts)
    assert found == service.Kept("Platform", play.now + 90 * DAY, 1)
    assert service.kept(asked().acts) is None


def test_with_the_formal_request_they_are_kept_until_it_is_decided() -> None:
    play = kept()
    late = FormalRequest(reference="MLA-7", central_authority="Attorney-General", sent_at=play.now + 1)
    with pytest.raises(Refusal, match="A4"):
        play.do("KR", "link-request", late)
    play.do(
        "KR", "link-request", FormalRequest(reference="MLA-7", central_authority="Attorney-General", sent_at=play.now)
    )
    assert [timer.kind for timer in play.timers] == ["undecided"]
    play.tick()
    assert play.state == "formally-asked"
    play.do("SG", "disclose", Disclosed(reference="H-1", sha256="ab" * 32))
    assert play.state == "disclosed"


def test_nothing_is_handed_over_without_the_formal_request() -> None:
    play = kept()
    with pytest.raises(Refusal, match="D6"):
        play.do("SG", "disclose", Disclosed(reference="H-1"))


def test_it_is_refused_on_a_listed_ground_or_escalated() -> None:
    play = asked()
    due = play.timers[0]
    assert (due.kind, due.due_at - play.now) == ("escalate", 24 * HOUR)
    play.do("SG", "refuse", Declined(ground=Ground.NOT_HELD, reason="no such account"))
    assert play.state == "refused"
    other = kept()
    other.do("KR", "withdraw", Ending(reason="the chats are no longer needed"))
    assert other.state == "withdrawn"
