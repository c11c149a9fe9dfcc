"""Which desk is the right one, who is on duty there, and who is next when it is silent (A2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
import phonenumbers
import schwifty
from schwifty.exceptions import SchwiftyException

from spean.core.errors import InvalidInput
from spean.core.world import from_iso
from spean.directory.model import Desk, Roster, Shift
from spean.directory.procedures import DESK
from spean.procedures.acts import Act
from spean.procedures.engine import Engine
from spean.procedures.generic import Correction

_ENGINE = Engine((DESK,))
Kind = Literal["phone", "iban", "bic", "account", "wallet", "country"]


@dataclass(frozen=True, slots=True)
class Selector:
    """What is known: a phone (E.164), IBAN, BIC, account number, wallet (with ``chain``) or country."""

    kind: Kind
    value: str
    chain: str = ""


@dataclass(frozen=True, slots=True)
class KnownDesk:
    """A desk of a node, from the record ``record``."""

    node: str
    record: str
    desk: Desk


@dataclass(frozen=True, slots=True)
class Proposal:
    """A desk that answers for a selector, whether somebody is on duty, and why it is proposed."""

    desk: KnownDesk
    on_duty: Shift | None
    open: bool
    why: str
    weight: int
    """The longer the matching beginning, the surer the proposal."""


def current(record: str, acts: Sequence[Act]) -> Desk | None:
    """The desk as its record says now, in any order of the acts; None when it is closed or its text is erased."""
    folded = _ENGINE.fold(record, DESK, acts)
    if folded.view is None or folded.view.state in DESK.ends:
        return None
    by_id = {act.id: act for act in acts}
    corrections = sorted((act for act in acts if act.kind == "correct"), key=lambda act: (act.time, act.id))
    replaced = {act.targets[0]: act.body for act in corrections if folded.effects.get(act.id) == "effective"}
    desk: Desk | None = None
    for name in folded.chain:
        correction = replaced.get(name)
        body = correction.replacement if isinstance(correction, Correction) else by_id[name].body
        if isinstance(body, Desk):
            desk = body
        elif isinstance(body, Roster) and desk is not None:
            desk = msgspec.structs.replace(desk, roster=body.roster)
    return desk


def propose(desks: Iterable[KnownDesk], selector: Selector, now: int) -> list[Proposal]:
    """The desks that answer for ``selector``, the surest first. Raises ``InvalidInput`` when it is no such thing."""
    wanted = _clues(selector)
    found = []
    for known in desks:
        weight, why = _match(known.desk, wanted)
        if weight > 0:
            shift = on_duty(known.desk, now)
            found.append(Proposal(known, shift, shift is not None or known.desk.always_open, why, weight))
    return sorted(found, key=lambda each: (-each.weight, not each.open, each.desk.node, each.desk.record))


def on_duty(desk: Desk, now: int) -> Shift | None:
    """Who is on duty at ``now`` (ms), the first by rank."""
    return next(iter(_watch(desk, now)), None)


def next_on_roster(desk: Desk, silent_since: int, now: int) -> Shift | None:
    """Whom to call when the one on duty at ``silent_since`` is silent: the next rank of the running shift, else whoever
    comes on duty next. None when the roster ends."""
    silent = on_duty(desk, silent_since)
    others = [shift for shift in _watch(desk, now) if silent is None or shift.officer != silent.officer]
    if others:
        return others[0]
    later = [
        shift
        for shift in desk.roster
        if from_iso(shift.starts) > now and (silent is None or shift.officer != silent.officer)
    ]
    return min(later, key=lambda shift: (from_iso(shift.starts), shift.rank, shift.officer), default=None)


def _watch(desk: Desk, now: int) -> list[Shift]:
    running = [shift for shift in desk.roster if from_iso(shift.starts) <= now < from_iso(shift.ends)]
    return sorted(running, key=lambda shift: (shift.rank, from_iso(shift.starts), shift.officer))


@dataclass(frozen=True, slots=True)
class _Clues:
    """What a selector says about a place: each empty when it says nothing."""

    country: str = ""
    phone: str = ""
    iban_country: str = ""
    bic: str = ""
    account: str = ""
    wallet: tuple[str, str] = ("", "")


def _clues(selector: Selector) -> _Clues:
    value = selector.value.strip()
    if selector.kind == "phone":
        return _phone(value)
    if selector.kind in ("iban", "bic"):
        return _bank(selector.kind, value)
    if selector.kind == "account":
        return _Clues(account=_bare(value))
    if selector.kind == "wallet":
        return _Clues(wallet=(selector.chain.lower(), value))
    if len(value) != 2 or not value.isalpha():
        raise InvalidInput("country", f"{value[:20]!r} is no country code", remedy="give two letters, e.g. KH")
    return _Clues(country=value.upper())


def _phone(value: str) -> _Clues:
    try:
        number = phonenumbers.parse(value, None)
    except phonenumbers.NumberParseException as error:
        raise InvalidInput("phone", str(error), remedy="give it with its country code, e.g. +855…") from None
    if not phonenumbers.is_possible_number(number):
        raise InvalidInput("phone", "its length is not possible in that country", remedy="check the digits")
    country = phonenumbers.region_code_for_number(number) or ""
    whole = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return _Clues(country=country if len(country) == 2 else "", phone=whole)


def _bank(kind: str, value: str) -> _Clues:
    try:
        if kind == "iban":
            iban = schwifty.IBAN(value)
            bic = iban.bic
            return _Clues(country=iban.country_code, iban_country=iban.country_code, bic=str(bic) if bic else "")
        code = schwifty.BIC(value)
        return _Clues(country=code.country_code, bic=str(code))
    except (SchwiftyException, ValueError) as error:
        raise InvalidInput(kind, str(error) or "its check digits are wrong", remedy="check the digits") from None


def _bare(value: str) -> str:
    return "".join(letter for letter in value.upper() if letter.isalnum())


def _match(desk: Desk, clues: _Clues) -> tuple[int, str]:
    """How surely the desk answers, and why. Longer beginnings weigh more; a country alone weighs least."""
    found = [(0, "")]
    found += [_begins(desk.phone_prefixes, clues.phone, "telephone prefix", 100)]
    found += [_begins(desk.bic_prefixes, clues.bic, "bank code", 300)]
    found += [_begins(desk.account_prefixes, clues.account, "account prefix", 200)]
    if clues.iban_country and clues.iban_country in desk.iban_countries:
        found.append((50, f"IBANs of {clues.iban_country}"))
    if clues.country and clues.country in desk.countries:
        found.append((10, f"answers for {clues.country}"))
    chain, address = clues.wallet
    for hint in desk.wallets if address else ():
        if hint.chain.lower() in ("", chain) and address.startswith(hint.address) and (hint.chain or hint.address):
            found.append((400 + len(hint.address) if hint.address else 20, f"wallets of {hint.holder}"))
    return max(found)


def _begins(prefixes: Iterable[str], value: str, what: str, weight: int) -> tuple[int, str]:
    longest = max((prefix for prefix in prefixes if value and value.startswith(prefix)), key=len, default="")
    return (weight + len(longest), f"{what} {longest}") if longest else (0, "")
