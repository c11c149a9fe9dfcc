"""The page of alarms: the worst first, what it means, who has seen it; the stream rings without words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import spean
from spean.node import Node
from spean.web.frame import live
from spean.web.frame.live import look, stamp
from spean.web.places.alarms import MEANINGS
from unit.web.visiting import visit

RECORD = "KR:information-request:01JNF000000000000000000001"


def raise_(node: Node, kind: str, key: str, severity: str, text: str) -> None:
    with node.writing() as work:
        work.tx.alarms.raise_(kind, key, severity, text, work.now)


@pytest.fixture
def alarmed(make_desk: Callable[..., Any]) -> Any:
    desk = make_desk()
    raise_(desk.node, "timer", f"{RECORD}/overdue/1", "warning", f"{RECORD}: overdue: no answer by KH in time")
    raise_(
        desk.node,
        "not-delivered",
        "KH:1",
        "critical",
        "KH has not acknowledged 3 facts, the oldest for 3 minutes: call its desk",
    )
    return desk


def test_the_worst_is_first_with_its_meaning_and_a_way_on(alarmed: Any) -> None:
    page = visit(alarmed.node, "duty-officer", task="").get("/alarms")
    assert page.index("KH has not acknowledged") < page.index("no answer by KH in time")
    assert MEANINGS["not-delivered"][1] in page
    assert f'href="/records/{RECORD}"' in page
    assert 'href="/partners/KH"' in page
    assert 'data-alarms="2" data-worst="critical"' in page
    assert "Nobody else is told" in page


def test_who_acknowledges_is_named_and_the_first_one_stands(alarmed: Any) -> None:
    first, second = (
        visit(alarmed.node, "duty-officer", name="Sok Dara"),
        visit(alarmed.node, "analyst", name="Lee Hana"),
    )
    row = next(each for each in alarmed.node.reading_desk.alarms() if each.kind == "not-delivered")
    answer = first.post(f"/alarms/{row.id}/acknowledge", {"back": "/alarms?past=1"})
    assert answer.headers["location"] == "/alarms?past=1"
    second.post(f"/alarms/{row.id}/acknowledge")
    assert "KH has not acknowledged" not in first.get("/alarms")
    past = first.get("/alarms?past=1")
    assert "seen by Sok Dara" in past
    assert "Lee Hana" not in past.split('id="main"')[1]


def test_bad_input_is_refused_with_words(alarmed: Any) -> None:
    someone = visit(alarmed.node, "duty-officer")
    assert "is no severity" in someone.get("/alarms?severity=loud", 422)
    assert "No alarm 999" in someone.post("/alarms/999/acknowledge", status=404).text
    someone.post("/alarms/x/acknowledge", status=422)


def test_only_one_severity(alarmed: Any) -> None:
    page = visit(alarmed.node, "duty-officer").get("/alarms?severity=warning")
    assert "no answer by KH in time" in page
    assert "KH has not acknowledged" not in page


def test_an_escalated_alarm_says_so(make_desk: Callable[..., Any]) -> None:
    desk = make_desk(webhook="http://127.0.0.1:1/hook")
    raise_(desk.node, "not-delivered", "KH:1", "critical", "KH has not acknowledged 3 facts")
    someone = visit(desk.node, "duty-officer")
    assert "until the next ones are told" in someone.get("/alarms")
    desk.clock.advance(desk.node.settings.escalate_ms)
    (alarm,) = desk.node.escalating.due()
    desk.node.escalating.done(alarm)
    assert "the next ones were told" in someone.get("/alarms")


def test_the_stream_carries_how_many_and_how_bad_and_nothing_else(alarmed: Any) -> None:
    before, standing = look(alarmed.node, "desk")
    assert (standing.count, standing.worst) == (2, "critical")
    told = json.loads(_told(alarmed.node))
    assert set(told) == {"count", "worst", "newest"}
    raise_(alarmed.node, "clock", "KH", "info", "the clock of KH is 90 s off ours")
    assert stamp(alarmed.node, "desk") != before
    for row in alarmed.node.reading_desk.alarms():
        alarmed.node.reading_desk.acknowledge(alarmed.node.people.node_itself(), row.id)
    assert look(alarmed.node, "desk")[1].count == 0


def _told(node: Node) -> str:
    return live._told(node.escalating.standing())


def test_every_kind_of_alarm_that_the_code_raises_is_explained() -> None:
    raised = set()
    for path in Path(spean.__file__).parent.glob("node/**/*.py"):
        raised |= set(re.findall(r'alarms\.raise_\(\s*"([A-Za-z0-9-]+)"', path.read_text()))
    assert raised - set(MEANINGS) == set()
    assert len(raised) > 20


def test_a_browser_remembers_how_it_calls(alarmed: Any) -> None:
    someone = visit(alarmed.node, "duty-officer")
    assert 'data-calls=""' in someone.get("/alarms")
    someone.post("/alarms/calls", {"sound": "1", "shout": "1"})
    assert 'data-calls="sound"' in someone.get("/")
    someone.post("/alarms/calls", {"sound": "1", "notices": "1"})
    assert 'data-calls="sound.notices"' in someone.get("/")
    someone.post("/alarms/calls")
    assert 'data-calls=""' in someone.get("/")
