"""spean-verify: the command line, its exit status, and that it needs nothing but Python and cryptography."""

import importlib.util
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import cryptography
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from spean.core.canonical import canonical
from spean.ledger import dsse, ed25519
from spean.ledger.checkpoint import Checkpoint, cosign, sign_checkpoint
from spean.ledger.evidence import MAX_FILE, Evidence, encode
from spean.ledger.merkle import leaf_hash
from spean.ledger.note import Verifier, add_signature, format_vkey
from spean.ledger.verify_file import main

HOUSE = Path(__file__).resolve().parents[3]
SIGN, LOG, TH = (Ed25519PrivateKey.from_private_bytes(letter * 32) for letter in (b"a", b"b", b"c"))
LOG_KEY = Verifier("kr.example/exchange", ed25519.public_of(LOG))
TH_KEY = Verifier("th.example/exchange", ed25519.public_of(TH))
SIGN_KEY = f"KR={ed25519.public_of(SIGN).hex()}"


def evidence(kind: str = "answer") -> Evidence:
    payload = canonical(
        {
            "v": 1,
            "node": "KR",
            "record": "KR:information-request:01K00000000000000000000000",
            "kind": kind,
            "time": "2026-03-04T01:41:00.000Z",
            "commitment": "0" * 64,
            "size": 7,
        }
    )
    note = sign_checkpoint(Checkpoint(LOG_KEY.name, 1, leaf_hash(payload)), LOG)
    return Evidence(
        payload=payload,
        signature=dsse.sign(dsse.FACT_TYPE, payload, SIGN),
        key_id="kr-1",
        node="KR",
        sign_key=ed25519.public_of(SIGN),
        log_key=LOG_KEY,
        index=0,
        proof=(),
        checkpoint=add_signature(note, cosign(note, TH_KEY.name, TH, 1_772_586_000)),
        witnesses=(TH_KEY,),
    )


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "fact.json"
    path.write_bytes(encode(evidence()))
    return path


def trust(*keys: str) -> list[str]:
    return [word for key in keys for word in ("--key", key)]


ALL = trust(SIGN_KEY, format_vkey(LOG_KEY), format_vkey(TH_KEY.witness))


def test_a_proof_under_trusted_keys(file, capsys):
    assert main([str(file), *ALL, "--witnesses", "1"]) == 0
    out = capsys.readouterr().out
    assert leaf_hash(evidence().payload).hex() in out
    assert "Proved: under the keys that you gave, KR signed this fact" in out
    assert format_vkey(LOG_KEY) in out
    assert "th.example/exchange at 2026-03-04T01:00:00.000Z" in out
    assert "WARNING" not in out
    assert "Not shown by this file" in out


def test_without_a_key_it_warns_loudly(file, capsys):
    assert main([str(file)]) == 0
    out = capsys.readouterr().out
    assert "WARNING: NO TRUSTED KEY WAS GIVEN." in out
    assert "Proved" not in out


