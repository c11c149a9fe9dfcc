"""Words in every script: what is cut, what is found, and where it stands."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spean.core.tokens import Token, phrases, places, query, spans, terms, tokens

SCRIPTS = {
    "Latin": ("Nguyễn Văn Đường", ["nguyen", "van", "duong"]),
    "Greek": ("Ἀθήνα", ["αθηνα"]),
    "Cyrillic": ("Москва", ["москва"]),
    "Khmer": ("ភ្នំពេញ", ["ភ្នំ", "ពេ", "ញ"]),
    "Thai": ("เชียงใหม่", ["เ", "ชี", "ย", "ง", "ใ", "ห", "ม่"]),
    "Lao": ("ວຽງຈັນ", ["ວ", "ຽ", "ງ", "ຈັ", "ນ"]),
    "Burmese": ("ရန်ကုန်", ["ရ", "န်", "ကု", "န်"]),
    "Chinese": ("北京市", ["北", "京", "市"]),
    "Korean": ("서울중앙", ["서", "울", "중", "앙"]),
    "Japanese": ("カタカナ", ["カ", "タ", "カ", "ナ"]),
    "Arabic": ("محمد", ["م", "ح", "م", "د"]),
}


def matches(words: str, text: str) -> bool:
    """Whether the index would offer the text, and the text then holds each phrase."""
    found, index = list(spans(text)), terms(text)
    offered = all(any(each <= index for each in phrase.terms()) for phrase in query(words))
    held = all(places(phrase, found) for phrase in query(words))
    assert offered or not held, "what is there must be offered"
    return offered and held


@pytest.mark.parametrize(("text", "expected"), SCRIPTS.values(), ids=SCRIPTS)
def test_each_script_is_cut_as_it_is_written(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected
    assert tokens(unicodedata.normalize("NFD", text)) == expected
    assert matches(text, f"it said: {text}, twice")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("한국", "서울한국은행"), ("北京", "他住在北京市"), ("សុភា", "លោក សុខ សុភា រស់នៅ"), ("nguyen", "Nguyễn"),
        ("Nguyễn", "NGUYEN"), ("strasse", "Straße"), ("ＡＢＣ", "abc"), ("ガス", "ｶﾞｽ"), ("012 345", "០១២ ៣៤៥"),
        ("+855 12-345 678", "85512345678"), ("85512345678", "call +855 12 345 678 now"), ("12345678", "+855 12 345 678"),
        ("GB29NWBK60161331926819", "GB29 NWBK 6016 1331 9268 19"), ("gb29 nwbk 6016 1331 9268 19", "GB29NWBK60161331926819"),
        ("a.b@example.com", "write to A.B@Example.com!"), ('"john smith"', "Mr John Smith"), ("smith john", "John Smith"),
        ("បាត់ដំបង", "បាត់\u200bដំបង"), ("បាត់\u200bដំបង", "បាត់ដំបង"), ("กำ", "ก\u0e4d\u0e32"), ("0xAbC123def", "0XABC123DEF"),
    ],
)  # fmt: skip
def test_is_found(words: str, text: str) -> None:
    assert matches(words, text)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("北市", "北京市"), ("한은", "한국은행"), ('"smith john"', "John Smith"), ("10 12", "a 10 b"), ("nguye", "Nguyễn"),
        ("京北", "北京 京 北"), ("85512345679", "+855 12 345 678"), ("b.a@example.com", "a.b@example.com"), ("សុ", "ស"),
    ],
)  # fmt: skip
def test_is_not_found(words: str, text: str) -> None:
    assert not matches(words, text)


def test_a_query_is_cut_into_phrases() -> None:
    assert phrases('"john smith" wallet 한국은행') == [["john", "smith"], ["wallet"], ["한", "국", "은", "행"]]
    assert phrases("tel:+855 12 345 678, Sok") == [["tel"], ["855", "12", "345", "678"], ["sok"]]
    assert phrases("0123456789 0987654321") == [["0123456789"], ["0987654321"]], "two phones"
    assert phrases("TXa1 bc1q2") == [["txa1"], ["bc1q2"]], "two wallets"
    assert phrases("4521 john") == [["4521"], ["john"]], "two words, not an identifier"
    assert phrases('"paid 500 000 today') == [["paid", "500", "000", "today"]], "a quote that is never closed"
    assert phrases("x X x") == [["x"]]
    assert phrases("!? …") == []


def test_places_are_those_of_the_text_as_it_was_written() -> None:
    text = "Straße 5, ភ្នំពេញ, +855 12 345 678"
    shown = {words: [text[a:b] for a, b in places(query(words)[0], list(spans(text)))] for words in
             ("STRASSE", "ពេញ", "85512345678", "+855 12 345 678")}  # fmt: skip
    assert shown == {
        "STRASSE": ["Straße"],
        "ពេញ": ["ពេញ"],
        "85512345678": ["855 12 345 678"],
        "+855 12 345 678": ["855 12 345 678"],
    }


def test_what_is_indexed_is_bounded() -> None:
    assert len(terms("12 " * 500_000)) < 1_000
    assert sum(1 for _ in spans("가 " * 500_000)) == 100_000


MIXED = st.text(st.sampled_from("aBé1 -\"'.中文国한글កខ្មែរไทยกาລາວမြန်ملαЖ７０\u200b\u0301"), max_size=60)


@given(MIXED)
def test_tokens_stand_in_order_where_they_say(text: str) -> None:
    before = Token("", 0, 0, False, False)
    for token in spans(text):
        assert before.end <= token.start < token.end
        assert token.text
        assert tokens(token.text) == [token.text], "a folded token is folded already"
        before = token


@given(MIXED, st.data())
def test_whatever_stands_between_two_tokens_is_found(text: str, data: st.DataObject) -> None:
    found = list(spans(text))
    if not found:
        return
    first = data.draw(st.integers(0, len(found) - 1))
    last = data.draw(st.integers(first, min(first + 8, len(found) - 1)))
    assert matches('"' + text[found[first].start : found[last].end].replace('"', " ") + '"', text)
    assert matches(text[found[first].start : found[last].end].replace('"', " "), text)


@given(st.text(max_size=200))
def test_any_text_can_be_indexed_and_searched(text: str) -> None:
    for phrase in query(text):
        assert all(phrase.terms())
    assert matches(text, text)


def test_a_mark_between_a_stacking_sign_and_its_letter_changes_nothing() -> None:
    """Found by the law above: normalisation moves such a mark behind the sign."""
    for text in ("ល\u0301\u17d2ل", "ល\u17d2\u0301ល"):
        (token,) = spans(text)
        assert tokens(token.text) == [token.text]
