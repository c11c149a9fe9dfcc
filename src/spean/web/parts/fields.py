"""A form's fields for a page, made from the JSON Schema of its declaration; and back from what was typed.

A control's name is its path in the form: ``f.items.0.value``. So a page works without a script, and an error that names
a path finds its control.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from spean.core.errors import InvalidInput
from spean.web.frame.visit import Pairs
from spean.web.language.declared import AS_WRITTEN
from spean.web.language.reader import Reader, read_date
from spean.web.parts.measures import (
    AMOUNT,
    MOMENT,
    Unit,
    known_digits,
    shown_amount,
    shown_moment,
    typed_amount,
    typed_moment,
    unit_of,
)

Control = Literal[
    "text", "long", "date", "choice", "number", "yes", "texts", "choices", "group", "rows", "pairs", "amount", "moment"
]  # fmt: skip
PREFIX = "f"
LONG = 400
"""A text that may be longer than this gets several lines."""
MOST_ROWS = 500
_MINOR = "In minor units of the currency."
"""What a declaration says of an amount; on a page nobody types minor units where the currency is known."""
_MEASURES: Mapping[str, Control] = {AMOUNT: "amount", MOMENT: "moment"}
_DATE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One control, or a group or list of them."""

    name: str
    label: str
    help: str = ""
    control: Control
    value: Any = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    """What the choices are called, when they are names and no words of a closed list."""
    least: int | None = None
    most: int | None = None
    pattern: str = ""
    children: tuple[Field, ...] = ()
    rows: tuple[tuple[Field, ...], ...] = ()
    error: str = ""
    shown: str = ""
    """An amount or a moment as the reader writes it; ``value`` is the whole number."""
    unit: str = ""
    """Currency of an amount, or the reader's time zone."""


