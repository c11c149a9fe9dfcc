"""Stopping money across nodes: each safeguard on running nodes, each with an attempt to get round it (DOMAIN 6.C, 7.1, 7.6, 7.8)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from federation.passkeys import act_signed, register
from federation.showing import Rest, suspend
from federation.world import World
from spean.core.errors import InvalidInput, Refusal, SpeanError
from spean.core.world import DAY, HOUR, MINUTE
from spean.holds.procedures import STOP_PAYMENT
from spean.node.acts.acting import Intent
from spean.node.acts.assertions import Unsigned
from spean.node.entry.people import Who
from spean.node.node import PROCEDURES
from spean.procedures.declare import Procedure
from spean.procedures.engine import Engine
from spean.restitution import service as restitution
from spean.restitution.model import Claim, Holding

REASON = "a reason that another officer can check"
MARKS = {"purpose": "stop-fraud", "data": "account", "subject": "other"}
NOTICE = {"by": "app", "language": "km", "contact_name": "Officer Dara", "contact_phone": "+855 23 726 158"}
RELEASE = {"wrong": True, "apology": "We are sorry: you sold rice in good faith.", "reason": "a merchant in good faith"}


def request(world: World, **more: Any) -> dict[str, Any]:
    now = world.clock.now()
    return {
        "case": "KR:fraud-report:01JNF000000000000000000000", "hop": 3, "victim": "V-KR-0417", "reported_at": now - MINUTE,
        "transferred_at": now - HOUR, "arrived_at": now - MINUTE, "amount": 115_000, "currency": "USD", "digits": 2,
        "payment": "uetr:1", "part_from": 0, "part_to": 115_000, "institution": "ABKHKHPP", "account": "ABKHKHPP/88077",
        "channel": "bank-transfer", "scam_type": "romance-investment", "located": 115_000, "claimed": 115_000, "rule": "fifo",
        "asked": 115_000, "basis": "Law on fraud, art. 7", "contact_name": "Officer Kim", "contact_phone": "+82 2 1394", **more,
    }  # fmt: skip


def sent(world: World, **more: Any) -> str:
    done = world.act(
        "KR", "send", request(world, **more), procedure="stop-payment", to=("KH",), instrument=world.treaty, **MARKS
    )
    world.settle()
    world.act("KH", "acknowledge", {}, record=done.record)
    world.settle()
    return done.record


def look(world: World, record: str, balance: int = 10**9, name: str = "matches") -> None:
    seen = {"balance": balance, "currency": "USD", "digits": 2, "name": name}
    world.act("KH", "verify", seen, record=record)


def hold_form(world: World, **more: Any) -> dict[str, Any]:
    return {"amount": 115_000, "currency": "USD", "digits": 2, "claimed": 115_000, "rule": "fifo", "basis": "Banking law, art. 12",
            "until": world.clock.now() + 72 * HOUR - MINUTE, "notice": NOTICE, "reason": REASON, **more}  # fmt: skip


def held(world: World, **more: Any) -> str:
    record = sent(world)
    look(world, record, more.pop("balance", 10**9))
    world.act("KH", "hold", hold_form(world, **more), record=record)
    world.settle()
    return record


def both(world: World, record: str) -> set[str]:
    return {world.state(node, record) for node in ("KR", "KH")}


def refused(rule: str, what: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        what()
    assert caught.value.rule == rule, caught.value
    return caught.value


def kinds(world: World, node: str, record: str) -> list[str]:
    with world.nodes[node].reading() as tx:
        return [row.kind for row in tx.facts.of_record(record)]


def until(world: World, ms: int) -> None:
    """Time passes at every node, an hour at a time."""
    step = min(HOUR, ms)
    for _ in range(ms // step):
        world.clock.advance(step)
        world.settle(rounds=6)


# C1 -----------------------------------------------------------------------------------------------------------------


def test_c1_a_request_is_at_the_other_desk_and_escalates_when_nobody_reads_it(money: World) -> None:
    done = money.act(
        "KR", "send", request(money), procedure="stop-payment", to=("KH",), instrument=money.treaty, **MARKS
    )
    money.settle()
    assert both(money, done.record) == {"sent"}
    money.clock.advance(5 * MINUTE)
    money.settle()
    assert kinds(money, "KH", done.record) == ["send", "escalate"]
    assert any("no acknowledge by KH" in text for text in money.alarms("KR", "timer"))


@pytest.mark.parametrize("field", ["victim", "account", "amount", "basis", "contact_phone", "claimed", "rule"])
def test_c1_what_is_missing_is_named(money: World, field: str) -> None:
    form = {name: value for name, value in request(money).items() if name != field}
    with pytest.raises(InvalidInput, match=field):
        money.act("KR", "send", form, procedure="stop-payment", to=("KH",), instrument=money.treaty, **MARKS)


def test_c1_too_late_carries_the_last_movement(money: World) -> None:
    record = sent(money)
    with pytest.raises(InvalidInput, match="last"):
        money.act("KH", "too-late", {}, record=record)
    gone = {"moved_at": money.clock.now(), "amount": 115_000, "institution": "PPBKKHPP", "account": "PPBKKHPP/1"}
    money.act("KH", "too-late", {"last": gone}, record=record)
    money.settle()
    assert both(money, record) == {"too-late"}
    detail = money.nodes["KR"].reading_desk.record(money.officers["KR"], record, reason=REASON)
    assert [each.form["last"] for each in detail.facts if each.row.kind == "too-late"] == [gone]


# C2, R36 ------------------------------------------------------------------------------------------------------------


def test_c2_without_an_order_it_is_free_by_itself_after_two_alarms(money: World) -> None:
    record = held(money)
    until(money, 71 * HOUR)
    assert both(money, record) == {"held"}
    assert [text.split(": ")[1] for text in money.alarms("KH", "timer")] == ["remind-early", "remind-late"]
    until(money, HOUR)
    assert both(money, record) == {"auto-released"}
    assert any("lapse" in text for text in money.alarms("KH", "timer"))
    until(money, HOUR)
    assert "freed-overdue" in kinds(money, "KR", record), "the bank has not said that the account is free"


def test_c2_with_an_order_it_stays(money: World) -> None:
    record = held(money)
    until(money, 70 * HOUR)
    order = {"authority": "Court of Phnom Penh", "reference": "2026/77", "issued_at": money.clock.now() - HOUR,
             "until": money.clock.now() + 30 * DAY, "amount": 115_000, "reason": REASON}  # fmt: skip
    money.act("KH", "confirm", order, record=record)
    until(money, 10 * HOUR)
    assert both(money, record) == {"confirmed"}


def test_c2_the_national_clock_is_the_holders_own(money: World) -> None:
    record = sent(money)
    look(money, record)
    too_long = hold_form(money, until=money.clock.now() + 73 * HOUR)
    refused("R36", lambda: money.act("KH", "hold", too_long, record=record))
    disk = money.disks["KH"]
    disk.settings = replace(disk.settings, clocks={"hold": 100 * HOUR})
    money.boot("KH")
    look(money, record)
    money.act("KH", "hold", hold_form(money, until=money.clock.now() + 73 * HOUR), record=record)
    money.settle()
    assert both(money, record) == {"held"}


# C3, R50, R51 -------------------------------------------------------------------------------------------------------


def test_c3_a_holder_with_900_gets_120_held(money: World) -> None:
    record = sent(money, claimed=12_000, asked=12_000)
    look(money, record, 90_000)
    form = hold_form(money, claimed=12_000, amount=90_000)
    refused("R50", lambda: money.act("KH", "hold", form, record=record))
    money.act("KH", "hold", {**form, "amount": 12_000}, record=record)
    money.settle()
    money.act("KH", "ease", {"stays": 10_000, "reason": "rent is due"}, record=record)
    money.settle()
    for node in ("KR", "KH"):
        with money.nodes[node].reading() as tx:
            facts = {row.kind for row in tx.facts.of_record(record)}
        assert "ease" in facts
        assert "verify" not in {row.kind for row in facts_at(money, "KR", record)}, "a balance is never sent"


def facts_at(world: World, node: str, record: str) -> list[Any]:
    with world.nodes[node].reading() as tx:
        return [*tx.facts.of_record(record), *tx.facts.of_record(record, "local")]


def test_c3_a_whole_account_needs_a_judge_and_a_second_officer(money: World) -> None:
    record = sent(money)
    look(money, record, 500_000)
    whole = hold_form(money, scope="whole-account", amount=500_000)
    refused("R50", lambda: money.act("KH", "hold", whole, record=record))
    judged = {**whole, "judge_reference": "Judge Sok, 2026/3"}
    refused("R4", lambda: money.act("KH", "hold", judged, record=record))
    money.act("KH", "approve", {"kind": "hold", "reason": REASON}, record=record)
    refused("R4", lambda: money.act("KH", "hold", judged, record=record))
    second = money.person("KH", "Second officer", "investigator")
    money.act("KH", "approve", {"kind": "hold", "reason": REASON}, record=record, who=second)
    money.act("KH", "hold", judged, record=record)
    money.settle()
    assert both(money, record) == {"held"}


def test_r50_the_analyst_cannot_ask_for_9600_of_1150(money: World) -> None:
    form = request(money, asked=960_000)
    refused(
        "R50",
        lambda: money.act("KR", "send", form, procedure="stop-payment", to=("KH",), instrument=money.treaty, **MARKS),
    )


def test_r50_two_requests_for_one_payment_never_hold_more_than_it_brought(money: World) -> None:
    first, second = sent(money), sent(money, victim="V-KR-0500")
    half = sent(money, payment="uetr:9", part_to=60_000, claimed=60_000, asked=60_000, located=0)
    rest = sent(money, payment="uetr:9", part_from=60_000, claimed=55_000, asked=55_000, located=0)
    for record in (first, half):
        look(money, record)
    money.act("KH", "hold", hold_form(money), record=first)
    look(money, second)
    assert "held already" in refused("R50", lambda: money.act("KH", "hold", hold_form(money), record=second)).why
    money.act("KH", "hold", hold_form(money, claimed=60_000, amount=60_000), record=half)
    look(money, rest)
    money.act("KH", "hold", hold_form(money, claimed=55_000, amount=55_000), record=rest)
    money.act("KH", "release", RELEASE, record=first)
    look(money, second)
    money.act("KH", "hold", hold_form(money), record=second)
    money.settle()
    assert (both(money, first), both(money, second)) == ({"released"}, {"held"})


def test_r50_a_hold_is_judged_beside_those_of_its_payment_alone_and_an_older_store_is_filled_first(
    money: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = sent(money), sent(money, victim="V-KR-0500", payment="other", uetr="u-1")
    others = [sent(money, payment=f"uetr:{number}", uetr="") for number in range(10, 16)]
    third = sent(money, victim="V-KR-0501", payment="another name", uetr="U-1")
    for record in (first, second, *others):
        look(money, record)
        money.act("KH", "hold", hold_form(money), record=record)
    look(money, third)
    kh = money.nodes["KH"]
    with kh.store.write() as tx:  # as a store is that knows of no names yet
        tx.meta.set("stop-names", "")
        for name in ("payment\nABKHKHPP/88077\nuetr:1", "uetr\nABKHKHPP/88077\nu-1"):
            (found,) = tx.money.stops_named([kh.money.vault.hashed("stop", name)])[:1]
            assert found in (first, second)
    assert "held already" in refused("R50", lambda: money.act("KH", "hold", hold_form(money), record=third)).why
    kh.money.named.ready()
    opened: list[str] = []
    form = kh.projector.form

    def noted(row: Any, *more: Any) -> Any:
        opened.append(row.record)
        return form(row, *more)

    monkeypatch.setattr(kh.projector, "form", noted)
    assert "held already" in refused("R50", lambda: money.act("KH", "hold", hold_form(money), record=third)).why
    assert not set(opened) & {first, *others}, "what is about other payments is not opened"


def test_r50_two_holds_in_one_transaction_know_of_one_another(money: World) -> None:
    """Group commit: the second is judged against the first, which is not written yet."""
    records = [sent(money), sent(money, victim="V-KR-0500")]
    for record in records:
        look(money, record)
    node, who = money.nodes["KH"], money.officers["KH"]
    intents = []
    for record in records:
        intent = Intent(kind="hold", form=hold_form(money), record=record)
        prepared = node.acting.prepare(who, intent)
        intents.append(replace(intent, officer=money.devices[who.id].assertion(prepared.challenge), at=prepared.at))
    done = node.acting.act_each(who, intents)
    assert [isinstance(each, Refusal) and each.rule for each in done] == [False, "R50"]


def lax(procedure: Procedure) -> Engine:
    """An engine that has forgotten every rule: what a node that cheats would run."""
    loose = replace(procedure, transitions=tuple(replace(t, rules=()) for t in procedure.transitions))
    return Engine((*(each for each in PROCEDURES if each.name != procedure.name), loose))


@pytest.mark.parametrize("wrong", [{"amount": 115_001}, {"claimed": 200_000, "amount": 200_000}, {"rule": "lifo"}, {"currency": "KHR"},
                                   {"scope": "whole-account", "amount": 10**6}, {"urgent": True}])  # fmt: skip
def test_r50_what_a_cheating_node_sends_is_refused_where_it_arrives(money: World, wrong: dict[str, Any]) -> None:
    record = sent(money)
    money.nodes["KH"].engine = lax(STOP_PAYMENT)
    done = money.act("KH", "hold", hold_form(money, **wrong), record=record)
    money.settle()
    assert money.state("KH", record) == "held"
    assert money.state("KR", record) == "acknowledged"
    with money.nodes["KH"].reading() as tx:
        (receipt,) = tx.receipts.of_fact(done.fact)
    assert (receipt.status, receipt.step) == ("refused", 5)
    assert receipt.rule in ("R50", "R51", "R5")


def test_r51_a_hold_without_notice_basis_or_end_is_no_hold(money: World) -> None:
    record = sent(money)
    look(money, record)
    for field in ("notice", "basis", "until", "rule", "claimed"):
        form = {name: value for name, value in hold_form(money).items() if name != field}
        with pytest.raises(InvalidInput, match=field):
            money.act("KH", "hold", form, record=record)


# R1, R4, R5, R6 -------------------------------------------------------------------------------------------------------


def test_r1_a_service_token_is_refused_and_it_is_written_down(money: World) -> None:
    record = sent(money)
    look(money, record)
    node = money.nodes["KH"]
    machine = node.people.add("Robot", unit="desk", roles=("service", "duty-officer"), kind="service")
    rest, token = Rest(money, "KH"), node.people.token(machine)
    status, said = rest("POST", f"/records/{record}/hold", {"form": hold_form(money)}, token)
    assert (status, said["rule"]) == (403, "R1")
    _, readers = rest("GET", f"/records/{record}/readers")
    assert ("refused", machine.id) in [(each["act"], each["user"]) for each in readers["readers"]]
    assert money.state("KH", record) == "acknowledged"


def test_r1_no_one_holds_without_the_own_passkey(money: World) -> None:
    record = sent(money)
    look(money, record)
    intent = Intent(kind="hold", form=hold_form(money), record=record)
    with pytest.raises(Unsigned):
        money.nodes["KH"].acting.act(money.officers["KH"], intent)
    clerk = money.nodes["KH"].people.node_itself()
    refused("R1", lambda: money.nodes["KH"].acting.act(clerk, intent))
    refused("R1", lambda: money.nodes["KH"].acting.act(money.nodes["KH"].people.node_itself(through="clock"), intent))
    assert money.state("KH", record) == "acknowledged"


def test_r5_an_urgent_hold_ends_after_fifteen_minutes_unless_a_second_person_reviews_it(money: World) -> None:
    record = sent(money)
    look(money, record, name="differs")
    refused("R5", lambda: money.act("KH", "hold", hold_form(money), record=record))
    money.act("KH", "hold", hold_form(money, urgent=True, until=money.clock.now() + 14 * MINUTE), record=record)
    money.settle()
    review = {"until": money.clock.now() + HOUR, "repetition": 0, "basis": "Decree 2", "reason": REASON}
    refused("R4", lambda: money.act("KH", "review", review, record=record))
    money.clock.advance(15 * MINUTE)
    money.settle()
    assert both(money, record) == {"auto-released"}


@pytest.mark.parametrize(("kind", "form"), [
    ("refuse", {"ground": "no-legal-basis-here", "reason": REASON}), ("not-found", {"missing": "account"}),
])  # fmt: skip
def test_r6_refusing_takes_one_act_and_no_passkey(money: World, kind: str, form: dict[str, Any]) -> None:
    record = sent(money)
    money.nodes["KH"].acting.act(money.officers["KH"], Intent(kind=kind, form=form, record=record))
    money.settle()
    assert both(money, record) == {STOP_PAYMENT.by_kind[kind].target}


# C5 -----------------------------------------------------------------------------------------------------------------


def test_c5_a_wallet_is_named_exactly_and_seized_by_two_persons_into_the_states_address(money: World) -> None:
    wallet = {"account": "tron:0x2b6653dc:TFICTWALLET01", "institution": "SIAMX", "channel": "wallet"}
    refused("R28", lambda: sent(money, **wallet))
    refused("C5", lambda: sent(money, **wallet, chain="tron"))
    record = sent(money, **wallet, chain="tron", transaction_hash="ab" * 32)
    look(money, record)
    money.act("KH", "hold", hold_form(money), record=record)
    now = money.clock.now()
    order = {
        "authority": "Court",
        "reference": "1",
        "issued_at": now,
        "until": now + 30 * DAY,
        "amount": 115_000,
        "reason": REASON,
    }
    money.act("KH", "confirm", order, record=record)
    seize = {
        "authority": "Court",
        "reference": "1",
        "amount": 115_000,
        "custody": "tron:0x2b6653dc:TSTATE01",
        "reason": REASON,
    }
    refused("R4", lambda: money.act("KH", "seize", seize, record=record))
    money.act("KH", "approve", {"kind": "seize", "reason": REASON}, record=record)
    refused("R4", lambda: money.act("KH", "seize", seize, record=record))
    second = money.person("KH", "Second officer", "legal")
    money.act("KH", "approve", {"kind": "seize", "reason": REASON}, record=record, who=second)
    refused("R50", lambda: money.act("KH", "seize", {**seize, "amount": 115_001}, record=record))
    money.act("KH", "seize", seize, record=record)
    money.settle()
    assert both(money, record) == {"seized"}


# C6, R35, R36 -------------------------------------------------------------------------------------------------------


def test_c6_the_merchant_is_free_and_everybody_confirms(money: World) -> None:
    record = held(money)
    complaint = {"by": "account-holder", "received_at": money.clock.now(), "text": "I sold rice.", "language": "km"}
    money.act("KH", "complain", complaint, record=record)
    money.settle()
    until(money, 2 * HOUR)
    refused("R35", lambda: money.act("KH", "release", {**RELEASE, "apology": ""}, record=record))
    money.act("KH", "release", RELEASE, record=record)
    money.settle()
    assert both(money, record) == {"released"}
    money.act("KR", "take-note", {"told": ["HNBNKRSE"]}, record=record)
    money.act("KH", "freed", {"freed_at": money.clock.now()}, record=record)
    money.settle()
    until(money, 2 * HOUR)
    assert not {"freed-overdue", "note-overdue", "complaint-overdue"} & set(kinds(money, "KR", record))
    status, told = Rest(money, "KR")("GET", "/figures/holds")
    assert status == 200
    (figures,) = told["holds"]
    assert (figures["holder"], figures["holds"], figures["wrong"], figures["overdue"]) == ("KH", 1, 1, 0)
    assert 2 <= figures["hours_to_release"][0] < 3


def test_c6_whoever_held_does_not_judge_the_complaint_and_delay_is_seen(money: World) -> None:
    record = held(money)
    complaint = {"by": "account-holder", "received_at": money.clock.now(), "text": "I sold rice.", "language": "km"}
    money.act("KR", "complain", complaint, record=record)
    money.settle()
    upheld = {"answer": "The victim's payment came to it.", "appeal_to": "The bank ombudsman", "reason": REASON}
    refused("R4", lambda: money.act("KH", "uphold", upheld, record=record))
    until(money, 5 * HOUR)
    assert "complaint-overdue" in kinds(money, "KR", record)
    assert any("no uphold by KH" in text for text in money.alarms("KH", "timer"))


def test_r36_a_release_passes_although_the_pair_is_suspended(money: World) -> None:
    record = held(money)
    suspend(money, "KR", "KH")
    with pytest.raises(SpeanError):
        money.act("KH", "ease", {"stays": 1, "reason": "rent is due"}, record=record)
    money.act("KH", "release", RELEASE, record=record)
    money.settle()
    assert both(money, record) == {"released"}


def test_r36_a_release_after_a_reminder_passes_although_the_pair_is_suspended(money: World) -> None:
    record = held(money)
    suspend(money, "KR", "KH")
    until(money, 69 * HOUR)
    assert {"remind-early", "remind-late"} <= set(kinds(money, "KR", record))
    money.act("KH", "release", RELEASE, record=record)
    money.settle()
    assert both(money, record) == {"released"}


def test_r36_a_hold_that_lapses_is_free_for_everybody_although_the_pair_is_suspended(money: World) -> None:
    record = held(money)
    suspend(money, "KR", "KH")
    until(money, 73 * HOUR)
    assert both(money, record) == {"auto-released"}


def test_r36_a_release_prevails_over_an_order_written_elsewhere_at_the_same_moment(money: World) -> None:
    """Both at the holder's node, from two processes that had not heard of one another: the release counts."""
    record = held(money)
    with money.nodes["KH"].reading() as tx:
        heads = tx.records.get(record).heads
    money.act("KH", "release", RELEASE, record=record)
    now = money.clock.now()
    order = {
        "authority": "Court",
        "reference": "1",
        "issued_at": now,
        "until": now + DAY,
        "amount": 115_000,
        "reason": REASON,
    }
    refused("D6", lambda: money.act("KH", "confirm", order, record=record))
    money.settle()
    assert heads
    assert both(money, record) == {"released"}


