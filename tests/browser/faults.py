"""Faults that a sweep over pages found, each told once with the pages on which it stands."""

from __future__ import annotations

from collections.abc import Iterable


class Faults:
    """Collects; ``check`` fails with all of them."""

    def __init__(self) -> None:
        self._found: dict[str, list[str]] = {}

    def add(self, path: str, faults: Iterable[str]) -> None:
        """These were found on the page ``path``."""
        for fault in faults:
            where = self._found.setdefault(fault, [])
            if path not in where:
                where.append(path)

    def check(self) -> None:
        """Fail when anything was found."""
        told = [f"{fault}\n    on {len(where)}: {', '.join(where[:3])}" for fault, where in self._found.items()]
        assert not told, "\n".join(told)
