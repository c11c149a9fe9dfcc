"""A case of ours as a goAML report for the financial intelligence unit: what goes in, what does not and why, and the file (C4)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar

from starlette.responses import Response

from spean.core.errors import InvalidInput, Refusal, SpeanError
from spean.formats.goaml.structure import VERSIONS
from spean.node.money.reporting import Reportable, Wanted
from spean.web.frame.pages import Answer, Page, Pages, Shown
from spean.web.frame.problem import Rule, rule_of
from spean.web.frame.visit import Visit

pages = Pages()
XML = "application/xml"
SHOWN = 50
"""Payments that the page lists; all of them go in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoamlPage(Page):
    """The form of a report."""

    template: ClassVar[str] = "goaml.html"
    held: Reportable
    shown: int
    wanted: Wanted
    """As typed, else as the setting says."""
    versions: tuple[str, ...]
    rule: Rule | None
    fault: str
    """Name of the field of the form that is wrong; empty when it is none of them."""


@pages.get("/money/{record}/goaml")
def goaml(visit: Visit) -> Page:
    """What a report would hold; a read, which is written down (R38)."""
    return _page(visit, None, None)


@pages.post("/money/{record}/goaml")
def make(visit: Visit) -> Answer:
    """The file; that it was handed out is written down with its hash."""
    wanted = Wanted(**{each.name: visit.typed(each.name).strip()[:4001] for each in fields(Wanted)})
    try:
        name, document = visit.node.money.report(visit.who, visit.part("record"), wanted, reason=visit.reason())
    except (InvalidInput, Refusal) as wrong:
        if isinstance(wrong, Refusal):
            visit.node.reading_desk.note_refusal(visit.who, wrong, f"POST {visit.path}")
            raise
        return Shown(_page(visit, wrong, wanted), wrong.status)
    return Response(document, headers={"content-disposition": f'attachment; filename="{name}"'}, media_type=XML)


FIELDS = {
    "rentity_id": "entity", "rentity_branch": "branch", "report_code": "code", "fiu_ref_number": "answers", "transmode_code": "mode",
    "transmode_comment": "mode_comment", "from_funds_code": "funds", "to_funds_code": "funds", "currency_code_local": "currency",
    "indicator": "indicators", "reason": "reason", "action": "action", "rates": "rates", "currency": "currency", "version": "version",
}  # fmt: skip
"""Element of the report → field of the form."""


def _page(visit: Visit, wrong: SpeanError | None, typed: Wanted | None) -> GoamlPage:
    found = visit.node.money.reportable(visit.who, visit.part("record"), reason=visit.reason())
    words = visit.office.markup.words(visit.reader.language)
    place = wrong.field.rpartition("/")[2].partition("[")[0] if isinstance(wrong, InvalidInput) else ""
    return GoamlPage(
        title=words.gettext("Report for the financial intelligence unit"), held=found, shown=SHOWN, wanted=typed or found.wanted,
        versions=VERSIONS, rule=None if wrong is None else rule_of(wrong), fault=FIELDS.get(place, ""),
    )  # fmt: skip
