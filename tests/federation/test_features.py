"""The features of DOMAIN 6.A that this ground carries, each shown with two or three running nodes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from federation.showing import ANSWER, Rest, ask, concluded, publish, shown, suspend
from federation.world import World
from spean.agreements.question import Question
from spean.core.errors import InvalidInput, Refusal
from spean.core.world import HOUR, MINUTE, iso
from spean.exchange.codec import decode_header
from spean.node.work import Work
from spean.requests.model import Urgency
from spean.treaties import service as treaties

WHY = "the savings of a pensioner went there"


@pytest.fixture
def three(tmp_path: Path) -> World:
    """KH, KR and TH under one agreement, ``world.treaty``."""
    return concluded(tmp_path, ("KH", "KR", "TH"))


@pytest.fixture
def mediated(tmp_path: Path) -> World:
    """KH and TH, whose agreement lets INT mediate."""
    return concluded(tmp_path, ("KH", "TH"), ("INT",))


# A1 ---------------------------------------------------------------------------------------------------------------


def test_a1_a_suspended_pair_is_not_available_and_others_still_flow(mediated: World) -> None:
    """A1: after one agreement is suspended for KH–TH, an officer in KH gets "not available, use …", messages to others still
    flow, and the history shows who suspended and when."""
    suspend(mediated, "TH", "KH")
    with pytest.raises(Refusal) as caught:
        ask(mediated, "KH", "TH")
    refusal = caught.value
    assert (refusal.rule, refusal.what) == ("A9", "Nothing leaves")
    assert "suspended for KH–TH by TH since 2026-03-04: a dispute about the border" in refusal.why
    assert refusal.remedy == f"use the way through INT under {mediated.treaty}"
    question = Question(
        sender="KH", receiver="TH", origin="KH", instrument=mediated.treaty, purpose="investigate-fraud", data="wallet", subject="none",
        tlp="AMBER", handling="H0", procedure="information-request", kind="send", date="2026-03-04",
    )  # fmt: skip
    lines = {line.node: line for line in mediated.nodes["KH"].reading_desk.preview(question)}
    assert (lines["TH"].allowed, lines["TH"].remedy) == (False, refusal.remedy)
    kh = mediated.nodes["KH"]
    with kh.reading() as tx:
        steps = treaties.history(mediated.treaty, kh.projector.acts_of(Work(kh, tx), mediated.treaty))
    (step,) = [step for step in steps if step.kind == "suspend-pair"]
    assert (step.node, step.actor, step.counts) == ("TH", mediated.officers["TH"].id, True)
    assert iso(step.at)[:10] == "2026-03-04"


def test_a1_the_suspension_of_one_pair_leaves_the_other_pairs_alone(three: World) -> None:
    """A1: messages to others still flow, in both directions, also those of the two who do not speak."""
    suspend(three, "TH", "KH")
    done = [ask(three, *pair) for pair in (("KH", "KR"), ("KR", "TH"), ("TH", "KR"))]
    three.settle()
    assert [three.state(node, each.record) for node, each in zip(("KR", "TH", "KR"), done, strict=True)] == ["sent"] * 3
    with pytest.raises(Refusal):
        ask(three, "TH", "KH")


# A2 ---------------------------------------------------------------------------------------------------------------


def test_a2_an_unknown_number_proposes_the_right_desk_and_a_silent_desk_the_rosters_next(three: World) -> None:
    """A2: an unknown account prefix or telephone prefix proposes the right foreign desk; an absent desk is replaced by the
    roster's next."""
    shifts = [
        {"starts": iso(three.clock.now() - HOUR), "ends": iso(three.clock.now() + HOUR), "officer": officer, "rank": rank}
        for rank, officer in enumerate(("Chan Sophea", "Keo Dara"))
    ]  # fmt: skip
    peering = {"purpose": "coordinate", "data": "directory", "subject": "none", "instrument": "peering"}
    desks = (
        ("KH", {"name": "Phnom Penh desk", "phone_prefixes": ["+855"], "account_prefixes": ["0071"], "roster": shifts}),
        ("TH", {"name": "Bangkok desk", "phone_prefixes": ["+66"], "always_open": True}),
    )
    for node, form in desks:
        three.act(
            node, "publish", form, procedure="desk", to=[other for other in three.nodes if other != node], **peering
        )
    three.settle()
    kr = Rest(three, "KR")
    for query, name, why in (
        ("kind=phone&value=%2B85512345678", "Phnom Penh desk", "telephone prefix +855"),
        ("kind=account&value=0071-123-55", "Phnom Penh desk", "account prefix 0071"),
        ("kind=phone&value=%2B66812345678", "Bangkok desk", "telephone prefix +66"),
    ):
        status, found = kr("GET", f"/directory?{query}")
        assert status == 200
        assert [(each["desk"]["name"], each["why"]) for each in found["proposals"]] == [(name, why)]
    (first,) = three.nodes["KR"].desks.propose("phone", "+85512345678")
    assert first.on_duty is not None
    assert first.on_duty.officer == "Chan Sophea"
    silent = iso(three.clock.now()).replace("Z", "%2B00:00")
    status, found = kr("GET", f"/directory/{first.desk.record}/next?since={silent}")
    assert (status, found["next"]["officer"]) == (200, "Keo Dara")


