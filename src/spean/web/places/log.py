"""Log and proofs (A3, O2): find a fact, our checkpoints and who has witnessed them, verify our own logs, verify an evidence file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from starlette.responses import Response

from spean.core.errors import Conflict, InvalidInput
from spean.core.world import MINUTE
from spean.node.care.verifying import LOGS, Running, Verified
from spean.node.work import DOMESTIC, EXCHANGE
from spean.web.frame.pages import Answer, Go, Page, Pages, Shown
from spean.web.frame.problem import Rule, rule_of
from spean.web.frame.visit import Visit

pages = Pages()
LATE = 10 * MINUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A fact that was looked for. No words of it are shown."""

    fact: str
    record: str
    kind: str
    node: str
    at: int
    index: int | None
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """How far a partner has witnessed a log of ours."""

    node: str
    size: int
    behind: int
    """Entries that it has not witnessed yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """One of our two logs."""

    name: str
    origin: str
    size: int
    root: str
    key: str
    signed_at: int | None
    """When its last checkpoint was signed at a fixed cadence; the exchange log's is made whenever somebody asks."""
    witnesses: tuple[Witness, ...]
    verified: Verified | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPage(Page):
    """Our logs, and the way to single facts."""

    template: ClassVar[str] = "log.html"
    find: str
    found: tuple[Found, ...]
    rule: Rule | None
    logs: tuple[Ours, ...]
    running: Running | None
    note: str
    """The signed checkpoint of the exchange log with its cosignatures."""
    reads: bool
    """Whether this person reads contents, and so may look for facts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyPage(Page):
    """Verifying an evidence file in the browser's own words."""

    template: ClassVar[str] = "verify.html"
    fact: str
    known: dict[str, str]
    """Public keys that this node believes, in hex, and whose each is: signing keys, keys of logs and of witnesses."""


@pages.get("/log")
def log(visit: Visit) -> Answer:
    """Our logs; with ``find`` the facts that were looked for."""
    return _page(visit)


@pages.post("/log/verify-own")
def verify_own(visit: Visit) -> Answer:
    """Verify one of our logs now, in the background."""
    try:
        visit.node.verifying.start(visit.typed("log", EXCHANGE))
    except Conflict as busy:
        return Shown(_page(visit, rule_of(busy)), 409)
    return Go("/log")


@pages.get("/log/checkpoint")
def checkpoint(visit: Visit) -> Answer:
    """The signed checkpoint as a file (C2SP tlog-checkpoint)."""
    with visit.node.reading() as tx:
        note = visit.node.serving.note(tx)
    name = f'attachment; filename="{visit.node.me}.checkpoint"'
    return Response(note, headers={"content-disposition": name}, media_type="text/plain; charset=utf-8")


@pages.get("/log/verify")
def verify(visit: Visit) -> Answer:
    """The page on which the browser itself verifies; nothing that it reads leaves it."""
    words = visit.office.markup.words(visit.reader.language)
    fact = visit.query("fact")
    if fact:
        visit.node.inspecting.acts(visit.who, fact)
    return VerifyPage(title=words.gettext("Verify an evidence file"), fact=fact, known=_known(visit))


def _known(visit: Visit) -> dict[str, str]:
    node = visit.node
    found: dict[str, str] = {}
    for name in (node.me, *node.peering.active()):
        logs = [node.logs.verifier(EXCHANGE)] if name == node.me else list(node.peering.trust(name).logs)
        found |= {key.public.hex(): name for key in node.sign_keys(name)} | {key.public.hex(): name for key in logs}
    return found


def _page(visit: Visit, rule: Rule | None = None) -> LogPage:
    node = visit.node
    words = visit.office.markup.words(visit.reader.language)
    find, found = visit.query("find").strip(), []
    if find:
        try:
            found = node.inspecting.find(visit.who, find)
        except InvalidInput as wrong:
            rule = rule_of(wrong)
    with node.reading() as tx:
        note = node.serving.note(tx).decode()
    return LogPage(
        title=words.gettext("Log and proofs"), find=find, rule=rule, logs=tuple(_ours(visit, name) for name in LOGS),
        found=tuple(
            Found(fact=row.id, record=row.record, kind=row.kind, node=row.origin, at=row.at, index=row.index, status=row.status)
            for row in found
        ),
        running=node.verifying.running, note=note, reads=visit.who.purposes != frozenset(),
    )  # fmt: skip


def _ours(visit: Visit, name: str) -> Ours:
    node = visit.node
    verifier = node.logs.verifier(name)
    with node.reading() as tx:
        head = tx.log.head(name)
        signed = tx.witness.latest(verifier.name)
        reach = {peer: tx.witness.reach(verifier.name, peer) for peer in node.peering.active()}
    return Ours(
        name=name, origin=verifier.name, size=head.size, root=head.root().hex(), key=verifier.public.hex(),
        signed_at=signed.at if signed is not None and name == DOMESTIC else None, verified=node.verifying.last(name),
        witnesses=() if name == DOMESTIC else tuple(
            Witness(node=peer, size=size, behind=head.size - size) for peer, size in sorted(reach.items())
        ),
    )  # fmt: skip
