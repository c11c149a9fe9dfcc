"""Known spellings of common names: what a script is read as in Latin letters."""

from __future__ import annotations

import pytest

from spean.matching.names import arabic, cyrillic, han, hangul, kana, other, sinitic, vietnamese
from spean.matching.names.model import Reading
from spean.matching.names.writing import clean, fold, folds, script_of


def latin(found: tuple[Reading, ...], most: int = 12) -> list[str]:
    return [reading.latin for reading in found[:most]]


@pytest.mark.parametrize(
    ("family", "spellings"),
    [
        ("김", "kim gim"),
        ("이", "lee yi rhee i"),
        ("박", "park pak bak"),
        ("최", "choi choe"),
        ("정", "jung jeong chung"),
        ("강", "kang gang"),
        ("조", "cho jo"),
        ("유", "yoo yu"),
        ("임", "lim im"),
    ],
)
def test_korean_families_are_spelt_as_people_do(family: str, spellings: str) -> None:
    assert set(spellings.split()) <= set(latin(hangul.readings(family, "family")))


@pytest.mark.parametrize(
    ("given", "spellings"),
    [
        ("영희", "younghee yeonghui"),
        ("현우", "hyunwoo hyeonu"),
        ("승주", "seungju seungjoo"),
        ("민호", "minho"),
        ("정은", "jungeun jeongeun jongun"),
    ],
)
def test_korean_given_names_are_spelt_as_people_do(given: str, spellings: str) -> None:
    assert set(spellings.split()) <= set(latin(hangul.readings(given, "given")))


def test_official_romanisations_of_korean() -> None:
    assert hangul.revised("정은") == "jeongeun"
    assert hangul.mccune_reischauer("정은") == "chongun"
    assert hangul.mccune_reischauer("부산") == "pusan"
    assert hangul.mccune_reischauer("고구려") == "koguryo"


@pytest.mark.parametrize(
    ("word", "spoken"),
    [("석민", "성민"), ("일우", "이루"), ("신라", "실라"), ("종로", "종노"), ("독립", "동닙"), ("영희", "영희")],
)
def test_syllables_side_by_side_are_spoken_together(word: str, spoken: str) -> None:
    assert hangul.assimilated(word) == spoken


@pytest.mark.parametrize(
    ("word", "spelt"),
    [
        ("조지", "george"),
        ("워싱턴", "washington"),
        ("제임스", "james"),
        ("다카하시", "takahashi"),
        ("마이클", "michael"),
    ],
)
def test_other_names_in_hangul(word: str, spelt: str) -> None:
    assert latin(hangul.other(word))[0] == spelt


@pytest.mark.parametrize(
    ("word", "spelt"), [("벨로소바", "belosova"), ("타나카마", "tanakama"), ("로벤슈타인", "robenstein")]
)
def test_words_never_seen_go_by_sound(word: str, spelt: str) -> None:
    found = latin(hangul.other(word))
    assert found
    assert any(
        sum(one != two for one, two in zip(spelt, each, strict=False)) + abs(len(spelt) - len(each)) <= 2
        for each in found
    )


def test_korean_names_are_told_from_others() -> None:
    assert hangul.split("김철수") == ("김", "철수")
    assert hangul.split("로이드") == ("로이드",)
    assert hangul.split("독고영재") == ("독고", "영재")


@pytest.mark.parametrize(
    ("written", "family", "given"),
    [
        ("천즈", "chen", "zhi"),
        ("저우언라이", "zhou", "enlai"),
        ("마오쩌둥", "mao", "zedong"),
        ("시진핑", "xi", "jinping"),
        ("리커창", "li", "keqiang"),
    ],
)
def test_chinese_names_in_hangul(written: str, family: str, given: str) -> None:
    assert len(hangul.split(written)) == 2
    first, second = hangul.split(written)
    assert family in latin(hangul.readings(first, "family"))
    assert given in latin(hangul.readings(second, "given"))


@pytest.mark.parametrize(
    ("char", "mandarin"),
    [
        ("单", "shan"),
        ("曾", "zeng"),
        ("仇", "qiu"),
        ("解", "xie"),
        ("查", "zha"),
        ("區", "ou"),
        ("盖", "gai"),
        ("任", "ren"),
    ],
)
def test_polyphones_in_family_names(char: str, mandarin: str) -> None:
    assert latin(han.readings(char, "family"))[0] == mandarin


@pytest.mark.parametrize(
    ("char", "spellings"),
    [
        ("陈", "chen chan tan"),
        ("王", "wang wong ong"),
        ("张", "zhang cheung chang teo"),
        ("吴", "wu ng goh"),
        ("刘", "liu lau low"),
        ("郭", "guo kwok quek"),
        ("梁", "liang leung neo"),
        ("黄", "huang wong ng"),
        ("李", "li lee"),
        ("林", "lin lam lim"),
    ],
)
def test_families_keep_their_own_spelling(char: str, spellings: str) -> None:
    assert set(spellings.split()) <= set(latin(han.readings(char, "family")))


