"""Rows as the node sees them: plain frozen data, the same on SQLite and PostgreSQL.

Times are integer milliseconds UTC. Fact ids are hex text here and 32-byte blobs in the tables. No row but a
fact's ciphertext carries words about a person, so an erasure has one place to go to (docs/design.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

FactStatus = Literal["effective", "overtaken", "waiting", "quarantined", "refused", "unknown", "corrected", "withdrawn"]
"""effective: folds; overtaken: a concurrent fact won; waiting: a predecessor is missing; quarantined: in flight
at a suspension; refused: a receiving step said no; unknown: needs a newer version; corrected, withdrawn: recalled."""

ReceiptStatus = Literal["accepted", "waiting", "quarantined", "refused", "unknown"]

Method = Literal["", "link", "passkey", "password", "recovery"]
"""How a session began; empty for API tokens."""

ChallengeUse = Literal["register", "sign-in", "proof"]
KeyUse = Literal["sign", "log", "seal", "tls"]
AccessAct = Literal[
    "read", "search", "export", "attempt", "refused",
    "sign-in", "sign-in-failed", "sign-in-proof", "session-end", "passkey-add", "passkey-drop", "password-set", "code-set",
    "user-add", "user-change", "user-disable", "user-token", "token-end", "user-link", "drill", "recovery-ask", "recovery-approve", "recovery-use",
    "keys-recovery-made", "keys-recovery-opened", "import",
]  # fmt: skip
"""What the domestic log notes about people: what they asked for, and what became of their accounts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRow:
    """A fact as it is kept. ``log`` and ``index`` are None until it stands in one of our logs."""

    id: str
    record: str
    procedure: str
    kind: str
    origin: str
    track: str
    at: int
    payload: bytes
    key_id: str
    signature: bytes
    content: bytes | None
    status: FactStatus
    log: str | None = None
    index: int | None = None
    received_from: str = ""
    """The peer that delivered it; empty for our own."""
    received_at: int = 0
    from_seq: int = 0
    """The sender's outbox number under which it came; 0 for our own."""
    from_index: int = -1
    """Its leaf's index in the sender's log, -1 for our own: so a partner that lost its log can ask for it back."""
    step: int = 0
    """The receiving step that refused it, else 0."""
    reason: str = ""
    superseded_by: str = ""
    erased_at: int | None = None
    n: int = 0
    """Our running number of arrival, given by the store; pages through lists. 0 until stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRow:
    """The projection of a record: what its shared facts fold to. ``rev`` guards against two writers."""

    id: str
    procedure: str
    version: int
    state: str
    parties: dict[str, tuple[str, ...]]
    heads: tuple[str, ...]
    done: dict[str, tuple[str, ...]]
    opened_at: int
    entered_at: int
    changed_at: int
    entered_by: str
    due_at: int | None = None
    """The nearest deadline, for the desk's queue; None when no clock runs."""
    instrument: str = ""
    purpose: str = ""
    via: str = ""
    unit: str = ""
    """Our unit that answers for it."""
    closed: bool = False
    """True in a final state: no move is left, so the desk's queue leaves it out."""
    rev: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """One fact on its way to one peer. ``seq`` is gapless per peer and starts at 1."""

    peer: str
    seq: int
    fact: str
    queued_at: int
    batch: str = ""
    forward_for: str = ""
    """Set when we mediate: the fact's origin; ``wrap`` is our own mediating fact."""
    wrap: str = ""
    receipt: str = ""
    """'' until a receipt came, then its status."""
    receipted_at: int | None = None
    alarmed_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRow:
    """A signed receipt that we got (``direction='in'``) or gave (``'out'``)."""

    fact: str
    peer: str
    direction: Literal["in", "out"]
    status: ReceiptStatus
    step: int
    rule: str
    reason: str
    at: int
    payload: bytes
    key_id: str
    signature: bytes
    seq: int
    """The sender's outbox sequence number that it answers."""
    index: int = -1
    """Where the receiver's log holds the first fact that it covers; -1 when nothing was logged."""
    n: int = 0
    """Our running number, given by the store: ``to_send`` pages by it, so a second receipt for an old
    ``seq`` (waiting, then accepted) still goes out. 0 until stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerRow:
    """A partner node. ``identity`` is its signed identity document; ``in_seq`` what we have of its feed."""

    node: str
    name: str
    url: str
    identity: bytes
    status: Literal["invited", "active", "revoked"]
    added_at: int
    in_seq: int = 0
    last_contact: int | None = None
    last_error: str = ""
    failures: int = 0
    clock_offset: int = 0
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerKeyRow:
    """A partner's (or our own) public key with the time in which it is believed."""

    node: str
    key_id: str
    use: KeyUse
    public: bytes
    valid_from: int
    valid_until: int | None = None
    revoked_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointRow:
    """A checkpoint of some log that we have verified. ``note`` is the signed note as it came."""

    origin: str
    size: int
    root: bytes
    note: bytes
    at: int
    seen_from: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    """Something to do at a time; enqueued in the transaction of the act that causes it."""

    id: int
    kind: str
    key: str
    """With ``kind`` unique: putting the same key again replaces the job (timers re-arm)."""
    due_at: int
    payload: str = "{}"
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRow:
    """Something a person must see. ``key`` unique with ``kind``: an alarm is raised once, not repeated."""

    id: int
    kind: str
    key: str
    severity: Literal["info", "warning", "critical"]
    text: str
    at: int
    acknowledged_by: str = ""
    acknowledged_at: int | None = None
    sent_at: int | None = None
    escalated_at: int | None = None
    """When it went to the next ones, since nobody had acknowledged it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRow:
    """A person or a service of this node."""

    id: str
    name: str
    kind: Literal["person", "service"]
    unit: str
    roles: tuple[str, ...]
    created_at: int
    disabled_at: int | None = None
    languages: tuple[str, ...] = ()
    language: str = ""
    """How the pages speak to this user (BCP 47), like the three below empty until chosen."""
    time_zone: str = ""
    calendar: str = ""
    theme: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """A desk or unit of this node and the languages that it works in (BCP 47)."""

    id: str
    name: str
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    """A bearer secret, stored only as SHA-256: an API token, a session, or a one-time sign-in link."""

    digest: bytes
    use: Literal["api", "session", "link"]
    user: str
    created_at: int
    expires_at: int
    last_used_at: int
    label: str = ""
    method: Method = ""
    strong_at: int = 0
    """The last moment at which the person proved herself in this session (passkey, or password and code); 0: never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyRow:
    """A person's passkey (WebAuthn): its public half. ``public_key`` is a COSE key."""

    id: bytes
    user: str
    public_key: bytes
    sign_count: int
    label: str
    transports: tuple[str, ...]
    backed_up: bool
    created_at: int
    last_used_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordRow:
    """A person's password as Argon2id hash, and the sealed secret of her one-time codes (None until confirmed)."""

    user: str
    hash: str
    changed_at: int
    code_secret: bytes | None = None
    code_next: bytes | None = None
    """A secret that was shown but not yet confirmed by a code."""
    code_step: int = 0
    """The last time step whose code was used: each serves once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeRow:
    """A challenge that we gave out; ``key`` is its SHA-256. ``user`` is empty where nobody is known yet."""

    key: bytes
    use: ChallengeUse
    user: str
    expires_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryRow:
    """Two people help a third who lost her authenticators (R4). The reason stands in the domestic fact ``reason_fact``."""

    id: str
    user: str
    reason_fact: str
    asked_by: str
    asked_at: int
    expires_at: int
    approved_by: str = ""
    approved_at: int | None = None
    spent_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionRow:
    """A form that was sent: which fact it made. ``key`` is a digest of what the form carried."""

    key: bytes
    fact: str
    record: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRow:
    """Who read or searched what, or signed in; the reason stands, erasable, in the domestic fact named ``fact``."""

    at: int
    user: str
    act: AccessAct
    subject: str
    fact: str
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRow:
    """A fact that left by file (USB): a recall must tell its holder by hand."""

    fact: str
    medium: str
    at: int
    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchBucket:
    """How far a bucket of facts is indexed, and under which key (``core.postings``)."""

    bucket: int
    key: str
    """Name of its key in the store of content keys, empty until it has one."""
    upto: int
    """Its facts up to that running number are indexed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSource:
    """Of a stored fact what its index terms are made from. ``content`` is None once erased."""

    n: int
    id: str
    record: str
    procedure: str
    kind: str
    origin: str
    track: str
    content: bytes | None
    purpose: str
    """Of its record; empty while there is none."""


