"""A case's money: the way that it took as a picture and as a table, both rules side by side, what to send, what is held (C1, C4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from spean.node.money.model import Edge, MoneySheet
from spean.web.frame.pages import Page, Pages
from spean.web.frame.visit import Visit
from spean.web.parts.flow import Flow, View, flow
from spean.web.parts.outcomes import Line, parted

pages = Pages()
MOST_EDGES = 200
"""Payments on one page; all of them with ``?all=1``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyPage(Page):
    """The sheet with its picture."""

    template: ClassVar[str] = "money.html"
    sheet: MoneySheet
    flow: Flow | None
    view: View
    to_send: tuple[Line, ...]
    running: tuple[Line, ...]
    over: tuple[Line, ...]
    edges: tuple[Edge, ...]
    left: int
    """Payments that this page leaves out."""
    nodes: tuple[str, ...]
    """Whose ledgers and answers it rests on."""


@pages.get("/money/{record}")
def money(visit: Visit) -> Page:
    """The sheet; opening it is a read, which is logged with the officer's task (R38)."""
    sheet = visit.node.money.sheet(visit.who, visit.part("record"), reason=visit.reason())
    return sheet_page(visit, sheet)


def sheet_page(visit: Visit, sheet: MoneySheet) -> MoneyPage:
    """The context of a sheet that was read."""
    words = visit.office.markup.words(visit.reader.language)
    view: View = "claimed" if visit.query("rule") == "claimed" else "located"
    hops = parted(sheet.hops)
    shown = sheet.edges if visit.query("all") else sheet.edges[:MOST_EDGES]
    return MoneyPage(
        title=words.gettext("Where the money went"), sheet=sheet, flow=flow(sheet, view), view=view, to_send=hops.to_send,
        running=hops.running, over=hops.over, edges=shown, left=len(sheet.edges) - len(shown),
        nodes=tuple(dict.fromkeys(edge.node for edge in sheet.edges)),
    )  # fmt: skip
