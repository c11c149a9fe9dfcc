"""Private questions on running nodes: hit and miss, what each side learns, budgets, refusals, crashes (B1, B2, R24, R26, R42)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from federation.privateworld import (
    KNOWN,
    OTHER,
    PURPOSES,
    SUBJECTS,
    answering,
    ask,
    begin,
    listed,
    phone,
    refusal,
    settle,
)
from federation.world import World
from spean.core.errors import TooMuch, VerificationFailed
from spean.core.world import DAY, MINUTE
from spean.hits import procedures as hits
from spean.matching.private import budget, opening
from spean.matching.private.voprf import Key
from spean.node.acts.acting import Intent
from spean.node.private.model import Person
from spean.node.same.model import Selector
from spean.node.work import Work


@pytest.fixture
def world(tmp_path: Path) -> World:
    """KH and INT know a number each and answer; KR asks."""
    return answering(tmp_path)


def test_a_hit_names_the_owners_desk_and_a_reference_and_nothing_else(world: World) -> None:
    asked = ask(world, "KR", phone(KNOWN))
    assert {each.node: (each.state, len(each.hits)) for each in asked.answers} == {
        "KH": ("answered", 1),
        "INT": ("answered", 0),
    }
    (hit,) = next(each for each in asked.answers if each.node == "KH").hits
    assert (hit.desk, hit.contact, hit.category, hit.term, hit.weight) == (
        "cyber desk of KH", "+855 23 000 000", "phone", 0, 100,
    )  # fmt: skip
    kh = world.nodes["KH"]
    (record,) = kh.private.referred(world.officers["KH"], hit.reference)
    assert record.startswith("KH:circular:")
    assert KNOWN not in json.dumps([str(each) for each in asked.answers])


def facts_of(world: World, node: str, record: str) -> list[str]:
    with world.nodes[node].store.read() as tx:
        return [
            row.kind for row in tx.facts.of_record(record, "shared") if row.log == "exchange" and row.index is not None
        ]


def test_no_answer_exists_that_is_not_in_both_logs(world: World) -> None:
    asked = ask(world, "KR", phone(KNOWN), to=["KH"])
    (answer,) = asked.answers
    for node in ("KR", "KH"):
        assert sorted(facts_of(world, node, answer.record)) == ["answer", "ask"]
    with world.nodes["KR"].store.read() as tx:
        notes = [row for row in tx.access.of_user(world.officers["KR"].id) if row.subject == asked.id]
    assert [row.act for row in notes] == ["search"]


def test_the_holder_sees_the_same_for_hit_and_miss(world: World) -> None:
    """Oracle (R42): sizes, kinds and rows at the holder are equal; and no plain word of the question leaves."""
    seen = []
    for number in (KNOWN, "+85599999999"):
        before = rows_of(world, "KH")
        (answer,) = ask(world, "KR", phone(number), to=["KH"]).answers
        with world.nodes["KH"].store.read() as tx:
            rows = tx.facts.of_record(answer.record, "shared")
            sizes = [(row.kind, len(row.payload), len(row.content or b"")) for row in rows]
        after = rows_of(world, "KH")
        seen.append((sizes, {name: after[name] - before[name] for name in after}))
        assert facts_of(world, "KH", answer.record) == ["ask", "answer"]
    assert seen[0] == seen[1]


def rows_of(world: World, node: str) -> dict[str, int]:
    tables = ("facts", "records", "jobs", "alarms", "access", "private_spent", "private_tags", "private_asked")
    with world.nodes[node].store.read() as tx:
        return {name: int(tx.sql.row(text(f"SELECT count(*) FROM {name}"))[0]) for name in tables}


def test_two_agreements_answers_cannot_be_joined(world: World) -> None:
    """The same number, the same two nodes, the same day: no tag, element or reference of one agreement stands in the other's."""
    second = world.agreement(["KR", "KH"], title="Second memorandum")
    world.nodes["KH"].private.offer(
        world.officers["KH"], second, "phone", purposes=PURPOSES, subjects=SUBJECTS, desk="other desk", reason="agreed as well"
    )  # fmt: skip
    settle(world)
    hits = []
    for instrument in (world.treaty, second):
        (answer,) = ask(world, "KR", phone(KNOWN), to=["KH"], instrument=instrument).answers
        hits += answer.hits
    assert {hit.instrument for hit in hits} == {world.treaty, second}
    one, other = (bytes.fromhex(hit.reference) for hit in hits)
    assert not {one[at : at + 3] for at in range(14)} & {other[at : at + 3] for at in range(14)}
    with world.nodes["KH"].store.read() as tx:
        keys = tx.private.own_keys()
        tags = [{tag.prefix for tag in tx.private.tags(key.record, key.month)} for key in keys]
    assert len(keys) == 2
    assert keys[0].public != keys[1].public
    assert not tags[0] & tags[1]


