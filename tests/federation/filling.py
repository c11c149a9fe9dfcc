"""Forms filled in from their JSON Schema, so that a try fails for its rights and not for its words."""

from __future__ import annotations

import re
from typing import Any

TEXTS = ("a reason in words", "KH", "2027-01-31", "a", "ab" * 32, "+85512345678", "", "1", "2026-03-04T00:00:00Z",
         "2026-03-04T00:00:00.000Z", "AB12", "ab" * 64, "2026-03", "ab" * 16, "KR:entity:01JNF000000000000000000000", "01JNF000000000000000000000",
         f"{'ab' * 32}:0")  # fmt: skip
"""One of these satisfies each pattern that forms use."""


def filled(shape: dict[str, Any], definitions: dict[str, Any]) -> Any:
    """The smallest value that a JSON Schema of a form accepts."""
    if "$ref" in shape:
        return filled(definitions[shape["$ref"].rsplit("/", 1)[1]], definitions)
    if "enum" in shape:
        return shape["enum"][0]
    if "anyOf" in shape:
        return filled(shape["anyOf"][0], definitions)
    match shape.get("type"):
        case "object":
            needed = shape.get("required", ())
            return {name: filled(shape["properties"][name], definitions) for name in needed}
        case "array":
            return [filled(shape["items"], definitions) for _ in range(shape.get("minItems", 0))]
        case "integer":
            return shape.get("minimum", 0)
        case "boolean":
            return True
        case "string":
            return _text(shape)
    return None


def _text(shape: dict[str, Any]) -> str:
    least, most = shape.get("minLength", 0), shape.get("maxLength", 10_000)
    fitting = (text for text in TEXTS if least <= len(text) <= most and re.search(shape.get("pattern", ""), text))
    return next(fitting, "x" * least)
