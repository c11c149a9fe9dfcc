"""One request to a page: who asks, in which language, what was typed, and why it is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from starlette.requests import Request

from spean.core.errors import InvalidInput, TooMuch
from spean.node.entry.people import Who
from spean.web.frame.markup import reader_of
from spean.web.language.reader import Reader

if TYPE_CHECKING:
    from spean.node import Node
    from spean.web.frame.office import Office

MAX_FIELDS = 4000
MAX_TASK = 300
Pairs = list[tuple[str, str]]


class NeedsReason(Exception):
    """A content is to be read, and the officer has not yet said for which case or task (R38)."""


@dataclass(slots=True)
class Visit:
    """A request as page handlers see it."""

    office: Office
    request: Request
    pairs: Pairs
    """The fields of a posted form, in order."""
    someone: Who | None = None
    cookies: list[tuple[str, str, int]] = field(default_factory=list)
    """Cookies to set with the answer: name, value, seconds (0: forget it; -1: with the browser's session)."""
    incoming: Iterator[bytes] = iter(())
    """The body of a form with a file, as it comes; can be read once."""
    stamp: str = ""
    """What the stream would have said before the page was read; the page asks anew when the stream begins with another."""
    _reader: Reader | None = None

    @property
    def node(self) -> Node:
        return self.office.node

    @property
    def who(self) -> Who:
        """Who is signed in. Pages for strangers must not ask."""
        if self.someone is None:
            raise RuntimeError("a page for strangers asked who is signed in")
        return self.someone

    @property
    def reader(self) -> Reader:
        """How this person reads: language, time zone, calendar, theme."""
        if self._reader is None:
            self._reader = reader_of(self.request, self.someone)
        return self._reader

    def forget_reader(self) -> None:
        """Somebody else asks from here on, or the wishes have changed."""
        self._reader = None

    def show_theme(self, theme: str) -> None:
        """This page by day or by night, whatever the reader has chosen."""
        self._reader = replace(self.reader, theme=theme)

    @property
    def now(self) -> int:
        return self.node.clock.now()

    @property
    def path(self) -> str:
        return str(self.request.url.path)

    @property
    def about(self) -> str:
        """What the page is about: a record, a file for the ledgers, or the whole desk."""
        given = self.request.path_params
        if self.someone is not None and self.someone.only_bank:
            return f"bank:{self.someone.user.unit}"
        return f"import:{given['file']}" if "file" in given else str(given.get("record", "desk"))

    @property
    def here(self) -> str:
        """Path and query, to come back to. After a POST it is the page from which it was sent: the path may take nothing else."""
        if self.request.method == "POST":
            came = urlsplit(self.request.headers.get("referer", ""))
            if came.netloc.lower() != self.request.headers.get("host", "").lower():
                return "/"
            return local_path(f"{came.path}?{came.query}" if came.query else came.path)
        query = self.request.url.query
        return f"{self.path}?{query}" if query else self.path

    def part(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    def query(self, name: str, default: str = "") -> str:
        return str(self.request.query_params.get(name, default))[:2000]

    def number(self, name: str, default: int, most: int) -> int:
        """A number from the query between 0 and ``most``; raises ``InvalidInput``."""
        text = self.query(name)
        if not text:
            return default
        if not text.isdecimal() or len(text) > 18 or int(text) > most:
            raise InvalidInput(name, f"no number from 0 to {most}", remedy="leave it out or correct the address")
        return int(text)

    def typed(self, name: str, default: str = "") -> str:
        """The first posted value of that name."""
        return next((value for key, value in self.pairs if key == name), default)

    @property
    def by_script(self) -> bool:
        """Our own script asked, so an answer may say where to go instead of redirecting."""
        return self.request.headers.get("x-spean") == "1"

    # why ---------------------------------------------------------------------------------------------------------

    @property
    def task(self) -> str:
        """The case or task for which this person reads now, as said last; empty when nothing was said."""
        return unquote(self.request.cookies.get(self.office.task_cookie, ""))[:MAX_TASK]

    def reason(self) -> str:
        """The reason that is written down with a read (R38). Raises ``NeedsReason``."""
        if len(self.task.strip()) < 3:
            raise NeedsReason
        return self.task

    def say_task(self, text: str) -> None:
        """From now on reads are for this."""
        text = " ".join(text.split())
        if not 3 <= len(text) <= MAX_TASK:
            raise InvalidInput(
                "task", f"3 to {MAX_TASK} characters say why you read", rule="R38", remedy="name the case or the shift"
            )
        self.cookies.append((self.office.task_cookie, quote(text), -1))


def parse_form(body: bytes) -> Pairs:
    """The fields of an urlencoded form. Raises ``InvalidInput`` or ``TooMuch``."""
    try:
        text = body.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except UnicodeError:
        raise InvalidInput("form", "not a form in UTF-8", remedy="send it from the page") from None
    except ValueError:
        raise TooMuch("Too many fields", why=f"over {MAX_FIELDS}", remedy="send fewer at once") from None
    return [(name, value.replace("\r\n", "\n").replace("\0", "")) for name, value in pairs]


def local_path(text: str) -> str:
    """A path of this site, or ``/``: nobody is sent elsewhere after signing in."""
    inside = text.startswith("/") and not text.startswith(("//", "/\\")) and "\\" not in text and text.isprintable()
    return text if inside else "/"
