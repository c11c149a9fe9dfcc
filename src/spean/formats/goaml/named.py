"""Whom and what a report names: accounts, persons, entities, phones, wallets, documents, addresses of mail.

Found by their shape, not by where they stand, since national schemas hang the same types in many places. Who reports, and from where,
is not among them: an officer of a bank is no selector of a case (R28).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from spean.core.errors import InvalidInput
from spean.entities.values.account import account_name, bank_code
from spean.entities.values.chains import BY_ID
from spean.entities.values.phone import PHONE
from spean.entities.values.wallet import WALLET
from spean.formats.iso.fields import local
from spean.formats.model import Party, Source

NamedKind = Literal["account", "person", "entity", "phone", "wallet", "document", "email"]
UNKNOWN = frozenset({"", "-", "UNKNOWN", "N/A", "NA", "NOT KNOWN"})
"""What reporters write where a field must not be empty."""
DOCUMENTS = ("passport_number", "id_number", "ssn", "tax_number", "incorporation_number")
_LEAST_WALLET, _MOST_WALLET = 25, 110
_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Named:
    """One value that can be searched for."""

    kind: NamedKind
    value: str
    """In its one form: an account as one word, a phone as E.164, a wallet as CAIP-10; of people and entities the name."""
    name: str
    """Whose it is, where the report says so."""
    role: str
    """The element that holds it, such as ``from_account``, ``t_conductor``, ``report_party``."""
    checked: bool
    """Whether it could be brought to that form; else it stands as reported."""
    source: Source


def known(text: str | None) -> str:
    """The text, or nothing when it is one of the words for "not known"."""
    found = (text or "").strip()
    return "" if found.upper() in UNKNOWN else found


def child(element: Any, *names: str) -> str:
    """Text of the first child of one of these names that says something."""
    for name in names:
        for each in element.iterchildren(f"{{*}}{name}"):
            if found := known(each.text):
                return found
    return ""


def person_name(element: Any) -> str:
    """First, middle and last name of a person."""
    return " ".join(
        part for part in (child(element, name) for name in ("first_name", "middle_name", "last_name")) if part
    )


def account_party(element: Any) -> Party:
    """An account as one word, whose it is, and who keeps it."""
    keeper = child(element, "swift", "institution_code")
    number, iban = child(element, "account"), child(element, "iban")
    wallet = _wallet(number, keeper)
    agent = "" if keeper in BY_ID else bank_code(keeper or child(element, "institution_name"))
    name = child(element, "account_name") or _holder(element)
    if wallet:
        return Party(wallet, name, agent)
    return Party(account_name(iban or (number if _is_iban(number) else ""), number, agent), name, agent)


def _holder(account: Any) -> str:
    """The entity or the signatory that an account names."""
    for path in ("{*}t_entity", "{*}signatory/{*}t_person", "{*}related_persons/{*}account_related_person/{*}t_person"):
        for each in account.iterfind(path):
            if found := child(each, "name") or person_name(each):
                return found
    return ""


def _wallet(number: str, keeper: str) -> str:
    """CAIP-10 when the account is an address of one chain, told by its form or by the keeper's place."""
    if not _LEAST_WALLET <= len(number) <= _MOST_WALLET:
        return ""
    try:
        return WALLET.on(keeper, number) if keeper in BY_ID else WALLET.clean(number)
    except InvalidInput:
        return ""


def _is_iban(text: str) -> bool:
    """Whether the number alone is an IBAN: its form and ISO 7064's check digits; reporters often leave its own field empty."""
    bare = "".join(text.split()).upper()
    if not (15 <= len(bare) <= 34 and bare.isascii() and bare.isalnum() and bare[:2].isalpha() and bare[2:4].isdigit()):
        return False
    return int("".join(str(int(letter, 36)) for letter in bare[4:] + bare[:4])) % 97 == 1


def named(element: Any, source: Source) -> Iterator[Named]:
    """Everything that a transaction or an activity names. Raises ``InvalidInput`` beyond 20,000 elements."""
    for count, each in enumerate(element.iter("{*}*")):
        if count >= _MOST:
            raise InvalidInput(
                "transaction", f"more than {_MOST} elements", remedy="ask the sender to split it", rule="xml-size"
            )
        if len(each):
            yield from _of(each, source)


def _of(element: Any, source: Source) -> Iterator[Named]:
    parts: Mapping[str, Any] = {local(each.tag): each for each in element if not len(each)}
    role = _role(element)
    if "tph_number" in parts:
        yield _phone(element, role, source)
    if "account" in parts:
        found = account_party(element)
        if found.account:
            kind: NamedKind = "wallet" if found.account.count(":") == 2 else "account"
            yield Named(kind, found.account, found.name, role, True, source)
    if "last_name" in parts or "first_name" in parts:
        yield from _one("person", person_name(element), role, source)
    elif "name" in parts and local(element.tag).replace("_my_client", "").endswith("entity"):
        yield from _one("entity", child(element, "name"), role, source)
    if "virtual_address" in parts and (address := child(element, "virtual_address")):
        wallet = _wallet(address, "")
        yield Named("wallet", wallet or address, "", role, bool(wallet), source)
    yield from _documents(element, parts, role, source)


def _documents(element: Any, parts: Mapping[str, Any], role: str, source: Source) -> Iterator[Named]:
    whose = _owner(element)
    for name in DOCUMENTS:
        if name in parts and (number := child(element, name)):
            yield Named("document", number.upper(), whose, name, False, source)
    if "number" in parts and local(element.tag) == "identification" and (number := child(element, "number")):
        yield Named("document", number.upper(), whose, "identification", False, source)
    if "email" in parts and (address := child(element, "email")):
        yield Named("email", address.lower(), whose, role, "@" in address, source)


def _one(kind: NamedKind, name: str, role: str, source: Source) -> Iterator[Named]:
    if name:
        yield Named(kind, name, name, role, True, source)


def _phone(element: Any, role: str, source: Source) -> Named:
    number, prefix = child(element, "tph_number"), child(element, "tph_country_prefix").lstrip("+0")
    text = number if number.startswith("+") or not prefix else f"+{prefix}{number.lstrip('0')}"
    try:
        return Named("phone", PHONE.clean(text), _owner(element), role, True, source)
    except InvalidInput:
        return Named("phone", text, _owner(element), role, False, source)


def _owner(element: Any) -> str:
    """The nearest person or entity around an element."""
    while element is not None:
        if found := person_name(element) or (child(element, "name") if _is_entity(element) else ""):
            return found
        element = element.getparent()
    return ""


def _is_entity(element: Any) -> bool:
    return local(element.tag).replace("_my_client", "").endswith("entity")


_STRUCTURE = frozenset({"phones", "phone", "addresses", "identifications", "signatory", "person", "person_my_client", "account",
                        "account_my_client", "entity", "entity_my_client", "t_person", "t_person_my_client", "t_entity",
                        "t_entity_my_client", "identification", "related_persons", "account_related_person",
                        "from_transaction_additional_info", "to_transaction_additional_info", "emails"})  # fmt: skip


def _role(element: Any) -> str:
    """The element that says what part somebody plays: its own name where that says something, else that of what holds it."""
    while local(element.tag) in _STRUCTURE and element.getparent() is not None:
        element = element.getparent()
    return local(element.tag)[:40]
