"""The picture of a case's money: widths are amounts, nothing overlaps, nothing is lost."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from spean.node.money.model import Edge, MoneySheet, Sum
from spean.web.parts.flow import MOST_BANDS, Band, Box, Flow, flow
from unit.web.money_story import MKB, MULE, SIAM, SOK, VICTIM, WALLET, A, B, C, edge, place, sheet, usd

NOW = 1_772_588_760_000


def drawn(found: MoneySheet, view: str = "located") -> Flow:
    picture = flow(found, view)  # type: ignore[arg-type]
    assert picture is not None
    return picture


def band(picture: Flow, payer: str, payee: str) -> Band:
    return next(each for each in picture.bands if (each.payer, each.payee) == (payer, payee))


def width(found: Band) -> float:
    """Of a band where it leaves: its outline begins at the top and ends at the bottom of its first side."""
    numbers = [float(text) for text in re.findall(r"-?\d+(?:\.\d+)?", found.path)]
    return numbers[-1] - numbers[1]


def test_every_account_stands_in_the_column_of_its_hop() -> None:
    picture = drawn(sheet(NOW))
    columns = {box.account: box.x for box in picture.boxes}
    assert columns[VICTIM] < columns[MULE] < columns[MKB] < columns[A] == columns[B] == columns[C]
    assert columns[A] < columns[SOK] == columns[WALLET] < columns[SIAM]


def test_a_band_is_as_wide_as_its_amount_also_across_currencies() -> None:
    picture = drawn(sheet(NOW))
    whole = width(band(picture, VICTIM, MULE))
    assert abs(width(band(picture, MKB, A)) - whole * 52_000 / 125_400) < 0.3
    assert abs(width(band(picture, MKB, C)) - whole * 32_000 / 125_400) < 0.3
    assert abs(width(band(picture, WALLET, SIAM)) - whole * 91_000 / 125_400) < 1, "tokens at the rate that was stated"


def test_the_other_rule_has_other_widths() -> None:
    located, claimed = drawn(sheet(NOW)), drawn(sheet(NOW), "claimed")
    assert width(band(claimed, B, WALLET)) < width(band(located, B, WALLET))


def test_boxes_carry_state_and_sign() -> None:
    boxes = {box.account: box for box in drawn(sheet(NOW)).boxes}
    assert (boxes[C].state, boxes[C].sign, boxes[C].tone) == ("held", "✓", "ok")
    assert (boxes[A].state, boxes[A].tone) == ("too-late", "stop")
    assert boxes[SIAM].state == "to-send"
    assert boxes[VICTIM].state is None
    assert [each.amount for each in boxes[MKB].came] == [12_540_000], "after a conversion, what it became"


def test_payments_between_the_same_accounts_are_one_band_that_leads_to_the_first() -> None:
    found = sheet(NOW)
    more = (*found.edges, edge(10, MKB, A, 3, usd(100), NOW))
    one = band(drawn(replace(found, edges=more)), MKB, A)
    assert (one.count, one.anchor) == (2, "e3")
    assert [each.amount for each in one.amounts] == [5_210_000]


def test_nothing_to_draw() -> None:
    assert flow(sheet(NOW, edges=()), "located") is None
    assert flow(sheet(NOW, edges=(replace(edge(1, A, B, 1, usd(1), NOW), located=None),)), "located") is None


INSIDE = "<KH|USD>"


def test_a_country_that_shows_no_accounts_is_a_box_of_its_own_and_joins_what_came_with_what_it_answered() -> None:
    """KR knows what it sent to MKB, and from KH's answer what rests at C and what left to Thailand."""
    sent = edge(1, MULE, MKB, 1, usd(125_400), NOW, node="KR", to="KH")
    answered = edge(2, "", SIAM, 3, usd(91_000), NOW, node="KH", to="TH", fact="ab" * 32)
    places = (
        place(C, "KH", "", 3, usd(32_000)),
        place(MKB, "KH", "", 1, usd(2_400)),
        place(SIAM, "TH", "", 3, usd(91_000)),
    )
    picture = drawn(sheet(NOW, edges=(sent, answered), places=places, hops=(), reported=usd(125_400)))
    boxes = {box.account: box for box in picture.boxes}
    assert boxes[INSIDE].hidden
    assert [box.account for box in sorted(picture.boxes, key=lambda box: box.x)][:3] == [MULE, MKB, INSIDE]
    amounts = {(each.payer, each.payee): each.amounts[0].amount // 100 for each in picture.bands}
    assert amounts == {(MULE, MKB): 125_400, (MKB, INSIDE): 123_000, (INSIDE, SIAM): 91_000, (INSIDE, C): 32_000}


def test_money_converted_in_a_hidden_country_goes_on_to_the_right() -> None:
    """KH's answers: dollars became tokens in a wallet there, and these left to Thailand. No band leads back."""
    sent = edge(1, MULE, MKB, 1, usd(125_400), NOW, node="KR", to="KH")
    tokens = Sum(amount=91_500_000_000, currency="USDT", digits=6)
    left = Sum(amount=91_000_000_000, currency="USDT", digits=6)
    converted = replace(edge(2, "", WALLET, 3, usd(91_500), NOW, node="KH", to="KH", fact="ab" * 32), converted=tokens)
    answered = edge(3, "", SIAM, 4, left, NOW, node="KH", to="TH", fact="cd" * 32)
    rest = Sum(amount=500_000_000, currency="USDT", digits=6)
    places = (place(C, "KH", "", 3, usd(32_000)), place(WALLET, "KH", "", 3, rest), place(SIAM, "TH", "", 4, left))
    picture = drawn(sheet(NOW, edges=(sent, converted, answered), places=places, hops=(), reported=usd(125_400)))
    x = {box.account: box.x for box in picture.boxes}
    assert x[MKB] < x[INSIDE] < x[WALLET] < x["<KH|USDT>"] < x[SIAM]
    assert all(x[band.payer] < x[band.payee] for band in picture.bands)


ACCOUNTS = st.sampled_from([f"BANKKHPP/{number}" for number in range(8)])
EDGES = st.lists(
    st.builds(
        lambda payer, payee, hop, amount: edge(1, payer, payee, hop, usd(amount), NOW),
        ACCOUNTS, ACCOUNTS, st.integers(1, 6), st.integers(1, 200_000),
    ),
    min_size=1, max_size=120,
)  # fmt: skip


def apart(one: Box, other: Box) -> bool:
    beside = one.x + one.width <= other.x or other.x + other.width <= one.x
    return beside or one.y + one.height <= other.y or other.y + other.height <= one.y


@given(EDGES)
def test_whatever_the_way_boxes_never_overlap_and_each_payment_is_drawn_or_counted(edges: list[Edge]) -> None:
    """Circles, money that comes back, many payments at once."""
    picture = flow(sheet(NOW, edges=tuple(edges), places=(), hops=()), "located")
    moved = [each for each in edges if each.payer != each.payee]
    if not moved:
        assert picture is None
        return
    assert picture is not None
    assert sum(each.count for each in picture.bands) + picture.left_out == len(moved)
    assert len(picture.bands) <= MOST_BANDS
    boxes = picture.boxes
    assert all(apart(one, other) for place, one in enumerate(boxes) for other in boxes[place + 1 :])
    assert all(box.x >= 0 and box.y >= 0 for box in boxes)
    assert all(box.x + box.width <= picture.width and box.y + box.height <= picture.height for box in boxes)


def test_on_a_narrow_screen_the_same_stands_hop_by_hop() -> None:
    """Every account once, every band with the one that it reaches, in the picture's own scale."""
    for view in ("located", "claimed"):
        picture = drawn(sheet(NOW), view)
        stacked = [(box, bands) for level in picture.levels for box, bands in level.boxes]
        assert sorted(box.account for box, _ in stacked) == sorted(box.account for box in picture.boxes)
        assert sorted(band.path for _, bands in stacked for band in bands) == sorted(
            each.path for each in picture.bands
        )
        for box, bands in stacked:
            assert all(each.payee == box.account for each in bands)
            assert [each.share for each in bands] == sorted((each.share for each in bands), reverse=True)
        columns = [{box.x for box, _ in level.boxes} for level in picture.levels]
        assert all(len(each) == 1 for each in columns)
        assert columns == sorted(columns, key=min)
    whole, part = band(picture, VICTIM, MULE).share, band(picture, MKB, C).share
    assert whole == 100
    assert 0 < part < whole
