"""The stable name of a row, so that nothing is loaded twice.

A payment that banks name uniquely (UETR, transaction hash, an account servicer's reference) keeps that name in every document that
tells of it: the order between banks and both statements. A row without such a name is named by what it says and by how many
equal rows stand before it in its file, since two equal withdrawals on one day are two.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b

from spean.formats.model import Item, Payment, References, Rejected

_UETR = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_EMPTY = frozenset({"", "NOTPROVIDED", "NONREF", "NONE", "-", "N/A"})
"""What banks write when they have no reference (SEPA rulebooks: NOTPROVIDED; SWIFT: NONREF)."""


def digest(*parts: object) -> str:
    """128 bits over the parts, in hex; parts cannot run into one another."""
    state = blake2b(digest_size=16)
    for part in parts:
        raw = str(part).encode("utf-8", "surrogatepass")
        state.update(len(raw).to_bytes(4, "big") + raw)
    return state.hexdigest()


def given(reference: str) -> str:
    """The reference, or nothing when it is one of the words for "none"."""
    return "" if reference.upper() in _EMPTY else reference


def uetr(text: str) -> str:
    """A UETR in its one form (UUID version 4, small letters), or nothing."""
    found = text.strip().lower()
    return found if _UETR.fullmatch(found) else ""


class Names:
    """Gives the rows of one document their names. Keeps a count for each row that nobody named."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def of(self, references: References, kind: str, *content: object) -> str:
        """``content``: all that the row says, the account or institution that keeps it first."""
        unique = references.uetr or references.hash
        if unique:
            return f"{'uetr' if references.uetr else 'hash'}:{unique}{'' if kind == 'transfer' else ':' + kind}"
        return self.by_content(kind, *content)

    def by_content(self, *content: object) -> str:
        """The name of a row that nobody named."""
        name = digest(*content)
        count = self._seen[name] = self._seen.get(name, 0) + 1
        return f"row:{name}:{count}"


def once(items: Iterable[Item], known: Callable[[str], bool]) -> Iterator[Item]:
    """Lets each payment pass once. ``known`` tells whether an id was loaded before; it is asked for every payment.

    Two rows of one name that differ in amount are not the same news: the second is rejected as a conflict, for a person to look at.
    """
    seen: dict[str, tuple[int, str]] = {}
    for item in items:
        if isinstance(item, Payment):
            amount = (item.amount_minor, item.currency)
            before = seen.get(item.id)
            if before is not None and before != amount:
                why = f"{item.reference or item.id} stands here with {amount[0]} {amount[1]}, before with {before[0]} {before[1]}"
                yield _not_taken(item, "conflict", why, "compare both rows with the bank; the first one is loaded")
                continue
            if before is not None or known(item.id):
                yield _not_taken(item, "twice", f"{item.reference or item.id} is loaded already", "nothing to do")
                continue
            seen[item.id] = amount
        yield item


def _not_taken(item: Payment, rule: str, why: str, remedy: str) -> Rejected:
    return Rejected(item.source.line, "id", rule, why, remedy, item.source.element)
