"""The log by itself: appends, proofs and verifications a second on one core, hashing only (no disk).

Usage: python bench/ledger.py [--leaves 1048576] [--json]
Goal: at least 300,000 leaves a second appended in batches of 1,024.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from spean.ledger import dsse, ed25519
from spean.ledger.checkpoint import Checkpoint, cosign, open_checkpoint, sign_checkpoint, verify_cosignature
from spean.ledger.merkle import HASH, WIDTH, Head, consistency_proof, grow, inclusion_many, inclusion_proof, leaf_hash
from spean.ledger.note import Verifier, add_signature
from spean.ledger.verify import verify_consistency, verify_inclusion, verify_many

GOAL = 300_000
BATCH = 1024
PAGE = 256
SECONDS = 0.5


class Log:
    """Tiles in memory, so that only the hashing is measured."""

    def __init__(self) -> None:
        self.head = Head()
        self.leaves: list[bytes] = []
        self.tiles: dict[tuple[int, int], bytes] = {}

    def append(self, leaves: list[bytes]) -> None:
        self.head, tiles = grow(self.head, leaves, self.read)
        self.leaves += leaves
        for tile in tiles:
            self.tiles[tile.level, tile.index] = tile.hashes

    def read(self, level: int, index: int, width: int) -> bytes:
        tile = self.tiles.get((level, index))
        if tile is None:
            return b"".join(self.leaves[index * WIDTH : index * WIDTH + width])
        return tile[: width * HASH]


def rate(act: Callable[[int], object]) -> float:
    """Calls of ``act(number)`` a CPU second."""
    start, calls = time.process_time(), 0
    while time.process_time() - start < SECONDS:
        act(calls)
        calls += 1
    return calls / (time.process_time() - start)


def measure_appends(log: Log, count: int) -> float:
    """Leaf hashes appended a CPU second; hashing the entries themselves is not counted."""
    entries = [leaf_hash(b"entry %d" % number) for number in range(count)]
    start = time.process_time()
    for first in range(0, count, BATCH):
        log.append(entries[first : first + BATCH])
    return count / (time.process_time() - start)


def measure_proofs(log: Log) -> dict[str, float]:
    """Proofs made and verified a CPU second, one by one and by pages of 256 consecutive leaves (counted in leaves)."""
    size, root, old = log.head.size, log.head.root(), log.head.size // 3
    step, pages = size // 977, max(1, size // PAGE - 1)
    before = Log()
    before.append(log.leaves[:old])

    def page(number: int) -> range:
        first = number * 7919 % pages * PAGE + PAGE // 2
        return range(first, min(first + PAGE, size))

    proof = inclusion_proof(size // 2, size, log.read)
    growth = consistency_proof(old, size, log.read)
    shown = page(1)
    many, leaves = inclusion_many(shown, size, log.read), {index: log.leaves[index] for index in shown}
    return {
        "inclusion_proofs": rate(lambda n: inclusion_proof(n * step % size, size, log.read)),
        "inclusion_verified": rate(lambda _n: verify_inclusion(log.leaves[size // 2], size // 2, size, proof, root)),
        "consistency_proofs": rate(lambda n: consistency_proof(n * step % size + 1, size, log.read)),
        "consistency_verified": rate(lambda _n: verify_consistency(old, size, before.head.root(), root, growth)),
        "page_leaves_proved": len(leaves) * rate(lambda n: inclusion_many(page(n), size, log.read)),
        "page_leaves_verified": len(leaves) * rate(lambda _n: verify_many(leaves, size, many, root)),
    }


def measure_signatures() -> dict[str, float]:
    """Checkpoints, cosignatures and fact signatures a CPU second."""
    private = Ed25519PrivateKey.from_private_bytes(bytes(32))
    key = Verifier("kr.example/exchange", ed25519.public_of(private))
    checkpoint = Checkpoint(key.name, 1 << 20, bytes(32))
    note = sign_checkpoint(checkpoint, private)
    seen = add_signature(note, cosign(note, key.name, private, 1_772_586_000))
    payload = b"x" * 900
    signature = dsse.sign(dsse.FACT_TYPE, payload, private)
    return {
        "checkpoints_signed": rate(lambda _n: sign_checkpoint(checkpoint, private)),
        "checkpoints_opened": rate(lambda _n: open_checkpoint(note, (key,))),
        "cosignatures_made": rate(lambda n: cosign(note, key.name, private, n)),
        "cosignatures_verified": rate(lambda _n: verify_cosignature(seen, key)),
        "facts_signed": rate(lambda _n: dsse.sign(dsse.FACT_TYPE, payload, private)),
        "facts_verified": rate(lambda _n: dsse.verify(dsse.FACT_TYPE, payload, signature, key.public)),
    }


def main() -> int:
    """Measure and print; exit status 1 when the goal is missed."""
    parser = argparse.ArgumentParser(description="The log by itself: appends, proofs, signatures.")
    parser.add_argument("--leaves", type=int, default=1 << 20, help="size of the log (default 1,048,576)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    log = Log()
    figures = {"appends": measure_appends(log, options.leaves), **measure_proofs(log), **measure_signatures()}
    ok = figures["appends"] >= GOAL
    if options.json:
        rounded = {name: round(value) for name, value in figures.items()}
        print(json.dumps({"ok": ok, "goal": {"appends": GOAL}, "leaves": options.leaves, "per_second": rounded}))
    else:
        print(f"log of {options.leaves:,} leaves; each a CPU second, one core")
        for name, value in figures.items():
            print(f"  {name.replace('_', ' '):<24}{value:>12,.0f}{'   goal 300,000' if name == 'appends' else ''}")
    return 0 if ok else 1


if __name__ == "__main__":
    raise SystemExit(main())
