"""Forms of the procedure *desk*: what a node tells its partners about its desks (A2)."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from spean.core.errors import InvalidInput
from spean.core.world import from_iso
from spean.procedures.forms import Form
from spean.procedures.generic import Reason

Short = Annotated[str, Meta(min_length=1, max_length=300)]
Country = Annotated[str, Meta(pattern="^[A-Z]{2}$")]
Moment = Annotated[str, Meta(min_length=20, max_length=35)]


class Shift(Form, frozen=True, kw_only=True):
    """Who is on duty from ``starts`` until before ``ends``; the lower ``rank`` is called first."""

    starts: Annotated[Moment, Meta(description="ISO 8601 with offset.")]
    ends: Annotated[Moment, Meta(description="ISO 8601 with offset.")]
    officer: Annotated[Short, Meta(description="Name as it is said on the telephone.")]
    phone: Annotated[str, Meta(pattern=r"^(\+[1-9][0-9]{5,14})?$", description="Telephone, E.164.")] = ""
    languages: Annotated[tuple[Short, ...], Meta(max_length=20, description="Languages, e.g. km, en.")] = ()
    rank: Annotated[int, Meta(ge=0, le=9, description="0 first, 1 next …")] = 0


class WalletHint(Form, frozen=True, kw_only=True):
    """Wallets that this desk can reach: those of an exchange in its country, or of one chain's issuer."""

    chain: Annotated[str, Meta(max_length=40, description="Chain; empty for any.")] = ""
    address: Annotated[str, Meta(max_length=200, description="Address or its beginning; empty: whole chain.")] = ""
    holder: Annotated[Short, Meta(description="The exchange or issuer.")]


class SealKey(Form, frozen=True, kw_only=True):
    """A unit's public key, to which contents can be sealed."""

    unit: Short
    key_id: Annotated[str, Meta(min_length=1, max_length=100)]
    public: Annotated[str, Meta(pattern="^[0-9a-f]{64}$", description="X25519 public key in hex.")]


class Desk(Form, frozen=True, kw_only=True):
    """A desk that answers partners (A2)."""

    name: Annotated[Short, Meta(description="Name of the desk.")]
    units: Annotated[tuple[Short, ...], Meta(max_length=50, description="Units behind it.")] = ()
    languages: Annotated[tuple[Short, ...], Meta(max_length=20, description="Languages it works in.")] = ()
    time_zone: Annotated[str, Meta(max_length=60, description="IANA name, e.g. Asia/Phnom_Penh.")] = "UTC"
    phone: Annotated[str, Meta(pattern=r"^(\+[1-9][0-9]{5,14})?$", description="Telephone, E.164.")] = ""
    email: Annotated[str, Meta(max_length=200, description="Mail address.")] = ""
    always_open: Annotated[bool, Meta(description="Answers day and night, every day.")] = False
    countries: Annotated[tuple[Country, ...], Meta(max_length=250, description="ISO 3166 codes it answers for.")] = ()
    phone_prefixes: Annotated[
        tuple[Annotated[str, Meta(pattern=r"^\+[1-9][0-9]{0,14}$")], ...],
        Meta(max_length=200, description="E.164 prefixes, e.g. +855."),
    ] = ()
    iban_countries: Annotated[tuple[Country, ...], Meta(max_length=250, description="Countries of IBANs.")] = ()
    bic_prefixes: Annotated[
        tuple[Annotated[str, Meta(pattern="^[A-Z0-9]{4,11}$")], ...],
        Meta(max_length=500, description="Beginnings of BICs; 4 letters name a bank."),
    ] = ()
    account_prefixes: Annotated[
        tuple[Annotated[str, Meta(pattern="^[A-Z0-9]{1,30}$")], ...],
        Meta(max_length=500, description="Beginnings of account numbers, without spaces and hyphens."),
    ] = ()
    wallets: Annotated[tuple[WalletHint, ...], Meta(max_length=500, description="Wallets it can reach.")] = ()
    roster: Annotated[tuple[Shift, ...], Meta(max_length=400, description="Who is on duty when.")] = ()
    seal_keys: Annotated[tuple[SealKey, ...], Meta(max_length=50, description="Public keys of units.")] = ()


class Roster(Form, frozen=True, kw_only=True):
    """A new duty roster; it replaces the old one."""

    roster: Annotated[tuple[Shift, ...], Meta(max_length=400, description="Who is on duty when.")]


class Closure(Form, frozen=True, kw_only=True):
    """The desk no longer answers."""

    reason: Reason


def check_shifts(shifts: tuple[Shift, ...]) -> None:
    """Raise ``InvalidInput`` for a shift that ends before it starts or whose times are none."""
    for number, shift in enumerate(shifts):
        try:
            holds = from_iso(shift.starts) < from_iso(shift.ends)
        except ValueError as error:
            raise InvalidInput(f"roster.{number}", str(error), remedy="give e.g. 2026-03-04T08:00:00+07:00") from None
        if not holds:
            raise InvalidInput(f"roster.{number}", "it ends before it starts", remedy="correct its times")
