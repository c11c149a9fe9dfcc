"""Roles against acts, read off the declarations (O1): the forbidden is a 403 with its rule, and nothing is written but the refusal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from federation.filling import filled
from spean.core.roles import Role
from spean.node.node import PROCEDURES
from spean.procedures.declare import Procedure, Transition
from spean.procedures.forms import schema
from spean.store.rows import RecordRow

AGREEMENT = "KR:agreement:01JNF000000000000000000000"
MARKS = {"instrument": AGREEMENT, "purpose": "investigate-fraud", "data": "wallet", "subject": "none"}


def acts() -> Iterator[tuple[Procedure, Transition]]:
    for procedure in PROCEDURES:
        for transition in procedure.by_kind.values():
            if not transition.opens and transition.kind != "correct":
                yield procedure, transition


def body_of(transition: Transition) -> dict[str, Any]:
    shape = schema(transition.form)
    return {"form": filled(shape, shape.get("$defs", {})), "marks": MARKS}


def place(desk: Any, procedure: Procedure, transition: Transition, number: int) -> str:
    """A record in a state in which KR's turn it would be."""
    state = procedure.state_names[0] if transition.sources == ("*",) else transition.sources[0]
    mine = transition.by[0]
    parties = {party.name: ("KR",) if party.name == mine else ("KH",) for party in procedure.parties}
    opener = next(parties[party.name][0] for party in procedure.parties if party.opens)
    record = f"{opener}:{procedure.name}:01JNF{number:021d}"
    row = RecordRow(
        id=record, procedure=procedure.name, version=procedure.version, state=state, parties=parties, heads=(), done={},
        opened_at=desk.clock.now(), entered_at=desk.clock.now(), changed_at=desk.clock.now(), entered_by="",
    )  # fmt: skip
    with desk.node.writing() as work:
        work.save(row)
    return record


@pytest.fixture(scope="module")
def tokens(desk: Any) -> dict[str, str]:
    """A person for each role, and a service."""
    found = {str(role): desk.token(role, name=f"The {role}") for role in Role}
    return {**found, "a service": desk.token(Role.SERVICE, *Role, kind="service", name="Machine")}


def forbidden(transition: Transition, role: str) -> str:
    """The rule by which this role may not do it; empty when it may."""
    if role == Role.BANK_DESK:
        return "O1"  # it has its own interface, for what is ordered of its institution
    if transition.is_timer:
        return "D6"
    if role == "a service":
        return ("R1" if transition.adverse else "D8") if transition.human else ""
    return "O1" if transition.roles and role not in transition.roles else ""


def cases() -> list[tuple[Procedure, Transition]]:
    return list(acts())


@pytest.mark.parametrize(("procedure", "transition"), cases(), ids=[f"{p.name}.{t.kind}" for p, t in cases()])
def test_role_against_act(desk: Any, tokens: dict[str, str], procedure: Procedure, transition: Transition) -> None:
    record = place(desk, procedure, transition, next(NUMBERS))
    path = f"/api/v1/records/{record}/{transition.kind}"
    before, known = desk.written(), desk.refusals()
    refused = 0
    for role, token in tokens.items():
        rule = forbidden(transition, role)
        if not rule:
            continue
        answer = desk.ask("POST", path, token, json=body_of(transition))
        assert answer.status_code == 403, (role, answer.text)
        said = answer.json()
        # A clock's act asks for a person only after it asks for a clock, so either rule may speak first.
        assert said["rule"] in ({rule, "D8"} if transition.is_timer else {rule}), (role, said)
        assert said["why"]
        assert said["remedy"]
        refused += 1
    assert desk.written() == before
    assert desk.refusals() == known + refused
    allowed = [role for role in tokens if not forbidden(transition, role)]
    for role in allowed[:1]:
        answer = desk.ask("POST", path, tokens[role], json=body_of(transition))
        assert answer.json().get("rule") != "O1", (role, answer.text)
    assert refused or allowed


@pytest.mark.parametrize("procedure", PROCEDURES, ids=[procedure.name for procedure in PROCEDURES])
def test_role_against_opening(desk: Any, tokens: dict[str, str], procedure: Procedure) -> None:
    opening = procedure.opening
    body = {**body_of(opening), "to": [] if procedure.own else ["KH"], "marks": {**MARKS, "data": "indicator"}}
    before = desk.written()
    for role, token in tokens.items():
        rule = forbidden(opening, role)
        if rule:
            answer = desk.ask("POST", f"/api/v1/records/{procedure.name}", token, json=body)
            assert (answer.status_code, answer.json()["rule"]) == (403, rule), (role, answer.text)
    assert desk.written() == before


def _numbers() -> Iterator[int]:
    number = 0
    while True:
        number += 1
        yield number


NUMBERS = _numbers()


def test_another_nodes_turn_is_not_ours(desk: Any, tokens: dict[str, str], opening: dict[str, Any]) -> None:
    token = tokens[str(Role.INVESTIGATOR)]
    record = desk.ask("POST", "/api/v1/records/information-request", token, json=opening).json()["record"]
    before = desk.written()
    answer = desk.ask("POST", f"/api/v1/records/{record}/acknowledge", token, json={"form": {}})
    assert (answer.status_code, answer.json()["rule"]) == (403, "D6")
    assert "KH" in answer.json()["remedy"]
    assert desk.written() == before
