"""Evidence files: what they prove, and that nothing forged in them passes."""

import base64
import hashlib
import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from spean.core.canonical import canonical
from spean.core.errors import InvalidInput, VerificationFailed
from spean.ledger import dsse, ed25519, officer
from spean.ledger.checkpoint import Checkpoint, cosign, sign_checkpoint
from spean.ledger.evidence import MAX_FILE, Evidence, ReceiptEvidence, decode, encode
from spean.ledger.evidence_check import TrustedKeys, parse_trusted, verify_evidence
from spean.ledger.merkle import inclusion_proof, leaf_hash
from spean.ledger.note import Verifier, add_signature, format_vkey, sign_note

SALT = b"s" * 32
BODY = '{"by":"Officer Dara","form":{"answer":"ស្ពាន"}}'.encode()
COMMITMENT = hashlib.sha256(b"spean/commit/1" + SALT + BODY).hexdigest()
SEEN = 1_772_586_000


def private(letter: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(letter.encode() * 32)


SIGN, LOG, TH, LA, FORGER = (private(letter) for letter in "abcdf")
LOG_KEY = Verifier("kr.example/exchange", ed25519.public_of(LOG))
TH_KEY = Verifier("th.example/exchange", ed25519.public_of(TH))
LA_KEY = Verifier("la.example/exchange", ed25519.public_of(LA))


def header(**changes: object) -> dict[str, object]:
    fields: dict[str, object] = {
        "v": 1,
        "node": "KR",
        "record": "KR:information-request:01K00000000000000000000000",
        "kind": "answer",
        "time": "2026-03-04T01:41:00.000Z",
        "commitment": COMMITMENT,
        "size": len(BODY),
        "unit": "cyber",
    }
    return {**fields, **changes}


def receipt(facts: list[str], /, *, by: Ed25519PrivateKey = TH, covers: tuple[str, ...] = (), **changes: object):
    names = covers or tuple(facts)
    fields = {"facts": facts, "digest": hashlib.sha256(bytes.fromhex("".join(names))).hexdigest()}
    payload = canonical({**fields, "receiver": "TH", "sender": "KR", "status": "accepted", **changes})
    return ReceiptEvidence(
        payload=payload,
        signature=dsse.sign(dsse.RECEIPT_TYPE, payload, by),
        key_id="th-1",
        key=ed25519.public_of(by),
        covers=covers,
    )


@pytest.fixture(scope="module")
def make(new_log):
    """Makes an evidence file for a payload as leaf 300 of a log of 700."""

    def build(payload: bytes, *, signer: Ed25519PrivateKey = SIGN, log_private: Ed25519PrivateKey = LOG) -> Evidence:
        log = new_log(700)
        log.leaves[300] = leaf_hash(payload)
        fresh = new_log()
        fresh.append(log.leaves)
        note = sign_checkpoint(Checkpoint(LOG_KEY.name, 700, fresh.head.root()), log_private)
        for key, witness in ((TH_KEY, TH), (LA_KEY, LA)):
            note = add_signature(note, cosign(note, key.name, witness, SEEN))
        return Evidence(
            payload=payload,
            signature=dsse.sign(dsse.FACT_TYPE, payload, signer),
            key_id="kr-1",
            node="KR",
            sign_key=ed25519.public_of(signer),
            log_key=Verifier(LOG_KEY.name, ed25519.public_of(log_private)),
            index=300,
            proof=inclusion_proof(300, 700, fresh.read),
            checkpoint=note,
            witnesses=(TH_KEY, LA_KEY),
            salt=SALT,
            body=BODY,
            receipts=(receipt([leaf_hash(payload).hex()]),),
        )

    return build


@pytest.fixture(scope="module")
def good(make) -> Evidence:
    return make(canonical(header()))


@pytest.fixture(scope="module")
def data(good) -> bytes:
    return encode(good)


TRUSTED = TrustedKeys(
    frozenset({("KR", ed25519.public_of(SIGN)), ("TH", ed25519.public_of(TH))}),
    frozenset({LOG_KEY}),
    frozenset({TH_KEY.witness, LA_KEY.witness}),
)


def fails(step: int, evidence: Evidence, trusted: TrustedKeys | None = TRUSTED, needed: int = 0) -> str:
    with pytest.raises(VerificationFailed) as caught:
        verify_evidence(evidence, trusted, needed)
    assert caught.value.rule == f"evidence-{step}"
    assert f"Step {step} (" in caught.value.what
    assert caught.value.remedy
    return str(caught.value)


def test_a_good_file_proves_everything(good, data):
    assert decode(data) == good
    report = verify_evidence(good, TRUSTED, 2)
    assert (report.fact, report.trusted, report.content) == (leaf_hash(good.payload).hex(), True, True)
    assert report.header["kind"] == "answer"
    assert (report.checkpoint.origin, report.checkpoint.size, report.index) == (LOG_KEY.name, 700, 300)
    assert report.witnesses == ((LA_KEY.name, SEEN), (TH_KEY.name, SEEN))
    assert [(one.receiver, one.status, one.trusted) for one in report.receipts] == [("TH", "accepted", True)]
    assert [step.number for step in report.steps] == [1, 2, 3, 4, 5, 6, 7]
    assert "2026-03-04T01:00:00.000Z" in report.steps[5].shown


def test_after_erasure_all_but_the_content_is_still_proved(good):
    erased = replace(good, salt=None, body=None)
    report = verify_evidence(decode(encode(erased)), TRUSTED, 2)
    assert not report.content
    assert report.steps[2].shown == "not in the file"
    assert b"Dara" not in encode(erased)


def test_without_trusted_keys_only_consistency_is_shown(make):
    forged = make(canonical(header()), signer=FORGER, log_private=FORGER)
    report = verify_evidence(forged, None, 2)
    assert not report.trusted
    assert not report.receipts[0].trusted
    assert "is not among the trusted keys" in fails(2, forged)


def test_step_1_the_header_is_of_the_origin(good, make):
    assert "says 'TH'" in fails(1, replace(good, node="TH"))
    assert "format 2" in fails(1, make(canonical(header(v=2))))
    assert "lacks a field" in fails(1, make(canonical(header(size="7"))))
    assert "lacks a field" in fails(1, make(canonical(header(size=True))))
    for name in ("node", "record", "kind", "time", "commitment"):
        assert "lacks a field" in fails(1, make(canonical(header(**{name: 7}))))


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"7",
        b"{",
        b'{"v":1.5}',
        b'{"v":NaN}',
        b'{"v":1,"v":1}',
        b"\xff",
        b'{"\xc3\xa9":1}',
        b'{"v":"\\ud800"}',
        b"[" * 100_000,
        b'{"v":' * 10_000,
        b'{"a":' + b"[" * 200 + b"]" * 200 + b"}",
        json.dumps(header()).encode(),
        canonical(header()) + b"\n",
    ],
)
def test_step_1_the_header_is_canonical(good, payload):
    fails(1, replace(good, payload=payload))


