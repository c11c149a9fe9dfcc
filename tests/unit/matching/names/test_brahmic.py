"""Khmer, Lao, Thai and Burmese names in Latin letters."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spean.matching.names import brahmic
from spean.matching.names.model import MOST_READINGS

PAIRS = {
    "khmer": "ដារា dara|សុខា sokha|សុភា sophea|វណ្ណា vanna|ស្រី srey|ចាន់ chan|ហេង heng|បុប្ផា bopha|រតនា ratana|កំពត kampot|ភ្នំ phnom|ពោធិ៍ pou",
    "lao": "ບຸນມີ bounmy|ສົມພອນ somphone|ວຽງຈັນ vientiane|ຄຳ kham|ວົງ vong|ແກ້ວ keo|ໄຊ xay|ສຸກສັນ souksanh|ພູວົງ phouvong|ຈັນທາ chantha",
    "thai": "สมชาย somchai|ศักดิ์ sak|พงษ์ pong|วรรณ wan|รัตนา rattana|พร porn|บุญ boon|กรุงเทพ krungthep|เชียงใหม่ chiangmai|จันทร์ chan|ธนากร thanakorn|"
    "วิทยา wittaya|อรุณ arun|ประเสริฐ prasert|สุรชัย surachai",
    "burmese": "အောင် aung|ဆန်း san|စု su|ကြည် kyi|ကျော် kyaw|သိန်း thein|ထွန်း htun|ထွန်း tun|ခင် khin|မြင့် myint|အေး aye|ဇော် zaw|ဝင်း win|လှ hla|မောင် maung|"
    "နိုင် naing|ရန်ကုန် yangon|မင်္ဂလာ mingalar",
}

OFFICIAL = {
    "khmer": "កំពត kampot|តាកែវ takaev",
    "lao": "ສາລະວັນ salavan|ຜົ້ງສາລີ phongsali",
    "thai": "พงษ์ phong|บุญ bun|วัฒนา watthana|เลิศ loet",
    "burmese": "ထွန်း htun|ကျော် kyaw",
}


def every(table: dict[str, str]) -> list[tuple[str, str]]:
    return [
        (native, latin) for text in table.values() for native, latin in (pair.split(" ") for pair in text.split("|"))
    ]


def latins(word: str) -> list[str]:
    return [reading.latin for reading in brahmic.readings(word)]


@pytest.mark.parametrize(("native", "latin"), every(PAIRS))
def test_a_common_name_has_its_common_spelling_among_its_readings(native: str, latin: str) -> None:
    assert latin in latins(native)


@pytest.mark.parametrize(("native", "latin"), every(OFFICIAL))
def test_the_official_romanisation_is_among_the_readings(native: str, latin: str) -> None:
    assert latin in latins(native)


VOWELS = {
    "khmer": "កា កិ កី កឹ កុ កូ កួ កើ កៀ កេ កែ កៃ កោ កៅ កុំ កាំ|រា រី រូ រេ រែ រៃ រោ រៅ រួ|សារ៉ា សារី សារូ|ចាន់ ចិន ចុន ចែន ចួន",
    "lao": "ກາ ກີ ກຸ ເກ ແກ ໂກ ກໍ ໄກ ກຳ ເກົາ ກົວ|ຄຳ ຄາມ ຄອມ ຄູມ ຄີມ|ມາລີ ມາລາ ມາລູ",
    "thai": "กา กี กุ เก แก โก กอ ไก กำ เกา กัว เกีย เกือ|มาลี มาลา มาลู มาไล|นาม นิม นุม นอม นวม",
    "burmese": "မာ မိ မု မေ မဲ မော် မို မံ မုံ|ကင် ကောင် ကိုင် ကုန် ကိန်|သန် သိန် သုန် သောင် သိုင်",
}


ALIKE = {"កេ", "ແກ", "ຄາມ"}
"""Words that both the official romanisation and the people spell like another one of their row: short and long, *é* and *è*."""


@pytest.mark.parametrize("row", [row for text in VOWELS.values() for row in text.split("|")])
def test_words_that_differ_in_a_vowel_sign_have_other_likeliest_readings(row: str) -> None:
    words = [word for word in row.split(" ") if word not in ALIKE]
    best = {word: latins(word)[0] for word in words}
    alike = [(one, other) for one in words for other in words if one < other and best[one] == best[other]]
    assert not alike, [(one, other, best[one]) for one, other in alike]


@pytest.mark.parametrize("row", [row for text in VOWELS.values() for row in text.split("|")])
def test_no_two_words_share_all_their_readings(row: str) -> None:
    words = row.split(" ")
    assert len({brahmic.readings(word) for word in words}) == len(words)


def test_readings_are_few_ordered_and_in_plain_letters() -> None:
    for native, _ in every(PAIRS):
        found = brahmic.readings(native)
        assert 0 < len(found) <= MOST_READINGS
        assert [reading.bits for reading in found] == sorted(reading.bits for reading in found)
        assert all(reading.latin.isascii() and reading.latin.isalpha() and reading.latin.islower() for reading in found)


@pytest.mark.parametrize(("native", "latin"), every(PAIRS))
def test_the_right_spelling_surprises_less_than_all_others(native: str, latin: str) -> None:
    own = brahmic.surprise(native, latin)
    others = [other for word, other in every(PAIRS) if word != native and other not in latins(native)]
    assert all(own < brahmic.surprise(native, other) for other in others)


def test_surprise_agrees_with_readings() -> None:
    for native in ("สมชาย", "ស្រី", "ບຸນມີ", "အောင်"):
        best = brahmic.readings(native)[0]
        assert brahmic.surprise(native, best.latin) == pytest.approx(best.bits)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("အောင်ဆန်းစုကြည်", ("အောင်", "ဆန်း", "စု", "ကြည်")),
        ("မင်္ဂလာ", ("မင်္ဂလာ",)),
        ("ရတနာ", ("ရတနာ",)),
        ("ဘသိန်း", ("ဘ", "သိန်း")),
        ("ဒေးဗစ် ကင်မရွန်", ("ဒေးဗစ်", "ကင်မရွန်")),
        ("၀င်းမြင့်", ("ဝင်း", "မြင့်")),
        ("ហ៊ុន សែន", ("ហ៊ុន", "សែន")),
        ("สมชาย ใจดี", ("สมชาย", "ใจดี")),
        ("ສົມພອນ ວົງສາ", ("ສົມພອນ", "ວົງສາ")),
        ("Somchai ใจดี", ("Somchai", "ใจดี")),
        ("", ()),
    ],
)
def test_a_text_is_split_as_its_script_writes_words(text: str, parts: tuple[str, ...]) -> None:
    assert brahmic.split(text) == parts


def test_invisible_signs_and_doubled_ways_to_type_change_nothing() -> None:
    assert brahmic.readings("ស្រី\u200b") == brahmic.readings("ស្រី")
    assert brahmic.readings("ន\u200dាង") == brahmic.readings("នាង")
    assert brahmic.readings("คํา") == brahmic.readings("คำ")
    assert brahmic.readings("เเก้ว") == brahmic.readings("แก้ว")
    assert brahmic.readings("ຄໍາ") == brahmic.readings("ຄຳ")
    assert brahmic.readings("ໝີ") == brahmic.readings("ຫມີ")
    assert brahmic.readings("သန့်") == brahmic.readings("သန့်")


def test_other_scripts_have_no_readings_here() -> None:
    assert brahmic.readings("Somchai") == ()
    assert brahmic.readings("") == ()
    assert brahmic.script_of("김철수") is None


LETTERS = {
    "khmer": "".join(map(chr, range(0x1780, 0x17DE))),
    "lao": "".join(map(chr, range(0x0E81, 0x0EDE))),
    "thai": "".join(map(chr, range(0x0E01, 0x0E4F))),
    "burmese": "".join(map(chr, range(0x1000, 0x10A0))),
}


@given(
    st.one_of(
        [st.text(alphabet, max_size=40) for alphabet in [*LETTERS.values(), "".join(LETTERS.values()) + "aก် \u200b"]]
    )
)
@settings(max_examples=250, deadline=None)
def test_broken_words_never_raise(text: str) -> None:
    for word in brahmic.split(text):
        assert len(brahmic.readings(word)) <= MOST_READINGS
        assert brahmic.surprise(word, "somchai") >= 0


@pytest.mark.parametrize("letters", [*LETTERS.values(), "ก", "เกร", "ក្", "က္", "ေ", "ກ", "\u0e4c", "aक한"])
def test_a_text_of_ten_thousand_letters_is_quick(letters: str) -> None:
    text = (letters * (10_000 // len(letters) + 1))[:10_000]
    before = time.process_time()
    brahmic.readings(text)
    brahmic.split(text)
    brahmic.surprise(text, "a" * 10_000)
    assert (
        time.process_time() - before < 3
    )  # a full collection of garbage may fall into it; what explodes takes minutes
