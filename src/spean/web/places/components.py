"""Every component of the pages in every state, by day and by night: for whoever makes a page, and for the tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from spean.core.world import DAY, HOUR, MINUTE
from spean.web.frame.pages import Page, Pages
from spean.web.frame.problem import Rule
from spean.web.frame.visit import Visit
from spean.web.parts.fields import Field
from spean.web.parts.lanes import Receipt, Value
from spean.web.parts.strip import Strip
from spean.web.places.act import Receiver

pages = Pages()
THEMES = ("day", "night")
_FACT = "0" * 64
_CHOICES = ("fraud", "laundering", "trafficking")


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentsPage(Page):
    """Played values for each macro of ``parts.html``."""

    template: ClassVar[str] = "components.html"
    theme: str
    """``day`` or ``night`` when one of them was asked for; empty: as the reader has chosen."""
    clocks: tuple[int, ...]
    rules: tuple[Rule, ...]
    strips: tuple[Strip, ...]
    receipts: tuple[Receipt, ...]
    receivers: tuple[Receiver, ...]
    values: tuple[Value, ...]
    fields: tuple[Field, ...]
    errors: tuple[tuple[str, str, str], ...]
    me: str


@pages.get("/components")
def components(visit: Visit) -> Page:
    """All components. It shows nothing of the node, so everybody who is signed in may look."""
    theme = visit.query("theme") if visit.query("theme") in THEMES else ""
    if theme:
        visit.show_theme(theme)
    now, words = visit.now, visit.office.markup.words(visit.reader.language)
    return ComponentsPage(
        title=words.gettext("Components"), theme=theme,
        clocks=(now - MINUTE, now + 4 * MINUTE, now + 2 * HOUR, now + 3 * DAY), rules=_rules(), strips=_strips(),
        receipts=_receipts(now), receivers=_receivers(), values=_values(), fields=_fields(),
        errors=(("f.text", "text", "At least 3 characters; 0 are here."), ("f.amount", "amount", "A whole number, please.")),
        me=visit.node.me,
    )  # fmt: skip


def _rules() -> tuple[Rule, ...]:
    return (
        Rule("D3", "the agreement does not cover this kind of data", "documents are not among them",
             "leave the document out, or amend the agreement"),
        Rule("R38", "every read says why", "", "say for which case you read"),
        Rule("", "Nothing is at this address", "", ""),
    )  # fmt: skip


def _strips() -> tuple[Strip, ...]:
    return (
        _strip(tlp="CLEAR", handling="H0", purpose="warn", instrument="", instrument_state="", logged=False),
        _strip(tlp="GREEN", handling="H1", purpose="stop-fraud"),
        _strip(tlp="AMBER", handling="H2", purpose="investigate-fraud", instrument_state="suspended", via="INT", witnesses=("KH", "TH")),
        _strip(tlp="AMBER+STRICT", handling="H3", purpose="protect-person", instrument_state="expired", witnesses=("KH",)),
        _strip(tlp="RED", handling="H1", purpose="coordinate", witnesses=("KH",)),
    )  # fmt: skip


def _strip(**more: Any) -> Strip:
    common: dict[str, Any] = {
        "data": "wallet", "subject": "suspect", "basis": "Memorandum on stopping fraud (played)", "source": "B", "grade": 2,
        "nature": "fact", "review": "2026-09-01", "fact": _FACT, "instrument": "peering", "instrument_state": "in-force", "via": "",
        "logged": True, "witnesses": (),
    }  # fmt: skip
    return Strip(**{**common, **more})


def _receipts(now: int) -> tuple[Receipt, ...]:
    return (
        Receipt(node="KH", status="accepted", at=now - MINUTE, reason=""),
        Receipt(node="TH", status="", at=None, reason=""),
        Receipt(node="LA", status="waiting", at=now - HOUR, reason="its predecessor has not arrived"),
        Receipt(node="VN", status="quarantined", at=now - HOUR, reason="the agreement is suspended"),
        Receipt(node="MM", status="refused", at=now - DAY, reason="the purpose is not covered"),
    )


def _receivers() -> tuple[Receiver, ...]:
    holds = (("purpose", "4", True, "stop-fraud is among the purposes"), ("data", "", True, "wallet is among the data"))
    fails = (*holds, ("suspension", "", False, "the pair is suspended"))
    return (
        Receiver(node="KH", allowed=True, chosen=True, instrument="peering", rule="", reason="", remedy="", clauses=holds),
        Receiver(node="LA", allowed=True, chosen=False, instrument="peering", rule="", reason="", remedy="", clauses=()),
        Receiver(node="TH", allowed=False, chosen=True, instrument="peering", rule="D3", reason="the pair is suspended",
                 remedy="send it through the mediator INT", clauses=fails),
        Receiver(node="VN", allowed=False, chosen=False, instrument="", rule="D3", reason="no agreement covers it", remedy="", clauses=()),
    )  # fmt: skip


def _values() -> tuple[Value, ...]:
    shop = "ហាងទូរស័ព្ទ សុខា, 전화 가게, ร้านโทรศัพท์, ຮ້ານໂທລະສັບ, ဖုန်းဆိုင်, 手机店, cửa hàng điện thoại"
    return (
        Value(label="offence", parts=(("fraud", True),)),
        Value(label="facts", parts=((f"Shop: {shop}", False),)),
        Value(label="items", parts=(("wallet", True), ("T" + "PlayedWallet" * 6, False))),
    )


def _fields() -> tuple[Field, ...]:
    return (
        Field(name="f.text", label="text", control="text", required=True, help="What is asked or explained.",
              error="At least 3 characters; 0 are here."),
        Field(name="f.facts", label="facts", control="long", value="What was typed stays.", most=4000),
        Field(name="f.offence", label="offence", control="choice", choices=_CHOICES, value="fraud", required=True),
        Field(name="f.amount", label="amount", control="number", value="twelve", error="A whole number, please."),
        Field(name="f.starts", label="starts", control="date", value="2026-09-01"),
        Field(name="f.known", label="known", control="yes", value=True, help="Whether anything is held about it."),
        Field(name="f.languages", label="languages", control="texts", value=("km", "en")),
        Field(name="f.offences", label="offences", control="choices", choices=_CHOICES, value=("laundering",), required=True),
        Field(name="f.place", label="place", control="group", help="Where it is.", children=(
            Field(name="f.place.town", label="town", control="text", value="ភ្នំពេញ"),
        )),
        Field(name="f.items", label="items", control="rows", required=True, rows=(
            (Field(name="f.items.0.value", label="value", control="text", value="TPlayedWallet0001"),
             Field(name="f.items.0.chain", label="chain", control="text", value="tron")),
        )),
    )  # fmt: skip
