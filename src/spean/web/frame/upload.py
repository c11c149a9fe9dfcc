"""A form with a file, read piece by piece as it comes (multipart/form-data, RFC 7578): small fields first, the file last.

Nothing is kept: the file's bytes go on to whoever takes them. So a file of gigabytes needs no memory, and no temporary file
in plain words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from spean.core.errors import InvalidInput, TooMuch

MOST_FIELDS = 40
MOST_VALUE = 4000
_HEAD = 8000
_BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,70})"|([0-9A-Za-z\'()+_,./:=?-]{1,70}))', re.IGNORECASE)
_NAME = re.compile(r'; ?name="([^"]{0,200})"')
_FILE = re.compile(r'; ?filename="((?:[^"\\]|\\.)*)"')
_LONGEST = 255
"""Characters of a file's name that are kept."""


@dataclass(slots=True)
class Upload:
    """What was typed beside the file, its name, and its bytes, which can be read once."""

    fields: dict[str, str]
    name: str
    chunks: Iterator[bytes]


def read_upload(content_type: str, incoming: Iterator[bytes]) -> Upload:
    """Read up to the file; its bytes come as ``chunks`` is read. Raises ``InvalidInput`` when there is none, or ``TooMuch``."""
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise _broken("it names no boundary")
    parts = _Parts(incoming, b"\r\n--" + (found[1] or found[2]).encode())
    fields: dict[str, str] = {}
    while parts.next():
        head = parts.head()
        name, file = _NAME.search(head), _FILE.search(head)
        if name is None:
            raise _broken("a part has no name")
        if file is not None:
            return Upload(fields, re.sub(r"\\(.)", r"\1", file[1]).replace("%22", '"')[:_LONGEST], parts.body())
        if len(fields) >= MOST_FIELDS:
            raise TooMuch("Too many fields", why=f"over {MOST_FIELDS}", remedy="send the page's own form")
        fields[name[1]] = parts.short()
    raise InvalidInput("file", "no file was chosen", remedy="choose one")


class _Parts:
    """The parts one after another, over a window that is as small as it can be."""

    def __init__(self, incoming: Iterator[bytes], delimiter: bytes) -> None:
        self._incoming = incoming
        self._delimiter = delimiter
        self._held = b"\r\n"  # the first delimiter stands at the very beginning, without a line before it

    def next(self) -> bool:
        """Go to the next part; False after the last."""
        for _ in self.body():
            pass
        self._held = self._held[len(self._delimiter) :]
        self._fill(2)
        if self._held.startswith(b"--"):
            return False
        if not self._held.startswith(b"\r\n"):
            raise _broken("a boundary is followed by something else")
        self._held = self._held[2:]
        return True

    def head(self) -> str:
        """The lines before the part's body."""
        while b"\r\n\r\n" not in self._held:
            if len(self._held) > _HEAD or not self._more():
                raise _broken("a part's head does not end")
        head, _, self._held = self._held.partition(b"\r\n\r\n")
        return head.decode("utf-8", "replace")

    def short(self) -> str:
        """The value of a small field."""
        value = b""
        for chunk in self.body():
            value += chunk
            if len(value) > MOST_VALUE:
                raise TooMuch("A field is too long", why=f"over {MOST_VALUE} bytes", remedy="shorten it")
        return value.decode("utf-8", "replace").strip()

    def body(self) -> Iterator[bytes]:
        """Bytes up to the next delimiter, which stays held."""
        while (at := self._held.find(self._delimiter)) < 0:
            safe = len(self._held) - len(self._delimiter) + 1
            if safe > 0:
                yield self._held[:safe]
                self._held = self._held[safe:]
            if not self._more():
                raise _broken("it ends in the middle")
        if at:
            yield self._held[:at]
        self._held = self._held[at:]

    def _fill(self, count: int) -> None:
        while len(self._held) < count:
            if not self._more():
                raise _broken("it ends in the middle")

    def _more(self) -> bool:
        for chunk in self._incoming:
            self._held += chunk
            if chunk:
                return True
        return False


def _broken(why: str) -> InvalidInput:
    return InvalidInput("file", f"the form did not come whole: {why}", remedy="send it again from the page")
