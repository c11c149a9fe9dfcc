"""Bank tables: recognised in the region's encodings, languages and calendars; read strictly; good rows kept, bad ones told."""

# ruff: noqa: E501  (tables of banks are long)
from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spean.core.errors import InvalidInput, SpeanError, TooMuch
from spean.formats.bank_csv.mapping import ENCODINGS, Mapping
from spean.formats.bank_csv.read import read
from spean.formats.bank_csv.recognise import confirmed, recognise
from spean.formats.bank_csv.values import number
from spean.formats.identity import once
from spean.formats.model import Item, Payment, Rejected
from spean.formats.money import decimal_text

T0824 = 1_772_612_640_000  # 2026-03-04 08:24 UTC
THAI = 'เลขที่บัญชี: 123-4-56789-0\nวันที่,เวลา,รายการ,ถอนเงิน,ฝากเงิน,ยอดคงเหลือ,บัญชีคู่โอน\n04/03/2569,08:24,โอนเงิน,"52,000.00",,100.00,987-6-54321-0\n14/03/2569,08:25,รับโอน,,1.50,101.50,987-6-54321-0\n'
CHINESE = "交易日期\t交易时间\t借贷标志\t交易金额(元)\t账号\t对方账号\t对方户名\t摘要\n2026-03-04\t08:24:00\t借\t52000.00\t6222000011\t6222000099\t李明\t转账\n2026-03-14\t08:25:00\t贷\t1.50\t6222000011\t6222000099\t李明\t退款\n"
KOREAN = '거래일시,출금액(원),입금액(원),잔액,상대계좌번호,상대예금주,적요\n2026.03.04 08:24:00,"52,000",0,100,302-000-918,김민수,이체\n2026.03.14 오후 8:25,,"1,500",1600,302-000-918,김민수,입금\n'
VIETNAMESE = "Ngày giao dịch;Số tiền;Tài khoản chuyển;Tài khoản nhận;Loại tiền;Nội dung\n04/03/2026 08:24;52.000;0011;0022;VND;chuyển tiền\n14/03/2026 08:25;1.500.000;0022;0011;VND;trả lại\n"
KHMER = "កាលបរិច្ឆេទ,ឥណពន្ធ,ឥណទាន,សមតុល្យ,លេខយោង,រូបិយប័ណ្ណ\n០៤/០៣/២០២៦ ០៨:២៤,៥២០០០.០០,,១០០.០០,R-1,USD\n១៤/០៣/២០២៦ ០៨:២៥,,១.៥០,១០១.៥០,R-2,USD\n"
GERMAN_LIKE = "Date;Amount (EUR);Account;Counterparty account\n04.03.2026 08:24;-52.000,00;DE89370400440532013000;111\n14.03.2026 08:25;1,50;DE89370400440532013000;111\n"


def load(raw: bytes, **answers: object) -> tuple[Mapping, list[Payment]]:
    """Recognised, confirmed, read: all rows must be good."""
    mapping = confirmed(recognise(raw), **answers)
    found = list(read([raw], mapping))
    assert all(isinstance(item, Payment) for item in found), found
    return mapping, [item for item in found if isinstance(item, Payment)]


