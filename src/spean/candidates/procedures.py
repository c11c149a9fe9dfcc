"""The procedures of matching: *candidate*, *look-up*, *watch*, *open-list*, *safeguard*, *offline-extract* (DOMAIN 4.1, 6.B).

No state of *candidate* is adverse, and no other procedure's adverse act can be reached from it but by a person who opens that
procedure and gives its grounds (R2, D8).
"""

from __future__ import annotations

from spean.candidates import lists, look_ups, model
from spean.candidates.rules import (
    ANOTHER,
    ASKS,
    ENDS,
    ENDS_BY_ITSELF,
    EXPLAINED,
    LISTED_FIELDS,
    MARKED_PASSED,
    NAMED,
    NOT_FEARED,
    NOT_THE_ASKER,
    PUT,
    RAISED,
    SUPERVISOR,
    UNMARKED,
    WATCHES,
)
from spean.core.roles import Role
from spean.procedures.clocks import days, from_form, hours
from spean.procedures.declare import Procedure, local, move, party, timer

DESK = (
    Role.DUTY_OFFICER, Role.INVESTIGATOR, Role.ANALYST, Role.FINANCIAL_ANALYST, Role.FORENSIC_EXAMINER, Role.BORDER_OFFICER,
    Role.PROTECTION_OFFICER, Role.CONSUL, Role.COMMANDER,
)  # fmt: skip
"""Who asks, looks and decides."""
EDITORS = (Role.DUTY_OFFICER, Role.INVESTIGATOR, Role.PROTECTION_OFFICER, Role.CONSUL, Role.COMMANDER)
"""Who keeps lists and safeguards."""
_OPEN = "raised | undecidable | confirmed | released | declined"
_watch_end = from_form(
    lambda form: form.until, "the end that it names", of=("watch", "renew"), absolute=True, otherwise=0
)
_safeguard_end = from_form(
    lambda form: form.until, "the end that it names", of=("set", "change"), absolute=True, otherwise=0
)
_safeguard_review = from_form(
    lambda form: form.until - days(30), "a month before its end", of=("set", "change"), absolute=True, otherwise=0
)
_extract_end = from_form(lambda form: form.until, "the end that it names", absolute=True, otherwise=0)

CANDIDATE = Procedure(
    "candidate",
    1,
    "Candidate",
    (
        party("asker", opens=True, doc="the desk whose question matched"),
        party("owner", doc="the desk whose data matched; the asker itself, when both are its own"),
    ),
    (
        move("raise", "-> raised", by="asker", form=model.Raised, roles=DESK, human=False, correctable=False, pins=RAISED,
             doc="A match was found. Nothing of either side is shown."),
        local("explain", "raised | undecidable", by="asker", form=model.Explanation, rules=(NOT_THE_ASKER,), roles=DESK,
              doc="The reason of the verdict, in words, for our own desk."),
        move("confirm", "raised | undecidable -> confirmed", by="asker", form=model.Looked, rules=(NOT_THE_ASKER, EXPLAINED),
             roles=DESK, correctable=False, within=hours(4), else_="unverified", clock_by="asker",
             doc="A person who did not ask has looked: it is the same one."),
        move("reject", "raised | undecidable -> rejected", by="asker", form=model.Looked, rules=(NOT_THE_ASKER, EXPLAINED),
             roles=DESK, correctable=False, doc="It is somebody or something else."),
        move("leave-undecided", "raised -> undecidable", by="asker", form=model.Looked, rules=(NOT_THE_ASKER, EXPLAINED),
             roles=DESK, correctable=False, doc="What is known does not suffice."),
        timer("unverified", "raised", by="asker", doc="Nobody has looked at it in four hours."),
        local("tell-about", "raised | undecidable | confirmed", by="owner", form=model.About, roles=DESK, human=False,
              doc="The owner's own records that the reference names; nobody else is told."),
        local("pass", "confirmed", by="owner", form=look_ups.Passed, roles=SUPERVISOR,
              doc="The supervisor passes a release about a journalist, a lawyer or a source."),
        move("release", "confirmed -> released", by="owner", form=model.CoreData, rules=(NAMED, NOT_FEARED, MARKED_PASSED, LISTED_FIELDS),
             roles=DESK, within=hours(48), else_="core-data-overdue", clock_by="asker",
             doc="The owner tells the core data that the purpose lists."),
        timer("core-data-overdue", "confirmed", by="asker", doc="The owner has not answered in 48 hours."),
        move("decline", "confirmed -> declined", by="owner", form=model.Declined, roles=DESK,
             doc="The owner releases nothing, on a listed ground."),
        move("decide", "confirmed | released | declined -> decided", by="asker", form=model.Decision, roles=DESK,
             doc="What follows. Nothing here acts against anybody."),
        move("withdraw", f"{_OPEN} -> withdrawn", by="asker", form=model.Ending, roles=DESK, prevails=1,
             doc="It is not needed any more."),
        timer("lapse", f"{_OPEN} -> lapsed", by="asker", after=days(90), since="opened", doc="It ends by itself after 90 days."),
    ),
    ("rejected", "decided", "withdrawn", "lapsed"),
    "A match between what one desk asked and what another holds. A person who did not ask looks at it; only then does the owner "
    "tell the core data that the purpose lists. Until then neither side sees anything of the other.",
    states={
        "raised": "found by comparison; nobody has looked at it",
        "undecidable": "looked at; what is known does not suffice",
        "confirmed": "a person who did not ask says that it is the same one",
        "released": "the owner has told the core data",
        "declined": "the owner tells nothing, on a listed ground",
        "rejected": "somebody or something else",
        "decided": "it goes on elsewhere, or not at all",
        "withdrawn": "not needed any more",
        "lapsed": "ended by itself",
    },
    candidates=("raised", "undecidable", "confirmed", "released", "declined"),
    domestic=True,
    through="a hit of a look-up, or a watch that rang",
)  # fmt: skip

