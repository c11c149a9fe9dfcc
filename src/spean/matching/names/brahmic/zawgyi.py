"""Zawgyi: Burmese written with the code points of Unicode in another meaning and in the order that the eye sees.

Half of what comes from older telephones and lists is Zawgyi. ``ေ`` and ``ြ`` stand before their consonant, asat is
U+1039, the medials are one code point lower, and stacked consonants have code points that Unicode gives to Shan, Mon and
Karen. A text is taken for Zawgyi when it makes likelier Burmese after conversion than before (``seems``).
Source of the code points: the fonts' published layouts (Zawgyi-One 2009), the same as in Unicode's FAQ on Myanmar.
"""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Final

from . import burmese

_STACKED: Final = dict(
    zip(
        "\u1060\u1061\u1062\u1063\u1065\u1066\u1067\u1068\u1069\u106c\u106d\u1070\u1071\u1072\u1073\u1074\u1075\u1076\u1077\u1078\u1079\u107a\u107b\u107c\u1085\u1093",
        "ကခဂဃစဆဆဇဈဋဌဏတတထထဒဓနပဖဗဘမလဘ",
        strict=True,
    )
)
_LETTERS: Final = {
    **{mark: "\u1039" + letter for mark, letter in _STACKED.items()},
    "\u1039": "\u103a",
    "\u103a": "\u103b",
    "\u107d": "\u103b",
    **dict.fromkeys("\u103b\u107e\u107f\u1080\u1081\u1082\u1083\u1084", "\u103c"),
    "\u103c": "\u103d",
    "\u103d": "\u103e",
    "\u1087": "\u103e",
    "\u1033": "\u102f",
    "\u1034": "\u1030",
    "\u105a": "\u102b\u103a",
    "\u1064": "\u1004\u103a\u1039",
    "\u106a": "\u1009",
    "\u106b": "\u100a",
    "\u106e": "\u100d\u1039\u100d",
    "\u106f": "\u100d\u1039\u100e",
    "\u1086": "\u103f",
    "\u1088": "\u103e\u102f",
    "\u1089": "\u103e\u1030",
    "\u108a": "\u103d\u103e",
    "\u108b": "\u1004\u103a\u1039\u102d",
    "\u108c": "\u1004\u103a\u1039\u102e",
    "\u108d": "\u1004\u103a\u1039\u1036",
    "\u108e": "\u102d\u1036",
    "\u108f": "\u1014",
    "\u1090": "\u101b",
    "\u1091": "\u100f\u1039\u100d",
    "\u1092": "\u100b\u1039\u100c",
    "\u1094": "\u1037",
    "\u1095": "\u1037",
    "\u1096": "\u1039\u1010\u103d",
    "\u1097": "\u100b\u1039\u100b",
}
_TABLE: Final = str.maketrans(_LETTERS)
_CONSONANT = "[\u1000-\u1021\u103f\u1025\u1029]"
_MARK: Final = "\ue000"
"""Stands for kinzi while letters are moved."""
_SEQUENCE = re.compile(
    rf"(?P<e>\u1031*)(?P<r>\u103c*)(?P<base>{_CONSONANT})"
    rf"(?P<rest>(?:\u1039[\u1000-\u1021]|[\u103b\u103d\u103e{_MARK}])*)"
)
_SIGN = re.compile("[\u102b-\u103e\u1056-\u1097]")
_ONLY_UNICODE = re.compile("[\u102b\u102c]\u103a|\u103a[\u1037\u1038]|\u1037\u103a|\u103e")
_ONLY_ZAWGYI = re.compile(
    "(?:^|[^\u1000-\u104f])\u1031|\u1039(?![\u1000-\u1021])|\u103a[\u102b-\u1032]|[\u1033\u1034\u105a\u1060-\u1097]"
)
_STRANGE, _UNUSUAL, _DOUBT = 8.0, 3.0, 5.0
"""How odd are a sign outside every syllable and a unit that no name has; and how much likelier Zawgyi has to be when every sign has its place."""


def to_unicode(text: str) -> str:
    """A Zawgyi text in Unicode; letters that are no Burmese stay."""
    text = text.replace("\u200b", "").translate(_TABLE).replace("\u1004\u103a\u1039", _MARK)
    text = _SEQUENCE.sub(_moved, text).replace(_MARK, "\u1004\u103a\u1039")
    return text.replace("\u1025\u102e", "\u1026")


def _moved(found: re.Match[str]) -> str:
    rest = found["rest"]
    kinzi = "\u1004\u103a\u1039" if _MARK in rest else ""
    below = "".join(re.findall("\u1039[\u1000-\u1021]", rest))
    medials = "".join(sorted(set(found["r"]) | {sign for sign in rest if sign in "\u103b\u103d\u103e"}))
    return kinzi + found["base"] + below + medials + found["e"][:1]


def seems(text: str, known: Container[str]) -> bool:
    """Whether a Burmese text is Zawgyi: converted, it is made of units that names have (``known``), and as it is, it is not."""
    if not _SIGN.search(text):
        return False
    converted = to_unicode(text)
    if converted == text or (_ONLY_UNICODE.search(text) and not _ONLY_ZAWGYI.search(text)):
        return False
    margin = 0.0 if _ONLY_ZAWGYI.search(text) or burmese.loose(burmese.normal(text)) else _DOUBT
    return _oddity(converted, known) + margin < _oddity(text, known)


def _oddity(text: str, known: Container[str]) -> float:
    """How far a text is from Burmese syllables: signs that belong to none, units that no name has."""
    plain = burmese.normal(text)
    odd = 0.0
    for onset, rhyme, rest in burmese.syllables(plain):
        if f"S{onset}{rhyme}" in known:
            continue
        odd += 0.5
        odd += 0.0 if f"R{rhyme}" in known else _UNUSUAL
        odd += 0.0 if f"O{onset}" in known else _UNUSUAL
        odd += len(rest) * 0.5
    return odd + _STRANGE * (burmese.loose(plain) + len(_ONLY_ZAWGYI.findall(text)))
