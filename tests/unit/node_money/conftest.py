"""A desk of KR with one bank of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from unit.node_money.moneydesk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, institutions={"HNB": "Han Bank"})
