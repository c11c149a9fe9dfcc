"""Names read in by and by: complete in the end, the same as one by one, and honest about what is still missing."""

from __future__ import annotations

from typing import Any

import pytest

from federation.entities import opened, said
from federation.world import World
from spean.node.acts.acting import Marks
from spean.node.care import health
from spean.node.node import Node
from spean.node.same import book as books
from spean.node.same import same as knowing
from spean.node.same import selecting
from spean.node.same.book import Book, entry_of
from spean.node.same.finder import Entry

MARKS = Marks(purpose="investigate-fraud", data="identity", subject="contact")
WHY = "the case that is open here"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of three facts, and four of them before the first answer."""
    monkeypatch.setattr(books, "AT_ONCE", 3)
    monkeypatch.setattr(books, "AT_FIRST", 4)


def fresh(node: Node) -> Book:
    """The book as after a restart."""
    node.same.on_change.remove(node.matching.asking.book._changed)
    node.matching.asking.book = made = Book(node)
    return made


def taken(book: Book) -> dict[str, Entry]:
    """What stands in the finder: of each record its names with the dates beside them."""
    index = book.finder._open()
    found: dict[str, Any] = {}
    for record in book.finder.references():
        rows = [row for row, each in enumerate(index._ids) if each == record]
        found[record] = (
            sorted((index._written[row], int(index._births[row])) for row in rows),
            book.finder._values.get(record, ()),
        )
    return found


def ask(world: World, **form: Any) -> Any:
    node = world.nodes["KR"]
    given = {"names": [], "selectors": [], "nodes": [], "why": WHY, **form}
    record = node.matching.asking.ask(world.officers["KR"], given, MARKS)
    return node.matching.asking.view(world.officers["KR"], record, reason=WHY)


def furnished(world: World) -> list[str]:
    """Entities with everything that changes what is said of them, and a partner's question that names somebody."""
    made = [
        opened(
            world,
            said("name", f"Person Number{n}"),
            said("birth-date", f"19{70 + n}-05-17"),
            said("phone", f"+8551234567{n}"),
        ).record
        for n in range(8)
    ]
    world.act(
        "KR", "state", {"statements": [said("alias", "សុខ ដារ៉ា"), said("birth-place", "Battambang")]}, record=made[1]
    )
    with world.nodes["KR"].reading() as tx:
        (first,) = [row for row in tx.facts.of_record(made[2]) if row.kind == "open"]
    world.act(
        "KR", "withdraw-statement", {"statement": f"{first.id}:0", "reason": "another person's name"}, record=made[2]
    )
    world.act("KR", "close", {"reason": "not needed"}, record=made[3])
    world.act("KR", "categorise", {"category": "victim", "reason": "recognised as one"}, record=made[4])
    made.append(opened(world, said("name", "Golden Ficus Ltd"), kind="organisation", category="none").record)
    world.ask("KH", "KR")
    world.settle()
    return made


def test_read_in_batches_it_says_what_one_by_one_would_say(world: World, small: None) -> None:
    node = world.nodes["KR"]
    furnished(world)
    book = fresh(node)
    while book.step():
        pass
    assert book.progress().unread == 0
    expected = {each.record: entry_of(each) for each in node.same.names() if not each.gone and each.names}
    found = taken(book)
    assert set(found) == set(expected)
    for record, (rows, values) in found.items():
        assert sorted({name for name, _ in rows}) == sorted(expected[record].names)
        assert set(values) == {tuple(each) for each in expected[record].values if each[0] in ("phone", "birth-place")}


def test_the_newest_are_known_at_once_and_the_answer_says_what_is_missing(world: World, small: None) -> None:
    node = world.nodes["KR"]
    made = furnished(world)
    book = fresh(node)
    newest, oldest = ask(world, names=["Golden Ficus Ltd"]), ask(world, names=["Person Number0"], birth="1970-05-17")
    assert made[-1] in [hit.hit.reference for hit in newest.hits]
    assert made[0] not in [hit.hit.reference for hit in oldest.hits]
    assert oldest.unread > 0
    (line,) = [each for each in health.served(node, network=False) if each.name == "names"]
    assert line.verdict == "warn"
    assert "not complete yet" in line.says
    while book.step():
        pass
    again = ask(world, names=["Person Number0"], birth="1970-05-17")
    assert (made[0] in [hit.hit.reference for hit in again.hits], again.unread) == (True, 0)
    assert not [each for each in health.served(node, network=False) if each.name == "names"]


def test_what_changes_while_older_names_are_read_is_not_overwritten_by_them(world: World, small: None) -> None:
    node = world.nodes["KR"]
    made = furnished(world)
    book = fresh(node)
    book.refresh()
    world.act("KR", "close", {"reason": "somebody else"}, record=made[0])
    world.act("KR", "state", {"statements": [said("alias", "Another Name")]}, record=made[5])
    book.refresh()
    while book.step():
        pass
    found = taken(book)
    assert made[0] not in found
    assert {name for name, _ in found[made[5]][0]} == {"Person Number5", "Another Name"}


def test_what_is_erased_leaves_the_memory(world: World, small: None) -> None:
    node = world.nodes["KR"]
    made = furnished(world)
    book = fresh(node)
    book.refresh()
    with node.reading() as tx:
        facts = [row.id for row in tx.facts.of_record(made[-1])]
    assert made[-1] in taken(book)
    node.recalling.erase(world.person("KR", "Counsel", "legal"), facts[0], "the review date has passed")
    book.refresh()
    while book.step():
        pass
    assert made[-1] not in taken(book)
    assert "Golden Ficus Ltd" not in book.finder._open()._written
    assert ask(world, names=["Golden Ficus Ltd"]).hits == ()


def test_only_these_procedures_name_somebody() -> None:
    """What the book reads beside entities is what the forms can say."""
    named = {"holder_name": "A Name", "items": [{"selector": "person", "value": "A Name"}], "payments": [{"holder_name": "A Name"}],
             "kind": "person", "value": "A Name", "account": "110222402", "last": {"holder_name": "A Name"}, "name": "A Name"}  # fmt: skip
    found = {of for (of, kind), _ in selecting._MENTIONS.items() if any(True for _ in selecting.names(of, kind, named))}
    assert found - {selecting.ENTITY} == selecting.NAMING


def test_facts_that_are_not_indexed_are_looked_through_and_the_rest_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = world.nodes["KR"]
    made = [opened(world, said("name", "Somebody"), said("phone", f"+8551234567{n}")).record for n in range(6)]
    asked = {"type": "phone", "value": "+85512345670", "chain": ""}
    assert [hit.hit.reference for hit in ask(world, selectors=[asked]).hits] == [made[0]]
    monkeypatch.setattr(knowing, "MOST_FRESH", 2)
    monkeypatch.setattr(knowing, "_AT_ONCE", 2)
    view = ask(world, selectors=[asked])
    assert view.hits == ()
    assert view.unindexed > 0
    assert [each.name for each in health.served(node, network=False) if each.name == "values"] == ["values"]
    while node.indexing.step():
        pass
    view = ask(world, selectors=[asked])
    assert ([hit.hit.reference for hit in view.hits], view.unindexed) == ([made[0]], 0)
