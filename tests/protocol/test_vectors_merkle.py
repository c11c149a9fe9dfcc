"""Every published proof that applies (tests/data/vectors/README.md), valid and forged."""

import base64
import json
from pathlib import Path

import pytest

from spean.core.errors import VerificationFailed
from spean.ledger.verify import verify_consistency, verify_inclusion

VECTORS = Path(__file__).parent.parent / "data" / "vectors" / "merkle-proofs"


def load(kind: str) -> list[tuple[str, dict]]:
    folder = VECTORS / kind
    return [(str(path.relative_to(VECTORS)), json.loads(path.read_text())) for path in sorted(folder.rglob("*.json"))]


def raw(text: str) -> bytes:
    return base64.b64decode(text)


def proof(vector: dict) -> list[bytes]:
    return [raw(one) for one in vector["proof"] or []]


def judge(vector: dict, verify) -> None:
    if vector["wantErr"]:
        with pytest.raises(VerificationFailed):
            verify()
    else:
        verify()


@pytest.mark.parametrize(("name", "vector"), load("inclusion"))
def test_inclusion(name, vector):
    judge(vector, lambda: verify_inclusion(
        raw(vector["leafHash"]), vector["leafIdx"], vector["treeSize"], proof(vector), raw(vector["root"])
    ))  # fmt: skip


@pytest.mark.parametrize(("name", "vector"), load("consistency"))
def test_consistency(name, vector):
    judge(vector, lambda: verify_consistency(
        vector["size1"], vector["size2"], raw(vector["root1"]), raw(vector["root2"]), proof(vector)
    ))  # fmt: skip


def from_zero(kind: str) -> list[tuple[str, dict]]:
    """Subtrees that are trees of their own. An empty one has rules of its own in the draft."""
    found = [(name, vector) for name, vector in load(kind) if vector["start"] == 0]
    return [(name, vector) for name, vector in found if vector["end"] > 0 or vector["wantErr"]]


@pytest.mark.parametrize(("name", "vector"), from_zero("subtreeinclusion"))
def test_inclusion_in_a_subtree_that_is_a_tree(name, vector):
    judge(vector, lambda: verify_inclusion(
        raw(vector["leafHash"]), vector["leafIdx"], vector["end"], proof(vector), raw(vector["root"])
    ))  # fmt: skip


@pytest.mark.parametrize(("name", "vector"), from_zero("subtreeconsistency"))
def test_consistency_of_a_subtree_that_is_a_tree(name, vector):
    judge(vector, lambda: verify_consistency(
        vector["end"], vector["size"], raw(vector["root1"]), raw(vector["root2"]), proof(vector)
    ))  # fmt: skip


def test_the_vectors_are_all_here():
    counts = {kind: len(load(kind)) for kind in ("inclusion", "consistency", "subtreeinclusion", "subtreeconsistency")}
    assert counts == {"inclusion": 98, "consistency": 98, "subtreeinclusion": 204, "subtreeconsistency": 118}
    assert len(from_zero("subtreeinclusion")) > 90
    assert len(from_zero("subtreeconsistency")) > 90