def test_step_2_the_origin_signed(good):
    assert "No known key" in fails(2, replace(good, signature=bytes(64)))
    other = dsse.sign(dsse.RECEIPT_TYPE, good.payload, SIGN)
    assert "No known key" in fails(2, replace(good, signature=other))
    assert "not among the trusted" in fails(2, replace(good, sign_key=ed25519.public_of(FORGER)))
    assert "No known key" in fails(2, replace(good, sign_key=ed25519.public_of(FORGER)), None)
    assert "--key KR=HEX" in fails(2, good, TrustedKeys(frozenset({("TH", good.sign_key)}), TRUSTED.logs))
    assert verify_evidence(good, TrustedKeys(frozenset({("", good.sign_key)}), TRUSTED.logs)).trusted


def test_step_3_the_content_is_what_was_signed(good, make):
    for changed in (replace(good, body=BODY + b" "), replace(good, salt=bytes(32)), replace(good, body=b"")):
        assert "not the one" in fails(3, changed)
    assert "not the one" in fails(3, make(canonical(header(size=len(BODY) + 1))))


def test_step_4_the_log_signed(good):
    assert "not among the trusted" in fails(4, good, TrustedKeys(TRUSTED.signers, frozenset()))
    for other in (Verifier("other.example", LOG_KEY.public), Verifier(LOG_KEY.name, TH_KEY.public), LOG_KEY.witness):
        assert "not among the trusted" in fails(4, good, replace(TRUSTED, logs=frozenset({other})))
    assert "not among the trusted" in fails(4, good, replace(TRUSTED, logs=frozenset(), witnesses=frozenset({LOG_KEY})))
    fails(4, replace(good, log_key=TH_KEY))
    fails(4, replace(good, checkpoint=b""))
    fails(4, replace(good, checkpoint=sign_note("no checkpoint\n", LOG_KEY.name, LOG)))
    fails(4, replace(good, checkpoint=good.checkpoint.replace(b"\n700\n", b"\n701\n")))