def test_a_request_taken_back_while_the_money_was_held_raises_an_alarm_to_free_it(money: World) -> None:
    record = sent(money)
    look(money, record)
    money.cut.add(frozenset(("KR", "KH")))
    money.act("KH", "hold", hold_form(money), record=record)
    money.act("KR", "withdraw", {"reason": "the victim was mistaken"}, record=record)
    money.cut.clear()
    money.settle()
    assert both(money, record) == {"withdrawn"}
    assert any("free the account now" in text for text in money.alarms("KH", "free-now"))


# a bank's desk --------------------------------------------------------------------------------------------------------


@pytest.fixture
def bank(money: World) -> Who:
    """Somebody of the bank where the money lies."""
    disk = money.disks["KH"]
    disk.settings = replace(disk.settings, institutions={"ABKHKHPP": "Angkor Bank", "PPBKKHPP": "Another bank"})
    money.boot("KH")
    return banker(money, "ABKHKHPP")


def banker(world: World, unit: str) -> Who:
    row = world.nodes["KH"].people.add(f"Desk of {unit}", unit=unit, roles=("bank-desk",))
    who = Who(user=row, through="api")
    world.devices[who.id] = register(world.nodes["KH"], who)
    return who


def ordered(world: World, record: str, institution: str = "ABKHKHPP") -> None:
    order = {"what": "hold", "institution": institution, "account": "ABKHKHPP/88077", "amount": 115_000, "currency": "USD",
             "digits": 2, "basis": "Banking law", "expires_at": world.clock.now() + HOUR, "contact_name": "Officer Dara",
             "contact_phone": "+855 23 726 158"}  # fmt: skip
    world.act("KH", "order", order, record=record)


