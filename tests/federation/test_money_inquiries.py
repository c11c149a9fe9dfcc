"""Asking an institution about an account: auth.001 out, auth.002 and auth.003 in, the bank's own page; what was asked and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from federation.moneyworld import START, MoneyWorld, Paid, account, acknowledged
from spean.core.errors import InvalidInput, Refusal
from spean.core.world import DAY, iso
from spean.formats.iso.information import Information
from spean.formats.iso.read import read
from spean.ledger.evidence import decode
from spean.ledger.evidence_check import verify_evidence
from spean.node.acts.acting import Intent
from spean.node.entry.people import Who
from spean.store.rows import UserRow

BANK = "SIAMTHBK"
STORY = (Paid(1, "KR1", "KR2", 50_000, START), Paid(2, "KR2", "TH1", 48_000, START + 1000))
NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"


@pytest.fixture
def world(tmp_path: Path) -> MoneyWorld:
    world = MoneyWorld(tmp_path)
    world.load("KR", STORY)
    return world


@pytest.fixture
def record(world: MoneyWorld) -> str:
    return acknowledged(world, STORY[0])


def asked(world: MoneyWorld, record: str, *about: str, **more: Any) -> str:
    """TH's analyst asks the bank; the signed inquiry's name."""
    form = {
        "institution": BANK, "account": account("TH1"), "about": about or ("holder", "balance", "statement"), "since": START - DAY,
        "basis": "Decree 2566, s. 4", "contact_name": "Duty desk", "contact_phone": "+66 2 1441", **more,
    }  # fmt: skip
    done = world.act("TH", "inquire", form, record=record, who=world.analysts["TH"])
    world.settle()
    return done.fact


def folder(world: MoneyWorld, bank: str = BANK) -> Path:
    place = world.folder / "TH" / "banks" / bank
    for way in ("out", "in"):
        (place / way).mkdir(parents=True)
    return place


def desk(world: MoneyWorld, bank: str = BANK) -> Who:
    row: UserRow = world.nodes["TH"].people.add(f"Fraud desk {bank}", unit=bank, roles=("bank-desk",))
    return Who(user=row, through="api")


def statement(number: str, at: int = START) -> str:
    return (
        f"<Document xmlns='{NAMESPACE}camt.053.001.08'><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId><CreDtTm>{iso(at)}</CreDtTm></GrpHdr><Stmt>"
        f"<Id>S</Id><Acct><Id><Othr><Id>{number}</Id></Othr></Id><Svcr><FinInstnId><BICFI>{BANK}</BICFI></FinInstnId></Svcr></Acct>"
        f"<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy='USD'>400.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><DtTm>{iso(at)}</DtTm></Dt>"
        f"</Bal><Ntry><Amt Ccy='USD'>480.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><DtTm>{iso(at)}</DtTm></BookgDt>"
        "</Ntry></Stmt></BkToCstmrStmt></Document>"
    )


def answer(
    fact: str, results: dict[str, str], *, status: str = "COMP", owner: str = "Somchai P", number: str = "TH1"
) -> bytes:
    """The bank's auth.002. ``results``: question → what stands in its result."""
    told = "".join(
        f"<RtrInd><AuthrtyReqTp><MsgNmId>{name}</MsgNmId></AuthrtyReqTp><InvstgtnRslt>{held}</InvstgtnRslt></RtrInd>"
        for name, held in results.items()
    )
    owned = f"<Ownr><Nm>{owner}</Nm></Ownr>" if owner else ""
    return (
        f"<Document xmlns='{NAMESPACE}auth.002.001.01'><InfReqRspn><RspnId>R1</RspnId><InvstgtnId>IQ{fact[:30]}</InvstgtnId><RspnSts>{status}"
        f"</RspnSts><SchCrit><Acct><Id><Id><Othr><Id>{number}</Id></Othr></Id>{owned}<Svcr><FinInstnId><BICFI>{BANK}</BICFI></FinInstnId></Svcr>"
        f"</Id><InvstgtdPties><Cd>ALLP</Cd></InvstgtdPties><AuthrtyReqTp><MsgNmId>holder</MsgNmId></AuthrtyReqTp></Acct></SchCrit>{told}"
        "</InfReqRspn></Document>"
    ).encode()


