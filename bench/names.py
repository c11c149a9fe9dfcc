"""Names: found across scripts, told apart by a vowel sign, screened, scored; peers in the same run. CPU time throughout.

    python bench/names.py [--data DIR] [--held TSV …] [--cases CSV] [--peers PYTHON] [--only PART …] [--people N] [--names N] [--json]

DIR holds ``ko-latin.tsv``, ``km-latin.tsv``, ``my-latin.csv`` (native and Latin names). The readings were learnt from the same files but for a
tenth of the native names, by their checksum: the lines *unseen* ask for that tenth only. TSV are what ``scripts/brahmic_pairs.py --held`` keeps
back of other sources (Thai, Lao). CSV is nomenklatura's ``name_bench/cases.csv``; the prior and some rules were chosen with a look at it. PYTHON runs
in an environment with nomenklatura, rapidfuzz and PyICU. The people of the screening part are invented (``people.py``), apart from what the
product knows.

Parts: native (recall@1 of native among all Latin names), vowels (pairs that differ by a vowel sign and score 0.5 or more), screen (false alerts
per 1,000 strangers at the threshold that finds 99 of 100, and at the product's own; beside it the namesakes whom nobody can tell apart), cases
(F1), speed (explained pairs a second), index.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import resource
import subprocess
import time
import unicodedata
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import people
from spean.ledgers import kernel_cache
from spean.matching.index import compiled
from spean.matching.index.names import NameIndex
from spean.matching.score import births
from spean.matching.score.births import Said
from spean.matching.score.score import SCREENING, Judge
from spean.matching.score.sentence import sentences

PARTS = ("native", "vowels", "screen", "cases", "speed", "index")
PEER = r"""
import json, sys, time
work = json.load(sys.stdin)
def logic():
    from followthemoney import ValueEntity, model
    from nomenklatura.matching.logic_v2.model import LogicV2
    config, person = LogicV2.default_config(), model.get("Person")
    company, made = model.get("Company"), {}
    def entity(name, birth, kind):
        key = (name, birth, kind)
        if key not in made:
            made[key] = ValueEntity(person if kind == "person" else company, {"id": str(len(made)) + "x"})
            made[key].add("name", name)
            if birth: made[key].add("birthDate", birth)
        return made[key]
    return lambda a, b, c, d, kind: float(LogicV2.compare(entity(a, c, kind), entity(b, d, kind), config).score)
if work["do"] == "pairs":
    score = logic()
    for row in work["rows"][:5]: score(*row)
    begun = time.process_time()
    scores = [score(*row) for row in work["rows"]]
    print(json.dumps({"scores": scores, "seconds": time.process_time() - begun}))
elif work["do"] == "screen":
    from rapidfuzz import process, fuzz
    import icu
    latin = icu.Transliterator.createInstance("Any-Latin; Latin-ASCII; Lower")
    score, listed = logic(), work["list"]
    plain = [latin.transliterate(name) for name, _ in listed]
    def best(name, birth):  # the 20 nearest by letters, all that were born that day, then the scorer
        near = [at for _, _, at in process.extract(latin.transliterate(name), plain, scorer=fuzz.token_sort_ratio, limit=20)]
        near += [at for at, (_, born) in enumerate(listed) if born == birth]
        return [(score(name, listed[at][0], birth, listed[at][1], "person"), at) for at in set(near)]
    true = [max([s for s, at in best(name, birth) if at == want] or [0.0]) for name, birth, want in work["true"]]
    others = [max([s for s, _ in best(name, birth)] or [0.0]) for name, birth in work["others"]]
    print(json.dumps({"true": true, "others": others}))
else:
    from rapidfuzz import process, fuzz
    import icu
    latin = icu.Transliterator.createInstance("Any-Latin; Latin-ASCII; Lower")
    names = [name.lower() for name in work["names"]]
    begun, right = time.process_time(), 0
    for native, wanted in work["asked"]:
        found = process.extractOne(latin.transliterate(native), names, scorer=fuzz.token_sort_ratio)
        right += found[0] in wanted
    print(json.dumps({"recall": right / len(work["asked"]), "ms": (time.process_time() - begun) / len(work["asked"]) * 1e3}))
