"""Forms of the acts that every procedure has: a correction, a note, an approval; and the empty form of a timer."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Raw

from spean.procedures.forms import Form

Reason = Annotated[str, Meta(min_length=3, max_length=2000, description="Why, in words that the reader can check.")]
Text = Annotated[str, Meta(min_length=1, max_length=8000, description="Text.")]


class Empty(Form, frozen=True):
    """Nothing to fill in: a clock writes it."""


class Correction(Form, frozen=True):
    """Says that an own fact was wrong and what is right (A8, R34). The corrected fact is named by ``targets``."""

    reason: Reason
    replacement: Annotated[
        Any, Meta(description="The corrected form, complete, of the same kind as the fact that is corrected.")
    ]


class RawCorrection(Form, frozen=True):
    """A correction whose replacement is still bytes."""

    reason: Reason
    replacement: Raw


class Note(Form, frozen=True):
    """A note on our own local track."""

    text: Text


class Approval(Form, frozen=True):
    """A second person agrees that ``kind`` be done (four eyes, R4)."""

    kind: Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{0,39}$", description="The act that is approved.")]
    reason: Reason


GENERIC_FORMS: dict[str, tuple[type[Form], str]] = {
    "correct": (Correction, "The origin of a fact of this record corrects it; every holder shows the correction."),
    "note": (Note, "A note for our own desk; it is never sent."),
    "approve": (Approval, "A second person approves an act of our own side; it is never sent."),
}
