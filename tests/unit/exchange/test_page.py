from __future__ import annotations

import random
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spean.core.errors import InvalidInput, TooMuch
from spean.exchange.make import Made
from spean.exchange.page import (
    MAX_PAGE,
    BatchSeal,
    Delivery,
    Forward,
    GiveBack,
    Item,
    Page,
    Pull,
    ReceiptItem,
    Returned,
    ReturnedFact,
    ReturnedItem,
    decode_give_back,
    decode_hashes,
    decode_page,
    decode_pull,
    decode_returned,
    encode,
)

Make = Callable[..., Made]
SIGNATURE, SEALED, WRAPPED, HASH = b"s" * 64, b"z" * 80, b"w" * 48, b"h" * 32


def item(seq: int, **changes: object) -> Item:
    values = {"payload": b"{}", "key_id": "KR-1", "signature": SIGNATURE, "index": seq, "content": b"c" * 60}
    return Item(seq, **{**values, **changes})  # type: ignore[arg-type]


def page(**changes: object) -> Page:
    forward = Forward("TH", "ab" * 32)
    values: dict[str, object] = {
        "sender": "KR",
        "after": 4,
        "top": 9,
        "items": [
            item(5, sealed=SEALED),
            item(6, wrapped=WRAPPED, batch="b1"),
            item(7, content=None),
            item(8, sealed=SEALED, forward=forward),
        ],
        "batch_seals": [BatchSeal("b1", SEALED)],
        "checkpoint": b"note",
        "old_size": 3,
        "consistency": [HASH],
        "proof": [HASH, HASH],
        "receipted": 2,
        "now": 1_772_586_000_000,
    }
    return Page(**{**values, **changes})  # type: ignore[arg-type]


def pull(**changes: object) -> Pull:
    receipt = ReceiptItem(b"{}", "KH-1", SIGNATURE)
    values: dict[str, object] = {
        "after": 4, "wait_ms": 25_000, "limit": 256, "known_size": 3, "receipts": [receipt], "cosignature": b"line",
        "seen": [b"note"], "now": 1,
    }  # fmt: skip
    return Pull(**{**values, **changes})  # type: ignore[arg-type]


