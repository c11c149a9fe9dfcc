"""Who asked how often (never about whom), and published lists, sealed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _int(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)


def _blob(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def _number() -> sa.Column[int]:
    return sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False)


def upgrade() -> None:
    op.create_table(
        "looks",
        sa.Column("n", _SERIAL, autoincrement=True, nullable=False),
        _text("user"), _text("use"), _int("at"), _int("found"), _int("office"),
        sa.PrimaryKeyConstraint("n", name="pk_looks"),
    )  # fmt: skip
    op.create_index("ix_looks_user_at", "looks", ["user", "at"])
    op.create_index("ix_looks_at", "looks", ["at"])
    op.create_table(
        "open_lists", _key("record"), _blob("key"), _text("version"), _int("at"),
        sa.PrimaryKeyConstraint("record", name="pk_open_lists"), sqlite_with_rowid=False,
    )  # fmt: skip
    op.create_table(
        "list_entries", _key("record"), _number(), _blob("words"),
        sa.PrimaryKeyConstraint("record", "n", name="pk_list_entries"), sqlite_with_rowid=False,
    )  # fmt: skip
    op.create_table(
        "list_keys", _blob("key"), _key("record"), _number(),
        sa.PrimaryKeyConstraint("key", "record", "n", name="pk_list_keys"), sqlite_with_rowid=False,
    )  # fmt: skip
    op.create_index("ix_list_keys_record", "list_keys", ["record"])
