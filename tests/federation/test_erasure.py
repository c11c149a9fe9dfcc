"""After an erasure its words are in no table, index, write-ahead log, backup or peer; and every proof still verifies (D4)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from federation.world import Disk, World
from spean.core.errors import Unavailable
from spean.core.tokens import terms
from spean.exchange.codec import decode_header
from spean.exchange.seal import decrypt_content
from spean.keys import ContentKeys
from spean.keys import files as key_files
from spean.ledger.evidence import decode
from spean.ledger.evidence_check import parse_trusted, verify_evidence
from spean.ledger.merkle import inclusion_proof
from spean.ledger.note import format_vkey
from spean.ledger.verify import verify_inclusion
from spean.node.care.backup import KeySource, restore
from spean.node.care.keyring import MemoryKeyRing
from spean.node.settings import load_settings
from spean.node.views.indexing import hasher
from spean.node.work import DOMESTIC, EXCHANGE
from spean.store import Store

WORDS = ("Quetzalcoatlus", "កុមារីស្រីពៅ", "Żółw-Ærøskøbing")
"""Unmistakable words: plain, Khmer, and with marks."""
NOTE = f"{WORDS[0]} lives with {WORDS[1]} near {WORDS[2]}"
LIST = {"title": "Wallets of a network", "source": "Desk of KR", "data": "wallet"}
MARKS = {"purpose": "warn", "data": "wallet", "subject": "none"}
PASSPHRASE = "five words for the safe"


def forms_of(word: str) -> Iterator[bytes]:
    """How a word may stand in bytes: plain, wide, escaped, hex, base64 at each of three places."""
    plain = word.encode()
    yield from {plain, word.encode("utf-16-le"), word.encode("utf-16-be"), json.dumps(word)[1:-1].encode()}
    yield from (plain.hex().encode(), plain.hex().upper().encode())
    for shift in range(3):
        whole = base64.b64encode(bytes(shift) + plain)
        yield whole[(shift * 8 + 5) // 6 : len(whole) - 4]


NEEDLES = {form: word for word in WORDS for form in forms_of(word)}


def found_in(data: bytes) -> list[str]:
    lowered = data.lower()
    return [f"{word} as {form!r}" for form, word in NEEDLES.items() if form in data or form.lower() in lowered]


@dataclass(slots=True)
class Place:
    """Where a node of the test keeps its two databases."""

    store: str
    content: str
    home: Path

    def bytes(self) -> Iterator[tuple[str, bytes]]:
        """Every byte on its disk; of PostgreSQL every column of every row."""
        for path in sorted(self.home.rglob("*")):
            if path.is_file():
                yield path.name, path.read_bytes()
        for url in (self.store, self.content):
            if url.startswith("postgresql"):
                yield from dump(url)


def dump(url: str) -> Iterator[tuple[str, bytes]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):
                for name, value in row._mapping.items():
                    if value is not None:
                        data = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                        yield f"{table}.{name}", data
    engine.dispose()


def test_the_search_for_words_would_find_them() -> None:
    for word in WORDS:
        for padding in range(4):
            body = b"x" * padding + word.encode()
            assert found_in(b"junk" + base64.b64encode(body + b"tail") + b"junk")
            assert found_in(body.hex().encode())
        assert found_in(json.dumps({"note": word}).encode())
        assert found_in(f"said {word}.".encode("utf-16-le"))
    assert not found_in(b"nothing of the kind")


@pytest.fixture(params=["sqlite", "postgresql"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Place]:
    """Three nodes, each with two databases of its own."""
    homes = {name: tmp_path / name for name in ("KH", "KR", "TH")}
    for home in homes.values():
        home.mkdir()
    if request.param == "sqlite":
        return {
            name: Place(f"sqlite:///{home}/spean.db", f"sqlite:///{home}/content-keys.db", home)
            for name, home in homes.items()
        }
    new: Callable[[], str] = request.getfixturevalue("new_postgres")
    return {name: Place(new(), new(), home) for name, home in homes.items()}


@pytest.fixture
def world(places: dict[str, Place], tmp_path: Path) -> Iterator[World]:
    def opens(name: str) -> tuple[Store, ContentKeys]:
        return Store.open(places[name].store), ContentKeys.open(places[name].content)

    made = World(tuple(places), tmp_path, opens=opens)
    made.agreement(("KH", "KR", "TH"))
    yield made
    for node in made.nodes.values():
        node.close()


def test_words_that_were_erased_are_nowhere_and_every_proof_holds(
    world: World, places: dict[str, Place], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    kr, officer = world.nodes["KR"], world.officers["KR"]
    listed = world.act("KR", "open", LIST, procedure="circular", to=("KH", "TH"), **MARKS)
    words = {"kind": "wallet", "value": "bc1q0", "chain": "bitcoin", "note": NOTE}
    first = world.act("KR", "entry", words, record=listed.record)
    second = world.act("KR", "entry", words, record=listed.record)
    world.settle()
    for name, node in world.nodes.items():
        shown = node.reading_desk.record(world.officers[name], listed.record, reason=f"about {WORDS[0]}")
        assert NOTE in [fact.form["note"] for fact in shown.facts if fact.form and "note" in fact.form]
        assert len(node.reading_desk.search(world.officers[name], words=WORDS[1], reason="a call came in")) == 2
    kr.recalling.correct(
        officer, second.fact, {**words, "value": "bc1q1", "note": "other words"}, f"{WORDS[2]} said so"
    )
    kr.restoring.backup(tmp_path / "before")
    world.settle()
    contents = kept(world, first.fact)
    hashes = hashed_words(world)

    kr.recalling.erase(officer, first.fact, f"{WORDS[0]} asked for it")
    kr.recalling.erase(officer, second.fact, "the same person")
    world.settle()
    kr.restoring.backup(tmp_path / "after")
    (tmp_path / "safe").mkdir()
    kr.restoring.backup_keys(tmp_path / "safe" / "keys", PASSPHRASE)

    for name, place in places.items():
        seen = 0
        for where, data in place.bytes():
            assert not found_in(data), f"{name}: {where}"
            for what, secret in (contents[name] | hashes[name]).items():
                assert secret not in data, f"{name}: {what} in {where}"
            seen += len(data)
        assert seen > 20_000, "there was something to look through"
        shown = world.nodes[name].reading_desk.record(world.officers[name], listed.record, reason="to see")
        assert [fact.form for fact in shown.facts if fact.row.id in (first.fact, second.fact)] == [None, None]
        assert not world.nodes[name].reading_desk.search(world.officers[name], words=WORDS[1], reason="to see")
    for folder in ("before", "after", "safe"):
        for path in (tmp_path / folder).rglob("*"):
            if path.is_file():
                assert not found_in(path.read_bytes()), path
    proofs_hold(world, (first.fact, second.fact))
    restored_without_words(world, tmp_path, first.fact, request)


def kept(world: World, fact: str) -> dict[str, dict[str, bytes]]:
    """Of each node the content key and the encrypted content of a fact, as long as they are there."""
    found = {}
    for name, node in world.nodes.items():
        with node.reading() as tx:
            row = tx.facts.get(fact)
        key = node.content_keys.get([fact])[fact]
        assert row.content is not None
        assert WORDS[0] in decrypt_content(key, row.content, fact)[1].decode()
        found[name] = {"the content key": key, "the content": row.content}
    return found


def hashed_words(world: World) -> dict[str, dict[str, bytes]]:
    """Of each node how the words stand in its search index, and the keys under which they do."""
    found: dict[str, dict[str, bytes]] = {}
    for name, node in world.nodes.items():
        while node.indexing.step():
            pass
        with node.reading() as tx:
            found[name] = {}
            for bucket in tx.search.buckets():
                key = node.indexing.keys([bucket.key])[bucket.key]
                found[name][f"the key of bucket {bucket.bucket}"] = key
                hashed = {f"the hash of {word}": hasher(key)(word) for word in terms(" ".join(WORDS))}
                there = tx.search.look_up([bucket.bucket], hashed.values())
                assert {term for _, term in there} == set(hashed.values()), "the words are in the index"
                found[name] |= hashed
    return found


def proofs_hold(world: World, facts: tuple[str, ...]) -> None:
    """Logs, inclusion at both ends, and evidence files without content."""
    trusted = []
    for name, node in world.nodes.items():
        verifier = node.logs.verifier(EXCHANGE)
        trusted += [f"{name}={node.keys.sign_public.hex()}", format_vkey(verifier)]
    for name, node in world.nodes.items():
        assert node.logs.verify(EXCHANGE).size > 0
        assert node.logs.verify(DOMESTIC).size > 0
        for fact in facts:
            with node.reading() as tx:
                row, head, read = tx.facts.get(fact), tx.log.head(EXCHANGE), tx.log.reader(EXCHANGE)
                assert row.index is not None
                proof = inclusion_proof(row.index, head.size, read)
            verify_inclusion(bytes.fromhex(fact), row.index, head.size, proof, head.root())
            assert decode_header(row.payload).size > len(NOTE), "the header stands, and says how long the body was"
            file = node.logs.evidence(world.officers[name], fact, reason="a court asks")
            assert not found_in(base64_parts(file))
            report = verify_evidence(decode(file), parse_trusted(trusted))
            assert (report.trusted, report.content) == (True, False)


def base64_parts(file: bytes) -> bytes:
    """An evidence file, and all that is in it in base64, opened."""
    parts = [file]
    for word in file.replace(b'"', b" ").split():
        try:
            parts.append(base64.b64decode(word, validate=True))
        except ValueError:
            continue
    return b" ".join(parts)


def restored_without_words(world: World, tmp_path: Path, fact: str, request: pytest.FixtureRequest) -> None:
    """The backup of before the erasure is restored: the key store knows what was erased."""
    home = tmp_path / "again"
    changes: dict[str, str] = {}
    if "postgresql" in str(world.nodes["KR"].store.path or "postgresql"):
        new = request.getfixturevalue("new_postgres")
        changes = {"store": new(), "content_keys": new()}
    keys = KeySource(copy=tmp_path / "safe" / "keys", copy_passphrase=PASSPHRASE)
    done = restore(tmp_path / "before", home, keys, changes=changes, clock=world.clock, entropy=world.entropy)
    assert done.erased >= 2
    settings = load_settings(home)
    urls = settings.store_url(home), settings.content_keys_url(home)
    for where, data in Place(*urls, home).bytes():
        assert not found_in(data), where
    store, content = Store.open(urls[0]), ContentKeys.open(urls[1])
    with store.read() as tx:
        row = tx.facts.get(fact)
    assert (row.content, row.erased_at is not None) == (None, True)
    assert not content.get([fact])
    world.nodes["KR"].close()
    ring = MemoryKeyRing(key_files.load(home / "keys"))
    world._put("KR", Disk(settings, home, store, content, ring, (home / "identity").read_bytes()))
    assert world.nodes["KR"].restoring.catch_up().complete
    for where, data in Place(*urls, home).bytes():
        assert not found_in(data), where
    assert not world.nodes["KR"].reading_desk.search(world.officers["KR"], words=WORDS[1], reason="to see")


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[World]:
    """Two nodes on files."""

    def opens(name: str) -> tuple[Store, ContentKeys]:
        home = tmp_path / name
        home.mkdir(exist_ok=True)
        return Store.open(f"sqlite:///{home}/spean.db"), ContentKeys.open(f"sqlite:///{home}/content-keys.db")

    made = World(("KH", "KR"), tmp_path, opens=opens)
    made.agreement(("KH", "KR"))
    yield made
    for node in made.nodes.values():
        node.close()


def test_a_crash_before_the_keys_are_destroyed_does_not_keep_them(
    pair: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The erasure is committed, the process dies before the key store is touched: the next start finishes it."""
    listed = pair.act("KR", "open", LIST, procedure="circular", to=("KH",), **MARKS)
    said = pair.act(
        "KR", "entry", {"kind": "wallet", "value": "x", "chain": "bitcoin", "note": NOTE}, record=listed.record
    )
    pair.settle()
    keys = pair.nodes["KR"].content_keys
    key = keys.get([said.fact])[said.fact]

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(keys, "destroy", dies)
    with pytest.raises(KeyboardInterrupt):
        pair.nodes["KR"].recalling.erase(pair.officers["KR"], said.fact, "a court ordered it")
    monkeypatch.undo()
    assert keys.get([said.fact]) == {said.fact: key}, "the crash came in between"
    with pair.nodes["KR"].reading() as tx:
        assert tx.facts.get(said.fact).content is None
    pair.boot("KR")
    pair.clock.advance(61_000)  # the lease of the job that died
    pair.settle()
    assert not keys.get([said.fact])
    for path in (tmp_path / "KR").iterdir():
        assert key not in path.read_bytes(), path


