"""Statements are run on the driver, the same on both engines: lists of any length, constants, faults, and each written once."""

from __future__ import annotations

import pytest
from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import DBAPIError

from spean.sql import statement
from spean.store import Store, schema

_m = schema.meta.c
IN = select(_m.key).where(_m.key.in_(bindparam("keys", expanding=True)), _m.value != "gone").order_by(_m.key)
NOT_IN = select(_m.key).where(_m.key.not_in(bindparam("keys", expanding=True)), _m.key.like("t%")).order_by(_m.key)
EMPTY = update(schema.meta).where(_m.key == bindparam("of")).values(value="gone")


@pytest.fixture
def filled(store: Store) -> Store:
    with store.write() as tx:
        for number in range(1, 20):
            tx.meta.set(f"t{number:02}", "here")
    return store


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 8, 9, 19])
def test_a_list_of_any_length(filled: Store, count: int) -> None:
    all_keys = [f"t{number:02}" for number in range(1, 20)]
    with filled.read() as tx:
        assert [row[0] for row in tx.sql.rows(IN, {"keys": all_keys[:count]})] == all_keys[:count]
        assert [row[0] for row in tx.sql.rows(NOT_IN, {"keys": all_keys[:count]})] == all_keys[count:]


def test_a_constant_is_part_of_the_statement(filled: Store) -> None:
    with filled.write() as tx:
        assert tx.sql.run_many(EMPTY, [{"of": "t01"}, {"of": "t02"}, {"of": "nobody"}]) == 2
        assert [row[0] for row in tx.sql.rows(IN, {"keys": ["t01", "t02", "t03"]})] == ["t03"]
        assert tx.sql.made(dict, IN, {"keys": ["t03"]}) == [{"key": "t03"}]


def test_a_fault_names_the_statement_and_never_the_values(filled: Store) -> None:
    wrong = statement.Insert(schema.logs, "log size frontier")
    with pytest.raises(DBAPIError) as caught, filled.write() as tx:
        tx.sql.insert(wrong, [("a-secret-name", 1, None)])
    assert "logs" in str(caught.value)
    assert "a-secret-name" not in str(caught.value).partition("[SQL")[2]  # what the server itself says is its own


def test_asking_again_writes_no_new_statement(filled: Store) -> None:
    def ask() -> int:
        with filled.write() as tx:
            tx.facts.recent(kind="a", limit=1)
            tx.facts.by_status("waiting")
            tx.access.page(limit=2, user="u", before=(1, 1))
            tx.records.list(procedure="a", purposes=["warn"])
            tx.records.many(["a", "b"])
        return sum(map(len, statement._PREPARED.values()))

    assert ask() == ask()
