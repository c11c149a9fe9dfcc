"""What a search costs: facts in many scripts, real encryption, the real index; each question as an officer asks it.

    python bench/search.py [--facts N] [--url URL] [--repeat N] [--json]

Every question is logged, answered from the index, and its hits are opened, checked and marked (``node/views/searching.py``). The goal
holds for one million facts: p95 at most 100 ms on SQLite, 150 ms on PostgreSQL. Wall time, since people wait for that.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from spean.core.fact import Envelope
from spean.core.world import SystemEntropy
from spean.exchange.codec import decode_header
from spean.exchange.make import Draft, HeaderFields, draft_fact
from spean.keys.root import new_root, root_public
from spean.node import Node, admit, create, open_node
from spean.node.entry.people import Who
from spean.node.folding import body_document
from spean.node.settings import Settings
from spean.store.rows import FactRow, RecordRow

AT_ONCE = 5_000
IN_RECORD = 200
PURPOSES = ("warn", "stop-fraud", "investigate-fraud", "protect-person")
LATIN = [
    a + b
    for a in ("ba", "chan", "dara", "kim", "li", "nguy", "pov", "sok", "tran", "vann")
    for b in ("a", "en", "ith", "ong", "y")
]
HAN = (
    "的一是不了人我在有他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后"
    "小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三己老从动两长"
)
KHMER = ["សុខ", "សុភា", "ចាន់", "ដារ៉ា", "វណ្ណា", "ស្រី", "ពៅ", "បូរី", "រតនា", "កុសល"]
HANGUL = "가나다라마바사아자차카타파하거너더러머버서어저처고노도로모보소오조초구누두루무부수우주추"
Words = Callable[[random.Random, int], str]
"""Words for one question, of that chance and over that many facts."""
QUESTIONS: dict[str, tuple[str | Words, dict[str, str]]] = {
    "rare word": ("Quetzalcoatlus", {}),
    "word in every fact": ("network", {}),
    "two words, any two": (lambda chance, _: " ".join(chance.sample(LATIN, 2)), {}),
    "two letters, Chinese, rare": ("北京", {}),
    "two letters, Chinese, any": (lambda chance, _: "".join(chance.choices(HAN, k=2)), {}),
    "two letters, Korean, any": (lambda chance, _: "".join(chance.choices(HANGUL, k=2)), {}),
    "name, Khmer": ("សុភាដារ៉ា", {}),
    "two names, Khmer, any": (lambda chance, _: " ".join(chance.sample(KHMER, 2)), {}),
    "phone in groups, any": (lambda chance, facts: phone(chance.randrange(facts)), {}),
    "common, never together": ("even odd", {}),
    "phrase, never together": ('"sent network"', {}),
    "nothing, any": (lambda chance, _: f"nobodywrote{chance.randrange(10**9)}", {}),
    "narrowed to a partner": ("network", {"origin": "TH"}),
    "rare, other's purpose": ("Quetzalcoatlus", {"purpose": "protect-person"}),
}
"""What is asked: the same words each time, or others each time, as people do."""
GOAL = {"sqlite": 100, "postgresql": 150}


def node_in(folder: Path, url: str) -> Node:
    """A node of its own with an officer for each desk that is asked for."""
    root = new_root(folder / "root.json", "bench.spean", SystemEntropy())
    settings = Settings(
        node="KR", name="KR", realm="bench.spean", root=root_public(root), url="http://127.0.0.1:9", listen="127.0.0.1:9", tls=False,
        store=url,
    )  # fmt: skip
    create(folder / "KR", settings)
    admit(folder / "KR", root)
    node = open_node(folder / "KR")
    node.people.add("Duty", unit="desk", roles=("duty-officer",))
    node.people.add("Bank", unit="desk", roles=("bank-desk",))
    return node


def form(number: int, chance: random.Random) -> dict[str, Any]:
    """What stands in fact ``number``: a phone, names in several scripts, a sentence."""
    han = "".join(chance.choices(HAN, k=12)) + ("北京" if number % 20_011 == 7 else "")
    hangul = "".join(chance.choices(HANGUL, k=8)) + ("한국" if number % 30_011 == 9 else "")
    khmer = "".join(chance.choices(KHMER, k=2)) if number % 5_003 else "សុភាដារ៉ា"
    rare = " Quetzalcoatlus" if number % 100_003 == 11 else ""
    words = f"network sent {'even' if number % 2 == 0 else 'odd'} {' '.join(chance.choices(LATIN, k=4))}{rare}"
    return {"kind": "phone", "value": phone(number), "note": f"{words} {han} {hangul} {khmer}"}


def phone(number: int) -> str:
    """A number of its own for each fact, written in groups."""
    digits = f"{10_000_000 + number:08d}"
    return f"+855 {digits[:2]} {digits[2:5]} {digits[5:]}"


def drafts(facts: int) -> Iterator[tuple[RecordRow | None, str, Draft]]:
    """All facts with their records, encrypted, under names of their own; signatures play no part here."""
    chance, entropy, first = random.Random(7), SystemEntropy(), None
    envelope = Envelope(
        recipients=("KH",), purpose="warn", instrument="peering", basis="bench", data="phone", subject="suspect", handling="H0",
        tlp="AMBER", source="B", grade=2, nature="fact", review="2027-01-01",
    )  # fmt: skip
    for number in range(facts):
        record = f"KR:circular:{number // IN_RECORD:026d}"
        row = None
        if number % IN_RECORD == 0:
            purpose = PURPOSES[number // IN_RECORD % len(PURPOSES)]
            row = RecordRow(
                id=record, procedure="circular", version=1, state="open", parties={}, heads=(), done={}, opened_at=1, entered_at=1,
                changed_at=1, entered_by="", purpose=purpose,
            )  # fmt: skip
        origin = "TH" if number % 1_000 == 1 else "KR"
        fields = HeaderFields(
            node=origin, unit="desk", actor="u1", actor_kind="person", time="2026-03-04T01:41:00.000Z", record=record,
            procedure="circular", version=1, kind="entry", envelope=envelope,
        )  # fmt: skip
        body = body_document("Officer", json.dumps(form(number, chance), ensure_ascii=False).encode())
        draft = draft_fact(fields, body, entropy, like=first)
        first = first or draft.header
        yield row, origin, draft


def fill(node: Node, facts: int) -> None:
    """Write the facts as a batch would, without log and outbox."""
    rows: list[FactRow] = []
    records: list[RecordRow] = []
    keys: list[tuple[str, bytes]] = []

    def write() -> None:
        node.content_keys.put(keys)
        with node.store.write() as tx:
            tx.records.save(records)
            tx.facts.add(rows)
        rows.clear(), records.clear(), keys.clear()

    for record, origin, draft in drafts(facts):
        records += [record] if record is not None else []
        keys.append((draft.id, draft.key))
        header = draft.header
        rows.append(FactRow(
            id=draft.id, record=header.record, procedure="circular", kind="entry", origin=origin, track="shared", at=1,
            payload=draft.payload, key_id="k", signature=bytes(64), content=draft.content, status="effective",
        ))  # fmt: skip
        if len(rows) == AT_ONCE:
            write()
    write()


def ask(node: Node, who: Who, words: str | Words, narrow: dict[str, str], facts: int, repeat: int) -> dict[str, Any]:
    """One kind of question, several times; what it found the last time. The very first is shown apart: nothing is warm then."""
    took, chance = [], random.Random(11)
    for _ in range(repeat + 1):
        asked = words if isinstance(words, str) else words(chance, facts)
        node.indexing.tick()  # as the clockwork does: each search writes a note, which is looked at once
        start = time.perf_counter()
        found = node.reading_desk.search(who, words=asked, reason="a measurement", narrow=narrow)
        took.append((time.perf_counter() - start) * 1e3)
    assert all(decode_header(hit.fact.row.payload) for hit in found)
    first, later = took[0], sorted(took[1:])
    p95 = later[math.ceil(len(later) * 0.95) - 1]  # nearest rank
    return {"first_ms": round(first, 1), "p50_ms": round(later[len(later) // 2], 1), "p95_ms": round(p95, 1),
            "hits": len(found), "cut": found.cut}  # fmt: skip


def size_of(node: Node) -> float:
    """MB of the index: what the database says of PostgreSQL's, what its bytes come to on SQLite."""
    with node.store.read() as tx:
        if tx.sql.mark == "%s":
            sql = "SELECT pg_total_relation_size('search_terms')"
        else:
            sql = "SELECT sum(length(term) + length(facts) + 6) FROM search_terms"
        return round(float(tx.sql.connection.exec_driver_sql(sql).scalar_one()) / 1e6, 1)


