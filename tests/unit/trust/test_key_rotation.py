"""Key rotation: proof of possession, acknowledgement within five minutes, revocation (O9)."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from spean.core.errors import InvalidInput, Refusal, VerificationFailed
from spean.core.world import MINUTE
from spean.ledger.note import Verifier, format_vkey
from spean.procedures.rehearse import Rehearsal
from spean.trust.model import (
    Acknowledgement,
    Announcement,
    NewKey,
    Retirement,
    Revocation,
    prove_possession,
    verify_possession,
)
from spean.trust.procedures import KEY_ROTATION
from spean.trust.service import not_acknowledged

START = "2026-03-04T02:00:00Z"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
RAW = PRIVATE.public_key().public_bytes_raw()
SIGN_KEY = NewKey(use="sign", key_id="KR/2", public=RAW.hex())
LOG_KEY = NewKey(use="log", key_id="KR/log/2", public=format_vkey(Verifier("kr.example/log", RAW)))
SEAL_KEY = NewKey(use="seal", key_id="KR/seal/2", public="ab" * 32)


def announcement(*keys: NewKey, node: str = "KR", start: str = START) -> Announcement:
    proved = tuple(prove_possession(PRIVATE, node, key, start) if key.use != "seal" else key for key in keys)
    return Announcement(keys=proved, valid_from=start, reason="yearly rotation")


def announced() -> Rehearsal:
    play = Rehearsal(KEY_ROTATION, "KR", ("KH", "TH"))
    play.do("KR", "announce", announcement(SIGN_KEY, LOG_KEY, SEAL_KEY))
    return play


def test_possession_is_proved_for_signing_and_log_keys() -> None:
    good = announcement(SIGN_KEY, LOG_KEY, SEAL_KEY)
    verify_possession("KR", good)
    with pytest.raises(VerificationFailed, match="KR/2"):
        verify_possession("TH", good)
    later = Announcement(keys=good.keys, valid_from="2026-03-05T02:00:00Z", reason="yearly rotation")
    other = NewKey(use="sign", key_id="KR/9", public=good.keys[0].public, proof=good.keys[0].proof)
    garbage = NewKey(use="log", key_id="x", public="no vkey", proof="00" * 64)
    for wrong in (later, Announcement(keys=(SIGN_KEY,), valid_from=START, reason="yearly rotation"),
                  Announcement(keys=(other,), valid_from=START, reason="yearly rotation"),
                  Announcement(keys=(garbage,), valid_from=START, reason="yearly rotation")):  # fmt: skip
        with pytest.raises(VerificationFailed):
            verify_possession("KR", wrong)


@pytest.mark.parametrize(("form", "error"), [
    (announcement(SIGN_KEY, node="TH"), Refusal),
    (announcement(SIGN_KEY, start="2027-03-04T02:00:00Z"), Refusal),
    (announcement(SIGN_KEY, start="some time next week!"), InvalidInput),
    (announcement(NewKey(use="seal", key_id="s", public="short")), InvalidInput),
])  # fmt: skip
def test_a_key_of_another_a_far_date_or_a_wrong_key_is_not_announced(form: Announcement, error: type[Any]) -> None:
    with pytest.raises(error):
        Rehearsal(KEY_ROTATION, "KR", ("KH",)).do("KR", "announce", form)


def test_the_silent_peer_is_overdue_after_five_minutes() -> None:
    play = announced()
    play.do("KH", "acknowledge", Acknowledgement(), actor_kind="service")
    start = play.now
    late = play.tick()
    assert late is not None
    assert (late.kind, late.time - start) == ("overdue", 5 * MINUTE)
    assert play.view is not None
    assert not_acknowledged(play.view) == ("TH",)


def test_a_revocation_is_a_persons_and_is_acknowledged_afresh() -> None:
    play = announced()
    for node in ("KH", "TH"):
        play.do(node, "acknowledge", Acknowledgement(), actor_kind="service")
    assert play.timers == ()
    lost = Revocation(key_id="KR/1", distrusted_from="2026-03-01T00:00:00Z", reason="laptop stolen")
    with pytest.raises(Refusal, match="human"):
        play.do("KR", "revoke", lost, actor_kind="service")
    future = Revocation(key_id="KR/1", distrusted_from="2027-03-01T00:00:00Z", reason="laptop stolen")
    with pytest.raises(Refusal, match="now or earlier"):
        play.do("KR", "revoke", future)
    play.do("KR", "revoke", lost)
    assert play.view is not None
    assert not_acknowledged(play.view) == ("KH", "TH")
    assert [due.due_at - play.now for due in play.timers] == [5 * MINUTE]
    play.do("KH", "acknowledge", Acknowledgement(), actor_kind="service")
    play.do("KR", "revoke", lost)
    play.do("KR", "retire", Retirement(reason="replaced by the next"))
    assert play.state == "retired"
