"""A goAML report on its way into the ledgers: recognised without a question, taken once, its people kept apart and sealed."""

from __future__ import annotations

from unit.node_money.moneydesk import Desk


def _side(word: str, keeper: str, number: str, name: str) -> str:
    return (
        f"<t_{word}><{word}_funds_code>K</{word}_funds_code><{word}_account><institution_code>{keeper}</institution_code>"
        f"<account>{number}</account><account_name>{name}</account_name></{word}_account></t_{word}>"
    )


def _transaction(number: int, amount: str) -> str:
    return (
        f"<transaction><transactionnumber>T{number}</transactionnumber><date_transaction>2026-03-04T0{number}:00:00</date_transaction>"
        f"<amount_local>{amount}</amount_local>{_side('from', 'HNB', '1104', 'Han Seo-yun')}{_side('to', 'HNB', '3029', 'Do Min')}"
        "</transaction>"
    )


REPORT = (
    "<?xml version='1.0' encoding='UTF-8'?><report><schema_version>5.0.2</schema_version><rentity_id>9</rentity_id>"
    "<report_code>STR</report_code><currency_code_local>KRW</currency_code_local>"
    f"{_transaction(1, '700')}{_transaction(2, '4.5')}{_transaction(3, '400')}</report>"
)


def test_a_report_is_recognised_and_taken_once(desk: Desk) -> None:
    state = desk.give(REPORT, name="str.xml", offset=540)
    assert (state.state, state.document, state.taken, state.rejected, state.twice) == ("done", "goaml-5.0.2", 2, 1, 0)
    (bad,) = desk.money.import_rows(desk.analyst, state.id, reason="my file")
    assert (bad.field, bad.element) == ("amount_local", "transaction[2]")
    ledger = desk.money.ledgers.ledger("KRW")
    assert ledger is not None
    assert ledger.balance("HNB/3029") == 1100
    again = desk.give(REPORT.encode("utf-16"), name="str.xml")
    assert (again.state, again.taken, again.twice) == ("done", 0, 2)


def test_whom_it_names_is_sealed_and_read_for_a_reason(desk: Desk) -> None:
    state = desk.give(REPORT, name="str.xml")
    assert state.named == 2
    found = desk.money.import_named(desk.analyst, state.id, reason="case 7")
    assert [(each.kind, each.value, each.name) for each in found] == [
        ("account", "HNB/1104", "Han Seo-yun"), ("account", "HNB/3029", "Do Min"),
    ]  # fmt: skip
    assert desk.money.import_named(desk.analyst, state.id, reason="case 7", after=1)[0].value == "HNB/3029"
    assert b"Seo-yun" not in desk.world.disk_image("KR").store
    with desk.node.store.read() as tx:
        assert [row.act for row in tx.access.of_user(desk.analyst.id)].count("read") == 2
