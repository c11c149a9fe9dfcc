"""ISO 20022 in: every document of these tests passes the published schema first, so no reader is fed what no bank could send."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from spean.core.errors import InvalidInput, SpeanError, TooMuch
from spean.formats.identity import once
from spean.formats.iso.answers import Answer, Information, Outcome
from spean.formats.iso.read import read
from spean.formats.model import Balance, Money, Notice, Payment, Rejected
from spean.formats.money import decimal_text
from spean.formats.xml import Limits

SCHEMAS = Path(__file__).parents[2] / "data" / "iso20022"
OURS = Path(__file__).parents[3] / "src" / "spean" / "formats" / "iso" / "schemas"
UETR = "7c1e1b1e-0f6d-4c1a-9d53-0c3f5a7e90a1"
HEAD = (
    "<GrpHdr><MsgId>M-1</MsgId><CreDtTm>2026-03-04T01:19:30+09:00</CreDtTm><NbOfTxs>1</NbOfTxs>"
    "<SttlmInf><SttlmMtd>INDA</SttlmMtd></SttlmInf></GrpHdr>"
)


def document(name: str, body: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{name}">{body}</Document>'.encode()


def checked(name: str, body: str) -> bytes:
    """The document, held against its schema."""
    made = document(name, body)
    folder = OURS if (OURS / f"{name}.xsd").exists() else SCHEMAS
    etree.XMLSchema(etree.parse(folder / f"{name}.xsd")).assertValid(etree.fromstring(made))
    return made


def side(name: str, holder: str, account: str, bank: str) -> tuple[str, str, str]:
    identity = f"<IBAN>{account}</IBAN>" if account[:2].isalpha() else f"<Othr><Id>{account}</Id></Othr>"
    return (
        f"<{name}><Nm>{holder}</Nm></{name}>",
        f"<{name}Acct><Id>{identity}</Id></{name}Acct>",
        f"<{name}Agt><FinInstnId><BICFI>{bank}</BICFI></FinInstnId></{name}Agt>",
    )


def transfer(amount: str = "125400.00", currency: str = "USD", more: str = "", uetr: str = UETR) -> str:
    payer, payer_account, payer_bank = side("Dbtr", "Han Mule", "302000918", "HNBKKRSEXXX")
    payee, payee_account, payee_bank = side("Cdtr", "Chan &amp; Co", "0071-0000 55", "MKBAKHPP")
    return (
        f"<CdtTrfTxInf><PmtId><EndToEndId>E2E-7</EndToEndId><TxId>T-7</TxId><UETR>{uetr}</UETR></PmtId>"
        f'<IntrBkSttlmAmt Ccy="{currency}">{amount}</IntrBkSttlmAmt><IntrBkSttlmDt>2026-03-04</IntrBkSttlmDt>{more}'
        f"<ChrgBr>SHAR</ChrgBr>{payer}{payer_account}{payer_bank}{payee_bank}{payee}{payee_account}"
        "<RmtInf><Ustrd>invest</Ustrd><Ustrd>ment</Ustrd></RmtInf></CdtTrfTxInf>"
    )


def order(*transfers: str, version: str = "08") -> str:
    return f"<FIToFICstmrCdtTrf>{HEAD}{''.join(transfers)}</FIToFICstmrCdtTrf>"


@pytest.mark.parametrize("version", ["pacs.008.001.08", "pacs.008.001.13"])
def test_a_credit_transfer_is_one_payment(version: str) -> None:
    (payment,) = read([checked(version, order(transfer()))])
    assert isinstance(payment, Payment)
    assert (payment.payer, payment.payee) == ("HNBKKRSE/302000918", "MKBAKHPP/0071000055")
    assert (payment.amount_minor, payment.currency) == (12_540_000, "USD")
    assert payment.id == f"uetr:{UETR}"
    assert payment.time_ms == 1_772_554_770_000
    assert payment.exact_time
    assert (payment.payee_name, payment.text, payment.references.end_to_end) == ("Chan & Co", "invest ment", "E2E-7")
    assert payment.source.document == version
    assert payment.source.element == "CdtTrfTxInf[1]"


def test_a_conversion_keeps_both_amounts_and_the_charges() -> None:
    more = '<InstdAmt Ccy="KRW">184000000</InstdAmt><XchgRate>0.00068152</XchgRate>'
    charged = transfer(more=more).replace(
        "<ChrgBr>SHAR</ChrgBr>",
        '<ChrgBr>SHAR</ChrgBr><ChrgsInf><Amt Ccy="USD">4.00</Amt><Agt><FinInstnId><BICFI>MKBAKHPP</BICFI></FinInstnId></Agt></ChrgsInf>'
        '<ChrgsInf><Amt Ccy="USD">1.5</Amt><Agt><FinInstnId><BICFI>HNBKKRSE</BICFI></FinInstnId></Agt></ChrgsInf>',
    )
    (payment,) = read([checked("pacs.008.001.08", order(charged))])
    assert isinstance(payment, Payment)
    assert payment.instructed == Money(184_000_000, "KRW")
    assert payment.charges == (Money(400, "USD"), Money(150, "USD"))


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("184000000", "KRW", 184_000_000), ("184000000.00", "KRW", 184_000_000), ("0.001", "KWD", 1), ("1.5", "KHR", 150),
     ("999999999999999.99", "USD", 99_999_999_999_999_999), ("00012.30", "THB", 1230)],
)  # fmt: skip
def test_amounts_become_minor_units_exactly(amount: str, currency: str, minor: int) -> None:
    (payment,) = read([document("pacs.008.001.08", order(transfer(amount, currency)))])
    assert isinstance(payment, Payment)
    assert payment.amount_minor == minor


@pytest.mark.parametrize(
    ("amount", "currency", "rule"),
    [("10.001", "USD", "iso4217-digits"), ("10.5", "KRW", "iso4217-digits"), ("10", "XYZ", "iso4217"), ("1e5", "USD", "amount"),
     ("-5", "USD", "amount"), ("٣", "USD", "amount"), ("9" * 30, "USD", "amount"), ("", "USD", "amount"), ("NaN", "USD", "amount"),
     ("0.00", "USD", "amount")],
)  # fmt: skip
def test_an_amount_that_is_not_exact_is_refused_and_the_next_row_is_kept(amount: str, currency: str, rule: str) -> None:
    other = transfer(uetr=UETR.replace("a1", "a2"))
    bad, good = read([document("pacs.008.001.08", order(transfer(amount, currency), other))])
    assert isinstance(bad, Rejected)
    assert isinstance(good, Payment)
    assert (bad.rule, bad.field.startswith("IntrBkSttlmAmt"), bad.element) == (rule, True, "CdtTrfTxInf[1]")
    assert bad.reason
    assert bad.remedy
    assert bad.line > 0


def test_a_return_goes_back_to_the_payer() -> None:
    payer, payer_account, payer_bank = side("Dbtr", "Han", "302000918", "HNBKKRSE")
    payee, payee_account, payee_bank = side("Cdtr", "Chan", "0071000055", "MKBAKHPP")
    payer, payee = (
        payer.replace("<Nm>", "<Pty><Nm>").replace("</Nm>", "</Nm></Pty>"),
        payee.replace("<Nm>", "<Pty><Nm>").replace("</Nm>", "</Nm></Pty>"),
    )
    body = (
        f"<PmtRtr>{HEAD}<TxInf><RtrId>R-1</RtrId><OrgnlEndToEndId>E2E-7</OrgnlEndToEndId><OrgnlUETR>{UETR}</OrgnlUETR>"
        '<RtrdIntrBkSttlmAmt Ccy="USD">320.00</RtrdIntrBkSttlmAmt><IntrBkSttlmDt>2026-03-05</IntrBkSttlmDt>'
        "<RtrRsnInf><Rsn><Cd>FOCR</Cd></Rsn></RtrRsnInf>"
        f"<OrgnlTxRef>{payer}{payer_account}{payer_bank}{payee_bank}{payee}{payee_account}</OrgnlTxRef></TxInf></PmtRtr>"
    )
    for version in ("pacs.004.001.09", "pacs.004.001.14"):
        (payment,) = read([checked(version, body)])
        assert isinstance(payment, Payment)
        assert (payment.kind, payment.payer, payment.payee) == ("return", "MKBAKHPP/0071000055", "HNBKKRSE/302000918")
        assert payment.id == f"uetr:{UETR}:return"
        assert payment.amount_minor == 32_000
        assert payment.exact_time is False  # settled another day than the message was made


# statements -----------------------------------------------------------------------------------------------------

BALANCE = (
    "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='USD'>{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>"
    "<Dt><Dt>2026-03-04</Dt></Dt></Bal>"
)
CODE = "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>{}</SubFmlyCd></Fmly></Domn></BkTxCd>"


def entry(
    amount: str, indicator: str, details: str = "", status: str = "BOOK", code: str = "XBCT", more: str = ""
) -> str:
    return (
        f"<Ntry><Amt Ccy='USD'>{amount}</Amt><CdtDbtInd>{indicator}</CdtDbtInd>{more}<Sts><Cd>{status}</Cd></Sts>"
        f"<BookgDt><DtTm>2026-03-04T08:24:00</DtTm></BookgDt><AcctSvcrRef>S-1</AcctSvcrRef>{CODE.format(code)}"
        f"{f'<NtryDtls>{details}</NtryDtls>' if details else ''}</Ntry>"
    )


def detail(amount: str, payee: str, uetr: str = "", name: str = "Sok") -> str:
    known = f"<Refs><EndToEndId>NOTPROVIDED</EndToEndId>{f'<UETR>{uetr}</UETR>' if uetr else ''}</Refs>"
    stated = f"<Amt Ccy='USD'>{amount}</Amt>" if amount else ""
    return (
        f"<TxDtls>{known}{stated}<RltdPties><Cdtr><Pty><Nm>{name}</Nm></Pty></Cdtr><CdtrAcct><Id><Othr><Id>{payee}</Id></Othr></Id></CdtrAcct>"
        "</RltdPties><RltdAgts><CdtrAgt><FinInstnId><BICFI>PPBKKHPP</BICFI></FinInstnId></CdtrAgt></RltdAgts></TxDtls>"
    )


def statement(*entries: str, version: str = "camt.053.001.08") -> bytes:
    opening = BALANCE.format(code="OPBD", amount="10.50", side="DBIT") + BALANCE.format(
        code="CLBD", amount="389.50", side="CRDT"
    )
    account = "<Acct><Id><Othr><Id>0071 0000 55</Id></Othr></Id><Svcr><FinInstnId><BICFI>MKBAKHPP</BICFI></FinInstnId></Svcr></Acct>"
    outer, inner = ("BkToCstmrStmt", "Stmt") if version.startswith("camt.053") else ("BkToCstmrDbtCdtNtfctn", "Ntfctn")
    balances = opening if inner == "Stmt" else ""
    head = "<GrpHdr><MsgId>M</MsgId><CreDtTm>2026-03-05T00:00:00Z</CreDtTm></GrpHdr>"
    return checked(
        version, f"<{outer}>{head}<{inner}><Id>S</Id>{account}{balances}{''.join(entries)}</{inner}></{outer}>"
    )


def rows(made: bytes, **how: int) -> list[object]:
    return list(read([made], **how))


def test_a_statement_gives_balances_and_payments() -> None:
    opening, closing, booked, fee = rows(
        statement(entry("400.00", "CRDT"), entry("4", "DBIT", code="CHRG")), offset=420
    )
    assert isinstance(opening, Balance)
    assert isinstance(closing, Balance)
    assert (opening.kind, opening.amount_minor, closing.kind, closing.amount_minor) == (
        "opening",
        -1050,
        "closing",
        38950,
    )
    assert isinstance(booked, Payment)
    assert isinstance(fee, Payment)
    assert (booked.payer, booked.payee, booked.amount_minor) == ("", "MKBAKHPP/0071000055", 40_000)
    assert booked.time_ms == 1_772_587_440_000  # 08:24 in Phnom Penh
    assert (fee.kind, fee.payer, fee.source.element) == ("fee", "MKBAKHPP/0071000055", "Stmt[1]/Ntry[2]")


@pytest.mark.parametrize("version", ["camt.053.001.08", "camt.054.001.08", "camt.054.001.12"])
def test_details_of_a_batch_are_payments_of_their_own(version: str) -> None:
    made = statement(
        entry("125.00", "DBIT", detail("52", "88-12") + detail("41", "88-31") + detail("32", "5-07")), version=version
    )
    found = [item for item in rows(made) if not isinstance(item, Balance)]
    assert all(isinstance(item, Payment) for item in found)
    assert [(item.payee, item.amount_minor) for item in found if isinstance(item, Payment)] == [
        ("PPBKKHPP/8812", 5200), ("PPBKKHPP/8831", 4100), ("PPBKKHPP/507", 3200),
    ]  # fmt: skip


def test_a_single_detail_without_amount_is_the_whole_entry() -> None:
    (payment,) = [
        item for item in rows(statement(entry("52", "DBIT", detail("", "88-12")))) if isinstance(item, Payment)
    ]
    assert (payment.payee, payment.amount_minor) == ("PPBKKHPP/8812", 5200)


def test_details_without_amounts_are_not_guessed() -> None:
    found = rows(statement(entry("52", "DBIT", detail("", "88-12") + detail("", "88-13"))))
    assert [item.rule for item in found if isinstance(item, Rejected)] == ["iso20022-field"] * 2
    assert not [item for item in found if isinstance(item, Payment)]


def test_details_that_do_not_add_up_are_told() -> None:
    found = rows(statement(entry("100", "DBIT", detail("52", "88-12") + detail("41", "88-31"))))
    (told,) = [item for item in found if isinstance(item, Rejected)]
    assert (told.rule, "93.00 USD" in told.reason, "100.00 USD" in told.reason) == ("sum", True, True)


def test_a_reversal_goes_the_other_way_and_names_the_original_counterparty() -> None:
    made = statement(entry("41", "CRDT", detail("41", "88-31"), more="<RvslInd>true</RvslInd>"))
    (payment,) = [item for item in rows(made) if isinstance(item, Payment)]
    assert (payment.kind, payment.payer, payment.payee) == ("reversal", "PPBKKHPP/8831", "MKBAKHPP/0071000055")


def test_pending_is_marked_and_information_moves_nothing() -> None:
    found = [
        item
        for item in rows(statement(entry("5", "DBIT", status="PDNG"), entry("6", "DBIT", status="INFO")))
        if not isinstance(item, Balance)
    ]
    assert isinstance(found[0], Payment)
    assert found[0].booked is False
    assert isinstance(found[1], Rejected)
    assert found[1].rule == "not-booked"


def test_order_and_statement_name_the_same_payment_and_it_is_loaded_once() -> None:
    made = statement(entry("125400", "DBIT", detail("125400", "88-12", UETR)))
    both = [*read([document("pacs.008.001.08", order(transfer()))]), *read([made])]
    kept = list(once(both, lambda name: False))
    assert [item.id for item in kept if isinstance(item, Payment)] == [f"uetr:{UETR}"]
    assert [item.rule for item in kept if isinstance(item, Rejected)] == ["twice"]
    again = list(once(read([made]), lambda name: name == f"uetr:{UETR}"))
    assert not [item for item in again if isinstance(item, Payment)]


def test_one_name_with_two_amounts_is_a_conflict_for_a_person() -> None:
    both = [
        *read([document("pacs.008.001.08", order(transfer()))]),
        *read([document("pacs.008.001.08", order(transfer("5")))]),
    ]
    _, told = once(both, lambda name: False)
    assert isinstance(told, Rejected)
    assert told.rule == "conflict"
    assert "12540000" in told.reason


def test_two_equal_rows_are_two_payments_with_stable_names() -> None:
    made = statement(entry("5", "DBIT"), entry("5", "DBIT"))
    names = [item.id for item in rows(made) if isinstance(item, Payment)]
    assert len(set(names)) == 2
    assert names == [item.id for item in rows(made) if isinstance(item, Payment)]


# versions and envelopes -----------------------------------------------------------------------------------------


def test_an_unknown_version_is_read_and_says_so() -> None:
    notice, payment = read([document("pacs.008.001.77", order(transfer()))])
    assert isinstance(notice, Notice)
    assert "pacs.008.001.77" in notice.reason
    assert isinstance(payment, Payment)


def test_an_older_version_with_bic_is_read() -> None:
    old = order(transfer()).replace("BICFI", "BIC")
    (payment,) = read([document("pacs.008.001.02", old)])
    assert isinstance(payment, Payment)
    assert payment.payer == "HNBKKRSE/302000918"


def test_messages_in_an_envelope_with_headers_are_found() -> None:
    inner = document("pacs.008.001.08", order(transfer())).partition(b"\n")[2]
    head = b'<AppHdr xmlns="urn:iso:std:iso:20022:tech:xsd:head.001.001.02"><BizMsgIdr>x</BizMsgIdr></AppHdr>'
    found = list(read([b"<Envelope>" + (head + inner) * 2 + b"</Envelope>"]))
    assert [type(item) for item in found] == [Payment, Payment]


@pytest.mark.parametrize("name", ["pain.001.001.09", "pacs.008", "camt.998.001.01"])
def test_other_messages_are_refused_by_name(name: str) -> None:
    with pytest.raises(InvalidInput, match="Document"):
        list(read([document(name, "<X/>")]))


# hardening ------------------------------------------------------------------------------------------------------

LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><Document>&b;</Document>'
OUTSIDE = b'<!DOCTYPE x SYSTEM "http://example.invalid/x.dtd"><Document/>'


@pytest.mark.parametrize(
    "raw",
    [LAUGHS, OUTSIDE, LAUGHS.decode().encode("utf-16"), b"\xef\xbb\xbf" + LAUGHS, b"<!-- x -->" + OUTSIDE],
    ids=["laughs", "outside", "utf-16", "mark", "after-comment"],
)
@pytest.mark.parametrize("size", [1, 7, 4096])
def test_declarations_are_refused_however_they_are_cut(raw: bytes, size: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        list(read(raw[at : at + size] for at in range(0, len(raw), size)))
    assert caught.value.rule == "xml-declaration"


@pytest.mark.parametrize(
    "raw",
    ["<Document/>".encode("utf-16-le"), "<Document/>".encode("utf-32"), b'<?xml version="1.0" encoding="EUC-KR"?><a>\xb0\xa1</a>',
     b'<?xml version="1.0" encoding="UTF-7"?>+ADw-a+AD4-\xff'],
)  # fmt: skip
def test_other_encodings_are_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        list(read([raw]))
    assert caught.value.rule == "xml-encoding"
    assert caught.value.remedy


def test_utf16_with_its_mark_is_read() -> None:
    made = document("pacs.008.001.08", order(transfer())).decode().replace("UTF-8", "UTF-16")
    assert [type(item) for item in read([made.encode("utf-16")])] == [Payment]


def test_depth_and_size_have_limits() -> None:
    made = document("pacs.008.001.08", "<a>" * 5000)
    with pytest.raises(InvalidInput):
        list(read([made]))
    with pytest.raises(TooMuch):
        list(read([document("pacs.008.001.08", order("<x>" + "y" * 200_000 + "</x>"))], limits=Limits(record=100_000)))
    with pytest.raises(TooMuch):
        list(
            read(
                [document("camt.029.001.09", "<RsltnOfInvstgtn>" + "<TxInf/>" * 60_000)], limits=Limits(record=100_000)
            )
        )
    stray = "".join(f"<Junk><Acct><Id>{at}</Id></Acct></Junk>" for at in range(10_000))
    with pytest.raises(TooMuch):  # what nobody reads is not dropped, so it counts, whatever it is called
        list(read([document("camt.053.001.08", f"<BkToCstmrStmt>{stray}")], limits=Limits(record=100_000)))
    with pytest.raises(TooMuch):
        list(read([b"<a>" + b"<b/>" * 10_000], limits=Limits(total=20_000)))
    with pytest.raises(TooMuch):
        list(read([b"<a " + b"".join(b'n%d="" ' % at for at in range(100_000))], limits=Limits(record=200_000)))


def test_a_damaged_file_gives_what_stood_before_and_says_where() -> None:
    made = document("pacs.008.001.08", order(transfer(), transfer()))
    found: list[object] = []
    with pytest.raises(InvalidInput, match="line 2") as caught:
        found.extend(read([made[: made.rindex(b"<UETR>")]]))
    assert len(found) == 1
    assert caught.value.rule == "xml"
    assert "cut short" in str(caught.value)
    assert "<string>" not in str(caught.value)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 2000), st.integers(1, 3000))
def test_damage_never_crashes(junk: bytes, at: int, size: int) -> None:
    made = document("pacs.008.001.08", order(transfer()))
    raw = made[:at] + junk + made[at + len(junk) // 2 :]
    try:
        for item in read(raw[start : start + size] for start in range(0, len(raw), size)):
            assert isinstance(item, Payment | Rejected | Notice)
    except SpeanError as error:
        assert error.remedy  # noqa: PT017


@given(st.integers(1, 10**17 - 1), st.sampled_from([("USD", 2), ("KRW", 0), ("KWD", 3), ("CLF", 4)]))
@settings(deadline=None)
def test_money_never_changes_value(minor: int, unit: tuple[str, int]) -> None:
    currency, digits = unit
    (payment,) = read([document("pacs.008.001.08", order(transfer(decimal_text(minor, digits), currency)))])
    assert isinstance(payment, Payment)
    assert (payment.amount_minor, payment.currency) == (minor, currency)


# answers --------------------------------------------------------------------------------------------------------

ASSIGNED = (
    "<Assgnmt><Id>A</Id><Assgnr><Agt><FinInstnId><BICFI>MKBAKHPP</BICFI></FinInstnId></Agt></Assgnr>"
    "<Assgne><Agt><FinInstnId><BICFI>HNBKKRSE</BICFI></FinInstnId></Agt></Assgne><CreDtTm>2026-03-04T02:00:00Z</CreDtTm></Assgnmt>"
)


def resolution(reason: str, status: str = "RJCR", confirmed: str = "RJCR", version: str = "camt.029.001.09") -> bytes:
    told = f"<CxlStsRsnInf><Rsn><Cd>{reason}</Cd></Rsn><AddtlInf>words</AddtlInf></CxlStsRsnInf>" if reason else ""
    return checked(
        version,
        f"<RsltnOfInvstgtn>{ASSIGNED}<Sts><Conf>{confirmed}</Conf></Sts><CxlDtls><TxInfAndSts><CxlStsId>C</CxlStsId>"
        f"<OrgnlEndToEndId>E2E-7</OrgnlEndToEndId><OrgnlUETR>{UETR}</OrgnlUETR><TxCxlSts>{status}</TxCxlSts>{told}"
        '<OrgnlIntrBkSttlmAmt Ccy="USD">125400.00</OrgnlIntrBkSttlmAmt></TxInfAndSts></CxlDtls></RsltnOfInvstgtn>',
    )


@pytest.mark.parametrize("version", ["camt.029.001.09", "camt.029.001.13"])
@pytest.mark.parametrize(
    ("reason", "outcome", "state"),
    [("AC04", "too-late", "too-late"), ("AM04", "too-late", "too-late"), ("ARDT", "returned", "returned"), ("CUST", "refused", "refused"),
     ("LEGL", "refused", "refused"), ("NOAS", "refused", "refused"), ("PTNA", "passed-on", "too-late"), ("NOOR", "not-found", "not-found")],
)  # fmt: skip
def test_each_reason_of_a_resolution_is_one_outcome(reason: str, outcome: str, state: str, version: str) -> None:
    (answer,) = read([resolution(reason, version=version)])
    assert isinstance(answer, Answer)
    assert (answer.outcome, answer.outcome.state, answer.reason) == (Outcome(outcome), state, reason)
    assert (answer.references.uetr, answer.amount, answer.text, answer.case) == (
        UETR,
        Money(12_540_000, "USD"),
        "words",
        "A",
    )


def test_a_resolution_without_reason_follows_its_status_and_an_unknown_one_stays_open() -> None:
    def outcome(*what: str) -> Outcome:
        (answer,) = read([resolution(*what)])
        assert isinstance(answer, Answer)
        return answer.outcome

    assert outcome("", "PDCR", "PDCR") is Outcome.PENDING
    assert outcome("", "RJCR") is Outcome.REFUSED
    assert outcome("CUST", "ACCR", "CNCL") is Outcome.RETURNED
    assert outcome("ZZZZ", "RJCR") is Outcome.REFUSED
    body = checked("camt.029.001.09", f"<RsltnOfInvstgtn>{ASSIGNED}<Sts><Conf>ZZZZ</Conf></Sts></RsltnOfInvstgtn>")
    (answer,) = read([body])
    assert isinstance(answer, Answer)
    assert answer.outcome is Outcome.PENDING
    assert "person" in answer.why


def test_a_status_report_names_payment_and_reason() -> None:
    body = (
        "<FIToFIPmtStsRpt><GrpHdr><MsgId>M</MsgId><CreDtTm>2026-03-04T02:00:00Z</CreDtTm></GrpHdr><TxInfAndSts>"
        f"<OrgnlEndToEndId>E2E-7</OrgnlEndToEndId><OrgnlUETR>{UETR}</OrgnlUETR><TxSts>{{}}</TxSts>"
        "<StsRsnInf><Rsn><Cd>AC06</Cd></Rsn></StsRsnInf></TxInfAndSts></FIToFIPmtStsRpt>"
    )
    for status, outcome in (("RJCT", Outcome.RETURNED), ("BLCK", Outcome.HELD), ("ACSC", Outcome.STATUS)):
        (answer,) = read([checked("pacs.002.001.10", body.format(status))])
        assert isinstance(answer, Answer)
        assert (answer.outcome, answer.status, answer.reason, answer.reference) == (outcome, status, "AC06", UETR)


def test_answers_of_authorities() -> None:
    (change,) = read(
        [
            checked(
                "auth.003.001.01",
                "<InfReqStsChngNtfctn><OrgnlBizQry>I-1</OrgnlBizQry><CnfdtltySts>false</CnfdtltySts></InfReqStsChngNtfctn>",
            )
        ]
    )
    assert isinstance(change, Information)
    assert (change.investigation, change.confidential) == ("I-1", False)
    body = (
        "<InfReqRspn><RspnId>R-1</RspnId><InvstgtnId>I-1</InvstgtnId><RspnSts>COMP</RspnSts><SchCrit><Acct><Id><Id><Othr><Id>0071-55</Id></Othr></Id>"
        "<Svcr><FinInstnId><BICFI>MKBAKHPP</BICFI></FinInstnId></Svcr></Id><InvstgtdPties><Cd>OWNE</Cd></InvstgtdPties>"
        "<AuthrtyReqTp><MsgNmId>KYC</MsgNmId></AuthrtyReqTp></Acct></SchCrit><RtrInd><AuthrtyReqTp><MsgNmId>KYC</MsgNmId></AuthrtyReqTp>"
        "<InvstgtnRslt><InvstgtnSts>NFOU</InvstgtnSts></InvstgtnRslt></RtrInd></InfReqRspn>"
    )
    (answer,) = read([checked("auth.002.001.01", body)])
    assert isinstance(answer, Information)
    assert (answer.investigation, answer.status, answer.account, answer.owner) == (
        "I-1",
        "COMP",
        "MKBAKHPP/007155",
        None,
    )
    assert [(each.question, each.status) for each in answer.results] == [("KYC", "NFOU")]


def test_an_answer_of_an_authority_may_enclose_a_statement_and_name_people() -> None:
    """What is enclosed is read with the answer, and does not take its place."""
    entry = (
        "<Ntry><Amt Ccy='USD'>{}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><DtTm>2026-03-04T01:00:00Z</DtTm></BookgDt>"
        "<BkTxCd/><NtryDtls><TxDtls><Refs><EndToEndId>E{}</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>"
    )
    statement = (
        "<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId><CreDtTm>2026-03-04T10:00:00Z"
        "</CreDtTm></GrpHdr><Stmt><Id>S</Id><Acct><Id><Othr><Id>0071-55</Id></Othr></Id><Svcr><FinInstnId><BICFI>MKBAKHPP</BICFI></FinInstnId>"
        "</Svcr></Acct><Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy='USD'>12.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-04"
        f"</Dt></Dt></Bal>{entry.format('10.00', 1)}{entry.format('2.50', 2)}{entry.format('2.5x', 3)}</Stmt></BkToCstmrStmt></Document>"
    )
    acct = (
        "<Id><Othr><Id>0071-55</Id></Othr></Id><Ownr><Nm>Sok Dara</Nm><Id><PrvtId><DtAndPlcOfBirth><BirthDt>1990-05-17</BirthDt>"
        "<CityOfBirth>X</CityOfBirth><CtryOfBirth>KH</CtryOfBirth></DtAndPlcOfBirth><Othr><Id>N01</Id></Othr></PrvtId></Id></Ownr>"
        "<Svcr><FinInstnId><BICFI>MKBAKHPP</BICFI></FinInstnId></Svcr>"
    )
    asked = "".join(
        f"<AuthrtyReqTp><MsgNmId>{each}</MsgNmId></AuthrtyReqTp>" for each in ("statement", "signatories", "opened")
    )
    told = "<Pty><Nm>Chan Co</Nm><Id><OrgId><Othr><Id>77</Id></Othr></OrgId></Id></Pty>"
    results = "".join(
        f"<RtrInd><AuthrtyReqTp><MsgNmId>{name}</MsgNmId></AuthrtyReqTp><InvstgtnRslt><Rslt>{held}</Rslt></InvstgtnRslt></RtrInd>"
        for name, held in (("statement", statement), ("signatories", f"<KYC>{told}</KYC>"), ("opened", "<Photo/>"))
    )
    body = (f"<InfReqRspn><RspnId>R-1</RspnId><InvstgtnId>I-1</InvstgtnId><RspnSts>PART</RspnSts><SchCrit><Acct><Id>{acct}</Id>"
            f"<InvstgtdPties><Cd>OWNE</Cd></InvstgtdPties>{asked}</Acct></SchCrit>{results}</InfReqRspn>")  # fmt: skip
    (answer,) = read([checked("auth.002.001.01", body)])
    assert isinstance(answer, Information)
    assert answer.owner == ("Sok Dara", False, "1990-05-17", "N01")
    first, second, third = answer.results
    assert [(each.payee, each.amount_minor, each.references.end_to_end) for each in first.payments] == [
        ("MKBAKHPP/007155", 1000, "E1"), ("MKBAKHPP/007155", 250, "E2"),
    ]  # fmt: skip
    assert [(each.kind, each.amount_minor) for each in first.balances] == [("closing", 1250)]
    assert len(first.unread) == 1
    assert [(each.name, each.entity, each.document) for each in second.parties] == [("Chan Co", True, "77")]
    assert third.unread == ("Photo",)
