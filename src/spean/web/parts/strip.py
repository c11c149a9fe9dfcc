"""The handling strip: the marks under which a record travels, always on top of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from spean.node import Node
from spean.node.views.reading import FactView


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """Marks of a record's opening fact, and what proves it."""

    tlp: str
    handling: str
    purpose: str
    data: str
    subject: str
    basis: str
    instrument: str
    instrument_state: str
    """State of the agreement; *suspended* when it rests between us and a party of this record."""
    source: str
    grade: int
    nature: str
    review: str
    via: str
    fact: str
    logged: bool
    witnesses: tuple[str, ...]
    """Partners that cosigned a checkpoint which covers the opening fact."""


def strip_of(node: Node, views: Sequence[FactView], parties: frozenset[str]) -> Strip | None:
    """The strip; None while no opening fact is here."""
    opening = next((view for view in views if view.header.get("envelope")), None)
    if opening is None:
        return None
    envelope: dict[str, Any] = opening.header["envelope"]
    return Strip(
        **{name: envelope[name] for name in ("tlp", "handling", "purpose", "data", "subject", "basis", "instrument", "source",
                                             "grade", "nature", "review", "via")},
        instrument_state=instrument_state(node, envelope["instrument"], parties),
        fact=opening.row.id, logged=opening.row.index is not None, witnesses=_witnesses(node, opening),
    )  # fmt: skip


def instrument_state(node: Node, instrument: str, parties: frozenset[str]) -> str:
    """The agreement's state as far as it concerns us and ``parties``."""
    with node.reading():
        if instrument not in node.registry:
            return ""
        found = node.registry.get(instrument)
        if any(found.suspension_of(node.me, other) is not None for other in parties - {node.me}):
            return "suspended"
        return found.state


def _witnesses(node: Node, view: FactView) -> tuple[str, ...]:
    if view.row.index is None or view.row.log != "exchange":
        return ()
    with node.reading() as tx:
        reached = {peer: tx.witness.reach(node.settings.log_origin, peer) for peer in node.peering.active()}
    return tuple(sorted(peer for peer, size in reached.items() if size > (view.row.index or 0)))
