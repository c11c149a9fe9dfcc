"""Terms of the field side by side, found from any language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spean.web.language.catalogue import words
from spean.web.language.scripts import lang_of
from spean.web.language.terms import LANGUAGES, checked, find, fold, terms


def test_every_term_stands_in_every_language() -> None:
    assert len(terms()) >= 70
    assert len({term.key for term in terms()}) == len(terms())
    for term in terms():
        assert set(term.words) == set(LANGUAGES)
        assert all(word == word.strip() and word for word in term.words.values()), term.key


@pytest.mark.parametrize("language", ["km", "th", "lo", "my", "ko", "zh"])
def test_the_words_of_a_script_are_written_in_it(language: str) -> None:
    assert {lang_of(term.words[language]) for term in terms()} == {language}


def test_only_english_and_french_count_as_checked() -> None:
    assert checked() == {"en", "fr"}


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("hold", "hold"), ("GEL", "hold"), ("recepisse", "receipt"), ("récépissé", "receipt"), ("동결", "hold"),
        ("冻结", "hold"), ("nan nhan", "victim"), ("ជនរងគ្រោះ", "victim"), ("ผู้ต้องสงสัย", "suspect"),
        ("နစ်နာသူ", "victim"), ("ຄົນຫາຍ", "missing-person"), ("korban", "victim"), ("kanlungan", "shelter"),
    ],
)  # fmt: skip
def test_a_term_is_found_from_any_language(query: str, key: str) -> None:
    assert find(query)[0].key == key


def test_marks_of_other_scripts_count() -> None:
    assert fold("ที่") != fold("ที")
    assert fold("récépissé") == fold("RECEPISSE")


def test_no_query_gives_all_and_nonsense_none() -> None:
    assert find("  ") == terms()
    assert find("qqqq") == ()


@given(st.text(max_size=200))
def test_any_query_is_answered(query: str) -> None:
    keys = [term.key for term in find(query)]
    assert len(keys) == len(set(keys))
    assert set(keys) <= {term.key for term in terms()}


def test_the_catalogue_uses_the_same_words() -> None:
    """The main terms: where the pages name the thing, they name it as the page of terms does."""
    french = words("fr")
    word = {term.key: term.words["fr"] for term in terms()}
    assert french.role("duty-officer") == word["duty-officer"]
    assert french.role("investigator") == word["investigator"]
    assert french.role("consul") == word["consul"]
    assert french.procedure("agreement") == word["agreement"]
    assert french.procedure("information-request") == word["information-request"]
    assert french.procedure("recall") == word["recall"]
    assert french.procedure("circular") == word["circular"]
    assert french.procedure("onward-transfer") == word["passing-on"]
    assert french.procedure("desk") == word["desk"]
    for key in ("danger-to-life", "victim", "presumed-victim", "suspect", "witness", "missing", "account", "wallet"):
        assert french.choice(key) == word["missing-person" if key == "missing" else key]
    for key in ("acknowledge", "withdraw", "correct", "refuse"):
        assert french.act(key) == word[key]
    assert french.clause("purpose") == word["purpose"]
    assert french.field("signature").lower() == word["signature"]
    assert french.sentence("handling code").text == word["handling-code"]
    assert french.sentence("receipt").text == word["receipt"]
