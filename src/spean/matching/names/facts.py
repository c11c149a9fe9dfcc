"""The small tables that lie beside the code, read when they are first asked for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache


def lines(name: str) -> Iterator[list[str]]:
    """The rows of ``data/<name>`` (tab-separated, UTF-8); lines that begin with ``#`` are words about the table."""
    return (line.split("\t") for line in raw(name))


def raw(name: str) -> Iterator[str]:
    """The lines of ``data/<name>``, uncut."""
    from importlib import resources  # half of what loading this room would cost

    text = (resources.files("spean.matching.names") / "data" / name).read_text("utf-8")
    return (line for line in text.splitlines() if line and not line.startswith("#"))


@cache
def customs() -> dict[str, tuple[tuple[str, str, float], ...]]:
    """Of a folded Latin word: (population, what, weight) for each custom that writes it; *what* is f, g or m.

    The weight falls with the place in its list, from 3 to 1: it is only used to choose how to read.
    """
    found: dict[str, dict[tuple[str, str], float]] = {}
    for population, what, words in lines("customs.tsv"):
        listed = words.split()
        for place, word in enumerate(listed):
            known = found.setdefault(word.replace("-", ""), {})
            known[population, what] = max(known.get((population, what), 0.0), 3 - 2 * place / len(listed))
    for population, what, word in _learnt():
        found.setdefault(word, {}).setdefault((population, what), 1.0)
    return {
        word: tuple((population, what, weight) for (population, what), weight in rows.items())
        for word, rows in found.items()
    }


def _learnt() -> Iterator[tuple[str, str, str]]:
    """Spellings of Chinese families and of Korean syllables, of three letters and more: shorter ones are words everywhere."""
    for _, mandarin, *others in lines("surnames_han.tsv"):
        yield from (("zh", "f", word) for row in (mandarin, *others) for word in row.split(",") if len(word) > 2)
    for role, _, spellings in lines("hangul_syllables.tsv"):
        counted = (row.partition(":") for row in spellings.split())
        yield from (("ko", role, word) for word, _, count in counted if len(word) > 2 and int(count) > 4)


@cache
def titles_at(where: str) -> dict[str, frozenset[str]]:
    """A title (casefolded, without dots; of one word or two) → the customs it is a title in (``*``: any).

    *where* is ``before`` or ``after`` a name.
    """
    found: dict[str, frozenset[str]] = {}
    for row, customs, words in lines("titles.tsv"):
        for title in words.casefold().replace(".", "").split() if row == where else ():
            word = title.replace("_", " ")
            found[word] = found.get(word, frozenset()) | frozenset(customs.split(","))
    return found


@cache
def titles() -> frozenset[str]:
    """Words that may be a title or the end of one: a name with such a word needs a closer look."""
    return frozenset(title.rpartition(" ")[2] for where in ("before", "after") for title in titles_at(where))


@cache
def glued(where: str) -> tuple[str, ...]:
    """Titles that are written on to a name without a space, longest first; *where* is ``before`` or ``after``."""
    words = {word for row, _, listed in lines("titles.tsv") if row == f"glued-{where}" for word in listed.split()}
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


@cache
def forms() -> dict[tuple[str, ...], str]:
    """Of the words of an organisation's form (casefolded, without dots): its class."""
    return {
        tuple(alias.split()): kind for kind, aliases in lines("forms.tsv") for alias in aliases.casefold().split("|")
    }


@cache
def glued_forms() -> tuple[tuple[str, str], ...]:
    """Forms that are written without a space in scripts that have none, longest first, with their class."""
    found = [
        (words[0], kind)
        for words, kind in forms().items()
        if len(words) == 1 and ord(words[0][0]) > 0x0E00 and len(words[0]) > 1
    ]
    return tuple(sorted(found, key=lambda row: -len(row[0])))
