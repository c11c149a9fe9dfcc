"""XML from strangers, a piece at a time: no DTD, no entities, no network, bounded memory.

1. Bytes become UTF-8: a byte order mark of UTF-8 or UTF-16 is followed, everything else must be UTF-8, whatever the declaration says. So
   no second encoding can hide anything from the next step.
2. A declaration (``<!DOCTYPE``, ``<!ENTITY``…) is refused before the parser sees it. Without one there are no entities, so no file is
   read, no address is called, and nothing can be multiplied ("billion laughs").
3. libxml2 parses without ``huge``: at most 256 levels, names and texts bounded.
4. Until a record is read and dropped at most ``Limits.record`` bytes pass, and ``Limits.total`` in all. What is not dropped stays in
   memory, so it counts: elements in the wrong place, however many and however named, cannot fill it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from lxml import etree

from spean.core.errors import InvalidInput, TooMuch

Element = Any
"""An lxml element; its stubs name private classes."""


class Limits(NamedTuple):
    """Bytes. ``record``: from one dropped record to the next, or of a message that is read whole."""

    total: int = 1 << 36
    record: int = 8 << 20


LIMITS = Limits()
_DECLARATION = re.compile(rb"<!(?!--|\[CDATA\[)")
_TAIL = 8
"""Bytes kept from one chunk to the next: ``<![CDATA[`` is nine."""
_PIECE = 1 << 16
_DROPPED = "{urn:spean}dropped"
"""Marks a record whose memory is free again."""


def _damaged(why: str, line: int = 0) -> InvalidInput:
    return InvalidInput(
        "file", f"{why} (line {line})" if line else why,
        remedy="ask the sender for the file again; rows before this place are read", rule="xml",
    )  # fmt: skip


def _why(error: etree.XMLSyntaxError) -> str:
    """What the parser found, without the names that it gives to what it reads."""
    said = str(error.msg).partition(", line ")[0]
    if said.startswith("Premature end"):
        return "the document ends before its last element is closed: it is cut short"
    return f"it is no well-formed XML here: {said}"


def utf8(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The document as UTF-8 without byte order mark. Raises ``InvalidInput`` for any other encoding."""
    decoder: codecs.IncrementalDecoder | None = None
    head = b""
    for chunk in chunks:
        if decoder is None:
            head += chunk
            if len(head) < 4:
                continue
            decoder, chunk = _decoder(head), head
        yield _decoded(decoder, chunk, final=False)
    if decoder is None:
        decoder = _decoder(head)
        yield _decoded(decoder, head, final=False)
    yield _decoded(decoder, b"", final=True)


def _decoder(head: bytes) -> codecs.IncrementalDecoder:
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)) or b"\0" in head[:2]:
        raise _encoding("bytes of an encoding without mark, or UTF-32")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return codecs.getincrementaldecoder("utf-16")("strict")
    return codecs.getincrementaldecoder("utf-8-sig")("strict")


def _decoded(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool) -> bytes:
    try:
        return decoder.decode(chunk, final).encode()
    except UnicodeError as error:
        raise _encoding(str(error)) from None


def _encoding(why: str) -> InvalidInput:
    return InvalidInput(
        "encoding",
        f"not UTF-8 ({why[:80]})",
        remedy="such documents are UTF-8: ask the sender for that",
        rule="xml-encoding",
    )


def _guarded(chunks: Iterable[bytes], limits: Limits) -> Iterator[bytes]:
    """Steps 1, 2 and the total of 4, in pieces of at most 64 KB."""
    total, tail = 0, b""
    for chunk in utf8(chunks):
        for start in range(0, len(chunk), _PIECE):
            piece = chunk[start : start + _PIECE]
            total += len(piece)
            if total > limits.total:
                raise TooMuch(
                    "The document is too long",
                    why=f"more than {limits.total} bytes",
                    remedy="split it",
                    rule="xml-size",
                )
            joined = tail + piece
            _no_declaration(joined, whole=False)
            tail = joined[-_TAIL:]
            yield piece
    _no_declaration(tail, whole=True)


def _no_declaration(text: bytes, *, whole: bool) -> None:
    for found in _DECLARATION.finditer(text):
        rest = text[found.start() :]
        if not whole and (b"<!--".startswith(rest) or b"<![CDATA[".startswith(rest)):
            return  # cut at the end of a piece; it comes again with the next
        raise InvalidInput(
            "document", "it holds a document type declaration", remedy="such documents need none: ask for the plain one",
            rule="xml-declaration",
        )  # fmt: skip


class Event(NamedTuple):
    """The start of the root, or the end of a wanted element."""

    starts: bool
    name: str
    """Local name."""
    element: Element


class Stream:
    """The events of one document: the start of each ``root``, the end of each element called one of ``names``, in order.

    Iterating raises ``InvalidInput`` where the document is not well formed and ``TooMuch`` past a limit; what stood before that place
    was given out. A reader that keeps everything until its root ends thereby bounds the document by the limit of a record.
    """

    def __init__(
        self, chunks: Iterable[bytes], names: Iterable[str], limits: Limits = LIMITS, root: str = "Document"
    ) -> None:
        self._chunks = chunks
        self._limits = limits
        self._root = root
        self._parser: Any = etree.XMLPullParser(
            events=("start", "end"), tag=[f"{{*}}{name}" for name in (root, *names)], encoding="utf-8", resolve_entities=False,
            load_dtd=False, no_network=True, dtd_validation=False, huge_tree=False, remove_comments=True, remove_pis=True,
        )  # fmt: skip

    def __iter__(self) -> Iterator[Event]:
        waiting = 0
        for piece in _guarded(self._chunks, self._limits):
            waiting += len(piece)
            for event in self._parsed(self._parser.feed, piece):
                before = event.element.get(_DROPPED)
                yield event
                if before is None and event.element.get(_DROPPED) is not None:
                    waiting = 0
            if waiting > self._limits.record:
                why = f"more than {self._limits.record} bytes"
                raise TooMuch("A record is too long", why=why, remedy="ask the sender to split it", rule="xml-size")
        yield from self._parsed(self._parser.close)

    def _parsed(self, act: Any, *piece: bytes) -> Iterator[Event]:
        fault: InvalidInput | None = None
        try:
            act(*piece)
        except etree.XMLSyntaxError as error:
            fault = _damaged(_why(error), error.lineno or 0)
        for action, element in self._parser.read_events():
            name = element.tag.rpartition("}")[2]
            if action == "end" or name == self._root:
                yield Event(action == "start", name, element)
        if fault is not None:
            raise fault


def drop(element: Element) -> None:
    """Forget a record that has been read, and its elder siblings."""
    element.clear()
    element.set(_DROPPED, "")
    parent = element.getparent()
    if parent is not None:
        while element.getprevious() is not None:
            del parent[0]


def put_text(element: Any, name: str, text: str) -> None:
    """Write text into an element that is called ``name`` to people. Raises ``InvalidInput`` for signs that XML cannot carry."""
    try:
        element.text = text
    except ValueError:
        raise InvalidInput(
            name, "it holds a control character, which XML cannot carry", remedy="take it out", rule="xml-characters"
        ) from None
