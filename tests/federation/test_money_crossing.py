"""Money through three countries' ledgers, none of them shown: the same as one ledger traced whole; off-line and back; forged; quota."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.moneyworld import START, THREE, MoneyWorld, Paid, account
from spean.core.errors import Refusal
from spean.core.world import MINUTE
from spean.node.acts.acting import Intent
from spean.node.entry.people import Who
from spean.node.money.conversions import Leg
from spean.node.money.crossing import Told, Tracer, Way
from spean.node.money.homes import Homes
from spean.node.money.own import Own
from spean.tracing.engine import ledger_of, trace
from spean.tracing.model import Rule, Transfer

STORY = (
    Paid(1, "KR1", "KR2", 50_000, START),
    Paid(2, "KR2", "KH1", 50_000, START + 1000),
    Paid(3, "KH1", "KH2", 30_000, START + 2000),
    Paid(4, "KH1", "KH3", 19_000, START + 3000),
    Paid(5, "KH2", "TH1", 28_000, START + 4000),
)
TH1, KH1, KH2, KH3 = (account(name) for name in ("TH1", "KH1", "KH2", "KH3"))


@pytest.fixture
def world(tmp_path: Path) -> MoneyWorld:
    return MoneyWorld(tmp_path)


def standing(world: MoneyWorld, case: str) -> dict[str, int]:
    """Account → located, by the sheet."""
    sheet = world.nodes["KR"].money.sheet(world.analysts["KR"], case, reason="the case")
    return {place.account: sum(each.amount for each in place.located) for place in sheet.places if place.located}


def test_a_case_is_followed_through_three_countries(world: MoneyWorld) -> None:
    world.load_all(STORY)
    case = world.report("KR", STORY[0])
    money, who = world.nodes["KR"].money, world.analysts["KR"]
    money.trace(who, case)
    first = money.sheet(who, case, reason="the case")
    assert [(each.node, each.amount.amount) for each in first.unanswered] == [("KH", 50_000)]
    assert [(hop.node, hop.account, hop.state, hop.asked.amount) for hop in first.hops] == [
        ("KH", KH1, "to-send", 50_000)
    ]
    world.settle()
    assert standing(world, case) == {KH1: 1_000, KH2: 2_000, KH3: 19_000, TH1: 28_000}
    sheet = money.sheet(who, case, reason="the case")
    assert sheet.unanswered == ()
    assert sum(each.amount for place in sheet.places for each in place.claimed) == 50_000
    foreign = [edge for edge in sheet.edges if edge.node != "KR"]
    assert [(edge.node, edge.payment, edge.payee) for edge in foreign] == [("KH", STORY[4].id, TH1)]
    assert all(edge.fact for edge in foreign)
    own = [edge for edge in sheet.edges if edge.node == "KR"]
    assert next((edge.payer, edge.payee, edge.source, edge.grade) for edge in own) == (
        account("KR1"),
        account("KR2"),
        "B",
        2,
    )


def test_neither_balance_nor_other_payments_show(world: MoneyWorld) -> None:
    other = Paid(9, "KH7", "KH3", 777_777, START + 2500)
    world.load_all((*STORY, other))
    case = world.report("KR", STORY[0])
    world.nodes["KR"].money.trace(world.analysts["KR"], case)
    world.settle()
    with world.nodes["KR"].store.read() as tx:
        questions = tx.money.questions(case)
        facts = [row for each in questions for row in tx.facts.of_record(each.record, "shared")]
    assert len(facts) >= 4
    told = "".join(str(world.nodes["KR"].money.asking.asked(case)))
    assert "777777" not in told
    assert "KH7" not in told


def test_requests_go_to_every_place_at_once_and_no_more_is_asked_than_is_claimed(world: MoneyWorld) -> None:
    world.load_all(STORY)
    case = world.report("KR", STORY[0])
    money, who = world.nodes["KR"].money, world.analysts["KR"]
    money.trace(who, case)
    world.settle()
    walked = {hop.account: hop.hop for hop in money.sheet(who, case, reason="the case").hops}
    sent = money.send(who, case, basis="MoU on stopping fraud")
    assert all(each.done for each in sent), [str(each.error) for each in sent]
    assert {hop.account: hop.hop for hop in money.sheet(who, case, reason="the case").hops} == walked, (
        "a request says the same"
    )
    assert {each.account: each.amount for each in sent} == {
        place.account: place.claimed[0].amount for place in money.sheet(who, case, reason="the case").places if place.claimed
    }  # fmt: skip
    world.settle()
    asked = world.nodes["TH"].money.board(world.analysts["TH"])
    assert [(hop.state, hop.next, hop.account) for hop in asked] == [("sent", "acknowledge", "SIAMTHBK/TH1")]
    assert world.state("KR", case) == "following"
    sheet = world.nodes["TH"].money.sheet(world.analysts["TH"], sent[0].done.record if sent[0].node == "TH" else next(
        each.done.record for each in sent if each.node == "TH"), reason="the request")  # fmt: skip
    assert {place.account: place.located[0].amount for place in sheet.places} == {TH1: 28_000}
    again = {hop.state for hop in money.board(who)}
    assert again == {"sent"}


def test_money_at_a_bank_of_our_own_is_held_at_home(world: MoneyWorld) -> None:
    """Asker and holder are one node: nobody receives anything, no agreement is asked, and the same safeguards hold."""
    story = (STORY[0], Paid(2, "KR2", "KR3", 30_000, START + 1000), Paid(3, "KR2", "KH1", 20_000, START + 2000))
    world.load("KR", story)
    case = world.report("KR", story[0])
    node, who = world.nodes["KR"], world.analysts["KR"]
    node.money.trace(who, case, "lifo")
    sent = {each.node: each for each in node.money.send(who, case)}
    assert {name: (each.account, each.amount) for name, each in sent.items()} == {
        "KR": (account("KR3"), 30_000), "KH": (KH1, 20_000)
    }  # fmt: skip
    done = sent["KR"].done
    assert done is not None
    assert done.recipients == ()
    world.settle()
    for other in ("KH", "TH", "INT"):
        with world.nodes[other].store.read() as tx:
            assert done.record not in tx.records.many([done.record])
    world.act("KR", "acknowledge", {}, record=done.record, who=who)
    node.money.order(who, done.record, contact_name="Duty desk", contact_phone="+82 2 1394")
    bank = Who(user=node.people.add("Fraud desk", unit="HNBKKRSE", roles=("bank-desk",)), through="api")
    (order,) = node.money.orders(bank)
    assert (order.account, order.amount.amount) == (account("KR3"), 30_000)
    look = {"balance": 30_000, "currency": "USD", "digits": 2, "name": "matches"}
    node.acting.act(bank, Intent(kind="verify", form=look, record=done.record))
    hold = {
        "amount": 30_000, "currency": "USD", "digits": 2, "claimed": 30_000, "rule": "lifo", "basis": "Act on fraud, s. 6",
        "until": world.clock.now() + 3_600_000, "reason": "stolen", "notice": {"by": "app", "language": "ko", "contact_name": "Desk",
                                                                             "contact_phone": "+82 2 1394"},
    }  # fmt: skip
    with pytest.raises(Refusal):
        world.act("KR", "hold", {**hold, "amount": 30_001}, record=done.record, who=who)
    assert world.act("KR", "hold", hold, record=done.record, who=who).state == "held"
    hops = {(hop.node, hop.state, hop.held.amount) for hop in node.money.board(who)}
    assert hops == {("KR", "held", 30_000), ("KH", "sent", 0)}
    assert {place.account for place in node.money.sheet(who, done.record, reason="the case").places} == {
        account("KR3"),
        KH1,
    }
    world.load("KR", [Paid(9, "KR8", "KR9", 5, world.clock.now())])
    world.clock.advance(3_700_000)
    world.settle()
    assert world.state("KR", done.record) == "auto-released"


def test_a_first_request_needs_no_answer(world: MoneyWorld) -> None:
    """The account that was paid is known from our own bank's file: nobody waits for the other node."""
    world.load("KR", STORY)
    case = world.report("KR", STORY[0])
    (sent,) = world.nodes["KR"].money.send(world.analysts["KR"], case)
    assert (sent.node, sent.account, sent.amount) == ("KH", KH1, 50_000)
    assert sent.done is not None


