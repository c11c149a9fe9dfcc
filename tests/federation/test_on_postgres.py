"""The whole node on PostgreSQL, one database each for log and keys; and a connection that is lost in the middle."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from federation.world import World
from spean.core.errors import SpeanError, Unavailable
from spean.keys import ContentKeys
from spean.node.work import DOMESTIC, EXCHANGE
from spean.sql.statement import Sql
from spean.store import Store
from spean.store.facts import FactGroup

LIST = {"title": "Wallets of a network", "source": "Desk of KR", "data": "wallet"}
MARKS = {"purpose": "warn", "data": "wallet", "subject": "none"}
ASKED = {
    "offence": "fraud", "facts": "A victim paid there an hour ago.", "need": "Only the holder knows.",
    "items": [{"selector": "wallet", "value": "0xabc", "chain": "ethereum", "question": "Who holds it?"}],
    "proportionality": "One wallet, one payment.",
}  # fmt: skip
NAMES = ("INT", "KH", "KR", "TH")


@pytest.fixture
def made() -> dict[str, tuple[str, str]]:
    """URLs of the two databases of each node."""
    return {}


@pytest.fixture
def join(
    new_postgres: Callable[[], str], made: dict[str, tuple[str, str]], tmp_path: Path
) -> Iterator[Callable[..., World]]:
    """Joins nodes under an agreement of KH, KR and whoever else is there."""
    worlds: list[World] = []

    def opens(name: str) -> tuple[Store, ContentKeys]:
        made[name] = new_postgres(), new_postgres()
        return Store.open(made[name][0]), ContentKeys.open(made[name][1])

    def joined(*names: str, **terms: Any) -> World:
        worlds.append(World(names, tmp_path, opens=opens))
        worlds[-1].agreement([name for name in names if name != "INT"], **terms)
        return worlds[-1]

    yield joined
    for world in worlds:
        for node in world.nodes.values():
            node.close()


def entry(value: str) -> dict[str, str]:
    return {"kind": "wallet", "value": value, "chain": "bitcoin"}


def shown(world: World, node: str, record: str) -> dict[str, dict[str, Any] | None]:
    detail = world.nodes[node].reading_desk.record(world.officers[node], record, reason="a case of ours")
    return {fact.row.id: fact.form for fact in detail.facts}


def test_the_work_of_a_day(join: Callable[..., World]) -> None:
    world = join(*NAMES, mediators=["INT"])
    kr, officer = world.nodes["KR"], world.officers["KR"]
    listed = world.act("KR", "open", LIST, procedure="circular", to=("KH", "TH"), **MARKS)
    batch = kr.acting.act_batch(officer, listed.record, "entry", [entry(f"bc1q{n}") for n in range(300)])
    world.act("KR", "publish", {"entries": 300, "reason": "checked with its source"}, record=listed.record)
    world.settle()
    assert all(len([fact for fact in shown(world, name, listed.record) if fact in {each.fact for each in batch}]) == 300
               for name in ("KH", "TH"))  # fmt: skip
    with kr.reading() as tx:
        assert not tx.outbox.unreceipted("KH", 0, 10)

    corrected = kr.recalling.correct(officer, batch[0].fact, entry("bc1q999"), "a digit was wrong")
    world.act("KR", "withdraw-entry", {"reason": "cleared"}, record=listed.record, targets=(batch[1].fact,))
    world.settle()
    forms = shown(world, "KH", listed.record)
    assert (forms[batch[0].fact], forms[batch[1].fact]) == (None, None)
    correction = forms[corrected.correction]
    assert correction is not None
    assert correction["replacement"]["value"] == "bc1q999"
    assert {each.outcome for each in kr.recalling.holding(batch[1].fact)} == {"erased"}

    for via, marks in (("", {}), ("INT", {"via": "INT"})):
        asked = world.act("TH", "send", ASKED, procedure="information-request", to=("KH",), **{**MARKS, **marks})
        world.settle()
        world.act("KH", "acknowledge", {}, record=asked.record)
        world.act("KH", "accept", {}, record=asked.record)
        world.settle()
        assert world.state("TH", asked.record) == "accepted", via

    kr.rotating.rotate(officer, "every year")
    world.settle()
    after = world.act("KR", "open", LIST, procedure="circular", to=("KH",), **MARKS)
    world.settle()
    assert world.state("KH", after.record) == "compiling"
    assert len(kr.reading_desk.search(officer, words="bc1q999", reason="a call came in")) == 1
    for name in NAMES:
        for log in (EXCHANGE, DOMESTIC):
            assert world.nodes[name].logs.verify(log).size > 0
        with world.nodes[name].reading() as tx:
            assert not [alarm for alarm in tx.alarms.list() if alarm.severity == "critical"], name


def test_a_group_at_the_border_is_seen_and_ended_by_every_process(
    join: Callable[..., World], made: dict[str, tuple[str, str]]
) -> None:
    """Two web processes: what one is given the other shows, takes up when it stands still, and erases (B5)."""
    world = join("KH", "KR")
    disk, officer = world.disks["KR"], world.person("KR", "Border officer", "border-officer")
    one = world.nodes["KR"]
    other = world.start("KR", type(disk)(disk.settings, disk.home, Store.open(made["KR"][0]), ContentKeys.open(made["KR"][1]),
                                         disk.ring, disk.identity))  # fmt: skip
    table = "id,name\n" + "".join(f"{n},Traveller {chr(65 + n)}sen\n" for n in range(14))
    one.matching.groups._begin = lambda id, wait=False: None  # type: ignore[method-assign]  # this process dies now
    id = one.matching.groups.start(officer, "bus.csv", table.encode(), reason="the night bus").id
    assert [(each.name, each.answered) for each in other.matching.groups.mine(officer)] == [("bus.csv", 0)]
    other.matching.groups._run(id)
    assert [each.told.kind for each in one.matching.groups.one(officer, id).answers] == ["nothing"] * 14
    one.matching.groups._run(id)
    assert len(other.matching.groups.one(officer, id).answers) == 14
    other.matching.groups.erase(officer, id)
    assert one.matching.groups.mine(officer) == []
    other.close()


def test_two_processes_of_one_node_share_its_databases(
    join: Callable[..., World], made: dict[str, tuple[str, str]]
) -> None:
    """Replicas: what one writes the other sees, also partners, agreements and keys."""
    world = join("KH", "KR")
    disk = world.disks["KR"]
    one = world.nodes["KR"]
    other = world.start("KR", type(disk)(disk.settings, disk.home, Store.open(made["KR"][0]), ContentKeys.open(made["KR"][1]),
                                         disk.ring, disk.identity))  # fmt: skip
    listed = world.act("KR", "open", LIST, procedure="circular", to=("KH",), **MARKS)
    world.nodes["KR"] = other
    said = world.act("KR", "entry", entry("bc1q0"), record=listed.record)
    world.nodes["KR"] = one
    world.act("KR", "entry", entry("bc1q1"), record=listed.record)
    world.settle()
    other.rotating.rotate(world.officers["KR"], "every year")
    world.settle()
    world.act("KR", "entry", entry("bc1q2"), record=listed.record)
    world.settle()
    assert len(shown(world, "KH", listed.record)) == 4
    assert shown(world, "KR", listed.record)[said.fact]
    assert one.logs.verify().size == other.logs.verify().size
    other.close()


def terminate(url: str) -> int:
    """End every connection to a database, as a restart of the server does."""
    name = make_url(url).database
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        query = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = :name AND pid <> pg_backend_pid()"
        count = connection.execute(text(query), {"name": name}).scalar()
    engine.dispose()
    return int(count or 0)


def sizes(world: World, node: str) -> tuple[int, ...]:
    """How much there is of everything that an act writes."""
    with world.nodes[node].store.read() as tx:
        rows = tx.sql.connection.execute(
            text("SELECT (SELECT count(*) FROM facts), (SELECT count(*) FROM leaves), (SELECT count(*) FROM records), "
                 "(SELECT count(*) FROM outbox), (SELECT count(*) FROM tiles), (SELECT count(*) FROM jobs), "
                 "(SELECT size FROM logs WHERE log = 'exchange')")
        )  # fmt: skip
        return tuple(int(value or 0) for value in rows.one())


@pytest.mark.parametrize("moment", ["between acts", "log, judging", "log, writing", "keys, writing"])
def test_a_lost_connection_is_unavailable_and_leaves_nothing_half_done(
    join: Callable[..., World], made: dict[str, tuple[str, str]], moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = join("KH", "KR")
    node = world.nodes["KR"]
    listed = world.act("KR", "open", LIST, procedure="circular", to=("KH",), **MARKS)
    before = sizes(world, "KR")
    struck: list[int] = []

    def strike(before: Callable[..., Any], which: int) -> Callable[..., Any]:
        """The server ends our connections just before this is done for the first time."""

        def struck_once(*args: Any, **more: Any) -> Any:
            if not struck:
                struck.append(terminate(made["KR"][which]))
            return before(*args, **more)

        return struck_once

    if moment == "between acts":
        struck += [terminate(url) for url in made["KR"]]
    elif moment == "log, judging":
        monkeypatch.setattr(node.projector, "apply", strike(node.projector.apply, 0))
    elif moment == "log, writing":
        monkeypatch.setattr(FactGroup, "add", strike(FactGroup.add, 0))
    else:
        monkeypatch.setattr("spean.keys.content.Sql", strike(Sql, 1))
    refused: list[SpeanError] = []
    for _ in range(3):
        try:
            world.act("KR", "entry", entry("bc1q0"), record=listed.record)
            break
        except SpeanError as error:
            refused.append(error)
            assert sizes(world, "KR") == before
    assert struck
    assert struck[0] > 0, "there was a connection to end"
    assert len(refused) == (0 if moment == "between acts" else 1), "told once, and the next call works"
    assert all(isinstance(error, Unavailable) and "PostgreSQL" in error.remedy for error in refused)
    monkeypatch.undo()
    world.settle()
    assert len(shown(world, "KH", listed.record)) == 2
    assert node.logs.verify().size == sizes(world, "KR")[6]


def test_a_lost_connection_while_a_page_is_taken_in_costs_a_repetition(
    join: Callable[..., World], made: dict[str, tuple[str, str]]
) -> None:
    world = join("KH", "KR")
    listed = world.act("KR", "open", LIST, procedure="circular", to=("KH",), **MARKS)
    for n in range(5):
        world.act("KR", "entry", entry(f"bc1q{n}"), record=listed.record)
    kh = world.nodes["KH"]
    before = sizes(world, "KH")
    after = kh.reactions.after
    struck: list[int] = []

    def strike(*args: Any) -> None:
        after(*args)
        if not struck:
            struck.append(terminate(made["KH"][0]))

    kh.reactions.after = strike  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        kh.pulling.once("KR")
    assert sizes(world, "KH") == before
    world.settle()
    assert len(shown(world, "KH", listed.record)) == 6
    with world.nodes["KR"].reading() as tx:
        assert not tx.outbox.unreceipted("KH", 0, 10)
    assert not world.alarms("KR", "receipt")
