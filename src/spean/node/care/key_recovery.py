"""Recovery of the node's keys by two people: make the file, open it into a home whose keys are lost (R4).

Making it, opening it, and a rotation that puts it out of date are written down and alarmed about.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from spean.core.errors import Conflict, Refusal
from spean.core.roles import Role
from spean.core.world import Entropy, iso
from spean.exchange.identity import read_identity
from spean.keys import NodeKeys, recovery
from spean.keys import files as key_files
from spean.keys.recovery import Head, Share
from spean.node.entry.account_log import AT_THE_MACHINE, note
from spean.node.entry.people import Who
from spean.node.settings import load_settings
from spean.node.work import Work
from spean.store import Store

if TYPE_CHECKING:
    from spean.node.ground import Ground

__all__ = ["Head", "KeyRecovery", "NodeKeys", "Share", "check_home", "open_file", "put", "read_head"]

MADE = "recovery-file"
"""What the node remembers of the last recovery file: the key that it holds, and when it was made."""
FOLDER = "keys"


class KeyRecovery:
    """The recovery file of a node that lives."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def make(self, who: Who, people: Sequence[str]) -> tuple[bytes, tuple[Share, ...]]:
        """A file of the present keys and the words of the three persons, which are kept nowhere (administrator)."""
        who.need(Role.ADMINISTRATOR)
        ground = self._ground
        now = ground.clock.now()
        document, shares = recovery.make(ground.keys, ground.me, people, now, ground.entropy)
        with ground.writing() as work:
            work.tx.meta.set(MADE, json.dumps({"sign_id": ground.keys.sign_id, "at": now}))
            note(work, who, "keys-recovery-made", who.id, key=ground.keys.sign_id, people=", ".join(people))
            text = (
                f"A recovery file of the keys was made by {who.user.name or who.id}: two of three persons can open it"
            )
            work.tx.alarms.raise_("recovery-made", f"{ground.keys.sign_id}:{now}", "warning", text, now)
        return document, shares

    def stale(self, work: Work) -> None:
        """After a rotation: whoever trusts in the last recovery file must know that it holds the former keys."""
        known = work.tx.meta.get(MADE)
        if known is None:
            return
        made = json.loads(known)
        text = (
            f"The recovery file of {iso(made['at'])} holds the former keys: make a new one (spean keys recovery make)"
        )
        work.tx.alarms.raise_("recovery-stale", made["sign_id"], "critical", text, work.now)

    def opened(self, head: Head, people: Sequence[str]) -> None:
        """The keys were opened with the words of two persons: it is written down, and everybody is told."""
        with self._ground.writing() as work:
            note(work, None, "keys-recovery-opened", AT_THE_MACHINE, key=head.sign_id, people=", ".join(people))
            text = f"The node's keys were opened from the recovery file of {iso(head.made)}"
            work.tx.alarms.raise_("recovery-opened", f"{head.sign_id}:{work.now}", "critical", text, work.now)


def read_head(document: bytes) -> Head:
    """What a recovery file says of itself. Raises ``VerificationFailed``."""
    return recovery.read(document)


def open_file(document: bytes, words: Mapping[str, str]) -> NodeKeys:
    """The keys, with the words of two persons by name; raises as ``keys.recovery.open_with``."""
    return recovery.open_with(document, words)


def check_home(home: Path, head: Head) -> None:
    """Before anybody types words: the home is that node's, has no keys, and the file is not out of date.

    Raises ``Conflict`` or ``Refusal``.
    """
    settings = load_settings(home)
    if settings.node != head.node:
        raise Refusal(
            "R4",
            f"the file is of {head.node}, this is {settings.node}",
            remedy="take this node's file",
            what="Not opened",
        )
    if (home / FOLDER / key_files.FILE).exists():
        raise Conflict(
            f"{home} has its keys",
            why="a recovery never overwrites keys",
            remedy="it is for a home whose keys are lost",
        )
    present = _present(home, settings.store_url(home))
    if present and present != head.sign_id:
        raise Refusal(
            "O9", f"the node has rotated its keys since {iso(head.made)}, when this file was made", what="Not opened",
            remedy="take the newest recovery file; without one, new keys are admitted by the root (docs: operations, section 8)",
        )  # fmt: skip


def put(home: Path, keys: NodeKeys, entropy: Entropy, passphrase: str | None) -> None:
    """Write recovered keys into the home, sealed under its passphrase."""
    key_files.save(keys, home / FOLDER, entropy, passphrase)


def _present(home: Path, url: str) -> str:
    """The signing key with which the node last signed, as its store or else its identity knows it."""
    store = Store.open(url)
    try:
        store.migrate()
        with store.read() as tx:
            known = tx.meta.get("sign_id") or ""
    finally:
        store.close()
    if not known and (home / "identity").is_file():
        known = read_identity((home / "identity").read_bytes()).sign_id
    return known