"""


def peer(python: str | None, **work: Any) -> dict[str, Any] | None:
    """What the peers answer in their own environment; None without one."""
    if python is None:
        return None
    done = subprocess.run([python, "-c", PEER], input=json.dumps(work), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def spread(took: list[float]) -> dict[str, float]:
    ordered = sorted(took)
    return {"p50_ms": round(ordered[len(ordered) // 2], 2), "p99_ms": round(ordered[len(ordered) * 99 // 100], 2)}


def timed(act: Callable[[], Any]) -> tuple[Any, float]:
    begun = time.process_time()
    found = act()
    return found, (time.process_time() - begun) * 1e3


def pairs_of(data: Path) -> dict[str, list[tuple[str, str]]]:
    """Native and Latin names of each script."""
    found: dict[str, list[tuple[str, str]]] = {"ko": [], "km": [], "my": []}
    for line in (data / "ko-latin.tsv").read_text(encoding="utf-8").splitlines():
        native, _, latin = line.partition("\t")
        found["ko"].append((native.strip(), latin.strip()))
    for line in (data / "km-latin.tsv").read_text(encoding="utf-8").splitlines():
        native, _, latin = line.replace(":", "\t", 1).partition("\t")
        found["km"].append((native.strip(), latin.strip()))
    for line in (data / "my-latin.csv").read_text(encoding="utf-8").splitlines():
        latin, native = line.split(",")[:2]
        found["my"].append((native.strip(), latin.strip()))
    return {
        script: [(a, b) for a, b in rows if a and b and b.isascii() and not a.isascii()]
        for script, rows in found.items()
    }


def held_out(native: str) -> bool:
    """Whether a name was kept from learning (scripts/names_hangul.py, scripts/brahmic_pairs.py)."""
    return zlib.crc32(native.encode()) % 10 == 0


SCRIPTS = {"ko": "HANGUL", "km": "KHMER", "my": "MYANMAR", "th": "THAI", "lo": "LAO"}


def kept_back(paths: list[Path]) -> dict[str, list[tuple[str, str]]]:
    """Names and places of files of held-out pairs, ``source⇥native⇥latin``.

    Words of dictionaries and cities abroad are left out, and places that are one word in their script and several in Latin: names of people
    are cut alike in both.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            source, one, latin = line.split("\t")
            script = next((key for key, word in SCRIPTS.items() if word in unicodedata.name(one[0], "")), "")
            if source in ("names", "hand") and script and latin.isascii() and latin.count(" ") <= one.count(" "):
                found.setdefault(script, []).append((one, latin))
    return found


def native(options: argparse.Namespace) -> dict[str, Any]:
    """Each native name among the Latin names of all scripts; right is any spelling that stands beside it in the file."""
    chance, pairs, kept = random.Random(2), pairs_of(options.data), kept_back(options.held)
    groups = dict(pairs)
    for script, rows in pairs.items():
        groups[f"{script} unseen"] = [row for row in rows if held_out(row[0])]
    groups |= {f"{script} unseen": rows for script, rows in kept.items() if script not in pairs}
    names = list(dict.fromkeys(latin for rows in groups.values() for _, latin in rows))
    index = NameIndex()
    for at, name in enumerate(names):
        index.add(str(at), name)
    index.settle()
    result: dict[str, Any] = {"names": len(names)}
    for group, rows in groups.items():
        asked, known = chance.sample(rows, min(options.asked, len(rows))), {(one, latin.lower()) for one, latin in rows}
        for one, _ in asked[:30]:
            index.search(one)
        right, among, took = 0, 0, []
        for one, latin in asked:
            hits, ms = timed(lambda one=one: index.search(one, k=10))
            took.append(ms)
            answers = [(one, hit.name.lower()) in known for hit in hits]
            right += bool(answers) and answers[0]
            among += any(answers)
            if options.wrong and not (answers and answers[0]):
                print(
                    "  wrong",
                    one,
                    "|",
                    latin,
                    "| found",
                    hits[0].name if hits else "-",
                    "| right among ten:",
                    any(answers),
                )
        result[group] = {
            "recall@1": round(right / len(asked), 3),
            "recall@10": round(among / len(asked), 3),
            **spread(took),
        }
        other = peer(
            options.peers,
            do="native",
            names=names,
            asked=[(one, [latin for native, latin in known if native == one]) for one, _ in asked],
        )
        if other is not None:
            result[group]["icu+rapidfuzz"] = {name: round(value, 3) for name, value in other.items()}
    return result


def vowels(options: argparse.Namespace) -> dict[str, Any]:
    """Different native words of one name that differ by one vowel sign, beside another word that is the same."""
    found: dict[str, Any] = {}
    for population, script in (("my", "MYANMAR"), ("km", "KHMER"), ("th", "THAI"), ("lo", "LAO")):
        signs = [
            chr(code)
            for code in range(0x0E00, 0x1800)
            if script in unicodedata.name(chr(code), "")
            and "VOWEL SIGN" in unicodedata.name(chr(code), "").replace("SARA", "VOWEL SIGN")
        ]
        chance, rows = random.Random(3), []
        while len(rows) < 300:
            one = people.native(people.person(chance, population))
            places = [at for at, char in enumerate(one) if char in signs]
            if places:
                at = chance.choice(places)
                other = one[:at] + chance.choice([sign for sign in signs if sign != one[at]]) + one[at + 1 :]
                rows.append((one, other, "", "", "person"))
        scores = Judge().pairs([row[0] for row in rows], [row[1] for row in rows]).score()
        found[population] = {"alike": round(float((scores >= 0.5).mean()), 3)}
        theirs = peer(options.peers, do="pairs", rows=rows)
        if theirs is not None:
            found[population]["logic-v2"] = round(float((np.array(theirs["scores"]) >= 0.5).mean()), 3)
    return found


