"""Circulars: entries, publication, acknowledgement, correction, withdrawal (A6, A8)."""

from __future__ import annotations

import random

import pytest

from spean.circulars import service
from spean.circulars.model import Acknowledgement, Circular, Closing, Entry, Publication, Withdrawal
from spean.circulars.procedures import CIRCULAR
from spean.core.errors import Refusal
from spean.core.marks import Data
from spean.core.world import DAY
from spean.procedures.acts import Act
from spean.procedures.generic import Correction
from spean.procedures.rehearse import Rehearsal

REASON = Withdrawal(reason="taken off the source list")


def wallet(value: str, chain: str = "tron") -> Entry:
    return Entry(kind="wallet", value=value, chain=chain, reference="list A")


def published() -> tuple[Rehearsal, list[Act]]:
    play = Rehearsal(CIRCULAR, "INT", ("KH", "KR"))
    play.do("INT", "open", Circular(title="Wallets", source="Treasury list", data=Data.WALLET))
    acts = [play.do("INT", "entry", wallet(f"T{number}"), actor_kind="service") for number in range(4)]
    play.do("INT", "publish", Publication(entries=4, reason="checked with its source"))
    return play, acts


def test_the_list_is_what_was_added_corrected_and_not_withdrawn_in_any_order() -> None:
    play, acts = published()
    play.do("INT", "correct", Correction(reason="wrong", replacement=wallet("Tx")), targets=(acts[1].id,))
    play.now += 1
    last = play.do("INT", "correct", Correction(reason="wrong", replacement=wallet("Ty")), targets=(acts[1].id,))
    play.do("INT", "withdraw-entry", REASON, targets=(acts[2].id,))
    for seed in range(20):
        shuffled = list(play.acts)
        random.Random(seed).shuffle(shuffled)
        found = service.entries(shuffled)
        assert {listed.entry.value for listed in found} == {"T0", "Ty", "T3"}
        assert [listed.corrected_by for listed in found if listed.fact == acts[1].id] == [last.id]


def test_only_the_publisher_publishes_as_a_person_and_withdraws_its_own_entry() -> None:
    play, acts = published()
    for node, kind, body, targets, rule in (
        ("KH", "withdraw-entry", REASON, (acts[0].id,), "D6"),
        ("INT", "withdraw-entry", REASON, (play.acts[0].id,), "R34"),
        ("INT", "withdraw-entry", REASON, (), "R34"),
        ("INT", "entry", wallet("T", chain=""), (), "R28"),
        ("INT", "correct", Correction(reason="wrong", replacement=wallet("T", chain="")), (acts[0].id,), "R28"),
        ("KH", "correct", Correction(reason="wrong", replacement=wallet("T")), (acts[0].id,), "R34"),
    ):
        with pytest.raises(Refusal) as caught:
            play.do(node, kind, body, targets=targets)
        assert caught.value.rule == rule
    other = Rehearsal(CIRCULAR, "INT", ("KH",))
    other.do("INT", "open", Circular(title="Wallets", source="list", data=Data.WALLET))
    with pytest.raises(Refusal, match="human"):
        other.do("INT", "publish", Publication(entries=0, reason="checked with its source"), actor_kind="service")


def test_addressees_acknowledge_once_and_the_silent_are_named() -> None:
    play, _ = published()
    assert [due.kind for due in play.timers] == ["remind"]
    play.do("KH", "acknowledge", Acknowledgement())
    with pytest.raises(Refusal):
        play.do("KH", "acknowledge", Acknowledgement())
    assert play.view is not None
    assert service.not_acknowledged(play.view) == ("KR",)
    start = play.now
    reminder = play.tick()
    assert reminder is not None
    assert reminder.time == start + DAY
    assert play.timers == ()
    play.do("KR", "acknowledge", Acknowledgement(note="loaded"))
    assert service.not_acknowledged(play.view) == ()
    play.do("INT", "close", Closing(reason="replaced by a newer list"))
    assert play.state == "closed"


def test_an_erased_entry_is_not_listed() -> None:
    play, acts = published()
    erased = [act if act.id != acts[0].id else Act(*[getattr(act, n) if n != "body" else None for n in act.__slots__])
              for act in play.acts]  # fmt: skip
    assert {listed.entry.value for listed in service.entries(erased)} == {"T1", "T2", "T3"}
