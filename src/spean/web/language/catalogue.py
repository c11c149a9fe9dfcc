"""The words of the pages in the reader's language: stdlib gettext on the catalogue that ``scripts/words.py`` keeps.

English is the source and needs no catalogue. What is missing in a catalogue stays English; a test sees to it that
nothing is missing.
"""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from types import MappingProxyType
from typing import Final

from spean.web.language.declared import worded
from spean.web.language.sentences import Said, Sentences

LANGUAGES: Final = MappingProxyType({"en": "English", "fr": "Français"})
"""Languages of the pages, each by its own name."""
SOURCE = "en"
FOLDER = Path(__file__).parent / "locale"
_MOST_RANGES = 20
_CONTEXT_END = "\x04"


class Words:
    """The catalogue of one language.

    ``gettext``, ``ngettext`` and ``pgettext`` serve templates; the others give the words for names of the code
    (``act("ask-clarification")``) and for sentences that the lower rooms raised (``sentence``).
    """

    def __init__(self, language: str, translations: NullTranslations) -> None:
        self.language = language
        self.gettext = translations.gettext
        self.ngettext = translations.ngettext
        self.pgettext = translations.pgettext
        self.npgettext = translations.npgettext
        self._sentences = Sentences(_entries(translations))

    def act(self, kind: str) -> str:
        """The name of an act, e.g. *ask clarification*."""
        return self._named("act", kind)

    def button(self, kind: str) -> str:
        """The name of an act as it stands on a button, beginning with a capital."""
        name = self.act(kind)
        return name[:1].upper() + name[1:]

    def state(self, name: str, procedure: str) -> str:
        """The name of a state of ``procedure``, e.g. *needs clarification*."""
        return self._named(f"state {procedure}", name)

    def party(self, name: str) -> str:
        """The name of a party, e.g. *holder*."""
        return self._named("party", name)

    def procedure(self, name: str) -> str:
        """A procedure by its short name, e.g. *information request*."""
        return self._named("procedure", name)

    def role(self, role: str) -> str:
        """The name of a role, e.g. *duty officer*."""
        return self._named("role", role)

    def field(self, name: str) -> str:
        """The label of a form's field, beginning with a capital."""
        label = self._named("field", name)
        return label[:1].upper() + label[1:]

    def choice(self, value: str) -> str:
        """A value of a closed list: purpose, data, subject, urgency, ground …"""
        return self._named("choice", value)

    def status(self, value: str) -> str:
        """What a row says of a fact, receipt, partner or alarm."""
        return self._named("status", value)

    def clause(self, name: str) -> str:
        """The name of an agreement's clause."""
        return self._named("clause", name)

    def alarm(self, kind: str) -> str:
        """The name of a kind of alarm."""
        return self._named("alarm", kind)

    def sentence(self, text: str) -> Said:
        """A refusal, error, alarm or clause in this language with its values put in; see ``Said.lang``."""
        if self.language == SOURCE:
            return Said(text, SOURCE)
        translated = self._sentences.translate(text)
        return Said(text, SOURCE) if translated is None else Said(translated, self.language)

    def _named(self, context: str, name: str) -> str:
        return self.pgettext(context, worded(name))


@cache
def words(language: str) -> Words:
    """The words of one of ``LANGUAGES``; any other language gives English."""
    if language == SOURCE or language not in LANGUAGES:
        return Words(SOURCE, NullTranslations())
    with (FOLDER / language / "LC_MESSAGES" / "spean.mo").open("rb") as file:
        return Words(language, GNUTranslations(file))


def sentence(text: str, of: Words) -> Said:
    """``of.sentence(text)``, for templates that hold the words as a value."""
    return of.sentence(text)


def _entries(translations: NullTranslations) -> dict[tuple[str, str], str]:
    """(context, English) → translation of all entries without plural."""
    catalogue: dict[object, str] = getattr(translations, "_catalog", {})  # gettext has no public way to list them
    found = {}
    for key, text in catalogue.items():
        if isinstance(key, str) and key:
            context, _, message = key.rpartition(_CONTEXT_END)
            found[context, message] = text
    return found


def negotiate(header: str) -> str:
    """The language of ours that an ``Accept-Language`` header wants most (RFC 9110, 12.5.4), else English.

    At most twenty ranges are read; a range that cannot be read counts as not wanted.
    """
    best, weight = SOURCE, 0.0
    for part in header[:1000].split(",")[:_MOST_RANGES]:
        name, _, parameter = part.strip().partition(";")
        language = name.strip().lower().split("-")[0]
        quality = _quality(parameter)
        if language == "*":
            language = SOURCE
        if language in LANGUAGES and quality > weight:
            best, weight = language, quality
    return best


def _quality(parameter: str) -> float:
    """The weight of a range: 1 without one, 0 when it is malformed."""
    name, _, value = parameter.replace(" ", "").partition("=")
    if not name:
        return 1.0
    if name.lower() != "q" or not value.isascii() or len(value) > 5 or not value.replace(".", "", 1).isdigit():
        return 0.0
    return float(value) if float(value) <= 1 else 0.0
