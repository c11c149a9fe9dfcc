"""The first tables: logs, facts, records, exchange, work, people.

Written out, not derived from ``schema``, so that it stays what it was when the schema moves on.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _logs()
    _facts()
    _records()
    _outbox()
    _receipts()
    _partners()
    _work()
    _people()
    _reads()
    _log_rows()


def _logs() -> None:
    op.create_table(
        "meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "logs",
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("log", name="pk_logs"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "leaves",
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("idx", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("padding", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("log", "idx", name="pk_leaves"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tiles",
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("level", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("idx", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("log", "level", "idx", name="pk_tiles"),
        sqlite_with_rowid=False,
    )


def _facts() -> None:
    op.create_table(
        "facts",
        sa.Column("n", _SERIAL, nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("record", sa.Text(), server_default="", nullable=False),
        sa.Column("procedure", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("origin", sa.Text(), server_default="", nullable=False),
        sa.Column("track", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.Text(), server_default="", nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Text(), server_default="", nullable=False),
        sa.Column("idx", sa.BigInteger(), nullable=True),
        sa.Column("log", sa.Text(), nullable=True),
        sa.Column("received_from", sa.Text(), server_default="", nullable=False),
        sa.Column("received_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("from_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("from_index", sa.BigInteger(), nullable=True),
        sa.Column("step", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("superseded_by", sa.Text(), server_default="", nullable=False),
        sa.Column("erased_at", sa.BigInteger(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("n", name="pk_facts"),
        sa.UniqueConstraint("id", name="uq_facts_id"),
    )
    op.create_index(
        "ix_facts_odd",
        "facts",
        ["status", "n"],
        sqlite_where=sa.text("status <> 'effective'"),
        postgresql_where=sa.text("status <> 'effective'"),
    )
    op.create_index(
        "ix_facts_came",
        "facts",
        ["received_from", "from_index"],
        sqlite_where=sa.text("from_index IS NOT NULL"),
        postgresql_where=sa.text("from_index IS NOT NULL"),
    )
    op.create_index("ix_facts_record_n", "facts", ["record", "n"])
    op.create_table(
        "fact_targets",
        sa.Column("target", sa.LargeBinary(), nullable=False),
        sa.Column("fact", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("target", "fact", name="pk_fact_targets"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "fact_waiting",
        sa.Column("missing", sa.LargeBinary(), nullable=False),
        sa.Column("fact", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("missing", "fact", name="pk_fact_waiting"),
        sqlite_with_rowid=False,
    )


def _records() -> None:
    op.create_table(
        "records",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("procedure", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("parties", sa.Text(), server_default="", nullable=False),
        sa.Column("heads", sa.Text(), server_default="", nullable=False),
        sa.Column("done", sa.Text(), server_default="", nullable=False),
        sa.Column("opened_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("entered_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("changed_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("entered_by", sa.Text(), server_default="", nullable=False),
        sa.Column("due_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("instrument", sa.Text(), server_default="", nullable=False),
        sa.Column("purpose", sa.Text(), server_default="", nullable=False),
        sa.Column("via", sa.Text(), server_default="", nullable=False),
        sa.Column("unit", sa.Text(), server_default="", nullable=False),
        sa.Column("closed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rev", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_records"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_records_closed_due_at_id", "records", ["closed", "due_at", "id"])
    op.create_index("ix_records_procedure_closed_due_at_id", "records", ["procedure", "closed", "due_at", "id"])
    op.create_index("ix_records_unit_closed_due_at_id", "records", ["unit", "closed", "due_at", "id"])


def _outbox() -> None:
    op.create_table(
        "outbox_tops",
        sa.Column("peer", sa.Text(), nullable=False),
        sa.Column("top", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("settled", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("peer", name="pk_outbox_tops"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "outbox",
        sa.Column("peer", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fact_n", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("queued_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("batch", sa.Text(), server_default="", nullable=False),
        sa.Column("forward_for", sa.Text(), server_default="", nullable=False),
        sa.Column("wrap", sa.LargeBinary(), nullable=False),
        sa.Column("receipt", sa.Text(), server_default="", nullable=False),
        sa.Column("receipted_at", sa.BigInteger(), nullable=True),
        sa.Column("alarmed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("peer", "seq", name="pk_outbox"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_outbox_fact_n", "outbox", ["fact_n"])


def _receipts() -> None:
    op.create_table(
        "receipts",
        sa.Column("n", _SERIAL, nullable=False),
        sa.Column("fact", sa.LargeBinary(), nullable=False),
        sa.Column("fact_n", sa.BigInteger(), nullable=True),
        sa.Column("peer", sa.Text(), server_default="", nullable=False),
        sa.Column("direction", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.Text(), server_default="", nullable=False),
        sa.Column("step", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rule", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.Text(), server_default="", nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("idx", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("n", name="pk_receipts"),
        sa.UniqueConstraint(
            "direction", "peer", "seq", "fact", "status", name="uq_receipts_direction_peer_seq_fact_status"
        ),
    )
    op.create_index("ix_receipts_direction_peer_n", "receipts", ["direction", "peer", "n"])
    op.create_index("ix_receipts_fact_n", "receipts", ["fact_n"])
    op.create_index(
        "ix_receipts_logged",
        "receipts",
        ["peer", "idx"],
        sqlite_where=sa.text("direction = 'in' AND idx IS NOT NULL"),
        postgresql_where=sa.text("direction = 'in' AND idx IS NOT NULL"),
    )
    op.create_index(
        "ix_receipts_unknown",
        "receipts",
        ["fact"],
        sqlite_where=sa.text("fact_n IS NULL"),
        postgresql_where=sa.text("fact_n IS NULL"),
    )


def _partners() -> None:
    op.create_table(
        "peers",
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Text(), server_default="", nullable=False),
        sa.Column("added_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("in_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_contact", sa.BigInteger(), nullable=True),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.Column("failures", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("clock_offset", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("node", name="pk_peers"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "peer_keys",
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("use", sa.Text(), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("node", "key_id", "use", name="pk_peer_keys"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_peer_keys_key_id", "peer_keys", ["key_id"])
    op.create_table(
        "checkpoints",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("seen_from", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("origin", "size", "root", name="pk_checkpoints"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "cosignatures",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("witness", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("origin", "size", "witness", name="pk_cosignatures"),
        sqlite_with_rowid=False,
    )


def _work() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("key", sa.Text(), server_default="", nullable=False),
        sa.Column("due_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("payload", sa.Text(), server_default="", nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("leased_until", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.UniqueConstraint("kind", "key", name="uq_jobs_kind_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_jobs_due_at", "jobs", ["due_at"])
    op.create_table(
        "alarms",
        sa.Column("id", _SERIAL, nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("key", sa.Text(), server_default="", nullable=False),
        sa.Column("severity", sa.Text(), server_default="", nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("acknowledged_by", sa.Text(), server_default="", nullable=False),
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_alarms"),
        sa.UniqueConstraint("kind", "key", name="uq_alarms_kind_key"),
    )


def _people() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("unit", sa.Text(), server_default="", nullable=False),
        sa.Column("roles", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.Column("languages", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "units",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("languages", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_units"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tokens",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("use", sa.Text(), server_default="", nullable=False),
        sa.Column("user", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("expires_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_tokens"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_tokens_user", "tokens", ["user"])
    op.create_table(
        "quotas",
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("peer", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("instrument", "peer", "purpose", "month", name="pk_quotas"),
        sqlite_with_rowid=False,
    )


def _reads() -> None:
    op.create_table(
        "access",
        sa.Column("n", _SERIAL, nullable=False),
        sa.Column("at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("user", sa.Text(), server_default="", nullable=False),
        sa.Column("act", sa.Text(), server_default="", nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("fact", sa.LargeBinary(), nullable=True),
        sa.Column("extra", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("n", name="pk_access"),
    )
    op.create_index("ix_access_subject_n", "access", ["subject", "n"])
    op.create_index("ix_access_user_at", "access", ["user", "at"])
    op.create_table(
        "exports",
        sa.Column("n", _SERIAL, nullable=False),
        sa.Column("fact", sa.LargeBinary(), nullable=False),
        sa.Column("medium", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("user", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("n", name="pk_exports"),
    )
    op.create_index("ix_exports_fact", "exports", ["fact"])


def _log_rows() -> None:
    """Every node has these two logs; on PostgreSQL their rows are also the writers' lock."""
    logs = sa.table("logs", sa.column("log"), sa.column("size"), sa.column("frontier"))
    op.bulk_insert(logs, [{"log": log, "size": 0, "frontier": b""} for log in ("domestic", "exchange")])
