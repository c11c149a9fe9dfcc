"""A record's story in two lanes: what we did, what they did, the time between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from spean.node.views.reading import FactView
from spean.procedures.declare import Procedure
from spean.procedures.forms import schema

MOST_STEPS = 60
"""Facts or batches that one page shows; older ones are a page further."""
MOST_VALUES = 24
"""Lines of a form that a lane shows; the fact's own page shows all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One filled line of a form."""

    label: str
    parts: tuple[tuple[str, bool], ...]
    """Text, and whether it is a word of a closed list, which is translated; else it is somebody's own text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a partner answered to a fact, or that nothing came yet (``status`` empty)."""

    node: str
    status: str
    at: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A fact in its lane; or a batch of like facts, shown as one."""

    fact: str
    kind: str
    doc: str
    node: str
    ours: bool
    local: bool
    by: str
    """Empty once erased, and for a clock."""
    actor_kind: str
    at: int
    since: int | None
    """Milliseconds since the step before."""
    status: str
    reason: str
    values: tuple[Value, ...]
    more: int
    """Lines of the form that are left out here."""
    receipts: tuple[Receipt, ...]
    count: int
    """How many facts this step stands for."""
    waits: bool
    """Sent and not yet answered by a receipt from everybody."""
    corrected_by: str
    erased_at: int | None
    correctable: bool
    logged: bool


def steps(views: Sequence[FactView], procedure: Procedure | None, me: str) -> list[Step]:
    """The facts in order, batches folded together."""
    found: list[Step] = []
    for _, grouped in groupby(views, key=_batch):
        group = list(grouped)
        since = group[0].row.at - found[-1].at if found else None
        found.append(_step(group, procedure, me, since))
    return found


def _batch(view: FactView) -> str:
    batch = view.header.get("batch", "")
    return f"{batch}/{view.row.kind}" if batch else view.row.id


def _step(group: list[FactView], procedure: Procedure | None, me: str, since: int | None) -> Step:
    view, row = group[0], group[0].row
    transition = procedure.by_kind.get(row.kind) if procedure is not None else None
    lines = values(view.form or {}, _schema_of(view, procedure))
    recipients = tuple((view.header.get("envelope") or {}).get("recipients", ()))
    given = receipts(group, recipients, me)
    return Step(
        fact=row.id, kind=row.kind, doc="" if transition is None else transition.doc, node=row.origin, ours=row.origin == me,
        local=row.track == "local", by=view.by or "", actor_kind=str(view.header.get("actor_kind", "")), at=row.at, since=since,
        status=row.status, reason=row.reason, values=tuple(lines[:MOST_VALUES]), more=max(0, len(lines) - MOST_VALUES),
        receipts=given, count=len(group), waits=row.origin == me and any(not each.status for each in given),
        corrected_by=row.superseded_by, erased_at=row.erased_at,
        correctable=bool(transition and transition.correctable and row.origin == me and row.status == "effective"
                         and row.erased_at is None and row.kind not in ("note", "approve", "correct")),
        logged=row.index is not None,
    )  # fmt: skip


def _schema_of(view: FactView, procedure: Procedure | None) -> dict[str, Any]:
    transition = procedure.by_kind.get(view.row.kind) if procedure is not None else None
    return schema(transition.form) if transition is not None else {}


def receipts(group: Sequence[FactView], recipients: Iterable[str], me: str) -> tuple[Receipt, ...]:
    """For each receiver of our fact its latest answer; for a batch the one that is worst off."""
    if group[0].row.origin != me:
        return ()
    found = {node: Receipt(node=node, status="", at=None, reason="") for node in recipients if node != me}
    for view in group[-1:]:
        for row in view.receipts:
            if row.direction == "in":
                found[row.peer] = Receipt(node=row.peer, status=row.status, at=row.at, reason=row.reason)
    return tuple(found.values())


def values(form: Any, shape: dict[str, Any]) -> list[Value]:
    """A filled form as lines, in the order of its declaration."""
    return list(_values(form, shape, shape.get("$defs", {}), ""))


def _values(value: Any, shape: dict[str, Any], definitions: dict[str, Any], label: str) -> Iterator[Value]:
    if "$ref" in shape:
        shape = definitions.get(shape["$ref"].rsplit("/", 1)[1], {})
    if isinstance(value, dict):
        known = shape.get("properties", {})
        names = [*(name for name in known if name in value), *(name for name in value if name not in known)]
        for name in names:
            part = known.get(name, shape.get("additionalProperties") or {})
            yield from _values(value[name], part if isinstance(part, dict) else {}, definitions, _below(label, name))
    elif isinstance(value, list):
        yield from _listed(value, shape, definitions, label)
    elif value not in ("", None):
        yield Value(label=label, parts=(_part(value, shape),))


def _part(value: Any, shape: dict[str, Any]) -> tuple[str, bool]:
    if isinstance(value, bool):
        return ("yes" if value else "no"), True
    return str(value), "enum" in shape


def _listed(value: list[Any], shape: dict[str, Any], definitions: dict[str, Any], label: str) -> Iterator[Value]:
    item = shape.get("items", {})
    if "$ref" in item:
        item = definitions.get(item["$ref"].rsplit("/", 1)[1], {})
    if value and not any(isinstance(one, dict | list) for one in value):
        yield Value(label=label, parts=tuple(_part(one, item) for one in value))
        return
    for place, one in enumerate(value, start=1):
        lines = list(_values(one, item, definitions, ""))
        yield Value(
            label=f"{label} {place}" if len(value) > 1 else label, parts=tuple(p for line in lines for p in line.parts)
        )


def _below(label: str, name: str) -> str:
    own = str(name).replace("_", " ")
    return f"{label}: {own}" if label else own
