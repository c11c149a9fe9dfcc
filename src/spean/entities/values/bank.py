"""IBAN (ISO 13616) and BIC (ISO 9362), by schwifty's registries; loaded when first used."""

from __future__ import annotations

from spean.entities.values.base import ValueType


class Iban(ValueType):
    """Country, check digits and length of the national account number."""

    name = "iban"

    def clean(self, text: str) -> str:
        import schwifty
        from schwifty.exceptions import SchwiftyException

        try:
            return str(schwifty.IBAN("".join(self.bounded(text).split())))
        except (SchwiftyException, ValueError) as error:
            raise self.refused(str(error)[:200], "compare it with the bank's paper, digit by digit") from None

    def mask(self, text: str) -> str:
        whole = self.clean(text)
        return f"{whole[:4]}…{whole[-4:]}"


class Bic(ValueType):
    """Eight or eleven letters; ``XXX`` (the head office) is left away, so both forms are equal."""

    name = "bic"
    exact = False  # many share a bank

    def clean(self, text: str) -> str:
        import schwifty
        from schwifty.exceptions import SchwiftyException

        try:
            return str(schwifty.BIC("".join(self.bounded(text).split()))).removesuffix("XXX")
        except (SchwiftyException, ValueError) as error:
            raise self.refused(str(error)[:200], "give 8 or 11 letters, e.g. MKBAKHPP") from None

    def mask(self, text: str) -> str:
        """A bank is no secret."""
        return self.clean(text)


IBAN, BIC = Iban(), Bic()
