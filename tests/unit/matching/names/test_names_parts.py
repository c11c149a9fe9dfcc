"""A written name is read into its parts: order, titles, other names, initials, and the same in every script."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spean.matching.names.model import MOST_READINGS, Name
from spean.matching.names.parts import read


def roles(name: Name) -> list[tuple[str, str]]:
    return [(part.written, part.role) for part in name.parts]


@pytest.mark.parametrize(
    ("written", "family", "given"),
    [
        ("CHEN Zhi", "CHEN", "Zhi"),
        ("Zhi CHEN", "CHEN", "Zhi"),
        ("Chen, Zhi", "Chen", "Zhi"),
        ("Zhi Chen", "Chen", "Zhi"),
        ("陈志", "陈", "志"),
        ("陳志", "陳", "志"),
        ("欧阳修", "欧阳", "修"),
        ("Kim Jong-un", "Kim", "Jong-un"),
        ("Jong-un Kim", "Kim", "Jong-un"),
        ("Kim Jong Un", "Kim", "Jong Un"),
        ("김정은", "김", "정은"),
        ("김 정은", "김", "정은"),
        ("남궁민", "남궁", "민"),
        ("이 대 희", "이", "대희"),
        ("Zoe Angela Harris", "Harris", "Zoe Angela"),
    ],
)
def test_which_word_is_the_family_name(written: str, family: str, given: str) -> None:
    name = read(written)
    assert " ".join(part.written for part in name.parts if part.role == "family") == family
    assert " ".join(part.written for part in name.parts if part.role == "given") == given


@pytest.mark.parametrize("written", ["Kim Jong Un", "Kim Jong-un", "KIM, Jong Un", "Jongun Kim"])
def test_a_korean_given_name_is_one_part_however_it_is_spaced(written: str) -> None:
    assert [part.readings[0].latin for part in read(written).parts if part.role == "given"] == ["jongun"]


def test_vietnamese_order_keeps_its_middle_name() -> None:
    assert roles(read("Nguyễn Văn An")) == [("Nguyễn", "family"), ("Văn", "given"), ("An", "given")]


def test_malay_marks_stand_between_a_person_and_the_father() -> None:
    assert roles(read("Mohd Ali bin Hassan")) == [
        ("Mohd", "given"),
        ("Ali", "given"),
        ("bin", "particle"),
        ("Hassan", "family"),
    ]
    assert ("a/l", "particle") in roles(read("Siva a/l Muniandy"))
    assert ("A/P", "particle") in roles(read("PRIYA A/P RAMASAMY"))


@pytest.mark.parametrize(
    ("written", "title", "rest"),
    [
        ("Dr. Ana Lim", "Dr", 2),
        ("Datuk Seri Anwar bin Ibrahim", "Datuk", 3),
        ("ดร. สมชาย ใจดี", "ดร.", 2),
        ("លោក សុខ សាន្ត", "លោក", 2),
        ("이대희 씨", "씨", 2),
        ("王小明先生", "", 2),
        ("ဦးအောင်ဆန်း", "", 2),
        ("Daw Khin Khin", "Daw", 2),
        ("Juan dela Cruz Jr.", "Jr", 3),
    ],
)
def test_titles_are_told_from_names(written: str, title: str, rest: int) -> None:
    name = read(written)
    titles = [part.written for part in name.parts if part.role == "title"]
    assert (titles[:1] or [""]) == [title]
    assert len(name.parts) - len(titles) == rest


def test_a_burmese_title_is_a_name_where_nothing_else_remains() -> None:
    assert roles(read("U")) == [("U", "initial")]
    assert [role for _, role in roles(read("Ko Ko Gyi"))].count("title") < 3
    assert [role for _, role in roles(read("Ko Myung-hee"))] == ["family", "given"]


@pytest.mark.parametrize(
    "written",
    [
        "Tan Ah Kow @ Peter",
        "Tan Ah Kow alias Peter",
        'Tan "Peter" Ah Kow',
        "Tan Ah Kow (Peter)",
        "Tan Ah Kow a.k.a. Peter",
        "Tan Ah Kow “Peter”",
    ],
)
def test_other_names_stand_apart(written: str) -> None:
    parts = read(written).parts
    assert [part.written for part in parts if part.role == "nickname"] == ["Peter"]
    assert [part.written for part in parts if part.role != "nickname"][:1] == ["Tan"]


def test_burmese_is_cut_into_words() -> None:
    assert [part.written for part in read("ဒေါ်အောင်ဆန်းစုကြည်").parts if part.role != "title"] == [
        "အောင်",
        "ဆန်း",
        "စု",
        "ကြည်",
    ]
    assert [part.written for part in read("သီရိမောင်").parts] == ["သီရိ", "မောင်"]


def test_the_same_name_in_a_second_script_is_another_name() -> None:
    assert [role for _, role in roles(read("陈志 Chen Zhi"))] == ["family", "given", "nickname", "nickname"]
    assert [role for _, role in roles(read("Chen Zhi (陈志)"))] == ["family", "given", "nickname", "nickname"]


def test_initials_are_told_from_words() -> None:
    assert roles(read("J.R.R. Tolkien")) == [
        ("J", "initial"),
        ("R", "initial"),
        ("R", "initial"),
        ("Tolkien", "family"),
    ]
    assert roles(read("John F. Kennedy"))[1] == ("F", "initial")
    assert roles(read("JC Juncker")) == [("J", "initial"), ("C", "initial"), ("Juncker", "family")]
    assert ("NG", "family") in roles(read("NG Kok Wai"))


@pytest.mark.parametrize(
    ("written", "form", "rest"),
    [
        ("Samsung Electronics Co., Ltd.", "ltd", ["samsung", "electronics"]),
        ("Golden Ficus Sdn. Bhd.", "ltd", ["golden", "ficus"]),
        ("PT Golden Ficus Tbk", "ltd", ["golden", "ficus"]),
        ("Công ty TNHH Hoàng Anh", "ltd", ["hoang", "anh"]),
        ("HSBC p.l.c.", "plc", ["hsbc"]),
        ("카카오 주식회사", "plc", ["kakao"]),
        ("(주)카카오", "plc", ["kakao"]),
        ("카카오주식회사", "plc", ["kakao"]),
        ("Siemens Aktiengesellschaft", "plc", ["siemens"]),
    ],
)
def test_forms_of_organisations_are_folded(written: str, form: str, rest: list[str]) -> None:
    parts = read(written, kind="organisation").parts
    assert next(part for part in parts if part.role == "form").readings[0].latin == form
    assert [part.readings[0].latin for part in parts if part.role != "form"] == rest


def test_forms_glued_to_a_name_are_cut_off() -> None:
    parts = read("华为技术有限公司", kind="organisation").parts
    assert [(part.written, part.role) for part in parts] == [("华为技术", "unknown"), ("有限公司", "form")]
    assert read("Ltd", kind="organisation").parts[0].role == "unknown"


def test_known_customs_come_first() -> None:
    assert read("An Lee", populations=("vi",)).populations[0] == "vi"
    assert read("김정은").populations == ("ko",)


def test_what_nobody_sees_changes_nothing() -> None:
    assert read("Chen\u200b Zhi\u00a0") == read("Chen Zhi")
    assert roles(read("Ｃｈｅｎ　Ｚｈｉ")) == roles(read("Chen Zhi"))
    assert read("Jose\u0301 Rizal") == read("José Rizal")
    assert [part.readings[0].latin for part in read("O’Brien").parts] == ["obrien"]


SCRIPTS = st.sampled_from(
    "abcXYZ '-.,@/()\"김정은이陈志明ヤマ한ខ្មែរມາမြန်Жиعلي한\u200b\u0300\u1109́9٣０Ⅳ🙂\x00\ud7a3\ue000"
)


@settings(max_examples=150, deadline=None)
@given(st.text(SCRIPTS, max_size=40), st.sampled_from(["person", "organisation"]))
def test_any_text_is_read(text: str, kind: str) -> None:
    name = read(text, kind=kind)  # type: ignore[arg-type]  # both are kinds
    for part in name.parts:
        assert part.written
        assert len(part.readings) <= MOST_READINGS
        assert all(
            reading.latin.isascii() and reading.latin.isalpha() and reading.latin.islower() for reading in part.readings
        )
        assert [reading.bits for reading in part.readings] == sorted(reading.bits for reading in part.readings)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_character_at_all_is_read(text: str) -> None:
    read(text)
    read(text, kind="organisation")


@pytest.mark.parametrize(
    "text",
    [
        "a " * 5000,
        "(" * 5000,
        "가" * 5000,
        "陈" * 5000,
        "a.k.a." * 999,
        "ا" * 5000,
        "Ж" * 5000,
        "a-" * 5000,
        "\u0300" * 9999,
        "a/l" * 999,
    ],
)
def test_long_hostile_text_is_fast(text: str) -> None:
    read("Kim 김 陈 عمر Жук")
    start = time.process_time()
    read(text)
    assert time.process_time() - start < 0.25


def test_reading_again_is_fast() -> None:
    names = ["CHEN Zhi", "Kim Jong-un", "이대희", "陈志", "John Kennedy"] * 40
    for name in names:
        read(name)
    start = time.process_time()
    for name in names:
        read(name)
    assert (time.process_time() - start) / len(names) < 0.0004
