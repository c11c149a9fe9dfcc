"""A node with many sealed names after a start: when it answers, and how fast the names are read in meanwhile.

    python bench/starting.py [--names N] [--native SHARE] [--json]

Entities with a name, a birth date and, one of four, a telephone are sealed as facts; then the node is opened anew. CPU seconds of this
process, since the machine may be busy. Goal: 40,000 names a second. What is sealed plays no part in the time.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import people
from search import node_in
from spean.core.fact import Envelope
from spean.core.world import SystemEntropy
from spean.exchange.make import HeaderFields, draft_fact
from spean.node import Node, open_node
from spean.node.folding import body_document
from spean.store.rows import FactRow, RecordRow

AT_ONCE = 5_000
GOAL = 40_000
GRADED = {"source": "B", "grade": 2, "nature": "fact", "origin": "a list"}
ENVELOPE = Envelope(
    recipients=("KH",), purpose="investigate-fraud", instrument="peering", basis="bench", data="identity", subject="contact", handling="H0",
    tlp="AMBER", source="B", grade=2, nature="fact", review="2027-01-01",
)  # fmt: skip


def named(count: int, native: float) -> Iterator[str]:
    """Names of words as common as they are at large; a share of them invented people of twelve populations as they write themselves."""
    chance = random.Random(5)
    table = files("spean.matching.score").joinpath("data/frequency.csv").read_text("utf-8").splitlines()[1:]
    words, weights = zip(
        *((word, float(share)) for word, share in (line.split(",")[:2] for line in table)), strict=True
    )
    for _ in range(count):
        if chance.random() < native:
            yield people.native(people.person(chance, chance.choice(list(people.TABLES))))
        else:
            yield " ".join(word.title() for word in chance.choices(words, weights, k=chance.choice((2, 2, 3))))


def fill(node: Node, count: int, native: float) -> None:
    """Write entities as an import would, without log and signatures."""
    chance, entropy, first = random.Random(6), SystemEntropy(), None
    facts: list[FactRow] = []
    records: list[RecordRow] = []
    keys: list[tuple[str, bytes]] = []
    for number, name in enumerate(named(count, native)):
        record = f"KR:entity:{number:026d}"
        born = f"{chance.randrange(1940, 2008)}-{chance.randrange(1, 13):02d}-{chance.randrange(1, 29):02d}"
        said = [{"property": "name", "value": name, **GRADED}, {"property": "birth-date", "value": born, **GRADED}]
        said += [{"property": "phone", "value": f"+8551{number:07d}", **GRADED}] if number % 4 == 0 else []
        form = json.dumps({"kind": "person", "category": "contact", "statements": said}, ensure_ascii=False)
        fields = HeaderFields(
            node="KR", unit="desk", actor="u1", actor_kind="person", time="2026-03-04T01:41:00.000Z", record=record, procedure="entity",
            version=1, kind="open", envelope=ENVELOPE,
        )  # fmt: skip
        draft = draft_fact(fields, body_document("Officer", form.encode()), entropy, like=first)
        first = first or draft.header
        records.append(RecordRow(
            id=record, procedure="entity", version=1, state="open", parties={"owner": ("KR",)}, heads=(), done={}, opened_at=1, entered_at=1,
            changed_at=1, entered_by="", purpose="investigate-fraud",
        ))  # fmt: skip
        keys.append((draft.id, draft.key))
        facts.append(FactRow(
            id=draft.id, record=record, procedure="entity", kind="open", origin="KR", track="shared", at=1, payload=draft.payload, key_id="k",
            signature=bytes(64), content=draft.content, status="effective",
        ))  # fmt: skip
        if len(facts) == AT_ONCE or number == count - 1:
            node.content_keys.put(keys)
            with node.store.write() as tx:
                tx.records.save(records)
                tx.facts.add(facts)
            facts.clear(), records.clear(), keys.clear()


def measure(folder: Path, count: int, native: float) -> dict[str, Any]:
    """Fill, open anew, ask, read to the end."""
    node = node_in(folder, "")
    fill(node, count, native)
    node.close()
    node = open_node(folder / "KR")
    book = node.matching.asking.book
    start = time.process_time()
    first = book.refresh()
    answers = time.process_time() - start
    start = time.process_time()
    while book.step():
        pass
    rest = time.process_time() - start
    left = book.progress().of - first.read
    node.close()
    return {
        "names": book.progress().of, "native": native, "first_answer_cpu_s": round(answers, 2), "known_then": first.read,
        "rest_cpu_s": round(rest, 2), "names_per_cpu_s": round(left / rest) if left else None, "goal": GOAL,
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--names", type=int, default=60_000, help="the issue's number: 1000000")
    parser.add_argument(
        "--native", type=float, default=0.0, help="share of names as people of twelve populations write them"
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        result = measure(Path(name), options.names, options.native)
    print(json.dumps(result) if options.json else "\n".join(f"{key:20} {value}" for key, value in result.items()))


if __name__ == "__main__":
    main()
