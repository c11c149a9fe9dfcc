"""Safeguards of concluding and leaving an agreement."""

from __future__ import annotations

from spean.core.errors import InvalidInput, Refusal
from spean.core.world import DAY, iso
from spean.procedures.acts import Act, Context, RecordView
from spean.procedures.rules import Rule
from spean.treaties.model import AgreementText, last_moment, to_instrument

_ANY_RECORD = "KR:agreement:" + "0" * 26


def nodes_of(view: RecordView | None, act: Act) -> frozenset[str]:
    """All nodes of the record; for the opening act its author and recipients."""
    if view is None:
        return frozenset((act.node, *act.recipients))
    return frozenset(node for nodes in view.parties.values() for node in nodes)


def remaining(view: RecordView) -> frozenset[str]:
    """The nodes that have not left."""
    return frozenset(node for nodes in view.parties.values() for node in nodes).difference(view.done.get("leave", ()))


def _text_holds(view: RecordView | None, act: Act, ctx: Context) -> None:
    del ctx
    text = act.body if isinstance(act.body, AgreementText) else getattr(act.body, "text", None)
    if not isinstance(text, AgreementText):
        raise InvalidInput("text", "not an agreement's text", remedy="fill in the form")
    to_instrument(text, record=_ANY_RECORD)
    last_moment(text.ends)
    bound = frozenset(text.parties) | frozenset(text.mediators)
    present = nodes_of(view, act)
    if not bound <= present or (view is None and bound != present):
        raise Refusal(
            "R26",
            f"the text binds {', '.join(sorted(bound))}, but the record is among {', '.join(sorted(present))}",
            remedy="open the record among exactly the parties and mediators of the text",
        )


def _signs_the_text(view: RecordView | None, act: Act, ctx: Context) -> None:
    del ctx
    current = () if view is None else view.done.get("text", ())
    if act.targets != current:
        raise Refusal("D2", "the signature names another text than the present one", remedy="sign the present text")


def _all_signed(view: RecordView | None, act: Act, ctx: Context) -> None:
    del act, ctx
    if view is None:
        return
    missing = remaining(view).difference(view.done.get("sign", ()))
    if missing:
        raise Refusal("A1", f"{', '.join(sorted(missing))} has not signed", remedy="wait for all signatures")


def _own_pair(view: RecordView | None, act: Act, ctx: Context) -> None:
    del ctx
    other = getattr(act.body, "other", "")
    if other == act.node or other not in nodes_of(view, act):
        raise Refusal("A1", f"{act.node}–{other} is no pair of this agreement", remedy="name another party of it")


def _own_suspension(view: RecordView | None, act: Act, ctx: Context) -> None:
    known = ctx.ask.fact(act.targets[0]) if len(act.targets) == 1 else None
    if view is None or known is None or known.record != view.id or known.kind != "suspend-pair":
        raise Refusal("A1", "it names no suspension of this agreement", remedy="name the suspension to lift")
    if known.node != act.node:
        raise Refusal("A1", f"{known.node} suspended the pair, so {known.node} lifts it", remedy=f"ask {known.node}")


def _two_remain(view: RecordView | None, act: Act, ctx: Context) -> None:
    del act, ctx
    if view is not None and len(remaining(view)) > 2:
        raise Refusal("A1", "more than two parties are bound", remedy="leave it; it continues among the others")


def _more_remain(view: RecordView | None, act: Act, ctx: Context) -> None:
    del act, ctx
    if view is not None and len(remaining(view)) <= 2:
        raise Refusal("A1", "an agreement of two ends with either", remedy="denounce it")


def _notice_kept(view: RecordView | None, act: Act, ctx: Context) -> None:
    del ctx
    end = last_moment(getattr(act.body, "leaves_on", ""))
    notice = int(view.done.get("clock:terminate", ("0",))[0]) if view is not None else 0
    if end is None or end < act.time + notice:
        raise Refusal(
            "A1",
            f"the agreement asks {notice // DAY} days of notice",
            remedy=f"leave on {iso(act.time + notice)[:10]} or later",
        )


TEXT_HOLDS = Rule(
    "R26", "The text is complete, uses the closed lists only, and binds exactly the parties of the record.", _text_holds
)
SIGNS_THE_TEXT = Rule("D2", "A signature names the one text that is signed, by its hash.", _signs_the_text, False)
ALL_SIGNED = Rule("A1", "Every party and mediator that is still bound has signed the present text.", _all_signed, False)
OWN_PAIR = Rule("A1", "A pair is suspended by one of its two members.", _own_pair)
OWN_SUSPENSION = Rule("A1", "A suspension is lifted by the member that declared it.", _own_suspension, False)
TWO_REMAIN = Rule("A1", "Only an agreement of two is denounced as a whole.", _two_remain, False)
MORE_REMAIN = Rule("A1", "Who leaves an agreement of several lets it continue among the others.", _more_remain, False)
NOTICE_KEPT = Rule("A1", "Who leaves keeps the period of notice.", _notice_kept)
