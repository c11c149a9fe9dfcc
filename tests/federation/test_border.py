"""At the border, on a running node: nothing, verify, protect, stop; lists that only say *check*; who asks too often (B5, B7, R22–R24, R38)."""

from __future__ import annotations

import time
from typing import Any

import pytest

from federation.entities import opened, said
from federation.world import REAL, World
from spean.core.errors import InvalidInput, NotFound, Refusal, TooMuch
from spean.core.world import DAY, HOUR
from spean.node.entry.people import Who
from spean.node.same.grouping import KEPT, PATIENCE
from spean.screening import offline
from spean.screening.extract import Extract
from spean.screening.model import Traveller

WHY = "flight KE690 at counter 3"
DARA = Traveller(names=("Sokh Dara",), birth="1990-05-17")
TABLE = b"id,schema,name,birth_date,passport\nQ1,Person,Chen Zhi,1987-12-11,\nQ2,Person,Somebody Else,,X9999999\n"


@pytest.fixture
def world(make: Any) -> World:
    made: World = make(2, engine=REAL)
    return made


@pytest.fixture
def officer(world: World) -> Who:
    return world.person("KH", "Border officer", "border-officer")


def person(
    world: World, *more: dict[str, Any], name: str = "Sok Dara", birth: str = "1990-05-17", category: str = "missing"
) -> str:
    facts = [said("name", name), *([said("birth-date", birth)] if birth else []), *more]
    return opened(world, *facts, node="KH", category=category, purpose="locate-missing").record


def answer(world: World, record: str, kind: str = "protect", length: int = 30 * DAY) -> None:
    form = {"until": world.clock.now() + length, "instructions": "Ask whether she is well.", "contact_name": "Protection desk",
            "contact_phone": "+855 23 726 158", "reason": "her family looks for her"}  # fmt: skip
    world.act("KH", kind, form, record=record)


def stop(world: World, record: str) -> None:
    second = world.person("KH", "Second officer", "duty-officer")
    world.act("KH", "approve", {"kind": "stop", "reason": "I have read the warrant"}, record=record, who=second)
    form = {"until": world.clock.now() + DAY, "instructions": "Keep your distance and call.", "contact_name": "Crime police",
            "ground": "arrest-warrant",
            "basis": "Warrant 12/2026", "contact_phone": "+855 23 100 100", "reason": "a warrant of the court"}  # fmt: skip
    world.act("KH", "stop", form, record=record)


def screen(world: World, who: Who, traveller: Traveller = DARA) -> Any:
    return world.nodes["KH"].matching.screening.screen(who, traveller, reason=WHY).told


def test_b5_nothing_verify_protect_and_what_is_told(world: World, officer: Who) -> None:
    assert screen(world, officer).kind == "nothing"
    record = person(world)
    assert screen(world, officer).kind == "nothing", "a file without an answer is no matter of the border"
    answer(world, record, "verify")
    assert screen(world, officer).kind == "verify"
    answer(world, record, "protect")
    told = screen(world, officer)
    assert (told.kind, told.instructions, told.contacts) == (
        "protect",
        ("Ask whether she is well.",),
        ("Protection desk, +855 23 726 158",),
    )
    world.act("KH", "lift", {"reason": "she is home"}, record=record)
    assert screen(world, officer).kind == "nothing"


def test_b5_an_answer_ends_by_itself(world: World, officer: Who) -> None:
    record = person(world)
    answer(world, record, length=DAY)
    world.clock.advance(DAY)
    assert screen(world, officer).kind == "nothing"


def test_b5_a_stop_needs_the_document_or_name_and_whole_date(world: World, officer: Who) -> None:
    record = person(world, said("document", "KH:N1234567"), name="Rith Samnang", birth="1980-01-02", category="other")
    stop(world, record)
    rith = Traveller(names=("Rith Samnang",), birth="1980-01-02")
    told = screen(world, officer, rith)
    assert (told.kind, told.grounds) == ("stop", ("arrest-warrant",))
    less = screen(world, officer, Traveller(names=("Rith Samnang",)))
    assert (less.kind, less.grounds) == ("verify", ()), "what does not stop says no ground to stop"
    assert screen(world, officer, Traveller(documents=(("n1234567", "KHM"),))).kind == "stop"
    assert screen(world, officer, Traveller(documents=(("N1234567", "THA"),))).kind == "nothing"


