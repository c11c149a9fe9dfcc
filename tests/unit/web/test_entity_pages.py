"""Pages of persons and things: a new one by the form of its kind, what is said and by whom, joining and undoing it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from spean.core.roles import Role

PERSON = {
    "kind": "person", "category": "contact", "purpose": "investigate-fraud", "p.name": "Sok Dara\nសុខ ដារ៉ា", "p.birth-date": "2531-04-02",
    "p.phone": "+855 12 345 678", "source": "B", "grade": "2", "nature": "fact", "origin": "passport that was shown", "once": "",
}  # fmt: skip


@pytest.fixture(scope="module")
def browser(desk: Any) -> Any:
    return desk.signed_in(Role.DUTY_OFFICER, name="Officer Han")


def made(browser: Any, **changed: str) -> str:
    answer = browser.post("/entities/new", {**PERSON, **changed})
    assert answer.status_code == 303, answer.text[-3000:]
    return str(answer.headers["location"]).removeprefix("/entities/")


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_a_person_is_typed_in_and_shown_with_sources(browser: Any) -> None:
    assert 'name="p.birth-date"' in browser.get("/entities/new?kind=person").text
    assert 'name="p.imei"' in browser.get("/entities/new?kind=device").text
    record = made(browser)
    page = browser.get(f"/entities/{record}")
    assert page.status_code == 200
    shown = words(page)
    assert "1988-04-02" in shown
    assert "2531-04-02" in shown
    assert "passport that was shown" in shown
    assert "Officer Han" in shown
    assert "B2" in shown
    assert "/facts/" in page.text
    listed = browser.get("/entities?kind=person")
    assert f"/entities/{record}" in listed.text
    assert f"/entities/{record}" not in browser.get("/entities?kind=vessel").text


def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(browser: Any) -> None:
    answer = browser.post("/entities/new", {**PERSON, "p.phone": "12", "p.alias": "Dara"})
    assert answer.status_code == 422
    assert 'id="e-phone"' in answer.text
    assert "Sok Dara" in answer.text
    assert "Dara</textarea>" in answer.text
    refused = browser.post("/entities/new", {**PERSON, "category": ""})
    assert refused.status_code == 403
    assert "R30" in refused.text
    assert browser.post("/entities/new", {**PERSON, "purpose": ""}).status_code == 422
    assert browser.post("/entities/new", {**PERSON, "grade": ""}).status_code == 422


def test_more_is_said_and_taken_back(browser: Any) -> None:
    record = made(browser)
    more = {"property": "email", "value": "dara@mail.example", "source": "A", "grade": "1", "nature": "fact"}
    assert browser.post(f"/entities/{record}/state", more).status_code == 303
    page = browser.get(f"/entities/{record}").text
    assert "dara@mail.example" in page
    statement = re.findall(r'name="statement" value="([0-9a-f]{64}:0)"', page)[-1]
    answer = browser.post(f"/entities/{record}/withdraw-statement", {"statement": statement, "reason": "not hers"})
    assert answer.status_code == 303
    assert "<s>dara@mail.example</s>" in browser.get(f"/entities/{record}").text
    wrong = browser.post(f"/entities/{record}/state", {**more, "property": "imo"})
    assert wrong.status_code == 422
    assert "dara@mail.example" in wrong.text
    assert browser.post(f"/entities/{record}/close", {"reason": "no form here"}).status_code == 404


def test_a_merge_is_made_shown_on_both_pages_and_undone(browser: Any) -> None:
    one, other = made(browser), made(browser, **{"p.name": "SOK Dara"})
    judged = {"other": other, "verdict": "positive", "reason": "passports compared"}
    assert browser.post(f"/entities/{one}/judge", judged).status_code == 303
    for here, there in ((one, other), (other, one)):
        page = browser.get(f"/entities/{here}")
        assert f"/entities/{there}" in page.text
        assert "passports compared" in page.text
    refused = browser.post(f"/entities/{other}/judge", {"other": one, "verdict": "negative", "reason": "a second look"})
    assert refused.status_code == 403
    assert "contradicts" in refused.text
    page = browser.get(f"/entities/{other}").text
    judgement = re.findall(r'name="judgement" value="([0-9a-f]{64})"', page)[0]
    owner = re.findall(r'name="owner" value="([^"]*)"', page)[0]
    undo = {"judgement": judgement, "owner": owner, "reason": "another person"}
    assert browser.post(f"/entities/{other}/withdraw-judgement", undo).status_code == 303
    shown = words(browser.get(f"/entities/{one}"))
    assert "It stands alone." in shown
    assert "another person" in shown
    assert (
        browser.post(
            f"/entities/{other}/judge", {"other": one, "verdict": "negative", "reason": "a second look"}
        ).status_code
        == 303
    )


def test_links_stand_on_both_pages_in_words_of_their_direction(browser: Any) -> None:
    person = made(browser)
    firm = made(
        browser, **{"kind": "organisation", "category": "", "p.name": "Golden Lot", "p.birth-date": "", "p.phone": ""}
    )
    link = {
        "link": "directs",
        "other": firm,
        "role": "director",
        "source": "A",
        "grade": "1",
        "nature": "fact",
        "since": "2020",
    }
    assert browser.post(f"/entities/{person}/link", link).status_code == 303
    assert "directs" in words(browser.get(f"/entities/{person}"))
    there = words(browser.get(f"/entities/{firm}"))
    assert "is directed by" in there
    assert "2020" in there


def test_an_entity_for_other_eyes_is_not_told(desk: Any, browser: Any) -> None:
    hidden = made(browser, category="missing", purpose="locate-missing", **{"p.name": "Hidden Person"})
    seen = made(browser)
    link = {"link": "associated-with", "other": hidden, "source": "A", "grade": "1", "nature": "fact"}
    assert browser.post(f"/entities/{seen}/link", link).status_code == 303
    analyst = desk.signed_in(Role.ANALYST)
    page = analyst.get(f"/entities/{seen}")
    assert page.status_code == 200
    assert "Hidden Person" not in page.text
    assert "other eyes" in page.text
    assert analyst.get(f"/entities/{hidden}").status_code == 403
    assert "Hidden Person" not in analyst.get("/entities").text
    assert "Hidden Person" in browser.get("/entities").text
    before = desk.access("read")
    browser.get(f"/entities/{seen}")
    assert desk.access("read") == before + 1


def test_it_speaks_french(desk: Any, browser: Any) -> None:
    record = made(browser)
    page = browser.client.get(f"/entities/{record}", headers={"accept-language": "fr"})
    assert "date de naissance" in page.text
    assert "numéro national" in browser.client.get("/entities/new", headers={"accept-language": "fr"}).text
