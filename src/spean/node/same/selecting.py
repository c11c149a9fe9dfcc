"""Which exact values and names a fact says: of an own entity by its properties, of any other record by the fields of its form.

The values become terms of the search index (``node/views/indexing``): keyed hashes under the key of their bucket, which goes when a fact of
the bucket is erased. So the same index serves words, sounds and exact values, and erasing one fact leaves none of the three.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from spean.core.errors import InvalidInput
from spean.entities.kinds import KIND_NAMES, properties
from spean.entities.values.base import ValueType
from spean.entities.values.types import NAMES as TYPES
from spean.entities.values.types import value_type
from spean.node.same.model import Selector

CARRIES = "\2"
"""The term of a fact that says any exact value."""
NAMES = "\2name"
"""The term of a fact that says the name of a person or organisation."""
ENTITY = "entity"


class Mention(NamedTuple):
    """A value in a form: its type, the value as given, the path of its field, and for a wallet its chain."""

    type: str
    value: str
    path: str
    chain: str = ""


Form = dict[str, Any]
Mentions = Callable[[Form], Iterator[Mention]]


def term(type: str, key: str) -> str:
    """The index term of an exact value; no text holds such a one."""
    return f"{CARRIES}{type}={key}"


def selector_type(name: str) -> ValueType:
    """The value type behind a selector's type: codes are looked up under the name of their property."""
    return value_type(name if name in TYPES else "code")


def clean(type: str, value: str, chain: str = "") -> Selector | None:
    """The selector of a value as somebody wrote it; None when it is none."""
    of = selector_type(type)
    if not of.exact:
        return None
    try:
        if type == "wallet" and chain:
            from spean.entities.values.wallet import WALLET

            return Selector(type, WALLET.on(chain, value))
        return Selector(type, of.clean(value))
    except InvalidInput:
        return None


def terms_of(selector: Selector) -> Iterator[str]:
    """Under which terms a selector is looked up."""
    for key in selector_type(selector.type).keys(selector.value):
        yield term(selector.type, key)


def agree(one: Selector, other: Selector) -> bool:
    """Whether two selectors may mean the same: equal, or one says less."""
    return one.type == other.type and selector_type(one.type).agree(one.value, other.value)


def mentions(procedure: str, kind: str, form: Any) -> Iterator[Mention]:
    """What a fact mentions; of a correction what it puts in place."""
    if not isinstance(form, dict):
        return
    if kind == "correct" and isinstance(form.get("replacement"), dict):
        for (of, _), read in _MENTIONS.items():
            if of == procedure:
                yield from read(form["replacement"])
        return
    found = _MENTIONS.get((procedure, kind))
    if found is not None:
        yield from found(form)


def selectors(procedure: str, kind: str, form: Any) -> Iterator[tuple[Selector, str]]:
    """The exact values that a fact says, clean, each with its path; what is not well formed is left out."""
    for each in mentions(procedure, kind, form):
        if each.type != "name" and (found := clean(each.type, each.value, each.chain)) is not None:
            yield found, each.path


def names(procedure: str, kind: str, form: Any) -> Iterator[str]:
    """The names of persons and organisations that a fact says."""
    return (each.value for each in mentions(procedure, kind, form) if each.type == "name" and each.value.strip())


def pointing(record: str) -> str:
    """The index term of a link or judgement that names this entity."""
    return f"{CARRIES}>{record}"


def index_terms(procedure: str, kind: str, form: Any) -> set[str]:
    """What the index keeps of a fact for those who look for values, names and what points to an entity."""
    if procedure == ENTITY and kind in ("link", "judge") and isinstance(form, dict):
        return {pointing(_texts(form, "other"))}
    found = {one for each, _ in selectors(procedure, kind, form) for one in terms_of(each)}
    if found:
        found.add(CARRIES)
    if any(True for _ in names(procedure, kind, form)):
        found.add(NAMES)
    return found


_KINDS = {"name": "person", "imei": "device", "mac": "device", "iban": "account", "reference": "payment", "handle": "user-account",
          "plate": "vehicle", "vin": "vehicle", "imo": "vessel"}  # fmt: skip
"""Type of a value → kind of the thing that it names, where the two are called otherwise."""


def things(procedure: str, kind: str, form: Any, own: str = "") -> frozenset[str]:
    """Kinds of things that a fact is about: an entity's own, or what any other fact names. ``own``: the kind of its record's entity, which
    only its opening says."""
    if procedure == ENTITY:
        said = form.get("kind") if kind == "open" and isinstance(form, dict) else own
        return frozenset({said} & set(KIND_NAMES)) if isinstance(said, str) else frozenset()
    found = {_KINDS.get(each.type, each.type) for each in mentions(procedure, kind, form)}
    return frozenset(found & set(KIND_NAMES))