def test_a_report_for_programs(file, capsys):
    assert main([str(file), *ALL, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["trusted"], told["content"]) == (True, True, False)
    assert told["log"]["origin"] == LOG_KEY.name
    assert told["witnesses"] == [{"name": TH_KEY.name, "at": "2026-03-04T01:00:00.000Z"}]
    assert [step["step"] for step in told["steps"]] == [1, 2, 3, 4, 5, 6, 7]
    assert main([str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["trusted"] is False


@pytest.mark.parametrize(
    ("options", "step"),
    [
        (trust(format_vkey(LOG_KEY)), "evidence-2"),
        (trust(SIGN_KEY), "evidence-4"),
        ([*ALL, "--witnesses", "2"], "evidence-6"),
        (["--witnesses", "2"], "evidence-6"),
    ],
)
def test_what_does_not_hold_exits_with_1(file, capsys, options, step):
    assert main([str(file), *options]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("NOT VERIFIED")
    assert step in told.err
    assert "remedy" in told.err
    assert main([str(file), *options, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["rule"]) == (False, step)


def test_a_flipped_byte_exits_with_1(file, capsys):
    data = file.read_bytes()
    file.write_bytes(data.replace(b'"index":0', b'"index":1'))
    assert main([str(file), *ALL]) == 1
    file.write_bytes(b" " * (MAX_FILE + 1))
    assert main([str(file), *ALL]) == 1
    assert "are allowed" in capsys.readouterr().err


def test_what_cannot_be_used_exits_with_2(file, tmp_path, capsys):
    assert main([str(tmp_path / "nothing.json")]) == 2
    assert main([str(tmp_path)]) == 2
    assert main([str(file), "--key", "rubbish"]) == 2
    assert capsys.readouterr().err.count("CANNOT VERIFY") == 3
    assert main([str(tmp_path / "nothing.json"), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["ok"] is False
    for wrong in ([], [str(file), "--witnesses", "-1"], [str(file), "--witnesses", "x"]):
        with pytest.raises(SystemExit) as left:
            main(wrong)
        assert left.value.code == 2


def test_a_strangers_text_does_not_steer_the_terminal(tmp_path, capsys):
    path = tmp_path / "fact.json"
    path.write_bytes(encode(evidence(kind="\x1b[2J\u202eanswer")))
    assert main([str(path)]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_it_imports_core_and_ledger_only():
    script = "import sys; sys.path.insert(0, sys.argv[1]); import spean.ledger.verify_file\nprint(*sorted(sys.modules))"
    out = subprocess.run(
        [sys.executable, "-I", "-c", script, str(HOUSE / "src")], capture_output=True, text=True, check=True
    ).stdout.split()
    ours = [name for name in out if name.startswith("spean.")]
    assert ours
    assert all(name.split(".")[1] in ("core", "ledger") for name in ours)
    foreign = {name.split(".")[0] for name in out} & {
        "msgspec",
        "pydantic",
        "sqlalchemy",
        "cedarpy",
        "httpx2",
        "fastapi",
    }
    assert foreign == set()


def build_verifier():
    spec = importlib.util.spec_from_file_location("build_verifier", HOUSE / "scripts" / "build_verifier.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pyz(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("dist") / "spean-verify.pyz"
    build_verifier().build_zipapp(path)
    return path


@pytest.fixture(scope="module")
def only_cryptography(tmp_path_factory) -> Path:
    """A folder from which nothing but cryptography (and its own cffi) can be imported."""
    folder = tmp_path_factory.mktemp("site")
    site = Path(cryptography.__file__).parent.parent
    for name in ("cryptography", "cffi"):
        if (site / name).exists():
            (folder / name).symlink_to(site / name)
    for binary in site.glob("_cffi_backend*"):
        (folder / binary.name).symlink_to(binary)
    return folder


def run_pyz(pyz: Path, site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    start = (
        "import sys, runpy; sys.path.append(sys.argv[1]); sys.argv = sys.argv[2:]\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    command = [sys.executable, "-I", "-S", "-c", start, str(site), str(pyz), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]})


def test_the_standalone_verifier_runs_alone(pyz, only_cryptography, file):
    good = run_pyz(pyz, only_cryptography, str(file), *ALL, "--witnesses", "1", "--json")
    assert (good.returncode, good.stderr) == (0, "")
    assert json.loads(good.stdout)["trusted"] is True
    file.write_bytes(file.read_bytes().replace(b'"index":0', b'"index":1'))
    bad = run_pyz(pyz, only_cryptography, str(file), *ALL)
    assert (bad.returncode, bad.stdout) == (1, "")
    assert "evidence-5" in bad.stderr


def test_the_standalone_verifier_holds_only_what_it_needs(pyz, tmp_path):
    names = zipfile.ZipFile(pyz).namelist()
    assert "spean/ledger/verify_file.py" in names
    assert all(
        name == "__main__.py" or name.startswith(("spean/__init__", "spean/core/", "spean/ledger/")) for name in names
    )
    assert "spean/ledger/tiles.py" not in names
    build_verifier().build_zipapp(tmp_path / "again.pyz")
    assert (tmp_path / "again.pyz").read_bytes() == pyz.read_bytes()