def test_the_budget_counts_over_all_agreements_and_categories(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "BUDGET", 5)
    second = world.agreement(["KR", "KH"], title="Second memorandum")
    kh = world.nodes["KH"]
    for instrument, category in ((second, "phone"), (world.treaty, "wallet")):
        kh.private.offer(
            world.officers["KH"], instrument, category, purposes=PURPOSES, subjects=SUBJECTS, desk="desk", reason="agreed"
        )  # fmt: skip
    settle(world)
    wallet = Selector("wallet", "bip122:000000000019d6689c085ae165831e93:1BoatSLRHtKNngkdXEeobR76b53LETtpyT")
    assert ask(world, "KR", phone("+85511111111"), phone("+85511111112"), to=["KH"]).answers[0].state == "answered"
    assert ask(world, "KR", wallet, to=["KH"]).answers[0].state == "answered"
    (third,) = ask(world, "KR", phone(KNOWN), phone(OTHER), to=["KH"], instrument=second).answers
    assert third.state == "answered"
    (over,) = ask(world, "KR", phone(KNOWN), to=["KH"], instrument=second).answers
    assert (over.state, "5 of 5" in over.why) == ("declined", True)
    (spent,) = kh.private.spent(world.officers["KH"])
    assert (spent.peer, spent.elements, spent.budget, spent.years) == ("KR", 5, 5, 10**8 // 60)
    assert len(world.alarms("KH", "private-budget")) == 1
    world.clock.advance(31 * DAY)
    settle(world)
    assert ask(world, "KR", phone(KNOWN), to=["KH"]).answers[0].state == "answered"


def test_a_larger_budget_needs_two_persons_who_saw_the_years(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spean.hits.rules.BUDGET", 1)
    monkeypatch.setattr(budget, "BUDGET", 1)
    month = ask(world, "KR", phone(KNOWN), to=["KH"]).answers[0].hits[0].month
    wanted = {"month": month, "elements": 400_000, "reason": "a list of victims' numbers is to be compared"}
    marks = {"instrument": world.treaty, "purpose": "stop-fraud", "data": "phone", "subject": "other"}
    record = world.act("KR", "request", wanted, procedure="question-budget", to=["KH"], **marks).record
    world.settle()
    grant = {"month": month, "elements": 400_000, "years": 27, "reason": "agreed by telephone"}
    assert "20 years" in refusal(lambda: world.act("KH", "grant", grant, record=record)).why
    alone = refusal(lambda: world.act("KH", "grant", {**grant, "years": 20}, record=record))
    assert alone.rule == "R4"
    second = world.person("KH", "Second officer", "legal", "duty-officer")
    world.act("KH", "approve", {"kind": "grant", "reason": "seen"}, record=record, who=second)
    world.act("KH", "grant", {**grant, "years": 20}, record=record)
    assert ask(world, "KR", phone(KNOWN), to=["KH"]).answers[0].state == "answered"
    world.act("KH", "take-back", {"reason": "done"}, record=record)
    assert ask(world, "KR", phone(KNOWN), to=["KH"]).answers[0].state == "declined"


def test_a_person_who_guesses_a_thousand_numbers_is_stopped_and_reported(world: World) -> None:
    numbers = [phone(f"+8551{n:07d}") for n in range(1_000)]
    for start in range(0, 400, 100):
        begin(world, "KR", *numbers[start : start + 100], to=["KH"])
    for start in range(400, 1_000, 100):
        stopped = refusal(lambda start=start: begin(world, "KR", *numbers[start : start + 100], to=["KH"]))
        assert (type(stopped), stopped.rule) == (TooMuch, "R24")
    alarms = world.alarms("KR", "R24")
    assert [words in alarm for words, alarm in zip(("in vain", "too many"), alarms, strict=True)] == [True, True]
    assert all("Officer KR" in alarm for alarm in alarms)
    other = world.person("KR", "Another officer", "investigator")
    begin(world, "KR", numbers[0], to=["KH"], who=other)


def test_purpose_and_agreement_are_judged_at_both_ends(world: World) -> None:
    (none,) = ask(world, "KR", phone(KNOWN), to=["KH"], purpose="warn").answers
    assert (none.state, none.record) == ("not-asked", "")
    (person,) = ask(world, "KR", Person("Sok Dara", "1988-04-02"), to=["KH"]).answers
    assert person.state == "not-asked"
    kr = world.nodes["KR"]
    with kr.store.write() as tx:  # a node that asks for what was not offered is declined by the other
        row = tx.private.holdings()[-1]
        for each in tx.private.holdings():
            if each.holder == "KH":
                row = each
        tx.private.save_holding(replace(row, purposes='["coordinate"]'))
    (declined,) = ask(world, "KR", phone(KNOWN), to=["KH"], purpose="coordinate").answers
    assert (declined.state, "coordinate" in declined.why) == ("declined", True)


def test_a_suspended_pair_is_not_asked_and_not_answered(world: World) -> None:
    world.act("KH", "suspend-pair", {"other": "KR", "reason": "talks"}, record=world.treaty)
    world.settle()
    (refused,) = ask(world, "KR", phone(KNOWN), to=["KH"]).answers
    assert (refused.state, refused.record) == ("not-asked", "")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_between_log_and_answer_answers_once_and_counts_once(
    world: World, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The holder dies when the elements are counted (before or after they are evaluated): nothing left it, and then one answer does."""
    asked = begin(world, "KR", phone(KNOWN), to=["KH"])
    kh = world.nodes["KH"]
    kh.pulling.once("KR")
    with monkeypatch.context() as patched:
        target = (kh.private.offering, "key") if when == "before" else (kh.acting, "act")
        patched.setattr(*target, dies)
        with pytest.raises(Died):
            kh.clockwork.tick()
    record = world.nodes["KR"].private.answers(asked.id).answers[0].record
    assert facts_of(world, "KH", record) == ["ask"]
    world.boot("KH")
    world.clock.advance(10 * MINUTE)  # the dead process's lease on the job ends
    settle(world)
    assert sorted({*facts_of(world, "KH", record)} - {"silent"}) == ["answer", "ask"]
    assert facts_of(world, "KH", record).count("answer") == 1
    assert world.nodes["KH"].private.spent(world.officers["KH"])[0].elements == 1


class Died(BaseException):
    """The process ends here."""


def dies(*_: object, **__: object) -> None:
    raise Died


def test_an_asker_that_dies_forgets_whom_it_meant(world: World) -> None:
    asked = begin(world, "KR", phone(KNOWN), to=["KH"])
    world.boot("KR")
    settle(world, 70)
    (answer,) = world.nodes["KR"].private.answers(asked.id).answers
    assert (answer.state, answer.hits) == ("lost", ())


def test_a_false_proof_is_refused_and_stops_the_questions(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    kh = world.nodes["KH"]
    other = Key(bytes(range(32)), b"another")
    monkeypatch.setattr(kh.private.offering, "key", lambda *_, **__: other)
    (answer,) = ask(world, "KR", phone(KNOWN), to=["KH"]).answers
    assert (answer.state, answer.hits) == ("declined", ())
    assert "private questions about phone are stopped" in world.alarms("KR", "private-proof")[0]
    (after,) = ask(world, "KR", phone(KNOWN), to=["KH"]).answers
    assert after.state == "not-asked"


def test_a_second_key_for_one_month_is_an_alarm(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    kh, clerk = world.nodes["KH"], world.nodes["KH"].people.node_itself()
    (own,) = [each for each in kh.private.holdings() if each.holder == "KH"]
    form = {
        "month": own.month,
        "key": Key(bytes(range(32)), b"x").public.hex(),
        "table": "0" * 64,
        "size": 5,
        "items": 5,
        "at": 5,
    }
    intent = Intent(kind="announce", form=form, record=own.record)
    assert refusal(lambda: kh.acting.act(clerk, intent)).rule == "B2"
    announce = hits.HOLDING.by_kind["announce"]
    monkeypatch.setitem(dict_of(hits.HOLDING.by_kind), "announce", replace(announce, rules=()))  # a node that lies
    kh.acting.act(clerk, intent)
    world.settle()
    assert "two keys were shown" in world.alarms("KR", "private-proof")[0]


def dict_of(kinds: Any) -> dict[str, Any]:
    """A declaration's acts, as the dictionary that they are."""
    assert isinstance(kinds, dict)
    return kinds


def test_a_claim_is_confirmed_by_the_owner_without_content(world: World) -> None:
    (answer,) = ask(world, "KR", phone(KNOWN), to=["KH"]).answers
    kr = world.nodes["KR"]
    kr.private.claim(world.officers["KR"], answer.record, [answer.hits[0].reference, "0" * 32])
    world.settle()
    with kr.reading() as tx:
        stated = kr.projector.stated(Work(kr, tx), answer.record, "confirm")
    form = stated[0][1]
    assert (form.references, form.desk) == ((answer.hits[0].reference,), "cyber desk of KH")
    assert world.state("KR", answer.record) == "confirmed"


def test_what_chance_chose_is_opened_by_the_auditor_and_the_holder_sees_how_many(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "ONE_IN", 10)
    numbers = [phone(f"+8552{n:07d}") for n in range(300)]
    (answer,) = ask(world, "KR", *numbers, to=["KH"]).answers
    kr, auditor = world.nodes["KR"], world.officers["KR"]
    opened = kr.private.openings(auditor, reason="the monthly look")
    assert 5 < len(opened) < 80
    assert {each.value for each in opened} <= {each.value for each in numbers}
    assert {each.name for each in opened} == {"Officer KR"}
    kr.private.oversee(auditor, answer.record, proper=len(opened))
    assert kr.private.openings(auditor, reason="again") == []
    world.settle()
    kh = world.nodes["KH"]
    with kh.reading() as tx:
        ((_, seen),) = kh.projector.stated(Work(kh, tx), answer.record, "oversee")
    assert (seen.opened, seen.proper) == (len(opened), len(opened))
    with kr.store.read() as tx:
        assert tx.private.asked(answer.record).words == b""


def test_what_was_kept_for_the_auditor_cannot_be_exchanged(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "ONE_IN", 10)
    numbers = [phone(f"+8552{n:07d}") for n in range(300)]
    (answer,) = ask(world, "KR", *numbers, to=["KH"]).answers
    kr = world.nodes["KR"]
    with kr.store.write() as tx:
        row = tx.private.asked(answer.record)
        kept = kr.private.overseeing._open(row)
        kept.opened = [(place, salt, b"spean/1/phone\0+85500000000") for place, salt, _ in kept.opened]
        tx.private.save_asked(replace(row, words=kr.private.overseeing._sealed(row.key, kept)))
    with pytest.raises(VerificationFailed):
        kr.private.openings(world.officers["KR"], reason="the monthly look")


def test_no_plain_word_of_a_question_is_at_rest(world: World) -> None:
    """Neither side's database holds the number that was asked about in vain, in any form that the key store does not open."""
    missing = "+85577777777"
    ask(world, "KR", phone(missing), to=["KH"])
    for node in ("KR", "KH"):
        assert missing.encode() not in world.disk_image(node).store
    with world.nodes["KR"].store.read() as tx:
        assert [row.words for row in tx.private.asked_in("answered")] == [b""]


def test_far_more_hits_than_usual_are_an_alarm_at_both_ends(world: World) -> None:
    numbers = [f"+8551050{n:04d}" for n in range(8)]
    listed(world, "KH", numbers)
    settle(world)
    (answer,) = ask(world, "KR", *(phone(number) for number in numbers), to=["KH"]).answers
    assert len(answer.hits) == 8
    assert "8 hits for 8 elements" in world.alarms("KR", "private-rate")[0]
    world.nodes["KR"].private.claim(world.officers["KR"], answer.record, [hit.reference for hit in answer.hits])
    world.settle()
    assert "KR claimed 8 hits for 8 elements" in world.alarms("KH", "private-rate")[0]


def test_an_answer_comes_within_five_seconds_from_three_nodes_time(world: World) -> None:
    """B1: asked of two other nodes; the answer is there, and their logs show the question, five seconds later at most."""
    asked = begin(world, "KR", phone(KNOWN))
    started = world.clock.now()
    while world.nodes["KR"].private.answers(asked.id).open:
        world.settle(rounds=1, step_ms=500)
        assert world.clock.now() - started <= 5_000
    for answer in world.nodes["KR"].private.answers(asked.id).answers:
        assert "ask" in facts_of(world, answer.node, answer.record)
