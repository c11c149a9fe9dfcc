"""All store implementations behave the same: passkeys, passwords, challenges, recoveries, forms that were sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from spean.core.errors import Conflict, NotFound
from spean.store import Store
from spean.store.rows import (
    ChallengeRow,
    PasskeyRow,
    PasswordRow,
    RecoveryRow,
    SubmissionRow,
    TokenRow,
    UserRow,
)

KEY = PasskeyRow(id=b"k1", user="u1", public_key=b"\xa5", sign_count=0, label="blue key", transports=("usb", "nfc"),
                 backed_up=False, created_at=5, last_used_at=0)  # fmt: skip
RECOVERY = RecoveryRow(id="r1", user="u1", reason_fact="aa" * 32, asked_by="u2", asked_at=10, expires_at=100)


def test_passkeys_are_found_by_id_and_by_user(store: Store) -> None:
    second = replace(KEY, id=b"k2", created_at=6, transports=(), backed_up=True)
    with store.write() as tx:
        for row in (second, KEY, replace(KEY, id=b"k3", user="u2")):
            tx.sign_in.add_passkey(row)
    with store.read() as tx:
        assert tx.sign_in.passkey(b"k1") == KEY
        assert tx.sign_in.passkey(b"k9") is None
        assert tx.sign_in.passkeys("u1") == [KEY, second]
        assert tx.sign_in.count_passkeys() == {"u1": 2, "u2": 1}
    with pytest.raises(Conflict), store.write() as tx:
        tx.sign_in.add_passkey(replace(KEY, user="u2"))


def test_a_passkeys_use_is_noted_and_it_can_be_dropped(store: Store) -> None:
    with store.write() as tx:
        tx.sign_in.add_passkey(KEY)
        tx.sign_in.used_passkey(b"k1", 7, True, 9)
        assert tx.sign_in.passkey(b"k1") == replace(KEY, sign_count=7, backed_up=True, last_used_at=9)
        assert tx.sign_in.drop_passkey(b"k1")
        assert not tx.sign_in.drop_passkey(b"k1")
        tx.sign_in.add_passkey(KEY)
        assert tx.sign_in.drop_passkeys("u1") == 1
        assert tx.sign_in.count_passkeys() == {}


def test_a_password_is_one_per_user_and_a_step_is_used_once(store: Store) -> None:
    row = PasswordRow(user="u1", hash="$argon2id$", changed_at=3)
    with store.write() as tx:
        assert tx.sign_in.password("u1") is None
        tx.sign_in.save_password(row)
        assert tx.sign_in.password("u1") == row
        sealed = replace(row, hash="$2", code_secret=b"s", code_next=b"n", code_step=4, changed_at=8)
        tx.sign_in.save_password(sealed)
        assert tx.sign_in.passwords() == [sealed]
        assert [tx.sign_in.use_step("u1", step) for step in (4, 3, 5, 5)] == [False, False, True, False]
        assert not tx.sign_in.use_step("u2", 9)
        assert tx.sign_in.drop_password("u1")
        assert not tx.sign_in.drop_password("u1")


def test_a_challenge_is_taken_once(store: Store) -> None:
    row = ChallengeRow(key=b"c" * 32, use="register", user="u1", expires_at=50)
    with store.write() as tx:
        tx.sign_in.add_challenge(row)
        tx.sign_in.add_challenge(replace(row, key=b"d" * 32, expires_at=60))
        assert tx.sign_in.take_challenge(b"c" * 32) == row
        assert tx.sign_in.take_challenge(b"c" * 32) is None
        assert tx.sign_in.expire_challenges(59) == 0
        assert tx.sign_in.expire_challenges(60) == 1
        assert tx.sign_in.take_challenge(b"d" * 32) is None


def test_a_recovery_is_approved_once_and_spent_once(store: Store) -> None:
    with store.write() as tx:
        tx.sign_in.add_recovery(RECOVERY)
        assert not tx.sign_in.spend_recovery("r1", 11)
        assert tx.sign_in.approve_recovery("r1", "u3", 12, 900)
        assert not tx.sign_in.approve_recovery("r1", "u4", 13, 990)
        approved = replace(RECOVERY, approved_by="u3", approved_at=12, expires_at=900)
        assert tx.sign_in.recovery("r1") == approved
        assert tx.sign_in.open_recoveries("u1", 899) == [approved]
        assert tx.sign_in.open_recoveries("u1", 900) == []
        assert tx.sign_in.spend_recovery("r1", 14)
        assert not tx.sign_in.spend_recovery("r1", 15)
        assert tx.sign_in.open_recoveries("u1", 20) == []
        with pytest.raises(NotFound):
            tx.sign_in.recovery("r9")


def test_recoveries_are_listed_newest_first(store: Store) -> None:
    bare = replace(RECOVERY, id="r2", asked_at=11, reason_fact="")
    with store.write() as tx:
        tx.sign_in.add_recovery(RECOVERY)
        tx.sign_in.add_recovery(bare)
        assert tx.sign_in.recoveries() == [bare, RECOVERY]
        assert tx.sign_in.recoveries(limit=1) == [bare]


def test_a_form_is_sent_once(store: Store) -> None:
    row = SubmissionRow(key=b"f" * 32, fact="ab" * 32, record="KR:information-request:1", at=9)
    with store.write() as tx:
        assert tx.submissions.get(row.key) is None
        tx.submissions.add(row)
        assert tx.submissions.get(row.key) == row
    with pytest.raises(Conflict), store.write() as tx:
        tx.submissions.add(row)
    with store.write() as tx:
        assert tx.submissions.expire(9) == 0
        assert tx.submissions.expire(10) == 1


def test_a_sessions_way_in_and_its_last_proof(store: Store) -> None:
    row = TokenRow(digest=b"t" * 32, use="session", user="u1", created_at=1, expires_at=9, last_used_at=1,
                   method="passkey", strong_at=1)  # fmt: skip
    with store.write() as tx:
        tx.people.add_token(row)
        tx.people.prove_token(row.digest, 5)
        assert tx.people.token(row.digest) == replace(row, strong_at=5)


def test_what_a_user_wishes_of_the_pages_is_kept(store: Store) -> None:
    user = UserRow(id="u1", name="Som", kind="person", unit="desk", roles=(), created_at=1, language="fr",
                   time_zone="Asia/Bangkok", calendar="buddhist", theme="night")  # fmt: skip
    with store.write() as tx:
        tx.people.save(replace(user, theme=""))
        tx.people.save(user)
        assert tx.people.get("u1") == user
