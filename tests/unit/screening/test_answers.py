"""The one answer at the border: protect before all else, a list never more than *verify*, stop only on a document or name and whole date."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spean.core.errors import InvalidInput, TooMuch
from spean.screening import groups
from spean.screening.answer import USUAL, strength, told
from spean.screening.model import KINDS, Entry, Match, Told

NOW = 1_772_586_000_000


def entry(kind: str = "verify", **more: object) -> Entry:
    return Entry(
        **{
            "reference": f"KR:entity:{kind}",
            "kind": kind,
            "instructions": f"do {kind}",
            "contact": f"desk {kind}",
            "until": NOW + 1,
            **more,
        }
    )  # type: ignore[arg-type]


def match(kind: str = "verify", score: int = 990, basis: str = "document", **more: object) -> Match:
    return Match(entry=entry(kind, **more), score=score, basis=basis)  # type: ignore[arg-type]


MATCHES = st.builds(
    match, st.sampled_from(KINDS), st.integers(0, 1000), st.sampled_from(["document", "name-and-birth", "name"]),
    list_name=st.sampled_from(["", "SDN"]), until=st.sampled_from([NOW - 1, NOW, NOW + 1]), reference=st.text("abc", min_size=1, max_size=3),
)  # fmt: skip


@given(st.lists(MATCHES, max_size=8))
def test_the_answer_is_the_strongest_that_stands_and_tells_nothing_else(matches: list[Match]) -> None:
    answer = told(matches, NOW)
    worth = {strength(each, NOW) for each in matches}
    wanted = next((kind for kind in ("protect", "stop", "verify") if kind in worth), "nothing")
    assert answer.kind == wanted
    behind = [each for each in matches if strength(each, NOW) == answer.kind != "nothing"]
    assert set(answer.contacts) <= {each.entry.contact for each in behind}
    assert set(answer.references) <= {each.entry.reference for each in behind}
    assert told(reversed(matches), NOW).kind == wanted


@given(MATCHES)
def test_no_list_and_nothing_that_has_ended_stops_or_protects(each: Match) -> None:
    found = strength(each, NOW)
    if each.entry.list_name:
        assert found in ("nothing", "verify")
    if each.entry.until <= NOW:
        assert found == "nothing"
    if found == "stop":
        assert each.entry.kind == "stop"
        assert each.basis == "document" or (each.basis == "name-and-birth" and each.score >= USUAL.stop)


def test_a_name_alone_stops_nobody() -> None:
    assert told([match("stop", 1000, "name")], NOW).kind == "verify"
    assert told([match("stop", USUAL.stop - 1, "name-and-birth")], NOW).kind == "verify"
    assert told([match("stop", USUAL.stop, "name-and-birth")], NOW).kind == "stop"


def test_who_may_need_protection_is_told_so_first() -> None:
    answer = told([match("stop"), match("protect", 400, "name")], NOW)
    assert answer == Told(
        kind="protect", instructions=("do protect",), contacts=("desk protect",), references=("KR:entity:protect",)
    )


def test_a_list_says_its_name_and_version() -> None:
    answer = told([match("stop", list_name="OFAC SDN", list_version="2026-02-11")], NOW)
    assert (answer.kind, answer.lists) == ("verify", (("OFAC SDN", "2026-02-11"),))


def test_no_match_is_nothing() -> None:
    assert told([], NOW) == Told(kind="nothing")


# groups ------------------------------------------------------------------------------------------------------------


def test_a_group_is_read_line_by_line() -> None:
    table = "Seat;Surname;Given names;Date of birth;Passport;Issuing state\n"
    table += "1A;KIM;MIN JUN;17/05/1990;M1234567;kor\n1B;ดารา;สุข;2533;;\n;;;;;\n1C;;;1990-13;X1;\n2A;;;;;\n"
    people, bad = groups.read(("\ufeff" + table).encode())
    assert [(each.id, each.names, each.birth, each.documents) for each in people] == [
        ("1A", ("MIN JUN KIM",), "1990-05-17", (("M1234567", "KOR"),)), ("1B", ("สุข ดารา",), "1990", ()),
    ]  # fmt: skip
    assert [(each.line, each.field) for each in bad] == [(5, "birth"), (6, "name")]


def test_two_hundred_and_no_more() -> None:
    line = "A,1990\n"
    people, _ = groups.read(("name,birth\n" + line * 200).encode())
    assert len(people) == 200
    with pytest.raises(TooMuch):
        groups.read(("name,birth\n" + line * 201).encode())
    with pytest.raises(TooMuch):
        groups.read(b"n" * (groups.MOST_BYTES + 1))


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"seat,meal\n1,2\n", b'"name\n'])
def test_what_is_no_table_of_people_is_refused_with_words(data: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        groups.read(data)
    assert caught.value.remedy


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        groups.read(b"name,birth\n" + data)
    except (InvalidInput, TooMuch):
        return


@pytest.mark.parametrize(
    ("text", "iso"),
    [("1990", "1990"), ("1990-5-7", "1990-05-07"), ("7.5.1990", "1990-05-07"), ("2533-05-17", "1990-05-17"), (" ", "")],
)
def test_birth_dates_as_people_write_them(text: str, iso: str) -> None:
    assert groups.birth(text) == iso
