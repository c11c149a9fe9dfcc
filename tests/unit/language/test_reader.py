"""Times, days and numbers as the reader wants them; typed days are stored as ISO (A7)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spean.core.errors import InvalidInput
from spean.core.world import DAY, HOUR, MINUTE, SECOND, from_iso
from spean.web.language.reader import CALENDARS, Reader, exponent, masked, read_date

BANGKOK = Reader("en", "Asia/Bangkok", "buddhist")
PARIS = Reader("fr", "Europe/Paris")
MARCH = from_iso("2026-03-04T01:41:05Z")
days = st.dates(date(1900, 1, 1), date(2199, 12, 31))


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("\N{MINUS SIGN}", "-")


def test_a_moment_by_the_readers_clock_with_utc_beside_it() -> None:
    assert plain(BANGKOK.both(MARCH)) == "4 March 2569, 08:41 (01:41 UTC)"
    assert plain(PARIS.both(MARCH)) == "4 mars 2026, 02:41 (01:41 UTC)"
    assert plain(Reader().both(MARCH)) == "4 March 2026, 01:41 UTC"
    assert BANGKOK.machine(MARCH) == "2026-03-04T01:41:05.000Z"
    assert BANGKOK.clock(MARCH) == "08:41:05"


def test_utc_names_its_day_when_it_is_another() -> None:
    new_york = Reader("en", "America/New_York")
    assert plain(new_york.both(MARCH)) == "3 March 2026, 20:41 (4 March 2026, 01:41 UTC)"


def test_the_zone_as_an_offset() -> None:
    zones = {"Asia/Bangkok": "UTC+7", "Asia/Yangon": "UTC+6:30", "America/New_York": "UTC-5", "UTC": "UTC"}
    assert {name: plain(Reader(time_zone=name).zone_name(MARCH)) for name in zones} == zones


@pytest.mark.parametrize("name", ["", "Nowhere/Land", "../../etc/passwd", "x" * 5000, "Asia/\0"])
def test_an_unknown_zone_is_utc_and_says_so(name: str) -> None:
    assert Reader(time_zone=name).both(MARCH).endswith("UTC")


@pytest.mark.parametrize(
    ("typed", "calendar"),
    [
        ("2026-03-04", "gregorian"), ("4/3/2026", "gregorian"), ("04.03.2026", "gregorian"), (" 2026-3-4 ", "gregorian"),
        ("4/3/2569", "buddhist"), ("๔/๓/๒๕๖๙", "buddhist"), ("2569-03-04", "buddhist"), ("2026-03-04", "buddhist"),
        ("៤/៣/២០២៦", "gregorian"), ("၄/၃/၂၀၂၆", "gregorian"),
    ],
)  # fmt: skip
def test_the_thai_year_2569_is_stored_as_2026(typed: str, calendar: str) -> None:
    assert read_date(typed, calendar) == "2026-03-04"


@pytest.mark.parametrize(
    ("typed", "calendar", "why", "remedy"),
    [
        ("4/3/2569", "gregorian", "the year 2569 does not fit", "e.g. 2026"),
        ("4/3/2026", "buddhist", "the year 2026 does not fit", "e.g. 2569"),
        ("31/2/2026", "gregorian", "no day 31 in month 2", "correct"),
        ("2026-13-01", "gregorian", "no day 1 in month 13", "correct"),
        ("tomorrow", "gregorian", "is no date", "day/month/year"),
        ("", "gregorian", "is no date", "day/month/year"),
        ("4/3/26", "gregorian", "is no date", "day/month/year"),
        ("1/1/0001", "gregorian", "the year 1 does not fit", "e.g. 2026"),
    ],
)
def test_nonsense_is_refused_with_field_rule_and_remedy(typed: str, calendar: str, why: str, remedy: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_date(typed, calendar, field="starts")
    told = caught.value.diagnostics()
    assert told["field"] == "starts"
    assert told["rule"] == "form"
    assert why in told["why"]
    assert remedy in told["remedy"]


@given(days, st.sampled_from(CALENDARS))
def test_what_is_shown_for_typing_reads_back(day: date, calendar: str) -> None:
    reader = Reader(calendar=calendar)
    assert read_date(reader.typed(day.isoformat()), calendar) == day.isoformat()
    assert read_date(day.isoformat(), calendar) == day.isoformat()


@given(st.text(max_size=60), st.sampled_from(CALENDARS))
def test_any_text_is_a_day_or_refused(text: str, calendar: str) -> None:
    try:
        day = read_date(text, calendar)
    except InvalidInput:
        return
    assert date.fromisoformat(day).isoformat() == day


@given(days)
def test_the_two_calendars_differ_by_543_years_only(day: date) -> None:
    ours, thai = Reader().date(day.isoformat()), Reader(calendar="buddhist").date(day.isoformat())
    assert ours.replace(str(day.year), str(day.year + 543)) == thai


def test_what_is_no_day_is_shown_as_it_is() -> None:
    assert Reader().date("") == ""
    assert Reader().typed("open") == "open"


def test_first_of_the_month_in_french() -> None:
    assert plain(PARIS.date("2026-08-01")) == "1er août 2026"


@pytest.mark.parametrize(
    ("milliseconds", "shown"),
    [
        (2 * MINUTE + 10 * SECOND, "2:10"), (0, "0:00"), (999, "0:00"), (59 * MINUTE + 59_999, "59:59"), (HOUR, "1 h 00"),
        (3 * HOUR + 25 * MINUTE + 50_000, "3 h 25"), (47 * HOUR, "47 h 00"), (2 * DAY, "2 d"), (6 * DAY + 23 * HOUR, "6 d"),
        (-65 * SECOND, "-1:05"),
    ],
)  # fmt: skip
def test_what_is_left_of_a_clock(milliseconds: int, shown: str) -> None:
    assert plain(Reader().left(milliseconds)) == shown


def test_days_left_in_french() -> None:
    assert plain(PARIS.left(6 * DAY)) == "6 j"


def test_a_length_of_time_in_words() -> None:
    length = 3 * HOUR + 25 * MINUTE + 3
    assert plain(Reader().duration(length)) == "3 hours 25 minutes"
    assert plain(PARIS.duration(length)) == "3 heures 25 minutes"
    assert plain(Reader().duration(DAY)) == "1 day"
    assert plain(Reader().duration(0)) == "0 seconds"
    assert plain(PARIS.duration(0)) == "0 seconde"
    assert plain(Reader().duration(2 * DAY + MINUTE)) == "2 days"


@given(st.integers(-(10**18), 10**18), st.sampled_from(["en", "fr"]))
def test_grouping_changes_no_digit(value: int, language: str) -> None:
    shown = plain(Reader(language).number(value))
    assert int(shown.replace(",", "").replace(" ", "")) == value
    assert all(len(group) == 3 for group in shown.lstrip("-").replace(",", " ").split()[1:])


@given(st.integers(-(10**15), 10**15), st.sampled_from(["THB", "KRW", "KWD", "USDT", "BTC", "CLF"]))
def test_an_amount_shows_every_minor_unit(minor: int, currency: str) -> None:
    shown, code = plain(Reader().amount(minor, currency)).rsplit(" ", 1)
    assert code == currency
    assert int(shown.replace(",", "").replace(".", "")) == minor


def test_amounts_by_currency() -> None:
    assert plain(Reader().amount(125_000, "THB")) == "1,250.00 THB"
    assert plain(Reader().amount(38_000_000, "KRW")) == "38,000,000 KRW"
    assert plain(PARIS.amount(-1_234_567, "EUR")) == "-12 345,67 EUR"
    assert exponent("JPY") == 0


@pytest.mark.parametrize("code", ["", "thb", "T1B", "THBTHB", "ก"])
def test_what_is_no_currency_is_refused(code: str) -> None:
    with pytest.raises(InvalidInput):
        Reader().amount(1, code)


@given(st.text(alphabet="0123456789", min_size=0, max_size=40))
def test_a_masked_account_never_shows_more_than_eight_characters(account: str) -> None:
    shown = masked(account).replace("•", "")
    assert len(shown) <= min(8, max(len(account) - 3, 0))


def test_an_account_is_masked_in_the_middle() -> None:
    assert masked("071234564410") == "0712••••4410"
    assert masked("12") == "••••"
    assert (masked("KH88040012"), masked("12345678")) == ("••••0012", "••••78"), "as the hold board writes it"


@given(
    st.integers(0, int(timedelta(days=40_000).total_seconds() * 1000)), st.sampled_from(["Asia/Bangkok", "Asia/Yangon"])
)
def test_any_moment_can_be_shown(milliseconds: int, zone: str) -> None:
    assert "UTC" in Reader("fr", zone, "buddhist").both(milliseconds)
