"""What the node's administrator does: users and their rights, tokens, links, drills. No contents are opened here (DOMAIN 5).

Whatever gives somebody rights needs a fresh proof that it is the administrator who asks; each act stands in the domestic log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spean.core.errors import InvalidInput, NotFound, Refusal
from spean.core.roles import Role
from spean.node.care.restoring import DRILL_AT
from spean.node.entry.account_log import note
from spean.node.entry.authenticators import Held
from spean.node.entry.people import Who
from spean.node.entry.recovering import APPROVERS
from spean.node.folding import open_body
from spean.store.rows import RecoveryRow, UserRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.node.work import Work

MOST_DAYS = 366
"""Days that an API token may hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Managed:
    """A user as the administrator sees her."""

    user: UserRow
    held: Held
    last_sign_in: int | None
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An API token without its secret. ``id`` names it."""

    id: str
    label: str
    created_at: int
    expires_at: int
    last_used_at: int


class Administering:
    """Acts of an administrator. All raise ``Refusal`` (O1) for anybody else."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    # users --------------------------------------------------------------------------------------------------

    def users(self, who: Who) -> list[Managed]:
        """All users, those with rights first, by name."""
        who.need(Role.ADMINISTRATOR)
        held, nothing = self._ground.signing_in.overview(), Held(0, False)
        with self._ground.store.read() as tx:
            now = self._ground.clock.now()
            found = [
                Managed(
                    user=user, held=held.get(user.id, nothing), last_sign_in=tx.access.last_time(user.id, "sign-in"),
                    tokens=sum(1 for row in tx.people.tokens(user.id) if row.use == "api" and row.expires_at > now),
                )
                for user in tx.people.list()
            ]  # fmt: skip
        return sorted(found, key=lambda each: (each.user.disabled_at is not None, each.user.name.casefold()))

    def user(self, who: Who, id: str) -> Managed:
        """One user; raises ``NotFound``."""
        for each in self.users(who):
            if each.user.id == id:
                return each
        raise NotFound(f"No user {id[:40]} here", remedy="see the list of users")

    def add(self, who: Who, name: str, *, unit: str, roles: tuple[str, ...], kind: str = "person",
            languages: tuple[str, ...] = ()) -> UserRow:  # fmt: skip
        """Make a user."""
        self._may_give(who)
        return self._ground.people.add(name, unit=unit, roles=roles, kind=kind, languages=languages, by=who)

    def change(self, who: Who, id: str, *, unit: str, roles: tuple[str, ...]) -> UserRow:
        """Other roles or another unit; never one's own."""
        self._may_give(who)
        return self._ground.people.change(id, unit=unit, roles=roles, by=who)

    def disable(self, who: Who, id: str) -> UserRow:
        """End a user's rights, tokens and sessions at once. Needs no proof: to stop somebody must be quick."""
        who.need(Role.ADMINISTRATOR)
        if who.id == id:
            raise Refusal(
                "R4",
                "nobody ends the own rights: the node would have one administrator less",
                remedy="another administrator does",
            )
        with self._ground.store.read() as tx:
            tx.people.get(id)
        return self._ground.people.disable(id, by=who)

    # secrets ------------------------------------------------------------------------------------------------

    def link(self, who: Who, id: str) -> str:
        """A one-time link's secret for somebody who holds nothing yet; otherwise two people recover the account (R4)."""
        self._may_give(who)
        return self._ground.people.token(self.user(who, id).user, use="link", by=who)

    def tokens(self, who: Who, id: str) -> list[Token]:
        """A user's API tokens, the latest first."""
        if who.id != id:
            who.need(Role.ADMINISTRATOR)
        now = self._ground.clock.now()
        with self._ground.store.read() as tx:
            rows = [row for row in tx.people.tokens(id) if row.use == "api" and row.expires_at > now]
        return [
            Token(id=_id(row.digest), label=row.label, created_at=row.created_at, expires_at=row.expires_at,
                  last_used_at=row.last_used_at) for row in reversed(rows)
        ]  # fmt: skip

    def token(self, who: Who, id: str, *, days: int, label: str) -> str:
        """A new API token's secret, shown once; it ends by itself."""
        self._may_give(who)
        if not 1 <= days <= MOST_DAYS:
            raise InvalidInput(
                "days", f"1 to {MOST_DAYS} days", remedy="a token that never ends is forgotten somewhere"
            )
        if len(label) > 100 or not label.isprintable():
            raise InvalidInput("label", "at most 100 printable characters", remedy="name the program that uses it")
        return self._ground.people.token(self.user(who, id).user, days=days, label=label.strip(), by=who)

    def end_token(self, who: Who, user: str, id: str) -> None:
        """End an API token at once; raises ``NotFound``."""
        who.need(Role.ADMINISTRATOR)
        with self._ground.writing() as work:
            for row in work.tx.people.tokens(user):
                if row.use == "api" and _id(row.digest) == id:
                    work.tx.people.drop_token(row.digest)
                    note(work, who, "token-end", user, label=row.label)
                    return
        raise NotFound("No such token", remedy="it has ended already")

    # recoveries and drills ----------------------------------------------------------------------------------

    def reasons(self, who: Who, rows: Sequence[RecoveryRow]) -> dict[str, str]:
        """Why each recovery was asked for, by its id: who is to approve must know. Left out where the words were erased."""
        who.need(*APPROVERS)
        found = {}
        with self._ground.writing() as work:
            for row in rows:
                reason = self._reason(work, row)
                if reason:
                    found[row.id] = reason
        return found

    def _reason(self, work: Work, row: RecoveryRow) -> str:
        from msgspec import json

        from spean.exchange.seal import decrypt_content

        fact = work.fact(row.reason_fact) if row.reason_fact else None
        key = None if fact is None else work.key(fact.id)
        if fact is None or fact.content is None or key is None:
            return ""
        _, form = open_body(decrypt_content(key, fact.content, fact.id)[1])
        return str(json.decode(form).get("reason", ""))

    def note_drill(self, who: Who, words: str) -> None:
        """A restore was rehearsed: by whom, and how long it took (docs/operations.md, section 7)."""
        who.need(Role.ADMINISTRATOR)
        if not 10 <= len(words.strip()) <= 1000:
            raise InvalidInput(
                "words", "10 to 1000 characters", remedy="say from which backup, how long it took, what failed"
            )
        with self._ground.writing() as work:
            note(work, who, "drill", who.id, words=words.strip())
            work.tx.meta.set(DRILL_AT, str(work.now))

    def _may_give(self, who: Who) -> None:
        who.need(Role.ADMINISTRATOR)
        self._ground.signing_in.need_proof(who)


def _id(digest: bytes) -> str:
    return digest[:8].hex()
