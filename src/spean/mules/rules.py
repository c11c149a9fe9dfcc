"""Safeguards of the mule registry (R1, R2, R33, R46)."""

from __future__ import annotations

from spean.core.errors import Refusal
from spean.mules.model import LONGEST, Kept, Listing, Verified
from spean.procedures.acts import Act, Context, RecordView
from spean.procedures.rules import Rule

ENTRY = "listed-by"
"""Pin: the fact that listed, verified or kept the entry last."""


def _expires(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    form = act.body
    if not isinstance(form, Listing | Verified | Kept):
        return
    if not act.time < form.expires_at <= act.time + LONGEST:
        raise Refusal("R33", "an entry ends by itself within a year", remedy="name an end within a year from now")


def _seen(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    form = act.body
    if not isinstance(form, Listing):
        return
    if not form.first_seen <= form.last_seen <= act.time:
        raise Refusal("R28", "the payments are not in order of time", remedy="give first, then last payment")
    if form.account.count(":") == 2 and not form.chain:
        raise Refusal("R28", "a wallet without its chain cannot be matched", remedy="name the chain, e.g. tron")


def _another_person(view: RecordView | None, act: Act, ctx: Context) -> None:
    """Whoever entered it does not verify it (R2), and whoever verified it does not judge the appeal (R4)."""
    name = None if view is None else view.done.get(ENTRY)
    known = ctx.ask.fact(name[0]) if name else None
    if known is not None and known.actor == act.actor:
        raise Refusal("R2", "whoever entered it does not verify it", remedy="ask a second officer")


def _new_evidence(view: RecordView | None, act: Act, ctx: Context) -> None:
    """An entry is prolonged on evidence that nobody named before."""
    form = act.body
    if not isinstance(form, Verified) or view is None or view.state != "verified":
        return
    known = {each for _, before in ctx.ask.stated(view.id, "verify") for each in before.evidence}
    if known.issuperset(form.evidence):
        raise Refusal("R33", "nothing new speaks for it", remedy="name new evidence, or let the entry end")


EXPIRES = Rule("R33", "An entry ends by itself within a year.", _expires)
SEEN = Rule("R28", "An entry says when money of victims came, and a wallet's chain.", _seen)
ANOTHER_PERSON = Rule(
    "R2", "Whoever entered it does not verify it, nor judge the appeal.", _another_person, reads_body=False, author_only=True
)  # fmt: skip
NEW_EVIDENCE = Rule("R33", "An entry is prolonged on new evidence only.", _new_evidence, author_only=True)
