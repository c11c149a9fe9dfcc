"""A candidate: nothing shows before a person who did not ask has looked, and nothing follows from it by itself (R2, R22, R23, R27)."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spean.candidates.lists import Safeguard
from spean.candidates.look_ups import Found, LookUp, Mark, Passed, Renewal, Watch
from spean.candidates.misuse import LIMITS, MISSES, Look, check, concerns
from spean.candidates.model import (
    RELEASED,
    About,
    Band,
    Category,
    CoreData,
    Decision,
    Declined,
    DeclineGround,
    Explanation,
    How,
    Looked,
    Next,
    Point,
    Raised,
)
from spean.candidates.procedures import CANDIDATE, LOOK_UP, PROCEDURES, SAFEGUARD, WATCH
from spean.core.errors import InvalidInput, Refusal, TooMuch
from spean.core.marks import Purpose
from spean.core.world import DAY, HOUR, MINUTE
from spean.node.node import PROCEDURES as ALL
from spean.procedures.acts import Known, LocalAct
from spean.procedures.forms import decode, encode, schema
from spean.procedures.rehearse import Rehearsal

QUESTION = "KR:look-up:01JNF000000000000000000000"
OURS = "KH:entity:01JNF000000000000000000001"
REFERENCE = "9f" * 16
SEEN = Looked(points=(Point.SPELLING, Point.BIRTH))
CONTACT = {"contact_name": "Officer Dara", "contact_phone": "+855 23 726 158"}


def raised(**more: Any) -> Raised:
    given: dict[str, Any] = {"category": Category.PERSON, "reference": REFERENCE, "question": QUESTION, "how": How.BLIND_NAME,
                             "band": Band.LIKELY, "score": 870, "asked_by": "kr-asker", **more}  # fmt: skip
    return Raised(**given)


def play(purpose: str = "locate-missing", **more: Any) -> Rehearsal:
    made = Rehearsal(CANDIDATE, "KR", ("KH",), purpose=purpose)
    made.do("KR", "raise", raised(**more), actor="kr-node", actor_kind="service")
    return made


def explain(made: Rehearsal, actor: str = "kr-2") -> None:
    act = made.do("KR", "explain", Explanation(reason="the same birth date and parents"), actor=actor)
    made.acts.remove(act)
    made.local += (LocalAct("explain", actor, "KR", made.now, "", act.body),)


def confirmed(purpose: str = "locate-missing", **more: Any) -> Rehearsal:
    made = play(purpose, **more)
    explain(made)
    made.do("KR", "confirm", SEEN, actor="kr-2")
    return made


def about(made: Rehearsal, record: str = OURS) -> None:
    made.local += (LocalAct("tell-about", "kh-node", "KH", made.now, "", About(records=(record,))),)


def refused(rule: str, what: Any) -> None:
    with pytest.raises(Refusal) as caught:
        what()
    assert caught.value.rule == rule, caught.value


def test_no_service_marks_a_match_confirmed() -> None:
    for kind in ("confirm", "reject", "leave-undecided"):
        made = play()
        with pytest.raises(Refusal, match="named human"):
            made.do("KR", kind, SEEN, actor="kr-node", actor_kind="service")


@pytest.mark.parametrize("asker", ["kr-asker", "kr-node", "kr-opener"])
def test_whoever_asked_does_not_verify(asker: str) -> None:
    """Neither the one whom the candidate names, nor the one who raised it, nor the one who put the look-up, whatever the candidate says."""
    made = play()
    made.elsewhere["f1"] = Known(QUESTION, "ask", "KR", actor="kr-opener")
    made.stated = lambda record, kind: (("f1", None),) if (record, kind) == (QUESTION, "ask") else ()  # type: ignore[method-assign]
    with pytest.raises(Refusal, match="R2"):
        made.do("KR", "explain", Explanation(reason="I know it"), actor=asker)
    with pytest.raises(Refusal, match="R2"):
        made.do("KR", "confirm", SEEN, actor=asker)


def test_a_verdict_has_a_reason_of_the_same_person_since_the_state_was_entered() -> None:
    made = play()
    refused("R2", lambda: made.do("KR", "confirm", SEEN, actor="kr-2"))
    explain(made)
    refused("R2", lambda: made.do("KR", "reject", SEEN, actor="kr-3"))
    made.do("KR", "leave-undecided", SEEN, actor="kr-2")
    made.now += 1
    made.view = replace(made.view, entered_at=made.now)  # type: ignore[type-var]
    refused("R2", lambda: made.do("KR", "confirm", SEEN, actor="kr-2"))
    explain(made)
    made.do("KR", "confirm", SEEN, actor="kr-2")


def test_the_owner_neither_verifies_nor_does_the_asker_release() -> None:
    made = play()
    refused("D6", lambda: made.do("KH", "confirm", SEEN))
    made = confirmed()
    refused("D6", lambda: made.do("KR", "release", CoreData(**CONTACT)))


def test_clocks_remind_and_never_decide() -> None:
    made = play()
    act = made.tick()
    assert act is not None
    assert (act.kind, made.now - made.acts[0].time, made.state) == ("unverified", 4 * HOUR, "raised")
    made = confirmed()
    act = made.tick()
    assert act is not None
    assert (act.kind, made.now - made.acts[-2].time, made.state) == ("core-data-overdue", 48 * HOUR, "confirmed")
    while made.state == "confirmed":
        assert made.tick() is not None
    assert (made.state, made.now - made.acts[0].time) == ("lapsed", 90 * DAY)


def test_before_the_release_nothing_that_is_shared_can_hold_content() -> None:
    """Every text in a shared form before the release is a closed list, or a name that says nothing."""
    for kind in ("raise", "confirm", "reject", "leave-undecided", "decline", "withdraw"):
        made = schema(CANDIDATE.by_kind[kind].form)
        for name, field in {
            **made["properties"],
            **{k: v for d in made.get("$defs", {}).values() for k, v in d.get("properties", {}).items()},
        }.items():
            if field.get("type") == "string":
                assert "pattern" in field or "enum" in field, f"{kind}.{name} takes any words"
    for wrong in ("CHEN Zhi", "+855 12 345 678", "a b"):
        with pytest.raises(InvalidInput):
            decode(Raised, encode(raised(reference=wrong)))


_FIELDS: dict[str, Any] = {"names": ("A B",), "birth": "1990", "sex": "f", "nationality": "KHM", "values": ("1",), "languages": ("km",),
                           "documents": ({"number": "N123"},), "file": "7/26"}  # fmt: skip


@given(st.sampled_from([*Purpose, ""]), st.sampled_from(sorted(_FIELDS)))
def test_the_owner_releases_only_what_the_purpose_lists(purpose: str, field: str) -> None:
    made = confirmed(purpose)
    about(made)
    form = msgspec.convert({**CONTACT, field: _FIELDS[field]}, CoreData)
    if field in RELEASED.get(purpose, frozenset({"file"})):
        made.do("KH", "release", form)
        assert made.state == "released"
    else:
        refused("R27", lambda: made.do("KH", "release", form))


def test_every_purpose_has_its_fields_and_no_unknown_one_passes() -> None:
    assert set(RELEASED) == set(Purpose)
    for fields in RELEASED.values():
        assert fields <= set(CoreData.__struct_fields__)
    with pytest.raises(InvalidInput, match="religion"):
        decode(CoreData, b'{"contact_name":"Dara","contact_phone":"+855 1234","religion":"x"}')


def guarded(made: Rehearsal, state: str = "standing", **more: Any) -> None:
    form = Safeguard(entity=OURS, until=made.now + DAY, reason="a court recognised it", **more)
    made.others_of["safeguard"] = (("KH:safeguard:1", state, form),)


def test_nothing_is_told_to_a_state_that_the_person_fears() -> None:
    made = confirmed()
    refused("R22", lambda: made.do("KH", "release", CoreData(**CONTACT)))
    about(made)
    guarded(made, feared=("KR", "CN"))
    refused("R22", lambda: made.do("KH", "release", CoreData(**CONTACT)))
    made.do("KH", "decline", Declined(ground=DeclineGround.NOT_AVAILABLE))
    told = encode(made.acts[-1].body)
    assert told == b'{"ground":"not-available"}'
    other = confirmed()
    about(other)
    guarded(other, feared=("CN",))
    other.do("KH", "release", CoreData(**CONTACT))


def test_a_safeguard_that_was_lifted_does_not_bind() -> None:
    made = confirmed()
    about(made)
    guarded(made, "lifted", feared=("KR",))
    made.do("KH", "release", CoreData(**CONTACT))


def test_about_a_journalist_the_supervisor_decides_first() -> None:
    made = confirmed()
    about(made)
    guarded(made, mark=Mark.JOURNALIST)
    refused("R23", lambda: made.do("KH", "release", CoreData(**CONTACT), actor="kh-1"))
    passed = Passed(reason="a victim of the fraud herself")
    refused("O1", lambda: made.do("KH", "pass", passed, actor="kh-2", roles=frozenset({"duty-officer"})))
    made.local += (LocalAct("pass", "kh-1", "KH", made.now, "", passed),)
    refused("R23", lambda: made.do("KH", "release", CoreData(**CONTACT), actor="kh-1"))
    made.local += (LocalAct("pass", "kh-aud", "KH", made.now, "", passed),)
    made.do("KH", "release", CoreData(**CONTACT), actor="kh-1")


def test_no_path_leads_from_a_candidate_to_an_adverse_state_without_a_human() -> None:
    """Over the declarations (R2): no state of a candidate is adverse; none of its acts is; and wherever any procedure is adverse, the act is a
    person's, with a reason."""
    for procedure in PROCEDURES:
        assert not procedure.adverse_states
        assert not any(each.adverse for each in procedure.transitions)
    for procedure in ALL:
        for each in procedure.transitions:
            if each.adverse:
                assert each.human, (procedure.name, each.kind)
                assert "reason" in each.form.__struct_fields__


