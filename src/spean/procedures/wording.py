"""In which words a picture of a procedure speaks: those of the declaration, or a reader's language."""

from __future__ import annotations

from typing import Protocol

from spean.procedures.clocks import Delay, words

TEXTS = (
    "end", "adverse", "candidate", "any party", "clock", "by itself", "once each", "own track", "prevails", " or ",
    "{0} again", "within {0}, else {1}", "after {0}", "from {0}", "{0}: states and acts", "filled circle: start",
    "rounded box: state", "small box: act that moves the record", "bullet: act that stays in the state",
    "double border: end", "dashed small box: done by a clock or by the node itself", "cut corners: adverse",
    "dashed state: candidate", "{0} by {1} opens the record in {2}.", "{0} by {1} leads from {2} to {3}.",
    "{0} by {1} stays in {2}.", "{0} by {1} stays in any state.", "Ends: {0}.",
)  # fmt: skip
"""Every text of a picture besides what its procedure declares."""


class Wording(Protocol):
    """Says the names and texts of a declaration."""

    def state(self, procedure: str, name: str) -> str:
        """A state's name."""

    def act(self, kind: str) -> str:
        """An act's name."""

    def party(self, name: str) -> str:
        """A party's name."""

    def declared(self, text: str) -> str:
        """A text of the declaration, such as its title."""

    def delay(self, delay: Delay) -> str:
        """How long a clock runs."""

    def text(self, text: str, *values: str) -> str:
        """One of ``TEXTS`` with its values."""


class AsDeclared:
    """The names as they stand in the declaration, in English."""

    def state(self, procedure: str, name: str) -> str:
        del procedure
        return name

    def act(self, kind: str) -> str:
        return kind

    def party(self, name: str) -> str:
        return name

    def declared(self, text: str) -> str:
        return text

    def delay(self, delay: Delay) -> str:
        return words(delay)

    def text(self, text: str, *values: str) -> str:
        return text.format(*values)