LOOK_UP = Procedure(
    "look-up",
    1,
    "Look-up",
    (party("owner", opens=True, doc="the desk that asks; what it asks about stays here"),),
    (
        move("ask", "-> asked", by="owner", form=look_ups.LookUp, rules=(ASKS,), roles=DESK, correctable=False, pins=PUT,
             doc="Do we, or partners, know this one?"),
        move("pass", "asked -> passed", by="owner", form=look_ups.Passed, rules=(ANOTHER,), roles=SUPERVISOR,
             doc="The supervisor passes a marked look-up."),
        move("stop", "asked -> stopped", by="owner", form=look_ups.Passed, roles=SUPERVISOR, prevails=1,
             doc="The supervisor stops it."),
        move("find", "asked | passed | answered -> answered", by="owner", form=look_ups.Found, rules=(UNMARKED,), human=False,
             correctable=False, doc="What was found: here, in open lists, and with partners, without content."),
        move("end", "asked | passed | answered -> ended", by="owner", form=look_ups.Passed, roles=DESK, prevails=1,
             doc="It is not needed any more."),
        timer("lapse", "asked | passed | answered -> lapsed", by="owner", after=days(90), since="opened",
              doc="It ends by itself after 90 days."),
    ),
    ("stopped", "ended", "lapsed"),
    "One question to our own files, to open lists and, without showing it, to partners. It stays at its own node, with who asked and why.",
    states={
        "asked": "put; a marked one waits for the supervisor",
        "passed": "the supervisor has passed it",
        "answered": "what was found stands there",
        "stopped": "stopped by the supervisor",
        "ended": "not needed any more",
        "lapsed": "ended by itself",
    },
    rests=("answered",),
    through="the page that asks",
)  # fmt: skip

WATCH = Procedure(
    "watch",
    1,
    "Standing watch",
    (party("owner", opens=True, doc="the desk that watches; what it watches stays here"),),
    (
        move("watch", "-> asked", by="owner", form=look_ups.Watch, rules=(ENDS, WATCHES), roles=DESK, correctable=False, pins=PUT,
             doc="Tell me when somebody enters this key."),
        move("pass", "asked -> passed", by="owner", form=look_ups.Passed, rules=(ANOTHER,), roles=SUPERVISOR,
             doc="The supervisor passes a marked watch."),
        move("stop", "asked -> stopped", by="owner", form=look_ups.Passed, roles=SUPERVISOR, prevails=1,
             doc="The supervisor stops it."),
        move("begin", "asked | passed -> watching", by="owner", form=look_ups.Passed, rules=(UNMARKED,), human=False,
             correctable=False, doc="It is watched from now on."),
        move("ring", "watching", by="owner", form=look_ups.Rang, human=False, correctable=False,
             doc="Somebody has entered the key; the owner has been told."),
        move("renew", "watching -> watching", by="owner", form=look_ups.Renewal, rules=(ENDS,), roles=DESK,
             doc="A person looks at it and lets it go on."),
        move("end", "asked | passed | watching -> ended", by="owner", form=look_ups.WatchEnding, roles=DESK, prevails=1,
             doc="It is not needed any more."),
        timer("expire", "asked | passed | watching -> expired", by="owner", after=_watch_end, prevails=1,
              doc="Its time has run out."),
    ),
    ("stopped", "ended", "expired"),
    "A key that is compared with whatever we or partners enter, until its end. It rings and does nothing else; a person renews it.",
    states={
        "asked": "put; a marked one waits for the supervisor",
        "passed": "the supervisor has passed it",
        "watching": "compared with each new entry",
        "stopped": "stopped by the supervisor",
        "ended": "not needed any more",
        "expired": "ended by itself",
    },
    rests=("watching",),
    through="the page of watches",
)  # fmt: skip

