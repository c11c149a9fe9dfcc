"""What is wrong with a filled form, all of it at once and in words; the form's own strict check has the last word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from spean.core.errors import InvalidInput
from spean.web.parts.fields import Field

_PLACE = re.compile(r"\[([0-9]+)\]")


def faults(fields: Iterable[Field], words: Any) -> dict[str, str]:
    """By path without the prefix: what the field needs."""
    return {name.split(".", 1)[1]: text for name, text in _all(fields, words)}


def _all(fields: Iterable[Field], words: Any) -> Iterator[tuple[str, str]]:
    for field in fields:
        if field.control == "group":
            yield from _all(field.children, words)
        elif field.control in ("rows", "pairs"):
            for row in field.rows:
                yield from _all(row, words)
        else:
            text = _fault(field, words)
            if text:
                yield field.name, text


def _fault(field: Field, words: Any) -> str:
    value = field.value
    if field.control in ("texts", "choices"):
        if not value and field.required:
            return str(words.gettext("This is needed."))
        wrong = [one for one in value if field.pattern and not re.search(field.pattern, one)]
        return words.gettext("Not written as it must be: {}").format(", ".join(wrong)) if wrong else ""
    if field.control == "yes":
        return ""
    if value == "":
        return str(words.gettext("This is needed.")) if field.required else ""
    if field.control in ("number", "amount", "moment"):
        return _number_fault(field, words)
    length = len(str(value))
    if field.least is not None and length < field.least:
        return str(words.gettext("At least {} characters; {} are here.").format(field.least, length))
    if field.most is not None and length > field.most:
        return str(words.gettext("At most {} characters; {} are here.").format(field.most, length))
    if field.pattern and not re.search(field.pattern, str(value)):
        return str(words.gettext("Not written as it must be: {}").format(field.help or field.pattern))
    return ""


def _number_fault(field: Field, words: Any) -> str:
    if not isinstance(field.value, int) and field.control == "amount":
        if not field.unit:
            return str(words.gettext("Name the currency, and its digits if it is a token that is not known here."))
        return str(words.gettext("Write the amount with at most the decimals that the currency has, such as 1250.00."))
    if not isinstance(field.value, int) and field.control == "moment":
        return str(words.gettext("Give the day and the time of day."))
    if not isinstance(field.value, int):
        return str(words.gettext("A whole number, please."))
    if field.least is not None and field.value < field.least:
        return str(words.gettext("At least {}.").format(field.least))
    if field.most is not None and field.value > field.most:
        return str(words.gettext("At most {}.").format(field.most))
    return ""


def place_of(error: InvalidInput) -> str:
    """The path of the control that the form's own check means: ``items[0].value`` is ``items.0.value`` on the page."""
    return _PLACE.sub(r".\1", error.field)
