"""RFC 9497, ristretto255-SHA512, mode 1: the published vectors with the product's package and with a second implementation.

The package does not take a blind from outside, so its client cannot be given the published one. What it can be given it is: key, blinded
elements and inputs. The second implementation runs every number of the vectors, and both talk with one another in both directions.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from protocol import oprf_sodium as second
from spean.core.errors import VerificationFailed
from spean.matching.private.voprf import Blinded, Key

VECTORS = Path(__file__).parent.parent / "data" / "vectors" / "rfc9497" / "voprf-ristretto255.json"
(SUITE,) = json.loads(VECTORS.read_text())
SEED, INFO = bytes.fromhex(SUITE["seed"]), bytes.fromhex(SUITE["keyInfo"])
SECRET, PUBLIC = second.derive_key_pair(SEED, INFO)
CASES = pytest.mark.parametrize("case", SUITE["vectors"], ids=["one", "other", "batch"])


def several(case: dict[str, Any], name: str) -> list[bytes]:
    return [bytes.fromhex(each) for each in case[name].split(",")]


def test_the_key() -> None:
    assert Key(SEED, INFO).public.hex() == SUITE["pkSm"] == PUBLIC.hex()
    assert second.scalar(SECRET).hex() == SUITE["skSm"]


@CASES
def test_the_package_evaluates_and_outputs_as_published(case: dict[str, Any]) -> None:
    key = Key(SEED, INFO)
    answer = key.evaluate(b"".join(several(case, "BlindedElement")))
    assert answer[:-64] == b"".join(several(case, "EvaluationElement"))
    assert second.proof_holds(PUBLIC, several(case, "BlindedElement"), several(case, "EvaluationElement"), answer[-64:])
    assert key.outputs(several(case, "Input")) == several(case, "Output")


@CASES
def test_the_second_implementation_does_all_of_it(case: dict[str, Any]) -> None:
    inputs, blinds = several(case, "Input"), [second.number(each) for each in several(case, "Blind")]
    blinded = [second.blind(value, r) for value, r in zip(inputs, blinds, strict=True)]
    assert blinded == several(case, "BlindedElement")
    evaluated = [second.times(SECRET, each) for each in blinded]
    assert evaluated == several(case, "EvaluationElement")
    r = second.number(bytes.fromhex(case["Proof"]["r"]))
    proof = second.generate_proof(SECRET, PUBLIC, blinded, evaluated, r)
    assert proof.hex() == case["Proof"]["proof"]
    assert second.proof_holds(PUBLIC, blinded, evaluated, proof)
    told = [second.finalize(*each) for each in zip(inputs, blinds, evaluated, strict=True)]
    assert told == several(case, "Output")


def test_equal_on_two_thousand_random_inputs() -> None:
    drawn = random.Random(9497)
    inputs = [drawn.randbytes(drawn.randint(1, 200)) for _ in range(2_000)]
    key = Key(SEED, INFO)
    outputs = key.outputs(inputs)
    assert outputs == [second.evaluate(SECRET, value) for value in inputs]
    blinded = Blinded(inputs)
    assert blinded.finish(key.evaluate(blinded.elements), key.public) == outputs


def test_the_package_asks_and_the_second_answers() -> None:
    inputs = [b"one", b"two", b"three"]
    blinded = Blinded(inputs)
    cs = [blinded.elements[place : place + 32] for place in (0, 32, 64)]
    ds = [second.times(SECRET, each) for each in cs]
    proof = second.generate_proof(SECRET, PUBLIC, cs, ds, 4711)
    assert blinded.finish(b"".join(ds) + proof, PUBLIC) == [second.evaluate(SECRET, value) for value in inputs]
    other = second.generate_proof(SECRET + 1, PUBLIC, cs, [second.times(SECRET + 1, each) for each in cs], 4711)
    with pytest.raises(VerificationFailed):
        blinded.finish(b"".join(second.times(SECRET + 1, each) for each in cs) + other, PUBLIC)


def test_the_second_asks_and_the_package_answers() -> None:
    cs = [second.blind(value, 99 + place) for place, value in enumerate((b"one", b"two"))]
    answer = Key(SEED, INFO).evaluate(b"".join(cs))
    ds = [answer[:32], answer[32:64]]
    assert second.proof_holds(PUBLIC, cs, ds, answer[64:])
    assert not second.proof_holds(PUBLIC, cs[::-1], ds[::-1], answer[64:])
    told = [second.finalize(b"one", 99, ds[0]), second.finalize(b"two", 100, ds[1])]
    assert told == [second.evaluate(SECRET, b"one"), second.evaluate(SECRET, b"two")]
