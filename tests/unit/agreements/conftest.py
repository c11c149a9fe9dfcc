"""One agreement of four parties and one question that it permits; tests change one thing and look what happens."""

from __future__ import annotations

import pytest

from spean.agreements.model import Instrument, Prohibition
from spean.agreements.question import Question

FOUR = "KH:agreement:01ARZ3NDEKTSV4RRFFQ69G5FAV"


@pytest.fixture
def four() -> Instrument:
    return Instrument(
        id=FOUR,
        title="Memorandum of the four",
        parties=frozenset({"KH", "KR", "TH", "INT"}),
        purposes=frozenset({"warn", "stop-fraud", "investigate-fraud"}),
        data=frozenset({"wallet", "account", "health"}),
        subjects=frozenset({"none", "suspect", "victim"}),
        tlp_ceiling="AMBER",
        handling=frozenset({"H0", "H1", "H2"}),
        mediators=frozenset({"INT"}),
        onward="consent",
        retention_days=365,
        quotas={"warn": 1000},
        contacts={"KH": "Anti-scam unit"},
        articles={"4": "Purposes", "7(2)": "No health data of victims"},
        cites={"purpose": "4", "tlp": "5"},
        starts="2026-01-01",
        ends="2028-12-31",
        prohibitions=(Prohibition(article="7(2)", data=frozenset({"health"}), subjects=frozenset({"victim"})),),
        state="in-force",
    )


@pytest.fixture
def asked() -> Question:
    return Question(
        sender="TH",
        receiver="KH",
        origin="TH",
        instrument=FOUR,
        purpose="investigate-fraud",
        data="wallet",
        subject="suspect",
        tlp="GREEN",
        handling="H0",
        procedure="information-request",
        kind="ask",
        date="2026-03-04",
    )
