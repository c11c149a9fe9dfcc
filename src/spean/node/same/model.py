"""What the parts of *the same one?* give to one another and to faces.

``record`` names where something is said: an own record *entity*, or any other record whose facts name selectors or names. Content is
opened only by whoever may read that record; what stands here beside ``record`` never leaves the node by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from spean.node.entry.people import Who
    from spean.node.work import Work
    from spean.store import Tx

Verdict = Literal["positive", "negative", "unsure"]
AnswerKind = Literal["nothing", "verify", "protect", "stop"]


class Selector(NamedTuple):
    """An exact value by which records find one another: value type (``phone``, ``wallet``, ``document`` …, see
    ``entities.values.types``) and its one clean form."""

    type: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One exact selector that a fact says, with what decides who may hear of it."""

    n: int
    """The fact's running number: rows come in its order, so that a reader goes on where it stopped."""
    fact: str
    record: str
    selector: Selector
    property: str
    """What it is there: ``phone``, ``account`` …; for a partner's fact the path of the field."""
    thing: str
    """Kind of thing (``entities.kinds``); empty for a fact that is about no entity of ours."""
    category: str
    """``core.marks.Subject``: whom the data are about."""
    purpose: str
    origin: str
    """The node that said it."""
    source: str
    grade: int
    at: int
    """When it was said, in ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The names of one record, for the index of names in memory: everything by which a person or organisation is scored."""

    record: str
    upto: int
    """Running number of the last fact that was looked at for it."""
    thing: str
    names: tuple[str, ...]
    """As written, in any script; the first one is shown."""
    births: tuple[str, ...]
    """ISO dates with precision: ``1988``, ``1988-04``, ``1988-04-02``."""
    genders: tuple[str, ...]
    countries: tuple[str, ...]
    """ISO 3166 codes of claimed or confirmed nationality or registration: for telling records apart, never as evidence of guilt."""
    selectors: tuple[Selector, ...]
    category: str
    purpose: str
    places: tuple[Selector, ...] = ()
    """Birth place (``birth-place``) and postal addresses (``address``) in words: weighed beside the names, looked up by nobody."""
    gone: bool = False
    """Nothing of it may be shown any more: drop the record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a border officer is told when this entity is met, as a named person set it; it ends by itself."""

    kind: AnswerKind
    record: str
    fact: str
    """The act that set it."""
    until: int
    """ms; it is *nothing* from then on."""
    instructions: str
    contact: str
    off_line: bool
    """Whether its owner ticked it for extracts (B5)."""
    category: str
    purpose: str
    ground: str = ""
    """Of a stop: on which kind of paper it rests (B7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One judgement of a named person, with its withdrawal if there was one."""

    fact: str
    one: str
    other: str
    verdict: Verdict
    by: str
    """Opaque id of the person; the name is in the fact."""
    at: int
    withdrawn: str = ""
    """The fact that took it back, else empty."""
    candidate: str = ""
    """The record of the candidate that was looked at, if any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Two entities that are said to be different although a chain of judgements makes them one."""

    negative: str
    """The judgement that says so, as a fact."""
    between: tuple[str, str]
    chain: tuple[str, ...]
    """The positive judgements that lead from one to the other, as facts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Entities that people judged to be one. With a contradiction in it nothing is joined: each stands alone until it is solved."""

    members: tuple[str, ...]
    """Sorted; the first one names the cluster."""
    contradictions: tuple[Contradiction, ...] = ()


Changed = Callable[["Work", frozenset[str]], None]
"""Told inside the transaction which records said something new, or lost something (erased, withdrawn): take what they name anew."""


class Knowing(Protocol):
    """``node.same``: what the node knows. Verbs with ``who`` ask for rights (O1) and write the read down (R38); those without are for
    the node's own machinery, whose answers show no content."""

    on_change: list[Changed]

    def known(self, tx: Tx, selectors: Sequence[Selector]) -> list[Held]:
        """Who says these exact values, newest first, at most ``MOST_KNOWN`` of each; opened and compared, so no hash alone decides."""

    def find(self, who: Who, selectors: Sequence[Selector], *, purpose: str, reason: str) -> list[Held]:
        """The same for a person: of records that ``who`` may read, logged before it is shown. Raises ``Refusal`` (O1, R26)."""

    def held(self, tx: Tx, after: int = 0) -> Iterator[Held]:
        """Every exact value that the node holds, in the order of arrival, of facts beyond number ``after``: for tables of tags."""

    def names(self, after: int = 0) -> Iterator[Named]:
        """The names of every record in which something was said beyond fact number ``after``, a row each, once: for the index of names."""

    def named(self, tx: Tx, records: Sequence[str]) -> list[Named]:
        """The names of these records as they stand now."""

    def newest(self) -> int:
        """Running number of the last fact."""

    def answer(self, tx: Tx, record: str) -> Answer | None:
        """What is to be answered about an entity now; None: nothing was set, or it has ended."""

    def answers(self, tx: Tx) -> Iterator[Answer]:
        """Every answer that holds now, for the border's extract and index."""

    def cluster(self, tx: Tx, entity: str) -> Cluster:
        """Who is judged to be the same, derived from the judgements that stand now."""

    def judged(self, tx: Tx, entity: str) -> list[Judged]:
        """The history of judgements about an entity, oldest first, those that were withdrawn included."""
