from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spean.core.canonical import canonical
from spean.core.errors import InvalidInput, TooMuch
from spean.core.fact import Envelope, Header
from spean.core.marks import Data, Handling, Nature, Purpose, SourceGrade, Subject, Tlp
from spean.exchange.codec import (
    MAX_PAYLOAD,
    UnknownFormat,
    check_depth,
    decode_header,
    encode_header,
    fact_id,
)
from spean.exchange.make import Made

Make = Callable[..., Made]

nodes = st.from_regex(r"[A-Z][A-Z0-9]{1,7}", fullmatch=True)
facts = st.binary(min_size=32, max_size=32).map(bytes.hex)
words = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=60)


def one_of(marks: type) -> st.SearchStrategy[str]:
    return st.sampled_from([str(mark) for mark in marks])


envelopes = st.builds(
    Envelope,
    recipients=st.sets(nodes, min_size=1, max_size=5).map(lambda found: tuple(sorted(found))),
    purpose=one_of(Purpose),
    instrument=words,
    basis=words,
    data=one_of(Data),
    subject=one_of(Subject),
    handling=one_of(Handling),
    tlp=one_of(Tlp),
    source=one_of(SourceGrade),
    grade=st.integers(1, 4),
    nature=one_of(Nature),
    review=st.dates().map(lambda day: day.isoformat()),
    via=st.just("") | nodes,
)
headers = st.builds(
    Header,
    node=nodes,
    unit=words,
    actor=words,
    actor_kind=st.sampled_from(["person", "service", "timer"]),
    time=st.just("2026-03-04T01:41:00.000Z"),
    record=st.just("KR:circular:01K0000000000000000000000A"),
    procedure=st.just("circular"),
    version=st.integers(1, 1000),
    kind=st.sampled_from(["publish", "correct-entry"]),
    builds_on=st.sets(facts, max_size=4).map(lambda found: tuple(sorted(found))),
    envelope=envelopes,
    targets=st.lists(facts, max_size=4, unique=True).map(tuple),
    batch=st.just("") | words,
    commitment=facts,
    size=st.integers(0, 1024 * 1024),
)


@given(headers)
def test_a_header_has_one_byte_string_and_comes_back_from_it(header: Header) -> None:
    payload = encode_header(header)
    assert payload == canonical(asdict(header))
    assert decode_header(payload) == header


def test_the_name_is_the_rfc_6962_leaf_hash(make: Make) -> None:
    fact = make().fact
    assert fact.id == fact_id(fact.payload) == sha256(b"\0" + fact.payload).hexdigest()


def changed(fact_payload: bytes, **changes: object) -> bytes:
    return canonical({**json.loads(fact_payload), **changes})


def test_a_field_that_we_do_not_know_is_refused(make: Make) -> None:
    with pytest.raises(InvalidInput, match="unknown"):
        decode_header(changed(make().fact.payload, extra=1))


def test_a_field_that_is_missing_is_refused_even_with_a_default(make: Make) -> None:
    value = json.loads(make().fact.payload)
    del value["batch"]
    with pytest.raises(InvalidInput, match="missing"):
        decode_header(canonical(value))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda payload: b" " + payload,
        lambda payload: payload + b"\n",
        lambda payload: payload.replace(b'"v":1', b'"v":1.0'),
        lambda payload: payload.replace(b'"v":1', b'"v":1,"v":1'),
        lambda payload: payload.replace(b"art. 4", b"art\\u002e 4"),
        lambda payload: payload[:-1],
        lambda payload: payload.replace(b"art. 4", b"art. \xff"),
        lambda _: b"[1]",
        lambda _: b"",
    ],
)
def test_other_bytes_for_the_same_header_are_refused(make: Make, spoil: Callable[[bytes], bytes]) -> None:
    with pytest.raises(InvalidInput):
        decode_header(spoil(make().fact.payload))


def test_a_newer_format_is_known_as_such_with_what_can_be_read(make: Make) -> None:
    payload = changed(make().fact.payload, v=2, novelty={"deep": [1]}, version="two")
    with pytest.raises(UnknownFormat, match="newer version") as raised:
        decode_header(payload)
    assert raised.value.peek.v == 2
    assert raised.value.peek.record == "KR:information-request:01K0000000000000000000000B"


