"""Terms of the field side by side in twelve languages, found from any of them and in any script (A7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from spean.web.frame.pages import Page, Pages
from spean.web.frame.visit import Visit
from spean.web.language.terms import LANGUAGES, Term, checked, find, terms

pages = Pages()
AT_ONCE = 24
"""Terms on one page: a page stays small on a bad line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One term: in the reader's language, and in every other."""

    key: str
    word: str
    lang: str
    words: tuple[tuple[str, str, bool], ...]
    """Language, word, whether somebody who speaks it well has checked it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsPage(Page):
    """Terms with their search."""

    template: ClassVar[str] = "terms.html"
    query: str
    terms: tuple[Shown, ...]
    found: int
    all: int
    sheet: int
    sheets: int
    names: dict[str, str]
    unchecked: tuple[str, ...]


@pages.get("/terms")
def terms_page(visit: Visit) -> Page:
    """Terms that hold what was typed, in whichever language, those that begin with it first."""
    words = visit.office.markup.words(visit.reader.language)
    query = visit.query("q").strip()
    found = find(query)
    sheet = min(visit.number("sheet", 1, 1000) or 1, max(1, -(-len(found) // AT_ONCE)))
    part = found[(sheet - 1) * AT_ONCE : sheet * AT_ONCE]
    return TermsPage(
        title=words.gettext("Terms in all languages"), query=query, terms=tuple(_shown(each, visit.reader.language) for each in part),
        found=len(found), all=len(terms()), sheet=sheet, sheets=max(1, -(-len(found) // AT_ONCE)), names=dict(LANGUAGES),
        unchecked=tuple(LANGUAGES[language] for language in LANGUAGES if language not in checked()),
    )  # fmt: skip


def _shown(term: Term, language: str) -> Shown:
    lang = language if language in term.words else "en"
    others = tuple(
        (each, term.words[each], each in checked()) for each in LANGUAGES if each != lang and each in term.words
    )
    return Shown(key=term.key, word=term.words[lang], lang=lang, words=others)
