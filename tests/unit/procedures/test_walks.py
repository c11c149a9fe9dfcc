"""Every registered procedure is walked at random and held to the laws (D6, D8)."""

from __future__ import annotations

import importlib
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import spean
from spean.candidates.look_ups import LookUp, Watch
from spean.candidates.model import About, Explanation
from spean.core.marks import Nature, SourceGrade
from spean.core.world import DAY
from spean.dossiers.model import Answered, Opened, Said, Stopped
from spean.holds.reports import FraudReport, ReportedPayment
from spean.procedures.clocks import hours, minutes, national
from spean.procedures.declare import Procedure, move, party, timer
from spean.procedures.forms import Form
from spean.procedures.generic import Note
from spean.procedures.walk import LawBroken, Walk
from spean.treaties.model import Entry


class Reasoned(Form, frozen=True, kw_only=True):
    """A form with a reason."""

    reason: str


STOP = Procedure(
    "stop-payment", 1, "Stop a payment",
    (party("asker", opens=True), party("holder")),
    (
        move("send", "-> sent", by="asker", form=Reasoned),
        move("acknowledge", "sent | escalated -> acknowledged", by="holder", form=Note, human=False,
             within=minutes(5), else_="escalate"),
        timer("escalate", "sent -> escalated", by="asker"),
        move("trace", "acknowledged -> candidate", by="holder", form=Note, auto=True),
        move("hold", "acknowledged | candidate | released -> held", by="holder", form=Reasoned, adverse=True),
        move("vary", "held", by="holder", form=Note, once=True),
        move("order", "held -> ordered", by="holder", form=Reasoned, adverse=True, resets=("vary",)),
        move("release", "held | ordered -> released", by="holder", form=Reasoned, prevails=10),
        timer("lapse", "held -> released", by="holder", after=national("hold", default=hours(72)), prevails=10),
        timer("remind", "held", by="holder", after=hours(48)),
        move("close", "released | acknowledged | escalated | sent -> closed", by="asker | holder", form=Note),
    ),
    ("closed",), "A model of the hardest case.", candidates=("candidate",),
)  # fmt: skip


def registered() -> list[Procedure]:
    """The procedures of every capability: each room of Spean with a file ``procedures.py``."""
    found = [STOP]
    for path in sorted(Path(spean.__path__[0]).glob("*/procedures.py")):
        found.extend(getattr(importlib.import_module(f"spean.{path.parent.name}.procedures"), "PROCEDURES", ()))
    return found


REPORT = FraudReport(
    victim="V-1", reported_at=1, contact_phone="+82 2 1394",
    payments=(ReportedPayment(transferred_at=1, amount=1, currency="KRW", account="A", uetr="U"),),
)  # fmt: skip
_LATER = 1_772_586_000_000 + 30 * DAY
PERSON = Opened(
    kind="person", category="contact",
    statements=(Said(property="name", value="Kim", source=SourceGrade.B, grade=2, nature=Nature.FACT),),
)  # fmt: skip
ANSWERED = Answered(until=_LATER, contact_name="Duty desk", contact_phone="+82 2 1366", reason="she is missing")
STOPPED = Stopped(
    ground="arrest-warrant", basis="warrant 12", until=_LATER, instructions="hold and call", contact_name="Duty desk", contact_phone="+82 2 1366",
    reason="warrant of the court",
)  # fmt: skip
FORMS: dict[str, dict[str, Form]] = {
    "agreement": {"enter": Entry(last_day="2026-03-20")},
    "fraud-report": {"report": REPORT, "complete": REPORT},
    "entity": {"open": PERSON, "verify": ANSWERED, "protect": ANSWERED, "stop": STOPPED},
    "candidate": {
        "explain": Explanation(reason="looked at"),
        "tell-about": About(records=("KR:entity:01JNF000000000000000000001",)),
    },
    "look-up": {"ask": LookUp(names=("A",), why="a case")},
    "watch": {"watch": Watch(type="phone", value="1", until=_LATER, reason="a case")},
}
"""Forms that set clocks; the rest is walked without forms."""

EACH = pytest.mark.parametrize("procedure", registered(), ids=lambda procedure: procedure.name)


@EACH
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_laws_hold_on_drawn_walks(procedure: Procedure, data: st.DataObject) -> None:
    def pick(choices: Sequence[Any]) -> Any:
        return choices[data.draw(st.integers(0, len(choices) - 1))]

    Walk(procedure, pick, FORMS.get(procedure.name, {})).run(12)


@EACH
def test_the_laws_hold_on_long_walks(procedure: Procedure) -> None:
    accepted = 0
    for seed in range(12):
        walk = Walk(procedure, random.Random(seed).choice, FORMS.get(procedure.name, {}))
        walk.run(50)
        accepted += walk.accepted
    assert accepted > 40, "the walks must get somewhere"


@EACH
def test_every_kind_is_walked(procedure: Procedure) -> None:
    seen: set[str] = set()
    for seed in range(400):
        walk = Walk(procedure, random.Random(1000 + seed).choice, FORMS.get(procedure.name, {}), calm=True)
        walk.run(40)
        seen.update(act.kind for act in walk.acts.values())
        if {t.kind for t in procedure.transitions if not t.local} <= seen:
            return
    missing = {t.kind for t in procedure.transitions if not t.local} - seen
    pytest.fail(f"never walked: {missing}")


def test_a_broken_law_tells_its_story() -> None:
    walk = Walk(STOP, random.Random(1).choice)
    walk.run(20)
    with pytest.raises(LawBroken, match="stop-payment: law of the test"):
        walk._law(False, "law of the test", None)
