"""ISO 20022 out: valid by the published schema, read back as what was meant, and refused by name when a field does not fit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from spean.core.errors import InvalidInput
from spean.formats.iso.answers import Answer, Outcome
from spean.formats.iso.cancellations import Cancellation
from spean.formats.iso.read import read
from spean.formats.iso.write import (
    CAMT_056,
    CancellationAnswer,
    CancellationRequest,
    InformationRequest,
    Institution,
    auth_001,
    camt_029,
    camt_056,
)  # fmt: skip
from spean.formats.model import Money, References

UETR = "7c1e1b1e-0f6d-4c1a-9d53-0c3f5a7e90a1"
KNOWN = References(uetr=UETR, end_to_end="E2E-7", message="M-1")
KR, KH = Institution("HNBKKRSE"), Institution(code="NSB 12", name="ធនាគារ")
REQUEST = CancellationRequest(
    "KR-1",
    "CASE-1",
    KR,
    KH,
    1_772_586_060_000,
    KNOWN,
    Money(12_540_000, "USD"),
    1_772_586_060_000,
    text=("hold 320.00",),
)
QUESTION = InformationRequest(
    "I-1", "Art. 5 (2)", True, 1_772_500_000_000, 1_772_586_060_123, "0071000055", False, KH,
    (("KYC", "holder"), ("BAL", "")), due_ms=1_772_600_000_000,
)  # fmt: skip


@pytest.mark.parametrize("version", CAMT_056)
def test_a_cancellation_request_is_read_back_as_it_was_meant(version: str) -> None:
    (back,) = read([camt_056(REQUEST, version)])
    assert isinstance(back, Cancellation)
    assert (back.message, back.case, back.assigner, back.assignee) == ("KR-1", "CASE-1", "HNBKKRSE", "NSB12")
    assert (back.references, back.amount, back.reason, back.text) == (
        KNOWN,
        Money(12_540_000, "USD"),
        "FRAD",
        "hold 320.00",
    )


texts = st.text(st.characters(codec="utf-8"), max_size=120)


@settings(deadline=None)
@given(texts, texts, texts, st.integers(-5, 10**19), st.sampled_from(["USD", "KRW", "KWD", "XYZ"]))
def test_a_cancellation_request_is_right_or_refused_and_never_changed(
    case: str, end_to_end: str, text: str, minor: int, currency: str
) -> None:
    asked = replace(
        REQUEST, case=case, original=KNOWN._replace(end_to_end=end_to_end), amount=Money(minor, currency), text=(text,)
    )
    try:
        made = camt_056(asked)
    except InvalidInput as error:
        assert error.field  # noqa: PT017
        assert error.remedy  # noqa: PT017
        return
    root = etree.fromstring(made)
    told = {element.tag.rpartition("}")[2]: element.text or "" for element in root.iter()}
    lines = {"\r\n": "\n", "\r": "\n"}
    assert told["OrgnlIntrBkSttlmAmt"].replace(".", "").lstrip("0") == str(minor)
    assert told.get("AddtlInf", "") == text or any(mark in text for mark in lines)
    assert told.get("OrgnlEndToEndId", "") == end_to_end or any(mark in end_to_end for mark in lines)


@pytest.mark.parametrize(
    ("change", "field"),
    [({"case": "x" * 36}, "Id"), ({"assigner": Institution("hnbk")}, "BICFI"), ({"assignee": Institution()}, "institution"),
     ({"amount": Money(0, "USD")}, "OrgnlIntrBkSttlmAmt"), ({"amount": Money(1, "XYZ")}, "OrgnlIntrBkSttlmAmt"),
     ({"original": References(message="M")}, "original"), ({"original": References(uetr="7C")}, "OrgnlUETR"),
     ({"text": ("y" * 106,)}, "AddtlInf[1]"), ({"text": ("a\0",)}, "AddtlInf"), ({"reason": "FRAUD"}, "Cd")],
)  # fmt: skip
def test_what_does_not_fit_is_refused_by_its_field(change: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        camt_056(replace(REQUEST, **change))  # type: ignore[arg-type]
    assert caught.value.field.removesuffix("[1]") == field.removesuffix("[1]")
    assert caught.value.remedy


def test_a_version_that_is_not_written_is_refused() -> None:
    with pytest.raises(InvalidInput, match="version"):
        camt_056(REQUEST, "camt.056.001.99")


@pytest.mark.parametrize(
    ("status", "reason", "outcome"),
    [("ACCR", "", Outcome.RETURNED), ("PDCR", "", Outcome.PENDING), ("PDCR", "HELD", Outcome.HELD)]
    + [("RJCR", code, None) for code in ("AC04", "AM04", "ARDT", "CUST", "LEGL", "NOAS", "NOOR", "PTNA")],
)
def test_a_banks_answer_is_read_back(status: str, reason: str, outcome: Outcome | None) -> None:
    made = CancellationAnswer(
        "B-1", "CASE-1", KH, KR, 1_772_586_060_000, KNOWN, status, reason, Money(32_000, "USD"), ("until 2026-03-07",)
    )  # type: ignore[arg-type]
    (back,) = read([camt_029(made)])
    assert isinstance(back, Answer)
    assert (back.case, back.references, back.amount, back.reason, back.text) == (
        "CASE-1",
        KNOWN,
        Money(32_000, "USD"),
        reason,
        "until 2026-03-07",
    )
    assert outcome is None or back.outcome is outcome


def test_a_request_for_information_is_valid_and_names_what_it_asks() -> None:
    told = {element.tag.rpartition("}")[2]: element.text for element in etree.fromstring(auth_001(QUESTION)).iter()}
    assert (told["InvstgtnId"], told["Prgrph"], told["CnfdtltySts"]) == ("I-1", "Art. 5 (2)", "true")
    assert (told["FrDtTm"], told["ToDtTm"]) == ("2026-03-03T01:06:40Z", "2026-03-04T01:01:00.123Z")
    iban = replace(QUESTION, account="DE89370400440532013000", is_iban=True, owner_only=True)
    assert b"<IBAN>DE89370400440532013000</IBAN>" in auth_001(iban)


@pytest.mark.parametrize(
    ("change", "field"),
    [({"questions": ()}, "Acct"), ({"paragraph": ""}, "Prgrph"), ({"to_ms": 1}, "to"), ({"account": "x" * 40}, "Id")],
)
def test_an_incomplete_request_for_information_is_refused(change: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        auth_001(replace(QUESTION, **change))  # type: ignore[arg-type]
    assert caught.value.field == field
