"""Sound keys: one name in several scripts has one key; bounded and stable for any text (DOMAIN 6.A, A7). All names are invented."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spean.core.sounds import MOST_JOINED, MOST_LETTERS, MOST_WAYS, Sound, asked, heard, sounds
from spean.core.sounds import keys as indexed
from spean.core.tokens import query

PERSON = ("Sok Dara", "សុខ ដារ៉ា", "សុខដារ៉ា", "สุข ดารา", "สุขดารา", "속 다라", "속다라", "ສຸກ ດາຣາ", "SÓK DARA", "Sokh Tara")
SAME = (
    ("Kim Sokha", "គឹម សុខា", "김 소카", "คิม สุขา"), ("Chan Phen", "จันทร์ เพ็ญ"),
    ("Chan Rattana", "ច័ន្ទ រតនា", "จันทร์ รัตนา"), ("Somchai Jaidee", "สมชาย ใจดี", "솜차이 짜이디"),
    ("Somkiat Prasert", "สมเกียรติ ประเสริฐ"), ("Siriphon Wanna", "ศิริพร วรรณา", "Siriporn Vanna"), ("Thammarat Mok", "ธรรมรัตน์ หมอก"),
    ("Bounmy Xayavong", "ບຸນມີ ໄຊຍະວົງ", "Bunmi Sayavong"), ("Min Thu", "မင်းသူ"), ("Thida Myint", "သီတာမြင့်"), ("Khin Mar Lar", "ခင်မာလာ"),
    ("Kim Dong-yeong", "김동영", "Dong Yeong Kim", "Kim Dongyoung"), ("Lee Min-soo", "이민수", "Rhee Min Su", "리민수"),
    ("Yi Minsu", "이민수"), ("Roh Tae-mok", "노태목"),
    ("Phạm Thị Hồng", "Pham Thi Hong", "팜 티 홍"), ("Christine Bach", "Kristine Bach"),
)  # fmt: skip
OTHERS = ("Chea Vuthy", "ជា វុទ្ធី", "ณัฐพงศ์ หมอก", "박지민", "Nguyễn Văn Trãi", "မောင်ကျော်စွာ", "ບຸນມີ ໄຊຍະວົງ")


def finds(words: str, text: str) -> bool:
    """Whether every piece of the query is heard in the text."""
    pieces = [(phrase.tokens[0].start, phrase.tokens[-1].end) for phrase in query(words)]
    found = sounds(text)
    return all(heard(ways, text, found) for ways in asked(words, pieces))


def keys(text: str) -> set[str]:
    return {sound.key for sound in sounds(text)}


def test_one_name_has_one_key_in_every_script() -> None:
    for written in PERSON:
        assert "sktl" in keys(written), written
    assert {"sk", "tl"} <= keys("Sok Dara") & keys("សុខ ដារ៉ា") & keys("สุข ดารา") & keys("속 다라") & keys("ສຸກ ດາຣາ")


@pytest.mark.parametrize("asked_for", PERSON)
def test_the_person_is_heard_in_every_spelling_and_nobody_else(asked_for: str) -> None:
    assert [text for text in (*PERSON, *OTHERS) if finds(asked_for, text)] == list(PERSON)


@pytest.mark.parametrize("names", SAME, ids=lambda names: names[0])
def test_latin_finds_the_other_spellings(names: tuple[str, ...]) -> None:
    for other in names[1:]:
        assert keys(names[0]) & keys(other), (names[0], other)
        assert finds(names[0], other), (names[0], other)


def test_a_key_stands_where_its_word_stands() -> None:
    text = "seen: 속 다라, near the market"
    assert {text[each.start : each.end] for each in sounds(text) if each.key in {"sk", "tl"}} == {"속", "다라"}
    assert Sound("kmtnn", 0, 3) in sounds("김동영")
    assert Sound("tnn", 1, 3) in sounds("김동영")
    assert Sound("kmtnn", 0, 9) in sounds(unicodedata.normalize("NFD", "김동영"))


@pytest.mark.parametrize(
    "text", ["", "Lee", "12 345", "T9yD14Nj9j7x", "李明", "x" * (MOST_LETTERS + 1), "ภาษาไทย" * 6, "\u0301", "์", "្"]
)
def test_what_has_no_key(text: str) -> None:
    assert sounds(text) == []


def test_words_in_quotes_stand_together() -> None:
    assert finds('"Sok Dara"', "it was 속 다라 who called and said so")
    assert not finds('"Sok Dara"', "it was 속 who met her friend 다라 there")
    assert finds("Sok Dara", "it was 속 who met her friend 다라 there")


def test_in_a_sentence_latin_names_have_a_capital() -> None:
    assert finds("sok dara", "The caller said that Sok Dara had sent him")
    assert finds("sok dara", "sok dara, teller")
    assert keys("we seek such a card reader there") == set()


def test_a_number_in_a_query_is_not_heard() -> None:
    assert asked("Dara 0123", [(0, 4), (5, 9)]) == [(("tl",),), ()]


SCRIPTS = (
    (0x0E01, 0x0E4E),
    (0x0E81, 0x0EDD),
    (0x1780, 0x17D3),
    (0x1000, 0x103F),
    (0xAC00, 0xAC50),
    (0x1100, 0x11FF),
    (0x61, 0x7A),
)
WORDS = st.one_of(*(st.text(st.characters(min_codepoint=low, max_codepoint=high), max_size=8) for low, high in SCRIPTS))
LETTERS = (
    WORDS
    | st.text(st.characters(codec="utf-8"), max_size=80)
    | st.text("កខគរ្៉័៍ំាสุขดา์รรหเใညမ်္ြျွှ့김이노ㄱaNgchvx-'ສຫຼ ", max_size=40)
)


@given(LETTERS)
def test_any_text_is_heard_within_bounds_and_always_alike(text: str) -> None:
    found = sounds(text)
    assert found == sounds(text)
    assert all(0 <= each.start < each.end <= len(text) and 2 <= len(each.key) <= 12 for each in found)
    assert len(found) <= MOST_WAYS * (len(text) + 2)
    assert {each.key for each in found} == keys(text) == indexed(text)
    assert all(set(each.key[1:]) <= set("ktpsmnl") for each in found)


@given(st.lists(LETTERS, max_size=6))
def test_any_query_is_heard_within_bounds(parts: list[str]) -> None:
    words = " ".join(parts)
    pieces = [(phrase.tokens[0].start, phrase.tokens[-1].end) for phrase in query(words)]
    ways = asked(words, pieces)
    assert len(ways) == len(pieces)
    most = MOST_WAYS * (2 + MOST_JOINED * MOST_JOINED)
    assert all(len(each) <= most for each in ways)
    found = sounds(words)
    assert all(0 <= start < end <= len(words) for each in ways for start, end in heard(each, words, found))
