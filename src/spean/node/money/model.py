"""What the pages and the API of money are told. Amounts are integers in minor units beside their currency; times are ms UTC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from spean.tracing.model import Rule

Account = str
"""As the formats name it: an IBAN, ``BIC/number`` or a CAIP-10 wallet."""
UNNAMED = "<unnamed>"
"""A payee whom the document does not name: a fee, cash, a counterparty that the bank leaves out. It only receives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """An amount of one currency."""

    amount: int
    currency: str
    digits: int
    """Decimals in which it is counted: 0 for KRW, 2 for USD, 6 for USDT, 8 for ETH."""


# import ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row that was not taken: where it stands, what is wrong, what would make it pass."""

    line: int
    element: str
    field: str
    rule: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportState:
    """A file on its way into the ledgers, and what came of it."""

    id: str
    name: str
    document: str
    """What it was recognised as: ``camt.053.001.08``, ``bank-csv``, ``chain:ethereum`` …; empty while unknown."""
    state: Literal["waiting", "asking", "reading", "done", "failed", "erasing", "erased"]
    """asking: the columns of a bank's table must be confirmed once by the analyst; erasing: its words are gone, and the ledgers are being
    made anew without it."""
    bytes_read: int
    bytes_all: int
    taken: int
    twice: int
    rejected: int
    late: int
    """Rows earlier than others that were there: cases that they touch are traced again."""
    why: str
    """What is wrong with the file as a whole, for *failed*."""
    by: str
    at: int
    source: str
    """Source grade A–X of what the file says."""
    grade: int
    """Information grade 1–4."""
    named: int = 0
    """Persons, accounts, phones … that a report (goAML) names, beside its payments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedThing:
    """One value that a report names and that can be searched for."""

    kind: Literal["account", "person", "entity", "phone", "wallet", "document", "email"]
    value: str
    name: str
    """Whose it is, where the report says so."""
    role: str
    """The element of the report that holds it: ``from_account``, ``t_conductor``, ``report_party`` …"""
    element: str
    """Which transaction or activity: ``transaction[3]``."""
    checked: bool
    """Whether form or check digits hold; else it stands as reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What a file seems to be, before it is read: the analyst answers the questions and looks at the samples."""

    id: str
    document: str
    confidence: float
    """0 to 1; below 1 something was inferred."""
    questions: tuple[str, ...]
    header: tuple[str, ...]
    mapping: dict[str, Any]
    """For a bank's table, ``formats.bank_csv.mapping.Mapping`` as plain data: ``columns`` (field -> column from 0), ``style``,
    ``date_order``, ``buddhist``, ``decimal``, ``offset``, ``currency``, ``account``, ``keeper``, ``encoding``, ``delimiter``,
    ``header_line``. Its fields are the answers that ``confirm_mapping`` takes; else empty."""
    chains: tuple[str, ...]
    """Chains that fit, when the chain is asked for (answer: ``{"chain": name}``)."""
    samples: tuple[dict[str, Any], ...]
    """The first rows as they would be loaded: time, payer, payee, amount, currency, digits, name, text."""


# a case ----------------------------------------------------------------------------------------------------------

HopState = Literal[
    "to-send", "sent", "acknowledged", "held", "disputed", "confirmed", "seized", "allocated", "paid-out", "too-late",
    "not-found", "refused", "returned", "released", "auto-released", "withdrawn",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One line of the hold board: money that can be asked for, is asked for, is held, or is lost."""

    case: str
    """The record of the report that it belongs to."""
    record: str
    """The hop's own record; empty while nothing was sent."""
    node: str
    """Who is asked; empty when the directory knows nobody."""
    institution: str
    account: Account
    hop: int
    state: HopState
    located: Sum
    """By LIFO: where the money most likely is."""
    claimed: Sum
    """By the requested country's rule: what may be claimed."""
    asked: Sum
    held: Sum
    lost: Sum
    """Asked and not held, though by the trace it lies there: refused, released. What went on is asked for where it went."""
    rule: Rule
    since: int
    """When the money came there."""
    due_at: int | None
    """The clock that runs: acknowledgement, lapse of the hold, decision on a complaint."""
    due: str
    """What happens then, as the kind of the timer: ``escalate``, ``lapse``, ``complaint-overdue``."""
    next: str
    """Kind of the next act on our side; empty when the others have the turn."""
    value: int
    """Rank: amount × chance × decay; 0 when nothing is to be sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A payment that carried traced money."""

    payment: str
    payer: Account
    payee: Account
    node: str
    """Whose ledger says so; a foreign one was answered for by that node."""
    hop: int
    located: Sum | None
    claimed: Sum | None
    time: int
    document: str
    """Kind of document and place in it, e.g. ``camt.054.001.08, Ntry[3]``; empty for a foreign node's answer."""
    source: str
    grade: int
    reference: str
    fact: str
    """The signed answer that tells of it; empty for our own ledger."""
    converted: Sum | None = None
    """What it became, for a conversion at the bank's stated rate."""
    rest: Sum | None = None
    """What of the payment is less than one unit of its ledger: it stands in the document and is not followed."""
    to: str = ""
    """Node in whose country the account that was paid is, when the payment left the ledger that tells of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An account that traced money came to: what passed and what rests there."""

    account: Account
    node: str
    name: str
    hop: int
    located: tuple[Sum, ...]
    claimed: tuple[Sum, ...]
    lowest: Sum | None
    """Lowest intermediate balance, where it is our own ledger."""
    record: str
    """The hop's record, when one was opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """A part of the money whose node has not answered, and why."""

    node: str
    amount: Sum
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneySheet:
    """A case's money: both rules side by side, and the way that it took."""

    case: str
    reference: str
    payment: str
    reported: Sum
    locate: Rule
    claim: Rule
    traced_at: int
    again: str
    """The payment whose arrival had it traced anew; empty for the first time."""
    edges: tuple[Edge, ...]
    places: tuple[Place, ...]
    unanswered: tuple[Unanswered, ...]
    hops: tuple[Hop, ...]
    asked: tuple[Sum, ...]
    """Asked for, and not answered yet."""
    held: tuple[Sum, ...]
    lost: tuple[Sum, ...]
    """Asked for, not held, and by the trace still there; what went on is asked for where it went."""
    not_followed: tuple[Sum, ...] = ()
    """Of all these payments together, what is less than one unit of their ledgers (tokens with more than eight decimals)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a bank's fraud desk sees of a hop, and nothing more."""

    record: str
    account: Account
    holder_name: str
    amount: Sum
    basis: str
    expires_at: int
    ordered_at: int
    contact: str
    reference: str
    state: HopState
    held: Sum
    signed: str
    """The signed fact that orders it; can be verified with ``spean-verify``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """What an institution is asked about an account, as its fraud desk sees it."""

    record: str
    signed: str
    """The signed fact that asks; can be verified with ``spean-verify``."""
    institution: str
    account: Account
    about: tuple[str, ...]
    """``holder``, ``signatories``, ``opened``, ``balance``, ``statement``: this is answered, and nothing else."""
    since: int
    until: int
    basis: str
    explained: str
    confidential: bool
    """The holder is not told of it for now."""
    due_at: int
    """0: as soon as it can be given."""
    asked_at: int
    contact: str
    reference: str
    answered: str
    """Status of the last answer; empty while there is none."""
    answered_at: int