def test_a_node_that_is_away_is_shown_and_the_trace_goes_on_when_it_is_back(world: MoneyWorld) -> None:
    world.load_all(STORY)
    case = world.report("KR", STORY[0])
    money, who = world.nodes["KR"].money, world.analysts["KR"]
    money.trace(who, case)
    world.cut |= {frozenset(("TH", other)) for other in ("KR", "KH", "INT")}
    world.settle()
    sheet = money.sheet(who, case, reason="the case")
    assert [(each.node, each.amount.amount) for each in sheet.unanswered] == [("TH", 28_000)]
    assert ("TH", TH1, "to-send") in {(hop.node, hop.account, hop.state) for hop in sheet.hops}
    world.clock.advance(7 * MINUTE)
    world.settle()
    world.cut.clear()
    world.settle()
    assert money.sheet(who, case, reason="the case").unanswered == ()


def test_a_later_payment_is_answered_and_traced_when_it_comes(world: MoneyWorld) -> None:
    """KH's file comes after the question; then TH's; and the money goes on while it is watched."""
    world.load("KR", STORY)
    case = world.report("KR", STORY[0])
    money, who = world.nodes["KR"].money, world.analysts["KR"]
    money.trace(who, case)
    world.settle()
    assert len(money.sheet(who, case, reason="the case").unanswered) == 1
    world.load("KH", STORY)
    world.settle()
    assert [each.node for each in money.sheet(who, case, reason="the case").unanswered] == ["TH"]
    world.load("TH", STORY)
    world.settle()
    assert standing(world, case)[TH1] == 28_000
    world.clock.advance(2 * MINUTE)
    world.load("KH", [Paid(6, "KH3", "TH2", 19_000, world.clock.now())])
    money.trace(who, case)
    world.settle()
    assert standing(world, case).get(KH3, 0) == 0
    assert standing(world, case)[account("TH2")] == 19_000