def carries(procedure: str, kind: str) -> bool:
    """Whether facts of this kind may say values at all."""
    return (procedure, kind) in _MENTIONS or (kind == "correct" and any(of == procedure for of, _ in _MENTIONS))


# what the forms say ---------------------------------------------------------------------------------------------------


def _texts(form: Form, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _listed(form: Form, name: str) -> Iterator[tuple[int, Form]]:
    value = form.get(name, ())
    for place, each in enumerate(value if isinstance(value, list | tuple) else ()):
        if isinstance(each, dict):
            yield place, each


def _money(form: Form, path: str, field: str = "account") -> Iterator[Mention]:
    """An account or wallet in one field, as the money procedures have it: IBAN, ``KEEPER/number`` or CAIP-10."""
    value, chain = _texts(form, field), _texts(form, "chain")
    if not value:
        return
    wallet = bool(chain) or value.count(":") == 2
    if not wallet and "/" not in value and (keeper := _texts(form, "institution")) and value.isdigit():
        value = f"{keeper}/{value}"
    yield Mention("wallet" if wallet else "account", value, f"{path}{field}", chain)


def _named(form: Form, path: str, field: str = "holder_name") -> Iterator[Mention]:
    if value := _texts(form, field):
        yield Mention("name", value, f"{path}{field}")


def _references(form: Form, path: str) -> Iterator[Mention]:
    for field in ("uetr", "end_to_end", "transaction_hash"):
        if value := _texts(form, field):
            yield Mention("reference", value, f"{path}{field}")


def _entity(form: Form) -> Iterator[Mention]:
    known = properties()
    for place, each in _listed(form, "statements"):
        of = known.get(_texts(each, "property"))
        if of is not None:
            yield Mention(of.selector, _texts(each, "value"), f"statements.{place}.value")


_ENTRIES = {"wallet": "wallet", "account": "account", "phone": "phone", "domain": "domain", "url": "url", "email": "email",
            "device": "imei", "document": "document"}  # fmt: skip
_ASKED = {"phone": "phone", "account": "account", "iban": "account", "wallet": "wallet", "device": "imei", "document": "document",
          "person": "name", "domain": "domain", "payment": "reference"}  # fmt: skip


def _entry(form: Form) -> Iterator[Mention]:
    if type := _ENTRIES.get(_texts(form, "kind")):
        yield Mention(type, _texts(form, "value"), "value", _texts(form, "chain"))


def _request(form: Form) -> Iterator[Mention]:
    for place, each in _listed(form, "items"):
        if type := _ASKED.get(_texts(each, "selector")):
            yield Mention(type, _texts(each, "value"), f"items.{place}.value", _texts(each, "chain"))


def _stop(form: Form) -> Iterator[Mention]:
    yield from _money(form, "")
    yield from _named(form, "")
    yield from _references(form, "")


def _gone(form: Form) -> Iterator[Mention]:
    last = form.get("last")
    if isinstance(last, dict):
        yield from _money(last, "last.")
    for place, each in _listed(form, "onward"):
        yield from _money(each, f"onward.{place}.")


def _report(form: Form) -> Iterator[Mention]:
    for place, each in _listed(form, "payments"):
        path = f"payments.{place}."
        yield from _money(each, path)
        yield from _money({"account": each.get("sender_account"), "institution": each.get("sender_institution")}, path)
        yield from _named(each, path)
        yield from _references(each, path)


def _listing(form: Form) -> Iterator[Mention]:
    yield from _money(form, "")


_MENTIONS: dict[tuple[str, str], Mentions] = {
    (ENTITY, "open"): _entity,
    (ENTITY, "state"): _entity,
    ("circular", "entry"): _entry,
    ("information-request", "send"): _request,
    ("stop-payment", "send"): _stop,
    ("stop-payment", "too-late"): _gone,
    ("fraud-report", "report"): _report,
    ("fraud-report", "complete"): _report,
    ("mule-account", "report"): _listing,
}
"""Procedure and kind → what its form mentions. What a question to others asks about (look-up, watch, private question) is no knowledge, and
is not here."""
CARRYING = frozenset(of for of, _ in _MENTIONS)
"""Procedures whose facts may say values or names."""
NAMING = frozenset({"information-request", "stop-payment", "fraud-report"})
"""Those beside entities whose facts may say the names of persons or organisations (a test compares them with what the forms say)."""