class FormShape:
    """The schema of one form."""

    def __init__(self, schema: Schema, reader: Reader | None = None, unit: Unit | None = None) -> None:
        """Days, moments and amounts are typed as ``reader`` writes them (A7). ``unit``: of amounts whose form names no currency."""
        self._definitions: Schema = schema.get("$defs", {})
        self._top = schema
        self._reader = reader or Reader()
        self._unit = unit

    def fields(
        self, value: Mapping[str, Any] | None = None, errors: Mapping[str, str] | None = None
    ) -> tuple[Field, ...]:
        """The controls, filled with ``value``; ``errors`` by path without the prefix (``items.0.value``)."""
        return self._properties(self._top, PREFIX, value, errors or {}, self._unit)

    def _properties(
        self, shape: Schema, path: str, value: Any, errors: Mapping[str, str], around: Unit | None
    ) -> tuple[Field, ...]:
        required = set(shape.get("required", ()))
        known = value if isinstance(value, Mapping) else {}
        unit = unit_of(known, around)
        typed = _says_unit(shape)
        return tuple(
            self._field(
                part,
                f"{path}.{name}",
                name,
                known.get(name, part.get("default")),
                name in required or bool(part.get("needed")),
                errors,
                unit,
                typed,
            )
            for name, part in shape.get("properties", {}).items()
        )

    def _field(
        self, part: Schema, path: str, label: str, value: Any, required: bool, errors: Mapping[str, str], unit: Unit | None,
        typed: bool,
    ) -> Field:  # fmt: skip
        shape = self._resolve(part)
        kind = control_of(shape, self)
        if kind == "amount" and unit is None and not typed:
            kind = "number"  # nobody says in which currency: whole minor units
        about = part.get("description") or ""
        common: dict[str, Any] = {
            "name": path, "label": label.replace("_", " "), "help": AS_WRITTEN if kind == "amount" and about == _MINOR else about,
            "control": kind,
            "required": required and not (kind in ("texts", "choices", "rows", "pairs") and not shape.get("minItems")),
            "error": errors.get(path.removeprefix(f"{PREFIX}."), ""),
        }  # fmt: skip
        if kind == "group":
            return Field(**common, children=self._properties(shape, path, value, errors, unit))
        if kind == "rows":
            return Field(**common, rows=self._rows(shape, path, value, errors, unit), least=shape.get("minItems"))
        if kind == "pairs":
            return Field(**common, rows=self._pairs(shape, path, value, errors))
        if kind in ("texts", "choices"):
            item = self._resolve(shape["items"])
            return Field(
                **common, value=tuple(value or ()), choices=tuple(item.get("enum", ())), pattern=item.get("pattern", "")
            )
        value, shown, said = self._measured(kind, value, unit, required)
        return Field(
            **common, value="" if value is None else value, shown=shown, unit=said, choices=tuple(shape.get("enum", ())),
            least=shape.get("minLength", shape.get("minimum")), most=shape.get("maxLength", shape.get("maximum")),
            pattern=shape.get("pattern", ""),
        )  # fmt: skip

    def _measured(self, kind: Control, value: Any, unit: Unit | None, required: bool) -> tuple[Any, str, str]:
        """Value, how it is written, and its unit, of an amount or moment; a moment of 0 that need not be said is not said."""
        if kind == "moment":
            value = None if value == 0 and not required else value
            return (
                value,
                shown_moment(value, self._reader) if _is_whole(value) else str(value or ""),
                self._reader.time_zone,
            )
        if kind != "amount":
            return value, "", ""
        value = None if value == 0 and not required else value
        if unit is None:
            return value, "" if value is None else str(value), ""
        return value, shown_amount(value, unit, self._reader) if _is_whole(value) else str(value or ""), unit.currency

    def _rows(
        self, shape: Schema, path: str, value: Any, errors: Mapping[str, str], unit: Unit | None
    ) -> tuple[tuple[Field, ...], ...]:
        item = self._resolve(shape["items"])
        known: Sequence[Any] = value if isinstance(value, list | tuple) else ()
        count = max(len(known), shape.get("minItems", 0), 1 if shape.get("minItems") else 0)
        return tuple(
            self._properties(item, f"{path}.{place}", known[place] if place < len(known) else None, errors, unit)
            for place in range(min(count, MOST_ROWS))
        )

    def _pairs(self, shape: Schema, path: str, value: Any, errors: Mapping[str, str]) -> tuple[tuple[Field, ...], ...]:
        known = list(value.items()) if isinstance(value, Mapping) else []
        number = self._resolve(shape["additionalProperties"]).get("type") == "integer"
        return tuple(
            (
                Field(name=f"{path}.{place}.key", label="name", control="text", value=key),
                Field(name=f"{path}.{place}.value", label="value", control="number" if number else "text", value=one),
            )
            for place, (key, one) in enumerate(known)
        )

    def _resolve(self, shape: Schema) -> Schema:
        if "$ref" in shape:
            found = self._definitions[shape["$ref"].rsplit("/", 1)[1]]
            return {**found, **{name: item for name, item in shape.items() if name != "$ref"}}
        return shape

    # back -----------------------------------------------------------------------------------------------------------

    def read(self, pairs: Pairs, *, blanks: bool = False) -> dict[str, Any]:
        """What was typed, in the shape of the form; blank optional fields and, unless ``blanks``, blank lines are left
        out. Nothing is judged here."""
        typed: dict[str, list[str]] = {}
        for name, value in pairs:
            if name.startswith(f"{PREFIX}."):
                typed.setdefault(name, []).append(value)
        return self._read_properties(self._top, PREFIX, typed, blanks, self._unit)

    def _read_properties(
        self, shape: Schema, path: str, typed: Mapping[str, list[str]], blanks: bool, around: Unit | None
    ) -> dict[str, Any]:
        required = set(shape.get("required", ()))
        found: dict[str, Any] = {}
        unit = self._read_unit(shape, path, typed, around)
        for name, part in shape.get("properties", {}).items():
            value = self._read_field(self._resolve(part), f"{path}.{name}", typed, blanks, unit)
            if unit is None and _says_unit(shape) and part.get("format") == AMOUNT and value is not None:
                value = str(value) or None  # of a currency that nobody knows: it stays as it was typed
            if name == "digits" and unit is not None and _says_unit(shape):
                value = unit.digits if found.get("currency") else None
            if value in (None, "") and (name not in required or value is None):
                continue
            found[name] = value
        return found

    def _read_unit(self, shape: Schema, path: str, typed: Mapping[str, list[str]], around: Unit | None) -> Unit | None:
        """The unit that was typed with an object. The digits of a known currency are its own, whatever was typed."""
        if not _says_unit(shape):
            return around
        currency = (typed.get(f"{path}.currency") or [""])[-1].strip()
        digits = _whole((typed.get(f"{path}.digits") or [""])[-1].strip())
        return unit_of(
            {"currency": currency, "digits": known if (known := known_digits(currency)) is not None else digits}, around
        )

    def _read_field(
        self, shape: Schema, path: str, typed: Mapping[str, list[str]], blanks: bool, unit: Unit | None
    ) -> Any:
        kind = control_of(shape, self)
        given = typed.get(path, [])
        if kind == "group":
            return self._read_properties(shape, path, typed, blanks, unit)
        if kind == "rows":
            item = self._resolve(shape["items"])
            rows = [
                self._read_properties(item, f"{path}.{place}", typed, blanks, unit) for place in _places(path, typed)
            ]
            return [row for row in rows if blanks or not _blank(row)]
        if kind == "pairs":
            return self._read_pairs(shape, path, typed, blanks)
        if kind == "texts":
            return [line.strip() for text in given for line in text.splitlines() if line.strip()]
        if kind == "choices":
            return [value for value in given if value]
        if kind == "yes":
            return bool(given and given[-1])
        text = given[-1].strip() if given else None
        if kind == "date" and text:
            return typed_day(text, self._reader.calendar)
        if kind == "moment" and text:
            return typed_moment(text, self._reader)
        if kind == "amount" and text and unit is not None:
            return typed_amount(text, unit, self._reader)
        if kind == "amount" and text:
            return _whole(text)
        return _whole(text) if kind == "number" and text else text

    def _read_pairs(self, shape: Schema, path: str, typed: Mapping[str, list[str]], blanks: bool) -> dict[str, Any]:
        number = self._resolve(shape["additionalProperties"]).get("type") == "integer"
        found: dict[str, Any] = {}
        for place in _places(path, typed):
            key = (typed.get(f"{path}.{place}.key") or [""])[-1].strip()
            value = (typed.get(f"{path}.{place}.value") or [""])[-1].strip()
            if key or value or blanks:
                found[key] = _whole(value) if number else value
        return found

    def changed_rows(self, pairs: Pairs) -> dict[str, Any] | None:
        """What was typed, with a line more or less, when a button of a list was pressed; None when none was."""
        for name, path in pairs:
            if name in ("add", "drop") and path.startswith(f"{PREFIX}."):
                value = self.read(pairs, blanks=True)
                with contextlib.suppress(LookupError, ValueError, TypeError, AttributeError):  # no button of ours
                    self._change(value, path.removeprefix(f"{PREFIX}.").split("."), drop=name == "drop")
                return value
        return None

    def _change(self, value: dict[str, Any], steps: list[str], *, drop: bool) -> None:
        holder: Any = value
        place = int(steps.pop()) if drop and steps[-1].isdecimal() else -1
        if self._control_at(steps) not in ("rows", "pairs"):
            return
        for step in steps[:-1]:
            holder = holder[int(step)] if isinstance(holder, list) else holder.setdefault(step, {})
        last = steps[-1]
        listed = holder.get(last) if isinstance(holder, dict) else None
        if isinstance(listed, dict):
            _change_pairs(listed, place, drop=drop)
        elif isinstance(holder, dict):
            rows = list(listed or ())
            if drop and 0 <= place < len(rows):
                rows.pop(place)
            elif not drop and len(rows) < MOST_ROWS:
                rows.append({})
            holder[last] = rows

    def _control_at(self, steps: list[str]) -> Control:
        """The control behind a path; raises ``LookupError`` when there is none."""
        shape = self._top
        for step in steps:
            if control_of(shape, self) == "rows" and step.isdecimal():
                shape = self._resolve(shape["items"])
            else:
                shape = self._resolve(shape["properties"][step])
        return control_of(shape, self)