def test_b5_protect_comes_before_stop(world: World, officer: Who) -> None:
    one = person(world, said("document", "KH:N1234567"), name="Rith Samnang", birth="1980-01-02", category="other")
    stop(world, one)
    answer(world, person(world, name="Rith Samnang", birth="1980-01-02"))
    told = screen(world, officer, Traveller(names=("Rith Samnang",), birth="1980-01-02"))
    assert (told.kind, told.contacts) == ("protect", ("Protection desk, +855 23 726 158",))


def test_b5_every_question_is_written_down_with_its_reason(world: World, officer: Who) -> None:
    node = world.nodes["KH"]
    with node.reading() as tx:
        before = tx.log.head("domestic").size
    screen(world, officer)
    with node.reading() as tx:
        assert tx.log.head("domestic").size == before + 1
    with pytest.raises(InvalidInput, match="reason"):
        node.matching.screening.screen(officer, DARA, reason=" ")
    with pytest.raises(InvalidInput):
        screen(world, officer, Traveller(birth="1990"))


def test_b5_only_those_who_screen_ask(world: World) -> None:
    with pytest.raises(Refusal, match="O1"):
        screen(world, world.person("KH", "Secretary", "secretariat"))


def test_b5_a_group_of_two_hundred_each_for_itself(world: World, officer: Who) -> None:
    answer(world, person(world))
    people = [Traveller(names=(f"Traveller {chr(65 + n % 26)}{chr(97 + n // 26)}sen",), id=str(n)) for n in range(199)]
    found = world.nodes["KH"].matching.screening.each(officer, [*people, DARA], reason=WHY)
    assert [each.told.kind for each in found] == ["nothing"] * 199 + ["protect"]
    assert len({each.log for each in found}) == 200


def bring(world: World, who: Who | None = None, **more: Any) -> Any:
    given = {"name": "Open list", "publisher": "A publisher", "version": "7", "date": "2026-02-11", **more}
    data = given.pop("data", TABLE)
    return world.nodes["KH"].matching.lists.bring(who or world.officers["KH"], data, **given)


def test_b7_a_list_says_check_with_its_version_and_never_more(world: World, officer: Who) -> None:
    brought = bring(world)
    assert (brought.taken, brought.bad) == (2, ())
    told = screen(world, officer, Traveller(names=("陈志",), birth="1987-12-11"))
    assert (told.kind, told.lists, told.instructions) == ("verify", (("Open list", "7, 2026-02-11"),), ())
    assert screen(world, officer, Traveller(documents=(("X9999999", ""),))).kind == "verify"


def test_b7_a_newer_version_takes_its_place_and_a_retired_list_is_not_asked(world: World, officer: Who) -> None:
    node = world.nodes["KH"]
    record = bring(world).done.record
    with node.reading() as tx:
        (row,) = tx.matching.lists()
    bring(world, record=record, version="8", data=b"id,name\nQ3,Another Person\n")
    assert screen(world, officer, Traveller(names=("Chen Zhi",))).kind == "nothing"
    assert screen(world, officer, Traveller(names=("Another Person",))).lists == (("Open list", "8, 2026-02-11"),)
    assert node.content_keys.get([row.key.hex()]) == {}, "the key of the former version is destroyed"
    node.matching.lists.retire(world.officers["KH"], record, "it is not published any more")
    assert screen(world, officer, Traveller(names=("Another Person",))).kind == "nothing"
    assert [each.state for each in node.matching.lists.all(officer)] == ["retired"]


