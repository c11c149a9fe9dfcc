"""The desk: how people sign in and how the pages speak to them, forms that were sent, alarms that escalate.

Tokens and users of before keep working: their new columns are empty, so a session of before has proved nothing yet.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for name in ("language", "time_zone", "calendar", "theme"):
        op.add_column("users", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.add_column("tokens", sa.Column("method", sa.Text(), server_default="", nullable=False))
    op.add_column("tokens", sa.Column("strong_at", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("alarms", sa.Column("escalated_at", sa.BigInteger(), nullable=True))
    _authenticators()
    _once()


def _authenticators() -> None:
    op.create_table(
        "passkeys",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("user", sa.Text(), server_default="", nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.Column("transports", sa.Text(), server_default="", nullable=False),
        sa.Column("backed_up", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_passkeys"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_passkeys_user", "passkeys", ["user"])
    op.create_table(
        "passwords",
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), server_default="", nullable=False),
        sa.Column("code_secret", sa.LargeBinary(), nullable=True),
        sa.Column("code_next", sa.LargeBinary(), nullable=True),
        sa.Column("code_step", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("changed_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("user", name="pk_passwords"),
        sqlite_with_rowid=False,
    )


def _once() -> None:
    """What serves once: challenges, recoveries, forms."""
    op.create_table(
        "challenges",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("use", sa.Text(), server_default="", nullable=False),
        sa.Column("user", sa.Text(), server_default="", nullable=False),
        sa.Column("expires_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_challenges"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_challenges_expires_at", "challenges", ["expires_at"])
    op.create_table(
        "recoveries",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), server_default="", nullable=False),
        sa.Column("reason_fact", sa.LargeBinary(), nullable=True),
        sa.Column("asked_by", sa.Text(), server_default="", nullable=False),
        sa.Column("asked_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("approved_by", sa.Text(), server_default="", nullable=False),
        sa.Column("approved_at", sa.BigInteger(), nullable=True),
        sa.Column("spent_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recoveries"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_recoveries_user", "recoveries", ["user"])
    op.create_table(
        "submissions",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("fact", sa.LargeBinary(), nullable=False),
        sa.Column("record", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_submissions"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_submissions_at", "submissions", ["at"])
