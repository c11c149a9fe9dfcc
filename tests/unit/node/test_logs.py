"""Evidence files, export, verification and the padded cadence of a node's own logs."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from federation.world import Image, World
from spean.core.errors import InvalidInput, NotFound, Refusal, VerificationFailed
from spean.core.world import MINUTE
from spean.ledger.evidence import decode
from spean.ledger.evidence_check import Report, parse_trusted, verify_evidence
from spean.ledger.note import format_vkey
from spean.ledger.verify_file import main as verify_file
from spean.node.care.logs import PADDING, verify_folder
from spean.node.work import DOMESTIC, EXCHANGE

LIST = {"title": "Wallets of a network", "source": "Desk of KR", "data": "wallet"}
MARKS = {"purpose": "warn", "data": "wallet", "subject": "none"}
REASON = "a court asks for it"


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Image:
    world = World(("KH", "KR", "TH"), tmp_path_factory.mktemp("begun"))
    world.agreement(("KH", "KR", "TH"))
    return world.image()


@pytest.fixture
def world(begun: Image, tmp_path: Path) -> World:
    return World(("KH", "KR", "TH"), tmp_path, seed=2, image=begun)


def entry(value: str) -> dict[str, str]:
    return {"kind": "wallet", "value": value, "chain": "bitcoin"}


def keys(world: World, *nodes: str) -> list[str]:
    """What somebody without a node would write down: signing keys, log keys, witness keys."""
    found = []
    for name in nodes:
        node = world.nodes[name]
        verifier = node.logs.verifier(EXCHANGE)
        witness = type(verifier)(verifier.name.replace("/exchange", "/witness"), verifier.public).witness
        found += [f"{name}={node.keys.sign_public.hex()}", format_vkey(verifier), format_vkey(witness)]
    return found


def verified(world: World, file: bytes, witnesses: int = 2) -> Report:
    return verify_evidence(decode(file), parse_trusted(keys(world, "KH", "KR", "TH")), witnesses)


def evidence(world: World, node: str, fact: str, **more: Any) -> bytes:
    return world.nodes[node].logs.evidence(world.officers[node], fact, reason=REASON, **more)


def test_a_single_fact_proves_itself_with_witnesses_and_receipts(world: World) -> None:
    listed = world.act("KR", "open", LIST, procedure="circular", to=("KH", "TH"), **MARKS)
    world.settle()
    report = verified(world, evidence(world, "KR", listed.fact))
    assert (report.trusted, report.content) == (True, True)
    assert sorted(name.split("/")[1] for name, _ in report.witnesses) == ["KH", "TH"]
    assert sorted((one.receiver, one.status, one.trusted) for one in report.receipts) == [
        ("KH", "accepted", True),
        ("TH", "accepted", True),
    ]
    held = verified(world, evidence(world, "KH", listed.fact), witnesses=1)
    assert held.checkpoint.origin == "test.spean/KH/exchange"


def test_an_entry_of_a_batch_is_proved_by_the_receipt_of_the_batch(world: World) -> None:
    listed = world.act("KR", "open", LIST, procedure="circular", to=("KH", "TH"), **MARKS)
    forms = [entry(f"bc1q{n}") for n in range(9)]
    done = world.nodes["KR"].acting.act_batch(world.officers["KR"], listed.record, "entry", forms)
    world.settle()
    for place in (0, 4, 8):
        file = evidence(world, "KR", done[place].fact)
        report = verified(world, file)
        assert [one.status for one in report.receipts] == ["accepted", "accepted"]
        assert {len(one.covers) for one in decode(file).receipts} == ({9} if place == 4 else {0})


def test_an_erased_fact_still_proves_itself_without_its_words(world: World, tmp_path: Path) -> None:
    listed = world.act("KR", "open", LIST, procedure="circular", to=("KH", "TH"), **MARKS)
    said = world.act("KR", "entry", entry("bc1q-erased"), record=listed.record)
    world.settle()
    assert decode(evidence(world, "KR", said.fact, content=False)).body is None
    world.nodes["KR"].recalling.erase(world.officers["KR"], said.fact, "a court ordered it")
    world.settle()
    for node in ("KR", "KH"):
        file = evidence(world, node, said.fact)
        assert b"bc1q-erased" not in file
        report = verified(world, file, witnesses=1)
        assert (report.fact, report.content) == (said.fact, False)
        (tmp_path / "file").write_bytes(file)
        trusted = [part for key in keys(world, "KH", "KR", "TH") for part in ("--key", key)]
        assert verify_file([str(tmp_path / "file"), "--json", *trusted]) == 0


def test_evidence_under_former_keys_still_holds(world: World) -> None:
    listed = world.act("KR", "open", LIST, procedure="circular", to=("KH", "TH"), **MARKS)
    world.settle()
    before = keys(world, "KH", "KR", "TH")
    world.nodes["KH"].rotating.rotate(world.officers["KH"], "every year")
    world.settle()
    world.nodes["KR"].rotating.rotate(world.officers["KR"], "every year")
    world.settle()
    trusted = parse_trusted([*before, *keys(world, "KH", "KR")])
    for node in ("KR", "KH"):
        report = verify_evidence(decode(evidence(world, node, listed.fact)), trusted, 1)
        assert report.trusted
        assert all(one.trusted for one in report.receipts)


def test_evidence_is_handed_out_only_with_a_reason_to_whom_may_read_and_that_is_noted(world: World) -> None:
    listed = world.act("KR", "open", LIST, procedure="circular", to=("KH",), **MARKS)
    node = world.nodes["KR"]
    with pytest.raises(InvalidInput, match="reason"):
        node.logs.evidence(world.officers["KR"], listed.fact, reason="")
    machine = world.person("KR", "Only machines", "administrator")
    with pytest.raises(Refusal):
        node.logs.evidence(machine, listed.fact, reason=REASON)
    with pytest.raises(NotFound):
        evidence(world, "KR", "ab" * 32)
    evidence(world, "KR", listed.fact)
    with node.reading() as tx:
        assert [row.act for row in tx.access.of_subject(listed.record)] == ["export"]


def test_an_exported_log_verifies_and_a_changed_byte_does_not(world: World, tmp_path: Path) -> None:
    node = world.nodes["KR"]
    listed = world.act("KR", "open", LIST, procedure="circular", to=("KH",), **MARKS)
    node.acting.act_batch(world.officers["KR"], listed.record, "entry", [entry(f"bc1q{n}") for n in range(600)])
    for log in (EXCHANGE, DOMESTIC):
        size = node.logs.export(tmp_path / log, log)
        report = verify_folder(tmp_path / log, [node.logs.verifier(log)])
        assert (report.size, report.origin) == (size, node.logs.verifier(log).name)
    assert verify_folder(tmp_path / EXCHANGE, []).size > 600
    assert b"bc1q1" not in b"".join(path.read_bytes() for path in (tmp_path / EXCHANGE).rglob("*") if path.is_file())
    with pytest.raises(InvalidInput, match="not empty"):
        node.logs.export(tmp_path / EXCHANGE)
    with pytest.raises(NotFound):
        verify_folder(tmp_path / "nowhere", [])
    bundle = next(path for path in (tmp_path / EXCHANGE / "tile" / "entries").rglob("*") if path.is_file())
    data = bytearray(bundle.read_bytes())
    data[len(data) // 2] ^= 1
    bundle.write_bytes(data)
    with pytest.raises(VerificationFailed):
        verify_folder(tmp_path / EXCHANGE, [node.logs.verifier(EXCHANGE)])


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE facts SET payload = CAST(replace(CAST(payload AS TEXT), 'circular', 'circulaR') AS BLOB) WHERE id = :id",
        "UPDATE leaves SET id = zeroblob(32) WHERE id = :id",
        "DELETE FROM facts WHERE id = :id",
    ],
)
def test_log_verify_notices_a_changed_row(world: World, change: str) -> None:
    listed = world.act("KR", "open", LIST, procedure="circular", to=("KH",), **MARKS)
    node = world.nodes["KR"]
    assert node.logs.verify().size > 0
    with node.store.write() as tx:
        tx.sql.connection.exec_driver_sql(change, {"id": bytes.fromhex(listed.fact)})
    with pytest.raises((VerificationFailed, NotFound)):
        node.logs.verify()


def test_log_verify_notices_that_a_signed_domestic_log_shrank_or_was_written_anew(world: World) -> None:
    node = world.nodes["KR"]
    old = world.disk_image("KR")
    grow(world)
    signed = world.disk_image("KR")
    world._put("KR", world.disk_of("KR", old))
    world.nodes["KR"].logs.verify(DOMESTIC)
    with node.reading() as tx:
        rows = tx.witness.history(node.logs.verifier(DOMESTIC).name)
    with world.nodes["KR"].writing() as work:
        work.tx.witness.save(rows[-1])
    with pytest.raises(VerificationFailed) as shrunken:
        world.nodes["KR"].logs.verify(DOMESTIC)
    assert shrunken.value.rule == "shrunken-log"
    for _ in range(3):
        grow(world)
    with pytest.raises(VerificationFailed) as forked:
        world.nodes["KR"].logs.verify(DOMESTIC)
    assert forked.value.rule == "forked-log"
    world._put("KR", world.disk_of("KR", signed))
    assert world.nodes["KR"].logs.verify(DOMESTIC).size == rows[-1].size


def grow(world: World) -> None:
    world.clock.advance(15 * MINUTE)
    world.nodes["KR"].clockwork.tick()


def test_the_domestic_log_grows_in_steps_that_say_nothing_and_partners_witness_it(world: World) -> None:
    node = world.nodes["KR"]
    origin = node.logs.verifier(DOMESTIC).name
    grow(world)
    listed = world.act("KR", "open", LIST, procedure="circular", to=("KH",), **MARKS)
    for reads in (0, 1, 7, 20):
        for _ in range(reads):
            node.reading_desk.record(world.officers["KR"], listed.record, reason="a case of ours")
        grow(world)
    with node.reading() as tx:
        sizes = [row.size for row in tx.witness.history(origin)]
        state = json.loads(tx.meta.get("domestic") or "")
    assert all(size % PADDING == 0 for size in sizes)
    steps = [after - before for before, after in pairwise(sizes)]
    assert steps[-4:] == [PADDING, PADDING, PADDING, 2 * PADDING]
    assert state["size"] == sizes[-1]
    node.clockwork.tick()
    with node.reading() as tx:
        assert tx.log.head(DOMESTIC).size == sizes[-1], "not before the next cadence"
    assert node.logs.verify(DOMESTIC).size == sizes[-1]
    world.settle()
    with world.nodes["KH"].reading() as tx:
        seen = tx.witness.latest(origin)
        assert seen is not None
        assert seen.size == sizes[-1]
