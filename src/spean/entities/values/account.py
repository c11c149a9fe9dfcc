"""One word for an account, whatever document names it."""

from __future__ import annotations

import re

from spean.entities.values.base import ValueType, latin_digits
from spean.entities.values.words import tidy

_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_BETWEEN = re.compile(r"[\s\-./]+")


def bank_code(text: str) -> str:
    """An institution's code: of a BIC the first eight letters (the institution), other codes in capitals without spaces."""
    code = "".join(text.split()).upper().replace("/", "")
    return code[:8] if _BIC.fullmatch(code) else code


def account_name(iban: str, number: str, keeper: str) -> str:
    """An IBAN as such; else ``KEEPER/number``; the bare number when nobody says who keeps it; nothing for nothing."""
    if iban:
        return "".join(iban.split()).upper()
    bare = _BETWEEN.sub("", number).upper()
    if not bare:
        return ""
    return f"{keeper}/{bare}" if keeper else bare


class Account(ValueType):
    """An account at a bank, exchange or card issuer: an IBAN, or ``KEEPER/number`` (BIC or local code), or the number alone.

    Looked up by number; two known keepers must be the same.
    """

    name = "account"

    def clean(self, text: str) -> str:
        given = latin_digits(tidy(self.bounded(text))).upper()
        keeper, slash, number = given.rpartition("/")
        if not slash and _IBAN.fullmatch(compact := given.replace(" ", "")):
            from spean.entities.values.bank import IBAN

            return IBAN.clean(compact)
        made = account_name("", number, bank_code(keeper))
        bare = made.rpartition("/")[2]
        if not 4 <= len(bare) <= 40 or not bare.isalnum() or not bare.isascii():
            raise self.refused("an account's number has 4 to 40 letters and digits", "give it as in HNBKKRSE/110222402")
        return made

    def keys(self, clean: str) -> tuple[str, ...]:
        return (clean.rpartition("/")[2],)

    def agree(self, one: str, other: str) -> bool:
        (keeper, _, number), (second, _, again) = one.rpartition("/"), other.rpartition("/")
        return number == again and (keeper == second or not keeper or not second)

    def mask(self, text: str) -> str:
        keeper, slash, number = self.clean(text).rpartition("/")
        return f"{keeper}{slash}{number[:2]}…{number[-3:]}"


ACCOUNT = Account()
