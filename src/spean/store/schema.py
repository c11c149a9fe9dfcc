"""The tables, once for SQLite and PostgreSQL.

Fact ids are 32-byte blobs, times are integer milliseconds, small lists are JSON text: no column needs a type of
one engine. Rows that are only ever appended (facts, receipts, access) have a running number ``n`` as primary
key, so that a bulk insert goes to the right-hand edge of the tree and old pages are never moved. Other tables
name a fact by that number (``fact_n``): an index on it grows at its edge, where one on the hash would rewrite a
page for every row.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint, text

REVISION = "0009"
"""The alembic revision that equals this metadata; a test holds them together."""

NEVER = 1 << 62
"""Stands for "no deadline" in sorted columns, so that it sorts last on both engines."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_SERIAL = BigInteger().with_variant(Integer, "sqlite")


def _serial(name: str = "n") -> Column[int]:
    return Column(name, _SERIAL, primary_key=True, autoincrement=True)


def _key_text(name: str) -> Column[str]:
    return Column(name, Text, primary_key=True)


def _key_int(name: str) -> Column[int]:
    return Column(name, BigInteger, primary_key=True, autoincrement=False)


def _key_blob(name: str) -> Column[bytes]:
    return Column(name, LargeBinary, primary_key=True)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


def _int(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default="0")


def _time(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=True)


def _blob(name: str, *, nullable: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=nullable)


def _table(name: str, *parts: Column[int] | Column[str] | Column[bytes] | Index | UniqueConstraint) -> Table:
    """A table found by its primary key alone: on SQLite without a second tree for row numbers."""
    return Table(name, metadata, *parts, sqlite_with_rowid=False)


meta = _table("meta", _key_text("key"), _text("value"))

# --- the logs -------------------------------------------------------------------------------------------------
logs = _table("logs", _key_text("log"), _int("size"), _blob("frontier"))
leaves = _table("leaves", _key_text("log"), _key_int("idx"), _blob("id"), _blob("padding", nullable=True))
tiles = _table("tiles", _key_text("log"), _key_int("level"), _key_int("idx"), _blob("hashes"))

# --- facts and what they fold to ------------------------------------------------------------------------------
facts = Table(
    "facts",
    metadata,
    _serial(),
    _blob("id"),
    _text("record"),
    _text("procedure"),
    _text("kind"),
    _text("origin"),
    _text("track"),
    _int("at"),
    _blob("payload"),
    _text("key_id"),
    _blob("signature"),
    _text("status"),
    _time("idx"),
    Column("log", Text, nullable=True),
    _text("received_from"),
    _int("received_at"),
    _int("from_seq"),
    _time("from_index"),
    _int("step"),
    _text("reason"),
    _text("superseded_by"),
    _time("erased_at"),
    _blob("content", nullable=True),
    UniqueConstraint("id"),
    Index(None, "record", "n"),
)
_ODD = text("status <> 'effective'")
Index("ix_facts_odd", facts.c.status, facts.c.n, sqlite_where=_ODD, postgresql_where=_ODD)
_CAME = text("from_index IS NOT NULL")
Index("ix_facts_came", facts.c.received_from, facts.c.from_index, sqlite_where=_CAME, postgresql_where=_CAME)

fact_targets = _table("fact_targets", _key_blob("target"), _key_blob("fact"))
fact_waiting = _table("fact_waiting", _key_blob("missing"), _key_blob("fact"))

records = _table(
    "records",
    _key_text("id"),
    _text("procedure"),
    _int("version"),
    _text("state"),
    _text("parties"),
    _text("heads"),
    _text("done"),
    _int("opened_at"),
    _int("entered_at"),
    _int("changed_at"),
    _text("entered_by"),
    _int("due_at"),
    _text("instrument"),
    _text("purpose"),
    _text("via"),
    _text("unit"),
    _int("closed"),
    _int("rev"),
    Index(None, "closed", "due_at", "id"),
    Index(None, "procedure", "closed", "due_at", "id"),
    Index(None, "unit", "closed", "due_at", "id"),
    Index(None, "purpose", "closed", "due_at", "id"),
)

# --- search ---------------------------------------------------------------------------------------------------
search_buckets = _table("search_buckets", _key_int("bucket"), _blob("key"), _int("upto"))
"""``key``: name, in the store of content keys, of the key that hashes the bucket's terms; empty until it has any.
``upto``: the facts of the bucket up to that running number are indexed."""
search_terms = _table("search_terms", _key_int("bucket"), _key_blob("term"), _blob("facts"))
"""``facts``: positions in the bucket, as ``core.postings`` writes them."""

