"""A bank's side: orders that it alone sees, camt.056 in its folder, answers that lead to the right state, and never to a hold (R1)."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from federation.moneyworld import START, MoneyWorld, Paid, account, acknowledged
from spean.core.errors import Refusal
from spean.formats.iso.read import read
from spean.formats.iso.write import CancellationAnswer, Institution, camt_029
from spean.formats.model import Money, References
from spean.node.acts.acting import Intent
from spean.node.entry.people import Who
from spean.node.money.banks import case_of
from spean.store.rows import UserRow

BANK = "SIAMTHBK"
STORY = (Paid(1, "KR1", "KR2", 50_000, START), Paid(2, "KR2", "TH1", 48_000, START + 1000))


@pytest.fixture
def world(tmp_path: Path) -> MoneyWorld:
    world = MoneyWorld(tmp_path)
    world.load("KR", STORY)
    return world


@pytest.fixture
def record(world: MoneyWorld) -> str:
    return acknowledged(world, STORY[0])


def folder(world: MoneyWorld, bank: str = BANK) -> Path:
    place = world.folder / "TH" / "banks" / bank
    for way in ("out", "in"):
        (place / way).mkdir(parents=True)
    return place


def ordered(world: MoneyWorld, record: str) -> None:
    world.nodes["TH"].money.order(world.analysts["TH"], record, contact_name="Duty desk", contact_phone="+66 2 1441")
    world.settle()


def desk_of(world: MoneyWorld, bank: str) -> Who:
    return world.person("TH", f"Fraud desk {bank}", "bank-desk") if bank == "desk" else _bank(world, bank)


def _bank(world: MoneyWorld, bank: str) -> Who:
    row: UserRow = world.nodes["TH"].people.add(f"Fraud desk {bank}", unit=bank, roles=("bank-desk",))
    return Who(user=row, through="api")


def answer(world: MoneyWorld, place: Path, case: str, status: str, reason: str, name: str = "a.xml") -> None:
    """The bank's camt.029 appears in its folder."""
    made = camt_029(CancellationAnswer(
        id="A1", case=case, assigner=Institution(bic=BANK), assignee=Institution(code="TH"), made_ms=world.clock.now(),
        original=References(end_to_end="E2"), status=status, reason=reason, amount=Money(48_000, "USD"),  # type: ignore[arg-type]
    ))  # fmt: skip
    (place / "in" / name).write_bytes(made)
    world.clock.advance(6_000)
    for _ in range(2):  # the node takes the file, then the others take its fact
        world.settle()


def alarms(world: MoneyWorld) -> str:
    return " ".join(alarm.text for alarm in world.nodes["TH"].reading_desk.alarms() if alarm.kind == "bank")


def test_a_bank_sees_what_is_ordered_of_it_and_nothing_else(world: MoneyWorld, record: str) -> None:
    mine, other = desk_of(world, BANK), desk_of(world, "OTHER")
    money = world.nodes["TH"].money
    assert money.orders(mine) == []
    ordered(world, record)
    (order,) = money.orders(mine)
    assert (order.record, order.account, order.amount.amount, order.state) == (
        record,
        account("TH1"),
        48_000,
        "acknowledged",
    )
    assert order.basis
    assert order.expires_at == world.nodes["TH"].clock.now() + 72 * 3_600_000 - (world.clock.now() - order.ordered_at)
    assert money.orders(other) == []
    for look in (money.board, lambda who: money.sheet(who, record, reason="the order")):
        with pytest.raises(Refusal):
            look(mine)
    with pytest.raises(Refusal):
        world.nodes["TH"].acting.act(other, Intent(kind="not-found", form={"missing": "account"}, record=record))
    done = world.nodes["TH"].acting.act(mine, Intent(kind="not-found", form={"missing": "account"}, record=record))
    assert done.state == "not-found"


