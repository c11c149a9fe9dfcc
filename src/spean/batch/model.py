"""How two rows are compared, and which pairs are looked at: settings for Splink out of the columns that are there.

Weights are learnt from the lists themselves (Fellegi and Sunter 1969; expectation maximisation, Winkler 1988), rare values
weigh more than common ones. No column of nationality, religion or ethnicity has a role, so none can weigh.
"""

from __future__ import annotations

from typing import Any

from spean.batch.columns import IDENTIFIERS, Columns

Level = dict[str, Any]

_SAME, _CHANCE = "m_probability", "u_probability"


def _comparison(name: str, missing: str, *levels: Level) -> dict[str, Any]:
    first: Level = {"sql_condition": missing, "label_for_charts": "missing", "is_null_level": True}
    last: Level = {"sql_condition": "ELSE", "label_for_charts": "different"}
    last |= {each: round(1 - sum(level[each] for level in levels), 9) for each in (_SAME, _CHANCE)}
    return {"output_column_name": name, "comparison_levels": [first, *levels, last]}


def _level(label: str, same: float, chance: float, condition: str, rare: str = "") -> Level:
    """How often rows of one person stand on this level, and how often rows of two do so by chance: what holds until it is learnt.

    ``rare``: the column whose rare values weigh more.
    """
    made: Level = {"sql_condition": condition, "label_for_charts": label, _SAME: same, _CHANCE: chance}
    return made | ({"tf_adjustment_column": rare, "tf_adjustment_weight": 1.0} if rare else {})


def _missing(*columns: str) -> str:
    return " or ".join(f"{each}_l is null or {each}_r is null" for each in columns)


def _near(column: str, least: float) -> str:
    return f"jaro_winkler_similarity({column}_l, {column}_r) >= {least}"


def _name() -> dict[str, Any]:
    return _comparison(
        "name", _missing("given_key", "family_key"),
        _level("the same", 0.60, 0.0005, "whole_l = whole_r", "whole"),
        _level("the other way round", 0.03, 0.0003, "given_key_l = family_key_r and family_key_l = given_key_r"),
        _level("both nearly the same", 0.13, 0.0005, f"{_near('given_key', 0.9)} and {_near('family_key', 0.92)}"),
        _level("both alike", 0.04, 0.001, f"{_near('given_key', 0.8)} and {_near('family_key', 0.85)}"),
        _level("family name the same", 0.07, 0.006, "family_key_l = family_key_r", "family_key"),
        _level("given name the same", 0.06, 0.015, "given_key_l = given_key_r", "given_key"),
        _level("family name alike", 0.02, 0.01, _near("family_key", 0.88)),
        _level("given name alike", 0.02, 0.02, _near("given_key", 0.88)),
    )  # fmt: skip


def _rest() -> dict[str, Any]:
    shared = "len(list_intersect(rest_l, rest_r))"
    return _comparison(
        "other names", "rest_l is null or rest_r is null or len(rest_l) = 0 or len(rest_r) = 0",
        _level("two or more the same", 0.35, 0.0003, f"{shared} >= 2"), _level("one the same", 0.35, 0.01, f"{shared} = 1"),
    )  # fmt: skip


def _birth() -> dict[str, Any]:
    return _comparison(
        "birth", _missing("birth"),
        _level("the same day", 0.77, 0.0003, "birth_l = birth_r", "birth"),
        _level("one digit apart", 0.1, 0.002, "damerau_levenshtein(birth_l, birth_r) <= 1"),
        _level("year, and month or day", 0.05, 0.003, "year_l = year_r and (substr(month_day_l, 1, 2) = substr(month_day_r, 1, 2)"
               " or substr(month_day_l, 4, 2) = substr(month_day_r, 4, 2))"),
        _level("month and day", 0.02, 0.003, "month_day_l = month_day_r"),
        _level("the same year", 0.03, 0.02, "year_l = year_r"),
        _level("two digits apart", 0.02, 0.01, "damerau_levenshtein(birth_l, birth_r) <= 2"),
    )  # fmt: skip


def _code() -> dict[str, Any]:
    return _comparison(
        "code", _missing("code"),
        _level("the same", 0.6, 0.001, "code_l = code_r", "code"),
        _level("the same district", 0.12, 0.003, "district_l = district_r", "district"),
        _level("one sign apart", 0.05, 0.001, "damerau_levenshtein(code_l, code_r) <= 1"),
        _level("the same area", 0.1, 0.03, "area_l = area_r", "area"),
    )  # fmt: skip


