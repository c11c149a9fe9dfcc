"""``spean names``: how alike two names are, and one name among many, for scripts. No node is needed."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from spean.cli.context import Cli
from spean.cli.parser import Parser, Verbs
from spean.cli.rows import at_line, batches, kind_of, opened, rows, writer

if TYPE_CHECKING:
    from spean.cli.main import Command
    from spean.matching.index.names import Hit, NameIndex
    from spean.matching.score.evidence import Value

PAIRS = (
    "PAIRS is a CSV file in UTF-8 (- is standard input) with the columns a,b and, if you like, kind (person or organisation). Each row is "
    "answered by one JSON line, in order: a, b, score, why. The score is the probability that both are one and the same, if one of 16 "
    "such pairs is: 0.5 is as likely as not. Nothing but the names is looked at."
)
LISTS = (
    "LIST and QUERIES are CSV files in UTF-8 with the columns id,name and, if you like, birth (1988, 1988-04 or 1988-04-02), country and kind "
    "(person or organisation). An id of LIST may stand on several lines, one for each of its names. Both may also have document (KH:N0123456), "
    "national_number, phone (+855 …), email, wallet, account and birth_place: what both sides say is weighed beside the names, and what one "
    "side leaves out says nothing. Each row of QUERIES is answered by one "
    "JSON line, in order: query (its id) and hits, best first, each with id, name, score and why. The country is not looked at: where "
    "somebody comes from is no evidence."
)
COMPILED_FROM = 2_000
"""Names of a list from which on it pays to load a compiler."""
_OPTIONAL = ("birth", "kind")
VALUES = {
    "document": "document", "national_number": "national-number", "phone": "phone", "email": "email", "wallet": "wallet", "account": "account",
    "birth_place": "birth-place",
}  # fmt: skip
"""Column → what ``matching.score.evidence`` weighs beside the names."""
_SEVERAL = 3
"""So many more names are looked at than are shown, when something beside them may change their order."""


def add(parser: Parser, _command: Command) -> None:
    """The verbs of ``spean names``."""
    verbs = Verbs(parser)
    scoring = verbs.add("score", "how alike the two names of each row are, and why", score, more=PAIRS)
    scoring.add_argument("pairs", type=Path, metavar="PAIRS")
    scoring.add_argument("--weights", action="store_true", help="also each weight by its name, in bits")
    searching = verbs.add("search", "find each name among many", search, more=LISTS)
    searching.add_argument("list", type=Path, metavar="LIST")
    searching.add_argument("queries", type=Path, metavar="QUERIES")
    searching.add_argument("-k", type=int, default=10, metavar="N", help="so many hits at most (10)")
    searching.add_argument("--no-why", action="store_true", help="leave the reasons out")


def score(_cli: Cli, options: Namespace) -> None:
    """One JSON line for each pair."""
    from spean.matching.score.score import Judge
    from spean.matching.score.sentence import sentences

    judge, write = Judge(), writer()
    with opened(options.pairs) as file:
        table = rows(file, options.pairs.name, ("a", "b"), ("kind",))
        for some in batches(table):
            one, other = [row[0] for _, row in some], [row[1] for _, row in some]
            kinds = None
            if any(row[2] for _, row in some):
                kinds = []
                for line, row_ in some:
                    with at_line(options.pairs.name, line):
                        kinds.append(kind_of(row_[2]))
            judged = judge.pairs(one, other, kinds)
            scores = judged.score().astype("f8").round(4).tolist()
            found: list[dict[str, object]] = [
                {"a": a, "b": b, "score": each, "why": why}
                for a, b, each, why in zip(one, other, scores, sentences(judged), strict=True)
            ]
            if options.weights:
                found = [{**row, "weights": weights} for row, weights in zip(found, judged.all_weights(), strict=True)]
            write(found)


def search(_cli: Cli, options: Namespace) -> None:
    """One JSON line for each query."""
    values: dict[str, set[Value]] = {}
    index, write = load(options.list, values), writer()
    with opened(options.queries) as file:
        for line, (query, name, birth, kind, *more) in rows(
            file, options.queries.name, ("id", "name"), (*_OPTIONAL, *VALUES)
        ):
            with at_line(options.queries.name, line):
                asked = given(more)
                found = index.search(name, birth=birth, kind=kind_of(kind), k=options.k * (_SEVERAL if asked else 1))
            hits = list(_weighed(found, asked, values, not options.no_why))
            hits.sort(key=lambda each: -float(str(each["score"])))
            write([{"query": query, "hits": hits[: options.k]}])


def _weighed(
    found: list[Hit], asked: set[Value], values: dict[str, set[Value]], with_why: bool
) -> Iterator[dict[str, object]]:
    """Each hit with what stands beside its names."""
    from spean.matching.score import evidence

    held = Counter(evidence.key(each) for several in values.values() for each in several) if asked else Counter()
    for hit in found:
        beside = evidence.weigh(asked, values.get(hit.id, ()), lambda *each: held[evidence.key(each)]) if asked else []
        score_ = evidence.beside(hit.score, beside) if beside else hit.score
        row: dict[str, object] = {"id": hit.id, "name": hit.name, "score": round(score_, 4)}
        if with_why:
            row["why"] = "; ".join(clause.format(**each) for clause, each in evidence.sentence(hit.why, beside))
        yield row


def given(fields: list[str]) -> set[Value]:
    """The values of a row, clean. Raises ``InvalidInput`` for one that is not well formed."""
    from spean.entities.values.types import NAMES, value_type

    pairs = ((kind, text.strip()) for kind, text in zip(VALUES.values(), fields, strict=True) if text.strip())
    return {(kind, value_type(kind).clean(text) if kind in NAMES else text) for kind, text in pairs}


def load(path: Path, values: dict[str, set[Value]] | None = None) -> NameIndex:
    """The names of a list in an index; what stands beside them goes into ``values``, by id. Raises ``InvalidInput`` with the line of what
    cannot be read."""
    index, _ = load_with(path, (), values)
    return index


def load_with(
    path: Path, more: tuple[str, ...], values: dict[str, set[Value]] | None = None
) -> tuple[NameIndex, dict[str, list[str]]]:
    """The index, and of each id the fields ``more`` of its first line."""
    from spean.matching.index.names import NameIndex

    index = NameIndex()
    beside: dict[str, list[str]] = {}
    with opened(path) as file:
        columns = (*_OPTIONAL, *more, *(VALUES if values is not None else ()))
        for line, (id_, name, birth, kind, *fields) in _listed(rows(file, path.name, ("id", "name"), columns)):
            with at_line(path.name, line):
                index.add(id_, name, birth=birth, kind=kind_of(kind))
                if values is not None and any(fields[len(more) :]) and (held := given(fields[len(more) :])):
                    values.setdefault(id_, set()).update(held)
            if more:
                beside.setdefault(id_, fields[: len(more)])
    index.settle()
    if len(index) > COMPILED_FROM:
        from spean.ledgers.kernel_cache import only_ours
        from spean.matching.index import compiled

        compiled.load(only_ours)
    return index, beside


def _listed(table: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    for line, row in table:
        with at_line("the list", line):
            if not row[0]:
                from spean.core.errors import InvalidInput

                raise InvalidInput("id", "is empty", remedy="give each row an id")
        yield line, row
