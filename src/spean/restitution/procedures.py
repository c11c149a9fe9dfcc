"""The procedure *restitution* (C8; DOMAIN 4.1: seized → allocated → paid out)."""

from __future__ import annotations

from spean.core.roles import Role
from spean.procedures.clocks import from_form
from spean.procedures.declare import Procedure, move, party, timer
from spean.procedures.rules import approved
from spean.restitution.model import (
    Allocation,
    Claim,
    ClaimRefused,
    Decision,
    Ending,
    Objection,
    Payment,
    Terms,
)
from spean.restitution.rules import (
    A_CLAIM,
    ADDS_UP,
    ALL_PAID,
    AS_DECIDED,
    BY_THE_RULE,
    CLAIMED_ONCE,
    PROPOSAL,
    SHARES,
    TERMS,
    TRACED,
)

_DESK = (Role.FINANCIAL_ANALYST, Role.INVESTIGATOR, Role.LEGAL)
_claims = from_form(lambda form: form.claims_until, "the end of the time for claims", absolute=True, otherwise=0)

RESTITUTION = Procedure(
    "restitution",
    1,
    "Restitution",
    (
        party("lead", opens=True, doc="the node that draws the allocation up and answers for it"),
        party("partner", many=True, doc="the nodes that hold money or have victims"),
    ),
    (
        move("open", "-> collecting", by="lead", form=Terms, rules=(SHARES,), roles=_DESK, pins=TERMS, correctable=False,
             doc="Write down what is to be given back, and by which rule."),
        move("claim", "collecting", by="lead | partner", form=Claim, rules=(TRACED, CLAIMED_ONCE), roles=_DESK,
             correctable=False, doc="A victim claims one payment."),
        move("refuse-claim", "collecting | proposed", by="lead", form=ClaimRefused, rules=(A_CLAIM,), roles=_DESK,
             correctable=False, doc="A claim is not taken into account, with the reason and whom to turn to."),
        timer("claims-end", "collecting", by="lead", after=_claims, doc="The time for claims is over: propose the allocation."),
        move("propose", "collecting | proposed -> proposed", by="lead", form=Allocation, rules=(ADDS_UP, BY_THE_RULE),
             roles=_DESK, pins=PROPOSAL, correctable=False, doc="Who gets what, each line explained."),
        move("object", "proposed", by="lead | partner", form=Objection, roles=_DESK,
             doc="Somebody does not agree with the allocation."),
        move("decide", "proposed -> decided", by="lead", form=Decision,
             rules=(approved("decide", number="R4", text="Victims' money is given out by two persons."),), roles=_DESK,
             correctable=False, doc="The allocation stands."),
        move("pay", "decided", by="lead | partner", form=Payment, rules=(AS_DECIDED,), roles=_DESK, correctable=False,
             doc="A line was paid out, with proof."),
        move("close", "decided -> closed", by="lead", form=Ending, rules=(ALL_PAID,), roles=_DESK, doc="Every line is paid."),
        move("abandon", "collecting | proposed -> abandoned", by="lead", form=Ending, roles=_DESK, prevails=1,
             doc="It is given up, e.g. because a court divides the money."),
    ),
    ("closed", "abandoned"),
    "Money that was stopped goes back to several victims. The rule is written down first; the lines follow from it and come out "
    "to the last unit; each decision has a reason, and each payment its proof.",
    states={
        "collecting": "victims claim",
        "proposed": "the allocation is on the table",
        "decided": "the allocation stands and is paid out",
        "closed": "every line is paid",
        "abandoned": "given up",
    },
)  # fmt: skip

PROCEDURES = (RESTITUTION,)