@pytest.mark.parametrize(
    ("text", "encoding", "answers", "sides", "minors", "currency"),
    [
        (THAI, "cp874", {"currency": "THB"}, ("1234567890", "9876543210"), (5_200_000, 150), "THB"),
        (THAI, "utf-8", {"currency": "THB"}, ("1234567890", "9876543210"), (5_200_000, 150), "THB"),
        (CHINESE, "gb18030", {}, ("6222000011", "6222000099"), (5_200_000, 150), "CNY"),
        (CHINESE, "utf-16", {}, ("6222000011", "6222000099"), (5_200_000, 150), "CNY"),
        (KOREAN, "cp949", {"account": "110222402"}, ("110222402", "302000918"), (52_000, 1_500), "KRW"),
        (KOREAN, "utf-8-sig", {"account": "110222402"}, ("110222402", "302000918"), (52_000, 1_500), "KRW"),
        (VIETNAMESE, "utf-8", {}, ("0011", "0022"), (52_000, 1_500_000), "VND"),
        (KHMER, "utf-8", {"account": "0071"}, ("0071", ""), (5_200_000, 150), "USD"),
        (GERMAN_LIKE, "cp1252", {}, ("DE89370400440532013000", "111"), (5_200_000, 150), "EUR"),
    ],
)  # fmt: skip
def test_statements_of_the_region(
    text: str, encoding: str, answers: dict[str, object], sides: tuple[str, str], minors: tuple[int, int], currency: str
) -> None:
    _, (first, second) = load(text.encode(encoding), **answers)
    assert (first.payer, first.payee) == sides
    assert (second.payee, second.payer) == sides
    assert (first.amount_minor, second.amount_minor) == minors
    assert first.currency == second.currency == currency
    assert first.time_ms == T0824
    assert first.exact_time


def test_legacy_encodings_are_told_apart_and_asked_about() -> None:
    assert recognise(THAI.encode("tis-620")).mapping.encoding == "cp874"
    assert recognise(CHINESE.encode("gb2312")).mapping.encoding == "gb18030"
    proposal = recognise(KOREAN.encode("euc-kr"))
    assert proposal.mapping.encoding == "cp949"
    assert proposal.confidence < 1
    assert any("cp949" in question for question in proposal.questions)


def test_a_proposal_shows_rows_and_asks_what_it_does_not_know() -> None:
    proposal = recognise(THAI.encode())
    assert proposal.mapping.buddhist
    assert proposal.mapping.account == "123-4-56789-0"
    assert any("currency" in question for question in proposal.questions)
    assert proposal.samples == ()
    with pytest.raises(InvalidInput, match="currency"):
        confirmed(proposal)
    again = recognise(THAI.encode(), currency="THB")
    assert [type(item) for item in again.samples] == [Payment, Payment]
    assert again.confidence > proposal.confidence


def test_a_date_that_fits_two_orders_is_a_question() -> None:
    proposal = recognise(b"Date,Amount (USD),Account\n04/03/2026 01:00,5.00,1\n05/03/2026 01:00,6.00,1\n")
    assert any("day" in question for question in proposal.questions)
    assert proposal.confidence <= 0.5
    assert recognise(b"Date,Amount (USD),Account\n03/14/2026 01:00,5.00,1\n").mapping.date_order == "mdy"


def test_a_mapping_is_remembered_as_plain_data_and_serves_only_its_header() -> None:
    mapping, found = load(KOREAN.encode(), account="1")
    kept = Mapping.from_plain(json.loads(json.dumps(mapping.to_plain())))
    assert kept == mapping
    assert recognise(KOREAN.encode()).mapping.fingerprint == kept.fingerprint
    with pytest.raises(InvalidInput, match="header"):
        list(read([KOREAN.replace("적요", "비고").encode()], kept))
    with pytest.raises(InvalidInput, match="header"):
        list(read([b""], kept))
    assert len(found) == 2


@pytest.mark.parametrize(
    "change",
    [{"encoding": "utf-7"}, {"columns": {"date": "0"}}, {"columns": {"evil": 1}}, {"columns": {"date": 10**9, "debit": 1, "credit": 2}}, {"offset": 99_999},
     {"version": 9}, {"style": "odd"}, {"decimal": ";"}, {"date_order": "ydm"}, {"currency": "XXQ"}, {"delimiter": "a"}, {"buddhist": 1}],
)  # fmt: skip
def test_a_mapping_that_was_tampered_with_is_refused(change: dict[str, object]) -> None:
    good = confirmed(recognise(KOREAN.encode()), account="1").to_plain()
    with pytest.raises(InvalidInput) as caught:
        Mapping.from_plain({**good, **change})
    assert caught.value.remedy


