"""Questions to banks and reports for the unit, as browsers see them: forms with what is asked and no more, files that are right."""

from __future__ import annotations

import re
from typing import Any

import pytest
from lxml import etree

from federation.moneyworld import BANKS, START, MoneyWorld, Paid, account
from spean.core.roles import Role
from spean.formats.goaml.structure import check
from spean.ledger.evidence import decode
from spean.ledger.evidence_check import verify_evidence
from unit.web.visiting import Visitor, main_of, visit

STORY = (
    Paid(1, "KR110402", "KR302918", 12_540_000, START),
    Paid(2, "KR302918", "KH007155", 12_540_000, START + 1_020_000),
)
GOAML = {"entity": "17", "code": "STR", "currency": "KRW", "mode": "EL", "funds": "EL", "rates": "USD=1343.5", "version": "4.0.2",
         "reason": "romance fraud"}  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[MoneyWorld, str, str]:
    """KR has asked KH, whose officer has read the request; the case and the record."""
    world = MoneyWorld(tmp_path_factory.mktemp("money"))
    world.load_all(STORY)
    case = world.report("KR", STORY[0])
    world.nodes["KR"].money.trace(world.analysts["KR"], case)
    world.settle()
    (sent,) = world.nodes["KR"].money.send(world.analysts["KR"], case, [("KH", account("KH007155"))])
    assert sent.done is not None
    world.settle()
    world.act("KH", "acknowledge", {}, record=sent.done.record, who=world.analysts["KH"])
    return world, case, sent.done.record


@pytest.fixture(scope="module")
def asked(world: tuple[MoneyWorld, str, str]) -> tuple[MoneyWorld, str, str]:
    """An officer has asked the bank from the record's page; the signed question."""
    made, _, record = world
    officer = visit(made.nodes["KH"], Role.DUTY_OFFICER)
    assert f'href="/records/{record}/inquire"' in officer.get("/money")
    assert f'href="/records/{record}/inquire"' not in visit(made.nodes["KH"], Role.AUDITOR).get("/money")
    page = officer.get(f"/records/{record}/inquire")
    assert re.search(r'value="holder" checked', page)
    assert f'value="{account("KH007155")}"' in page
    since = re.search(r'name="f.since"[^>]*value="([^"]*)"', page)
    assert since is not None
    typed = [("f.institution", BANKS["KH"]), ("f.account", account("KH007155")), ("f.about", "holder"), ("f.about", "balance"),
             ("f.since", since[1]), ("f.basis", "Law art. 7"), ("f.contact_name", "Duty desk"), ("f.contact_phone", "+855 12 345 678"),
             ("f.confidential", "1")]  # fmt: skip
    done = officer.post(f"/records/{record}/inquire", typed)
    return made, record, done.headers["location"].partition("done=")[2]


def bank(world: MoneyWorld, unit: str = BANKS["KH"]) -> Visitor:
    return visit(world.nodes["KH"], Role.BANK_DESK, unit=unit, task="")


def test_a_bank_answers_with_the_fields_that_were_asked_for(asked: tuple[MoneyWorld, str, str]) -> None:
    world, record, fact = asked
    desk, path = bank(world), f"/bank/{record}/answered/{fact}"
    page = main_of(desk.get("/bank"))
    assert f'href="{path}"' in page
    assert "holder, balance" in page or "balance, holder" in page
    form = main_of(desk.get(path))
    assert set(re.findall(r'name="add" value="f\.([a-z_]+)"', form)) == {"holders", "balances"}
    more = main_of(desk.sent(path, {"add": "f.balances", "f.status": "complete"}, 200))
    assert 'name="f.balances.0.currency"' in more
    assert 'name="f.balances.0.digits"' not in more
    assert "opened_at" not in more
    assert "This is needed." in desk.sent(path, {"f.status": ""})
    assert "an answer without content says why" in desk.sent(path, {"f.status": "nothing"})
    told = {"f.status": "complete", "f.holders.0.name": "សុខ ដារ៉ា", "f.holders.0.kind": "person", "f.balances.0.at": "2026-03-04T10:00",
            "f.balances.0.amount": "1,250.50", "f.balances.0.currency": "USD"}  # fmt: skip
    assert "R27" in desk.sent(path, {**told, "f.opened_at": "2026-03-04T10:00"}, 403)
    assert desk.post(path, told).headers["location"] == f"/bank?done={record}"
    assert "1 question is answered" in desk.get("/bank")
    story = main_of(visit(world.nodes["KH"], Role.DUTY_OFFICER).get(f"/records/{record}"))
    assert "សុខ ដារ៉ា" in story
    assert "1,250.50 USD" in story
    assert f'href="{path}"' in story


def test_a_bank_reaches_its_own_questions_and_files_alone(asked: tuple[MoneyWorld, str, str]) -> None:
    world, record, fact = asked
    mine, other = bank(world), bank(world, "OTHER")
    path = f"/bank/{record}/answered/{fact}"
    assert other.client.get(path).status_code == 404
    other.post(path, {"f.status": "declined", "f.reason": "not ours"}, 404)
    other.post(f"/bank/evidence/{fact}", status=403)
    assert mine.client.get(f"/bank/{record}/answered/{'0' * 64}").status_code == 404
    assert mine.client.get(f"/bank/{record}/inquire").status_code == 404
    answer = mine.post(f"/bank/evidence/{fact}", status=200)
    assert answer.headers["content-disposition"] == f'attachment; filename="{fact[:16]}.spean.json"'
    report = verify_evidence(decode(answer.content), None)
    assert (report.fact, report.header["kind"], report.content) == (fact, "inquire", True)


def test_a_report_is_made_on_its_page(world: tuple[MoneyWorld, str, str]) -> None:
    made, case, _ = world
    analyst = visit(made.nodes["KR"], Role.FINANCIAL_ANALYST)
    assert f'href="/money/{case}/goaml"' in analyst.get(f"/money/{case}")
    page = main_of(analyst.get(f"/money/{case}/goaml"))
    assert "2 payments go in" in page
    assert "Needs a rate" in page
    for changes, words in (
        ({"rates": ""}, "no rate for USD"),
        ({"entity": "x"}, "not of the form"),
        ({"mode": ""}, "transmode code"),
    ):
        wrong = main_of(analyst.sent(f"/money/{case}/goaml", {**GOAML, **changes}))
        assert words in wrong
        assert "romance fraud" in wrong, "what was typed stays"
        assert 'aria-invalid="true"' in wrong
    answer: Any = analyst.post(f"/money/{case}/goaml", GOAML, 200)
    assert answer.headers["content-type"].startswith("application/xml")
    check(etree.fromstring(answer.content), "4.0.2")
    for role in (Role.CONSUL, Role.BORDER_OFFICER):
        visit(made.nodes["KR"], role).post(f"/money/{case}/goaml", GOAML, 403)
