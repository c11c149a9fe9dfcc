"""Role × record × purpose over every route about a record or a fact (O1): the forbidden is a 403 that is written down."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from spean.core.marks import Purpose
from spean.core.roles import READS, Role, purposes_of

REASON = "reason=a+case+in+hand"
ROUTES: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {
    ("GET", "/records/{record_id}"): (f"/records/{{record}}?{REASON}", {}),
    ("POST", "/records/{record_id}/{kind}"): ("/records/{record}/answer", {"form": {}}),
    ("POST", "/records/{record_id}/{kind}/prepare"): ("/records/{record}/answer/prepare", {"form": {}}),
    ("GET", "/facts/{fact}/holders"): ("/facts/{fact}/holders", {}),
    ("GET", "/facts/{fact}/evidence"): (f"/facts/{{fact}}/evidence?{REASON}", {}),
    ("POST", "/facts/{fact}/correct"): ("/facts/{fact}/correct", {"replacement": {}, "reason": "a digit was wrong"}),
    ("POST", "/facts/{fact}/correct/prepare"): (
        "/facts/{fact}/correct/prepare", {"replacement": {}, "reason": "a digit was wrong"}),
    ("POST", "/facts/{fact}/withdraw"): ("/facts/{fact}/withdraw", {"reason": "taken back"}),
    ("GET", "/money/cases/{record}"): (f"/money/cases/{{record}}?{REASON}", {}),
    ("POST", "/money/cases/{record}/trace"): ("/money/cases/{record}/trace", {"claim": "fifo"}),
    ("POST", "/money/cases/{record}/send"): ("/money/cases/{record}/send", {"basis": "the law"}),
    ("POST", "/money/requests/{record}/order"): (
        "/money/requests/{record}/order", {"contact_name": "Desk", "contact_phone": "+82 2 1394"}),
    ("GET", "/look-ups/{record}"): (f"/look-ups/{{record}}?{REASON}", {}),
    ("GET", "/candidates/{record}"): (f"/candidates/{{record}}?{REASON}", {}),
}  # fmt: skip
"""Route → how it is asked here. Whoever may is answered with something else than a refusal by purpose."""
BY_ROLE = {
    ("GET", "/records/{record_id}/readers"): "the auditor's alone",
    ("POST", "/facts/{fact}/erase"): "by role: it opens nothing, and an administrator does it when a term has run out",
    ("POST", "/facts/{fact}/pass-on"): "another node's fact: tests/unit/node/test_search.py",
    ("POST", "/records/{record_id}/{kind}/batch"): "lists of a circular: tests/unit/node/test_search.py",
    ("GET", "/hand-over/{fact}"): "a note of the reader's own unit, which is in no record",
    ("POST", "/hand-over/{fact}/take-over"): "the same",
    ("GET", "/directory/{record_id}/next"): "desks are published to all",
    ("POST", "/bank/orders/{record}/{kind}"): "by what is ordered of a bank: tests/federation/test_money_banks.py",
    ("POST", "/bank/orders/{record}/{kind}/prepare"): "the same",
    ("GET", "/bank/evidence/{fact}"): "by what is ordered of a bank: tests/federation/test_money_inquiries.py",
    ("GET", "/entities/{record}"): "of an entity's own record: below",
    ("POST", "/look-ups/{record}/search"): "an act of a look-up's own record: tests/federation/test_same_one.py",
    ("POST", "/candidates/{record}/verdict"): "an act of a candidate's record: tests/federation/test_same_one.py",
    ("POST", "/money/cases/{record}/goaml"): "by role: tests/federation/test_money_goaml.py",
    ("POST", "/private/openings/{record}"): "the auditor's alone: tests/federation/test_private_questions.py",
    (
        "POST",
        "/private/questions/{record}/claim",
    ): "an act of a question's record: tests/federation/test_private_questions.py",
}
"""Routes whose right follows from something else than the record's purpose."""
KINDS = ("", *map(str, Purpose))


def may(role: str, purpose: str) -> bool:
    mine = purposes_of([role])
    return purpose in mine or (purpose == "" and bool(mine))


@pytest.fixture(scope="module")
def tokens(desk: Any) -> dict[str, str]:
    return {str(role): desk.token(role, name=f"Of purpose: {role}") for role in Role}


