"""From the acts of an agreement to the instrument that decides, and to its history (A1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from spean.agreements.model import Instrument, State
from spean.core.errors import NotFound
from spean.core.world import iso
from spean.procedures.acts import Act, Folded
from spean.procedures.engine import Engine
from spean.treaties.model import AgreementText, Denunciation, PairSuspension, to_instrument
from spean.treaties.procedures import AGREEMENT, PROCEDURES

_ENGINE = Engine(PROCEDURES)
_STATES: dict[str, State] = {
    "draft": "draft", "legal-review": "review", "in-force": "in-force", "amending": "in-force",
    "denounced": "in-force", "abandoned": "terminated", "terminated": "terminated", "expired": "expired",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One act in the history of an agreement. ``counts`` is False when a concurrent act won."""

    at: int
    node: str
    actor: str
    kind: str
    says: str
    fact: str
    counts: bool


def instrument(record: str, acts: Sequence[Act], now: int | None = None) -> Instrument:
    """What the agreement says now, folded from its acts in any order: the text that binds (or, before anything
    binds, the text on the table), state, parties left at ``now`` (ms) and suspended pairs.

    Raises ``NotFound`` while the text is not here or erased.
    """
    folded = _ENGINE.fold(record, AGREEMENT, acts)
    by_id = {act.id: act for act in acts}
    if folded.view is None:
        raise NotFound(f"no text of {record} here", remedy="wait for the proposal", rule="A1")
    text, version = _binding_text(record, folded, by_id)
    state = _STATES[folded.view.state]
    if folded.view.state == "legal-review" and folded.view.done.get("sign"):
        state = "signed"
    gone = _gone(folded, acts, now)
    stay = tuple(node for node in text.parties if node not in gone)
    if len(stay) < 2:
        state, stay = "terminated", text.parties
    suspended = _suspensions(folded, acts, frozenset((*stay, *text.mediators)))
    shrunk = _among(text, stay)
    return to_instrument(shrunk, record=record, version=version, state=state, suspended=suspended)


def history(record: str, acts: Sequence[Act]) -> tuple[Step, ...]:
    """Who did what, and when, in the order of time."""
    effects = _ENGINE.fold(record, AGREEMENT, acts).effects
    steps = [
        Step(
            at=act.time, node=act.node, actor=act.actor, kind=act.kind, says=_says(act), fact=act.id,
            counts=effects.get(act.id) == "effective",
        )
        for act in acts
    ]  # fmt: skip
    return tuple(sorted(steps, key=lambda step: (step.at, step.fact)))


def signed_by(record: str, acts: Sequence[Act]) -> tuple[str, ...]:
    """The nodes that have signed the present text."""
    view = _ENGINE.fold(record, AGREEMENT, acts).view
    return () if view is None else view.done.get("sign", ())


def _says(act: Act) -> str:
    body = act.body
    if body is None:
        return ""
    reason = getattr(body, "reason", "") or getattr(body, "title", "")
    return f"{act.node}–{body.other}: {reason}" if isinstance(body, PairSuspension) else str(reason)


def binding_fact(record: str, acts: Sequence[Act]) -> str:
    """The fact that holds the text which last entered into force; empty when none has."""
    _, binding, _ = _on_the_table(_ENGINE.fold(record, AGREEMENT, acts), {act.id: act for act in acts})
    return "" if binding is None else binding.id


def _binding_text(record: str, folded: Folded, by_id: dict[str, Act]) -> tuple[AgreementText, int]:
    """The text that was on the table when the agreement last entered into force, else the one on the table now."""
    table, binding, entered = _on_the_table(folded, by_id)
    chosen = binding if binding is not None else table
    text = None if chosen is None else chosen.body
    if not isinstance(text, AgreementText):
        text = getattr(text, "text", None)
    if not isinstance(text, AgreementText):
        raise NotFound(f"the text of {record} is not readable here", remedy="ask a party for it", rule="A1")
    return text, max(1, entered)


def _on_the_table(folded: Folded, by_id: dict[str, Act]) -> tuple[Act | None, Act | None, int]:
    """The act with the text now on the table, that with the text that binds, and how often one entered into force."""
    table: Act | None = None
    binding: Act | None = None
    entered = 0
    for name in folded.chain:
        act = by_id[name]
        if act.kind in ("propose", "redraft", "amend"):
            table = act
        elif act.kind == "enter":
            binding, entered = table, entered + 1
    return table, binding, entered


def _gone(folded: Folded, acts: Iterable[Act], now: int | None) -> frozenset[str]:
    """The nodes whose leaving has taken effect at ``now``."""
    if now is None:
        return frozenset()
    today = iso(now)[:10]
    return frozenset(
        act.node
        for act in acts
        if act.kind == "leave"
        and folded.effects.get(act.id) == "effective"
        and isinstance(act.body, Denunciation)
        and date.fromisoformat(act.body.leaves_on) < date.fromisoformat(today)
    )


def _suspensions(folded: Folded, acts: Sequence[Act], members: frozenset[str]) -> list[dict[str, Any]]:
    """Each pair that one of its members has suspended and not resumed; of several, the earliest is told."""
    effective = [act for act in acts if folded.effects.get(act.id) == "effective"]
    lifted = {target for act in effective if act.kind == "resume-pair" for target in act.targets}
    pairs: dict[frozenset[str], Act] = {}
    for act in sorted(effective, key=lambda act: (act.time, act.id)):
        if act.kind == "suspend-pair" and act.id not in lifted and isinstance(act.body, PairSuspension):
            pair = frozenset((act.node, act.body.other))
            if pair <= members:
                pairs.setdefault(pair, act)
    return [
        {"pair": sorted(pair), "by": act.node, "when": iso(act.time)[:10], "reason": act.body.reason}
        for pair, act in pairs.items()
        if isinstance(act.body, PairSuspension)
    ]


def _among(text: AgreementText, stay: tuple[str, ...]) -> AgreementText:
    members = {*stay, *text.mediators}
    contacts = {node: office for node, office in text.contacts.items() if node in members}
    fields = {name: getattr(text, name) for name in text.__struct_fields__}
    return AgreementText(**{**fields, "parties": stay, "contacts": contacts})