OPEN_LIST = Procedure(
    "open-list",
    1,
    "Open list",
    (party("owner", opens=True, doc="the node that uses the list"),),
    (
        move("bring", "-> current", by="owner", form=lists.ListVersion, roles=(*EDITORS, Role.ANALYST, Role.FINANCIAL_ANALYST),
             correctable=False, pins="version", doc="Take a published list in, with version, source and date."),
        move("renew", "current -> current", by="owner", form=lists.ListVersion,
             roles=(*EDITORS, Role.ANALYST, Role.FINANCIAL_ANALYST), correctable=False, pins="version",
             doc="A newer version takes its place."),
        timer("stale", "current", by="owner", after=days(30), doc="The version is a month old: is there a newer one?"),
        move("retire", "current -> retired", by="owner", form=lists.Retired, roles=(*EDITORS, Role.ANALYST, Role.FINANCIAL_ANALYST),
             prevails=1, doc="It is not asked any more."),
    ),
    ("retired",),
    "A published list of persons, firms or wallets. A hit in it says *check*, with the list's version, and nothing follows from it alone.",
    states={"current": "asked with every look-up", "retired": "not asked any more"},
    rests=("current",),
    through="the page of open lists",
)  # fmt: skip

SAFEGUARD = Procedure(
    "safeguard",
    1,
    "Safeguard for a person",
    (party("owner", opens=True, doc="the node that keeps it in mind; nobody else is told of it"),),
    (
        move("set", "-> standing", by="owner", form=lists.Safeguard, rules=(ENDS_BY_ITSELF,), roles=(*EDITORS, Role.LEGAL, *SUPERVISOR),
             doc="Whom this person fears, whose work is protected, who holds an office."),
        move("change", "standing -> standing", by="owner", form=lists.Safeguard, rules=(ENDS_BY_ITSELF,),
             roles=(*EDITORS, Role.LEGAL, *SUPERVISOR), doc="The whole safeguard anew."),
        move("lift", "standing -> lifted", by="owner", form=lists.Lifted, roles=(Role.PROTECTION_OFFICER, Role.LEGAL, *SUPERVISOR),
             doc="It no longer holds."),
        timer("remind", "standing", by="owner", after=_safeguard_review, doc="It ends in a month: a person looks at it."),
        timer("expire", "standing -> expired", by="owner", after=_safeguard_end, doc="Its time has run out."),
    ),
    ("lifted", "expired"),
    "What our node keeps in mind about a person: states that the person fears are told nothing and not why (R22); requests about "
    "journalists, lawyers and sources go to the supervisor (R23); look-ups of people in public office ring there (R24).",
    states={"standing": "kept in mind at each question", "lifted": "no longer holds", "expired": "ended by itself"},
    rests=("standing",),
)  # fmt: skip

OFFLINE_EXTRACT = Procedure(
    "offline-extract",
    1,
    "Off-line extract",
    (party("owner", opens=True, doc="the node whose entries travel"),),
    (
        move("make", "-> out", by="owner", form=lists.Extract, rules=(ENDS_BY_ITSELF,), roles=(*EDITORS, Role.BORDER_OFFICER),
             correctable=False, doc="Make an encrypted, expiring extract for a device."),
        timer("expire", "out -> expired", by="owner", after=_extract_end, doc="The extract answers no longer."),
        move("bring-in", "out | expired -> returned", by="owner", form=lists.BroughtIn, roles=(*EDITORS, Role.BORDER_OFFICER),
             correctable=False, doc="The queries that were made with it are in our log."),
        move("lose", "out | expired -> lost", by="owner", form=lists.Lost, roles=(*EDITORS, Role.BORDER_OFFICER), prevails=1,
             doc="The device is lost, or its queries will not come in."),
        timer("not-returned", "expired", by="owner", after=days(7), doc="The queries made with it have not come in."),
    ),
    ("returned", "lost"),
    "An encrypted file with the entries whose owner lets them travel, for a place without a line. It answers until its end "
    "and shows nothing to whoever finds it.",
    states={
        "out": "with its device",
        "expired": "answers no longer; its queries have not come in",
        "returned": "its queries are in our log",
        "lost": "will not come back",
    },
    rests=("out",),
    through="the border page",
)  # fmt: skip

PROCEDURES = (CANDIDATE, LOOK_UP, WATCH, OPEN_LIST, SAFEGUARD, OFFLINE_EXTRACT)