# --- money ------------------------------------------------------------------------------------------------------

ImportStage = Literal["waiting", "asking", "reading", "done", "failed", "erasing", "erased"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRow:
    """A file on its way into the ledgers. ``words`` is sealed under the key called ``key``."""

    id: str
    state: ImportStage
    document: str
    by: str
    at: int
    source: str
    grade: int
    bytes_read: int
    bytes_all: int
    taken: int
    twice: int
    rejected: int
    late: int
    key: bytes
    words: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRow:
    """What document ``file`` says of a payment at ``at``, sealed."""

    id: str
    file: str
    at: int
    words: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingRow:
    """A table's mapping as JSON, without accounts, under the fingerprint of its header."""

    fingerprint: str
    mapping: str
    by: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """A case that the ledgers follow, from ``payment`` in the ledger of ``currency``."""

    record: str
    payment: str
    currency: str
    claim: str
    opened_at: int
    traced_at: int
    again: str
    closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HopRow:
    """A request of a case; ``place`` is the keyed hash of whom and for which account."""

    record: str
    case: str
    place: bytes
    hop: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRow:
    """A question to a node for a case; ``asked`` is the hash of what was asked."""

    record: str
    case: str
    node: str
    rule: str
    asked: bytes
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LookRow:
    """That somebody asked: when (ms), for which use, whether anything was found, whether about somebody in office (R24)."""

    user: str
    use: str
    at: int
    found: bool
    office: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BorderGroupRow:
    """A group of travellers on its way: who gave it, when (ms), the name of its key, how many people, how many of them are answered, and
    sealed under that key what was given and why it stopped (empty: it did not)."""

    id: str
    user: str
    at: int
    key: bytes
    people: int
    answered: int
    given: bytes
    failed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenListRow:
    """A published list in use: its record, the name of its version's key, the version, when it was taken in (ms)."""

    record: str
    key: bytes
    version: str
    at: int
