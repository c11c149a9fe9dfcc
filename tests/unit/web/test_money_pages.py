"""The pages of money on running nodes: from a file to a request, board and sheet, and the bank's side, as browsers see them."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from federation.moneyworld import BANKS, START, MoneyWorld, Paid
from federation.passkeys import register
from spean.core.roles import Role
from spean.formats.bank_csv import recognise
from spean.node.money import recognising
from spean.web.frame.live import look, stamp
from spean.web.places.imports import QUESTIONS
from unit.web.visiting import Visitor, main_of, origin, visit

STORY = (
    Paid(1, "KR110402", "KR302918", 12_540_000, START), Paid(2, "KR302918", "KH007155", 12_540_000, START + 1_020_000),
    Paid(3, "KH007155", "KH880012", 5_200_000, START + 1_320_000), Paid(4, "KH880012", "TH550001", 5_200_000, START + 1_380_000),
)  # fmt: skip
HOLD = {
    "f.balance": "900,000.00", "f.name": "matches", "f.amount": "73,400.00", "f.notice.by": "telephone", "f.notice.language": "km",
    "f.notice.contact_name": "Duty desk", "f.notice.contact_phone": "+855 12 345 678", "f.reason": "ordered by the desk",
}  # fmt: skip


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{re.escape(name)}"[^>]*value="([^"]*)"', page)
    assert found is not None, name
    return html.unescape(found[1])


def give(visitor: Visitor, name: str, content: bytes, status: int = 303, **fields: str) -> Any:
    """A file, as a browser sends it."""
    parts = [(f'name="{key}"', value.encode()) for key, value in fields.items()]
    parts.append((f'name="file"; filename="{name}"', content))
    body = b"".join(
        b"--b7\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + value + b"\r\n"
        for head, value in parts
    )
    headers = {
        "content-type": "multipart/form-data; boundary=b7", "origin": origin(visitor.node), "sec-fetch-site": "same-origin",
    }  # fmt: skip
    answer = visitor.client.post("/money/imports/file", content=body + b"--b7--\r\n", headers=headers)
    assert answer.status_code == status, answer.text[-2000:]
    return answer


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> tuple[MoneyWorld, str, str]:
    """KR has followed a payment and asked KH; the case and the record of the request."""
    world = MoneyWorld(tmp_path_factory.mktemp("money"))
    world.load_all(STORY)
    case = world.report("KR", STORY[0])
    world.nodes["KR"].money.trace(world.analysts["KR"], case)
    world.settle()
    return world, case, ""


@pytest.fixture(scope="module")
def ordered(sent: tuple[MoneyWorld, str, str]) -> tuple[MoneyWorld, str, str]:
    """KH has read the request and ordered it of its bank."""
    world, case, _ = sent
    officer = visit(world.nodes["KR"], Role.DUTY_OFFICER)
    page = officer.get(f"/money/{case}")
    place = next(value for value in re.findall(r'name="place" value="([^"]*)"', page) if "KH007155" in value)
    shown = officer.post(f"/money/{case}/send", [("place", place)], 200).text
    record = re.search(r'href="/records/(KR:stop-payment:\w+)"', shown)
    assert record is not None
    world.settle()
    world.act("KH", "acknowledge", {}, record=record[1], who=world.analysts["KH"])
    world.nodes["KH"].money.order(
        world.analysts["KH"], record[1], contact_name="Duty desk", contact_phone="+855 12 345 678"
    )
    world.settle()
    return world, case, record[1]


# board and sheet -----------------------------------------------------------------------------------------------------


def test_the_sheet_shows_both_rules_and_each_payment_with_its_source(sent: tuple[MoneyWorld, str, str]) -> None:
    world, case, _ = sent
    page = main_of(visit(world.nodes["KR"], Role.INVESTIGATOR).get(f"/money/{case}"))
    assert "125,400.00 USD" in page
    assert "pacs.008.001.08, CdtTrfTxInf[1]" in page
    assert "B2" in page
    assert '<a href="#e1" class="band' in page, "each band leads to its payment"
    assert re.search(r'<tr id="e1"', page)
    assert "signed answer" in page
    assert 'href="/facts/' in page
    assert "KH007155" in page, "the full number where it is needed to telephone"


def test_board_masks_accounts_and_puts_what_is_to_be_sent_first(sent: tuple[MoneyWorld, str, str]) -> None:
    world, case, _ = sent
    page = main_of(visit(world.nodes["KR"], Role.DUTY_OFFICER).get("/money"))
    assert "To send now" in page
    assert f'href="/money/{case}#send"' in page
    assert "KH007155" not in page


def test_a_report_that_nobody_follows_says_what_to_do(sent: tuple[MoneyWorld, str, str]) -> None:
    world = sent[0]
    case = world.report("KR", STORY[0], victim="V-KR-0500")
    officer = visit(world.nodes["KR"], Role.DUTY_OFFICER)
    assert "Follow the money" in officer.get(f"/money/{case}")
    assert officer.post(f"/money/{case}/trace", {"claim": "fifo"}).headers["location"] == f"/money/{case}"
    assert "The way of the money" in officer.get(f"/money/{case}")
    legal = visit(world.nodes["KR"], Role.LEGAL)
    assert "Send the chosen requests" not in legal.get(f"/money/{case}"), "no act that the node would refuse"


def test_nothing_chosen_sends_nothing(sent: tuple[MoneyWorld, str, str]) -> None:
    world, case, _ = sent
    officer = visit(world.nodes["KR"], Role.DUTY_OFFICER)
    assert "nobody was chosen" in officer.sent(f"/money/{case}/send", {"contact_name": "Kim Su"})
    assert 'value="Kim Su"' in officer.sent(f"/money/{case}/send", {"contact_name": "Kim Su"}), "what was typed stays"
    assert "R50" in officer.sent(f"/money/{case}/send", {"place": "KH NOBANK/1"})


def test_who_does_not_follow_money_sees_none(sent: tuple[MoneyWorld, str, str]) -> None:
    world, case, _ = sent
    consul = visit(world.nodes["KR"], Role.CONSUL)
    for path in ("/money", f"/money/{case}", "/money/imports"):
        assert "O1" in consul.get(path, 403)
    assert 'href="/money"' not in consul.get("/")


def test_what_lies_beneath_the_unit_of_a_token_is_said_on_the_sheet(sent: tuple[MoneyWorld, str, str]) -> None:
    world = sent[0]
    victim, mule = "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359"
    row = {
        "hash": "0x" + "ab" * 32,
        "timeStamp": "1772586000",
        "from": victim,
        "to": mule,
        "value": "12345678901234567890",
        "isError": "0",
    }
    data = json.dumps({"result": [row]}).encode()
    money, who = world.nodes["KR"].money, world.analysts["KR"]
    assert money.take_file(who, "e.json", [data], hints={"chain": "ethereum"}, wait=True).taken == 1
    told = {"transferred_at": 1_772_586_000_000, "amount": 1_234_567_890, "currency": "ETH", "digits": 8, "chain": "ethereum",
            "sender_account": f"eip155:1:{victim}", "account": f"eip155:1:{mule}"}  # fmt: skip
    form = {
        "victim": "V-2",
        "reported_at": world.clock.now(),
        "payments": [told],
        "contact_phone": "+82 2 1394",
        "contact_name": "Desk",
    }
    case = world.act(
        "KR", "report", form, procedure="fraud-report", who=who, purpose="stop-fraud", data="account", subject="victim"
    ).record
    world.act("KR", "validate", {}, record=case, who=who)
    money.trace(who, case)
    page = main_of(visit(world.nodes["KR"], Role.FINANCIAL_ANALYST).get(f"/money/{case}"))
    assert "12.3456789" in page
    assert "Tokens are counted with at most eight decimals." in page
    assert "not followed:" in page
    assert page.count("0.00000000123456789") == 2, "of the payment, and of all together"


# files ---------------------------------------------------------------------------------------------------------------


def test_a_file_is_recognised_read_and_its_bad_rows_named(sent: tuple[MoneyWorld, str, str], tmp_path: Path) -> None:
    world = sent[0]
    analyst = visit(world.nodes["KR"], Role.FINANCIAL_ANALYST)
    table = (
        "Date,From,To,Amount,Currency\n2026-03-04 01:00:00,KR1,KR2,100.00,USD\n2026-03-04 01:01:00,KR2,KR3,=12,USD\n"
    )
    where = give(analyst, "bank.csv", table.encode(), source="B", grade="2", keeper=BANKS["KR"]).headers["location"]
    page = main_of(analyst.get(where))
    assert "Is it read as the bank means it?" in page
    assert '<select id="c-payer"' in page
    chosen = {f"c.{name}": str(at) for at, name in enumerate(("date", "payer", "payee", "amount", "currency"))}
    rest = {"style": "two-parties", "date_order": "ymd", "decimal": ".", "offset": "540", "currency": "", "account": "",
            "keeper": BANKS["KR"], "encoding": "utf-8", "delimiter": ","}  # fmt: skip
    looked = analyst.sent(f"{where}/confirm", {**chosen, **rest, "look": "1"}, 200)
    assert "100.00" in looked
    assert "3 March 2026, 16:00 UTC" in looked, "times of the table are in Korea's zone"
    swapped = {**chosen, "c.amount": "0"}
    assert "No row can be read so." in analyst.sent(f"{where}/confirm", {**swapped, **rest, "look": "1"}, 200)
    world.nodes["KR"].money.confirm_mapping(analyst.who, where.rpartition("/")[2], {
        "columns": {name.removeprefix("c."): int(at) for name, at in chosen.items()}, "offset": 540, "keeper": BANKS["KR"],
    }, wait=True)  # fmt: skip
    page = main_of(analyst.get(where))
    assert "Rows that were not taken" in page
    rejected = analyst.client.get(f"{where}/rejected.csv")
    assert rejected.headers["content-disposition"].endswith('-rejected.csv"')
    lines = rejected.text.splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("3,")
    assert "bank.csv" in main_of(analyst.get("/money/imports"))


def test_a_file_is_erased_after_its_page_said_what_goes_and_what_stays(
    sent: tuple[MoneyWorld, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = sent[0]
    analyst = visit(world.nodes["KR"], Role.FINANCIAL_ANALYST)
    other = "Date,From,To,Amount,Currency,Note\n2026-03-05 01:00:00,KR61,KR62,100.00,USD,x\n"
    where = give(analyst, "other.csv", other.encode(), source="B", grade="2", keeper=BANKS["KR"]).headers["location"]
    file = where.rpartition("/")[2]
    world.nodes["KR"].money.confirm_mapping(analyst.who, file, {"keeper": BANKS["KR"]}, wait=True)
    assert f'href="{where}/erase"' in analyst.get(where)
    page = main_of(analyst.get(f"{where}/erase"))
    assert "1 payment leaves the ledgers" in page
    assert "until each is recalled" in page
    assert "a fresh proof that it is you" in analyst.sent(f"{where}/erase", {"reason": "the bank took it back"}, 403)
    monkeypatch.setattr(world.nodes["KR"].signing_in, "need_proof", lambda _: None)
    assert "3 to 500 characters say why" in analyst.sent(f"{where}/erase", {"reason": " "})
    answer = analyst.post(f"{where}/erase", [("reason", "the bank took it back")], 303)
    assert answer.headers["location"] == where
    while world.nodes["KR"].money.import_state(analyst.who, file).state != "erased":
        with world.nodes["KR"].money.importing.turn:
            pass
    assert "What this file said is erased." in main_of(analyst.get(where))
    assert "other.csv" not in analyst.get("/money/imports")
    assert f'href="{where}/erase"' not in analyst.get(where)


def test_a_file_that_is_none_and_a_form_without_file(sent: tuple[MoneyWorld, str, str]) -> None:
    analyst = visit(sent[0].nodes["KR"], Role.FINANCIAL_ANALYST)
    assert "no file was chosen" in give(analyst, "", b"", 422, source="B", grade="2").text
    assert "is no grade of a source" in give(analyst, "x.csv", b"a,b\n1,2\n", 422, source="Z", grade="2").text
    where = give(analyst, "photo.jpg", b"\xff\xd8\xff\xe0 no table", source="B", grade="2").headers["location"]
    assert "The file could not be read." in analyst.get(where)
    give(visit(sent[0].nodes["KR"], Role.CONSUL), "x.csv", b"a", 403, source="B", grade="2")


def test_a_table_with_an_unknown_header_gets_its_columns_by_hand(sent: tuple[MoneyWorld, str, str]) -> None:
    analyst = visit(sent[0].nodes["KR"], Role.FINANCIAL_ANALYST)
    table = b"quand;vers;combien;de\n2026-03-04;KR1;12,50;KR2\n2026-03-05;KR1;2,50;KR2\n"
    where = give(analyst, "inconnu.csv", table, source="B", grade="2").headers["location"]
    page = main_of(analyst.get(where))
    assert "Which column holds the date?" in page
    assert "3 · combien" in page
    chosen = {"c.date": "0", "c.payee": "1", "c.amount": "2", "c.payer": "3"}
    rest = {"style": "two-parties", "date_order": "ymd", "decimal": ",", "offset": "0", "currency": "EUR", "account": "",
            "keeper": "", "encoding": "utf-8", "delimiter": ";"}  # fmt: skip
    assert "12.50" in analyst.sent(f"{where}/confirm", {**chosen, **rest, "look": "1"}, 200)


def test_every_question_about_a_file_can_be_translated() -> None:
    asked = set()
    for module in (recognise, recognising):
        text = Path(str(module.__file__)).read_text()
        asked |= set(re.findall(r'"([A-Z][^"{}]*\?(?: [^"]*)?)"', text))
    assert len(asked) > 10
    assert asked - set(QUESTIONS) == set()


# the bank's side -----------------------------------------------------------------------------------------------------


def test_a_bank_sees_its_orders_and_no_other_page(ordered: tuple[MoneyWorld, str, str]) -> None:
    world, _, record = ordered
    node = world.nodes["KH"]
    bank = visit(node, Role.BANK_DESK, unit=BANKS["KH"], task="")
    page = bank.get("/bank")
    assert "KH007155" in main_of(page), "the bank needs the whole number"
    assert "V-KR-0417" not in page, "and not the victim"
    assert re.findall(r'<a href="([^"]*)"[^>]*data-go', page) == ["/bank"]
    assert "Case or task" not in page
    assert bank.client.get("/").headers["location"] == "/bank"
    for path in (f"/records/{record}", "/money", "/search", "/alarms", "/directory", f"/records/{record}/hold"):
        assert "O1" in bank.get(path, 403), path
    other = visit(node, Role.BANK_DESK, unit="OTHER", task="")
    assert "KH007155" not in other.get("/bank")
    assert other.client.get(f"/bank/{record}/hold").status_code == 404
    assert "O1" not in visit(node, Role.DUTY_OFFICER).get("/bank"), "our own officers see what was ordered"


def test_four_answers_are_equally_easy(ordered: tuple[MoneyWorld, str, str]) -> None:
    """R6: same place, same size, same number of steps."""
    world, _, record = ordered
    bank = visit(world.nodes["KH"], Role.BANK_DESK, unit=BANKS["KH"], task="")
    page = main_of(bank.get("/bank"))
    links = re.findall(rf'<a class="([^"]*)" href="/bank/{record}/([a-z-]+)"', page)
    assert [kind for _, kind in links] == ["hold", "too-late", "not-found", "refuse"]
    assert len({style for style, _ in links}) == 1
    for _, kind in links:
        assert f'action="/bank/{record}/{kind}"' in bank.get(f"/bank/{record}/{kind}")
    assert bank.client.get(f"/bank/{record}/release").status_code == 409, "nothing is held yet"
    assert bank.client.get(f"/bank/{record}/confirm").status_code == 404, (
        "an order of a court is not a bank's to confirm"
    )


def test_a_hold_is_typed_in_decimals_bounded_and_signed_then_released(ordered: tuple[MoneyWorld, str, str]) -> None:
    world, _, record = ordered
    node = world.nodes["KH"]
    bank = visit(node, Role.BANK_DESK, unit=BANKS["KH"], task="")
    device = register(node, bank.who)
    form = bank.get(f"/bank/{record}/hold")
    assert field(form, "f.amount") == "73400.00"
    typed = {**HOLD, "f.until": field(form, "f.until"), "once": field(form, "once")}
    assert "This is needed." in bank.sent(f"/bank/{record}/hold", {**typed, "f.balance": ""})
    over = bank.sent(f"/bank/{record}/hold", {**typed, "f.amount": "80,000.00"}, 403)
    assert "R50" in over
    little = bank.sent(f"/bank/{record}/hold", {**typed, "f.balance": "900.00"}, 403)
    assert "R50" in little
    assert 'value="900.00"' in little, "what was typed stays"
    shown = bank.sent(f"/bank/{record}/hold", typed, 200)
    assert "This acts against somebody" in shown
    assert "73,400.00" in shown
    ask = re.search(r'data-ask="([^"]*)"', bank.post(f"/bank/{record}/hold", typed, 200).text)
    assert ask is not None
    page = bank.post(f"/bank/{record}/hold", typed, 200).text
    asked = json.loads(html.unescape(re.search(r'data-ask="([^"]*)"', page)[1]))  # type: ignore[index]
    hidden = {
        name: html.unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    }
    done = bank.post(f"/bank/{record}/hold", {**hidden, "secret.credential": json.dumps(device.get(asked))})
    assert done.headers["location"] == f"/bank?done={record}"
    world.settle()
    page = main_of(bank.get("/bank"))
    assert "Held now" in page
    assert f"/bank/{record}/release" in page
    officer = visit(world.nodes["KR"], Role.DUTY_OFFICER)
    board = main_of(officer.get("/money"))
    assert "73,400.00 USD" in board
    assert "✓" in board
    released = {
        "f.wrong": "true",
        "f.apology": "We are sorry: the money was free all the time.",
        "f.reason": "the wrong account",
        "once": "01K",
    }
    assert bank.post(f"/bank/{record}/release", released).headers["location"] == f"/bank?done={record}"
    world.settle()
    assert f"/bank/{record}/freed" in bank.get("/bank")
    assert "released" in officer.get(f"/records/{record}")


def test_what_a_bank_is_told_live_is_its_orders_alone(ordered: tuple[MoneyWorld, str, str]) -> None:
    world = ordered[0]
    node = world.nodes["KH"]
    with node.writing() as work:
        work.tx.alarms.raise_("bank", "played", "critical", "something of ours", work.now)
    told, standing = look(node, f"bank:{BANKS['KH']}")
    assert (standing.count, standing.worst) == (0, "")
    world.report("KH", STORY[2])
    assert look(node, f"bank:{BANKS['KH']}")[0] == told, "our own work does not show in it"
    assert look(node, "bank:OTHER")[0] != told
    assert look(node, "desk")[1].count


def test_a_page_of_a_file_is_told_of_its_progress(sent: tuple[MoneyWorld, str, str]) -> None:
    node = sent[0].nodes["KR"]
    analyst = visit(node, Role.FINANCIAL_ANALYST)
    table = f"Date,From,To,Amount,Currency,Text {node.clock.now()}\n2026-03-04 01:00:00,KR1,KR2,100.00,USD,x\n"
    where = give(analyst, "slow.csv", table.encode(), source="B", grade="2", keeper=BANKS["KR"]).headers["location"]
    file = where.rpartition("/")[2]
    before = stamp(node, f"import:{file}")
    assert f'data-live="import:{file}"' in analyst.get(where)
    node.money.confirm_mapping(analyst.who, file, {}, wait=True)
    assert stamp(node, f"import:{file}") != before
    assert stamp(node, "import:nothing").startswith("0-")


# restitution ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def claimed(sent: tuple[MoneyWorld, str, str]) -> tuple[MoneyWorld, str]:
    """Three victims claim of two holdings; the fourth claims what is claimed already, and is refused."""
    world = sent[0]
    now = world.clock.now()
    holdings = [
        {"record": "KR:stop-payment:C", "node": "KH", "amount": 3_200_000},
        {
            "record": "KR:stop-payment:W",
            "node": "TH",
            "amount": 9_100_000,
            "shared": 100_000,
            "shared_with": "TH, sharing agreement",
        },
    ]
    terms = {"title": "Han and others", "currency": "USD", "digits": 2, "rule": "fifo", "basis": "Act on restitution, art. 4",
             "holdings": holdings, "claims_until": now + 60_000}  # fmt: skip
    who = world.analysts["KR"]
    record = world.act("KR", "open", terms, procedure="restitution", to=("KH", "TH"), who=who, instrument=world.treaty,
                       purpose="stop-fraud", data="account", subject="victim").record  # fmt: skip
    for victim, transfer, traced in (
        ("V-KR-0417", "7c1e", ((0, 3_200_000, 30), (1, 9_100_000, 40))), ("V-KR-0002", "r-1", ((0, 840_000, 10),)),
        ("V-KR-0003", "r-2", ((1, 1_000_000, 20),)), ("V-KR-0004", "r-3", ((1, 5_000, 99),)),
    ):  # fmt: skip
        parts = [{"holding": number, "amount": amount, "arrived_at": at} for number, amount, at in traced]
        form = {"victim": victim, "transfer": transfer, "paid_at": 0, "amount": 20_000_000, "traced": parts}
        fact = world.act("KR", "claim", form, record=record, who=who).fact
    refusal = {"claim": fact, "appeal_to": "the ombudsman", "reason": "the payment was not a fraud"}
    world.act("KR", "refuse-claim", refusal, record=record, who=who)
    world.settle()
    return world, record


def test_the_restitution_sheet_explains_each_amount_and_adds_up(claimed: tuple[MoneyWorld, str]) -> None:
    world, record = claimed
    analyst = visit(world.nodes["KR"], Role.FINANCIAL_ANALYST)
    page = main_of(analyst.get(f"/restitutions/{record}"))
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "computed from the claims that stand now" in text
    for said in ("123,000.00 USD", "8,400.00 USD", "23,600.00 USD", "10,000.00 USD", "80,000.00 USD", "adds up to the last unit",
                 "what is left of 32,000.00 USD after 8,400.00 USD that go before it", "the payment was not a fraud", "the ombudsman",
                 "shared 1,000.00 USD with TH, sharing agreement"):  # fmt: skip
        assert said in text, said
    assert "TLP:" in text
    assert f'href="/restitutions/{record}"' in analyst.get(f"/records/{record}")
    early = analyst.sent(f"/restitutions/{record}/propose", {"reason": "by the rule"}, 403)
    assert "victims may still claim" in early
    assert 'value="by the rule"' in early
    world.clock.advance(61_000)
    assert (
        analyst.post(f"/restitutions/{record}/propose", {"reason": "by the written rule"}).headers["location"]
        == f"/restitutions/{record}"
    )
    assert "by the written rule" in analyst.get(f"/restitutions/{record}")
    world.settle()
    partner = visit(world.nodes["KH"], Role.LEGAL)
    assert "Put it on the table" not in partner.get(f"/restitutions/{record}"), "only the node that leads proposes"
    assert "no restitution" in analyst.get(f"/restitutions/{world.report('KR', STORY[0])}", 404)


# a report -------------------------------------------------------------------------------------------------------------


def test_a_report_is_one_form_with_what_is_of_course_in_it(sent: tuple[MoneyWorld, str, str]) -> None:
    """C1: three minutes. The moment is now, one payment waits to be typed, and nobody chooses marks that are always the same."""
    world = sent[0]
    officer = visit(world.nodes["KR"], Role.DUTY_OFFICER)
    form = officer.get("/new/fraud-report")
    assert field(form, "f.reported_at")
    assert 'name="f.payments.0.amount"' in form
    typed = {
        "f.victim": "V-KR-0600", "f.reported_at": field(form, "f.reported_at"), "f.payments.0.amount": "184,000,000",
        "f.payments.0.currency": "KRW", "f.payments.0.digits": "2", "f.payments.0.account": "HNBKKRSE/302771209918",
        "f.payments.0.sender_account": "HNBKKRSE/110233418402", "f.payments.0.uetr": "00000000-0000-4000-8000-000000000042",
        "f.payments.0.transferred_at": "2026-03-04T01:02",
        "f.contact_phone": "+82 2 1394", "m.purpose": "stop-fraud", "m.data": "account", "m.subject": "victim", "once": field(form, "once"),
    }  # fmt: skip
    where = officer.post("/new/fraud-report", typed).headers["location"]
    page = officer.get(where)
    assert "184,000,000 KRW" in page
    assert "4 March 2026, 01:02 UTC" in page
    record = where.partition("?")[0].rpartition("/")[2]
    assert officer.post(f"/records/{record}/validate").headers["location"].startswith(f"/records/{record}")
    page = main_of(officer.get(f"/records/{record}"))
    assert f'<a class="btn main" href="/money/{record}"' in page, (
        "the next step is the sheet, where the node does the tracing"
    )
    assert f"/records/{record}/trace" not in page
    assert f'href="/money/{record}"' in officer.get("/?procedure=fraud-report")
