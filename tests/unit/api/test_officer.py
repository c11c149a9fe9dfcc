"""Adverse acts over REST: what is to be signed, the signature, and that a token alone is not enough (R1)."""

from __future__ import annotations

from typing import Any

import pytest

from federation.passkeys import register
from spean.core.roles import Role
from spean.demo.passkey import SoftPasskey

PUBLICATION = {"form": {"entries": 0, "reason": "checked with its source"}}


@pytest.fixture
def analyst(desk: Any) -> tuple[str, SoftPasskey]:
    """A token, and the passkey of the same person."""
    token = desk.token(Role.ANALYST)
    return token, register(desk.node, desk.node.people.authenticate(token))


@pytest.fixture
def path(desk: Any, opening: dict[str, Any], analyst: tuple[str, SoftPasskey]) -> str:
    """Where a list is published."""
    form = {"title": "Wallets", "source": "A published list", "data": "wallet"}
    made = desk.ask("POST", "/api/v1/records/circular", analyst[0], json={**opening, "form": form})
    return f"/api/v1/records/{made.json()['record']}/publish"


def test_a_token_alone_does_nothing_adverse(desk: Any, path: str, analyst: tuple[str, SoftPasskey]) -> None:
    before = desk.written()
    refused = desk.ask("POST", path, analyst[0], json=PUBLICATION)
    assert (refused.status_code, refused.json()["rule"]) == (403, "R1")
    assert "passkey on the desk's page" in refused.json()["remedy"]
    assert desk.written() == before
    assert desk.refusals() > 0


def test_prepared_signed_done(desk: Any, path: str, analyst: tuple[str, SoftPasskey]) -> None:
    token, device = analyst
    before = desk.written()
    answer = desk.ask("POST", f"{path}/prepare", token, json=PUBLICATION)
    assert answer.status_code == 200, answer.text
    prepared = answer.json()
    assert desk.written() == before
    options = prepared["options"]
    assert (options["rpId"], options["userVerification"]) == ("kr.localhost", "required")
    assert (prepared["state"], prepared["recipients"], prepared["behind"]) == ("published", ["KH"], [])
    assert "checked with its source" in prepared["words"]
    signed = {**PUBLICATION, "officer": device.get(options), "at": prepared["at"]}
    changed = {**signed, "form": {**PUBLICATION["form"], "entries": 7}}
    assert desk.ask("POST", path, token, json=changed).json()["rule"] == "R1"
    other = desk.token(Role.ANALYST)
    assert desk.ask("POST", path, other, json=signed).json()["rule"] == "R1"
    done = desk.ask("POST", path, token, json=signed)
    assert (done.status_code, done.json()["state"]) == (201, "published"), done.text
    record = path.split("/")[4]
    facts = desk.ask("GET", f"/api/v1/records/{record}?reason=was+it+signed", token).json()["facts"]
    shown = {fact["kind"]: fact["officer"] for fact in facts}
    assert shown["open"] is None
    assert (shown["publish"]["algorithm"], shown["publish"]["origin"]) == ("ES256", "http://kr.localhost:8443")


def test_preparing_is_judged_like_acting(desk: Any, path: str) -> None:
    for roles, kind in (((Role.AUDITOR,), "person"), ((Role.ANALYST,), "service")):
        refused = desk.ask("POST", f"{path}/prepare", desk.token(*roles, kind=kind), json=PUBLICATION)
        assert (refused.status_code, refused.json()["rule"]) == (403, "O1" if kind == "person" else "R1")
    assert desk.ask("POST", f"{path}/prepare", json=PUBLICATION).status_code == 401
    wrong = desk.ask("POST", f"{path}/prepare", desk.token(Role.ANALYST), json={"form": {"entries": -1}})
    assert wrong.status_code == 422


def test_any_act_may_be_looked_at_first(desk: Any, opening: dict[str, Any]) -> None:
    token = desk.token(Role.INVESTIGATOR)
    before = desk.written()
    prepared = desk.ask("POST", "/api/v1/records/information-request/prepare", token, json=opening)
    assert (prepared.status_code, prepared.json()["state"]) == (200, "sent"), prepared.text
    assert prepared.json()["options"]["allowCredentials"] == []
    assert desk.written() == before


@pytest.mark.parametrize("officer", ["x", 7, [], {"id": "AA"}, {"id": "AA", "response": {"signature": 7}}])
def test_malformed_signatures_are_refused_with_words(
    desk: Any, path: str, analyst: tuple[str, SoftPasskey], officer: Any
) -> None:
    at = desk.node.clock.now()
    answer = desk.ask("POST", path, analyst[0], json={**PUBLICATION, "officer": officer, "at": at})
    assert answer.status_code == 422, answer.text
    assert "officer" in answer.json()["field"]


def test_the_correction_of_what_was_published_is_signed_again(
    desk: Any, path: str, analyst: tuple[str, SoftPasskey]
) -> None:
    token, device = analyst
    prepared = desk.ask("POST", f"{path}/prepare", token, json=PUBLICATION).json()
    signed = {**PUBLICATION, "officer": device.get(prepared["options"]), "at": prepared["at"]}
    fact = desk.ask("POST", path, token, json=signed).json()["fact"]
    right = {"replacement": {"entries": 1, "reason": "one was forgotten"}, "reason": "a wrong number"}
    assert desk.ask("POST", f"/api/v1/facts/{fact}/correct", token, json=right).json()["rule"] == "R1"
    prepared = desk.ask("POST", f"/api/v1/facts/{fact}/correct/prepare", token, json=right).json()
    right = {**right, "officer": device.get(prepared["options"]), "at": prepared["at"]}
    answer = desk.ask("POST", f"/api/v1/facts/{fact}/correct", token, json=right)
    assert answer.status_code == 201, answer.text
