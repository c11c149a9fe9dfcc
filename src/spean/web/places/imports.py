"""Files for the ledgers: give one, say how a bank's table is read (once), watch it being read, see what was not taken and why (C4)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from starlette.responses import Response

from spean.core.errors import Conflict, InvalidInput, SpeanError
from spean.core.world import HOUR
from spean.entities.values.chains import BY_NAME
from spean.formats.bank_csv.mapping import DELIMITERS, ENCODINGS
from spean.formats.bank_csv.words import FIELDS
from spean.node.money.erasing import ErasurePreview
from spean.node.money.importing import ERASERS
from spean.node.money.model import BadRow, ImportState, NamedThing, Recognised, Sum
from spean.web.frame.pages import Answer, Go, Page, Pages, Shown
from spean.web.frame.problem import Rule, rule_of
from spean.web.frame.upload import read_upload
from spean.web.frame.visit import Visit

pages = Pages()
MOST_BAD = 100
"""Rejected rows on one page; all of them are in the table to take away."""
MOST_NAMED = 200
"""Persons, accounts and phones on one page."""
_AT_ONCE = 500
STYLES = ("two-parties", "signed", "debit-credit", "indicator")
ORDERS = ("ymd", "dmy", "mdy")
OFFSETS = tuple(sorted({*(60 * hours for hours in range(-12, 15)), 330, 345, 390, 570}))
"""Minutes east of UTC that are in use."""
TEXTS = ("style", "date_order", "decimal", "currency", "account", "keeper", "encoding", "delimiter")
HINTS = ("keeper", "account", "currency", "chain")
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula."""


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated when it is shown."""
    return text


LETTERS = _("The letters seem to be {}: do names and texts look right?")
QUESTIONS = (
    _("The table has no time of day: is there a fuller export?"), _("Which column holds the amount?"),
    _("Is money that leaves the account written with a minus?"), _("Which column holds the date?"),
    _("Which number of the date is the day? The rows fit both; the first is taken."),
    _("The year has two digits: is it of the Buddhist era?"), _("The year has two digits: is it of this century?"),
    _("Points and commas are mixed: which one stands before the fraction?"),
    _("Do points and commas in the amounts only group the digits?"), _("Which currency is it?"),
    _("Is this the statement's account?"), _("Whose account is this?"), _("Is everything read as the bank means it?"),
    _("Of which chain is it?"),
)  # fmt: skip
"""What may be asked about a table or an export (``formats.bank_csv.recognise``, ``node.money.recognising``; a test compares them)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportsPage(Page):
    """The files with what came of them, and the form for another."""

    template: ClassVar[str] = "imports.html"
    files: tuple[ImportState, ...]
    names: dict[str, str]
    """User → name."""
    rule: Rule | None
    offsets: tuple[int, ...]
    chains: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A row as it would be read."""

    time: int
    payer: str
    payee: str
    amount: Sum
    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked about a table or an export, with the answers so far."""

    confidence: int
    """In a hundred."""
    questions: tuple[str, ...]
    header: tuple[str, ...]
    columns: dict[str, int]
    fields: tuple[str, ...]
    """What a column may hold, those that were found first."""
    values: dict[str, Any]
    chains: tuple[str, ...]
    samples: tuple[Sample, ...]
    styles: tuple[str, ...]
    orders: tuple[str, ...]
    encodings: tuple[str, ...]
    delimiters: tuple[str, ...]
    offsets: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPage(Page):
    """One file."""

    template: ClassVar[str] = "import.html"
    file: ImportState
    name: str
    """Who gave it."""
    left: int | None
    """Milliseconds that it will take, as it goes now."""
    bad: tuple[BadRow, ...]
    asked: Asked | None
    rule: Rule | None
    may_erase: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasePage(Page):
    """What erasing a file takes away and what stays, before it is done."""

    template: ClassVar[str] = "import-erase.html"
    seen: ErasurePreview
    name: str
    """Who gave it."""
    reason: str
    rule: Rule | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPage(Page):
    """Whom and what a report names."""

    template: ClassVar[str] = "import-named.html"
    file: ImportState
    named: tuple[NamedThing, ...]
    first: int
    next: int
    """After which number the next page begins; 0 when this is the last."""


@pages.get("/money/imports")
def imports(visit: Visit) -> Page:
    """The files, newest first."""
    return _list(visit, None)


