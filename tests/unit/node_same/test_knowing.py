"""What the node knows: by exact value and by name, of its own entities and of what partners' facts name; and what is taken back."""

from __future__ import annotations

from random import Random

import pytest

from federation.entities import back, judge, opened, said
from federation.world import World
from spean.core.errors import InvalidInput, Refusal, SpeanError
from spean.core.world import DAY
from spean.entities.judgements import Judgement, Judgements
from spean.node.node import Node
from spean.node.same.model import Held, Named, Selector

PHONE = Selector("phone", "+85512345678")
REASON = "the case that is open here"


def known(node: Node, *selectors: Selector) -> list[Held]:
    with node.reading() as tx:
        return node.same.known(tx, selectors)


def rows(node: Node, after: int = 0) -> dict[str, Named]:
    return {each.record: each for each in node.same.names(after)}


def cluster(node: Node, entity: str) -> tuple[str, ...]:
    with node.reading() as tx:
        return node.same.cluster(tx, entity).members


@pytest.mark.parametrize("indexed", [False, True])
def test_an_exact_value_finds_who_said_it_before_and_after_it_is_indexed(world: World, indexed: bool) -> None:
    node = world.nodes["KR"]
    person = opened(world, said("name", "Sok Dara"), said("phone", "+855 12 345 678"), said("document", "KH:N0123456"))
    other = opened(world, said("phone", "+855 12 999 999"), kind="phone", category="none")
    request = world.ask("KH", "KR")
    world.settle()
    if indexed:
        node.clockwork.tick()
        assert node.indexing.behind() == 0
    found = known(node, PHONE)
    assert {each.record for each in found} == {person.record, request.record}
    own = next(each for each in found if each.record == person.record)
    assert (own.thing, own.property, own.category, own.source, own.grade) == ("person", "phone", "contact", "B", 2)
    partner = next(each for each in found if each.record == request.record)
    assert (partner.thing, partner.origin, partner.property) == ("", "KH", "items.0.value")
    assert [each.record for each in known(node, Selector("document", "N0123456"))] == [person.record]
    assert known(node, Selector("document", "TH:N0123456")) == []
    assert other.record not in {each.record for each in found}
    with node.reading() as tx:
        assert {each.record for each in node.same.held(tx)} >= {person.record, other.record, request.record}


def test_a_question_is_for_who_may_read_and_is_written_down(world: World) -> None:
    node = world.nodes["KR"]
    person = opened(world, said("phone", "+85512345678"))
    hidden = opened(world, said("phone", "+85512345678"), category="missing", purpose="locate-missing")
    analyst = world.person("KR", "Analyst", "analyst")
    found = node.same.find(analyst, [PHONE], purpose="investigate-fraud", reason=REASON)
    assert [each.record for each in found] == [person.record]
    mine = node.same.find(world.officers["KR"], [PHONE], purpose="locate-missing", reason=REASON)
    assert {each.record for each in mine} == {person.record, hidden.record}
    with pytest.raises(Refusal, match="O1"):
        node.same.find(analyst, [PHONE], purpose="locate-missing", reason=REASON)
    with pytest.raises(InvalidInput, match="why"):
        node.same.find(analyst, [PHONE], purpose="investigate-fraud", reason="")
    with node.reading() as tx:
        assert [row.act for row in tx.access.of_user(analyst.id)] == ["search"]


def test_names_come_once_a_record_and_again_when_it_changes(world: World) -> None:
    node = world.nodes["KR"]
    first = opened(world, said("name", "សុខ ដារ៉ា"), said("birth-date", "2531-04-02"), said("nationality", "KHM"))
    found = rows(node)[first.record]
    assert (found.names, found.births, found.countries, found.thing) == (
        ("សុខ ដារ៉ា",),
        ("1988-04-02",),
        ("KH",),
        "person",
    )
    upto = node.same.newest()
    second = opened(world, said("name", "CHEN Zhi"))
    assert set(rows(node, upto)) == {second.record}
    upto = node.same.newest()
    world.act("KR", "state", {"statements": [said("alias", "Sok Dara")]}, record=first.record)
    assert rows(node, upto)[first.record].names == ("សុខ ដារ៉ា", "Sok Dara")
    upto = node.same.newest()
    world.act("KR", "close", {"reason": "kept no longer"}, record=first.record)
    assert rows(node, upto)[first.record].gone


