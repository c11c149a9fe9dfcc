"""What happens to people's accounts stands in the domestic log: sign-ins, also failed ones, authenticators, rights (O1, O2, R38).

Each user has one record there, named after the user's id, so that an auditor asks one question about one person. Header and table
hold ids only; names and reasons stand in the body, where they can be erased.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from spean.core.world import iso
from spean.exchange.make import HeaderFields, make_fact
from spean.node.folding import body_document
from spean.store.rows import AccessAct, AccessRow

if TYPE_CHECKING:
    from spean.node.entry.people import Who
    from spean.node.work import Work

PROCEDURE = "account"
NOBODY = ""
"""Stands for the user that a failed sign-in named and that is not here."""
AT_THE_MACHINE = "administrator at the machine"
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def account_record(node: str, user: str) -> str:
    """The name of the record that holds what happened to a user's account."""
    number = int.from_bytes(sha256(user.encode()).digest()[:16], "big")
    return f"{node}:{PROCEDURE}:" + "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))


def note(work: Work, by: Who | None, act: AccessAct, user: str, **more: str) -> str:
    """Write ``act`` about ``user`` by somebody, None for whoever keeps the machine; the fact that says so."""
    ground = work.ground
    clerk = by or ground.people.node_itself("cli")
    subject = account_record(ground.me, user)
    fields = HeaderFields(
        node=ground.me, unit=clerk.user.unit, actor=clerk.id, actor_kind=clerk.actor_kind, time=iso(work.now), record=subject,
        procedure=PROCEDURE, version=1, kind=act, track="local", envelope=None,
    )  # fmt: skip
    form = msgspec.json.encode({"subject": user, **more})
    body = body_document(AT_THE_MACHINE if by is None else clerk.user.name, form)
    made = make_fact(fields, body, ground.signer, ground.entropy)
    work.add(made.fact, made.key, status="effective")
    work.access(AccessRow(at=work.now, user=clerk.id, act=act, subject=subject, fact=made.fact.id))
    return made.fact.id