@pages.post("/money/imports/file", stream=True)
def take(visit: Visit) -> Answer:
    """Take a file in, as it comes; then show how far it is."""
    try:
        upload = read_upload(visit.request.headers.get("content-type", ""), visit.incoming)
        if not upload.name:
            raise InvalidInput("file", "no file was chosen", remedy="choose one")
        hints: dict[str, Any] = {name: upload.fields[name] for name in HINTS if upload.fields.get(name)}
        if upload.fields.get("offset"):
            hints["offset"] = _whole("offset", upload.fields["offset"])
        state = visit.node.money.take_file(
            visit.who, upload.name, upload.chunks, source=upload.fields.get("source", ""),
            grade=_whole("grade", upload.fields.get("grade", "")), hints=hints,
        )  # fmt: skip
    except (InvalidInput, Conflict) as wrong:
        return Shown(_list(visit, wrong), wrong.status)
    return Go(f"/money/imports/{state.id}")


@pages.get("/money/imports/{file}")
def one(visit: Visit) -> Page:
    """How far a file is, what is asked about it, what was not taken."""
    return _one(visit, None, {})


@pages.post("/money/imports/{file}/confirm")
def confirm(visit: Visit) -> Answer:
    """Somebody has looked: read it so, and remember it for tables with the same header. Or only show how it would be read."""
    try:
        answers = _answers(visit)
        if visit.typed("look"):
            return _one(visit, None, answers)
        visit.node.money.confirm_mapping(visit.who, visit.part("file"), answers)
    except (InvalidInput, Conflict) as wrong:
        return Shown(_one(visit, wrong, {}), wrong.status)
    return Go(f"/money/imports/{visit.part('file')}")


@pages.get("/money/imports/{file}/rejected.csv")
def rejected(visit: Visit) -> Answer:
    """The rows that were not taken, as a table for whoever made the file."""
    state = visit.node.money.import_state(visit.who, visit.part("file"))
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerow(("line", "element", "field", "rule", "reason", "remedy"))
    for row in _all_bad(visit, state.id):
        writer.writerow(
            [_plain(each) for each in (row.line or "", row.element, row.field, row.rule, row.reason, row.remedy)]
        )
    headers = {"content-disposition": f'attachment; filename="{state.id}-rejected.csv"'}
    return Response("\ufeff" + table.getvalue(), headers=headers, media_type="text/csv; charset=utf-8")


@pages.get("/money/imports/{file}/named")
def named(visit: Visit) -> Page:
    """Whom and what a report names; a read, which is written down with the officer's task (R38)."""
    money, file = visit.node.money, visit.part("file")
    state = money.import_state(visit.who, file)
    after = visit.number("after", 0, 1 << 20)
    found = money.import_named(visit.who, file, reason=visit.reason(), after=after, limit=MOST_NAMED)
    words = visit.office.markup.words(visit.reader.language)
    return NamedPage(
        title=words.gettext("Whom the report names"), file=state, named=tuple(found), first=after + 1,
        next=after + len(found) if after + len(found) < state.named else 0,
    )  # fmt: skip


@pages.get("/money/imports/{file}/erase")
def erase_form(visit: Visit) -> Answer:
    """What would go, which cases it touches, what stays; and why."""
    return _erase_page(visit, None)


@pages.post("/money/imports/{file}/erase")
def erase(visit: Visit) -> Answer:
    """Erase what the file said. A session needs a fresh proof; what was typed is kept meanwhile."""
    file = visit.part("file")
    try:
        visit.node.money.erase_import(visit.who, file, visit.typed("reason"))
    except (InvalidInput, Conflict) as wrong:
        return Shown(_erase_page(visit, wrong), wrong.status)
    return Go(f"/money/imports/{file}")


def _erase_page(visit: Visit, wrong: SpeanError | None) -> ErasePage:
    seen = visit.node.money.erasure(visit.who, visit.part("file"))
    words = visit.office.markup.words(visit.reader.language)
    return ErasePage(
        title=words.gettext("Erase what a file said"), seen=seen, name=_names(visit).get(seen.file.by, ""),
        reason=visit.typed("reason"), rule=None if wrong is None else rule_of(wrong),
    )  # fmt: skip


def _all_bad(visit: Visit, file: str) -> Iterator[BadRow]:
    after = 0
    while rows := visit.node.money.import_rows(visit.who, file, reason=visit.reason(), after=after, limit=_AT_ONCE):
        yield from rows
        after += len(rows)


