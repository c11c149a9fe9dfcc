"""The own record *entity*: a person or thing, what is said of it, and what people decided about it (DOMAIN 6.B, R1, R2, R4, R28–R30, B7)."""

from __future__ import annotations

from spean.core.roles import Role
from spean.dossiers import model
from spean.dossiers.rules import (
    CATEGORISED,
    ENDS,
    JUDGED,
    LINKED,
    MAY_BE_STOPPED,
    NAMES_JUDGEMENT,
    NO_CONTRADICTION,
    ON_A_PAPER,
    STATED,
    SUSPECTED,
    TOLD,
    WITHDRAWN,
)
from spean.procedures.clocks import from_form
from spean.procedures.declare import Procedure, move, party, timer
from spean.procedures.rules import approved

DESK = (
    Role.DUTY_OFFICER, Role.INVESTIGATOR, Role.ANALYST, Role.FINANCIAL_ANALYST, Role.FORENSIC_EXAMINER, Role.PROTECTION_OFFICER,
    Role.CONSUL, Role.COMMANDER,
)  # fmt: skip
_TOLD = "verify | protect | stop"
_KEPT = f"open | {_TOLD}"
_PROTECTS = (Role.DUTY_OFFICER, Role.INVESTIGATOR, Role.PROTECTION_OFFICER, Role.CONSUL, Role.COMMANDER)
_STOPS = (Role.DUTY_OFFICER, Role.INVESTIGATOR, Role.COMMANDER)

ENTITY = Procedure(
    "entity",
    1,
    "Entity",
    (party("owner", opens=True, doc="the node that keeps it; nobody else sees it"),),
    (
        move("open", "-> open", by="owner", form=model.Opened, rules=(STATED, CATEGORISED), roles=DESK, human=False, pins=TOLD, correctable=False,
             doc="A person or thing comes to the notice of this node."),
        move("state", _KEPT, by="owner", form=model.Stated, rules=(STATED,), roles=DESK, human=False, correctable=False,
             doc="Say more of it."),
        move("link", _KEPT, by="owner", form=model.Linked, rules=(LINKED,), roles=DESK, human=False, correctable=False,
             doc="Join it to another entity."),
        move("withdraw-statement", "*", by="owner", form=model.StatementWithdrawn, rules=(WITHDRAWN,), roles=DESK, human=False,
             correctable=False, doc="A statement or link was wrong: it stays as history and counts no more."),
        move("judge", _KEPT, by="owner", form=model.Judged, rules=(JUDGED, NO_CONTRADICTION), roles=DESK, correctable=False,
             doc="Say whether another entity is the same one."),
        move("withdraw-judgement", "*", by="owner", form=model.JudgementWithdrawn, rules=(NAMES_JUDGEMENT,), roles=DESK,
             correctable=False, doc="Take a judgement back: all that came of it changes back."),
        move("categorise", _KEPT, by="owner", form=model.Categorised, rules=(CATEGORISED,), roles=DESK,
             correctable=False, doc="Say anew whom the data are about."),
        move("mark-suspect", _KEPT, by="owner", form=model.Suspected, rules=(SUSPECTED, ON_A_PAPER), roles=_STOPS, adverse=True,
             correctable=False, doc="A named officer marks the person as suspect or convicted."),
        move("off-line", _KEPT, by="owner", form=model.OffLine, roles=_PROTECTS, correctable=False,
             doc="Decide whether border posts without a line hold it in their extract."),
        move("verify", f"{_KEPT} -> verify", by="owner", form=model.Answered, rules=(ENDS,), roles=_PROTECTS, correctable=False,
             doc="The border looks closer and calls."),
        move("protect", f"{_KEPT} -> protect", by="owner", form=model.Answered, rules=(ENDS,), roles=_PROTECTS, prevails=2,
             correctable=False, doc="The border protects this person and calls."),
        move("stop", f"{_KEPT} -> stop", by="owner", form=model.Stopped,
             rules=(MAY_BE_STOPPED, ON_A_PAPER, ENDS, approved("stop", number="R4", text="The border stops somebody only by two persons.")),
             roles=_STOPS, adverse=True, correctable=False, doc="The border stops this one and calls."),
        move("lift", f"{_TOLD} -> open", by="owner", form=model.Lifted, roles=DESK, prevails=3,
             correctable=False, doc="The border answers nothing any more."),
        timer("lapse", f"{_TOLD} -> open", by="owner", prevails=1, doc="The answer of the border has come to its end.",
              after=from_form(lambda form: form.until, "the end that the answer names", of=("verify", "protect", "stop"),
                              absolute=True, otherwise=0)),
        move("close", f"{_KEPT} -> closed", by="owner", form=model.Closed, roles=DESK, prevails=4,
             doc="It is kept no longer as something to be found."),
    ),
    ("closed",),
    "What this node knows of a person or thing: statements with their source, links, judgements of people whether two are the same, "
    "and what a border answers. It stays at its own node.",
    states={
        "open": "kept; a border answers nothing",
        "verify": "the border looks closer and calls",
        "protect": "the border protects this person and calls",
        "stop": "the border stops this one and calls",
        "closed": "no longer kept as something to be found",
    },
    rests=("open", "verify", "protect", "stop"),
)  # fmt: skip

PROCEDURES = (ENTITY,)
