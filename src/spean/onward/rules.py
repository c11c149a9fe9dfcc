"""Safeguards of passing on, judged at both ends from what travels (A5, R26). Whose keys are believed is the node's to know."""

from __future__ import annotations

from spean.core.errors import Refusal
from spean.core.ids import parse_record
from spean.core.world import DAY, from_iso
from spean.onward.model import ConsentedTransfer, Grant, Transfer
from spean.onward.service import grant_in, opened
from spean.procedures.acts import Act, Context, RecordView
from spean.procedures.rules import Rule

STAYS = frozenset((
    "agreement", "key-rotation", "recall", "onward-consent", "onward-notice", "onward-transfer", "consented-transfer",
))  # fmt: skip
"""Procedures whose facts are between their parties only. What was passed on to us is its owner's to send further."""


def _asks_the_owner(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view
    known = ctx.ask.fact(act.targets[0]) if len(act.targets) == 1 else None
    if len(act.targets) != 1:
        raise Refusal("A5", "consent is asked for one fact", remedy="name the one fact with targets")
    if known is None and ctx.me in act.recipients:
        raise Refusal("A5", "no such fact is here", remedy="name the fact as its owner named it")
    if known is not None and known.node not in act.recipients:
        raise Refusal("A5", f"the fact is {known.node}'s", remedy=f"ask {known.node}")


def _same_fact(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view
    if not isinstance(act.body, Grant):
        return
    known = ctx.ask.fact(act.targets[0]) if len(act.targets) == 1 else None
    if len(act.targets) != 1 or (known is not None and known.node != act.node):
        raise Refusal("A5", "a consent names the one fact of ours that it is about", remedy="name it with targets")


def _carried_whole(view: RecordView | None, act: Act, ctx: Context) -> None:
    """Signed to the passer, with the words that were signed, and of a kind that may be passed on at all."""
    del view, ctx
    if not isinstance(act.body, Transfer):
        return
    name, header = opened(act.body.original)
    envelope = header.envelope
    wanted = 2 if isinstance(act.body, ConsentedTransfer) else 1
    if name not in act.targets or len(act.targets) != wanted:
        raise Refusal("A5", "it carries another fact than it names", remedy="name the fact that it carries")
    if envelope is None or act.node not in envelope.recipients or header.node == act.node:
        raise Refusal("A5", f"its owner did not send it to {act.node}", remedy=f"ask {header.node} to send it itself")
    if header.procedure in STAYS:
        raise Refusal("A5", f"a fact of {header.procedure} stays between its parties", remedy="ask its owner")
    if header.node in act.recipients:
        raise Refusal("A5", f"it is {header.node}'s own", remedy="name another node")


def _consent_covers(view: RecordView | None, act: Act, ctx: Context) -> None:
    """The owner's, for this fact, this holder and this node, and not ended."""
    del view, ctx
    if not isinstance(act.body, ConsentedTransfer):
        return
    fact, original = opened(act.body.original)
    consent, header = opened(act.body.consent)
    terms = grant_in(act.body.consent, header)
    to = header.envelope.recipients if header.envelope is not None else ()
    if header.node != original.node or header.targets != (fact,) or set(act.targets) != {fact, consent}:
        raise _uncovered("the consent is not its owner's, or of another fact")
    if parse_record(header.record).node != act.node or to != (act.node,):
        raise _uncovered(f"the consent was not given to {act.node}")
    if act.recipients != (terms.node,):
        raise _uncovered(f"the consent is for {terms.node}, not for {', '.join(act.recipients)}")
    if act.time > from_iso(header.time) + terms.days * DAY:
        raise _uncovered(f"the consent ended after {terms.days} days")


def _uncovered(why: str) -> Refusal:
    return Refusal("A5", why, remedy="ask the owner for its consent: spean fact pass-on does it")


ASKS_THE_OWNER = Rule("A5", "Consent is asked of the fact's owner, for one fact.", _asks_the_owner, False)
SAME_FACT = Rule("A5", "A consent names one fact of the consenting owner.", _same_fact)
CARRIED_WHOLE = Rule(
    "A5", "A fact is passed on whole, as its owner signed it, by whom its owner sent it to; its marks stay.",
    _carried_whole,
)  # fmt: skip
CONSENT_COVERS = Rule(
    "A5", "The consent is the owner's, for this fact, holder, node and purpose, has not ended and was not used before.",
    _consent_covers,
)  # fmt: skip
