"""Private matching: keys, tags, tables of partners, parcels, budgets, questions, watches, overlaps. No column holds a word in clear."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _int(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)


def _blob(name: str, *, nullable: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=nullable)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _key_int(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _table(name: str, keys: tuple[str, ...], *columns: sa.Column[str] | sa.Column[int] | sa.Column[bytes]) -> None:
    op.create_table(name, *columns, sa.PrimaryKeyConstraint(*keys, name=f"pk_{name}"), sqlite_with_rowid=False)


def upgrade() -> None:
    _table(
        "private_keys", ("record", "month"),
        _key("record"), _key("month"), _text("instrument"), _text("category"), _text("public"), _text("parcel"),
        _int("size"), _int("items"), _int("number"), _int("at"), _int("ends"),
    )  # fmt: skip
    _table(
        "private_tags", ("record", "month", "prefix"),
        _key("record"), _key("month"), _blob("prefix"), _blob("ref"), _blob("what"), _int("grp"), _int("number"),
        _int("gone"),
    )  # fmt: skip
    op.create_index("ix_private_tags_record_month_what", "private_tags", ["record", "month", "what"])
    op.create_index("ix_private_tags_ref", "private_tags", ["ref"])
    _table(
        "private_named", ("record", "month", "source", "prefix"), _key("record"), _key("month"), _key("source"), _blob("prefix")
    )  # fmt: skip
    op.create_index("ix_private_named_record_month_prefix", "private_named", ["record", "month", "prefix"])
    _table(
        "private_holdings", ("record",),
        _key("record"), _text("holder"), _text("instrument"), _text("category"), _text("desk"), _text("contact"),
        _text("purposes"), _text("month"), _text("public"), _text("parcel"), _int("size"), _int("items"),
        _int("number"), _int("at"), _text("state"),
    )  # fmt: skip
    _table(
        "private_deltas", ("record", "month", "number"),
        _key("record"), _key("month"), _key_int("number"), _text("parcel"), _int("size"),
        _blob("data", nullable=True),
    )  # fmt: skip
    _table("parcels", ("hash",), _key("hash"), _int("size"), _int("have"), _int("at"))
    _table("parcel_parts", ("hash", "start"), _key("hash"), _key_int("start"), _blob("data"))
    _table("parcel_peers", ("hash", "peer"), _key("hash"), _key("peer"))
    _table("private_spent", ("record",), _key("record"), _text("peer"), _text("month"), _int("elements"), _int("hits"))
    op.create_index("ix_private_spent_peer_month", "private_spent", ["peer", "month"])
    _table(
        "private_asked", ("record",),
        _key("record"), _text("asked"), _text("node"), _text("category"), _text("holding"), _text("month"),
        _text("instrument"), _text("user"), _int("at"), _int("terms"), _int("elements"), _text("state"),
        _text("hits"), _text("case"), _text("watch"), _text("public"), _blob("key"), _blob("words"), _text("answer"),
        _int("overseen"),
    )  # fmt: skip
    op.create_index("ix_private_asked_asked", "private_asked", ["asked"])
    op.create_index("ix_private_asked_state", "private_asked", ["state"])
    op.create_index("ix_private_asked_user_at", "private_asked", ["user", "at"])
    _table("private_watches", ("watch",), _key("watch"), _int("until"), _int("at"), _blob("key"), _blob("words"))
    _table(
        "private_watched", ("watch", "record", "month", "n"),
        _key("watch"), _key("record"), _key("month"), _key_int("n"), _int("term"), _blob("tag"), _text("says"),
    )  # fmt: skip
    op.create_index("ix_private_watched_record_month", "private_watched", ["record", "month"])
    _table(
        "private_overlaps", ("record",),
        _key("record"), _text("role"), _text("node"), _text("holding"), _text("category"), _text("month"),
        _int("count"), _text("state"), _int("done"), _int("at"), _blob("hits", nullable=True),
    )  # fmt: skip