def test_b7_a_list_alone_stops_nobody_however_it_is_said(world: World, officer: Who) -> None:
    """Two officers and a passkey are not enough: without a paper of a court or authority the border says *verify* at most."""
    renewed = bring(
        world, record=bring(world).done.record, version="8", name="Open list of 8", data=b"id,name\nQ1,Chen Zhi\n"
    )
    record = person(world, name="Chen Zhi", birth="1987-12-11", category="other")
    second = world.person("KH", "Second officer", "duty-officer")
    world.act("KH", "approve", {"kind": "stop", "reason": "he is on the list"}, record=record, who=second)
    form = {"until": world.clock.now() + DAY, "instructions": "Stop him.", "contact_name": "Crime police", "contact_phone": "+855 23 100 100",
            "reason": "he is on the list"}  # fmt: skip
    for ground in ("not-said", "entry-ban"):
        for basis in ("Open list, version 7", "Open list of 8, version 8 of 2026-02-11", f"{renewed.done.record}#0"):
            with pytest.raises(Refusal, match="B7"):
                world.act("KH", "stop", {**form, "ground": ground, "basis": basis}, record=record)
    assert screen(world, officer, Traveller(names=("Chen Zhi",), birth="1987-12-11")).kind == "verify"
    world.act("KH", "stop", {**form, "ground": "entry-ban", "basis": "Order 17/2026 of the Ministry"}, record=record)
    assert screen(world, officer, Traveller(names=("Chen Zhi",), birth="1987-12-11")).kind == "stop"


def test_b7_no_name_of_a_list_stands_readable_in_the_tables(world: World) -> None:
    bring(world)
    image = world.image().disks["KH"]
    for words in (b"Chen Zhi", b"X9999999", b"Somebody Else"):
        assert words not in image.store


def test_r24_too_many_questions_are_refused_and_the_supervisor_alone_is_told(world: World, officer: Who) -> None:
    node, stopped = world.nodes["KH"], 0
    for _ in range(80):
        try:
            screen(world, officer, Traveller(documents=(("N7654321", ""),)))
        except TooMuch:
            stopped += 1
    assert stopped == 20
    supervisor = world.person("KH", "Supervisor", "auditor")
    mine = [alarm for alarm in node.reading_desk.alarms(who=supervisor) if alarm.kind == "R24"]
    assert [officer.id in alarm.text for alarm in mine] == [True]
    assert [alarm for alarm in node.reading_desk.alarms(who=officer) if alarm.kind == "R24"] == []
    world.clock.advance(HOUR)
    assert screen(world, officer).kind == "nothing"


def test_r24_who_looks_up_somebody_in_office_is_reported(world: World, officer: Who) -> None:
    record = person(world, name="Minister Somebody", birth="1960-03-04", category="other")
    answer(world, record, "verify")
    form = {"entity": record, "office": True, "until": world.clock.now() + DAY, "reason": "a minister"}
    world.act("KH", "set", form, procedure="safeguard", purpose="protect-person", data="identity", subject="other")
    screen(world, officer, Traveller(names=("Minister Somebody",), birth="1960-03-04"))
    assert any("public office" in text for text in world.alarms("KH", "R24"))


def test_b5_the_answer_comes_within_two_seconds_of_work_also_with_long_lists(world: World, officer: Who) -> None:
    names = "\n".join(f"Q{n},{first} {last}{n % 97:02d}" for n, (first, last) in enumerate(
        (chr(65 + a) + "anna", chr(66 + b) + "orisov") for a in range(20) for b in range(20)))  # fmt: skip
    bring(world, data=("id,name\n" + names + "\n").encode())
    screen(world, officer)
    begun = time.process_time()
    screen(world, officer)
    assert time.process_time() - begun < 0.5


# without a line -------------------------------------------------------------------------------------------------------

PASSPHRASE = "river lantern seven bridges"


def quick(world: World) -> Any:
    """The desk of the border with a cheap passphrase function: what it costs is told by a test of its own."""
    desk = world.nodes["KH"].matching.offline
    desk._work = (1, 8 * 1024)
    return desk


def ticked(world: World, *more: Any, kind: str = "protect", name: str = "Sok Dara", birth: str = "1990-05-17") -> str:
    record = person(world, *more, name=name, birth=birth)
    answer(world, record, kind)
    world.act("KH", "off-line", {"ticked": True, "reason": "the checkpoint has no line"}, record=record)
    return record


def make(world: World, length: int = 7 * DAY) -> Any:
    until = world.clock.now() + length
    return quick(world).make(
        world.officers["KH"], device="Tablet 2", passphrase=PASSPHRASE, until=until, reason="checkpoint without a line"
    )


