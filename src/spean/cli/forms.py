"""Filling in a form from the command line: ``--form FILE`` (JSON), or ``--set name=value`` for each field."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from spean.cli.context import read_text
from spean.core.errors import InvalidInput

if TYPE_CHECKING:
    from spean.cli.parser import Parser

Schema = dict[str, Any]
MOST = 64 * 1024 * 1024
"""Characters of a form or batch that are read at all."""


def form_options(parser: Parser) -> None:
    """The two ways to fill in a form."""
    group = parser.add_argument_group("the form")
    group.add_argument("--form", metavar="FILE", help="the form as JSON; - reads standard input")
    group.add_argument("--set", action="append", dest="fields", metavar="NAME=VALUE", default=[],
                       help="one field, repeatable; dots lead inward (desk.name=…), lists may be a,b or JSON")  # fmt: skip


def read_form(options: Namespace, schema: Schema) -> dict[str, Any]:
    """The form that the options give; fields that are set by name stand over those of the file."""
    form = {} if options.form is None else read_object(options.form, "--form")
    for field in options.fields:
        name, equals, text = field.partition("=")
        if not equals or not name:
            raise InvalidInput("--set", f"{field[:80]!r} has no name or no value", remedy="give --set name=value")
        _set(form, name.split("."), _value(text, _at(schema, schema, name.split("."))), name)
    return form


def read_object(path: str, what: str) -> dict[str, Any]:
    """One JSON object from a file or standard input."""
    found = _json(_text(path, what), what)
    if not isinstance(found, dict):
        raise InvalidInput(what, f"{path} holds no JSON object", remedy='give {"field": value, …}')
    return found


def read_lines(path: str) -> list[dict[str, Any]]:
    """A batch: one JSON object on each line."""
    found = []
    for number, line in enumerate(_text(path, "--batch").splitlines(), start=1):
        if line.strip():
            value = _json(line, f"--batch line {number}")
            if not isinstance(value, dict):
                raise InvalidInput(f"--batch line {number}", "not a JSON object", remedy="give one object on each line")
            found.append(value)
    if not found:
        raise InvalidInput("--batch", f"{path} holds nothing", remedy="give one JSON object on each line")
    return found


def _text(path: str, what: str) -> str:
    text = read_text(path, what)
    if len(text) > MOST:
        raise InvalidInput(what, f"{len(text)} characters", remedy=f"give at most {MOST}, in parts")
    return text


def _json(text: str, what: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(what, f"not JSON: {error}", remedy="see the schema: … schema KIND") from error


def _set(form: dict[str, Any], path: Sequence[str], value: Any, name: str) -> None:
    *outer, last = path
    place = form
    for part in outer:
        inner = place.setdefault(part, {})
        if not isinstance(inner, dict):
            raise InvalidInput("--set", f"{name}: {part} is no object", remedy="set it as JSON")
        place = inner
    place[last] = value


def _at(schema: Schema, root: Schema, path: Sequence[str]) -> Schema:
    """The part of a JSON Schema that describes the field at ``path``; empty when unknown."""
    here = _follow(schema, root)
    for part in path:
        here = _follow(here.get("properties", {}).get(part, {}), root)
    return here


def _follow(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        schema = root.get("$defs", {}).get(schema["$ref"].rsplit("/", 1)[1], {})
    return schema


def _types(schema: Schema) -> set[str]:
    """What the field may be; a choice of texts is a string."""
    named = schema.get("type")
    found = set(named) if isinstance(named, list) else {named} if named else set()
    for each in schema.get("anyOf", ()):
        found |= _types(each)
    if any(isinstance(value, str) for value in schema.get("enum", ())):
        found.add("string")
    return found


def _value(text: str, schema: Schema) -> Any:
    """A value as a person types it: text stays text where the form wants text (a telephone number is no number)."""
    types = _types(schema)
    if "string" in types:
        return json.loads(text) if text.startswith('"') and _is_json(text) else text
    if types == {"array"} and not text.startswith("["):
        return [part.strip() for part in text.split(",") if part.strip()]
    return json.loads(text) if _is_json(text) else text


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