def test_pages_and_pulls_come_back_as_they_were() -> None:
    assert decode_page(encode(page())) == page()
    assert decode_pull(encode(pull())) == pull()
    for asked in (GiveBack(5, 100, 1), GiveBack(5, 100, 1, True, 4, 9)):
        assert decode_give_back(encode(asked)) == asked
    fact = ReturnedFact(b"{}", "KR-1", SIGNATURE, b"c" * 48, b"s" * 80)
    items = [ReturnedItem(5, HASH, 2, False, None, fact), ReturnedItem(None, HASH, 3, True, 9)]
    returned = Returned("KH", items, [Delivery(7, HASH)], b"note", b"", False, 1)
    assert decode_returned(encode(returned)) == returned
    assert decode_hashes(encode([HASH, HASH])) == [HASH, HASH]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"items": [item(5), item(7)]}, "place 6"),
        ({"items": [item(5), item(5)]}, "place 6"),
        ({"items": [item(4)]}, "place 5"),
        ({"items": [item(5)], "top": 4}, "beyond top"),
        ({"items": [item(5, sealed=SEALED, wrapped=WRAPPED, batch="b")]}, "two seals"),
        ({"items": [item(5, wrapped=WRAPPED)]}, "no batch"),
        ({"items": [item(5, sealed=SEALED[:-1])]}, "length"),
        ({"items": [item(5, signature=b"")]}, "length"),
        ({"items": [item(5, payload=b"x" * 16_385)]}, "length"),
        ({"items": [item(5, content=b"x" * (1024 * 1024 + 49))]}, "length"),
        ({"items": [item(number + 5) for number in range(1025)], "top": 2000}, "length"),
        ({"items": [item(5, forward=Forward("thai"))]}, "regex"),
        ({"items": [item(5, forward=Forward("TH", "AB" * 32))]}, "regex"),
        ({"sender": "korea"}, "regex"),
        ({"sender": "KR\n"}, "regex"),
        ({"after": -1}, ">= 0"),
        ({"top": 2**60}, "<="),
        ({"proof": [b"short"]}, "length"),
        ({"consistency": [HASH] * 65}, "length"),
        ({"checkpoint": b"x" * 20_000}, "length"),
    ],
)
def test_a_page_out_of_bounds_is_refused(changes: dict[str, object], why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        decode_page(encode(page(**changes)))


@pytest.mark.parametrize(
    "changes",
    [
        {"wait_ms": 60_001},
        {"wait_ms": -1},
        {"limit": 1025},
        {"receipts": [ReceiptItem(b"{}", "KH-1", SIGNATURE)] * 1025},
        {"seen": [b"n"] * 65},
        {"cosignature": b"x" * 1025},
    ],
)
def test_a_pull_out_of_bounds_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        decode_pull(encode(pull(**changes)))


def test_sixteen_mebibytes_are_enough() -> None:
    with pytest.raises(TooMuch):
        decode_page(b"\0" * (MAX_PAGE + 1))
    large = [item(number + 5, content=b"x" * 1024 * 1024) for number in range(16)]
    with pytest.raises(TooMuch, match="ask for less"):
        encode(page(items=large, top=100))


def test_a_field_too_many_or_too_few_is_refused() -> None:
    fields = msgspec.msgpack.decode(encode(page()))
    for wrong in ([*fields, "more"], fields[:-2], {"sender": "KR"}):
        with pytest.raises(InvalidInput):
            decode_page(msgspec.msgpack.encode(wrong))


@pytest.mark.parametrize(
    "bomb",
    [
        b"",
        b"\xdd\xff\xff\xff\xff",
        b"\x9c\xa2KR\x04\x09\xdd\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        b"\xdf\xff\xff\xff\xff",
        b"\x91" * 100_000,
        b"\x9c\xa2KR\x04\x09" + b"\x91" * 100_000,
        b"\x81" * 100_000,
    ],
)
def test_promised_lengths_and_deep_nesting_cost_nothing(bomb: bytes) -> None:
    for decode in (decode_page, decode_pull, decode_give_back, decode_hashes, decode_returned):
        with pytest.raises(InvalidInput):
            decode(bomb)


@given(st.binary(max_size=200))
def test_garbage_is_invalid_and_nothing_else(data: bytes) -> None:
    for decode in (decode_page, decode_pull, decode_give_back, decode_hashes, decode_returned):
        try:
            decode(data)
        except (InvalidInput, TooMuch):
            continue
        # Few short byte strings are messages: then they must be exactly what they mean.
        assert decode in (decode_give_back, decode_hashes, decode_pull)


@pytest.mark.parametrize(
    ("items", "more", "why"),
    [
        ([(5, False), (4, False)], False, "leaf 4 after 5"),
        ([(None, True), (4, False)], False, "leaf 4 after"),
        ([(None, False)], False, "without its leaf"),
        ([(None, True)], True, "more is promised"),
        ([], True, "more is promised"),
    ],
)
def test_what_is_given_back_stands_in_order(items: list[tuple[int | None, bool]], more: bool, why: str) -> None:
    leaves = [ReturnedItem(index, HASH, 1, sent) for index, sent in items]
    with pytest.raises(InvalidInput, match=why):
        decode_returned(encode(Returned("KH", leaves, [], b"", b"", more, 1)))


def test_every_truncation_is_refused() -> None:
    for whole, decode in ((encode(page()), decode_page), (encode(pull()), decode_pull)):
        for length in range(len(whole)):
            with pytest.raises(InvalidInput):
                decode(whole[:length])


@settings(max_examples=300)
@given(st.integers(0, 2**32))
def test_altered_bytes_are_refused_or_another_page_but_never_a_crash(seed: int) -> None:
    chance, data = random.Random(seed), bytearray(encode(page()))
    for _ in range(chance.randint(1, 4)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    try:
        decoded = decode_page(bytes(data))
    except (InvalidInput, TooMuch):
        return
    assert decode_page(encode(decoded)) == decoded
