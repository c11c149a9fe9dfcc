"""Groups of travellers with their answers, sealed, for a day at most."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def _int(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)


def _blob(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "border_groups",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), server_default="", nullable=False),
        _int("at"),
        _blob("key"),
        _int("people"),
        _int("answered"),
        _blob("given"),
        _blob("failed"),
        sa.PrimaryKeyConstraint("id", name="pk_border_groups"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_border_groups_user", "border_groups", ["user"])
    op.create_table(
        "group_answers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False),
        _blob("words"),
        sa.PrimaryKeyConstraint("id", "n", name="pk_group_answers"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("group_answers")
    op.drop_index("ix_border_groups_user", table_name="border_groups")
    op.drop_table("border_groups")
