"""From matches to the one answer: *nothing*, *verify*, *protect* or *stop: call* (B5, B7, R2).

An answer is no act: the officer looks, calls, and a person decides. Whoever may need protection is told so first, whatever else
matches: screening for trafficking comes before the criminal check (R8), and release and protection always win.
"""

from __future__ import annotations

from collections.abc import Iterable

from spean.screening.model import AnswerKind, Match, Thresholds, Told

_ORDER: tuple[AnswerKind, ...] = ("protect", "stop", "verify")
MOST_SHOWN = 5
USUAL = Thresholds()


def strength(match: Match, now: int, limits: Thresholds = USUAL) -> AnswerKind:
    """What one match is worth.

    An entry past its end is worth nothing. An open list is never more than *verify*, whatever it matches (B7). *Stop* needs the same document, or
    name and whole birth date at ``limits.stop``; short of that it is *verify*.
    """
    entry = match.entry
    if entry.kind == "nothing" or now >= entry.until:
        return "nothing"
    certain = match.basis == "document"
    if entry.list_name:
        return "verify" if certain or match.score >= limits.verify else "nothing"
    if entry.kind == "protect" and (certain or match.score >= limits.protect):
        return "protect"
    if entry.kind == "stop" and (certain or (match.basis == "name-and-birth" and match.score >= limits.stop)):
        return "stop"
    return "verify" if certain or match.score >= limits.verify else "nothing"


def told(matches: Iterable[Match], now: int, limits: Thresholds = USUAL) -> Told:
    """The answer for one traveller. Only what stands behind the answer is told; weaker matches add nothing."""
    worth: dict[AnswerKind, list[Match]] = {}
    for match in matches:
        worth.setdefault(strength(match, now, limits), []).append(match)
    kind = next((each for each in _ORDER if each in worth), None)
    if kind is None:
        return Told(kind="nothing")
    found = sorted(worth[kind], key=lambda each: (each.basis != "document", -each.score, each.entry.reference))[
        :MOST_SHOWN
    ]
    return Told(
        kind=kind, instructions=_once(each.entry.instructions for each in found), contacts=_once(each.entry.contact for each in found),
        languages=_once(language for each in found for language in each.entry.languages),
        grounds=_once(each.entry.ground for each in found) if kind == "stop" else (),
        lists=tuple(dict.fromkeys((each.entry.list_name, each.entry.list_version) for each in found if each.entry.list_name)),
        references=_once(each.entry.reference for each in found), why=tuple(dict.fromkeys(each.why for each in found if each.why)),
    )  # fmt: skip


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