# A3 ---------------------------------------------------------------------------------------------------------------


def test_a3_a_line_cut_for_an_hour_loses_nothing_and_keeps_the_order(three: World) -> None:
    """A3: network cut for one hour: nothing lost, order kept, the sender sees "delivered at"; after three minutes an alarm says
    that it is not delivered."""
    record, _ = publish(three, "KH", "TH")
    three.settle()
    three.cut.add(frozenset(("KR", "KH")))
    sent = []
    for minute in range(60):
        entry = {"kind": "wallet", "value": f"T{minute}", "chain": "tron"}
        sent.append(three.act("KR", "entry", entry, record=record).fact)
        three.clock.advance(MINUTE)
        three.settle(2)
    assert {three.status("TH", fact) for fact in sent} == {"effective"}
    assert {three.status("KH", fact) for fact in sent} == {""}
    assert any("KH has not acknowledged" in text for text in three.alarms("KR", "not-delivered"))
    assert delivered(three, sent[0]).keys() == {"TH"}
    again = three.clock.now()
    three.cut.clear()
    three.settle(20)
    with three.nodes["KH"].store.read() as tx:
        rows = [row for row in tx.facts.of_record(record) if row.id in sent]
    assert [row.id for row in sorted(rows, key=lambda row: row.from_seq)] == sent, (
        "in the order in which they were sent"
    )
    assert [row.id for row in sorted(rows, key=lambda row: row.index or 0)] == sent, (
        "each once, in this order, in KH's log"
    )
    for fact in sent:
        times = delivered(three, fact)
        assert again < times["KH"] <= three.clock.now(), "delivered at"
        assert times["TH"] <= again


def delivered(world: World, fact: str) -> dict[str, int]:
    """Per partner, when it accepted the fact, by its signed receipt."""
    with world.nodes["KR"].store.read() as tx:
        return {
            row.peer: row.at for row in tx.receipts.of_fact(fact) if row.direction == "in" and row.status == "accepted"
        }


@pytest.mark.parametrize("place", [0.01, 0.05, 0.2, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95, 0.99])
def test_a3_a_changed_byte_is_rejected_and_alarmed(three: World, place: float) -> None:
    """A3: a changed byte is rejected and alarmed; the unchanged page is then accepted, once."""
    _, entry = publish(three, "KH")
    changed: list[int] = []

    def flip(sender: str, receiver: str, data: bytes) -> bytes:
        if (sender, receiver) != ("KR", "KH") or changed:
            return data
        at = int(len(data) * place)
        changed.append(at)
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]

    three.tamper = flip
    three.pull("KH", "KR")
    assert changed
    assert three.status("KH", entry) != "effective"
    with three.nodes["KH"].store.read() as tx:
        peer = tx.peers.get("KR")
    refused = three.status("KH", entry) == "refused"
    assert refused or peer.failures == 1, "the page is refused whole, or the one fact with its seal"
    assert three.alarms("KH")
    if not refused:
        three.settle()
        assert three.status("KH", entry) == "effective"


# A4 ---------------------------------------------------------------------------------------------------------------


