"""The border: one question about a traveller, one answer in large letters; groups from a table; extracts for places without a line (B5)."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from starlette.responses import Response

from spean.core.errors import Conflict, InvalidInput, Refusal, SpeanError, TooMuch, Unauthenticated, VerificationFailed
from spean.core.world import DAY, MINUTE
from spean.entities.values.mrz import MRZ
from spean.node.faces import RecordRow
from spean.node.same.grouping import Group
from spean.node.same.lists import read_whole
from spean.node.same.offline import OpenExtract
from spean.node.same.screening import ROLES, Screened
from spean.screening.extract import MOST_BYTES
from spean.screening.groups import MOST
from spean.screening.groups import MOST_BYTES as MOST_TABLE
from spean.screening.model import KINDS, Traveller
from spean.web.frame.pages import Answer, Go, Page, Pages, Shown
from spean.web.frame.problem import Rule, rule_of
from spean.web.frame.upload import read_upload
from spean.web.frame.visit import Visit
from spean.web.parts.likeness import sentence

pages = Pages()


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated when it is shown."""
    return text


TOLD = {"nothing": _("Nothing"), "verify": _("Verify"), "protect": _("Protect"), "stop": _("Stop: call")}
"""The answers in words: they stand first in the window's title, which is read out first."""
LONGEST_DAYS = 14
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
_WRONG = (InvalidInput, Refusal, TooMuch, Conflict, Unauthenticated, VerificationFailed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What was typed or scanned."""

    zone: str = ""
    name: str = ""
    birth: str = ""
    document: str = ""
    issuer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerShown:
    """One answer with what it says to do. ``id`` names the line of a group."""

    id: str
    kind: str
    instructions: tuple[str, ...]
    contacts: tuple[tuple[str, str], ...]
    """Name and telephone, and the telephone as digits to dial."""
    languages: tuple[str, ...]
    grounds: tuple[str, ...]
    """Kinds of papers on which a stop rests."""
    lists: tuple[tuple[str, str], ...]
    why: tuple[str, ...]
    names: tuple[str, ...]
    birth: str
    documents: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BorderPage(Page):
    """The question, and the answer to the last one above it."""

    template: ClassVar[str] = "border.html"
    typed: Typed
    answer: AnswerShown | None
    scanned: bool
    """The zone was scanned: the next scan goes into the same field."""
    rule: Rule | None
    wrong: str
    """The field that the rule is about: it is marked, and the cursor stands in it."""
    groups: tuple[Group, ...]
    most: int
    extracts: tuple[OpenExtract, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPage(Page):
    """A group with its answers so far."""

    template: ClassVar[str] = "border-group.html"
    group: Group
    counts: tuple[tuple[str, int], ...]
    answers: tuple[AnswerShown, ...]
    rule: Rule | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractsPage(Page):
    """Extracts that are out, what is open at this machine, and the forms."""

    template: ClassVar[str] = "extracts.html"
    out: tuple[RecordRow, ...]
    opened: tuple[OpenExtract, ...]
    days: int
    device: str
    rule: Rule | None


@pages.get("/border")
def border(visit: Visit) -> Page:
    """An empty question."""
    visit.who.need(*ROLES)
    return _page(visit, Typed(), None, None)


@pages.post("/border")
def ask(visit: Visit) -> Answer:
    """One traveller. What was asked and why is written down; the form is empty again for the next one."""
    typed = Typed(**{name: visit.typed(name).strip()[:400] for name in ("zone", "name", "birth", "document", "issuer")})
    try:
        traveller = traveller_of(typed, visit.now)
        found = visit.node.matching.screening.screen(visit.who, traveller, reason=visit.reason())
    except _WRONG as wrong:
        if isinstance(wrong, Refusal):
            visit.node.reading_desk.note_refusal(visit.who, wrong, "POST /border")
        return Shown(_page(visit, typed, None, wrong), wrong.status)
    return _page(visit, Typed(), found, None, scanned=bool(typed.zone))


def traveller_of(typed: Typed, now: int) -> Traveller:
    """Who stands there: from the machine-readable zone, and from what was typed beside it. Raises ``InvalidInput``."""
    names, documents = [typed.name] if typed.name else [], [(typed.document, typed.issuer)] if typed.document else []
    birth, sex, nationality = typed.birth, "", ""
    if typed.zone:
        zone = MRZ.read(typed.zone, datetime.fromtimestamp(now / 1000, UTC).year)
        names.append(zone.name)
        documents.append((zone.number, zone.issuer))
        birth, sex, nationality = birth or zone.birth, zone.sex, zone.nationality
    return Traveller(names=tuple(names), birth=birth, documents=tuple(documents), sex=sex, nationality=nationality)


@pages.post("/border/files/group", stream=True)
def group(visit: Visit) -> Answer:
    """A table of travellers: each is asked about by itself, in the background."""
    try:
        upload = read_upload(visit.request.headers.get("content-type", ""), visit.incoming)
        data = read_whole(upload.chunks, MOST_TABLE)
        made = visit.node.matching.groups.start(visit.who, upload.name, data, reason=visit.reason())
    except _WRONG as wrong:
        return Shown(_page(visit, Typed(), None, wrong), wrong.status)
    return Go(f"/border/groups/{made.id}")


@pages.get("/border/groups/{group}")
def one_group(visit: Visit) -> Page:
    """How far it is, the gravest answers first."""
    found = visit.node.matching.groups.one(visit.who, visit.part("group"))
    words = visit.office.markup.words(visit.reader.language)
    shown = [_shown(visit, each) for each in found.answers]
    order = {"stop": 0, "protect": 0, "verify": 1, "nothing": 2}
    return GroupPage(
        title=words.gettext("Group"), group=found, counts=tuple((kind, sum(each.kind == kind for each in shown)) for kind in KINDS),
        answers=tuple(sorted(shown, key=lambda each: order[each.kind])), rule=None if found.failed is None else rule_of(found.failed),
    )  # fmt: skip


@pages.post("/border/groups/{group}/erase")
def erase(visit: Visit) -> Answer:
    """Its giver has read it: nothing of it is kept but the log of the questions."""
    visit.node.matching.groups.erase(visit.who, visit.part("group"))
    return Go("/border")


@pages.get("/border/groups/{group}/answers.csv")
def answers(visit: Visit) -> Answer:
    """The answers as a table, in the order of the list that was given."""
    found = visit.node.matching.groups.one(visit.who, visit.part("group"))
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerow(("id", "name", "answer", "instructions", "contact"))
    for each in found.answers:
        row = (
            each.traveller.id,
            " / ".join(each.traveller.names),
            each.told.kind,
            " ".join(each.told.instructions),
            "; ".join(each.told.contacts),
        )
        writer.writerow([f"'{cell}" if cell.startswith(_DANGEROUS) else cell for cell in row])
    headers = {"content-disposition": f'attachment; filename="{found.id}.csv"'}
    return Response("\ufeff" + table.getvalue(), headers=headers, media_type="text/csv; charset=utf-8")


@pages.get("/border/extracts")
def extracts(visit: Visit) -> Page:
    """What is out, and what is open here."""
    return _extracts(visit, None)


@pages.post("/border/extracts/make")
def make(visit: Visit) -> Answer:
    """Make an extract: the answer is the file itself, once."""
    try:
        days = visit.typed("days")
        if not days.isdecimal() or not 1 <= int(days) <= LONGEST_DAYS:
            raise InvalidInput(
                "days", f"between 1 and {LONGEST_DAYS}", remedy="choose how many days it is needed", rule="R33"
            )
        made = visit.node.matching.offline.make(
            visit.who, device=visit.typed("device").strip(), passphrase=visit.typed("secret.passphrase"),
            until=visit.now + int(days) * DAY - MINUTE, reason=visit.reason(),
        )  # fmt: skip
    except _WRONG as wrong:
        return Shown(_extracts(visit, wrong), wrong.status)
    name = made.done.record.rsplit(":", 1)[-1]
    headers = {"content-disposition": f'attachment; filename="{name}.extract"', "cache-control": "no-store"}
    return Response(made.data, headers=headers, media_type="application/octet-stream")


@pages.post("/border/files/open", stream=True)
def open_extract(visit: Visit) -> Answer:
    """Open an extract at this machine; it is asked with every question from then on."""
    try:
        visit.who.need(*ROLES)
        upload = read_upload(visit.request.headers.get("content-type", ""), visit.incoming)
        visit.node.matching.offline.open(
            read_whole(upload.chunks, MOST_BYTES), upload.fields.get("secret.passphrase", "")
        )
    except _WRONG as wrong:
        return Shown(_extracts(visit, wrong), wrong.status)
    return Go("/border/extracts")


@pages.post("/border/extracts/close")
def close(visit: Visit) -> Answer:
    """Close an extract here; its file is removed, the log of its queries stays."""
    visit.who.need(*ROLES)
    visit.node.matching.offline.close(visit.typed("id"))
    return Go("/border/extracts")


@pages.get("/border/extracts/{extract}/queries")
def queries(visit: Visit) -> Answer:
    """The sealed log of what was asked here, to bring to the node that made the extract."""
    visit.who.need(*ROLES)
    name = visit.part("extract")
    text = visit.node.matching.offline.queries(name)
    headers = {"content-disposition": 'attachment; filename="queries.txt"', "cache-control": "no-store"}
    return Response(text, headers=headers, media_type="text/plain; charset=ascii")


@pages.post("/border/files/bring-in", stream=True)
def bring_in(visit: Visit) -> Answer:
    """The queries of an extract of ours go into our log."""
    try:
        upload = read_upload(visit.request.headers.get("content-type", ""), visit.incoming)
        text = read_whole(upload.chunks, MOST_BYTES).decode("ascii", "replace")
        visit.node.matching.offline.bring_in(visit.who, upload.fields.get("record", ""), text)
    except _WRONG as wrong:
        return Shown(_extracts(visit, wrong), wrong.status)
    return Go("/border/extracts")


def _extracts(visit: Visit, wrong: SpeanError | None) -> ExtractsPage:
    words = visit.office.markup.words(visit.reader.language)
    visit.who.need(*ROLES)
    rows = visit.node.reading_desk.records(visit.who, procedure="offline-extract", open_only=True)
    return ExtractsPage(
        title=words.gettext("Extracts for places without a line"), out=tuple(rows), opened=tuple(visit.node.matching.offline.opened()),
        days=LONGEST_DAYS, device=visit.typed("device"), rule=None if wrong is None else rule_of(wrong),
    )  # fmt: skip


def _page(
    visit: Visit, typed: Typed, found: Screened | None, wrong: SpeanError | None, *, scanned: bool = False
) -> BorderPage:
    words = visit.office.markup.words(visit.reader.language)
    border = words.gettext("Border")
    title = border if found is None else f"{words.gettext(TOLD[found.told.kind])} – {border}"
    return BorderPage(
        title=title, scanned=scanned, typed=typed, answer=None if found is None else _shown(visit, found), most=MOST,
        rule=None if wrong is None else rule_of(wrong), wrong=_field(typed, wrong), groups=tuple(visit.node.matching.groups.mine(visit.who)[:5]),
        extracts=tuple(visit.node.matching.offline.opened()),
    )  # fmt: skip


def _field(typed: Typed, wrong: SpeanError | None) -> str:
    """The field of the question that is wrong; empty when it is another matter."""
    field = wrong.field if isinstance(wrong, InvalidInput) else ""
    return field if field in Typed.__slots__ else "zone" if field and field != "file" and typed.zone else ""


def _shown(visit: Visit, found: Screened) -> AnswerShown:
    words = visit.office.markup.words(visit.reader.language)
    told, who = found.told, found.traveller
    return AnswerShown(
        id=who.id, kind=told.kind, instructions=told.instructions,
        contacts=tuple((each, _dialled(each)) for each in told.contacts), languages=told.languages, grounds=told.grounds,
        lists=told.lists, why=tuple(sentence(words, each) for each in told.why), names=who.names, birth=who.birth,
        documents=tuple(":".join(part for part in reversed(each) if part) for each in who.documents), at=found.at,
    )  # fmt: skip


def _dialled(contact: str) -> str:
    """The telephone at the end of a contact, as it is dialled; empty when there is none."""
    digits = "".join(char for char in contact.rpartition(",")[2] if char.isdecimal() or char == "+")
    return digits if len(digits) >= 5 else ""
