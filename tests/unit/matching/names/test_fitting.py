"""Which Latin name a name in another script is, of several that sound alike."""

from __future__ import annotations

import pytest

from spean.matching.names.fitting import misfit
from spean.matching.names.lattice import NEVER
from spean.matching.names.model import Script

ASKED: list[tuple[Script, str, str, str]] = [
    ("hangul", "이가라시 미쓰루", "mitsuru igarashi", "mitsuhiro igarashi|mitsuru higashi|ikki mitsuru"),
    ("hangul", "김 광모", "kim kwang mo", "kim kwang min|kim kwan mo|kim gwang ho"),
    ("hangul", "저우언라이", "zhou enlai", "zhou enlin|joe henley"),
    ("thai", "สมชาย ใจดี", "somchai jaidee", "somchart jaidee|somchai saidee"),
    ("khmer", "ហ៊ុន សែន", "hun sen", "hun san|hon sen|sen hong"),
    ("burmese", "အောင် ဆန်း", "aung san", "aung sein|aung than"),
    ("lao", "ບຸນມີ", "boun my", "bounma|boun mee noy"),
]


@pytest.mark.parametrize(("script", "written", "right", "others"), ASKED)
def test_the_right_name_fits_best(script: Script, written: str, right: str, others: str) -> None:
    words = written.split()
    own = misfit(words, script, right.split())
    assert all(own < misfit(words, script, other.split()) for other in others.split("|"))


def test_the_order_costs_little_and_what_is_worse_than_asked_for_is_never() -> None:
    words = ["이가라시", "미쓰루"]
    plain, turned = (misfit(words, "hangul", latin.split()) for latin in ("igarashi mitsuru", "mitsuru igarashi"))
    assert turned == pytest.approx(plain + 1.0)
    assert misfit(words, "hangul", ["mitsuru", "igarashi"], turned + 0.1) == pytest.approx(turned)
    assert misfit(words, "hangul", ["mitsuru", "igarashi"], turned) == NEVER


def test_no_words_are_no_name() -> None:
    assert misfit([], "thai", ["somchai"]) == misfit(["สมชาย"], "thai", []) == NEVER
    assert misfit(["สมชาย"] * 9, "thai", ["somchai"]) > 20
