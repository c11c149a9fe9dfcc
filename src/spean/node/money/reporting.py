"""A case of ours as a goAML report for the national financial intelligence unit (DOMAIN 2.6, 6.C).

What goes in is what our own ledgers say: the payments that carried the money, as their documents name them. What partners answered stays
out, since it was given for this case and another agency's use needs its owner's consent (R26, onward-transfer); a case that is a
partner's is not ours to report. The victim stands there by no name but those that documents show.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from hashlib import sha256
from typing import TYPE_CHECKING

from spean.core.errors import InvalidInput, Refusal
from spean.core.roles import Role
from spean.formats.identity import digest
from spean.formats.money import EXPONENTS, decimal_text
from spean.node.entry.people import Who
from spean.node.money.homes import institution, sides
from spean.node.money.model import MoneySheet, Sum

if TYPE_CHECKING:
    from spean.formats.goaml.write import Side, Subject, Transfer
    from spean.formats.model import Money as Amount
    from spean.formats.model import Payment
    from spean.node.ground import Ground
    from spean.node.money.intake import Told
    from spean.node.money.model import Edge
    from spean.node.money.money import Money

REPORTERS = (Role.FINANCIAL_ANALYST, Role.INVESTIGATOR, Role.DUTY_OFFICER, Role.LEGAL)
_RATE = re.compile(r"([A-Z]{3})\s*=\s*([0-9]{1,12}(?:\.[0-9]{1,12})?)")
_BETWEEN = re.compile(r"[\s,;]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the unit's goAML wants beside the payments; empty fields fall back on the node's setting ``goaml``."""

    version: str = ""
    entity: str = ""
    """Number under which the unit knows us."""
    branch: str = ""
    code: str = ""
    """Kind of report: STR; AIF or the unit's own word for an answer."""
    answers: str = ""
    """The unit's number of the question that it answers."""
    mode: str = ""
    mode_comment: str = ""
    funds: str = ""
    currency: str = ""
    """Our country's own, in which goAML wants each value."""
    indicators: str = ""
    """Codes, with spaces between."""
    rates: str = ""
    """``USD=1343.50 THB=38.10``: what one unit is in our own currency."""
    reason: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reportable:
    """What a report of the case would hold."""

    case: str
    edges: tuple[Edge, ...]
    """Payments that go in."""
    accounts: tuple[str, ...]
    """Accounts that go in where there is no payment."""
    left_out: tuple[tuple[str, int], ...]
    """Why payments do not, and how many."""
    foreign: tuple[str, ...]
    """Currencies that need a rate when the country's own is ``wanted.currency``."""
    wanted: Wanted


