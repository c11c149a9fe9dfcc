"""Contents and keys of many facts in one sweep: the same on both engines, and never a key that was destroyed."""

from __future__ import annotations

from spean.keys import ContentKeys
from spean.store import Store
from spean.store.rows import FactRow


def fact(number: int, **more: object) -> FactRow:
    row: dict[str, object] = {
        "id": f"{number:064x}", "record": f"KR:entity:{number}", "procedure": "entity", "kind": "open", "origin": "KR", "track": "shared", "at": 1,
        "payload": b"{}", "key_id": "k", "signature": b"s", "content": b"sealed %d" % number, "status": "effective",
    }  # fmt: skip
    return FactRow(**{**row, **more})  # type: ignore[arg-type]


def test_contents_come_newest_first_and_only_what_counts(store: Store) -> None:
    with store.write() as tx:
        tx.facts.add([
            fact(1), fact(2, procedure="circular", kind="entry"), fact(3, status="withdrawn"), fact(4, track="local"), fact(5, content=None),
            fact(6, procedure="look-up"), fact(7),
        ])  # fmt: skip
    with store.read() as tx:
        last = tx.search.newest()
        found = list(tx.facts.contents(0, last, ("entity", "circular")))
        assert [(row[1].hex()[-1], row[2], row[3], row[4], bytes(row[5])) for row in found] == [
            ("7", "KR:entity:7", "entity", "open", b"sealed 7"), ("2", "KR:entity:2", "circular", "entry", b"sealed 2"),
            ("1", "KR:entity:1", "entity", "open", b"sealed 1"),
        ]  # fmt: skip
        assert [row[0] for row in tx.facts.contents(found[-1][0], found[0][0] - 1, ("circular",))] == [found[1][0]]
        assert list(tx.facts.contents(0, last, ())) == []


def test_keys_of_neighbours_come_in_one_sweep(content_keys: ContentKeys) -> None:
    names = [bytes([number]) * 32 for number in range(1, 200)]
    content_keys.put([(name.hex(), name) for name in names])
    content_keys.destroy([names[50].hex()], 5, "R34")
    found = content_keys.near(names[40:60])
    assert found.items() >= {name: name for name in names[40:60] if name != names[50]}.items()
    assert names[50] not in found
    apart = [names[0], names[-1], b"\xff" * 32]
    assert content_keys.near(apart) == {names[0]: names[0], names[-1]: names[-1]}
    assert content_keys.near([b"\xfe" * 32, names[3]]) == {names[3]: names[3]}
    assert content_keys.near([]) == {}
