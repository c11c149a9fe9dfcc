"""Who gets what, to the last unit: pure arithmetic over holdings and claims, the same at every node (C8).

In each holding, what is left after the share of a sharing agreement goes to the claims that were traced into it: by FIFO to
whoever's money came first, by LIFO to whoever's came last, by haircut in proportion, rounded by largest remainder. Nobody gets
more than was traced there. Ties go by the claim's name, which nobody can choose.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from spean.formats.money import decimal_text
from spean.restitution.model import Claim, Holding, Line

Rule = Literal["fifo", "lifo", "haircut"]


@dataclass(frozen=True, slots=True)
class Part:
    """A claim's money in one holding."""

    claim: str
    victim: str
    amount: int
    arrived_at: int


Unit = tuple[str, int]
"""A currency, and its decimals."""


def money(amount: int, unit: Unit) -> str:
    """Minor units as people write them: 115000 of (USD, 2) is ``1150.00 USD``."""
    return f"{decimal_text(amount, unit[1])} {unit[0]}"


def allocate(
    holdings: Sequence[Holding], claims: Mapping[str, Claim], rule: Rule, unit: Unit
) -> tuple[tuple[Line, ...], tuple[int, ...]]:
    """The lines, and what is left of each holding. ``claims`` by the name of their fact; ``unit``: in which the lines explain themselves."""
    lines: list[Line] = []
    left: list[int] = []
    for number, holding in enumerate(holdings):
        parts = _parts(claims, number)
        given = divide(holding.amount - holding.shared, parts, rule)
        lines += [
            Line(claim=part.claim, victim=part.victim, holding=number, amount=given[place],
                 why=explain(rule, parts, place, holding.amount - holding.shared, given[place], unit))
            for place, part in enumerate(parts) if given[place]
        ]  # fmt: skip
        left.append(holding.amount - holding.shared - sum(given))
    return tuple(lines), tuple(left)


def divide(pot: int, parts: Sequence[Part], rule: Rule) -> list[int]:
    """What each part gets of ``pot``, in the order of ``parts`` (which come by arrival)."""
    traced = sum(part.amount for part in parts)
    if traced <= pot:
        return [part.amount for part in parts]
    if rule == "haircut":
        return _in_proportion(pot, parts, traced)
    order = range(len(parts)) if rule == "fifo" else range(len(parts) - 1, -1, -1)
    given = [0] * len(parts)
    for place in order:
        given[place] = min(parts[place].amount, pot)
        pot -= given[place]
    return given


def _in_proportion(pot: int, parts: Sequence[Part], traced: int) -> list[int]:
    given = [pot * part.amount // traced for part in parts]
    remainders = sorted(
        range(len(parts)), key=lambda place: (-(pot * parts[place].amount % traced), parts[place].claim)
    )
    for place in remainders[: pot - sum(given)]:
        given[place] += 1
    return given


def _parts(claims: Mapping[str, Claim], number: int) -> list[Part]:
    """The claims' money in a holding, by arrival; several arrivals of one claim are one part, at its first."""
    found = []
    for name, claim in claims.items():
        mine = [part for part in claim.traced if part.holding == number]
        if mine:
            found.append(
                Part(name, claim.victim, sum(part.amount for part in mine), min(part.arrived_at for part in mine))
            )
    return sorted(found, key=lambda part: (part.arrived_at, part.claim))


def explain(rule: Rule, parts: Sequence[Part], place: int, pot: int, given: int, unit: Unit) -> str:
    """How one line's amount follows, in words that can be computed again."""
    part, traced = money(parts[place].amount, unit), sum(each.amount for each in parts)
    if traced <= pot:
        return f"all of the {part} that were traced here"
    if rule == "haircut":
        return f"{part} of {money(traced, unit)} traced here, so {money(given, unit)} of {money(pot, unit)} (largest remainder)"
    side = parts[:place] if rule == "fifo" else parts[place + 1 :]
    before = money(sum(each.amount for each in side), unit)
    return f"{money(given, unit)} of {part} traced here, after {before} that go before it ({rule})"


def paid(lines: Sequence[Line]) -> dict[str, int]:
    """What each claim gets in all."""
    sums: dict[str, int] = {}
    for line in lines:
        sums[line.claim] = sums.get(line.claim, 0) + line.amount
    return sums
