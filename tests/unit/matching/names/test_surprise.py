"""How surprising a Latin spelling of a word in another script is, over all its readings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spean.matching.names.lattice import NEVER
from spean.matching.names.model import Script
from spean.matching.names.romanise import misfit, readings, surprise

PAIRS: list[tuple[Script, str]] = [
    ("hangul", "김 kim|은희 eunhee|마이클 michael|이가라시 igarashi|저우언라이 zhouenlai|조지 george|권은희 kwoneunhee|신라 silla"),
    ("kana", "ジェームズ james|さくら sakura|たなか tanaka"),
    ("arabic", "محمد mohamad|عبدالرحمن abdurrahman|فاطمة fatima"),
    ("cyrillic", "Владимир vladimir|Екатерина ekaterina"),
    ("han", "陈志 chenzhi|王 wong"),
    ("burmese", "မောင် maung"),
    ("khmer", "សុភា sophea"),
    ("lao", "ບຸນມີ bounmy"),
    ("thai", "สมชาย somchai"),
]  # fmt: skip
EVERY = [(script, *pair.split(" ")) for script, text in PAIRS for pair in text.split("|")]


@pytest.mark.parametrize(("script", "written", "latin"), EVERY)
def test_the_right_spelling_surprises_less_than_any_other_name(script: Script, written: str, latin: str) -> None:
    own = surprise(written, script, latin)
    others = [other for _, word, other in EVERY if word != written]
    assert 0 <= own < min(surprise(written, script, other) for other in others)


@pytest.mark.parametrize(("script", "written", "latin"), EVERY)
def test_the_likeliest_reading_hardly_surprises(script: Script, written: str, latin: str) -> None:
    assert surprise(written, script, readings(written, script)[0].latin) < 16.0


@pytest.mark.parametrize(("script", "written", "latin"), EVERY)
def test_a_letter_too_many_is_paid_once(script: Script, written: str, latin: str) -> None:
    more = surprise(written, script, latin + "x") - surprise(written, script, latin)
    assert 0 < more <= 12


def test_of_two_spellings_that_fit_alike_the_rarer_word_fits_better() -> None:
    plain = [surprise("ချွန်း", "burmese", latin) for latin in ("chun", "chunn")]
    ranked = [misfit("ချွန်း", "burmese", latin) for latin in ("chun", "chunn")]
    assert ranked[1] - ranked[0] < plain[1] - plain[0]


def test_what_cannot_be_is_never() -> None:
    assert surprise("", "hangul", "a") == surprise("abc", "hangul", "abc") == NEVER
    assert surprise("miller", "latin", "muller") == NEVER
    assert surprise("Müller", "latin", "mueller") == 0.0


@given(
    st.text(max_size=12), st.text("abcdefghijklmnopqrstuvwxyz", max_size=90), st.sampled_from([row[0] for row in PAIRS])
)
def test_no_text_breaks_it(written: str, latin: str, script: Script) -> None:
    assert surprise(written, script, latin) >= 0.0