def test_our_own_new_payment_traces_the_case_again_and_alarms(world: MoneyWorld) -> None:
    world.load("KR", STORY[:1])
    case = world.report("KR", STORY[0])
    money, who = world.nodes["KR"].money, world.analysts["KR"]
    money.trace(who, case)
    assert standing(world, case) == {account("KR2"): 50_000}
    world.load("KR", [STORY[1]])
    sheet = money.sheet(who, case, reason="the case")
    assert sheet.again == STORY[1].id
    assert standing(world, case) == {KH1: 50_000}
    alarms = [alarm.kind for alarm in world.nodes["KR"].reading_desk.alarms()]
    assert "money-moved" in alarms


def test_a_holder_is_alarmed_when_money_of_a_request_moves_on(world: MoneyWorld) -> None:
    world.load_all(STORY[:2])
    case = world.report("KR", STORY[0])
    (sent,) = world.nodes["KR"].money.send(world.analysts["KR"], case)
    assert sent.done is not None
    world.settle()
    world.load("KH", [STORY[2]])
    (alarm,) = world.nodes["KH"].reading_desk.alarms()
    assert (alarm.kind, alarm.severity) == ("money-moved", "critical")
    assert sent.done.record in alarm.text
    world.load("KH", [Paid(20, "KH7", "KH8", 5, START + 2500)])
    assert len(world.nodes["KH"].reading_desk.alarms()) == 1
    world.load("KH", [STORY[3]])
    assert len(world.nodes["KH"].reading_desk.alarms()) == 2


def test_watching_outlives_the_process(world: MoneyWorld) -> None:
    world.load("KR", STORY[:1])
    case = world.report("KR", STORY[0])
    world.nodes["KR"].money.trace(world.analysts["KR"], case)
    world.nodes["KR"].money.close()
    world.boot("KR")
    world.load("KR", [STORY[1]])
    assert world.nodes["KR"].money.following.case(case).again == STORY[1].id


def test_a_victim_who_pays_again_is_called(world: MoneyWorld) -> None:
    world.load("KR", STORY)
    case = world.report("KR", STORY[0])
    world.nodes["KR"].money.trace(world.analysts["KR"], case)
    world.load("KR", [Paid(11, "KR1", "KH9", 1_000, world.clock.now() + 1)])
    assert "repeat-victim" in {alarm.kind for alarm in world.nodes["KR"].reading_desk.alarms()}


