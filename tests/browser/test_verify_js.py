"""What the browser verifies: real evidence files hold, and no byte of payload, signature, proof, note, words or receipts can be changed.

Runs the page's own scripts in Chromium; skipped aloud where there is none.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from federation.world import World
from spean.core.canonical import canonical
from spean.ledger import dsse
from spean.ledger.checkpoint import Checkpoint, sign_checkpoint
from spean.ledger.evidence import decode
from spean.ledger.evidence_check import verify_evidence
from spean.ledger.merkle import leaf_hash
from spean.web.frame.static import FOLDER
from unit.web.visiting import Visitor, visit

LIST = {"title": "Wallets of a network", "source": "Desk of KR", "data": "wallet"}
RUN = """async (files) => {
  const found = [];
  for (const file of files) {
    const bytes = Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0)), steps = [];
    try { await SpeanVerify.verify(bytes, (step, values) => steps.push([step, values])); found.push({ ok: true, steps }); }
    catch (fault) { found.push({ ok: false, step: fault.step ?? -1, code: fault.code ?? String(fault), steps }); }
  }
  return found;
}"""
Verify = Callable[[list[bytes]], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    made = World(("KH", "KR", "TH"), tmp_path_factory.mktemp("world"))
    made.treaty = made.agreement(("KH", "KR", "TH"))
    return made


@pytest.fixture(scope="module")
def request_file(world: World) -> bytes:
    """An information request: words, two witnesses, one receipt."""
    done = world.ask("KR", "KH", form={"facts": "ដារ៉ា sent the money, “all” of it\\n\u2028 – 김하나"})
    world.settle()
    return world.nodes["KR"].logs.evidence(world.officers["KR"], done.fact, reason="a court asks")


@pytest.fixture(scope="module")
def signed_file(world: World) -> bytes:
    """An act that its officer signed with a passkey (ES256)."""
    marks = {"instrument": world.treaty, "purpose": "warn", "data": "wallet", "subject": "suspect"}
    opening = world.act("KR", "open", LIST, procedure="circular", to=("KH", "TH"), **marks)
    entry = {"kind": "wallet", "value": "bc1qexample", "chain": "bitcoin"}
    world.act("KR", "entry", entry, record=opening.record)
    done = world.act("KR", "publish", {"reason": "it is complete", "entries": 1}, record=opening.record)
    world.settle()
    return world.nodes["KR"].logs.evidence(world.officers["KR"], done.fact, reason="a court asks")


@pytest.fixture(scope="module")
def verify(browser: Any) -> Verify:
    """Runs the scripts on files, each to its end or its fault."""
    page = browser.new_page()
    page.route("**/*", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.goto("http://kr.localhost/")
    for name in ("officer.js", "verify.js"):
        page.evaluate((FOLDER / name).read_text())
    return lambda files: page.evaluate(RUN, [base64.b64encode(file).decode() for file in files])


def changed(file: bytes, *path: str | int, at: int, by: int = 1) -> bytes:
    """The file with one byte of a base64 value changed."""
    document = json.loads(file)
    holder: Any = document
    for step in path[:-1]:
        holder = holder[step]
    raw = bytearray(base64.b64decode(holder[path[-1]]))
    raw[at] ^= by
    holder[path[-1]] = base64.b64encode(raw).decode()
    return canonical_file(document)


def canonical_file(document: Any) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def length(file: bytes, *path: str | int) -> int:
    value: Any = json.loads(file)
    for step in path:
        value = value[step]
    return len(base64.b64decode(value))


def test_what_spean_verify_finds_the_browser_finds(verify: Verify, request_file: bytes) -> None:
    report = verify_evidence(decode(request_file), None)
    (found,) = verify([request_file])
    assert found["ok"], found
    told = dict(found["steps"])
    assert told[1]["fact"] == report.fact
    assert (told[4]["size"], told[4]["root"]) == (str(report.checkpoint.size), report.checkpoint.root.hex())
    assert told[5]["index"] == report.index
    assert sorted(each["name"] for each in told[6]["witnesses"]) == sorted(name for name, _ in report.witnesses)
    assert [(each["receiver"], each["status"]) for each in told[7]["receipts"]] == [("KH", "accepted")]
    assert len(report.witnesses) == 2


@pytest.mark.parametrize(
    ("path", "step"),
    [
        (("fact", "payload"), (1, 2)), (("fact", "signature"), (2,)), (("origin", "sign_key"), (2,)), (("content", "salt"), (3,)),
        (("content", "body"), (3,)), (("log", "checkpoint"), (4, 6)), (("log", "proof", 0), (5,)), (("log", "proof", 1), (5,)),
        (("receipts", 0, "payload"), (7,)), (("receipts", 0, "signature"), (7,)), (("receipts", 0, "key"), (7,)),
    ],
    ids=lambda value: ".".join(map(str, value)),
)  # fmt: skip
def test_no_byte_can_be_changed(
    verify: Verify, request_file: bytes, path: tuple[str | int, ...], step: tuple[int, ...]
) -> None:
    places = range(length(request_file, *path))
    files = [changed(request_file, *path, at=at) for at in places]
    found = verify(files)
    held = [number for number, each in enumerate(found) if each["ok"]]
    assert held == []
    assert {each["step"] for each in found} <= set(step), {each["code"] for each in found}


def test_no_character_of_the_file_can_be_changed(verify: Verify, request_file: bytes) -> None:
    """But for ``key_id``, which is a hint only (DSSE): which key is meant, the key itself says."""
    document = json.loads(request_file)
    files = []
    for at in range(len(request_file)):
        raw = bytearray(request_file)
        raw[at] ^= 1
        try:
            other = json.loads(raw)
        except ValueError:
            other = None
        if other is not None:
            for known in (document, other):
                for part in (known.get("fact"), *(known.get("receipts") or ())):
                    part.pop("key_id", None) if isinstance(part, dict) else None
        if other is None or other != document:
            files.append(bytes(raw))
        document = json.loads(request_file)
    found = verify(files)
    assert len(files) > 3000
    assert [files[number] for number, each in enumerate(found) if each["ok"]] == []


def test_the_officers_own_signature_is_checked_too(verify: Verify, signed_file: bytes) -> None:
    report = verify_evidence(decode(signed_file), None)
    (found,) = verify([signed_file])
    assert report.officer is not None
    assert found["ok"], found
    shown = dict(found["steps"])[3]["officer"]
    assert (shown["algorithm"], shown["origin"], shown["key"]) == ("ES256", report.officer.origin, report.officer.key)


def test_an_officers_signature_over_something_else_fails_though_the_commitment_fits(
    verify: Verify, world: World, signed_file: bytes
) -> None:
    """What only a dishonest origin could make: words and commitment agree, and its officer signed others."""
    files = [resigned(world, signed_file, old, new) for old, new in (
        (b"it is complete", b"it is COMPLETE"), (b'"client":"', b'"client":"A'), (b',"officer":', b',"0fficer":'),
    )]  # fmt: skip
    found = verify([signed_file, *files])
    assert [each["code"] for each in found[1:3]] == ["officer", "officer"], found[1:3]
    assert found[3]["ok"], "another field is no signature; the node itself refuses an adverse act without one"


def resigned(world: World, file: bytes, old: bytes, new: bytes) -> bytes:
    """The fact with other words, signed and logged anew by an origin that cheats."""
    document = json.loads(file)
    body, salt = (base64.b64decode(document["content"][name]) for name in ("body", "salt"))
    header = json.loads(base64.b64decode(document["fact"]["payload"]))
    words = body.replace(old, new)
    assert words != body
    header |= {"commitment": hashlib.sha256(b"spean/commit/1" + salt + words).hexdigest(), "size": len(words)}
    payload = canonical(header)
    keys = world.nodes["KR"].keys
    leaf = leaf_hash(payload)
    note = sign_checkpoint(Checkpoint("test.spean/KR/exchange", 1, leaf), keys.log)
    signature = dsse.sign(dsse.FACT_TYPE, payload, keys.sign)
    document["fact"] |= {"payload": _b64(payload), "signature": _b64(signature)}
    document["content"]["body"] = _b64(words)
    document["log"] |= {"index": 0, "proof": [], "checkpoint": _b64(note), "witnesses": []}
    document["receipts"] = []
    return canonical_file(document)


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def test_a_proof_of_another_length_index_or_fact(verify: Verify, request_file: bytes) -> None:
    document = json.loads(request_file)
    log = document["log"]
    for change in (
        {"proof": log["proof"][:-1]}, {"proof": [*log["proof"], log["proof"][0]]}, {"index": log["index"] - 1},
        {"index": 10**9}, {"proof": log["proof"][::-1]}, {"witnesses": log["witnesses"][:1] * 2 + ["x"]},
    ):  # fmt: skip
        (found,) = verify([canonical_file({**document, "log": {**log, **change}})])
        assert not found["ok"], change


def test_what_is_no_evidence_file_is_said_so(verify: Verify, request_file: bytes) -> None:
    document = json.loads(request_file)
    files = [
        b"", b"{}\n", b"[]\n", b"\xff\xfe", request_file[:-1], request_file + b" ", b" " + request_file,
        canonical_file({**document, "more": 1}), canonical_file({**document, "format": "spean-evidence/2"}),
        canonical_file({**document, "receipts": {}}), json.dumps(document).encode() + b"\n",
        request_file.replace(b'"receipts":[', b'"receipts":[],"receipts":['), b"[" * 100_000,
    ]  # fmt: skip
    found = verify(files)
    assert [(each["ok"], each["step"], each["code"]) for each in found] == [(False, 0, "malformed")] * len(files)


def test_without_words_the_rest_holds(verify: Verify, request_file: bytes) -> None:
    document = json.loads(request_file)
    del document["content"]
    (found,) = verify([canonical_file(document)])
    assert found["ok"]
    assert dict(found["steps"])[3]["content"] is False


def test_the_page_tells_each_step_and_sends_nothing(
    browser: Any, world: World, request_file: bytes, tmp_path: Path
) -> None:
    someone = visit(world.nodes["KR"], "analyst")
    page, asked = opened(browser, someone, "/log/verify")
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_bytes(request_file)
    bad.write_bytes(changed(request_file, "log", "proof", 0, at=3))
    asked.clear()
    page.set_input_files("#file", good)
    page.wait_for_selector("#verify[data-done='1']")
    assert page.locator("#steps > li.yes").count() == 7
    assert "this node knows the keys" in page.locator("#verdict").inner_text()
    assert "ដារ៉ា" in page.locator("#words-shown pre").text_content()
    page.set_input_files("#file", bad)
    page.wait_for_selector("#verify[data-done='2']")
    assert "Step 5: the proof leads to" in page.locator("#verdict").inner_text()
    assert page.locator("#steps > li.no").count() == 1
    assert [url for url in asked if "/static/" not in url and "/live?" not in url] == [], "nothing leaves the browser"


def opened(browser: Any, someone: Visitor, path: str) -> tuple[Any, list[str]]:
    """The page in Chromium, each request answered by the application itself; errors of scripts and of the CSP fail."""
    page = browser.new_page()
    asked: list[str] = []

    def answer(route: Any) -> None:
        asked.append(route.request.url)
        where = route.request.url.split("/", 3)[3]
        if where.startswith("live"):
            route.fulfill(status=204)
            return
        got = someone.client.get("/" + where)
        route.fulfill(
            status=got.status_code,
            body=got.content,
            headers={k: v for k, v in got.headers.items() if k != "content-encoding"},
        )

    page.route("**/*", answer)
    page.on("pageerror", lambda error: pytest.fail(f"script: {error}"))
    page.goto(f"http://kr.localhost{path}")
    return page, asked
