"""The procedures *holding*, *private-question*, *question-budget* and *overlap* (B1, B2, R42)."""

from __future__ import annotations

from spean.core.roles import Role
from spean.hits import model
from spean.hits.rules import (
    ANSWERS_ALL,
    CONFIRMS,
    COUNTED,
    FITS_THE_BATCH,
    NAMED_ONCE,
    NO_MORE_THAN_OPENED,
    ONE_KEY_A_MONTH,
    SHOWS_YEARS,
)
from spean.procedures.clocks import days, hours, minutes
from spean.procedures.declare import Procedure, move, party, timer
from spean.procedures.rules import approved

ASKERS = (
    Role.DUTY_OFFICER, Role.INVESTIGATOR, Role.ANALYST, Role.FINANCIAL_ANALYST, Role.BORDER_OFFICER, Role.PROTECTION_OFFICER,
    Role.CONSUL,
)  # fmt: skip
_LAW = (Role.LEGAL, Role.DUTY_OFFICER)
_TOLD = "answered | claimed | confirmed"

HOLDING = Procedure(
    "holding",
    1,
    "Holding that answers private questions",
    (
        party("holder", opens=True, doc="the node that answers"),
        party("reader", many=True, doc="every node that may ask"),
    ),
    (
        move("offer", "-> offered", by="holder", form=model.Offer, rules=(NAMED_ONCE,), roles=_LAW, correctable=False,
             pins="offered-as", doc="A person decides that we answer private questions about a category, for which purposes and about whom."),
        move("announce", "offered | in-use -> in-use", by="holder", form=model.Announce, rules=(ONE_KEY_A_MONTH,), human=False,
             correctable=False, pins="announced", doc="The node makes the key and the table of the month."),
        move("change", "in-use", by="holder", form=model.Delta, human=False, correctable=False,
             doc="What came in or went out, so that watches hear of it within a minute."),
        move("end", "offered | in-use -> ended", by="holder", form=model.Ending, roles=_LAW, prevails=1,
             doc="We answer no longer; keys and tables are destroyed."),
    ),
    ("ended",),
    "A node lets partners ask whether it knows something without showing it whom they mean. It gives them a table of tags that nobody can "
    "read without its help, and helps with so many elements a month as the budget allows.",
    states={
        "offered": "decided; the first key is being made",
        "in-use": "questions are answered",
        "ended": "over",
    },
    rests=("offered", "in-use"),
)  # fmt: skip

PRIVATE_QUESTION = Procedure(
    "private-question",
    1,
    "Private question",
    (
        party("asker", opens=True, doc="the node that asks"),
        party("holder", doc="the node that evaluates, and does not learn about whom"),
    ),
    (
        move("ask", "-> asked", by="asker", form=model.Question, rules=(COUNTED,), roles=ASKERS, human=False,
             correctable=False, pins="question", doc="Do you know one of these? They are blinded."),
        move("answer", "asked -> answered", by="holder", form=model.Answer, rules=(ANSWERS_ALL,), auto=True,
             within=minutes(5), else_="silent", clock_by="asker", pins="told",
             doc="The node evaluates by itself, within the budget; hit and miss look the same."),
        move("decline", "asked -> declined", by="holder", form=model.Unanswered, human=False,
             doc="The node cannot or may not answer, and why."),
        timer("silent", "asked", by="asker", doc="No answer yet: whoever asked is told so."),
        move("claim", "answered | confirmed -> claimed", by="asker", form=model.Claim, roles=ASKERS, human=False,
             correctable=False, pins="claimed-as", doc="There is a hit: the owner is told its reference."),
        move("confirm", "claimed -> confirmed", by="holder", form=model.Confirmation, rules=(CONFIRMS,), auto=True,
             doc="The owner's node says which references it holds, and who is in charge."),
        move("oversee", _TOLD, by="asker", form=model.Overseen, rules=(NO_MORE_THAN_OPENED,), roles=(Role.AUDITOR,),
             correctable=False, doc="The asker's auditor has looked at the inputs that chance chose."),
        timer("forget", f"{_TOLD} -> closed", by="asker", after=days(30),
              doc="What the asker's node still kept of the question is destroyed."),
        move("withdraw", "asked -> withdrawn", by="asker", form=model.Ending, roles=ASKERS, human=False, prevails=1,
             doc="The answer is no longer needed."),
    ),
    ("declined", "withdrawn", "closed"),
    "A question whose words never leave: the asked node evaluates blinded elements, and the asker finds in the node's table whether it "
    "is a hit. A hit names the desk in charge and a reference; without one nothing is told but that somebody asked.",
    states={
        "asked": "the node has not answered yet",
        "answered": "evaluated; only the asker knows whether it was a hit",
        "claimed": "the owner is asked about a reference",
        "confirmed": "the owner has said what it holds",
        "declined": "the node cannot or may not answer",
        "withdrawn": "no longer needed",
        "closed": "forgotten",
    },
    rests=("answered", "confirmed"),
    through="the search of the own node, a candidate or a watch",
)  # fmt: skip