def namesakes(
    listed: list[people.Person], rows: list[tuple[str, str]], strangers: list[people.Person]
) -> dict[str, float]:
    """Of 1,000 strangers those whom nobody can tell from somebody on the list: they bear the very same name, and their date agrees as far
    as the list has it, or is the slip away that a tenth of the list's wrong dates have. What raises fewer alarms than the first misses people.
    """

    def name(who: people.Person) -> tuple[str, ...]:
        return (
            *(word.latin[0] + word.native for word in who.family),
            *(word.latin[0] + word.native for word in who.given),
        )

    born: dict[tuple[str, ...], list[int]] = {}
    for who, (_, written) in zip(listed, rows, strict=True):
        born.setdefault(name(who), []).append(births.parse(written))
    same = slip = 0
    for who in strangers:
        others = np.array(born.get(name(who), [0]), np.int32)
        said = set(births.said(np.int32(births.parse(who.born.isoformat())), others).tolist())
        same += bool(said & {Said.DAY, Said.MONTH, Said.YEAR})
        slip += not said & {Said.DAY, Said.MONTH, Said.YEAR} and bool(said & {Said.SWAPPED, Said.DIGIT})
    return {"same date": round(same / len(strangers) * 1000, 1), "a slip away": round(slip / len(strangers) * 1000, 1)}


def screen(options: argparse.Namespace) -> dict[str, Any]:
    """A list of invented people, some of them as travellers, and as many strangers; beside it how many strangers are namesakes, and how far
    the populations are apart (worst by best; less than 1 of 1,000 strangers counts as 1, since fewer cannot be counted with so many)."""
    found: dict[str, Any] = {}
    for population in people.TABLES:
        chance = random.Random(f"screen {population}")
        listed = [people.person(chance, population) for _ in range(options.people)]
        index, rows = NameIndex(), []
        for at, who in enumerate(listed):
            name = people.native(who) if chance.random() < 0.5 else people.latin(who, chance, official=True)
            rows.append((name, people.written_date(who.born, chance, sure=False)))
            index.add(str(at), *rows[-1][:1], birth=rows[-1][1])
        index.settle()

        def traveller(who: people.Person, chance: random.Random = chance) -> tuple[str, str]:
            name = people.latin(who, chance) if chance.random() < 0.75 else people.native(who)
            return (people.mistyped(name, chance) if chance.random() < 0.1 else name), who.born.isoformat()

        wanted = chance.sample(range(options.people), min(1000, options.people))
        true = [(*traveller(listed[at]), at) for at in wanted]
        strangers = [people.person(chance, population) for _ in range(1000)]
        others = [traveller(who) for who in strangers]
        ours = np.array(
            [
                max([hit.bits for hit in index.search(n, birth=b, k=20) if hit.id == str(at)] or [-99.0])
                for n, b, at in true
            ]
        )
        wrong = np.array([max([hit.bits for hit in index.search(n, birth=b, k=1)] or [-99.0]) for n, b in others])
        at99 = np.quantile(ours, 0.01)
        found[population] = {
            "at_recall_0.99": round(float((wrong >= at99).mean() * 1000), 1),
            "own": {
                "recall": round(float((ours >= -SCREENING).mean()), 3),
                "false": round(float((wrong >= -SCREENING).mean() * 1000), 1),
            },
            "namesakes": namesakes(listed, rows, strangers),
        }
        theirs = peer(
            options.peers, do="screen", list=rows, true=true[: options.peer_rows], others=others[: options.peer_rows]
        )
        if theirs is not None:
            limit = np.quantile(theirs["true"], 0.01)
            found[population]["logic-v2"] = round(float((np.array(theirs["others"]) >= limit).mean() * 1000), 1)
    rates = [max(1.0, found[population]["at_recall_0.99"]) for population in people.TABLES]
    found["worst/best"] = round(max(rates) / min(rates), 1)
    return found


def f1(scores: Any, truth: Any, threshold: float) -> float:
    said = scores >= threshold
    return round(float(2 * (said & truth).sum() / max(1, said.sum() + truth.sum())), 3)


