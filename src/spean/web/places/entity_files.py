"""Files of FollowTheMoney: take one in, with what its officer says of it; take along what one may read (R29, R38)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, get_args

from starlette.responses import Response

from spean.core.errors import Conflict, InvalidInput, Refusal, SpeanError, TooMuch
from spean.core.marks import INFO_GRADES, Nature, Purpose, SourceGrade
from spean.dossiers.model import Category
from spean.entities.kinds import KIND_NAMES, kind, label, properties
from spean.formats.ftm.model import MOST_LINE
from spean.node.same.exchanging import Origin, Taken
from spean.web.frame.pages import Answer, Page, Pages, Shown
from spean.web.frame.problem import Rule, rule_of
from spean.web.frame.upload import read_upload
from spean.web.frame.visit import Visit

pages = Pages()
MOST_BYTES = 32 * 1024 * 1024
"""Of a file that a page takes: some tens of thousands of things, half a minute of work. Larger ones are the command's."""
MOST_SHOWN = 20
"""Kinds of what was left aside, on the page."""
MOST_NAME = 60
"""Characters of a file's name that are shown."""
FIELDS = ("dataset", "purpose", "category", "source", "grade", "nature", "words")
_WRONG = (InvalidInput, Refusal, TooMuch, Conflict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenShown:
    """What came of a file."""

    name: str
    opened: int
    added: int
    known: int
    linked: int
    loose: int
    refused: tuple[tuple[str, int], ...]
    bad: tuple[tuple[int, str], ...]
    left: tuple[tuple[str, int], ...]
    """Schemata and properties that have no place here."""
    values: tuple[tuple[str, int], ...]
    """Kind and property whose values are not well formed."""
    forbidden: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityFilesPage(Page):
    """The form for a file, what came of the last one, and the way out."""

    template: ClassVar[str] = "entity-files.html"
    purposes: tuple[str, ...]
    categories: tuple[str, ...]
    sources: tuple[str, ...]
    grades: tuple[int, ...]
    natures: tuple[str, ...]
    typed: dict[str, str]
    taken: TakenShown | None
    most: int
    """Megabytes of a file."""
    rule: Rule | None


@pages.get("/entities/files")
def files(visit: Visit) -> Page:
    """Empty forms."""
    visit.node.reading_desk.may_read(visit.who)
    return _page(visit, {}, None, None)


@pages.post("/entities/files/import", stream=True)
def take(visit: Visit) -> Answer:
    """Take a file in as it comes. What is taken stays taken; the same file again adds only what is new."""
    typed: dict[str, str] = {}
    try:
        upload = read_upload(visit.request.headers.get("content-type", ""), visit.incoming)
        typed = {name: upload.fields.get(name, "").strip() for name in FIELDS}
        if not upload.name:
            raise InvalidInput("file", "no file was chosen", remedy="choose one")
        found = visit.node.same.exchanging.take(visit.who, lines(upload.chunks), _origin(typed, upload.name))
        _check_any(found)
    except _WRONG as wrong:
        if isinstance(wrong, Refusal):
            visit.node.reading_desk.note_refusal(visit.who, wrong, "POST /entities/files/import")
        return Shown(_page(visit, typed, None, wrong), wrong.status)
    return _page(visit, {}, _shown(upload.name, found, visit.reader.language), None)


@pages.post("/entities/files/export")
def give(visit: Visit) -> Answer:
    """All that this reader may read, or one record, as a file; written down, and listed as exported, before the first line."""
    record = visit.typed("record")
    exported = visit.node.same.exchanging.give(visit.who, reason=visit.reason(), records=[record] if record else [])
    return as_file(exported)


def as_file(exported: Iterable[bytes]) -> Response:
    """Lines of FollowTheMoney as a file to take along."""
    headers = {"content-disposition": 'attachment; filename="entities.ftm.json"', "cache-control": "no-store"}
    return Response(b"".join(exported), headers=headers, media_type="application/x-ndjson")


def lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a file that comes in pieces. Raises ``TooMuch`` for one that is too large, or a line that does not end."""
    rest, size = b"", 0
    for chunk in chunks:
        size += len(chunk)
        if size > MOST_BYTES:
            raise TooMuch(
                "The file is too large for a page", why=f"over {MOST_BYTES} bytes",
                remedy="cut it into parts; what was taken stays. Or take it in with spean entity import",
            )  # fmt: skip
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole
        if len(rest) > MOST_LINE:
            raise TooMuch(
                "A line is too long", why=f"more than {MOST_LINE} bytes", remedy="give one JSON object a line"
            )
    yield rest


def _origin(typed: dict[str, str], name: str) -> Origin:
    """What the officer says of the file. Raises ``InvalidInput`` naming the field."""
    closed = {
        "purpose": tuple(Purpose), "category": get_args(Category), "source": tuple(SourceGrade), "grade": tuple(map(str, INFO_GRADES)),
        "nature": tuple(Nature),
    }  # fmt: skip
    for field, choices in closed.items():
        if typed[field] not in choices:
            raise InvalidInput(field, "nothing was chosen", remedy="choose one", rule="R29")
    return Origin(
        dataset=typed["dataset"], purpose=typed["purpose"], category=typed["category"], source=typed["source"], grade=int(typed["grade"]),
        nature=typed["nature"], words=typed["words"] or name[:300],
    )  # fmt: skip


def _check_any(found: Taken) -> None:
    """Raises ``InvalidInput`` for a file of which no line is an entity: it is of another kind."""
    report = found.report
    if (
        report.lines
        and len(report.bad_lines) == min(report.lines, 100)
        and not (report.things or report.ties or report.schemata)
    ):
        line, why = report.bad_lines[0]
        raise InvalidInput(
            "file",
            f"none of its lines is an entity; line {line}: {why}",
            remedy="give FollowTheMoney, one JSON object a line",
        )
    if not report.lines:
        raise InvalidInput("file", "it is empty", remedy="choose another file")


def _shown(name: str, found: Taken, language: str) -> TakenShown:
    report = found.report

    def said(value: str) -> str:
        of, _, property_ = value.partition(".")
        if of not in KIND_NAMES or property_ not in properties():
            return value
        return f"{label(kind(of).labels, language)} · {label(properties()[property_].labels, language)}"

    def most(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
        return tuple(counts.most_common(MOST_SHOWN))

    return TakenShown(
        name=name if len(name) <= MOST_NAME else f"{name[:MOST_NAME]}…",
        opened=found.opened, added=found.added, known=found.known, linked=found.linked, loose=found.loose,
        refused=most(found.refused), bad=tuple(report.bad_lines), left=most(report.schemata + report.properties),
        values=tuple((said(value), count) for value, count in most(report.values)), forbidden=most(report.forbidden),
    )  # fmt: skip


def _page(visit: Visit, typed: dict[str, str], taken: TakenShown | None, wrong: SpeanError | None) -> EntityFilesPage:
    words = visit.office.markup.words(visit.reader.language)
    return EntityFilesPage(
        title=words.gettext("Files of persons and things"), purposes=tuple(each for each in Purpose if visit.who.may_purpose(each)),
        categories=tuple(each for each in get_args(Category) if each != "none"), sources=tuple(SourceGrade), grades=INFO_GRADES,
        natures=tuple(Nature), typed=typed, taken=taken, most=MOST_BYTES // 1024 // 1024, rule=None if wrong is None else rule_of(wrong),
    )  # fmt: skip
