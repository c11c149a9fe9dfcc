"""The procedure *preservation* (DOMAIN 2.5, 4.1: requested → preserved → renewed → linked → disclosed or lapsed)."""

from __future__ import annotations

from spean.core.roles import Role
from spean.core.world import DAY
from spean.preservation.model import (
    Declined,
    Disclosed,
    Ending,
    FormalRequest,
    PreservationRequest,
    Preserved,
    RenewalAsked,
)
from spean.preservation.rules import LONG_ENOUGH, SENT
from spean.procedures.clocks import days, from_form, hours
from spean.procedures.declare import Procedure, move, party, timer

_DESK = (Role.DUTY_OFFICER, Role.INVESTIGATOR, Role.ANALYST, Role.FINANCIAL_ANALYST, Role.FORENSIC_EXAMINER, Role.LEGAL)
WARNING = 14 * DAY
"""Before the end: time for the formal request, or for a renewal."""
_KEPT = ("preserve", "renew")
_end = from_form(lambda form: form.until, "the end that the holder names", of=_KEPT, absolute=True, otherwise=0)
_before = from_form(
    lambda form: form.until - WARNING, "two weeks before the data are deleted", of=_KEPT, absolute=True, otherwise=0
)

PRESERVATION = Procedure(
    "preservation",
    1,
    "Preservation of data",
    (
        party("asker", opens=True, doc="the authority that is going to ask for the data formally"),
        party("holder", doc="the desk of the country where the data are"),
    ),
    (
        move("ask", "-> requested", by="asker", form=PreservationRequest, roles=_DESK,
             doc="Ask that stored data be kept, with the six elements."),
        move("preserve", "requested -> preserved", by="holder", form=Preserved, rules=(LONG_ENOUGH,), roles=_DESK,
             within=hours(24), else_="escalate", clock_by="asker", doc="The data are kept."),
        timer("escalate", "requested", by="asker", doc="Nobody has answered in a day; data may be lost."),
        move("refuse", "requested | formally-asked -> refused", by="holder", form=Declined, roles=_DESK,
             doc="Not kept or not handed over, on a listed ground."),
        move("ask-renewal", "preserved", by="asker", form=RenewalAsked, roles=_DESK,
             doc="The formal request needs more time."),
        move("renew", "preserved -> preserved", by="holder", form=Preserved, rules=(LONG_ENOUGH,), roles=_DESK,
             doc="The data are kept for longer."),
        timer("remind", "preserved", by="asker", after=_before, doc="The data are deleted in two weeks: send the formal request."),
        timer("lapse", "preserved -> lapsed", by="holder", after=_end, doc="No formal request came: the data may be deleted."),
        move("link-request", "preserved -> formally-asked", by="asker", form=FormalRequest, rules=(SENT,), roles=_DESK,
             doc="The formal request was sent; the data are kept until it is decided."),
        move("disclose", "formally-asked -> disclosed", by="holder", form=Disclosed, roles=_DESK,
             doc="The data were handed over by the formal way."),
        timer("undecided", "formally-asked", by="asker", after=days(90), doc="Nobody has decided on the formal request in 90 days."),
        move("withdraw", "requested | preserved | formally-asked -> withdrawn", by="asker", form=Ending, roles=_DESK,
             prevails=1, doc="The data are no longer needed."),
    ),
    ("refused", "lapsed", "disclosed", "withdrawn"),
    "One authority asks another to have stored data kept, for at least 60 days, until its formal request for them arrives. "
    "Nothing is handed over by this: only by the formal way.",
    states={
        "requested": "not answered yet",
        "preserved": "kept until the end that is named",
        "formally-asked": "kept until the formal request is decided",
        "refused": "not kept or not handed over, on a listed ground",
        "lapsed": "no formal request came in time",
        "disclosed": "handed over by the formal way",
        "withdrawn": "no longer needed",
    },
)  # fmt: skip

PROCEDURES = (PRESERVATION,)
