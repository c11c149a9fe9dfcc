"""Upgrade of a node's tables, with a copy of the database first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from spean.core.world import SystemClock, iso
from spean.node.settings import Settings, load_settings
from spean.store import Store
from spean.store.schema import REVISION

if TYPE_CHECKING:
    from spean.node.node import Node


@dataclass(frozen=True, slots=True)
class Upgraded:
    """The tables before and after; ``backup`` is None when nothing was to be done."""

    before: str | None
    after: str
    backup: Path | None


def tables(settings: Settings, home: Path) -> tuple[str | None, str]:
    """The version of the tables in ``home``, and that which this program writes. Changes nothing."""
    with Store.open(settings.store_url(home)) as store:
        return store.version(), REVISION


def upgrade(home: Path, target: Path | None = None) -> Upgraded:
    """Bring the tables to this version; the database as it was is copied to ``target`` first."""
    settings = load_settings(home)
    with Store.open(settings.store_url(home)) as store:
        before = store.version()
        if before == REVISION:
            return Upgraded(before, REVISION, None)
        stamp = iso(SystemClock().now())[:19].replace(":", "")
        target = target or home / f"before-{REVISION}-{stamp}.backup"
        store.backup(target)
        store.migrate()
    return Upgraded(before, REVISION, target)


def open_records(node: Node) -> dict[str, int]:
    """Open records by procedure and version: they stay on it."""
    with node.reading() as tx:
        return {f"{name} {version}": count for (name, version), count in tx.records.open_counts().items()}
