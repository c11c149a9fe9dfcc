"""Safeguards of preservation (Budapest art. 29)."""

from __future__ import annotations

from spean.core.errors import Refusal
from spean.preservation.model import LEAST, MOST, FormalRequest, Preserved
from spean.procedures.acts import Act, Context, RecordView
from spean.procedures.rules import Rule


def _long_enough(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    form = act.body
    if not isinstance(form, Preserved):
        return
    if form.until < act.time + LEAST:
        raise Refusal("A4", "data are kept for at least 60 days", remedy="name a later end")
    if form.until > act.time + MOST:
        raise Refusal("R33", "nothing is kept for more than a year without a look at it", remedy="renew it then")


def _sent(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    if isinstance(act.body, FormalRequest) and act.body.sent_at > act.time:
        raise Refusal("A4", "the formal request is not sent yet", remedy="link it when it is")


LONG_ENOUGH = Rule("A4", "Data are kept for at least 60 days, and a year at most before a renewal.", _long_enough)
SENT = Rule("A4", "A formal request is linked once it was sent.", _sent)
