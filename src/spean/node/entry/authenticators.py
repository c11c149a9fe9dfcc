"""What a person holds to prove who she is: passkeys, or a password with one-time codes. Only she changes them, in a session of her own.

The first one may be registered in a session that a one-time link began. From then on every change needs a fresh proof, so a session
that somebody left open, or a stolen cookie, cannot be turned into a way in that lasts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from spean.core.errors import Conflict, InvalidInput, NotFound, Refusal, Unauthenticated, VerificationFailed
from spean.core.world import MINUTE
from spean.keys import NodeKeys
from spean.node.entry import sign_in_codes as codes
from spean.node.entry import sign_in_passkeys as passkeys
from spean.node.entry import sign_in_passwords as passwords
from spean.node.entry.account_log import note
from spean.node.entry.people import Who
from spean.node.entry.sign_in_brake import SignInBrake
from spean.store.rows import ChallengeRow, ChallengeUse, PasskeyRow, PasswordRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.node.work import Work
    from spean.store import Tx

CHALLENGE = 5 * MINUTE
PROOF = 5 * MINUTE
"""How long a proof counts for what needs a fresh one (ASVS 7.5)."""
MOST_PASSKEYS = 20


@dataclass(frozen=True, slots=True)
class Held:
    """What a person can sign in with. A password counts once its codes were confirmed."""

    passkeys: int
    password: bool

    def __bool__(self) -> bool:
        return self.passkeys > 0 or self.password


@dataclass(frozen=True, slots=True)
class BegunCode:
    """A new secret for an authenticator app, shown once: to type, and to scan."""

    secret: str
    uri: str


class Authenticators:
    """Registers, lists and drops."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._hasher = passwords.Hasher(ground.entropy)
        self.brake = SignInBrake(ground.clock)
        self.place = passkeys.Place.of(ground.settings.url, ground.settings.name)

    def held(self, tx: Tx, user: str) -> Held:
        """What this user can sign in with."""
        password = tx.sign_in.password(user)
        return Held(len(tx.sign_in.passkeys(user)), password is not None and password.code_secret is not None)

    def overview(self) -> dict[str, Held]:
        """What each user who holds anything can sign in with, by id."""
        with self._ground.store.read() as tx:
            counts = tx.sign_in.count_passkeys()
            coded = {row.user for row in tx.sign_in.passwords() if row.code_secret is not None}
        return {user: Held(counts.get(user, 0), user in coded) for user in sorted({*counts, *coded})}

    def needs_proof(self, who: Who, within: int = PROOF) -> bool:
        """Whether the person must prove herself again before an act that needs it. ``within`` in milliseconds."""
        return not 0 <= self._ground.clock.now() - who.strong_at <= within

    def need_proof(self, who: Who) -> None:
        """Refuse a session whose last proof is too old."""
        if who.session and self.needs_proof(who):
            raise Refusal(
                "proof", "this needs a fresh proof that it is you", remedy="confirm with your passkey, or password and code"
            )  # fmt: skip

    # passkeys -----------------------------------------------------------------------------------------------

    def passkeys(self, who: Who) -> list[PasskeyRow]:
        """One's own passkeys, oldest first."""
        return self.passkeys_of(who.id)

    def passkeys_of(self, user: str) -> list[PasskeyRow]:
        """A user's passkeys, for whoever keeps the machine."""
        with self._ground.store.read() as tx:
            return tx.sign_in.passkeys(user)

    def registration_options(self, who: Who) -> dict[str, Any]:
        """What the browser is asked for (``PublicKeyCredentialCreationOptionsJSON``); good for five minutes, once."""
        with self._ground.store.write() as tx:
            self._may_change(tx, who)
            challenge = self.new_challenge(tx, "register", who.id)
            return passkeys.registration_options(self.place, who.user, challenge, tx.sign_in.passkeys(who.id))

    def register(self, who: Who, credential: dict[str, Any], label: str) -> PasskeyRow:
        """Keep the passkey that the browser made. Raises ``Unauthenticated`` when it is not believed."""
        if not 0 < len(label.strip()) <= 60 or not label.isprintable():
            raise InvalidInput("label", "a label has 1 to 60 printable characters", remedy="name the device")
        challenge = passkeys.challenge_of(credential)
        with self._ground.store.write() as tx:
            self._may_change(tx, who)
            self.take_challenge(tx, challenge, "register", who.id)
        row = passkeys.registered(self.place, credential, challenge, who.id, label.strip(), self._ground.clock.now())
        with self._ground.writing() as work:
            self._may_change(work.tx, who)
            if len(work.tx.sign_in.passkeys(who.id)) >= MOST_PASSKEYS:
                raise Conflict("There are too many passkeys", remedy="drop one that you use no more")
            if work.tx.sign_in.passkey(row.id) is not None:
                raise Conflict("This passkey is registered already", remedy="sign in with it")
            work.tx.sign_in.add_passkey(row)
            self._drop_links(work, who.id)
            note(work, who, "passkey-add", who.id, passkey=row.id.hex(), label=row.label)
            _tell(work, who.user.name, "registered a passkey")
        return row

    def drop_passkey(self, who: Who, id: bytes) -> None:
        """Forget one of one's own passkeys; the last way in stays."""
        with self._ground.writing() as work:
            self._may_change(work.tx, who)
            self._drop_passkey(work, who, who.id, id)
            _tell(work, who.user.name, "dropped a passkey")

    def drop_passkey_at_machine(self, user: str, hex: str) -> None:
        """The same from the machine's command line, by the id in hex, for a device that was lost: everybody is told."""
        try:
            id = bytes.fromhex(hex)
        except ValueError:
            raise _no_passkey() from None
        with self._ground.writing() as work:
            self._drop_passkey(work, None, user, id)
            name = work.tx.people.get(user).name
            text = f"A passkey of {name} was dropped at the machine"
            work.tx.alarms.raise_("passkey-dropped", id.hex(), "critical", text, work.now)

    def _drop_passkey(self, work: Work, by: Who | None, user: str, id: bytes) -> None:
        row = work.tx.sign_in.passkey(id)
        if row is None or row.user != user:
            raise _no_passkey()
        held = self.held(work.tx, user)
        if held.passkeys == 1 and not held.password:
            raise Refusal(
                "R4",
                "it is the last way in",
                remedy="register another first; if it is lost, two people recover the account",
            )
        work.tx.sign_in.drop_passkey(id)
        note(work, by, "passkey-drop", user, passkey=id.hex(), label=row.label)

    # password and codes -------------------------------------------------------------------------------------

    def set_password(self, who: Who, new: str, current: str | None = None) -> None:
        """A first or new password; it signs in only together with confirmed codes. Ends all other sessions.

        With authenticators it needs a fresh proof, or ``current``. Raises ``InvalidInput`` for a weak one.
        """
        ground = self._ground
        passwords.check_strength(new, who.user.name, who.id, ground.settings.name)
        with ground.store.read() as tx:
            old = tx.sign_in.password(who.id)
            self._may_change(tx, who, proved=current is not None and old is not None)
        if current is not None and old is not None and self.needs_proof(who):
            self._check_current(who, old, current)
        hash = self._hasher.hash(new)
        with ground.writing() as work:
            if work.tx.sign_in.password(who.id) != old:
                raise Conflict("The password was changed meanwhile", remedy="sign in and look")
            made = PasswordRow(user=who.id, hash=hash, changed_at=work.now)
            work.tx.sign_in.save_password(made if old is None else replace(old, hash=hash, changed_at=work.now))
            self._end_others(work, who)
            note(work, who, "password-set", who.id)
            _tell(work, who.user.name, "set a password")

    def _check_current(self, who: Who, old: PasswordRow, current: str) -> None:
        budget = who.session.hex()
        self.brake.check(who.id, "", budget)
        if not self._hasher.holds(old.hash, current[: passwords.LONGEST + 1])[0]:
            self.brake.failed(who.id, "", budget)
            raise Unauthenticated("The current password is wrong", remedy="type it again, or prove yourself by passkey")

    def begin_code(self, who: Who) -> BegunCode:
        """A new secret for one-time codes, to be confirmed by one; until then the former one stands."""
        ground = self._ground
        secret = ground.entropy.bytes(codes.SECRET_BYTES)
        with ground.store.write() as tx:
            self._may_change(tx, who)
            row = self._password(tx, who)
            tx.sign_in.save_password(replace(row, code_next=codes.seal(secret, who.id, ground.keys, ground.entropy)))
        return BegunCode(codes.base32(secret), codes.key_uri(secret, who.user.name, ground.settings.name))

    def confirm_code(self, who: Who, code: str) -> None:
        """The app shows the right codes: password and codes sign in from now on. Raises ``Unauthenticated`` for a wrong code."""
        ground = self._ground
        budget = who.session.hex()
        self.brake.check(who.id, "", budget)
        with ground.writing() as work:
            self._may_change(work.tx, who)
            row = self._password(work.tx, who)
            if row.code_next is None:
                raise Conflict("No code was begun", remedy="ask for a new secret first")
            step = codes.matching_step(codes.unseal(row.code_next, who.id, ground.keys), code, work.now)
            if step is not None:
                done = replace(row, code_secret=row.code_next, code_next=None, code_step=step)
                work.tx.sign_in.save_password(done)
                self._drop_links(work, who.id)
                note(work, who, "code-set", who.id)
                _tell(work, who.user.name, "confirmed one-time codes")
        if step is None:
            self.brake.failed(who.id, "", budget)
            raise Unauthenticated(
                "The code is wrong", why="it does not fit the secret and this minute", remedy="see that the clock of your telephone is right"
            )  # fmt: skip

    def drop_password(self, who: Who) -> None:
        """Forget password and codes; the last way in stays."""
        with self._ground.writing() as work:
            self._may_change(work.tx, who)
            if not self.held(work.tx, who.id).passkeys:
                raise Refusal("R4", "it is the last way in", remedy="register a passkey first")
            if work.tx.sign_in.drop_password(who.id):
                note(work, who, "password-set", who.id, dropped="yes")
                _tell(work, who.user.name, "dropped the password")

    def reseal(self, tx: Tx, keys: NodeKeys) -> None:
        """Seal every code's secret under the newest key: part of the transaction that changes the node's keys.

        One that cannot be opened is left as it is: its owner needs a recovery, and the rotation must not wait for that.
        """
        for row in tx.sign_in.passwords():
            try:
                fresh = [self._resealed(sealed, row.user, keys) for sealed in (row.code_secret, row.code_next)]
            except VerificationFailed:
                continue
            tx.sign_in.save_password(replace(row, code_secret=fresh[0], code_next=fresh[1]))

    def _resealed(self, sealed: bytes | None, user: str, keys: NodeKeys) -> bytes | None:
        if sealed is None:
            return None
        return codes.seal(codes.unseal(sealed, user, keys), user, keys, self._ground.entropy)

    # shared -------------------------------------------------------------------------------------------------

    def new_challenge(self, tx: Tx, use: ChallengeUse, user: str = "") -> bytes:
        """32 random bytes, kept as digest, for one ``use`` by one user ('' where nobody is known yet), within five minutes."""
        challenge = self._ground.entropy.bytes(32)
        row = ChallengeRow(
            key=sha256(challenge).digest(), use=use, user=user, expires_at=self._ground.clock.now() + CHALLENGE
        )  # fmt: skip
        tx.sign_in.add_challenge(row)
        return challenge

    def take_challenge(self, tx: Tx, challenge: bytes, use: str, user: str = "") -> None:
        """Use it up, whatever becomes of the answer. Raises ``Unauthenticated`` unless it was given for just this."""
        row = tx.sign_in.take_challenge(sha256(challenge).digest())
        if row is None or (row.use, row.user) != (use, user):
            raise passkeys.refused("it answers no question that was asked here for this")
        if self._ground.clock.now() >= row.expires_at:
            raise passkeys.refused("it took longer than five minutes")

    def _may_change(self, tx: Tx, who: Who, *, proved: bool = False) -> None:
        """A person, in her own session, freshly proved once she holds anything."""
        if who.user.kind != "person":
            raise Refusal("R1", "a service proves itself by its token only", remedy="sign in as a person")
        if not who.session or tx.people.token(who.session) is None:
            raise Refusal("O1", "a token may not change how its owner signs in", remedy="sign in on the node's pages")
        if not proved and self.held(tx, who.id):
            self.need_proof(who)

    def _password(self, tx: Tx, who: Who) -> PasswordRow:
        row = tx.sign_in.password(who.id)
        if row is None:
            raise Conflict("There is no password", remedy="set one first")
        return row

    def _drop_links(self, work: Work, user: str) -> None:
        """Whoever holds an authenticator needs no link any more; one that lies about would be a way around it."""
        for token in work.tx.people.tokens(user):
            if token.use == "link":
                work.tx.people.drop_token(token.digest)

    def _end_others(self, work: Work, who: Who) -> int:
        others = [
            row for row in work.tx.people.tokens(who.id) if row.use == "session" and row.digest != who.session
        ]  # fmt: skip
        for row in others:
            work.tx.people.drop_token(row.digest)
        if others:
            note(work, who, "session-end", who.id, count=str(len(others)))
        return len(others)


def _tell(work: Work, name: str, what: str) -> None:
    """The owner sees on every desk that a way in changed, also when it was not she who changed it (ASVS 6.3.7)."""
    work.tx.alarms.raise_("sign-in-changed", f"{name}:{what}:{work.now}", "info", f"{name} {what}", work.now)


def _no_passkey() -> NotFound:
    return NotFound("No such passkey", remedy="list them and name one by its id")
