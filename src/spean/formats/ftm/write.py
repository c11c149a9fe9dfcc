"""FollowTheMoney out: our entities and links as that model's JSON, with names that stay the same each time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256

import msgspec

from spean.entities.kinds import Kind, links
from spean.formats.ftm.model import Ftm

_ENCODE = msgspec.json.Encoder(order="sorted")
_FALLBACK = "Thing"
"""Kinds that the model lacks (telephone, domain …) are written as plain things with their value as name, so that links still hold."""


def entity_id(record: str) -> str:
    """The name of a record there: small letters and dashes, the same in every export."""
    return record.lower().replace(":", "-")


def line(entity: Ftm) -> bytes:
    """One line of a file."""
    return _ENCODE.encode(entity) + b"\n"


def thing(record: str, kind: Kind, values: Iterable[tuple[str, str]]) -> Ftm:
    """An entity. What the model has no property for goes into its notes, with its name."""
    found: dict[str, list[str]] = {}
    schema = kind.ftm[0] if kind.ftm else _FALLBACK
    told = list(values)
    for name, value in told:
        theirs = kind.properties.get(name, "").split()
        if theirs and not (schema == _FALLBACK and theirs[0] not in ("name", "notes", "country")):
            _add(found, theirs[0], value)
        elif not _special(found, schema, name, value):
            _add(found, "notes" if schema not in ("Payment", "Passport") else "summary", f"{name}: {value}")
    if "name" not in found and schema not in ("Payment", "Passport", "Address", "Image", "Document", "UserAccount"):
        found["name"] = [value for _, value in told[:1]] or [entity_id(record)]
    if schema == "Document" and "fileName" not in found:
        found["fileName"] = [value for _, value in told[:1]] or [entity_id(record)]
    return Ftm(entity_id(record), schema, {name: list(dict.fromkeys(values)) for name, values in found.items()})


def _special(found: dict[str, list[str]], schema: str, name: str, value: str) -> bool:
    """What that model says in two properties."""
    if name == "point" and schema in ("Address", "RealEstate"):
        north, _, east = value.partition(",")
        _add(found, "latitude", north)
        _add(found, "longitude", east)
        return True
    if name == "amount" and schema == "Payment":
        amount, _, currency = value.partition(" ")
        _add(found, "amount", amount)
        _add(found, "currency", currency)
        return True
    return False


def _add(found: dict[str, list[str]], name: str, value: str) -> None:
    if name == "username" and ":" in value:
        platform, _, value = value.partition(":")
        found.setdefault("service", []).append(platform)
    found.setdefault(name, []).append(value)


def ends(entities: Iterable[Ftm], ties: Iterable[tuple[str, str, str, str, str, str]]) -> Iterator[Ftm]:
    """Entities and links (link, source record, target record, role, since, until) as a whole: what that model demands of a payment or passport
    stands in it, all else is an edge of its own. A link whose ends are not both there is left out."""
    there = {each.id: each for each in entities}
    edges: list[Ftm] = []
    for link, source, target, role, since, until in ties:
        one, other = entity_id(source), entity_id(target)
        if one not in there or other not in there:
            continue
        inside = {"pays": "payer", "receives": "beneficiary", "identified-by": "holder"}.get(link)
        if inside and there[other].schema in ("Payment", "Passport"):
            there[other].properties.setdefault(inside, []).append(one)
        else:
            edges.append(_edge(link, there[one], there[other], role, since, until))
    yield from (_whole(each) for each in there.values())
    yield from edges


def _whole(each: Ftm) -> Ftm:
    """A passport or payment without both of its ends is no such thing in that model: it becomes a plain thing."""
    needs = {"Passport": ("holder", "number"), "Payment": ("payer", "beneficiary")}.get(each.schema, ())
    if all(name in each.properties for name in needs):
        return each
    words = [f"{name}: {value}" for name, values in each.properties.items() for value in values]
    return Ftm(each.id, _FALLBACK, {"name": words[:1] or [each.id], "notes": words})


_ASSETS = frozenset({"Organization", "Company", "BankAccount", "Vehicle", "Vessel", "RealEstate"})
_FITS = {"Ownership": _ASSETS, "Employment": frozenset({"Organization", "Company"})}
"""Where that model says what may stand at the far end of an edge."""


def _edge(link: str, one: Ftm, other: Ftm, role: str, since: str, until: str) -> Ftm:
    of = links()[link]
    fits = other.schema in _FITS.get(of.ftm, {other.schema})
    schema, start, end = (of.ftm, of.ftm_from, of.ftm_to) if fits else ("UnknownLink", "subject", "object")
    says: dict[str, list[str]] = {start: [one.id], end: [other.id]}
    if schema == "UnknownLink":
        role = f"{link}: {role}" if role else link
    if role:
        says["relationship" if schema in ("Family", "Associate") else "role"] = [role]
    if since:
        says["startDate"] = [since]
    if until:
        says["endDate"] = [until]
    name = sha256("\0".join((link, one.id, other.id, role, since, until)).encode()).hexdigest()[:32]
    return Ftm(f"link-{name}", schema, says)
