"""Forms: what a person fills in, as typed data; their bytes and their JSON Schema.

A form is a frozen ``msgspec.Struct`` that forbids unknown fields (R28: extra fields are rejected, not ignored).
Its bytes are canonical JSON; floats do not exist (integers for money).
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, TypeVar

import msgspec

from spean.core.errors import InvalidInput, TooMuch

MAX_BYTES = 256 * 1024
MAX_DEPTH = 24

_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKETS = re.compile(rb"[\[\]{}]")
_AT = re.compile(r"(.*) - at `\$\.?(.*)`", re.DOTALL)
_FIELD = re.compile(r"field `([^`]*)`")


class Form(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all forms. Subclasses describe each field with ``Annotated[…, msgspec.Meta(description=…)]``."""


AnyForm = TypeVar("AnyForm", bound=Form)

_encoder = msgspec.json.Encoder(order="sorted")


@cache
def _decoder(form: type[AnyForm]) -> msgspec.json.Decoder[AnyForm]:
    return msgspec.json.Decoder(form, strict=True)


def encode(form: Form) -> bytes:
    """The canonical bytes of a form: sorted keys, no spaces, UTF-8."""
    return _encoder.encode(form)


def decode(form: type[AnyForm], body: bytes) -> AnyForm:
    """Read ``body`` strictly as ``form``. Raises ``InvalidInput`` naming the field, ``TooMuch`` past a limit."""
    check_limits(body)
    try:
        read: AnyForm = _decoder(form).decode(body)
    except msgspec.ValidationError as error:
        raise _invalid(str(error)) from None
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise InvalidInput("body", f"not readable as JSON: {error}", remedy="send one JSON object") from None
    return read


def check_limits(body: bytes) -> None:
    """Refuse a body that is too long or nested too deep, before anything parses it."""
    if len(body) > MAX_BYTES:
        raise TooMuch(
            "The form is too large", why=f"{len(body)} bytes, at most {MAX_BYTES}", remedy="send files as attachments"
        )
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH and _depth(body) > MAX_DEPTH:
        raise TooMuch("The form is nested too deep", why=f"more than {MAX_DEPTH} levels", remedy="flatten the form")


def _depth(body: bytes) -> int:
    level = deepest = 0
    for bracket in _BRACKETS.findall(_STRINGS.sub(b"", body)):
        level += 1 if bracket in b"[{" else -1
        deepest = max(deepest, level)
    return deepest


def _invalid(message: str) -> InvalidInput:
    found = _AT.fullmatch(message)
    what, path = (found.group(1), found.group(2)) if found else (message, "")
    named = _FIELD.search(what)
    field = ".".join(part for part in (path, named.group(1) if named else "") if part) or "body"
    remedy = "leave the field out" if "unknown field" in what else "see the form's description"
    return InvalidInput(field, what, remedy=remedy)


@cache
def schema(form: type[Form]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a form, self-contained: its references stand under ``$defs``.

    It is made once: whoever gets it leaves it as it is.
    """
    (top,), definitions = msgspec.json.schema_components((form,), ref_template="#/$defs/{name}")
    name = top["$ref"].rsplit("/", 1)[1] if "$ref" in top else ""
    body = definitions.pop(name) if name else top
    result = {"$schema": "https://json-schema.org/draft/2020-12/schema", **body}
    if definitions:
        result["$defs"] = definitions
    return result


def has_floats(form: type[Form]) -> bool:
    """Whether any field of the form can hold a floating-point number, which signed bytes may not."""
    return _mentions_number(schema(form))


def _mentions_number(value: Any) -> bool:
    if isinstance(value, dict):
        return value.get("type") == "number" or any(_mentions_number(item) for item in value.values())
    return isinstance(value, list) and any(_mentions_number(item) for item in value)
