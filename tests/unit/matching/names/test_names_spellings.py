"""Which Latin spellings are one name inside a custom."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spean.matching.names import custom
from spean.matching.names.spellings import variants


@pytest.mark.parametrize(
    ("word", "population", "others"),
    [
        ("chan", "zh", "chen tan"),
        ("tan", "zh", "chen chan"),
        ("ng", "zh", "wu huang wong"),
        ("hsiaoping", "zh", "xiaoping"),
        ("xiaoping", "zh", "hsiaoping"),
        ("tsetung", "zh", "zedong"),
        ("lee", "ko", "yi rhee"),
        ("younghee", "ko", "yeonghui younghui"),
        ("jongun", "ko", "jongeun"),
        ("htun", "my", "tun"),
        ("mohammed", "ar", "muhammad mohamed"),
        ("soekarno", "id", "sukarno"),
        ("dmitriy", "ru", "dmitry dmitri"),
        ("robert", "en", "bob"),
        ("bill", "en", "william"),
        ("ohta", "ja", "ota"),
        ("maria", "fil", "ma"),
    ],
)
def test_spellings_of_one_name(word: str, population: str, others: str) -> None:
    found = {reading.latin for reading in variants(word, (population,))}
    assert set(others.split()) <= found
    assert word not in found


def test_other_names_are_no_variants() -> None:
    assert "wang" not in {reading.latin for reading in variants("zhang", ("zh",))}
    assert "minji" not in {reading.latin for reading in variants("minho", ("ko",))}
    assert variants("smith", ("en",)) == ()


@settings(max_examples=150, deadline=None)
@given(st.text("abcdeghiklmnopstuwyz", max_size=30), st.sampled_from(["ko", "zh", "my", "ar", "ru", "id", "ja", "th"]))
def test_variants_of_any_word(word: str, population: str) -> None:
    found = variants(word, (population,))
    assert len(found) <= 12
    assert [reading.bits for reading in found] == sorted(reading.bits for reading in found)
    assert all(reading.latin.isascii() and reading.latin.isalpha() and reading.latin.islower() for reading in found)


@pytest.mark.parametrize(
    ("words", "population"),
    [
        (["Nguyễn", "Văn", "An"], "vi"),
        (["Kim", "Min-ji"], "ko"),
        (["Chan", "Tai", "Man"], "zh"),
        (["Mohd", "Ali", "bin", "Hassan"], "ms"),
        (["Khin", "Maung", "Win"], "my"),
        (["Budi", "Santoso"], "id"),
        (["John", "Smith"], "en"),
        (["Vladimir", "Ivanov"], "ru"),
        (["Somchai", "Saelim"], "th"),
        (["Sok", "Dara"], "km"),
    ],
)
def test_the_custom_is_guessed(words: list[str], population: str) -> None:
    assert custom.guess(words)[0] == population


def test_a_particle_alone_is_no_custom() -> None:
    assert "vi" not in custom.guess(["Ludwig", "van", "Beethoven"])
    assert custom.guess(["Qwx"]) == ()
