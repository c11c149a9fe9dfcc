"""One signed fact and its neighbours, the same in every test of the wire."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from spean.core.fact import Envelope
from spean.core.world import SeededEntropy
from spean.exchange.make import HeaderFields, Made, Signer, make_fact


@pytest.fixture
def entropy() -> SeededEntropy:
    return SeededEntropy(7)


@pytest.fixture
def signer(entropy: SeededEntropy) -> Signer:
    return Signer("KR-sign-1", Ed25519PrivateKey.from_private_bytes(entropy.bytes(32)))


@pytest.fixture
def envelope() -> Envelope:
    return Envelope(
        recipients=("KH", "TH"),
        purpose="stop-fraud",
        instrument="KR:agreement:01K0000000000000000000000A",
        basis="MoU KR–KH art. 4",
        data="wallet",
        subject="suspect",
        handling="H1",
        tlp="AMBER+STRICT",
        source="B",
        grade=2,
        nature="fact",
        review="2027-03-04",
    )


@pytest.fixture
def fields(envelope: Envelope) -> HeaderFields:
    return HeaderFields(
        node="KR",
        unit="KR-ASU",
        actor="u-7f3a",
        actor_kind="person",
        time="2026-03-04T01:41:00.000Z",
        record="KR:information-request:01K0000000000000000000000B",
        procedure="information-request",
        version=1,
        kind="ask",
        envelope=envelope,
    )


@pytest.fixture
def make(fields: HeaderFields, signer: Signer, entropy: SeededEntropy) -> Callable[..., Made]:
    """Makes a fact with the given fields changed."""

    def made(body: bytes = b'{"by":"Kim Ji-woo","form":{"wallet":"x"}}', **changes: object) -> Made:
        return make_fact({**fields, **changes}, body, signer, entropy)  # type: ignore[typeddict-item]

    return made
