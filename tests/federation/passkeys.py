"""Officers' passkeys in software: whoever acts in a test signs adverse acts as an officer does on the desk's page."""

from __future__ import annotations

import base64
from copy import copy
from dataclasses import replace
from typing import Any

from spean.core.world import SeededEntropy
from spean.demo.passkey import SoftPasskey
from spean.node.acts.acting import Done, Intent
from spean.node.acts.assertions import Unsigned
from spean.node.entry.people import Who
from spean.node.node import Node
from spean.store.rows import PasskeyRow


def register(node: Node, who: Who, *, seed: int = 1) -> SoftPasskey:
    """A new device of ``who`` with one passkey for the node, which the node knows."""
    device = SoftPasskey(*node.assertions.site(node.me), SeededEntropy(sum(who.id.encode()) + seed))
    user = base64.urlsafe_b64encode(who.id.encode()).decode().rstrip("=")
    made = device.create({"user": {"id": user}, "challenge": "AA"})
    row = PasskeyRow(
        id=_raw(made["id"]), user=who.id, public_key=public_key(made), sign_count=0, label="", transports=(), backed_up=False,
        created_at=node.clock.now(), last_used_at=0,
    )  # fmt: skip
    with node.store.write() as tx:
        tx.sign_in.add_passkey(row)
    return device


def public_key(made: dict[str, Any]) -> bytes:
    """The COSE key in what ``SoftPasskey.create`` gave (WebAuthn 6.5.2): after the credential's id."""
    return _raw(made["response"]["authenticatorData"])[55 + len(_raw(made["id"])) :]


def fresh(device: SoftPasskey) -> SoftPasskey:
    """The same device, with a counter of its own from here on."""
    return copy(device)


def signature(device: SoftPasskey, unsigned: Unsigned) -> dict[str, Any]:
    """What the page sends back with the act: fields of ``Intent``."""
    prepared = unsigned.prepared
    return {"officer": device.assertion(prepared.challenge), "at": prepared.at}


def act_signed(node: Node, who: Who, intent: Intent, device: SoftPasskey) -> Done:
    """Act; where the node asks for the officer's signature, give it."""
    try:
        return node.acting.act(who, intent)
    except Unsigned as unsigned:
        opens = "" if intent.record else unsigned.prepared.record
        return node.acting.act(who, replace(intent, **signature(device, unsigned), opens=opens))


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