def test_b5_an_extract_holds_only_what_its_owner_ticked(world: World, officer: Who) -> None:
    ticked(world, said("document", "KH:N1234567"))
    answer(world, person(world, said("document", "KH:N7654321"), name="Kim Minjun", birth="1988-01-01"))
    made = make(world)
    assert made.entries == 1
    opened_ = Extract(made.data, PASSPHRASE)
    now = world.clock.now()
    assert offline.ask(opened_, Traveller(names=("Sokh Dara",), birth="1990-05-17"), now).kind == "protect"
    assert offline.ask(opened_, Traveller(documents=(("n1234567", ""),)), now).contacts == (
        "Protection desk, +855 23 726 158",
    )
    assert (
        offline.ask(
            opened_, Traveller(names=("Kim Minjun",), birth="1988-01-01", documents=(("N7654321", "KH"),)), now
        ).kind
        == "nothing"
    )
    assert world.state("KH", made.done.record) == "out"


def test_b5_the_border_page_of_a_machine_without_a_line_asks_it_and_its_queries_come_in_later(
    world: World, officer: Who
) -> None:
    ticked(world)
    made = make(world)
    laptop = world.nodes["KR"].matching
    field = world.person("KR", "Field officer", "border-officer")
    shown = laptop.offline.open(made.data, PASSPHRASE)
    assert (shown.node, shown.device) == ("KH", "Tablet 2")
    assert laptop.screening.screen(field, DARA, reason=WHY).told.kind == "protect"
    assert laptop.screening.screen(field, Traveller(names=("Nobody Known",)), reason=WHY).told.kind == "nothing"
    log = laptop.offline.queries(shown.id)
    for word in ("Dara", "protect", "Field"):
        assert word not in log
    quick(world).bring_in(world.officers["KH"], made.done.record, log)
    assert world.state("KH", made.done.record) == "returned"
    with world.nodes["KH"].reading() as tx:
        searches = [row for row in tx.access.of_subject(made.done.record) if row.act == "search"]
    assert len(searches) == 2
    with pytest.raises(InvalidInput):
        quick(world).bring_in(world.officers["KH"], make(world).done.record, log)


def test_b5_it_answers_no_longer_after_its_end_and_with_a_clock_moved_back(world: World) -> None:
    ticked(world)
    laptop = world.nodes["KR"].matching
    field = world.person("KR", "Field officer", "border-officer")
    laptop.offline.open(make(world, DAY).data, PASSPHRASE)
    world.clock.advance(HOUR)
    laptop.screening.screen(field, DARA, reason=WHY)
    world.clock.advance(-HOUR)
    with pytest.raises(Refusal, match="moved back"):
        laptop.screening.screen(field, DARA, reason=WHY)
    world.clock.advance(DAY)
    with pytest.raises(Refusal, match="ended"):
        laptop.screening.screen(field, DARA, reason=WHY)


def test_b5_an_extract_ends_within_two_weeks_and_is_written_down(world: World) -> None:
    with pytest.raises(Refusal, match="R33"):
        make(world, 15 * DAY)
    with pytest.raises(InvalidInput):
        quick(world).make(
            world.officers["KH"], device="T", passphrase="short", until=world.clock.now() + DAY, reason="a reason"
        )


def test_b5_without_a_line_a_name_stops_nobody(world: World) -> None:
    record = person(world, said("document", "KH:N1234567"), name="Rith Samnang", birth="1980-01-02", category="other")
    stop(world, record)
    world.act("KH", "off-line", {"ticked": True, "reason": "the checkpoint has no line"}, record=record)
    opened_ = Extract(make(world).data, PASSPHRASE)
    now = world.clock.now()
    assert offline.ask(opened_, Traveller(names=("Rith Samnang",), birth="1980-01-02"), now).kind == "verify"
    assert offline.ask(opened_, Traveller(documents=(("N1234567", ""),)), now).kind == "stop"


