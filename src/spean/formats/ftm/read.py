"""FollowTheMoney in: each line becomes a thing or a tie, and the report names what has no place here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache

import msgspec

from spean.entities.kinds import kinds, links
from spean.entities.values.handle import PLATFORMS
from spean.formats.ftm.model import FORBIDDEN, IGNORED, MOST_LINE, MOST_VALUES, Ftm, Report, Thing, Tie, Values

_LINE = msgspec.json.Decoder(Ftm)
_KINDS = {
    "LegalEntity": "organisation", "Organization": "organisation", "Company": "organisation", "PublicBody": "organisation", "Person": "person",
    "BankAccount": "account", "CryptoWallet": "wallet", "Passport": "document", "Identification": "document", "Address": "address",
    "RealEstate": "site", "Vehicle": "vehicle", "Airplane": "vehicle", "Vessel": "vessel", "UserAccount": "user-account", "Payment": "payment",
    "Image": "image", "Document": "file", "Pages": "file", "PlainText": "file", "HyperText": "file", "Event": "event",
}  # fmt: skip
"""Schema → our kind. What is an asset there and nothing else (``Asset``, ``Security``) has no kind here."""
_EDGES = {
    "Payment": (("payer", "pays"), ("beneficiary", "receives"), ("payerAccount", "pays"), ("beneficiaryAccount", "receives")),
    "Passport": (("holder", "identified-by"),), "Identification": (("holder", "identified-by"),),
    "UserAccount": (("owner", "uses"),), "CryptoWallet": (("holder", "owns"),), "Vehicle": (("owner", "owns"), ("operator", "uses")),
    "Vessel": (("owner", "owns"), ("operator", "uses")), "Event": (("involved", "took-part"), ("organizer", "took-part")),
}  # fmt: skip
"""Schema → properties that name another entity, and the link that leads from that entity here."""


def read(lines: Iterable[bytes], report: Report) -> Iterator[Thing | Tie]:
    """Things and ties in the order of the file; a thing's own ties follow it. Nothing is judged here but form and names."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        report.lines += 1
        if len(line) > MOST_LINE:
            report.bad(number, f"longer than {MOST_LINE} bytes")
            continue
        try:
            one = _LINE.decode(line)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as wrong:
            report.bad(number, str(wrong)[:200])
            continue
        if not one.id or len(one.id) > 200:
            report.bad(number, "the id is empty or longer than 200 characters")
            continue
        yield from _read(one, report)


def _read(one: Ftm, report: Report) -> Iterator[Thing | Tie]:
    edge = _edges().get(one.schema)
    if edge is not None:
        yield from _ties(one, report)
        return
    kind = _KINDS.get(one.schema)
    if kind is None:
        report.schemata[one.schema[:60]] += 1
        return
    report.things += 1
    yield Thing(id=one.id, kind=kind, values=tuple(_values(one, kind, report)))
    for name, link in _EDGES.get(one.schema, ()):
        for place, other in enumerate(one.properties.get(name, ())):
            report.ties += 1
            yield Tie(id=f"{one.id}/{name}/{place}", link=link, source=other, target=one.id)


def _values(one: Ftm, kind: str, report: Report) -> Iterator[tuple[str, str]]:
    known, left = _places(kind), MOST_VALUES
    properties = _composed(one)
    own = {name for name, _ in _EDGES.get(one.schema, ())}
    for name, values in properties.items():
        place = known.get(name)
        if place is None:
            if name in FORBIDDEN:
                report.forbidden[name] += 1
            elif name not in IGNORED and name not in own:
                report.properties[f"{one.schema}.{name}"[:120]] += 1
            continue
        for value in values:
            if left <= 0:
                report.properties[f"{one.schema}: more than {MOST_VALUES} values"] += 1
                return
            if value.strip():
                left -= 1
                yield place, value[:4000]


def _composed(one: Ftm) -> Values:
    """What that model says in two properties and we in one."""
    found = dict(one.properties)
    if one.schema == "UserAccount":
        platform = next((each.lower() for each in found.pop("service", ()) if each.lower() in PLATFORMS), "")
        if platform:
            found["username"] = [f"{platform}:{each}" for each in found.get("username", ())]
    if one.schema in ("Address", "RealEstate"):
        north, east = found.pop("latitude", []), found.pop("longitude", [])
        if north and east:
            found["point"] = [f"{north[0]},{east[0]}"]
    if one.schema == "Payment":
        amounts, currencies = found.pop("amount", []), found.pop("currency", [])
        if amounts and currencies:
            found["amount"] = [f"{amounts[0]} {currencies[0]}"]
    return found


@cache
def _places(kind: str) -> dict[str, str]:
    """Property there → property here."""
    found = {"point": "point", "amount": "amount"}
    of = next(each for each in kinds() if each.name == kind)
    for name, theirs in of.properties.items():
        for each in theirs.split():
            found.setdefault(each, name)
    return {theirs: ours for theirs, ours in found.items() if ours in of.properties}


@cache
def _edges() -> dict[str, list[tuple[str, str, str]]]:
    """Schema of an edge → our links that it may be, with its two ends."""
    found: defaultdict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for name, each in links().items():
        found[each.ftm].append((name, each.ftm_from, each.ftm_to))
    return dict(found)


def _ties(one: Ftm, report: Report) -> Iterator[Tie]:
    options = _edges()[one.schema]
    said = one.properties
    role = next(iter((*said.get("role", ()), *said.get("relationship", ()), *said.get("percentage", ()))), "")
    link, start, end = options[0]
    named = role.partition(":")[0]
    if one.schema == "UnknownLink":
        link = named if named in links() else "associated-with"
    for source in said.get(start, ()):
        for target in said.get(end, ()):
            report.ties += 1
            yield Tie(id=one.id, link=link, source=source, target=target, role=role.removeprefix(link).removeprefix(":").strip()[:200],
                      since=_first(said, "startDate"), until=_first(said, "endDate"))  # fmt: skip


def _first(said: Values, name: str) -> str:
    return next(iter(said.get(name, ())), "")
