"""Signed notes: what opens, what does not, and why."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from spean.core.errors import InvalidInput, VerificationFailed
from spean.ledger import ed25519
from spean.ledger.note import (
    COSIGNATURE,
    ED25519,
    MAX_BYTES,
    MAX_SIGNATURES,
    Signature,
    Verifier,
    add_signature,
    check_signature,
    cosigned,
    format_vkey,
    is_key_name,
    open_note,
    parse_note,
    parse_vkey,
    sign_note,
    signature_line,
    stamped,
)

KR = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
TH = Ed25519PrivateKey.from_private_bytes(b"t" * 32)
KR_KEY = Verifier("kr.example/log", ed25519.public_of(KR))
TH_KEY = Verifier("th.example/log", ed25519.public_of(TH))
TEXT = "first line\n\nthird line\n"
NOTE = sign_note(TEXT, KR_KEY.name, KR)
LINE = signature_line(TH_KEY, TH.sign(TEXT.encode()))


def refused(data: bytes, *verifiers: Verifier) -> str:
    with pytest.raises(VerificationFailed) as caught:
        open_note(data, verifiers or (KR_KEY,))
    assert caught.value.what
    assert caught.value.remedy
    return str(caught.value)


def bad_input(make, *arguments) -> str:
    with pytest.raises(InvalidInput) as caught:
        make(*arguments)
    assert caught.value.field
    assert caught.value.remedy
    return str(caught.value)


def test_a_note_opens_under_its_key_only():
    note = open_note(NOTE, [TH_KEY, KR_KEY])
    assert (note.text, note.signed_by) == (TEXT, (KR_KEY,))
    assert [one.name for one in note.signatures] == [KR_KEY.name]
    assert "kr.example/log" in refused(NOTE, TH_KEY)
    assert "No trusted key" in refused(NOTE, Verifier(KR_KEY.name, TH_KEY.public))
    assert "No trusted key" in refused(NOTE, Verifier("kr.example/other", KR_KEY.public))
    with pytest.raises(VerificationFailed):
        open_note(NOTE, [])


def test_the_layout_is_that_of_the_specification():
    value = base64.b64encode(KR_KEY.key_id + KR.sign(TEXT.encode())).decode()
    assert NOTE.decode() == f"{TEXT}\n\u2014 kr.example/log {value}\n"
    material = KR_KEY.name.encode() + b"\n\x01" + KR_KEY.public
    assert KR_KEY.key_id == hashlib.sha256(material).digest()[:4]


def test_unknown_signatures_are_kept_and_ignored():
    data = add_signature(NOTE, LINE)
    assert open_note(data, [KR_KEY]).signed_by == (KR_KEY,)
    assert open_note(data, [TH_KEY]).signed_by == (TH_KEY,)
    assert open_note(data, [TH_KEY, KR_KEY]).signed_by == (KR_KEY, TH_KEY)
    assert len(parse_note(data).signatures) == 2


def test_a_wrong_line_of_a_known_key_spoils_the_note():
    data = NOTE + signature_line(TH_KEY, TH.sign(b"another text")).encode()
    assert open_note(data, [KR_KEY]).signed_by == (KR_KEY,)
    refused(data, KR_KEY, TH_KEY)


def test_the_same_key_twice_counts_once():
    assert open_note(NOTE + NOTE[-len(LINE.encode()) :], [KR_KEY]).signed_by == (KR_KEY,)


def test_a_newer_line_replaces_the_older_of_the_same_key():
    once = add_signature(NOTE, LINE)
    assert add_signature(once, LINE) == once
    again = add_signature(once, signature_line(KR_KEY, KR.sign(TEXT.encode())))
    assert [one.name for one in parse_note(again).signatures] == [TH_KEY.name, KR_KEY.name]
    assert add_signature(NOTE, LINE.removesuffix("\n")) == once
    other_type = signature_line(TH_KEY.witness, stamped(1, bytes(64)))
    assert len(parse_note(add_signature(once, other_type)).signatures) == 3
    with pytest.raises(VerificationFailed):
        add_signature(NOTE, LINE + "\u2014 more lines\n")


@settings(max_examples=80, deadline=None)
@given(st.integers(0, len(NOTE) * 8 - 1))
def test_no_bit_can_be_flipped(bit):
    data = bytearray(NOTE)
    data[bit // 8] ^= 1 << bit % 8
    refused(bytes(data))


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=80).map(lambda text: text.encode("utf-8", "replace")))
def test_no_bytes_crash_the_reader(data):
    refused(data)


SIG = NOTE.decode().rpartition("\n\n")[2]
VALUE = SIG.split(" ")[2].strip()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not all there"),
        (TEXT.encode(), "a signature line"),
        (b"text\n", "not all there"),
        (NOTE[:-1], "not all there"),
        (NOTE + b"\n", "not all there"),
        (f"text\n\n{SIG}\n{SIG}".encode(), "key"),
        (b"text\xff\n\n" + SIG.encode(), "UTF-8"),
        (f"te\x00xt\n\n{SIG}".encode(), "control"),
        (f"te\txt\n\n{SIG}".encode(), "control"),
        (f"te\x0bxt\n\n{SIG}".encode(), "control"),
        (f"te\rxt\n\n{SIG}".encode(), "control"),
        (f"te\x1fxt\n\n{SIG}".encode(), "control"),
        (f"text\n\n-{SIG[1:]}".encode(), "does not read"),
        (f"text\n\n\u2014 {KR_KEY.name}\n".encode(), "does not read"),
        (f"text\n\n\u2014  {VALUE}\n".encode(), "does not read"),
        (f"text\n\n\u2014 a+b {VALUE}\n".encode(), "does not read"),
        (f"text\n\n\u2014 a\u3000b {VALUE}\n".encode(), "does not read"),
        (f"text\n\n\u2014 a b {VALUE}\n".encode(), "base64"),
        (f"text\n\n\u2014 name {VALUE[:-1]}\n".encode(), "not base64"),
        (f"text\n\n\u2014 name {VALUE}=\n".encode(), "base64"),
        (f"text\n\n\u2014 name {VALUE[:-2]}!=\n".encode(), "not base64"),
        (f"text\n\n\u2014 name {VALUE} \n".encode(), "not base64"),
        (f"text\n\n\u2014 name {VALUE}\u00e9\n".encode(), "not base64"),
        (b"text\n\n\xe2\x80\x94 name AAAAAA==\n", "too short"),
        (b"text\n\n\xe2\x80\x94 name \n", "too short"),
        (b"text\n\n\xe2\x80\x94 name AAAAAAB=\n", "one base64 form"),
    ],
)
def test_malformed_notes_are_refused_with_the_reason(data, why):
    assert why in refused(data)


def test_a_signature_of_five_bytes_has_the_form_and_no_meaning():
    assert parse_note(b"text\n\n\xe2\x80\x94 name AAAAAAA=\n").signatures == (Signature("name", bytes(4), bytes(1)),)


def test_at_most_64_signatures():
    lines = [signature_line(Verifier(f"w{n}", KR_KEY.public), bytes(64)) for n in range(MAX_SIGNATURES)]
    full = NOTE + "".join(lines[1:]).encode()
    assert len(open_note(full, [KR_KEY]).signatures) == MAX_SIGNATURES == 64
    assert "65 signatures" in refused(full + lines[0].encode())
    assert "64" in bad_input(add_signature, full, lines[0])
    assert len(parse_note(add_signature(full, lines[1])).signatures) == MAX_SIGNATURES


def test_at_most_64_kilobytes():
    room = MAX_BYTES - len(NOTE) + len(TEXT)
    assert len(sign_note("x" * (room - 1) + "\n", KR_KEY.name, KR)) == MAX_BYTES == 65536
    open_note(sign_note("x" * (room - 1) + "\n", KR_KEY.name, KR), [KR_KEY])
    assert "65536 are allowed" in refused(sign_note("x" * room + "\n", KR_KEY.name, KR))


@pytest.mark.parametrize("text", ["", "no end", "tab\t\n", "\x00\n", "return\r\n"])
def test_only_lines_of_text_are_signed(text):
    bad_input(sign_note, text, KR_KEY.name, KR)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u00a0b", "a\u2028b", "a\x7fb"])
def test_names_that_cannot_be(name):
    assert not is_key_name(name)
    assert "name" in bad_input(Verifier, name, KR_KEY.public)


def test_names_may_be_of_any_script():
    assert is_key_name("កម្ពុជា.example/ស្ពាន")


@pytest.mark.parametrize(("public", "kind"), [(b"x" * 31, 1), (b"x" * 33, 1), (b"x" * 32, 2), (b"x" * 32, 0)])
def test_keys_that_cannot_be(public, kind):
    bad_input(Verifier, "name", public, kind)


def test_a_verifier_key_survives_writing():
    for verifier in (KR_KEY, KR_KEY.witness):
        assert parse_vkey(format_vkey(verifier)) == verifier
    assert KR_KEY.witness.kind == COSIGNATURE
    assert KR_KEY.kind == ED25519
    assert KR_KEY.witness.key_id != KR_KEY.key_id


def vkey(name: str, raw: bytes, key_id: str | None = None) -> str:
    found = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4].hex()
    return f"{name}+{key_id or found}+{base64.b64encode(raw).decode()}"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "name+id+key"),
        ("name+12345678", "name+id+key"),
        (format_vkey(KR_KEY) + "\n", "name+id+key"),
        (" " + format_vkey(KR_KEY), "key name"),
        (format_vkey(KR_KEY).upper(), "name+id+key"),
        (vkey("name", b"\x01" + bytes(32), "00000000"), "altered"),
        (vkey("other", b"\x01" + bytes(31)), "name+id+key"),
        (vkey("other", b"\x02" + bytes(32)), "known type"),
    ],
)
def test_malformed_verifier_keys_are_refused(text, why):
    assert why in bad_input(parse_vkey, text)


def test_a_plain_signature_has_no_time():
    value = KR.sign(b"text\n")
    assert check_signature("text\n", KR_KEY, Signature("any", b"any", value)) == 0


@pytest.mark.parametrize("length", [0, 8, 63, 65, 72])
def test_a_plain_signature_has_64_bytes(length):
    with pytest.raises(VerificationFailed, match="wrong length"):
        check_signature("text\n", KR_KEY, Signature("any", b"any", bytes(length)))


@pytest.mark.parametrize("length", [0, 8, 64, 71, 73])
def test_a_cosignature_has_72_bytes(length):
    with pytest.raises(VerificationFailed, match="wrong length"):
        check_signature("text\n", KR_KEY.witness, Signature("any", b"any", bytes(length)))


@pytest.mark.parametrize("seconds", [0, 1, 1_772_586_000, 2**63 - 1])
def test_a_cosignature_tells_its_time(seconds):
    value = stamped(seconds, KR.sign(cosigned("text\n", seconds)))
    assert check_signature("text\n", KR_KEY.witness, Signature("any", b"any", value)) == seconds
    with pytest.raises(VerificationFailed):
        check_signature("text\n", KR_KEY, Signature("any", b"any", value[8:]))


def test_a_cosignature_of_the_far_future_is_refused():
    value = (2**63).to_bytes(8, "big") + KR.sign(cosigned("text\n", 2**63))
    with pytest.raises(VerificationFailed, match="out of range"):
        check_signature("text\n", KR_KEY.witness, Signature("any", b"any", value))


@pytest.mark.parametrize("seconds", [-1, 2**63])
def test_no_time_outside_the_format_is_written(seconds):
    bad_input(stamped, seconds, bytes(64))


def test_the_cosigned_bytes_are_those_of_the_specification():
    assert cosigned("a\nb\n", 1679315147) == b"cosignature/v1\ntime 1679315147\na\nb\n"
    assert stamped(1679315147, b"s") == bytes.fromhex("000000006418 50cb") + b"s"


def test_a_key_that_is_no_point_verifies_nothing():
    with pytest.raises(VerificationFailed):
        ed25519.verify(b"\x02" + bytes(30) + b"\xff", bytes(64), b"")
    with pytest.raises(VerificationFailed):
        ed25519.verify(b"short", bytes(64), b"")
