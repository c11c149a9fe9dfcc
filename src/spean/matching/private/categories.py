"""What may be asked about: categories, the kind of data that an agreement must permit for each, and the bytes that are blinded."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from spean.core.errors import InvalidInput
from spean.core.marks import Data

Category = Literal[
    "phone", "account", "wallet", "document", "device", "domain", "ip", "email", "url", "user-account", "vehicle", "site",
    "person",
]  # fmt: skip

DATA: Mapping[str, str] = MappingProxyType({
    "phone": Data.PHONE.value,
    "account": Data.ACCOUNT.value,
    "wallet": Data.WALLET.value,
    "document": Data.DOCUMENT.value,
    "device": Data.DEVICE.value,
    "domain": Data.INDICATOR.value,
    "ip": Data.INDICATOR.value,
    "email": Data.INDICATOR.value,
    "url": Data.INDICATOR.value,
    "user-account": Data.INDICATOR.value,
    "vehicle": Data.INDICATOR.value,
    "site": Data.PLACE.value,
    "person": Data.IDENTITY.value,
})  # fmt: skip
"""Category → the data mark under which its questions travel: the agreement must permit it (R26)."""
CATEGORIES = tuple(DATA)
LONGEST = 500


def check_category(text: str) -> str:
    """The category itself when it is one, else ``InvalidInput``."""
    if text not in DATA:
        raise InvalidInput("category", f"{text[:40]!r} is none", remedy=f"one of {', '.join(CATEGORIES)}", rule="R26")
    return text


def exact(category: str, value: str) -> bytes:
    """The bytes that stand for one exact value in its clean form: the same at every node, or nothing would meet.

    The category stands before the value, so that a value which is a phone here and an account there is two things.
    """
    check_category(category)
    if not value or len(value) > LONGEST:
        raise InvalidInput(
            "value", f"{len(value)} characters", remedy=f"give the clean form, at most {LONGEST} characters"
        )
    return f"spean/1/{category}\0{value}".encode()


def key_info(instrument: str, category: str, month: str) -> bytes:
    """What a key is for, bound into it (RFC 9497, 3.2.1): no two agreements, categories or months share one."""
    return f"spean/1/key\0{instrument}\0{category}\0{month}".encode()
