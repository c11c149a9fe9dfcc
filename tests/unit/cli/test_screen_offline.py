"""``spean screen --extract``: without a node, sealed questions, its end and its clock kept."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from spean.cli.main import main
from spean.core.world import DAY, SystemClock
from spean.screening import extract, offline
from spean.screening.extract import VERSION, Header, Travelling
from spean.screening.model import Traveller

WORDS = "river lantern seven bridges"
KEY = X25519PrivateKey.from_private_bytes(b"k" * 32)
CHANCE = random.Random(7).randbytes


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    now = SystemClock().now()
    header = Header(version=VERSION, node="KH", id="X1", device="Tablet", made_at=now, until=now + DAY, salt=b"s" * 16, passes=1, memory=8 * 1024,
                    seal_id="s", log_key=KEY.public_key().public_bytes_raw().hex())  # fmt: skip
    dara = Traveller(names=("Sok Dara",), birth="1990-05-17", documents=(("N1234567", "KHM"),))
    entry = Travelling(
        keys=offline.keys_of(dara),
        kind="protect",
        instructions="Ask whether she is well.",
        contact="Desk, +855 23 1",
        until=now + DAY,
    )
    (tmp_path / "a.extract").write_bytes(extract.build(header, WORDS, [entry], CHANCE))
    (tmp_path / "words").write_text(WORDS + "\n")
    (tmp_path / "people.csv").write_text(
        "id,name,birth,document\n1,Sokh Dara,1990-05-17,\n2,Nobody Known,1970,\n3,,,n1234567\n"
    )
    monkeypatch.setenv("SPEAN_PASSPHRASE_FILE", str(tmp_path / "words"))
    return tmp_path


def run(folder: Path, *more: str) -> int:
    return main(
        [
            "screen",
            "--extract",
            str(folder / "a.extract"),
            *(more or ("--reason", "the night bus")),
            str(folder / "people.csv"),
        ]
    )


def test_each_traveller_is_answered_and_each_question_kept_sealed(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(files) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(each["id"], each["answer"]) for each in lines] == [("1", "protect"), ("2", "nothing"), ("3", "protect")]
    assert lines[0]["contacts"] == ["Desk, +855 23 1"]
    log = (files / "a.queries").read_text()
    assert "Dara" not in log
    brought = offline.lines(log, "X1", [KEY])
    assert [(each.answer, each.reason) for each in brought.queries] == [
        (kind, "the night bus") for kind in ("protect", "nothing", "protect")
    ]


def test_without_passphrase_or_reason_nothing_is_answered(
    files: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(files, "--reason", "") != 0
    (files / "words").write_text("another phrase altogether")
    assert run(files) != 0
    monkeypatch.delenv("SPEAN_PASSPHRASE_FILE")
    assert run(files) != 0
    assert capsys.readouterr().out == ""
    assert not (files / "a.queries").exists()
