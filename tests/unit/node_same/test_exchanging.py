"""FollowTheMoney in and out: provenance, reports, importing twice, and that what goes out comes back the same."""

from __future__ import annotations

import json
from typing import Any

import pytest

from federation.entities import opened, said
from federation.world import World
from spean.core.errors import InvalidInput, Refusal
from spean.node.node import Node
from spean.node.same.dossier import Dossier
from spean.node.same.exchanging import Origin, Taken
from spean.node.same.model import Selector

LIST = Origin(
    dataset="sample", purpose="investigate-fraud", words="sample list, 2026-03-01", source="B", grade=2, nature="fact"
)
FILE: list[dict[str, Any]] = [
    {"id": "p1", "schema": "Person", "properties": {"name": ["Sok Dara", "សុខ ដារ៉ា"], "birthDate": ["1988-04-02"], "nationality": ["kh"],
     "religion": ["x"], "ethnicity": ["y"], "passportNumber": ["N0123456"],
     "phone": ["+85512345678", "12"], "topics": ["crime"], "eyeColor": ["brown"]}},
    {"id": "c1", "schema": "Company", "properties": {"name": ["Golden Lot Co., Ltd."], "registrationNumber": ["00123"], "jurisdiction": ["kh"]}},
    {"id": "w1", "schema": "CryptoWallet", "properties": {"publicKey": ["TAYhjpL8pPs8T84FSM329nffQpc6jD8GBM"], "holder": ["p1"]}},
    {"id": "u1", "schema": "UserAccount", "properties": {"username": ["uncle_nine"], "service": ["Telegram"], "owner": ["p1"]}},
    {"id": "pay", "schema": "Payment", "properties": {"payer": ["p1"], "beneficiary": ["c1"], "amount": ["1200.50"],
     "currency": ["USD"], "date": ["2026-03-01"]}},
    {"id": "own", "schema": "Ownership", "properties": {"owner": ["p1"], "asset": ["c1"], "percentage": ["60"], "startDate": ["2020"]}},
    {"id": "fam", "schema": "Family", "properties": {"person": ["p1"], "relative": ["nobody"], "relationship": ["brother"]}},
    {"id": "x", "schema": "Security", "properties": {"isin": ["KR7005930003"]}},
]  # fmt: skip


def lines(items: list[dict[str, Any]]) -> list[bytes]:
    return [json.dumps(each).encode() + b"\n" for each in items]


def take(world: World, items: list[dict[str, Any]], origin: Origin = LIST) -> Taken:
    return world.nodes["KR"].same.exchanging.take(world.officers["KR"], lines(items), origin)


def named(node: Node, foreign: str) -> Dossier:
    with node.reading() as tx:
        (held,) = node.same.known(tx, [Selector("foreign-id", f"SAMPLE:{foreign.upper()}")])
        return node.same.dossiers(tx, [held.record])[held.record]


def test_a_file_becomes_records_with_the_file_as_their_source(world: World) -> None:
    node, taken = world.nodes["KR"], take(world, FILE)
    assert (taken.opened, taken.linked, taken.loose, dict(taken.refused)) == (5, 5, 1, {})
    assert dict(taken.report.forbidden) == {"religion": 1, "ethnicity": 1}
    assert dict(taken.report.schemata) == {"Security": 1}
    assert dict(taken.report.values) == {"person.phone": 1}
    assert dict(taken.report.properties) == {"Person.eyeColor": 1}
    person = named(node, "p1")
    assert person.category == "other"
    assert person.of("name") == ("Sok Dara", "សុខ ដារ៉ា")
    assert set(person.of("document", "phone", "nationality")) == {"KH", "+85512345678", "N0123456"}
    name = next(each for each in person.standing if each.property == "name")
    assert (name.source, name.grade, name.nature, name.origin) == ("B", 2, "fact", "sample list, 2026-03-01")
    company = named(node, "c1").record
    assert {(link.link, link.role) for link in person.links if link.target_entity == company} == {("owns", "60")}
    assert sorted(link.link for link in person.links) == ["owns", "owns", "pays", "uses"]
    with node.reading() as tx:
        pays = next(link for link in person.links if link.link == "pays")
        payment = node.same.dossiers(tx, [pays.target_entity])[pays.target_entity]
    assert payment.of("amount") == ("1200.50 USD",)


