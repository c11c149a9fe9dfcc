"""A bank's fraud desk: what is ordered of its own institution, four answers of equal ease (R6), release; and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from spean.core.errors import Conflict, InvalidInput, NotFound, Refusal, SpeanError
from spean.core.ids import ulid
from spean.holds.model import Hold, Verification
from spean.holds.procedures import STOP_PAYMENT
from spean.node.acts.acting import Intent
from spean.node.acts.assertions import Unsigned
from spean.node.money.model import Inquiry, Order
from spean.procedures.forms import schema
from spean.web.frame.pages import Answer, Go, Page, Pages, Shown
from spean.web.frame.problem import Rule, rule_of
from spean.web.frame.visit import Visit
from spean.web.parts.faults import faults, place_of
from spean.web.parts.fields import Field, FormShape
from spean.web.parts.measures import Unit
from spean.web.parts.outcomes import Tone, look
from spean.web.places.confirm import confirm_page, signed

pages = Pages()
MOST_ANSWERED = 50
"""Questions that were answered and are still shown."""
ANSWERS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("sent", "acknowledged"), ("hold", "too-late", "not-found", "refuse")),
    **dict.fromkeys(("held", "disputed", "confirmed"), ("release", "ease")),
    "seized": ("release",),
    **dict.fromkeys(("released", "auto-released"), ("freed",)),
}
"""What a bank may answer, by state."""
KINDS = frozenset(kind for kinds in ANSWERS.values() for kind in kinds)
LOOKED = ("balance", "name")
HELD = ("amount", "until", "notice", "reason")
"""What a bank says of a hold; the rest stands in the order."""
UNSAID = ("source", "last.institution", "last.account", "onward", "judge_reference", "urgent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An order with what may be answered to it."""

    order: Order
    sign: str
    tone: Tone
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BankPage(Page):
    """The orders, those that wait for an answer first."""

    template: ClassVar[str] = "bank.html"
    waiting: tuple[Line, ...]
    running: tuple[Line, ...]
    asked: tuple[Inquiry, ...]
    """Questions about accounts that are not answered, or not in full."""
    answered: tuple[Inquiry, ...]
    unit: str
    done: str
    """Record that was just answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAnswerPage(Page):
    """The form of one answer, with the order before one's eyes."""

    template: ClassVar[str] = "bank-answer.html"
    line: Line
    kind: str
    doc: str
    adverse: bool
    looked: tuple[Field, ...]
    """For a hold: what lies there."""
    fields: tuple[Field, ...]
    errors: tuple[tuple[str, str, str], ...]
    rule: Rule | None
    once: str
    kept: bool


@pages.get("/bank")
def bank(visit: Visit) -> Page:
    """What is ordered of the institution; the look is written down."""
    lines = [_line(order) for order in visit.node.money.orders(visit.who)]
    lines.sort(key=lambda line: line.order.expires_at)
    inquiries = visit.node.money.inquiries(visit.who)
    open_ = [each for each in inquiries if each.answered in ("", "partial")]
    words = visit.office.markup.words(visit.reader.language)
    return BankPage(
        title=words.gettext("Orders to your institution"), unit=visit.who.user.unit, done=visit.query("done"),
        asked=tuple(sorted(open_, key=lambda each: (each.due_at or each.asked_at, each.signed))),
        answered=tuple(each for each in inquiries if each not in open_)[:MOST_ANSWERED],
        waiting=tuple(line for line in lines if _waits(line)), running=tuple(line for line in lines if not _waits(line)),
    )  # fmt: skip


@pages.get("/bank/{record}/{kind}")
def form(visit: Visit) -> Answer:
    """The form of an answer."""
    order, begun = _begin(visit)
    return _form_page(visit, order, begun, ulid(visit.node.clock, visit.node.entropy))