def test_simplified_and_traditional_are_one() -> None:
    assert han.fold("陳國華") == han.fold("陈国华") == "陈国华"
    assert han.fold("高沢") == han.fold("髙澤")
    assert latin(han.readings("陳", "family"))[0] == latin(han.readings("陈", "family"))[0] == "chen"
    assert han.pinyin("志") == ("zhi4",)


def test_a_given_name_stays_in_one_system() -> None:
    found = latin(han.readings("澤東", "given"))
    assert {"zedong", "tsetung"} <= set(found)
    assert "zetung" not in found


@pytest.mark.parametrize(
    ("pinyin", "wade"),
    [
        ("zhang", "chang"),
        ("xiao", "hsiao"),
        ("zhi", "chih"),
        ("quan", "chuan"),
        ("ren", "jen"),
        ("zedong"[:2], "tse"),
        ("lie", "lieh"),
    ],
)
def test_wade_giles(pinyin: str, wade: str) -> None:
    assert sinitic.wade_giles(pinyin) == wade


@pytest.mark.parametrize(
    ("jyutping", "spelt"),
    [
        ("can", "chan"),
        ("zoeng", "cheung"),
        ("gwok", "kwok"),
        ("wong", "wong"),
        ("jyun", "yuen"),
        ("jip", "yip"),
        ("ng", "ng"),
    ],
)
def test_hong_kong(jyutping: str, spelt: str) -> None:
    assert spelt in latin(sinitic.hong_kong(jyutping))


@pytest.mark.parametrize(
    ("word", "spelt"),
    [
        ("やまだ", "yamada"),
        ("タロウ", "taro"),
        ("シンゾウ", "shinzo"),
        ("キョウコ", "kyoko"),
        ("ジェームズ", "jemuzu"),
        ("はっとり", "hattori"),
        ("マッチ", "matchi"),
    ],
)
def test_kana(word: str, spelt: str) -> None:
    assert spelt in latin(kana.readings(word))


@pytest.mark.parametrize(
    ("word", "spelt"),
    [
        ("Владимир", "vladimir"),
        ("Дмитрий", "dmitry"),
        ("Юлия", "yulia"),
        ("Щукин", "shchukin"),
        ("Хрущёв", "khrushchev"),
        ("Александр", "alexandr"),
    ],
)
def test_cyrillic(word: str, spelt: str) -> None:
    assert spelt in latin(cyrillic.readings(word))


@pytest.mark.parametrize(
    ("word", "spelt"),
    [
        ("محمد", "mohammed"),
        ("مُحَمَّد", "muhammad"),
        ("عبدالرحمن", "abdulrahman"),
        ("الأسد", "assad"),
        ("حسين", "hussein"),
        ("فهد", "fahd"),
        ("الحريري", "hariri"),
    ],
)
def test_arabic(word: str, spelt: str) -> None:
    assert spelt in latin(arabic.readings(word))


def test_arabic_spellings_share_a_key_without_vowels() -> None:
    assert len({arabic.key(word) for word in ("mohammed", "muhammad", "mohamad", "muhamed")}) == 1
    assert len({arabic.key(word) for word in ("yusuf", "youssef", "yousef")}) == 1
    assert arabic.key("hassan") != arabic.key("hamid")


@pytest.mark.parametrize(("word", "spelt"), [("Παπαδοπουλος", "papado"), ("नरेन्द्र", "narendr"), ("כהן", "k")])
def test_other_alphabets_are_read_roughly(word: str, spelt: str) -> None:
    assert latin(other.readings(word))[0].startswith(spelt)


@pytest.mark.parametrize(
    ("one", "two", "how"),
    [
        ("Nguyễn", "Nguyen", "omitted"),
        ("Hùng", "Hưng", "letter"),
        ("Bảo", "Bão", "tone"),
        ("Đạt", "ĐẠT", "same"),
        ("Đạt", "Dạt", "letter"),
        ("Lan", "Linh", "other"),
    ],
)
def test_a_vietnamese_mark_left_out_is_no_contradiction(one: str, two: str, how: str) -> None:
    assert vietnamese.marks(one, two) == vietnamese.marks(two, one) == how


def test_folding() -> None:
    assert fold("Đặng") == "dang"
    assert folds("Müller") == ("muller", "mueller")
    assert fold("Łukasz") == "lukasz"
    assert fold("007") == "zerozeroseven"
    assert clean("  a\u200b b\x00c ") == "a b c"
    assert [script_of(word) for word in ("abc", "김", "陈", "ひ", "ខ", "ກ", "ก", "က", "ع", "Ж", "ψ", "99")] == [
        "latin", "hangul", "han", "kana", "khmer", "lao", "thai", "burmese", "arabic", "cyrillic", "other", "latin",
    ]  # fmt: skip
