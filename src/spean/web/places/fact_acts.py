"""Correct, withdraw, erase, pass on: what may be done with one fact, and following what becomes of its copies (A5, A8, R34)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from spean.core.errors import Conflict, InvalidInput, Refusal, SpeanError
from spean.core.ids import parse_record
from spean.core.marks import Purpose
from spean.exchange.codec import decode_header
from spean.node.acts.acting import Marks
from spean.node.acts.assertions import Unsigned
from spean.node.views.inspecting import FactDetail
from spean.node.views.recall_watch import Asked
from spean.web.frame.pages import Answer, Go, Page, Pages, Shown
from spean.web.frame.problem import Rule, rule_of
from spean.web.frame.visit import Visit
from spean.web.parts.faults import faults, place_of
from spean.web.parts.fields import Field, FormShape
from spean.web.places.act import Receiver
from spean.web.places.confirm import Signature, confirm_page, signed
from spean.web.places.facts import need, procedure_of, shape_of

pages = Pages()
REASON_MOST = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class FactActPage(Page):
    """The form of an act on a fact: its reason, and for a correction what is right instead."""

    template: ClassVar[str] = "fact-act.html"
    act: str
    """``correct``, ``withdraw`` or ``erase``."""
    fact: str
    action: str
    adverse: bool
    fields: tuple[Field, ...]
    reason: str
    reason_error: str
    holders: tuple[tuple[str, str], ...]
    """Who has the copy that stands now, with the receipt's status; each will be asked."""
    exports: tuple[str, ...]
    rule: Rule | None
    errors: tuple[tuple[str, str, str], ...]
    kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PassOnPage(Page):
    """To whom another's fact would go, and who may not receive it, and why."""

    template: ClassVar[str] = "pass-on.html"
    fact: str
    owner: str
    handling: str
    to: str
    purpose: str
    purposes: tuple[str, ...]
    reason: str
    receivers: tuple[Receiver, ...]
    rule: Rule | None
    kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallPage(Page):
    """What becomes of every copy, live."""

    template: ClassVar[str] = "recall.html"
    fact: str
    asked: tuple[Asked, ...]
    answered: int
    still: int
    exports: tuple[tuple[str, int], ...]
    others: tuple[tuple[str, str], ...]
    """Who has it and was not asked, with its state."""


# correct, withdraw, erase ---------------------------------------------------------------------------------------------


@pages.get("/facts/{fact}/correct")
def correct_form(visit: Visit) -> Answer:
    """The form of what is corrected, filled with what stands now; showing it is a read."""
    detail = _read(visit)
    need(detail.acts.correct, "A8", "this fact cannot be corrected here now")
    return _act_page(visit, "correct", value=detail.view.form or {})


@pages.post("/facts/{fact}/correct")
def correct(visit: Visit) -> Answer:
    """Correct it at every holder; then follow what becomes of the old copies."""
    name = visit.part("fact")
    need(visit.node.inspecting.acts(visit.who, name).correct, "A8", "this fact cannot be corrected here now")
    shape = FormShape(_shape(visit, name), visit.reader)
    form = shape.read(visit.pairs)
    changed = shape.changed_rows(visit.pairs)
    if changed is not None or visit.typed("again"):
        return _act_page(visit, "correct", value=form if changed is None else changed, kept=True)
    wrong = faults(shape.fields(form), visit.office.markup.words(visit.reader.language))
    if wrong:
        return Shown(_act_page(visit, "correct", value=form, errors=wrong, kept=True), 422)
    return _do(visit, "correct", form)


@pages.get("/facts/{fact}/withdraw")
def withdraw_form(visit: Visit) -> Answer:
    """Why it is taken back, and who will be asked."""
    need(
        visit.node.inspecting.acts(visit.who, visit.part("fact")).withdraw,
        "A8",
        "this fact cannot be withdrawn here now",
    )
    return _act_page(visit, "withdraw")


@pages.post("/facts/{fact}/withdraw")
def withdraw(visit: Visit) -> Answer:
    """Take it back from every holder."""
    need(
        visit.node.inspecting.acts(visit.who, visit.part("fact")).withdraw,
        "A8",
        "this fact cannot be withdrawn here now",
    )
    return _do(visit, "withdraw", {})