def test_a4_urgency_needs_a_reason_a_refusal_a_listed_ground_and_late_answers_are_counted(three: World) -> None:
    """A4: a missing reason for "urgent" blocks sending; a refused answer needs a listed ground; late answers are counted per
    node."""
    with pytest.raises(Refusal) as caught:
        ask(three, "KR", "KH", urgency="urgent")
    assert (caught.value.rule, "reason" in caught.value.remedy) == ("A4", True)
    urgent = {"urgency": "urgent-direct", "urgency_reason": "the money moves within minutes"}
    asked = [ask(three, "KR", holder, **urgent).record for holder in ("KH", "KH", "TH", "TH")]
    three.settle()
    for record in asked:
        three.act(record_holder(three, record), "acknowledge", {}, record=record)
    for ground in ("no-time", ""):
        with pytest.raises(InvalidInput) as wrong:
            three.act("KH", "refuse", {"ground": ground, "reason": "we are busy"}, record=asked[0])
        assert wrong.value.field == "ground"
    for record in asked[:3]:
        three.act(record_holder(three, record), "accept", {}, record=record)
    three.act("KH", "answer", ANSWER, record=asked[0])
    three.clock.advance(9 * HOUR)
    three.act("KH", "answer", ANSWER, record=asked[1])
    three.act("TH", "answer", ANSWER, record=asked[2])
    three.settle()
    counts = {each.holder: each for each in three.nodes["KR"].figures.late_answers()}
    assert {node: (each.in_time, each.late, each.pending) for node, each in counts.items()} == {
        "KH": (1, 1, 0),
        "TH": (0, 2, 0),
    }
    assert {each.urgency for each in counts.values()} == {Urgency.URGENT_DIRECT}
    status, told = Rest(three, "TH")("GET", "/figures/late-answers")
    assert status == 200
    assert told["late_answers"] == [{"holder": "TH", "urgency": "urgent-direct", "in_time": 0, "late": 2, "pending": 0}]


def record_holder(world: World, record: str) -> str:
    with world.nodes["KR"].store.read() as tx:
        return tx.records.get(record).parties["holder"][0]


# A5 ---------------------------------------------------------------------------------------------------------------


def test_a5_an_h2_item_is_forwarded_once_after_its_owner_was_asked(three: World) -> None:
    """A5: an H2 item cannot be forwarded; the attempt (by API) is logged and the owner asked; after consent one forward passes."""
    record, entry = publish(three, "KH", handling="H2")
    three.settle()
    kh, kr = Rest(three, "KH"), Rest(three, "KR")
    forward = {"to": "TH", "reason": WHY}
    status, said = kh("POST", f"/facts/{entry}/pass-on", forward)
    assert (status, said["rule"]) == (403, "A5")
    assert "KR is asked" in said["remedy"]
    _, readers = kh("GET", f"/records/{record}/readers")
    assert [(each["act"], each["user"]) for each in readers["readers"] if each["act"] == "attempt"] == [
        ("attempt", three.officers["KH"].id)
    ]
    three.settle()
    _, queue = kr("GET", "/records?procedure=onward-consent&open=true")
    (asked,) = [each["id"] for each in queue["records"]]
    _, detail = kr("GET", f"/records/{asked}?reason=a+request+for+consent")
    assert detail["facts"][0]["form"] == {"node": "TH", "purpose": "investigate-fraud", "reason": WHY}
    grant = {
        "form": {"node": "TH", "purpose": "investigate-fraud", "days": 3, "limits": "no arrest on this alone"},
        "targets": [entry],
    }
    assert kr("POST", f"/records/{asked}/grant", grant)[0] == 201
    three.settle()
    status, passed = kh("POST", f"/facts/{entry}/pass-on", forward)
    assert (status, passed["consent"], passed["recipients"]) == (201, asked, ["TH"])
    three.settle()
    assert three.status("TH", passed["fact"]) == "effective"
    (arrived,) = shown(three, "TH", passed["record"])
    assert json.loads(arrived["form"]["original"]["body"])["form"]["value"] == "TWrong"
    status, said = kh("POST", f"/facts/{entry}/pass-on", forward)
    assert (status, said["rule"]) == (403, "A5")
    _, holders = kr("GET", f"/facts/{entry}/holders")
    assert {each["node"] for each in holders["recalls"]} == {"KH", "TH"}


# A8 ---------------------------------------------------------------------------------------------------------------


def test_a8_a_correction_is_shown_by_all_recipients(three: World) -> None:
    """A8: the owner corrects a record: all recipients show the correction within five minutes, and have erased the old words."""
    record, entry = publish(three, "KH", "TH")
    three.settle()
    started = three.clock.now()
    three.nodes["KR"].recalling.correct(
        three.officers["KR"], entry, {"kind": "wallet", "value": "TRight", "chain": "tron"}, "a typing error"
    )
    three.settle()
    assert three.clock.now() - started < 5 * MINUTE
    for node in ("KH", "TH"):
        facts = shown(three, node, record)
        assert [(each["status"], each["form"]) for each in facts if each["kind"] == "entry"] == [("corrected", None)]
        (right,) = [each["form"]["replacement"]["value"] for each in facts if each["kind"] == "correct"]
        assert right == "TRight"
    assert {(each.node, each.status, each.outcome) for each in three.nodes["KR"].recalling.holding(entry)} == {
        ("KH", "confirmed", "erased"), ("TH", "confirmed", "erased"),
    }  # fmt: skip
    assert three.alarms("KR", "timer") == []