_MOVES = [each for each in CANDIDATE.transitions if each.moves and not each.opens]
_BODIES: dict[str, Any] = {"confirm": SEEN, "reject": SEEN, "leave-undecided": SEEN, "release": CoreData(**CONTACT),
                           "decide": Decision(what=Next.NOTHING),
                           "decline": Declined(ground=DeclineGround.NOT_THE_SAME)}  # fmt: skip


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(_BODIES)),
            st.sampled_from(["KR", "KH"]),
            st.sampled_from(["kr-asker", "kr-2", "svc"]),
        ),
        max_size=12,
    )
)
def test_no_history_leaves_raised_but_by_a_person_who_did_not_ask(history: list[tuple[str, str, str]]) -> None:
    made = play()
    about(made)
    for kind, node, actor in history:
        before = made.state
        kind_of = "service" if actor == "svc" else "person"
        try:
            if node == "KR" and kind in ("confirm", "reject", "leave-undecided"):
                explain(made, actor)
            made.do(node, kind, _BODIES[kind], actor=actor, actor_kind=kind_of)
        except (Refusal, InvalidInput):
            assert made.state == before
            continue
        if before in ("raised", "undecidable"):
            assert (actor, kind_of) == ("kr-2", "person")
    states = [made.procedure.by_kind[act.kind].target for act in made.acts]
    if "released" in states:
        assert "confirmed" in states[: states.index("released")]


