"""Roles of people and services at a node (DOMAIN 5). A user may have several; a right follows from a role."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from spean.core.marks import Purpose


class Role(StrEnum):
    """Who does what at a desk."""

    DUTY_OFFICER = "duty-officer"
    INVESTIGATOR = "investigator"
    ANALYST = "analyst"
    FINANCIAL_ANALYST = "financial-analyst"
    FORENSIC_EXAMINER = "forensic-examiner"
    BORDER_OFFICER = "border-officer"
    PROTECTION_OFFICER = "protection-officer"
    CONSUL = "consul"
    COMMANDER = "commander"
    LEGAL = "legal"
    SECRETARIAT = "secretariat"
    TRAINER = "trainer"
    BANK_DESK = "bank-desk"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Reads:
    """Of which purposes a role reads records, and why just those."""

    purposes: frozenset[Purpose]
    why: str


_ALL = frozenset(Purpose)
_FOLLOWED = frozenset(
    {Purpose.STOP_FRAUD, Purpose.INVESTIGATE_FRAUD, Purpose.INVESTIGATE_LAUNDERING, Purpose.RECOVER_ASSETS}
)
_CASES = _FOLLOWED | {Purpose.INVESTIGATE_TRAFFICKING, Purpose.INVESTIGATE_CYBERCRIME}
_PEOPLE = frozenset({Purpose.PROTECT_PERSON, Purpose.LOCATE_MISSING})
_EVERYDAY = frozenset({Purpose.WARN, Purpose.COORDINATE})

READS: dict[Role, Reads] = {
    Role.DUTY_OFFICER: Reads(_ALL, "takes in whatever comes at any hour and finds who is to have it"),
    Role.INVESTIGATOR: Reads(
        _CASES | _EVERYDAY | {Purpose.LOCATE_MISSING},
        "works cases; the files of those who are protected stay with those who protect them",
    ),
    Role.ANALYST: Reads(_CASES | _EVERYDAY, "sees patterns across cases, not persons who are missing or protected"),
    Role.FINANCIAL_ANALYST: Reads(_FOLLOWED | _EVERYDAY, "follows, stops and gives back money"),
    Role.FORENSIC_EXAMINER: Reads(
        _CASES | {Purpose.COORDINATE}, "examines what was seized in a case and hands copies over"
    ),
    Role.BORDER_OFFICER: Reads(
        _PEOPLE | {Purpose.WARN, Purpose.STOP_FRAUD, Purpose.INVESTIGATE_TRAFFICKING},
        "needs in seconds: nothing, verify, protect or stop",
    ),
    Role.PROTECTION_OFFICER: Reads(
        _PEOPLE | {Purpose.INVESTIGATE_TRAFFICKING, Purpose.COORDINATE},
        "identifies and shelters people; money is none of this role's work",
    ),
    Role.CONSUL: Reads(
        _PEOPLE | {Purpose.COORDINATE}, "looks for missing nationals and brings them home; investigates nobody"
    ),
    Role.COMMANDER: Reads(
        _CASES | _PEOPLE | _EVERYDAY, "prepares operations with partners, with a place for whoever is found there"
    ),
    Role.LEGAL: Reads(_ALL, "answers for the lawfulness of every exchange"),
    Role.SECRETARIAT: Reads(_EVERYDAY, "counts and follows decisions up; sees no person's file"),
    Role.TRAINER: Reads(frozenset({Purpose.COORDINATE}), "prepares exercises, which touch no real data"),
    Role.BANK_DESK: Reads(
        frozenset(), "acts on orders to its own institution, which it sees on a page of its own; opens no record"
    ),
    Role.AUDITOR: Reads(_ALL, "reads whatever others read, to see whether they might; changes nothing"),
    Role.ADMINISTRATOR: Reads(frozenset(), "keeps the node alive and need not read what it holds"),
    Role.SERVICE: Reads(frozenset(), "is no reader; a program that works for a desk also gets that desk's role"),
}
"""Role → purposes (O1, DOMAIN 5). Danger to life is read by every role that reads anything (R47), also where it is not named."""


def purposes_of(roles: Iterable[str]) -> frozenset[str]:
    """The purposes of the records that somebody with these roles reads; empty when they read nothing."""
    found = frozenset(str(purpose) for role in roles for purpose in READS[Role(role)].purposes)
    return found | {str(Purpose.DANGER_TO_LIFE)} if found else found
