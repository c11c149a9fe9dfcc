"""Linkage of one list: our columns and rules on Splink, beside Splink's own model for the same list, each in a process of its own.

    python bench/linkage.py --data historical_figures_with_errors_50k.parquet [--rounds N] [--json]

The list is *historical_50k* of moj-analytical-services/splink_datasets (MIT): 50,578 rows about historical people with errors,
made from Wikidata; ``cluster`` says who is who. Splink alone is the model of its published example for this list. Measured are the
best F1 over pairs that any threshold gives, and processor time from reading the list to the last pair. Goal: F1 ≥ 0.82 at
≤ 1.2 × Splink's own time.
"""

from __future__ import annotations

import argparse
import json
import logging
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

MAP = "id=unique_id,name=full_name,given=first_name,family=surname,birth=dob,place=birth_place,code=postcode_fake,same=occupation"


def best(pairs: Iterable[tuple[str, str]], clusters: dict[str, str]) -> tuple[float, float, float]:
    """Best F1 with its precision and recall, of pairs that come surest first."""
    sizes: dict[str, int] = {}
    for cluster in clusters.values():
        sizes[cluster] = sizes.get(cluster, 0) + 1
    there = sum(size * (size - 1) // 2 for size in sizes.values())
    found = (0.0, 0.0, 0.0)
    right = 0
    for told, (a, b) in enumerate(pairs, 1):
        right += clusters[a] == clusters[b]
        score = 2 * right / (told + there)
        if score > found[0]:
            found = (score, right / told, right / there)
    return found


def clusters(data: Path) -> dict[str, str]:
    import duckdb

    return dict(duckdb.sql(f"select unique_id, cluster from '{data}'").fetchall())


def ours(data: Path) -> list[tuple[str, str]]:
    from spean.batch.columns import parse
    from spean.batch.linkage import link

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        import duckdb

        duckdb.sql(f"copy (select * from '{data}') to '{path}'")
        return [(each.a, each.b) for each in link([(path, parse(MAP))])]


def splink_alone(data: Path) -> list[tuple[str, str]]:
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    api = DuckDBAPI()
    rows = api.duckdb_con.sql(f"select *, first_name || ' ' || surname as both_names from '{data}'")
    start = "substr(postcode_fake,1,3)"
    blocks = (("substr(first_name,1,3)", "substr(surname,1,4)"), ("surname", "dob"), ("first_name", "dob"),
              ("postcode_fake", "first_name"), ("postcode_fake", "surname"), ("dob", "birth_place"), (start, "dob"),
              (start, "first_name"), (start, "surname"),
              ("substr(first_name,1,2)", "substr(surname,1,2)", "substr(dob,1,4)"))  # fmt: skip
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[block_on(*each) for each in blocks],
        comparisons=[
            cl.ForenameSurnameComparison("first_name", "surname", forename_surname_concat_col_name="both_names"),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.PostcodeComparison("postcode_fake"),
            cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
            cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
        ],
        retain_intermediate_calculation_columns=False,
    )
    linker = Linker(api.register(rows), settings, log_level=logging.ERROR)
    sure = [("first_name", "surname", "dob"), ("substr(first_name,1,2)", "surname", "substr(postcode_fake,1,2)"),
            ("dob", "postcode_fake")]  # fmt: skip
    linker.training.estimate_probability_two_random_records_match([block_on(*each) for each in sure], recall=0.6)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e7, seed=1)
    for each in (("first_name", "surname"), ("dob",)):
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(*each), estimate_without_term_frequencies=True
        )
    found = linker.inference.predict().as_duckdbpyrelation()
    pairs = found.project("unique_id_l, unique_id_r, match_weight").order("match_weight desc").fetchall()
    return [(a, b) for a, b, _ in pairs]


MODELS = {"ours": ours, "Splink alone": splink_alone}


def measured(model: str, data: Path) -> dict[str, Any]:
    """One run in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--data", str(data), "--model", model], capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="the list, Parquet; without it nothing is measured")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--model", choices=MODELS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.data is None:
        print(
            "bench/linkage.py: --data names the list historical_50k of splink_datasets; nothing is measured without it"
        )
        return
    if options.model:
        begun = time.process_time()
        pairs = MODELS[options.model](options.data)
        cpu = time.process_time() - begun
        score, precision, recall = best(pairs, clusters(options.data))
        print(json.dumps({"f1": score, "precision": precision, "recall": recall, "pairs": len(pairs), "cpu": cpu}))
        return
    rounds = [{model: measured(model, options.data) for model in MODELS} for _ in range(options.rounds)]
    ratio = statistics.median(each["ours"]["cpu"] / each["Splink alone"]["cpu"] for each in rounds)
    table = {
        model: {**rounds[0][model], "cpu": statistics.median(each[model]["cpu"] for each in rounds)} for model in MODELS
    }
    if options.json:
        print(json.dumps({"models": table, "time_ratio": ratio}))
        return
    print(f"{'':14}{'F1':>8}{'precision':>11}{'recall':>9}{'pairs':>10}{'CPU s':>8}")
    for model, found in table.items():
        print(
            f"{model:14}{found['f1']:8.3f}{found['precision']:11.3f}{found['recall']:9.3f}{found['pairs']:10,}{found['cpu']:8.1f}"
        )
    print(f"\ntime: {ratio:.2f} × Splink alone (goal ≤ 1.2); F1 goal ≥ 0.82")


if __name__ == "__main__":
    main()
