"""Alarms: what a person must see, what it means, what to do; who has seen it. A list shows no contents, so it is no read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from spean.core.errors import InvalidInput
from spean.node import Node
from spean.node.faces import AlarmRow
from spean.web.frame.pages import Answer, Go, Page, Pages
from spean.web.frame.shell import calls_cookie
from spean.web.frame.visit import Visit, local_path

pages = Pages()
YEAR = 365 * 24 * 3600
SEVERITIES = ("critical", "warning", "info")
_RECORD = re.compile(r"\b[A-Z][A-Z0-9]{1,7}:[a-z][a-z0-9-]{0,39}:[0-9A-HJKMNP-TV-Z]{26}\b")
_FACT = re.compile(r"\b[0-9a-f]{64}\b")


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated when it is shown."""
    return text


_OTHERWISE = (_("Something that a person must look at."), _("Read its text, then ask the administrator of this node."))
MEANINGS: dict[str, tuple[str, str]] = {
    "not-delivered": (
        _("A partner has confirmed nothing for minutes. What we sent is kept and goes out by itself when the line is back."),
        _("Call the partner's desk. Look at its page for the last error."),
    ),
    "timer": (
        _("A deadline passed. The record says what happens by itself."),
        _("Open the record, and call whoever is late."),
    ),
    "candidate": (
        _("A partner has something that was asked about, and it could not be made a candidate: no agreement lets it be told."),
        _("Open the look-up, and call the partner's desk if the matter cannot wait."),
    ),
    "free-now": (
        _("A request to stop money was taken back at the moment when we held it. The hold does not count any more."),
        _("Order the institution to free the account, and tell its holder."),
    ),
    "money-moved": (
        _("Money that was asked for, or that is followed, has moved on. The trace has been made anew."),
        _("Open its sheet: new requests stand there, the most worth first."),
    ),
    "file-erased": (
        _("A file that told of a followed case's money was erased. The case is traced without it."),
        _("Open its sheet. What requests said of it stays until it is recalled; take in another file that tells of the payment."),
    ),
    "watch-hit": (
        _("A partner has entered what we watch for. Nobody knows it there: the comparison happened here."),
        _("Open the watch. What follows is a candidate that a person looks at; claim it from its owner when it is to be followed."),
    ),
    "watch-silent": (
        _("A watch could not be asked anew under a partner's new key. From now on it would not hear of new entries there."),
        _("Read why: a spent budget comes back with the next month, an ended agreement does not."),
    ),
    "private-proof": (
        _("A partner answered a private question with another key than it had shown, or showed two. Nothing more is asked there."),
        _("Call its desk, and keep both facts: they are signed."),
    ),
    "private-table": (
        _("What a partner gave is not what its signed fact names."),
        _("Call its desk. It is fetched again when the partner announces it again."),
    ),
    "private-rate": (
        _("Private questions hit far more often than usual: somebody has the other's list, or a table holds what its owner does not."),
        _("Compare with the partner what these hits refer to."),
    ),
    "private-budget": (
        _("A partner has used up its private questions of this month and asks for more."),
        _("Nothing, unless it asks for a larger budget: two persons decide that, who see what it makes possible."),
    ),
    "R24": (
        _("Somebody asks very often, asks about people in office, or guesses. Only the supervisor sees this."),
        _("Read the log of searches of that person on the page of audit, and speak with whoever is responsible."),
    ),
    "R23": (
        _("A question about a journalist, a lawyer or a source waits for the supervisor. Only the supervisor sees this."),
        _("Open the record, read why it is asked, and pass or stop it."),
    ),
    "R22": (
        _("A state asks about a person whom our node protects from it. It is told nothing, and not why. Only the supervisor sees this."),
        _("See that the desk declines it as not available, and that the protection officer knows."),
    ),
    "watch": (
        _("Somebody has entered a key that we watch. The owner has been told; a candidate waits for a person who did not ask."),
        _("Open the candidate and look at it; nothing follows from it by itself."),
    ),
    "repeat-victim": (
        _("A victim whose case is open has paid again to an account that the money of the case went to."),
        _("Telephone the victim at once: warn, and offer to protect the account, with consent or by a legal order."),
    ),
    "bank": (
        _("A bank answered by file, or its file could not be taken or written. A hold is never made by a file (R1)."),
        _("Read its text and open the record: a person confirms what the bank says, or calls the bank."),
    ),
    "R47": (
        _("Information on danger to life came in. It passed without asking an agreement."),
        _("Read it at once. Somebody must review it within 24 hours."),
    ),
    "refused": (
        _("A fact that a partner sent was not accepted. Its sender has been told why."),
        _("Read the reason; call the partner if it should have been accepted."),
    ),
    "refused-by-peer": (
        _("A partner did not accept a fact of ours."),
        _("Open the fact, read the rule, correct it and send it again."),
    ),
    "derived": (
        _("A fact of ours was built on one that its owner corrected or took back."),
        _("Open the record and see whether it still holds; correct or withdraw it if not."),
    ),
    "forked-log": (
        _("A partner showed two different histories of its log. Both signed checkpoints are kept as evidence."),
        _("Believe nothing new from this partner until it has explained itself. Tell the administrator and the auditor."),
    ),
    "shrunken-log": (
        _("A partner's log is shorter than before: entries were lost or removed."),
        _("Call the partner. After a restore it can get its entries back from us."),
    ),
    "gossip": (
        _("A partner passed on a checkpoint of another node that does not hold."),
        _("Tell the administrator of that partner."),
    ),
    "own-log": (
        _("One of our own logs does not hold: an entry was removed or changed here."),
        _("Tell the auditor at once, change nothing, and compare with what partners have witnessed."),
    ),
    "unwitnessed": (
        _("Fewer than two partners have confirmed the present state of our log for over ten minutes."),
        _("See which partners are silent. Nothing is lost, but others cannot yet vouch for our latest entries."),
    ),
    "cosignature": (
        _("A partner's confirmation of our log does not hold."),
        _("Tell the administrator; a key may have changed without announcement."),
    ),
    "clock": (
        _("A partner's clock is off. Its times are not believed."),
        _("Ask the partner's administrator to set the clock."),
    ),
    "damaged": (
        _("What passed between a partner and us was changed on the way."),
        _("Tell the administrator at once: the line may be tampered with."),
    ),
    "receipt": (
        _("A receipt that does not hold came from a partner."),
        _("Tell the administrator of that partner."),
    ),
    "memory-lost": (
        _("A partner has verified more entries of our log than we hold: this node was restored or has lost data."),
        _("The administrator brings the entries back with: spean restore --catch-up"),
    ),
    "restored": (
        _("This node was restored from a backup."),
        _("Until it is complete it sends nothing. The administrator finishes the restore."),
    ),
    "restored-lost": (
        _("After a restore some entries of the domestic log could not be brought back."),
        _("The auditor notes the gap; what was read in that time is not on record here."),
    ),
    "key-change": (
        _("A partner changed a key in a way that cannot be read."),
        _("Call the partner and compare keys on the telephone."),
    ),
    "key-revoked": (
        _("A key is not believed any more. Facts that rest on it are named."),
        _("Look at the facts that rest on it and have them confirmed another way."),
    ),
    "peer-revoked": (
        _("A partner was revoked; nothing goes there or comes from there any more."),
        _("Tell the units that work with it."),
    ),
    "officer-unseen": (
        _("An act against somebody came without its words, so its officer's own signature could not be checked."),
        _("Do not carry it out; ask the partner to send it whole."),
    ),
    "passkey-dropped": (
        _("A passkey of a colleague was removed at the machine itself."),
        _("Ask the colleague whether this was wanted."),
    ),
    "passkey-copied": (
        _("A passkey's counter went back, as if it had been copied."),
        _("Have the colleague drop that passkey and register another."),
    ),
    "recovery": (
        _("Somebody's way to sign in is being recovered, or was."),
        _("Whoever did not expect this objects now, to the administrator."),
    ),
    "recovery-made": (
        _("A paper or file with which this node's keys come back was made."),
        _("Ask those who keep the papers whether this was wanted."),
    ),
    "recovery-opened": (
        _("The node's keys were brought back with the papers of its keepers."),
        _("Whoever did not expect this tells the administrator and the auditor at once."),
    ),
    "recovery-stale": (
        _("The papers with which the node's keys come back are out of date: a key has changed since."),
        _("The administrator makes new papers."),
    ),
    "sign-in-changed": (
        _("A colleague's way to sign in was changed."),
        _("Ask the colleague whether this was wanted."),
    ),
    "sign-in-guesses": (
        _("Somebody guesses at a password."),
        _("Ask the colleague; let a passkey be used instead."),
    ),
    "sign-in-flood": (
        _("Very many sign-ins fail."),
        _("Tell the administrator; passkeys still work."),
    ),
    "secret-made": (
        _("A token or a sign-in link was made for somebody."),
        _("Nothing, if it was wanted."),
    ),
    "code-secret": (
        _("The secret of somebody's one-time codes cannot be opened."),
        _("The colleague sets up the codes again."),
    ),
}  # fmt: skip
"""By kind: what it means, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One alarm."""

    id: int
    kind: str
    severity: str
    text: str
    at: int
    what: str
    todo: str
    record: str
    partner: str
    fact: str
    acknowledged_by: str
    acknowledged_at: int | None
    escalated_at: int | None
    escalates_at: int | None
    """When it goes to the next ones; None when it was acknowledged, went already, or never goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmsPage(Page):
    """Open alarms, or the past ones too."""

    template: ClassVar[str] = "alarms.html"
    lines: tuple[Line, ...]
    past: bool
    severity: str
    counts: tuple[tuple[str, int], ...]
    outside: bool
    """Whether alarms also go out by webhook or mail."""


@pages.get("/alarms")
def alarms(visit: Visit) -> Answer:
    """What nobody has acknowledged, the worst first; with ``past`` everything, newest first."""
    past, severity = visit.query("past") == "1", visit.query("severity")
    if severity not in ("", *SEVERITIES):
        raise InvalidInput("severity", f"{severity!r} is no severity", remedy=f"one of {', '.join(SEVERITIES)}")
    rows = visit.node.reading_desk.alarms(open_only=not past, who=visit.who)
    counts = tuple((each, sum(row.severity == each for row in rows)) for each in SEVERITIES)
    rows = [row for row in rows if severity in ("", row.severity)]
    if not past:
        rows.sort(key=lambda row: (SEVERITIES.index(row.severity), -row.at))
    names = {user.id: user.name for user in visit.node.people.list()}
    partners = visit.node.peering.active()
    words = visit.office.markup.words(visit.reader.language)
    settings = visit.node.settings
    told = {found[0] for row in rows if (found := _RECORD.search(row.text))}
    closed = visit.node.reading_desk.closed(visit.who, told)
    return AlarmsPage(
        title=words.gettext("Alarms"), lines=tuple(_line(visit.node, row, names, partners, closed) for row in rows), past=past,
        severity=severity, counts=counts, outside=goes_out(settings.webhook, settings.webhook_escalation,
                                                           settings.mail_server and (settings.mail_to or settings.mail_escalate_to)),
    )  # fmt: skip


@pages.post("/alarms/{alarm}/acknowledge")
def acknowledge(visit: Visit) -> Answer:
    """Somebody has seen it; who and when stays."""
    number = visit.part("alarm")
    if not number.isdecimal() or not number.isascii() or len(number) > 10:
        raise InvalidInput("alarm", "no number of an alarm", remedy="go back to the page of alarms")
    visit.node.reading_desk.acknowledge(visit.who, int(number))
    return Go(local_path(visit.typed("back", "/alarms")))


@pages.post("/alarms/calls")
def calls(visit: Visit) -> Answer:
    """How this browser calls the person: with a tone, with notifications. Remembered for a year, and only here."""
    chosen = ".".join(name for name in ("sound", "notices") if visit.typed(name))
    visit.cookies.append((calls_cookie(visit.node.me), chosen, YEAR))
    return Go("/alarms")


def goes_out(*ways: object) -> bool:
    """Whether any way out of band is set."""
    return any(ways)


def _line(node: Node, row: AlarmRow, names: dict[str, str], partners: tuple[str, ...], closed: frozenset[str]) -> Line:
    what, todo = MEANINGS.get(row.kind, _OTHERWISE)
    record, fact = _RECORD.search(row.text), _FACT.fullmatch(row.key)
    partner = next((peer for peer in partners if re.match(rf"{peer}\b", row.text) or row.key.split(":")[0] == peer), "")
    return Line(
        id=row.id, kind=row.kind, severity=row.severity, text=row.text, at=row.at, what=what, todo=todo,
        record=record[0] if record and record[0] not in closed else "", partner="" if record else partner,
        fact=row.key if fact and row.kind in ("refused-by-peer", "derived") else "",
        acknowledged_by=names.get(row.acknowledged_by, row.acknowledged_by), acknowledged_at=row.acknowledged_at,
        escalated_at=row.escalated_at, escalates_at=_escalates(node, row),
    )  # fmt: skip


def _escalates(node: Node, row: AlarmRow) -> int | None:
    after = {"critical": node.settings.escalate_ms, "warning": node.settings.escalate_warning_ms}.get(row.severity)
    if after is None or row.acknowledged_at is not None or row.escalated_at is not None:
        return None
    return row.at + after