def test_a_marked_look_up_goes_to_the_supervisor_and_nobody_passes_her_own() -> None:
    form = LookUp(names=("Sok Dara",), why="a case of fraud", mark=Mark.LAWYER)
    made = Rehearsal(LOOK_UP, "KR", ())
    made.do("KR", "ask", form, actor="kr-1")
    refused("R23", lambda: made.do("KR", "find", Found(), actor_kind="service"))
    passed = Passed(reason="the lawyer is the victim")
    refused("O1", lambda: made.do("KR", "pass", passed, actor="kr-2", roles=frozenset({"duty-officer"})))
    refused("R4", lambda: made.do("KR", "pass", passed, actor="kr-1"))
    made.do("KR", "pass", passed, actor="kr-aud", roles=frozenset({"auditor"}))
    made.do("KR", "find", Found(), actor_kind="service")
    assert made.state == "answered"
    stopped = Rehearsal(LOOK_UP, "KR", ())
    stopped.do("KR", "ask", form)
    stopped.do("KR", "stop", passed, actor="kr-aud")
    refused("D6", lambda: stopped.do("KR", "find", Found(), actor_kind="service"))


def test_an_unmarked_look_up_is_answered_at_once_and_an_empty_one_is_none() -> None:
    made = Rehearsal(LOOK_UP, "KR", ())
    refused("R28", lambda: made.do("KR", "ask", LookUp(why="a case")))
    made.do("KR", "ask", LookUp(names=("김민준",), why="a case"))
    made.do("KR", "find", Found(), actor_kind="service")
    while made.state == "answered":
        assert made.tick() is not None
    assert made.state == "lapsed"


def watch(made: Rehearsal, length: int = 30 * DAY, **more: Any) -> Watch:
    given: dict[str, Any] = {
        "type": "phone",
        "value": "+85512345678",
        "until": made.now + length,
        "reason": "a missing person's phone",
    }
    return Watch(**{**given, **more})