def test_a_withdrawn_statement_is_history_and_finds_nothing(world: World) -> None:
    node = world.nodes["KR"]
    done = opened(world, said("name", "Sok Dara"), said("phone", "+85512345678"))
    world.act("KR", "withdraw-statement", {"statement": f"{done.fact}:1", "reason": "wrong number"}, record=done.record)
    assert known(node, PHONE) == []
    with node.reading() as tx:
        dossier = node.same.dossiers(tx, [done.record])[done.record]
    assert [each.value for each in dossier.statements] == ["Sok Dara", "+85512345678"]
    assert [each.value for each in dossier.standing] == ["Sok Dara"]
    with pytest.raises(SpeanError, match="no such statement"):
        world.act(
            "KR", "withdraw-statement", {"statement": f"{done.fact}:2", "reason": "there is none"}, record=done.record
        )


def test_judgements_join_and_part_again(world: World) -> None:
    node = world.nodes["KR"]
    a, b, c = (opened(world, said("name", name)).record for name in ("Sok Dara", "SOK Dara", "Sok D."))
    first, second = judge(world, a, b), judge(world, c, b)
    assert cluster(node, a) == cluster(node, c) == tuple(sorted((a, b, c)))
    back(world, a, first.fact)
    assert cluster(node, a) == (a,)
    assert cluster(node, b) == tuple(sorted((b, c)))
    back(world, c, second.fact)
    assert cluster(node, b) == (b,)
    with node.reading() as tx:
        history = node.same.judged(tx, b)
    assert [(each.verdict, bool(each.withdrawn)) for each in history] == [("positive", True), ("positive", True)]


def test_a_contradiction_is_refused_with_its_chain(world: World) -> None:
    a, b, c = (opened(world, said("name", name)).record for name in ("Kim", "Gim", "Ghim"))
    one, two = judge(world, a, b), judge(world, b, c)
    with pytest.raises(Refusal, match="contradicts") as caught:
        judge(world, a, c, "negative")
    assert one.fact[:12] in caught.value.why
    assert two.fact[:12] in caught.value.why
    judge(world, a, c, "unsure")
    back(world, b, two.fact)
    judge(world, a, c, "negative")
    with pytest.raises(Refusal, match="contradicts"):
        judge(world, b, c)


def test_two_judgements_of_one_transaction_see_one_another(world: World) -> None:
    from spean.node.acts.acting import Intent

    node, who = world.nodes["KR"], world.officers["KR"]
    a, b = (opened(world, said("name", name)).record for name in ("Kim", "Gim"))
    form = {"other": b, "verdict": "positive", "reason": "passports compared"}
    first = Intent(kind="judge", form=form, record=a)
    second = Intent(kind="judge", form={**form, "other": a, "verdict": "negative"}, record=b)
    done, refused = node.acting.act_each(who, [first, second])
    assert isinstance(refused, Refusal)
    assert not isinstance(done, Exception)
    assert cluster(node, a) == tuple(sorted((a, b)))


def test_an_erased_judgement_counts_no_more(world: World) -> None:
    node = world.nodes["KR"]
    a, b = (opened(world, said("name", name)).record for name in ("Kim", "Gim"))
    done = judge(world, a, b)
    assert len(cluster(node, a)) == 2
    node.recalling.erase(world.officers["KR"], done.fact, "the person asked for it")
    assert cluster(node, a) == (a,)


def test_an_erased_fact_leaves_no_value(world: World) -> None:
    node = world.nodes["KR"]
    told: list[frozenset[str]] = []
    node.same.on_change.append(lambda work, records: told.append(records))
    done = opened(world, said("name", "Sok Dara"), said("phone", "+85512345678"))
    node.clockwork.tick()
    assert known(node, PHONE)
    node.recalling.erase(world.officers["KR"], done.fact, "the person asked for it")
    assert known(node, PHONE) == []
    assert done.record not in rows(node)
    with node.reading() as tx:
        assert [each.gone for each in node.same.named(tx, [done.record])] == [True]
    assert told == [frozenset({done.record})] * 2


