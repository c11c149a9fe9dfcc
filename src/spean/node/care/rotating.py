"""Keys change: our own rotation and revocation, and what partners announce (O8, O9).

A new key is announced in a fact that the old key signs and that carries the new key's own signature. A revoked key is believed
nowhere from the moment its revocation arrives; the records that rest on it are listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spean.core.errors import NotFound, Refusal
from spean.core.fact import Fact
from spean.core.roles import Role
from spean.core.world import iso
from spean.exchange.identity import draft_identity, read_identity
from spean.exchange.make import Signer
from spean.keys import NodeKeys
from spean.ledger.note import Verifier, format_vkey
from spean.node.acts.acting import Done, Intent, Marks
from spean.node.entry.people import Who
from spean.node.instruments import touch_register
from spean.node.work import Work
from spean.store.rows import PeerKeyRow
from spean.trust.model import NewKey, moment, prove_possession

if TYPE_CHECKING:
    from spean.node.ground import Ground

MARKS = Marks(
    purpose="coordinate", instrument="peering", basis="peering", data="key", subject="none", tlp="AMBER", handling="H0"
)
ROTATED = ("sign", "log", "seal")


@dataclass(frozen=True, slots=True)
class Affected:
    """What rests on a key: facts that it signed since a moment."""

    record: str
    fact: str
    at: int
    status: str


class Rotating:
    """Believes and disbelieves keys."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    # our own ------------------------------------------------------------------------------------------------

    def rotate(self, who: Who, reason: str) -> Done:
        """New signing, log and sealing keys, announced to every partner; the old ones end now."""
        who.need(Role.ADMINISTRATOR)
        ground = self._ground
        now = ground.clock.now()
        keys = ground.keys
        for use in ROTATED:
            keys = keys.rotate(use, ground.entropy, now)
        ground.keyring.stage(keys)
        form = {"keys": self._announcement(keys, iso(now)), "valid_from": iso(now), "reason": reason}
        intent = Intent(kind="announce", procedure="key-rotation", form=form, to=ground.peering.active(), marks=MARKS)
        with ground.writing() as work:
            done = ground.acting.perform(work, who, intent)
            work.tx.meta.set("sign_id", keys.sign_id)
            ground.signing_in.reseal(work.tx, keys)
            ground.key_recovery.stale(work)
            touch_register(work.tx)
        ground.keyring.promote()
        ground.use_keys(keys)
        self._new_identity_draft(keys)
        return done

    def _announcement(self, keys: NodeKeys, valid_from: str) -> list[dict[str, str]]:
        log = format_vkey(Verifier(self._ground.settings.log_origin, keys.log_public))
        plain = (
            (keys.sign, NewKey(use="sign", key_id=keys.sign_id, public=keys.sign_public.hex())),
            (keys.log, NewKey(use="log", key_id=f"log-{keys.log_id}", public=log)),
            (None, NewKey(use="seal", key_id=keys.seal_id, public=keys.seal_public.hex())),
        )
        told = [
            key if private is None else prove_possession(private, self._ground.me, key, valid_from)
            for private, key in plain
        ]
        return [{"use": key.use, "key_id": key.key_id, "public": key.public, "proof": key.proof} for key in told]

    def _new_identity_draft(self, keys: NodeKeys) -> None:
        """New partners need an identity document with the new keys, which the trust root must admit again."""
        from spean.node.node import identity_of

        ground = self._ground
        serial = read_identity(ground.identity).serial + 1 if ground.identity is not None else 1
        identity = identity_of(ground.settings, keys, ground.clock.now(), serial)
        (ground.home / "identity.draft").write_bytes(draft_identity(identity, Signer(keys.sign_id, keys.sign)))

    def revoke(self, who: Who, key_id: str, since: int, reason: str) -> Done:
        """Tell everybody to believe an own former key no more, from a moment that may lie in the past."""
        who.need(Role.ADMINISTRATOR)
        ground = self._ground
        if key_id == ground.keys.sign_id:
            raise Refusal(
                "O9", "it is the present key", remedy="rotate first: spean key rotate, then revoke the old one"
            )
        form = {"key_id": key_id, "use": "sign", "distrusted_from": iso(since), "reason": reason}
        return ground.acting.act(who, Intent(kind="revoke", record=self._rotation_of(), form=form))

    def _rotation_of(self) -> str:
        with self._ground.reading() as tx:
            rows = [
                row
                for row in tx.records.list(procedure="key-rotation", limit=1000)
                if row.parties.get("node") == (self._ground.me,)
            ]
        if not rows:
            raise NotFound("no rotation of ours yet", remedy="rotate first: spean key rotate")
        return max(rows, key=lambda row: row.opened_at).id

    # partners' ----------------------------------------------------------------------------------------------

    def announced(self, work: Work, fact: Fact, form: Any) -> None:
        """A partner's new keys: believed from the time it says; its old key of that use ends then."""
        node = fact.header.node
        since = moment("valid_from", form.valid_from)
        for key in form.keys:
            for old in work.tx.peers.keys(node, key.use):
                if old.valid_until is None and old.key_id != key.key_id and key.use == "sign":
                    work.tx.peers.expire_key(old.key_id, since)
            public = bytes.fromhex(key.public) if key.use in ("sign", "seal") else key.public.encode()
            work.tx.peers.add_key(
                PeerKeyRow(node=node, key_id=key.key_id, use=key.use, public=public, valid_from=since)
            )
        self._reload(work)
        work.touched.append(f"node:{node}")

    def revoked(self, work: Work, fact: Fact, form: Any) -> None:
        """A partner's key is lost or stolen: nothing that it signed is accepted from here on."""
        node = fact.header.node
        since = moment("distrusted_from", form.distrusted_from)
        if not any(key.key_id == form.key_id for key in work.tx.peers.keys(node)):
            return
        work.tx.peers.revoke_key(form.key_id, work.now)
        affected = self._affected(work, node, form.key_id, since)
        text = f"{node} revoked its key {form.key_id} from {form.distrusted_from}: {len(affected)} facts rest on it (spean key affected)"
        work.tx.alarms.raise_("key-revoked", form.key_id, "critical", text, work.now)
        self._reload(work)

    def _reload(self, work: Work) -> None:
        """Judge the rest of this page, too, by the new keys."""
        self._ground.registry_rev = touch_register(work.tx)
        self._ground.peering.load(work.tx)

    def affected(self, node: str, key_id: str, since: int = 0) -> list[Affected]:
        """The facts that a key signed since a moment, newest first: what a breach touches (O9)."""
        with self._ground.reading() as tx:
            return self._affected(Work(self._ground, tx), node, key_id, since)

    def _affected(self, work: Work, node: str, key_id: str, since: int) -> list[Affected]:
        found: list[Affected] = []
        before: int | None = None
        while rows := work.tx.facts.recent(before=before, limit=1000, origin=node):
            found += [
                Affected(row.record, row.id, row.at, row.status) for row in rows
                if row.key_id == key_id and row.at >= since and row.track == "shared"
            ]  # fmt: skip
            before = rows[-1].n
        return found
