"""The extract for places without a line: a lost laptop shows nothing, it ends, and a clock that goes back is noticed."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spean.core.errors import InvalidInput, Refusal, SpeanError, Unauthenticated, VerificationFailed
from spean.core.world import DAY, MINUTE
from spean.screening import extract
from spean.screening.extract import Extract, Header, Travelling
from spean.screening.model import Basis

NOW = 1_772_586_000_000
WORDS = "river lantern seven bridges"
CHANCE = random.Random(7).randbytes


def header(**more: Any) -> Header:
    return Header(**{"version": extract.VERSION, "node": "KH", "id": "X1", "device": "Tablet 2", "made_at": NOW, "until": NOW + 7 * DAY,
                     "salt": b"s" * 16, "passes": 1, "memory": 8 * 1024, "seal_id": "seal-1", "log_key": "00" * 32, **more})  # fmt: skip


def travelling(keys: dict[bytes, tuple[int, Basis]], kind: str = "protect", **more: Any) -> Travelling:
    return Travelling(
        **{
            "keys": keys,
            "kind": kind,
            "instructions": "Take her aside, gently.",
            "contact": "Protection desk +855 23 1",
            "until": NOW + 30 * DAY,
            **more,
        }
    )


DARA = travelling(
    {b"d:N1234567": (100, "document"), b"n:sok dara:1990-05-17": (60, "name-and-birth"), b"n:dara:1990": (30, "name")}
)
CHEN = travelling({b"d:E555": (100, "document"), b"n:dara:1990": (20, "name")}, "verify", until=NOW + DAY)


@pytest.fixture(scope="module")
def file() -> bytes:
    return extract.build(header(), WORDS, [DARA, CHEN], CHANCE)


def test_who_is_in_it_is_answered_and_who_is_not_is_nothing(file: bytes) -> None:
    opened = Extract(file, WORDS)
    (met,) = opened.ask([b"d:N1234567"], NOW)
    assert (met.answer.kind, met.weight, met.basis, met.answer.contact) == (
        "protect",
        100,
        "document",
        "Protection desk +855 23 1",
    )
    assert opened.ask([b"d:N7654321", b"n:somebody"], NOW) == []
    one, other = opened.ask([b"n:sok dara:1990-05-17", b"n:dara:1990"], NOW)
    assert (one.weight, one.basis, other.weight) == (60, "name-and-birth", 20)


def test_an_entry_past_its_own_end_is_not_answered(file: bytes) -> None:
    assert len(Extract(file, WORDS).ask([b"n:dara:1990"], NOW + DAY)) == 1


def test_a_lost_laptop_shows_nothing(file: bytes) -> None:
    """Not in the file, and not in the opened table: no name, number, instruction or contact, and not how many entries there are."""
    opened = Extract(file, WORDS)
    inside = opened._rows + b"".join(opened._sealed)
    for word in (b"N1234567", b"dara", b"Take her", b"Protection", b"protect", b"verify", b"+855"):
        assert word not in file
        assert word not in inside
    assert len(opened._rows) == 1024 * 28
    assert (len(opened._sealed), {len(sealed) for sealed in opened._sealed}) == (64, {128 + 16})
    none = extract.build(header(), WORDS, [], CHANCE)
    assert abs(len(none) - len(file)) < 64


def test_an_answer_opens_under_its_own_match_keys_only(file: bytes) -> None:
    """Whoever has the passphrase and one name learns that one answer: the keys of the others stand masked under theirs."""
    opened = Extract(file, WORDS)
    (met,) = opened.ask([b"d:N1234567"], NOW)
    for slot in range(len(opened._sealed)):
        pointer = opened._pointer(opened._keys.tag(b"d:N1234567", 0))
        assert pointer is not None
        own = extract._mixed(pointer, opened._keys.mask(b"d:N1234567", 0))[4:]
        assert (opened._answer(slot, own) is not None) == (slot == met.entry)
        assert opened._answer(slot, pointer[4:]) is None


def test_a_tag_that_is_met_by_chance_answers_nothing(file: bytes) -> None:
    opened = Extract(file, WORDS)
    opened._rows = b"".join(sorted((opened._keys.tag(b"x", 0) + bytes(20), opened._keys.tag(b"y", 0) + b"\xff" * 20)))
    assert opened.ask([b"x", b"y"], NOW) == []


@settings(max_examples=100)
@given(st.integers(0, 1 << 20))
def test_the_number_of_rows_is_told_in_steps(count: int) -> None:
    stepped = extract._stepped(count, 1024)
    assert max(count, 1024) <= stepped <= max(1024, count * 1.25 + 1)
    assert bin(stepped).count("1") <= 3


def test_two_thousand_people_are_three_megabytes_at_most() -> None:
    keys = {f"{person}:{key}".encode(): (50, "name") for person in range(2_000) for key in range(24)}
    several = list(keys.items())
    people = [
        travelling(
            dict(several[person * 24 : person * 24 + 24]),
            instructions=f"Take person {person} aside. " + "Call first; ask gently. " * 10,
        )
        for person in range(2_000)
    ]
    made = extract.build(header(), WORDS, people, CHANCE)
    assert len(made) <= 3_000_000
    (met,) = Extract(made, WORDS).ask([b"1234:7"], NOW)
    assert met.answer.instructions.startswith("Take person 1234 aside.")


def test_only_the_passphrase_opens_it_and_a_changed_byte_closes_it(file: bytes) -> None:
    with pytest.raises(Unauthenticated):
        Extract(file, WORDS + "x")
    for at in (60, len(file) - 5, len(extract.MAGIC) + 8):
        broken = bytearray(file)
        broken[at] ^= 1
        with pytest.raises((Unauthenticated, VerificationFailed)):
            Extract(bytes(broken), WORDS)


@pytest.mark.parametrize("words", ["short", "a" * 20, "ababababababab"])
def test_a_weak_passphrase_is_refused(words: str) -> None:
    with pytest.raises(InvalidInput):
        extract.build(header(), words, [], CHANCE)


def test_it_answers_no_longer_after_its_end(file: bytes) -> None:
    opened = Extract(file, WORDS)
    opened.ask([b"x"], NOW + 7 * DAY - 1)
    with pytest.raises(Refusal, match="ended"):
        opened.ask([b"x"], NOW + 7 * DAY)


def test_a_clock_that_was_moved_back_is_noticed_also_after_a_restart(file: bytes) -> None:
    opened = Extract(file, WORDS)
    with pytest.raises(Refusal, match="moved back"):
        opened.ask([b"x"], NOW - 3 * MINUTE)
    opened.ask([b"x"], NOW + DAY)
    with pytest.raises(Refusal, match="moved back"):
        opened.ask([b"x"], NOW)
    at, look = opened.looked(b"n" * 12)
    kept = file[:at] + look + file[at + len(look) :]
    assert len(kept) == len(file)
    again = Extract(kept, WORDS)
    assert again.seen == NOW + DAY
    with pytest.raises(Refusal, match="moved back"):
        again.ask([b"x"], NOW + DAY - 3 * MINUTE)
    assert again.ask([b"d:E555"], NOW + DAY - MINUTE) == []


def test_its_header_asks_for_no_endless_work(file: bytes) -> None:
    for more in ({"memory": 4 * 1024 * 1024}, {"passes": 1000}, {"salt": b"s"}):
        with pytest.raises(VerificationFailed):
            extract.build(header(**more), WORDS, [], CHANCE)


@settings(max_examples=60)
@given(st.binary(max_size=200), st.integers(0, 400))
def test_any_bytes_are_refused_with_words(data: bytes, cut: int) -> None:
    for each in (data, extract.MAGIC + data, extract.MAGIC + b"\0\0\0\2{}" + data):
        with pytest.raises(SpeanError):
            extract.header_of(each[:cut])
