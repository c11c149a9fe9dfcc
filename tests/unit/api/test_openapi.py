"""The OpenAPI document: valid, complete, and true to the declarations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from spean.core.roles import Role
from spean.node.node import PROCEDURES
from spean.procedures.forms import schema


@pytest.fixture(scope="module")
def document(desk: Any) -> dict[str, Any]:
    found: dict[str, Any] = desk.ask("GET", "/api/v1/openapi.json", desk.token(Role.ANALYST)).json()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def resolve(document: dict[str, Any], reference: str) -> Any:
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    found = set(references(document))
    assert len(found) > 20
    for reference in found:
        assert isinstance(resolve(document, reference), dict), reference


def test_operations_have_one_name_each_and_declare_their_paths(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))
    for path, _, operation in operations(document):
        declared = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "path"}
        assert set(re.findall(r"{(\w+)}", path)) == declared, path
        assert "default" in operation["responses"]
        assert "422" not in operation["responses"]
    assert {(path, method) for path, method, each in operations(document) if each.get("security") == []} == {
        ("/health", "get"),
        ("/api/v1/session", "post"),
        ("/api/v1/session/passkey/options", "post"),
        ("/api/v1/session/passkey", "post"),
        ("/api/v1/session/password", "post"),
    }
    checkpoint = document["paths"]["/api/v1/log/checkpoint"]["get"]["responses"]["200"]
    assert checkpoint["content"].keys() == {"text/plain"}


def test_there_is_one_path_for_each_procedure_and_kind_with_its_form(document: dict[str, Any]) -> None:
    shown = 0
    for procedure in PROCEDURES:
        for t in procedure.by_kind.values():
            path = f"/api/v1/records/{{node}}:{procedure.name}:{{ulid}}/{t.kind}"
            if t.opens:
                path = f"/api/v1/records/{procedure.name}"
            if t.is_timer or t.auto or t.kind == "correct":
                assert path not in document["paths"]
                continue
            operation = document["paths"][path]["post"]
            body = operation["requestBody"]["content"]["application/json"]["schema"]
            form = resolve(document, body["properties"]["form"]["$ref"])
            assert form["required"] == schema(t.form)["required"]
            assert form["properties"].keys() == schema(t.form)["properties"].keys()
            assert form["additionalProperties"] is False
            assert ("to" in body["required"]) == (t.opens and not procedure.own)
            for rule in t.rules:
                assert rule.text in operation["description"]
            assert (path + "/batch" in document["paths"]) == t.bulk
            shown += 1
    assert shown > 40


def test_a_documented_path_is_the_one_that_serves(desk: Any, document: dict[str, Any], opening: dict[str, Any]) -> None:
    token = desk.token(Role.INVESTIGATOR)
    record = desk.ask("POST", "/api/v1/records/information-request", token, json=opening).json()["record"]
    node, _, ulid = record.split(":")
    path = "/api/v1/records/{node}:information-request:{ulid}/withdraw"
    assert path in document["paths"]
    served = desk.ask("POST", path.format(node=node, ulid=ulid), token, json={"form": {"reason": "found elsewhere"}})
    assert served.status_code == 201, served.text
    said = resolve(document, "#/components/schemas/Done")
    assert set(said["required"]) <= served.json().keys() <= said["properties"].keys()
    parameters = document["paths"][path]["post"]["parameters"]
    for each, value in zip(parameters, (node, ulid), strict=True):
        assert re.fullmatch(each["schema"]["pattern"], value)


def test_procedures_describe_themselves(desk: Any) -> None:
    token = desk.token(Role.ANALYST)
    found = desk.ask("GET", "/api/v1/procedures", token).json()["procedures"]
    assert [each["name"] for each in found] == sorted(procedure.name for procedure in PROCEDURES)
    one = desk.ask("GET", "/api/v1/procedures/information-request", token).json()
    assert one in found
    assert one["versions"] == [1]
    acknowledge = next(each for each in one["acts"] if each["kind"] == "acknowledge")
    assert acknowledge["clock"]["else"] == "escalate"
    send = next(each for each in one["acts"] if each["kind"] == "send")
    assert {rule["number"] for rule in send["rules"]}
    assert "proportionality" in send["form"]["properties"]
    picture = desk.ask("GET", "/api/v1/procedures/information-request/diagram.svg", token)
    assert picture.headers["content-type"] == "image/svg+xml"
    assert picture.text.lstrip().startswith("<svg")
    assert "needs-clarification" in picture.text
