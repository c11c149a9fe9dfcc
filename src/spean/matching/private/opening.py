"""Random opening for oversight: one in a hundred of what was asked is shown to the asker's own auditor (R24; docs/protocol.md, 10.7).

1. The asker commits to every input before it sends the question: the root of a tree of salted hashes stands in the question's fact.
2. The holder answers with a fact of its own. Its name depends on the salt of its body and on a proof with fresh randomness.
3. Which inputs are opened follows from both names. The asker could not know the second when it committed, the holder does not know what
   the inputs are; so neither can choose.
4. The asker's auditor sees the chosen inputs, and the node checks them against the root. The holder sees that they were looked at.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from spean.core.errors import VerificationFailed
from spean.ledger.merkle import leaf_hash, tree_root

SALT = 16
ONE_IN = 100
_COMMIT = b"spean/opening/commit/1\0"
_CHOICE = b"spean/opening/choice/1\0"


def commitment(salt: bytes, value: bytes) -> bytes:
    """Hides an input and binds to it."""
    return hashlib.sha256(_COMMIT + salt + value).digest()


def root(commitments: Sequence[bytes]) -> bytes:
    """One hash for all inputs of a question, in order."""
    return tree_root([leaf_hash(each) for each in commitments])


def chosen(question: str, answer: str, count: int) -> list[int]:
    """Which of ``count`` inputs are opened: each with probability 1 in 100. Both arguments are facts' names."""
    seed = hashlib.sha256(_CHOICE + bytes.fromhex(question) + bytes.fromhex(answer)).digest()
    return [place for place in range(count) if _drawn(seed, place) % ONE_IN == 0]


def check(expected: bytes, commitments: Sequence[bytes], opened: Mapping[int, tuple[bytes, bytes]]) -> None:
    """The opened inputs (place → salt, input) are those that were committed to, or ``VerificationFailed``.

    The salts of the others are destroyed, so their commitments say nothing any more.
    """
    holds = root(commitments) == expected
    for place, (salt, value) in opened.items():
        holds = holds and 0 <= place < len(commitments) and commitments[place] == commitment(salt, value)
    if not holds:
        raise VerificationFailed(
            "What was kept of a question is not what was asked", why="its commitment does not hold",
            remedy="somebody changed it: tell the supervisor",
        )  # fmt: skip


def _drawn(seed: bytes, place: int) -> int:
    return int.from_bytes(hashlib.sha256(seed + place.to_bytes(4, "big")).digest()[:8], "big")
