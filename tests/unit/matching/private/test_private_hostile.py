"""Hostile elements, answers, proofs and keys are refusals, whatever the package under it does."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spean.core.errors import InvalidInput, TooMuch, VerificationFailed
from spean.matching.private import voprf
from spean.matching.private.voprf import Blinded, Key, check_public

KEY = Key(bytes(range(32)), b"this")
OTHER = Key(bytes(range(32)), b"that")
PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
NO_ELEMENTS = {
    "identity": bytes(32),
    "one": b"\1" + bytes(31),
    "negative": (3).to_bytes(32, "little"),
    "the prime": PRIME.to_bytes(32, "little"),
    "beyond the prime": (PRIME + 2).to_bytes(32, "little"),
    "all bits": b"\xff" * 32,
    "high bit": (2**255 + 4).to_bytes(32, "little"),
    "minus one": (PRIME - 1).to_bytes(32, "little"),
}
"""Encodings that RFC 9496 (ristretto255, 4.3.1 and A.3) refuses, and the identity, which RFC 9497 (2.1) refuses."""


@pytest.mark.parametrize("name", NO_ELEMENTS)
def test_what_is_no_element_is_not_evaluated(name: str) -> None:
    good = Blinded([b"a"]).elements
    for elements in (NO_ELEMENTS[name], good + NO_ELEMENTS[name], NO_ELEMENTS[name] + good):
        with pytest.raises(VerificationFailed):
            KEY.evaluate(elements)


@pytest.mark.parametrize("size", [0, 1, 31, 33, 63])
def test_lengths_that_do_not_fit(size: int) -> None:
    with pytest.raises(VerificationFailed):
        KEY.evaluate(Blinded([b"a", b"b"]).elements[:size])


def test_more_than_a_batch() -> None:
    with pytest.raises(TooMuch):
        KEY.evaluate(Blinded([b"a"]).elements * (voprf.MOST + 1))
    with pytest.raises(TooMuch):
        Blinded([b"a"] * (voprf.MOST + 1))
    with pytest.raises(TooMuch):
        Blinded([])


def answers() -> tuple[Blinded, bytes]:
    blinded = Blinded([b"one", b"two", b"three"])
    return blinded, KEY.evaluate(blinded.elements)


BLINDED, ANSWER = answers()
ONE, TWO, THREE, PROOF = ANSWER[:32], ANSWER[32:64], ANSWER[64:96], ANSWER[96:]
FALSE = {
    "swapped": TWO + ONE + THREE + PROOF,
    "one twice": ONE + ONE + THREE + PROOF,
    "the question itself": BLINDED.elements + PROOF,
    "no proof": ANSWER[:96] + bytes(64),
    "halves swapped": ANSWER[:96] + PROOF[32:] + PROOF[:32],
    "proof beyond the order": ANSWER[:96] + ORDER.to_bytes(32, "little") * 2,
    "proof not reduced": ANSWER[:96]
    + (int.from_bytes(PROOF[:32], "little") + ORDER).to_bytes(32, "little")
    + PROOF[32:],
    "another question's": KEY.evaluate(Blinded([b"one", b"two", b"three"]).elements),
    "another key's": OTHER.evaluate(BLINDED.elements),
    "a proof of part": ANSWER[:96] + KEY.evaluate(BLINDED.elements[:64])[64:],
    "too short": ANSWER[:-1],
    "too long": ANSWER + b"\0",
    "one element fewer": ANSWER[32:],
    "one element more": ONE + ANSWER,
    "nothing": b"",
    **{f"{name} as an element": ONE + each + THREE + PROOF for name, each in NO_ELEMENTS.items()},
}


@pytest.mark.parametrize("name", FALSE)
def test_a_false_answer_is_refused(name: str) -> None:
    with pytest.raises(VerificationFailed):
        BLINDED.finish(FALSE[name], KEY.public)


def test_a_refusal_breaks_nothing() -> None:
    for _ in range(3):
        with pytest.raises(VerificationFailed):
            BLINDED.finish(FALSE["swapped"], KEY.public)
    assert BLINDED.finish(ANSWER, KEY.public) == KEY.outputs([b"one", b"two", b"three"])


@settings(max_examples=60)
@given(st.integers(0, len(ANSWER) * 8 - 1))
def test_every_changed_bit_is_refused(bit: int) -> None:
    changed = bytearray(ANSWER)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(VerificationFailed):
        BLINDED.finish(bytes(changed), KEY.public)


@pytest.mark.parametrize("key", [OTHER.public, bytes(32), b"", b"\xff" * 32, KEY.public[:31], KEY.public + b"\0"])
def test_another_key_or_none(key: bytes) -> None:
    with pytest.raises(VerificationFailed):
        BLINDED.finish(ANSWER, key)
    if key != OTHER.public:
        with pytest.raises(VerificationFailed):
            check_public(key)


@settings(max_examples=40)
@given(st.binary(min_size=32, max_size=96))
def test_random_bytes_as_elements_never_break_out(data: bytes) -> None:
    with contextlib.suppress(VerificationFailed):
        assert len(KEY.evaluate(data)) == len(data) + 64


def test_what_may_be_asked_has_a_length() -> None:
    for value in (b"", b"a" * (voprf.LONGEST + 1)):
        with pytest.raises(InvalidInput):
            Blinded([value])
        with pytest.raises(InvalidInput):
            KEY.outputs([value])


def test_a_seed_is_random() -> None:
    for seed in (b"", bytes(32), b"a" * 31):
        with pytest.raises(InvalidInput):
            Key(seed, b"")


def test_ctrl_c_is_not_swallowed() -> None:
    with pytest.raises(KeyboardInterrupt), voprf._judged("x", "y"):
        raise KeyboardInterrupt


def test_two_agreements_answers_cannot_be_joined() -> None:
    """The same number under two keys: no tag, prefix, reference or element of one stands in the other."""
    number = [b"the same number"]
    ones, others = KEY.outputs(number)[0], OTHER.outputs(number)[0]
    assert not {ones[place : place + 4] for place in range(60)} & {others[place : place + 4] for place in range(60)}
    asked = [Blinded(number).elements for _ in range(50)]
    assert len({*asked, *(KEY.evaluate(each)[:32] for each in asked)}) == 100
