"""Who read what, and why: filters, reasons, the auditor's own look, hours that stand out, lines that are missing."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from federation.world import Image, World, driver
from spean.core.errors import InvalidInput, Refusal
from spean.core.world import HOUR
from spean.node.views.auditing import UNUSUAL_ALWAYS, UNUSUAL_LEAST, Asking, _cursor
from unit.web.visiting import Visitor, main_of, visit


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> tuple[Image, str, str]:
    world = World(("KH", "KR"), tmp_path_factory.mktemp("begun"))
    world.treaty = world.agreement(("KH", "KR"))
    done = world.ask("KR", "KH")
    world.settle()
    return world.image(), done.fact, done.record


@pytest.fixture
def world(begun: tuple[Image, str, str], tmp_path: Path) -> World:
    return World(("KH", "KR"), tmp_path, seed=4, image=begun[0])


@pytest.fixture
def auditor(world: World) -> Visitor:
    return visit(world.nodes["KR"], "auditor", name="Kim Auditor", task="Yearly inspection")


def test_who_read_a_record_and_why(world: World, auditor: Visitor, begun: tuple[Image, str, str]) -> None:
    _, fact, record = begun
    visit(world.nodes["KR"], "analyst", name="Lee Hana", task="Case 12, romance scam").get(f"/facts/{fact}")
    visit(world.nodes["KR"], "investigator", name="Sok Dara", task="Case 13").get(f"/records/{record}")
    page = main_of(auditor.get(f"/audit?subject={record}"))
    assert "Case 12, romance scam" in page
    assert page.index("Sok Dara") < page.index("Case 12"), "newest first"
    assert "Case 12" in main_of(auditor.get(f"/audit?subject={fact}")), "a fact stands for its record"
    only = main_of(auditor.get("/audit?words=ROMANCE"))
    assert "Case 12, romance scam" in only
    assert "Case 13" not in only
    hana = next(user for user in world.nodes["KR"].people.list() if user.name == "Lee Hana")
    assert "Case 13" not in main_of(auditor.get(f"/audit?user={hana.id}"))


def test_the_auditors_own_look_is_written_down(world: World, auditor: Visitor) -> None:
    before = len(list_of(world, user="Kim Auditor"))
    auditor.get("/audit?act=export")
    found = list_of(world, user="Kim Auditor")
    assert len(found) == before + 1
    assert (found[0].act, found[0].reason) == ("read", "Yearly inspection")
    assert dict(found[0].more)["act"] == "export"


def list_of(world: World, **asking: Any) -> list[Any]:
    """The list as the node itself has it, without a look of its own in it."""
    node = world.nodes["KR"]
    with node.reading() as tx:
        return list(node.auditing._page(tx, node.auditing._resolved(tx, Asking(**asking)), None, 1000).entries)


def test_only_auditors(world: World) -> None:
    for role in ("duty-officer", "legal", "administrator"):
        someone = visit(world.nodes["KR"], role)
        assert "O1" in someone.get("/audit", 403)
        someone.post("/audit/export", status=403)
        someone.post("/audit/verify", status=403)
        assert 'href="/audit"' not in someone.get("/alarms")
    with pytest.raises(Refusal):
        world.nodes["KR"].auditing.hours(visit(world.nodes["KR"], "analyst").who, 0, 1)


def test_a_look_needs_a_reason(world: World) -> None:
    assert "Why do you read this?" in visit(world.nodes["KR"], "auditor", task="").get("/audit")


def test_bad_filters_are_refused_with_words(world: World, auditor: Visitor) -> None:
    assert "is no act of the list" in auditor.get("/audit?act=peek", 422)
    assert "is no day" in auditor.get("/audit?since=yesterday", 422)
    assert "neither a record nor a fact" in auditor.get("/audit?subject=zz", 422)
    assert "no place in the list" in auditor.get("/audit?before=x", 422)
    with pytest.raises(InvalidInput):
        world.nodes["KR"].auditing.entries(auditor.who, Asking(), reason="a look", limit=0)


def test_pages_are_gapless(world: World, auditor: Visitor, begun: tuple[Image, str, str]) -> None:
    node, seen, before = world.nodes["KR"], [], ""
    someone = visit(node, "analyst", task="Case 12, page by page")
    for _ in range(7):
        someone.get(f"/facts/{begun[1]}")
    for words in ("", "page by page"):
        whole = [each.n for each in list_of(world, words=words)]
        seen, before = [], ""
        while True:
            with node.reading() as tx:
                asked = node.auditing._resolved(tx, Asking(words=words))
                page = node.auditing._page(tx, asked, _cursor(before), 3)
            seen += [each.n for each in page.entries]
            before = page.before
            if not before:
                break
        assert seen == whole
        assert len(seen) >= 7


def test_days_narrow(world: World, auditor: Visitor) -> None:
    assert "Yearly inspection" in main_of(auditor.get("/audit?since=2026-03-04&until=2026-03-04")).split("<table")[1]
    assert "Nothing was found" in auditor.get("/audit?since=2030-01-01")
    assert "Nothing was found" in auditor.get("/audit?until=2020-01-01")


def test_hours_that_stand_out_by_the_rule_on_the_page(
    world: World, auditor: Visitor, begun: tuple[Image, str, str]
) -> None:
    node = world.nodes["KR"]
    someone = visit(node, "analyst", name="Niran Chai")

    def read(times: int) -> None:
        with node.writing() as work:
            for _ in range(times):
                node.reading_desk.note_access(work, someone.who, "read", begun[2], "Case 12")
        world.clock.advance(HOUR)

    for _ in range(4):
        read(5)
    read(UNUSUAL_LEAST)
    hours = [each for each in node.auditing.hours(auditor.who, 0, 1 << 62) if each.name == "Niran Chai"]
    assert (hours[0].count, hours[0].unusual) == (UNUSUAL_LEAST, True)
    assert sum(each.unusual for each in hours) == 1
    page = main_of(visit(node, "auditor").get("/audit"))
    assert "at least 30 things and over 3 times the median" in page
    assert "look first" in page
    read(UNUSUAL_ALWAYS)
    assert node.auditing.hours(auditor.who, 0, 1 << 62)[0].count == UNUSUAL_ALWAYS


def test_the_table_is_taken_and_that_is_written_down(
    world: World, auditor: Visitor, begun: tuple[Image, str, str]
) -> None:
    visit(world.nodes["KR"], "analyst", name="Lee Hana", task="=HYPERLINK(1) case").get(f"/facts/{begun[1]}")
    answer = auditor.post("/audit/export", {"user": "Lee Hana"}, 200)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["reason"] for row in rows if row["act"] == "read"] == ["'=HYPERLINK(1) case"]
    assert {row["name"] for row in rows} == {"Lee Hana"}
    assert list_of(world, user="Kim Auditor")[0].act == "export"


def test_an_erased_reason_is_gone_and_the_entry_stays(
    world: World, auditor: Visitor, begun: tuple[Image, str, str]
) -> None:
    node = world.nodes["KR"]
    visit(node, "analyst", name="Lee Hana", task="Case of Chan Sophea").get(f"/facts/{begun[1]}")
    entry = next(each for each in list_of(world) if each.reason == "Case of Chan Sophea")
    with node.writing() as work:
        node.recalling.erase_in(work, [entry.fact], "a court ordered it")
    node.recalling.finish()
    page = main_of(auditor.get("/audit?act=read"))
    assert "Chan Sophea" not in page
    assert "erased" in page
    assert "Lee Hana" in page


def test_a_line_that_somebody_removed_is_noticed(world: World, auditor: Visitor, begun: tuple[Image, str, str]) -> None:
    node = world.nodes["KR"]
    visit(node, "analyst").get(f"/facts/{begun[1]}")
    assert node.verifying.run("domestic").fault == ""
    assert "whole:" in auditor.get("/audit")
    store = driver(world.disks["KR"].store)
    store.execute("DELETE FROM access WHERE act = 'read'")
    store.commit()
    assert "no longer in the list" in node.verifying.run("domestic").fault
    assert "It does not hold" in auditor.get("/audit")


def test_the_same_over_rest(world: World, auditor: Visitor, begun: tuple[Image, str, str]) -> None:
    node = world.nodes["KR"]
    user = next(each for each in node.people.list() if each.name == "Kim Auditor")
    headers = {"authorization": f"Bearer {node.people.token(user)}"}
    ask: Callable[..., Any] = auditor.client.get
    auditor.client.cookies.clear()
    found = ask("/api/v1/audit?limit=2&act=read&reason=a+yearly+look", headers=headers).json()
    assert {each["act"] for each in found["entries"]} == {"read"}
    assert found["entries"][0]["reason"] == "a yearly look"
    assert ask("/api/v1/audit", headers=headers).status_code == 422
    analyst = visit(node, "analyst")
    other = {"authorization": f"Bearer {node.people.token(analyst.who.user)}"}
    assert ask("/api/v1/audit?reason=curious", headers=other).status_code == 403
