"""What the store costs: facts, leaves, tiles, outbox and content keys, durable, in batches of 1,024.

    python bench/store.py [--facts N] [--url URL] [--json]

No cryptography is in it but the hashes of the log: this is the store's share of the bulk intake.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

from spean.keys import ContentKeys
from spean.ledger import merkle
from spean.store import Store
from spean.store.rows import FactRow

BATCH = 1_024
PAYLOAD = 900
CONTENT = 500


def rows(start: int, count: int) -> list[FactRow]:
    """Facts of ordinary size; eight to a record."""
    result = []
    for number in range(start, start + count):
        payload = (b'{"n":%d,"targets":[]}' % number).ljust(PAYLOAD)
        row = FactRow(
            id=merkle.leaf_hash(payload).hex(),
            record=f"KR:circular:{number // 8:026d}",
            procedure="circular",
            kind="entry",
            origin="KR",
            track="shared",
            at=1_772_586_000_000 + number,
            payload=payload,
            key_id="0123456789abcdef",
            signature=os.urandom(64),
            content=os.urandom(CONTENT),
            status="effective",
            log="exchange",
            index=number,
        )
        result.append(row)
    return result


def commit(store: Store, keys: ContentKeys, batch: list[FactRow], at: int) -> None:
    """What the node does with a batch once it is made."""
    keys.put([(row.id, os.urandom(32)) for row in batch])
    ids = [bytes.fromhex(row.id) for row in batch]
    with store.write() as tx:
        head = tx.log.head("exchange")
        grown, tiles = merkle.grow(head, ids, tx.log.reader("exchange"))
        tx.facts.add(batch)
        tx.log.save("exchange", grown, head.size, ids, tiles)
        tx.outbox.add("TH", [(row.id, "batch", "", "") for row in batch], at)


def measure(url: str, keys_url: str, facts: int) -> dict[str, float]:
    """Write ``facts`` facts; rates, CPU and the slowest commits."""
    store, keys = Store.open(url), ContentKeys.open(keys_url)
    store.migrate()
    took: list[float] = []
    cpu = 0.0
    for start in range(0, facts, BATCH):
        batch = rows(start, min(BATCH, facts - start))
        wall, used = time.perf_counter(), time.process_time()
        commit(store, keys, batch, start)
        took.append(time.perf_counter() - wall)
        cpu += time.process_time() - used
    with store.read() as tx:
        assert tx.log.head("exchange").size == facts
    store.close()
    keys.close()
    took.sort()
    return {
        "facts": facts,
        "facts_per_s": round(facts / sum(took)),
        "cpu_us_per_fact": round(cpu / facts * 1e6, 1),
        "commit_p50_ms": round(took[len(took) // 2] * 1e3, 1),
        "commit_p99_ms": round(took[min(len(took) - 1, len(took) * 99 // 100)] * 1e3, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--facts", type=int, default=102_400)
    parser.add_argument("--url", help="database to fill instead of a SQLite file, e.g. postgresql+psycopg://…")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=os.environ.get("SPEAN_BENCH_DIR")) as name:
        folder = Path(name)
        url = options.url or f"sqlite:///{folder}/node.db"
        result = measure(url, f"sqlite:///{folder}/keys.db", options.facts)
    if options.json:
        print(json.dumps(result))
        return
    print(f"{'facts':>10} {'facts/s':>10} {'CPU µs/fact':>12} {'commit p50 ms':>14} {'commit p99 ms':>14}")
    print(
        f"{result['facts']:>10,.0f} {result['facts_per_s']:>10,.0f} {result['cpu_us_per_fact']:>12.1f} "
        f"{result['commit_p50_ms']:>14.1f} {result['commit_p99_ms']:>14.1f}"
    )


if __name__ == "__main__":
    main()