def typed_day(text: str, calendar: str) -> str:
    """The ISO day that was typed; what is none stays as it is, so that the form's own check names it."""
    try:
        return read_date(text, calendar)
    except InvalidInput:
        return text


def control_of(shape: Schema, form: FormShape) -> Control:
    """Which control shows a value of this shape."""
    if "enum" in shape:
        return "choice"
    match shape.get("type"):
        case "object":
            return "group" if "properties" in shape else "pairs"
        case "array":
            item = form._resolve(shape["items"])
            return "choices" if "enum" in item else "rows" if item.get("type") == "object" else "texts"
        case "integer":
            return _MEASURES.get(shape.get("format", ""), "number")
        case "boolean":
            return "yes"
    if shape.get("pattern", "") == _DATE:
        return "date"
    return "long" if shape.get("maxLength", 0) > LONG else "text"


def _says_unit(shape: Schema) -> bool:
    """Whether an object names the currency of its amounts."""
    return {"currency", "digits"} <= set(shape.get("properties", {}))


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _places(path: str, typed: Mapping[str, list[str]]) -> list[int]:
    """Indexes of a list's rows as they were sent, in order."""
    start = f"{path}."
    places = {name[len(start) :].split(".", 1)[0] for name in typed if name.startswith(start)}
    return sorted(int(place) for place in places if place.isdecimal() and len(place) < 5)[:MOST_ROWS]


def _blank(row: Mapping[str, Any]) -> bool:
    return all(value in ("", None, [], {}, False) for value in row.values())


def _whole(text: str) -> int | str:
    """A whole number; other text stays, so that the form's own check names it."""
    return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else text


def _change_pairs(listed: dict[str, Any], place: int, *, drop: bool) -> None:
    keys = list(listed)
    if drop and 0 <= place < len(keys):
        del listed[keys[place]]
    elif not drop:
        listed.setdefault("", "")
