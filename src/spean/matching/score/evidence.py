"""What speaks beside the names: exact values that two records share, each weighed by how seldom strangers share one.

Values come cleaned, as pairs of value type and clean form (``entities.values``); they are only ever equal or not. Two people may share a
telephone, so no value decides by itself; another number is no contradiction, since people have several. What somebody *is* (gender,
nationality, ethnicity) has no type here.
"""

from __future__ import annotations

from collections.abc import Iterable

SHARED: dict[str, tuple[float, str]] = {
    "document": (17.0, "same document"), "national-number": (16.0, "same national number"), "iban": (12.0, "same account"),
    "account": (12.0, "same account"), "wallet": (12.0, "same wallet"), "email": (12.0, "same e-mail address"), "imei": (11.0, "same device"),
    "mac": (10.0, "same device"), "handle": (10.0, "same user account"), "phone": (9.0, "same phone number"), "vin": (9.0, "same vehicle"),
    "plate": (7.0, "same vehicle"), "url": (7.0, "same web address"), "domain": (5.0, "same domain"), "ip": (4.0, "same internet address"),
    "point": (3.0, "same place"),
}  # fmt: skip
"""Bits of a value that both have, and the clause of the sentence."""
MOST = 26.0
"""Bits of all shared values together: those who share one often share the next (a household, a shop that sells telephones)."""
_NEXT = 0.5


def shared(one: Iterable[tuple[str, str]], other: Iterable[tuple[str, str]]) -> list[tuple[str, float]]:
    """A clause and bits for each type of which both records have a value in common, the strongest first.

    Each further one counts half of what the one before it did. Types that nobody weighs are left out.
    """
    types = {kind for kind, value in set(one) & set(other) if value and kind in SHARED}
    clauses: dict[str, float] = {}
    for bits, clause in sorted((SHARED[kind] for kind in types), reverse=True):
        clauses.setdefault(clause, bits)
    found, left, share = [], MOST, 1.0
    for clause, bits in clauses.items():
        counted = min(left, bits * share)
        found.append((clause, round(counted, 1)))
        left, share = left - counted, share * _NEXT
    return found
