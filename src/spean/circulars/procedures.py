"""The procedure *circular* (A6, A8)."""

from __future__ import annotations

from spean.circulars.model import Acknowledgement, Circular, Closing, Entry, Publication, Withdrawal
from spean.circulars.rules import CHAIN_NAMED, OWN_ENTRY
from spean.core.roles import Role
from spean.procedures.clocks import days
from spean.procedures.declare import Procedure, move, party, timer

_EDITORS = (Role.ANALYST, Role.DUTY_OFFICER, Role.INVESTIGATOR, Role.FINANCIAL_ANALYST)

CIRCULAR = Procedure(
    "circular",
    1,
    "Circular",
    (
        party("publisher", opens=True, doc="the node that draws the list up and answers for it"),
        party("addressee", many=True, doc="every node that receives it"),
    ),
    (
        move("open", "-> compiling", by="publisher", form=Circular, roles=_EDITORS, doc="Begin a list."),
        move("entry", "compiling | published", by="publisher", form=Entry, rules=(CHAIN_NAMED,), human=False,
             roles=_EDITORS, bulk=True, doc="Add one entry."),
        move("publish", "compiling -> published", by="publisher", form=Publication, adverse=True, roles=_EDITORS,
             doc="A person stands for the list as it is, and signs it: it names people or what is theirs to all parties."),
        move("acknowledge", "published", by="addressee", form=Acknowledgement, once=True, within=days(1),
             else_="remind", clock_by="publisher", doc="An officer of the addressee has read it."),
        timer("remind", "published", by="publisher", doc="Not every addressee has acknowledged the list in a day."),
        move("withdraw-entry", "compiling | published", by="publisher", form=Withdrawal, rules=(OWN_ENTRY,),
             roles=_EDITORS, doc="Take one entry back; every holder is asked to erase it."),
        move("close", "compiling | published -> closed", by="publisher", form=Closing, roles=_EDITORS, prevails=1,
             doc="The list is no longer kept: the way back from its publication."),
    ),
    ("closed",),
    "One node sends a signed list to all parties: wallet addresses, accounts, numbers. Each entry is a fact of its "
    "own, so that it can be corrected or withdrawn at every holder. An entry is a candidate: nothing follows from it "
    "by itself.",
    states={
        "compiling": "entries are being added",
        "published": "a person stands for the list; addressees acknowledge it",
        "closed": "no longer kept",
    },
    rests=("published",),
)  # fmt: skip

PROCEDURES = (CIRCULAR,)
