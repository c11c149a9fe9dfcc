"""Rights by purpose (O1): role × record × purpose, asked wherever somebody reads a record or acts in it.

What the node does by itself passes. An act that its declaration gives to a role which reads nothing, such as publishing a desk
by an administrator, is that role's all the same: the declaration says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from spean.core.errors import Refusal
from spean.core.marks import Purpose
from spean.core.roles import READS, Role
from spean.node.entry.people import Who
from spean.procedures.declare import Transition

if TYPE_CHECKING:
    from spean.node.acts.acting import Intent
    from spean.node.ground import Ground
    from spean.node.work import Work
    from spean.store import Tx
    from spean.store.rows import RecordRow

BLIND = frozenset(role for role in Role if not READS[role].purposes) - {Role.BANK_DESK}
"""Roles that, alone, open no record. A bank's desk opens none either, and acts where something is ordered of its institution."""
STOP = "stop-payment"


def check_act(ground: Ground, work: Work, who: Who, intent: Intent, purpose: str) -> None:
    """Refuse an act in a record, or the opening of one for ``purpose``, that is for other eyes (O1).

    What is not here or not declared is left to the act itself to say.
    """
    row = work.record(intent.record) if intent.record else None
    if intent.record and row is None:
        return
    name = intent.procedure if row is None else row.procedure
    procedure = ground.engine.procedure(name, None if row is None else row.version)
    transition = procedure.by_kind.get(intent.kind)
    if transition is None or _otherwise(who, transition):
        return
    purpose = purpose if row is None else row.purpose
    if row is not None and Role.BANK_DESK in who.roles & frozenset(transition.roles) and not who.may_purpose(purpose):
        if intent.kind == "answered":
            check_inquired(work, who, row, str(intent.form.get("inquiry", "")))
        else:
            check_ordered(work, who, row)
    else:
        who.need_purpose(purpose)


def check_ordered(work: Work, who: Who, row: RecordRow) -> None:
    """Refuse a bank's desk where nothing is ordered of its own institution (O1): its unit has the institution's code.

    The order that counts is the last one; a record that was ordered of another institution since is that one's.
    """
    orders = work.ground.projector.stated(work, row.id, "order", "local") if row.procedure == STOP else ()
    if row.purpose != Purpose.STOP_FRAUD or not orders or orders[-1][1].institution != who.user.unit:
        raise Refusal(
            "O1", f"nothing in this record is ordered of {who.user.unit}", remedy="ask the desk that sends the orders"
        )


def check_inquired(work: Work, who: Who, row: RecordRow, inquiry: str) -> None:
    """Refuse a bank's desk that answers an inquiry which is not to its own institution (O1)."""
    asked = dict(work.ground.projector.stated(work, row.id, "inquire", "local")) if row.procedure == STOP else {}
    if row.purpose != Purpose.STOP_FRAUD or inquiry not in asked or asked[inquiry].institution != who.user.unit:
        raise Refusal(
            "O1", f"nothing in this record is asked of {who.user.unit}", remedy="ask the desk that sends the inquiries"
        )


def _otherwise(who: Who, transition: Transition) -> bool:
    """Whether the declaration itself decides: it names a role that reads nothing, or it needs a person and this is none."""
    named = frozenset(transition.roles) & who.roles & BLIND
    return bool(named) or transition.is_timer or (transition.human and who.actor_kind == "service")


def opened_to(tx: Tx, who: Who, records: Iterable[str]) -> frozenset[str]:
    """Which of these records somebody may open, so that no page shows a way that is closed. Those not here are left out."""
    rows = tx.records.many(dict.fromkeys(records))
    return frozenset(name for name, row in rows.items() if who.may_purpose(row.purpose))


def check_fact(work: Work, who: Who, record: str) -> None:
    """Refuse whoever may not read the record that a fact is in (O1)."""
    row = work.record(record)
    who.need_purpose("" if row is None else row.purpose)


def check_named(work: Work, who: Who, fact: str) -> None:
    """The same by the fact's name; one that is not here is left to the act to say."""
    row = work.fact(fact)
    if row is not None:
        check_fact(work, who, row.record)
