"""Passkeys and recoveries by command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from spean.core.world import SeededEntropy
from spean.demo.passkey import SoftPasskey
from spean.node import open_node

REASON = "Came to the desk in person with her card"


def register(home: Path, name: str, seed: int, count: int = 1) -> list[str]:
    """Passkeys for the user, made on the node's pages; their ids in hex."""
    node = open_node(home)
    try:
        ways = node.signing_in
        session = ways.sign_in_link(node.people.token(node.people.find(name), use="link"))
        device = SoftPasskey("kr.localhost", "http://kr.localhost:1", SeededEntropy(seed))
        for number in range(count):
            who = node.people.authenticate(session, through="session")
            ways.register(who, device.create(ways.registration_options(who)), f"key {number}")
            session = ways.prove(session, device.get(ways.proof_options(who)))
        return [row.id.hex() for row in ways.passkeys_of(node.people.find(name).id)]
    finally:
        node.close()


def test_who_holds_what_is_listed(kr: Any) -> None:
    kr.ok("user", "add", "Second Officer", "--role", "analyst", "--no-token")
    (key,) = register(kr.home, "Second Officer", 1)
    rows = {row["name"]: row for row in kr.ok("user", "list")}
    assert (rows["Second Officer"]["passkeys"], rows["Officer KR"]["passkeys"]) == (1, 0)
    assert "1 passkey" in kr("user", "list").out
    (held,) = kr.ok("user", "passkeys", "Second Officer")["passkeys"]
    assert (held["id"], held["label"]) == (key, "key 0")


def test_a_lost_device_is_dropped_aloud_but_never_the_last_way_in(kr: Any) -> None:
    kr.ok("user", "add", "Second Officer", "--role", "analyst", "--no-token")
    lost, kept = register(kr.home, "Second Officer", 2, count=2)
    kr.ok("user", "drop-passkey", "Second Officer", lost)
    assert any(alarm["kind"] == "passkey-dropped" for alarm in kr.ok("alarm", "list"))
    last = kr("user", "drop-passkey", "Second Officer", kept, "--json")
    assert (last.code, last.problem["rule"]) == (1, "R4")
    assert kr("user", "drop-passkey", "Second Officer", "zz", "--json").code == 3


def test_two_people_recover_by_command(kr: Any, tmp_path: Path) -> None:
    kr.ok("user", "add", "Second Officer", "--role", "analyst", "--no-token")
    register(kr.home, "Second Officer", 3)
    refused = kr("user", "link", "Second Officer", "--json")
    assert (refused.code, refused.problem["rule"]) == (1, "R4")
    admin = type(kr)(kr.home, tmp_path / "KR.admin", kr._say)
    row = admin.ok("user", "recovery-ask", "Second Officer", "--reason", REASON)
    assert admin("user", "recovery-approve", row["id"], "--json").problem["rule"] == "R4"
    link = kr.ok("user", "recovery-approve", row["id"])["link"]
    node = open_node(kr.home)
    try:
        who = node.people.authenticate(node.signing_in.sign_in_link(link), through="session")
    finally:
        node.close()
    assert (who.user.name, who.method) == ("Second Officer", "recovery")
    (listed,) = kr.ok("user", "recoveries")
    assert listed["spent_at"]


@pytest.mark.parametrize("words", [("recoveries",), ("recovery-ask", "Officer KR", "--reason", REASON)])
def test_a_recovery_is_asked_for_by_a_known_person(kr: Any, run: Any, words: tuple[str, ...]) -> None:
    said = run("--home", str(kr.home), "user", *words, "--json")
    assert said.problem["error"] == "Unauthenticated"