@pages.get("/facts/{fact}/erase")
def erase_form(visit: Visit) -> Answer:
    """Why its words are destroyed."""
    need(
        visit.node.inspecting.acts(visit.who, visit.part("fact")).erase,
        "D4",
        "its words are gone, or your role may not erase",
    )
    return _act_page(visit, "erase")


@pages.post("/facts/{fact}/erase")
def erase(visit: Visit) -> Answer:
    """Destroy its words here, and take it back where it is ours."""
    need(
        visit.node.inspecting.acts(visit.who, visit.part("fact")).erase,
        "D4",
        "its words are gone, or your role may not erase",
    )
    return _do(visit, "erase", {})


@pages.get("/facts/{fact}/recall")
def recall(visit: Visit) -> Answer:
    """Who was asked, what came back, who still holds a copy."""
    name = visit.part("fact")
    asked = visit.node.recall_watch.of_fact(visit.who, name)
    known = {each.holder for each in asked}
    holding = visit.node.recalling.holding(name, visit.who)
    with visit.node.reading() as tx:
        exports = tuple((row.medium, row.at) for row in tx.exports.of_fact(name))
    words = visit.office.markup.words(visit.reader.language)
    behind = {node for each in asked for node, _ in each.behind}
    return RecallPage(
        title=words.gettext("What becomes of every copy"), fact=name, asked=tuple(asked),
        answered=sum(bool(each.outcome) for each in asked), still=sum(each.holds for each in asked), exports=exports,
        others=tuple((each.node, each.status) for each in holding if each.node not in known | behind),
    )  # fmt: skip


def _read(visit: Visit) -> FactDetail:
    return visit.node.inspecting.fact(visit.who, visit.part("fact"), reason=visit.reason())


def _shape(visit: Visit, name: str) -> dict[str, Any]:
    with visit.node.reading() as tx:
        row = tx.facts.get(name)
    return shape_of(procedure_of(visit, row.procedure), row.kind)


def _do(visit: Visit, act: str, form: dict[str, Any]) -> Answer:
    """Do it; or show the form again with what was typed and what is wrong."""
    name, reason = visit.part("fact"), visit.typed("reason").strip()
    recalling = visit.node.recalling
    try:
        _check_reason(reason)
        if act == "correct":
            signed(visit, partial(_correct, visit, name, form, reason))
        elif act == "withdraw":
            recalling.withdraw(visit.who, name, reason)
        else:
            recalling.erase(visit.who, name, reason)
    except Unsigned as unsigned:
        procedure = procedure_of(visit, parse_record(unsigned.prepared.record).procedure)
        if procedure is None:
            raise
        return confirm_page(visit, unsigned, procedure, procedure.by_kind["correct"], f"/facts/{name}/correct")
    except InvalidInput as invalid:
        place = place_of(invalid)
        return Shown(_act_page(visit, act, value=form, errors={place: invalid.why}, error=invalid, kept=True), 422)
    except (Refusal, Conflict) as refused:
        if isinstance(refused, Refusal):
            visit.node.reading_desk.note_refusal(visit.who, refused, f"POST /facts/{name}/{act}")
        return Shown(_act_page(visit, act, value=form, error=refused, kept=True), refused.status)
    return Go(f"/facts/{name}/recall")


def _correct(visit: Visit, name: str, form: dict[str, Any], reason: str, given: Signature) -> None:
    """With the officer's signature when what is corrected acts against somebody (R1)."""
    visit.node.recalling.correct(visit.who, name, form, reason, officer=given.get("officer"), at=given.get("at"))


def _check_reason(reason: str) -> None:
    if not 3 <= len(reason) <= REASON_MOST:
        raise InvalidInput(
            "reason", f"3 to {REASON_MOST} characters say why", remedy="say it in words that the reader can check"
        )