QUESTION_BUDGET = Procedure(
    "question-budget",
    1,
    "Larger budget of private questions",
    (
        party("asker", opens=True, doc="the node that wants to ask more"),
        party("holder", doc="the node whose holdings are asked about"),
    ),
    (
        move("request", "-> requested", by="asker", form=model.Wanted, roles=_LAW, correctable=False, pins="wanted",
             doc="How many elements in which month, and why."),
        move("explain", "requested", by="asker | holder", form=model.Explained, roles=_LAW, correctable=False,
             doc="What the asked node wants to know before it decides, and the answer."),
        move("grant", "requested -> granted", by="holder", form=model.Raise, roles=_LAW, correctable=False, pins="granted-as",
             rules=(SHOWS_YEARS, approved("grant", number="R4", text="A second person agrees to a larger budget.")),
             doc="A person raises the budget for one month, and a second one agrees."),
        move("refuse", "requested -> refused", by="holder", form=model.Unanswered, roles=_LAW, doc="It stays as it is."),
        move("take-back", "granted -> ended", by="holder", form=model.Ending, roles=_LAW, prevails=1,
             doc="The budget is as before from now on."),
        timer("lapse", "granted -> lapsed", by="holder", after=days(62), doc="The month is long over."),
        move("withdraw", "requested -> withdrawn", by="asker", form=model.Ending, roles=_LAW, prevails=1,
             doc="It is no longer needed."),
    ),
    ("refused", "ended", "lapsed", "withdrawn"),
    "The budget of private questions is what stands between a partner and a list of everything that a node holds. More needs two "
    "persons of the asked node, who see in how many years 10^8 numbers could then be gone through.",
    states={
        "requested": "the asked node decides",
        "granted": "the larger budget counts in its month",
        "refused": "it stays as it is",
        "ended": "taken back",
        "lapsed": "its month is over",
        "withdrawn": "no longer needed",
    },
    rests=("granted",),
)  # fmt: skip

OVERLAP = Procedure(
    "overlap",
    1,
    "Overlap of two holdings",
    (
        party("asker", opens=True, doc="the node that compares its holding"),
        party("holder", doc="the node whose table it is compared with"),
    ),
    (
        move("propose", "-> proposed", by="asker", form=model.Proposal, roles=_LAW, correctable=False,
             pins="proposal", doc="We would compare all our items of a category, blinded, in batches."),
        move("accept", "proposed -> accepted", by="holder", form=model.Agreed, roles=_LAW, within=hours(24), else_="remind",
             clock_by="asker", correctable=False, doc="A person lets it be computed, within the budget."),
        timer("remind", "proposed", by="asker", doc="Nobody has decided within a day."),
        move("batch", "accepted | evaluated -> asked", by="asker", form=model.Batch, human=False, correctable=False,
             pins="asked-with", doc="The next elements, blinded, wait here under their hash."),
        move("evaluate", "asked -> evaluated", by="holder", form=model.Evaluated, rules=(FITS_THE_BATCH,), human=False,
             correctable=False, doc="The batch is evaluated; the answer waits under its hash."),
        move("finish", "evaluated -> compared", by="asker", form=model.Compared, human=False, correctable=False,
             doc="Everything was verified and compared at the asker."),
        move("decline", "proposed | accepted | asked -> declined", by="holder", form=model.Unanswered, human=False,
             doc="The node cannot or may not do it, and why."),
        move("withdraw", "proposed | accepted | asked | evaluated -> withdrawn", by="asker", form=model.Ending, roles=_LAW,
             human=False, prevails=1, doc="It is no longer needed."),
    ),
    ("compared", "declined", "withdrawn"),
    "Two nodes find what both hold, overnight: the same private question in batches, about everything of a category. Each batch is in "
    "both logs before it is evaluated, fetched with resume and verified by itself.",
    states={
        "proposed": "somebody at the asked node decides",
        "accepted": "the first batch is being made",
        "asked": "a batch is fetched and evaluated",
        "evaluated": "its answer is fetched, verified and compared",
        "compared": "done; hits are claimed one by one",
        "declined": "the node cannot or may not do it",
        "withdrawn": "no longer needed",
    },
    through="the asker's own node, which blinds its items",
)  # fmt: skip

PROCEDURES = (HOLDING, PRIVATE_QUESTION, QUESTION_BUDGET, OVERLAP)