def test_a_part_that_never_came_in_is_not_answered(world: MoneyWorld) -> None:
    """A forged question learns nothing, not even whether such a payment exists."""
    world.load_all(STORY)
    node, who = world.nodes["TH"], world.analysts["TH"]
    form = {"case": "x", "rule": "fifo", "currency": "USD", "digits": 2, "need": "curiosity about others",
            "parts": [{"payment": STORY[2].id, "start": 0, "end": 10}]}  # fmt: skip
    inside = world.act("TH", "ask", form, procedure="trace-question", to=["KH"], who=who, instrument=world.treaty, purpose="stop-fraud",
                       data="account", subject="other")  # fmt: skip
    form["parts"] = [{"payment": "uetr:none", "start": 0, "end": 10}]
    unknown = world.act("TH", "ask", form, procedure="trace-question", to=["KH"], who=who, instrument=world.treaty, purpose="stop-fraud",
                        data="account", subject="other")  # fmt: skip
    world.settle()
    assert [world.state("TH", each.record) for each in (inside, unknown)] == ["asked", "asked"]
    assert node.money.asking.asked("x") == []


def test_the_agreements_quota_limits_questions(tmp_path: Path) -> None:
    world = MoneyWorld(tmp_path, quota=1)
    world.load_all(STORY)
    case = world.report("KR", STORY[0])
    money, who = world.nodes["KR"].money, world.analysts["KR"]
    money.trace(who, case)
    world.settle()
    rules = {each.row.rule for each in money.asking.asked(case)}
    assert len([each for each in money.asking.asked(case) if each.row.node == "KH"]) == 1
    assert rules == {"lifo"}


def test_a_suspended_pair_is_asked_through_the_mediator(world: MoneyWorld) -> None:
    """DOMAIN 8.1, 01:46: KR and TH do not speak directly; INT carries question and request, and learns nothing new by it."""
    world.load_all(STORY)
    world.act("KR", "suspend-pair", {"other": "TH", "reason": "a dispute about the border"}, record=world.treaty)
    world.settle()
    case = world.report("KR", STORY[0])
    money, who = world.nodes["KR"].money, world.analysts["KR"]
    money.trace(who, case)
    for _ in range(3):
        world.settle()
    assert standing(world, case)[TH1] == 28_000
    sent = {each.node: each for each in money.send(who, case) if each.done is not None}
    assert sent["TH"].done is not None
    assert sent["TH"].done.recipients == ("INT",)
    for _ in range(3):
        world.settle()
    assert world.state("TH", sent["TH"].done.record) == "sent"


def test_a_conversion_at_the_border_is_followed_in_the_other_currency(world: MoneyWorld) -> None:
    story = (
        Paid(1, "KR1", "KR2", 184_000_000, START, "KRW"),
        Paid(2, "KR2", "KH1", 184_000_000, START + 1000, "KRW", (12_540_000, "USD")),
        Paid(3, "KH1", "KH2", 5_200_000, START + 2000),
        Paid(4, "KH1", "KH3", 3_200_000, START + 3000),
    )
    world.load_all(story)
    case = world.report("KR", story[0])
    money, who = world.nodes["KR"].money, world.analysts["KR"]
    money.trace(who, case)
    world.settle()
    sheet = money.sheet(who, case, reason="the case")
    assert standing(world, case) == {KH1: 4_140_000, KH2: 5_200_000, KH3: 3_200_000}
    converted = [edge for edge in sheet.edges if edge.converted]
    assert [(edge.converted.amount, edge.converted.currency) for edge in converted if edge.converted] == [
        (12_540_000, "USD")
    ]
    assert {hop.located.currency for hop in sheet.hops} == {"USD"}


