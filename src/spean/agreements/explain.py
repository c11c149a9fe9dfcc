"""Why an instrument permits or refuses, clause by clause, in words for an officer.

This is a second reading of the instrument, in plain Python and independent of the Cedar policies; a property test
holds that the two always agree. ``preview`` shows it for every receiver before anything is sent (D3).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from spean.agreements.model import TLP_RANK, Instrument, Prohibition
from spean.agreements.question import Question


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of an instrument, judged for one question."""

    name: str
    """One of ``model.CLAUSES``."""
    article: str
    """The article on which it rests, e.g. ``4``; empty when none is numbered."""
    holds: bool
    says: str

    @property
    def words(self) -> str:
        """What it says, with its article when there is one."""
        return f"{self.says} (art. {self.article})" if self.article else self.says


RULES = {
    "instrument": "R26", "state": "A1", "dates": "A1", "parties": "R26", "mediator": "A9", "origin": "A5",
    "suspension": "A9", "purpose": "R26", "data": "R26", "subject": "R30", "tlp": "A5", "handling": "A5",
    "onward": "A5", "prohibition": "R26",
}  # fmt: skip
"""The rule of DOMAIN behind each clause."""


def explain(question: Question, instrument: Instrument) -> list[Clause]:
    """Every clause of ``instrument`` for ``question``. It permits if and only if all of them hold."""
    judged = [
        ("instrument", *_named(question, instrument)),
        ("state", *_state(instrument)),
        ("dates", *_dates(question, instrument)),
        ("parties", *_parties(question, instrument)),
        ("mediator", *_mediator(question, instrument)),
        ("origin", *_origin(question, instrument)),
        ("suspension", *_suspension(question, instrument)),
        ("purpose", *_listed("purpose", question.purpose, instrument.purposes)),
        ("data", *_listed("kind of data", question.data, instrument.data)),
        ("subject", *_listed("category of persons", question.subject, instrument.subjects)),
        ("tlp", *_tlp(question, instrument)),
        ("handling", *_listed("handling code", question.handling, instrument.handling)),
        ("onward", *_onward(question, instrument)),
    ]
    clauses = [Clause(name, instrument.cites.get(name, ""), holds, says) for name, holds, says in judged]
    return clauses + prohibited(question, instrument)


def prohibited(question: Question, instrument: Instrument) -> list[Clause]:
    """The prohibitions of ``instrument`` as far as they bind ``question``, whichever instrument it names."""
    if not binds(question, instrument):
        return []
    return [_prohibition(question, ban) for ban in instrument.prohibitions]


def binds(question: Question, instrument: Instrument) -> bool:
    """Do the prohibitions of ``instrument`` bind this hop: in force, receiver and sender or origin members of it?"""
    others = {question.sender, question.origin} - {question.receiver}
    in_time = instrument.first_day <= question.day <= instrument.last_day
    between = question.receiver in instrument.members and not others.isdisjoint(instrument.members)
    return instrument.state == "in-force" and in_time and between


def _named(question: Question, instrument: Instrument) -> tuple[bool, str]:
    if question.instrument == instrument.id:
        return True, f"the envelope names {instrument.title}"
    return False, f"the envelope names {question.instrument or 'no agreement'}, not {instrument.id}"


_STATES = {
    "draft": "it is still a draft", "review": "it is still under review", "signed": "it is signed but not in force",
    "expired": "it has expired", "terminated": "it has been terminated", "in-force": "it is in force",
}  # fmt: skip


def _state(instrument: Instrument) -> tuple[bool, str]:
    return instrument.state == "in-force", _STATES[instrument.state]


def _dates(question: Question, instrument: Instrument) -> tuple[bool, str]:
    if question.date < instrument.starts:
        return False, f"it begins only on {instrument.starts}"
    if instrument.ends and question.date > instrument.ends:
        return False, f"it ended on {instrument.ends}"
    return True, f"it runs from {instrument.starts} to {instrument.ends or 'its denunciation'}"


