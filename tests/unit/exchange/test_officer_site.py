"""What an officer's passkey signs, out of a header; and where a node's officers use theirs."""

import json

import pytest

from spean.core.errors import InvalidInput
from spean.exchange.codec import encode_header
from spean.exchange.officer import Site, challenge, challenge_of, credential_of, given, site_of
from spean.ledger import officer


def test_the_challenge_is_the_same_before_and_after_the_fact_is_made(fields, make):
    words = b'{"by":"Lee Hana","form":{}}'
    made = make(words + b" and an assertion").fact.header
    assert challenge(fields, words) == challenge_of(made, words)
    assert challenge_of(made, words) == officer.challenge(json.loads(encode_header(made)), words)
    assert challenge({**fields, "unit": "other"}, words) != challenge_of(made, words)


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://kr.example:8443", Site("kr.example", "https://kr.example:8443")),
        ("https://kr.example:443", Site("kr.example", "https://kr.example")),
        ("https://kr.example", Site("kr.example", "https://kr.example")),
        ("http://kr.localhost:8801", Site("kr.localhost", "http://kr.localhost:8801")),
        ("http://kr.localhost:80", Site("kr.localhost", "http://kr.localhost")),
        ("http://kr.localhost:443", Site("kr.localhost", "http://kr.localhost:443")),
    ],
)
def test_a_site_is_written_as_browsers_write_it(url, site):
    assert site_of(url) == site


def test_what_a_browser_sends_is_read():
    said = {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AQ", "userHandle": "Ag"}
    sent = {"id": "aWQ", "rawId": "aWQ", "type": "public-key", "response": said, "clientExtensionResults": {}}
    found = given(sent, b"key")
    assert (found.credential, found.client, found.key, found.signature) == (b"id", b"{}", b"key", b"\x01")
    assert credential_of(sent) == b"id"


@pytest.mark.parametrize(
    "sent",
    [None, 7, [], {}, {"id": "aWQ"}, {"id": "aWQ", "response": {}}, {"id": 7, "response": {}},
     {"id": "=", "response": {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AQ"}},
     {"id": "aWQ", "response": {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": ""}}],
)  # fmt: skip
def test_what_no_browser_sends_is_refused(sent):
    with pytest.raises(InvalidInput, match="officer"):
        given(sent, b"key")