def test_taken_again_it_adds_only_what_is_new(world: World) -> None:
    node = world.nodes["KR"]
    take(world, FILE)
    again = take(world, FILE)
    assert (again.opened, again.added, again.known, again.linked) == (0, 0, 5, 0)
    person = named(node, "p1")
    fact = next(each.id for each in person.standing if each.property == "phone")
    world.act("KR", "withdraw-statement", {"statement": fact, "reason": "it is not his"}, record=person.record)
    more = [{**FILE[0], "properties": {**FILE[0]["properties"], "alias": ["Dara"]}}]
    third = take(world, more)
    assert (third.opened, third.added) == (0, 1)
    changed = named(node, "p1")
    assert changed.of("alias") == ("Dara",)
    assert changed.of("phone") == ()


def test_what_goes_out_comes_back_the_same(world: World) -> None:
    node, who = world.nodes["KR"], world.officers["KR"]
    take(world, FILE)
    phone = opened(world, said("phone", "+85512345678"), kind="phone", category="none")
    person = named(node, "p1")
    world.act(
        "KR",
        "link",
        {"link": "uses", "other": phone.record, "source": "A", "grade": 1, "nature": "fact"},
        record=person.record,
    )
    out = list(node.same.exchanging.give(who, reason="for the analyst's tool"))
    assert out == list(node.same.exchanging.give(who, reason="for the analyst's tool"))
    read = [json.loads(each) for each in out]
    assert len({each["id"] for each in read}) == len(read)
    schemata = sorted(each["schema"] for each in read)
    assert schemata == [
        "CryptoWallet", "Organization", "Ownership", "Payment", "Person", "Thing", *["UnknownLink"] * 3, "UserAccount",
    ]  # fmt: skip
    pay = next(each for each in read if each["schema"] == "Payment")
    assert (pay["properties"]["amount"], pay["properties"]["currency"]) == (["1200.50"], ["USD"])
    assert {"payer", "beneficiary"} <= set(pay["properties"])
    other = world.nodes["KH"]
    back = other.same.exchanging.take(world.officers["KH"], out, LIST)
    assert not back.refused
    with other.reading() as tx:
        (held,) = other.same.known(tx, [Selector("document", "N0123456")])
        again = other.same.dossiers(tx, [held.record])[held.record]
    assert set(again.of("name", "birth-date", "phone")) == set(person.of("name", "birth-date", "phone"))


def test_only_what_one_may_read_goes_out_and_it_is_listed(world: World) -> None:
    node = world.nodes["KR"]
    seen = opened(world, said("name", "Sok Dara"))
    opened(world, said("name", "Hidden Person"), category="missing", purpose="locate-missing")
    analyst = world.person("KR", "Analyst", "analyst")
    out = b"".join(node.same.exchanging.give(analyst, reason="for the analyst's tool"))
    assert b"Sok Dara" in out
    assert b"Hidden" not in out
    with node.reading() as tx:
        assert [each.medium for each in tx.exports.of_fact(seen.fact)] == ["followthemoney"]
        assert [row.act for row in tx.access.of_user(analyst.id)] == ["export"]
    with pytest.raises(Refusal, match="O1"):
        node.same.exchanging.take(analyst, [], Origin(dataset="x", purpose="locate-missing"))


def test_hostile_lines_are_counted_and_nothing_else(world: World) -> None:
    deep = b'{"id":"d","schema":"Person","properties":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    bad = [b"{", b"[]", b'{"id":"","schema":"Person"}', b'{"id":"a","schema":"Person","properties":{"name":[1]}}', deep, b"\xff\xfe",
           b"x" * 2_000_001,
           b'{"id":"' + b"a" * 201 + b'","schema":"Person"}', b"",
           b'{"id":"e","schema":"Person","properties":{"name":["' + b"n" * 500 + b'"]}}']  # fmt: skip
    node = world.nodes["KR"]
    taken = node.same.exchanging.take(world.officers["KR"], bad, LIST)
    assert [line for line, _ in taken.report.bad_lines] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert (taken.opened, dict(taken.report.values)) == (1, {"person.name": 1})
    many = {"id": "m", "schema": "Person", "properties": {"alias": [f"Name {n}" for n in range(1000)]}}
    assert take(world, [many]).opened == 1
    with pytest.raises(InvalidInput, match="colon"):
        take(world, [], Origin(dataset="a:b", purpose="investigate-fraud"))
    with pytest.raises(InvalidInput):
        take(world, [], Origin(dataset="", purpose="investigate-fraud"))