def test_a_bank_holds_what_is_ordered_of_it_and_nothing_else(money: World, bank: Who) -> None:
    node = money.nodes["KH"]
    record, other = sent(money), sent(money)
    seen = {"balance": 10**9, "currency": "USD", "digits": 2, "name": "matches"}
    refused("O1", lambda: money.act("KH", "verify", seen, record=record, who=bank))
    ordered(money, record)
    money.act("KH", "verify", seen, record=record, who=bank)
    done = act_signed(node, bank, Intent(kind="hold", form=hold_form(money), record=record), money.devices[bank.id])
    assert done.state == "held"
    for kind, form in (
        ("verify", seen),
        ("refuse", {"ground": "incomplete", "reason": REASON}),
        ("not-found", {"missing": "account"}),
    ):
        refused("O1", lambda kind=kind, form=form: money.act("KH", kind, form, record=other, who=bank))
    for kind, form in (("note", {"text": "x"}), ("approve", {"kind": "hold", "reason": REASON}),
                       ("confirm", {}), ("acknowledge", {})):  # fmt: skip
        with pytest.raises(SpeanError):
            money.act("KH", kind, form, record=record, who=bank)
    money.act("KH", "release", RELEASE, record=record, who=bank)
    money.settle()
    assert both(money, record) == {"released"}