def test_b5_a_group_from_a_table_runs_by_itself_and_is_its_givers(world: World, officer: Who) -> None:
    answer(world, person(world))
    table = b"id,name,birth\n1,Sokh Dara,1990-05-17\n2,Nobody Known,1970\n3,,\n"
    groups = world.nodes["KH"].matching.groups
    group = groups.start(officer, "bus.csv", table, reason=WHY, wait=True)
    assert [each.told.kind for each in group.answers] == ["protect", "nothing"]
    assert [each.line for each in group.bad] == [4]
    assert groups.one(officer, group.id).done
    assert [(each.id, each.answered, each.people) for each in groups.mine(officer)] == [(group.id, 2, 2)]
    with pytest.raises(NotFound):
        groups.one(world.officers["KH"], group.id)
    with pytest.raises(NotFound):
        groups.erase(world.officers["KH"], group.id)


GROUP = "id,name,birth\n" + "".join(f"{n},Traveller {chr(65 + n)}sen,19{50 + n}\n" for n in range(25))


def test_b5_what_a_process_leaves_half_done_the_next_one_ends(world: World, officer: Who, monkeypatch: Any) -> None:
    answer(world, person(world))
    groups = world.nodes["KH"].matching.groups
    monkeypatch.setattr(groups, "_begin", lambda id, wait=False: None)  # the process dies before its first question
    group = groups.start(officer, "bus.csv", f"{GROUP}25,Sokh Dara,1990-05-17\n".encode(), reason=WHY)
    assert (group.answered, group.people, group.done) == (0, 26, False)
    node = world.nodes["KH"] = world.start("KH", world.disks["KH"])
    again = node.matching.groups
    monkeypatch.setattr(again, "_begin", lambda id, wait=False: again._run(id))
    world.clock.advance(PATIENCE)
    world.settle()
    found = again.one(officer, group.id)
    assert [each.told.kind for each in found.answers] == ["nothing"] * 25 + ["protect"]
    with node.reading() as tx:
        assert len({each.log for each in found.answers}) == 26
        assert [job for job in tx.jobs.list("matching-group") if job.due_at <= world.clock.now()] == []


def test_b5_two_processes_never_ask_about_somebody_twice(world: World, officer: Who) -> None:
    node = world.nodes["KH"]
    groups, part = node.matching.groups, node.matching.groups._part
    asked: list[int] = []

    def beside(row: Any, given: Any, who: Who, at: int) -> bool:
        """Another process does the same part first."""
        asked.append(at)
        return part(row, given, who, at) and not part(row, given, who, at) and at < 10

    groups._part = beside  # type: ignore[method-assign]
    found = groups.start(officer, "bus.csv", GROUP.encode(), reason=WHY, wait=True)
    assert asked == [0, 10]
    assert [each.traveller.id for each in found.answers] == [str(n) for n in range(20)]


def test_b5_a_group_is_erased_when_it_was_read_or_after_a_day(world: World, officer: Who) -> None:
    node = world.nodes["KH"]
    groups = node.matching.groups
    read, left = (groups.start(officer, f"{n}.csv", GROUP.encode(), reason=WHY, wait=True).id for n in range(2))
    assert not any(word in world.image().disks["KH"].store for word in (b"Traveller", b"1.csv", WHY.encode()))
    with node.reading() as tx:
        keys = [row.key.hex() for row in tx.matching.groups(officer.id)]
    groups.erase(officer, read)
    world.clock.advance(KEPT)
    world.settle()
    assert groups.mine(officer) == []
    assert node.content_keys.get(keys) == {}
    with node.reading() as tx:
        assert tx.matching.answers(left) == []
    for id in (read, left):
        with pytest.raises(NotFound, match="after a day"):
            groups.one(officer, id)


def test_b5_a_group_stops_when_its_giver_may_no_longer_ask(world: World, officer: Who, monkeypatch: Any) -> None:
    node = world.nodes["KH"]
    groups = node.matching.groups
    monkeypatch.setattr(groups, "_begin", lambda id, wait=False: None)
    id = groups.start(officer, "bus.csv", GROUP.encode(), reason=WHY).id
    node.people.disable(officer.id)
    groups._run(id)
    found = groups.one(officer, id)
    assert found.failed is not None
    assert (found.failed.rule, found.answered, found.done) == ("O1", 0, True)
