"""Telephone numbers as E.164 (ITU-T), by libphonenumber's tables; loaded when first used."""

from __future__ import annotations

from spean.entities.values.base import ValueType


class Phone(ValueType):
    """``region`` (ISO 3166) reads national numbers; without one a number must begin with ``+``."""

    name = "phone"

    def __init__(self, region: str | None = None) -> None:
        self._region = region

    def clean(self, text: str) -> str:
        import phonenumbers

        try:
            number = phonenumbers.parse(self.bounded(text), self._region)
        except phonenumbers.NumberParseException as error:
            raise self.refused(str(error), "write it with + and country code, e.g. +855 12 345 678") from None
        if not phonenumbers.is_possible_number(number):
            raise self.refused("no country has numbers of this length", "count its digits again")
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def mask(self, text: str) -> str:
        whole = self.clean(text)
        return f"{whole[:4]}…{whole[-3:]}"


PHONE = Phone()
