"""Chinese characters by their readings: one name in characters and in Latin letters has a sound key in common (A7, R22). All names are invented."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spean.core import sounds as core
from spean.core.tokens import query
from spean.matching.heard import asked, keys, sounds

SAME = (
    ("陈志", "CHEN Zhi", "Zhi Chen", "Chan Chi", "陳志"), ("陈志明", "Chen Zhiming", "陳志明"), ("黃大文", "Wong Tai Man", "Huang Dawen"),
    ("欧阳修明", "Ouyang Xiuming"), ("李国强", "Li Guoqiang", "Lee Kwok Keung"), ("曾静", "Zeng Jing"),
)  # fmt: skip
WHOLE = {"陈志": "sns", "黃大文": "wntmn", "李国强": "lkkn"}


@pytest.mark.parametrize("names", SAME, ids=lambda names: names[0])
def test_characters_and_latin_letters_are_heard_as_one(names: tuple[str, ...]) -> None:
    for other in names[1:]:
        whole = {each.key for each in sounds(names[0]) if (each.start, each.end) == (0, len(names[0]))}
        assert whole & keys(other), (names[0], other)


@pytest.mark.parametrize("name", WHOLE)
def test_a_name_has_the_key_of_its_readings(name: str) -> None:
    assert WHOLE[name] in keys(name)


@pytest.mark.parametrize("other", ["Sok Dara", "Kim Minsu", "Maria Santos", "박지민"])
def test_others_are_not_heard(other: str) -> None:
    whole = {each.key for each in sounds("陈志明") if (each.start, each.end) == (0, 3)}
    assert not whole & keys(other)


def test_a_query_in_either_letters_is_heard_in_the_other() -> None:
    for words, text in (
        ("陈志", "CHEN Zhi"),
        ("陈志明", "Seen: Chen Zhiming, trader"),
        ("Chen Zhi", "嫌疑人: 陈志, 广州"),
        ("陈志", "陳志"),
    ):
        pieces = [(phrase.tokens[0].start, phrase.tokens[-1].end) for phrase in query(words)]
        assert all(core.heard(ways, text, sounds(text)) for ways in asked(words, pieces)), (words, text)


def test_a_sentence_is_not_taken_apart_and_only_family_names_begin_a_name_in_it() -> None:
    assert keys("嫌疑人陈志来自广州市天河区") == set()
    prose = "他说, 我们, 昨天, 已经, 看见, 陈志, 离开, 这里"
    assert {each.start for each in sounds(prose) if "sns" in each.key} == {prose.index("陈志")}
    assert core.keys("陈志") == set(), "without a table nothing is heard"


@given(st.text(alphabet="陈志明欧阳大文中国的 ,CHENzhi々가나𠀀", max_size=40))
def test_any_text_is_heard_within_bounds_and_always_alike(text: str) -> None:
    found = sounds(text)
    assert found == sounds(text)
    assert {each.key for each in found} == keys(text)
    assert all(0 <= each.start < each.end <= len(text) and 2 <= len(each.key) <= 12 for each in found)


def test_the_tables_come_with_the_first_character() -> None:
    code = "import sys; from spean.matching import heard; heard.keys('Sok Dara'); print('spean.matching.names.han' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
