"""A node's life in small, run under strace: acts, a bulk act, receipts, erasures. Says on stdout what is durable.

    python crash_workload.py FOLDER SEED

Each line is one acknowledgement: ``A <facts…>`` after an act, ``E <facts…>`` after an erasure. Beside FOLDER, a file
``secrets`` lists the keys, so that a checker can look for those that were destroyed.
"""

from __future__ import annotations

import hashlib
import os
import random
import sys
from dataclasses import replace
from pathlib import Path

from spean.keys import ContentKeys
from spean.ledger import merkle
from spean.sql import engine
from spean.store import Store
from spean.store.rows import FactRow, ReceiptRow, RecordRow

LOG = "exchange"
STORE, KEYS = "node.db", "keys.db"


def urls(folder: Path) -> tuple[str, str]:
    """The two databases of the node in ``folder``."""
    return f"sqlite:///{folder / STORE}", f"sqlite:///{folder / KEYS}"


def content_of(key: bytes) -> bytes:
    """The content that belongs to ``key``, so that a checker can tell whether the two match."""
    return hashlib.sha256(key).digest() * 3


def make(act: int, count: int, chance: random.Random) -> tuple[list[FactRow], dict[str, bytes]]:
    """The facts of one act (they share a record, named by the act) and their keys."""
    rows, keys = [], {}
    for number in range(count):
        payload = b'{"act":%d,"of":%d,"number":%d,"targets":[]}' % (act, count, number)
        name, key = merkle.leaf_hash(payload).hex(), chance.randbytes(32)
        keys[name] = key
        rows.append(
            FactRow(
                id=name,
                record=f"KR:act:{act}",
                procedure="act",
                kind="ask",
                origin="KR",
                track="shared",
                at=act,
                payload=payload.ljust(chance.randrange(100, 900)),
                key_id="k",
                signature=chance.randbytes(64),
                content=content_of(key),
                status="effective",
            )
        )
    return rows, keys


def perform(store: Store, keys: ContentKeys, act: int, rows: list[FactRow], secrets: dict[str, bytes]) -> None:
    """As the node does it: keys first, then one transaction for everything else."""
    keys.put(list(secrets.items()))
    ids = [bytes.fromhex(row.id) for row in rows]
    with store.write() as tx:
        head = tx.log.head(LOG)
        grown, tiles = merkle.grow(head, ids, tx.log.reader(LOG))
        tx.facts.add([replace(row, log=LOG, index=head.size + at) for at, row in enumerate(rows)])
        tx.log.save(LOG, grown, head.size, ids, tiles)
        tx.outbox.add("TH", [(row.id, "", "", "") for row in rows], act)
        tx.records.save([record(act)])
        tx.jobs.put("timer", f"KR:act:{act}", act + 100)


def record(act: int) -> RecordRow:
    """The record that an act opens."""
    return RecordRow(
        id=f"KR:act:{act}",
        procedure="act",
        version=1,
        state="asked",
        parties={"asker": ("KR",)},
        heads=(),
        done={},
        opened_at=act,
        entered_at=act,
        changed_at=act,
        entered_by="KR",
    )


def receive(store: Store, act: int, rows: list[FactRow]) -> None:
    """The partner's receipts arrive and the record moves."""
    with store.write() as tx:
        page = tx.outbox.unreceipted("TH", 0, 50)
        tx.outbox.receipt("TH", [(row.seq, "accepted") for row in page], act)
        tx.receipts.add(
            [
                ReceiptRow(
                    fact=row.id,
                    peer="TH",
                    direction="in",
                    status="accepted",
                    step=0,
                    rule="",
                    reason="",
                    at=act,
                    payload=b"{}",
                    key_id="k",
                    signature=bytes(64),
                    seq=number + 1,
                )
                for number, row in enumerate(rows)
            ]
        )
        tx.records.save([replace(tx.records.get(f"KR:act:{act}"), state="answered", closed=True)])
        tx.jobs.cancel("timer", f"KR:act:{act}")


def erase(store: Store, keys: ContentKeys, act: int, names: list[str]) -> None:
    """As the node does it: the key first, which is the erasure, then the content, then what is left in old pages."""
    keys.destroy(names, act, "R34")
    with store.write() as tx:
        tx.facts.erase(names, act)
    store.scrub()


def acknowledge(kind: str, names: list[str]) -> None:
    """Tell the world; from here on nothing of it may be lost."""
    os.write(1, f"{kind} {' '.join(names)}\n".encode())


def main(folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    # A short log makes SQLite copy it back and start it anew several times in this small run.
    engine.PRAGMAS = tuple(pragma for pragma in engine.PRAGMAS if "autocheckpoint" not in pragma)
    engine.PRAGMAS = (*engine.PRAGMAS, f"wal_autocheckpoint={chance.choice((15, 40))}")
    done: list[str] = []
    acts = iter(range(1, 1_000))
    for _ in range(2):
        store_url, keys_url = urls(folder)
        store, keys = Store.open(store_url), ContentKeys.open(keys_url)
        store.migrate()
        for _ in range(chance.randrange(3, 6)):
            act = next(acts)
            rows, secrets = make(act, chance.choice((1, 1, 2, 5, 140)), chance)
            perform(store, keys, act, rows, secrets)
            names = [row.id for row in rows]
            with (folder.parent / "secrets").open("a") as notes:
                notes.writelines(f"{name} {key.hex()}\n" for name, key in secrets.items())
            acknowledge("A", names)
            done += names
            if chance.random() < 0.4:
                receive(store, act, rows)
            if chance.random() < 0.4:
                gone = chance.sample(done, min(len(done), 2))
                erase(store, keys, act, gone)
                acknowledge("E", gone)
        store.close()
        keys.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
