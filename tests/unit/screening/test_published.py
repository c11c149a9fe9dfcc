"""Published lists in the forms in which they are given: the good lines are kept, the others named."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spean.core.errors import InvalidInput, SpeanError, TooMuch
from spean.demo.wallets import read_wallets
from spean.screening import published
from spean.screening.published import read

TABLE = (
    'id,schema,name,aliases,birth_date,countries,phones\n'
    'Q-1,Person,"Dara SOK",សុខ ដារ៉ា;Sokh Dara,1990-05-17;1990,kh,+855 12 345 678\n'
    'Q-2,Company,Golden Ficus Trading Co,,,kh,\n'
    ',,,,,,\n'
)  # fmt: skip


def test_a_table_gives_names_births_and_exact_values() -> None:
    found, bad = read(TABLE.encode())
    assert not bad
    one, other = found
    assert (one.id, one.kind, one.names) == ("Q-1", "person", ("Dara SOK", "សុខ ដារ៉ា", "Sokh Dara"))
    assert (one.births, one.values) == (("1990-05-17", "1990"), (("phone", "+85512345678"),))
    assert (other.kind, other.names) == ("organisation", ("Golden Ficus Trading Co",))


def test_follow_the_money_entities_give_the_same_and_others_are_passed_over() -> None:
    dara = {"name": ["Dara SOK"], "alias": ["សុខ ដារ៉ា"], "birthDate": ["1990-05-17"], "topics": ["sanction"]}
    lines = [
        {"id": "a", "schema": "Person", "properties": dara},
        {"id": "b", "schema": "Sanction", "properties": {"entity": ["a"]}},
        {"id": "c", "schema": "CryptoWallet", "properties": {"publicKey": ["1P5ZEDWTKTFGxQjZphgWPQUpe554WKDfHQ"]}},
        {"id": "d", "schema": "Person"},
    ]  # fmt: skip
    found, bad = read(("\n".join(map(json.dumps, lines)) + "\n{broken\n").encode())
    assert [(each.id, each.kind) for each in found] == [("a", "person"), ("c", "other")]
    assert found[1].values == (("wallet", "1P5ZEDWTKTFGxQjZphgWPQUpe554WKDfHQ"),)
    assert [each.line for each in bad] == [4, 5]


def test_the_published_wallets_are_all_taken() -> None:
    by_chain: dict[str, list[str]] = {}
    for wallet in read_wallets():
        by_chain.setdefault(wallet.chain, []).append(wallet.address)
    total = 0
    for chain, addresses in by_chain.items():
        found, bad = read("\n".join(addresses).encode(), chain)
        assert not bad
        total += len(found)
    assert total == len(read_wallets()) > 700


def test_addresses_without_a_chain_are_refused() -> None:
    with pytest.raises(InvalidInput, match="chain"):
        read(b"1P5ZEDWTKTFGxQjZphgWPQUpe554WKDfHQ\n")


@pytest.mark.parametrize("data", [b"", b"\xff\xff", b"id,name\n1,\n"])
def test_what_holds_no_entry_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        read(data)


def test_limits_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "MOST_ENTRIES", 2)
    with pytest.raises(TooMuch):
        read(b"id,name\n1,A\n2,B\n3,C\n")
    monkeypatch.setattr(published, "MOST_BYTES", 4)
    with pytest.raises(TooMuch):
        read(b"id,name\n")


@given(st.binary(max_size=200), st.sampled_from([b"", b"{", b"id,name\n", b'{"id":"a","properties":']))
def test_any_bytes_are_read_or_refused(data: bytes, before: bytes) -> None:
    try:
        read(before + data, "bitcoin")
    except SpeanError:
        return
