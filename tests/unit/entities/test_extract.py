"""Selectors in free text: found in ten languages, measured on 2,400 texts; nothing found that only looks so; linear in time."""

from __future__ import annotations

import json
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spean.cli.main import main
from spean.core.errors import InvalidInput
from spean.entities.extract import Found, extract
from spean.entities.extract.model import see

BTC, SOL = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"


def found(text: str, country: str = "") -> list[tuple[str, str]]:
    return [(each.kind, each.clean) for each in extract(text, country)]


def test_precision_and_recall_on_generated_texts(said_texts: object) -> None:
    texts = said_texts(2_400, 7)  # type: ignore[operator]
    right = wrong = missed = 0
    for said in texts:
        got = set(found(said.text, said.country))
        right, wrong, missed = (
            right + len(got & said.names),
            wrong + len(got - said.names),
            missed + len(said.names - got),
        )
    assert right > 3_000
    assert right / (right + wrong) >= 0.99
    assert right / (right + missed) >= 0.98


@pytest.fixture
def said_texts(monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    from saidtexts import texts  # type: ignore[import-not-found]

    return texts


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("Tel:+855-12-345-678", "", [("phone", "+85512345678")]),
        ("+66 (0)81 234 5678", "", [("phone", "+66812345678")]),
        ("โทร ๐๘๑-๒๓๔-๕๖๗๘", "", [("phone", "+66812345678")]),
        ("https://wa.me/85512345678", "", [("phone", "+85512345678")]),
        (f"pay {BTC} or solana {SOL}", "", [("wallet", f"bip122:000000000019d6689c085ae165831e93:{BTC}"),
                                             ("wallet", f"solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp:{SOL}")]),
        (f"the word {SOL} alone", "", []),
        ("a.b (at) mail [dot] example", "", []),
        ("see hxxp://198[.]51[.]100[.]7:8080/x.", "", [("url", "http://198.51.100.7:8080/x")]),
        ("(http://example.org/a_(b))", "", [("url", "http://example.org/a_(b)")]),
        ("2001:db8::ff00:42:8329 at 10:30:45", "", [("ip", "2001:db8::ff00:42:8329")]),
        ("00:1A:2b:3c:4d:5e", "", [("mac", "00:1a:2b:3c:4d:5e")]),
        ("IMO 9074729 left port", "", [("imo", "IMO9074729")]),
        ("d41d8cd98f00b204e9800998ecf8427e", "", [("hash", "md5:d41d8cd98f00b204e9800998ecf8427e")]),
        ("900101-1234567 그리고 1-2345-67890-12-1", "", [("national-number", "KR:9001011234567"), ("national-number", "TH:1234567890121")]),
        ("USD 500 THB 300", "", [("amount", "500 USD"), ("amount", "300 THB")]),
        ("3억 원 and 1.250.000 đồng", "", [("amount", "300000000 KRW"), ("amount", "1250000 VND")]),
        ("Call 012 345 678", "KH", [("phone", "+85512345678")]),
        ("Call 012 345 678", "", []),
    ],
)  # fmt: skip
def test_one_text(text: str, country: str, expected: list[tuple[str, str]]) -> None:
    assert found(text, country) == expected


@pytest.mark.parametrize(
    "text",
    ["1490154203237518", "490154203237518 1234", "IMEI 4901542032375189012", "90-154203-237518-49", "4901542032375180000000",
     "35 780502 398494 23", "490154203237510"],
)  # fmt: skip
def test_no_device_inside_longer_numbers(text: str) -> None:
    assert "imei" not in {kind for kind, _ in found(text, "KH")}


def test_places_are_those_of_the_text_in_every_script() -> None:
    text = "សូមទូរស័ព្ទ ០១២ ៣៤៥ ៦៧៨ ឬ\u200bគណនី ០០១២៣៤៥៦៧៨៩ ＩＢＡＮ ＤＥ８９ ３７０４ ００４４ ０５３２ ０１３０ ００ İ x@mail.example"
    got = extract(text, "KH")
    assert [(each.kind, each.clean) for each in got] == [
        ("phone", "+85512345678"), ("account", "00123456789"), ("iban", "DE89370400440532013000"), ("email", "x@mail.example"),
    ]  # fmt: skip
    assert all(text[each.start : each.end] == each.value for each in got)
    assert got[0].value == "០១២ ៣៤៥ ៦៧៨"


def test_an_address_of_many_chains_says_which_others() -> None:
    (each,) = extract("0x4f47bc496083c727c5fbe3ce9cdf2b0f6496270c")
    assert each.clean == "eip155:1:0x4f47bc496083c727c5fbe3ce9cdf2b0f6496270c"
    assert "bnb-smart" in each.also


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=120), st.text("0123456789+-. ()@:/<x0[]abTL฿๑", max_size=120)))
def test_any_text_gives_values_in_order_that_do_not_overlap(text: str) -> None:
    seen = see(text)
    assert len(seen.shadow) == len(seen.low) == len(text)
    got: list[Found] = extract(text, "KH")
    assert all(one.end <= other.start for one, other in pairwise(got))
    assert all(text[each.start : each.end] == each.value and each.clean for each in got)


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "1 ",
        "1.",
        "a.",
        "@",
        "<",
        "+1 ",
        "a@",
        "0x",
        "http://",
        "account ",
        "line id ",
        "(0",
        "A<",
        "bc1qqqqqqqqqqqqqqqqqqqqqqqqqqq ",
    ],
)
def test_hostile_texts_take_time_by_their_length_only(unit: str) -> None:
    def seconds(size: int) -> float:
        text = (unit * (size // len(unit) + 1))[:size]
        begin = time.process_time()
        extract(text, "KH")
        return time.process_time() - begin

    seconds(1_000)
    assert seconds(40_000) < 20 * max(seconds(4_000), 0.002)


def test_the_command_prints_one_object_a_value(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["extract", "--json", "--country", "kh", "call 012 345 678 or a@mail.example"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        {"kind": "phone", "value": "012 345 678", "clean": "+85512345678", "start": 5, "end": 16},
        {"kind": "email", "value": "a@mail.example", "clean": "a@mail.example", "start": 20, "end": 34},
    ]
    file = tmp_path / "note.txt"
    file.write_text("\ufeffIMEI 490154203237518", encoding="utf-8")
    assert main(["extract", str(file)]) == 0
    assert "490154203237518" in capsys.readouterr().out
    assert main(["extract", "nothing here"]) == 0
    assert "Nothing was found" in capsys.readouterr().out
    file.write_bytes(b"\xff\xfe")
    assert main(["extract", str(file)]) == 2
    assert main(["extract", "--country", "QQ", "x"]) == 2
    with pytest.raises(InvalidInput):
        extract("x", "Nowhere")
