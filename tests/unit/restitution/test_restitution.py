"""Restitution: every unit accounted for, by the rule that was written down first, each transfer once (C8)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spean.core.errors import Refusal
from spean.core.world import DAY
from spean.procedures.acts import Context, LocalAct
from spean.procedures.rehearse import Rehearsal
from spean.restitution import service
from spean.restitution.model import (
    Allocation,
    Claim,
    ClaimRefused,
    Decision,
    Ending,
    Holding,
    Line,
    Payment,
    Terms,
    TracedPart,
)
from spean.restitution.procedures import RESTITUTION
from spean.restitution.rules import standing

RULES = ("fifo", "lifo", "haircut")
DECISION = Decision(authority="Court of Seoul", appeal_to="High Court", reason="the lines follow from the rule")


def holding(record: str, amount: int, **more: Any) -> Holding:
    return Holding(record=record, node="KH", amount=amount, **more)


def claim(victim: str, transfer: str, *traced: tuple[int, int, int], amount: int = 10**9) -> Claim:
    parts = tuple(TracedPart(holding=number, amount=part, arrived_at=at) for number, part, at in traced)
    return Claim(victim=victim, transfer=transfer, paid_at=0, amount=amount, traced=parts)


@dataclass
class Play(Rehearsal):
    """A restitution that KR leads."""

    def allocation(self) -> Allocation:
        """What the rule gives."""
        terms = self.acts[0].body
        assert isinstance(terms, Terms)
        claims = standing(self.view, Context(self.now, "KR", self))
        lines, left = service.allocate(terms.holdings, claims, terms.rule, (terms.currency, terms.digits))
        return Allocation(lines=lines, left=left, reason="by the written rule")

    def approve(self, actor: str) -> None:
        self.local = (*self.local, LocalAct("approve", actor, "KR", self.now, "decide"))


def opened(*holdings: Holding, rule: Any = "fifo") -> Play:
    play = Play(RESTITUTION, "KR", ("KH", "TH"))
    terms = Terms(
        title="Han and others", currency="USD", digits=2, rule=rule, basis="Act on restitution, art. 4",
        holdings=holdings or (holding("KR:stop-payment:C", 3_200_000), holding("KR:stop-payment:W", 9_100_000)),
        claims_until=play.now + DAY,
    )  # fmt: skip
    play.do("KR", "open", terms)
    return play


def refused(what: Any, words: str) -> None:
    with pytest.raises(Refusal, match=words) as caught:
        what()
    assert caught.value.rule == "C8"


def three_victims() -> Play:
    """The story: 123,000.00 in two holdings for three victims of whom the first two came earlier."""
    play = opened()
    play.do("KR", "claim", claim("V-KR-0417", "7c1e-a1", (0, 3_200_000, 30), (1, 9_100_000, 40)))
    play.do("KH", "claim", claim("V-KH-1", "r-1", (0, 840_000, 10)))
    play.do("TH", "claim", claim("V-TH-1", "r-2", (1, 1_000_000, 20)))
    play.now += DAY
    return play


def test_three_victims_get_every_cent_and_each_line_says_why() -> None:
    play = three_victims()
    found = play.allocation()
    play.do("KR", "propose", found)
    sums = service.paid(found.lines)
    by_victim = {line.victim: sums[line.claim] for line in found.lines}
    assert by_victim == {"V-KH-1": 840_000, "V-TH-1": 1_000_000, "V-KR-0417": 10_460_000}
    assert sum(sums.values()) == 12_300_000
    assert found.left == (0, 0)
    last = next(line for line in found.lines if line.victim == "V-KR-0417" and line.holding == 0)
    assert last.why == "23600.00 USD of 32000.00 USD traced here, after 8400.00 USD that go before it (fifo)"


def test_a_second_claim_on_the_same_transfer_is_refused() -> None:
    play = three_victims()
    play.now -= DAY
    for again in ("7c1e-a1", " 7C1E-A1 ", "7c 1e-a1"):
        refused(lambda again=again: play.do("TH", "claim", claim("V-TH-2", again, (0, 1, 30))), "claimed already")


def test_claims_that_crossed_on_the_way_count_once() -> None:
    play = opened()
    view = play.view
    first = play.do("KH", "claim", claim("V-1", "same", (0, 5, 1)))
    play.view = view
    mine, play.acts = play.acts, play.acts[:1]
    second = play.do("TH", "claim", claim("V-2", "SAME", (0, 7, 1)))
    play.acts = [*mine, second]
    counted = standing(play.view, Context(play.now, "KR", play))
    assert list(counted) == [first.id]


@pytest.mark.parametrize(("form", "words"), [
    (claim("V", "t", (0, 6, 1), amount=5), "more was traced"), (claim("V", "t", (2, 1, 1)), "no such holding"),
    (Claim(victim="V", transfer="t", paid_at=9, amount=5, traced=(TracedPart(holding=0, amount=1, arrived_at=8),)), "before it was paid"),
])  # fmt: skip
def test_a_claim_is_within_payment_holdings_and_time(form: Claim, words: str) -> None:
    refused(lambda: opened().do("KH", "claim", form), words)


def test_claims_come_in_time_and_nothing_is_proposed_before() -> None:
    play = opened()
    refused(lambda: play.do("KR", "propose", play.allocation()), "may still claim")
    play.now += DAY + 1
    refused(lambda: play.do("KH", "claim", claim("V", "t", (0, 1, 1))), "time for claims is over")


def test_nobody_bends_a_line() -> None:
    play = three_victims()
    right = play.allocation()
    one, two = right.lines[0], right.lines[1]
    bent = [
        (Line(claim=one.claim, victim=one.victim, holding=one.holding, amount=one.amount + 1, why=one.why),
         Line(claim=two.claim, victim=two.victim, holding=two.holding, amount=two.amount - 1, why=two.why), *right.lines[2:]),
        (Line(claim=one.claim, victim="V-X", holding=one.holding, amount=one.amount, why=one.why), *right.lines[1:]),
        (Line(claim=one.claim, victim=one.victim, holding=one.holding, amount=one.amount, why="because"), *right.lines[1:]),
    ]  # fmt: skip
    for lines in bent:
        refused(
            lambda lines=lines: play.do("KR", "propose", Allocation(lines=lines, left=right.left, reason="as it is")),
            "do not follow",
        )
    refused(
        lambda: play.do("KR", "propose", Allocation(lines=right.lines[1:], left=right.left, reason="as it is")),
        "is given of",
    )
    refused(
        lambda: play.do("KR", "propose", Allocation(lines=right.lines, left=(1, 0), reason="as it is")), "is given of"
    )
    refused(
        lambda: play.do("KR", "propose", Allocation(lines=(), left=(3_200_000, 9_100_000), reason="as it is")),
        "do not follow",
    )


def test_partners_check_the_sums_of_what_arrives() -> None:
    play = three_victims()

    right = play.allocation()
    act = replace(play.acts[-1], id="f" * 64, kind="propose", node="KR", time=play.now, builds_on=play.view.heads,  # type: ignore[union-attr]
                  body=Allocation(lines=right.lines, left=(5, 0), reason="as it is"))  # fmt: skip
    refused(lambda: play.engine.advance(play.view, act, Context(play.now, "TH", play)), "is given of")  # type: ignore[arg-type]


def test_two_persons_decide_each_line_is_paid_once_and_all_before_the_end() -> None:
    play = three_victims()
    found = play.allocation()
    play.do("KR", "propose", found)
    with pytest.raises(Refusal, match="R4"):
        play.do("KR", "decide", DECISION)
    play.approve("kr-1")
    with pytest.raises(Refusal, match="R4"):
        play.do("KR", "decide", DECISION)
    play.approve("kr-2")
    play.do("KR", "decide", DECISION)

    def pay(line: Line, amount: int) -> None:
        play.do("KR", "pay", Payment(claim=line.claim, holding=line.holding, amount=amount, paid_at=1, proof="x"))

    refused(lambda: pay(found.lines[0], found.lines[0].amount + 1), "not what was decided")
    for line in found.lines:
        refused(lambda: play.do("KR", "close", Ending(reason="done")), "not paid")
        pay(line, line.amount)
        refused(lambda line=line: pay(line, line.amount), "paid already")
    play.do("KR", "close", Ending(reason="all is paid"))
    assert play.state == "closed"


def test_a_refused_claim_leaves_its_money_to_the_others() -> None:
    play = three_victims()
    early = next(act for act in play.acts if act.kind == "claim" and act.node == "KH")
    refused(
        lambda: play.do("KR", "refuse-claim", ClaimRefused(claim="0" * 64, appeal_to="Court", reason="no such")),
        "no claim",
    )
    play.do("KR", "refuse-claim", ClaimRefused(claim=early.id, appeal_to="The court", reason="not a victim's payment"))
    found = play.allocation()
    assert service.paid(found.lines)[next(act.id for act in play.acts if act.kind == "claim")] == 3_200_000 + 8_100_000
    play.do("KR", "propose", found)


@pytest.mark.parametrize("more", [{"shared": 11, "shared_with": "KH"}, {"shared": 1}, {"shared_with": "KH"}])
def test_a_share_has_its_agreement_and_its_bound(more: dict[str, Any]) -> None:
    refused(lambda: opened(holding("a", 10, **more)), "holding 0")


def test_a_holding_stands_once() -> None:
    refused(lambda: opened(holding("a", 10), holding("a", 10)), "stands twice")


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Holding], dict[str, Claim]]:
    holdings = []
    for number in range(draw(st.integers(1, 4))):
        amount = draw(st.integers(1, 10**6))
        shared = draw(st.integers(0, amount))
        holdings.append(holding(str(number), amount, shared=shared, shared_with="KH" if shared else ""))
    claims = {}
    for number in range(draw(st.integers(0, 6))):
        parts = draw(
            st.lists(
                st.tuples(st.integers(0, len(holdings) - 1), st.integers(1, 10**6), st.integers(0, 5)),
                min_size=1,
                max_size=4,
            )
        )
        claims[f"{number:064x}"] = claim(f"V-{number}", f"t{number}", *parts)
    return holdings, claims


@given(case=cases(), rule=st.sampled_from(RULES))
def test_every_holding_comes_out_to_the_last_unit_and_nobody_gets_more_than_was_traced(case: Any, rule: Any) -> None:
    holdings, claims = case
    lines, left = service.allocate(holdings, claims, rule, ("USD", 2))
    for number, each in enumerate(holdings):
        given_here = [line for line in lines if line.holding == number]
        assert sum(line.amount for line in given_here) + left[number] + each.shared == each.amount
        traced = {
            name: sum(part.amount for part in one.traced if part.holding == number) for name, one in claims.items()
        }
        for line in given_here:
            assert 0 < line.amount <= traced[line.claim]
        assert left[number] == max(0, each.amount - each.shared - sum(traced.values())), (
            "nothing is left while somebody lacks"
        )
    again = service.allocate(holdings, dict(reversed(claims.items())), rule, ("USD", 2))
    assert again == (lines, left), "it does not depend on the order in which claims came"


@given(pot=st.integers(0, 10**6), amounts=st.lists(st.integers(1, 10**6), min_size=1, max_size=8))
def test_in_proportion_nobody_is_off_by_a_whole_unit(pot: int, amounts: list[int]) -> None:
    parts = [service.Part(f"{place:064x}", "V", amount, 0) for place, amount in enumerate(amounts)]
    total = sum(amounts)
    for share, part in zip(service.divide(pot, parts, "haircut"), parts, strict=True):
        exact = min(pot, total) * part.amount
        assert abs(share * total - exact) < total
