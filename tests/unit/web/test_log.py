"""Log and recalls: facts are found by their beginning, our logs are verified with the truth, who is silent is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from federation.world import Image, World, driver
from spean.core.errors import Conflict
from spean.core.world import MINUTE
from spean.ledger.checkpoint import open_checkpoint
from unit.web.visiting import Visitor, main_of, visit


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> tuple[Image, str, str]:
    world = World(("KH", "KR", "TH"), tmp_path_factory.mktemp("begun"))
    world.treaty = world.agreement(("KH", "KR", "TH"))
    done = world.ask("KR", "KH")
    world.settle()
    return world.image(), done.fact, done.record


@pytest.fixture
def world(begun: tuple[Image, str, str], tmp_path: Path) -> World:
    return World(("KH", "KR", "TH"), tmp_path, seed=3, image=begun[0])


@pytest.fixture
def officer(world: World) -> Visitor:
    return visit(world.nodes["KR"], "duty-officer")


def test_a_fact_is_found_by_beginning_record_and_number(
    world: World, officer: Visitor, begun: tuple[Image, str, str]
) -> None:
    _, fact, record = begun
    with world.nodes["KR"].reading() as tx:
        index = tx.facts.get(fact).index
    for text in (fact, fact[:6], fact[:9].upper(), record, str(index)):
        assert f'href="/facts/{fact}"' in officer.get(f"/log?find={text}"), text
    assert "Nothing that you may read begins so" in officer.get("/log?find=00000000000000")
    assert "neither a fact, a record nor an index" in officer.get("/log?find=what?")
    assert "neither a fact" in officer.get("/log?find=ab")


def test_what_is_for_other_eyes_is_not_found(world: World, begun: tuple[Image, str, str]) -> None:
    page = visit(world.nodes["KR"], "trainer").get(f"/log?find={begun[1]}")
    assert f'href="/facts/{begun[1]}"' not in page
    administrator = visit(world.nodes["KR"], "administrator")
    assert 'name="find"' not in main_of(administrator.get("/log"))
    assert "O1" in administrator.get(f"/log?find={begun[1]}", 403)


def test_who_has_witnessed_how_far(world: World, officer: Visitor) -> None:
    page = main_of(officer.get("/log"))
    with world.nodes["KR"].reading() as tx:
        size = tx.log.head("exchange").size
    assert f"<b>{size}</b>" in page
    assert 'href="/partners/KH"' in page
    answer = officer.client.get("/log/checkpoint")
    seen = open_checkpoint(answer.content, [world.nodes["KR"].logs.verifier("exchange")])
    assert seen.size == size
    assert "attachment" in answer.headers["content-disposition"]


def test_our_own_log_is_verified_and_a_changed_entry_is_found(
    world: World, officer: Visitor, begun: tuple[Image, str, str]
) -> None:
    node = world.nodes["KR"]
    assert "not yet on this page" in officer.get("/log")
    found = node.verifying.run("exchange")
    assert found.fault == ""
    assert "every one of" in officer.get("/log")
    store = driver(world.disks["KR"].store)
    store.execute("UPDATE facts SET payload = CAST(payload || ' ' AS BLOB) WHERE id = ?", (bytes.fromhex(begun[1]),))
    store.commit()
    assert node.verifying.run("exchange").fault
    assert "It does not hold" in officer.get("/log")
    assert [row.kind for row in node.reading_desk.alarms() if row.kind == "own-log"] == ["own-log"]


def test_a_removed_entry_of_the_domestic_log_is_found(
    world: World, officer: Visitor, begun: tuple[Image, str, str]
) -> None:
    node = world.nodes["KR"]
    officer.get(f"/facts/{begun[1]}")
    assert node.verifying.run("domestic").fault == ""
    store = driver(world.disks["KR"].store)
    store.execute("DELETE FROM facts WHERE log = 'domestic' AND kind = 'read'")
    store.commit()
    assert "not in the store" in node.verifying.run("domestic").fault


def test_only_one_verification_at_a_time(world: World) -> None:
    verifying = world.nodes["KR"].verifying
    verifying._claim("exchange")
    with pytest.raises(Conflict):
        verifying.start("domestic")
    assert visit(world.nodes["KR"], "analyst").post("/log/verify-own", {"log": "domestic"}, 409)
    assert "running: 0 of" in visit(world.nodes["KR"], "analyst").get("/log")
    assert verifying._run_claimed("exchange").fault == ""
    visit(world.nodes["KR"], "analyst").post("/log/verify-own", {"log": "no such"}, 422)


def test_recalls_name_who_is_late_and_what_came_back(
    world: World, officer: Visitor, begun: tuple[Image, str, str]
) -> None:
    assert "No recall is under way" in officer.get("/recalls")
    world.cut.add(frozenset(("KH", "KR")))
    node = world.nodes["KR"]
    node.recalling.withdraw(officer.who, begun[1], "sent by mistake")
    assert "cannot be reached so far" in officer.get("/recalls")
    world.clock.advance(5 * MINUTE)
    world.settle()
    page = main_of(officer.get("/recalls"))
    assert "1 holder has not answered in time" in page
    assert page.index("overdue") < page.index("KH")
    world.cut.clear()
    world.settle()
    page = main_of(officer.get("/recalls"))
    assert "not answered in time" not in page
    assert "Lately answered" in page
    assert "erased" in page
    theirs = main_of(visit(world.nodes["KH"], "duty-officer").get("/recalls"))
    assert "asked by KR" in theirs


def test_the_search_leads_to_who_holds_it(officer: Visitor, begun: tuple[Image, str, str]) -> None:
    answer = officer.client.get(f"/recalls?find={begun[1][:20]}")
    assert answer.headers["location"] == f"/facts/{begun[1]}/recall"
    page = main_of(officer.get(f"/facts/{begun[1]}/recall"))
    assert "Has a copy, was not asked" in page
    assert "KH" in page
