"""Money: files on their way into the ledgers, what they say of payments, cases that are followed, requests and questions of a case.

Words are sealed; hashes of accounts and victims are keyed. Keys lie in the store of content keys.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _int(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)


def _blob(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _table(name: str, keys: tuple[str, ...], *columns: sa.Column[str] | sa.Column[int] | sa.Column[bytes]) -> None:
    op.create_table(name, *columns, sa.PrimaryKeyConstraint(*keys, name=f"pk_{name}"), sqlite_with_rowid=False)


def upgrade() -> None:
    _table(
        "imports", ("id",), _key("id"), _text("state"), _text("document"), _text("by"), _int("at"), _text("source"), _int("grade"),
        _int("bytes_read"), _int("bytes_all"), _int("taken"), _int("twice"), _int("rejected"), _int("late"), _blob("key"),
        _blob("words"),
    )  # fmt: skip
    op.create_index("ix_imports_at", "imports", ["at"])
    number = sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False)
    _table("import_rows", ("file", "n"), _key("file"), number, _blob("words"))
    op.create_table(
        "payments",
        sa.Column("n", _SERIAL, autoincrement=True, nullable=False),
        _text("id"), _text("file"), _int("at"), _blob("words"),
        sa.PrimaryKeyConstraint("n", name="pk_payments"),
        sa.UniqueConstraint("id", name="uq_payments_id"),
    )  # fmt: skip
    _table("mappings", ("fingerprint",), _key("fingerprint"), _text("mapping"), _text("by"), _int("at"))
    _table(
        "cases", ("record",), _key("record"), _text("payment"), _text("currency"), _text("claim"), _int("opened_at"),
        _int("traced_at"), _text("again"), _int("closed"),
    )  # fmt: skip
    op.create_index("ix_cases_closed", "cases", ["closed"])
    _table("hops", ("record",), _key("record"), _text("case"), _blob("place"), _int("hop"))
    op.create_index("ix_hops_case", "hops", ["case"])
    op.create_index("ix_hops_place", "hops", ["place"])
    _table(
        "questions", ("record",), _key("record"), _text("case"), _text("node"), _text("rule"), _blob("asked"), _int("at")
    )  # fmt: skip
    op.create_index("ix_questions_case", "questions", ["case"])
    _table("victims", ("who", "case"), _blob("who"), _key("case"), _int("at"))