def test_step_5_the_header_stands_in_the_log(good):
    fails(5, replace(good, index=299))
    fails(5, replace(good, index=700))
    fails(5, replace(good, proof=good.proof[:-1]))
    fails(5, replace(good, proof=(bytes(32), *good.proof[1:])))


def test_step_6_witnesses_are_counted_once_and_never_the_log_itself(good):
    assert "2 trusted witnesses cosigned, 3 are needed" in fails(6, good, TRUSTED, 3)
    only = replace(TRUSTED, witnesses=frozenset({TH_KEY.witness}))
    assert verify_evidence(good, only, 1).witnesses == ((TH_KEY.name, SEEN),)
    assert "1 trusted" in fails(6, good, only, 2)
    own = replace(good, checkpoint=add_signature(good.checkpoint, cosign(good.checkpoint, LOG_KEY.name, LOG, SEEN)))
    assert "2 trusted" in fails(6, own, TRUSTED, 3)
    assert "2 witnesses" in fails(6, replace(own, witnesses=(TH_KEY, TH_KEY, LA_KEY, LOG_KEY)), None, 3)
    twice = add_signature(good.checkpoint, cosign(good.checkpoint, "th.example/other", TH, SEEN))
    listed = (*good.witnesses, Verifier("th.example/other", TH_KEY.public))
    assert "2 witnesses" in fails(6, replace(good, checkpoint=twice, witnesses=listed), None, 3)
    assert "0 witnesses" in fails(6, replace(good, witnesses=()), None, 1)


def test_step_6_a_wrong_cosignature_of_a_known_witness_fails(good):
    older = sign_checkpoint(Checkpoint(LOG_KEY.name, 5, bytes(32)), LOG)
    moved = add_signature(good.checkpoint, cosign(older, TH_KEY.name, TH, SEEN))
    fails(6, replace(good, checkpoint=moved))


def test_step_7_receipts_are_about_this_fact(good):
    fact, other = leaf_hash(good.payload).hex(), leaf_hash(b"other").hex()
    assert "another fact" in fails(7, replace(good, receipts=(receipt([other]),)))
    batch = (other, fact, leaf_hash(b"third").hex())
    ends = [batch[0], batch[2]]
    assert verify_evidence(replace(good, receipts=(receipt(ends, covers=batch),)), TRUSTED).receipts[0].trusted
    assert "another fact" in fails(7, replace(good, receipts=(receipt(ends, covers=(other,)),)))
    short = replace(receipt(ends, covers=batch), covers=(other, fact))
    assert "does not cover" in fails(7, replace(good, receipts=(short,)))
    odd = replace(receipt(ends, covers=batch), covers=(other, fact, "x"))
    assert "another fact" in fails(7, replace(good, receipts=(odd,)))