BAD = """Date,Debit,Credit,Reference
2026-03-04 08:24:00,5.00,,a
2026-13-04 08:24:00,5.00,,b
2026-03-04 25:24:00,5.00,,c
2026-03-04 08:24:00,5.001,,d
2026-03-04 08:24:00,5.00,6.00,e
2026-03-04 08:24:00,,,f
2026-03-04 08:24:00
2026-03-04 08:24:00,"5.00,,h
2026-03-04 08:24:00,"1,23.00",,i
2026-03-04 08:24:00,five,,j
2026-03-04 08:24:00,0.00,,k
2026-03-04 08:24:00,"1,234.50",,"l
goes on"
2026-03-04 08:24:00,(7.00),,m
"""


def usual(**change: object) -> Mapping:
    mapping = Mapping(
        "",
        "utf-8",
        ",",
        1,
        {"date": 0, "debit": 1, "credit": 2, "reference": 3},
        "debit-credit",
        currency="USD",
        account="1",
    )
    header = recognise(BAD.encode(), currency="USD", account="1").mapping.fingerprint
    return replace(mapping, fingerprint=header, **change)  # type: ignore[arg-type]


def test_bad_rows_are_told_and_good_ones_kept() -> None:
    found = list(read([BAD.encode()], usual()))
    good = {item.reference: item.amount_minor for item in found if isinstance(item, Payment)}
    bad = {item.line: (item.field, item.rule) for item in found if isinstance(item, Rejected)}
    assert good == {"a": 500, "l\ngoes on": 123_450, "m": 700}
    assert bad == {
        3: ("date", "iso8601"), 4: ("time", "csv-time"), 5: ("amount", "iso4217-digits"), 6: ("debit, credit", "csv-amount"),
        7: ("debit, credit", "csv-amount"), 8: ("row", "csv-row"), 9: ("row", "csv-row"), 10: ("debit", "csv-amount"), 11: ("debit", "csv-amount"),
        12: ("debit, credit", "csv-amount"),
    }  # fmt: skip
    assert all(item.reason and item.remedy for item in found if isinstance(item, Rejected))


def test_bytes_of_another_encoding_cost_their_row_only() -> None:
    raw = BAD.encode().replace(b",b\n", b",\xff\n")
    found = list(read([raw], usual()))
    assert [item.field for item in found if isinstance(item, Rejected) and item.line == 3] == ["row"]
    assert sum(isinstance(item, Payment) for item in found) == 3


def test_nothing_is_loaded_twice_and_equal_rows_are_two() -> None:
    raw = b"Date,Debit,Credit,Reference\n" + b"2026-03-04 08:24:00,5.00,,a\n" * 2
    first = list(once(read([raw], usual()), lambda name: False))
    names = {item.id for item in first if isinstance(item, Payment)}
    assert len(names) == 2
    longer = raw + b"2026-03-05 08:24:00,5.00,,a\n"
    again = list(once(read([longer], usual()), names.__contains__))
    assert [type(item) for item in again] == [Rejected, Rejected, Payment]


def test_long_cells_cost_no_time() -> None:
    """Patterns with choices would try a cell of 60,000 letters for minutes."""
    long = "4 " + "x" * 60_000
    raw = f'Date,Debit,Credit,Reference\n{long},5.00,,a\n2026-03-04 {"9" * 60_000},5.00,,b\n2026-03-04,"{"1," * 30_000}",,c\n'
    assert [item.field for item in read([raw.encode()], usual()) if isinstance(item, Rejected)] == [
        "date",
        "date",
        "debit",
    ]


def test_a_line_without_end_is_no_table() -> None:
    with pytest.raises(TooMuch):
        list(read([b"Date,Debit,Credit,Reference\n", *[b"x" * 60_000] * 30], usual()))


def test_what_is_no_table_is_refused() -> None:
    for raw in (b"", b"hello", b"a,b\n1,2\n", b"\x00" * 100, b"%PDF-1.7\n"):
        with pytest.raises(InvalidInput) as caught:
            recognise(raw)
        assert caught.value.remedy


