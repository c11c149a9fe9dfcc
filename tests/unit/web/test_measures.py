"""Amounts and moments in forms: typed as people write them, kept as whole numbers, never rounded, never guessed."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from spean.procedures.forms import Form, schema
from spean.web.language.catalogue import words
from spean.web.language.reader import Reader
from spean.web.parts.faults import faults
from spean.web.parts.fields import FormShape
from spean.web.parts.lanes import values
from spean.web.parts.measures import (
    Unit,
    known_digits,
    shown_amount,
    shown_moment,
    typed_amount,
    typed_moment,
    unit_of,
)

EN, FR = Reader(), Reader(language="fr")
SEOUL = Reader(time_zone="Asia/Seoul")
USD, KRW, USDT = Unit("USD", 2), Unit("KRW", 0), Unit("USDT", 6)
Amount = Annotated[int, Meta(ge=0, extra_json_schema={"format": "minor-units"})]
Moment = Annotated[int, Meta(ge=0, extra_json_schema={"format": "moment"})]


class Played(Form, frozen=True, kw_only=True):
    """A payment."""

    amount: Amount
    currency: str
    digits: int = 2
    at: Moment


class Part(Form, frozen=True, kw_only=True):
    """An amount whose currency stands elsewhere."""

    stays: Amount


@given(st.integers(0, 10**17), st.sampled_from([USD, KRW, USDT, Unit("ETH", 18)]), st.sampled_from([EN, FR]))
def test_what_a_control_shows_is_read_back_as_the_same_amount(minor: int, unit: Unit, reader: Reader) -> None:
    assert typed_amount(shown_amount(minor, unit, reader), unit, reader) == minor


@given(st.integers(0, 4_000_000_000), st.sampled_from([EN, SEOUL, Reader(time_zone="Asia/Kathmandu")]))
def test_what_a_control_shows_is_read_back_as_the_same_second(second: int, reader: Reader) -> None:
    assert typed_moment(shown_moment(second * 1000, reader), reader) == second * 1000


@pytest.mark.parametrize(
    ("text", "reader", "unit", "minor"),
    [
        ("32,000.00", EN, USD, 3_200_000), ("32000", EN, USD, 3_200_000), ("32000.5", EN, USD, 3_200_050),
        ("184,000,000", EN, KRW, 184_000_000), ("32 000,50", FR, USD, 3_200_050), ("32000.50", FR, USD, 3_200_050),
        ("91,500.000001", EN, USDT, 91_500_000_001), ("1,250.000", EN, USD, 125_000),
    ],
)  # fmt: skip
def test_amounts_as_people_write_them(text: str, reader: Reader, unit: Unit, minor: int) -> None:
    assert typed_amount(text, unit, reader) == minor


@pytest.mark.parametrize(
    ("text", "reader", "unit"),
    [
        ("32000,50", EN, USD), ("1.250", FR, USD), ("12.345", EN, USD), ("1,25", EN, USD), ("0.5", EN, KRW), ("-5", EN, USD),
        ("five", EN, USD), ("1e5", EN, USD), ("١٢", EN, USD), ("", EN, USD), ("1" * 60, EN, USD),
    ],
)  # fmt: skip
def test_what_could_mean_two_amounts_or_none_stays_as_it_was_typed(text: str, reader: Reader, unit: Unit) -> None:
    assert typed_amount(text, unit, reader) == text


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-13-01T10:00", "2026-02-30T10:00", "2026-03-04", "99999-01-01T00:00"]
)
def test_what_is_no_moment_stays_as_it_was_typed(text: str) -> None:
    assert typed_moment(text, EN) == text


def test_digits_are_those_of_the_currency() -> None:
    assert (known_digits("KRW"), known_digits("USD"), known_digits("USDT")) == (0, 2, 6)
    assert known_digits("NOTACOIN") is None
    assert unit_of({"currency": "NOTACOIN", "digits": 9}, None) == Unit("NOTACOIN", 9)
    assert unit_of({"currency": "NOTACOIN"}, USD) is None
    assert unit_of({}, USD) == USD


def read(reader: Reader, **typed: str) -> dict[str, Any]:
    return FormShape(schema(Played), reader).read([(f"f.{name}", value) for name, value in typed.items()])


def test_a_form_is_typed_in_decimals_and_ones_own_time() -> None:
    got = read(SEOUL, amount="32,000.00", currency="USD", digits="2", at="2026-03-04T10:42")
    assert got == {"amount": 3_200_000, "currency": "USD", "digits": 2, "at": 1_772_588_520_000}


def test_the_digits_of_a_known_currency_are_never_typed_wrong() -> None:
    """The form proposes 2, and somebody types won."""
    got = read(EN, amount="184,000,000", currency="KRW", digits="2", at="2026-03-04T01:42:00")
    assert (got["amount"], got["digits"]) == (184_000_000, 0)


def test_faults_say_how_to_write_it() -> None:
    shape = FormShape(schema(Played))
    got = shape.read([("f.amount", "12.345"), ("f.currency", "USD"), ("f.at", "soon")])
    found = faults(shape.fields(got), words("en"))
    assert "1250.00" in found["amount"]
    assert "time of day" in found["at"]
    nothing = faults(
        shape.fields(shape.read([("f.amount", "5"), ("f.currency", "NEWCOIN"), ("f.at", "2026-03-04T01:42")])),
        words("en"),
    )
    assert "currency" in nothing["amount"]


def test_an_amount_without_its_own_currency_counts_in_the_records() -> None:
    shape = FormShape(schema(Part), EN, USD)
    assert shape.read([("f.stays", "1,150.00")]) == {"stays": 115_000}
    assert shape.fields({"stays": 115_000})[0].shown == "1150.00"
    bare = FormShape(schema(Part))
    assert bare.fields({"stays": 115_000})[0].control == "number", "nobody says in what: minor units, as declared"
    assert bare.read([("f.stays", "115000")]) == {"stays": 115_000}


def test_lines_of_a_form_say_amounts_and_moments_and_no_digits() -> None:
    lines = values({"amount": 5, "currency": "USD", "digits": 2, "at": 1000}, schema(Played))
    assert [(line.label, line.parts) for line in lines] == [
        ("amount", (("5", USD),)), ("currency", (("USD", False),)), ("at", (("1000", None),)),
    ]  # fmt: skip
    assert values({"amount": 5, "currency": "USD", "digits": 2, "at": 0}, schema(Played))[-1].label == "currency", (
        "0 says nothing"
    )
