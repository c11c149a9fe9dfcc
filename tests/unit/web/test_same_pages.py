"""Pages of matching, as browsers see them: the question, a candidate's two sides, watches, lists, the border with groups and extracts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from federation.entities import opened, said
from federation.simulation import NAMES, beginning
from federation.world import REAL, World
from spean.core.roles import Role
from spean.core.world import DAY
from spean.matching.score import evidence as beside
from spean.matching.score import sentence as scored
from spean.node.same.screening import LISTED, SAME_DOCUMENT
from spean.web.parts.likeness import CLAUSES, PARTS
from unit.web.visiting import Visitor, main_of, origin, visit, words_of

ZONE = "P<KHMSOK<<DARA<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<\nN1234567<7KHM9005178F3001019<<<<<<<<<<<<<<08"


@pytest.fixture
def world(tmp_path: Path) -> World:
    image, treaty = beginning(2)
    made = World(NAMES[:2], tmp_path, image=image, engine=REAL)
    made.treaty = treaty
    return made


def entity(world: World, *more: Any, **marks: Any) -> str:
    facts = [said("name", "Sok Dara"), said("birth-date", "1990-05-17"), *more]
    return opened(world, *facts, category="missing", **{"purpose": "locate-missing", **marks}).record


def protect(world: World, record: str) -> None:
    form = {"until": world.clock.now() + DAY, "instructions": "Ask whether she is well.", "contact_name": "Protection desk",
            "contact_phone": "+82 2 1366", "reason": "her family looks for her"}  # fmt: skip
    world.act("KR", "protect", form, record=record)


def give(visitor: Visitor, path: str, content: bytes, status: int = 303, **fields: str) -> Any:
    parts = [(f'name="{key}"', value.encode()) for key, value in fields.items()]
    parts.append(('name="file"; filename="a.csv"', content))
    body = b"".join(
        b"--b7\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + value + b"\r\n"
        for head, value in parts
    )
    headers = {
        "content-type": "multipart/form-data; boundary=b7",
        "origin": origin(visitor.node),
        "sec-fetch-site": "same-origin",
    }
    answer = visitor.client.post(path, content=body + b"--b7--\r\n", headers=headers)
    assert answer.status_code == status, words_of(answer.text)[-9000:-5000]
    return answer


QUESTION = {
    "purpose": "locate-missing",
    "subject": "missing",
    "mark": "none",
    "why": "her family has reported her",
    "once": "a1",
}


def asked(visitor: Visitor, **more: Any) -> str:
    given = {**QUESTION, "names": "속 다라", "birth": "1990-05-17", **more}
    return str(visitor.post("/same", given).headers["location"])


# every clause ---------------------------------------------------------------------------------------------------------


def test_every_clause_that_is_said_has_its_words() -> None:
    said_ = {*scored.FAMILY.values(), *scored.GIVEN.values(), *scored.WHOLE.values(), *scored.BORN.values(), scored.LACKING, scored.TURNED,
             scored.CHANCE, scored.NOTHING, SAME_DOCUMENT[0][0], LISTED[0][0], *beside.words()}  # fmt: skip
    assert said_ == set(CLAUSES)
    assert {kind.part for kind in beside.KINDS.values()} <= set(PARTS)


# asking ---------------------------------------------------------------------------------------------------------------


def test_a_question_finds_the_own_file_and_a_colleague_verifies_it(world: World) -> None:
    record = entity(world)
    one = visit(world.nodes["KR"], Role.INVESTIGATOR, Role.DUTY_OFFICER)
    place = asked(one)
    page = main_of(one.get(place))
    assert "Sok Dara" in page
    assert "same name in another script" in page
    assert f"/records/{record}" in page
    again = one.post("/same", {**QUESTION, "names": "속 다라", "birth": "1990-05-17"})
    assert again.headers["location"] == place, "the same form is one question"
    candidate = one.post(f"{place}/candidate", {"hit": "0"}).headers["location"]
    own = main_of(one.get(candidate))
    assert "You asked: a colleague looks at the answer." in own
    assert 'name="verdict"' not in own
    other = visit(world.nodes["KR"], Role.INVESTIGATOR)
    seen = main_of(other.get(candidate))
    assert seen.index("속 다라") < seen.index("Sok Dara")
    assert "<meter" in seen
    wrong = main_of(other.sent(f"{candidate}/verdict", {"verdict": "confirm", "reason": "the same parents"}))
    assert "the same parents" in wrong, "nothing typed is lost"
    other.post(f"{candidate}/verdict", {"verdict": "confirm", "point": "birth-date", "reason": "the same parents"})
    assert "the same parents" in main_of(other.get(candidate))
    assert "confirmed" in main_of(other.get("/same/candidates"))


def test_what_is_missing_is_said_and_nothing_is_lost(world: World) -> None:
    one = visit(world.nodes["KR"], Role.INVESTIGATOR)
    page = main_of(one.sent("/same", {**QUESTION, "purpose": "", "names": "Dara"}))
    assert "choose for what it is asked" in page
    assert ">Dara</textarea>" in page
    assert "nothing is asked about" in main_of(one.sent("/same", {**QUESTION, "names": ""}, 403))
    typed = [*QUESTION.items(), ("type", "phone"), ("value", "abc"), ("chain", "")]
    assert 'value="abc"' in main_of(one.sent("/same", typed))


def test_a_marked_question_shows_the_supervisor_the_way(world: World) -> None:
    entity(world)
    one = visit(world.nodes["KR"], Role.INVESTIGATOR)
    place = asked(one, mark="journalist")
    page = main_of(one.get(place))
    assert "the supervisor decides first" in page
    assert "/pass" not in page
    supervisor = visit(world.nodes["KR"], Role.AUDITOR)
    assert f"/records/{place.rsplit('/', 1)[-1]}/pass" in main_of(supervisor.get(place))
    assert "R23" in main_of(supervisor.get("/alarms"))
    assert "whose work is protected waits" not in main_of(one.get("/alarms"))


def test_a_candidate_with_a_partner_becomes_the_request_with_one_click(world: World) -> None:
    from spean.candidates.look_ups import Hit
    from spean.candidates.model import Band, Category, How
    from spean.node.acts.acting import Marks

    one = visit(world.nodes["KR"], Role.INVESTIGATOR)
    place = asked(one, purpose="investigate-fraud", subject="victim")
    hit = Hit(node="KH", reference="9f" * 16, category=Category.PERSON, how=How.BLIND_NAME, band=Band.LIKELY, score=870)
    marks = Marks(purpose="investigate-fraud", subject="victim")
    record = world.nodes["KR"].matching.candidates.raise_with(
        "KH", hit, place.rsplit("/", 1)[-1], one.who.id, marks, world.treaty
    )
    page = main_of(one.get(f"/same/candidates/{record}"))
    assert "9f9f" in page
    assert "The owner has told nothing yet." in page
    assert "속 다라" in page
    sent = one.post(
        f"/same/candidates/{record}/request", {"once": "r1", "facts": "She answered a job offer and is missing."}
    ).headers["location"]
    assert sent.startswith("/records/KR:information-request:")
    world.settle()
    assert world.state("KH", sent.rsplit("/", 1)[-1]) == "sent"


def test_what_stands_in_the_way_of_a_release_is_said_instead_of_a_button(world: World) -> None:
    record = entity(world)
    one, other = (visit(world.nodes["KR"], Role.INVESTIGATOR, Role.PROTECTION_OFFICER) for _ in range(2))
    candidate = one.post(f"{asked(one)}/candidate", {"hit": "0"}).headers["location"]
    other.post(f"{candidate}/verdict", {"verdict": "confirm", "point": "birth-date", "reason": "the same parents"})
    guard = {"entity": record, "mark": "lawyer", "until": world.clock.now() + DAY, "reason": "her counsel"}
    world.act("KR", "set", guard, procedure="safeguard", purpose="protect-person", data="identity", subject="other")
    page = main_of(one.get(f"/records/{candidate.rsplit('/', 1)[-1]}/release"))
    assert "ask the supervisor to pass it" in page


# watches and lists ------------------------------------------------------------------------------------------------------


def test_a_watch_is_put_shown_and_renewed_by_a_person(world: World) -> None:
    one = visit(world.nodes["KR"], Role.INVESTIGATOR)
    form = {"type": "phone", "value": "+855 12 345 678", "purpose": "investigate-fraud", "days": "30", "reason": "her last number", "once": "w1",
            "mark": "none", "chain": "", "birth": ""}  # fmt: skip
    one.post("/same/watches", form)
    page = main_of(one.get("/same/watches"))
    assert "+85512345678" in page
    found = re.search(r"/same/watches/([^/]+)/renew", page)
    assert found is not None
    one.post(f"/same/watches/{found[1]}/renew", {"days": "60", "reason": "still missing"})
    assert "R33" in main_of(one.sent(f"/same/watches/{found[1]}/renew", {"days": "999", "reason": "for ever"}, 403))
    assert "R33" in main_of(one.sent("/same/watches", {**form, "days": "400", "once": "w2"}))
    opened(world, said("name", "X"), said("phone", "+85512345678"))
    world.settle()
    assert "/same/candidates/KR:candidate:" in main_of(one.get("/same/watches"))


def test_a_list_is_taken_in_with_its_version_and_a_bad_one_is_named(world: World) -> None:
    one = visit(world.nodes["KR"], Role.ANALYST, Role.DUTY_OFFICER)
    fields = {
        "name": "Open list",
        "publisher": "A publisher",
        "version": "7",
        "date": "2026-02-11",
        "source": "",
        "licence": "",
        "chain": "",
        "record": "",
    }
    page = main_of(give(one, "/same/lists/file", b"id,name\n1,Chen Zhi\n2,\n", 200, **fields).text)
    assert "1 entry was taken" in page
    assert "neither a name nor a value" in page
    assert "Open list" in main_of(one.get("/same/lists"))
    wrong = main_of(give(one, "/same/lists/file", b"1P5ZEDWTKTFGxQjZphgWPQUpe554WKDfHQ\n", 422, **fields).text)
    assert "name the chain" in wrong
    assert 'value="Open list"' in wrong
    found = re.search(r"/same/lists/([^/]+)/retire", main_of(one.get("/same/lists")))
    assert found is not None
    one.post(f"/same/lists/{found[1]}/retire", {"reason": "not published any more"})
    assert "not asked any more" in main_of(one.get("/same/lists"))


# the border -------------------------------------------------------------------------------------------------------------


def test_the_border_says_protect_in_its_own_way_with_instructions_and_contact(world: World) -> None:
    protect(world, entity(world, said("document", "KH:N1234567")))
    officer = visit(world.nodes["KR"], Role.BORDER_OFFICER)
    page = main_of(
        officer.sent(
            "/border", {"name": "Sokh Dara", "birth": "17/05/1990", "zone": "", "document": "", "issuer": ""}, 200
        )
    )
    assert 'class="answer answer-protect" role="alert"' in page
    assert "Ask whether she is well." in page
    assert 'href="tel:+8221366"' in page
    assert "answer-stop" not in page
    assert 'id="name" name="name" value=""' in page, "empty again for the next one"


def test_a_scanned_zone_is_read_and_a_wrong_one_is_named(world: World) -> None:
    protect(world, entity(world, said("document", "KH:N1234567")))
    officer = visit(world.nodes["KR"], Role.BORDER_OFFICER)
    blank = {"name": "", "birth": "", "document": "", "issuer": ""}
    page = main_of(officer.sent("/border", {**blank, "zone": ZONE}, 200))
    assert "answer-protect" in page
    assert "SOK, DARA" in page
    wrong = main_of(officer.sent("/border", {**blank, "zone": ZONE.replace("9005178", "9005179")}))
    assert "check digit" in wrong
    assert "N1234567" in wrong, "what was scanned stays"
    assert "Nothing is known here" in main_of(
        officer.sent("/border", {**blank, "zone": "", "document": "X999999"}, 200)
    )


def test_a_list_says_check_with_its_version(world: World) -> None:
    one = visit(world.nodes["KR"], Role.ANALYST, Role.DUTY_OFFICER)
    fields = {
        "name": "Open list",
        "publisher": "A publisher",
        "version": "7",
        "date": "2026-02-11",
        "source": "",
        "licence": "",
        "chain": "",
        "record": "",
    }
    give(one, "/same/lists/file", b"id,name\n1,Chen Zhi\n", 200, **fields)
    page = main_of(one.sent("/border", {"name": "陈志", "birth": "", "zone": "", "document": "", "issuer": ""}, 200))
    assert "answer-verify" in page
    assert "Open list, version 7, 2026-02-11: check." in page


def test_a_group_from_a_table_shows_each_answer(world: World) -> None:
    protect(world, entity(world))
    officer = visit(world.nodes["KR"], Role.BORDER_OFFICER)
    place = give(
        officer, "/border/files/group", b"id,name,birth\n1,Sokh Dara,1990-05-17\n2,Nobody Known,\n3,,\n"
    ).headers["location"]
    for _ in range(200):
        page = main_of(officer.get(place))
        if "Everybody was asked about" in page:
            break
    assert page.index("Protect") < page.index("Nobody Known")
    assert "Lines that were not taken" in page
    assert "protect" in officer.client.get(f"{place}/answers.csv").text
    assert "name the columns" in main_of(give(officer, "/border/files/group", b"seat\n1\n", 422).text)
    other = visit(world.nodes["KR"], Role.BORDER_OFFICER)
    other.get(place, 404)
    other.post(f"{place}/erase", (), 404)
    assert officer.post(f"{place}/erase").headers["location"] == "/border"
    officer.get(place, 404)
    assert "a.csv" not in main_of(officer.get("/border"))


def test_an_extract_is_made_opened_asked_closed_and_its_log_comes_in(world: World) -> None:
    node = world.nodes["KR"]
    node.matching.offline._work = (1, 8 * 1024)
    record = entity(world)
    protect(world, record)
    world.act("KR", "off-line", {"ticked": True, "reason": "no line there"}, record=record)
    officer = visit(node, Role.BORDER_OFFICER)
    form = {"device": "Tablet 2", "days": "7", "secret.passphrase": "river lantern seven bridges"}
    assert "four or more words" in main_of(
        officer.sent("/border/extracts/make", {**form, "secret.passphrase": "short"})
    )
    made = officer.post("/border/extracts/make", form, 200)
    assert made.content.startswith(b"SPEANX2")
    wrong = give(officer, "/border/files/open", made.content, 401, **{"secret.passphrase": "another phrase altogether"})
    assert "does not open" in main_of(wrong.text)
    give(officer, "/border/files/open", made.content, **{"secret.passphrase": "river lantern seven bridges"})
    assert "An extract of KR is open here" in main_of(officer.get("/border"))
    officer.sent("/border", {"name": "Sokh Dara", "birth": "1990-05-17", "zone": "", "document": "", "issuer": ""}, 200)
    page = main_of(officer.get("/border/extracts"))
    found = re.search(r"/border/extracts/(\w+)/queries", page)
    out = re.search(r'name="record" value="([^"]+)"', page)
    assert found is not None
    assert out is not None
    log = officer.client.get(f"/border/extracts/{found[1]}/queries").content
    assert b"Dara" not in log
    give(officer, "/border/files/bring-in", log, record=out[1])
    officer.post("/border/extracts/close", {"id": found[1]})
    assert world.state("KR", out[1]) == "returned"
    assert "is open here" not in main_of(officer.get("/border"))


def test_only_those_who_screen_see_the_border(world: World) -> None:
    secretary = visit(world.nodes["KR"], Role.SECRETARIAT)
    secretary.get("/border", 403)
    secretary.get("/border/extracts", 403)
    assert 'href="/border"' not in secretary.get("/")