def cases(options: argparse.Namespace) -> dict[str, Any]:
    """nomenklatura's own cases."""
    with options.cases.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kinds: list[Any] = ["person" if row["schema"] == "Person" else "organisation" for row in rows]
    truth = np.array([row["is_match"] == "true" for row in rows])
    scores = Judge().pairs([row["name1"] for row in rows], [row["name2"] for row in rows], kinds).score()
    found: dict[str, Any] = {"pairs": len(rows), "F1 at 0.5": f1(scores, truth, 0.5)}
    theirs = peer(
        options.peers,
        do="pairs",
        rows=[(row["name1"], row["name2"], "", "", kind) for row, kind in zip(rows, kinds, strict=True)],
    )
    if theirs is not None:
        best = max((f1(np.array(theirs["scores"]), truth, at / 100) for at in range(30, 100, 5)), default=0.0)
        found["logic-v2"] = {"F1 at 0.7": f1(np.array(theirs["scores"]), truth, 0.7), "best": best}
    return found


def speed(options: argparse.Namespace) -> dict[str, Any]:
    """Pairs from a stock of names, half of them near, with sentences."""
    chance = random.Random(5)
    stock = [latin for rows in pairs_of(options.data).values() for _, latin in rows]
    rows = []
    for at in range(200_000):
        one = chance.choice(stock)
        rows.append(
            (
                one,
                people.mistyped(chance.choice(stock) if at % 2 else one, chance)
                if at % 4 < 2
                else chance.choice(stock),
            )
        )
    judge, result = Judge(), {}
    for run in ("first, words unknown", "again"):
        begun = time.process_time()
        for start in range(0, len(rows), 16_384):
            some = rows[start : start + 16_384]
            judged = judge.pairs([row[0] for row in some], [row[1] for row in some])
            assert len(sentences(judged)) == len(judged.score())
        result[run] = round(len(rows) / (time.process_time() - begun))
    theirs = peer(options.peers, do="pairs", rows=[(*row, "", "", "person") for row in rows[:2000]])
    if theirs is not None:
        result["logic-v2"] = round(2000 / theirs["seconds"])
    return result


def index(options: argparse.Namespace) -> dict[str, Any]:
    """Many names made of the parts of real ones; each question is one of them, mistyped, turned, or less a part."""
    chance = random.Random(7)
    stock = [latin.split() for latin in (name for _, name in pairs_of(options.data)["ko"]) if " " in latin]
    first, last = [name[0] for name in stock], [name[-1] for name in stock]
    names = [f"{chance.choice(first)} {chance.choice(last)}" for _ in range(options.names)]
    found, begun = NameIndex(), time.process_time()
    for at, name in enumerate(names):
        found.add(str(at), name, birth=f"{1950 + at % 55}-{1 + at % 12:02}-{1 + at % 28:02}")
    found.settle()
    result: dict[str, Any] = {"names": len(names), "build_s": round(time.process_time() - begun, 1),
                              "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}  # fmt: skip
    for what, with_birth in (("name only", False), ("name and birth", True)):
        right, took = 0, []
        for number in range(options.asked + 30):
            at = chance.randrange(len(names))
            asked = people.mistyped(names[at], chance) if number % 2 else " ".join(reversed(names[at].split()))
            birth = f"{1950 + at % 55}-{1 + at % 12:02}-{1 + at % 28:02}" if with_birth else ""
            hits, ms = timed(lambda asked=asked, birth=birth: found.search(asked, birth=birth, k=10))
            took.append(ms)
            right += names[at] in [hit.name for hit in hits]
        result[what] = {"recall@10": round(right / len(took), 3), **spread(took[30:])}
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, help="folder of native and Latin names")
    parser.add_argument(
        "--held", type=Path, nargs="*", default=[], help="pairs that were kept from learning, with their source"
    )
    parser.add_argument("--wrong", action="store_true", help="print what the native part found wrong")
    parser.add_argument("--cases", type=Path, help="nomenklatura's cases.csv")
    parser.add_argument("--peers", help="a Python with nomenklatura, rapidfuzz and PyICU")
    parser.add_argument("--only", nargs="*", choices=PARTS, default=PARTS)
    parser.add_argument("--people", type=int, default=3000, help="on the screening list of each population")
    parser.add_argument("--peer-rows", type=int, default=300, help="travellers that the peer screens: it is slow")
    parser.add_argument("--names", type=int, default=1_000_000, help="in the index")
    parser.add_argument("--asked", type=int, default=500, help="questions of each kind")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    compiled.load(kernel_cache.only_ours)
    result = {}
    for part in options.only:
        if (part in ("native", "speed", "index") and options.data is None) or (
            part == "cases" and options.cases is None
        ):
            continue
        result[part] = globals()[part](options)
        if not options.json:
            print(part)
            for name, value in result[part].items():
                print(f"  {name:22} {value}", flush=True)
    if options.json:
        print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
