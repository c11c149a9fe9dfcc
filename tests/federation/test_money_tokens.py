"""Coins and tokens of 18 decimals from the chain's export to the request abroad: counted in 10⁻⁸, the rest said, nothing rounded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from federation.moneyworld import START, MoneyWorld
from spean.core.errors import InvalidInput
from spean.holds.model import StopRequest
from spean.node.acts.acting import Intent
from spean.node.money.model import MoneySheet, Sum
from spean.tracing.borders import Part

VICTIM, MULE, DEPOSIT = (
    "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
    "0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359",
    "0xd1220a0cf47c7b9be7a2e6ba89f429762e7b9adb",
)
TOKEN = "0xdbf03b407c01e7cd3cbea99509d93f8dddc8c6fb"
"""A contract that nobody lists."""
ETHEREUM = "eip155:1:"
ETHER = 12_345_678_901_234_567_890
"""12.345678901234567890 ETH."""


def moved(
    number: int, payer: str, payee: str, amount: int, at: int, token: str = "", decimals: str = ""
) -> dict[str, str]:
    return {"hash": "0x" + f"{number:02x}" * 32, "timeStamp": str(at // 1000), "from": payer, "to": payee, "value": str(amount),
            "contractAddress": token, "tokenDecimal": decimals, "isError": "0"}  # fmt: skip


def export(*rows: dict[str, str]) -> bytes:
    return json.dumps({"status": "1", "result": list(rows)}).encode()


@pytest.fixture
def world(tmp_path: Path) -> MoneyWorld:
    made = MoneyWorld(tmp_path)
    hint = {
        "name": "Exchanges",
        "always_open": True,
        "wallets": [{"chain": "ethereum", "address": DEPOSIT, "holder": "SIAMX"}],
    }
    made.act("TH", "publish", hint, procedure="desk", to=["INT", "KH", "KR"], purpose="coordinate", data="directory", subject="none",
             instrument="peering")  # fmt: skip
    made.settle()
    return made


def give(world: MoneyWorld, node: str, data: bytes) -> Any:
    return world.nodes[node].money.take_file(
        world.analysts[node], "e.json", [data], hints={"chain": "ethereum"}, wait=True
    )


def report(world: MoneyWorld, amount: int, currency: str, digits: int) -> str:
    told = {"transferred_at": START, "amount": amount, "currency": currency, "digits": digits, "sender_account": ETHEREUM + VICTIM,
            "account": ETHEREUM + MULE, "chain": "ethereum"}  # fmt: skip
    form = {"victim": "V-KR-0418", "reported_at": world.clock.now(), "payments": [told], "contact_phone": "+82 2 1394",
            "contact_name": "Duty officer"}  # fmt: skip
    who = world.analysts["KR"]
    done = world.act(
        "KR", "report", form, procedure="fraud-report", who=who, purpose="stop-fraud", data="account", subject="victim"
    )
    world.act("KR", "validate", {}, record=done.record, who=who)
    return done.record


def followed(world: MoneyWorld, case: str) -> MoneySheet:
    money, who = world.nodes["KR"].money, world.analysts["KR"]
    money.trace(who, case)
    world.settle()
    return money.sheet(who, case, reason="the case")


def test_whole_coins_are_traced_across_a_border_and_asked_for_with_the_rest_said(world: MoneyWorld) -> None:
    rows = moved(1, VICTIM, MULE, ETHER, START), moved(2, MULE, DEPOSIT, ETHER - 10**18 - 5, START + 60_000)
    for node in ("KR", "TH"):
        state = give(world, node, export(*rows))
        assert (state.state, state.taken, state.rejected) == ("done", 2, 0), state
    case = report(world, 1_234_567_890, "ETH", 8)
    sheet = followed(world, case)
    assert sheet.reported == Sum(amount=1_234_567_890, currency="ETH", digits=8)
    assert sheet.unanswered == ()
    assert {(place.node, place.account, *place.located) for place in sheet.places} == {
        ("KR", ETHEREUM + MULE, Sum(amount=100_000_000, currency="ETH", digits=8)),
        ("TH", ETHEREUM + DEPOSIT, Sum(amount=1_134_567_890, currency="ETH", digits=8)),
    }
    first, second = sorted((edge for edge in sheet.edges if edge.node == "KR"), key=lambda edge: edge.time)
    assert first.located is not None
    assert first.rest == Sum(amount=1_234_567_890, currency="ETH", digits=18)
    assert first.located.amount * 10**10 + first.rest.amount == ETHER
    assert second.rest == Sum(amount=1_234_567_885, currency="ETH", digits=18)
    assert sheet.not_followed == (Sum(amount=2_469_135_775, currency="ETH", digits=18),)
    (sent,) = [each for each in world.nodes["KR"].money.send(world.analysts["KR"], case) if each.node == "TH"]
    assert sent.error is None
    assert (sent.amount, sent.currency) == (1_134_567_890, "ETH")
    world.settle()
    (asked,) = world.nodes["TH"].money.sheets.asked([sent.done.record])  # type: ignore[union-attr]
    request: StopRequest = asked.request
    assert (request.amount, request.asked, request.digits) == (1_134_567_890, 1_134_567_890, 8)
    theirs = world.nodes["TH"].money.sheet(world.analysts["TH"], asked.row.id, reason="asked of us")
    assert theirs.reported == Sum(amount=1_134_567_890, currency="ETH", digits=8)


def test_an_unlisted_token_of_10_27_units_is_carried_and_one_unit_more_is_refused(world: MoneyWorld) -> None:
    whole = 10**27
    rows = (
        moved(1, VICTIM, MULE, whole, START, TOKEN, "18"),
        moved(2, MULE, DEPOSIT, whole - 1, START + 60_000, TOKEN, "18"),
    )
    for node in ("KR", "TH"):
        assert give(world, node, export(*rows)).taken == 2
    state = give(world, "KR", export(moved(3, VICTIM, MULE, whole + 10**10, START + 1000, TOKEN, "18")))
    assert (state.taken, state.rejected) == (0, 1)
    (bad,) = world.nodes["KR"].money.import_rows(world.analysts["KR"], state.id, reason="my file")
    assert (bad.field, bad.rule) == ("amount", "ledger-amount")
    assert bad.reason.startswith("1000000000.00000001 0xdbf0")
    assert "spean trace" in bad.remedy
    case = report(world, 10**17, TOKEN, 8)
    sheet = followed(world, case)
    assert sheet.reported == Sum(amount=10**17, currency=TOKEN, digits=8)
    assert sheet.not_followed == (Sum(amount=10**10 - 1, currency=TOKEN, digits=18),)
    (sent,) = [each for each in world.nodes["KR"].money.send(world.analysts["KR"], case) if each.node == "TH"]
    assert sent.error is None, str(sent.error)
    assert sent.amount == 10**17 - 1


def test_a_question_in_another_unit_is_declined_with_the_unit_and_no_slice_is_mistaken(world: MoneyWorld) -> None:
    give(world, "TH", export(moved(1, VICTIM, DEPOSIT, ETHER, START)))
    th = world.nodes["TH"].money
    ledger = th.ledgers.ledger("ETH")
    assert ledger is not None
    name = ledger.names.payment(0)
    with pytest.raises(InvalidInput, match="18 decimals, and is counted with 8 here"):
        th.routes.ledger_of("ETH", 18, [Part(name, 0, 10)])
    form = {"case": "KR:fraud-report:X", "rule": "lifo", "parts": [{"payment": name, "start": 0, "end": ETHER % 10**17}], "currency": "ETH",
            "digits": 18, "need": "an older node asks in wei"}  # fmt: skip
    marks = world.nodes["KR"].money.routes.marks("trace-question", "ask", "TH", "account")
    done = world.nodes["KR"].acting.act(
        world.analysts["KR"], Intent(kind="ask", form=form, procedure="trace-question", to=("TH",), marks=marks)
    )
    world.settle()
    seen = world.nodes["KR"].reading_desk.record(world.analysts["KR"], done.record, reason="the answer")
    (reason,) = [fact.form["reason"] for fact in seen.facts if fact.row.kind == "decline" and fact.form]
    assert "counted with 8 here" in reason
