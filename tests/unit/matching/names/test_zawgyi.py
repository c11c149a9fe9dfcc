"""Zawgyi is recognised and turned into Unicode."""

from __future__ import annotations

import random
import re

import pytest

from spean.matching.names import brahmic
from spean.matching.names.brahmic import burmese, zawgyi
from spean.matching.names.brahmic.tables import table
from spean.matching.names.parts import read

REAL = [
    ("ဦးၾကည္ျမင့္", "ဦးကြည်မြင့်"),
    ("ဦးေအာင္စိုးျမင့္", "ဦးအောင်စိုးမြင့်"),
    ("ဦးေက်ာ္နီႏိုင္", "ဦးကျော်နီနိုင်"),
    ("ဦးသန္႔ဇင္", "ဦးသန့်ဇင်"),
    ("ေဒၚခင္ျမ", "ဒေါ်ခင်မြ"),
    ("ဦးၿဖိဳးေဇာ္", "ဦးဖြိုးဇော်"),
    ("မဂၤလာ", "မင်္ဂလာ"),
    ("ေအာင္ဆန္းစုၾကည္", "အောင်ဆန်းစုကြည်"),
]
SYLLABLES = " ".join(
    (
        "အောင် ဆန်း စု ကြည် ကျော် သိန်း ထွန်း ခင် မြင့် အေး ဇော် ဝင်း လှ မောင် နိုင် ဖြိုး ရွှေ မွန် ညွန့် ကြီး နွယ်",
        "ချို ဖြူ မျိုး သန့် စိုး ဇင် မင်္ဂ လာ ဝတ္ထု သူ ဇာ ချမ်း မြေ့ ငြိမ်း ဆွေ တင် ရွှန်း ဟိန်း ပြည့် ဖုန်း လွင်",
    )
).split(" ")

_STACKED = dict(
    zip(
        "ကခဂဃစဆဇဈဋဌဏတထဒဓနပဖဗဘမလ",
        "\u1060\u1061\u1062\u1063\u1065\u1066\u1068\u1069\u106c\u106d\u1070\u1071\u1073\u1075\u1076\u1077\u1078\u1079\u107a\u107b\u107c\u1085",
        strict=True,
    )
)
_SYLLABLE = re.compile(
    "(?P<kinzi>(?:\u1004\u103a\u1039)?)(?P<base>[\u1000-\u1021\u1026])(?P<below>(?:\u1039[\u1000-\u1021])?)"
    "(?P<medials>[\u103b-\u103e]*)(?P<e>\u1031?)"
)


def to_zawgyi(text: str) -> str:
    """Unicode as a Zawgyi keyboard would have typed it: the other way round, for tests."""

    def moved(found: re.Match[str]) -> str:
        medials = found["medials"]
        below = _STACKED[found["below"][1]] if found["below"] else ""
        rest = medials.replace("\u103c", "").replace("\u103b", "\u103a\ue001").replace("\u103d\u103e", "\u108a")
        rest = rest.replace("\u103d", "\u103c").replace("\u103e", "\u103d").replace("\ue001", "")
        ra = "\u103b" if "\u103c" in medials else ""
        return found["e"] + ra + found["base"] + ("\u1064" if found["kinzi"] else "") + below + rest

    out = []
    place = 0
    for found in _SYLLABLE.finditer(text):
        out.append(text[place : found.start()].replace("\u103a", "\u1039"))
        out.append(moved(found))
        place = found.end()
    return "".join([*out, text[place:].replace("\u103a", "\u1039")])


@pytest.mark.parametrize(("typed", "meant"), REAL)
def test_names_of_old_lists_come_out_in_unicode(typed: str, meant: str) -> None:
    assert burmese.normal(zawgyi.to_unicode(typed)) == burmese.normal(meant)
    assert zawgyi.seems(typed, table("my"))
    assert not zawgyi.seems(meant, table("my"))


def test_the_way_there_and_back_changes_nothing() -> None:
    for syllable in SYLLABLES:
        assert burmese.normal(zawgyi.to_unicode(to_zawgyi(syllable))) == burmese.normal(syllable)


def test_ninety_nine_of_a_hundred_names_are_told_apart() -> None:
    chance = random.Random(7)
    known = table("my")
    names = ["".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))) for _ in range(1000)]
    typed = [(name, to_zawgyi(name)) for name in names]
    differing = [(name, old) for name, old in typed if old != name]
    seen = sum(zawgyi.seems(old, known) for _, old in differing)
    mistaken = sum(zawgyi.seems(name, known) for name in names)
    assert len(differing) > 900
    assert seen >= 0.99 * len(differing), [name for name, old in differing if not zawgyi.seems(old, known)][:10]
    assert mistaken <= 0.01 * len(names), [name for name in names if zawgyi.seems(name, known)][:10]


def test_readings_and_words_are_the_same_in_both_encodings() -> None:
    assert brahmic.readings("ေက်ာ္") == brahmic.readings("ကျော်")
    assert brahmic.split("ေအာင္ဆန္းစုၾကည္") == brahmic.split("အောင်ဆန်းစုကြည်")


def test_a_name_has_the_same_parts_in_both_encodings() -> None:
    assert read("ေဒၚေအာင္ဆန္းစုၾကည္") == read("ဒေါ်အောင်ဆန်းစုကြည်")
