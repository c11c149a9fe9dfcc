"""``spean screen``: travellers against a list, or against an extract for places without a line; what a border post asks of a node is another
door (``spean.screening``)."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from spean.cli.context import Cli
from spean.cli.names import load_with
from spean.cli.parser import Parser
from spean.cli.rows import at_line, kind_of, opened, rows, writer
from spean.core.errors import InvalidInput

if TYPE_CHECKING:
    from spean.cli.main import Command

TABLES = (
    "LIST and TRAVELLERS are CSV files in UTF-8 with the columns id,name and, if you like, birth (1988, 1988-04 or 1988-04-02), country and kind. "
    "LIST may also have answer: verify (if empty), protect or stop. An id may stand on several lines, one for each of its names. Each "
    "traveller is answered by one JSON line, in order: id, answer (nothing, verify, protect or stop) and hits, best first, each with id, "
    "name, score and why. A hit is a candidate, which a person verifies. stop is only answered where the day of birth agrees as well as "
    "the name; otherwise it is verify. The country is not looked at: where somebody comes from is no evidence."
)
ANSWERS = ("nothing", "verify", "stop", "protect")
"""From the weakest; who must be protected is protected, even if somebody also wants to stop them."""
MOST_HITS = 5


def add(parser: Parser, _command: Command) -> None:
    """The options of ``spean screen``."""
    parser.epilog = TABLES
    parser.add_argument("list", type=Path, metavar="LIST", nargs="?")
    parser.add_argument("travellers", type=Path, metavar="TRAVELLERS")
    parser.add_argument(
        "--extract", type=Path, metavar="FILE",
        help="instead of LIST: an encrypted extract that a node made; its passphrase comes from the file that SPEAN_PASSPHRASE_FILE names",
    )  # fmt: skip
    parser.add_argument(
        "--log",
        type=Path,
        metavar="FILE",
        help="with --extract: where its sealed questions are kept; FILE.queries unless given",
    )
    parser.add_argument(
        "--reason", default="", help="with --extract: why it is asked; written down with each question (R38)"
    )
    parser.set_defaults(run=screen)


def screen(_cli: Cli, options: Namespace) -> None:
    """One JSON line for each traveller."""
    if options.extract is not None:
        from spean.cli.screen_offline import screen_offline

        screen_offline(options)
        return
    if options.list is None:
        raise InvalidInput("LIST", "no list is named", remedy="spean screen LIST.csv TRAVELLERS.csv, or --extract FILE")
    from spean.matching.score.births import Said
    from spean.matching.score.score import SCREENING

    index, beside = load_with(options.list, ("answer",))
    for id_, (answer,) in beside.items():
        if answer.strip().lower() not in ("", *ANSWERS[1:]):
            raise InvalidInput(
                "answer",
                f"{options.list.name}: {answer[:40]!r} of {id_[:80]!r} is none",
                remedy="write verify, protect or stop",
            )
    write = writer()
    with opened(options.travellers) as file:
        for line, (who, name, birth, kind) in rows(file, options.travellers.name, ("id", "name"), ("birth", "kind")):
            with at_line(options.travellers.name, line):
                found = index.search(name, birth=birth, kind=kind_of(kind), k=MOST_HITS, prior=SCREENING)
            found = [hit for hit in found if hit.score >= 0.5]
            answer = "nothing"
            for hit in found:
                says = beside[hit.id][0].strip().lower() or "verify"
                if says == "stop" and hit.said != Said.DAY:
                    says = "verify"
                answer = max(answer, says, key=ANSWERS.index)
            hits = [
                {"id": hit.id, "name": hit.name, "score": round(hit.score, 4), "why": hit.sentence} for hit in found
            ]
            write([{"id": who, "answer": answer, "hits": hits}])
