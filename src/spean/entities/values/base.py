"""The four verbs of every value type."""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod

from spean.core.errors import InvalidInput

MOST_CHARACTERS = 200


class ValueType(ABC):
    """One kind of value. ``clean`` brings it to its one form and raises when there is none; the others follow from that."""

    name: str
    exact: bool = True
    """Whether an equal value is as good as a hit on the thing itself (a number, not a name): then it is looked up by its hash."""
    most: int = MOST_CHARACTERS

    @abstractmethod
    def clean(self, text: str) -> str:
        """The one form in which equal values are equal texts. Raises ``InvalidInput`` with rule, reason and remedy."""

    def validate(self, text: str) -> None:
        """Nothing when it is well formed and its check digits hold, else ``InvalidInput``."""
        self.clean(text)

    def compare(self, one: str, other: str) -> bool:
        """Whether both are the same value, however each is written. Raises ``InvalidInput`` when one is none."""
        return self.clean(one) == self.clean(other)

    def mask(self, text: str) -> str:
        """Enough to recognise what one knows already, too little to learn it: the ends, and dots between."""
        whole = self.clean(text)
        return f"{whole[:4]}…{whole[-4:]}" if len(whole) >= 12 else f"{whole[:2]}…"

    def keys(self, clean: str) -> tuple[str, ...]:
        """Under which words a clean value is looked up; the first is the value itself."""
        return (clean,)

    def agree(self, one: str, other: str) -> bool:
        """Whether two clean values that share a key may be the same: one of them may say less."""
        return one == other

    def refused(self, why: str, remedy: str) -> InvalidInput:
        """The error of this kind."""
        return InvalidInput(self.name, why, remedy=remedy, rule=self.name)

    def bounded(self, text: str) -> str:
        """The text when it is short enough to be looked at."""
        if len(text) > self.most:
            raise self.refused(f"longer than {self.most} characters", "give one value")
        return text


def latin_digits(text: str) -> str:
    """Digits of any script (Thai, Khmer, Lao, Burmese, full width …) as 0–9; all else as it is."""
    if text.isascii():
        return text
    return "".join(str(value) if (value := unicodedata.decimal(char, None)) is not None else char for char in text)
