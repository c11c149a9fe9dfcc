"""A record of a message as a flat table of path → text, and what payments need of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from spean.core.errors import InvalidInput
from spean.entities.values.account import account_name, bank_code
from spean.formats.identity import given, uetr
from spean.formats.model import Money, Party, References
from spean.formats.money import minor_units

Fields = Mapping[str, str]
MOST_FIELDS = 20_000
"""Of one record; the longest lawful one has some hundreds, a batch's own bookings stand in records of their own."""


def flat(element: Any) -> dict[str, str]:
    """``{"PmtId/UETR": …, "IntrBkSttlmAmt": "125400.00", "IntrBkSttlmAmt@Ccy": "USD", "RmtInf/Ustrd#2": …}``.

    Local names only; the second and later of equal siblings carry ``#n``. Raises ``InvalidInput`` beyond 20,000 fields.
    """
    table: dict[str, str] = {}
    _walk(element, "", table)
    return table


@lru_cache(maxsize=4096)
def local(tag: str) -> str:
    """A tag's name without its namespace."""
    return tag[tag.rfind("}") + 1 :]


def _walk(element: Any, prefix: str, table: dict[str, str]) -> None:
    seen: dict[str, int] = {}
    for child in element:
        name = local(child.tag)
        path = prefix + name
        count = seen[name] = seen.get(name, 0) + 1
        if count > 1:
            path = f"{path}#{count}"
        if len(child):
            _walk(child, path + "/", table)
        else:
            table[path] = (child.text or "").strip()
        for key, value in child.items():
            table[f"{path}@{key}"] = value
    if len(table) > MOST_FIELDS:
        raise InvalidInput(
            "record", f"more than {MOST_FIELDS} fields", remedy="ask the sender to split it", rule="xml-size"
        )


def repeated(fields: Fields, path: str) -> list[str]:
    """All texts of a repeated field, in order."""
    texts: list[str] = []
    while (text := fields.get(path if not texts else f"{path}#{len(texts) + 1}")) is not None:
        texts.append(text)
    return texts


def first(fields: Fields, *paths: str) -> str:
    """The first that is there and not empty, else nothing."""
    for path in paths:
        if text := fields.get(path):
            return text
    return ""


def money(fields: Fields, path: str) -> Money | None:
    """The amount at ``path``, exactly; ``None`` when it is not there. Raises ``InvalidInput`` naming the field."""
    text = fields.get(path)
    if text is None:
        return None
    currency = fields.get(f"{path}@Ccy", "")
    minor = minor_units(text, currency, path)
    if minor < 0:
        raise InvalidInput(
            path, "the amount is below zero", remedy="the direction has a field of its own", rule="amount"
        )
    return Money(minor, currency)


def needed(fields: Fields, path: str) -> Money:
    """The amount at ``path``, which must be there."""
    found = money(fields, path)
    if found is None:
        raise InvalidInput(
            path, "the amount is missing", remedy="ask the sender for the whole record", rule="iso20022-field"
        )
    return found


def agent(fields: Fields, path: str) -> str:
    """Code of the institution at ``path`` (``DbtrAgt``): BIC, member of a clearing system, or its own."""
    at = f"{path}/FinInstnId/"
    return bank_code(
        first(fields, at + "BICFI", at + "BIC", at + "ClrSysMmbId/MmbId", at + "Othr/Id", at + "LEI", at + "Nm")
    )


def account(fields: Fields, path: str, keeper: str) -> str:
    """The account at ``path`` (``DbtrAcct``) kept by ``keeper``, as one word; nothing when it is not named."""
    return account_name(
        fields.get(f"{path}/Id/IBAN", ""), first(fields, f"{path}/Id/Othr/Id", f"{path}/Prxy/Id"), keeper
    )


def party(fields: Fields, side: str, parties: str = "", agents: str = "") -> Party:
    """``Dbtr`` or ``Cdtr`` with account and institution; ``parties`` and ``agents`` are the paths that hold them."""
    keeper = agent(fields, f"{agents}{side}Agt")
    name = first(fields, f"{parties}{side}/Nm", f"{parties}{side}/Pty/Nm", f"{parties}{side}Acct/Nm")
    return Party(account(fields, f"{parties}{side}Acct", keeper), name, keeper)


def references(fields: Fields, at: str, message: str, original: str = "") -> References:
    """The payment's names under ``at``; ``original``: what stands before each (``Orgnl`` in answers)."""
    return References(
        uetr=uetr(first(fields, f"{at}{original}UETR", f"{at}UETR")),
        end_to_end=given(fields.get(f"{at}{original}EndToEndId", "")),
        transaction=given(fields.get(f"{at}{original}TxId", "")),
        instruction=given(fields.get(f"{at}{original}InstrId", "")),
        servicer=given(fields.get(f"{at}AcctSvcrRef", "")),
        message=message,
    )


def best(found: References) -> str:
    """The name that most people know a payment by."""
    return found.uetr or found.end_to_end or found.transaction or found.servicer or found.instruction


def text_of(fields: Fields, path: str = "RmtInf/Ustrd") -> str:
    """Unstructured remittance information, in one text."""
    return " ".join(repeated(fields, path))