def test_another_bank_does_nothing_in_it(money: World, bank: Who) -> None:
    record = sent(money)
    ordered(money, record)
    stranger = banker(money, "PPBKKHPP")
    refused("O1", lambda: money.act("KH", "not-found", {"missing": "account"}, record=record, who=stranger))
    ordered(money, record, "PPBKKHPP")
    refused("O1", lambda: money.act("KH", "not-found", {"missing": "account"}, record=record, who=bank))


def test_a_bank_sees_no_record_no_desk_no_search(money: World, bank: Who) -> None:
    record, node = sent(money), money.nodes["KH"]
    ordered(money, record)
    refused("O1", lambda: node.reading_desk.record(bank, record, reason=REASON))
    refused("O1", lambda: node.searching.search(bank, words="V-KR-0417", reason=REASON))
    assert node.reading_desk.records(bank) == []
    rest, token = Rest(money, "KH"), node.people.token(bank.user)
    for path in (
        "/records",
        f"/records/{record}?reason=curious",
        "/search?words=V&reason=curious",
        "/directory",
        "/audit",
        "/figures/holds",
    ):
        status, said = rest("GET", path, token=token)
        assert (status, said["rule"]) == (403, "O1"), path


# C8 -----------------------------------------------------------------------------------------------------------------


def test_c8_victims_of_three_countries_get_every_cent(money: World) -> None:
    now = money.clock.now()
    holdings = [
        {"record": "KR:stop-payment:C", "node": "KH", "amount": 3_200_000},
        {"record": "KR:stop-payment:W", "node": "INT", "amount": 9_100_000},
    ]
    terms = {"title": "Han and others", "currency": "USD", "digits": 2, "rule": "fifo", "basis": "Act on restitution", "holdings": holdings,
             "claims_until": now + DAY}  # fmt: skip
    record = money.act(
        "KR", "open", terms, procedure="restitution", to=("KH", "INT"), instrument=money.treaty, **MARKS
    ).record
    money.settle()

    def claim(node: str, victim: str, transfer: str, *traced: tuple[int, int, int]) -> str:
        parts = [{"holding": number, "amount": amount, "arrived_at": at} for number, amount, at in traced]
        form = {"victim": victim, "transfer": transfer, "paid_at": 0, "amount": 10**9, "traced": parts}
        done = money.act(node, "claim", form, record=record)
        money.settle()
        return done.fact

    claims = {
        claim("KR", "V-KR-0417", "7c1e", (0, 3_200_000, 30), (1, 9_100_000, 40)): "V-KR-0417",
        claim("KH", "V-KH-1", "r-1", (0, 840_000, 10)): "V-KH-1",
        claim("INT", "V-TH-1", "r-2", (1, 1_000_000, 20)): "V-TH-1",
    }
    refused("C8", lambda: claim("KH", "V-KH-2", " 7C1E ", (0, 1, 1)))
    until(money, DAY)
    detail = money.nodes["KR"].reading_desk.record(money.officers["KR"], record, reason=REASON)
    known = {each.row.id: msgspec.convert(each.form, Claim) for each in detail.facts if each.row.kind == "claim"}
    lines, left = restitution.allocate([msgspec.convert(each, Holding) for each in holdings], known, "fifo", ("USD", 2))
    allocation = {"lines": msgspec.to_builtins(lines), "left": list(left), "reason": REASON}
    bent = msgspec.to_builtins(lines)
    bent[0]["amount"], bent[1]["amount"] = bent[0]["amount"] - 1, bent[1]["amount"] + 1
    refused("C8", lambda: money.act("KR", "propose", {**allocation, "lines": bent}, record=record))
    money.act("KR", "propose", allocation, record=record)
    decision = {"authority": "Court of Seoul", "appeal_to": "High Court", "reason": REASON}
    refused("R4", lambda: money.act("KR", "decide", decision, record=record))
    second = money.person("KR", "Second officer", "legal")
    money.act("KR", "approve", {"kind": "decide", "reason": REASON}, record=record, who=second)
    money.act("KR", "decide", decision, record=record)
    for line in lines:
        pay = {"claim": line.claim, "holding": line.holding, "amount": line.amount, "paid_at": now, "proof": "pacs-1"}
        money.act("KR", "pay", pay, record=record)
    money.act("KR", "close", {"reason": "all is paid"}, record=record)
    money.settle()
    assert {money.state(node, record) for node in ("KR", "KH", "INT")} == {"closed"}
    sums = {claims[name]: amount for name, amount in restitution.paid(lines).items()}
    assert sums == {"V-KR-0417": 10_460_000, "V-KH-1": 840_000, "V-TH-1": 1_000_000}
    assert sum(sums.values()) == 12_300_000


