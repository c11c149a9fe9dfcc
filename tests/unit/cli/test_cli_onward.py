"""Passing on and late answers by commands alone: refused, asked, granted, passed once (A4, A5)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TEXT = {
    "title": "Memorandum on stopping fraud", "parties": ["KH", "KR", "TH"], "purposes": ["stop-fraud", "coordinate"], "data": ["wallet"],
    "subjects": ["none"], "tlp_ceiling": "AMBER", "handling": ["H0", "H2"], "onward": "consent", "retention_days": 365,
    "starts": "2026-01-01",
}  # fmt: skip
SIGNED = ("--targets", "text", "--set", "capacity=Director", "--set", "authority=Full powers")
MARKS = ("--purpose", "stop-fraud", "--data", "wallet")
WHY = ("--reason", "the money was paid out there")
Three = dict[str, Any]


def carry(three: Three, folder: Path, *ways: str) -> None:
    """By file, one way after the other, e.g. ``KR>KH``."""
    for way in ways:
        sender, receiver = way.split(">")
        file = folder / f"{len(list(folder.glob('*.parcel')))}.parcel"
        three[sender].ok("exchange", "export", receiver, str(file), "--reason", "carried by a courier")
        three[receiver].ok("exchange", "import", str(file))


@pytest.fixture
def three(make: Callable[..., Any], tmp_path: Path) -> Three:
    """KH, KR and TH, partners of one another, with an agreement in force."""
    found = {name: make(name) for name in ("KH", "KR", "TH")}
    for one in found.values():
        for other in found.values():
            if one is not other:
                offer = other.ok("peer", "invite")
                one.ok("peer", "accept", offer["invitation"], "--words", offer["words"])
    file = tmp_path / "text.json"
    file.write_text(json.dumps(TEXT))
    record = found["KR"].ok("agreement", "draft", "--to", "KH,TH", "--form", str(file))["record"]
    found["KR"].ok("agreement", "submit", record, "--set", "reason=the text is final")
    found["KR"].ok("agreement", "sign", record, *SIGNED)
    carry(found, tmp_path, "KR>KH", "KR>TH")
    for name in ("KH", "TH"):
        found[name].ok("agreement", "sign", record, *SIGNED)
    carry(found, tmp_path, "KH>KR", "KH>TH", "TH>KR", "TH>KH", "KR>KH", "KR>TH")
    for each in found.values():
        assert [row["state"] for row in each.ok("agreement", "list")] == ["in-force"]
    return found


def test_an_h2_entry_is_passed_on_once_with_its_owners_consent(three: Three, tmp_path: Path) -> None:
    kr, kh, th = three["KR"], three["KH"], three["TH"]
    form = ("--set", "title=List", "--set", "source=ours", "--set", "data=wallet")
    record = kr.ok("circular", "open", "--to", "KH", *MARKS, "--handling", "H2", *form)["record"]
    entry = kr.ok(
        "circular", "entry", record, "--set", "kind=wallet", "--set", "value=TInvented", "--set", "chain=tron"
    )["fact"]
    carry(three, tmp_path, "KR>KH")
    refused = kh("fact", "pass-on", entry, "--to", "TH", *WHY, "--json")
    assert (refused.code, refused.problem["rule"]) == (1, "A5")
    assert "KR is asked" in refused.problem["remedy"]
    assert [row["act"] for row in kh.ok("readers", record)][-1] == "attempt"
    carry(three, tmp_path, "KH>KR")
    (asked,) = kr.ok("consent", "list", "--open")
    assert asked["state"] == "asked"
    terms = ("--set", "node=TH", "--set", "purpose=stop-fraud", "--set", "days=3")
    assert kr.ok("consent", "grant", asked["record"], *terms, "--targets", entry)["state"] == "granted"
    carry(three, tmp_path, "KR>KH")
    said = kh("fact", "pass-on", entry, "--to", "TH", *WHY)
    assert said.code == 0
    assert f"with the consent {asked['record']}" in said.out
    carry(three, tmp_path, "KH>TH", "KH>KR")
    (arrived,) = th.ok("consented", "list")
    assert th.ok("consented", "acknowledge", arrived["record"])["state"] == "acknowledged"
    assert {each["node"] for each in kr.ok("fact", "holders", entry)["holders"]} == {"KH", "TH"}
    assert kh("fact", "pass-on", entry, "--to", "TH", *WHY).code == 1
    assert kh("consent", "use", asked["record"]).code == 2, "nobody spends a consent by hand"


def test_late_answers_are_counted_at_the_desk(three: Three, tmp_path: Path) -> None:
    kr = three["KR"]
    assert kr("request", "late").out.strip() == "nobody was asked"
    file = tmp_path / "request.json"
    file.write_text(json.dumps({
        "offence": "fraud", "facts": "A victim paid to this wallet on an invented day.", "need": "To stop the money before it moves.",
        "items": [{"selector": "wallet", "value": "TInvented", "chain": "tron", "question": "Who holds it?"}],
        "proportionality": "One wallet, one question.",
    }))  # fmt: skip
    kr.ok("request", "send", "--to", "KH", "--form", str(file), *MARKS)
    assert kr.ok("request", "late") == [{"holder": "KH", "urgency": "normal", "in_time": 0, "late": 0, "pending": 1}]
    assert kr("request", "late").out.splitlines()[-1].split() == ["KH", "normal", "0", "0", "1"]
