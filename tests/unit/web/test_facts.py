"""A fact's page and its acts: proof, holders, correction that reaches everybody, handling codes, reads that are written down."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest

from federation.world import Image, World
from spean.core.world import MINUTE
from spean.ledger.evidence import decode
from spean.ledger.evidence_check import verify_evidence
from unit.web.visiting import Visitor, main_of, visit

WRONG, RIGHT = "+85512345678", "+85587654321"


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> tuple[Image, str]:
    world = World(("KH", "KR", "TH"), tmp_path_factory.mktemp("begun"))
    treaty = world.agreement(("KH", "KR", "TH"))
    return world.image(), treaty


@pytest.fixture
def world(begun: tuple[Image, str], tmp_path: Path) -> World:
    made = World(("KH", "KR", "TH"), tmp_path, seed=2, image=begun[0])
    made.treaty = begun[1]
    return made


@pytest.fixture
def officer(world: World) -> Visitor:
    return visit(world.nodes["KR"], "duty-officer", "investigator", name="Lee Hana")


def asked(world: World, **marks: str) -> str:
    done = world.ask("KR", "KH", **marks)
    world.settle()
    return done.fact


def test_the_page_says_what_it_says_and_what_proves_it(world: World, officer: Visitor) -> None:
    fact = asked(world)
    page = officer.get(f"/facts/{fact}")
    assert WRONG in page
    assert "Officer KR" in page
    assert "signed exactly this header" in page
    assert "of our exchange log of" in page
    assert "received by KH" in page.replace("<b>", "").replace("</b>", "")
    assert f'href="/facts/{fact}/correct"' in page
    assert f'href="/facts/{fact}/withdraw"' in page
    assert f'href="/facts/{fact}/erase"' not in page
    assert f'href="/facts/{fact}/pass-on"' not in page


def test_opening_it_is_a_read_with_its_reason(world: World) -> None:
    fact = asked(world)
    before = len(reads(world, fact))
    assert "Why do you read this?" in visit(world.nodes["KR"], "analyst", task="").get(f"/facts/{fact}")
    assert len(reads(world, fact)) == before
    someone = visit(world.nodes["KR"], "analyst")
    someone.get(f"/facts/{fact}")
    assert [(row.user, row.act) for row in reads(world, fact)[before:]] == [(someone.who.id, "read")]


def reads(world: World, fact: str) -> list[object]:
    with world.nodes["KR"].reading() as tx:
        return list(tx.access.of_subject(tx.facts.get(fact).record))


def test_unknown_facts_and_other_eyes(world: World) -> None:
    fact = asked(world)
    assert "no fact" in visit(world.nodes["KR"], "analyst").get("/facts/" + "0" * 64, 404)
    visit(world.nodes["KR"], "analyst").get("/facts/zz", 404)
    assert "O1" in visit(world.nodes["KR"], "administrator").get(f"/facts/{fact}", 403)
    assert "O1" in visit(world.nodes["KR"], "trainer").get(f"/facts/{fact}", 403)


def test_a_correction_reaches_everybody_and_the_page_shows_who_still_holds_the_old_one(
    world: World, officer: Visitor
) -> None:
    fact = asked(world)
    form = officer.get(f"/facts/{fact}/correct")
    assert WRONG in main_of(form)
    assert "has confirmed that it got it" in form
    fields = typed(form)
    fields["f.items.0.value"] = RIGHT
    answer = officer.post(f"/facts/{fact}/correct", {**fields, "reason": "two digits were mixed up"})
    assert answer.headers["location"] == f"/facts/{fact}/recall"
    page = main_of(officer.get(f"/facts/{fact}/recall"))
    assert "1 copy may still be there" in page
    assert "cannot be reached so far" in page
    world.settle()
    page = main_of(officer.get(f"/facts/{fact}/recall"))
    assert "Nobody holds the old words any more" in page
    assert "erased" in page
    old = officer.get(f"/facts/{fact}")
    assert "what stands now" in old
    assert f'href="/facts/{fact}/correct"' not in old


def test_whoever_is_silent_is_named_after_five_minutes(world: World, officer: Visitor) -> None:
    fact = asked(world)
    world.cut.add(frozenset(("KH", "KR")))
    officer.post(f"/facts/{fact}/withdraw", {"reason": "sent by mistake"})
    assert "data-due" in main_of(officer.get(f"/facts/{fact}/recall"))
    world.clock.advance(5 * MINUTE)
    world.settle()
    page = main_of(officer.get(f"/facts/{fact}/recall"))
    assert "overdue" in page
    assert "has not answered in time" in page


def test_what_was_typed_stays_when_something_is_missing(world: World, officer: Visitor) -> None:
    fact = asked(world)
    fields = typed(officer.get(f"/facts/{fact}/correct"))
    page = officer.sent(f"/facts/{fact}/correct", {**fields, "f.items.0.value": RIGHT, "reason": ""})
    assert RIGHT in page
    assert 'id="reason-fault"' in page
    page = officer.sent(f"/facts/{fact}/correct", {**fields, "f.facts": "", "reason": "it was wrong altogether"})
    assert "it was wrong altogether" in page
    assert 'id="errors"' in page


def test_only_what_is_possible_is_done(world: World) -> None:
    fact = asked(world)
    holder = visit(world.nodes["KH"], "duty-officer")
    assert "A8" in holder.get(f"/facts/{fact}/correct", 403)
    assert "A8" in holder.sent(f"/facts/{fact}/withdraw", {"reason": "not ours at all"}, 403)
    assert "D4" in holder.get(f"/facts/{fact}/erase", 403)
    assert f'href="/facts/{fact}/correct"' not in holder.get(f"/facts/{fact}")


def test_erasing_leaves_the_proof(world: World) -> None:
    fact = asked(world)
    lawyer = visit(world.nodes["KR"], "legal")
    assert "Nobody can bring them back" in lawyer.get(f"/facts/{fact}/erase")
    lawyer.post(f"/facts/{fact}/erase", {"reason": "the court ordered it"})
    page = lawyer.get(f"/facts/{fact}")
    assert "Its words were erased" in page
    assert WRONG not in page
    assert "signed exactly this header" in page


def test_an_h2_item_is_not_passed_on_and_the_owner_is_asked(world: World) -> None:
    fact = asked(world, handling="H2", tlp="GREEN")
    holder = visit(world.nodes["KH"], "duty-officer", name="Sok Dara")
    form = main_of(holder.get(f"/facts/{fact}/pass-on"))
    assert "does not receive it" in form
    assert "KR has not consented" in form
    fields = {"to": "TH", "purpose": "investigate-fraud", "reason": "the same mule has accounts in Bangkok"}
    page = holder.sent(f"/facts/{fact}/pass-on", fields, 403)
    assert "KR is asked" in page
    assert "the same mule has accounts in Bangkok" in page
    world.settle()
    grant(world, fact)
    assert "KR consented" in main_of(holder.get(f"/facts/{fact}/pass-on"))
    assert "/records/" in holder.post(f"/facts/{fact}/pass-on", fields).headers["location"]
    assert "KR has not consented" in main_of(holder.get(f"/facts/{fact}/pass-on")), "a consent is spent by use"


def grant(world: World, fact: str) -> None:
    with world.nodes["KR"].reading() as tx:
        (ask,) = [row for row in tx.facts.citing(fact) if (row.procedure, row.kind) == ("onward-consent", "ask")]
    form = {"node": "TH", "purpose": "investigate-fraud", "days": 7}
    world.act("KR", "grant", form, record=ask.record, targets=(fact,))
    world.settle()


def test_the_evidence_file_holds_and_its_taking_is_written_down(world: World, officer: Visitor) -> None:
    fact = asked(world)
    answer = officer.post(f"/facts/{fact}/evidence", {"reason": "a court asks", "words": "yes"}, 200)
    assert answer.headers["content-disposition"].startswith("attachment")
    report = verify_evidence(decode(answer.content), None)
    assert (report.fact, report.content) == (fact, True)
    bare = officer.post(f"/facts/{fact}/evidence", {"reason": "a court asks", "words": "no"}, 200)
    assert "content" not in json.loads(bare.content)
    assert [row.act for row in reads(world, fact)][-2:] == ["export", "export"]
    officer.post(f"/facts/{fact}/evidence", {"reason": "a"}, 422)


def typed(page: str) -> dict[str, str]:
    """What stands in the form's controls."""
    form = page[page.index('id="act"') :]
    found: dict[str, str] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ("checkbox" not in tag or "checked" in tag):
            found[name[1]] = html.unescape(value[1]) if value else ""
    for name, text in re.findall(r'<textarea name="([^"]+)"[^>]*>(.*?)</textarea>', form):
        found[name] = html.unescape(text)
    for name, options in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', form):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return found


def test_every_entry_of_a_batch_shows_the_receipt_that_covers_it(world: World) -> None:
    """A partner signs one receipt for a whole batch; the lane must not say that the rest is still on its way."""
    node = world.nodes["KR"]
    marks = {"instrument": world.treaty, "purpose": "warn", "data": "wallet"}
    form = {"title": "A list", "source": "a source", "data": "wallet"}
    listed = world.act("KR", "open", form, procedure="circular", to=("KH",), **marks)
    entries = [{"kind": "wallet", "value": f"bc1q{n}", "chain": "bitcoin"} for n in range(5)]
    batch = node.acting.act_batch(world.officers["KR"], listed.record, "entry", entries)
    officer = visit(node, "analyst", name="Lee Hana", task="A list")
    assert "on its way to" in main_of(officer.get(f"/records/{listed.record}"))
    world.settle()
    assert all(node.reading_desk.holders(each.fact) == [("KH", "accepted")] for each in batch)
    record = main_of(officer.get(f"/records/{listed.record}"))
    assert "× 5" in record
    assert "on its way to" not in record
