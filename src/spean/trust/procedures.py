"""The procedure *key-rotation*: a node tells all peers which keys to believe (O8, O9)."""

from __future__ import annotations

from spean.core.roles import Role
from spean.procedures.clocks import minutes
from spean.procedures.declare import Procedure, move, party, timer
from spean.trust.model import Acknowledgement, Announcement, Retirement, Revocation
from spean.trust.rules import POSSESSED, TIMES_HOLD

_KEEPER = (Role.ADMINISTRATOR,)

KEY_ROTATION = Procedure(
    "key-rotation",
    1,
    "Key rotation and revocation",
    (
        party("node", opens=True, doc="the node whose keys change"),
        party("peer", many=True, doc="every partner node"),
    ),
    (
        move("announce", "-> announced", by="node", form=Announcement, rules=(POSSESSED, TIMES_HOLD), roles=_KEEPER,
             correctable=False, doc="New public keys, from when they are to be believed, and proof of possession."),
        move("acknowledge", "announced | revoked", by="peer", form=Acknowledgement, human=False, once=True,
             within=minutes(5), else_="overdue", clock_by="node", doc="The peer believes accordingly from now on."),
        timer("overdue", "announced | revoked", by="node", doc="A peer has not acknowledged; an alarm names it."),
        move("revoke", "announced | revoked -> revoked", by="node", form=Revocation, rules=(TIMES_HOLD,),
             roles=_KEEPER, correctable=False, prevails=10, resets=("acknowledge",),
             doc="A key is lost or stolen: believe it no more. It passes in spite of suspension or expiry."),
        move("retire", "announced | revoked -> retired", by="node", form=Retirement, roles=_KEEPER,
             correctable=False, doc="Later rotations have replaced everything of this one."),
    ),
    ("retired",),
    "A node announces new keys to all peers, proves that it holds them, and revokes keys that are lost. Every peer "
    "acknowledges within five minutes, or an alarm names it.",
    states={
        "announced": "new keys are told; peers acknowledge",
        "revoked": "a key is revoked; peers acknowledge",
        "retired": "replaced by later rotations",
    },
    rests=("announced", "revoked"),
    through="spean keys rotate",
)  # fmt: skip

PROCEDURES = (KEY_ROTATION,)
