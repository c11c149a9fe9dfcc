"""Key columns for linkage, made in DuckDB: folded names, their other tokens, and the parts of dates, codes and places.

A name in another script is read first (``matching.names``), once for each different name.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from spean.batch import lists
from spean.batch.columns import IDENTIFIERS, NAMES, Columns

_STAGED = "staged"
_FOLDED = "nullif(trim(regexp_replace(lower(strip_accents({0})), '[^a-z ]', '', 'g')), '')"
_TOKENS = "regexp_extract_all(lower(strip_accents({0})), '[a-z]{{3,}}')"
_EXACT = "nullif(regexp_replace(lower({0}), '[^a-z0-9@]', '', 'g'), '')"


def stage(connection: Any, files: list[tuple[Path, Columns]]) -> None:
    """Read the lists as text into one table ``staged``: ``source``, ``given_id``, the roles, ``same_0`` … Raises ``InvalidInput``."""
    import pyarrow as pa

    parts = []
    for source, (path, columns) in enumerate(files):
        read = lists.read(path, columns)
        table = {"source": pa.array([source] * read.rows, pa.int8()), "given_id": pa.array(read.ids, pa.string())}
        table |= {role: pa.array(values, pa.string()) for role, values in read.values.items()}
        parts.append(pa.table(table))
    connection.register("files", pa.concat_tables(parts))
    connection.execute(f"create table {_STAGED} as select * from files")


def read_scripts(connection: Any, columns: Columns) -> None:
    """Replace names in other scripts by their likeliest spelling in Latin letters."""
    for role in NAMES:
        if not columns.has(role):
            continue
        found = connection.sql(
            f"select distinct {role} from {_STAGED} where regexp_matches(strip_accents({role}), '[^\\x00-\\x7f]')"
        ).fetchall()
        if found:
            from spean.batch.spelling import in_latin

            connection.execute("create or replace temp table spelled (written varchar, latin varchar)")
            connection.executemany("insert into spelled values (?, ?)", [(each, in_latin(each)) for (each,) in found])
            connection.execute(f"update {_STAGED} set {role} = latin from spelled where {role} = written")


def _names(columns: Columns) -> dict[str, str]:
    tokens = _TOKENS.format("name") if columns.has("name") else "cast([] as varchar[])"
    parts = columns.has("given", "family")
    given = _FOLDED.format("given") if parts else f"{tokens}[1]"
    family = _FOLDED.format("family") if parts else f"case when len({tokens}) > 1 then {tokens}[-1] end"
    return {"tokens": tokens, "as_given": given, "family_key": family}


def _dates() -> dict[str, str]:
    written = "regexp_replace(birth, '^(\\d{4})(\\d{2})(\\d{2})$', '\\1-\\2-\\3')"  # 19900102 is read, too
    return {"birth": written, "year": "substr(birth, 1, 4)", "month_day": f"nullif(substr({written}, 6, 5), '')"}


def _codes() -> dict[str, str]:
    spaced = "lower(code)"
    return {
        "code": f"replace({spaced}, ' ', '')",
        "district": f"case when contains({spaced}, ' ') then split_part({spaced}, ' ', 1)"
        f" else substr({spaced}, 1, greatest(length({spaced}) - 2, 1)) end",
        "area": f"coalesce(nullif(regexp_extract({spaced}, '^[a-z]+'), ''), substr({spaced}, 1, 2))",
    }


def make(connection: Any, columns: Columns) -> None:
    """The table ``keyed`` that linkage reads: ``unique_id`` and the key columns of the roles that are there."""
    from spean.batch.spelling import formal

    connection.execute("create temp table shorts (short varchar, long varchar)")
    connection.executemany("insert into shorts values (?, ?)", sorted(formal().items()))
    made = dict(_names(columns)) if columns.has("name") or columns.has("given", "family") else {}
    made |= _dates() if columns.has("birth") else {}
    made |= _codes() if columns.has("code") else {}
    made |= {"place": "lower(place)"} if columns.has("place") else {}
    made |= {each: _EXACT.format(each) for each in IDENTIFIERS if columns.has(each)}
    made |= {f"same_{at}": f"same_{at}" for at in range(len(columns.same))}
    inner = ", ".join(f"{made[each]} as {each}" for each in made)
    connection.execute(f"create temp table cut as select source, given_id, {inner} from {_STAGED}")
    kept = ", ".join(each for each in made if each not in {"tokens", "as_given"})
    if "as_given" not in made:
        connection.execute(
            f"create table keyed as select row_number() over () as unique_id, source, given_id, {kept} from cut"
        )
        return
    rest = (
        "list_sort(list_distinct([coalesce(m[x], x) for x in tokens if x not in (coalesce(as_given, ''), coalesce(family_key, ''))"
        " and coalesce(m[x], x) not in (given_key, coalesce(family_key, '')) and x not in ('the', 'von', 'van', 'bin', 'binti')]))"
    )
    connection.execute(
        "create table keyed as with mapped as (select *, (select map(list(short), list(long)) from shorts) as m from cut), "
        f"named as (select *, coalesce(m[as_given], as_given) as given_key from mapped) "
        f"select row_number() over () as unique_id, source, given_id, {kept}, given_key, given_key || ' ' || family_key as whole, "
        "least(given_key, family_key) || ' ' || greatest(given_key, family_key) as either_way, "
        f"{rest} as rest, {rest}[1] as rest_1 from named"
    )
