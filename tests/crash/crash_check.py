"""After the crash: open with the production code, and see that nothing acknowledged is gone or half done."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from crash_states import State
from crash_workload import KEYS, LOG, STORE, content_of, urls

from spean.keys import ContentKeys
from spean.ledger import merkle
from spean.store import Store, Tx
from spean.store.rows import FactRow

_ACT = re.compile(rb'\{"act":(\d+),"of":(\d+),')


class Broken(AssertionError):
    """A promise is broken in this state."""


def check(state: State, folder: Path, secrets: dict[str, bytes]) -> None:
    """Lay the state out in the empty ``folder`` and examine it. Raises ``Broken``.

    ``secrets`` are the keys of all facts of the run, so that a destroyed one is recognised wherever it still lies.
    """
    for name, content in state.files.items():
        (folder / name).write_bytes(content)
    kept, gone = acknowledged(state)
    _no_trace(state, gone, secrets)
    store_url, keys_url = urls(folder)
    store, keys = Store.open(store_url), ContentKeys.open(keys_url)
    try:
        store.migrate()
        with store.read() as tx:
            facts = _facts(tx, kept)
            _log(tx, facts)
            _acts(tx, facts)
        _contents(facts, keys, gone)
        with store.write() as tx:
            tx.meta.set("alive", "yes")
    finally:
        store.close()
        keys.close()
    for name in (STORE, KEYS):
        _sound(folder / name)


def acknowledged(state: State) -> tuple[set[str], set[str]]:
    """Facts whose act, and facts whose erasure, had been acknowledged."""
    kept, gone = set[str](), set[str]()
    for line in state.acks:
        kind, *names = line.split()
        (kept if kind == "A" else gone).update(names)
    return kept, gone


def _sound(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        answer = connection.execute("PRAGMA integrity_check").fetchall()
    connection.close()
    if answer != [("ok",)]:
        raise Broken(f"{path.name} is damaged: {answer[:3]}")


def _facts(tx: Tx, kept: set[str]) -> list[FactRow]:
    facts = sorted(tx.facts.recent(limit=10_000), key=lambda row: row.n)
    missing = kept - {row.id for row in facts}
    if missing:
        raise Broken(f"{len(missing)} acknowledged facts are gone")
    return facts


def _log(tx: Tx, facts: list[FactRow]) -> None:
    """The head is the root over the leaves; the leaves are the facts, one each, in place."""
    head = tx.log.head(LOG)
    leaves = tx.log.leaf_ids(LOG, 0, 1 << 40)
    if head.size != len(leaves) or head.root() != merkle.tree_root(leaves):
        raise Broken("the head of the log is not the root of its leaves")
    if head.size and merkle.head_at(head.size, tx.log.reader(LOG)) != head:
        raise Broken("the tiles of the log do not give its head")
    if [(row.id, row.log, row.index) for row in facts] != [(leaf.hex(), LOG, at) for at, leaf in enumerate(leaves)]:
        raise Broken("the facts are not the leaves of the log")


def _acts(tx: Tx, facts: list[FactRow]) -> None:
    """Acts are there as a whole, in order, without a gap, each with its record and its outbox rows."""
    found: dict[int, int] = {}
    for row in facts:
        act, count = map(int, _ACT.match(row.payload).groups())  # type: ignore[union-attr]
        found[act] = found.get(act, 0) + 1
        if found[act] > count:
            raise Broken(f"act {act} has more than {count} facts")
    if list(found) != list(range(1, len(found) + 1)):
        raise Broken(f"acts {list(found)} have a gap")
    counts = {act: int(_ACT.match(row.payload)[2]) for act, row in _first(facts).items()}  # type: ignore[index]
    if counts != found:
        raise Broken("an act is half done")
    records = tx.records.many(f"KR:act:{act}" for act in found)
    outbox = tx.outbox.page("TH", 0, 10_000)
    if len(records) != len(found) or [row.fact for row in outbox] != [row.id for row in facts]:
        raise Broken("a record or an outbox row is missing")
    if [row.seq for row in outbox] != list(range(1, len(outbox) + 1)) or tx.outbox.top("TH") != len(outbox):
        raise Broken("the outbox has a gap")
    answered = {row.fact for row in outbox if row.receipt}
    for name in answered:
        if tx.facts.get(name).record not in records:
            raise Broken("a receipt without its record")
    if len(tx.jobs.list()) != sum(not record.closed for record in records.values()):
        raise Broken("timers and records do not agree")


def _first(facts: list[FactRow]) -> dict[int, FactRow]:
    first: dict[int, FactRow] = {}
    for row in facts:
        first.setdefault(int(_ACT.match(row.payload)[1]), row)  # type: ignore[index]
    return first


def _contents(facts: list[FactRow], keys: ContentKeys, gone: set[str]) -> None:
    """Every fact has the key that belongs to its content, unless both, or first the key, were erased."""
    found = keys.get(row.id for row in facts)
    destroyed = {entry.id for entry in keys.destroyed()}
    if gone - destroyed:
        raise Broken("an acknowledged erasure was forgotten")
    for row in facts:
        key = found.get(row.id)
        if (key is None) != (row.id in destroyed):
            raise Broken("a fact without its key" if key is None else "a destroyed key is back")
        if row.id in gone and row.content is not None:
            raise Broken("an erased content is back")
        if key is not None and (row.content is None or row.content != content_of(key)):
            raise Broken("key and content do not belong together")


def _no_trace(state: State, gone: set[str], secrets: dict[str, bytes]) -> None:
    """A key whose destruction was acknowledged lies nowhere on the disk."""
    for fact in gone:
        for name, content in state.files.items():
            if secrets[fact] in content:
                raise Broken(f"a destroyed key still lies in {name}")