def _place() -> dict[str, Any]:
    within = "contains(place_l, place_r) or contains(place_r, place_l)"
    return _comparison(
        "place", _missing("place"),
        _level("the same", 0.65, 0.02, "place_l = place_r", "place"),
        _level("nearly the same", 0.15, 0.02, f"{within} or {_near('place', 0.9)}"),
    )  # fmt: skip


def _equal(column: str) -> dict[str, Any]:
    return _comparison(column, _missing(column), _level("the same", 0.85, 0.02, f"{column}_l = {column}_r", column))


def _identifier(column: str) -> dict[str, Any]:
    apart = f"length({column}_l) > 5 and damerau_levenshtein({column}_l, {column}_r) <= 1"
    return _comparison(
        column,
        _missing(column),
        _level("the same", 0.9, 0.00001, f"{column}_l = {column}_r", column),
        _level("one sign apart", 0.04, 0.0001, apart),
    )


def comparisons(columns: Columns, *, learnt: bool) -> list[dict[str, Any]]:
    """What is compared. Unless weights are ``learnt`` from enough rows, how rare a value is in the list says nothing."""
    found = _all(columns)
    for level in () if learnt else (level for each in found for level in each["comparison_levels"]):
        level.pop("tf_adjustment_column", None)
        level.pop("tf_adjustment_weight", None)
    return found


def _all(columns: Columns) -> list[dict[str, Any]]:
    found = []
    if named(columns):
        found += [_name(), _rest()] if columns.has("name") else [_name()]
    found += [made() for role, made in (("birth", _birth), ("code", _code), ("place", _place)) if columns.has(role)]
    found += [_identifier(each) for each in IDENTIFIERS if columns.has(each)]
    return found + [_equal(f"same_{at}") for at in range(len(columns.same))]


def named(columns: Columns) -> bool:
    """Whether given and family names are known, at least by their place in the name."""
    return columns.has("name") or columns.has("given", "family")


_BLOCKS = (
    ("substr(given_key,1,3)", "substr(family_key,1,4)"), ("family_key", "birth"), ("given_key", "birth"),
    ("code", "given_key"), ("code", "family_key"), ("birth", "place"), ("area", "birth"), ("district", "given_key"),
    ("district", "family_key"), ("substr(given_key,1,2)", "substr(family_key,1,2)", "year"),
    ("given_key", "year", "place"), ("family_key", "place"), ("given_key", "month_day", "area"), ("birth", "same_0"),
    ("code", "year"), ("rest_1", "given_key", "year"), ("rest_1", "birth"), ("rest_1", "district"),
    ("either_way",),
    *((each,) for each in IDENTIFIERS),
)  # fmt: skip
"""A pair is looked at if all expressions of one line are equal in both rows."""

_SURE = (("given_key", "family_key", "birth"), ("birth", "code"), ("substr(given_key,1,2)", "family_key", "area"),
         *((each,) for each in IDENTIFIERS))  # fmt: skip
"""Pairs that nearly always are one: from their number follows how many there are at all."""

_LEARN = (("given_key", "family_key"), ("birth",), *((each,) for each in IDENTIFIERS), ("code",))
"""Pairs from which the weights of all other columns are learnt; two of these are enough."""


def _bases(expression: str) -> str:
    return expression.removeprefix("substr(").split(",")[0]


def available(columns: Columns) -> set[str]:
    """The key columns that are there."""
    found = {"given_key", "family_key", "whole", "either_way"} if named(columns) else set()
    found |= {"rest_1"} if columns.has("name") else set()
    found |= {"birth", "year", "month_day"} if columns.has("birth") else set()
    found |= {"code", "district", "area"} if columns.has("code") else set()
    found |= {"place"} if columns.has("place") else set()
    return (
        found | {each for each in IDENTIFIERS if columns.has(each)} | {f"same_{at}" for at in range(len(columns.same))}
    )


def _fitting(lines: tuple[tuple[str, ...], ...], there: set[str]) -> list[tuple[str, ...]]:
    return [line for line in lines if all(_bases(each) in there for each in line)]


def blocks(columns: Columns) -> list[tuple[str, ...]]:
    return _fitting(_BLOCKS, available(columns))


def sure(columns: Columns) -> list[tuple[str, ...]]:
    return _fitting(_SURE, available(columns))


def learn(columns: Columns) -> list[tuple[str, ...]]:
    return _fitting(_LEARN, available(columns))[:2]
