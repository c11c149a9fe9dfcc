"""Making a node, its users, its health; what goes wrong is explained, with the exit status that the manual names."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spean.cli.main import INTERRUPTED


def test_a_node_is_made_admitted_and_well(kr: Any) -> None:
    found = kr.ok("doctor", "--no-network", "--full")
    assert found["ok"] is True
    verdicts = {check["name"]: check["verdict"] for check in found["checks"]}
    assert verdicts["identity"] == verdicts["logs"] == verdicts["database"] == "ok"
    assert verdicts["keys"] == "warn"
    assert stat.S_IMODE(kr.token.stat().st_mode) == 0o600


def test_what_is_not_well_is_said_with_its_remedy(kr: Any) -> None:
    (kr.home / "identity").unlink()
    said = kr("doctor", "--no-network")
    assert said.code == 1
    assert "fail  identity" in said.out
    assert "spean trust admit" in said.out


def test_a_damaged_database_fails(kr: Any) -> None:
    (kr.home / "spean.db").write_bytes(b"no database" * 500)
    said = kr("doctor", "--no-network", "--json")
    assert said.code == 1
    assert said.value["checks"][-1]["verdict"] == "fail"
    assert kr("user", "list").code == 4


def test_a_log_that_was_tampered_with_is_found(kr: Any) -> None:
    import sqlite3

    kr.ok("record", "list")
    database = sqlite3.connect(kr.home / "spean.db")
    database.execute("UPDATE facts SET payload = CAST(replace(payload, 'user-add', 'user-odd') AS BLOB)")
    database.commit()
    database.close()
    assert kr("doctor", "--no-network").code == 1
    said = kr("log", "verify", "--json")
    assert said.code == 5
    assert said.problem["exit"] == 5


def test_a_passphrase_comes_from_a_file_and_seals_the_keys(
    make: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pass").write_text("correct horse\n")
    monkeypatch.setenv("SPEAN_PASSPHRASE_FILE", str(tmp_path / "pass"))
    desk = make("KR")
    checks = {check["name"]: check["verdict"] for check in desk.ok("doctor", "--no-network")["checks"]}
    assert checks["keys"] == "ok"
    (tmp_path / "pass").write_text("wrong horse")
    refused = desk("user", "list")
    assert refused.code == 1
    assert "passphrase" in refused.err
    monkeypatch.delenv("SPEAN_PASSPHRASE_FILE")
    assert desk("user", "list").code == 1


def test_the_trust_root_admits_from_afar(run: Callable[..., Any], tmp_path: Path) -> None:
    root, home = tmp_path / "root", tmp_path / "KR"
    public = json.loads(run("trust", "new", str(root), "--realm", "test.spean", "--json").out)["public"]
    made = run("--home", str(home), "init", "--node", "KR", "--name", "Desk", "--realm", "test.spean", "--root-public", public,
               "--url", "https://kr.example:8443", "--json")  # fmt: skip
    assert made.value["admitted"] is False
    assert run("--home", str(home), "peer", "invite").code == 3
    carried = tmp_path / "carried"
    carried.write_bytes((home / "identity.draft").read_bytes())
    admitted = run("trust", "admit", str(carried), "--root-file", str(root), "--out", str(tmp_path / "back"), "--json")
    assert admitted.value["words"] == made.value["fingerprint"]
    assert run("--home", str(home), "trust", "take", str(tmp_path / "back")).code == 0
    assert run("--home", str(home), "peer", "invite", "--json").value["words"] == made.value["fingerprint"]
    assert public in run("trust", "show", str(root)).out
    other = tmp_path / "other"
    run("trust", "new", str(other), "--realm", "test.spean")
    run("trust", "admit", str(carried), "--root-file", str(other), "--out", str(tmp_path / "foreign"))
    foreign = run("--home", str(home), "trust", "take", str(tmp_path / "foreign"), "--json")
    assert foreign.code == 1
    assert foreign.problem["rule"] == "R40"


def test_a_home_is_never_made_twice(kr: Any) -> None:
    said = kr(
        "init",
        "--node",
        "KR",
        "--name",
        "x",
        "--realm",
        "r",
        "--root-public",
        "00" * 32,
        "--url",
        "https://kr.example:1",
        "--json",
    )
    assert said.code == 1
    assert said.problem["rule"] == "O8"


def test_a_user_has_rights_until_disabled(kr: Any, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    added = kr.ok("user", "add", "Second Officer", "--role", "analyst", "--language", "km")
    assert added["languages"] == ["km"]
    monkeypatch.setenv("SPEAN_TOKEN", added["token"])
    assert run("--home", str(kr.home), "record", "list").code == 0
    link = kr.ok("user", "link", "Second Officer")
    assert link["address"] == "http://kr.localhost:1/api/v1/session"
    assert len(link["link"]) == 43
    kr.ok("user", "disable", "Second Officer")
    refused = run("--home", str(kr.home), "record", "list", "--json")
    assert refused.code == 1
    assert refused.problem["error"] == "Unauthenticated"


def test_what_is_done_at_the_machine_is_noted_without_names(kr: Any) -> None:
    before = kr.ok("log", "verify")["logs"][1]["size"]
    user = kr.ok("user", "add", "Very Secret Name", "--role", "analyst", "--no-token")["id"]
    assert kr.ok("log", "verify")["logs"][1]["size"] == before + 1
    found = kr.ok("search", user, "--reason", "audit of users")
    assert [fact["kind"] for fact in found] == ["user-add"]
    assert "Very Secret" not in json.dumps(found)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("nonsense",), 2), (("peer",), 2), (("peer", "nonsense"), 2), (("user", "add", "Name", "--role", "king"), 2),
        (("record", "show", "KR:circular:01M80CXRJWT1MNEBC7EJMFTHKX", "--reason", "a look"), 3), (("user", "disable", "Nobody"), 3),
        (("log", "verify", "nowhere"), 3), (("alarm", "ack", "77"), 3), (("fact", "holders", "xyz"), 2),
    ],
)  # fmt: skip
def test_every_error_has_its_status_and_its_remedy(kr: Any, words: tuple[str, ...], code: int) -> None:
    said = kr(*words, "--json")
    assert said.code == code
    assert said.problem["exit"] == code
    assert said.problem["what"]
    assert said.out == ""
    plain = kr(*words)
    assert plain.code == code
    assert "Traceback" not in plain.err


def test_without_a_home_the_remedy_is_init(run: Callable[..., Any], tmp_path: Path) -> None:
    said = run("--home", str(tmp_path / "empty"), "user", "list")
    assert said.code == 3
    assert "spean init" in said.err


def test_without_a_token_nobody_reads(kr: Any, run: Callable[..., Any]) -> None:
    said = run("--home", str(kr.home), "record", "list", "--json")
    assert said.code == 1
    assert "SPEAN_TOKEN" in said.problem["remedy"]


def test_ctrl_c_ends_cleanly(kr: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("spean.cli.user.list_users", interrupt)
    said = kr("user", "list")
    assert said.code == INTERRUPTED
    assert "Traceback" not in said.err


def test_a_backup_is_whole_and_never_overwritten(kr: Any, run: Callable[..., Any], tmp_path: Path) -> None:
    target, keys, home = tmp_path / "one.backup", tmp_path / "disk" / "keys.copy", tmp_path / "again"
    word = tmp_path / "word"
    word.write_text("five words for the safe\n")
    keys.parent.mkdir()
    made = kr.ok("backup", str(target))
    assert sorted(made["files"]) == ["identity", "settings.json", "store.backup"], "no key is in it"
    assert kr("backup", str(target)).code == 1
    with_word = ("--keys", "--keys-passphrase", str(word))
    assert kr("backup", str(target / "keys.copy"), *with_word, "--json").problem["rule"] == "D4"
    assert kr("backup", str(keys), "--keys").code == 2
    kr.ok("backup", str(keys), *with_word)
    kr.ok("backup", str(keys), *with_word)
    told = ("restore", str(target), "--keys", str(keys), "--keys-passphrase", str(word))
    assert kr(*told).code == 1
    back = run("--home", str(home), *told, "--json")
    assert back.code == 0, back.err
    assert run("--home", str(home), "log", "verify").code == 0
    marked = run("--home", str(home), "doctor", "--no-network")
    assert "this node was restored" in marked.out
    nobody = run("--home", str(home), "restore", "--catch-up")
    assert nobody.code == 0, nobody.err
    assert "this node was restored" not in run("--home", str(home), "doctor", "--no-network").out
    (target / "settings.json").write_text("{}")
    damaged = run("--home", str(tmp_path / "third"), *told, "--json")
    assert damaged.code == 5
    assert not (tmp_path / "third").exists()


def test_a_restore_may_take_the_old_key_folder(kr: Any, run: Callable[..., Any], tmp_path: Path) -> None:
    kr.ok("backup", str(tmp_path / "one.backup"))
    told = ("restore", str(tmp_path / "one.backup"), "--json")
    home = str(tmp_path / "again")
    assert run("--home", home, *told).problem["error"] == "NotFound"
    assert not (tmp_path / "again").exists(), "nothing half done"
    old = ("--node-keys", str(kr.home / "keys"), "--content-keys", str(kr.home / "content-keys.db"))
    back = run("--home", home, *told, *old)
    assert back.code == 0, back.err


def test_an_old_database_is_upgraded_after_a_copy(kr: Any) -> None:
    assert kr.ok("upgrade")["backup"] is None
    import sqlite3

    database = sqlite3.connect(kr.home / "spean.db")
    database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.commit()
    database.close()
    said = kr("upgrade", "--json")
    assert said.code == 4
    assert list(kr.home.glob("before-*.backup"))


def test_version_is_told(run: Callable[..., Any]) -> None:
    from spean import __version__

    assert run("version", "--json").value["version"] == __version__
    assert run("--version").code == 0


def test_the_demonstration_gets_its_own_options(run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[list[str]] = []

    def play(words: list[str]) -> int:
        given.append(words)
        return 0

    monkeypatch.setattr("spean.demo.main.main", play)
    assert run("demo", "--headless", "--json").code == 0
    assert given == [["--headless", "--json"]]
