"""An instrument as JSON values and back, strictly: a field that is unknown or missing is refused (R28)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spean.agreements.model import MAX_ITEMS, Instrument, Prohibition, Suspension
from spean.core.errors import InvalidInput

_SETS = ("parties", "purposes", "data", "subjects", "handling", "mediators")
_PLAIN = ("id", "title", "version", "tlp_ceiling", "onward", "retention_days", "starts", "ends", "state")
_TABLES = ("quotas", "contacts", "articles", "cites")
_FIELDS = frozenset((*_SETS, *_PLAIN, *_TABLES, "prohibitions", "suspended"))
_NEEDED = frozenset(("id", "title", "parties", "purposes", "data", "subjects", "tlp_ceiling", "handling",
                     "retention_days", "starts"))  # fmt: skip
_BAN_SETS = ("data", "subjects", "purposes")


def to_dict(instrument: Instrument) -> dict[str, Any]:
    """JSON values with sets as sorted lists: the same instrument gives the same canonical bytes."""
    out: dict[str, Any] = {name: getattr(instrument, name) for name in _PLAIN}
    out |= {name: sorted(getattr(instrument, name)) for name in _SETS}
    out |= {name: dict(getattr(instrument, name)) for name in _TABLES}
    out["prohibitions"] = [
        {"article": ban.article, **{name: sorted(getattr(ban, name)) for name in _BAN_SETS}}
        for ban in instrument.prohibitions
    ]
    suspended = sorted(instrument.suspended, key=lambda each: sorted(each.pair))
    out["suspended"] = [
        {"pair": sorted(each.pair), "by": each.by, "when": each.when, "reason": each.reason} for each in suspended
    ]
    return out


def from_dict(given: object) -> Instrument:
    """The instrument that ``to_dict`` wrote. Raises ``InvalidInput`` naming the field (R28 for an unknown one)."""
    source = _table("agreement", given, _FIELDS, _NEEDED)
    values: dict[str, Any] = {name: source[name] for name in (*_PLAIN, *_TABLES) if name in source}
    values |= {name: _set(name, source[name]) for name in _SETS if name in source}
    values["prohibitions"] = tuple(_prohibition(each) for each in _rows("prohibitions", source))
    suspensions = [_suspension(each) for each in _rows("suspended", source)]
    values["suspended"] = frozenset(suspensions)
    if len(values["suspended"]) != len(suspensions):
        raise InvalidInput("suspended", "the same suspension twice", remedy="name each pair once")
    return Instrument(**values)


def _prohibition(given: object) -> Prohibition:
    row = _table("prohibitions", given, frozenset(("article", *_BAN_SETS)), frozenset(("article",)))
    sets = {name: _set(f"prohibitions.{name}", row[name]) for name in _BAN_SETS if name in row}
    return Prohibition(article=row["article"], **sets)


def _suspension(given: object) -> Suspension:
    row = _table("suspended", given, frozenset(("pair", "by", "when", "reason")), frozenset(("pair", "by", "when")))
    pair = _set("suspended.pair", row["pair"])
    return Suspension(pair=pair, by=row["by"], when=row["when"], reason=row.get("reason", ""))


def _table(name: str, given: object, known: frozenset[str], needed: frozenset[str]) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise InvalidInput(name, "not an object", remedy="give an object with named fields", rule="R28")
    if unknown := [key for key in given if key not in known]:
        raise InvalidInput(str(unknown[0])[:40], f"unknown field of {name}", remedy="leave it out", rule="R28")
    if missing := sorted(needed - given.keys()):
        raise InvalidInput(missing[0], f"missing in {name}", remedy="fill it in", rule="R28")
    return given


def _rows(name: str, source: Mapping[str, Any]) -> list[object]:
    given = source.get(name, [])
    if not isinstance(given, list | tuple) or len(given) > MAX_ITEMS * 5:
        raise InvalidInput(name, "too many, or not a list", remedy="give a list")
    return list(given)


def _set(name: str, given: object) -> frozenset[str]:
    if not isinstance(given, list | tuple) or len(given) > MAX_ITEMS:
        raise InvalidInput(name, "too many, or not a list", remedy=f"give a list of at most {MAX_ITEMS}")
    if not all(isinstance(each, str) for each in given):
        raise InvalidInput(name, "something in the list is not text", remedy="give texts only")
    if len(set(given)) != len(given):
        raise InvalidInput(name, "something is named twice", remedy="name each once")
    return frozenset(given)
