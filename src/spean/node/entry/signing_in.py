"""Signing in: by passkey, by password and one-time code, by a one-time link; proving oneself again; one's sessions (ASVS 5.0, 6 and 7).

Every attempt ends in one transaction: the challenge or code is used up, and either the session or the failure is written down.
A session's secret is made anew at every sign-in *and* at every proof (ASVS 7.2.4): what somebody may have copied before the proof is
worth nothing after it. Its absolute end stays where it was.
"""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from spean.core.errors import NotFound, Unauthenticated, VerificationFailed
from spean.core.world import DAY
from spean.node.entry import sign_in_codes as codes
from spean.node.entry import sign_in_passkeys as passkeys
from spean.node.entry import sign_in_passwords as passwords
from spean.node.entry.account_log import NOBODY, account_record, note
from spean.node.entry.authenticators import Authenticators
from spean.node.entry.people import Who, digest_of
from spean.node.entry.sign_in_passkeys import ClonedPasskey
from spean.node.work import Work
from spean.store.rows import AccessRow, Method, PasswordRow, TokenRow, UserRow

MOST_SESSIONS = 20
"""Sessions of one person at a time; the oldest ends."""
_DEVICE = "known devices"
_NO_SECRET = bytes(codes.SECRET_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One of a person's sessions. ``id`` names it without being its secret; times in milliseconds."""

    id: str
    method: Method
    since: int
    last_used: int
    ends: int
    strong_at: int
    this: bool
    """Whether it is the one that asks."""


class SigningIn(Authenticators):
    """``address`` is where the attempt comes from, ``device`` the secret that an earlier good sign-in left on the device."""

    # ways in ------------------------------------------------------------------------------------------------

    def sign_in_options(self, *, address: str = "") -> dict[str, Any]:
        """What the browser is asked for (``PublicKeyCredentialRequestOptionsJSON``); it names no user and no passkey."""
        self.brake.asked(address)
        with self._ground.store.write() as tx:
            return passkeys.assertion_options(self.place, self.new_challenge(tx, "sign-in"))

    def sign_in_passkey(self, credential: dict[str, Any], *, address: str = "") -> str:
        """The secret of a new session. Raises ``Unauthenticated`` or ``TooMuch`` (429)."""
        self.brake.check_address(address)

        def attempt(work: Work) -> str:
            return self._open(work, self._by_passkey(work, credential, "sign-in"), "passkey", strong=True)

        return self._tried(attempt, lambda work, error: self._passkey_failed(work, credential, address, error))

    def sign_in_password(self, name: str, password: str, code: str, *, address: str = "", device: str = "") -> str:
        """The secret of a new session. One answer for every wrong part, and the same work for a name that is not here."""
        folded = _folded(name)
        user, row = self._named(folded)
        known = self._device_id(device, user)
        self.brake.check(folded, address, known)
        right, stale = self._hasher.holds(row.hash, password[: passwords.LONGEST + 1])

        def attempt(work: Work) -> str:
            self._check_code(work, row, code, right=right)
            if user is None:
                raise _wrong()
            return self._open(work, work.tx.people.get(user.id), "password", strong=True)

        def failed(work: Work, _: Unauthenticated) -> None:
            whose = NOBODY if user is None else user.id
            self._failed(work, whose, "password")
            if self.brake.failed(folded, address, known) and user is not None:
                text = f"Somebody guesses at the password of {user.name}: it is closed to unknown devices for a day"
                work.tx.alarms.raise_("sign-in-guesses", f"{whose}:{work.now // DAY}", "critical", text, work.now)

        secret = self._tried(attempt, failed)
        self.brake.passed(folded, address, known)
        if stale:
            self._rehash(row, password)
        return secret

    def sign_in_link(self, link: str, *, address: str = "") -> str:
        """Turn a one-time link's secret into a session; the link is spent. One of a recovery drops the old authenticators."""
        self.brake.check_address(address)
        digest = digest_of(link)

        def attempt(work: Work) -> str:
            row = self._ground.people.valid(work.tx, digest, ("link",))
            user = work.tx.people.get(row.user)
            if user.disabled_at is not None or not work.tx.people.drop_token(digest):
                raise Unauthenticated("this secret has ended", remedy="ask for a new link")
            if row.method == "recovery":
                self._ground.recoveries.use(work, row, user)
            elif self.held(work.tx, user.id):
                raise Unauthenticated("this secret has ended", why="you have a passkey or a password", remedy="use it")
            return self._open(work, user, "recovery" if row.method == "recovery" else "link", strong=False)

        def failed(work: Work, _: Unauthenticated) -> None:
            self.brake.failed("", address, "")
            row = work.tx.people.token(digest)
            if row is not None:
                self._failed(work, row.user, "link")

        return self._tried(attempt, failed)

    # proving oneself again ----------------------------------------------------------------------------------

    def proof_options(self, who: Who) -> dict[str, Any]:
        """What the browser is asked for before an act that needs a fresh proof: one of one's own passkeys."""
        with self._ground.store.write() as tx:
            held = tx.sign_in.passkeys(who.id)
            if not held:
                raise NotFound("You have no passkey", remedy="prove yourself with password and code, or register one")
            return passkeys.assertion_options(self.place, self.new_challenge(tx, "proof", who.id), held)

    def prove(self, secret: str, credential: dict[str, Any], *, address: str = "") -> str:
        """The session's new secret, after a fresh proof by passkey; the old one ends now."""
        who = self._ground.people.authenticate(secret, through="session")
        self.brake.check_address(address)

        def attempt(work: Work) -> str:
            self._by_passkey(work, credential, "proof", who.id)
            return self._renew(work, who, "passkey")

        return self._tried(attempt, lambda work, error: self._passkey_failed(work, credential, address, error))

    def prove_password(self, secret: str, password: str, code: str) -> str:
        """The session's new secret, after a fresh proof by password and code; the old one ends now."""
        who = self._ground.people.authenticate(secret, through="session")
        budget = who.session.hex()
        self.brake.check(who.id, "", budget)
        _, row = self._named(_folded(who.id))
        right, _ = self._hasher.holds(row.hash, password[: passwords.LONGEST + 1])

        def attempt(work: Work) -> str:
            self._check_code(work, row, code, right=right)
            return self._renew(work, who, "password")

        def failed(work: Work, _: Unauthenticated) -> None:
            self.brake.failed(who.id, "", budget)
            self._failed(work, who.id, "password")

        return self._tried(attempt, failed)

    # sessions -----------------------------------------------------------------------------------------------

    def sessions(self, who: Who) -> list[Session]:
        """One's own sessions, the latest first."""
        now, idle = self._ground.clock.now(), self._ground.settings.session_idle_ms
        with self._ground.store.read() as tx:
            rows = [row for row in tx.people.tokens(who.id) if row.use == "session"]
        return [
            Session(id=_session_id(row.digest), method=row.method, since=row.created_at, last_used=row.last_used_at,
                    ends=row.expires_at, strong_at=row.strong_at, this=row.digest == who.session)
            for row in reversed(rows) if now < row.expires_at and now - row.last_used_at <= idle
        ]  # fmt: skip

    def end_session(self, who: Who, id: str) -> None:
        """End one of one's own sessions at once; raises ``NotFound``."""
        with self._ground.writing() as work:
            for row in work.tx.people.tokens(who.id):
                if row.use == "session" and _session_id(row.digest) == id:
                    work.tx.people.drop_token(row.digest)
                    note(work, who, "session-end", who.id, count="1")
                    return
        raise NotFound("No such session", remedy="it has ended already")

    def end_others(self, who: Who) -> int:
        """End all one's sessions but the one that asks; how many there were."""
        with self._ground.writing() as work:
            return self._end_others(work, who)

    def history(self, who: Who, limit: int = 50) -> list[AccessRow]:
        """What happened to one's own account, the latest first."""
        with self._ground.store.read() as tx:
            return tx.access.of_subject(account_record(self._ground.me, who.id))[: -limit - 1 : -1]

    def device_for(self, secret: str) -> str:
        """What the face leaves on the device of a good sign-in, so that it is known next time: it opens nothing by itself."""
        who = self._ground.people.authenticate(secret, through="session")
        name = self._ground.entropy.bytes(16).hex()
        key = next(iter(self._ground.keys.derived(_DEVICE).values()))
        return f"{name}.{_mark(key, who.id, name)}"

    # parts --------------------------------------------------------------------------------------------------

    def _tried(self, attempt: Callable[[Work], str], failed: Callable[[Work, Unauthenticated], None]) -> str:
        """One transaction for both ends: the failure, too, is written down, and what it used up stays used."""
        with self._ground.writing() as work:
            try:
                return attempt(work)
            except Unauthenticated as error:
                wrong = error
                failed(work, error)
        raise wrong

    def _by_passkey(self, work: Work, credential: dict[str, Any], use: str, user: str = "") -> UserRow:
        """Whose passkey answers our challenge."""
        challenge = passkeys.challenge_of(credential)
        self.take_challenge(work.tx, challenge, use, user)
        row = work.tx.sign_in.passkey(passkeys.credential_id(credential))
        if row is None or (user and row.user != user):
            raise passkeys.refused("it is not registered here for this person")
        person = work.tx.people.get(row.user)
        if person.disabled_at is not None or person.kind != "person":
            raise passkeys.refused("its owner has no rights here")
        done = passkeys.asserted(self.place, credential, challenge, row)
        work.tx.sign_in.used_passkey(row.id, done.sign_count, done.backed_up, work.now)
        return person

    def _passkey_failed(self, work: Work, credential: dict[str, Any], address: str, error: Unauthenticated) -> None:
        self.brake.failed("", address, "")
        try:
            row = work.tx.sign_in.passkey(passkeys.credential_id(credential))
        except Unauthenticated:
            row = None
        if row is None:
            return
        self._failed(work, row.user, "passkey", error.why)
        if isinstance(error, ClonedPasskey):
            text = f"A passkey of {work.tx.people.get(row.user).name} may have been copied: {error.why}"
            key = f"{row.id.hex()}:{row.sign_count}"
            work.tx.alarms.raise_("passkey-copied", key, "critical", text, work.now)

    def _named(self, folded: str) -> tuple[UserRow | None, PasswordRow]:
        """The person of that name or id who can sign in by password, and a row of nobody's otherwise."""
        with self._ground.store.read() as tx:
            fitting = [
                user for user in tx.people.list()
                if folded in (_folded(user.name), _folded(user.id)) and user.disabled_at is None and user.kind == "person"
            ]  # fmt: skip
            user = fitting[0] if len(fitting) == 1 else None
            row = tx.sign_in.password(NOBODY if user is None else user.id)
        return user, row or PasswordRow(user=NOBODY, hash="", changed_at=0)

    def _check_code(self, work: Work, row: PasswordRow, code: str, *, right: bool) -> None:
        """Password right, code right, of now, and not used before; or one answer for all. Looked at even if the password was wrong."""
        try:
            secret = codes.unseal(row.code_secret, row.user, self._ground.keys) if row.code_secret else None
        except VerificationFailed as broken:
            secret = None
            work.tx.alarms.raise_("code-secret", row.user, "critical", f"{row.user}: {broken}", work.now)
        step = codes.matching_step(secret or _NO_SECRET, code, work.now)
        if not right or secret is None or step is None or work.tx.sign_in.password(row.user) != row:
            raise _wrong()
        if not work.tx.sign_in.use_step(row.user, step):
            raise _wrong()

    def _rehash(self, row: PasswordRow, password: str) -> None:
        """The parameters have changed since: hash with the present ones, unless the password was changed meanwhile."""
        hash = self._hasher.hash(password)
        with self._ground.store.write() as tx:
            now = tx.sign_in.password(row.user)
            if now is not None and now.hash == row.hash:
                tx.sign_in.save_password(replace(now, hash=hash))

    def _open(self, work: Work, user: UserRow, method: Method, *, strong: bool) -> str:
        now, people = work.now, work.tx.people
        if user.disabled_at is not None:
            raise _wrong()
        open_ones = [row for row in people.tokens(user.id) if row.use == "session"]
        for row in open_ones[: max(0, len(open_ones) - MOST_SESSIONS + 1)]:
            people.drop_token(row.digest)
        made = TokenRow(
            digest=b"", use="session", user=user.id, created_at=now, last_used_at=now,
            expires_at=now + self._ground.settings.session_absolute_ms, method=method, strong_at=now if strong else 0,
        )  # fmt: skip
        note(work, Who(user=user, through="session"), "sign-in", user.id, method=method)
        return self._ground.people.keep(work, made)

    def _renew(self, work: Work, who: Who, by: str) -> str:
        row = work.tx.people.token(who.session)
        if row is None or not work.tx.people.drop_token(who.session):
            raise Unauthenticated("this secret has ended", remedy="sign in again")
        note(work, who, "sign-in-proof", who.id, method=by)
        return self._ground.people.keep(work, replace(row, strong_at=work.now, last_used_at=work.now))

    def _failed(self, work: Work, user: str, method: str, why: str = "") -> None:
        """Write the failure down; in a flood only the alarm."""
        if self.brake.may_note():
            itself = self._ground.people.node_itself()
            note(work, itself, "sign-in-failed", user, method=method, why=why[:300])
        else:
            text = "So many sign-ins fail that they are no longer written down one by one"
            work.tx.alarms.raise_("sign-in-flood", str(work.now // DAY), "critical", text, work.now)

    def _device_id(self, device: str, user: UserRow | None) -> str:
        """The name of the device if its secret is ours and of this user, else ''."""
        name, _, mark = device[:200].partition(".")
        if user is None or not mark:
            return ""
        keys = self._ground.keys.derived(_DEVICE).values()
        fits = [hmac.compare_digest(_mark(key, user.id, name), mark.encode(errors="replace").decode()) for key in keys]
        return name if any(fits) else ""


def _mark(key: bytes, user: str, name: str) -> str:
    return hmac.digest(key, f"{user}\n{name}".encode(errors="replace"), "sha256").hex()


def _folded(name: str) -> str:
    """A name as its owner may type it: any case, any composition of its letters."""
    return unicodedata.normalize("NFKC", name[:200]).casefold().strip()


def _session_id(digest: bytes) -> str:
    return digest[:8].hex()


def _wrong() -> Unauthenticated:
    return Unauthenticated(
        "Sign-in refused",
        why="name, password or code is wrong, or the code was used already",
        remedy="try again with the next code; who lost one of them asks the administrator for a recovery",
    )
