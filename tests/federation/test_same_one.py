"""Do we know this one? Look-ups, candidates and watches on a running node (B1, B3, B4, B6, R2, R22–R24)."""

from __future__ import annotations

from typing import Any

import pytest

from federation.entities import opened, said
from federation.world import REAL, World
from spean.core.errors import InvalidInput, NotFound, Refusal, TooMuch
from spean.core.world import DAY, HOUR
from spean.node.acts.acting import Intent, Marks
from spean.node.entry.people import Who

MARKS = Marks(purpose="locate-missing", data="identity", subject="missing")
FRAUD = Marks(purpose="investigate-fraud", data="identity", subject="victim")
WHY = "her family has reported her missing"
SPELLINGS = {"KH": "សុខ ដារ៉ា", "TH": "สุข ดารา", "KR": "속 다라"}


@pytest.fixture
def world(make: Any) -> World:
    made: World = make(2, engine=REAL)
    return made


def colleague(world: World, node: str = "KR", name: str = "A colleague", *roles: str) -> Who:
    return world.person(node, name, *(roles or ("investigator", "duty-officer")))


def known(
    world: World, *more: Any, name: str = "Sok Dara", birth: str = "1990-05-17", node: str = "KR", **marks: Any
) -> str:
    facts = [said("name", name), said("birth-date", birth), *more]
    return opened(world, *facts, node=node, **{"category": "missing", "purpose": "locate-missing", **marks}).record


def ask(world: World, node: str = "KR", who: Who | None = None, **form: Any) -> str:
    given = {"names": [], "selectors": [], "nodes": [], "why": WHY, **form}
    return world.nodes[node].matching.asking.ask(who or world.officers[node], given, MARKS)


def look(world: World, record: str, node: str = "KR", who: Who | None = None) -> Any:
    return world.nodes[node].matching.asking.view(who or world.officers[node], record, reason=WHY)