def _parties(question: Question, instrument: Instrument) -> tuple[bool, str]:
    ends = {question.sender, question.receiver}
    if len(ends) == 1:
        return False, f"{question.sender} cannot send to itself"
    expected = ends - {question.via} if question.via else ends
    if strangers := sorted(expected - instrument.parties):
        return False, f"{_and(strangers)} {'is' if len(strangers) == 1 else 'are'} not party to it"
    return True, f"{_and(sorted(expected))} {'is' if len(expected) == 1 else 'are'} party to it"


def _mediator(question: Question, instrument: Instrument) -> tuple[bool, str]:
    via = question.via
    if not via:
        return True, "it goes directly"
    if via not in instrument.mediators:
        return False, f"{via} may not mediate under it; {_or_none('mediators', instrument.mediators)}"
    if via not in (question.sender, question.receiver):
        return False, f"it is to go through {via}, not from {question.sender} to {question.receiver}"
    return True, f"{via} may mediate"


def _origin(question: Question, instrument: Instrument) -> tuple[bool, str]:
    if question.passed_on:
        return True, f"it comes from {question.origin} and is judged by the onward rule"
    holds = question.origin in instrument.parties
    return holds, f"its origin {question.origin} is {'' if holds else 'not '}party to it"


def _suspension(question: Question, instrument: Instrument) -> tuple[bool, str]:
    found = instrument.suspension_of(question.sender, question.receiver)
    if found is None and question.passed_on:
        found = instrument.suspension_of(question.origin, question.receiver)
    if found is None:
        return True, "it is not suspended between them"
    pair = "–".join(sorted(found.pair))
    reason = f": {found.reason}" if found.reason else ""
    return False, f"it is suspended for {pair} by {found.by} since {found.when}{reason}"


def _listed(what: str, value: str, admitted: Collection[str]) -> tuple[bool, str]:
    if value in admitted:
        return True, f"{what} {value} is admitted"
    return False, f"{what} {value} is not admitted; admitted: {', '.join(sorted(admitted))}"


def _tlp(question: Question, instrument: Instrument) -> tuple[bool, str]:
    holds = TLP_RANK[question.tlp] <= TLP_RANK[instrument.tlp_ceiling]
    relation = "within" if holds else "above"
    return holds, f"TLP:{question.tlp} is {relation} this agreement's ceiling TLP:{instrument.tlp_ceiling}"


def _onward(question: Question, instrument: Instrument) -> tuple[bool, str]:
    origin = question.origin
    if not question.passed_on:
        return True, "it is not passed on"
    if instrument.onward == "never":
        return False, "what comes from others is never passed on under it"
    if instrument.onward == "consent" and not question.consent:
        return False, f"it may be passed on only with the consent of {origin}"
    if instrument.onward == "parties" and origin not in instrument.parties:
        return False, f"only what comes from its parties may be passed on, and {origin} is none"
    if question.handling == "H2" and not question.consent:
        return False, f"handling code H2: not to be passed on without the consent of {origin}"
    if question.tlp in ("AMBER+STRICT", "RED") and not question.consent:
        return False, f"TLP:{question.tlp}: not to be passed on without the consent of {origin}"
    return True, f"it may be passed on{' with the consent of ' + origin if question.consent else ''}"


def _prohibition(question: Question, ban: Prohibition) -> Clause:
    combination = [
        ("data", question.data, ban.data),
        ("persons", question.subject, ban.subjects),
        ("purpose", question.purpose, ban.purposes),
    ]
    holds = any(named and value not in named for _, value, named in combination)
    words = ", ".join(f"{what} {' or '.join(sorted(named))}" for what, _, named in combination if named)
    return Clause("prohibition", ban.article, holds, f"{'prohibits only' if holds else 'prohibits'} {words}")


def _and(names: Collection[str]) -> str:
    return " and ".join(names)


def _or_none(what: str, names: Collection[str]) -> str:
    return f"{what}: {', '.join(sorted(names)) or 'none'}"