def test_what_is_kept_is_typed_and_graded(world: World) -> None:
    for wrong, why in [
        (said("religion", "x"), "nothing is kept about"),
        (said("imei", "490154203237518"), "nothing is kept about"),
        (said("phone", "12"), "write it with"),
        (said("birth-date", "1988-13-01"), "no such day"),
        (said("name", "X", grade=5), "grade"),
        (said("name", "X", source="D"), "source"),
        ({"property": "name", "value": "X", "source": "B", "nature": "fact"}, "grade"),
        (said("name", "X", colour="red"), "colour"),
    ]:
        with pytest.raises(InvalidInput, match=why):
            opened(world, wrong)
    with pytest.raises(Refusal, match="R30"):
        opened(world, said("name", "Kim"), category="none")
    with pytest.raises(InvalidInput):
        opened(world, said("name", "Kim"), category="suspect")


def test_the_border_answers_what_a_person_set_until_it_ends(world: World) -> None:
    node = world.nodes["KR"]
    who = opened(world, said("name", "Kim D."), category="missing", purpose="locate-missing").record
    form = {"until": world.clock.now() + 30 * DAY, "contact_name": "Duty desk", "contact_phone": "+82 2 1234567",
            "instructions": "ask her alone", "reason": "reported missing"}  # fmt: skip
    world.act("KR", "off-line", {"ticked": True, "reason": "posts without a line"}, record=who)
    world.act("KR", "protect", form, record=who)
    with node.reading() as tx:
        (answer,) = node.same.answers(tx)
        assert node.same.answer(tx, who) == answer
    assert (answer.kind, answer.off_line, answer.category, answer.instructions) == (
        "protect",
        True,
        "missing",
        "ask her alone",
    )
    stop = {**form, "ground": "arrest-warrant", "basis": "warrant 12", "instructions": "hold and call"}
    with pytest.raises(Refusal, match="R10"):
        world.act("KR", "stop", stop, record=who)
    world.clock.advance(31 * DAY)
    world.settle()
    with node.reading() as tx:
        assert list(node.same.answers(tx)) == []
        assert tx.records.get(who).state == "open"


def test_a_stop_needs_two_persons_a_signature_and_an_end(world: World) -> None:
    node = world.nodes["KR"]
    who = opened(world, said("name", "Uncle Nine")).record
    form = {"until": world.clock.now() + 30 * DAY, "contact_name": "Duty desk", "contact_phone": "+82 2 1234567",
            "ground": "arrest-warrant", "basis": "warrant 12", "instructions": "hold and call", "reason": "warrant of the court"}  # fmt: skip
    with pytest.raises(Refusal, match="R4"):
        world.act("KR", "stop", form, record=who)
    second = world.person("KR", "Second", "investigator")
    world.act("KR", "approve", {"kind": "stop", "reason": "the warrant is there"}, record=who, who=second)
    with pytest.raises(Refusal, match="R33"):
        world.act("KR", "stop", {**form, "until": world.clock.now() + 91 * DAY}, record=who)
    world.act("KR", "stop", form, record=who)
    with node.reading() as tx:
        found = node.same.answer(tx, who)
    assert found is not None
    assert found.kind == "stop"
    with pytest.raises(Refusal, match="R10"):
        world.act("KR", "categorise", {"category": "presumed-victim", "reason": "screened"}, record=who)
    world.act("KR", "protect", {**{k: v for k, v in form.items() if k not in ("basis", "ground")}}, record=who)
    world.act("KR", "categorise", {"category": "presumed-victim", "reason": "screened"}, record=who)
    with pytest.raises(Refusal, match="R10"):
        world.act(
            "KR",
            "mark-suspect",
            {"category": "suspect", "ground": "charge", "basis": "charge 4/2026", "reason": "a hit"},
            record=who,
        )


