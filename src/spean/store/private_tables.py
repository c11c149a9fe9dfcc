"""The tables of private matching (``store.private``). None holds a word of whom anybody means: inputs are sealed or keyed hashes."""

from __future__ import annotations

from sqlalchemy import Index

from spean.store.schema import _blob, _int, _key_blob, _key_int, _key_text, _table, _text

keys = _table(
    "private_keys", _key_text("record"), _key_text("month"), _text("instrument"), _text("category"), _text("public"),
    _text("parcel"), _int("size"), _int("items"), _int("number"), _int("at"), _int("ends"),
)  # fmt: skip
"""Our keys by offer and month. The secret lies in the store of content keys."""
tags = _table(
    "private_tags", _key_text("record"), _key_text("month"), _key_blob("prefix"), _blob("ref"), _blob("what"),
    _int("grp"), _int("number"), _int("gone"), Index(None, "ref"), Index(None, "record", "month", "what"),
)  # fmt: skip
"""Tags of what we hold. ``what``: keyed hash of the input, empty for a dummy. ``number``: the delta with which it came, -1: with the next;
``gone``: the delta with which it went, 0: it is there, -1: it goes with the next."""
named = _table(
    "private_named", _key_text("record"), _key_text("month"), _key_text("source"), _key_blob("prefix"),
    Index(None, "record", "month", "prefix"),
)  # fmt: skip
"""Which records of ours (``source``) say what a tag stands for."""
holdings = _table(
    "private_holdings", _key_text("record"), _text("holder"), _text("instrument"), _text("category"), _text("desk"),
    _text("contact"), _text("purposes"), _text("month"), _text("public"), _text("parcel"), _int("size"), _int("items"),
    _int("number"), _int("at"), _text("state"),
)  # fmt: skip
"""What partners answer to us; ``number``: the last delta that is here."""
deltas = _table(
    "private_deltas", _key_text("record"), _key_text("month"), _key_int("number"), _text("parcel"), _int("size"),
    _blob("data", nullable=True),
)  # fmt: skip
parcels = _table("parcels", _key_text("hash"), _int("size"), _int("have"), _int("at"))
"""Bytes that travel beside facts, named by their SHA-256. ``have``: how many are here."""
parcel_parts = _table("parcel_parts", _key_text("hash"), _key_int("start"), _blob("data"))
parcel_peers = _table("parcel_peers", _key_text("hash"), _key_text("peer"))
"""Who may fetch what."""
spent = _table(
    "private_spent", _key_text("record"), _text("peer"), _text("month"), _int("elements"), _int("hits"),
    Index(None, "peer", "month"),
)  # fmt: skip
"""Elements that partners had evaluated, and hits that they claimed, by question."""
asked = _table(
    "private_asked", _key_text("record"), _text("asked"), _text("node"), _text("category"), _text("holding"), _text("month"),
    _text("instrument"), _text("user"), _int("at"), _int("terms"), _int("elements"), _text("state"), _text("hits"),
    _text("case"), _text("watch"), _text("public"), _blob("key"), _blob("words"), _text("answer"), _int("overseen"),
    Index(None, "asked"), Index(None, "user", "at"), Index(None, "state"),
)  # fmt: skip
"""Our questions. ``words``: inputs and salts for the openings, sealed under the key called ``key``; ``overseen``: how many an auditor saw."""
watches = _table("private_watches", _key_text("watch"), _int("until"), _int("at"), _blob("key"), _blob("words"))
"""Whom a watch means, sealed, so that it can be asked anew each month."""
watched = _table(
    "private_watched", _key_text("watch"), _key_text("record"), _key_text("month"), _key_int("n"), _int("term"), _blob("tag"),
    _text("says"), Index(None, "record", "month"),
)  # fmt: skip
"""Tags of watches. ``says``: what a derived key of a person certifies, without the value."""
overlaps = _table(
    "private_overlaps", _key_text("record"), _text("role"), _text("node"), _text("holding"), _text("category"), _text("month"),
    _int("count"), _text("state"), _int("done"), _int("at"), _blob("hits", nullable=True),
)  # fmt: skip