def test_money_that_an_exchange_desk_turned_into_tokens_is_followed_on(world: MoneyWorld) -> None:
    """DOMAIN 8.1, hop 4: two mules pay an exchange desk, which gives tokens and keeps its share; a wallet sends them abroad."""
    story = (
        Paid(1, "KR1", "KH1", 9_185_000, START),
        Paid(2, "KH1", "KH2", 5_200_000, START + 1000),
        Paid(3, "KH1", "KH3", 3_985_000, START + 2000),
        Paid(4, "KH2", "KH9", 5_200_000, START + 3000),
        Paid(5, "KH3", "KH9", 3_985_000, START + 4000),
    )
    world.load_all(story)
    case = world.report("KR", story[0])
    kh, analyst = world.nodes["KH"].money, world.analysts["KH"]
    desk, wallet, deposit = (
        "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
        "TEkxiTehnzSmSe2XqrBj4w32RUN966rdz8",
        "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb",
    )
    hint = {
        "name": "Exchanges",
        "always_open": True,
        "wallets": [{"chain": "tron", "address": deposit, "holder": "SIAMX"}],
    }
    world.act("TH", "publish", hint, procedure="desk", to=["INT", "KH", "KR"], purpose="coordinate", data="directory", subject="none",
              instrument="peering")  # fmt: skip
    world.settle()
    on_tron = "tron:0x2b6653dc:"
    kh.convert(analyst, Leg(account=account("KH9"), amount=9_150_000, currency="USD"),
               Leg(account=on_tron + desk, amount=91_500_000_000, currency="USDT"), START + 5000, reason="the desk's own book")  # fmt: skip
    export = (
        "Txn Hash,Timestamp,From,To,Contract Address,Amount,Token Symbol,Token Decimal\n"
        f"b2,{(START + 7000) // 1000},{wallet},{deposit},{desk},91000,USDT,6\n"
        f"a1,{(START + 6000) // 1000},{desk},{wallet},{desk},91500,USDT,6\n"
    ).encode()
    for node in ("KH", "TH"):
        state = world.nodes[node].money.take_file(
            world.analysts[node], "t.csv", [export], hints={"chain": "tron"}, wait=True
        )
        assert (state.state, state.rejected) == ("done", 0), state
    money, who = world.nodes["KR"].money, world.analysts["KR"]
    money.trace(who, case)
    world.settle()
    sheet = money.sheet(who, case, reason="the case")
    assert sheet.unanswered == ()
    found = {
        (place.node, place.account): [(each.amount, each.currency) for each in place.located] for place in sheet.places
    }
    assert found == {
        ("KH", account("KH9")): [(35_000, "USD")], ("KH", on_tron + wallet): [(500_000_000, "USDT")],
        ("TH", on_tron + deposit): [(91_000_000_000, "USDT")],
    }  # fmt: skip
    sent = money.send(who, case)
    assert {(each.node, each.amount, each.currency) for each in sent if each.done} == {
        ("KH", 35_000, "USD"), ("KH", 500_000_000, "USDT"), ("TH", 91_000_000_000, "USDT")
    }, [str(each.error) for each in sent]  # fmt: skip


# the law: as one ledger traced whole ------------------------------------------------------------------------------

NAMES = [f"{country}{number}" for country in THREE for number in (1, 2, 3)]
rows = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), st.integers(1, 9_999), st.integers(0, 3)),
    min_size=1,
    max_size=25,
)


def cut(world: MoneyWorld, rule: Rule, first: Paid) -> Way:
    """The case traced through the nodes' own answers."""
    homes = {name: Homes(world.nodes[name]) for name in THREE}

    def ask(node: str, rule: Rule, currency: str, parts, until) -> Told:  # type: ignore[no-untyped-def]
        return Told(Own(world.nodes[node].money, homes[node]).answer(rule, currency, parts, until), ())

    home = first.payer[:2] if first.payer[:2] in THREE else "KR"
    return Tracer(home, Own(world.nodes[home].money, homes[home]), ask, rule).trace([("USD", first.id)])


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows)
def test_it_is_the_same_as_one_ledger(
    tmp_path_factory: pytest.TempPathFactory, told: list[tuple[str, str, int, int]]
) -> None:
    at, payments = START, []
    for number, (payer, payee, amount, later) in enumerate(told, 1):
        at += later
        if payer != payee:
            payments.append(Paid(number, payer, payee, amount, at))
    if not payments:
        return
    world = MoneyWorld(tmp_path_factory.mktemp("law"))
    world.load_all(payments)
    whole = ledger_of(
        [Transfer(each.id, each.at, account(each.payer), account(each.payee), each.amount, "USD") for each in payments],
        {},
    )
    rules: tuple[Rule, ...] = ("fifo", "lifo", "haircut")
    for rule in rules:
        expected = {each.account: each.amount or 0 for each in trace(whole, payments[0].id, rule).positions}
        found: dict[str, int] = defaultdict(int)
        for (_, name, _), amount in cut(world, rule, payments[0]).standing.items():
            found[name] += amount
        assert sum(found.values()) == payments[0].amount
        if rule == "haircut":
            assert all(abs(found.get(name, 0) - expected.get(name, 0)) <= len(payments) for name in {*found, *expected})
        else:
            assert dict(found) == expected


