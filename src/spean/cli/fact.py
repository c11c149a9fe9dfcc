"""``spean fact``: correct, withdraw, pass on, erase; who holds it; its proof (A8, D4, D5)."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from spean.cli.context import Cli, write_new
from spean.cli.forms import form_options, read_form
from spean.cli.marks import marks_options, read_marks
from spean.cli.parser import Parser, Verbs
from spean.cli.show import table
from spean.core.ids import check_fact

if TYPE_CHECKING:
    from spean.cli.main import Command
    from spean.node.acts.recalling import Recalled


def add(parser: Parser, _command: Command) -> None:
    """The verbs of ``spean fact``."""
    verbs = Verbs(parser)
    correct = verbs.add("correct", "replace an own fact's form, here and at every holder", correct_fact,
                        more="Give the whole right form with --form or --set; the old one is erased at every holder.")  # fmt: skip
    _fact(correct)
    form_options(correct)
    withdraw = verbs.add("withdraw", "take an own fact back from every holder", withdraw_fact)
    _fact(withdraw)
    onward = verbs.add("pass-on", "give another's fact to a third node, with its owner's consent where that is needed", pass_on_fact,
                       more="Without the consent it is refused, the attempt is written down, and the owner is asked: repeat it then.")  # fmt: skip
    _fact(onward)
    onward.add_argument("--to", required=True, metavar="NODE", help="the node that is to receive it")
    marks_options(onward)
    erase = verbs.add("erase", "destroy a fact's words; header, signature and proof stay", erase_fact,
                      more="Needs the role legal, administrator or auditor. An own fact is withdrawn from every holder too.")  # fmt: skip
    _fact(erase)
    holders = verbs.add("holders", "who still holds it, and what each answered to a recall", show_holders)
    holders.add_argument("fact", metavar="FACT")
    evidence = verbs.add("evidence", "write an evidence file, for somebody who has no node", write_evidence)
    evidence_options(evidence)
    verify = verbs.add("verify", "verify an evidence file, as spean-verify does", verify_evidence)
    verify.add_argument("file", metavar="FILE")
    verify.add_argument(
        "--key",
        action="append",
        default=[],
        metavar="KEY",
        help="a key that you trust, repeatable (see spean-verify --help)",
    )
    verify.add_argument("--witnesses", type=int, default=0, metavar="N", help="how many witnesses must have cosigned")


def _fact(parser: Parser) -> None:
    parser.add_argument("fact", metavar="FACT", help="its name, 64 hex digits")
    parser.add_argument("--reason", required=True, help="why; every holder reads it")


def evidence_options(parser: Parser) -> None:
    """What an evidence file needs."""
    parser.add_argument("fact", metavar="FACT", help="its name, 64 hex digits")
    parser.add_argument("--reason", required=True, help="for whom and why; it is logged")
    parser.add_argument("--out", required=True, metavar="FILE", help="a new file")
    parser.add_argument(
        "--no-content", action="store_true", help="leave the words out: prove header and signature only"
    )


def correct_fact(cli: Cli, options: Namespace) -> None:
    """Correct an own fact."""
    with cli.desk() as (node, who):
        with node.store.read() as tx:
            row = tx.facts.get(check_fact(options.fact))
        schema = _schema(node.engine.procedure(row.procedure).by_kind[row.kind].form)
        recalled = node.recalling.correct(who, options.fact, read_form(options, schema), options.reason)
    _say(cli, recalled, "corrected")


def _schema(form: object) -> dict[str, object]:
    from spean.procedures.forms import schema

    return schema(form)


def withdraw_fact(cli: Cli, options: Namespace) -> None:
    """Withdraw an own fact."""
    with cli.desk() as (node, who):
        recalled = node.recalling.withdraw(who, check_fact(options.fact), options.reason)
    _say(cli, recalled, "withdrawn")


def pass_on_fact(cli: Cli, options: Namespace) -> None:
    """Pass another's fact on."""
    with cli.desk() as (node, who):
        marks = read_marks(options)
        passed = node.onward.pass_on(who, check_fact(options.fact), options.to, options.reason, marks)
    consent = f"with the consent {passed.consent}" if passed.consent else "no consent was needed; its owner is told"
    cli.say(passed, f"On its way to {options.to}: {passed.done.record}, {consent}.")


def erase_fact(cli: Cli, options: Namespace) -> None:
    """Erase a fact's words."""
    with cli.desk() as (node, who):
        recalled = node.recalling.erase(who, check_fact(options.fact), options.reason)
    if recalled is None:
        cli.say({"fact": options.fact, "records": {}}, f"{options.fact}: its words are destroyed here.")
    else:
        _say(cli, recalled, "erased")


def _say(cli: Cli, recalled: Recalled, done: str) -> None:
    lines = [f"{recalled.fact} is {done}."]
    if recalled.correction:
        lines.append(f"The correction is {recalled.correction}.")
    lines += [f"{holder} was asked: {record}" for holder, record in sorted(recalled.records.items())]
    lines.append("Who still holds it: spean fact holders" if recalled.records else "Nobody else holds it.")
    cli.say(recalled, "\n".join(lines))


def show_holders(cli: Cli, options: Namespace) -> None:
    """Who still holds a fact."""
    fact = check_fact(options.fact)
    with cli.desk() as (node, who):
        holding = node.recalling.holding(fact, who)
        with node.store.read() as tx:
            files = tx.exports.of_fact(fact)
    cells = [(each.node, each.status, each.outcome, each.record) for each in holding]
    cells += [(f"file {each.medium}", "ask its bearer", "", "") for each in files]
    value = {"fact": fact, "holders": holding, "files": [{"medium": each.medium, "user": each.user} for each in files]}
    cli.say(value, table(("holder", "state", "outcome", "recall"), cells, "nobody but us has it"))


def write_evidence(cli: Cli, options: Namespace) -> None:
    """Write an evidence file."""
    with cli.desk() as (node, who):
        data = node.logs.evidence(who, check_fact(options.fact), reason=options.reason, content=not options.no_content)
    write_new(Path(options.out), data)
    cli.say({"fact": options.fact, "file": options.out, "bytes": len(data)},
            f"{options.out}: evidence of {options.fact}. Whoever receives it checks it with spean-verify.")  # fmt: skip


def verify_evidence(cli: Cli, options: Namespace) -> int:
    """Verify an evidence file; exit status 5 when it does not hold."""
    return verify_file(cli, options.file, options.key, options.witnesses)


def verify_file(cli: Cli, file: str, keys: list[str], witnesses: int = 0) -> int:
    """The standalone verifier, with this command line's exit statuses."""
    from spean.ledger import verify_file as verifier

    words = [
        *(word for key in keys for word in ("--key", key)),
        "--witnesses",
        str(witnesses),
        *(["--json"] if cli.json else []),
        "--",
        file,
    ]
    return {0: 0, 1: 5}.get(verifier.main(words), 2)