def test_r10_nobody_is_acted_against_through_a_second_file_of_a_protected_person(world: World) -> None:
    """However many files there are about somebody: judged to be one, they are protected as one, also over a third file."""
    hers = opened(world, said("name", "Sok Dara"), category="presumed-victim", purpose="protect-person").record
    middle, worker = (opened(world, said("name", name)).record for name in ("Dara S.", "Uncle Nine"))
    second = world.person("KR", "Second", "investigator")
    form = {"until": world.clock.now() + 30 * DAY, "contact_name": "Duty desk", "contact_phone": "+82 2 1234567", "ground": "arrest-warrant",
            "basis": "warrant 12", "instructions": "hold and call", "reason": "warrant of the court"}  # fmt: skip
    suspect = {"category": "suspect", "ground": "charge", "basis": "charge 4/2026", "reason": "an accusation"}
    judged = [judge(world, hers, middle).fact, judge(world, middle, worker).fact]
    world.act("KR", "approve", {"kind": "stop", "reason": "the warrant is there"}, record=worker, who=second)
    for kind, filled in (("stop", form), ("mark-suspect", suspect)):
        with pytest.raises(Refusal, match="R10"):
            world.act("KR", kind, filled, record=worker)
    back(world, middle, judged[1])
    world.act("KR", "stop", form, record=worker)
    with pytest.raises(Refusal, match="R10"):
        judge(world, worker, middle)
    with pytest.raises(Refusal, match="R10"):
        judge(world, hers, worker)
    judge(world, hers, worker, "unsure")
    other = opened(world, said("name", "Uncle 9")).record
    judge(world, worker, other)
    with pytest.raises(Refusal, match="R10"):
        world.act("KR", "categorise", {"category": "victim", "reason": "screened"}, record=other)
    world.act("KR", "lift", {"reason": "she is the one"}, record=worker)
    judge(world, worker, middle)


def test_whoever_is_missing_is_in_a_record_for_those_who_look_for_people(world: World) -> None:
    for category in ("missing", "presumed-victim"):
        with pytest.raises(Refusal, match="R11"):
            opened(world, said("name", "Kim D."), category=category, purpose="investigate-fraud")
        assert opened(world, said("name", "Kim D."), category=category, purpose="protect-person").record
    assert known(world.nodes["KR"], PHONE) == []
    assert len(rows(world.nodes["KR"])) == 2


@pytest.mark.parametrize("seed", range(6))
def test_clusters_of_a_node_follow_any_story_of_judgements(world: World, seed: int) -> None:
    """What stands is what a node says that was never told what was taken back; the counts on the list, too."""
    chance, node, who = Random(seed), world.nodes["KR"], world.officers["KR"]
    things = [opened(world, said("name", f"Person {n}")).record for n in range(5)]
    standing: dict[str, tuple[str, str, str]] = {}
    refusals: set[str] = set()
    for _ in range(14):
        if standing and chance.random() < 0.35:
            fact = chance.choice(sorted(standing))
            back(world, standing.pop(fact)[0], fact)
        else:
            one, other = chance.sample(things, 2)
            verdict = chance.choice(["positive", "positive", "negative", "unsure"])
            try:
                standing[judge(world, one, other, verdict).fact] = (one, other, verdict)
            except Refusal as refused:
                refusals.add(refused.rule)
        if chance.random() < 0.3:
            node.clockwork.tick()
        anew = Judgements(Judgement(fact, *told) for fact, told in standing.items())  # type: ignore[arg-type]
        assert [cluster(node, each) for each in things] == [tuple(sorted(anew.cluster(each))) for each in things]
    assert refusals <= {"D8"}
    listed, _ = node.same.viewing.listed(who, reason="to count")
    assert {each.record: each.same for each in listed} == {each: len(anew.cluster(each)) - 1 for each in things}
    again = world.boot("KR")
    assert [cluster(again, each) for each in things] == [tuple(sorted(anew.cluster(each))) for each in things]