def test_an_order_is_written_as_camt_056(world: MoneyWorld, record: str) -> None:
    place = folder(world)
    ordered(world, record)
    (file,) = (place / "out").glob("*.xml")
    (asked,) = read([file.read_bytes()])
    assert (asked.case, asked.reason, asked.references.uetr) == (
        case_of(record),
        "FRAD",
        STORY[1].id.removeprefix("uetr:"),
    )  # type: ignore[union-attr]
    assert "HOLD 480.00 USD ON SIAMTHBK/TH1" in asked.text  # type: ignore[union-attr]
    assert etree.parse(file).getroot() is not None


@pytest.mark.parametrize(
    ("status", "reason", "state"),
    [("RJCR", "AC04", "too-late"), ("RJCR", "AM04", "too-late"), ("RJCR", "CUST", "refused"), ("RJCR", "LEGL", "refused"),
     ("RJCR", "NOAS", "refused"), ("RJCR", "PTNA", "too-late"), ("RJCR", "NOOR", "not-found"), ("PDCR", "RQDA", "acknowledged"),
     ("RJCR", "ARDT", "returned"), ("ACCR", "", "returned"), ("PDCR", "HELD", "acknowledged")],
)  # fmt: skip
def test_each_answer_leads_to_its_state_and_none_to_a_hold(
    world: MoneyWorld, record: str, status: str, reason: str, state: str
) -> None:
    place = folder(world)
    ordered(world, record)
    answer(world, place, case_of(record), status, reason)
    assert world.state("TH", record) == world.state("KR", record) == state
    assert not list((place / "in").iterdir())
    told = alarms(world)
    assert ("a person confirms it" in told) == (reason == "HELD")
    with world.nodes["TH"].store.read() as tx:
        kinds = [row.kind for row in tx.facts.of_record(record, "local")]
    assert "note" in kinds
    assert ("verify" in kinds) == (reason == "HELD")


def test_a_person_holds_what_the_bank_says_is_held(world: MoneyWorld, record: str) -> None:
    place = folder(world)
    ordered(world, record)
    answer(world, place, case_of(record), "PDCR", "HELD")
    now = world.clock.now()
    hold = {
        "amount": 48_000, "currency": "USD", "digits": 2, "claimed": 48_000, "rule": "fifo", "basis": "Emergency decree s. 6",
        "until": now + 3_600_000, "reason": "the bank holds it", "notice": {"by": "app", "language": "th", "contact_name": "Desk",
                                                                         "contact_phone": "+66 2 1441"},
    }  # fmt: skip
    assert world.act("TH", "hold", hold, record=record, who=world.analysts["TH"]).state == "held"
    world.settle()
    (hop,) = (each for each in world.nodes["KR"].money.board(world.analysts["KR"]) if each.record)
    assert (hop.state, hop.held.amount, hop.lost.amount, hop.due, hop.due_at) == (
        "held",
        48_000,
        0,
        "lapse",
        now + 3_600_000,
    )


def test_another_banks_folder_answers_nothing(world: MoneyWorld, record: str) -> None:
    folder(world)
    other = folder(world, "OTHER")
    ordered(world, record)
    answer(world, other, case_of(record), "RJCR", "AM04")
    assert world.state("TH", record) == "acknowledged"
    assert [path.name for path in (other / "in").iterdir()] == ["a.refused"]
    assert "OTHER" in alarms(world)


def test_a_damaged_file_is_told_and_kept_apart(world: MoneyWorld, record: str) -> None:
    place = folder(world)
    ordered(world, record)
    (place / "in" / "b.xml").write_bytes(b"<Document><broken")
    world.clock.advance(6_000)
    world.settle()
    assert [path.name for path in (place / "in").iterdir()] == ["b.refused"]
    assert "was not taken" in alarms(world)


def test_what_has_no_message_is_an_alarm(world: MoneyWorld, record: str) -> None:
    folder(world)
    world.nodes["TH"].money.order(
        world.analysts["TH"], record, contact_name="Desk", contact_phone="+66 2 1441", what="release"
    )
    world.settle()
    assert "Call the bank" in alarms(world)
