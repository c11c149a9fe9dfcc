"""Header to bytes and back; the limits of everything that a partner may send.

There is exactly one byte string for a header: canonical JSON with every field written out. A payload that
decodes but does not encode to itself (an unknown or doubled field, a blank, another order) is refused, so two
implementations can never read two meanings into one signature.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from hashlib import sha256

import msgspec

from spean.agreements.model import OWN
from spean.core.errors import InvalidInput, SpeanError, TooMuch
from spean.core.fact import Envelope, Header
from spean.core.ids import check_fact, check_node, parse_record
from spean.core.marks import INFO_GRADES, Data, Handling, Nature, Purpose, SourceGrade, Subject, Tlp
from spean.core.world import from_iso

VERSION = 1
MAX_PAYLOAD = 16 * 1024
"""Bytes of a header; well under the 65,535 of an entry in C2SP tlog-tiles."""
MAX_BODY = 1024 * 1024
MAX_DEPTH = 64
MAX_RECIPIENTS = 64
MAX_LINKS = 256
"""Facts that one fact may build on, and facts that it may target."""

_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_SLUG = re.compile(r"[a-z][a-z0-9-]{0,39}")
_HEX64 = re.compile(r"[0-9a-f]{64}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SQUARE = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")
_MARKS: dict[str, frozenset[str]] = {
    "purpose": frozenset(Purpose),
    "data": frozenset(Data),
    "subject": frozenset(Subject),
    "handling": frozenset(Handling),
    "tlp": frozenset(Tlp),
    "source": frozenset(SourceGrade),
    "nature": frozenset(Nature),
}
_ENCODER = msgspec.json.Encoder(order="sorted")
_DECODER = msgspec.json.Decoder(Header)


class Peek(msgspec.Struct, frozen=True):
    """What can be read of a header from the future, so that it can be kept and shown."""

    v: int
    node: str = ""
    record: str = ""
    procedure: str = ""
    kind: str = ""
    time: str = ""


class UnknownFormat(SpeanError):
    """The header has a higher version than this node knows: keep it, show "needs a newer version"."""

    status = 422

    def __init__(self, peek: Peek) -> None:
        super().__init__(
            f"Format {peek.v} of a fact needs a newer version of Spean",
            why=f"this node reads format {VERSION}",
            remedy="update this node; the fact is kept as it came",
            rule="format",
        )
        self.peek = peek


def encode_header(header: Header) -> bytes:
    """The payload: the same bytes as ``core.canonical`` of the header's fields, a hundred times faster."""
    return _ENCODER.encode(header)


def decode_header(payload: bytes) -> Header:
    """Read and check a payload.

    Raises ``UnknownFormat`` for a higher ``v``, ``InvalidInput`` for all else that is wrong, and nothing more.
    """
    if len(payload) > MAX_PAYLOAD:
        raise _bad("header", f"{len(payload)} bytes", f"at most {MAX_PAYLOAD} bytes")
    try:
        check_depth(payload)
        header = _DECODER.decode(payload)
        again = _ENCODER.encode(header)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, TooMuch) as error:
        _refuse_newer(payload)
        raise _bad("header", f"not a header: {error}", "send the fields of core/fact.py") from error
    if header.v > VERSION:
        _refuse_newer(payload)
    if again != payload:
        raise _bad("header", "not canonical, or a field is unknown or missing", "send canonical JSON of exactly v=1")
    check_header(header)
    return header


def _refuse_newer(payload: bytes) -> None:
    try:
        peek = msgspec.json.decode(payload, type=Peek)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return
    if peek.v > VERSION:
        raise UnknownFormat(peek)


def fact_id(payload: bytes) -> str:
    """The fact's name: RFC 6962 leaf hash of its payload, in hex."""
    return sha256(b"\x00" + payload).hexdigest()


def check_header(header: Header) -> None:
    """Raise ``InvalidInput`` unless every field keeps its rule (core/fact.py, core/marks.py).

    The parts are cached, since the facts of a list or a batch share envelope, author and moment.
    """
    if header.v != VERSION:
        raise _bad("v", f"format {header.v} does not exist", f"send {VERSION}")
    _check_author(header.node, header.unit, header.actor)
    _check_move(header.record, header.procedure, header.kind)
    _check_time(header.time)
    _check_number("version", header.version, 1, 1_000_000)
    _check_number("size", header.size, 0, MAX_BODY)
    if _HEX64.fullmatch(header.commitment) is None:
        raise _bad("commitment", "not 64 hex digits", "send the SHA-256 in hex")
    _check_links("builds_on", header.builds_on, ordered=True)
    _check_links("targets", header.targets, ordered=False)
    if header.batch:
        _check_words("batch", header.batch, 64)
    if (header.envelope is None) != (header.track == "local"):
        raise _bad("envelope", f"does not fit the {header.track} track", "shared facts have one, local ones have none")
    if header.envelope is not None:
        _check_envelope(header.envelope)


