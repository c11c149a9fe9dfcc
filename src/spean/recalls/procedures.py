"""The procedure *recall*: one record between the owner and each holder (A8, R34, D5)."""

from __future__ import annotations

from spean.procedures.clocks import minutes
from spean.procedures.declare import Procedure, move, party, timer
from spean.recalls.model import Confirmation, Recall
from spean.recalls.rules import ALL_ANSWERED, ONE_OWN_FACT, REPLACEMENT_NAMED, RESTRICTION_GROUNDED

RECALL = Procedure(
    "recall",
    1,
    "Recall",
    (
        party("owner", opens=True, doc="whose fact it is, or who passed it on"),
        party("holder", doc="the node that received it"),
    ),
    (
        move("recall", "-> asked", by="owner", form=Recall, rules=(ONE_OWN_FACT, REPLACEMENT_NAMED), human=False,
             correctable=False, doc="Ask the holder to erase its copy, or to replace it."),
        move("progress", "asked", by="holder", form=Confirmation, rules=(RESTRICTION_GROUNDED,), human=False,
             doc="Say what is done so far; somebody behind the holder has not answered yet."),
        move("confirm", "asked -> confirmed", by="holder", form=Confirmation,
             rules=(RESTRICTION_GROUNDED, ALL_ANSWERED), human=False, within=minutes(5), else_="overdue",
             clock_by="owner", doc="Say what became of the copy, and of every copy behind it."),
        timer("overdue", "asked", by="owner", doc="The holder has not confirmed; an alarm names it."),
    ),
    ("confirmed",),
    "The owner of a fact corrects or withdraws it. One record per holder carries the recall there and brings a signed "
    "answer back, so that “who still holds it” is a list of open records. It passes in spite of suspension or expiry.",
    states={"asked": "the holder has not confirmed yet", "confirmed": "the holder has answered, and all behind it"},
    through="correcting or withdrawing a fact",
)  # fmt: skip

PROCEDURES = (RECALL,)