def test_an_older_or_senseless_format_is_simply_wrong(make: Make) -> None:
    for v in (0, -1, True, "2"):
        with pytest.raises(InvalidInput):
            decode_header(changed(make().fact.payload, v=v))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("purpose", "politics"),
        ("data", "opinion"),
        ("subject", "enemy"),
        ("handling", "H4"),
        ("tlp", "AMBER+"),
        ("source", "D"),
        ("nature", "rumour"),
        ("grade", 5),
        ("grade", 0),
        ("recipients", ("TH", "KH")),
        ("recipients", ("KH", "KH")),
        ("recipients", ()),
        ("recipients", tuple(f"N{number:03}" for number in range(65))),
        ("recipients", ("kh",)),
        ("via", "int"),
        ("review", "2027-02-30"),
        ("review", "20270304"),
        ("basis", ""),
        ("basis", "a\nb"),
        ("instrument", "x" * 121),
    ],
)
def test_marks_come_from_their_closed_lists(make: Make, envelope: Envelope, field: str, value: object) -> None:
    header = replace(make().fact.header, envelope=replace(envelope, **{field: value}))  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match=f"envelope.{field}|node"):
        decode_header(encode_header(header))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("node", "kr"),
        ("unit", ""),
        ("actor", "a\x00b"),
        ("actor_kind", "robot"),
        ("time", "2026-03-04T01:41:00Z"),
        ("time", "2026-13-04T01:41:00.000Z"),
        ("record", "KR:information-request:01"),
        ("procedure", "circular"),
        ("version", 0),
        ("kind", "Ask"),
        ("builds_on", ("b" * 64, "a" * 64)),
        ("builds_on", ("a" * 64, "a" * 64)),
        ("builds_on", ("A" * 64,)),
        ("builds_on", tuple(f"{number:064x}" for number in range(257))),
        ("targets", tuple(f"{number:064x}" for number in range(257))),
        ("targets", ("a" * 64, "a" * 64)),
        ("track", "secret"),
        ("track", "local"),
        ("envelope", None),
        ("batch", "b" * 65),
        ("commitment", "00"),
        ("size", -1),
        ("size", 1024 * 1024 + 1),
    ],
)
def test_each_field_keeps_its_rule(make: Make, field: str, value: object) -> None:
    header = replace(make().fact.header, **{field: value})  # type: ignore[arg-type]
    with pytest.raises(InvalidInput):
        decode_header(encode_header(header))


def test_a_local_fact_has_no_envelope(make: Make) -> None:
    fact = make(track="local", envelope=None).fact
    assert decode_header(fact.payload).envelope is None


def test_the_longest_lists_fit_and_one_byte_too_many_does_not(make: Make) -> None:
    links = tuple(f"{number:064x}" for number in range(200))
    assert decode_header(make(builds_on=links).fact.payload).builds_on == links
    with pytest.raises(InvalidInput, match="16384"):
        make(builds_on=links, targets=links)
    with pytest.raises(InvalidInput, match=str(MAX_PAYLOAD)):
        decode_header(b" " * (MAX_PAYLOAD + 1))


@given(st.binary(max_size=300))
def test_garbage_is_invalid_and_nothing_else(data: bytes) -> None:
    with pytest.raises((InvalidInput, UnknownFormat)):
        decode_header(data)


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
def test_ten_thousand_levels_are_refused_at_once(opening: bytes) -> None:
    document = opening * 10_000
    start = time.process_time()
    for _ in range(10):
        with pytest.raises(TooMuch, match="64 levels"):
            check_depth(document)
    assert (time.process_time() - start) / 10 < 0.002
    with pytest.raises(InvalidInput):
        decode_header(document[:MAX_PAYLOAD])


def test_brackets_in_strings_do_not_count() -> None:
    check_depth(json.dumps(["[" * 1000, '\\"' + "{" * 1000, "\\"]).encode())
    check_depth(b"[]" * 10_000)
    check_depth(b"[" * 64 + b"]" * 64)
    with pytest.raises(TooMuch):
        check_depth(b'["\\"",' + b"[" * 64)


values = st.recursive(st.text(st.sampled_from('ab[]{}\\"'), max_size=6), lambda inner: st.lists(inner, max_size=3) | (
    st.dictionaries(st.text(max_size=3), inner, max_size=3)), max_leaves=30)  # fmt: skip


def depth_of(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    return 1 + max(map(depth_of, value), default=0) if isinstance(value, list) else 0


@given(values)
def test_the_scan_measures_the_depth_that_a_parser_sees(value: object) -> None:
    document, depth = json.dumps(value).encode(), depth_of(value)
    check_depth(document, depth)
    if depth:
        with pytest.raises(TooMuch):
            check_depth(document, depth - 1)
