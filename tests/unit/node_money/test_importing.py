"""Files into the ledgers: recognised, confirmed once, taken once, bad rows named, resumed; nothing of their words in the clear."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from spean.core.errors import Conflict, InvalidInput, NotFound, Refusal
from unit.node_money.moneydesk import Desk

TABLE = """Date,Time,From account,To account,Amount,Currency,Reference,Description
2026-03-04,01:02:00,HNB/110402,HNB/302918,184000000,KRW,R1,savings of Han Seo-yun
2026-03-04,01:19:00,HNB/302918,MKBAKHPP/007155,90000000,KRW,R2,remittance
2026-03-04,01:20:00,HNB/302918,HNB/555,x,KRW,R3,broken
"""
ANSWERS = {"keeper": "HNB"}


def test_a_table_is_asked_about_once_and_then_known(desk: Desk) -> None:
    state = desk.give(TABLE, keeper="HNB")
    assert (state.state, state.document, state.taken) == ("asking", "bank-csv", 0)
    asked = desk.money.recognised(desk.analyst, state.id, reason="my file")
    assert asked.questions
    assert asked.mapping["style"] == "two-parties"
    assert asked.samples[0]["amount"] == 184000000
    done = desk.money.confirm_mapping(desk.analyst, state.id, ANSWERS, wait=True)
    assert (done.state, done.taken, done.rejected, done.twice) == ("done", 2, 1, 0)
    (bad,) = desk.money.import_rows(desk.analyst, state.id, reason="my file")
    assert (bad.line, bad.field) == (4, "amount")
    again = desk.give(TABLE, keeper="HNB")
    assert (again.state, again.taken, again.twice, again.rejected) == ("done", 0, 2, 1)
    assert [each.id for each in desk.money.imports(desk.analyst)] == [again.id, state.id]
    with pytest.raises(Conflict):
        desk.money.recognised(desk.analyst, again.id, reason="my file")


def test_amounts_are_in_the_ledger_and_foreign_accounts_have_no_line_there(desk: Desk) -> None:
    desk.money.confirm_mapping(desk.analyst, desk.give(TABLE, keeper="HNB").id, {}, wait=True)
    ledger = desk.money.ledgers.ledger("KRW")
    assert ledger is not None
    assert desk.money.ledgers.currencies() == ["KRW"]
    assert ledger.balance("HNB/302918") == 94000000
    assert ledger.names.number("MKBAKHPP/007155") is None
    assert ledger.balance("<to abroad>") == 90000000


def test_a_ledger_outlives_its_process(desk: Desk) -> None:
    desk.money.confirm_mapping(desk.analyst, desk.give(TABLE, keeper="HNB").id, {}, wait=True)
    desk.money.close()
    node = desk.world.boot("KR")
    ledger = node.money.ledgers.ledger("KRW")
    assert ledger is not None
    assert ledger.balance("HNB/302918") == 94000000
    desk.node = node
    assert desk.give(TABLE, keeper="HNB").twice == 2


def test_lost_ledgers_are_made_anew_from_the_store(desk: Desk) -> None:
    """A backup holds the store and, apart, the keys; the ledgers are an index of both."""
    desk.money.confirm_mapping(desk.analyst, desk.give(TABLE, keeper="HNB").id, {}, wait=True)
    desk.give(CAMT, name="c.xml")
    ledger = desk.money.ledgers.ledger("KRW")
    assert ledger is not None
    before = [(ledger.names.payment(order), *ledger.parties(order)) for order in range(4)]
    desk.money.close()
    shutil.rmtree(desk.node.home / "ledgers")
    money = desk.world.boot("KR").money
    money.start()
    ledger = money.ledgers.ledger("KRW")
    assert ledger is not None
    assert [(ledger.names.payment(order), *ledger.parties(order)) for order in range(4)] == before
    assert money.remake() == 0


def test_two_processes_do_not_write_one_ledger(desk: Desk) -> None:
    desk.money.confirm_mapping(desk.analyst, desk.give(TABLE, keeper="HNB").id, {}, wait=True)
    other = desk.world.boot("KR")
    more = TABLE.replace("R1", "R7")
    state = other.money.take_file(desk.analyst, "more.csv", [more.encode()], hints={"keeper": "HNB"}, wait=True)
    assert state.state == "failed"
    assert "running node" in state.why


def test_words_do_not_stand_in_the_clear(desk: Desk, tmp_path: Path) -> None:
    """Names and texts are sealed in the store; the spooled file is sealed while it waits."""
    waiting = desk.give(TABLE, name="of Han Seo-yun.csv", keeper="HNB")
    spooled = [path.read_bytes() for path in tmp_path.rglob("*.sealed")]
    assert spooled
    assert not any(b"Seo-yun" in data for data in spooled)
    desk.money.confirm_mapping(desk.analyst, waiting.id, {}, wait=True)
    assert not list(tmp_path.rglob("*.sealed"))
    store = desk.world.disk_image("KR").store
    assert b"Seo-yun" not in store
    assert b"110402" not in store
    with desk.node.store.read() as tx:
        key = tx.money.one_import(waiting.id).key
    told = desk.money.payments([desk.money.ledgers.ledger("KRW").names.payment(0)])  # type: ignore[union-attr]
    assert [each.payment.text for each in told.values()] == ["savings of Han Seo-yun"]
    desk.node.content_keys.destroy([key.hex()], desk.world.clock.now(), "erased")
    desk.money.close()
    assert desk.world.boot("KR").money.payments(told) == {}


def test_a_damaged_file_keeps_what_stands_before_the_damage(desk: Desk) -> None:
    state = desk.give(CAMT[: CAMT.index("<Ntry><NtryRef>2")] + "<Ntry><broken", name="c.xml")
    assert (state.state, state.taken) == ("failed", 2)
    assert state.why
    whole = desk.give(CAMT, name="c.xml")
    assert (whole.state, whole.taken, whole.twice) == ("done", 1, 1)


def test_an_opening_balance_is_the_first_money_of_its_account(desk: Desk) -> None:
    assert desk.give(CAMT, name="c.xml").state == "done"
    ledger = desk.money.ledgers.ledger("KRW")
    assert ledger is not None
    assert ledger.balance("HNB/110402") == 5000 + 700 - 400
    assert desk.give(CAMT, name="c.xml").taken == 0
    assert desk.money.ledgers.ledger("KRW").balance("HNB/110402") == 5300  # type: ignore[union-attr]


def test_an_export_of_a_chain_may_come_newest_first(desk: Desk) -> None:
    state = desk.give(TRON, name="t.csv")
    assert (state.state, state.document, state.taken, state.late) == ("done", "tron-csv", 2, 0)
    ledger = desk.money.ledgers.ledger("USDT")
    assert ledger is not None
    assert [ledger.time(0) < ledger.time(1)] == [True]


def test_an_unknown_chain_is_asked_for(desk: Desk) -> None:
    state = desk.give(TRON.replace("T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb", "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045")
                      .replace("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045")
                      .replace("TEkxiTehnzSmSe2XqrBj4w32RUN966rdz8", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"))  # fmt: skip
    assert state.state == "asking"
    assert "ethereum" in desk.money.recognised(desk.analyst, state.id, reason="my file").chains
    with pytest.raises(InvalidInput):
        desk.money.confirm_mapping(desk.analyst, state.id, {"chain": "nowhere"})


def test_what_is_no_ledger_fails_with_its_reason(desk: Desk) -> None:
    state = desk.give("hello", name="h.txt")
    assert state.state == "failed"
    assert state.why


def test_only_those_who_follow_money_load_files(desk: Desk) -> None:
    consul = desk.world.person("KR", "Kim Bo", "consul")
    with pytest.raises(Refusal):
        desk.give(TABLE, who=consul)
    for name in ("imports",):
        with pytest.raises(Refusal):
            getattr(desk.money, name)(consul)
    with pytest.raises(InvalidInput):
        desk.money.take_file(desk.analyst, "x.csv", [], source="Q")


def test_what_was_being_read_goes_on_after_a_start(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    state = desk.give(TABLE, keeper="HNB")
    monkeypatch.setattr(threading.Thread, "start", lambda thread: None)  # the process dies before it reads
    assert desk.money.confirm_mapping(desk.analyst, state.id, {}).state == "reading"
    monkeypatch.undo()
    desk.money.close()
    node = desk.world.boot("KR")
    assert node.money.importing.resume() == 1
    for thread in threading.enumerate():
        if thread.name.startswith("import"):
            thread.join()
    assert node.money.import_state(desk.analyst, state.id).taken == 2
    with pytest.raises(NotFound):
        node.money.import_state(desk.analyst, "nothing")


def test_every_file_is_in_the_domestic_log(desk: Desk) -> None:
    desk.give(TABLE, keeper="HNB")
    with desk.node.store.read() as tx:
        acts = [row.act for row in tx.access.of_user(desk.analyst.id)]
    assert "import" in acts


def _entry(number: int, sign: str, amount: int) -> str:
    side = "Dbtr" if sign == "CRDT" else "Cdtr"
    return (
        f"<Ntry><NtryRef>{number}</NtryRef><Amt Ccy='KRW'>{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
        f"<BookgDt><DtTm>2026-03-04T0{number}:00:00Z</DtTm></BookgDt><NtryDtls><TxDtls><Refs><EndToEndId>E{number}</EndToEndId>"
        f"</Refs><Amt Ccy='KRW'>{amount}</Amt><RltdPties><{side}Acct><Id><Othr><Id>999</Id></Othr></Id></{side}Acct></RltdPties>"
        f"<RltdAgts><{side}Agt><FinInstnId><Othr><Id>HNB</Id></Othr></FinInstnId></{side}Agt></RltdAgts></TxDtls></NtryDtls></Ntry>"
    )


CAMT = (
    "<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId>"
    "<CreDtTm>2026-03-04T10:00:00Z</CreDtTm></GrpHdr><Stmt><Id>S</Id><Acct><Id><Othr><Id>110-402</Id></Othr></Id><Svcr>"
    "<FinInstnId><Othr><Id>HNB</Id></Othr></FinInstnId></Svcr></Acct><Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp>"
    "<Amt Ccy='KRW'>5000</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-04</Dt></Dt></Bal>"
    f"{_entry(1, 'CRDT', 700)}{_entry(2, 'DBIT', 400)}</Stmt></BkToCstmrStmt></Document>"
)
TRON = """Txn Hash,Timestamp,From,To,Contract Address,Amount,Token Symbol,Token Decimal
b2,2026-03-04 01:44:00,TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t,TEkxiTehnzSmSe2XqrBj4w32RUN966rdz8,TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t,91000,USDT,6
a1,2026-03-04 01:36:00,T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb,TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t,TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t,91500,USDT,6
"""