@pages.post("/bank/{record}/{kind}")
def answer(visit: Visit) -> Answer:
    """Answer. A hold rests on a look at the account, which is written down before it and never sent (R50)."""
    order, begun = _begin(visit)
    kind, once = visit.part("kind"), visit.typed("once")
    unit = Unit(order.amount.currency, order.amount.digits)
    form = {**begun, **_shape(visit, kind, unit).read(visit.pairs)}
    looked = FormShape(schema(Verification), visit.reader, unit).read(visit.pairs) if kind == "hold" else {}
    if visit.typed("again"):
        return _form_page(visit, order, form, once, looked=looked, kept=True)
    page = _form_page(visit, order, form, once, looked=looked, kept=True)
    wrong = faults((*page.looked, *page.fields), visit.office.markup.words(visit.reader.language))
    if wrong:
        return Shown(_form_page(visit, order, form, once, looked=looked, errors=wrong, kept=True), 422)
    acting, record = visit.node.acting, order.record
    try:
        if looked and not visit.typed("secret.credential"):
            _, begins = visit.node.money.banks.begin(visit.who, record, "verify")
            acting.act(visit.who, Intent(kind="verify", form={**begins, **looked}, record=record))
        intent = Intent(kind=kind, form=form, record=record, once=once)
        signed(visit, lambda given: acting.act(visit.who, replace(intent, **given)))
    except Unsigned as unsigned:
        return confirm_page(visit, unsigned, STOP_PAYMENT, STOP_PAYMENT.by_kind[kind], f"/bank/{record}/{kind}", unit)
    except InvalidInput as invalid:
        errors = {place_of(invalid): invalid.why}
        return Shown(_form_page(visit, order, form, once, looked=looked, errors=errors, error=invalid, kept=True), 422)
    except (Refusal, Conflict) as refused:
        if isinstance(refused, Refusal):
            visit.node.reading_desk.note_refusal(visit.who, refused, f"POST {visit.path}")
        return Shown(_form_page(visit, order, form, once, looked=looked, error=refused, kept=True), refused.status)
    return Go(f"/bank?done={record}")


def _waits(line: Line) -> bool:
    return "hold" in line.answers or "freed" in line.answers


def _line(order: Order) -> Line:
    sign, tone = look(order.state)
    return Line(order=order, sign=sign, tone=tone, answers=ANSWERS.get(order.state, ()))


def _begin(visit: Visit) -> tuple[Order, dict[str, Any]]:
    """Raises ``NotFound`` for an answer that is none, ``Conflict`` for one that comes too late."""
    kind = visit.part("kind")
    if kind not in KINDS:
        raise NotFound("No such answer", remedy="choose one on the list of orders")
    order, begun = visit.node.money.banks.begin(visit.who, visit.part("record"), kind)
    if kind not in ANSWERS.get(order.state, ()):
        raise Conflict(
            "This order cannot be answered so now", why=f"it is {order.state}", remedy="see the list of orders"
        )
    return order, begun


def _shape(visit: Visit, kind: str, unit: Unit) -> FormShape:
    return FormShape(schema(STOP_PAYMENT.by_kind[kind].form), visit.reader, unit)


def _form_page(
    visit: Visit, order: Order, form: dict[str, Any], once: str, *, looked: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None, error: SpeanError | None = None, kept: bool = False,
) -> BankAnswerPage:  # fmt: skip
    kind, errors = visit.part("kind"), errors or {}
    unit = Unit(order.amount.currency, order.amount.digits)
    t = STOP_PAYMENT.by_kind[kind]
    fields = tuple(_said(_shape(visit, kind, unit).fields(form, errors), HELD if t.form is Hold else ()))
    look_fields = FormShape(schema(Verification), visit.reader, unit).fields(looked, errors) if kind == "hold" else ()
    look_fields = tuple(_said(look_fields, LOOKED))
    listed = tuple(_faulty((*look_fields, *fields)))
    words = visit.office.markup.words(visit.reader.language)
    return BankAnswerPage(
        title=words.act(kind), line=_line(order), kind=kind, doc=t.doc, adverse=t.adverse, looked=look_fields, fields=fields,
        errors=listed, rule=None if error is None or (isinstance(error, InvalidInput) and listed) else rule_of(error), once=once, kept=kept,
    )  # fmt: skip


def _said(fields: Sequence[Field], only: tuple[str, ...]) -> Iterator[Field]:
    """The controls that a bank fills in."""
    for field in fields:
        path = field.name.removeprefix("f.")
        if path in UNSAID or path in ("currency", "digits") or (only and path.split(".")[0] not in only):
            continue
        yield replace(field, children=tuple(_said(field.children, ()))) if field.children else field


def _faulty(fields: Sequence[Field]) -> Iterator[tuple[str, str, str]]:
    for field in fields:
        if field.error:
            yield field.name, field.label, field.error
        yield from _faulty(field.children)
