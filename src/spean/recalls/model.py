"""Forms of the procedure *recall* (A8, R34; DESIGN, Recall)."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from spean.procedures.forms import Form
from spean.procedures.generic import Reason

Outcome = Literal["erased", "restricted", "never-held"]
FactName = Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")]


class Recall(Form, frozen=True, kw_only=True):
    """The owner takes a fact back from one holder. The fact is named by ``targets``."""

    mode: Annotated[Literal["withdraw", "correct"], Meta(description="Take it back, or replace it.")]
    reason: Reason
    replacement: Annotated[FactName, Meta(description="The correcting fact, when it is replaced.")] = ""


class Downstream(Form, frozen=True, kw_only=True):
    """The answer of a node to which the holder had passed the fact on."""

    node: Annotated[str, Meta(pattern="^[A-Z][A-Z0-9]{1,7}$", description="The node behind the holder.")]
    outcome: Annotated[
        Literal["erased", "restricted", "never-held", "unreachable"], Meta(description="What became of its copy.")
    ]


class Confirmation(Form, frozen=True, kw_only=True):
    """What became of the holder's copy, and of the copies behind it."""

    outcome: Annotated[Outcome, Meta(description="Erased, restricted under a legal hold, or never held.")]
    ground: Annotated[str, Meta(max_length=500, description="Legal ground of a restriction.")] = ""
    until: Annotated[
        str, Meta(pattern="^([0-9]{4}-[0-9]{2}-[0-9]{2})?$", description="Last day of a restriction, YYYY-MM-DD.")
    ] = ""
    downstream: Annotated[
        tuple[Downstream, ...], Meta(max_length=500, description="The nodes to which it had been passed on.")
    ] = ()
