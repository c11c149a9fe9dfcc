"""The auditor's view: who read what, newest first, by act and by time, at a million entries."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_index("ix_access_act_at", "access", ["act", "at"])
    op.create_index("ix_access_at", "access", ["at"])
