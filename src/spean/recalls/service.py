"""Who still holds a recalled fact (D5, R34)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from spean.procedures.acts import Act, RecordView
from spean.recalls.model import Confirmation


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A node that still holds a fact, as far as its owner knows. ``since``: when it was asked (ms)."""

    node: str
    fact: str
    since: int
    overdue: bool
    outcome: str
    """``""`` not answered, ``restricted``, or ``unreachable`` for a node behind a holder."""
    ground: str = ""
    until: str = ""
    behind: str = ""
    """The holder that had passed it on to this node, empty when we did."""


def still_holding(records: Iterable[tuple[RecordView, Sequence[Act]]]) -> tuple[Holder, ...]:
    """Everybody who has not erased its copy, from all recalls with their acts, by node."""
    found: list[Holder] = []
    for view, acts in records:
        found.extend(_of_record(view, acts))
    return tuple(sorted(found, key=lambda holder: (holder.node, holder.fact, holder.behind)))


def _of_record(view: RecordView, acts: Sequence[Act]) -> Iterable[Holder]:
    node = view.parties["holder"][0]
    fact = next((act.targets[0] for act in acts if act.kind == "recall" and act.targets), "")
    overdue = "overdue" in view.done
    said = [act for act in acts if act.kind in ("progress", "confirm") and isinstance(act.body, Confirmation)]
    last = max(said, key=lambda act: (act.kind == "confirm", act.time, act.id), default=None)
    answer = None if last is None else last.body
    if not isinstance(answer, Confirmation):
        yield Holder(node=node, fact=fact, since=view.opened_at, overdue=overdue, outcome="")
        return
    if answer.outcome == "restricted":
        yield Holder(
            node=node, fact=fact, since=view.opened_at, overdue=overdue, outcome="restricted", ground=answer.ground,
            until=answer.until,
        )  # fmt: skip
    for behind in answer.downstream:
        if behind.outcome in ("restricted", "unreachable"):
            yield Holder(
                node=behind.node, fact=fact, since=view.opened_at, overdue=overdue, outcome=behind.outcome, behind=node
            )
