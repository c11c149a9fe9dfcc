"""How pages are declared: a handler with a path, and a typed context with a template (docs/ui-principles.md).

    pages = Pages()

    @pages.get("/alarms")
    def alarms(visit: Visit) -> Page: ...

A handler runs in a worker thread. It returns a ``Page`` (rendered with its template), a ``Go`` (another page), or a
``Response``. A ``SpeanError`` becomes a page that says rule, reason and remedy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from starlette.responses import Response

from spean.web.frame.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a template is given as ``page``: every name that it uses is a field here, and every field is used."""

    template: ClassVar[str]
    title: str
    """In the reader's language; stands in the window's title and as first heading."""


@dataclass(frozen=True, slots=True)
class Go:
    """Go to another page of ours; after an act, so that a reload does not repeat it."""

    path: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A page with another status than 200."""

    page: Page
    status: int


Answer = Page | Shown | Go | Response
Handler = Callable[[Visit], Answer]


@dataclass(frozen=True, slots=True)
class Declared:
    """One path with its handler. ``stranger``: who is not signed in may ask, too."""

    method: str
    path: str
    handler: Handler
    stranger: bool
    stream: bool = False
    """The body is a form with a file, which the handler reads as it comes (``Visit.incoming``)."""


class Pages:
    """The pages of one module."""

    def __init__(self) -> None:
        self.declared: list[Declared] = []

    def get(self, path: str, *, stranger: bool = False) -> Callable[[Handler], Handler]:
        """Show something at this path."""
        return self._declare("GET", path, stranger)

    def post(self, path: str, *, stranger: bool = False, stream: bool = False) -> Callable[[Handler], Handler]:
        """Do something; the request must come from our own page."""
        return self._declare("POST", path, stranger, stream)

    def _declare(self, method: str, path: str, stranger: bool, stream: bool = False) -> Callable[[Handler], Handler]:
        def keep(handler: Handler) -> Handler:
            self.declared.append(Declared(method, path, handler, stranger, stream))
            return handler

        return keep