@pytest.mark.parametrize(
    ("text", "decimal", "plain"),
    [("1,234.50", ".", "1234.50"), ("1.234,50", ",", "1234.50"), ("(5.00)", ".", "-5.00"), ("5.00-", ".", "-5.00"), ("−5", ".", "-5"), ("฿ 52,000", ".", "52000"),
     ("USD 5.00", ".", "5.00"), ("5.00 CR", ".", "5.00"), ("5.00DR", ".", "-5.00"), ("1 234,5", ",", "1234.5"), ("1'234.50", ".", "1234.50"), ("๑๒๓.๕๐", ".", "123.50"),
     ("-", ".", ""), ("", ".", ""), ("Rp 1.500.000", ",", "1500000"), ("12,34,567.00", ".", "1234567.00"), ("５００", ".", "500")],
)  # fmt: skip
def test_amounts_as_banks_write_them(text: str, decimal: str, plain: str) -> None:
    assert number(text, decimal, "amount") == plain


@pytest.mark.parametrize(
    "text", ["1,23", "1.2.3", "1,2345.0", "--5", "-5-", "(5", "5)", "1e5", "0x10", "∞", "1,234,5", "5 5 5"]
)
def test_amounts_that_are_not_sure_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        number(text, ".", "amount")


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(ENCODINGS), st.sampled_from([",", ";", "\t", "|"]), st.integers(1, 50))
def test_any_bytes_are_rows_rejected_or_an_error_of_ours(junk: bytes, encoding: str, delimiter: str, size: int) -> None:
    mapping = Mapping(
        "", encoding, delimiter, 0, {"date": 0, "amount": 1, "reference": 2}, "signed", currency="USD", account="1"
    )
    raw = junk + BAD.encode() + junk
    try:
        for item in read((raw[at : at + size] for at in range(0, len(raw), size)), mapping):
            assert isinstance(item, Payment | Rejected)
    except SpeanError as error:
        assert error.remedy  # noqa: PT017
    try:
        recognise(raw)
    except SpeanError as error:
        assert error.remedy  # noqa: PT017


cells = st.text(
    st.characters(codec="utf-8", exclude_characters="\ufffd\ufeff\r\n\0", exclude_categories=("Cc",)), max_size=20
)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 10**15), st.booleans(), cells), min_size=1, max_size=8),
    st.sampled_from(["utf-8", "utf-16", "gb18030"]),
)
def test_money_goes_there_and_back(moved: list[tuple[int, bool, str]], encoding: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["Date", "Debit", "Credit", "Reference"])
    for minor, away, reference in moved:
        amount = decimal_text(minor, 2)
        writer.writerow(["2026-03-04 08:24:00", amount if away else "", "" if away else amount, reference])
    found = list(read([out.getvalue().encode(encoding)], usual(encoding=encoding)))
    assert [(item.amount_minor, item.payer == "1") for item in found if isinstance(item, Payment)] == [
        (minor, away) for minor, away, _ in moved
    ]


# conversions -------------------------------------------------------------------------------------------------------

TRADER = (
    "Date,Payer,Payee,Amount,Currency,Received amount,Received currency,Reference\n"
    "2026-03-04 08:36:00,PPBKKHPP/88000060,tron:{wallet},91500.00,USD,91500.000000,USDT,R-1\n"
    "2026-03-04 08:37:00,PPBKKHPP/88000060,PPBKKHPP/88000061,10.00,USD,,,R-2\n"
    "2026-03-04 08:38:00,PPBKKHPP/88000060,PPBKKHPP/88000062,10.00,USD,40500,KHR,R-3\n"
)
WALLET_ADDRESS = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"


def _trader(text: str) -> list[Item]:
    raw = text.encode()
    return list(read([raw], confirmed(recognise(raw))))


