"""How a hop's state looks: a sign and a tone beside its word, so that no colour stands alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from spean.node.money.model import Hop, HopState, Sum

Tone = Literal["ok", "warn", "stop", "plain"]
_LOOKS: Final[dict[str, tuple[str, Tone]]] = {
    "to-send": ("○", "warn"), "sent": ("→", "warn"), "acknowledged": ("◔", "warn"), "disputed": ("!", "warn"),
    **dict.fromkeys(("held", "confirmed", "seized", "allocated", "paid-out"), ("✓", "ok")),
    **dict.fromkeys(("too-late", "not-found", "refused"), ("✕", "stop")),
    **dict.fromkeys(("returned", "released", "auto-released", "withdrawn"), ("↩", "plain")),
}  # fmt: skip


def look(state: HopState) -> tuple[str, Tone]:
    """Sign and tone of a state."""
    return _LOOKS.get(state, ("·", "plain"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A hop as boards and sheets list it."""

    hop: Hop
    sign: str
    tone: Tone
    act: str
    """Where its next act is done; empty when the others have the turn."""
    choice: bool = False
    """There are several answers of equal weight, or one acts against somebody: the record's page offers them all (R6)."""


CHOICES: Final = frozenset({"hold", "release", "uphold", "confirm", "seize", "extend", "review"})
"""Acts that no list offers alone."""


def line_of(hop: Hop) -> Line:
    """The line of a hop. What was not sent yet is sent from the case's sheet, where who is asked stands beside it."""
    sign, tone = look(hop.state)
    if not hop.next:
        act = ""
    elif hop.record:
        act = f"/records/{hop.record}" if hop.next in CHOICES else f"/records/{hop.record}/{hop.next}"
    else:
        act = f"/money/{hop.case}#send"
    return Line(hop=hop, sign=sign, tone=tone, act=act, choice=hop.next in CHOICES)


OPEN: Final = frozenset({"sent", "acknowledged", "held", "disputed", "confirmed", "seized", "allocated"})
"""Asked for, and somebody still has to do something."""
WAITING: Final = frozenset({"sent", "acknowledged"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Parted:
    """Hops by what a desk does with them, each list in the order in which it is needed."""

    to_send: tuple[Line, ...]
    """The one that saves most first."""
    running: tuple[Line, ...]
    """What runs out next first."""
    over: tuple[Line, ...]
    """The latest first."""


def parted(hops: Iterable[Hop]) -> Parted:
    """Sort hops into what is to be sent, what runs, and what is over."""
    every = list(hops)
    running = [hop for hop in every if hop.state in OPEN]
    return Parted(
        to_send=tuple(line_of(hop) for hop in sorted(every, key=lambda hop: (-hop.value, hop.hop)) if hop.state == "to-send"),
        running=tuple(line_of(hop) for hop in sorted(running, key=lambda hop: (hop.due_at is None, hop.due_at or 0, -hop.since))),
        over=tuple(
            line_of(hop) for hop in sorted(every, key=lambda hop: -hop.since) if hop.state not in OPEN and hop.state != "to-send"
        ),
    )  # fmt: skip


def added(sums: Iterable[Sum]) -> tuple[Sum, ...]:
    """Sums put together, each currency once, in the order in which they come."""
    found: dict[tuple[str, int], int] = {}
    for each in sums:
        found[each.currency, each.digits] = found.get((each.currency, each.digits), 0) + each.amount
    return tuple(Sum(amount=amount, currency=currency, digits=digits) for (currency, digits), amount in found.items())