class Reporting:
    """Reports for the unit."""

    def __init__(self, ground: Ground, money: Money) -> None:
        self._ground = ground
        self._money = money

    def begin(self, who: Who, case: str, *, reason: str) -> Reportable:
        """What would stand in a report of a case of ours; a read with its reason (R38). Raises ``Refusal`` and ``NotFound``."""
        self._check(who, case)
        sheet = self._money.sheet(who, case, reason=reason)
        told = self._told(sheet)
        chosen, left = _chosen(sheet, told, self._ground.me)
        wanted = self._filled(Wanted())
        seen = {each.currency for edge in chosen for each in self._amounts(told[edge.payment].payment)}
        accounts = () if chosen else tuple(place.account for place in sheet.places if place.node == self._ground.me)
        return Reportable(
            case=case, edges=chosen, accounts=accounts, left_out=tuple(sorted(left.items())),
            foreign=tuple(sorted(seen - {wanted.currency})), wanted=wanted,
        )  # fmt: skip

    def report(self, who: Who, case: str, wanted: Wanted, *, reason: str) -> tuple[str, bytes]:
        """The report, as a name for its file and its bytes; that it was handed out is written down with its hash (R38).

        Raises ``Refusal``, ``NotFound``, and ``InvalidInput`` naming the field that goAML does not take.
        """
        from spean.formats.goaml.write import Report, write

        self._check(who, case)
        sheet = self._money.sheet(who, case, reason=reason)
        told, full, ground = self._told(sheet), self._filled(wanted), self._ground
        chosen, _ = _chosen(sheet, told, ground.me)
        reference = f"{ground.me}-{case.rpartition(':')[2]}"
        document = write(Report(
            version=full.version, entity=full.entity, branch=full.branch, code=full.code, reference=reference, answers=full.answers,
            made_ms=ground.clock.now() // 1000 * 1000, currency=full.currency, mode=full.mode, mode_comment=full.mode_comment,
            funds=full.funds, reason=full.reason, action=full.action, rates=_rates(full.rates),
            indicators=tuple(part for part in _BETWEEN.split(full.indicators) if part),
            transfers=tuple(self._transfer(edge, told[edge.payment]) for edge in chosen),
            subjects=() if chosen else self._subjects(sheet, full.reason),
        ))  # fmt: skip
        with ground.writing() as work:
            extra = {
                "doing": f"goAML report {full.code} for the financial intelligence unit",
                "hash": sha256(document).hexdigest(),
            }
            ground.reading_desk.note_access(work, who, "export", case, reason, extra)
        return f"{reference}-{full.code}.xml", document

    def _check(self, who: Who, case: str) -> None:
        who.need(*REPORTERS)
        with self._ground.reading() as tx:
            row = tx.records.get(case)
        who.need_purpose(row.purpose)
        if row.procedure != "fraud-report":
            raise Refusal(
                "R26", "this case is a partner's: its words were sent for the stop of the payment",
                remedy="ask its owner for consent to pass them on, or report a case of ours",
            )  # fmt: skip

    def _filled(self, wanted: Wanted) -> Wanted:
        """With what the setting says where nothing was typed."""
        from spean.formats.goaml.structure import VERSIONS

        set_ = {"version": VERSIONS[-1], "code": "STR", **self._ground.settings.goaml}
        return Wanted(**{each.name: getattr(wanted, each.name) or set_.get(each.name, "") for each in fields(Wanted)})

    def _told(self, sheet: MoneySheet) -> dict[str, Told]:
        return self._money.payments(edge.payment for edge in sheet.edges if edge.node == self._ground.me)

    def _amounts(self, payment: Payment) -> tuple[Amount, Amount]:
        both = sides(payment, bool(payment.payer) and self._money.homes().ours(payment.payer))
        return both.paid, both.received

    def _transfer(self, edge: Edge, told: Told) -> Transfer:
        from spean.formats.goaml.write import Transfer

        payment = told.payment
        paid, received = self._amounts(payment)
        number = payment.references.uetr or f"{self._ground.me}-{digest(payment.id)}"
        inner = payment.reference if payment.reference != number and 0 < len(payment.reference) <= 50 else ""
        return Transfer(
            number=number, reference=inner, at_ms=payment.time_ms,
            payer=self._side(payment.payer, payment.payer_name, payment.payer_agent, paid),
            payee=self._side(payment.payee, payment.payee_name, payment.payee_agent, received), description=_carried(edge),
            comments=f"{edge.document}; source graded {told.source}{told.grade}",
        )  # fmt: skip

    def _side(self, account: str, name: str, agent: str, money: Amount) -> Side:
        from spean.formats.goaml.write import Side

        code = institution(account) or agent
        return Side(
            account=account, name=name, money=money, institution=self._ground.settings.institutions.get(code, code),
            country=account[:2] if account[2:4].isdigit() and len(account) > 14 else code[4:6] if len(code) in (8, 11) else "",
        )  # fmt: skip

    def _subjects(self, sheet: MoneySheet, reason: str) -> tuple[Subject, ...]:
        from spean.formats.goaml.write import Subject

        ours = [place for place in sheet.places if place.node == self._ground.me and not place.account.startswith("<")]
        names = self._ground.settings.institutions
        return tuple(
            Subject(account=each.account, name=each.name, institution=names.get(institution(each.account), ""),
                    reason=reason or "reached by reported money")
            for each in ours
        )  # fmt: skip


def _chosen(sheet: MoneySheet, told: Mapping[str, Told], me: str) -> tuple[tuple[Edge, ...], Counter[str]]:
    """Each payment once; and why others stay out."""
    found: dict[str, Edge] = {}
    left: Counter[str] = Counter()
    for edge in sheet.edges:
        known = told.get(edge.payment)
        if edge.node != me:
            left[PARTNERS] += 1
        elif known is None:
            left[ERASED] += 1
        elif any(name not in EXPONENTS for name in _currencies(known.payment)):
            left[NO_CURRENCY] += 1
        else:
            found.setdefault(edge.payment, edge)
    return tuple(found.values()), left


PARTNERS, ERASED, NO_CURRENCY = "partner", "erased", "currency"
"""Why a payment stays out: a partner told of it; its words are erased; it is in no currency of a state."""


def _currencies(payment: Payment) -> tuple[str, ...]:
    return (payment.currency, *(() if payment.instructed is None else (payment.instructed.currency,)))


def _carried(edge: Edge) -> str:
    parts = [
        f"{_words(each)} {how}"
        for each, how in ((edge.located, "located by LIFO"), (edge.claimed, "may be claimed"))
        if each
    ]
    return f"Carried reported money, hop {edge.hop}: {', '.join(parts)}"


def _words(amount: Sum) -> str:
    return f"{decimal_text(amount.amount, amount.digits)} {amount.currency}"


def _rates(text: str) -> dict[str, str]:
    """Raises ``InvalidInput`` for what is no rate."""
    found: dict[str, str] = {}
    for part in (part for part in _BETWEEN.split(text.strip()) if part):
        rate = _RATE.fullmatch(part)
        if rate is None:
            raise InvalidInput("rates", f"{part[:30]!r} is no rate", remedy="write e.g. USD=35.20 EUR=38.1")
        found[rate[1]] = rate[2]
    return found
