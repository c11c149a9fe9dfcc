"""Roles of people and services at a node (DOMAIN 5). A user may have several; a right follows from a role."""

from __future__ import annotations

from enum import StrEnum


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
