"""What a bank's desk is asked about an account: the question, an answer with exactly the fields that were asked for, the signed files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from starlette.responses import Response

from spean.core.errors import Conflict, InvalidInput, Refusal, SpeanError
from spean.core.ids import ulid
from spean.holds.inquiries import PARTS, Answered, Subject
from spean.node.acts.acting import Intent
from spean.node.money.model import Inquiry
from spean.procedures.forms import schema
from spean.web.frame.pages import Answer, Go, Page, Pages, Shown
from spean.web.frame.problem import Rule, rule_of
from spean.web.frame.visit import Visit
from spean.web.parts.faults import faults, place_of
from spean.web.parts.fields import Field, FormShape

pages = Pages()
KIND = "answered"
SAID = ("status", "reason")
"""What every answer may say beside what was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankInquiryPage(Page):
    """The form of an answer, with the question before one's eyes."""

    template: ClassVar[str] = "bank-inquiry.html"
    inquiry: Inquiry
    fields: tuple[Field, ...]
    errors: tuple[tuple[str, str, str], ...]
    rule: Rule | None
    once: str
    kept: bool


@pages.get("/bank/{record}/answered/{fact}")
def form(visit: Visit) -> Answer:
    """The form of an answer."""
    inquiry = visit.node.money.banks.inquiries.one(visit.who, visit.part("record"), visit.part("fact"))
    return _page(visit, inquiry, {}, ulid(visit.node.clock, visit.node.entropy))


@pages.post("/bank/{record}/answered/{fact}")
def answer(visit: Visit) -> Answer:
    """Answer. The node refuses what was not asked for (R27)."""
    inquiry = visit.node.money.banks.inquiries.one(visit.who, visit.part("record"), visit.part("fact"))
    shape, once = _shape(visit), visit.typed("once")
    typed = shape.read(visit.pairs)
    changed = shape.changed_rows(visit.pairs)
    if changed is not None or visit.typed("again"):
        return _page(visit, inquiry, typed if changed is None else changed, once, kept=True)
    page = _page(visit, inquiry, typed, once, kept=True)
    wrong = faults(page.fields, visit.office.markup.words(visit.reader.language))
    if wrong:
        return Shown(_page(visit, inquiry, typed, once, errors=wrong, kept=True), 422)
    words = {**typed, "inquiry": inquiry.signed, "source": visit.who.user.name[:200]}
    try:
        visit.node.acting.act(visit.who, Intent(kind=KIND, form=words, record=inquiry.record, once=once))
    except InvalidInput as invalid:
        errors = {place_of(invalid): invalid.why}
        return Shown(_page(visit, inquiry, typed, once, errors=errors, error=invalid, kept=True), 422)
    except (Refusal, Conflict) as refused:
        if isinstance(refused, Refusal):
            visit.node.reading_desk.note_refusal(visit.who, refused, f"POST {visit.path}")
        return Shown(_page(visit, inquiry, typed, once, error=refused, kept=True), refused.status)
    return Go(f"/bank?done={inquiry.record}")


@pages.post("/bank/evidence/{fact}")
def evidence(visit: Visit) -> Answer:
    """The signed order or inquiry as a file that verifies without a node; that it was handed out is written down."""
    name = visit.part("fact")
    document = visit.node.money.banks.evidence(visit.who, name)
    headers = {"content-disposition": f'attachment; filename="{name[:16]}.spean.json"'}
    return Response(document, headers=headers, media_type="application/json")


def _shape(visit: Visit) -> FormShape:
    return FormShape(schema(Answered), visit.reader)


def _page(
    visit: Visit, inquiry: Inquiry, typed: dict[str, Any], once: str, *, errors: dict[str, str] | None = None,
    error: SpeanError | None = None, kept: bool = False,
) -> BankInquiryPage:  # fmt: skip
    asked = {PARTS[Subject(each)] for each in inquiry.about}
    fields = tuple(_asked(_shape(visit).fields(typed, errors or {}), {*asked, *SAID}))
    listed = tuple(_faulty(fields))
    words = visit.office.markup.words(visit.reader.language)
    return BankInquiryPage(
        title=words.gettext("Answer to a question about an account"), inquiry=inquiry, fields=fields, errors=listed,
        rule=None if error is None or (isinstance(error, InvalidInput) and listed) else rule_of(error), once=once, kept=kept,
    )  # fmt: skip


def _asked(fields: Sequence[Field], names: set[str]) -> Iterator[Field]:
    """The controls of what was asked for; the decimals of a currency are known."""
    for field in fields:
        if field.name.removeprefix("f.") in names:
            rows = tuple(tuple(cell for cell in row if not cell.name.endswith(".digits")) for row in field.rows)
            yield replace(field, rows=rows)


def _faulty(fields: Sequence[Field]) -> Iterator[tuple[str, str, str]]:
    for field in fields:
        if field.error:
            yield field.name, field.label, field.error
        for row in field.rows:
            yield from _faulty(row)
