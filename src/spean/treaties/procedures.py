"""The procedure *agreement* (DOMAIN 4.1; A1, A9)."""

from __future__ import annotations

from functools import partial

from spean.core.roles import Role
from spean.core.world import DAY
from spean.procedures.clocks import days, from_form
from spean.procedures.declare import Procedure, local, move, party, timer
from spean.treaties.model import (
    AgreementText,
    Denunciation,
    Entry,
    PairSuspension,
    Redraft,
    Review,
    Signature,
    Statement,
    last_moment,
)
from spean.treaties.rules import (
    ALL_SIGNED,
    MORE_REMAIN,
    NOTICE_KEPT,
    OWN_PAIR,
    OWN_SUSPENSION,
    SIGNS_THE_TEXT,
    TEXT_HOLDS,
    TWO_REMAIN,
)

_solemn = partial(move, roles=(Role.LEGAL, Role.SECRETARIAT), correctable=False)
"""An act of state: done by its treaty office, and undone by another act of state only, never by a correction."""
_ALL = "proposer | member"
_BINDING = "in-force | amending | denounced"
_notice = from_form(lambda text: text.notice_days * DAY, "the period of notice", of=("propose",), otherwise=days(90))
_last = from_form(lambda entry: last_moment(entry.last_day), "the end of the last day", of=("enter",), absolute=True)

AGREEMENT = Procedure(
    "agreement",
    1,
    "Agreement",
    (
        party("proposer", opens=True, doc="the state or organisation that proposes the text and keeps its clocks"),
        party("member", many=True, doc="every other party, and every node that shall mediate"),
    ),
    (
        _solemn("propose", "-> draft", by="proposer", form=AgreementText, rules=(TEXT_HOLDS,), pins="text",
             doc="Send the first text to everybody that it shall bind."),
        _solemn("redraft", "draft | legal-review -> draft", by="proposer", form=Redraft, rules=(TEXT_HOLDS,),
             pins="text", resets=("sign",), doc="Replace the text; earlier signatures lapse."),
        _solemn("submit", "draft -> legal-review", by="proposer", form=Statement,
             doc="The text is final; every party reviews and signs it."),
        local("review", "legal-review | amending", by=_ALL, form=Review, roles=(Role.LEGAL,),
              doc="Our own legal review."),
        _solemn("object", "draft | legal-review | amending", by=_ALL, form=Statement,
             doc="Say what in the text is not acceptable."),
        _solemn("sign", "legal-review | amending", by=_ALL, form=Signature, rules=(SIGNS_THE_TEXT,), once=True,
             doc="Sign the present text for one's own state."),
        move("enter", "legal-review | amending -> in-force", by="proposer", form=Entry, rules=(ALL_SIGNED,), auto=True,
             doc="All have signed: the text is in force."),
        _solemn("abandon", "draft | legal-review -> abandoned", by=_ALL, form=Statement, prevails=2,
             doc="Give up the negotiation; nobody was bound."),
        _solemn("amend", "in-force -> amending", by=_ALL, form=Redraft, rules=(TEXT_HOLDS,), pins="text",
             resets=("sign",), doc="Propose another text. Until all have signed it, the old text binds."),
        _solemn("withdraw-amendment", "amending -> in-force", by=_ALL, form=Statement, prevails=1,
             doc="The amendment fails; the old text goes on."),
        _solemn("suspend-pair", _BINDING, by=_ALL, form=PairSuspension, rules=(OWN_PAIR,),
             doc="Let the agreement rest between two parties; it goes on among all others."),
        _solemn("resume-pair", _BINDING, by=_ALL, form=Statement, rules=(OWN_SUSPENSION,),
             doc="Lift an own suspension."),
        _solemn("leave", "in-force | amending", by=_ALL, form=Denunciation, rules=(MORE_REMAIN, NOTICE_KEPT), once=True,
             doc="Leave an agreement of several; it continues among the others."),
        _solemn("denounce", "in-force | amending -> denounced", by=_ALL, form=Statement, rules=(TWO_REMAIN,),
             prevails=5, doc="End an agreement of two, with notice."),
        timer("terminate", "denounced -> terminated", by="proposer", after=_notice,
              doc="The period of notice is over."),
        timer("expire", f"{_BINDING} -> expired", by="proposer", after=_last, since="opened", prevails=3,
              doc="The last day of the text is over."),
    ),
    ("abandoned", "terminated", "expired"),
    "States conclude, amend, suspend for a pair, and leave an agreement. What it says is data that both ends "
    "evaluate before anything leaves; this record says who agreed to it, when, and whether it binds.",
    states={
        "draft": "the proposer works on the text",
        "legal-review": "the text is final; each party reviews and signs it",
        "in-force": "all have signed; the text binds",
        "amending": "another text is on the table; the old one binds until all have signed the new",
        "denounced": "one of two parties has given notice; the text binds until the notice is over",
        "abandoned": "given up before anybody was bound",
        "terminated": "ended by notice",
        "expired": "ended at its last day",
    },
    rests=("in-force", "denounced"),
)  # fmt: skip

PROCEDURES = (AGREEMENT,)