@lru_cache(maxsize=4096)
def _check_author(node: str, unit: str, actor: str) -> None:
    check_node(node)
    _check_words("unit", unit, 80)
    _check_words("actor", actor, 80)


@lru_cache(maxsize=4096)
def _check_move(record: str, procedure: str, kind: str) -> None:
    if parse_record(record).procedure != procedure:
        raise _bad("procedure", "differs from the one in the record's name", "send the record's procedure")
    if _SLUG.fullmatch(kind) is None:
        raise _bad("kind", "not a transition's name", "small letters, digits and hyphens, at most 40")


@lru_cache(maxsize=4096)
def _check_envelope(envelope: Envelope) -> None:
    for name, allowed in _MARKS.items():
        if getattr(envelope, name) not in allowed:
            raise _bad(f"envelope.{name}", "not on the closed list", f"one of {', '.join(sorted(allowed))}")
    if envelope.grade not in INFO_GRADES:
        raise _bad("envelope.grade", "not on the closed list", "1, 2, 3 or 4")
    recipients = envelope.recipients
    if len(recipients) > MAX_RECIPIENTS or (not recipients and (envelope.instrument != OWN or envelope.via)):
        raise _bad(
            "envelope.recipients", f"{len(recipients)} nodes", f"1 to {MAX_RECIPIENTS} nodes; none in an own record"
        )
    if list(recipients) != sorted(set(recipients)):
        raise _bad("envelope.recipients", "not sorted, or one stands twice", "sort, each once")
    for node in recipients:
        check_node(node)
    if envelope.via:
        check_node(envelope.via)
    _check_words("envelope.instrument", envelope.instrument, 120)
    _check_words("envelope.basis", envelope.basis, 500)
    _check_date(envelope.review)


def _check_words(field: str, text: str, limit: int) -> None:
    if not text or len(text) > limit or _CONTROL.search(text) is not None:
        raise _bad(field, "empty, too long or with control characters", f"at most {limit} characters")


def _check_number(field: str, number: int, low: int, high: int) -> None:
    if not low <= number <= high:
        raise _bad(field, f"{number} is out of range", f"{low} to {high}")


@lru_cache(maxsize=4096)
def _check_time(text: str) -> None:
    try:
        if _TIME.fullmatch(text) is None:
            raise ValueError(text)
        from_iso(text)
    except ValueError as error:
        raise _bad("time", "not a moment in UTC with milliseconds", "e.g. 2026-03-04T01:41:00.000Z") from error


def _check_date(text: str) -> None:
    try:
        if _DATE.fullmatch(text) is None:
            raise ValueError(text)
        date.fromisoformat(text)
    except ValueError as error:
        raise _bad("envelope.review", "not a date", "e.g. 2027-03-04") from error


def _check_links(field: str, facts: tuple[str, ...], *, ordered: bool) -> None:
    if not facts:
        return
    if len(facts) > MAX_LINKS:
        raise _bad(field, f"{len(facts)} facts", f"at most {MAX_LINKS}")
    if len(set(facts)) != len(facts) or (ordered and list(facts) != sorted(facts)):
        raise _bad(field, "not sorted, or one stands twice", "sort, each once")
    for fact in facts:
        check_fact(fact)


def check_depth(document: bytes, limit: int = MAX_DEPTH) -> None:
    """Raise ``TooMuch`` when JSON nests deeper than ``limit``. A parser still judges the syntax.

    Brackets in strings do not count. Each pass takes the innermost pairs away, thus one level; no step is taken per
    bracket in Python: an ordinary mebibyte costs 1 to 20 ms, one made to be slow 0.15 s.
    """
    if document.count(b"[") + document.count(b"{") <= limit:
        return
    unescaped = document.replace(b"\\\\", b"").replace(b'\\"', b"")
    brackets = b"".join(unescaped.split(b'"')[::2]).translate(_SQUARE, _NO_BRACKETS)
    levels = 0
    while levels < limit and b"[]" in brackets:
        brackets = brackets.replace(b"[]", b"")
        levels += 1
    unclosed = brackets.count(b"[")
    if unclosed and levels + unclosed > limit:
        raise TooMuch("JSON nested too deep", why=f"more than {limit} levels", remedy="flatten the document")


def _bad(field: str, why: str, remedy: str) -> InvalidInput:
    return InvalidInput(field, why, remedy=remedy)
