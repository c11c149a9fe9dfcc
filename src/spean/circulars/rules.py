"""Safeguards of circulars."""

from __future__ import annotations

from spean.core.errors import Refusal
from spean.procedures.acts import Act, Context, RecordView
from spean.procedures.rules import Rule


def _own_entry(view: RecordView | None, act: Act, ctx: Context) -> None:
    known = ctx.ask.fact(act.targets[0]) if len(act.targets) == 1 else None
    if view is None or known is None or known.record != view.id or known.kind != "entry" or known.node != act.node:
        raise Refusal("R34", "it names no entry of this list", remedy="name the one entry to withdraw")


def _chain_named(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    if getattr(act.body, "kind", "") == "wallet" and not getattr(act.body, "chain", ""):
        raise Refusal("R28", "a wallet without its chain cannot be matched", remedy="name the chain, e.g. bitcoin")


OWN_ENTRY = Rule("R34", "A withdrawal names one entry of this list, by its publisher.", _own_entry, False)
CHAIN_NAMED = Rule("R28", "A wallet is named with its chain.", _chain_named)
