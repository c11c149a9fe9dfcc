"""Search: which facts hold a term, by bucket. Empty after an upgrade: the node fills it in the background.

Terms are keyed hashes; the key of each bucket lies in the store of content keys. And an index by which the desk's queue shows
what an officer may read.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "search_buckets",
        sa.Column("bucket", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("upto", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("bucket", name="pk_search_buckets"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "search_terms",
        sa.Column("bucket", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("term", sa.LargeBinary(), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "term", name="pk_search_terms"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_records_purpose_closed_due_at_id", "records", ["purpose", "closed", "due_at", "id"])
