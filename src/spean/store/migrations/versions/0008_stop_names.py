"""Requests to stop a payment, found by keyed hashes of account and payment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "stop_names",
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", "record", name="pk_stop_names"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("stop_names")
