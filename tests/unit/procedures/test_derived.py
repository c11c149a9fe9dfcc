"""What is derived from declarations: schemas, permissions, chapters, diagrams; and that the files are current."""

from __future__ import annotations

import importlib.util
import json
import xml.etree.ElementTree as ElementTree
from itertools import combinations
from pathlib import Path
from types import ModuleType

import pytest

from spean.procedures.clocks import Delay
from spean.procedures.declare import Procedure
from spean.procedures.describe import describe
from spean.procedures.diagram import diagram
from spean.procedures.forms import schema
from spean.procedures.layout import arrange
from spean.procedures.manual import chapter
from spean.procedures.permissions import acts_of_role, permissions
from spean.procedures.wording import TEXTS, AsDeclared

ROOT = Path(__file__).resolve().parents[3]
SVG = "{http://www.w3.org/2000/svg}"


def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_manual", ROOT / "scripts" / "make_manual.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


EACH = pytest.mark.parametrize("procedure", maker().procedures(), ids=lambda procedure: procedure.name)


def test_the_manual_is_current(tmp_path: Path) -> None:
    assert maker().stale() == [], "run: python scripts/make_manual.py"
    (tmp_path / "left-over.md").write_text("x")
    assert "left-over.md" in maker().stale(tmp_path)
    assert "agreement.svg" in maker().stale(tmp_path)


@EACH
def test_a_description_is_json_and_says_everything(procedure: Procedure) -> None:
    told = json.loads(json.dumps(describe(procedure)))
    assert [act["kind"] for act in told["acts"]][-3:] == ["correct", "note", "approve"]
    assert {state["name"] for state in told["states"]} == set(procedure.state_names)
    assert all(state["doc"] for state in told["states"])
    assert all(act["doc"] for act in told["acts"])
    assert sum(act["opens"] for act in told["acts"]) == 1


@EACH
def test_every_form_has_a_self_contained_schema_that_forbids_extra_fields(procedure: Procedure) -> None:
    for transition in procedure.by_kind.values():
        text = schema(transition.form)
        assert text["additionalProperties"] is False
        assert text["description"]
        for name in json.dumps(text).split('"#/$defs/')[1:]:
            assert name.split('"')[0] in text["$defs"]


@EACH
def test_a_chapter_names_every_act_state_and_rule(procedure: Procedure) -> None:
    text = chapter(procedure)
    for kind, transition in procedure.by_kind.items():
        assert f"### {kind}\n" in text
        assert all(f"**Rule {rule.number}:** {rule.text}" in text for rule in transition.rules)
    assert all(f"`{name}`" in text for name in procedure.state_names)


@EACH
def test_a_diagram_is_readable_without_eyes_and_without_colour(procedure: Procedure) -> None:
    svg = ElementTree.fromstring(diagram(procedure))
    assert svg.get("role") == "img"
    assert svg.get("aria-labelledby") == "title desc"
    words = svg.findtext(f"{SVG}desc") or ""
    texts = {element.text for element in svg.iter(f"{SVG}text")}
    for transition in procedure.transitions:
        assert f"{transition.kind} by " in words
    for name in procedure.state_names:
        marks = " [end]" * (name in procedure.ends) + " [adverse]" * (name in procedure.adverse_states)
        marks += " [candidate]" * (name in procedure.candidates)
        assert f"{name}{marks}" in texts
    assert not list(svg.iter(f"{SVG}style"))
    assert "style=" not in diagram(procedure)


def test_boxes_never_overlap_and_edges_cross_none() -> None:
    boxes = [(str(number), 40.0 + 17 * (number % 5), 30.0 + 9 * (number % 3)) for number in range(14)]
    edges = [(str(a), str(b)) for a, b in combinations(range(14), 2) if (a * 7 + b * 3) % 5 == 0]
    drawing = arrange(boxes, edges, 30.0)
    for one, two in combinations(drawing.places.values(), 2):
        apart_x = abs(one.x - two.x) >= (one.width + two.width) / 2
        apart_y = abs(one.y - two.y) >= (one.height + two.height) / 2
        assert apart_x or apart_y
    for way in drawing.ways.values():
        for passing in way[1:-1]:
            for box in drawing.rows[passing.row]:
                assert box is passing or abs(box.x - passing.x) >= box.width / 2
    with pytest.raises(ValueError, match="cycle"):
        arrange([("a", 1.0, 1.0), ("b", 1.0, 1.0)], [("a", "b"), ("b", "a")], 1.0)


def test_permissions_follow_the_roles_of_each_act() -> None:
    every = permissions(maker().procedures())
    assert every["key-rotation"]["announce"] == ("administrator",)
    assert every["agreement"]["sign"] == ("legal", "secretariat")
    assert every["agreement"]["enter"] == ("the node itself",)
    assert "send" not in acts_of_role(maker().procedures(), "administrator")["information-request"]
    assert "send" in acts_of_role(maker().procedures(), "duty-officer")["information-request"]


class _Shouted(AsDeclared):
    """Speaks in capitals, and only texts that are listed for translation."""

    def state(self, procedure: str, name: str) -> str:
        return name.upper()

    def act(self, kind: str) -> str:
        return kind.upper()

    def party(self, name: str) -> str:
        return name.upper()

    def declared(self, text: str) -> str:
        return text.upper()

    def delay(self, delay: Delay) -> str:
        return super().delay(delay).upper()

    def text(self, text: str, *values: str) -> str:
        assert text in TEXTS
        return super().text(text.upper(), *values)


@EACH
def test_a_diagram_says_nothing_but_in_the_readers_words(procedure: Procedure) -> None:
    svg = ElementTree.fromstring(diagram(procedure, _Shouted()))
    said = [svg.findtext(f"{SVG}title"), svg.findtext(f"{SVG}desc"), *(each.text for each in svg.iter(f"{SVG}text"))]
    for text in said:
        assert text
        assert text == text.upper()
