"""A wrong declaration is refused when it is built, and the error names the fault."""

from __future__ import annotations

from typing import Any

import pytest

from spean.core.world import DAY, HOUR, MINUTE
from spean.procedures.check import DeclarationError
from spean.procedures.clocks import days, from_form, hours, minutes, national, words
from spean.procedures.declare import Procedure, Transition, local, move, party, timer
from spean.procedures.forms import Form


class Why(Form, frozen=True, kw_only=True):
    """A reason."""

    reason: str


class Rate(Form, frozen=True, kw_only=True):
    """A form with a float, which no form may have."""

    reason: str
    rate: float


PARTIES = (party("asker", opens=True), party("holder"))
OPEN = move("ask", "-> sent", by="asker", form=Why)
END = move("end", "sent -> ended", by="holder", form=Why)


def build(*transitions: Transition, **more: Any) -> Procedure:
    given: dict[str, Any] = {"parties": PARTIES, "ends": ("ended",), "doc": "A test.", **more}
    return Procedure("test", 1, "Test", transitions=transitions, **given)


def test_a_whole_declaration_is_accepted() -> None:
    procedure = build(OPEN, END, states={"sent": "on its way", "ended": "done"})
    assert procedure.state_names == ("sent", "ended")
    assert procedure.opening is OPEN
    assert set(procedure.by_kind) == {"ask", "end", "correct", "note", "approve"}


ADVERSE = move("hold", "sent -> held", by="holder", form=Why, adverse=True)
RELEASE = move("release", "held -> ended", by="holder", form=Why, prevails=1)

WRONG: dict[str, tuple[tuple[Transition, ...], dict[str, Any], str]] = {
    "unknown party": ((OPEN, move("end", "sent -> ended", by="bank", form=Why)), {}, "end: unknown party 'bank'"),
    "unknown end": ((OPEN, END), {"ends": ("ended", "lost")}, "unknown state 'lost'"),
    "unknown state in words": ((OPEN, END), {"states": {"sent": "x", "endet": "y"}}, "differ"),
    "unreachable": ((OPEN, END, move("x", "far -> ended", by="asker", form=Why)), {}, "'far' cannot be reached"),
    "no exit": ((OPEN, END, move("x", "sent -> stuck", by="asker", form=Why)), {}, "'stuck' has no exit"),
    "end that is left": ((OPEN, END, move("x", "ended -> sent", by="asker", form=Why)), {}, "'ended' is an end"),
    "kind twice": ((OPEN, END, END), {}, "declared twice"),
    "generic kind": ((OPEN, END, move("note", "sent", by="asker", form=Why)), {}, "declared twice"),
    "two openings": ((OPEN, END, move("x", "-> sent", by="asker", form=Why)), {}, "exactly one act opens"),
    "wrong opener": ((move("ask", "-> sent", by="holder", form=Why), END), {}, "only the party that opens"),
    "nobody opens": ((OPEN, END), {"parties": (party("asker"), party("holder"))}, "exactly one party"),
    "three parties": ((OPEN, END), {"parties": (*PARTIES, party("third"))}, "one or two parties"),
    "floats": ((OPEN, move("end", "sent -> ended", by="holder", form=Rate)), {}, "floating-point"),
    "within without else": (
        (OPEN, move("end", "sent -> ended", by="holder", form=Why, within=1)), {}, "without an end",
    ),
    "else unknown": (
        (OPEN, move("end", "sent -> ended", by="holder", form=Why, within=1, else_="nope")), {},
        "'nope', which is no timer",
    ),
    "wrong keeper": (
        (OPEN, move("end", "sent -> ended", by="holder", form=Why, within=1, else_="t", clock_by="holder"),
         timer("t", "sent", by="asker")), {}, "clock_by says 'holder'",
    ),
    "else in another state": (
        (OPEN, move("mid", "sent -> middle", by="asker", form=Why, within=1, else_="t"),
         move("end", "middle -> ended", by="asker", form=Why), timer("t", "middle", by="asker")), {}, "cannot fire",
    ),
    "timer without clock": ((OPEN, END, timer("t", "sent", by="asker")), {}, "no clock fires"),
    "timer comes back": (
        (OPEN, END, timer("t", "sent -> sent", by="asker", after=1)), {}, "comes back to where it fires",
    ),
    "timer of many": (
        (OPEN, END, timer("t", "sent", by="holder", after=1)),
        {"parties": (party("asker", opens=True), party("holder", many=True))}, "owned by one party of one node",
    ),
    "adverse timer": (
        (OPEN, RELEASE, ADVERSE, timer("t", "sent -> held", by="asker", after=1)), {}, "never acts against anybody",
    ),
    "adverse without human": (
        (OPEN, RELEASE, move("hold", "sent -> held", by="holder", form=Why, adverse=True, human=False)), {}, r"\(R1\)",
    ),
    "adverse without way back": (
        (OPEN, ADVERSE, move("x", "held -> ended", by="holder", form=Why)), {}, "no way back",
    ),
    "candidate to adverse": (
        (OPEN, ADVERSE, RELEASE, move("x", "sent -> held", by="holder", form=Why, human=False)),
        {"candidates": ("sent",)}, "no human decision",
    ),
    "local that moves": ((OPEN, local("end", "sent -> ended", by="holder", form=Why)), {}, "does not move"),
    "reset of nothing": ((OPEN, move("end", "sent -> ended", by="holder", form=Why, resets=("x",))), {}, "resets 'x'"),
    "pin on a stay": ((OPEN, END, move("x", "sent", by="asker", form=Why, pins="text")), {}, "only a move pins"),
    "clock from no move": (
        (OPEN, END, timer("t", "sent", by="asker", after=from_form(lambda form: 1, "x", of=("nope",)))), {}, "no move",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_declaration_names_its_fault(name: str) -> None:
    transitions, more, words_ = WRONG[name]
    with pytest.raises(DeclarationError, match=words_):
        build(*transitions, **more)


def test_a_clock_must_lead_to_an_end_or_a_human_turn() -> None:
    loop = (
        timer("t", "sent -> one", by="asker", after=1),
        move("x", "one -> two", by="asker", form=Why, auto=True),
        move("y", "two -> one", by="asker", form=Why, auto=True),
    )
    with pytest.raises(DeclarationError, match="t: a clock without an end"):
        build(OPEN, END, *loop)


def test_delays_in_words() -> None:
    assert (minutes(5), hours(8), days(3)) == (5 * MINUTE, 8 * HOUR, 3 * DAY)
    assert [words(each) for each in (minutes(5), hours(1), days(3), 90_000, 7)] == [
        "5 minutes", "1 hour", "3 days", "90 seconds", "7 ms",
    ]  # fmt: skip
    assert words(national("hold", default=hours(72))) == "national setting “hold”, 3 days unless set"
    assert words(from_form(lambda form: 1, "by urgency")) == "by urgency"
