"""What a goAML report of ours is made of: which elements, in which order, how often, how long (UNODC, types of 4.x and 5.x).

The facts were read from schemas that units publish (versions 4.0.2 and 5.0.2); no schema of the UN's own was at hand, and none ships
here. A unit's own schema is stricter: it has lists of codes, letters that names may have, and fields that it alone needs.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from spean.core.errors import InvalidInput

VERSIONS = ("4.0.2", "5.0.2")
"""Versions whose elements are written; the first says its version nowhere."""
_CODE = re.compile(r"[A-Za-z0-9_-]{1,20}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_COUNTRY = re.compile(r"[A-Z]{2}|-")
_NUMBER = re.compile(r"[0-9]{1,16}(\.[0-9]{1,13})?")
_WHOLE = re.compile(r"[1-9][0-9]{0,8}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,7})?(Z|[+-][0-9]{2}:[0-9]{2})?")


class Part(NamedTuple):
    """A child: how often it stands there and how long its text is at most. ``since``: only from that version on."""

    name: str
    least: int = 0
    most: int = 1
    length: int = 255
    shape: re.Pattern[str] | None = None
    since: str = ""
    short: int = 0
    """Its length before 5.0, where that was less."""


_FROM_5 = "5.0"
_TEXT = 4000
_MANY = 1_000_000


def _side(word: str) -> tuple[Part, ...]:
    return (
        Part(f"{word}_funds_code", 1, shape=_CODE), Part(f"{word}_foreign_currency"), Part(f"{word}_account"),
        Part(f"{word}_person"), Part(f"{word}_country", 1, shape=_COUNTRY),
    )  # fmt: skip


_ACCOUNT = (
    Part("institution_name", 1), Part("institution_code", length=50), Part("swift", length=11),
    Part("institution_country", shape=_COUNTRY, since=_FROM_5), Part("account", 1, length=255, short=50),
    Part("currency_code", shape=_CURRENCY), Part("account_name"), Part("iban", length=34),
)  # fmt: skip
_PERSON = (Part("first_name", 1, length=100), Part("last_name", 1, length=100))
_FOREIGN = (
    Part("foreign_currency_code", 1, shape=_CURRENCY), Part("foreign_amount", 1, shape=_NUMBER),
    Part("foreign_exchange_rate", 1, shape=_NUMBER),
)  # fmt: skip
CONTENT: dict[str, tuple[Part, ...]] = {
    "report": (
        Part("schema_version", 1, length=25, since=_FROM_5), Part("rentity_id", 1, shape=_WHOLE), Part("rentity_branch"),
        Part("submission_code", 1, shape=_CODE), Part("report_code", 1, shape=_CODE), Part("entity_reference", 1),
        Part("fiu_ref_number"), Part("submission_date", 1, shape=_TIME), Part("currency_code_local", 1, shape=_CURRENCY),
        Part("reason", length=_TEXT), Part("action", length=_TEXT), Part("transaction", most=_MANY), Part("activity"),
        Part("report_indicators"),
    ),
    "transaction": (
        Part("transactionnumber", 1, length=100, short=50), Part("internal_ref_number", length=100, short=50),
        Part("transaction_location", 1), Part("transaction_description", 1, length=_TEXT),
        Part("date_transaction", 1, shape=_TIME), Part("transmode_code", 1, shape=_CODE),
        Part("transmode_comment", length=50), Part("amount_local", 1, shape=_NUMBER),
        Part("t_from", 1), Part("t_to", 1), Part("comments", length=_TEXT),
    ),
    "t_from": _side("from"),
    "t_to": _side("to"),
    **dict.fromkeys(("from_account", "to_account", "account"), _ACCOUNT),
    **dict.fromkeys(("from_person", "to_person"), _PERSON),
    **dict.fromkeys(("from_foreign_currency", "to_foreign_currency"), _FOREIGN),
    "activity": (Part("report_parties", 1),),
    "report_parties": (Part("report_party", 1, _MANY),),
    "report_party": (Part("account", 1), Part("reason", 1, length=_TEXT)),
    "report_indicators": (Part("indicator", 1, 1000, shape=_CODE),),
}  # fmt: skip
"""Element → its children in their order."""
_ONE_OF = {
    "report": ("transaction", "activity"), "t_from": ("from_account", "from_person"), "t_to": ("to_account", "to_person"),
    **dict.fromkeys(("from_account", "to_account"), ("institution_code", "swift")),
}  # fmt: skip
"""Of these exactly one kind stands there."""


def check(report: Any, version: str) -> None:
    """Raises ``InvalidInput`` with the path of the first element that is not as the version has it."""
    if version not in VERSIONS:
        raise InvalidInput(
            "version", f"{version[:12]!r} is not written here", remedy=f"use {' or '.join(VERSIONS)}", rule="goaml"
        )
    _check(report, "report", version)


def _check(element: Any, path: str, version: str) -> None:
    name = element.tag
    parts = CONTENT[name]
    order = {part.name: at for at, part in enumerate(parts)}
    last, count = -1, dict.fromkeys(order, 0)
    for child in element:
        at = order.get(child.tag, -1)
        if at < last or at < 0:
            raise _fault(f"{path}/{child.tag}", "it does not belong there", "leave it out")
        last = at
        count[child.tag] += 1
        place = f"{path}/{child.tag}" + (f"[{count[child.tag]}]" if parts[at].most > 1 else "")
        if len(child):
            _check(child, place, version)
        else:
            _text(child.text or "", parts[at], place, version)
    for part in parts:
        if part.since and version < part.since:
            if count[part.name]:
                raise _fault(f"{path}/{part.name}", f"version {version} has no such element", "leave it out")
        elif not part.least <= count[part.name] <= part.most:
            raise _fault(
                f"{path}/{part.name}", f"it stands there {count[part.name]} times", "give it as the schema says"
            )
    one = _ONE_OF.get(name, ())
    if one and sum(1 for each in one if count[each]) != 1:
        raise _fault(path, f"it needs one of {', '.join(one)}", "give one of them")


def _text(text: str, part: Part, path: str, version: str) -> None:
    most = part.short if part.short and version < _FROM_5 else part.length
    if not text.strip():
        raise _fault(path, "it is empty", "fill it in")
    if len(text) > most:
        raise _fault(path, f"it is longer than {most} characters", "shorten it yourself: nothing is cut here")
    if part.shape is not None and not part.shape.fullmatch(text):
        raise _fault(path, f"{text[:40]!r} is not of the form that goAML needs there", "see your unit's schema")


def _fault(path: str, why: str, remedy: str) -> InvalidInput:
    return InvalidInput(path, why, remedy=remedy, rule="goaml")
