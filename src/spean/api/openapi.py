"""The OpenAPI 3.1 document: fixed routes as FastAPI describes them, and one path for each procedure and kind of act
with its real form, taken from the declarations (D6)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from spean import __version__
from spean.node import Node
from spean.procedures.declare import Procedure, Transition

_RECORDS = "/api/v1/records"
GENERIC = (
    f"{_RECORDS}/{{procedure}}",
    f"{_RECORDS}/{{record_id}}/{{kind}}",
    f"{_RECORDS}/{{record_id}}/{{kind}}/batch",
)
"""Paths that serve every act; the document shows what they stand for."""
OPEN_TO_ALL = (
    ("/health", "get"),
    ("/api/v1/session", "post"),
    ("/api/v1/session/passkey/options", "post"),
    ("/api/v1/session/passkey", "post"),
    ("/api/v1/session/password", "post"),
)
"""What a stranger may ask: whether it is well, and to come in."""
_PROBLEM = {
    "type": "object",
    "description": "A refusal: its rule, the reason, and what would make it pass.",
    "properties": {name: {"type": "string"} for name in ("error", "rule", "what", "why", "remedy", "field", "step")},
    "required": ["error", "what"],
}
_DONE = {
    "type": "object",
    "description": "What came of an act.",
    "properties": {
        "fact": {"type": "string", "description": "Name of the fact."},
        "record": {"type": "string"},
        "state": {"type": "string"},
        "recipients": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Partners to whom it is on its way.",
        },
        "behind": {"type": "array", "items": {"type": "string"}, "description": "Parties whom it may not reach now."},
        "deciding": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "description": "Per recipient the agreement that decided.",
        },
        "facts": {"type": "array", "items": {"type": "string"}, "description": "Of a batch: all facts."},
    },
    "required": ["fact", "record", "state", "recipients", "behind", "deciding"],
}


def document(app: FastAPI, node: Node) -> dict[str, Any]:
    """The whole document."""
    base = get_openapi(title=f"Spean of {node.me}", version=__version__, routes=app.routes)
    paths: dict[str, Any] = {path: item for path, item in base["paths"].items() if path not in GENERIC}
    procedures = node.engine.procedures
    forms = {t.form for each in procedures for t in each.by_kind.values() if _by_hand(t)}
    ordered = sorted(forms, key=lambda form: (form.__module__, form.__qualname__))
    shapes, definitions = msgspec.json.schema_components(ordered, ref_template="#/components/schemas/{name}")
    shape = dict(zip(ordered, shapes, strict=True))
    for each in procedures:
        for path, operation in _operations(each, shape):
            paths.setdefault(path, {})["post"] = operation
    for item in paths.values():
        for operation in item.values():
            _complete(operation)
    for path, method in OPEN_TO_ALL:
        paths[path][method]["security"] = []
    components = base.setdefault("components", {})
    components.setdefault("schemas", {}).update({"Problem": _PROBLEM, "Done": _DONE, **definitions})
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    return {**base, "paths": dict(sorted(paths.items())), "security": [{"token": []}]}


def _by_hand(t: Transition) -> bool:
    """Whether people and services do it through these paths: not clocks, not the node by itself, not corrections."""
    return not (t.is_timer or t.auto or t.kind == "correct")


def _operations(procedure: Procedure, shape: dict[Any, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for t in procedure.by_kind.values():
        if not _by_hand(t):
            continue
        name = f"{procedure.name}.{t.kind}"
        if t.opens:
            body = _body("Opening", shape[t.form], alone=len(procedure.parties) == 1)
            yield f"{_RECORDS}/{procedure.name}", _operation(procedure, t, name, body, ())
            continue
        # The record's name says its procedure, so one path stands for exactly one procedure and kind.
        path = f"{_RECORDS}/{{node}}:{procedure.name}:{{ulid}}/{t.kind}"
        yield path, _operation(procedure, t, name, _body("Acting", shape[t.form]), ("node", "ulid"))
        if t.bulk:
            many = {"type": "array", "minItems": 1, "maxItems": 10_000, "items": shape[t.form]}
            yield path + "/batch", _operation(procedure, t, name + ".batch", many, ("node", "ulid"))


def _body(base: str, form: dict[str, Any], *, alone: bool = False) -> dict[str, Any]:
    """The body of an act: as ``bodies`` declares it, with this kind's own form; ``alone``: nobody else takes part."""
    properties: dict[str, Any] = {
        "form": form,
        "marks": {"$ref": "#/components/schemas/MarksBody"},
        "targets": {"$ref": f"#/components/schemas/{base}/properties/targets"},
    }
    required = ["form"]
    if base == "Opening" and not alone:
        properties["to"] = {"$ref": "#/components/schemas/Opening/properties/to", "minItems": 1}
        required.append("to")
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _operation(
    procedure: Procedure, t: Transition, name: str, body: dict[str, Any], parameters: tuple[str, ...]
) -> dict[str, Any]:
    return {
        "operationId": name,
        "tags": [procedure.name],
        "summary": t.doc or f"{procedure.title}: {t.kind}",
        "description": _description(t),
        "parameters": [{"name": each, "in": "path", "required": True, "schema": _NAMES[each]} for each in parameters],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {
            "201": {
                "description": "Done",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Done"}}},
            }
        },
    }


_NAMES = {
    "node": {"type": "string", "pattern": "^[A-Z][A-Z0-9]{1,7}$"},
    "ulid": {"type": "string", "pattern": "^[0-9A-HJKMNP-TV-Z]{26}$"},
}


def _description(t: Transition) -> str:
    lines = [f"By {' or '.join(t.by)}; path `{t.path}`."]
    if t.roles:
        lines.append(f"Needs the role {' or '.join(t.roles)}.")
    if t.human:
        lines.append("Needs a named person.")
    if t.adverse:
        lines.append("Acts against somebody.")
    if t.local:
        lines.append("Stays here: it is never sent.")
    lines += [f"{rule.number}: {rule.text}" for rule in t.rules]
    return "\n\n".join(lines)


def _complete(operation: dict[str, Any]) -> None:
    """Every operation may be refused; the framework's own shape of a refusal is not ours."""
    operation["responses"].pop("422", None)
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    operation["responses"]["default"] = {"description": "Refused", "content": content}