def test_step_7_receipts_are_signed_and_well_formed(good):
    fact = leaf_hash(good.payload).hex()
    assert "No known key" in fails(7, replace(good, receipts=(replace(receipt([fact]), signature=bytes(64)),)))
    assert "No known key" in fails(7, replace(good, receipts=(replace(receipt([fact]), key=LOG_KEY.public),)))
    for changes in ({"receiver": 7}, {"status": None}, {"facts": fact}):
        assert "lacks a field" in fails(7, replace(good, receipts=(receipt([fact], **changes),)))
    stranger = receipt([fact], by=FORGER)
    report = verify_evidence(replace(good, receipts=(stranger,)), TRUSTED)
    assert not report.receipts[0].trusted
    assert "key not trusted" in report.steps[6].shown
    assert verify_evidence(replace(good, receipts=()), TRUSTED).steps[6].shown == "none in the file"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_byte_of_what_is_proved_can_be_changed(good, data):
    name = data.draw(st.sampled_from(["payload", "signature", "sign_key", "checkpoint", "salt", "body"]))
    value = bytearray(getattr(good, name))
    limit = len(value)
    if name == "checkpoint":  # the lines after the log's own are those of witnesses: they may be unknown
        limit = bytes(value).index(b"\xe2\x80\x94 th.example")
    bit = data.draw(st.integers(0, limit * 8 - 1))
    value[bit // 8] ^= 1 << bit % 8
    with pytest.raises(VerificationFailed):
        verify_evidence(replace(good, **{name: bytes(value)}), TRUSTED)


def test_keys_as_a_person_writes_them():
    key = ed25519.public_of(SIGN)
    trusted = parse_trusted([f"KR={key.hex()}", key.hex().upper(), format_vkey(LOG_KEY), format_vkey(TH_KEY.witness)])
    assert trusted.signers == {("KR", key), ("", key)}
    assert (trusted.logs, trusted.witnesses) == ({LOG_KEY}, {TH_KEY.witness})
    for wrong in ("", "KR=", "kr=" + key.hex(), key.hex()[:-1], key.hex() + "0", "KR=" + format_vkey(LOG_KEY)):
        with pytest.raises(InvalidInput):
            parse_trusted([wrong])


def edited(data: bytes, *path: str | int, value: object = ...) -> bytes:
    document = json.loads(data)
    place = document
    for name in path[:-1]:
        place = place[name]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return json.dumps(document).encode()


def malformed(data: bytes) -> str:
    with pytest.raises(VerificationFailed) as caught:
        decode(data)
    assert caught.value.rule == "evidence"
    assert caught.value.remedy
    return str(caught.value)


FIELDS = [
    ("fact", "payload"),
    ("fact", "signature"),
    ("fact", "key_id"),
    ("origin", "node"),
    ("origin", "sign_key"),
    ("log", "key"),
    ("log", "index"),
    ("log", "proof"),
    ("log", "checkpoint"),
    ("log", "witnesses"),
    ("content", "salt"),
    ("content", "body"),
    ("receipts", 0, "payload"),
    ("receipts", 0, "signature"),
    ("receipts", 0, "key_id"),
    ("receipts", 0, "key"),
    ("receipts", 0, "covers"),
    ("fact",),
    ("origin",),
    ("log",),
    ("receipts",),
    ("format",),
]


@pytest.mark.parametrize("path", FIELDS)
def test_every_field_is_needed_and_of_its_type(data, path):
    decode(edited(data, *path, value=json.loads(data)[path[0]]) if len(path) == 1 else data)
    malformed(edited(data, *path))
    for wrong in (None, 1.5, {}, {"x": 1}, True, -1, "", "\u00e9", ["\u00e9"], [1], "a\nb", "x" * 121):
        if wrong == "" and path[-1] in ("payload", "body", "checkpoint"):
            continue  # an empty byte string has the form; verifying refuses it
        if wrong == "\u00e9" and path[-1] in ("key_id", "node"):
            continue  # a text of any script
        if wrong == ["\u00e9"] and path[-1] == "covers":
            continue
        malformed(edited(data, *path, value=wrong))
    malformed(
        edited(data, *path[:-1], "more", value=1) if len(path) < 3 else edited(data, "receipts", 0, "more", value=1)
    )


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("log", "index"), 2**63 - 1),
        (("log", "proof"), [base64.b64encode(bytes(32)).decode()] * 65),
        (("log", "proof"), [base64.b64encode(bytes(31)).decode()]),
        (("log", "witnesses"), [format_vkey(TH_KEY)] * 65),
        (("log", "checkpoint"), base64.b64encode(bytes(65537)).decode()),
        (("log", "key"), format_vkey(TH_KEY)[:-1]),
        (("content", "salt"), base64.b64encode(bytes(31)).decode()),
        (("fact", "signature"), base64.b64encode(bytes(63)).decode()),
        (("fact", "payload"), "AAB="),
        (("format",), "spean-evidence/2"),
        (("receipts",), [None] * 257),
    ],
)
def test_limits(data, path, value):
    malformed(edited(data, *path, value=value))


