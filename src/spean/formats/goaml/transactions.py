"""A transaction of two sides as a payment.

**Amounts.** ``amount_local`` is a value in the report's currency, often converted by the reporter and rounded; what moved is the side's
``foreign_currency`` where it has one. So a side's money is its foreign amount; without one, the other side's when its account is kept in
that currency, else the local amount. An account that is kept in a currency of which no amount is told refuses its transaction: the local
value is not what moved. When the two sides differ the payment is a conversion: ordered what the payer's side says, booked what arrives.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from spean.core.errors import InvalidInput
from spean.formats.chain.tokens import COINS
from spean.formats.goaml.named import account_party, child, person_name
from spean.formats.identity import digest, uetr
from spean.formats.iso.fields import local
from spean.formats.model import Money, Party, Payment, References, Source
from spean.formats.moments import moment
from spean.formats.money import EXPONENTS, exponent, scaled

_COINS = {token.unit: token.decimals for token in COINS.values()}
_INCOMPLETE = frozenset({"I"})
"""Of ``transaction_status`` (5.x): not carried out."""


class Head(NamedTuple):
    """What stands before the transactions of a report."""

    entity: str
    """The reporting entity's number at its unit (``rentity_id``)."""
    currency: str
    reference: str
    code: str
    """Kind of report: STR, AIF … each country has its own list."""
    version: str
    """As the report says it; empty before 5.1, where reports do not."""


class Side(NamedTuple):
    """One side of a transaction."""

    party: Party
    foreign: Money | None
    kept: str
    """Currency of its account."""


def payment(element: Any, head: Head, source: Source, offset: int) -> Payment:
    """The payment of one ``transaction``. Raises ``InvalidInput`` naming its field."""
    number = child(element, "transactionnumber")
    if not number:
        raise _missing("transactionnumber")
    if not head.entity:
        raise _missing("rentity_id")
    if child(element, "transaction_status") in _INCOMPLETE:
        raise InvalidInput(
            "transaction_status", "the transaction was not carried out", remedy="nothing to do", rule="not-booked"
        )
    payer, payee = _side(element, "from"), _side(element, "to")
    paid, received = _amounts(element, head.currency, payer, payee)
    time, exact = _time(element, offset)
    inner = child(element, "internal_ref_number")
    same = uetr(number) or uetr(inner)
    names = References(uetr=same, transaction=number, instruction=inner, message=head.reference)
    text = " ".join(part for part in (child(element, "transaction_description"), child(element, "comments")) if part)
    return Payment(
        f"uetr:{same}" if same else f"goaml:{digest(head.entity, number)}", time, payer.party.account, payee.party.account,
        received.minor, received.currency, same or number, source, exact_time=exact, payer_name=payer.party.name,
        payee_name=payee.party.name, payer_agent=payer.party.agent, payee_agent=payee.party.agent, text=text, references=names,
        instructed=paid if paid != received else None,
    )  # fmt: skip


def _time(element: Any, offset: int) -> tuple[int, bool]:
    """Reporters who know only the day write midnight."""
    text = child(element, "date_transaction")
    time, exact = moment(text, "date_transaction", offset)
    return time, exact and "T00:00:00" not in text


def _side(element: Any, word: str) -> Side:
    """``t_from_my_client`` or ``t_from``: exactly one of them."""
    if _children(element, "involved_parties"):
        raise InvalidInput(
            "involved_parties", "it has several parties, and nothing says who of them paid whom", rule="goaml-parties",
            remedy="ask the reporting entity for a transaction of two sides; whom it names is listed",
        )  # fmt: skip
    found = [*_children(element, f"t_{word}_my_client"), *_children(element, f"t_{word}")]
    if len(found) != 1:
        why = "it is missing" if not found else "there are several"
        raise InvalidInput(f"t_{word}", why, remedy="ask the reporting entity for it", rule="goaml-field")
    side = found[0]
    foreign = _children(side, f"{word}_foreign_currency")
    money = _foreign(foreign[0], f"{word}_foreign_currency") if foreign else None
    for account in _children(side, f"{word}_account"):
        return Side(account_party(account), money, child(account, "currency_code"))
    for holder in (*_children(side, f"{word}_person"), *_children(side, f"{word}_entity")):
        return Side(Party("", person_name(holder) or child(holder, "name"), ""), money, "")
    raise InvalidInput(
        f"{word}_account", "neither account nor person nor entity", remedy="ask for it", rule="goaml-field"
    )


def _children(element: Any, name: str) -> list[Any]:
    return [each for each in element if local(each.tag) == name]


def _foreign(element: Any, field: str) -> Money:
    currency = child(element, "foreign_currency_code")
    return _money(child(element, "foreign_amount"), currency, f"{field}/foreign_amount")


def _amounts(element: Any, currency: str, payer: Side, payee: Side) -> tuple[Money, Money]:
    """What left and what arrived."""
    told = [side.foreign for side in (payer, payee)]
    if None in told and not currency:
        raise _missing("currency_code_local")
    paid, received = (
        _of(element, currency, side, other, word)
        for side, other, word in ((payer, payee, "from"), (payee, payer, "to"))
    )
    if not paid.minor or not received.minor:
        raise InvalidInput("amount_local", "the amount is zero", remedy="nothing moved; nothing to do", rule="amount")
    return paid, received


def _of(element: Any, currency: str, side: Side, other: Side, word: str) -> Money:
    if side.foreign is not None:
        return side.foreign
    if side.kept in ("", currency):
        return _money(child(element, "amount_local"), currency, "amount_local")
    if other.foreign is not None and other.foreign.currency == side.kept:
        return other.foreign
    raise InvalidInput(
        f"{word}_foreign_currency", f"the account is kept in {side.kept[:12]}, but only a value in {currency} is told",
        remedy="ask the reporting entity for the amount that moved", rule="goaml-currency",
    )  # fmt: skip


def _money(text: str, currency: str, field: str) -> Money:
    if not text:
        raise _missing(field)
    digits = EXPONENTS.get(currency, _COINS.get(currency))
    minor = scaled(text, exponent(currency, field) if digits is None else digits, field, currency)
    if minor < 0:
        raise InvalidInput(
            field, "the amount is below zero", remedy="the direction has a field of its own", rule="amount"
        )
    return Money(minor, currency)


def _missing(field: str) -> InvalidInput:
    return InvalidInput(
        field, "it is missing", remedy="ask the reporting entity for the whole report", rule="goaml-field"
    )