# --- exchange -------------------------------------------------------------------------------------------------
outbox_tops = _table("outbox_tops", _key_text("peer"), _int("top"), _int("settled"))
"""``settled``: every row up to there has its receipt, so what lacks one is found without an index of its own."""
outbox = _table(
    "outbox",
    _key_text("peer"),
    _key_int("seq"),
    _int("fact_n"),
    _int("queued_at"),
    _text("batch"),
    _text("forward_for"),
    _blob("wrap"),
    _text("receipt"),
    _time("receipted_at"),
    _time("alarmed_at"),
    Index(None, "fact_n"),
)

receipts = Table(
    "receipts",
    metadata,
    _serial(),
    _blob("fact"),
    _time("fact_n"),
    _text("peer"),
    _text("direction"),
    _text("status"),
    _int("step"),
    _text("rule"),
    _text("reason"),
    _int("at"),
    _blob("payload"),
    _text("key_id"),
    _blob("signature"),
    _int("seq"),
    _time("idx"),
    UniqueConstraint("direction", "peer", "seq", "fact", "status"),
    Index(None, "direction", "peer", "n"),
    Index(None, "fact_n"),
)
_UNKNOWN = text("fact_n IS NULL")
Index("ix_receipts_unknown", receipts.c.fact, sqlite_where=_UNKNOWN, postgresql_where=_UNKNOWN)
_LOGGED = text("direction = 'in' AND idx IS NOT NULL")
Index("ix_receipts_logged", receipts.c.peer, receipts.c.idx, sqlite_where=_LOGGED, postgresql_where=_LOGGED)

peers = _table(
    "peers",
    _key_text("node"),
    _text("name"),
    _text("url"),
    _blob("identity"),
    _text("status"),
    _int("added_at"),
    _int("in_seq"),
    _time("last_contact"),
    _text("last_error"),
    _int("failures"),
    _int("clock_offset"),
    _text("version"),
)
peer_keys = _table(
    "peer_keys",
    _key_text("node"),
    _key_text("key_id"),
    _key_text("use"),
    _blob("public"),
    _int("valid_from"),
    _time("valid_until"),
    _time("revoked_at"),
    Index(None, "key_id"),
)

checkpoints = _table(
    "checkpoints",
    _key_text("origin"),
    _key_int("size"),
    _key_blob("root"),
    _blob("note"),
    _int("at"),
    _text("seen_from"),
)
cosignatures = _table(
    "cosignatures", _key_text("origin"), _key_int("size"), _key_text("witness"), _text("line"), _int("at")
)

# --- work, people, reads --------------------------------------------------------------------------------------
jobs = Table(
    "jobs",
    metadata,
    _serial("id"),
    _text("kind"),
    _text("key"),
    _int("due_at"),
    _text("payload"),
    _int("attempts"),
    _int("leased_until"),
    UniqueConstraint("kind", "key"),
    Index(None, "due_at"),
    sqlite_autoincrement=True,  # an id is never given twice: ``done`` of a replaced job must not hit its successor
)
alarms = Table(
    "alarms",
    metadata,
    _serial("id"),
    _text("kind"),
    _text("key"),
    _text("severity"),
    _text("text"),
    _int("at"),
    _text("acknowledged_by"),
    _time("acknowledged_at"),
    _time("sent_at"),
    _time("escalated_at"),
    UniqueConstraint("kind", "key"),
)
users = _table(
    "users",
    _key_text("id"),
    _text("name"),
    _text("kind"),
    _text("unit"),
    _text("roles"),
    _int("created_at"),
    _time("disabled_at"),
    _text("languages"),
    _text("language"),
    _text("time_zone"),
    _text("calendar"),
    _text("theme"),
)
units = _table("units", _key_text("id"), _text("name"), _text("languages"))
tokens = _table(
    "tokens",
    _key_blob("digest"),
    _text("use"),
    _text("user"),
    _int("created_at"),
    _int("expires_at"),
    _int("last_used_at"),
    _text("label"),
    _text("method"),
    _int("strong_at"),
    Index(None, "user"),
)
passkeys = _table(
    "passkeys",
    _key_blob("id"),
    _text("user"),
    _blob("public_key"),
    _int("sign_count"),
    _text("label"),
    _text("transports"),
    _int("backed_up"),
    _int("created_at"),
    _int("last_used_at"),
    Index(None, "user"),
)
passwords = _table(
    "passwords",
    _key_text("user"),
    _text("hash"),
    _blob("code_secret", nullable=True),
    _blob("code_next", nullable=True),
    _int("code_step"),
    _int("changed_at"),
)
"""``code_secret`` and ``code_next`` (begun, not yet confirmed) are sealed: see node/codes.py."""
challenges = _table(
    "challenges", _key_blob("key"), _text("use"), _text("user"), _int("expires_at"), Index(None, "expires_at")
)
recoveries = _table(
    "recoveries",
    _key_text("id"),
    _text("user"),
    _blob("reason_fact", nullable=True),
    _text("asked_by"),
    _int("asked_at"),
    _text("approved_by"),
    _time("approved_at"),
    _time("spent_at"),
    _int("expires_at"),
    Index(None, "user"),
)
submissions = _table("submissions", _key_blob("key"), _blob("fact"), _text("record"), _int("at"), Index(None, "at"))
"""Forms that were sent already, so that sending one again makes no second fact."""
quotas = _table(
    "quotas", _key_text("instrument"), _key_text("peer"), _key_text("purpose"), _key_text("month"), _int("count")
)
access = Table(
    "access",
    metadata,
    _serial(),
    _int("at"),
    _text("user"),
    _text("act"),
    _text("subject"),
    _blob("fact", nullable=True),
    _text("extra"),
    Index(None, "subject", "n"),
    Index(None, "user", "at"),
    Index(None, "act", "at"),
    Index(None, "at"),
)
exports = Table(
    "exports", metadata, _serial(), _blob("fact"), _text("medium"), _int("at"), _text("user"), Index(None, "fact")
)

