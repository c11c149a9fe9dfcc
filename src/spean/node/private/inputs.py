"""What is blinded for a term, and what our own records give into the tables: the same bytes on both sides, or nothing would meet."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from spean.core.errors import InvalidInput
from spean.matching.private import people, places
from spean.matching.private.categories import exact
from spean.matching.private.people import Certified
from spean.matching.private.table import GROUP
from spean.node.private.model import Person, Term
from spean.node.same.model import Named, Selector
from spean.node.same.selecting import selector_type

CATEGORY: Mapping[str, str] = MappingProxyType({
    "phone": "phone", "account": "account", "iban": "account", "wallet": "wallet", "document": "document", "mrz": "document",
    "national-number": "document", "imei": "device", "mac": "device", "domain": "domain", "ip": "ip", "email": "email", "url": "url",
    "handle": "user-account", "vin": "vehicle", "plate": "vehicle", "imo": "vehicle", "point": "site",
})  # fmt: skip
"""Value type → category. What is no exact value cannot be asked about blindly."""
_IN_PARTS = ("account", "document")
"""Of these one node may know less than another: an account without its bank, a document without its country."""
WHOLE, PART = "whole", "part"
PART_WEIGHT = 60
"""Out of 100, for a number that agrees where bank or country were not compared, and for a place nearby."""
_NAMES, _BIRTHS = 6, 3
"""Spellings and dates of one record that go into the table; more would make it the easiest to hit."""


class Input(NamedTuple):
    """Bytes that are blinded, and what it means when they agree: ``whole`` or ``part`` of a value, or what a person's key certifies."""

    value: bytes
    says: str | Certified


def category_of(term: Term) -> str:
    """The category in which a term is asked about. Raises ``InvalidInput``."""
    if isinstance(term, Person):
        return "person"
    if term.type not in CATEGORY:
        raise InvalidInput(
            "type", f"a {term.type[:40]} cannot be asked about blindly", remedy=f"one of {', '.join(CATEGORY)}"
        )
    return CATEGORY[term.type]


def inputs_of(term: Term) -> tuple[Input, ...]:
    """Everything that is blinded for a term. Raises ``InvalidInput`` for a value that is not in its clean form."""
    if isinstance(term, Person):
        return tuple(Input(each.value, each.says) for each in people.derived(term.name, term.birth))
    return _exact(term)


def _exact(selector: Selector) -> tuple[Input, ...]:
    category, kind = category_of(selector), selector_type(selector.type)
    if kind.clean(selector.value) != selector.value:
        raise InvalidInput(selector.type, "not in its clean form", remedy="give what the field's check made of it")
    if category == "site":
        return tuple(Input(exact(category, cell), PART) for cell in places.asked(selector.value))
    whole = Input(exact(category, selector.value), WHOLE)
    if category not in _IN_PARTS:
        return (whole,)
    return (whole, *(Input(exact(category, f"\1{key}"), PART) for key in kind.keys(selector.value)))


def stands(named: Named) -> bool:
    """Whether a record says anything now: an entity that is open, or another record with exact values."""
    return not named.gone or (named.thing == "" and bool(named.selectors))


def items_of(named: Named, category: str) -> Iterator[bytes]:
    """What one of our records gives into the table of a category."""
    if category == "person":
        if named.thing in ("", "person"):
            yield from _person(named)
        return
    for selector in named.selectors:
        if CATEGORY.get(selector.type) == category == "site":
            yield exact(category, places.held(selector.value))
        elif CATEGORY.get(selector.type) == category:
            try:
                yield from (each.value for each in _exact(selector))
            except InvalidInput:
                continue  # a value of an older version that its check refuses now stays out of the table


def _person(named: Named) -> Iterator[bytes]:
    for name in named.names[:_NAMES]:
        for birth in named.births[:_BIRTHS] or ("",):
            try:
                yield from (each.value for each in people.derived(name, birth))
            except InvalidInput:
                continue


def group_of(secret: bytes, record: str) -> int:
    """The number by which a person's keys belong together in one table: of use only with their tags."""
    return int.from_bytes(hmac.digest(secret, record.encode(), "sha256")[:GROUP], "big")
