"""What a hop amounts to, and what is counted in public about holds (R36)."""

from __future__ import annotations

import pytest

from spean.core.world import HOUR, MINUTE
from spean.holds import service
from spean.holds.model import Declined, Easing, Ground, Returned
from unit.holds.holds_hops import Hop, complaint, hold, hop, order, release, request


def now(play: Hop) -> tuple[int, int, int]:
    found = service.standing(play.acts, play.state)
    assert found is not None
    return found.asked, found.held, found.lost


def test_the_amounts_follow_the_state() -> None:
    play = hop()
    assert now(play) == (3_200_000, 0, 0)
    play.held(amount=3_000_000)
    assert now(play) == (3_200_000, 3_000_000, 200_000)
    play.do("KH", "ease", Easing(stays=2_500_000, reason="wages"))
    assert now(play) == (3_200_000, 2_500_000, 700_000)
    play.do("KH", "confirm", order(play.now, amount=2_500_000))
    found = service.standing(play.acts, play.state)
    assert found is not None
    assert found.until == play.now + 180 * 24 * HOUR
    play.do("KH", "release", release())
    assert now(play) == (3_200_000, 0, 3_200_000)


def test_what_is_refused_is_lost_and_what_came_back_is_not() -> None:
    no = hop()
    no.do("KH", "refuse", Declined(ground=Ground.INCOMPLETE, reason="no account number"))
    assert now(no) == (3_200_000, 0, 3_200_000)
    back = hop()
    back.do("KH", "report-return", Returned(amount=3_100_000, currency="USD", digits=2, returned_at=1, by="order"))
    assert now(back) == (3_200_000, 3_100_000, 100_000)


def test_the_holder_of_the_account_is_told_amount_basis_and_contact() -> None:
    told = dict(service.notice(hold(0, amount=115_000), "PPBKKHPP/88077"))
    assert told["amount"] == "1150.00 USD"
    assert told["basis"] == "Banking law, art. 12"
    assert told["contact"] == "Officer Dara, +855 23 726 158"
    assert told["rest"] == "free to use"


@pytest.mark.parametrize(
    ("amount", "digits", "words"), [(5, 2, "0.05 X"), (184_000_000, 0, "184000000 X"), (1, 6, "0.000001 X")]
)
def test_amounts_are_written_exactly(amount: int, digits: int, words: str) -> None:
    assert service.amount_words(amount, digits, "X") == words


def test_wrong_holds_are_counted_with_their_hours() -> None:
    wrong = hop()
    wrong.held()
    wrong.now += HOUR
    wrong.do("KH", "complain", complaint(wrong.now))
    wrong.wait(4 * HOUR + 30 * MINUTE)
    wrong.do("KH", "release", release(wrong=True, apology="We are sorry."))
    lapsed = hop()
    lapsed.held()
    lapsed.wait(72 * HOUR)
    fine = hop()
    fine.held()
    fine.do("KH", "release", release())
    (figures,) = service.figures([wrong.acts, lapsed.acts, fine.acts, hop().acts])
    assert (figures.holder, figures.holds, figures.lapsed, figures.wrong, figures.overdue) == ("KH", 3, 1, 1, 1)
    assert figures.hours_to_release == (5.5,)
    found = service.wrong_hold(wrong.acts)
    assert found is not None
    assert (found.amount, found.complained) == (request().asked, 4 * HOUR + 30 * MINUTE)
