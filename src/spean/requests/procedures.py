"""The procedure *information-request* (A4; DOMAIN 4.1)."""

from __future__ import annotations

from typing import Any

from spean.core.roles import Role
from spean.procedures.clocks import days, from_form
from spean.procedures.declare import Procedure, move, party, timer
from spean.requests.model import (
    ACKNOWLEDGE,
    DEADLINES,
    Acceptance,
    Answer,
    Declined,
    Ending,
    Feedback,
    InformationRequest,
    Message,
    Receipt,
)
from spean.requests.rules import CHAIN_NAMED, EACH_ONCE, NOT_FEARED, URGENCY_REASONED

_DESK = (
    Role.DUTY_OFFICER, Role.INVESTIGATOR, Role.ANALYST, Role.FINANCIAL_ANALYST, Role.FORENSIC_EXAMINER,
    Role.PROTECTION_OFFICER, Role.BORDER_OFFICER, Role.CONSUL, Role.COMMANDER,
)  # fmt: skip
_OPEN = "sent | acknowledged | needs-clarification | accepted | executing | partly-answered"
_reading = from_form(lambda form: ACKNOWLEDGE[form.urgency], "5 minutes when urgent, else a day", otherwise=days(1))
_answering = from_form(lambda form: DEADLINES[form.urgency], "8 hours, 3 days or 7 days by urgency", otherwise=days(7))


def _one_finding_each(request: InformationRequest) -> dict[str, Any]:
    """An answer has a line for each question."""
    return {"findings": [{"item": number} for number in range(len(request.items))]}


INFORMATION_REQUEST = Procedure(
    "information-request",
    1,
    "Information request",
    (
        party("asker", opens=True, doc="the desk that needs the information"),
        party("holder", doc="the desk that may have it"),
    ),
    (
        move("send", "-> sent", by="asker", form=InformationRequest, rules=(URGENCY_REASONED, CHAIN_NAMED),
             roles=_DESK, doc="Ask one desk, with need, proportionality and urgency."),
        move("acknowledge", "sent -> acknowledged", by="holder", form=Receipt, roles=_DESK, within=_reading,
             else_="escalate", clock_by="asker", doc="An officer has read the request."),
        timer("escalate", "sent", by="asker", doc="Nobody has read it: the second desk and the duty officer are told."),
        move("ask-clarification", "acknowledged | accepted | executing -> needs-clarification", by="holder",
             form=Message, roles=_DESK, doc="Something is missing or unclear."),
        move("clarify", "needs-clarification -> acknowledged", by="asker", form=Message, roles=_DESK,
             doc="What was unclear."),
        move("accept", "acknowledged -> accepted", by="holder", form=Acceptance, roles=_DESK,
             doc="The holder will look."),
        move("refuse", "acknowledged | accepted | executing -> refused", by="holder", form=Declined, roles=_DESK,
             doc="The holder does not answer, on a listed ground."),
        move("execute", "accepted -> executing", by="holder", form=Acceptance, roles=_DESK,
             doc="The holder is looking."),
        move("answer-part", "accepted | executing | partly-answered -> partly-answered", by="holder", form=Answer,
             rules=(EACH_ONCE, NOT_FEARED), roles=_DESK, begins=_one_finding_each, doc="A part of the answer; more follows."),
        move("answer", "accepted | executing | partly-answered -> answered", by="holder", form=Answer,
             rules=(EACH_ONCE, NOT_FEARED), roles=_DESK, begins=_one_finding_each, doc="The answer is complete."),
        timer("overdue", _OPEN, by="asker", after=_answering, since="opened",
              doc="The deadline has passed; it counts in the figures of the holder."),
        move("give-feedback", "answered -> feedback", by="asker", form=Feedback, roles=_DESK,
             doc="What became of the answer."),
        move("withdraw", f"{_OPEN} -> withdrawn", by="asker", form=Ending, roles=_DESK, prevails=1,
             doc="The information is no longer needed."),
        move("close", "answered | feedback -> closed", by="asker", form=Ending, roles=_DESK, doc="All is done."),
    ),
    ("refused", "withdrawn", "closed"),
    "One desk asks another for information it holds. The form makes the asker say why it is needed, proportionate "
    "and, if so, urgent; the clock makes the holder answer, or refuse on a listed ground.",
    states={
        "sent": "on its way, or unread at the holder",
        "acknowledged": "an officer of the holder has read it",
        "needs-clarification": "the asker has to explain",
        "accepted": "the holder will look",
        "executing": "the holder is looking",
        "partly-answered": "a part is answered, more follows",
        "answered": "the answer is complete",
        "feedback": "the asker has said what came of it",
        "refused": "not answered, on a listed ground",
        "withdrawn": "no longer needed",
        "closed": "done",
    },
)  # fmt: skip

PROCEDURES = (INFORMATION_REQUEST,)
