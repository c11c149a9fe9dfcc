"""All value types by name; each is imported when it is first asked for."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from spean.core.errors import InvalidInput
from spean.entities.values.base import ValueType

_WHERE = {
    "text": "words TEXT", "name": "words NAME",
    "code": "words CODE", "number": "words NUMBER", "sex": "words SEX", "phone": "phone PHONE", "iban": "bank IBAN",
    "bic": "bank BIC", "wallet": "wallet WALLET", "account": "account ACCOUNT", "email": "internet EMAIL", "url": "internet URL",
    "domain": "internet DOMAIN", "ip": "internet IP", "mac": "internet MAC", "imei": "device IMEI", "hash": "device HASH",
    "image-hash": "device IMAGE_HASH", "imo": "device IMO", "vin": "device VIN", "plate": "device PLATE", "document": "document DOCUMENT",
    "mrz": "mrz MRZ", "national-number": "national NATIONAL", "date": "dates DATE", "point": "place POINT", "area": "place AREA",
    "country": "country COUNTRY", "handle": "handle HANDLE", "amount": "amount AMOUNT", "moment": "amount MOMENT",
}  # fmt: skip
NAMES = tuple(_WHERE)


@cache
def value_type(name: str) -> ValueType:
    """The value type of that name. Raises ``InvalidInput``."""
    where = _WHERE.get(name)
    if where is None:
        raise InvalidInput("type", f"{name[:40]!r} is no value type", remedy="one of " + ", ".join(NAMES))
    module, variable = where.split()
    found: ValueType = getattr(import_module(f"spean.entities.values.{module}"), variable)
    return found
