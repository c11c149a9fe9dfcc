"""What whoever keeps the machine does by file access is noted in the domestic log, so that it can be asked about (O2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spean.core.ids import record_id
from spean.core.world import iso

if TYPE_CHECKING:
    from spean.node.node import Node

PROCEDURE = "machine"


def note(node: Node, act: str, subject: str) -> str:
    """Write ``act`` (e.g. ``user-add``) about ``subject``, an id and never a name; the fact that says so."""
    import msgspec

    from spean.exchange.make import HeaderFields, make_fact
    from spean.node.folding import body_document

    clerk = node.people.node_itself("cli")
    with node.writing() as work:
        fields = HeaderFields(
            node=node.me, unit=clerk.user.unit, actor=clerk.id, actor_kind=clerk.actor_kind, time=iso(work.now),
            record=record_id(node.me, PROCEDURE, node.clock, node.entropy), procedure=PROCEDURE, version=1, kind=act, track="local",
            envelope=None,
        )  # fmt: skip
        body = body_document("administrator at the machine", msgspec.json.encode({"subject": subject}))
        made = make_fact(fields, body, node.signer, node.entropy)
        work.add(made.fact, made.key, status="effective")
    return made.fact.id
