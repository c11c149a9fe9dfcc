"""Lists of invented people: the same ones are found, others are not, and bad input is refused with its remedy."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spean.batch.closing import MOST_MEMBERS, implied
from spean.batch.columns import Columns, check, parse
from spean.batch.linkage import link, probability
from spean.cli.main import main
from spean.core.errors import InvalidInput

pytest.importorskip("splink")

SMALL = """no,who,dob,city
1,Sok Dara,1990-01-02,Kandal
2,Dara Sok,1990-01-02,kandal
3,Lim Mei,19850505,Johor
4,Lim Mey,1985-05-05,Johor Bahru
5,Nguyen Van An,1970,Hue
6,Sok Dara,1961-11-30,Takeo
"""
MAP = "id=no,name=who,birth=dob,place=city"


def written(folder: Path, text: str, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def pairs(path: Path, text: str = MAP, **options: bool) -> dict[tuple[str, str], float]:
    return {
        (min(each.a, each.b), max(each.a, each.b)): each.probability for each in link([(path, parse(text))], **options)
    }


def test_few_rows_are_judged_by_what_the_model_begins_with(tmp_path: Path) -> None:
    found = pairs(written(tmp_path, SMALL))
    assert found["1", "2"] > 0.99  # the other way round, born the same day
    assert found["3", "4"] > 0.9  # one vowel apart, born the same day
    assert found.get(("1", "6"), 0) < 0.5  # the same name, born decades apart
    assert not any("5" in pair for pair in found)


def test_a_name_is_found_in_another_script(tmp_path: Path) -> None:
    rows = "no,who,dob\n1,陈志,1987-12-16\n2,Chen Zhi,1987-12-16\n3,김철수,1970-03-03\n4,Kim Cheolsu,1970-03-03\n5,Vann Molyvann,1926-11-23\n"
    found = pairs(written(tmp_path, rows), "id=no,name=who,birth=dob")
    assert found["1", "2"] > 0.9
    assert found["3", "4"] > 0.9
    assert len([each for each in found.values() if each > 0.5]) == 2


def test_two_lists_are_compared_with_each_other_only(tmp_path: Path) -> None:
    one = written(tmp_path, "no,who,dob\na,Sok Dara,1990-01-02\nb,Sok Dara,1990-01-02\n", "one.csv")
    other = written(tmp_path, "no,who,dob\nc,Dara Sok,1990-01-02\nd,Lim Mei,1985-05-05\n", "other.csv")
    columns = parse("id=no,name=who,birth=dob")
    found = {(each.a, each.b) for each in link([(one, columns), (other, columns)]) if each.probability > 0.5}
    assert found == {("a", "c"), ("b", "c")}


def invented(count: int, seed: int) -> tuple[str, dict[str, int]]:
    """People of made-up names, each in one to four rows with errors; who is who by row."""
    chance = random.Random(seed)
    syllables = [
        "da",
        "ra",
        "so",
        "kun",
        "mei",
        "lin",
        "tho",
        "vi",
        "an",
        "bo",
        "chan",
        "ny",
        "pha",
        "rith",
        "sam",
        "var",
    ]
    rows, who = ["no,given,family,dob,code,city"], {}
    for person in range(count):
        given = "".join(chance.choices(syllables, k=2))
        family = "".join(chance.choices(syllables, k=chance.randint(1, 3)))
        birth = f"{chance.randint(1950, 2004)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
        code, city = f"k{chance.randint(1, 60)} {chance.randint(100, 999)}", chance.choice(syllables) + "ville"
        for _ in range(chance.randint(1, 4)):
            number = f"r{len(rows)}"
            who[number] = person
            typed = [given, family, birth, code, city]
            for at in range(5):
                if chance.random() < 0.15:
                    typed[at] = ""
                elif chance.random() < 0.15:
                    place = chance.randrange(len(typed[at]))
                    typed[at] = typed[at][:place] + chance.choice("aeiou1") + typed[at][place + 1 :]
            rows.append(",".join((number, *typed)))
    return "\n".join(rows) + "\n", who


def test_weights_are_learnt_from_many_rows_and_what_follows_is_told_as_such(tmp_path: Path) -> None:
    text, who = invented(1_200, 3)
    found = list(
        link([(written(tmp_path, text), parse("id=no,given=given,family=family,birth=dob,code=code,place=city"))])
    )
    sure = [each for each in found if each.probability > 0.9]
    right = sum(who[each.a] == who[each.b] for each in sure)
    groups: dict[int, int] = {}
    for person in who.values():
        groups[person] = groups.get(person, 0) + 1
    there = sum(size * (size - 1) // 2 for size in groups.values())
    assert right / len(sure) > 0.97
    assert right / there > 0.7  # a third of all cells is empty or wrong
    assert any(each.implied for each in sure)
    assert [each.probability for each in found] == sorted((each.probability for each in found), reverse=True)


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(1, 30), st.floats(-5, 20)), max_size=80))
def test_every_pair_of_a_group_is_told_once_with_the_weakest_link_of_its_surest_way(
    edges: list[tuple[int, int, float]],
) -> None:
    kept = sorted(((a, b, w) for a, b, w in edges if a != b), key=lambda edge: -edge[2])
    best: dict[tuple[int, int], float] = {}
    for a, b, w in kept:
        if w >= 0:
            pair = (min(a, b), max(a, b))
            best[pair] = max(best.get(pair, w), w)
    for middle in range(1, 31):  # the widest way from each to each (Floyd)
        for a in range(1, 31):
            for b in range(a + 1, 31):
                ways = [best.get((min(x, middle), max(x, middle))) for x in (a, b)]
                if middle not in (a, b) and None not in ways:
                    best[a, b] = max(best.get((a, b), -1.0), min(float(w) for w in ways if w is not None))
    found = list(implied(kept, 0.0))
    assert {(a, b): w for a, b, w in found} == best
    assert len(found) == len(best)


def test_a_group_does_not_grow_without_end() -> None:
    chain = [(each, each + 1, 9.0) for each in range(1, 2_000)]
    sizes: dict[int, set[int]] = {}
    for a, b, _ in implied(chain, 3.0):
        sizes.setdefault(a, {a}).add(b)
    assert max(map(len, sizes.values())) <= MOST_MEMBERS


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("name", "columns"), ("who=name", "columns"), ("name=", "columns"), ("name=a,name=b", "columns"),
    ],
)  # fmt: skip
def test_columns_that_say_nothing_are_refused(text: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse(text)
    assert refused.value.field == field
    assert refused.value.remedy


def test_roles_may_stand_in_a_file(tmp_path: Path) -> None:
    path = written(tmp_path, 'id = "no"\nname = "who"\nsame = ["a", "b"]\n', "map.toml")
    assert parse(str(path)) == Columns({"id": "no", "name": "who"}, ("a", "b"))
    with pytest.raises(InvalidInput, match="lines of role"):
        parse(str(written(tmp_path, "id = ", "bad.toml")))


def test_what_is_not_there_is_named() -> None:
    with pytest.raises(InvalidInput, match="no column 'dob'"):
        check(parse("name=who,birth=dob"), "list.csv", ["who"])
    with pytest.raises(InvalidInput, match="nothing says who is meant"):
        check(parse("birth=dob"), "list.csv", ["dob"])


def test_ids_are_all_different(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="line 3: '1' stands in an earlier row"):
        list(link([(written(tmp_path, "no,who\n1,Sok Dara\n1,Lim Mei\n"), parse("id=no,name=who"))]))
    with pytest.raises(InvalidInput, match="line 2: is empty"):
        list(link([(written(tmp_path, "no,who\n,Sok Dara\n1,Lim Mei\n"), parse("id=no,name=who"))]))


@pytest.mark.parametrize("raw", [b"no,who\n1,\xff\xfe\n", b'no,who\n1,"Sok\n', b"no,who\n1,a,b,c\n"])
def test_a_broken_file_is_refused(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "broken.csv"
    path.write_bytes(raw)
    with pytest.raises(InvalidInput):
        list(link([(path, parse("id=no,name=who"))]))


@pytest.mark.parametrize("rows", ["", "1,Sok Dara\n", "1,\n2,\n"])
def test_a_list_without_pairs_has_none(tmp_path: Path, rows: str) -> None:
    assert list(link([(written(tmp_path, "no,who\n" + rows), parse("id=no,name=who"))])) == []


def test_the_command_prints_a_pair_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["link", str(written(tmp_path, SMALL)), "--columns", MAP, "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {(each["a"], each["b"]) for each in lines} >= {("1", "2"), ("3", "4")}
    assert set(lines[0]) == {"a", "b", "probability", "implied"}
    assert main(["link", "none.csv", "--columns", MAP]) != 0
    assert "none.csv" in capsys.readouterr().err


@given(st.floats(allow_nan=False))
def test_a_probability_is_one(bits: float) -> None:
    assert 0 < probability(bits) <= 1
