"""The procedures of passing on (A5, R26): consent of the owner, the passing on, the notice to the owner.

Whether consent is claimed stands in the procedure's name, so that step 3 can ask the agreement before a body is opened
(``agreements.question.PASSING_ON``).
"""

from __future__ import annotations

from spean.core.roles import Role
from spean.onward.model import Asking, ConsentedTransfer, Ending, Grant, Onwards, Refused, Seen, Transfer
from spean.onward.rules import ASKS_THE_OWNER, CARRIED_WHOLE, CONSENT_COVERS, SAME_FACT
from spean.procedures.clocks import days, from_form
from spean.procedures.declare import Procedure, move, party, timer
from spean.procedures.forms import Form
from spean.procedures.rules import Rule

DESK = (
    Role.DUTY_OFFICER, Role.INVESTIGATOR, Role.ANALYST, Role.FINANCIAL_ANALYST, Role.FORENSIC_EXAMINER,
    Role.PROTECTION_OFFICER, Role.COMMANDER,
)  # fmt: skip
"""Who may pass on, and ask whether it may."""
_OWNER = (Role.DUTY_OFFICER, Role.INVESTIGATOR, Role.COMMANDER, Role.LEGAL)
_holds = from_form(lambda form: days(form.days), "as many days as the consent says", of=("grant",), otherwise=days(90))

CONSENT = Procedure(
    "onward-consent",
    1,
    "Consent to passing on",
    (
        party("holder", opens=True, doc="who has the fact and wants to pass it on"),
        party("owner", doc="whose fact it is"),
    ),
    (
        move("ask", "-> asked", by="holder", form=Asking, rules=(ASKS_THE_OWNER,), roles=DESK, correctable=False,
             doc="Ask the owner whether one fact may go to one node, for one purpose."),
        move("grant", "asked -> granted", by="owner", form=Grant, rules=(SAME_FACT,), roles=_OWNER, correctable=False,
             within=days(1), else_="escalate", clock_by="holder", doc="Consent to one passing on."),
        move("refuse", "asked -> refused", by="owner", form=Refused, roles=_OWNER,
             doc="Do not consent, on a listed ground."),
        timer("escalate", "asked", by="holder", doc="Nobody has answered in a day: the duty officer calls the owner."),
        move("use", "granted -> used", by="holder", form=Onwards, human=False, prevails=1, correctable=False,
             doc="The fact was passed on; the consent is spent."),
        timer("expire", "granted -> expired", by="owner", after=_holds, doc="The consent was not used in time."),
        move("withdraw", "asked | granted -> withdrawn", by="holder", form=Ending, roles=DESK,
             doc="It need not be passed on any more."),
    ),
    ("refused", "used", "expired", "withdrawn"),
    "Who holds another's fact asks its owner before it passes the fact on, where handling code, TLP, purpose or "
    "agreement want that. One consent is for one fact, one node, one purpose and one time.",
    states={
        "asked": "the owner has not answered yet",
        "granted": "it may be passed on once",
        "refused": "the owner does not consent, on a listed ground",
        "used": "it was passed on; the consent is spent",
        "expired": "the consent was not used in time",
        "withdrawn": "it need not be passed on any more",
    },
    through="passing a fact on",
)  # fmt: skip

NOTICE = Procedure(
    "onward-notice",
    1,
    "Notice of passing on",
    (
        party("holder", opens=True, doc="who passed the fact on"),
        party("owner", doc="whose fact it is"),
    ),
    (
        move("tell", "-> told", by="holder", form=Onwards, human=False, correctable=False,
             doc="Tell the owner to whom its fact went without its consent being needed."),
        move("acknowledge", "told -> acknowledged", by="owner", form=Seen, roles=_OWNER,
             doc="An officer of the owner has read it."),
    ),
    ("acknowledged",),
    "The owner of a fact knows everybody who has it. Who passes a fact on that needs no consent tells the owner.",
    states={"told": "the owner's node knows it", "acknowledged": "an officer of the owner has read it"},
    through="passing a fact on",
)  # fmt: skip


def _transfer(name: str, title: str, form: type[Form], rules: tuple[Rule, ...], doc: str) -> Procedure:
    return Procedure(
        name,
        1,
        title,
        (
            party("passer", opens=True, doc="who has the fact and passes it on"),
            party("receiver", doc="who receives it"),
        ),
        (
            move("pass-on", "-> passed", by="passer", form=form, rules=rules, roles=DESK, correctable=False,
                 doc="Pass one fact on, as its owner signed it, under its own marks."),
            move("acknowledge", "passed -> acknowledged", by="receiver", form=Seen, roles=DESK,
                 doc="An officer of the receiver has read it."),
        ),
        ("acknowledged",),
        doc,
        states={"passed": "on its way, or unread at the receiver", "acknowledged": "an officer has read it"},
        through="passing a fact on",
    )  # fmt: skip


TRANSFER = _transfer(
    "onward-transfer", "Passing on", Transfer, (CARRIED_WHOLE,),
    "A holder passes another's fact on where the agreement leaves it to the holder. The owner's signature, handling "
    "code, TLP, grades and review date stay on it; the owner is told, and its recall reaches the receiver.",
)  # fmt: skip
CONSENTED = _transfer(
    "consented-transfer", "Passing on with consent", ConsentedTransfer, (CARRIED_WHOLE, CONSENT_COVERS),
    "A holder passes another's fact on with the owner's signed consent, which travels with it and is spent by it. "
    "The owner's signature, handling code, TLP, grades and review date stay on it; its recall reaches the receiver.",
)  # fmt: skip

PROCEDURES = (CONSENT, NOTICE, TRANSFER, CONSENTED)
