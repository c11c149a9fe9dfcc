"""A record's story in two lanes: what we did, what they did, the time between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from spean.node.views.reading import FactView
from spean.procedures.declare import Procedure
from spean.procedures.forms import schema
from spean.web.parts.measures import AMOUNT, MOMENT, Unit, unit_of

MOST_STEPS = 60
"""Facts or batches that one page shows; older ones are a page further."""
MOST_VALUES = 24
"""Lines of a form that a lane shows; the fact's own page shows all."""


Kind = bool | Unit | None
"""Of a text: True for a word of a closed list, which is translated; False for somebody's own; a unit for an amount in minor units;
None for a moment in milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One filled line of a form."""

    label: str
    parts: tuple[tuple[str, Kind], ...]
    """Text, and what it is: see ``Kind``."""


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
    unit = next((said for view in views if (said := unit_of(view.form, None)) is not None), None)
    for _, grouped in groupby(views, key=_batch):
        group = list(grouped)
        since = group[0].row.at - found[-1].at if found else None
        found.append(_step(group, procedure, me, since, unit))
    return found


def _batch(view: FactView) -> str:
    batch = view.header.get("batch", "")
    return f"{batch}/{view.row.kind}" if batch else view.row.id


def _step(group: list[FactView], procedure: Procedure | None, me: str, since: int | None, unit: Unit | None) -> Step:
    view, row = group[0], group[0].row
    transition = procedure.by_kind.get(row.kind) if procedure is not None else None
    lines = values(view.form or {}, _schema_of(view, procedure), unit)
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
    """For each receiver of our fact its latest answer; for a batch, whose facts share a receipt, the one that is worst off."""
    if group[0].row.origin != me:
        return ()
    found = {node: Receipt(node=node, status="", at=None, reason="") for node in recipients if node != me}
    signed = {row.peer: row for view in group for row in view.receipts if row.direction == "in"}
    for node in dict.fromkeys([*(peer for view in group for peer, _ in view.delivered), *signed]):
        told = [status for view in group for peer, status in view.delivered if peer == node]
        row = signed.get(node)
        status = min(told, key=_worst_first) if told else row.status if row is not None else ""
        reason = row.reason if row is not None and row.status == status else ""
        found[node] = Receipt(
            node=node, status=status, at=row.at if row is not None and status else None, reason=reason
        )
    return tuple(found.values())


def _worst_first(status: str) -> int:
    return 2 if status == "accepted" else 1 if not status else 0


def values(form: Any, shape: dict[str, Any], unit: Unit | None = None) -> list[Value]:
    """A filled form as lines, in the order of its declaration. ``unit``: of amounts whose form names no currency."""
    return list(_values(form, shape, shape.get("$defs", {}), "", unit))


def _values(
    value: Any, shape: dict[str, Any], definitions: dict[str, Any], label: str, unit: Unit | None
) -> Iterator[Value]:
    if "$ref" in shape:
        shape = definitions.get(shape["$ref"].rsplit("/", 1)[1], {})
    if isinstance(value, dict):
        known = shape.get("properties", {})
        names = [*(name for name in known if name in value), *(name for name in value if name not in known)]
        unit = unit_of(value, unit)
        for name in names:
            if name == "digits" and "currency" in known:
                continue  # they are seen in the amounts
            part = known.get(name, shape.get("additionalProperties") or {})
            yield from _values(
                value[name], part if isinstance(part, dict) else {}, definitions, _below(label, name), unit
            )
    elif isinstance(value, list):
        yield from _listed(value, shape, definitions, label, unit)
    elif value not in ("", None) and not (value == 0 and shape.get("format") == MOMENT):
        yield Value(label=label, parts=(_part(value, shape, unit),))


def _part(value: Any, shape: dict[str, Any], unit: Unit | None) -> tuple[str, Kind]:
    if isinstance(value, bool):
        return ("yes" if value else "no"), True
    if isinstance(value, int) and shape.get("format") == MOMENT:
        return str(value), None
    if isinstance(value, int) and shape.get("format") == AMOUNT and unit is not None:
        return str(value), unit
    return str(value), "enum" in shape


def _listed(
    value: list[Any], shape: dict[str, Any], definitions: dict[str, Any], label: str, unit: Unit | None
) -> Iterator[Value]:
    item = shape.get("items", {})
    if "$ref" in item:
        item = definitions.get(item["$ref"].rsplit("/", 1)[1], {})
    if value and not any(isinstance(one, dict | list) for one in value):
        yield Value(label=label, parts=tuple(_part(one, item, unit) for one in value))
        return
    for place, one in enumerate(value, start=1):
        lines = list(_values(one, item, definitions, "", unit))
        yield Value(
            label=f"{label} {place}" if len(value) > 1 else label, parts=tuple(p for line in lines for p in line.parts)
        )


def _below(label: str, name: str) -> str:
    own = str(name).replace("_", " ")
    return f"{label}: {own}" if label else own
