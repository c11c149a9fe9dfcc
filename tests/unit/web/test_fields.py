"""Every form of every procedure as controls, and back from what was typed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spean.holds.model import TooLate
from spean.node.node import PROCEDURES
from spean.procedures.declare import Transition
from spean.procedures.forms import schema
from spean.requests.model import InformationRequest
from spean.treaties.model import AgreementText
from spean.web.language.catalogue import words
from spean.web.language.declared import AS_WRITTEN
from spean.web.parts.faults import faults
from spean.web.parts.fields import Field, FormShape
from spean.web.parts.measures import Unit

ENGLISH = words("en")


def _all_forms() -> Iterator[Any]:
    for procedure in PROCEDURES:
        for transition in procedure.by_kind.values():
            if transition.kind != "correct":
                yield pytest.param(transition, id=f"{procedure.name}-{transition.kind}")


def typed(fields: tuple[Field, ...]) -> list[tuple[str, str]]:
    """What a browser sends for these controls as they are shown."""
    sent: list[tuple[str, str]] = []
    for field in fields:
        if field.control == "group":
            sent += typed(field.children)
        elif field.control in ("rows", "pairs"):
            for row in field.rows:
                sent += typed(row)
        elif field.control == "choices":
            sent += [(field.name, value) for value in field.value]
        elif field.control == "texts":
            sent.append((field.name, "\n".join(field.value)))
        elif field.control == "yes":
            sent += [(field.name, "true")] if field.value else []
        else:
            sent.append((field.name, str(field.value)))
    return sent


@pytest.mark.parametrize("transition", list(_all_forms()))
def test_an_empty_form_names_what_is_needed_and_nothing_else(transition: Transition) -> None:
    """The controls and the form's own strict check agree: a form without faults is read, one with faults is not."""
    shape = FormShape(schema(transition.form))
    empty = shape.read(typed(shape.fields({})))
    wrong = faults(shape.fields(empty), ENGLISH)
    try:
        msgspec.json.decode(msgspec.json.encode(empty), type=transition.form, strict=True)
        accepted = True
    except msgspec.ValidationError:
        accepted = False
    assert accepted == (not wrong), (empty, wrong)


REQUEST = {
    "offence": "fraud", "facts": "Twelve victims paid into one wallet.", "need": "The wallet is named in seven statements.",
    "proportionality": "Two questions and no other data.", "urgency": "urgent", "urgency_reason": "It is emptied now.",
    "reference": "KR-1", "language": "en",
    "items": [
        {"selector": "wallet", "value": "TFICT01", "chain": "tron", "question": "Do you know it?"},
        {"selector": "place", "value": "ភូមិសួនមាស", "chain": "", "question": "Who rents building B?"},
    ],
}  # fmt: skip
TEXT: dict[str, Any] = {
    "title": "Memorandum", "parties": ["KR", "KH"], "purposes": ["stop-fraud", "warn"], "data": ["wallet"], "subjects": ["none"],
    "tlp_ceiling": "AMBER", "handling": ["H0", "H2"], "starts": "2026-01-01", "retention_days": 365, "mediators": ["INT"],
    "articles": {"4": "Wallets may be exchanged.", "9": "INT may mediate."}, "cites": {"purpose": "4"}, "quotas": {"warn": 10},
    "prohibitions": [{"data": ["health"], "article": "7"}], "onward": "consent",
}  # fmt: skip


@pytest.mark.parametrize(("form", "value"), [(InformationRequest, REQUEST), (AgreementText, TEXT)])
def test_what_is_shown_comes_back_as_it_was(form: type[Any], value: dict[str, Any]) -> None:
    shape = FormShape(schema(form))
    back = shape.read(typed(shape.fields(value)))
    before = msgspec.json.decode(msgspec.json.encode(value), type=form)
    assert msgspec.json.decode(msgspec.json.encode(back), type=form, strict=True) == before
    assert faults(shape.fields(back), ENGLISH) == {}


def test_a_line_is_added_and_taken_away_and_the_others_keep_what_was_typed() -> None:
    shape = FormShape(schema(InformationRequest))
    sent = typed(shape.fields(REQUEST))
    more = shape.changed_rows([*sent, ("add", "f.items")])
    assert more is not None
    assert [row.get("value") for row in more["items"]] == ["TFICT01", "ភូមិសួនមាស", None]
    twice = shape.changed_rows([*typed(shape.fields(more)), ("add", "f.items")])
    assert twice is not None
    assert len(twice["items"]) == 4, "a line that is still blank stays when another is added"
    less = shape.changed_rows([*sent, ("drop", "f.items.0")])
    assert less is not None
    assert [row["value"] for row in less["items"]] == ["ភូមិសួនមាស"]
    assert shape.changed_rows(sent) is None


def test_faults_name_their_control_and_the_rule() -> None:
    shape = FormShape(schema(InformationRequest))
    broken = {**REQUEST, "facts": "short", "items": [{**REQUEST["items"][0], "question": ""}]}  # type: ignore[dict-item,index]
    found = faults(shape.fields(broken), ENGLISH)
    assert set(found) == {"facts", "items.0.question"}
    assert "10" in found["facts"]


def test_nobody_is_told_to_type_minor_units() -> None:
    shape = FormShape(schema(TooLate), unit=Unit("USD", 2))
    (last, *_) = shape.fields()
    (amount,) = (each for each in last.children if each.name.endswith(".amount"))
    assert (amount.control, amount.help) == ("amount", AS_WRITTEN)
    assert shape.read([(amount.name, "1,250.50")])["last"]["amount"] == 125_050
    (unnamed,) = (each for each in FormShape(schema(TooLate)).fields()[0].children if each.name == amount.name)
    assert (unnamed.control, "minor units" in unnamed.help) == ("number", True), "where nobody says the currency"


def test_a_number_that_is_none_is_said_and_kept() -> None:
    transition = next(
        t for p in PROCEDURES if p.name == "information-request" for t in p.transitions if t.kind == "answer"
    )
    shape = FormShape(schema(transition.form))
    read = shape.read([("f.findings.0.item", "one"), ("f.findings.0.text", "Seen.")])
    assert (
        read["findings"] == [{"item": "one", "text": "Seen.", "known": False}] or read["findings"][0]["item"] == "one"
    )
    assert "findings.0.item" in faults(shape.fields(read), ENGLISH)


STEPS = [
    "items",
    "articles",
    "prohibitions",
    "data",
    "parties",
    "quotas",
    "facts",
    "value",
    "key",
    "0",
    "1",
    "77",
    "",
    "x",
    "-1",
]
PATHS = st.lists(st.sampled_from(STEPS), max_size=5).map(lambda steps: ".".join(["f", *steps]))
SHAPES = [FormShape(schema(InformationRequest)), FormShape(schema(AgreementText))]


@settings(deadline=None)
@given(st.lists(st.tuples(PATHS, st.text(max_size=30)), max_size=30), st.sampled_from(["add", "drop"]), PATHS)
def test_whatever_is_sent_is_read_or_left_out(pairs: list[tuple[str, str]], button: str, path: str) -> None:
    """Names that no page sends do not break the reading, and the result is JSON."""
    for shape in SHAPES:
        read = shape.read(pairs)
        msgspec.json.encode(read)
        msgspec.json.encode(shape.changed_rows([*pairs, (button, path)]))
        faults(shape.fields(read), ENGLISH)
