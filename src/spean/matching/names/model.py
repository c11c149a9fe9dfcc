"""What a written name consists of, in any script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Kind = Literal["person", "organisation"]

Script = Literal["latin", "khmer", "lao", "thai", "burmese", "hangul", "han", "kana", "arabic", "cyrillic", "other"]

Role = Literal["family", "given", "initial", "particle", "title", "nickname", "form", "unknown"]
"""What a part is. ``particle``: *bin*, *binti*, *van*; ``title``: *Mr*, *Daw*, *นาย*; ``form``: the legal form of an organisation."""

MOST_READINGS = 12
"""Of one word."""


class Reading(NamedTuple):
    """A likely spelling of a word in Latin letters.

    ``latin`` has the letters a–z only. ``bits`` is its surprise: −log2 of how likely people spell the word so.
    """

    latin: str
    bits: float


@dataclass(frozen=True, slots=True)
class Part:
    """One word of a name: as written (NFC), its script, what it is there, and how it may be spelled in Latin letters.

    ``readings`` are ordered by ``bits``, at most ``MOST_READINGS``; a Latin word has itself, folded, first.
    """

    written: str
    script: Script
    role: Role
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """A name with its parts in written order. ``populations``: whose naming customs it may follow (``ko``, ``my``, ``vi`` …), likeliest first.

    It says how a name is read, and nothing about a person's nationality: it is never shown and never weighs against anyone.
    """

    written: str
    kind: Kind
    parts: tuple[Part, ...]
    populations: tuple[str, ...]
