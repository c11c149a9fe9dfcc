"""Why two are alike, in the reader's language: the sentence clause by clause, and each weight as a bar with words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from spean.node.same.finder import Weight
from spean.screening.model import Clause
from spean.web.language.catalogue import Words


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated when it is shown."""
    return text


CLAUSES = (
    _("same surname"), _("same surname in another script"), _("surname differs by one vowel"), _("surname spelt otherwise"),
    _("surname differs in some letters"), _("different surname"), _("surname on one side only"), _("same given name"),
    _("same given name in another script"), _("given name differs by one vowel"), _("given name spelt otherwise"),
    _("given name differs in some letters"), _("different given name"), _("same name"), _("same name in another script"),
    _("name differs by one vowel"), _("name spelt otherwise"), _("name differs in some letters"), _("different name"),
    _("born the same day"), _("born in the same month"), _("born in the same year"), _("day and month of birth changed places"),
    _("date of birth differs by a slip"), _("born about a year apart"), _("born in the same year, on another day"),
    _("born in other years"), _("a part of the name is on one side only"), _("in another order"), _("1 in {count} by chance"),
    _("no name to compare"), _("the same document"), _("the same number on the list"),
    _("same document number"), _("another document of the same country"), _("same national number"),
    _("another national number of the same country"), _("document number differs by one sign"),
    _("document number differs by signs that look alike"), _("same account"), _("same wallet"), _("same e-mail address"), _("same device"),
    _("same user account"), _("same phone number"), _("same vehicle"), _("same web address"), _("same domain"), _("same internet address"),
    _("same address"), _("born in the same place"), _("born in another place"), _("{count} files hold it"),
)  # fmt: skip
"""Every clause that ``matching.score.sentence``, ``matching.score.evidence`` and the border say (a test compares them)."""
PARTS = {
    "names": _("the name"), "birth": _("the birth date"), "order": _("the order of the words"), "missing": _("what one side lacks"),
    "against": _("what contradicts"), "document": _("the document"), "national number": _("the national number"),
    "account": _("the account"), "wallet": _("the wallet"), "e-mail": _("the e-mail address"), "device": _("the device"),
    "user account": _("the user account"), "phone number": _("the phone number"), "vehicle": _("the vehicle"),
    "web address": _("the web address"), "place": _("the place"),
}  # fmt: skip
"""What a weight belongs to."""
_NUMBER = re.compile(r"\d{1,3}(,\d{3})+")
MOST = 240
"""Tenths of a bit at which a bar is full."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One weight: its name, how much of the bar, for or against, and the figure in bits."""

    label: str
    filled: int
    speaks_for: bool
    bits: str


def sentence(words: Words, why: Iterable[Clause]) -> str:
    """The sentence in the reader's language; empty when there is nothing to say."""
    parts = [
        words.gettext(template).format(**{name: _figure(words, value) for name, value in values})
        for template, values in why
    ]
    return words.gettext("; ").join(parts)


def _figure(words: Words, value: str) -> str:
    """A number with the reader's own sign between its thousands; anything else as it is."""
    return value.replace(",", words.pgettext("thousands", ",")) if _NUMBER.fullmatch(value) else value


def bars(words: Words, weights: Iterable[Weight]) -> tuple[Bar, ...]:
    """Each weight as a bar."""
    return tuple(
        Bar(
            words.gettext(PARTS.get(each.part, each.part)),
            min(MOST, abs(each.tenths)),
            each.tenths > 0,
            f"{each.tenths / 10:+.1f}",
        )
        for each in weights
    )