def watching(**more: Any) -> Rehearsal:
    made = Rehearsal(WATCH, "KR", ())
    made.do("KR", "watch", watch(made, **more), actor="kr-1")
    made.do("KR", "begin", Passed(reason="it is not marked"), actor_kind="service")
    return made


def test_a_watch_ends_by_itself_and_only_a_person_renews_it() -> None:
    made = watching()
    renewal = Renewal(until=made.now + 60 * DAY, reason="still missing")
    with pytest.raises(Refusal, match="named human"):
        made.do("KR", "renew", renewal, actor_kind="service")
    made.do("KR", "renew", renewal, actor="kr-2")
    assert made.tick() is not None
    assert (made.state, made.now) == ("expired", renewal.until)
    refused("D6", lambda: made.do("KR", "renew", renewal))


@pytest.mark.parametrize("length", [0, 180 * DAY + 1])
def test_a_watch_has_an_end_within_its_limit(length: int) -> None:
    made = Rehearsal(WATCH, "KR", ())
    refused("R33", lambda: made.do("KR", "watch", watch(made, length)))


def test_a_watch_ends_with_its_agreement() -> None:
    made = Rehearsal(WATCH, "KR", (), national={"instrument:T": 1_772_586_000_000 + 10 * DAY})
    refused("R33", lambda: made.do("KR", "watch", watch(made, 11 * DAY, instrument="T")))
    made.do("KR", "watch", watch(made, 10 * DAY, instrument="T"))


def test_a_marked_watch_waits_for_the_supervisor() -> None:
    made = Rehearsal(WATCH, "KR", ())
    made.do("KR", "watch", watch(made, mark=Mark.SOURCE), actor="kr-1")
    refused("R23", lambda: made.do("KR", "begin", Passed(reason="by itself"), actor_kind="service"))


def test_a_safeguard_ends_and_reminds_before() -> None:
    made = Rehearsal(SAFEGUARD, "KH", ())
    form = Safeguard(entity=OURS, feared=("KR",), until=made.now + 365 * DAY, reason="recognised as a refugee")
    made.do("KH", "set", form)
    act = made.tick()
    assert act is not None
    assert (act.kind, made.state) == ("remind", "standing")
    made.tick()
    assert made.state == "expired"


# R24 ----------------------------------------------------------------------------------------------------------------

NOW = 10**12


def test_a_thousand_guesses_are_throttled_and_reported() -> None:
    looks: list[Look] = []
    refusals: list[str] = []
    for n in range(1000):
        at = NOW + n * 2000
        try:
            check(looks, "look-up", at)
            looks.append(Look(at, "look-up", found=False))
        except TooMuch as caught:
            refusals.append(caught.rule)
    assert len(refusals) > 700
    assert set(refusals) == {"R24"}
    kinds = {concern.kind for concern in concerns(looks, looks[-1].at)}
    assert kinds == {"bulk", "misses"}


@given(st.lists(st.tuples(st.integers(0, 2 * HOUR), st.sampled_from(sorted(LIMITS)), st.booleans()), max_size=150))
def test_no_more_pass_than_the_limit_whatever_the_rhythm(asked: list[tuple[int, str, bool]]) -> None:
    passed: list[Look] = []
    for at, use, found in sorted(asked):
        try:
            check(passed, use, NOW + at)  # type: ignore[arg-type]
        except TooMuch:
            continue
        passed.append(Look(NOW + at, use, found))  # type: ignore[arg-type]
    for use, look in product(LIMITS, passed):
        within = [each for each in passed if each.use == use and look.at - MINUTE < each.at <= look.at]
        assert len(within) <= LIMITS[use].minute


def test_a_hit_between_ends_a_row_of_misses_and_one_look_up_of_an_office_holder_rings() -> None:
    misses = [Look(NOW + n * HOUR // 3, "look-up", found=n == MISSES // 2) for n in range(MISSES)]
    assert concerns(misses, misses[-1].at) == ()
    row = [Look(NOW + n, "look-up", found=False) for n in range(MISSES)]
    assert [each.kind for each in concerns(row, NOW + MISSES)] == ["misses"]
    assert [each.kind for each in concerns([Look(NOW, "border", True, office=True)], NOW)] == ["office"]
    assert concerns([Look(NOW, "border", True, office=True)], NOW + DAY) == ()


def test_a_counter_that_finds_nothing_all_day_is_no_misuse() -> None:
    looks = [Look(NOW + n * 6000, "border", found=False) for n in range(500)]
    assert concerns(looks, looks[-1].at) == ()
