"""The one door for goAML reports: bytes in, payments and whom they name out, a transaction at a time.

Schemas differ from country to country (each unit makes its own lists of codes and says which fields it needs), and reports before 5.1
do not say their version. So fields are read by name where the UN's types have them in 4.x and 5.x, codes are not interpreted, and what
is not known here is passed over. Each good transaction is given out; a bad one comes as ``Rejected`` with path, field and reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from spean.core.errors import InvalidInput
from spean.formats.goaml.named import Named, known, named
from spean.formats.goaml.transactions import Head, payment
from spean.formats.iso.transfers import line_of, rejected
from spean.formats.model import Item, Notice, Rejected, Source
from spean.formats.xml import LIMITS, Limits, Stream, drop

HEAD = {
    "rentity_id": "entity", "currency_code_local": "currency", "entity_reference": "reference", "report_code": "code",
    "schema_version": "version",
}  # fmt: skip
VERSIONS = ("4.", "5.")
MOST_NAMED = 20_000
"""Different values of one report; a longer list is no report of one case."""
_VERSION = re.compile(r"[0-9.]{1,12}")


def read(chunks: Iterable[bytes], *, offset: int = 0, limits: Limits = LIMITS) -> Iterator[Item | Named]:
    """Everything that a report tells. ``offset``: minutes east of UTC for times that name no zone (as goAML's do).

    Raises ``InvalidInput`` (not well formed, a declaration, another encoding, no report) and ``TooMuch``; what stood before the damage
    was given out.
    """
    reader: _Report | None = None
    found = False
    for event in Stream(chunks, (*HEAD, "transaction", "activity"), limits, root="report"):
        if event.starts:
            reader, found = _Report(offset), True
        elif reader is not None and event.name == "report":
            yield from reader.end(event.element)
            reader = None
            drop(event.element)
        elif reader is not None and _name(event.element.getparent()) == "report":
            yield from reader.part(event.name, event.element)
    if not found:
        raise InvalidInput("report", "no goAML report is in it", remedy="send the report itself", rule="goaml")


class _Report:
    """Reads one report."""

    def __init__(self, offset: int) -> None:
        self._offset = offset
        self._head = Head("", "", "", "", "")
        self._document = "goaml"
        self._counts = {"transaction": 0, "activity": 0}
        self._seen: set[tuple[str, str]] = set()

    def part(self, name: str, element: Any) -> Iterator[Item | Named]:
        """The end of a child of the report."""
        if name in HEAD:
            self._head = self._head._replace(**{HEAD[name]: known(element.text)[:255]})
            if name == "schema_version":
                yield from self._version(self._head.version)
            return
        self._counts[name] += 1
        source = Source(self._document, line_of(element), f"{name}[{self._counts[name]}]")
        try:
            if name == "transaction":
                yield payment(element, self._head, source, self._offset)
        except InvalidInput as error:
            yield rejected(error, source)
        yield from self._named(element, source)
        drop(element)

    def end(self, element: Any) -> Iterator[Item]:
        """The end of the report: what a person must know of it as a whole."""
        if self._head.entity and self._counts["activity"] and not self._counts["transaction"]:
            yield Notice(
                "goaml-activity", "it tells of an activity and of no transaction: no payment is in it",
                "see whom and what it names",
            )  # fmt: skip
        elif not sum(self._counts.values()):
            yield Rejected(
                line_of(element), "report", "goaml", "neither a transaction nor an activity is in it",
                "ask the reporting entity for the whole report",
            )  # fmt: skip

    def _version(self, text: str) -> Iterator[Notice]:
        if _VERSION.fullmatch(text):
            self._document = f"goaml-{text}"
        if not text.startswith(VERSIONS):
            yield Notice(
                "goaml-version", f"schema version {text[:25]!r} is not known here; it is read as far as its fields agree with those known",
                "compare a few transactions with the file, and ask for an update of the node",
            )  # fmt: skip

    def _named(self, element: Any, source: Source) -> Iterator[Named | Rejected]:
        try:
            for each in named(element, source):
                if (each.kind, each.value) not in self._seen and len(self._seen) < MOST_NAMED:
                    self._seen.add((each.kind, each.value))
                    yield each
        except InvalidInput as error:
            yield rejected(error, source)


def _name(element: Any) -> str:
    return "" if element is None else str(element.tag).rpartition("}")[2]
