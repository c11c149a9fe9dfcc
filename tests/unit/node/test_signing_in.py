"""Signing in through the node's door: good ways, and every way in which a stranger might try."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from spean.core.errors import Conflict, InvalidInput, NotFound, Refusal, TooMuch, Unauthenticated
from spean.core.world import DAY, MINUTE, SECOND, ManualClock, SeededEntropy
from spean.demo.passkey import PRESENT, SoftPasskey
from spean.exchange.make import Signer
from spean.keys.root import new_root, root_public
from spean.node import Node, admit, create, open_node
from spean.node.entry.account_log import account_record
from spean.node.entry.people import Who
from spean.node.entry.signing_in import Session
from spean.node.settings import Settings
from spean.store.rows import UserRow

HOST, ORIGIN = "kr.localhost", "http://kr.localhost:8443"
PASSWORD = "violet harbour in rain"


class House:
    """A node, its clock, and people with their devices."""

    def __init__(self, home: Path) -> None:
        self.clock = ManualClock()
        root: Signer = new_root(home / "root.json", "test.spean", SeededEntropy(1))
        self.root = root
        settings = Settings(node="KR", name="Desk of KR", realm="test.spean", root=root_public(root), tls=False,
                            url=ORIGIN)  # fmt: skip
        create(home / "KR", settings, entropy=SeededEntropy(2), clock=self.clock)
        admit(home / "KR", root)
        self.node: Node = open_node(home / "KR", clock=self.clock, entropy=SeededEntropy(3))
        self.count = 0

    def user(self, name: str, *roles: str, kind: str = "person") -> UserRow:
        return self.node.people.add(name, unit="desk", roles=roles or ("duty-officer",), kind=kind)

    def who(self, secret: str) -> Who:
        return self.node.people.authenticate(secret, through="session")

    def link(self, user: UserRow) -> str:
        """A session begun by a one-time link."""
        return self.node.signing_in.sign_in_link(self.node.people.token(user, use="link"))

    def device(self) -> SoftPasskey:
        self.count += 1
        return SoftPasskey(HOST, ORIGIN, SeededEntropy(100 + self.count))

    def officer(self, name: str, *roles: str) -> tuple[UserRow, SoftPasskey]:
        """A user with a registered passkey."""
        user, device = self.user(name, *roles), self.device()
        who = self.who(self.link(user))
        self.node.signing_in.register(who, device.create(self.node.signing_in.registration_options(who)), "telephone")
        return user, device

    def enter(self, device: SoftPasskey) -> str:
        return self.node.signing_in.sign_in_passkey(device.get(self.node.signing_in.sign_in_options()))

    def codes(self, name: str) -> tuple[UserRow, bytes]:
        """A user with password and confirmed codes, and the codes' secret."""
        user = self.user(name)
        who = self.who(self.link(user))
        self.node.signing_in.set_password(who, PASSWORD)
        secret = base64.b32decode(self.node.signing_in.begin_code(who).secret)
        self.node.signing_in.confirm_code(who, self.code(secret))
        self.clock.advance(MINUTE)
        return user, secret

    def code(self, secret: bytes, off: int = 0) -> str:
        return TOTP(secret, 6, SHA1(), 30).generate((self.clock.now() + off) // SECOND).decode()

    def log(self, user: UserRow) -> list[str]:
        with self.node.reading() as tx:
            return [row.act for row in tx.access.of_subject(account_record("KR", user.id))]

    def this(self, secret: str) -> Session:
        """The session of that secret as its owner sees it."""
        return next(each for each in self.node.signing_in.sessions(self.who(secret)) if each.this)

    def know_a_partner(self) -> None:
        """A rotation of keys must have somebody to be announced to."""
        home = self.node.home.parent / "KH"
        settings = replace(self.node.settings, node="KH", name="Desk of KH", url="http://kh.localhost:8443")
        create(home, settings, entropy=SeededEntropy(4), clock=self.clock)
        admit(home, self.root)
        self.node.peering.admit((home / "identity").read_bytes())

    def alarms(self) -> list[tuple[str, str]]:
        return [(alarm.kind, alarm.severity) for alarm in self.node.reading_desk.alarms()]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.node.close()


# passkeys ---------------------------------------------------------------------------------------------------


def test_a_passkey_signs_in_without_a_name(house: House) -> None:
    user, device = house.officer("Sokha")
    options = house.node.signing_in.sign_in_options()
    assert (options["allowCredentials"], options["userVerification"], options["rpId"]) == ([], "required", HOST)
    who = house.who(house.node.signing_in.sign_in_passkey(device.get(options)))
    assert (who.id, who.method, who.strong_at) == (user.id, "passkey", house.clock.now())
    assert house.log(user) == ["user-add", "user-link", "sign-in", "passkey-add", "sign-in"]
    (row,) = house.node.signing_in.passkeys(who)
    assert (row.label, row.sign_count, row.transports) == ("telephone", device.count, ("internal",))


def test_registration_asks_for_a_discoverable_verified_passkey_without_attestation(house: House) -> None:
    user = house.user("Sokha")
    options = house.node.signing_in.registration_options(house.who(house.link(user)))
    chosen = options["authenticatorSelection"]
    assert (chosen["residentKey"], chosen["userVerification"], options["attestation"]) == (
        "required",
        "required",
        "none",
    )
    assert options["rp"]["id"] == HOST
    assert "Sokha" not in base64.urlsafe_b64decode(options["user"]["id"] + "==").decode()


def wrong_origin(device: SoftPasskey) -> None:
    device.origin = "http://kr.localhost.evil.example"


def wrong_host(device: SoftPasskey) -> None:
    device.rp_id = "evil.example"


def not_verified(device: SoftPasskey) -> None:
    device.flags = PRESENT


@pytest.mark.parametrize("spoil", [wrong_origin, wrong_host, not_verified])
def test_a_passkey_of_elsewhere_or_unverified_is_believed_nowhere(house: House, spoil: Any) -> None:
    user, device = house.officer("Sokha")
    stranger = house.device()
    spoil(device)
    spoil(stranger)
    with pytest.raises(Unauthenticated):
        house.enter(device)
    newcomer = house.who(house.link(house.user("Dara")))
    with pytest.raises(Unauthenticated):
        house.node.signing_in.register(
            newcomer, stranger.create(house.node.signing_in.registration_options(newcomer)), "x"
        )
    assert house.node.signing_in.passkeys(newcomer) == []
    assert house.log(user)[-1] == "sign-in-failed"


def test_a_challenge_serves_once_for_one_use_and_one_person(house: House) -> None:
    _, device = house.officer("Sokha")
    _, other = house.officer("Dara")
    ways = house.node.signing_in
    credential = device.get(ways.sign_in_options())
    secret = ways.sign_in_passkey(credential)
    with pytest.raises(Unauthenticated, match="no question"):
        ways.sign_in_passkey(credential)
    who, else_ = house.who(secret), house.enter(other)
    proof = ways.proof_options(who)
    with pytest.raises(Unauthenticated, match="no question"):
        ways.prove(else_, other.get({"challenge": proof["challenge"]}))
    with pytest.raises(Unauthenticated, match="no question"):
        ways.sign_in_passkey(device.get(ways.proof_options(who)))
    with pytest.raises(Unauthenticated, match="no question"):
        ways.prove(secret, device.get(ways.sign_in_options()))
    with pytest.raises(Unauthenticated, match="no question"):
        ways.register(who, house.device().create({**ways.registration_options(house.who(else_))}), "x")


def test_a_challenge_ends_after_five_minutes_and_a_wrong_answer_uses_it_up(house: House) -> None:
    _, device = house.officer("Sokha")
    options = house.node.signing_in.sign_in_options()
    house.clock.advance(5 * MINUTE)
    with pytest.raises(Unauthenticated, match="five minutes"):
        house.node.signing_in.sign_in_passkey(device.get(options))
    options = house.node.signing_in.sign_in_options()
    broken = device.get(options)
    broken["response"]["signature"] = base64.urlsafe_b64encode(b"\x30" * 70).decode()
    with pytest.raises(Unauthenticated):
        house.node.signing_in.sign_in_passkey(broken)
    with pytest.raises(Unauthenticated, match="no question"):
        house.node.signing_in.sign_in_passkey(device.get(options))


def test_the_challenge_itself_is_kept_only_as_a_digest(house: House) -> None:
    options = house.node.signing_in.sign_in_options()
    challenge = base64.urlsafe_b64decode(options["challenge"] + "==")
    with house.node.store.write() as tx:
        row = tx.sign_in.take_challenge(hashlib.sha256(challenge).digest())
    assert row is not None
    assert row.key != challenge


def test_a_counter_that_goes_back_is_refused_and_alarmed_about(house: House) -> None:
    _, device = house.officer("Sokha")
    house.enter(device)
    house.enter(device)
    device.count = 1
    with pytest.raises(Unauthenticated, match="copied"):
        house.enter(device)
    assert ("passkey-copied", "critical") in house.alarms()
    assert house.who(house.enter(device)).method == "passkey"  # the one that is ahead goes on


def test_a_signature_of_another_key_under_a_known_id_is_refused(house: House) -> None:
    _, device = house.officer("Sokha")
    _, thief = house.officer("Dara")
    forged, real = thief.get(house.node.signing_in.sign_in_options()), device.assertion(b"x")
    with pytest.raises(Unauthenticated):
        house.node.signing_in.sign_in_passkey({**forged, "id": real["id"], "rawId": real["rawId"]})


@pytest.mark.parametrize(
    "credential",
    [
        {}, {"response": None}, {"response": {}}, {"id": 7, "rawId": 7, "response": {"clientDataJSON": "e30"}},
        {"id": "a", "rawId": "a", "response": {"clientDataJSON": "bnVsbA"}},
        {"id": "a", "rawId": "a", "response": {"clientDataJSON": "A" * 20_000}},
        {"id": "a", "rawId": "é", "response": {"clientDataJSON": "W" * 4 + "é"}},
        {"id": "a", "rawId": "a", "response": {"clientDataJSON": base64.urlsafe_b64encode(b"[" * 9000).decode()}},
    ],
)  # fmt: skip
def test_what_is_no_credential_is_refused_without_breaking(house: House, credential: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        house.node.signing_in.sign_in_passkey(credential)


def test_an_answer_from_inside_another_sites_frame_is_refused(house: House) -> None:
    _, device = house.officer("Sokha")
    made = device.get(house.node.signing_in.sign_in_options())
    said = json.loads(base64.urlsafe_b64decode(made["response"]["clientDataJSON"] + "=="))
    framed = json.dumps({**said, "crossOrigin": True}).encode()
    made["response"]["clientDataJSON"] = base64.urlsafe_b64encode(framed).decode().rstrip("=")
    with pytest.raises(Unauthenticated, match="frame"):
        house.node.signing_in.sign_in_passkey(made)


def test_a_service_and_a_token_register_nothing(house: House) -> None:
    service = house.user("Bank", "service", kind="service")
    with pytest.raises(Refusal, match="R1"):
        house.node.signing_in.registration_options(house.who(house.link(service)))
    officer = house.user("Sokha")
    by_token = house.node.people.authenticate(house.node.people.token(officer))
    with pytest.raises(Refusal, match="pages"):
        house.node.signing_in.registration_options(by_token)
    with pytest.raises(Refusal, match="pages"):
        house.node.signing_in.set_password(by_token, PASSWORD)


def test_a_disabled_user_is_out(house: House) -> None:
    user, device = house.officer("Sokha")
    session = house.enter(device)
    house.node.people.disable(user.id)
    for attempt in (lambda: house.enter(device), lambda: house.who(session)):
        with pytest.raises(Unauthenticated):
            attempt()


def test_a_further_passkey_needs_a_fresh_proof(house: House) -> None:
    _, device = house.officer("Sokha")
    session = house.enter(device)
    house.clock.advance(5 * MINUTE + 1)
    with pytest.raises(Refusal, match="fresh proof"):
        house.node.signing_in.registration_options(house.who(session))
    ways, old = house.node.signing_in, session
    session = ways.prove(session, device.get(ways.proof_options(house.who(session))))
    who = house.who(session)
    assert not ways.needs_proof(who)
    with pytest.raises(Unauthenticated):
        house.who(old)
    second = house.device()
    ways.register(who, second.create(ways.registration_options(who)), "spare key")
    first, spare = ways.passkeys(who)
    ways.drop_passkey(who, first.id)
    with pytest.raises(Unauthenticated):
        house.enter(device)
    with pytest.raises(Refusal, match="last way in"):
        ways.drop_passkey(who, spare.id)
    with pytest.raises(NotFound):
        ways.drop_passkey(who, first.id)


def test_a_proof_does_not_lengthen_the_session(house: House) -> None:
    _, device = house.officer("Sokha")
    session = house.enter(device)
    before = house.this(session)
    house.clock.advance(10 * MINUTE)
    session = house.node.signing_in.prove(session, device.get(house.node.signing_in.proof_options(house.who(session))))
    after = house.this(session)
    assert (after.since, after.ends) == (before.since, before.ends)
    assert after.strong_at == house.clock.now()


# password and code ------------------------------------------------------------------------------------------


def test_password_and_code_sign_in_each_code_once(house: House) -> None:
    user, secret = house.codes("Sokha Chan")
    ways = house.node.signing_in
    code = house.code(secret)
    who = house.who(ways.sign_in_password("  SOKHA chan ", PASSWORD, code))
    assert (who.id, who.method, who.strong_at) == (user.id, "password", house.clock.now())
    with pytest.raises(Unauthenticated):
        ways.sign_in_password("Sokha Chan", PASSWORD, code)
    house.clock.advance(30 * SECOND)
    with pytest.raises(Unauthenticated):
        ways.sign_in_password("Sokha Chan", PASSWORD, house.code(secret, -30 * SECOND))  # of a step used before
    assert ways.sign_in_password(user.id, PASSWORD, house.code(secret))


def test_codes_hold_one_step_before_and_after(house: House) -> None:
    _, secret = house.codes("Sokha")
    ways = house.node.signing_in
    for off in (-DAY, -60 * SECOND, 60 * SECOND):
        with pytest.raises(Unauthenticated):
            ways.sign_in_password("Sokha", PASSWORD, house.code(secret, off))
    assert ways.sign_in_password("Sokha", PASSWORD, house.code(secret, -30 * SECOND))
    assert ways.sign_in_password("Sokha", PASSWORD, house.code(secret, 30 * SECOND))


def test_every_wrong_part_has_the_same_answer(house: House) -> None:
    user, secret = house.codes("Sokha")
    house.user("No Password")
    _, gone_secret = house.codes("Gone")
    house.node.people.disable("Gone")
    tries = [
        ("Nobody", PASSWORD, "123456"), ("Sokha", "wrong horse wrong", house.code(secret)), ("Sokha", PASSWORD, "000000"),
        ("Sokha", PASSWORD, ""), ("No Password", PASSWORD, "123456"), ("Gone", PASSWORD, house.code(gone_secret)),
        ("", "", ""), ("\x00" * 500, "x" * 5000, "é" * 400),
    ]  # fmt: skip
    told = set()
    for attempt in tries:
        with pytest.raises(Unauthenticated) as caught:
            house.node.signing_in.sign_in_password(*attempt)
        told.add(str(caught.value))
    assert len(told) == 1
    assert house.log(user).count("sign-in-failed") == 3
    assert house.node.signing_in.sign_in_password("Sokha", PASSWORD, house.code(secret))  # a failure uses up no code


def test_a_password_without_confirmed_codes_signs_nobody_in(house: House) -> None:
    user = house.user("Sokha")
    who = house.who(house.link(user))
    ways = house.node.signing_in
    with pytest.raises(Conflict):
        ways.begin_code(who)
    ways.set_password(who, PASSWORD)
    secret = base64.b32decode(ways.begin_code(who).secret)
    with pytest.raises(Unauthenticated):
        ways.sign_in_password("Sokha", PASSWORD, house.code(secret))
    with pytest.raises(Unauthenticated):
        ways.confirm_code(who, "000000")
    ways.confirm_code(who, house.code(secret))
    with pytest.raises(Unauthenticated):
        ways.sign_in_password("Sokha", PASSWORD, house.code(secret))  # confirming used it
    house.clock.advance(30 * SECOND)
    assert ways.sign_in_password("Sokha", PASSWORD, house.code(secret))


def test_a_new_password_ends_the_other_sessions(house: House) -> None:
    _, secret = house.codes("Sokha")
    ways = house.node.signing_in
    first = ways.sign_in_password("Sokha", PASSWORD, house.code(secret))
    house.clock.advance(10 * MINUTE)
    second = ways.sign_in_password("Sokha", PASSWORD, house.code(secret))
    with pytest.raises(Refusal, match="fresh proof"):
        ways.set_password(house.who(first), "another harbour in snow")
    with pytest.raises(Unauthenticated):
        ways.set_password(house.who(first), "another harbour in snow", "not the current one")
    ways.set_password(house.who(first), "another harbour in snow", PASSWORD)
    with pytest.raises(Unauthenticated):
        house.who(second)
    house.clock.advance(30 * SECOND)
    assert ways.sign_in_password("Sokha", "another harbour in snow", house.code(secret))


@pytest.mark.parametrize(
    ("weak", "why"),
    [
        ("short one", "characters"), ("x" * 257, "characters"), ("aaaaaaaaaaaa", "repeats"), ("123456789012", "row"),
        ("qwertyuiopasdf", "row"), ("P@ssw0rd12345", "common"), ("Dragonmonkey99!", "common"), ("iloveyou!!!!2026", "common"),
        ("Sokha-Chan-1987", "name"), ("deskofkr2026!!", "name"),
    ],
)  # fmt: skip
def test_weak_passwords_are_refused_with_the_reason(house: House, weak: str, why: str) -> None:
    who = house.who(house.link(house.user("Sokha Chan")))
    with pytest.raises(InvalidInput, match=why):
        house.node.signing_in.set_password(who, weak)


@pytest.mark.parametrize(
    "good", [PASSWORD, "ទឹកហូរមិនដែលហត់", "48151623421908", "correct harbour battery", "窗前明月光疑是地上霜"]
)
def test_long_passwords_of_any_script_are_taken(house: House, good: str) -> None:
    who = house.who(house.link(house.user("Sokha Chan")))
    if len(good) < 12:
        good += good
    house.node.signing_in.set_password(who, good)


def test_nothing_readable_of_password_or_code_stands_in_the_store(house: House, tmp_path: Path) -> None:
    user, secret = house.codes("Sokha")
    with house.node.store.read() as tx:
        row = tx.sign_in.password(user.id)
    assert row is not None
    assert row.hash.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert secret not in (row.code_secret or b"")
    files = b"".join(path.read_bytes() for path in (tmp_path / "KR").glob("*.db*"))
    assert PASSWORD.encode() not in files
    assert secret not in files
    assert base64.b32encode(secret) not in files


def test_codes_survive_a_rotation_of_the_nodes_keys(house: House) -> None:
    user, secret = house.codes("Sokha")
    admin = house.user("Admin", "administrator")
    device = house.node.signing_in.device_for(
        house.node.signing_in.sign_in_password("Sokha", PASSWORD, house.code(secret))
    )
    by = house.node.people.authenticate(house.node.people.token(admin))
    old = {key.private for key in house.node.keys.stored if key.use == "seal"}
    house.know_a_partner()
    house.node.rotating.rotate(by, "yearly")
    with house.node.store.read() as tx:
        row = tx.sign_in.password(user.id)
    assert row is not None
    assert (row.code_secret or b"")[:8].hex() == house.node.keys.seal_id
    house.node.use_keys(house.node.keys.forget(next(
        name for name in house.node.keys.derived("x") if name != house.node.keys.seal_id
    )))  # fmt: skip
    assert not old & {key.private for key in house.node.keys.stored}
    house.clock.advance(MINUTE)
    assert house.node.signing_in.sign_in_password("Sokha", PASSWORD, house.code(secret), device=device)


# brakes -----------------------------------------------------------------------------------------------------


def guess(house: House, name: str, address: str, times: int, device: str = "") -> int:
    """Wrong attempts; how many were judged before the brake."""
    for number in range(times):
        try:
            house.node.signing_in.sign_in_password(
                name, "wrong and wrong again", "000000", address=address, device=device
            )
        except Unauthenticated:
            continue
        except TooMuch:
            return number
    return times


@pytest.fixture
def quick(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """Hashing costs nothing here: what counts is how often it is asked."""

    def holds(hash: str, password: str) -> tuple[bool, bool]:
        return bool(hash) and password == PASSWORD, False

    monkeypatch.setattr(house.node.signing_in._hasher, "holds", holds)
    return house


def test_a_stranger_does_not_lock_the_officer_out(quick: House) -> None:
    user, secret = quick.codes("Sokha")
    ways = quick.node.signing_in
    device = ways.device_for(ways.sign_in_password("Sokha", PASSWORD, quick.code(secret), address="10.0.0.1"))
    assert guess(quick, "Sokha", "203.0.113.9", 50) == 10
    assert sum(guess(quick, "Sokha", f"198.51.100.{n}", 50) for n in range(20)) == 90
    assert ("sign-in-guesses", "critical") in quick.alarms()
    quick.clock.advance(MINUTE)
    with pytest.raises(TooMuch):
        ways.sign_in_password("Sokha", PASSWORD, quick.code(secret), address="192.0.2.1")
    assert (
        quick.who(ways.sign_in_password("Sokha", PASSWORD, quick.code(secret), address="203.0.113.9", device=device)).id
        == user.id
    )
    quick.clock.advance(DAY)
    assert ways.sign_in_password("Sokha", PASSWORD, quick.code(secret), address="192.0.2.1")


def test_a_stranger_does_not_lock_a_passkey_out(quick: House) -> None:
    _, device = quick.officer("Sokha")
    guess(quick, "Sokha", "203.0.113.9", 50)
    assert quick.enter(device)


def test_an_address_that_tries_many_names_must_wait_and_others_need_not(quick: House) -> None:
    _, secret = quick.codes("Sokha")
    assert sum(guess(quick, f"Name {n}", "203.0.113.9", 1) for n in range(40)) == 30
    assert quick.node.signing_in.sign_in_password("Sokha", PASSWORD, quick.code(secret), address="203.0.113.8")
    quick.clock.advance(15 * MINUTE)
    assert guess(quick, "Name", "203.0.113.9", 1) == 1


def test_a_known_device_has_a_budget_too_and_a_forged_one_has_none(quick: House) -> None:
    user, secret = quick.codes("Sokha")
    quick.codes("Dara")
    ways = quick.node.signing_in
    device = ways.device_for(ways.sign_in_password("Sokha", PASSWORD, quick.code(secret)))
    assert guess(quick, "Sokha", "10.0.0.1", 20, device) == 10
    assert guess(quick, "Dara", "10.0.0.2", 20, device) == 10  # another's device: an unknown one
    assert guess(quick, "Dara", "10.0.0.2", 5, device) == 0
    assert guess(quick, "Sokha", "10.0.0.3", 20, f"{'0' * 32}.{'0' * 64}") == 10
    assert user.id not in device


def test_challenges_are_not_given_out_without_end(house: House) -> None:
    for _ in range(60):
        house.node.signing_in.sign_in_options(address="203.0.113.9")
    with pytest.raises(TooMuch) as caught:
        house.node.signing_in.sign_in_options(address="203.0.113.9")
    assert caught.value.status == 429
    house.node.signing_in.sign_in_options(address="203.0.113.8")
    house.clock.advance(10 * MINUTE)
    with house.node.store.write() as tx:
        assert tx.sign_in.expire_challenges(house.clock.now()) == 61


# links and recovery -----------------------------------------------------------------------------------------


def test_a_link_signs_in_once_and_ends(house: House) -> None:
    user = house.user("Sokha")
    link = house.node.people.token(user, use="link")
    who = house.who(house.node.signing_in.sign_in_link(link))
    assert (who.method, who.strong_at, house.node.signing_in.needs_proof(who)) == ("link", 0, True)
    with pytest.raises(Unauthenticated):
        house.node.signing_in.sign_in_link(link)
    link = house.node.people.token(user, use="link")
    house.clock.advance(15 * MINUTE)
    with pytest.raises(Unauthenticated):
        house.node.signing_in.sign_in_link(link)
    assert house.log(user)[-1] == "sign-in-failed"


def test_nobody_alone_makes_a_link_for_who_holds_an_authenticator(house: House) -> None:
    admin = house.user("Admin", "administrator")
    house.user("Auditor", "auditor")
    user = house.user("Sokha")
    early = house.node.people.token(user, use="link")
    who = house.who(house.link(user))
    house.node.signing_in.register(who, house.device().create(house.node.signing_in.registration_options(who)), "key")
    with pytest.raises(Unauthenticated):
        house.node.signing_in.sign_in_link(early)
    by = house.node.people.authenticate(house.node.people.token(admin))
    for whom in (by, None):
        with pytest.raises(Refusal, match="R4"):
            house.node.people.token(user, use="link", by=whom)


def test_where_one_person_is_all_there_is_the_machine_recovers_aloud(house: House) -> None:
    admin, device = house.officer("Admin", "administrator")
    link = house.node.people.token(admin, use="link")
    assert ("recovery", "critical") in house.alarms()
    assert house.who(house.node.signing_in.sign_in_link(link)).method == "recovery"
    with pytest.raises(Unauthenticated):
        house.enter(device)
    assert house.log(admin)[-2:] == ["recovery-use", "sign-in"]


def test_two_people_recover_a_third(house: House) -> None:
    user, lost = house.officer("Sokha")
    _, admin = house.officer("Admin", "administrator")
    _, jurist = house.officer("Jurist", "legal")
    session, token = house.enter(lost), house.node.people.token(user)
    asker, second = house.who(house.enter(admin)), house.who(house.enter(jurist))
    recoveries = house.node.recoveries
    row = recoveries.ask(asker, user, "Came to the desk in person with her card")
    with pytest.raises(Conflict):
        recoveries.ask(asker, user, "Came to the desk in person with her card")
    with pytest.raises(Refusal, match="does not approve"):
        recoveries.approve(asker, row.id)
    with pytest.raises(Refusal, match="own account"):
        recoveries.ask(asker, house.node.people.find("Admin"), "I lost my own key today")
    link = recoveries.approve(second, row.id)
    with pytest.raises(Conflict):
        recoveries.approve(second, row.id)
    who = house.who(house.node.signing_in.sign_in_link(link))
    assert (who.id, who.method) == (user.id, "recovery")
    for gone in (session, token):
        with pytest.raises(Unauthenticated):
            house.node.people.authenticate(gone)
    with pytest.raises(Unauthenticated):
        house.enter(lost)
    found = house.device()
    house.node.signing_in.register(who, found.create(house.node.signing_in.registration_options(who)), "new key")
    assert house.who(house.enter(found)).id == user.id
    assert house.log(user)[-6:] == [
        "recovery-ask",
        "recovery-approve",
        "recovery-use",
        "sign-in",
        "passkey-add",
        "sign-in",
    ]
    assert [kind for kind, _ in house.alarms()].count("recovery") == 3
    (done,) = recoveries.list(second)
    assert (done.asked_by, done.approved_by, done.spent_at is not None) == (asker.id, second.id, True)


def test_a_recovery_needs_roles_fresh_proofs_and_time(house: House) -> None:
    user, _ = house.officer("Sokha")
    _, admin = house.officer("Admin", "administrator")
    _, plain = house.officer("Plain")
    _, auditor = house.officer("Auditor", "auditor")
    asker = house.who(house.enter(admin))
    recoveries = house.node.recoveries
    with pytest.raises(Refusal, match="O1"):
        recoveries.ask(house.who(house.enter(plain)), user, "Came to the desk in person")
    with pytest.raises(InvalidInput):
        recoveries.ask(asker, user, "lost it")
    with pytest.raises(Conflict):
        recoveries.ask(asker, house.user("Newcomer"), "Came to the desk in person")
    row = recoveries.ask(asker, user, "Came to the desk in person")
    with pytest.raises(Refusal, match="O1"):
        recoveries.approve(house.who(house.enter(plain)), row.id)
    second = house.who(house.enter(auditor))
    house.clock.advance(6 * MINUTE)
    with pytest.raises(Refusal, match="fresh proof"):
        recoveries.approve(second, row.id)
    house.clock.advance(DAY)
    with pytest.raises(Refusal, match="ended"):
        recoveries.approve(house.who(house.enter(auditor)), row.id)


def test_one_administrator_is_not_two_people(house: House) -> None:
    user, _ = house.officer("Sokha")
    _, admin = house.officer("Admin", "administrator")
    asker, ways = house.who(house.enter(admin)), house.node.signing_in
    puppet = house.node.people.add("Puppet", unit="desk", roles=("auditor",), by=asker)
    who = house.who(ways.sign_in_link(house.node.people.token(puppet, use="link", by=asker)))
    device = house.device()
    ways.register(who, device.create(ways.registration_options(who)), "key")
    row = house.node.recoveries.ask(asker, user, "Came to the desk in person")
    with pytest.raises(Refusal, match="gave you"):
        house.node.recoveries.approve(house.who(house.enter(device)), row.id)
    house.clock.advance(DAY)
    again = house.node.recoveries.ask(house.who(house.enter(admin)), user, "Came to the desk in person")
    assert house.node.recoveries.approve(house.who(house.enter(device)), again.id)


def test_a_changed_way_in_is_told_on_the_desk(house: House) -> None:
    house.officer("Sokha")
    house.codes("Dara")
    told = [alarm.text for alarm in house.node.reading_desk.alarms() if alarm.kind == "sign-in-changed"]
    assert sorted(told) == ["Dara confirmed one-time codes", "Dara set a password", "Sokha registered a passkey"]


def test_a_hash_of_older_parameters_is_made_anew(house: House) -> None:
    user, secret = house.codes("Sokha")
    with house.node.store.write() as tx:
        row = tx.sign_in.password(user.id)
        assert row is not None
        tx.sign_in.save_password(replace(row, hash=PasswordHasher(2, 1024, 1).hash(PASSWORD)))
    assert house.node.signing_in.sign_in_password("Sokha", PASSWORD, house.code(secret))
    with house.node.store.read() as tx:
        now = tx.sign_in.password(user.id)
    assert now is not None
    assert "m=47104,t=1,p=1" in now.hash
    house.clock.advance(MINUTE)
    assert house.node.signing_in.sign_in_password("Sokha", PASSWORD, house.code(secret))


def test_one_code_sent_twice_at_once_signs_in_once(house: House) -> None:
    _, secret = house.codes("Sokha")
    code = house.code(secret)

    def attempt(_: int) -> bool:
        try:
            return bool(house.node.signing_in.sign_in_password("Sokha", PASSWORD, code))
        except Unauthenticated:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(attempt, range(4))) == [False, False, False, True]


def test_a_recovery_link_that_waits_too_long_is_nothing(house: House) -> None:
    user, device = house.officer("Sokha")
    _, admin = house.officer("Admin", "administrator")
    _, auditor = house.officer("Auditor", "auditor")
    row = house.node.recoveries.ask(house.who(house.enter(admin)), user, "Came to the desk in person")
    link = house.node.recoveries.approve(house.who(house.enter(auditor)), row.id)
    house.clock.advance(15 * MINUTE)
    with pytest.raises(Unauthenticated):
        house.node.signing_in.sign_in_link(link)
    assert house.enter(device)


# sessions and rights ----------------------------------------------------------------------------------------


def test_sessions_are_listed_and_ended_by_their_owner_only(house: House) -> None:
    _, device = house.officer("Sokha")
    _, other = house.officer("Dara")
    first, second, theirs = house.enter(device), house.enter(device), house.enter(other)
    who = house.who(first)
    listed = house.node.signing_in.sessions(who)
    assert [each.method for each in listed].count("passkey") == 2
    assert [each.this for each in listed].count(True) == 1
    foreign = house.node.signing_in.sessions(house.who(theirs))[0].id
    with pytest.raises(NotFound):
        house.node.signing_in.end_session(who, foreign)
    house.node.signing_in.end_session(house.who(second), next(each.id for each in listed if each.this))
    with pytest.raises(Unauthenticated):
        house.who(first)
    assert house.node.signing_in.end_others(house.who(second)) == 1  # the link's
    assert house.who(theirs)


def test_a_person_has_a_limited_number_of_sessions(house: House) -> None:
    _, device = house.officer("Sokha")
    made = []
    for _ in range(21):
        house.clock.advance(SECOND)
        made.append(house.enter(device))
    with pytest.raises(Unauthenticated):
        house.who(made[0])
    assert len(house.node.signing_in.sessions(house.who(made[-1]))) == 20


def test_who_gave_rights_stands_in_the_log(house: House) -> None:
    admin = house.node.people.authenticate(house.node.people.token(house.user("Admin", "administrator")))
    user = house.node.people.add("Sokha", unit="desk", roles=("analyst",), by=admin)
    house.node.people.token(user, by=admin)
    house.node.people.disable(user.id, by=admin)
    with house.node.reading() as tx:
        rows = tx.access.of_subject(account_record("KR", user.id))
        names = [tx.facts.get(row.fact).kind for row in rows]
    assert [(row.act, row.user) for row in rows] == [
        (act, admin.id) for act in ("user-add", "user-token", "user-disable")
    ]
    assert names == [row.act for row in rows]
    assert ("secret-made", "info") in house.alarms()


def test_the_owner_sees_what_happened_to_the_account(house: House) -> None:
    _, device = house.officer("Sokha")
    device.flags = PRESENT
    with pytest.raises(Unauthenticated):
        house.enter(device)
    device.flags |= 4
    who = house.who(house.enter(device))
    assert [row.act for row in house.node.signing_in.history(who, limit=2)] == ["sign-in", "sign-in-failed"]


def test_wishes_of_the_pages_are_checked(house: House) -> None:
    who = house.who(house.link(house.user("Sokha")))
    row = house.node.people.prefer(who, language="fr", time_zone="Asia/Phnom_Penh", calendar="buddhist", theme="night")
    assert (row.language, row.time_zone, row.calendar, row.theme) == ("fr", "Asia/Phnom_Penh", "buddhist", "night")
    assert house.who(house.link(row)).user == row
    for wrong in (
        {"language": "xx"},
        {"time_zone": "../etc/passwd"},
        {"time_zone": "Moon/Base"},
        {"theme": "x"},
        {"calendar": "x"},
    ):
        with pytest.raises(InvalidInput):
            house.node.people.prefer(who, **wrong)
