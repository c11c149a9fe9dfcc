"""The index folder: whole or not there, and damage is named with its place."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from ledger_files import opening_of, some_rows, write_balances, write_parquet

from spean.core.errors import Conflict, InvalidInput
from spean.ledgers import index
from spean.ledgers.bad import BadRows
from spean.ledgers.live import Live
from spean.tracing import reference
from spean.tracing.engine import trace


@pytest.fixture
def built(tmp_path: Path) -> Path:
    source = write_parquet(tmp_path / "l.parquet", some_rows(5))
    index.build(source, tmp_path / "index", write_balances(tmp_path / "b.csv", opening_of(5)))
    return tmp_path / "index"


def test_an_index_can_be_built_again_from_its_truth(built: Path) -> None:
    before = trace(Live.read(built), "p9", "lifo")
    index.rebuild(built)
    assert trace(Live.read(built), "p9", "lifo") == before
    assert before == reference.trace(some_rows(5), opening_of(5), "p9", "lifo")
    assert len(list(built.glob("gen-*"))) == 1


@pytest.mark.parametrize("name", [*index.PARTS, "payments-blob", "accounts-places"])
def test_every_damaged_file_is_named(built: Path, name: str) -> None:
    path = next(built.glob("gen-*")) / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(InvalidInput, match=rf"{name} does not match its checksum in bytes 0 to {len(data) - 1}"):
        Live.read(built)
    path.write_bytes(data[:-1])
    with pytest.raises(InvalidInput, match=f"{name} has {len(data) - 1} bytes instead of {len(data)}"):
        Live.read(built)
    path.unlink()
    with pytest.raises(InvalidInput, match=f"{name} is missing"):
        Live.read(built)


def test_a_crafted_index_reads_no_foreign_memory(built: Path) -> None:
    path = next(built.glob("gen-*")) / "rows"
    data = bytearray(path.read_bytes())
    data[6 * 8 : 7 * 8] = (2**60).to_bytes(8, "little")
    path.write_bytes(data)
    with pytest.raises(InvalidInput, match="do not fit together"):
        index.open_index(built, check=False)


def test_a_build_that_dies_leaves_the_former_index(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise OSError("no space left")

    source = write_parquet(tmp_path / "m.parquet", some_rows(6))
    for name in ("write_part", "write_manifest"):
        with monkeypatch.context() as patch:
            patch.setattr(index, name, dies)
            with pytest.raises(OSError, match="no space"):
                index.build(source, built)
        assert trace(Live.read(built), "p9", "lifo") == reference.trace(some_rows(5), opening_of(5), "p9", "lifo")
    index.build(source, built)
    assert trace(Live.read(built), "p9", "lifo") == reference.trace(some_rows(6), {}, "p9", "lifo")
    names = {each.name[:5] for each in built.iterdir()}
    assert names == {"index", "gen-0", "truth", "tail-", "lock"}
    assert len(list(built.iterdir())) == 5


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(Conflict, match="mine"):
        index.build(write_parquet(tmp_path / "l.parquet", some_rows(5)), tmp_path / "mine")


def test_one_writer_at_a_time(built: Path) -> None:
    with Live(built), pytest.raises(Conflict, match="another process"):
        index.rebuild(built)


def test_a_bad_row_stops_a_build_unless_the_good_ones_are_wanted(tmp_path: Path) -> None:
    text = "id,time,payer,payee,amount,currency\np1,1,A,B,5,X\np2,2,A,B,x,X\np3,3,B,C,5,X\n"
    (tmp_path / "l.csv").write_text(text)
    with pytest.raises(BadRows):
        index.build(tmp_path / "l.csv", tmp_path / "index")
    assert not (tmp_path / "index").exists()
    built = index.build(tmp_path / "l.csv", tmp_path / "index", keep_good=True)
    assert (built.rows, built.left_out, built.bad[0].line) == (2, 1, 3)


def test_a_newer_format_is_not_guessed_at(built: Path) -> None:
    manifest = json.loads((built / "index.json").read_bytes())
    (built / "index.json").write_text(json.dumps({**manifest, "format": 2}))
    with pytest.raises(InvalidInput, match="format 2"):
        Live.read(built)
    (built / "index.json").write_text("{")
    with pytest.raises(InvalidInput, match="damaged"):
        Live.read(built)


def test_progress_ends_at_the_whole(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    source = write_parquet(tmp_path / "l.parquet", some_rows(5), group=50)
    index.build(source, tmp_path / "index", progress=lambda done, total: seen.append((done, total)))
    assert len(seen) == 8
    assert seen == sorted(seen)
    assert seen[-1][0] > 0.5 * seen[-1][1]
