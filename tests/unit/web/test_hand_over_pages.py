"""Hand-over on the pages: compose, hand over, read with a reason, take over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from federation.simulation import NAMES, beginning
from federation.world import World
from spean.core.roles import Role
from spean.core.world import DAY
from unit.web.visiting import visit

WORDS = "Sok Dara will ring about the second account"


@pytest.fixture
def pair(tmp_path: Path) -> World:
    """KH and KR with an agreement in force; the past is more than a shift away."""
    image, treaty = beginning(2)
    world = World(NAMES[:2], tmp_path, image=image)
    world.treaty = treaty
    world.clock.advance(DAY)
    world.settle()
    return world


def test_a_shift_is_handed_over_read_and_taken_over_by_name(pair: World) -> None:
    record = pair.ask("KH", "KR").record
    pair.settle()
    node = pair.nodes["KR"]
    night, day = visit(node, Role.DUTY_OFFICER, name="Han Ji"), visit(node, Role.DUTY_OFFICER, name="Choi Na")
    page = night.get("/hand-over")
    assert f'href="/records/{record}"' in page
    assert "since the last hand-over" in page
    once = re.search(r'name="once" value="([^"]+)"', page)
    assert once is not None
    sent = night.post("/hand-over", {"text": WORDS, "once": once[1]})
    again = night.post("/hand-over", {"text": WORDS, "once": once[1]})
    where = sent.headers["location"]
    assert again.headers["location"] == where
    assert WORDS not in day.get("/hand-over")  # the list holds no words
    note = day.get(where)
    assert WORDS in note
    assert f'href="/records/{record}"' in note
    assert "Take over" not in night.get(where)
    day.post(f"{where}/take-over")
    taken = day.get(where)
    assert "taken over" in taken
    assert "Choi Na" in taken
    third = visit(node, Role.INVESTIGATOR, name="Bak So")
    assert "has taken this over already" in third.sent(f"{where}/take-over", status=409)


def test_reading_a_note_asks_why_and_looking_at_the_list_does_not(pair: World) -> None:
    node = pair.nodes["KR"]
    where = visit(node, Role.DUTY_OFFICER).post("/hand-over", {"text": WORDS}).headers["location"]
    unsaid = visit(node, Role.DUTY_OFFICER, task="")
    assert "Why do you read this?" in unsaid.get(where)
    assert WORDS not in unsaid.get(where)
    assert "Notes before this one" in unsaid.get("/hand-over")


def test_what_is_wrong_is_said_and_what_was_typed_stays(pair: World) -> None:
    node = pair.nodes["KR"]
    officer = visit(node, Role.DUTY_OFFICER)
    back = officer.sent("/hand-over", {"text": "y" * 4001})
    assert "at most 4000 characters" in back
    assert "y" * 4001 in back
    officer.get("/hand-over?hours=3", 422)
    officer.get("/hand-over/" + "ab" * 32, 404)
    assert officer.get("/hand-over?hours=24")


def test_an_auditor_looks_on_and_an_administrator_reads_nothing(pair: World) -> None:
    node = pair.nodes["KR"]
    auditor, admin = visit(node, Role.AUDITOR), visit(node, Role.ADMINISTRATOR)
    page = auditor.get("/hand-over")
    assert 'action="/hand-over"' not in page
    auditor.post("/hand-over", {"text": ""}, 403)
    admin.get("/hand-over", 403)
