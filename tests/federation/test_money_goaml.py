"""A case of ours as a goAML report: our own ledgers' payments and nothing that a partner told; and back in at the unit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from federation.moneyworld import START, MoneyWorld, Paid, account
from spean.core.errors import InvalidInput, Refusal
from spean.formats.goaml.read import read
from spean.formats.goaml.structure import VERSIONS, check
from spean.formats.model import Payment
from spean.node.money.reporting import PARTNERS, Wanted

STORY = (
    Paid(1, "KR1", "KR2", 50_000, START), Paid(2, "KR2", "KR3", 30_000, START + 1000), Paid(3, "KR2", "KH1", 20_000, START + 2000),
    Paid(4, "KH1", "KH2", 15_000, START + 3000), Paid(5, "KH2", "TH1", 15_000, START + 4000),
)  # fmt: skip
WHY = "for our unit"
WANTED = Wanted(
    entity="17",
    currency="KRW",
    mode="EL",
    funds="EL",
    indicators="FRD MULE",
    rates="USD=1343.50",
    reason="romance fraud",
)


@pytest.fixture
def world(tmp_path: Path) -> MoneyWorld:
    world = MoneyWorld(tmp_path)
    world.load_all(STORY)
    return world


@pytest.fixture
def case(world: MoneyWorld) -> str:
    case = world.report("KR", STORY[0])
    world.nodes["KR"].money.trace(world.analysts["KR"], case)
    for _ in range(4):
        world.settle()
    return case


@pytest.mark.parametrize("version", VERSIONS)
def test_a_report_holds_our_own_payments_and_is_read_back(world: MoneyWorld, case: str, version: str) -> None:
    kr, who = world.nodes["KR"], world.analysts["KR"]
    begun = kr.money.reportable(who, case, reason=WHY)
    assert [edge.payment for edge in begun.edges] == [STORY[at].id for at in (0, 1, 2)]
    assert (begun.foreign, begun.left_out) == (("USD",), ((PARTNERS, 1),))
    name, document = kr.money.report(who, case, replace(WANTED, version=version), reason=WHY)
    assert name.endswith("-STR.xml")
    check(etree.fromstring(document), version)
    back = [item for item in read([document]) if isinstance(item, Payment)]
    assert [(each.id, each.payer, each.payee, each.amount_minor, each.currency, each.time_ms) for each in back] == [
        (paid.id, account(paid.payer), account(paid.payee), paid.amount, "USD", paid.at) for paid in STORY[:3]
    ]
    for foreign in ("KH2", "TH1", "V-KR-0417"):
        assert foreign.encode() not in document
    state = kr.money.take_file(who, "back.xml", [document], wait=True)
    assert (state.state, state.taken, state.twice) == ("done", 0, 3)


def test_it_is_handed_out_to_who_may_and_written_down(world: MoneyWorld, case: str) -> None:
    kr = world.nodes["KR"]
    for name, roles in (("Lee Consul", "consul"), ("Kim Auditor", "auditor")):
        with pytest.raises(Refusal):
            kr.money.report(world.person("KR", name, roles), case, WANTED, reason=WHY)
    with pytest.raises(InvalidInput, match="why"):
        kr.money.report(world.analysts["KR"], case, WANTED, reason="")
    kr.money.report(world.analysts["KR"], case, WANTED, reason=WHY)
    with kr.store.read() as tx:
        assert [row.subject for row in tx.access.of_user(world.analysts["KR"].id) if row.act == "export"] == [case]


def test_what_the_unit_needs_is_asked_for_by_name(world: MoneyWorld, case: str) -> None:
    kr, who = world.nodes["KR"], world.analysts["KR"]
    wrong = (
        ({"rates": ""}, "rates"), ({"rates": "USD 12"}, "rates"), ({"entity": ""}, "report/rentity_id"),
        ({"mode": ""}, "report/transaction[1]/transmode_code"), ({"indicators": "A/B"}, "report/report_indicators/indicator[1]"),
    )  # fmt: skip
    for changes, field in wrong:
        with pytest.raises(InvalidInput) as caught:
            kr.money.report(who, case, replace(WANTED, **changes), reason=WHY)
        assert caught.value.field == field


def test_the_setting_fills_what_is_not_typed(world: MoneyWorld, case: str) -> None:
    disk = world.disks["KR"]
    disk.settings = replace(
        disk.settings, goaml={"entity": "99", "currency": "USD", "mode": "EL", "funds": "K", "code": "AIF"}
    )
    kr = world.boot("KR")
    name, document = kr.money.report(world.analysts["KR"], case, Wanted(), reason=WHY)
    assert name.endswith("-AIF.xml")
    root = etree.fromstring(document)
    assert (root.findtext("rentity_id"), root.findtext("report_code")) == ("99", "AIF")
    assert root.find(".//from_foreign_currency") is None


def test_a_partners_case_is_not_ours_to_report(world: MoneyWorld, case: str) -> None:
    (sent,) = world.nodes["KR"].money.send(world.analysts["KR"], case, [("KH", account("KH1"))])
    assert sent.done is not None
    world.settle()
    with pytest.raises(Refusal) as caught:
        world.nodes["KH"].money.report(world.analysts["KH"], sent.done.record, WANTED, reason=WHY)
    assert caught.value.rule == "R26"
