"""Checkpoints and their cosignatures."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from spean.core.errors import InvalidInput, VerificationFailed
from spean.ledger import ed25519
from spean.ledger.checkpoint import (
    Checkpoint,
    cosign,
    format_checkpoint,
    open_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
    verify_cosignature,
)
from spean.ledger.merkle import MAX_SIZE
from spean.ledger.note import Verifier, add_signature, cosigned, parse_note, sign_note, signature_line, stamped

LOG = Ed25519PrivateKey.from_private_bytes(b"l" * 32)
WITNESS = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
LOG_KEY = Verifier("kr.example/exchange", ed25519.public_of(LOG))
WITNESS_KEY = Verifier("th.example/witness", ed25519.public_of(WITNESS)).witness
ROOT = bytes(range(32))
ROOT64 = base64.b64encode(ROOT).decode()
POINT = Checkpoint(LOG_KEY.name, 20852163, ROOT)
NOTE = sign_checkpoint(POINT, LOG)
NOW = 1_772_586_000


def refused(verify, *arguments) -> str:
    with pytest.raises(VerificationFailed) as caught:
        verify(*arguments)
    assert caught.value.what
    assert caught.value.remedy
    return str(caught.value)


def bad_input(make, *arguments) -> str:
    with pytest.raises(InvalidInput) as caught:
        make(*arguments)
    assert caught.value.field in ("checkpoint", "origin", "seconds")
    assert caught.value.remedy
    return str(caught.value)


names = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20)


@given(names, st.integers(0, MAX_SIZE), st.binary(min_size=32, max_size=32), st.lists(names, max_size=3))
def test_a_checkpoint_survives_writing(origin, size, root, extensions):
    checkpoint = Checkpoint(origin, size, root, tuple(extensions))
    assert parse_checkpoint(format_checkpoint(checkpoint)) == checkpoint


def test_the_layout_is_that_of_the_specification():
    assert format_checkpoint(POINT) == f"kr.example/exchange\n20852163\n{ROOT64}\n"
    assert format_checkpoint(Checkpoint("o", 0, ROOT, ("more",))) == f"o\n0\n{ROOT64}\nmore\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not ended"),
        (f"o\n1\n{ROOT64}", "not ended"),
        ("o\n1\n", "three lines"),
        ("\n", "three lines"),
        (f"\n1\n{ROOT64}\n", "three lines"),
        (f"o\n\n{ROOT64}\n", "three lines"),
        (f"o\n1\n{ROOT64}\n\n", "three lines"),
        (f"o\n01\n{ROOT64}\n", "no size"),
        (f"o\n00\n{ROOT64}\n", "no size"),
        (f"o\n-1\n{ROOT64}\n", "no size"),
        (f"o\n+1\n{ROOT64}\n", "no size"),
        (f"o\n1 \n{ROOT64}\n", "no size"),
        (f"o\n1_0\n{ROOT64}\n", "no size"),
        (f"o\n\u0661\n{ROOT64}\n", "no size"),
        (f"o\n{2**63}\n{ROOT64}\n", "no size"),
        (f"o\n{'9' * 5000}\n{ROOT64}\n", "no size"),
        ("o\n1\nnothing!\n", "not base64"),
        ("o\n1\n\u00e9\u00e9\u00e9\u00e9\n", "not base64"),
        (f"o\n1\n{ROOT64[:-1]}\n", "not base64"),
        (f"o\n1\n{ROOT64[:5]}!{ROOT64[5:]}\n", "not base64"),
        (f"o\n1\n{base64.b64encode(ROOT[:-1]).decode()}\n", "32 bytes"),
        (f"o\n1\n{base64.b64encode(ROOT + b'x').decode()}\n", "32 bytes"),
        (f"o\n1\n{ROOT64[:-2]}9=\n", "one base64 form"),
    ],
)
def test_malformed_checkpoints_are_refused_with_the_reason(text, why):
    assert why in refused(parse_checkpoint, text)


def test_the_largest_size_is_read():
    assert parse_checkpoint(f"o\n{MAX_SIZE}\n{ROOT64}\n").size == MAX_SIZE == 2**63 - 1


@pytest.mark.parametrize(
    "checkpoint",
    [
        Checkpoint("", 1, ROOT),
        Checkpoint("o", -1, ROOT),
        Checkpoint("o", 2**63, ROOT),
        Checkpoint("o", 1, ROOT[:-1]),
        Checkpoint("o", 1, ROOT, ("",)),
        Checkpoint("o", 1, ROOT, ("two\nlines",)),
        Checkpoint("o\n1", 1, ROOT),
    ],
)
def test_what_could_not_be_read_back_is_not_written(checkpoint):
    bad_input(format_checkpoint, checkpoint)


def test_an_origin_must_serve_as_key_name():
    bad_input(sign_checkpoint, Checkpoint("kr example", 1, ROOT), LOG)


def test_a_checkpoint_opens_under_the_key_of_its_log():
    other = Verifier("kr.example/other", LOG_KEY.public)
    assert open_checkpoint(NOTE, [LOG_KEY]) == POINT
    assert open_checkpoint(NOTE, [other, LOG_KEY]) == POINT
    assert "No trusted key" in refused(open_checkpoint, NOTE, [other])
    assert "No trusted key" in refused(open_checkpoint, NOTE, [])


def test_a_log_speaks_for_itself_only():
    forged = sign_note(format_checkpoint(Checkpoint("th.example/exchange", 1, ROOT)), LOG_KEY.name, LOG)
    assert "th.example/exchange" in refused(open_checkpoint, forged, [LOG_KEY])
    other = Verifier("th.example/exchange", WITNESS_KEY.public)
    assert "another log" in refused(open_checkpoint, forged, [LOG_KEY, other])


def test_a_signed_text_that_is_no_checkpoint_is_refused():
    assert "three lines" in refused(open_checkpoint, sign_note("hello\n", LOG_KEY.name, LOG), [LOG_KEY])


def test_a_witness_is_no_log():
    data = add_signature(NOTE, cosign(NOTE, LOG_KEY.name, LOG, NOW))
    assert "witness" in refused(open_checkpoint, data, [LOG_KEY, LOG_KEY.witness])
    assert open_checkpoint(data, [LOG_KEY]) == POINT


def test_a_cosignature_tells_who_saw_the_checkpoint_and_when():
    data = add_signature(NOTE, cosign(NOTE, WITNESS_KEY.name, WITNESS, NOW))
    assert verify_cosignature(data, WITNESS_KEY) == NOW
    assert verify_cosignature(data, Verifier(WITNESS_KEY.name, WITNESS_KEY.public)) == NOW
    assert open_checkpoint(data, [LOG_KEY]) == POINT


def test_a_later_cosignature_replaces_the_earlier():
    data = add_signature(NOTE, cosign(NOTE, WITNESS_KEY.name, WITNESS, NOW))
    later = add_signature(data, cosign(data, WITNESS_KEY.name, WITNESS, NOW + 60))
    assert verify_cosignature(later, WITNESS_KEY) == NOW + 60
    assert len(parse_note(later).signatures) == 2


def test_of_two_cosignatures_the_latest_counts():
    lines = [cosign(NOTE, WITNESS_KEY.name, WITNESS, NOW + late) for late in (0, 60, 30)]
    assert verify_cosignature(NOTE + "".join(lines).encode(), WITNESS_KEY) == NOW + 60


def test_who_did_not_cosign_has_not_seen_it():
    data = add_signature(NOTE, cosign(NOTE, WITNESS_KEY.name, WITNESS, NOW))
    assert "has not cosigned" in refused(verify_cosignature, NOTE, WITNESS_KEY)
    assert "has not cosigned" in refused(verify_cosignature, data, Verifier("la.example/witness", WITNESS_KEY.public))
    assert "has not cosigned" in refused(verify_cosignature, data, Verifier(WITNESS_KEY.name, LOG_KEY.public))


def test_a_plain_signature_is_no_cosignature():
    plain = Verifier(WITNESS_KEY.name, WITNESS_KEY.public)
    data = add_signature(NOTE, signature_line(plain, WITNESS.sign(format_checkpoint(POINT).encode())))
    assert "has not cosigned" in refused(verify_cosignature, data, WITNESS_KEY)


def test_a_cosignature_binds_text_and_time():
    line = cosign(NOTE, WITNESS_KEY.name, WITNESS, NOW)
    grown = sign_checkpoint(Checkpoint(POINT.origin, POINT.size + 1, ROOT), LOG)
    refused(verify_cosignature, add_signature(grown, line), WITNESS_KEY)
    value = parse_note(add_signature(NOTE, line)).signatures[1].value
    moved = signature_line(WITNESS_KEY, stamped(NOW + 1, value[8:]))
    refused(verify_cosignature, add_signature(NOTE, moved), WITNESS_KEY)
    # one wrong line of a key spoils its right one
    refused(verify_cosignature, NOTE + line.encode() + moved.encode(), WITNESS_KEY)


def test_only_checkpoints_are_cosigned():
    text = sign_note("hello\n", LOG_KEY.name, LOG)
    refused(cosign, text, WITNESS_KEY.name, WITNESS, NOW)
    refused(cosign, b"nothing", WITNESS_KEY.name, WITNESS, NOW)
    bad_input(cosign, NOTE, WITNESS_KEY.name, WITNESS, -1)
    line = signature_line(WITNESS_KEY, stamped(NOW, WITNESS.sign(cosigned("hello\n", NOW))))
    assert "three lines" in refused(verify_cosignature, add_signature(text, line), WITNESS_KEY)
