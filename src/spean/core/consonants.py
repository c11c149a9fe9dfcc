"""Which consonants a written word sounds, script by script: the raw material of a sound key (``core/sounds``).

Each reader gives a word as a string over few signs: ``k t p s m n l w y h`` for consonants, ``a`` for any vowel that is
written. Sounds that romanisers swap (k g, t d, p b v f, s c j z, n ng ny, l r) are one sign already. A reader that cannot
know which of two a letter sounds gives both words. Sources: Unicode 15 chapters 16 and 18.6; the Revised Romanization of
Korean (2000); the Royal Thai General System (1999); UNGEGN's Khmer table; the usual Latin spelling of Burmese names.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from itertools import zip_longest

Reader = Callable[[str], Iterable[str]]


def _table(text: str) -> dict[str, str]:
    """``"k: кг …"`` → letter to sign."""
    return {letter: sign for sign, letters in (line.split(":") for line in text.split()) for letter in letters}


# Latin ----------------------------------------------------------------------------------------------------------

_PLAIN = str.maketrans({
    "đ": "d", "ð": "d", "ø": "o", "ł": "l", "ı": "i", "ŋ": "n", "þ": "t", "æ": "a", "œ": "o", "ß": "s", "ħ": "h", "ʻ": None,
})  # fmt: skip
_SPELLING = re.compile("tch|sch|chh|[cszj]h|t[sz]|dz|[pb]h|[td]h|[gk]h|ck|n[gh]|rh?[aeiouy]|h[aeiouyw]|c+[eiy]|[a-z]")
_TOGETHER = {
    "s": "tch sch chh ch sh zh jh ts tz dz", "p": "ph bh", "t": "th dh", "k": "gh kh ck", "n": "ng nh", "ks": "x", "hw": "hw",
    "sa": "ce ci cy cce cci ccy", "ha": "ha he hi ho hu hy", "la": "ra re ri ro ru ry rha rhe rhi rho rhu rhy",
}  # fmt: skip
_LATIN = _table("k:kgqc t:td p:pbfv s:szj m:m n:n l:l w:w y:y a:aeiou") | {
    each: sign for sign, row in _TOGETHER.items() for each in row.split()
}
"""What letters sound together; r and h that no vowel follows are not in it."""
_GREEK_CH = re.compile("ch(?=[rl])")


def latin(word: str) -> tuple[str, ...]:
    """Latin letters, whatever language: Vietnamese marks folded, r sounded before a vowel only; v is b or w, ch also k or t-ch."""
    plain = word.lower() if word.isascii() else _unmarked(word)
    said = _spelt(plain)
    if "v" not in plain and "ch" not in plain:
        return (said,)
    ways = (plain.replace("v", "w"), _GREEK_CH.sub("k", plain), plain.replace("tch", "t-ch"))
    return tuple(dict.fromkeys((said, *map(_spelt, ways))))


def _unmarked(word: str) -> str:
    apart = unicodedata.normalize("NFD", word.casefold())
    return "".join(each for each in apart if unicodedata.category(each)[0] != "M").translate(_PLAIN)


def _spelt(plain: str) -> str:
    said = "".join([_LATIN.get(each, "") for each in _SPELLING.findall(plain)])
    return said[1:] if plain.startswith("x") else said


# Hangul ---------------------------------------------------------------------------------------------------------

_HANGUL = range(0xAC00, 0xD7A4)
_INITIALS = ("k", "k", "n", "t", "t", "l", "m", "p", "p", "s", "s", "", "s", "s", "s", "k", "t", "p", "h")
_VOWELS = ("a", "a", "ya", "ya", "a", "a", "ya", "ya", "a", "wa", "wa", "wa", "ya", "a", "wa", "wa", "wa", "ya", "a", "a", "a")  # fmt: skip
_FINALS = (
    "", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p", "t", "t", "n", "t", "t",
    "k", "t", "p", "t",
)  # fmt: skip
_CARRIED = {19: "s", 20: "s", 22: "s", 23: "s", 10: "lm", 11: "lp", 3: "ks", 5: "ns", 18: "ps", 9: "lk", 27: ""}
"""Finals that sound otherwise when a vowel follows; the rest keep their sign."""


_FAMILIES = {
    "이": "la ya", "임": "lam", "유": "lya", "류": "ya", "노": "la", "나": "la", "여": "lya", "염": "lyam", "양": "lyan",
    "림": "am", "리": "a",
}  # fmt: skip
"""Family names whose first l is written in the north and in Latin letters (Lee, Lim, Ryu, Roh), or the other way round."""


def hangul(word: str) -> tuple[str, ...]:
    """Syllables taken apart by arithmetic (Unicode 3.12); a final moves to a vowel that follows it."""
    word = "".join(each for each in unicodedata.normalize("NFC", word) if ord(each) in _HANGUL)
    codes = [ord(each) - _HANGUL.start for each in word]
    result = []
    for code, after in zip_longest(codes, codes[1:]):
        first, (vowel, final) = code // 588, divmod(code % 588, 28)
        moves = after is not None and _INITIALS[after // 588] == ""
        closing = _CARRIED.get(final, _FINALS[final]) if moves else _FINALS[final]
        result.append(_INITIALS[first] + _VOWELS[vowel] + closing)
    said = "".join(result)
    others = _FAMILIES.get(word[:1], "").split()
    return (said, *(other + "".join(result[1:]) for other in others))


# Thai and Lao ---------------------------------------------------------------------------------------------------

_THAI = _table(
    "k:กขฃคฅฆ n:งณน s:จฉชซฌศษส y:ญย t:ฎฏฐฑฒดตถทธ p:บปผฝพฟภ m:ม l:รลฬฤฦ w:ว h:หฮ a:อ"
    " k:ກຂຄ n:ງນໜ s:ຈສຊ t:ດຕຖທ p:ບປຜຝພຟ m:ມໝ y:ຢຍ l:ຣລຼ w:ວ h:ຫຮ a:ອ"
)
_THAI_VOWELS = frozenset("ะัาำิีึืฺุูเแโใไๅ็ะັາຳິີຶືຸູົຽເແໂໃໄ\u0ecd")
_AM = frozenset("ำຳ")
_TONES = re.compile("[\u0e47-\u0e4b\u0e4d\u0e4e\u0eba\u0ec8-\u0ecb\u0ece]")
_KILLED = re.compile("(?:[ดตทส](?=ร[\u0e34\u0e38]?\u0e4c))?[ก-ฮກ-ຮ][\u0e34\u0e38]?[\u0e4c\u0ecc]")
_RR = re.compile("รร(?=[ก-ฮ])")
_LED = re.compile("[หຫ](?=[งญนมยรลวງຍນມຣລວຼ](?:[^ก-ฮກ-ຮ]|[อวອວ]))|(?<=[เแโใไເແໂໃໄ])[หຫ](?=[งญนมยรลวງຍນມຣລວຼ])")
_BEFORE = re.compile("([เแโใไເແໂໃໄ])([ก-ฮກ-ຮໜໝ])")
_ENDS = {"l": "n", "s": "t", "y": ""}
_AT_FIRST = {"ญ": "yn", "ຍ": "ny"}
"""Letters that sound otherwise at the beginning of a word."""


def thai(word: str) -> tuple[str, ...]:
    """Thai and Lao: killed letters and an h that only makes the tone dropped; the last letter as written, as said, and unsaid."""
    word = _TONES.sub("", _KILLED.sub("", unicodedata.normalize("NFC", word)))
    word = word.replace("ยรต", "ยต").replace("สริฐ", "สิฐ")  # -kiat and -sert end many names
    word = _BEFORE.sub(r"\2\1", _LED.sub("", _RR.sub("ั", word).replace("รร", "ัน")))
    written = ""
    for each in word:
        if each in _AT_FIRST:
            written += _AT_FIRST[each][bool(written)]
        else:
            written += "m" if each in _AM else "a" if each in _THAI_VOWELS else _THAI.get(each, "")
    if written[:1] == written[1:2]:  # no word begins with one consonant twice: a vowel stands between
        written = written[:1] + "a" + written[1:]
    bare = word.rstrip("ิุ")
    stem = written.rstrip("a")
    if (
        _THAI.get(bare[-1:]) not in _ENDS or stem[-1:] not in _ENDS
    ):  # the last letter is a vowel, or sounds as it is written
        return (written,)
    said = stem[:-1] + _ENDS[stem[-1]]
    return (written, said, stem[:-1]) if bare[-1] in "รຣ" else (written, said)


# Khmer ----------------------------------------------------------------------------------------------------------

_KHMER = _table("k:កខគឃ n:ងញណន s:ចឆជឈឝឞស t:ដឋឌឍតថទធ p:បផពភវ m:មំ y:យ l:រលឡឫឬឭឮ h:ហ w:w a:អឥឦឧឨឩឪឯឰឱឲឳ")
_KHMER_KILLED = re.compile("[\u1780-\u17a2][\u17b7\u17bb\u17cc]?\u17cd")
_KHMER_TWICE = re.compile("(?<=[\u1780-\u17a2])(?=[\u1780-\u17a2])")
"""Two letters that are not stacked: a vowel may be said between them, or the first ends a syllable."""
_KHMER_END = re.compile("(?<=[នណ])\u17d2[តថទធដឋឌឍ]$")
_KHMER_NG = re.compile("ំ(?=ង)")
_KHMER_R = re.compile("(?<=.)រ(?![\u17b6-\u17c5\u17c9-\u17cb\u17d2])")


def khmer(word: str) -> tuple[str, ...]:
    """Khmer: a base and what is stacked under it; killed letters are silent, a closing r and a last t under n mostly; nikahit is m."""
    word = unicodedata.normalize("NFC", word)
    word = _KHMER_NG.sub("", _KHMER_KILLED.sub("", word).replace("\u17cc", ""))
    said = _KHMER_R.sub("", _KHMER_END.sub("", word))
    apart = _KHMER_TWICE.sub("អ", said)
    ways = (said, apart, said.replace("វ", "w"), word, _KHMER_TWICE.sub("អ", word))
    return tuple(_signs(_KHMER, range(0x17B6, 0x17C6), way) for way in ways)


def _signs(table: dict[str, str], vowels: range, word: str) -> str:
    return "".join("a" if ord(each) in vowels else table.get(each, "") for each in word)


# Burmese --------------------------------------------------------------------------------------------------------

_BURMESE = _table("k:ကခဂဃ n:ငဉညဏန s:စဆဇဈ t:ဋဌဍဎတထဒဓသဿ p:ပဖဗဘ m:မ y:ယရျြ l:လဠ w:ဝွ h:ဟ a:အဣဤဥဦဧဩဪ")
_SILENT = re.compile("[ယဝဟရည]\u103a")
_STOP = re.compile("[က-ဃစ-ဈဋ-ဎတ-ဓပ-ဘသလ]\u103a")
_NASAL = re.compile("[ငနမဏဉ]\u103a|\u1036")
_CREAKY = re.compile("[ငနမဏဉ]\u1037\u103a|\u1036\u1037")
_KINZI = "\u1004\u103a\u1039"
_CH = re.compile("[ခဂ][ျြ]|[ယရ]ှ|သျှ?")


def burmese(word: str) -> tuple[str, ...]:
    """Burmese: an asat closes the syllable with a stop (written t or k) or a nasal (nt when creaky); r is y, in loans r."""
    word = unicodedata.normalize("NFC", word).replace(_KINZI, "န")
    word = _SILENT.sub("", _CH.sub("စ", _CREAKY.sub("နတ", word)))
    said = _NASAL.sub("န", word)
    loan = _STOP.sub("တ", said).replace("ရ", "လ").replace("ြ", "လ")
    ways = (_STOP.sub("တ", said), _STOP.sub("က", said), word, loan)
    return tuple(_signs(_BURMESE, range(0x102B, 0x1036), way) for way in ways)


READERS: dict[str, Reader] = {"latin": latin, "hangul": hangul, "thai": thai, "khmer": khmer, "burmese": burmese}
"""Lao is read with Thai. Han has no reader: its letters do not say how they sound."""
_RANGES = (
    (0x0041, 0x024F, "latin"), (0x02BB, 0x02BC, "latin"), (0x1E00, 0x1EFF, "latin"), (0x1100, 0x11FF, "hangul"), (0xAC00, 0xD7A3, "hangul"),
    (0x0E01, 0x0E4E, "thai"), (0x0E81, 0x0EDF, "thai"), (0x1780, 0x17D3, "khmer"), (0x17DD, 0x17DD, "khmer"), (0x1000, 0x103F, "burmese"),
)  # fmt: skip


def script_of(char: str) -> str:
    """The name of the reader that a letter or mark belongs to; empty for what has none."""
    code = ord(char)
    return next((name for low, high, name in _RANGES if low <= code <= high), "")
