"""Replay by file: the same page or pull in one signed file, for nodes without a line (docs/protocol.md, section 7).

One header line of canonical JSON, a signature line, then the bytes that would have travelled by HTTP. On the line,
TLS says who sent a page; in a file the node's signature over the header line does.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

import msgspec

from spean.core.errors import InvalidInput, TooMuch, VerificationFailed
from spean.core.ids import check_node
from spean.exchange.make import Signer
from spean.exchange.page import MAX_PAGE
from spean.ledger import dsse

FILE_TYPE = "application/vnd.spean.file+json;v=1"
KeysOf = Callable[[str], Mapping[str, bytes]]
_MAX_LINE = 2048
_HEX64 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileHeader:
    """Who gives what to whom. ``first`` and ``last`` are the page's sequence numbers, 0 when it has no items."""

    spean: Literal["file/1"] = "file/1"
    kind: Literal["page", "pull"]
    sender: str
    receiver: str
    first: int
    last: int
    digest: str
    """SHA-256 of the content, in hex."""
    size: int
    at: int
    """Milliseconds UTC."""
    key_id: str


_ENCODER = msgspec.json.Encoder(order="sorted")
_DECODER = msgspec.json.Decoder(FileHeader)


def encode_file(
    content: bytes,
    *,
    kind: Literal["page", "pull"],
    sender: str,
    receiver: str,
    signer: Signer,
    now: int,
    first: int = 0,
    last: int = 0,
) -> bytes:
    """The file's bytes. ``content`` is an encoded page or pull."""
    header = FileHeader(
        kind=kind,
        sender=sender,
        receiver=receiver,
        first=first,
        last=last,
        digest=sha256(content).hexdigest(),
        size=len(content),
        at=now,
        key_id=signer.key_id,
    )
    line = _ENCODER.encode(header)
    signature = b64encode(dsse.sign(FILE_TYPE, line, signer.private))
    return b"\n".join((line, signature, content))


def decode_file(data: bytes, keys_of: KeysOf, *, receiver: str) -> tuple[FileHeader, bytes]:
    """Header and content. ``keys_of`` gives the believed public signing keys of a node by key id.

    Raises ``TooMuch``, ``InvalidInput`` for a wrong form or address, ``VerificationFailed`` for an unknown key, a
    wrong signature or changed content. Steps 1–7 follow as for a page that came by line.
    """
    if len(data) > MAX_PAGE + 2 * _MAX_LINE:
        raise TooMuch("File too long", why=f"{len(data)} bytes", remedy="export fewer facts into one file")
    header, line, signature, content = _split(data)
    public = keys_of(header.sender).get(header.key_id)
    if public is None:
        raise VerificationFailed(f"File signed with a key unknown for {header.sender}", remedy="accept the peer first")
    dsse.verify(FILE_TYPE, line, signature, public)
    if header.size != len(content) or sha256(content).hexdigest() != header.digest:
        raise VerificationFailed("The file was altered", why="its content differs from its header", remedy="copy again")
    if header.receiver != receiver:
        raise _bad(f"it is for {header.receiver}, we are {receiver}", "carry it to the right node")
    return header, content


def _split(data: bytes) -> tuple[FileHeader, bytes, bytes, bytes]:
    first = data.find(b"\n", 0, _MAX_LINE)
    second = data.find(b"\n", first + 1, first + 1 + 128)
    if first < 0 or second < 0:
        raise _bad("it does not begin with a header and a signature", "export it again")
    line = data[:first]
    try:
        header = _DECODER.decode(line)
        if _ENCODER.encode(header) != line or _HEX64.fullmatch(header.digest) is None:
            raise ValueError("the header is not canonical")
        signature = b64decode(data[first + 1 : second], validate=True)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise _bad(str(error), "export it again") from error
    check_node(header.sender)
    check_node(header.receiver)
    return header, line, signature, data[second + 1 :]


def _bad(why: str, remedy: str) -> InvalidInput:
    return InvalidInput("file", why, remedy=remedy)
