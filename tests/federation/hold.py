"""A procedure of the tests: money is held on request, and released. It has what the first capabilities lack: an adverse
state, a release that prevails, and a clock that releases by itself. ``(stop-payment, release)`` is of the closed class."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from spean.procedures.clocks import hours, minutes
from spean.procedures.declare import Procedure, move, party, timer
from spean.procedures.forms import Form
from spean.procedures.generic import Reason


class Order(Form, frozen=True, kw_only=True):
    """What is to be held."""

    account: Annotated[str, Meta(min_length=1, max_length=100)]
    amount: Annotated[int, Meta(ge=1)]


class Held(Form, frozen=True, kw_only=True):
    """What is held, and why."""

    amount: Annotated[int, Meta(ge=1)]
    reason: Reason


class Because(Form, frozen=True, kw_only=True):
    """A reason."""

    reason: Reason


HOLD = Procedure(
    "stop-payment",
    1,
    "Hold of a payment",
    (party("asker", opens=True, doc="who asks for the hold"), party("holder", doc="who holds the money")),
    (
        move("order", "-> sent", by="asker", form=Order, doc="Ask for a hold."),
        move("acknowledge", "sent -> acknowledged", by="holder", form=Because, within=minutes(5), else_="escalate",
             clock_by="asker", doc="It was read."),
        timer("escalate", "sent", by="asker", doc="Nobody has read it."),
        move("hold", "acknowledged -> held", by="holder", form=Held, adverse=True, doc="The money is held."),
        move("prolong", "held -> held", by="asker | holder", form=Because, adverse=True, doc="Hold it longer."),
        move("release", "held -> released", by="holder", form=Because, prevails=10, doc="Give it back."),
        timer("lapse", "held -> released", by="holder", after=hours(72), prevails=10, doc="No order came."),
        move("refuse", "acknowledged -> refused", by="holder", form=Because, doc="It is not held."),
        move("withdraw", "sent | acknowledged -> withdrawn", by="asker", form=Because, prevails=1, doc="Not needed."),
    ),
    ("released", "refused", "withdrawn"),
    "A hold with an order, a release and a clock.",
)  # fmt: skip
