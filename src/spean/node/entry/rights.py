"""Rights by purpose (O1): role × record × purpose, asked wherever somebody reads a record or acts in it.

What the node does by itself passes. An act that its declaration gives to a role which reads nothing, such as publishing a desk
by an administrator, is that role's all the same: the declaration says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from spean.core.roles import READS, Role
from spean.node.entry.people import Who
from spean.procedures.declare import Transition

if TYPE_CHECKING:
    from spean.node.acts.acting import Intent
    from spean.node.ground import Ground
    from spean.node.work import Work
    from spean.store import Tx

BLIND = frozenset(role for role in Role if not READS[role].purposes)
"""Roles that, alone, open no record."""


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
    if transition is not None and not _otherwise(who, transition):
        who.need_purpose(purpose if row is None else row.purpose)


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
