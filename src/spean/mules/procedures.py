"""The procedure *mule-account* (C10)."""

from __future__ import annotations

from spean.core.roles import Role
from spean.mules.model import Appeal, Cleared, Kept, Listing, Read, Verified
from spean.mules.rules import ANOTHER_PERSON, ENTRY, EXPIRES, NEW_EVIDENCE, SEEN
from spean.procedures.clocks import days, from_form, national
from spean.procedures.declare import Procedure, move, party, timer

_EDITORS = (Role.FINANCIAL_ANALYST, Role.INVESTIGATOR, Role.ANALYST)
_LISTED = "reported | verified | appealed"
_end = from_form(
    lambda form: form.expires_at,
    "the end that the entry names",
    of=("report", "verify", "keep"),
    absolute=True,
    otherwise=0,
)

MULE_ACCOUNT = Procedure(
    "mule-account",
    1,
    "Mule account",
    (
        party("publisher", opens=True, doc="the node that lists the account and answers for it"),
        party("member", many=True, doc="every node that is told"),
    ),
    (
        move("report", "-> reported", by="publisher", form=Listing, rules=(EXPIRES, SEEN), roles=_EDITORS, adverse=True,
             pins=ENTRY, doc="List an account to which victims' money went: a suspicion, signed by a person."),
        move("verify", "reported | verified -> verified", by="publisher", form=Verified,
             rules=(EXPIRES, ANOTHER_PERSON, NEW_EVIDENCE), roles=_EDITORS, adverse=True, pins=ENTRY,
             doc="A second person has looked at the evidence."),
        move("acknowledge", _LISTED, by="member", form=Read, human=False, once=True, within=days(1), else_="remind",
             clock_by="publisher", doc="A partner has taken it in."),
        timer("remind", _LISTED, by="publisher", doc="A partner has not taken it in within a day."),
        move("appeal", "reported | verified -> appealed", by="publisher | member", form=Appeal, human=False,
             doc="Somebody says that it should not be listed; until the decision nobody relies on it."),
        move("keep", "appealed -> verified", by="publisher", form=Kept, rules=(EXPIRES, ANOTHER_PERSON), adverse=True,
             roles=(*_EDITORS, Role.LEGAL), within=national("mule-appeal", default=days(3)), else_="appeal-overdue",
             pins=ENTRY, doc="It stays, with a reasoned answer, by another person than before."),
        timer("appeal-overdue", "appealed", by="publisher", doc="The appeal is not decided in time."),
        move("clear", f"{_LISTED} -> cleared", by="publisher", form=Cleared, roles=(*_EDITORS, Role.LEGAL), prevails=2,
             correctable=False, doc="It no longer stands: every holder is asked to erase it."),
        timer("expire", f"{_LISTED} -> expired", by="publisher", after=_end, prevails=1,
              doc="Its time has run out: every holder is asked to erase it."),
    ),
    ("cleared", "expired"),
    "A registry of accounts that moved victims' money. Each entry has a grade, an end and an appeal, and names no person; "
    "when it is cleared or ends, it is erased at every node and the decision remains as proof.",
    states={
        "reported": "a suspicion: victims' money went there",
        "verified": "a second person has looked at the evidence",
        "appealed": "somebody objects; nobody relies on it until it is decided",
        "cleared": "no longer stands, and is erased everywhere",
        "expired": "ended by itself, and is erased everywhere",
    },
    rests=("verified",),
)  # fmt: skip

PROCEDURES = (MULE_ACCOUNT,)
