"""The marks of a fact as options: purpose, agreement, categories, TLP, handling, grades, review, route (DOMAIN 4.2)."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING, Any

from spean.core.errors import InvalidInput
from spean.core.marks import Data, Handling, Nature, Purpose, SourceGrade, Subject, Tlp

if TYPE_CHECKING:
    from spean.cli.parser import Parser
    from spean.node.acts.acting import Marks

NAMES = (
    "purpose",
    "instrument",
    "basis",
    "data",
    "subject",
    "tlp",
    "handling",
    "source",
    "grade",
    "nature",
    "review",
    "via",
)
AMONG_PEERS: dict[str, dict[str, Any]] = {
    "agreement": {"data": "agreement"}, "key-rotation": {"data": "key"}, "desk": {"data": "directory"},
}  # fmt: skip
"""What passes between partners as such, under their peering: the marks of its opening fact."""


def marks_options(parser: Parser) -> None:
    """A flag for each mark. Without one, the record's opening fact decides, then the node's default."""
    group = parser.add_argument_group("marks (default: those of the record's opening fact)")
    group.add_argument("--purpose", metavar="MARK", help=_among(Purpose))
    group.add_argument("--instrument", metavar="RECORD", help="the one agreement under which it leaves, or peering")
    group.add_argument("--basis", metavar="WORDS", help="legal basis (default: the agreement's title)")
    group.add_argument("--data", metavar="MARK", help=_among(Data))
    group.add_argument("--subject", metavar="MARK", help=f"whom it is about: {_among(Subject)}")
    group.add_argument("--tlp", metavar="MARK", help=_among(Tlp))
    group.add_argument("--handling", metavar="CODE", help=_among(Handling))
    group.add_argument("--source", metavar="GRADE", help=f"how reliable the source is: {_among(SourceGrade)}")
    group.add_argument("--grade", type=int, metavar="1-4", help="how reliable the information is")
    group.add_argument("--nature", metavar="MARK", help=_among(Nature))
    group.add_argument("--review", metavar="DAY", help="by when it is reviewed, YYYY-MM-DD (R33)")
    group.add_argument("--via", metavar="NODE", help="the node that carries it, when the direct channel is closed")


def read_marks(options: Namespace, procedure: str = "", *, opening: bool = False) -> Marks:
    """The marks that the options give. An opening fact names its purpose and kind of data (R26)."""
    from spean.node.acts.acting import Marks

    given: dict[str, Any] = {name: getattr(options, name) for name in NAMES}
    if opening and procedure in AMONG_PEERS:
        defaults = {"purpose": "coordinate", "instrument": "peering", "subject": "none", **AMONG_PEERS[procedure]}
        given = {name: defaults.get(name) if value is None else value for name, value in given.items()}
    if opening:
        for name, allowed in (("purpose", Purpose), ("data", Data)):
            if given[name] is None:
                raise InvalidInput(f"--{name}", f"an opening fact names its {name}", rule="R26",
                                   remedy=f"give one of {', '.join(allowed)}")  # fmt: skip
    return Marks(**given)


def _among(marks: Any) -> str:
    return ", ".join(marks)
