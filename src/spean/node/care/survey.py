"""What partners know of our log, laid side by side: which leaf stood where, and what is missing. Pure.

A leaf that we wrote for one partner may be known only by its place in the proofs of another; and a fact that we had just
taken in may lie with its sender, who never got our receipt. So a hole is tried with what senders have no
receipt for; the root that we signed decides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice, product
from math import prod

from spean.ledger.checkpoint import Checkpoint

MOST = 4_096
"""Combinations that are tried against the root."""
WINDOWS = 256

Misfits = Callable[[list[bytes]], list[str]]
"""Says in words which witnessed roots these leaves do not make; empty when they make all."""


class Incomplete(Exception):
    """The log cannot be made complete now; ``troubles`` says why, each in a sentence."""

    def __init__(self, troubles: Sequence[str]) -> None:
        super().__init__("; ".join(troubles))
        self.troubles = tuple(troubles)


@dataclass(frozen=True, slots=True)
class Place:
    """A leaf as one partner knows it: its name, and the number in the feed in which it passed.

    ``sent``: the partner sent it to us; else it came from us, and ``seq`` is our outbox number.
    """

    name: bytes
    seq: int
    sent: bool


@dataclass(slots=True)
class Survey:
    """What one partner knows from the surveyed index on."""

    peer: str
    checkpoint: Checkpoint | None = None
    """The latest one of our exchange log that it has verified."""
    domestic: Checkpoint | None = None
    places: dict[int, Place] = field(default_factory=dict)
    loose: list[bytes] = field(default_factory=list)
    """What it sent without getting a receipt, in order."""
    late: list[tuple[int, bytes]] = field(default_factory=list)
    """Deliveries (number, name) that it got of leaves that we still have."""

    def deliveries(self, end: int) -> list[tuple[int, bytes]]:
        """Our deliveries to it, (number, name) by number, of leaves before ``end``."""
        ours = [(place.seq, place.name) for index, place in self.places.items() if not place.sent and index < end]
        return sorted({*ours, *self.late})

    @property
    def size(self) -> int:
        return 0 if self.checkpoint is None else self.checkpoint.size


def plan(start: int, surveys: Sequence[Survey], tops: dict[str, int], misfits: Misfits) -> list[bytes]:
    """The names of the leaves from ``start`` on. ``tops``: our last outbox number for each partner.

    Raises ``Incomplete``: holes that nothing fills, roots that do not come out, or numbers that are not gapless.
    """
    end = _end(start, surveys)
    check_numbers(end, surveys, tops)
    names: list[bytes] = []
    choices: list[tuple[int, list[tuple[bytes, ...]]]] = []
    missing: list[tuple[int, int]] = []
    index = start
    while index < end:
        found = sorted({survey.places[index].name for survey in surveys if index in survey.places})
        run = 1 if found else _hole(index, end, surveys)
        options: list[tuple[bytes, ...]] = [(name,) for name in found] if found else _windows(surveys, run)
        if not options:
            missing.append((index, index + run - 1))
        elif len(options) > 1 or not found:
            choices.append((index - start, options))
        names += options[0] if options else [b""] * run
        index += run
    if missing:
        raise Incomplete([_say(first, last) for first, last in missing])
    return _fitting(names, choices, misfits)


def _fitting(
    names: list[bytes], choices: Sequence[tuple[int, list[tuple[bytes, ...]]]], misfits: Misfits
) -> list[bytes]:
    wrong: list[str] = []
    for chosen in islice(product(*(options for _, options in choices)), MOST):
        for (place, _), leaves in zip(choices, chosen, strict=True):
            names[place : place + len(leaves)] = leaves
        wrong = misfits(names)
        if not wrong:
            return names
    tried = prod(len(options) for _, options in choices)
    if tried > 1:
        wrong.append(
            f"{tried} ways to fill {len(choices)} places were {'tried' if tried <= MOST else 'too many to try'}"
        )
    raise Incomplete(wrong)


def _end(start: int, surveys: Sequence[Survey]) -> int:
    """How long the log must be: all that was witnessed, all of our own facts that somebody has, and what follows at once.

    A foreign fact beyond a hole that nobody witnessed is left to the ordinary feed, which brings it again.
    """
    end = max((survey.size for survey in surveys), default=start)
    own = [index for survey in surveys for index, place in survey.places.items() if not place.sent]
    end = max(start, end, *(index + 1 for index in own))
    while any(end in survey.places for survey in surveys):
        end += 1
    return end


def check_numbers(end: int, surveys: Sequence[Survey], tops: dict[str, int]) -> None:
    """Our deliveries to each partner go on gaplessly from the last number that we know."""
    for survey in surveys:
        ours = [seq for seq, _ in survey.deliveries(end)]
        top = tops.get(survey.peer, 0)
        if ours != list(range(top + 1, top + 1 + len(ours))):
            raise Incomplete([f"{survey.peer} has our deliveries {_short(ours)}, and we know of {top} before them"])


def _hole(index: int, end: int, surveys: Sequence[Survey]) -> int:
    """How many leaves from ``index`` on nobody places."""
    upto = index
    while upto < end and not any(upto in survey.places for survey in surveys):
        upto += 1
    return upto - index


def _windows(surveys: Sequence[Survey], width: int) -> list[tuple[bytes, ...]]:
    """Runs of ``width`` facts that one sender has no receipt for: a page is taken in as a whole."""
    placed = {place.name for survey in surveys for place in survey.places.values()}
    found = []
    for survey in surveys:
        loose = [name for name in survey.loose if name not in placed]
        found += [tuple(loose[at : at + width]) for at in range(min(len(loose) - width + 1, WINDOWS))]
    return found


def _say(first: int, last: int) -> str:
    if first == last:
        return f"entry {first} of our log is with nobody who answered"
    return f"entries {first} to {last} of our log are with nobody who answered"


def _short(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:5])) + (" …" if len(numbers) > 5 else "")
