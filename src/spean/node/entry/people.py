"""Who may speak: users, units, API tokens, sessions. Secrets are kept only as SHA-256 of 256 random bits.

A token belongs to a person or a service; a service can never do what needs a named human (R1). How a person proves who she is
stands in ``signing_in``. Each change of somebody's rights is written down with who made it; ``by=None`` is the machine's own
command line.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from spean.core.errors import Conflict, InvalidInput, NotFound, Refusal, Unauthenticated
from spean.core.fact import ActorKind
from spean.core.ids import ulid
from spean.core.marks import Purpose
from spean.core.roles import READS, Role, purposes_of
from spean.core.world import DAY, MINUTE
from spean.node.entry import preferences
from spean.node.entry.account_log import note
from spean.store.rows import Method, TokenRow, UserRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.node.work import Work
    from spean.store import Tx

_EVERY_PURPOSE = frozenset(map(str, Purpose))
LINK = 15 * MINUTE
"""How long a one-time link waits to be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """The one who asks: a user of this node with the secret's use, or the node itself."""

    user: UserRow
    through: str
    """``api``, ``session``, ``cli`` or ``node``."""
    method: Method = ""
    """How the session began; empty for an API token."""
    strong_at: int = 0
    """When the person last proved herself in this session (passkey, or password and code); 0: never."""
    session: bytes = field(default=b"", repr=False)
    """The digest of the session's secret; empty for an API token."""

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

    @property
    def purposes(self) -> frozenset[str] | None:
        """Purposes of the records that this user may read and act in (O1); None: whatever it is, as for the node itself."""
        if self.through in ("node", "clock"):
            return None
        found = purposes_of(self.roles)
        return None if found >= _EVERY_PURPOSE else found

    @property
    def only_bank(self) -> bool:
        """Whether this is a bank's fraud desk and nothing more: it sees the orders to its own institution, and no other page."""
        return Role.BANK_DESK in self.roles and self.roles <= {Role.BANK_DESK, Role.SERVICE}

    def may_purpose(self, purpose: str) -> bool:
        """Whether records of ``purpose`` are for this user; one without a known purpose is for whoever reads anything."""
        mine = self.purposes
        return mine is None or purpose in mine or (purpose == "" and bool(mine))

    def need_purpose(self, purpose: str) -> None:
        """Refuse when records of ``purpose`` are not for this user (O1)."""
        if not self.may_purpose(purpose):
            name = self.user.name or self.id
            theirs = sorted(role for role in Role if purpose in READS[role].purposes)
            raise Refusal(
                "O1", f"{name}'s roles do not cover the purpose {purpose or 'of this record'}",
                remedy=f"ask a colleague who is {' or '.join(theirs)}" if theirs else "ask an officer of the unit",
            )  # fmt: skip

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
            languages: tuple[str, ...] = (), by: Who | None = None) -> UserRow:  # fmt: skip
        """Make a user. The id is opaque: it stands in signed headers, the name never does."""
        ground = self._ground
        self._check(roles, unit)
        if kind not in ("person", "service"):
            raise InvalidInput("kind", f"{kind!r} is neither person nor service", remedy="give person or service")
        if not name.strip() or len(name) > 120 or not name.isprintable():
            raise InvalidInput("name", "a name has 1 to 120 printable characters", remedy="give the person's name")
        now = ground.clock.now()
        row = UserRow(
            id="u" + ulid(ground.clock, ground.entropy)[-12:].lower(), name=name.strip(), kind="person" if kind == "person" else "service",
            unit=unit, roles=tuple(sorted(roles)), created_at=now, languages=languages,
        )  # fmt: skip
        with ground.writing() as work:
            if any(known.name == row.name and known.disabled_at is None for known in work.tx.people.list()):
                raise Conflict(
                    f"a user named {row.name} is here already", remedy="add the unit or a number to the name"
                )
            work.tx.people.save(row)
            note(work, by, "user-add", row.id)
        return row

    def change(self, id: str, *, unit: str, roles: tuple[str, ...], by: Who | None = None) -> UserRow:
        """Other roles or another unit, from the user's next request on; nobody changes her own (R4)."""
        self._check(roles, unit)
        with self._ground.writing() as work:
            old = work.tx.people.get(id)
            if by is not None and by.id == id:
                raise Refusal("R4", "nobody changes the own roles or unit", remedy="another administrator does")
            if old.disabled_at is not None:
                raise Refusal("O1", f"{old.name} is disabled", remedy="make a new user")
            row = replace(old, unit=unit, roles=tuple(sorted(roles)))
            if row != old:
                work.tx.people.save(row)
                before, after = (f"{each.unit}: {', '.join(each.roles)}" for each in (old, row))
                note(work, by, "user-change", id, before=before, after=after)
        return row

    def _check(self, roles: tuple[str, ...], unit: str) -> None:
        """Refuse roles and units that do not exist."""
        if not roles:
            raise InvalidInput("roles", "somebody without a role may do nothing", remedy=f"use of {', '.join(Role)}")
        for role in roles:
            if role not in set(Role):
                raise InvalidInput("roles", f"{role!r} is no role", remedy=f"use of {', '.join(Role)}")
        units = (*self._ground.settings.units, *self._ground.settings.institutions)
        if unit not in units:
            raise InvalidInput("unit", f"{unit!r} is no unit here", remedy=f"use of {', '.join(units)}")

    def list(self) -> list[UserRow]:
        with self._ground.store.read() as tx:
            return tx.people.list()

    def find(self, name_or_id: str) -> UserRow:
        """The user of that id or exact name; disabled ones too."""
        for row in self.list():
            if name_or_id in (row.id, row.name):
                return row
        raise NotFound(f"no user {name_or_id}", remedy="spean user list shows them")

    def disable(self, name_or_id: str, *, by: Who | None = None) -> UserRow:
        """End a user's rights at once: all tokens and sessions fall too."""
        row = replace(self.find(name_or_id), disabled_at=self._ground.clock.now())
        with self._ground.writing() as work:
            work.tx.people.save(row)
            work.tx.people.drop_tokens(row.id)
            note(work, by, "user-disable", row.id)
        return row

    def prefer(
        self, who: Who, *, language: str = "", time_zone: str = "", calendar: str = "", theme: str = ""
    ) -> UserRow:
        """How the pages shall speak to this user; see ``preferences``."""
        preferences.check(language, time_zone, calendar, theme)
        with self._ground.store.write() as tx:
            row = replace(tx.people.get(who.id), language=language, time_zone=time_zone, calendar=calendar, theme=theme)
            tx.people.save(row)
        return row

    def token(self, user: UserRow, *, use: str = "api", days: int = 90, label: str = "", by: Who | None = None) -> str:
        """A new secret, shown once. ``use``: api, or link (one-time sign-in, 15 minutes).

        A link for somebody who holds a passkey or a password would be a way around them: see ``recoveries.check_link``.
        """
        now = self._ground.clock.now()
        if use not in ("api", "link"):
            raise InvalidInput("use", f"{use!r} is no use of a secret", remedy="give api or link")
        with self._ground.writing() as work:
            method: Method = "" if use == "api" else self._ground.recoveries.check_link(work, user, by)
            row = TokenRow(
                digest=b"", use="api" if use == "api" else "link", user=user.id, created_at=now,
                expires_at=now + (days * DAY if use == "api" else LINK), last_used_at=now,
                label=label if use == "api" else "", method=method,
            )  # fmt: skip
            secret = self.keep(work, row)
            note(work, by, "user-token" if use == "api" else "user-link", user.id, label=label)
            if by is not None and by.id != user.id:
                text = f"{by.user.name} made {'an API token' if use == 'api' else 'a sign-in link'} for {user.name}"
                work.tx.alarms.raise_("secret-made", f"{user.id}:{work.now}", "info", text, work.now)
        return secret

    def keep(self, work: Work, row: TokenRow) -> str:
        """A fresh secret whose digest is kept in ``row``; the secret itself is in nobody's hands but the caller's."""
        user = work.tx.people.get(row.user)
        if user.disabled_at is not None:
            raise Refusal("O1", f"{user.name} is disabled", remedy="make a new user")
        secret = self._ground.entropy.bytes(32)
        work.tx.people.add_token(replace(row, digest=hashlib.sha256(secret).digest()))
        return base64.urlsafe_b64encode(secret).decode().rstrip("=")

    def drop(self, secret: str) -> None:
        """Forget a token or end a session."""
        digest = digest_of(secret)
        with self._ground.writing() as work:
            row = work.tx.people.token(digest)
            if row is not None and work.tx.people.drop_token(digest) and row.use == "session":
                note(work, Who(user=work.tx.people.get(row.user), through="session"), "session-end", row.user)

    def authenticate(self, secret: str, *, through: str = "api") -> Who:
        """Who holds this secret. Raises ``Unauthenticated`` for unknown, ended, idle or disabled."""
        digest = digest_of(secret)
        now = self._ground.clock.now()
        with self._ground.store.read() as tx:
            row = self.valid(tx, digest, ("api", "session"))
            user = tx.people.get(row.user)
        if user.disabled_at is not None:
            raise Unauthenticated("this user is disabled", remedy="ask the administrator")
        if now - row.last_used_at > MINUTE:
            with self._ground.store.write() as tx:
                tx.people.touch_token(digest, now)
        session = digest if row.use == "session" else b""
        return Who(user=user, through=through, method=row.method, strong_at=row.strong_at, session=session)

    def valid(self, tx: Tx, digest: bytes, uses: tuple[str, ...]) -> TokenRow:
        """The token of that digest for one of ``uses``, neither ended nor idle. Raises ``Unauthenticated``."""
        now = self._ground.clock.now()
        row = tx.people.token(digest)
        if row is None or row.use not in uses:
            raise Unauthenticated("this secret is not known here", remedy="sign in again, or ask for a new token")
        idle = now - row.last_used_at > self._ground.settings.session_idle_ms and row.use == "session"
        if now >= row.expires_at or idle:
            raise Unauthenticated("this secret has ended", remedy="sign in again, or ask for a new token")
        return row


def digest_of(secret: str) -> bytes:
    """What is kept of a secret."""
    try:
        raw = base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
    except ValueError:
        raw = b""
    return hashlib.sha256(raw).digest()