def refused(rule: str, what: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        what()
    assert caught.value.rule == rule, caught.value
    return caught.value


# looking up -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Sokh Dara", "Dara SOK", "속 다라"])
def test_a_name_in_any_script_finds_the_own_file_with_the_sentence_and_its_weights(world: World, name: str) -> None:
    record = known(world)
    (hit,) = look(world, ask(world, names=[name], birth="1990-05-17")).hits
    assert (hit.hit.reference, hit.hit.node, hit.names, hit.opens) == (record, "", ("Sok Dara",), True)
    assert hit.hit.score >= 900
    assert hit.why[-1][0].startswith("1 in")
    assert {weight.part for weight in hit.weights} >= {"names", "birth"}


def test_an_exact_value_finds_whoever_says_it(world: World) -> None:
    record = known(world, said("phone", "+855 12 345 678"))
    (hit,) = look(world, ask(world, selectors=[{"type": "phone", "value": "+85512345678"}])).hits
    assert (hit.hit.reference, hit.hit.band, hit.hit.how) == (record, "same-value", "same-value")
    assert look(world, ask(world, selectors=[{"type": "phone", "value": "+85512345679"}])).hits == ()
    with pytest.raises(InvalidInput, match="phone"):
        ask(world, selectors=[{"type": "phone", "value": "abc"}])


def test_what_both_sides_say_beside_the_name_is_weighed_and_shown(world: World) -> None:
    """A document, a telephone that many hold, a birth place: each with its clause and weight, and an omission with none."""
    paper = said("document", "KH:N0123456")
    record = known(world, paper, said("phone", "+85512345678"), said("birth-place", "Kampong Cham"))
    for number in range(3):
        known(world, said("phone", "+85512345678"), name=f"Operator {number}", birth="1970")
    asked = [{"type": "document", "value": "N0123465", "chain": "KH"}, {"type": "phone", "value": "+855 12 345 678"}]
    hits = {hit.hit.reference: hit for hit in look(world, ask(world, names=["Sok Dara"], selectors=asked)).hits}
    clauses = {template: dict(values) for template, values in hits[record].why}
    assert "document number differs by one sign" in clauses
    assert clauses["{count} files hold it"] == {"count": "4"}
    assert {weight.part: weight.tenths for weight in hits[record].weights}.items() >= {
        "phone number": 70,
        "document": 25,
    }.items()
    plain = {hit.hit.reference: hit for hit in look(world, ask(world, names=["Sok Dara"])).hits}
    assert plain[record].hit.score < 1000
    assert {weight.part for weight in plain[record].weights} == {"names"}
    other = {"type": "national-number", "value": "TH:1234567890121", "chain": ""}
    twin = known(world, said("national-number", "TH:1103700000011"), name="Dara Unlike", birth="1990-05-17")
    (hit,) = [
        each
        for each in look(world, ask(world, names=["Dara Unlike"], selectors=[other])).hits
        if each.hit.reference == twin
    ]
    assert "another national number of the same country" in [template for template, _ in hit.why]


def test_a_candidates_page_has_each_weight_of_what_its_owner_released(world: World) -> None:
    record = known(world, said("phone", "+85512345678"), said("birth-place", "Battambang"))
    desk, officer = world.nodes["KR"].matching, world.officers["KR"]
    question = ask(
        world, names=["Sokh Dara"], birth="1990-05-17", selectors=[{"type": "phone", "value": "+85512345678"}]
    )
    (hit,) = look(world, question).hits
    candidate_ = desk.candidates.raise_own(officer, question, hit.hit, MARKS)
    world.settle()
    review = desk.review(officer, candidate_, reason=WHY)
    assert [side.record for side in review.right] == [record]
    assert ("same phone number", ()) in review.sentence
    assert {weight.part for weight in review.weights} >= {"names", "birth", "phone number"}
    assert [each.value for each in review.right[0].values] == ["+85512345678", "Battambang"]


def test_what_was_withdrawn_is_not_found_any_more(world: World) -> None:
    done = opened(world, said("name", "Sok Dara"), category="missing", purpose="locate-missing")
    assert len(look(world, ask(world, names=["Sok Dara"])).hits) == 1
    world.act("KR", "close", {"reason": "somebody else"}, record=done.record)
    assert look(world, ask(world, names=["Sok Dara"])).hits == ()


def test_nobody_is_shown_a_hit_of_a_purpose_that_is_not_hers(world: World) -> None:
    known(world, category="contact", purpose="investigate-laundering")
    consul = colleague(world, "KR", "Consul", "consul")
    assert look(world, ask(world, who=consul, names=["Sok Dara"]), who=consul).hits == ()
    assert len(look(world, ask(world, names=["Sok Dara"])).hits) == 1


def test_a_look_up_is_sealed_and_stays_at_home(world: World) -> None:
    record = ask(world, names=["Sok Dara Unheard"], selectors=[{"type": "email", "value": "dara@example.org"}])
    world.settle()
    with world.nodes["KH"].reading() as tx, pytest.raises(NotFound):
        tx.records.get(record)
    image = world.image()
    for name in ("KR", "KH"):
        assert b"Unheard" not in image.disks[name].store
        assert b"dara@example" not in image.disks[name].store


# candidates -----------------------------------------------------------------------------------------------------------


def candidate(world: World) -> str:
    """An own hit that its asker made a candidate."""
    known(world)
    desk = world.nodes["KR"].matching
    question = ask(world, names=["Sokh Dara"], birth="1990-05-17")
    (hit,) = look(world, question).hits
    return desk.candidates.raise_own(world.officers["KR"], question, hit.hit, MARKS)


POINTS = ("another-spelling-of-the-name", "birth-date")


def test_b3_whoever_asked_does_not_verify_and_no_service_does(world: World) -> None:
    record = candidate(world)
    desk = world.nodes["KR"].matching
    refused("R2", lambda: desk.candidates.verify(world.officers["KR"], record, "confirm", POINTS, "I know her"))
    service = world.nodes["KR"].people.add("A program", unit="desk", roles=("service", "investigator"), kind="service")
    for kind in ("confirm", "reject", "leave-undecided"):
        intent = Intent(kind=kind, record=record, form={"points": list(POINTS)})
        refused("D8", lambda intent=intent: world.nodes["KR"].acting.act(Who(user=service, through="api"), intent))  # type: ignore[misc]
    assert world.state("KR", record) == "raised"
    desk.candidates.verify(colleague(world), record, "confirm", POINTS, "the same parents are named")
    assert world.state("KR", record) == "confirmed"


def test_b3_a_verdict_that_is_refused_leaves_no_reason_behind(world: World) -> None:
    record = candidate(world)
    other = colleague(world)
    with pytest.raises(InvalidInput):
        world.nodes["KR"].matching.candidates.verify(other, record, "confirm", (), "no point is named")
    assert world.nodes["KR"].matching.review(other, record, reason=WHY).explained == ()


def test_b3_the_reviewer_sees_both_own_sides_with_the_sentence_and_each_weight(world: World) -> None:
    record = candidate(world)
    world.settle()
    review = world.nodes["KR"].matching.review(colleague(world), record, reason=WHY)
    assert (review.left[0].names, review.left[0].why, review.right[0].names) == (("Sokh Dara",), WHY, ("Sok Dara",))
    assert review.may_verify
    assert review.sentence
    assert sum(weight.tenths for weight in review.weights) > 100
    assert not world.nodes["KR"].matching.review(world.officers["KR"], record, reason=WHY).may_verify


def test_b3_clocks_four_hours_to_look_and_nothing_by_itself(world: World) -> None:
    record = candidate(world)
    world.clock.advance(4 * HOUR)
    world.settle()
    assert any("no confirm by KR in time" in text for text in world.alarms("KR", "timer"))
    assert world.state("KR", record) == "raised"


# safeguards -----------------------------------------------------------------------------------------------------------


def safeguard(world: World, entity: str, node: str = "KR", **more: Any) -> None:
    form = {"entity": entity, "until": world.clock.now() + DAY, "reason": "recognised by the court", **more}
    world.act(node, "set", form, procedure="safeguard", purpose="protect-person", data="identity", subject="other")


def raised_with(world: World, reference: str) -> str:
    """KR raises a candidate with KH about a reference, as its node would."""
    question = ask(world, names=["Sok Dara"])
    from spean.candidates.look_ups import Hit
    from spean.candidates.model import Band, Category, How

    hit = Hit(node="KH", reference=reference, category=Category.PERSON, how=How.BLIND_NAME, band=Band.LIKELY, score=800)
    record = world.nodes["KR"].matching.candidates.raise_with(
        "KH", hit, question, world.officers["KR"].id, FRAUD, world.treaty
    )
    world.settle()
    world.nodes["KR"].matching.candidates.verify(colleague(world), record, "confirm", POINTS, "same date and parents")
    world.settle()
    return record


CORE = {
    "contact_name": "Officer Dara",
    "contact_phone": "+855 23 726 158",
    "names": ["Sok Dara"],
    "birth": "1990-05-17",
    "subject": "missing",
}


def test_b1_b3_the_owner_releases_and_only_then_the_asker_sees_content(world: World) -> None:
    record = raised_with(world, known(world, node="KH"))
    before = world.nodes["KR"].matching.review(world.officers["KR"], record, reason=WHY)
    assert (before.core, before.right, before.sentence) == (None, (), ())
    owners = world.nodes["KH"].matching.review(world.officers["KH"], record, reason=WHY)
    assert (owners.left[0].names, owners.right) == (("Sok Dara",), ()), (
        "the owner sees its own file, and nothing of the question"
    )
    world.act("KH", "release", CORE, record=record)
    world.settle()
    after = world.nodes["KR"].matching.review(world.officers["KR"], record, reason=WHY)
    assert after.core is not None
    assert after.core.names == ("Sok Dara",)


def test_r27_what_the_purpose_does_not_list_is_refused(world: World) -> None:
    record = raised_with(world, known(world, node="KH"))
    refused("R27", lambda: world.act("KH", "release", {**CORE, "languages": ["km"]}, record=record))


def test_r22_nothing_is_told_to_a_feared_state_and_the_asker_does_not_learn_why(world: World) -> None:
    entity = known(world, node="KH")
    safeguard(world, entity, "KH", feared=["KR"])
    record = raised_with(world, entity)
    assert any("protected from it" in text for text in world.alarms("KH", "R22"))
    refused("R22", lambda: world.act("KH", "release", CORE, record=record))
    world.act("KH", "decline", {"ground": "not-available"}, record=record)
    world.settle()
    assert world.state("KR", record) == "declined"
    assert world.alarms("KR", "R22") == []
    with world.nodes["KR"].reading() as tx:
        assert [row.id for row in tx.records.list(procedure="safeguard")] == []


@pytest.mark.parametrize(
    ("selector", "value"), [("person", "Sokh Dara"), ("phone", "+855 12 345 678"), ("person", "Sok Dara")]
)
def test_r22_an_information_request_by_the_feared_state_is_not_answered(
    world: World, selector: str, value: str
) -> None:
    entity = known(world, said("phone", "+85512345678"), node="KH")
    safeguard(world, entity, "KH", feared=["KR"])
    words = "a sentence that says why"
    item = {"selector": selector, "value": value, "question": "Where is she?"}
    form = {"offence": "fraud", "facts": words, "need": words, "proportionality": words, "items": [item]}
    marks = {"instrument": world.treaty, "purpose": "investigate-fraud", "data": "identity", "subject": "victim"}
    record = world.act("KR", "send", form, procedure="information-request", to=("KH",), **marks).record
    world.settle()
    world.act("KH", "acknowledge", {}, record=record)
    world.act("KH", "accept", {}, record=record)
    answer = {"findings": [{"item": 0, "known": True, "text": "in Phnom Penh"}]}
    for kind in ("answer", "answer-part"):
        refused("R22", lambda kind=kind: world.act("KH", kind, answer, record=record))  # type: ignore[misc]
    world.act("KH", "refuse", {"ground": "not-held-or-obtainable", "reason": "not obtainable"}, record=record)


@pytest.mark.parametrize(("held", "asked"), [("陈志", "CHEN Zhi"), ("Chen Zhi", "陳志"), ("陈志", "Chan Chi")])
def test_r22_chinese_characters_are_heard(world: World, held: str, asked: str) -> None:
    entity = known(world, name=held, node="KH")
    safeguard(world, entity, "KH", feared=["KR"])
    words = "a sentence that says why"
    item = {"selector": "person", "value": asked, "question": "Where is this person?"}
    form = {"offence": "fraud", "facts": words, "need": words, "proportionality": words, "items": [item]}
    marks = {"instrument": world.treaty, "purpose": "investigate-fraud", "data": "identity", "subject": "victim"}
    record = world.act("KR", "send", form, procedure="information-request", to=("KH",), **marks).record
    world.settle()
    world.act("KH", "acknowledge", {}, record=record)
    world.act("KH", "accept", {}, record=record)
    answer = {"findings": [{"item": 0, "known": True, "text": "in Phnom Penh"}]}
    refused("R22", lambda: world.act("KH", "answer", answer, record=record))


def test_r22_a_reference_that_names_nobody_is_not_released_blindly(world: World) -> None:
    record = raised_with(world, "0" * 32)
    refused("R22", lambda: world.act("KH", "release", CORE, record=record))


def test_r23_about_a_journalist_the_owners_supervisor_decides_first(world: World) -> None:
    entity = known(world, node="KH")
    safeguard(world, entity, "KH", mark="journalist")
    record = raised_with(world, entity)
    assert any("work is protected" in text for text in world.alarms("KH", "R23"))
    refused("R23", lambda: world.act("KH", "release", CORE, record=record))
    supervisor = colleague(world, "KH", "Supervisor", "auditor")
    world.act("KH", "pass", {"reason": "she asked for help herself"}, record=record, who=supervisor)
    world.act("KH", "release", CORE, record=record)


def test_r23_a_marked_look_up_waits_for_the_supervisor(world: World) -> None:
    known(world)
    desk = world.nodes["KR"].matching.asking
    record = ask(world, names=["Sok Dara"], mark="lawyer")
    view = look(world, record)
    assert (view.waits, view.hits) == (True, ())
    refused("R23", lambda: desk.search(world.officers["KR"], record))
    assert any(record in text for text in world.alarms("KR", "R23"))
    supervisor = colleague(world, "KR", "Supervisor", "auditor")
    world.act("KR", "pass", {"reason": "the lawyer is the victim"}, record=record, who=supervisor)
    desk.search(world.officers["KR"], record)
    assert len(look(world, record).hits) == 1


def test_r24_a_thousand_guesses_are_throttled_and_reported(world: World) -> None:
    passed = 0
    for n in range(120):
        try:
            ask(world, selectors=[{"type": "phone", "value": f"+855 12 345 {n:03d}"}])
            passed += 1
        except TooMuch:
            world.clock.advance(30_000)
    assert passed < 120
    texts = world.alarms("KR", "R24")
    assert any("stopped" in text for text in texts)
    assert any("without finding" in text for text in texts)


# from a candidate to the request ----------------------------------------------------------------------------------------


def test_one_click_makes_the_information_request_with_its_clock(world: World) -> None:
    record = raised_with(world, known(world, node="KH"))
    desk, officer = world.nodes["KR"].matching, world.officers["KR"]
    to, form = desk.candidates.request_form(officer, record, reason=WHY, asking=desk.asking)
    assert to == "KH"
    done = desk.candidates.request(officer, record, form)
    world.settle()
    assert world.state("KH", done.record) == "sent"
    with world.nodes["KR"].reading() as tx:
        assert tx.records.get(done.record).due_at is not None


def test_an_own_candidate_asks_nobody(world: World) -> None:
    record = candidate(world)
    desk = world.nodes["KR"].matching
    from spean.core.errors import Conflict

    with pytest.raises(Conflict):
        desk.candidates.request_form(world.officers["KR"], record, reason=WHY, asking=desk.asking)


# watches --------------------------------------------------------------------------------------------------------------


def watch(world: World, **form: Any) -> str:
    given = {
        "type": "phone",
        "value": "+855 12 345 678",
        "nodes": [],
        "until": world.clock.now() + 30 * DAY,
        "reason": "her last known number",
        **form,
    }
    return world.nodes["KR"].matching.watching.watch(world.officers["KR"], given, MARKS)


def rang(world: World) -> Any:
    return world.nodes["KR"].matching.watching.shown(world.officers["KR"], reason=WHY)[0].rang


def test_b6_a_watch_rings_when_the_key_is_entered_and_raises_a_candidate_once(world: World) -> None:
    record = watch(world)
    known(world, said("phone", "+855 12 345 679"), name="Other Person")
    world.settle()
    assert rang(world) == ()
    entered = known(world, said("phone", "+85512345678"))
    world.settle(rounds=6)
    ((node, raised, at),) = rang(world)
    assert (node, world.clock.now() - at <= 60_000) == ("KR", True)
    assert world.state("KR", raised) == "raised"
    assert any(record in text for text in world.alarms("KR", "watch"))
    world.act("KR", "state", {"statements": [said("nickname", "Ra")]}, record=entered)
    world.settle()
    assert len(rang(world)) == 1


def test_b6_a_watched_name_rings_in_another_spelling(world: World) -> None:
    watch(world, type="person", value="속 다라", birth="1990-05-17")
    known(world, name="Sokh Dara")
    world.settle()
    assert len(rang(world)) == 1


def test_b6_it_ends_by_itself_and_never_acts(world: World) -> None:
    record = watch(world, until=world.clock.now() + DAY)
    world.clock.advance(DAY)
    world.settle()
    assert world.state("KR", record) == "expired"
    known(world, said("phone", "+85512345678"))
    world.settle()
    assert world.alarms("KR", "watch") == []


def test_b6_only_a_person_renews_it(world: World) -> None:
    record = watch(world, until=world.clock.now() + DAY)
    desk = world.nodes["KR"].matching.watching
    desk.renew(world.officers["KR"], record, world.clock.now() + 60 * DAY, "she is still missing")
    world.clock.advance(2 * DAY)
    world.settle()
    assert world.state("KR", record) == "watching"
    node = world.nodes["KR"].people.node_itself()
    form = {"until": world.clock.now() + 60 * DAY, "instrument": "", "reason": "by itself"}
    refused("D8", lambda: world.nodes["KR"].acting.act(node, Intent(kind="renew", record=record, form=form)))


def test_b6_not_longer_than_its_agreement(world: World) -> None:
    refused("R33", lambda: watch(world, until=world.clock.now() + 181 * DAY))