def put(world: MoneyWorld, place: Path, data: bytes, name: str = "a.xml") -> list[str]:
    """The file appears; what is left of it in the folder."""
    (place / "in" / name).write_bytes(data)
    world.clock.advance(6_000)
    world.settle()
    return [path.name for path in (place / "in").iterdir()]


def answers(world: MoneyWorld, record: str, kind: str = "answered") -> list[dict[str, Any]]:
    detail = world.nodes["TH"].reading_desk.record(world.analysts["TH"], record, reason="the answer")
    return [each.form or {} for each in detail.facts if each.row.kind == kind]


def alarms(world: MoneyWorld) -> str:
    return " ".join(alarm.text for alarm in world.nodes["TH"].reading_desk.alarms() if alarm.kind == "bank")


FULL = {
    "balance": f"<Rslt>{statement('TH1')}</Rslt>",
    "statement": f"<Rslt>{statement('TH1')}</Rslt>",
    "holder": "<InvstgtnSts>FOUN</InvstgtnSts>",
}


def test_an_inquiry_is_written_as_auth_001_and_acts_against_nobody(world: MoneyWorld, record: str) -> None:
    place = folder(world)
    fact = asked(world, record)
    (file,) = (place / "out").iterdir()
    assert file.name == f"auth.001-{fact[:16]}.xml"
    told = {element.tag.rpartition("}")[2]: element.text for element in etree.parse(file).iter()}
    assert (told["InvstgtnId"], told["Prgrph"], told["CnfdtltySts"], told["Id"]) == (
        f"IQ{fact[:30]}",
        "Decree 2566, s. 4",
        "true",
        "TH1",
    )
    assert [each.text for each in etree.parse(file).iter("{*}MsgNmId")] == ["holder", "balance", "statement"]
    assert world.state("TH", record) == world.state("KR", record) == "acknowledged"
    with world.nodes["KR"].store.read() as tx:
        assert not {row.kind for row in tx.facts.of_record(record, None)} & {"inquire", "answered"}


def test_the_answer_is_kept_rings_and_is_a_look_at_the_account(world: MoneyWorld, record: str) -> None:
    place = folder(world)
    fact = asked(world, record)
    assert put(world, place, answer(fact, FULL)) == []
    (told,) = answers(world, record)
    assert (told["inquiry"], told["status"], told["holders"][0]["name"]) == (fact, "complete", "Somchai P")
    assert [(each["amount"], each["direction"]) for each in told["entries"]] == [(48_000, "in")]
    assert told["balances"][0]["amount"] == 40_000
    (look,) = answers(world, record, "verify")
    assert (look["balance"], look["name"]) == (40_000, "differs")
    assert "answered an inquiry: complete" in alarms(world)
    (inquiry,) = world.nodes["TH"].money.inquiries(world.analysts["TH"])
    assert (inquiry.answered, inquiry.confidential) == ("complete", True)
    auth_003 = (f"<Document xmlns='{NAMESPACE}auth.003.001.01'><InfReqStsChngNtfctn><OrgnlBizQry>IQ{fact[:30]}</OrgnlBizQry>"
                "<CnfdtltySts>false</CnfdtltySts></InfReqStsChngNtfctn></Document>").encode()  # fmt: skip
    assert put(world, place, auth_003) == []
    (inquiry,) = world.nodes["TH"].money.inquiries(world.analysts["TH"])
    assert (inquiry.answered, inquiry.confidential) == ("complete", False)


