"""Travellers, what matched them, and what the officer is told (B5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

AnswerKind = Literal["nothing", "verify", "protect", "stop"]
KINDS: tuple[AnswerKind, ...] = ("nothing", "verify", "protect", "stop")
Clause = tuple[str, tuple[tuple[str, str], ...]]
"""A part of a sentence: an English template, and what stands in its places; so it can be said in any language."""
Basis = Literal["document", "name-and-birth", "name"]
"""On what a match rests: the same document; name and the whole birth date; a name with less than that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traveller:
    """Who stands at the counter, as typed or read from a document. ``id`` names the line of a group."""

    names: tuple[str, ...] = ()
    birth: str = ""
    """ISO, as far as known: ``1990``, ``1990-05``, ``1990-05-17``."""
    documents: tuple[tuple[str, str], ...] = ()
    """Number and issuing state (ICAO 9303 letters; empty: not known)."""
    sex: str = ""
    nationality: str = ""
    id: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing can be asked about."""
        return not any(name.strip() for name in self.names) and not self.documents


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is to be answered about somebody, as a named person set it, or as an open list says."""

    reference: str
    """Our own record, or a list's entry; it says nothing to whoever reads it."""
    kind: AnswerKind
    instructions: str
    contact: str
    until: int
    """ms; it is not answered from then on."""
    languages: tuple[str, ...] = ()
    ground: str = ""
    """Of a stop: on which kind of paper it rests."""
    list_name: str = ""
    """Of an open list: its name; empty for our own entries."""
    list_version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An entry that may be about the traveller. ``score``: probability in a thousand; ``why``: the sentence for the officer, in clauses."""

    entry: Entry
    score: int
    basis: Basis
    why: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """From which probability (in a thousand) a match counts. A name that is *perhaps* the one protects, or has the officer verify; it stops
    nobody.

    Measured on invented people of twelve populations, lists of 3,000 of one population (``bench/names.py``). *Verify*: 998 of 1,000 are
    found, 11 of 1,000 strangers are looked at. *Protect* looks one in five up as well, since to miss somebody who needs it is worse than a
    talk too many: that halves those who are missed, for 22 strangers. *Stop* also needs the same day of birth; so 995 of 1,000 whose day
    agrees are stopped, the others verified, and of 10,000 strangers 3 who bear the same name and were born the same day.
    """

    verify: int = 500
    protect: int = 200
    stop: int = 990


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the officer is told: the one answer, what to do, whom to call. No content of anybody's file (R27)."""

    kind: AnswerKind
    instructions: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    grounds: tuple[str, ...] = ()
    """On which kinds of papers a stop rests (B7)."""
    lists: tuple[tuple[str, str], ...] = ()
    """Open lists that hit: name and version (B7)."""
    references: tuple[str, ...] = ()
    """For the log and for whoever may open the record."""
    why: tuple[tuple[Clause, ...], ...] = ()


def english(why: tuple[Clause, ...]) -> str:
    """The sentence in English."""
    return "; ".join(template.format(**dict(values)) for template, values in why)
