"""Every value type: one form for equal values, refusals with a remedy, masks that hide; zones and numbers by published examples."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from spean.core.errors import InvalidInput
from spean.entities.values.country import CODES
from spean.entities.values.dates import DATE, consistent, precision
from spean.entities.values.device import IMAGE_HASH, luhn
from spean.entities.values.mrz import MRZ, check_digit, transliterate
from spean.entities.values.types import NAMES, value_type

ALIKE = [
    ("date", "1988-04-02", ["1988-04-02", "2531-04-02", "02/04/2531", "2 April 1988", "April 2, 1988", "2 เม.ย. 2531", "1988年4月2日",
                            "民國77年4月2日", "๒/๔/๒๕๓๑", "2 avr. 1988", "1988-04-02T10:00:00Z", "พ.ศ. 2531-04-02", "1988년 4월 2일"]),
    ("date", "1988-04", ["1988-04", "04/1988", "1988年4月", "April 1988"]),
    ("date", "2026", ["2026", "2569", "BE 2569", "២៥៦៩", "၂၅၆၉"]),
    ("url", "https://bad.example/a%20b?x=~y", ["hxxps://Bad[.]Example/a b?x=%7ey#f", "https://bad.example:443/a%20b?x=~y"]),
    ("url", "http://192.0.2.1/", ["http://192.0.2[.]1", "hxxp://192.0.2.1:80/"]),
    ("domain", "xn--r8jz45g.jp", ["例え.jp", "例え。jp", "XN--R8JZ45G.jp."]),
    ("email", "a.b@example.org", ["A.B@Example.org", "mailto:a.b@example.org", "a.b[at]example[.]org"]),
    ("ip", "2001:db8::1", ["2001:0db8:0:0:0:0:0:1", "[2001:db8::1]"]),
    ("ip", "192.0.2.1", ["::ffff:192.0.2.1", "192[.]0[.]2[.]1"]),
    ("mac", "00:1a:2b:3c:4d:5e", ["00-1A-2B-3C-4D-5E", "001a.2b3c.4d5e"]),
    ("imei", "490154203237518", ["49-015420-323751-8", "49015420323751", "4901542032375101", "៤៩០១៥៤២០៣២៣៧៥១៨"]),
    ("imo", "IMO9074729", ["9074729", "IMO 9074729", "imo:9074729"]),
    ("vin", "1M8GDM9AXKP042788", ["1m8gdm9axkp042788", "1M8-GDM9AXKP 042788"]),
    ("plate", "KH:2A1234", ["KH:2A-1234", "KHM: 2a 1234"]),
    ("document", "KH:N0123456", ["KH:N0123456", "KHM:N 0123456", "KH: n-0123456"]),
    ("national-number", "CN:11010519491231002X", ["CN:11010519491231002x", "CHN:110105 19491231 002X"]),
    ("national-number", "SG:S1234567D", ["SG:s1234567d"]),
    ("national-number", "HK:A1234563", ["HK:A123456(3)"]),
    ("national-number", "TW:A123456789", ["TW:a123456789"]),
    ("national-number", "TH:1234567890121", ["TH:1-2345-67890-12-1", "TH:๑-๒๓๔๕-๖๗๘๙๐-๑๒-๑"]),
    ("country", "KH", ["kh", "KHM"]), ("country", "DE", ["D<<", "DEU"]),
    ("point", "11.556389,104.928194", ["11°33'23\"N 104°55'41.5\"E", "11.556389, 104.928194"]),
    ("point", "-6.200000,106.800000", ["6.2°S 106.8°E", "-6.2,106.8"]),
    ("area", "11.500000,104.900000 11.600000,104.900000 11.600000,105.000000",
     ["11.5,104.9 11.6,104.9 11.6,105", "11.5,104.9 11.6,104.9 11.6,105 11.5,104.9"]),
    ("handle", "telegram:uncle_nine", ["telegram:@Uncle_Nine", "https://t.me/Uncle_Nine", "tg: uncle_nine", "hxxps://t[.]me/uncle_nine"]),
    ("hash", "md5:d41d8cd98f00b204e9800998ecf8427e", ["D41D8CD98F00B204E9800998ECF8427E", "MD5:d41d8cd98f00b204e9800998ecf8427e"]),
    ("amount", "1200.50 USD", ["1,200.50 usd", "USD 1200.50"]),
    ("moment", "2026-03-03T18:41:00Z", ["2026-03-04T01:41:00+07:00"]),
    ("account", "HNBKKRSE/110222402", ["HNBKKRSEXXX/110-222 402", "hnbkkrse/110222402"]),
    ("account", "DE89370400440532013000", ["DE89 3704 0044 0532 0130 00"]),
    ("name", "Sok Dara", ["  Sok   Dara ", "Sok\u200b Dara"]),
    ("code", "AB-12", ["ab - 12"]), ("sex", "female", ["Female"]), ("number", "12", ["12", " 12 "]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "clean", "written"), ALIKE, ids=lambda each: str(each)[:20])
def test_equal_values_have_one_form(name: str, clean: str, written: list[str]) -> None:
    kind = value_type(name)
    assert kind.clean(clean) == clean
    for each in written:
        assert kind.clean(each) == clean
        assert kind.compare(each, clean)


WRONG = [
    ("imei", "490154203237517"), ("imei", "000000000000000"), ("imei", "111111111111119"), ("imo", "9074728"),
    ("vin", "1M8GDM9A1KP042788"), ("vin", "IM8GDM9AXKP042788"), ("national-number", "CN:110105194912310021"),
    ("national-number", "TH:1234567890122"), ("national-number", "SG:S1234567A"), ("national-number", "HK:A1234564"),
    ("national-number", "TW:A123456788"), ("national-number", "VN:097088012345"), ("national-number", "ID:3204094113880001"),
    ("date", "1988-02-30"), ("date", "0001"), ("date", "yesterday"), ("point", "91,0"), ("point", "0"), ("area", "1,1 2,2"),
    ("url", "javascript:alert(1)"),
    ("url", "http://"), ("domain", "a..b"), ("domain", "localhost"), ("email", "a@b"), ("email", ".a@b.org"), ("ip", "300.1.1.1"), ("country", "QQ"),
    ("handle", "telegram:ab"), ("handle", "unknown:abc"), ("hash", "abc"), ("hash", "sha1:d41d8cd98f00b204e9800998ecf8427e"), ("plate", "2A1234"),
    ("document", "KH:12"), ("amount", "5"), ("moment", "2026-03-04T01:41:00"), ("account", "12"), ("sex", "no"), ("name", " \u200b "),
    ("mac", "00:1a"),
    ("image-hash", "pdq:00"), ("code", "---"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text"), WRONG)
def test_what_is_none_is_refused_with_a_remedy(name: str, text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        value_type(name).clean(text)
    assert caught.value.remedy


@pytest.mark.parametrize("name", NAMES)
@example(text="0.A0")  # a host name that ends in a digit is no address
@settings(max_examples=60, deadline=None)
@given(st.one_of(st.text(max_size=60), st.text("0123456789+-:/.@ABCDEFKHTN<", max_size=40)))
def test_any_text_is_a_value_or_refused(name: str, text: str) -> None:
    kind = value_type(name)
    try:
        clean = kind.clean(text)
    except InvalidInput:
        return
    assert kind.clean(clean) == clean
    assert kind.agree(clean, clean)
    assert kind.keys(clean)
    assert kind.mask(clean)


@pytest.mark.parametrize(
    ("name", "text"),
    [(name, clean) for name, clean, _ in ALIKE if name not in ("country", "imo", "sex")]
    + [("wallet", "tron:TAYhjpL8pPs8T84FSM329nffQpc6jD8GBM"), ("phone", "+85512345678")],
)
def test_a_mask_shows_no_whole_value(name: str, text: str) -> None:
    kind = value_type(name)
    assert "…" in kind.mask(text)
    assert kind.clean(text) not in kind.mask(text)


def test_less_said_may_be_the_same() -> None:
    document, account, wallet = value_type("document"), value_type("account"), value_type("wallet")
    assert document.keys("KH:N0123456") == document.keys("N0123456")
    assert document.agree("KH:N0123456", "N0123456")
    assert not document.agree("KH:N0123456", "TH:N0123456")
    assert account.agree("HNBKKRSE/110222402", "110222402")
    assert not account.agree("HNBKKRSE/110222402", "MKBAKHPP/110222402")
    one, other = (f"eip155:{chain}:0x4f47bc496083c727c5fbe3ce9cdf2b0f6496270c" for chain in (1, 56))
    assert wallet.keys(one) == wallet.keys(other)
    assert wallet.agree(one, other)


def test_dates_know_their_precision() -> None:
    assert [precision(each) for each in ("1988", "1988-04", "1988-04-02")] == ["year", "month", "day"]
    assert consistent("1988", "1988-04-02")
    assert not consistent("1988-05", "1988-04-02")
    assert DATE.mask("1988-04-02") == "198…"


def test_images_differ_in_bits() -> None:
    assert IMAGE_HASH.distance("phash:00000000000000ff", "phash:0000000000000000") == 8
    assert IMAGE_HASH.distance("phash:00000000000000ff", "pdq:" + "0" * 64) is None


# zones: the specimens of ICAO Doc 9303, parts 4, 5 and 6 (appendices) ------------------------------------------------------
TD3 = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
TD1 = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"
TD2 = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6"


@pytest.mark.parametrize(
    ("zone", "size", "number"), [(TD3, "TD3", "L898902C3"), (TD1, "TD1", "D23145890"), (TD2, "TD2", "D23145890")]
)
def test_the_specimens_of_the_standard_are_read(zone: str, size: str, number: str) -> None:
    read = MRZ.read(zone, 2026)
    assert (read.format, read.number, read.issuer, read.nationality) == (size, number, "UTO", "UTO")
    assert (read.surname, read.given, read.name) == ("ERIKSSON", "ANNA MARIA", "ERIKSSON, ANNA MARIA")
    assert (read.birth, read.expires, read.sex) == ("1974-08-12", "2012-04-15", "female")
    assert MRZ.clean(zone.replace("\n", " \r\n ").lower()) == zone
    assert MRZ.clean(zone.replace("\n", "")) == zone


def test_a_long_number_goes_on_in_the_optional_data() -> None:
    number = "D23145890734"
    rest = check_digit(number)
    first = f"I<UTO{number[:9]}<{number[9:]}{rest}".ljust(30, "<")
    second = "7408122F1204159UTO".ljust(29, "<")
    whole = check_digit(first[5:30] + second[0:7] + second[8:15] + second[18:29])
    read = MRZ.read(f"{first}\n{second}{whole}\n" + "ERIKSSON<<ANNA".ljust(30, "<"), 2026)
    assert read.number == number


@pytest.mark.parametrize("zone", [TD3, TD1, TD2])
def test_every_changed_digit_is_noticed(zone: str) -> None:
    lines = zone.split("\n")
    data = lines[0][5:15] + lines[1] if len(lines) == 3 else lines[1]
    start = zone.index(data) if len(lines) == 2 else 5
    for at in [place for place, char in enumerate(zone) if char.isdigit() and place >= start]:
        changed = zone[:at] + str((int(zone[at]) + 1) % 10) + zone[at + 1 :]
        with pytest.raises(InvalidInput, match="check digit"):
            MRZ.clean(changed)


def test_unknown_parts_and_centuries_of_dates() -> None:
    second = (
        "L898902C3"
        + "6UTO"
        + "88<<<<"
        + str(check_digit("88<<<<"))
        + "F360101"
        + str(check_digit("360101"))
        + "<" * 14
        + "<"
    )
    whole = check_digit(second[:10] + second[13:20] + second[21:43])
    read = MRZ.read(TD3.split("\n")[0] + "\n" + second + str(whole), 2026)
    assert (read.birth, read.expires) == ("1988", "2036-01-01")
    assert MRZ.read(TD3, 2100).birth == "2074-08-12"


def test_names_are_written_as_a_zone_prints_them() -> None:
    assert transliterate("Nguyễn Thị Thu-Hương") == "NGUYEN<THI<THU<HUONG"
    assert transliterate("O'Neil Müller-Straße, Þór Ångström") == "ONEIL<MUELLER<STRASSE<THOR<AANGSTROEM"


def test_check_digits() -> None:
    assert check_digit("520727") == 3
    assert luhn("49015420323751") == 8
    assert len(CODES) == 251
