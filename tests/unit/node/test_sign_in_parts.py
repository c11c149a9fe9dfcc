"""The parts of signing in that stand alone: codes, seals, budgets, the line before the hashing, where a passkey belongs."""

from __future__ import annotations

import json
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spean.core.errors import TooMuch, Unauthenticated, VerificationFailed
from spean.core.world import DAY, SECOND, SeededEntropy
from spean.keys import NodeKeys
from spean.node.entry import sign_in_codes as codes
from spean.node.entry.sign_in_brake import REMEMBERED, Budget
from spean.node.entry.sign_in_passkeys import Place, decoded, encoded, registered
from spean.node.entry.sign_in_passwords import AT_ONCE, IN_LINE, Hasher

RFC_SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037"),
     (20000000000, "353130")],
)  # fmt: skip
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    """RFC 6238, appendix B (SHA-1), the last six digits."""
    assert codes.matching_step(RFC_SECRET, code, seconds * SECOND) == seconds // 30
    assert codes.matching_step(RFC_SECRET, f" {code[:3]} {code[3:]} ", seconds * SECOND) == seconds // 30


@given(st.text(max_size=40))
def test_no_text_breaks_the_look_at_a_code(text: str) -> None:
    step = codes.matching_step(RFC_SECRET, text, 59 * SECOND)
    assert step is None or "".join(text.split()).isdigit()


def test_a_sealed_secret_opens_for_its_user_on_its_node_only() -> None:
    keys, others = (NodeKeys.generate(SeededEntropy(seed), 0) for seed in (1, 2))
    sealed = codes.seal(RFC_SECRET, "u1", keys, SeededEntropy(3))
    assert codes.unseal(sealed, "u1", keys) == RFC_SECRET
    assert codes.unseal(sealed, "u1", keys.rotate("seal", SeededEntropy(4), 5)) == RFC_SECRET
    for wrong, user, by in (
        (sealed, "u2", keys),
        (sealed, "u1", others),
        (sealed[:-1] + bytes([sealed[-1] ^ 1]), "u1", keys),
        (b"", "u1", keys),
    ):
        with pytest.raises(VerificationFailed):
            codes.unseal(wrong, user, by)


def test_derived_keys_differ_by_purpose_and_by_node_and_outlive_a_rotation() -> None:
    keys = NodeKeys.generate(SeededEntropy(1), 0)
    rotated = keys.rotate("seal", SeededEntropy(2), 5)
    (one,), (other,) = keys.derived("a").values(), keys.derived("b").values()
    assert len({one, other, *NodeKeys.generate(SeededEntropy(3), 0).derived("a").values()}) == 3
    assert list(rotated.derived("a")) == [rotated.seal_id, keys.seal_id]
    assert rotated.derived("a")[keys.seal_id] == one


def test_a_budget_ends_recovers_and_stays_small() -> None:
    budget = Budget(2, DAY)
    assert [budget.spend(b"a", 0), budget.spend(b"a", 1), budget.spend(b"a", 2)] == [False, True, False]
    assert not budget.left(b"a", DAY - 1)
    assert budget.left(b"a", DAY)
    assert budget.left(b"a", -1)  # a clock that was set back locks nobody out
    for number in range(REMEMBERED + 10):
        budget.spend(str(number).encode(), 5)
    assert len(budget._spent) == REMEMBERED


def test_hashing_is_done_by_a_few_and_the_rest_is_told_to_come_again() -> None:
    hasher = Hasher(SeededEntropy(1))
    hash = hasher.hash("violet harbour")
    started, go = threading.Barrier(AT_ONCE + 1), threading.Event()

    def hold() -> None:
        with hasher._turn():
            started.wait(10)
            go.wait(10)

    holding = [threading.Thread(target=hold) for _ in range(AT_ONCE)]
    for thread in holding:
        thread.start()
    started.wait(10)
    for _ in range(IN_LINE):
        hasher._line.acquire()
    with pytest.raises(TooMuch) as caught:
        hasher.holds(hash, "violet harbour")
    assert caught.value.status == 429
    for _ in range(IN_LINE):
        hasher._line.release()
    go.set()
    for thread in holding:
        thread.join(10)
    assert hasher.holds(hash, "violet harbour") == (True, False)
    assert hasher.holds("", "nobody") == (False, False)
    assert hasher.holds("no hash", "nobody") == (False, False)


def test_accents_typed_on_another_keyboard_are_the_same_password() -> None:
    hasher = Hasher(SeededEntropy(1))
    assert hasher.holds(hasher.hash("caf\u00e9 au lait noir"), "cafe\u0301 au lait noir") == (True, False)


@pytest.mark.parametrize(
    ("url", "rp_id", "origin"),
    [
        ("https://kr.example:8443", "kr.example", "https://kr.example:8443"), ("https://KR.example:443", "kr.example", "https://kr.example"),
        ("https://kr.example/", "kr.example", "https://kr.example"), ("http://kr.localhost:80", "kr.localhost", "http://kr.localhost"),
    ],
)  # fmt: skip
def test_a_passkey_belongs_to_the_nodes_own_name(url: str, rp_id: str, origin: str) -> None:
    assert Place.of(url, "Desk") == Place(rp_id, origin, "Desk")


@pytest.mark.parametrize(
    "raw",
    [b"\x81" * 12_000, b"\xa1\x61a" * 4_000, b"\x9f" * 12_000, b"\x5b" + b"\xff" * 8, b"\x9b\x7f" + b"\xff" * 7,
     b"\xd8\x1c" * 6_000, b""],
    ids=["nested lists", "nested maps", "endless lists", "long text", "long list", "nested tags", "nothing"],
)  # fmt: skip
def test_a_hostile_attestation_breaks_nothing(raw: bytes) -> None:
    place, challenge = Place("kr.localhost", "http://kr.localhost:8443", "Desk"), b"c" * 32
    said = {"type": "webauthn.create", "challenge": encoded(challenge), "origin": place.origin}
    response = {"clientDataJSON": encoded(json.dumps(said).encode()), "attestationObject": encoded(raw)}
    credential = {"id": "YQ", "rawId": "YQ", "type": "public-key", "response": response}
    with pytest.raises(Unauthenticated):
        registered(place, credential, challenge, "u1", "key", 0)


@given(st.binary(max_size=64))
def test_bytes_are_written_as_web_pages_write_them(data: bytes) -> None:
    assert decoded(encoded(data)) == data
    assert "=" not in encoded(data)