@pytest.fixture(scope="module")
def records(desk: Any, tokens: dict[str, str], opening: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """For each purpose a record with the fact that opened it, and one whose purpose nobody knows."""
    found = {}
    for purpose in KINDS:
        body = {**opening, "marks": {**opening["marks"], "purpose": purpose or "coordinate"}}
        done = desk.ask("POST", "/api/v1/records/information-request", tokens["duty-officer"], json=body).json()
        found[purpose] = (done["record"], done["fact"])
    with desk.node.writing() as work:
        row = work.record(found[""][0])
        work.save(replace(row, purpose=""))
    while desk.node.indexing.step():
        pass
    return found


def said_no(answer: Any) -> bool:
    """Whether it was refused because of the purpose, or because this role reads nothing at all."""
    said = answer.json() if answer.headers["content-type"].startswith("application/") else {}
    words = ("purpose", "may not read", "a bank's desk sees")
    no = said.get("rule") == "O1" and any(each in said["why"] for each in words)
    assert answer.status_code == 403 or not no
    return no


@pytest.mark.parametrize("route", ROUTES, ids=[f"{method} {path}" for method, path in ROUTES])
def test_role_against_purpose(
    desk: Any, tokens: dict[str, str], records: dict[str, tuple[str, str]], route: tuple[str, str]
) -> None:
    path, body = ROUTES[route]
    refused, before = 0, desk.refusals()
    for role, token in tokens.items():
        for purpose, (record, fact) in records.items():
            more = {"json": body} if body else {}
            answer = desk.ask(route[0], "/api/v1" + path.format(record=record, fact=fact), token, **more)
            assert said_no(answer) == (not may(role, purpose)), (role, purpose, answer.text)
            refused += answer.status_code == 403
    assert refused > len(KINDS)
    assert desk.refusals() == before + refused, "each refusal is written down"


def test_an_entity_is_read_by_whom_its_purpose_is_for(desk: Any, tokens: dict[str, str]) -> None:
    said = {"property": "name", "value": "Sok Dara", "source": "B", "grade": 2, "nature": "fact"}
    form = {"kind": "person", "category": "contact", "statements": [said]}
    for purpose in Purpose:
        marks = {"purpose": purpose, "data": "identity", "subject": "contact"}
        body = {"form": form, "marks": marks}
        record = desk.ask("POST", "/api/v1/records/entity", tokens["duty-officer"], json=body).json()["record"]
        for role, token in tokens.items():
            answer = desk.ask("GET", f"/api/v1/entities/{record}?{REASON}", token)
            assert answer.status_code == (200 if may(role, str(purpose)) else 403), (role, purpose, answer.text)
            assert ("Sok Dara" in answer.text) == may(role, str(purpose))


def test_every_route_about_a_record_or_fact_is_in_the_matrix(desk: Any, tokens: dict[str, str]) -> None:
    paths = desk.ask("GET", "/api/v1/openapi.json", tokens["auditor"]).json()["paths"]
    about = {
        (method.upper(), path.removeprefix("/api/v1")) for path, methods in paths.items() for method in methods
        if re.search(r"\{(record|record_id|fact)\}", path)
    }  # fmt: skip
    assert about <= ROUTES.keys() | BY_ROLE.keys()


def test_the_desk_lists_what_one_may_read(
    desk: Any, tokens: dict[str, str], records: dict[str, tuple[str, str]]
) -> None:
    for role, token in tokens.items():
        expected = {record for purpose, (record, _) in records.items() if may(role, purpose)}
        if role == Role.BANK_DESK:
            assert desk.ask("GET", "/api/v1/records", token).status_code == 403
            continue
        shown: list[str] = []
        after = ""
        while after is not None:
            page = desk.ask("GET", f"/api/v1/records?procedure=information-request&limit=4&after={after}", token).json()
            shown += [each["id"] for each in page["records"]]
            after = page["after"]
        assert set(shown) == expected, role
        assert len(shown) == len(set(shown))


def test_search_finds_what_one_may_read(desk: Any, tokens: dict[str, str], records: dict[str, tuple[str, str]]) -> None:
    for role, token in tokens.items():
        answer = desk.ask("GET", f"/api/v1/search?words=savings+wallet&{REASON}", token)
        expected = {record for purpose, (record, _) in records.items() if may(role, purpose)}
        if expected:
            assert {each["record"] for each in answer.json()["facts"]} == expected, role
            assert all(each["marks"] for each in answer.json()["facts"])
        else:
            assert (answer.status_code, answer.json()["rule"]) == (403, "O1")


def test_opening_a_record_that_one_may_not_read_is_refused(
    desk: Any, tokens: dict[str, str], opening: dict[str, Any]
) -> None:
    for purpose in Purpose:
        body = {**opening, "marks": {**opening["marks"], "purpose": str(purpose)}}
        for role in (Role.CONSUL, Role.INVESTIGATOR, Role.SECRETARIAT):
            if not may(role, purpose):
                answer = desk.ask("POST", "/api/v1/records/information-request", tokens[role], json=body)
                assert (answer.status_code, answer.json()["rule"]) == (403, "O1"), (role, purpose)


def test_the_table_says_why_for_each_role() -> None:
    assert set(READS) == set(Role)
    assert all(len(reads.why) > 20 for reads in READS.values())
    for role in Role:
        mine = purposes_of([role])
        assert not mine or Purpose.DANGER_TO_LIFE in mine, "whoever reads anything reads of danger to life (R47)"
    assert purposes_of([Role.ADMINISTRATOR, Role.SERVICE]) == frozenset()
    assert purposes_of([Role.BANK_DESK]) == frozenset(), "it sees the orders to its own institution and nothing else"