def measure(folder: Path, url: str, facts: int, repeat: int) -> dict[str, Any]:
    """Fill, index, ask."""
    node = node_in(folder, url)
    try:
        fill(node, facts)
        start, cpu = time.perf_counter(), time.process_time()
        indexed = 0
        while count := node.indexing.step():
            indexed += count
        wall, used = time.perf_counter() - start, time.process_time() - cpu
        users = {row.name: Who(user=row, through="api") for row in node.people.list()}
        found = {
            name: ask(node, users["Duty"], words, narrow, facts, repeat) for name, (words, narrow) in QUESTIONS.items()
        }
        found["every fact, one purpose"] = ask(node, users["Bank"], "network", {}, facts, repeat)
        return {
            "facts": facts, "index": {"facts_per_s": round(indexed / wall), "cpu_us_per_fact": round(used / indexed * 1e6),
                                      "mb": size_of(node)},
            "goal_p95_ms": GOAL["postgresql" if url.startswith("postgres") else "sqlite"], "questions": found,
        }  # fmt: skip
    finally:
        node.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--facts", type=int, default=100_000, help="the issue's number: 1000000")
    parser.add_argument(
        "--url", default="", help="database to fill instead of a SQLite file, e.g. postgresql+psycopg://…"
    )
    parser.add_argument("--repeat", type=int, default=40)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=os.environ.get("SPEAN_BENCH_DIR")) as name:
        result = measure(Path(name), options.url, options.facts, options.repeat)
    if options.json:
        print(json.dumps(result))
        return
    index = result["index"]
    print(
        f"{result['facts']:,} facts; index {index['mb']} MB, {index['facts_per_s']:,} facts/s, {index['cpu_us_per_fact']} µs CPU a fact"
    )
    print(f"{'question':28} {'first ms':>8} {'p50 ms':>8} {'p95 ms':>8} {'goal':>6} {'hits':>6}")
    for question, each in result["questions"].items():
        print(
            f"{question:28} {each['first_ms']:>8} {each['p50_ms']:>8} {each['p95_ms']:>8} {result['goal_p95_ms']:>6} {each['hits']:>6}"
            f"{'  cut' if each['cut'] else ''}"
        )


if __name__ == "__main__":
    main()