def test_a_node_tells_by_itself_when_money_that_it_was_asked_about_moves_on(world: MoneyWorld) -> None:
    """The question stays open: a later payment is told without being asked for, nothing new is not told twice, and the case's end is its."""
    world.load_all(STORY[:3])
    case = world.report("KR", STORY[0])
    money, who = world.nodes["KR"].money, world.analysts["KR"]
    money.trace(who, case)
    world.settle()
    assert standing(world, case) == {KH1: 20_000, KH2: 30_000}
    with world.nodes["KR"].store.read() as tx:
        questions = [each.record for each in tx.money.questions(case)]
        facts = sum(len(tx.facts.of_record(each, "shared")) for each in questions)
    world.load("KH", (Paid(50, "KH8", "KH9", 700, START + 3500),))
    world.settle()
    with world.nodes["KR"].store.read() as tx:
        assert sum(len(tx.facts.of_record(each, "shared")) for each in questions) == facts
    world.load("KH", STORY[3:4])
    world.settle()
    assert standing(world, case) == {KH1: 1_000, KH2: 30_000, KH3: 19_000}
    with world.nodes["KR"].store.read() as tx:
        assert [each.record for each in tx.money.questions(case)] == questions
    world.act("KR", "close", {"reason": "all is done"}, record=case, who=who)
    world.settle()
    assert {world.state("KH", each) for each in questions} == {"withdrawn"}


def test_each_country_is_asked_by_its_own_rule(world: MoneyWorld) -> None:
    """Other money lay in KH1 before: by FIFO it goes first, in proportion it does not. Thailand's rule is haircut, Cambodia's the case's."""
    before = Paid(60, "KH8", "KH1", 50_000, START + 500)
    world.load_all((before, *STORY))
    world.disks["KR"].settings = replace(world.disks["KR"].settings, claim_rules={"TH": "haircut"})
    world.boot("KR")
    case = world.report("KR", STORY[0])
    money, who = world.nodes["KR"].money, world.analysts["KR"]
    money.trace(who, case)
    world.settle()
    hops = {hop.account: hop for hop in money.sheet(who, case, reason="the case").hops}
    assert hops[TH1].rule == "haircut"
    assert {hop.rule for account, hop in hops.items() if account != TH1} == {"fifo"}
    whole = ledger_of([Transfer(each.id, each.at, each.payer, each.payee, each.amount, "USD") for each in (
        STORY[0], before, *STORY[1:])], {})  # fmt: skip
    mixed = {each.account: each.amount for each in trace(whole, STORY[0].id, "haircut").positions}
    first = {each.account: each.amount for each in trace(whole, STORY[0].id, "fifo").positions}
    assert abs(hops[TH1].claimed.amount - (mixed["TH1"] or 0)) <= 1
    assert mixed["TH1"] != first.get("TH1", 0)
    sent = {each.account: each for each in money.send(who, case, [("TH", TH1)])}
    assert sent[TH1].error is None
    with world.nodes["KR"].reading() as tx:
        fact = tx.facts.get(sent[TH1].done.fact if sent[TH1].done else "")
    form = world.nodes["KR"].projector.form(fact, world.nodes["KR"].content_keys.get([fact.id])[fact.id])
    assert (form.rule, form.claimed) == ("haircut", hops[TH1].claimed.amount)
