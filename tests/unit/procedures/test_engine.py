"""The engine: whose turn, roles, clocks, once, corrections, offers; and the fold when acts collide (decision 5)."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from typing import Any

import pytest

from spean.core.errors import Conflict, InvalidInput, NotFound, Refusal, TooMuch
from spean.core.world import DAY, HOUR, MINUTE
from spean.procedures.acts import Act, Context, Known, LocalAct, RecordView
from spean.procedures.clocks import from_form, hours, minutes, national
from spean.procedures.declare import Procedure, local, move, party, timer
from spean.procedures.engine import Engine, UnknownVersion
from spean.procedures.forms import Form
from spean.procedures.generic import Approval, Correction, Note
from spean.procedures.rules import Rule, approved


class Ask(Form, frozen=True, kw_only=True):
    """A question with its amount."""

    reason: str
    amount: int = 0
    deadline: int = 0


def _amount_bound(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    if act.body is not None and act.body.amount > 100:
        raise Refusal("R50", "more than the claim", remedy="hold at most 100")


STOP = Procedure(
    "stop", 1, "Stop", (party("asker", opens=True), party("holder")),
    (
        move("send", "-> sent", by="asker", form=Ask, roles=("duty-officer",)),
        move("acknowledge", "sent -> acknowledged", by="holder", form=Ask, human=False, within=minutes(5),
             else_="escalate", clock_by="asker"),
        timer("escalate", "sent", by="asker"),
        timer("late", "sent | acknowledged", by="asker", after=from_form(lambda f: f.deadline or None, "deadline"),
              since="opened"),
        local("search", "acknowledged", by="holder", form=Note),
        move("hold", "acknowledged | released -> held", by="holder", form=Ask, adverse=True,
             rules=(Rule("R50", "at most the claim", _amount_bound), approved("hold", number="R4", text="four eyes"))),
        move("line", "held", by="holder", form=Ask, bulk=True,
             rules=(Rule("R50", "at most the claim", _amount_bound),)),
        move("tell", "held", by="asker | holder", form=Ask, once=True),
        move("order", "held -> ordered", by="holder", form=Ask, adverse=True, resets=("tell",), pins="ordered-by"),
        move("release", "held | ordered -> released", by="holder", form=Ask, prevails=10),
        timer("lapse", "held -> released", by="holder", after=national("hold", default=hours(72)), prevails=10),
        move("close", "sent | acknowledged | released -> closed", by="asker | holder", form=Ask, correctable=False),
    ),
    ("closed",), "A model.",
)  # fmt: skip
ENGINE = Engine([STOP])
RECORD = "KR:stop:" + "0" * 26
OK = Ask(reason="because")
APPROVED = (LocalAct("approve", "th-2", "TH", 10**13, "hold"),)


class Asked:
    """A lookup with given facts and settings."""

    def __init__(self, facts: dict[str, Known] | None = None, settings: dict[str, int] | None = None) -> None:
        self._facts, self._settings = facts or {}, settings or {}

    def fact(self, name: str) -> Known | None:
        return self._facts.get(name)

    def form(self, name: str) -> Any | None:
        del name
        return None

    def stated(self, record: str, kind: str) -> tuple[tuple[str, Any], ...]:
        del record, kind
        return ()

    def beside(self, procedure: str, states: frozenset[str]) -> tuple[tuple[str, Any], ...]:
        del procedure, states
        return ()

    def setting(self, name: str) -> int | None:
        return self._settings.get(name)


def act(name: str, kind: str, node: str, on: tuple[str, ...], at: int = 0, **more: Any) -> Act:
    whole = Act(name, kind, node, f"{node}-1".lower(), "person", None, at, on, (), OK, ())
    return replace(whole, **more)


def opened(body: Ask = OK) -> RecordView:
    return ENGINE.open(act("a", "send", "KR", (), recipients=("TH",), body=body), RECORD, STOP).view


def go(view: RecordView, kind: str, node: str, me: str = "TH", **more: Any) -> RecordView:
    ctx = Context(more.get("at", 0), me, more.pop("ask", Asked()), more.pop("local", APPROVED))
    return ENGINE.advance(view, act(more.pop("name", kind), kind, node, view.heads, **more), ctx).view


def held() -> RecordView:
    return go(go(opened(), "acknowledge", "TH"), "hold", "TH")


def test_a_record_opens_with_its_parties_and_clocks() -> None:
    outcome = ENGINE.open(act("a", "send", "KR", (), at=7, recipients=("TH",), body=OK), RECORD, STOP)
    assert outcome.view.parties == {"asker": ("KR",), "holder": ("TH",)}
    assert (outcome.view.state, outcome.view.heads, outcome.view.opened_at) == ("sent", ("a",), 7)
    assert [(due.name, due.due_at, due.by_party) for due in outcome.timers] == [
        ("acknowledge:escalate", 7 + 5 * MINUTE, "asker")
    ]


@pytest.mark.parametrize(("node", "record", "recipients", "error"), [
    ("TH", RECORD, ("KR",), Refusal), ("KR", "KR:other:" + "0" * 26, ("TH",), Refusal),
    ("KR", RECORD, (), InvalidInput), ("KR", RECORD, ("TH", "VN"), InvalidInput),
])  # fmt: skip
def test_nobody_opens_in_anothers_name_or_with_the_wrong_parties(
    node: str, record: str, recipients: tuple[str, ...], error: type[Exception]
) -> None:
    with pytest.raises(error):
        ENGINE.open(act("a", "send", node, (), recipients=recipients), record, STOP)


def refusal(view: RecordView, kind: str, node: str, **more: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        go(view, kind, node, **more)
    assert caught.value.why
    assert caught.value.remedy
    return caught.value


def test_turn_state_actor_role_and_recipients_are_checked() -> None:
    view = opened()
    assert refusal(view, "acknowledge", "KR").rule == "D6"
    assert refusal(view, "acknowledge", "XX").rule == "D6"
    assert refusal(view, "hold", "TH").rule == "D6"
    assert "possible in acknowledged or released" in refusal(view, "hold", "TH").remedy
    assert refusal(view, "acknowledge", "TH", recipients=("KR", "LA")).rule == "D3"
    assert refusal(view, "acknowledge", "TH", actor_kind="timer").rule == "D6"
    assert refusal(view, "send", "KR").rule == "D6"
    acknowledged = go(view, "acknowledge", "TH", actor_kind="service")
    assert refusal(acknowledged, "hold", "TH", actor_kind="service").rule == "R1"
    assert refusal(acknowledged, "close", "TH", actor_kind="service").rule == "D8"
    with pytest.raises(Refusal, match="duty-officer") as caught:
        ENGINE.open(act("a", "send", "KR", (), recipients=("TH",), roles=frozenset({"consul"})), RECORD, STOP)
    assert caught.value.rule == "O1"


def test_rules_are_judged_and_four_eyes_only_at_home() -> None:
    view = go(opened(), "acknowledge", "TH")
    assert refusal(view, "hold", "TH", body=Ask(reason="x", amount=101)).rule == "R50"
    assert refusal(view, "hold", "TH", local=()).rule == "R4"
    own = (LocalAct("approve", "th-1", "TH", 10**13, "hold"),)
    assert refusal(view, "hold", "TH", local=own).rule == "R4"
    assert go(view, "hold", "TH", local=(), me="KR").state == "held"
    assert go(view, "hold", "TH", body=None).state == "held"


def test_an_act_on_other_heads_is_a_conflict() -> None:
    with pytest.raises(Conflict):
        ENGINE.advance(opened(), act("b", "acknowledge", "TH", ("zz",)), Context(0, "TH"))


def test_once_resets_and_pins() -> None:
    view = go(held(), "tell", "KR")
    assert refusal(view, "tell", "KR").rule == "D6"
    both = go(view, "tell", "TH", name="t2")
    assert both.done == {"tell": ("KR", "TH")}
    assert go(both, "order", "TH").done == {"ordered-by": ("order",)}


def test_clocks_fire_when_due_and_not_before() -> None:
    view = opened()
    early = {"actor_kind": "timer", "at": 5 * MINUTE - 1}
    assert "too early" in refusal(view, "escalate", "KR", **early).why
    after = go(view, "escalate", "KR", actor_kind="timer", at=5 * MINUTE)
    assert after.state == "sent"
    assert "no clock" in refusal(after, "escalate", "KR", actor_kind="timer", at=DAY, name="again").why
    assert refusal(view, "escalate", "KR", at=DAY).rule == "D6"


def test_a_deadline_of_the_opening_form_outlives_states_and_erasure() -> None:
    view = go(opened(Ask(reason="x", deadline=HOUR)), "acknowledge", "TH", at=MINUTE)
    assert view.done == {"clock:late": (str(HOUR),)}
    late = ENGINE.advance(view, act("l", "late", "KR", view.heads, HOUR, actor_kind="timer"), Context(HOUR, "KR"))
    assert late.timers == ()
    assert late.view.done["late"] == ("KR",)


def test_a_national_clock_is_its_owners() -> None:
    view, short = held(), Asked(settings={"hold": HOUR})
    lapse = act("l", "lapse", "TH", view.heads, HOUR, actor_kind="timer")
    assert ENGINE.advance(view, lapse, Context(HOUR, "TH", short)).view.state == "released"
    with pytest.raises(Refusal, match="too early"):
        ENGINE.advance(view, lapse, Context(HOUR, "TH"))
    assert ENGINE.advance(view, lapse, Context(HOUR, "KR")).view.state == "released"


def test_corrections_are_the_origins_own_and_obey_the_corrected_rules() -> None:
    view = go(held(), "line", "TH")
    facts = Asked({
        "line": Known(RECORD, "line", "TH"), "other": Known("x", "line", "TH"), "c": Known(RECORD, "correct", "TH"),
        "end": Known(RECORD, "close", "TH"),
    })  # fmt: skip
    good = Correction(reason="typing error", replacement=Ask(reason="because", amount=7))
    corrected = go(view, "correct", "TH", targets=("line",), body=good, ask=facts, actor_kind="service")
    assert (corrected.state, corrected.entered_by) == ("held", "hold")
    for node, target in (("KR", "line"), ("TH", "other"), ("TH", "missing"), ("TH", "c"), ("TH", "end")):
        assert refusal(view, "correct", node, targets=(target,), body=good, ask=facts).rule == "R34"
    assert refusal(view, "correct", "TH", body=good, ask=facts).rule == "R34"
    bad = Correction(reason="typing error", replacement=Ask(reason="because", amount=700))
    assert refusal(view, "correct", "TH", targets=("line",), body=bad, ask=facts).rule == "R50"


def test_local_acts_stay_at_home_and_change_nothing() -> None:
    view = go(opened(), "acknowledge", "TH")
    assert go(view, "search", "TH") == view
    assert go(view, "note", "TH", actor_kind="service") == view
    assert "never sent" in refusal(view, "note", "KR").remedy
    assert refusal(view, "approve", "TH", actor_kind="service", body=Approval(kind="hold", reason="seen")).rule == "D8"


def test_offers_are_the_turn_with_what_is_in_the_way() -> None:
    view = go(opened(), "acknowledge", "TH")
    offers = {offer.kind: offer for offer in ENGINE.offers(view, "TH", frozenset(), Context(0, "TH"))}
    assert set(offers) == {"hold", "close", "search", "correct", "note", "approve"}
    assert offers["hold"].adverse
    assert offers["hold"].refusal is not None
    assert offers["hold"].refusal.rule == "R4"
    assert offers["close"].refusal is None
    assert "hold" not in {offer.kind for offer in ENGINE.offers(view, "KR", frozenset(), Context(0, "KR"))}


def test_versions_and_names() -> None:
    second = Procedure("stop", 2, "Stop", STOP.parties, STOP.transitions, STOP.ends, STOP.doc)
    engine = Engine([STOP, second])
    assert engine.procedure("stop") is second
    assert engine.procedure("stop", 1) is STOP
    assert (engine.names(), engine.versions("stop"), engine.procedures) == (("stop",), (1, 2), (second,))
    with pytest.raises(NotFound) as unknown:
        engine.procedure("nope")
    assert not isinstance(unknown.value, UnknownVersion)
    with pytest.raises(UnknownVersion, match="upgrade"):
        engine.procedure("stop", 3)
    with pytest.raises(UnknownVersion):
        engine.decode(STOP, "teleport", b"{}")
    with pytest.raises(ValueError, match="twice"):
        Engine([STOP, STOP])


@pytest.mark.parametrize(("body", "field"), [
    (b'{"reason":1}', "reason"), (b"{}", "reason"), (b'{"reason":"x","extra":1}', "extra"),
    (b'{"reason":"x","amount":1.5}', "amount"), (b"[]", "body"), (b"{", "body"), (b'{"reason":"\xff"}', "body"),
    (b'{"reason":"\\ud800"}', "body"),
])  # fmt: skip
def test_a_wrong_form_names_its_field(body: bytes, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        ENGINE.decode(STOP, "send", body)
    assert caught.value.field == field


def test_forms_are_limited_and_canonical() -> None:
    for body in (b"[" * 10_000, b'{"reason":' * 50 + b"1" + b"}" * 50, b'{"reason":"' + b"x" * 300_000 + b'"}'):
        with pytest.raises(TooMuch):
            ENGINE.decode(STOP, "send", body)
    text = Ask(reason="[{" * 60)
    assert ENGINE.decode(STOP, "send", ENGINE.encode(text)) == text
    assert ENGINE.encode(Ask(reason="é\n")) == '{"amount":0,"deadline":0,"reason":"é\\n"}'.encode()


def test_a_correction_is_read_as_the_form_that_it_corrects() -> None:
    body = ENGINE.encode(Correction(reason="typing error", replacement=OK))
    assert ENGINE.decode(STOP, "correct", body, corrects="line") == Correction(reason="typing error", replacement=OK)
    for kind in ("", "note", "correct"):
        with pytest.raises(InvalidInput):
            ENGINE.decode(STOP, "correct", body, corrects=kind)
    with pytest.raises(InvalidInput) as caught:
        ENGINE.decode(STOP, "correct", b'{"reason":"typing error","replacement":{"amount":true}}', corrects="line")
    assert caught.value.field == "replacement.amount"


# folding --------------------------------------------------------------------------------------------------------

START = act("a", "send", "KR", (), recipients=("TH",))
ACK = act("b", "acknowledge", "TH", ("a",), 1)
HOLD = act("c", "hold", "TH", ("b",), 2)


def fold(*acts: Act) -> Any:
    shuffled = list(acts)
    random.Random(len(acts)).shuffle(shuffled)
    return ENGINE.fold(RECORD, STOP, shuffled)


def test_release_wins_against_a_concurrent_adverse_act_whatever_its_name_or_date() -> None:
    for order, release in (("0", "9"), ("9", "0")):
        folded = fold(START, ACK, HOLD, act(order, "order", "TH", ("c",), 3), act(release, "release", "TH", ("c",), 99))
        assert folded.view.state == "released"
        assert folded.effects[order] == "overtaken"
        assert folded.view.heads == ("0", "9")
        again = fold(
            START, ACK, HOLD, act(order, "order", "TH", ("c",), 3), act(release, "release", "TH", ("c",), 99),
            act("h2", "hold", "TH", ("0", "9"), 4),
        )  # fmt: skip
        assert again.view.state == "held"
        assert again.chain[-2:] == (release, "h2")


def test_a_missing_predecessor_makes_its_followers_wait_visibly() -> None:
    folded = fold(START, HOLD, act("r", "release", "TH", ("c",)))
    assert folded.effects == {"a": "effective", "c": "waiting", "r": "waiting"}
    assert folded.view.state == "sent"
    assert ENGINE.fold(RECORD, STOP, [HOLD]).view is None


def test_what_was_not_allowed_counts_for_nothing_nor_what_builds_on_it() -> None:
    early, later = act("x", "hold", "TH", ("a",)), act("y", "release", "TH", ("x",))
    folded = fold(START, early, later, act("z", "magic", "KR", ("a",)))
    assert {name for name, effect in folded.effects.items() if effect == "invalid"} == {"x", "y", "z"}
    assert "not possible in state sent" in folded.invalid["x"]
    assert folded.view.heads == ("a",)


def test_two_openings_do_not_mix() -> None:
    other = act("0", "send", "KR", (), recipients=("VN",))
    folded = fold(START, other, ACK)
    assert folded.view.parties["holder"] == ("VN",)
    assert folded.effects == {"a": "overtaken", "0": "effective", "b": "overtaken"}


def test_an_act_is_judged_by_the_fold_of_what_it_builds_on() -> None:
    context = Context(0, "TH", Asked(), ())
    folded = ENGINE.fold(RECORD, STOP, [START, ACK, HOLD], lambda each: context if each.id == "c" else None)
    assert "R4" in folded.invalid["c"]
    assert ENGINE.fold(RECORD, STOP, [START, ACK, HOLD]).view.state == "held"


def test_many_facts_fold_in_linear_time_and_agree_with_advancing() -> None:
    count = 20_000
    acts = [START, ACK, HOLD]
    view = held_view = ENGINE.fold(RECORD, STOP, acts).view
    assert held_view is not None
    ctx = Context(0, "KR")
    for number in range(count):
        acts.append(act(f"e{number:06}", "line", "TH", (acts[-1].id,), 3))
        view = ENGINE.advance(view, acts[-1], ctx).view
    started = time.process_time()
    folded = fold(*acts)
    assert time.process_time() - started < 4.0
    assert folded.view == view


def test_more_moves_than_anything_honest_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spean.procedures.fold.MAX_HEAVY", 3)
    with pytest.raises(TooMuch):
        fold(START, ACK, HOLD, act("r", "release", "TH", ("c",)))
