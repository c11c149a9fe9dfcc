"""Safeguards of information requests (A4)."""

from __future__ import annotations

from collections.abc import Iterator

from spean.core.errors import Refusal
from spean.matching.heard import keys as sound_keys
from spean.procedures.acts import Act, Context, RecordView
from spean.procedures.rules import Rule
from spean.requests.model import InformationRequest, Item, Selector, Urgency


def _urgency_reasoned(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    form = act.body
    if isinstance(form, InformationRequest) and form.urgency is not Urgency.NORMAL and len(form.urgency_reason) < 10:
        raise Refusal("A4", "an urgent request says why it is urgent", remedy="give the reason, or send it as normal")


def _chain_named(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    for number, item in enumerate(getattr(act.body, "items", ())):
        if item.selector is Selector.WALLET and not item.chain:
            raise Refusal("R28", f"question {number}: a wallet without its chain", remedy="name the chain")


def _each_once(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    numbers = [finding.item for finding in getattr(act.body, "findings", ())]
    if len(set(numbers)) != len(numbers):
        raise Refusal("R28", "two findings for one question", remedy="put them together")


def _not_feared(view: RecordView | None, act: Act, ctx: Context) -> None:
    """R22: a person whom our node protects from the state that asks is not told of, by number or by name, however it is spelt.

    The refusal is for our own officer. The asker is refused like for anything that is not held.
    """
    if view is None:
        return
    askers = set(view.parties.get("asker", ())) - {act.node}
    items = [item for _, form in ctx.ask.stated(view.id, "send") for item in form.items]
    for _, kept in ctx.ask.beside("safeguard", frozenset({"standing"})):
        if askers & set(kept.feared) and any(
            _meant(item, value) for item in items for value in _said_of(kept.entity, ctx)
        ):
            raise Refusal("R22", "it is about a person who is protected from the state that asks",
                          remedy="refuse it as not held or obtainable; do not say why")  # fmt: skip


def _said_of(entity: str, ctx: Context) -> Iterator[str]:
    """What our own file says of somebody: names, numbers, documents."""
    for kind in ("open", "state"):
        for _, form in ctx.ask.stated(entity, kind):
            yield from (each.value for each in form.statements)


def _meant(item: Item, value: str) -> bool:
    """Whether a question means this value: the same letters and digits, or, for a person, the same sounds."""
    if _bare(item.value) == _bare(value):
        return True
    return item.selector is Selector.PERSON and bool(sound_keys(item.value) & sound_keys(value))


def _bare(text: str) -> str:
    return "".join(char for char in text.casefold().rpartition(":")[2] if char.isalnum())


URGENCY_REASONED = Rule("A4", "An urgent request says why it is urgent.", _urgency_reasoned)
CHAIN_NAMED = Rule("R28", "A wallet is named with its chain.", _chain_named)
EACH_ONCE = Rule("R28", "An answer has one finding for each question.", _each_once)
NOT_FEARED = Rule(
    "R22", "Nothing is told to a state that the person fears.", _not_feared, reads_body=False, author_only=True
)