@pytest.mark.parametrize(
    ("results", "status", "kept"),
    [({"holder": "<InvstgtnSts>FOUN</InvstgtnSts>"}, "COMP", ("partial", ["holders"])),
     ({"holder": "<InvstgtnSts>NFOU</InvstgtnSts>"}, "NRES", ("nothing", [])),
     ({"statement": f"<Rslt>{statement('TH1')}</Rslt>"}, "PART", ("partial", ["balances", "entries", "holders"]))],
)  # fmt: skip
def test_what_is_missing_is_said(
    world: MoneyWorld, record: str, results: dict[str, str], status: str, kept: tuple[str, list[str]]
) -> None:
    place = folder(world)
    fact = asked(world, record)
    put(world, place, answer(fact, results, status=status, owner="" if status == "NRES" else "Somchai P"))
    (told,) = answers(world, record)
    assert (told["status"], sorted(name for name in ("holders", "entries", "balances") if told.get(name))) == kept
    assert told["reason"] or kept[0] == "partial"


def test_what_was_not_asked_unknown_or_of_another_is_refused_as_a_whole(world: MoneyWorld, record: str) -> None:
    place, other = folder(world), folder(world, "OTHER")
    fact = asked(world, record, "holder")
    wrong = {
        "more.xml": (place, answer(fact, FULL), "more than was asked: entries"),
        "unknown.xml": (place, answer("0" * 64, FULL), "No inquiry to SIAMTHBK"),
        "other.xml": (other, answer(fact, FULL), "No inquiry to OTHER"),
        "account.xml": (place, answer(fact, {"holder": "<InvstgtnSts>FOUN</InvstgtnSts>"}, number="TH9"), "another account"),
        "secret.xml": (place, (f"<Document xmlns='{NAMESPACE}auth.003.001.01'><InfReqStsChngNtfctn><OrgnlBizQry>IQ{fact[:30]}</OrgnlBizQry>"
                               "<CnfdtltySts>true</CnfdtltySts></InfReqStsChngNtfctn></Document>").encode(), "asks for secrecy"),
    }  # fmt: skip
    for name, (where, data, why) in wrong.items():
        assert name.replace(".xml", ".refused") in put(world, where, data, name)
        assert why in alarms(world)
    assert answers(world, record) == []
    fact = asked(world, record, "statement")
    put(world, place, answer(fact, {"statement": f"<Rslt>{statement('TH9')}</Rslt>"}, owner=""), "wrong.xml")
    assert "of another account" in alarms(world)
    put(
        world,
        place,
        answer(fact, {"statement": f"<Rslt>{statement('TH1', START - 9 * DAY)}</Rslt>"}, owner=""),
        "early.xml",
    )
    assert "beyond the time" in alarms(world)
    assert answers(world, record) == []


def test_an_inquiry_keeps_to_the_request_and_a_bounded_time(world: MoneyWorld, record: str) -> None:
    for changes, rule in (
        ({"account": account("TH2")}, "R26"),
        ({"institution": "OTHER"}, "R26"),
        ({"since": START - 500 * DAY}, "R28"),
    ):
        with pytest.raises(Refusal) as caught:
            asked(world, record, **changes)
        assert caught.value.rule == rule
    for changes in (
        {"until": world.clock.now() + DAY},
        {"since": world.clock.now() + DAY},
        {"due_at": START},
        {"about": ()},
        {"basis": "x" * 36},
    ):
        with pytest.raises(InvalidInput):
            asked(world, record, **changes)
    with pytest.raises(Refusal):
        world.act("TH", "inquire", {}, record=record, who=desk(world))