def _act_page(visit: Visit, act: str, *, value: dict[str, Any] | None = None, errors: dict[str, str] | None = None,
              error: SpeanError | None = None, kept: bool = False) -> FactActPage:  # fmt: skip
    name, errors = visit.part("fact"), errors or {}
    node, words = visit.node, visit.office.markup.words(visit.reader.language)
    with node.reading() as tx:
        row = tx.facts.get(name)
        exports = tuple(each.medium for each in tx.exports.of_fact(name))
    procedure = procedure_of(visit, row.procedure)
    fields = (
        FormShape(shape_of(procedure, row.kind), visit.reader).fields(value or {}, errors) if act == "correct" else ()
    )
    transition = None if procedure is None else procedure.by_kind.get(row.kind)
    shown = [(each.name, each.label, each.error) for each in _all(fields) if each.error]
    if errors.get("reason"):
        shown.append(("reason", "reason", errors["reason"]))
    titles = {
        "correct": words.gettext("Correct: {}"),
        "withdraw": words.gettext("Withdraw: {}"),
        "erase": words.gettext("Erase: {}"),
    }
    return FactActPage(
        title=titles[act].format(words.act(row.kind)), act=act, fact=name, action=f"/facts/{name}/{act}",
        adverse=transition is not None and transition.adverse and act == "correct", fields=fields,
        reason=visit.typed("reason"), reason_error=errors.get("reason", ""),
        holders=tuple(dict(node.reading_desk.holders(name, visit.who)).items()) if row.origin == node.me else (),
        exports=exports, rule=None if error is None or shown else rule_of(error), errors=tuple(shown), kept=kept,
    )  # fmt: skip


def _all(fields: tuple[Field, ...]) -> list[Field]:
    found: list[Field] = []
    for field in fields:
        found += [field, *_all(field.children), *(each for row in field.rows for each in _all(row))]
    return found


# pass on --------------------------------------------------------------------------------------------------------------


@pages.get("/facts/{fact}/pass-on")
def pass_on_form(visit: Visit) -> Answer:
    """To whom it would go. Before anything is sent each partner is asked about; opening it is a read of its marks."""
    return _pass_on_page(visit, visit.query("to"))


@pages.post("/facts/{fact}/pass-on")
def pass_on(visit: Visit) -> Answer:
    """Pass it on; where the owner's consent is needed, it is asked for, and the page says so."""
    name, to, reason = visit.part("fact"), visit.typed("to"), visit.typed("reason").strip()
    if visit.typed("again"):
        return _pass_on_page(visit, to, kept=True)
    try:
        _check_reason(reason)
        if to not in visit.node.peering.active():
            raise InvalidInput("to", "choose a partner", remedy="one of the list")
        marks = Marks(purpose=visit.typed("purpose") or None)
        passed = visit.node.onward.pass_on(visit.who, name, to, reason, marks)
    except InvalidInput as invalid:
        return Shown(_pass_on_page(visit, to, error=invalid, kept=True), 422)
    except (Refusal, Conflict) as refused:
        if isinstance(refused, Refusal):
            visit.node.reading_desk.note_refusal(visit.who, refused, f"POST /facts/{name}/pass-on")
        return Shown(_pass_on_page(visit, to, error=refused, kept=True), refused.status)
    return Go(f"/records/{passed.done.record}?done={passed.done.fact}")


def _pass_on_page(visit: Visit, to: str, *, error: SpeanError | None = None, kept: bool = False) -> PassOnPage:
    node, name = visit.node, visit.part("fact")
    need(node.inspecting.acts(visit.who, name).pass_on, "A5", "this fact cannot be passed on here now")
    words = visit.office.markup.words(visit.reader.language)
    with node.reading() as tx:
        row = tx.facts.get(name)
    envelope = decode_header(row.payload).envelope
    assert envelope is not None  # a fact without marks stays, so it cannot be passed on
    purpose = visit.typed("purpose") or envelope.purpose
    return PassOnPage(
        title=words.gettext("Pass on: {}").format(words.act(row.kind)), fact=name, owner=row.origin,
        handling=envelope.handling, to=to, purpose=purpose, purposes=tuple(Purpose), reason=visit.typed("reason"),
        receivers=tuple(_receiver(visit, name, peer, purpose) for peer in node.peering.active() if peer != row.origin),
        rule=None if error is None else rule_of(error), kept=kept,
    )  # fmt: skip


def _receiver(visit: Visit, fact: str, peer: str, purpose: str) -> Receiver:
    line = visit.node.onward.preview(visit.who, fact, peer, Marks(purpose=purpose))
    return Receiver(
        node=peer, allowed=line.allowed, chosen=False, instrument=line.instrument, rule=line.rule, reason=line.reason,
        remedy=line.remedy, clauses=(),
    )  # fmt: skip
