"""Who may speak: users, units, API tokens, sessions. Secrets are kept only as SHA-256 of 256 random bits.

A token belongs to a person or a service; a service can never do what needs a named human (R1).
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from spean.core.errors import Conflict, InvalidInput, NotFound, Refusal, Unauthenticated
from spean.core.fact import ActorKind
from spean.core.ids import ulid
from spean.core.roles import Role
from spean.core.world import DAY, MINUTE
from spean.store.rows import TokenRow, UserRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.store import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """The one who asks: a user of this node with the secret's use, or the node itself."""

    user: UserRow
    through: str
    """``api``, ``session``, ``cli`` or ``node``."""

    @property
    def id(self) -> str:
        return self.user.id

    @property
    def actor_kind(self) -> ActorKind:
        """What stands in the header: a named person, a service, or a clock."""
        return "timer" if self.through == "clock" else self.user.kind

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(self.user.roles)

    def need(self, *roles: Role) -> None:
        """Refuse unless the user holds one of the roles (O1)."""
        if not self.roles & set(roles):
            wanted = " or ".join(roles)
            raise Refusal(
                "O1", f"{self.user.name or self.id} has no role {wanted}", remedy=f"ask a colleague who is {wanted}"
            )


class People:
    """Users and their secrets."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def node_itself(self, through: str = "node") -> Who:
        """The node's own service identity: acknowledgements, confirmations; ``through='clock'`` for timers."""
        ground = self._ground
        row = UserRow(
            id=f"{ground.me}-node", name=ground.settings.name, kind="service", unit=ground.settings.units[0],
            roles=(Role.SERVICE,), created_at=0,
        )  # fmt: skip
        return Who(user=row, through=through)

    def add(self, name: str, *, unit: str, roles: tuple[str, ...], kind: str = "person",
            languages: tuple[str, ...] = ()) -> UserRow:  # fmt: skip
        """Make a user. The id is opaque: it stands in signed headers, the name never does."""
        ground = self._ground
        for role in roles:
            if role not in set(Role):
                raise InvalidInput("roles", f"{role!r} is no role", remedy=f"use of {', '.join(Role)}")
        if unit not in ground.settings.units:
            raise InvalidInput("unit", f"{unit!r} is no unit here", remedy=f"use of {', '.join(ground.settings.units)}")
        if kind not in ("person", "service"):
            raise InvalidInput("kind", f"{kind!r} is neither person nor service", remedy="give person or service")
        if not name.strip() or len(name) > 120 or not name.isprintable():
            raise InvalidInput("name", "a name has 1 to 120 printable characters", remedy="give the person's name")
        now = ground.clock.now()
        row = UserRow(
            id="u" + ulid(ground.clock, ground.entropy)[-12:].lower(), name=name.strip(), kind="person" if kind == "person" else "service",
            unit=unit, roles=tuple(sorted(roles)), created_at=now, languages=languages,
        )  # fmt: skip
        with ground.store.write() as tx:
            if any(known.name == row.name and known.disabled_at is None for known in tx.people.list()):
                raise Conflict(
                    f"a user named {row.name} is here already", remedy="add the unit or a number to the name"
                )
            tx.people.save(row)
        return row

    def list(self) -> list[UserRow]:
        with self._ground.store.read() as tx:
            return tx.people.list()

    def find(self, name_or_id: str) -> UserRow:
        """The user of that id or exact name; disabled ones too."""
        for row in self.list():
            if name_or_id in (row.id, row.name):
                return row
        raise NotFound(f"no user {name_or_id}", remedy="spean user list shows them")

    def disable(self, name_or_id: str) -> UserRow:
        """End a user's rights at once: all tokens and sessions fall too."""
        row = replace(self.find(name_or_id), disabled_at=self._ground.clock.now())
        with self._ground.store.write() as tx:
            tx.people.save(row)
            tx.people.drop_tokens(row.id)
        return row

    def token(self, user: UserRow, *, use: str = "api", days: int = 90, label: str = "") -> str:
        """A new secret, shown once. ``use``: api, link (one-time sign-in, 15 minutes) or session."""
        ground = self._ground
        now = ground.clock.now()
        lifetimes = {"api": days * DAY, "link": 15 * MINUTE, "session": ground.settings.session_absolute_ms}
        if use not in lifetimes:
            raise InvalidInput("use", f"{use!r} is no use of a secret", remedy="give api or link")
        if user.disabled_at is not None:
            raise Refusal("O1", f"{user.name} is disabled", remedy="make a new user")
        secret = ground.entropy.bytes(32)
        row = TokenRow(
            digest=hashlib.sha256(secret).digest(), use=use, user=user.id, created_at=now,  # type: ignore[arg-type]
            expires_at=now + lifetimes[use], last_used_at=now, label=label,
        )  # fmt: skip
        with ground.store.write() as tx:
            tx.people.add_token(row)
        return base64.urlsafe_b64encode(secret).decode().rstrip("=")

    def drop(self, secret: str) -> None:
        """Forget a token or end a session."""
        with self._ground.store.write() as tx:
            tx.people.drop_token(_digest(secret))

    def sign_in(self, link: str) -> str:
        """Turn a one-time link's secret into a session; the link is spent."""
        digest = _digest(link)
        with self._ground.store.write() as tx:
            row = self._valid(tx, digest, ("link",))
            tx.people.drop_token(digest)
            user = tx.people.get(row.user)
        return self.token(user, use="session")

    def authenticate(self, secret: str, *, through: str = "api") -> Who:
        """Who holds this secret. Raises ``Unauthenticated`` for unknown, ended, idle or disabled."""
        digest = _digest(secret)
        now = self._ground.clock.now()
        with self._ground.store.read() as tx:
            row = self._valid(tx, digest, ("api", "session"))
            user = tx.people.get(row.user)
        if user.disabled_at is not None:
            raise Unauthenticated("this user is disabled", remedy="ask the administrator")
        if now - row.last_used_at > MINUTE:
            with self._ground.store.write() as tx:
                tx.people.touch_token(digest, now)
        return Who(user=user, through=through)

    def _valid(self, tx: Tx, digest: bytes, uses: tuple[str, ...]) -> TokenRow:
        now = self._ground.clock.now()
        row = tx.people.token(digest)
        if row is None or row.use not in uses:
            raise Unauthenticated("this secret is not known here", remedy="sign in again, or ask for a new token")
        idle = now - row.last_used_at > self._ground.settings.session_idle_ms and row.use == "session"
        if now >= row.expires_at or idle:
            raise Unauthenticated("this secret has ended", remedy="sign in again, or ask for a new token")
        return row


def _digest(secret: str) -> bytes:
    try:
        raw = base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
    except ValueError:
        raw = b""
    return hashlib.sha256(raw).digest()
