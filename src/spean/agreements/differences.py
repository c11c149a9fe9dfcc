"""What differs between two versions of an instrument, field by field, in words."""

from __future__ import annotations

from spean.agreements.model import Instrument, Prohibition, Suspension

_SETS = {
    "parties": "party", "purposes": "purpose", "data": "kind of data", "subjects": "category of persons",
    "handling": "handling code", "mediators": "mediator",
}  # fmt: skip
_PLAIN = {
    "id": "id", "title": "title", "version": "version", "tlp_ceiling": "TLP ceiling", "onward": "onward rule",
    "retention_days": "retention in days", "starts": "first day", "ends": "last day", "state": "state",
}  # fmt: skip
_TABLES = {"quotas": "quota for", "contacts": "contact in", "articles": "article", "cites": "article cited for"}


def differences(old: Instrument, new: Instrument) -> list[str]:
    """Each difference as a line, e.g. ``kind of data: adds phone``; empty when nothing differs."""
    lines: list[str] = []
    for name, word in _PLAIN.items():
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            lines.append(f"{word}: {before or 'none'} becomes {after or 'none'}")
    for name, word in _SETS.items():
        lines += _added_removed(word, getattr(old, name), getattr(new, name))
    for name, word in _TABLES.items():
        lines += _table(word, getattr(old, name), getattr(new, name))
    lines += _added_removed(
        "suspension", {_suspension(each) for each in old.suspended}, {_suspension(each) for each in new.suspended}
    )
    lines += _added_removed(
        "prohibition", {_ban(each) for each in old.prohibitions}, {_ban(each) for each in new.prohibitions}
    )
    return lines


def _added_removed(word: str, before: set[str] | frozenset[str], after: set[str] | frozenset[str]) -> list[str]:
    added = [f"{word}: adds {value}" for value in sorted(after - before)]
    return added + [f"{word}: removes {value}" for value in sorted(before - after)]


def _table(word: str, before: dict[str, object], after: dict[str, object]) -> list[str]:
    changed = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
    return [f"{word} {key}: {before.get(key, 'none')} becomes {after.get(key, 'none')}" for key in changed]


def _suspension(each: Suspension) -> str:
    return f"{'–'.join(sorted(each.pair))} (by {each.by}, {each.when})"


def _ban(ban: Prohibition) -> str:
    parts = (("data", ban.data), ("persons", ban.subjects), ("purpose", ban.purposes))
    words = ", ".join(f"{what} {' or '.join(sorted(values))}" for what, values in parts if values)
    return f"{words} (art. {ban.article})" if ban.article else words