def test_a8_an_alarm_names_the_node_that_does_not_show_the_correction(three: World) -> None:
    """A8: … or an alarm names the missing node after five minutes; when it is back it shows the correction, too."""
    record, entry = publish(three, "KH", "TH")
    three.settle()
    three.cut.add(frozenset(("KR", "TH")))
    replacement = {"kind": "wallet", "value": "TRight", "chain": "tron"}
    three.nodes["KR"].recalling.correct(three.officers["KR"], entry, replacement, "a typing error")
    three.settle()
    assert three.alarms("KR", "timer") == []
    three.clock.advance(5 * MINUTE)
    three.settle()
    (alarm,) = three.alarms("KR", "timer")
    assert "no confirm by TH in time" in alarm
    assert [each.node for each in three.nodes["KR"].recalling.holding(entry) if each.status != "confirmed"] == ["TH"]
    three.cut.clear()
    three.settle()
    assert [
        each["form"]["replacement"]["value"] for each in shown(three, "TH", record) if each["kind"] == "correct"
    ] == ["TRight"]
    assert {each.status for each in three.nodes["KR"].recalling.holding(entry)} == {"confirmed"}


# A9 ---------------------------------------------------------------------------------------------------------------


def test_a9_a_request_travels_through_int_with_the_handling_rules_of_both_hops(mediated: World) -> None:
    """A9: KH and TH suspended: the request travels through the INTERPOL node with both handling rules applied; the answer takes
    the same way back."""
    suspend(mediated, "KH", "TH")
    done = ask(mediated, "KH", "TH", marks={"via": "INT", "handling": "H2"})
    assert done.recipients == ("INT",)
    mediated.settle()
    assert mediated.state("TH", done.record) == "sent"
    for node in ("INT", "TH"):
        with mediated.nodes[node].store.read() as tx:
            row = tx.facts.get(done.fact)
            envelope = decode_header(row.payload).envelope
            assert envelope is not None
            assert (envelope.handling, envelope.via, row.origin) == ("H2", "INT", "KH"), (
                "the origin signed it so, and it stays so"
            )
            assert (row.status, row.received_from) == ("effective", {"INT": "KH", "TH": "INT"}[node])
    assert {peer: status for node in ("KH", "INT") for peer, status in mediated.nodes[node].reading_desk.holders(done.fact)} == {
        "INT": "accepted", "TH": "accepted",
    }  # fmt: skip
    mediated.act("TH", "acknowledge", {}, record=done.record)
    mediated.act("TH", "accept", {}, record=done.record)
    mediated.act("TH", "answer", ANSWER, record=done.record)
    mediated.settle()
    assert mediated.state("KH", done.record) == "answered"
    with pytest.raises(Refusal, match="not possible in state answered"):
        mediated.act("TH", "refuse", {"ground": "not-an-offence-here", "reason": "too late"}, record=done.record)


def test_a9_each_hop_is_judged_by_the_handling_rules_as_that_node_sees_them(mediated: World) -> None:
    """A9: a handling code that the agreement does not admit stops at the first hop; one that the mediator's or the receiver's
    register does not admit stops there, with the step."""
    suspend(mediated, "KH", "TH")
    with pytest.raises(Refusal) as caught:
        ask(mediated, "KH", "TH", marks={"via": "INT", "handling": "H3"})
    assert caught.value.rule == "A5"
    for stops_at in ("INT", "TH"):
        stricter(mediated, stops_at)
        done = ask(mediated, "KH", "TH", marks={"via": "INT", "handling": "H2"})
        mediated.settle()
        with mediated.nodes[stops_at].store.read() as tx:
            row = tx.facts.get(done.fact)
        assert (row.status, row.step) == ("refused", 3)
        assert "handling code H2" in row.reason
        assert mediated.state("TH", done.record) == ""
        mediated.nodes[stops_at].registry_rev = -1


def stricter(world: World, name: str) -> None:
    """From now on this node's register admits H0 only (until it is read anew)."""
    node = world.nodes[name]
    with node.reading():
        strict = replace(node.registry.get(world.treaty), handling=frozenset({"H0"}))
        node.registry = node.registry.with_instrument(strict)
