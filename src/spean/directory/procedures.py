"""The procedure *desk*: a node tells its partners who answers there (A2)."""

from __future__ import annotations

from spean.core.roles import Role
from spean.directory.model import Closure, Desk, Roster, check_shifts
from spean.procedures.acts import Act, Context, RecordView
from spean.procedures.declare import Procedure, move, party
from spean.procedures.rules import Rule

_KEEPER = (Role.ADMINISTRATOR, Role.DUTY_OFFICER, Role.SECRETARIAT)


def _roster_holds(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    if isinstance(act.body, Desk | Roster):
        check_shifts(act.body.roster)


ROSTER_HOLDS = Rule("A2", "Each shift of a roster ends after it starts.", _roster_holds)

DESK = Procedure(
    "desk",
    1,
    "Desk",
    (
        party("node", opens=True, doc="whose desk it is"),
        party("peer", many=True, doc="every partner node that may call it"),
    ),
    (
        move("publish", "-> published", by="node", form=Desk, rules=(ROSTER_HOLDS,), roles=_KEEPER,
             doc="Tell partners of a desk: what it answers for, its languages, roster and keys."),
        move("update", "published -> published", by="node", form=Desk, rules=(ROSTER_HOLDS,), roles=_KEEPER,
             doc="Replace everything about the desk."),
        move("roster", "published -> published", by="node", form=Roster, rules=(ROSTER_HOLDS,), human=False,
             roles=_KEEPER, doc="Replace the duty roster."),
        move("close", "published -> closed", by="node", form=Closure, roles=_KEEPER, doc="The desk no longer answers."),
    ),
    ("closed",),
    "A node tells its partners which desks it has, so that an unknown telephone number, account or wallet proposes "
    "the right foreign desk, and a silent desk is replaced by the roster's next.",
    states={"published": "partners may call the desk", "closed": "the desk no longer answers"},
    rests=("published",),
)  # fmt: skip

PROCEDURES = (DESK,)
