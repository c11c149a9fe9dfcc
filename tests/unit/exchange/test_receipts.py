from __future__ import annotations

import json
from dataclasses import replace

import msgspec
import pytest

from spean.core.canonical import canonical
from spean.core.errors import InvalidInput, VerificationFailed
from spean.exchange.make import Signer
from spean.exchange.receipts import (
    Receipt,
    check_covers,
    digest_of,
    receipt_for,
    sign_receipt,
    verify_receipt,
)
from spean.ledger import dsse, ed25519

FACTS = [f"{number:064x}" for number in range(5)]


@pytest.fixture
def receipt() -> Receipt:
    return receipt_for(FACTS, sender="KR", receiver="KH", seq_from=11, status="accepted", at=1_772_586_000_000, index=7)


@pytest.fixture
def keys(signer: Signer) -> dict[str, bytes]:
    return {signer.key_id: ed25519.public_of(signer.private)}


def test_one_receipt_covers_a_batch(receipt: Receipt, signer: Signer, keys: dict[str, bytes]) -> None:
    read = verify_receipt(sign_receipt(receipt, signer), keys)
    assert read == receipt
    assert (read.seq_from, read.seq_to, read.facts) == (11, 15, (FACTS[0], FACTS[-1]))
    check_covers(read, FACTS)


def test_a_receipt_for_one_fact_names_it(signer: Signer, keys: dict[str, bytes]) -> None:
    one = receipt_for(
        FACTS[:1], sender="KR", receiver="KH", seq_from=1, status="refused", at=1, step=3, rule="R26", reason="purpose"
    )
    read = verify_receipt(sign_receipt(one, signer), keys)
    assert read.facts == (FACTS[0],)
    assert (read.step, read.rule, read.index) == (3, "R26", None)
    check_covers(read, FACTS[:1])


def test_signed_bytes_are_canonical(receipt: Receipt, signer: Signer) -> None:
    payload = sign_receipt(receipt, signer).payload
    assert canonical(json.loads(payload)) == payload


@pytest.mark.parametrize(
    "others", [FACTS[:4], [*FACTS, "f" * 64], [FACTS[0], FACTS[2], FACTS[1], *FACTS[3:]], ["f" * 64, *FACTS[1:]], []]
)
def test_it_covers_exactly_its_facts_in_their_order(receipt: Receipt, others: list[str]) -> None:
    with pytest.raises(VerificationFailed, match="other facts"):
        check_covers(receipt, others)


def test_ends_that_belie_the_digest_are_noticed(receipt: Receipt) -> None:
    with pytest.raises(VerificationFailed):
        check_covers(replace(receipt, facts=("f" * 64, FACTS[-1])), FACTS)


def test_unknown_key_wrong_key_and_altered_bytes_are_refused(
    receipt: Receipt, signer: Signer, keys: dict[str, bytes]
) -> None:
    signed = sign_receipt(receipt, signer)
    with pytest.raises(VerificationFailed, match="unknown key"):
        verify_receipt(signed, {})
    with pytest.raises(VerificationFailed):
        verify_receipt(signed, {signer.key_id: b"\1" * 32})
    for place in range(0, len(signed.payload), 7):
        altered = bytearray(signed.payload)
        altered[place] ^= 1
        with pytest.raises(VerificationFailed):
            verify_receipt(msgspec.structs.replace(signed, payload=bytes(altered)), keys)


def test_a_signature_over_a_fact_is_no_receipt(receipt: Receipt, signer: Signer, keys: dict[str, bytes]) -> None:
    signed = sign_receipt(receipt, signer)
    as_fact = dsse.sign(dsse.FACT_TYPE, signed.payload, signer.private)
    with pytest.raises(VerificationFailed):
        verify_receipt(msgspec.structs.replace(signed, signature=as_fact), keys)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "lost"},
        {"step": 8},
        {"seq_from": 0},
        {"seq_from": 16},
        {"seq_to": 11},
        {"facts": (FACTS[0],)},
        {"facts": (FACTS[0], "x")},
        {"digest": ""},
        {"sender": "korea"},
        {"index": -1},
        {"at": -1},
        {"v": 2},
        {"reason": "x" * 1001},
    ],
)
def test_each_field_keeps_its_rule_even_when_signed(
    receipt: Receipt, signer: Signer, keys: dict[str, bytes], changes: dict[str, object]
) -> None:
    with pytest.raises(InvalidInput):
        verify_receipt(sign_receipt(replace(receipt, **changes), signer), keys)  # type: ignore[arg-type]


def test_signed_but_not_canonical_is_refused(receipt: Receipt, signer: Signer, keys: dict[str, bytes]) -> None:
    signed = sign_receipt(receipt, signer)
    for payload in (b" " + signed.payload, signed.payload[:-1] + b',"zeal":1}', b"[]", b"[" * 5000):
        item = msgspec.structs.replace(
            signed, payload=payload, signature=dsse.sign(dsse.RECEIPT_TYPE, payload, signer.private)
        )
        with pytest.raises(InvalidInput):
            verify_receipt(item, keys)


def test_the_digest_is_that_of_the_names_in_order() -> None:
    assert digest_of(FACTS) != digest_of(FACTS[::-1])