def _plain(value: object) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def _list(visit: Visit, wrong: SpeanError | None) -> ImportsPage:
    words = visit.office.markup.words(visit.reader.language)
    files = visit.node.money.imports(visit.who)
    return ImportsPage(
        title=words.gettext("Files for the ledgers"), files=tuple(files), names=_names(visit),
        rule=None if wrong is None else rule_of(wrong), offsets=OFFSETS, chains=tuple(sorted(BY_NAME)),
    )  # fmt: skip


def _names(visit: Visit) -> dict[str, str]:
    return {user.id: user.name for user in visit.node.people.list()}


def _one(visit: Visit, wrong: SpeanError | None, answers: dict[str, Any]) -> ImportPage:
    money, who, file = visit.node.money, visit.who, visit.part("file")
    state = money.import_state(who, file)
    asked = None
    if state.state == "asking":
        try:
            asked = _asked(visit, money.recognised(who, file, answers, reason=visit.reason()))
        except InvalidInput as unreadable:
            wrong, asked = unreadable, _asked(visit, money.recognised(who, file, reason=visit.reason()))
    read = state.rejected and state.state in (
        "done",
        "failed",
    )  # while it is read, a page that looks anew each second counts them only
    bad = tuple(money.import_rows(who, file, reason=visit.reason(), limit=MOST_BAD)) if read else ()
    return ImportPage(
        title=state.name or file, file=state, name=_names(visit).get(state.by, ""), left=_left(state, visit.now),
        bad=bad, asked=asked, rule=None if wrong is None else rule_of(wrong), may_erase=_may_erase(visit, state),
    )  # fmt: skip


def _may_erase(visit: Visit, state: ImportState) -> bool:
    return state.state in ("asking", "done", "failed") and bool(visit.who.roles & set(ERASERS))


def _left(state: ImportState, now: int) -> int | None:
    if state.state != "reading" or not 0 < state.bytes_read < state.bytes_all or not 0 < now - state.at < HOUR:
        return None
    return (now - state.at) * (state.bytes_all - state.bytes_read) // state.bytes_read


def _question(visit: Visit, text: str) -> str:
    words = visit.office.markup.words(visit.reader.language)
    start, _hole, end = LETTERS.partition("{}")
    if text.startswith(start) and text.endswith(end):
        return words.gettext(LETTERS).format(text[len(start) : -len(end)])
    return words.gettext(text)


def _asked(visit: Visit, found: Recognised) -> Asked:
    columns = {name: int(at) for name, at in found.mapping.get("columns", {}).items()}
    fields = (*columns, *(name for name in FIELDS if name not in columns)) if found.mapping else ()
    chains = found.chains or (() if found.mapping else tuple(sorted(BY_NAME)))
    return Asked(
        confidence=round(found.confidence * 100), questions=tuple(_question(visit, each) for each in found.questions),
        header=found.header, columns=columns, fields=fields,
        values=found.mapping, chains=chains, samples=tuple(_sample(each) for each in found.samples), styles=STYLES, orders=ORDERS,
        encodings=ENCODINGS, delimiters=DELIMITERS, offsets=OFFSETS,
    )  # fmt: skip


def _sample(row: dict[str, Any]) -> Sample:
    return Sample(
        time=row["time"], payer=row["payer"], payee=row["payee"], name=row["name"], text=row["text"],
        amount=Sum(amount=row["amount"], currency=row["currency"], digits=row["digits"]),
    )  # fmt: skip


def _answers(visit: Visit) -> dict[str, Any]:
    """What was chosen, as ``confirm_mapping`` takes it."""
    if visit.typed("chain"):
        return {"chain": visit.typed("chain")}
    typed = {name: value for name, value in visit.pairs if name in TEXTS}
    columns = {
        name.removeprefix("c."): _whole(name, value) for name, value in visit.pairs if name.startswith("c.") and value
    }
    delimiter = "\t" if typed.get("delimiter") == "tab" else typed.get("delimiter", "")
    return {
        **typed, "delimiter": delimiter, "columns": columns, "buddhist": visit.typed("buddhist") == "1",
        "offset": _whole("offset", visit.typed("offset") or "0"),
    }  # fmt: skip


def _whole(name: str, text: str) -> int:
    try:
        return int(text[:12])
    except ValueError:
        raise InvalidInput(name, f"{text[:40]!r} is no number", remedy="choose from the list") from None
