"""After an erasure nothing of a person is at rest: no word, no hash of a number, no key, no member of a cluster (D4, decision 24–26)."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from federation.entities import judge, opened, said
from federation.world import World
from spean.keys import ContentKeys
from spean.node.node import Node
from spean.node.same.model import Selector
from spean.node.same.selecting import terms_of
from spean.node.views.indexing import hasher
from spean.store import Store

NAME, PHONE = "Quetzalcoatlus ស្រីពៅ", "+85512345678"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    def opens(name: str) -> tuple[Store, ContentKeys]:
        home = tmp_path / name
        home.mkdir(exist_ok=True)
        return Store.open(f"sqlite:///{home}/spean.db"), ContentKeys.open(f"sqlite:///{home}/content-keys.db")

    made = World(("KR",), tmp_path, opens=opens)
    yield made
    for node in made.nodes.values():
        node.close()


def at_rest(home: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(home.rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes()


def written(text: str) -> list[bytes]:
    """How a text may stand in bytes."""
    plain = text.encode()
    whole = base64.b64encode(plain)
    return [
        plain,
        json.dumps(text)[1:-1].encode(),
        text.encode("utf-16-le"),
        plain.hex().encode(),
        whole[: len(whole) - 4],
    ]


def index_of(node: Node, selector: Selector) -> dict[str, bytes]:
    """How a value stands in the index now, and the key of its bucket."""
    while node.indexing.step():
        pass
    found: dict[str, bytes] = {}
    with node.reading() as tx:
        for bucket in tx.search.buckets():
            key = node.indexing.keys([bucket.key])[bucket.key]
            hashed = [hasher(key)(term) for term in terms_of(selector)]
            if tx.search.look_up([bucket.bucket], hashed):
                found |= {"key of the bucket": key, "hash of the number": hashed[0]}
    return found


def test_nothing_of_an_erased_person_is_at_rest(world: World, tmp_path: Path) -> None:
    node, officer = world.nodes["KR"], world.officers["KR"]
    person = opened(world, said("name", NAME), said("phone", PHONE, origin=NAME))
    other = opened(world, said("name", "Another Person"), said("phone", "+85512999999"))
    merged = judge(world, person.record, other.record)
    secrets = index_of(node, Selector("phone", PHONE))
    assert set(secrets) == {"key of the bucket", "hash of the number"}
    secrets["content key"] = node.content_keys.get([person.fact])[person.fact]
    plain = [each for text in (NAME, PHONE, PHONE[1:]) for each in written(text)]
    assert not [where for where, data in at_rest(tmp_path / "KR") for each in plain if each in data], (
        "nothing is readable at rest"
    )

    node.recalling.erase(officer, person.fact, "the person asked for it")
    node.recalling.erase(officer, merged.fact, "the person asked for it")
    world.settle()
    index_of(node, Selector("phone", PHONE))

    looked = 0
    for where, data in at_rest(tmp_path / "KR"):
        looked += len(data)
        for what, secret in secrets.items():
            assert secret not in data, f"{what} in {where}"
        for each in plain:
            assert each not in data, where
    assert looked > 20_000
    assert index_of(node, Selector("phone", PHONE)) == {}
    with node.reading() as tx:
        assert node.same.known(tx, [Selector("phone", PHONE)]) == []
        assert node.same.cluster(tx, other.record).members == (other.record,)
        assert [each.record for each in node.same.held(tx)] == [other.record]
    assert [each.record for each in node.same.names()] == [other.record]
    view = node.same.viewing.entity(officer, person.record, reason="to see")
    assert (view.kind, view.caption, view.properties) == ("", "", ())
    assert index_of(node, Selector("phone", "+85512999999")), "what was not erased is still found"
