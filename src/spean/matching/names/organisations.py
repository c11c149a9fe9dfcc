"""Names of organisations: their words, and their form (*Co., Ltd.*, *บริษัท … จำกัด*, *有限公司*) folded to its class."""

from __future__ import annotations

from functools import lru_cache

from spean.matching.names import facts
from spean.matching.names.cutting import Token, key
from spean.matching.names.model import Part, Reading
from spean.matching.names.romanise import part

_SMALL = "the of for and in at on de la le les du des der die das von und et y e i di del della da do dos no и в на по за של و في من"
_SMALL_WORDS = frozenset(_SMALL.split())


def parts(tokens: list[Token]) -> list[Part]:
    """The parts of an organisation's name; its form is one part, however many words it has."""
    words = [token for token in tokens for token in _without_form(token)]
    keys = [key(token.text) for token in words]
    found: list[Part] = []
    at = 0
    while at < len(words):
        length, kind = _form(keys, at)
        if length and not (at == 0 and length == len(words)):
            written = " ".join(token.text for token in words[at : at + length])
            found.append(Part(written, words[at].script, "form", _form_readings(kind)))
            at += length
        else:
            small = keys[at] in _SMALL_WORDS and len(words) > 1
            found.append(part(words[at].text, words[at].script, "particle" if small else "unknown"))
            at += 1
    return [each for each in found if each.readings]


def _form(keys: list[str], at: int) -> tuple[int, str]:
    known = facts.forms()
    for length in range(min(7, len(keys) - at), 0, -1):
        kind = known.get(tuple(keys[at : at + length]))
        if kind is not None:
            return length, kind
    return 0, ""


@lru_cache(maxsize=64)
def _form_readings(kind: str) -> tuple[Reading, ...]:
    if kind in ("ltd", "plc"):
        return (Reading(kind, 0.0), Reading("company", 1.0))
    return (Reading(kind, 0.0),)


def _without_form(token: Token) -> list[Token]:
    """A word of a script without spaces, cut where the form of an organisation begins or ends."""
    if token.script == "latin" or (key(token.text),) in facts.forms():
        return [token]
    for form, _ in facts.glued_forms():
        if len(token.text) > len(form):
            if token.text.startswith(form):
                return [token._replace(text=form), *_without_form(token._replace(text=token.text[len(form) :]))]
            if token.text.endswith(form):
                return [*_without_form(token._replace(text=token.text[: -len(form)])), token._replace(text=form)]
    return [token]
