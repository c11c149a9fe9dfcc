"""How each partner is: heard when, what waits for it, how far it has witnessed our log; and inviting, accepting, revoking.

Nothing here is a content: a fact on its way is told by its record, kind and time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from spean.agreements.model import PEERING, Suspension
from spean.core.errors import InvalidInput, NotFound
from spean.core.roles import Role
from spean.core.world import MINUTE
from spean.exchange.identity import fingerprint
from spean.keys import fingerprint_words
from spean.node.acts.acting import BEHIND
from spean.node.entry.people import Who
from spean.node.entry.rights import opened_to
from spean.store.rows import PeerKeyRow, PeerRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.node.wire.peering import Offer
    from spean.store import Tx

SILENT = 2 * MINUTE
"""A partner that has not been heard for so long is told as silent."""
MOST_WAITING = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """One partner. ``backlog``: facts of ours without its receipt; ``oldest``: since when the first of them waits."""

    row: PeerRow
    silent: bool
    backlog: int
    oldest: int | None
    queued: int
    ours: int
    """Entries of our exchange log."""
    witnessed: int
    """How many of them the partner has cosigned."""
    seen: int
    """Entries of its log that we have verified."""
    seen_at: int | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A fact that waits for a partner. ``closed``: no agreement lets it through now; it goes when one does."""

    fact: str
    record: str
    procedure: str
    kind: str
    since: int
    closed: bool
    opens: bool
    """The reader may open its record (O1)."""


@dataclass(frozen=True, slots=True)
class Rests:
    """An agreement that is suspended with the partner."""

    agreement: str
    title: str
    suspension: Suspension


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """All about one partner."""

    health: Health
    words: str
    """The words of its identity's fingerprint, to compare on the telephone again."""
    keys: tuple[PeerKeyRow, ...]
    shared: tuple[tuple[str, str], ...]
    """Agreements in force with it: id and title."""
    resting: tuple[Rests, ...]
    waiting: tuple[Waiting, ...]


class Partners:
    """The partners of this node as people look after them."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def health(self) -> list[Health]:
        """All partners by name, revoked ones last."""
        with self._ground.reading() as tx:
            found = [self._health(tx, row) for row in tx.peers.list()]
        return sorted(found, key=lambda each: (each.row.status == "revoked", each.row.node))

    def partner(self, who: Who, node: str) -> Partner:
        """One partner with its keys, suspended agreements and what waits for it. Raises ``NotFound``."""
        ground = self._ground
        with ground.reading() as tx:
            row = next((each for each in tx.peers.list() if each.node == node), None)
            if row is None:
                raise NotFound(f"{node} is no partner of ours", remedy="see the list of partners")
            shared = [each for each in ground.registry.between(ground.me, node) if each.id != PEERING]
            resting = [(each, each.suspension_of(ground.me, node)) for each in shared]
            return Partner(
                health=self._health(tx, row), words=fingerprint_words(fingerprint(row.identity)), keys=tuple(tx.peers.keys(node)),
                shared=tuple((each.id, each.title) for each, rests in resting if rests is None and each.state == "in-force"),
                resting=tuple(Rests(each.id, each.title, rests) for each, rests in resting if rests is not None),
                waiting=tuple(self._waiting(tx, who, node)),
            )  # fmt: skip

    def invite(self, who: Who) -> Offer:
        """Our invitation and its words, for an administrator to hand over."""
        who.need(Role.ADMINISTRATOR)
        return self._ground.peering.invite()

    def look(self, who: Who, text: str) -> Offer:
        """Whose invitation it is. Its words are for comparing: a page asks for what was heard and does not show them."""
        who.need(Role.ADMINISTRATOR)
        return self._ground.peering.look(text.strip())

    def accept(self, who: Who, text: str, heard: str) -> PeerRow:
        """Accept once the words, as they were heard on the telephone, are those of the invitation. A session needs a fresh proof."""
        self._decides(who)
        return self._ground.peering.accept(who, text.strip(), as_spoken(heard))

    def revoke(self, who: Who, node: str, reason: str) -> PeerRow:
        """Believe nothing from this partner any more, for a reason in words. A session needs a fresh proof."""
        self._decides(who)
        reason = " ".join(reason.split())
        if not 3 <= len(reason) <= 500:
            raise InvalidInput(
                "reason", "3 to 500 characters", remedy="say why its keys are not to be believed any more", rule="O9"
            )
        return self._ground.peering.revoke(who, node, reason)

    def _decides(self, who: Who) -> None:
        who.need(Role.ADMINISTRATOR)
        self._ground.signing_in.need_proof(who)

    def _health(self, tx: Tx, row: PeerRow) -> Health:
        ground = self._ground
        count = tx.outbox.counts().get(row.node)
        oldest = tx.outbox.oldest_unreceipted().get(row.node)
        trust = ground.peering.trust(row.node)
        seen = tx.witness.latest(trust.log.name)
        quiet = row.last_contact is None or ground.clock.now() - row.last_contact > SILENT
        return Health(
            row=row, silent=row.status == "active" and quiet, backlog=0 if count is None else count.open,
            oldest=None if oldest is None else oldest.queued_at, queued=0 if count is None else count.queued,
            ours=tx.log.head("exchange").size, witnessed=tx.witness.reach(ground.settings.log_origin, row.node),
            seen=0 if seen is None else seen.size, seen_at=None if seen is None else seen.at,
        )  # fmt: skip

    def _waiting(self, tx: Tx, who: Who, node: str) -> list[Waiting]:
        rows = tx.outbox.unreceipted(node, tx.outbox.settled(node), MOST_WAITING)
        kept = [job.key.split("/")[0] for job in tx.jobs.list(BEHIND) if job.key.endswith(f"/{node}")]
        facts = tx.facts.many([*(row.fact for row in rows), *kept[:MOST_WAITING]])
        found = [(facts[row.fact], row.queued_at, False) for row in rows if row.fact in facts]
        found += [(facts[fact], facts[fact].at, True) for fact in kept[:MOST_WAITING] if fact in facts]
        opens = opened_to(tx, who, (fact.record for fact, _, _ in found))
        return [
            Waiting(fact.id, fact.record, fact.procedure, fact.kind, since, closed, fact.record in opens)
            for fact, since, closed in found
        ]


def as_spoken(heard: str) -> str:
    """People write what they hear without hyphens; the words belong together in threes."""
    flat = heard.lower().replace("-", " ").split()
    return " ".join("-".join(flat[at : at + 3]) for at in range(0, len(flat), 3))
