"""Names of nodes, records and facts.

A *node* is an ISO 3166 country code or an organisation's short name (``KR``, ``INT``). A *record* is named by
the node that opened it, its procedure and a ULID (time-sortable, https://github.com/ulid/spec):
``KR:information-request:01K…``. A *fact* is named by its leaf hash in hex, so its name binds its header and,
through ``builds_on``, everything before it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from spean.core.errors import InvalidInput
from spean.core.world import Clock, Entropy

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_NODE = re.compile(r"[A-Z][A-Z0-9]{1,7}")
_RECORD = re.compile(r"([A-Z][A-Z0-9]{1,7}):([a-z][a-z0-9-]{0,39}):([0-9A-HJKMNP-TV-Z]{26})")
_FACT = re.compile(r"[0-9a-f]{64}")


class RecordName(NamedTuple):
    """A record's name taken apart."""

    node: str
    procedure: str
    ulid: str


def ulid(clock: Clock, entropy: Entropy) -> str:
    """A fresh ULID: 48 bits of time, 80 bits of chance, 26 characters."""
    number = (clock.now() << 80) | int.from_bytes(entropy.bytes(10), "big")
    return "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))


def record_id(node: str, procedure: str, clock: Clock, entropy: Entropy) -> str:
    """A fresh record name for ``procedure`` opened by ``node``."""
    return f"{node}:{procedure}:{ulid(clock, entropy)}"


def parse_record(text: str) -> RecordName:
    """Take a record's name apart; raises ``InvalidInput`` when it is none."""
    found = _RECORD.fullmatch(text)
    if found is None:
        raise InvalidInput("record", f"{text[:80]!r} is not a record name", remedy="give NODE:procedure:ULID")
    return RecordName(*found.groups())


def check_node(text: str) -> str:
    """The node's name itself when well formed, else ``InvalidInput``."""
    if _NODE.fullmatch(text) is None:
        raise InvalidInput("node", f"{text[:80]!r} is not a node name", remedy="give 2–8 capitals or digits, e.g. KR")
    return text


def check_fact(text: str) -> str:
    """The fact's name itself when well formed (64 hex digits), else ``InvalidInput``."""
    if _FACT.fullmatch(text) is None:
        raise InvalidInput("fact", f"{text[:80]!r} is not a fact's name", remedy="give its 64 hex digits")
    return text