# C10 ----------------------------------------------------------------------------------------------------------------


def listed(world: World) -> tuple[str, list[str]]:
    now = world.clock.now()
    form = {"account": "PPBKKHPP/8801234567", "first_seen": now - DAY, "last_seen": now, "evidence": ["KR:fraud-report:1"],
            "expires_at": now + 30 * DAY, "reason": REASON}  # fmt: skip
    report = world.act(
        "KR", "report", form, procedure="mule-account", to=("KH", "INT"), instrument=world.treaty, **MARKS
    )
    world.settle()
    verify = {
        "grade": "money-traced",
        "evidence": ["KR:stop-payment:1"],
        "expires_at": now + 60 * DAY,
        "reason": REASON,
    }
    refused("R2", lambda: world.act("KR", "verify", verify, record=report.record))
    second = world.person("KR", "Second analyst", "analyst")
    checked = world.act("KR", "verify", verify, record=report.record, who=second)
    world.settle()
    return report.record, [report.fact, checked.fact]


def contents(world: World, facts: list[str]) -> dict[str, list[bool]]:
    """Per node whether it still has the words of each fact."""
    found = {}
    for name, node in world.nodes.items():
        with node.reading() as tx:
            found[name] = [tx.facts.get(fact).content is not None for fact in facts]
    return found