def test_a_reader_that_stands_in_the_way_of_the_scrub_only_delays_it(
    pair: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = pair.act("KR", "open", LIST, procedure="circular", to=("KH",), **MARKS)
    said = pair.act(
        "KR", "entry", {"kind": "wallet", "value": "x", "chain": "bitcoin", "note": NOTE}, record=listed.record
    )
    monkeypatch.setattr("spean.sql.engine.BUSY", 0.2)
    keys, other = (ContentKeys.open(f"sqlite:///{tmp_path}/KR/content-keys.db") for _ in range(2))
    key = keys.get([said.fact])[said.fact]
    connection = other._engines.begin_read()
    connection.exec_driver_sql("SELECT count(*) FROM content_keys").fetchall()
    try:
        with pytest.raises(Unavailable):
            keys.destroy([said.fact], pair.clock.now(), "a court ordered it")
        assert not keys.get([said.fact]), "nobody reads it any more"
    finally:
        connection.close()
        other.close()
    keys.destroy([said.fact], pair.clock.now(), "a court ordered it")
    keys.close()
    for path in (tmp_path / "KR").iterdir():
        assert key not in path.read_bytes(), path


def test_what_a_refused_form_said_is_in_no_receipt_and_no_alarm(pair: World, tmp_path: Path) -> None:
    """A partner's form that ours does not accept is refused with its field, never with its words."""
    kr, kh = pair.nodes["KR"], pair.nodes["KH"]
    listed = pair.act("KR", "open", LIST, procedure="circular", to=("KH",), **MARKS)
    pair.settle()
    wrong = (
        {"kind": NOTE, "value": "x"},
        {"kind": "wallet", "value": "x", "chain": "y", WORDS[0]: NOTE},
        {"value": NOTE},
    )
    encode = kr.engine.encode
    for form in wrong:
        kr.engine.encode = lambda _, form=form: json.dumps(form, ensure_ascii=False).encode()  # type: ignore[method-assign]
        done = pair.act("KR", "entry", {"kind": "wallet", "value": "x", "chain": "bitcoin"}, record=listed.record)
        kr.engine.encode = encode  # type: ignore[method-assign]
        pair.settle()
        assert pair.status("KH", done.fact) == "refused"
        with kh.reading() as tx:
            assert tx.facts.get(done.fact).reason
    for name in ("KH", "KR"):
        for where, data in Place("", "", tmp_path / name).bytes():
            assert not found_in(data), f"{name}: {where}"
