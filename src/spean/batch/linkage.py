"""Which rows of one list, or of two, are the same person or thing: Splink on DuckDB over our key columns.

A list is compared within itself, two lists with each other only. What comes out are candidates with a probability (D8).
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from spean.batch import keys, model
from spean.batch.closing import implied
from spean.batch.columns import Columns
from spean.core.errors import Unavailable

ENOUGH = 3.0
"""Bits of evidence (8 to 1) from which a pair joins two groups of rows."""
CONTRADICTED = -4.0
"""A pair that was looked at and has less is not one that follows from others."""
_FLOOR = -7.0
"""Bits below which a pair is not told: less than 1 in 100."""
_SAMPLE = 300_000
"""Random pairs from which chance agreement is learnt."""
_ENOUGH_ROWS = 2_000
"""Rows from which weights are learnt; fewer are judged by those that the model begins with."""
_LEAST_ROWS = 100
"""A shorter list is judged as if it had so many: that it is short says little about whom else a name fits."""
_SEED = 1


class Pair(NamedTuple):
    """Two rows by their id, the probability that they are one, and whether that follows from other pairs only."""

    a: str
    b: str
    probability: float
    implied: bool


def probability(bits: float) -> float:
    """Of evidence in bits (log2 of the odds), within (0, 1)."""
    return 1.0 / (1.0 + math.exp2(-max(-60.0, min(60.0, bits))))


def link(files: list[tuple[Path, Columns]], *, least: float = 0.01, joined: bool = True) -> Iterator[Pair]:
    """Pairs of probability ``least`` or more, surest first. ``joined``: with pairs that follow from others.

    Raises ``InvalidInput`` for a file or column that does not fit, ``Unavailable`` without the extra ``linkage``.
    """
    linker = _splink()
    api = linker.DuckDBAPI()
    connection = api.duckdb_con
    columns = files[0][1]
    keys.stage(connection, files)
    keys.read_scripts(connection, columns)
    keys.make(connection, columns)
    edges = _predicted(linker, api, columns, two=len(files) > 1)
    names = [str(each) for (each,) in connection.sql("select given_id from keyed order by unique_id").fetchall()]
    for unlikely, a, b, follows in _closed(edges, joined and len(files) == 1):
        if (certain := probability(-unlikely)) >= least:
            yield Pair(names[a - 1], names[b - 1], certain, follows)


def _splink() -> Any:
    try:
        import splink
    except ImportError as error:
        raise Unavailable("linkage of whole lists is not installed", remedy="pip install 'spean[linkage]'") from error
    return splink


def _predicted(splink: Any, api: Any, columns: Columns, *, two: bool) -> list[tuple[int, int, float]]:
    """Unique ids of each pair that was looked at, with its evidence in bits; surest first."""
    connection = api.duckdb_con
    rows = int(connection.sql("select count(*) from keyed").fetchall()[0][0])
    settings = splink.SettingsCreator(
        link_type="link_only" if two else "dedupe_only",
        blocking_rules_to_generate_predictions=[splink.block_on(*each) for each in model.blocks(columns)],
        comparisons=model.comparisons(columns, learnt=rows >= _ENOUGH_ROWS),
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=False,
        probability_two_random_records_match=1 / max(_LEAST_ROWS, rows),
    )
    sources = [0, 1] if two else [0]
    tables = []
    for source in sources:
        connection.execute(
            f"create table list_{source} as select * exclude (source, given_id) from keyed where source = {source}"
        )
        tables.append(api.register(f"list_{source}"))
    linker = splink.Linker(tables if two else tables[0], settings, log_level=logging.ERROR)
    if rows >= _ENOUGH_ROWS:
        _train(splink, linker, columns)
    found = linker.inference.predict(threshold_match_weight=_FLOOR).as_duckdbpyrelation()
    pairs: list[tuple[int, int, float]] = (
        found.project(
            "least(unique_id_l, unique_id_r) as a, greatest(unique_id_l, unique_id_r) as b, match_weight as w"
        )
        .order("w desc, a, b")
        .fetchall()
    )
    return pairs


def _train(splink: Any, linker: Any, columns: Columns) -> None:
    from splink.internals.exceptions import EMTrainingException

    sure = [splink.block_on(*each) for each in model.sure(columns)]
    if sure:
        linker.training.estimate_probability_two_random_records_match(sure, recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=_SAMPLE, seed=_SEED, num_chunks=1)
    for each in model.learn(columns):
        with suppress(EMTrainingException):  # no two rows agree there: what the model begins with stands
            linker.training.estimate_parameters_using_expectation_maximisation(
                splink.block_on(*each), estimate_without_term_frequencies=True, max_pairs=_SAMPLE
            )


def _closed(edges: list[tuple[int, int, float]], joined: bool) -> list[tuple[float, int, int, bool]]:
    """The pairs with their best evidence, surest first; the last value says that it follows from others only."""
    best = {(a, b): bits for a, b, bits in edges}
    follows: dict[tuple[int, int], float] = {}
    for a, b, bits in implied(edges, ENOUGH) if joined else ():
        own = best.get((a, b))
        if own is None or CONTRADICTED < own < bits:
            follows[a, b] = bits
    told = [(-bits, a, b, False) for a, b, bits in edges if (a, b) not in follows]
    told += [(-bits, a, b, True) for (a, b), bits in follows.items()]
    told.sort()
    return told
