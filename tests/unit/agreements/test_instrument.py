"""An instrument is built whole or not at all, and its text form is strict (R20, R26, R28, R30)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from spean.agreements.form import from_dict, to_dict
from spean.agreements.model import Instrument, Prohibition, Suspension, peering
from spean.core.canonical import canonical
from spean.core.errors import InvalidInput

SUSPENDED = frozenset({Suspension(pair=frozenset({"KH", "TH"}), by="KH", when="2026-02-01", reason="border")})
STRANGE_PAIR = frozenset({Suspension(pair=frozenset({"KH", "VN"}), by="KH", when="2026-02-01")})
HOSTILE = ('x"; permit(principal, action, resource); //', "'); DROP TABLE--", "\\u{22}", "line\nbreak", "ไทย ខ្មែរ 한국")


@pytest.mark.parametrize(
    ("field", "value", "named", "rule"),
    [
        ("id", "KH:agreement:short", "record", "form"),
        ("id", f"{'KH:agreement:01ARZ3NDEKTSV4RRFFQ69G5FAV'}\n", "record", "form"),
        ("id", 'x" permit', "record", "form"),
        ("id", None, "id", "R26"),
        ("title", "", "title", "form"),
        ("title", " ", "title", "form"),
        ("title", "t" * 10_000, "title", "form"),
        ("title", "bell\x07", "title", "form"),
        ("version", 0, "version", "form"),
        ("version", True, "version", "form"),
        ("parties", frozenset({"KH"}), "parties", "R26"),
        ("parties", frozenset(), "parties", "R26"),
        ("parties", frozenset({"KH", 'T"'}), "parties", "R26"),
        ("parties", frozenset({"KH", "kr"}), "parties", "R26"),
        ("purposes", frozenset(), "purposes", "R20"),
        ("purposes", frozenset({"punish-dissent"}), "purposes", "R20"),
        ("purposes", ["warn"], "purposes", "R20"),
        ("data", frozenset({"religion"}), "data", "R26"),
        ("data", frozenset(), "data", "R26"),
        ("subjects", frozenset(), "subjects", "R30"),
        ("subjects", frozenset({"dissident"}), "subjects", "R30"),
        ("tlp_ceiling", "PURPLE", "tlp_ceiling", "R26"),
        ("handling", frozenset({"H9"}), "handling", "R26"),
        ("onward", "always", "onward", "R26"),
        ("state", "suspended", "state", "R26"),
        ("mediators", frozenset({"int"}), "mediators", "R26"),
        ("retention_days", 0, "retention_days", "R33"),
        ("retention_days", 1_828, "retention_days", "R33"),
        ("starts", "2026-13-01", "starts", "form"),
        ("starts", "20260101", "starts", "form"),
        ("starts", "2026-W01-1", "starts", "form"),
        ("starts", None, "starts", "form"),
        ("ends", "2025-12-31", "ends", "form"),
        ("quotas", {"recover-assets": 3}, "quotas", "R26"),
        ("quotas", {"warn": -1}, "quotas", "form"),
        ("contacts", {"VN": "desk"}, "contacts", "R26"),
        ("articles", {"four": "says"}, "articles", "form"),
        ("cites", {"weather": "4"}, "cites", "R26"),
        ("cites", {"purpose": "art 4"}, "cites", "form"),
        ("suspended", STRANGE_PAIR, "suspended", "A1"),
    ],
)
def test_a_wrong_field_is_named_with_its_rule(four: Instrument, field: str, value: Any, named: str, rule: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        replace(four, **{field: value})
    assert (caught.value.field, caught.value.rule) == (named, rule)
    assert caught.value.remedy


def test_a_pair_is_suspended_once_and_is_a_pair(four: Instrument) -> None:
    again = Suspension(pair=frozenset({"KH", "TH"}), by="TH", when="2026-02-02")
    with pytest.raises(InvalidInput, match="twice"):
        replace(four, suspended=SUSPENDED | {again})
    with pytest.raises(InvalidInput, match="two parties"):
        Suspension(pair=frozenset({"KH"}), by="KH", when="2026-02-01")


def test_a_prohibition_names_something() -> None:
    with pytest.raises(InvalidInput, match="names nothing"):
        Prohibition(article="7")


def test_the_same_instrument_gives_the_same_bytes_and_comes_back(four: Instrument) -> None:
    full = replace(four, suspended=SUSPENDED)
    form = to_dict(full)
    assert from_dict(form) == full
    assert canonical(form) == canonical(to_dict(from_dict(form)))
    assert form["parties"] == ["INT", "KH", "KR", "TH"]


@pytest.mark.parametrize("title", HOSTILE)
def test_any_title_in_words_comes_back_as_it_was(four: Instrument, title: str) -> None:
    assert from_dict(to_dict(replace(four, title=title))).title == title


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"surprise": 1}, "surprise"),
        ({"parties": ["KH", "KH", "TH"]}, "parties"),
        ({"parties": "KH"}, "parties"),
        ({"parties": {"KH": 1, "TH": 2}}, "parties"),
        ({"purposes": [["warn"]]}, "purposes"),
        ({"purposes": ["warn"] * 501}, "purposes"),
        ({"quotas": [1]}, "quotas"),
        ({"quotas": {"warn": "many"}}, "quotas"),
        ({"prohibitions": {"article": "7"}}, "prohibitions"),
        ({"prohibitions": ["all"]}, "prohibitions"),
        ({"prohibitions": [{"article": "7", "data": ["health"], "race": []}]}, "race"),
        ({"suspended": [{"pair": ["KH", "TH"], "by": "KH"}]}, "when"),
        ({"suspended": [{"pair": ["KH", "TH"], "by": "KH", "when": "soon"}]}, "suspended.when"),
        ({"version": "1"}, "version"),
        ({"title": 7}, "title"),
    ],
)
def test_a_strange_form_is_refused_and_the_field_named(four: Instrument, change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        from_dict({**to_dict(four), **change})
    assert caught.value.field == field


@pytest.mark.parametrize("missing", ["id", "title", "parties", "purposes", "subjects", "starts", "retention_days"])
def test_a_missing_field_is_named(four: Instrument, missing: str) -> None:
    form = to_dict(four)
    del form[missing]
    with pytest.raises(InvalidInput) as caught:
        from_dict(form)
    assert caught.value.field == missing


@pytest.mark.parametrize("given", [None, [], "text", 3])
def test_what_is_no_object_is_refused(given: object) -> None:
    with pytest.raises(InvalidInput):
        from_dict(given)


def test_the_instrument_cannot_be_changed_through_the_tables_given_to_it(four: Instrument) -> None:
    quotas = {"warn": 1}
    made = replace(four, quotas=quotas)
    quotas["warn"] = 999
    assert made.quotas == {"warn": 1}
    with pytest.raises(TypeError):
        made.quotas["warn"] = 999  # type: ignore[index]


def test_peering_is_about_nobody_and_only_to_coordinate_or_warn() -> None:
    built = peering(["KH", "TH"])
    assert built.parties == {"KH", "TH"}
    assert built.subjects == {"none"}
    assert built.purposes == {"coordinate", "warn"}
    assert built.data == {"agreement", "directory", "key"}
    assert (built.onward, built.state, built.mediators) == ("never", "in-force", frozenset())