@pytest.mark.parametrize(
    "raw",
    [b"", b"null", b"[]", b"{", b"\xff", b"[" * 200_000, b'{"format":"spean-evidence/1","format":"x"}', b"9" * 9999],
)
def test_files_that_are_none(raw):
    malformed(raw)


def test_a_file_beyond_the_limit_is_not_parsed():
    assert str(MAX_FILE) in malformed(b" " * (MAX_FILE + 1))


@pytest.mark.parametrize(
    "changes",
    [
        {"salt": None},
        {"body": None},
        {"index": -1},
        {"proof": (b"short",)},
        {"key_id": ""},
        {"signature": b"short"},
    ],
)
def test_what_could_not_be_read_back_is_not_written(good, changes):
    with pytest.raises(InvalidInput):
        encode(replace(good, **changes))


def test_the_file_is_one_canonical_line(data):
    assert data == canonical(json.loads(data)) + b"\n"


def officers(words: bytes, over: dict[str, object], **changes: object) -> bytes:
    """``words`` with the assertion of an officer's passkey (Ed25519) over a header and these words."""
    said = {"type": "webauthn.get", "origin": "https://kr.example:8443"}
    what = officer.challenge(over, words)
    said["challenge"] = base64.urlsafe_b64encode(what).decode().rstrip("=")
    client = json.dumps({**said, **changes}).encode()
    device = private("p")
    authenticator = hashlib.sha256(b"kr.example").digest() + b"\x05" + bytes(4)
    key = b"\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20" + ed25519.public_of(device)
    assertion = officer.Assertion(
        authenticator=authenticator, client=client, credential=b"id", key=key,
        signature=device.sign(authenticator + hashlib.sha256(client).digest()),
    )  # fmt: skip
    return officer.attach(words, officer.as_json(assertion))


def with_body(make, body: bytes, **changes: object) -> Evidence:
    commitment = hashlib.sha256(b"spean/commit/1" + SALT + body).hexdigest()
    return replace(make(canonical(header(commitment=commitment, size=len(body), **changes))), body=body)


def test_an_officers_own_signature_is_shown_where_it_holds(make, good):
    report = verify_evidence(decode(encode(with_body(make, officers(BODY, header())))), TRUSTED)
    assert report.officer is not None
    assert (report.officer.algorithm, report.officer.origin) == ("EdDSA", "https://kr.example:8443")
    assert f"passkey {report.officer.key} (EdDSA) on https://kr.example:8443" in report.steps[2].shown
    without = verify_evidence(good, TRUSTED)
    assert without.officer is None
    assert "no officer's own signature" in without.steps[2].shown


def test_an_officers_signature_that_does_not_hold_fails_the_file(make):
    """Also when the node itself has signed the fact: a node cannot lend an officer's signature to another act."""
    other_words = officers(BODY, header())[len(BODY) - 1 :]
    for evidence in (
        with_body(make, officers(BODY, header(kind="refuse"))),
        with_body(make, officers(BODY, header()), unit="treaties"),
        with_body(make, BODY.replace(b"Dara", b"Sara")[:-1] + other_words),
        with_body(make, officers(BODY, header(), origin="https://kh.example")),
        with_body(make, officers(BODY, header(), origin="https://[")),
        with_body(make, officers(BODY, header(), type="webauthn.create")),
        with_body(make, officer.attach(BODY, b"{}")),
    ):
        assert "officer" in fails(3, evidence)
