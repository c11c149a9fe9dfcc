"""Which messages are read, in which versions.

A namespace ``urn:iso:std:iso:20022:tech:xsd:camt.053.001.08`` names area, message, variant and version. Fields that we read have kept
their places over the versions listed here. A version that is not listed is read as far as its fields agree, and a notice says so.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from spean.core.errors import InvalidInput
from spean.formats.model import Notice

_NAMESPACE = re.compile(
    r"\{urn:(?:iso:std:iso:20022|swift):(?:tech:)?xsd:([a-z]{4}\.\d{3}\.\d{3})\.(\d{2})\}", re.ASCII
)
_KNOWN = {
    "auth.001.001": range(1, 2),
    "auth.002.001": range(1, 2),
    "auth.003.001": range(1, 2),
    "camt.029.001": range(3, 14),
    "camt.053.001": range(2, 14),
    "camt.054.001": range(2, 14),
    "camt.056.001": range(1, 12),
    "pacs.002.001": range(2, 16),
    "pacs.004.001": range(2, 15),
    "pacs.008.001": range(2, 14),
}


class Message(NamedTuple):
    """One message's kind (``camt.053``) and full name (``camt.053.001.08``)."""

    kind: str
    name: str
    known: bool

    def notice(self) -> Notice | None:
        """What a person must know about this version, if anything."""
        if self.known:
            return None
        return Notice(
            "iso20022-version", f"version {self.name} is not known here; it is read as far as its fields agree with those known",
            "compare a few rows with the file, and ask for an update of the node",
        )  # fmt: skip


def message_of(tag: str) -> Message:
    """The message whose ``Document`` has this tag; raises ``InvalidInput`` for one that is not read here."""
    found = _NAMESPACE.match(tag)
    base = found[1] if found is not None else ""
    if found is None or base[:8] not in {name[:8] for name in _KNOWN}:
        raise InvalidInput(
            "Document", f"{(base or tag)[:80]!r} is not read here", rule="iso20022-message",
            remedy="send " + ", ".join(sorted({name[:8] for name in _KNOWN})),
        )  # fmt: skip
    known = int(found[2]) in _KNOWN.get(base, ())
    return Message(base[:8], f"{base}.{found[2]}", known)
