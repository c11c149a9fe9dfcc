"""Chinese syllables from one romanisation into others: pinyin into Wade–Giles, Jyutping into the spellings of Hong Kong."""

from __future__ import annotations

import math
import re
from functools import lru_cache

from spean.matching.names.model import Reading

_SYLLABLE = re.compile("(zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]?)([a-z]+)")
_WADE_INITIALS = dict(
    zip(
        ("b", "p", "d", "t", "g", "k", "j", "q", "x", "zh", "ch", "r", "z", "c"),
        ("p", "p", "t", "t", "k", "k", "ch", "ch", "hs", "ch", "ch", "j", "ts", "ts"),
        strict=True,
    )
)
_WADE_WHOLE = {
    "zhi": "chih", "chi": "chih", "shi": "shih", "ri": "jih", "zi": "tzu", "ci": "tzu", "si": "ssu", "yi": "i", "you": "yu", "yan": "yen",
    "ye": "yeh", "yue": "yueh", "yong": "yung", "er": "erh", "ge": "ko", "ke": "ko", "he": "ho", "e": "o", "gui": "kuei", "kui": "kuei",
    "guo": "kuo", "kuo": "kuo", "huo": "huo", "shuo": "shuo",
}  # fmt: skip
_WADE_FINALS = {"ong": "ung", "iong": "iung", "ian": "ien", "ie": "ieh", "ue": "ueh", "ve": "ueh", "uo": "o", "v": "u"}


@lru_cache(maxsize=2048)
def wade_giles(pinyin: str) -> str:
    """Wade–Giles of a toneless syllable, without its marks (``zhang``: ``chang``)."""
    if pinyin in _WADE_WHOLE:
        return _WADE_WHOLE[pinyin]
    found = _SYLLABLE.fullmatch(pinyin)
    if found is None:
        return pinyin
    initial, final = found.groups()
    return _WADE_INITIALS.get(initial, initial) + _WADE_FINALS.get(final, final)


# Of a Cantonese initial or rime: how the offices of Hong Kong and its families write it, with shares. Rimes that read
# otherwise after s stand with it.
_INITIALS = {
    "b": "p9 b1", "p": "p", "m": "m", "f": "f", "d": "t9 d1", "t": "t", "n": "n9 l1", "l": "l", "g": "k9 g1", "k": "k", "ng": "ng8 2",
    "h": "h", "gw": "kw9 gw1", "kw": "kw", "w": "w", "z": "ch6 ts4", "c": "ch6 ts4", "s": "s8 sh2", "j": "y", "": "",
}  # fmt: skip
_RIMES = {
    "aa": "a7 ah3", "aai": "ai", "aau": "au", "aam": "am", "aan": "an", "aang": "ang", "aap": "ap", "aat": "at", "aak": "ak", "ai": "ai",
    "au": "au7 ou1 ow2", "am": "am5 um5", "an": "an8 un2", "ang": "ang", "ap": "ap7 up3", "at": "at8 ut2", "ak": "ak7 uk1 ack1", "e": "e7 eh3",
    "ei": "ei7 ee1 ay1 i1", "eng": "eng4 ing6", "ek": "ek", "i": "i6 ee3 e1", "iu": "iu8 ue1", "im": "im", "in": "in", "ing": "ing", "ip": "ip",
    "it": "it", "ik": "ik", "o": "o8 or2", "oi": "oi8 oy2", "ou": "o9 ou1", "on": "on", "ong": "ong", "ot": "ot", "ok": "ok", "u": "u6 oo4",
    "ui": "ui", "un": "un6 oon4", "ung": "ung", "ut": "ut8 oot2", "uk": "uk", "oe": "euh", "oeng": "eung8 eong2", "oek": "euk", "eoi": "ui",
    "eon": "un8 eun2", "eot": "ut", "yu": "u6 ue4", "yun": "uen8 un2", "yut": "uet8 ut2", "m": "m", "ng": "ng",
}  # fmt: skip
_WHOLE = {
    "zi": "chi6 tsz3 tse1", "ci": "chi6 tsz3 tze1", "si": "sze5 si4 see1 shi1", "jyu": "yu8 yue2", "jyun": "yuen8 yun2", "jyut": "yuet8 yut2",
    "ji": "yi7 yee3", "jing": "ying", "jiu": "yiu", "jin": "yin", "jim": "yim", "jip": "yip", "jit": "yit", "jik": "yik", "syu": "shu6 shue4",
    "syun": "shuen5 suen5", "soeng": "sheung", "seoi": "shui5 sui5", "sing": "sing5 shing5", "gu": "ku5 koo5",
    "wu": "wu8 woo2", "m": "ng", "ng": "ng",
}  # fmt: skip
_JYUTPING = re.compile("(ng(?=.)|gw|kw|[bpmfdtnlgkhwzcsj]?)([a-z]+)")


def _shares(text: str) -> list[tuple[str, float]]:
    found = []
    for entry in text.split(" "):
        letters = entry.rstrip("0123456789")
        found.append((letters, float(entry[len(letters) :] or 10) / 10))
    return found


@lru_cache(maxsize=2048)
def hong_kong(jyutping: str) -> tuple[Reading, ...]:
    """Spellings of a toneless Cantonese syllable in Hong Kong, likeliest first, at most four."""
    if jyutping in _WHOLE:
        options = _shares(_WHOLE[jyutping])
    else:
        found = _JYUTPING.fullmatch(jyutping)
        if found is None or found[2] not in _RIMES:
            return ()
        options = [
            (one + two, a * b) for one, a in _shares(_INITIALS[found[1]]) for two, b in _shares(_RIMES[found[2]])
        ]
    best = sorted(options, key=lambda row: -row[1])[:4]
    return tuple(Reading(spelt, -math.log2(share)) for spelt, share in best)
