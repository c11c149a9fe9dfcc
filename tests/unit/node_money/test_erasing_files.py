"""What a file said is erased: from database, write-ahead log, ledgers, spool and backups; cases go on without it and say why (D4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from federation.test_erasure import Place, forms_of
from federation.world import World
from spean.core.errors import Conflict, InvalidInput, NotFound, Refusal
from spean.core.world import MINUTE
from spean.keys import ContentKeys
from spean.node.care.backup import KeySource, restore
from spean.node.money.model import ImportState
from spean.node.node import Node
from spean.node.settings import load_settings
from spean.store import Store

WORDS = ("Quetzalcoatl", "HNB/77001122334455", "REF-Xylophon-9")
"""A name, an account and a reference that only the erased file says."""
HEAD = "Date,Time,From account,To account,Amount,Currency,Reference,Description\n"
KEPT = HEAD + "2026-03-04,01:02:00,HNB/110402,HNB/302918,184000000,KRW,R1,first\n"
GONE = HEAD + (
    f"2026-03-04,01:03:00,HNB/302918,{WORDS[1]},90000000,KRW,{WORDS[2]},for {WORDS[0]}\n"
    f"2026-03-04,01:04:00,{WORDS[1]},HNB/9,80000000,KRW,R3,on\n"
    f"2026-03-04,01:05:00,HNB/9,HNB/8,x,KRW,R4,{WORDS[0]}\n"
)
PASSPHRASE = "five words for the safe"
NEEDLES = {form: word for word in WORDS for form in forms_of(word)}


def found_in(data: bytes) -> list[str]:
    lowered = data.lower()
    return [f"{word} as {form!r}" for form, word in NEEDLES.items() if form.lower() in lowered]


class DiskDesk:
    """A node of KR on disk, with an analyst."""

    def __init__(self, place: Place, folder: Path) -> None:
        self.place = place
        self.world = World(
            ("KR",), folder, peered=False, opens=lambda _: (Store.open(place.store), ContentKeys.open(place.content))
        )
        disk = self.world.disks["KR"]
        disk.settings = replace(disk.settings, institutions={"HNB": "Han Bank"})
        self.node: Node = self.world.boot("KR")
        self.who = self.world.person("KR", "Han Ji", "financial-analyst", "duty-officer")

    def give(self, text: str, name: str) -> ImportState:
        self.world.clock.advance(1)
        money = self.node.money
        state = money.take_file(self.who, name, [text.encode()], hints={"keeper": "HNB"}, wait=True)
        return money.confirm_mapping(self.who, state.id, {}, wait=True) if state.state == "asking" else state

    def report(self) -> str:
        """A victim's payment that both files touch, followed."""
        ledger = self.node.money.ledgers.ledger("KRW")
        assert ledger is not None
        told = {"transferred_at": 1_772_586_120_000, "amount": 184_000_000, "currency": "KRW", "digits": 0, "sender_account": "110402",
                "sender_institution": "HNB", "account": "HNB/302918", "payment": ledger.names.payment(0)}  # fmt: skip
        form = {"victim": "V-1", "reported_at": self.world.clock.now(), "payments": [told], "contact_phone": "+82 2 1394",
                "contact_name": "Duty officer"}  # fmt: skip
        done = self.world.act(
            "KR",
            "report",
            form,
            procedure="fraud-report",
            who=self.who,
            purpose="stop-fraud",
            data="account",
            subject="victim",
        )
        self.world.act("KR", "validate", {}, record=done.record, who=self.who)
        self.node.money.trace(self.who, done.record)
        return done.record

    def standing(self, case: str) -> dict[str, int]:
        sheet = self.node.money.sheet(self.who, case, reason="the case")
        return {place.account: sum(each.amount for each in place.located) for place in sheet.places if place.located}


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    home = tmp_path / "KR"
    home.mkdir()
    if request.param == "sqlite":
        return Place(f"sqlite:///{home}/spean.db", f"sqlite:///{home}/content-keys.db", home)
    new: Callable[[], str] = request.getfixturevalue("new_postgres")
    return Place(new(), new(), home)


@pytest.fixture
def desk(place: Place, tmp_path: Path) -> Iterator[DiskDesk]:
    made = DiskDesk(place, tmp_path)
    yield made
    made.node.close()