def test_c8_a_transfer_is_claimed_in_one_restitution(money: World) -> None:
    """The refusal names the other record; once the claim is refused there, or that one is given up, it may be claimed here."""
    now = money.clock.now()

    def opened(title: str) -> str:
        terms = {"title": title, "currency": "USD", "digits": 2, "rule": "fifo", "basis": "Act on restitution", "claims_until": now + DAY,
                 "holdings": [{"record": f"KR:stop-payment:{title}", "node": "KH", "amount": 3_200_000}]}  # fmt: skip
        return money.act(
            "KR", "open", terms, procedure="restitution", to=("KH", "INT"), instrument=money.treaty, **MARKS
        ).record

    def claim(record: str, transfer: str) -> str:
        form = {"victim": "V-KR-0417", "transfer": transfer, "paid_at": 0, "amount": 10**6,
                "traced": [{"holding": 0, "amount": 10**5, "arrived_at": 1}]}  # fmt: skip
        return money.act("KR", "claim", form, record=record).fact

    one, other, third = opened("one"), opened("other"), opened("third")
    first = claim(one, "7c1e")
    assert one in refused("C8", lambda: claim(other, " 7C1E ")).why
    assert "already in another" not in refused("C8", lambda: claim(one, "7c1e")).why
    refusing = {"claim": first, "appeal_to": "District court", "reason": REASON}
    money.act("KR", "refuse-claim", refusing, record=one)
    claim(other, "7c1e")
    assert other in refused("C8", lambda: claim(third, "7c1e")).why
    money.act("KR", "abandon", {"reason": REASON}, record=other)
    claim(third, "7c1e")


def test_c10_a_cleared_holder_disappears_at_every_node_and_the_decision_remains(money: World) -> None:
    record, facts = listed(money)
    assert contents(money, facts) == {name: [True, True] for name in money.nodes}
    money.cut.add(frozenset(("KR", "INT")))
    clear = money.act("KR", "clear", {"ground": "good-faith", "wrong": True, "reason": "a merchant"}, record=record)
    money.settle()
    assert contents(money, facts) == {"KR": [False, False], "KH": [False, False], "INT": [True, True]}
    money.cut.clear()
    money.settle()
    assert contents(money, facts) == {name: [False, False] for name in money.nodes}
    for name in money.nodes:
        assert money.state(name, record) == "cleared"
        assert contents(money, [clear.fact])[name] == [True]
        found = money.nodes[name].searching.search(money.officers[name], words="8801234567", reason=REASON)
        assert found.hits == ()


def test_c10_an_entry_ends_by_itself_everywhere(money: World) -> None:
    record, facts = listed(money)
    money.clock.advance(60 * DAY)
    money.settle()
    money.settle()
    assert {money.state(name, record) for name in money.nodes} == {"expired"}
    assert contents(money, facts) == {name: [False, False] for name in money.nodes}
