"""The own record *entity*, rehearsed: what is kept is typed, nobody is a suspect by a form, the border's answers end by themselves."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from spean.core.errors import InvalidInput, Refusal
from spean.core.marks import Nature, SourceGrade
from spean.core.world import DAY
from spean.dossiers.model import (
    Answered,
    Categorised,
    Judged,
    Lifted,
    Linked,
    Opened,
    Said,
    Stated,
    StatementWithdrawn,
    Stopped,
    Suspected,
)
from spean.dossiers.procedures import ENTITY
from spean.procedures.acts import LocalAct
from spean.procedures.rehearse import Rehearsal

OTHER = "KR:entity:01JNF000000000000000000000"
GRADED: dict[str, Any] = {"source": SourceGrade.B, "grade": 2, "nature": Nature.FACT}
CONTACT: dict[str, Any] = {"contact_name": "Duty desk", "contact_phone": "+82 2 1366", "reason": "looked for"}


def person(category: str = "contact", *more: Said) -> Opened:
    return Opened(kind="person", category=category, statements=(Said(property="name", value="Kim", **GRADED), *more))  # type: ignore[arg-type]


def opened(category: str = "contact") -> Rehearsal:
    made = Rehearsal(ENTITY, "KR", (), others_of={"entity": ((OTHER, "open", person()),)})
    made.do("KR", "open", person(category))
    return made


def test_it_has_one_party_and_no_candidate_leads_to_a_stop() -> None:
    assert ENTITY.own
    assert ENTITY.adverse_states == {"stop"}
    adverse = {each.kind for each in ENTITY.transitions if each.adverse}
    assert adverse == {"mark-suspect", "stop"}
    assert all(
        each.human
        for each in ENTITY.transitions
        if each.kind in {*adverse, "judge", "withdraw-judgement", "off-line", "protect"}
    )


def test_values_fit_their_properties() -> None:
    made = opened()
    with pytest.raises(InvalidInput, match="nothing is kept") as caught:
        made.do("KR", "state", _stated("imo", "IMO9074729"))
    assert caught.value.field == "statements.0.property"
    with pytest.raises(InvalidInput, match="no such day"):
        made.do("KR", "state", _stated("birth-date", "1988-02-31"))
    with pytest.raises(InvalidInput, match="ends before"):
        made.do("KR", "state", _stated("address", "Street 271", since="2021", until="2020-05"))
    made.do("KR", "state", _stated("address", "Street 271", since="2020-05", until="2020"))


def _stated(property: str, value: str, **more: str) -> Any:
    return Stated(statements=(Said(property=property, value=value, **GRADED, **more),))


def test_a_link_and_a_judgement_need_another_entity_that_fits() -> None:
    made = opened()
    made.do("KR", "link", Linked(link="family", other=OTHER, **GRADED))
    with pytest.raises(InvalidInput, match="does not join"):
        made.do("KR", "link", Linked(link="directs", other=OTHER, **GRADED))
    with pytest.raises(InvalidInput, match="no other entity"):
        made.do("KR", "link", Linked(link="family", other=made.record, **GRADED))
    made.do("KR", "judge", Judged(other=OTHER, verdict="unsure", reason="no papers"))
    with pytest.raises(InvalidInput, match="no other entity"):
        made.do("KR", "judge", Judged(other="KR:entity:" + "1" * 26, verdict="positive", reason="no papers"))
    with pytest.raises(Refusal):
        made.do("KR", "judge", Judged(other=OTHER, verdict="positive", reason="a score"), actor_kind="service")


def test_only_statements_of_this_entity_are_withdrawn() -> None:
    made = opened()
    fact = made.acts[0].id
    made.do("KR", "withdraw-statement", StatementWithdrawn(statement=f"{fact}:0", reason="wrong"))
    for wrong in (f"{fact}:1", f"{'0' * 64}:0"):
        with pytest.raises(InvalidInput, match="no such statement"):
            made.do("KR", "withdraw-statement", StatementWithdrawn(statement=wrong, reason="wrong"))


def test_an_answer_ends_by_itself_and_a_stop_is_for_two_persons() -> None:
    made = opened()
    made.do("KR", "protect", Answered(until=made.now + 10 * DAY, **CONTACT))
    assert made.state == "protect"
    lapsed = made.tick()
    assert lapsed is not None
    assert (lapsed.kind, made.state) == ("lapse", "open")
    with pytest.raises(Refusal, match="R33"):
        made.do("KR", "verify", Answered(until=made.now + 366 * DAY, **CONTACT))
    stop = Stopped(
        ground="arrest-warrant", basis="warrant 12", until=made.now + 10 * DAY, instructions="hold and call", **CONTACT
    )
    with pytest.raises(Refusal, match="R4"):
        made.do("KR", "stop", stop)
    made.local = (LocalAct("approve", "kr-2", "KR", made.now, "stop"),)
    made.do("KR", "stop", stop)
    assert made.state == "stop"
    made.do("KR", "lift", Lifted(reason="arrested elsewhere"))
    assert made.state == "open"


@pytest.mark.parametrize("category", ["victim", "presumed-victim", "witness", "missing"])
def test_nobody_is_stopped_for_being_protected(category: str) -> None:
    made = opened(category)
    made.local = (LocalAct("approve", "kr-2", "KR", made.now, "stop"),)
    with pytest.raises(Refusal, match="R10"):
        made.do(
            "KR",
            "stop",
            Stopped(ground="arrest-warrant", basis="warrant 12", until=made.now + DAY, instructions="hold", **CONTACT),
        )


A_LIST = SimpleNamespace(name="Open list", publisher="A publisher", version="7", published="2026-02-11", source="")
PAPERLESS = (
    "Open list, version 7, 2026-02-11",
    "the open list of A publisher",
    "KR:candidate:01JNF000000000000000000000",
    "KR:open-list:01JNF000000000000000000000#4",
    f"hit {'0' * 64}",
    "a score of the machine",
    "Open list 7 / KR:look-up:01JNF000000000000000000000",
)


@pytest.mark.parametrize("basis", PAPERLESS)
@pytest.mark.parametrize("ground", ["not-said", "court-order"])
def test_b7_neither_a_list_nor_a_hit_is_a_ground(basis: str, ground: Any) -> None:
    made = opened()
    made.others_of["open-list"] = (("KR:open-list:01JNF000000000000000000000", "current", A_LIST),)
    made.local = (LocalAct("approve", "kr-2", "KR", made.now, "stop"),)
    stop = Stopped(ground=ground, basis=basis, until=made.now + DAY, instructions="hold", **CONTACT)
    with pytest.raises(Refusal, match="B7"):
        made.do("KR", "stop", stop)
    with pytest.raises(Refusal, match="B7"):
        made.do("KR", "mark-suspect", Suspected(category="suspect", ground="charge", basis=basis, reason="on the list"))
    assert made.state == "open"
    paper = f"{basis}; order 17/2026 of the Ministry, which carries it out"
    if ground != "not-said":
        made.do("KR", "stop", Stopped(ground=ground, basis=paper, until=made.now + DAY, instructions="hold", **CONTACT))
        assert made.state == "stop"


@pytest.mark.parametrize("ground", ["open-list", "sanctions", "candidate", "hit", ""])
def test_b7_no_form_holds_a_list_as_a_ground(ground: Any) -> None:
    made = opened()
    made.local = (LocalAct("approve", "kr-2", "KR", made.now, "stop"),)
    stop = Stopped(ground=ground, basis="order 17/2026", until=made.now + DAY, instructions="hold", **CONTACT)
    with pytest.raises(InvalidInput, match="ground"):
        made.do("KR", "stop", stop)


def test_b7_only_a_judgment_convicts() -> None:
    made = opened()
    said = {"category": "convicted", "basis": "penal code, art. 5", "reason": "convicted"}
    with pytest.raises(Refusal, match="B7"):
        made.do("KR", "mark-suspect", Suspected(ground="charge", **said))
    made.do("KR", "mark-suspect", Suspected(ground="judgment", **said))


def test_a_presumed_victim_is_no_suspect_until_somebody_says_otherwise() -> None:
    made = opened("presumed-victim")
    suspected = Suspected(
        category="suspect", ground="case-opened", basis="penal code", reference="case 12/2026", reason="a finding"
    )
    with pytest.raises(Refusal, match="R10"):
        made.do("KR", "mark-suspect", suspected)
    made.do("KR", "categorise", Categorised(category="other", reason="screened again"))
    made.do("KR", "mark-suspect", suspected)
    with pytest.raises(Refusal, match="R30"):
        made.do("KR", "categorise", Categorised(category="none", reason="a slip"))
