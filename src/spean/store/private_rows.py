"""Rows of private matching as the node sees them (``store.private``)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """A key of ours: of which offer and month, what is announced for it, and until when it answers."""

    record: str
    month: str
    instrument: str
    category: str
    public: str
    parcel: str
    size: int
    items: int
    number: int
    """The last delta."""
    at: int
    ends: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TagRow:
    """A tag of ours. ``what``: keyed hash of what it stands for; empty: it is a dummy."""

    record: str
    month: str
    prefix: bytes
    ref: bytes
    what: bytes
    grp: int
    number: int
    gone: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingRow:
    """What a partner answers, and how much of its table is here."""

    record: str
    holder: str
    instrument: str
    category: str
    desk: str
    contact: str
    purposes: str
    month: str
    public: str
    parcel: str
    size: int
    items: int
    number: int
    at: int
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeltaRow:
    """A change of a partner's table; ``data`` is None while it is not here."""

    record: str
    month: str
    number: int
    parcel: str
    size: int
    data: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelRow:
    """Bytes named by their hash, of which ``have`` are here."""

    hash: str
    size: int
    have: int
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRow:
    """A question of ours to one node about one category."""

    record: str
    asked: str
    node: str
    category: str
    holding: str
    month: str
    instrument: str
    user: str
    at: int
    terms: int
    elements: int
    state: str
    hits: str
    case: str
    watch: str
    public: str
    key: bytes
    words: bytes
    answer: str = ""
    overseen: int = -1
    """-1: nobody has looked yet, or nothing was chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRow:
    """A watch whose tags are kept."""

    watch: str
    until: int
    at: int
    key: bytes
    words: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedRow:
    """One tag of a watch."""

    watch: str
    record: str
    month: str
    n: int
    term: int
    tag: bytes
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlapRow:
    """An overlap under way. ``done``: batches that are through."""

    record: str
    role: str
    node: str
    holding: str
    category: str
    month: str
    count: int
    state: str
    done: int
    at: int
    hits: bytes | None