def test_a_banks_desk_answers_what_it_is_asked_and_nothing_else(world: MoneyWorld, record: str) -> None:
    th, mine, other = world.nodes["TH"], desk(world), desk(world, "OTHER")
    fact = asked(world, record, "holder")
    assert th.money.inquiries(other) == []
    (seen,) = th.money.inquiries(mine)
    assert (seen.about, seen.account, seen.answered) == (("holder",), account("TH1"), "")
    assert th.money.orders(mine) == []
    said = {"inquiry": fact, "status": "complete", "holders": [{"name": "Somchai P", "kind": "person"}]}

    def act(who: Who, kind: str, form: dict[str, Any]) -> None:
        th.acting.act(who, Intent(kind=kind, form=form, record=record))

    for who, kind, form in (
        (other, "answered", said), (mine, "not-found", {"missing": "account"}), (mine, "answered", {**said, "inquiry": "0" * 64}),
        (mine, "answered", {**said, "opened_at": START}),
    ):  # fmt: skip
        with pytest.raises(Refusal):
            act(who, kind, form)
    for form in ({"inquiry": fact, "status": "complete"}, {"inquiry": fact, "status": "declined"}):
        with pytest.raises(InvalidInput):
            act(mine, "answered", form)
    act(mine, "answered", said)
    assert [each.answered for each in th.money.inquiries(mine)] == ["complete"]
    assert "answered an inquiry" in alarms(world)


def test_a_bank_takes_the_evidence_of_its_own_orders_and_of_nothing_else(world: MoneyWorld, record: str) -> None:
    th, mine, other = world.nodes["TH"], desk(world), desk(world, "OTHER")
    inquiry = asked(world, record, "holder")
    th.money.order(world.analysts["TH"], record, contact_name="Duty desk", contact_phone="+66 2 1441")
    world.settle()
    (order,) = th.money.orders(mine)
    for fact, words in ((order.signed, b"Duty desk"), (inquiry, b"Decree 2566")):
        evidence = decode(th.money.banks.evidence(mine, fact))
        report = verify_evidence(evidence, None)
        assert (report.fact, report.header["node"], report.content) == (fact, "TH", True)
        assert evidence.body is not None
        assert words in evidence.body
        with pytest.raises(Refusal):
            th.money.banks.evidence(other, fact)
    with th.store.read() as tx:
        request = next(row.id for row in tx.facts.of_record(record) if row.kind == "send")
        looks = [row.fact for row in tx.access.of_user(mine.id) if row.act == "export"]
    assert len(looks) == 2
    for fact in (request, "0" * 64, "no name"):
        with pytest.raises(Refusal) as caught:
            th.money.banks.evidence(mine, fact)
        assert caught.value.rule == "O1"
    with pytest.raises(Refusal):
        th.logs.evidence(mine, order.signed, reason="by the other way")
    assert decode(th.money.banks.evidence(world.analysts["TH"], order.signed)).body is not None


def test_the_holder_may_be_told_when_the_desk_says_so(world: MoneyWorld, record: str) -> None:
    place, bank = folder(world), desk(world)
    first, second = asked(world, record, "holder"), asked(world, record, "balance")
    with pytest.raises(Refusal):
        world.act(
            "TH",
            "disclose",
            {"inquiry": "0" * 64, "reason": "the hold is public"},
            record=record,
            who=world.analysts["TH"],
        )
    world.act(
        "TH", "disclose", {"inquiry": second, "reason": "the hold is public"}, record=record, who=world.analysts["TH"]
    )
    world.settle()
    assert {each.signed: each.confidential for each in world.nodes["TH"].money.inquiries(bank)} == {
        first: True,
        second: False,
    }
    (file,) = (place / "out").glob("auth.003-*.xml")
    (told,) = read([file.read_bytes()])
    assert isinstance(told, Information)
    assert (told.investigation, told.confidential) == (f"IQ{second[:30]}", False)
    world.act("TH", "disclose", {"reason": "the hold is public"}, record=record, who=world.analysts["TH"])
    world.settle()
    assert len(list((place / "out").glob("auth.003-*.xml"))) == 2
    assert not any(each.confidential for each in world.nodes["TH"].money.inquiries(bank))
    with pytest.raises(Refusal):
        world.act("TH", "disclose", {"reason": "as a bank"}, record=record, who=bank)