def seen(place: Place) -> dict[str, list[str]]:
    return {where: found for where, data in place.bytes() if (found := found_in(data))}


def test_what_a_file_said_is_nowhere_and_the_case_says_why(
    desk: DiskDesk, place: Place, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    kept, gone = desk.give(KEPT, "kept.csv"), desk.give(GONE, f"{WORDS[0]}.csv")
    assert (gone.taken, gone.rejected) == (2, 1)
    case = desk.report()
    assert desk.standing(case) == {"HNB/302918": 94_000_000, WORDS[1]: 10_000_000, "HNB/9": 80_000_000}
    assert seen(place), "the ledger names accounts readably: a search that finds nothing would prove nothing"
    money, node = desk.node.money, desk.node
    keys = [row.key for row in rows_of(node) if row.id == gone.id]
    secret = node.content_keys.get([keys[0].hex()])[keys[0].hex()]
    node.restoring.backup(tmp_path / "before")
    told = money.erasure(desk.who, gone.id)
    assert (told.payments, told.currencies, told.cases, told.requests) == (2, ("KRW",), (case,), 0)
    assert money.erase_import(desk.who, gone.id, f"{WORDS[0]} asked for it", wait=True).state == "erased"
    desk.world.settle()

    assert desk.standing(case) == {"HNB/302918": 184_000_000}
    sheet = money.sheet(desk.who, case, reason="the case")
    assert sheet.again == f"import:{gone.id}"
    assert [row.kind for row in node.reading_desk.alarms() if row.kind == "file-erased"] == ["file-erased"]
    ledger = money.ledgers.ledger("KRW")
    assert ledger is not None
    assert ledger.names.number(WORDS[1]) is None
    assert [(each.id, each.state, each.name) for each in money.imports(desk.who)] == [
        (gone.id, "erased", ""), (kept.id, "done", "kept.csv")
    ]  # fmt: skip
    assert money.import_rows(desk.who, gone.id, reason="to see") == []
    assert seen(place) == {}
    for where, data in place.bytes():
        assert secret not in data, where
    assert desk.give(GONE.replace(WORDS[1], "HNB/5"), "again.csv").taken == 2, "and it may be given anew"

    node.restoring.backup(tmp_path / "after")
    (tmp_path / "safe").mkdir()
    node.restoring.backup_keys(tmp_path / "safe" / "keys", PASSPHRASE)
    for folder in ("before", "after", "safe"):
        for path in (tmp_path / folder).rglob("*"):
            assert not path.is_file() or not found_in(path.read_bytes()), path
    restored(desk, tmp_path, gone, case, request)


def rows_of(node: Node) -> list[object]:
    with node.store.read() as tx:
        return tx.money.imports(100)


def restored(desk: DiskDesk, tmp_path: Path, gone: ImportState, case: str, request: pytest.FixtureRequest) -> None:
    """The backup of before is restored: the key store knows what was erased, and the ledgers are made without it."""
    home, changes = tmp_path / "again", dict[str, str]()
    if desk.place.store.startswith("postgresql"):
        new = request.getfixturevalue("new_postgres")
        changes = {"store": new(), "content_keys": new()}
    keys = KeySource(copy=tmp_path / "safe" / "keys", copy_passphrase=PASSPHRASE)
    done = restore(tmp_path / "before", home, keys, changes=changes, clock=desk.world.clock, entropy=desk.world.entropy)
    assert done.erased >= 1
    settings = load_settings(home)
    again = Place(settings.store_url(home), settings.content_keys_url(home), home)
    assert seen(again) == {}
    with Store.open(again.store) as store, store.read() as tx:
        assert tx.money.one_import(gone.id).state == "erased"
        assert tx.money.payments_of(gone.id) == []


def test_the_verb_asks_who_why_and_for_a_fresh_proof(desk: DiskDesk) -> None:
    gone = desk.give(GONE, "a.csv")
    money, world = desk.node.money, desk.world
    with pytest.raises(Refusal, match="has no role"):
        money.erase_import(world.person("KR", "Park", "investigator"), gone.id, "she asked for it")
    with pytest.raises(InvalidInput, match="reason"):
        money.erase_import(desk.who, gone.id, " x ")
    old = replace(desk.who, session="s", strong_at=world.clock.now() - 60 * MINUTE)
    with pytest.raises(Refusal, match="fresh proof"):
        money.erase_import(old, gone.id, "she asked for it")
    with pytest.raises(NotFound):
        money.erase_import(desk.who, "01JNF000000000000000000000", "she asked for it")
    assert money.import_state(desk.who, gone.id).state == "done"
    money.erase_import(desk.who, gone.id, "she asked for it", wait=True)
    with pytest.raises(NotFound, match="erased already"):
        money.erase_import(desk.who, gone.id, "she asked for it")
    auditor = world.person("KR", "Yun", "auditor")
    (read,) = [row for row in desk.node.reading_desk.readers(auditor, f"KR:import:{gone.id}") if row.act == "export"]
    assert read.user == desk.who.id


def test_a_crash_before_the_ledgers_are_made_anew_is_finished_at_the_next_start(
    desk: DiskDesk, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.give(KEPT, "kept.csv")
    gone = desk.give(GONE, "a.csv")
    case = desk.report()

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(desk.node.money, "remake", dies)
    with pytest.raises(KeyboardInterrupt):
        desk.node.money.erase_import(desk.who, gone.id, "she asked for it", wait=True)
    monkeypatch.undo()
    assert desk.node.money.import_state(desk.who, gone.id).state == "erasing"
    desk.node.money.close()
    desk.node = desk.world.boot("KR")
    desk.node.money.start()
    assert desk.node.money.import_state(desk.who, gone.id).state == "erased"
    desk.world.clock.advance(MINUTE + 1)
    desk.world.settle()
    assert desk.standing(case) == {"HNB/302918": 184_000_000}
    assert seen(place) == {}


def test_the_payment_that_began_a_case_may_go_and_a_later_file_brings_it_back(desk: DiskDesk) -> None:
    kept = desk.give(KEPT, "kept.csv")
    case = desk.report()
    desk.node.money.erase_import(desk.who, kept.id, "the bank withdrew it", wait=True)
    assert desk.node.money.ledgers.currencies() == []
    assert desk.standing(case) == {}
    assert desk.node.money.sheet(desk.who, case, reason="the case").again == f"import:{kept.id}"
    desk.give(KEPT, "anew.csv")
    assert desk.standing(case) == {"HNB/302918": 184_000_000}


def test_a_file_that_is_only_asked_about_leaves_no_spool(desk: DiskDesk, place: Place) -> None:
    state = desk.node.money.take_file(desk.who, "a.csv", [GONE.encode()], hints={"keeper": "HNB"}, wait=True)
    assert state.state == "asking"
    assert list((place.home / "imports").iterdir())
    desk.node.money.erase_import(desk.who, state.id, "the wrong file", wait=True)
    assert list((place.home / "imports").iterdir()) == []
    with pytest.raises(Conflict):
        desk.node.money.confirm_mapping(desk.who, state.id, {}, wait=True)


def test_how_its_table_was_read_is_forgotten(desk: DiskDesk) -> None:
    first = desk.give(KEPT, "kept.csv")
    desk.node.money.erase_import(desk.who, first.id, "the wrong bank", wait=True)
    state = desk.node.money.take_file(desk.who, "b.csv", [KEPT.encode()], hints={"keeper": "HNB"}, wait=True)
    assert state.state == "asking"


def test_reads_of_rows_and_samples_are_written_down(desk: DiskDesk) -> None:
    state = desk.node.money.take_file(desk.who, "a.csv", [GONE.encode()], hints={"keeper": "HNB"}, wait=True)
    desk.node.money.recognised(desk.who, state.id, reason="is it read right")
    desk.node.money.confirm_mapping(desk.who, state.id, {}, wait=True)
    desk.node.money.import_rows(desk.who, state.id, reason="what is missing")
    with pytest.raises(InvalidInput, match="reason"):
        desk.node.money.import_rows(desk.who, state.id, reason="")
    auditor = desk.world.person("KR", "Yun", "auditor")
    reads = desk.node.reading_desk.readers(auditor, f"KR:import:{state.id}")
    assert [row.act for row in reads if row.user == desk.who.id] == ["import", "read", "read"]
