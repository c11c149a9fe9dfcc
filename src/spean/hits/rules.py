"""Safeguards of private matching as pure rules (B2, R24, R26–R28, R42)."""

from __future__ import annotations

import base64
import binascii

from spean.core.errors import Refusal
from spean.hits.model import (
    Announce,
    Answer,
    Batch,
    Claim,
    Confirmation,
    Evaluated,
    Offer,
    Overseen,
    Question,
    Raise,
    Wanted,
)
from spean.matching.private.budget import BUDGET, years
from spean.matching.private.voprf import ELEMENT, PROOF
from spean.procedures.acts import Act, Context, RecordView
from spean.procedures.rules import Rule


def raw(text: str) -> bytes:
    """Base64 as bytes. Raises ``Refusal`` (R28) for anything but its one form."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refusal("R28", "not base64", remedy="send the bytes in base64 with padding") from None
    if base64.b64encode(data).decode() != text:
        raise Refusal("R28", "base64 in another form than its one", remedy="encode it anew")
    return data


def _counted(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    if isinstance(act.body, Question) and len(raw(act.body.elements)) != act.body.count * ELEMENT:
        raise Refusal("R28", "the elements are not as many as the question counts", remedy="ask again")


def _answers_all(view: RecordView | None, act: Act, ctx: Context) -> None:
    question = ctx.ask.form(view.done["question"][0]) if view is not None and "question" in view.done else None
    if not isinstance(act.body, Answer):
        return
    told = len(raw(act.body.elements)) - PROOF
    if isinstance(question, Question) and told != question.count * ELEMENT:
        raise Refusal("R42", "an answer has as many elements as its question", remedy="answer all of it, or decline")


def _confirms(view: RecordView | None, act: Act, ctx: Context) -> None:
    claim = ctx.ask.form(view.done["claimed-as"][0]) if view is not None and "claimed-as" in view.done else None
    if isinstance(act.body, Confirmation) and isinstance(claim, Claim):
        others = set(act.body.references) - set(claim.references)
        if others:
            raise Refusal("R42", "it tells of references that were not claimed", remedy="answer what was asked")


def _shows_years(view: RecordView | None, act: Act, ctx: Context) -> None:
    if not isinstance(act.body, Raise):
        return
    if act.body.elements <= BUDGET:
        raise Refusal("B2", f"{BUDGET} are the budget without a raise", remedy="grant more than that, or refuse")
    if act.body.years != years(act.body.elements):
        raise Refusal(
            "B2", f"with {act.body.elements} a month, 10^8 numbers take {years(act.body.elements)} years, not {act.body.years}",
            remedy="look at the number again and state it as it is",
        )  # fmt: skip
    wanted = ctx.ask.form(view.done["wanted"][0]) if view is not None and "wanted" in view.done else None
    if isinstance(wanted, Wanted) and (wanted.month != act.body.month or act.body.elements > wanted.elements):
        raise Refusal("B2", "more than was asked for, or another month", remedy="grant at most what was asked for")


def _no_more_than_opened(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    if isinstance(act.body, Overseen) and act.body.proper > act.body.opened:
        raise Refusal("R24", "more are proper than were opened", remedy="count again")


def _fits_the_batch(view: RecordView | None, act: Act, ctx: Context) -> None:
    batch = ctx.ask.form(view.done["asked-with"][0]) if view is not None and "asked-with" in view.done else None
    if isinstance(act.body, Evaluated) and isinstance(batch, Batch) and act.body.number != batch.number:
        raise Refusal(
            "R42", f"batch {batch.number} was asked, {act.body.number} answered", remedy="answer what was asked"
        )


def _named_once(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    if isinstance(act.body, Offer) and (
        len(set(act.body.purposes)) != len(act.body.purposes) or len(set(act.body.subjects)) != len(act.body.subjects)
    ):
        raise Refusal("R26", "a purpose or a category of persons is named twice", remedy="name each once")


def _one_key_a_month(view: RecordView | None, act: Act, ctx: Context) -> None:
    """A second key for one month would tell askers apart. Readers pin the first one and sound the alarm (``node.private``)."""
    if view is None or not isinstance(act.body, Announce):
        return
    for name, form in ctx.ask.stated(view.id, "announce"):
        if name != act.id and isinstance(form, Announce) and form.month == act.body.month and form.key != act.body.key:
            raise Refusal("B2", f"another key was announced for {form.month}", remedy="one key a month and category")


COUNTED = Rule("R28", "A question has exactly the elements that it counts.", _counted)
ANSWERS_ALL = Rule(
    "R42", "An answer evaluates every element, so that it looks the same for hit and miss.", _answers_all
)
CONFIRMS = Rule("R42", "Only what was claimed is confirmed, and nothing of its content.", _confirms)
SHOWS_YEARS = Rule(
    "B2", "A raise says how many years 10^8 numbers would then take, and goes not beyond what was asked.", _shows_years
)
NO_MORE_THAN_OPENED = Rule("R24", "What is held for proper was opened.", _no_more_than_opened)
FITS_THE_BATCH = Rule("R42", "Each batch is answered by itself, in its turn.", _fits_the_batch)
NAMED_ONCE = Rule("R26", "Purposes and categories of persons are named once.", _named_once)
ONE_KEY_A_MONTH = Rule("B2", "One month has one key for all who ask.", _one_key_a_month, author_only=True)