def test_a_conversion_has_two_amounts_at_the_rate_of_the_table() -> None:
    into_tokens, plain, into_riel = _trader(TRADER.format(wallet=WALLET_ADDRESS))
    assert isinstance(into_tokens, Payment)
    assert (into_tokens.amount_minor, into_tokens.currency) == (91_500_000_000, "USDT")
    assert into_tokens.instructed == (9_150_000, "USD")
    assert into_tokens.payee == f"tron:0x2b6653dc:{WALLET_ADDRESS}"
    (named,) = _trader(
        TRADER.format(wallet=WALLET_ADDRESS).split("2026-03-04 08:37")[0].replace("R-1", "0x" + "AB" * 32)
    )
    assert isinstance(named, Payment)
    assert (named.id, named.references.hash) == (f"hash:{'ab' * 32}", "ab" * 32)
    assert isinstance(plain, Payment)
    assert (plain.amount_minor, plain.currency, plain.instructed) == (1_000, "USD", None)
    assert isinstance(into_riel, Payment)
    assert (into_riel.amount_minor, into_riel.currency, into_riel.instructed) == (4_050_000, "KHR", (1_000, "USD"))


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("2026-03-04 08:36:00,A/1,tron:{wallet},91500.00,USD,91500,,R-1\n", "received"),
        ("2026-03-04 08:36:00,A/1,tron:{wallet},91500.00,USD,,USDT,R-1\n", "received"),
        ("2026-03-04 08:36:00,A/1,tron:{wallet},91500.00,USD,1,DOGE,R-1\n", "currency"),
        ("2026-03-04 08:36:00,A/1,B/2,91500.00,USD,1,USDT,R-1\n", "received"),
        ("2026-03-04 08:36:00,A/1,tron:{wallet},91500.00,USD,0.0000001,USDT,R-1\n", "received"),
        ("2026-03-04 08:36:00,A/1,tron:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6x,91500.00,USD,1,USDT,R-1\n", "wallet"),
    ],
)
def test_half_a_conversion_is_rejected_with_its_field(row: str, field: str) -> None:
    found = _trader(
        TRADER.split("2026", 1)[0]
        + row.format(wallet=WALLET_ADDRESS)
        + TRADER.format(wallet=WALLET_ADDRESS).split("\n", 1)[1]
    )
    assert isinstance(found[0], Rejected)
    assert found[0].line == 2
    assert field in (found[0].field, found[0].rule) or field in found[0].reason
    assert len(found) == 4


def test_a_column_called_time_that_holds_days_is_the_date_and_its_zone_counts() -> None:
    raw = b"id,time,payer,payee,amount,currency\np1,2026-03-04T10:00:00+09:00,KR1,KR2,1250,KRW\np2,2026-03-04T02:00:00Z,KR2,KR3,900,KRW\n"
    found = recognise(raw, offset=420)
    assert found.mapping.columns["date"] == 1
    first, second = (item for item in read([raw], found.mapping) if isinstance(item, Payment))
    assert second.time_ms - first.time_ms == 3_600_000, (
        "10:00 in Seoul is 01:00 UTC, whatever the mapping's own zone is"
    )


def test_a_table_whose_header_nobody_knows_is_mapped_by_hand() -> None:
    raw = b"quand;vers;combien;de\n2026-03-04;KR1;12,50;KR2\n2026-03-05;KR1;2,50;KR2\n"
    found = recognise(raw)
    assert (dict(found.mapping.columns), found.samples) == ({}, ())
    assert found.header == ("quand", "vers", "combien", "de")
    assert {"Which column holds the date?", "Which column holds the amount?"} <= set(found.questions)
    columns = {"date": 0, "payee": 1, "amount": 2, "payer": 3}
    mapping = replace(found.mapping, columns=columns, style="two-parties", decimal=",", currency="EUR").checked()
    rows = [item for item in read([raw], mapping) if isinstance(item, Payment)]
    assert [row.amount_minor for row in rows] == [1250, 250]


def test_an_empty_file_is_called_empty() -> None:
    for raw in (b"", b" \r\n\n", b"\xef\xbb\xbf"):
        with pytest.raises(InvalidInput, match="nothing in the file"):
            recognise(raw)
