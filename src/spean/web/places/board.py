"""The hold board: every hop of every open case, what runs out next on top; held, asked, lost (DOMAIN 6.C)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from spean.holds.procedures import STOP_PAYMENT
from spean.node.money.importing import LOADERS
from spean.node.money.model import Sum
from spean.web.frame.pages import Page, Pages
from spean.web.frame.visit import Visit
from spean.web.parts.outcomes import WAITING, Line, added, parted

pages = Pages()
ASKERS = STOP_PAYMENT.by_kind["inquire"].roles
MOST_OVER = 50
"""Hops that are over and still shown; older ones stand in their cases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPage(Page):
    """The board with its sums; each currency apart, since nothing is converted here."""

    template: ClassVar[str] = "board.html"
    to_send: tuple[Line, ...]
    running: tuple[Line, ...]
    over: tuple[Line, ...]
    more_over: int
    not_asked: tuple[Sum, ...]
    waiting: tuple[Sum, ...]
    """Asked, without an answer yet."""
    held: tuple[Sum, ...]
    lost: tuple[Sum, ...]
    late: int
    """Clocks that have run out."""
    files: bool
    """Whether this officer gives files to the ledgers."""
    asks: bool
    """Whether this officer asks institutions about accounts."""


def may_ask(visit: Visit) -> bool:
    """Whether the one who looks asks institutions about accounts."""
    return not visit.who.roles.isdisjoint(ASKERS)


def may_load(visit: Visit) -> bool:
    """Whether the one who looks gives files to the ledgers."""
    return not visit.who.roles.isdisjoint(LOADERS)


@pages.get("/money")
def board(visit: Visit) -> Page:
    """Every open hop. It shows amounts and masked accounts, which the node's verb lets only those see who follow money."""
    hops = visit.node.money.board(visit.who)
    found = parted(hops)
    words = visit.office.markup.words(visit.reader.language)
    return BoardPage(
        title=words.gettext("Hold board"), to_send=found.to_send, running=found.running, over=found.over[:MOST_OVER],
        more_over=max(0, len(found.over) - MOST_OVER),
        not_asked=added(line.hop.asked for line in found.to_send),
        waiting=added(hop.asked for hop in hops if hop.state in WAITING),
        held=added(hop.held for hop in hops if hop.held.amount), lost=added(hop.lost for hop in hops if hop.lost.amount),
        late=sum(1 for line in found.running if line.hop.due_at is not None and line.hop.due_at < visit.now),
        files=may_load(visit), asks=may_ask(visit),
    )  # fmt: skip