# --- money ----------------------------------------------------------------------------------------------------
imports = _table(
    "imports",
    _key_text("id"),
    _text("state"),
    _text("document"),
    _text("by"),
    _int("at"),
    _text("source"),
    _int("grade"),
    _int("bytes_read"),
    _int("bytes_all"),
    _int("taken"),
    _int("twice"),
    _int("rejected"),
    _int("late"),
    _blob("key"),
    _blob("words"),
    Index(None, "at"),
)
"""Files on their way into the ledgers. ``key``: name of their key in the store of content keys; ``words`` (the file's name, what is
wrong with it, its mapping) is sealed under that key."""
import_rows = _table("import_rows", _key_text("file"), _key_int("n"), _blob("words"))
"""Rows that were not taken, sealed under their import's key."""
payments = Table(
    "payments", metadata, _serial(), _text("id"), _text("file"), _int("at"), _blob("words"), UniqueConstraint("id")
)
"""What a document says of a payment that is in a ledger, sealed under its import's key; in order of arrival, so that the ledgers, which
are an index of it, can be made anew."""
mappings = _table("mappings", _key_text("fingerprint"), _text("mapping"), _text("by"), _int("at"))
"""How a bank's table is read, as an analyst confirmed it: columns and styles, no account and no name."""
stop_names = _table("stop_names", _key_blob("name"), _key_text("record"))
"""Requests to stop a payment by keyed hashes of account and payment, so that a hold is judged beside those of the same payment alone."""
cases = _table(
    "cases",
    _key_text("record"),
    _text("payment"),
    _text("currency"),
    _text("claim"),
    _int("opened_at"),
    _int("traced_at"),
    _text("again"),
    _int("closed"),
    Index(None, "closed"),
)
"""Open cases that the ledgers follow; ``again``: the payment whose arrival had it traced anew."""
hops = _table(
    "hops", _key_text("record"), _text("case"), _blob("place"), _int("hop"), Index(None, "case"), Index(None, "place")
)
"""Requests of a case. ``place``: keyed hash of node, account and currency, so that a place is asked once."""
questions = _table(
    "questions", _key_text("record"), _text("case"), _text("node"), _text("rule"), _blob("asked"), _int("at"),
    Index(None, "case"),
)  # fmt: skip
"""Questions to other nodes for a case. ``asked``: hash of node and question, so that the same is not asked twice."""
victims = _table("victims", _key_blob("who"), _key_text("case"), _int("at"))
"""Keyed hash of a victim's account or name, for the warning of a second transfer (C9)."""

# --- matching -------------------------------------------------------------------------------------------------
looks = Table(
    "looks", metadata, _serial(), _text("user"), _text("use"), _int("at"), _int("found"), _int("office"),
    Index(None, "user", "at"), Index(None, "at"),
)  # fmt: skip
"""Who asked when, for which use and with what success; never about whom (R24)."""
open_lists = _table("open_lists", _key_text("record"), _blob("key"), _text("version"), _int("at"))
"""Published lists in use. ``key``: name of the version's key in the store of content keys."""
list_entries = _table("list_entries", _key_text("record"), _key_int("n"), _blob("words"))
"""Their entries, sealed under that key."""
border_groups = _table(
    "border_groups", _key_text("id"), _text("user"), _int("at"), _blob("key"), _int("people"), _int("answered"), _blob("given"),
    _blob("failed"), Index(None, "user"),
)  # fmt: skip
"""Groups of travellers, for a day at most. ``key``: name of the group's key; ``given``, ``failed``: the table, and why it stopped, under it."""
group_answers = _table("group_answers", _key_text("id"), _key_int("n"), _blob("words"))
"""Their answers in order, sealed under the same key."""
list_keys = _table("list_keys", _key_blob("key"), _key_text("record"), _key_int("n"), Index(None, "record"))
"""Keyed hash of an exact value of an entry."""
