"""Laying side by side what partners know of a log: it comes out as it was, or what is missing is named."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spean.ledger.checkpoint import Checkpoint
from spean.ledger.merkle import tree_root
from spean.node.care.survey import Incomplete, Misfits, Place, Survey, plan

START = 3


def name(number: int) -> bytes:
    return hashlib.sha256(b"%d" % number).digest()


def log(size: int) -> list[bytes]:
    return [name(number) for number in range(size)]


def checkpoint(size: int) -> Checkpoint:
    return Checkpoint("spean.test/KH/exchange", size, tree_root(log(size)))


def misfits(surveys: list[Survey]) -> Misfits:
    """Compares with what the surveyed partners have witnessed."""

    def check(names: list[bytes]) -> list[str]:
        whole = log(START) + names
        seen = [survey.checkpoint for survey in surveys if survey.checkpoint is not None]
        return [f"the first {each.size} do not fit" for each in seen if tree_root(whole[: each.size]) != each.root]

    return check


def survey(peer: str, sent: list[int], witnessed: int = 0, loose: list[int] | None = None) -> Survey:
    """A partner that sent us the leaves ``sent``; ``loose`` ones are without a receipt."""
    found = Survey(peer, checkpoint(witnessed) if witnessed else None)
    found.places = {index: Place(name(index), seq, True) for seq, index in enumerate(sent, 1)}
    found.loose = [name(index) for index in loose or ()]
    return found


def planned(*surveys: Survey, tops: dict[str, int] | None = None) -> list[bytes]:
    return plan(START, surveys, tops or {}, misfits(list(surveys)))


@given(
    size=st.integers(START, 40),
    knowers=st.lists(st.sets(st.sampled_from(["INT", "KR", "TH"]), min_size=1), min_size=40, max_size=40),
    seen=st.sampled_from([0.0, 0.5, 1.0]),
)
def test_what_somebody_knows_comes_back_in_its_old_order(size: int, knowers: list[set[str]], seen: float) -> None:
    surveys = [
        survey(
            peer, [index for index in range(START, size) if peer in knowers[index]], START + int((size - START) * seen)
        )
        for peer in ("INT", "KR", "TH")
    ]
    assert planned(*surveys) == log(size)[START:]


@given(size=st.integers(START + 1, 40), data=st.data())
def test_a_witnessed_leaf_that_nobody_has_is_named(size: int, data: st.DataObject) -> None:
    lost = data.draw(st.sets(st.integers(START, size - 1), min_size=1))
    known = [index for index in range(START, size) if index not in lost]
    with pytest.raises(Incomplete) as incomplete:
        planned(survey("KR", known, size), survey("TH", []))
    told = "; ".join(incomplete.value.troubles)
    first, last = min(lost), max(lost)
    assert str(first) in told
    assert str(last) in told
    assert told.endswith("with nobody who answered")


@given(size=st.integers(START + 4, 40), data=st.data())
def test_a_page_that_was_taken_in_without_a_receipt_is_found_with_its_sender(size: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(START, size - 2))
    last = data.draw(st.integers(first, size - 2))
    before = data.draw(st.integers(0, 3))
    held = list(range(first, last + 1))
    known = [index for index in range(START, size) if index not in held]
    never_fetched = list(range(100, 100 + before))
    after = list(range(200, 203))
    surveys = survey("KR", known, size), survey("TH", [], 0, held + after), survey("INT", [], 0, never_fetched)
    assert planned(*surveys) == log(size)[START:]


def test_two_answers_for_one_place_are_decided_by_the_root() -> None:
    honest, liar = survey("KR", [3, 4], 5), survey("TH", [])
    liar.places[3] = Place(name(99), 1, True)
    assert planned(honest, liar) == log(5)[START:]
    with pytest.raises(Incomplete, match="2 ways to fill 1 places were tried"):
        planned(survey("KR", [4], 5), liar, survey("INT", [], 5, [77]), lying(98))
    liar.checkpoint = None
    honest.checkpoint = None
    assert len(planned(liar)) == 1, "without a witness nobody can say better"


def lying(number: int) -> Survey:
    other = Survey("XX")
    other.places[3] = Place(name(number), 1, True)
    return other


def test_a_checkpoint_of_another_history_is_told() -> None:
    other = survey("KR", [3])
    other.checkpoint = Checkpoint("spean.test/KH/exchange", 2, b"\1" * 32)
    with pytest.raises(Incomplete, match="the first 2 do not fit"):
        planned(other)


def test_a_foreign_fact_beyond_a_hole_that_nobody_witnessed_is_left_to_the_feed() -> None:
    assert planned(survey("KR", [3, 5], 4)) == log(4)[START:]


def test_an_own_fact_beyond_a_hole_is_proof_of_the_hole() -> None:
    own = survey("KR", [])
    own.places[5] = Place(name(5), 1, False)
    with pytest.raises(Incomplete, match="entries 3 to 4"):
        planned(own)


@pytest.mark.parametrize(
    ("seqs", "top", "fine"), [((7, 8), 6, True), ((8, 9), 6, False), ((7, 9), 6, False), ((6, 7), 6, False)]
)
def test_deliveries_go_on_without_a_gap(seqs: tuple[int, int], top: int, fine: bool) -> None:
    own = Survey("KR")
    own.places = {3: Place(name(3), seqs[1], False)}
    own.late = [(seqs[0], name(1))]
    if fine:
        assert planned(own, tops={"KR": top}) == [name(3)]
        assert own.deliveries(4) == [(7, name(1)), (8, name(3))]
    else:
        with pytest.raises(Incomplete, match=f"we know of {top} before them"):
            planned(own, tops={"KR": top})
