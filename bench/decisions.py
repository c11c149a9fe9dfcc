"""Agreement decisions on one core: sliced by pair and parsed once, beside one unsliced policy set.

Usage: python bench/decisions.py [--agreements 1000] [--questions 20000] [--json]
Goal: at least 5,000 decisions a second at 1,000 agreements, the deciding agreement named.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable, Sequence
from typing import Any

import cedarpy

from spean.agreements.cedar import compile_instrument, request_of
from spean.agreements.model import DATA, PURPOSES, SUBJECTS, Instrument, Prohibition, Suspension
from spean.agreements.question import Question
from spean.agreements.registry import Registry
from spean.core.ids import record_id
from spean.core.world import ManualClock, SeededEntropy

GOAL = 5_000
NODES = ("BN", "CN", "ID", "INT", "JP", "KH", "KR", "LA", "MM", "MY", "PH", "SG", "TH", "TL", "VN", "AU", "IN", "UK")


def _some(chance: random.Random, values: frozenset[str], most: int) -> frozenset[str]:
    return frozenset(chance.sample(sorted(str(each) for each in values), chance.randint(2, most)))


def instruments(count: int, chance: random.Random) -> list[Instrument]:
    """Agreements of 2 to 12 parties; every fifth prohibits something, every tenth rests for one pair."""
    clock, entropy = ManualClock(), SeededEntropy(7)
    made = []
    for number in range(count):
        parties = chance.sample([node for node in NODES if node != "INT"], chance.choice((2, 2, 2, 3, 6, 12)))
        bans = (Prohibition(article="7", data=frozenset({"health"}), subjects=frozenset({"victim"})),)
        rests = Suspension(pair=frozenset(parties[:2]), by=parties[0], when="2026-02-01")
        made.append(Instrument(
            id=record_id(parties[0], "agreement", clock, entropy), title=f"Agreement {number}",
            parties=frozenset(parties), purposes=_some(chance, frozenset(PURPOSES), 6),
            data=_some(chance, frozenset(DATA), 9), subjects=_some(chance, frozenset(SUBJECTS), 6),
            tlp_ceiling=chance.choice(("AMBER", "AMBER+STRICT")), handling=frozenset({"H0", "H1", "H2"}),
            mediators=frozenset({"INT"}), retention_days=365, starts="2026-01-01", ends="2030-12-31",
            state="in-force", prohibitions=bans if number % 5 == 0 else (),
            suspended=frozenset({rests}) if number % 10 == 0 else frozenset(),
        ))  # fmt: skip
    return made


def questions(made: Sequence[Instrument], count: int, chance: random.Random) -> list[Question]:
    """What desks ask: nine of ten are of a kind that the named agreement admits, one is not."""
    asked = []
    for _ in range(count):
        named = chance.choice(made)
        sender, receiver = chance.sample(sorted(named.parties), 2)
        purposes = sorted(named.purposes) if chance.random() < 0.9 else sorted(PURPOSES - {"danger-to-life"})
        asked.append(Question(
            sender=sender, receiver=receiver, origin=sender, instrument=named.id, purpose=str(chance.choice(purposes)),
            data=chance.choice(sorted(named.data)), subject=chance.choice(sorted(named.subjects)),
            tlp=chance.choice(("GREEN", "AMBER")), handling=chance.choice(("H0", "H1")),
            procedure="information-request", kind="ask", date=f"2026-0{chance.randint(1, 9)}-1{chance.randint(0, 9)}",
        ))  # fmt: skip
    return asked


def timed(name: str, act: Callable[[Question], bool], asked: Sequence[Question]) -> dict[str, Any]:
    """Run every question once; CPU time of this one thread, with the share that was allowed."""
    started = time.process_time()
    allowed = sum(act(question) for question in asked)
    spent = time.process_time() - started
    return {"what": name, "decisions": len(asked), "per_second": round(len(asked) / spent),
            "microseconds": round(spent / len(asked) * 1e6, 1), "allowed": round(allowed / len(asked), 3)}  # fmt: skip


def run(agreements: int, count: int) -> dict[str, Any]:
    chance = random.Random(2026)
    made = instruments(agreements, chance)
    asked = questions(made, count, chance)
    registry = Registry(made)
    decided: dict[Question, bool] = {}

    def decide(question: Question) -> bool:
        decided[question] = registry.decide(question).allowed
        return decided[question]

    rows = [timed("sliced, cold (each slice parsed at first use)", decide, asked)]

    def anew(name: str, some: Sequence[Question]) -> dict[str, Any]:
        """The best of three passes (neighbours disturb), each by a registry that remembers no answer."""
        nonlocal registry
        passes = []
        for _ in range(3):
            registry = registry.with_instrument(made[0])  # forgets its answers and keeps its slices
            passes.append(timed(name, decide, some))
        return max(passes, key=lambda row: row["per_second"])

    rows.append(anew("sliced, warm, each question new", asked))
    permitted = [question for question in asked if decided[question]]
    refused = [question for question in asked if not decided[question]]
    rows.append(anew("  of these: permitted", permitted))
    rows.append(anew("  of these: refused, reason and remedy in words", refused))
    desk = asked[:1_000]
    timed("", decide, desk)
    rows.append(timed("the same question again", decide, desk))
    whole = cedarpy.PolicySet.from_str("".join(compile_instrument(each) for each in made))
    nobody = cedarpy.Entities.from_json_str("[]")
    few = asked[: max(50, count // 100)]
    peer = timed("peer: one unsliced policy set, parsed once",
                 lambda q: cedarpy.is_authorized(request_of(q), whole, nobody).allowed, few)  # fmt: skip
    same = all(registry.judge(q).allowed == cedarpy.is_authorized(request_of(q), whole, nobody).allowed for q in few)
    rate = rows[1]["per_second"]
    return {"agreements": agreements, "rows": [*rows, peer], "same_answers": same, "goal_per_second": GOAL,
            "per_second": rate, "ok": same and rate >= GOAL}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agreements", type=int, default=1_000)
    parser.add_argument("--questions", type=int, default=20_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = run(options.agreements, options.questions)
    if options.json:
        print(json.dumps(result))
        return
    print(f"{result['agreements']} agreements, one core, CPU time")
    print(f"{'what':52} {'decisions':>9} {'per second':>10} {'µs each':>8} {'allowed':>8}")
    for row in result["rows"]:
        figures = f"{row['decisions']:9,} {row['per_second']:10,} {row['microseconds']:8} {row['allowed']:8.0%}"
        print(f"{row['what']:52} {figures}")
    verdict = "met" if result["ok"] else "MISSED"
    print(f"same answers as the unsliced set: {result['same_answers']}; goal {GOAL:,}/s: {verdict}")


if __name__ == "__main__":
    main()
