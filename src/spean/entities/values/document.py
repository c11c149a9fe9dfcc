"""Travel and identity documents by issuer and number."""

from __future__ import annotations

from spean.entities.values.base import ValueType, latin_digits
from spean.entities.values.country import COUNTRY
from spean.entities.values.words import tidy


class Document(ValueType):
    """``KH:N0123456``; without an issuer when it is not known. Looked up by number, and two known issuers must be the same."""

    name = "document"

    def clean(self, text: str) -> str:
        issuer, colon, rest = tidy(self.bounded(text)).rpartition(":")
        number = "".join(char for char in latin_digits(rest).upper() if char.isalnum())
        if not 4 <= len(number) <= 20 or not number.isascii() or not any(char.isdigit() for char in number):
            raise self.refused("a document's number has 4 to 20 letters and digits", "give it as in KH:N0123456")
        return f"{COUNTRY.clean(issuer)}:{number}" if colon else number

    def keys(self, clean: str) -> tuple[str, ...]:
        return (clean.rpartition(":")[2],)

    def agree(self, one: str, other: str) -> bool:
        (issuer, _, number), (second, _, again) = one.rpartition(":"), other.rpartition(":")
        return number == again and (issuer == second or not issuer or not second)

    def mask(self, text: str) -> str:
        issuer, colon, number = self.clean(text).rpartition(":")
        return f"{issuer}{colon}{number[:2]}…{number[-1:]}"


DOCUMENT = Document()
