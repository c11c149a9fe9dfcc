"""``spean names score``, ``spean names search`` and ``spean screen``: the contract for scripts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from spean.cli.main import main

LIST = "id,name,birth,country,kind\n1,Kim Cheol-su,1988-04-02,KR,person\n2,Chen Zhi,1990,,\n3,Golden Ficus Ltd,,,organisation\n"
ASKED = "id,name,birth\nq1,김철수,1988-04-02\nq2,陈志,1990-05-01\nq3,Nobody Here,1970-01-02\n"


def table(folder: Path, name: str, text: str | bytes) -> str:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def lines(capsys: pytest.CaptureFixture[str], *words: str) -> list[Any]:
    assert main(words) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main([*words, "--json"]) == 2
    said: dict[str, Any] = json.loads(capsys.readouterr().err)
    return said


def test_score_answers_each_row_in_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        ("Kim Cheol-su", "김철수", "person"),
        ("John Smith", "Jane Doe", ""),
        ("Siemens AG", "Siemens Aktiengesellschaft", "company"),
    ]
    path = table(tmp_path, "p.csv", "a,b,kind\n" + "".join(f"{a},{b},{kind}\n" for a, b, kind in rows))
    found = lines(capsys, "names", "score", path)
    assert [(row["a"], row["b"]) for row in found] == [row[:2] for row in rows]
    assert all(set(row) == {"a", "b", "score", "why"} for row in found)
    assert [row["score"] > 0.5 for row in found] == [True, False, True]
    assert all(row["score"] == round(row["score"], 4) for row in found)
    assert found[0]["why"].startswith("same name in another script")
    assert set(lines(capsys, "names", "score", path, "--weights")[0]["weights"]) >= {"names", "against"}


def test_columns_stand_anywhere_and_a_mark_at_the_beginning_is_no_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = table(tmp_path, "p.csv", b'\xef\xbb\xbfnote,b,a\r\n"x, ""y""",Kim,Kim\r\n\r\nz,"Lee, Min",Min Lee\r\n')
    assert [(row["a"], row["b"]) for row in lines(capsys, "names", "score", path)] == [
        ("Kim", "Kim"),
        ("Min Lee", "Lee, Min"),
    ]


def test_what_stands_beside_the_names_is_weighed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two people of one name: the document tells them apart, a slip of it still does, and what is left out says nothing."""
    held = table(
        tmp_path, "l.csv", "id,name,phone,document\n1,Sok Dara,+855 12 345 678,KH:N0123456\n2,Sok Dara,,KH:P7654321\n"
    )
    asked = table(
        tmp_path,
        "q.csv",
        "id,name,phone,document\na,Sok Dara,,KH:P7654321\nb,Sok Dara,+85512345678,\nc,Sok Dara,,KH:N0123465\nd,Sok Dara,,\n",
    )
    found = {row["query"]: row["hits"] for row in lines(capsys, "names", "search", held, asked)}
    assert [found[query][0]["id"] for query in "abc"] == ["2", "1", "1"]
    assert "same document number" in found["a"][0]["why"]
    assert "another document of the same country" in found["a"][1]["why"]
    assert "same phone number" in found["b"][0]["why"]
    assert "differs by one sign" in found["c"][0]["why"]
    assert [row["score"] for row in found["d"]] == [found["b"][1]["score"]] * 2
    assert lines(capsys, "names", "search", held, asked, "--no-why")[0]["hits"][0].keys() == {"id", "name", "score"}
    wrong = table(tmp_path, "w.csv", "id,name,phone\na,Sok Dara,12\n")
    assert "w.csv line 2" in refused(capsys, "names", "search", held, wrong)["why"]


def test_search_answers_each_query_in_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names, asked = table(tmp_path, "l.csv", LIST), table(tmp_path, "q.csv", ASKED)
    found = lines(capsys, "names", "search", names, asked, "-k", "2")
    assert [row["query"] for row in found] == ["q1", "q2", "q3"]
    assert found[0]["hits"][0]["id"] == "1"
    assert set(found[0]["hits"][0]) == {"id", "name", "score", "why"}
    assert len(found[0]["hits"]) <= 2
    assert all(
        "why" not in hit for row in lines(capsys, "names", "search", names, asked, "--no-why") for hit in row["hits"]
    )


def test_screen_says_verify_or_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = lines(capsys, "screen", table(tmp_path, "l.csv", LIST), table(tmp_path, "t.csv", ASKED))
    assert [(row["id"], row["answer"]) for row in found] == [("q1", "verify"), ("q2", "verify"), ("q3", "nothing")]
    assert found[2]["hits"] == []
    assert set(found[0]["hits"][0]) == {"id", "name", "score", "why"}


def test_screen_gives_the_answer_of_the_list_and_stops_only_on_the_day_of_birth(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = table(
        tmp_path, "l.csv", "id,name,birth,answer\n1,Katarzyna Brzezinska,1988-04-02,stop\n2,Dara Sophea,1999,protect\n"
    )
    asked = table(
        tmp_path,
        "t.csv",
        "id,name,birth\na,Katarzyna Brzezinska,1988-04-02\nb,Katarzyna Brzezinska,1988\nc,Sophea Dara,1999-01-05\n",
    )
    assert [row["answer"] for row in lines(capsys, "screen", names, asked)] == ["stop", "verify", "protect"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id,nam\n1,x\n", "missing"), ("id,name,name\n1,x,y\n", "twice"), ("", "names nothing"), ("id,name\n1\n", "line 2"),
        ("id,name,birth\n1,x,\n2,y,soon\n", "line 3"), ("id,name\n,x\n", "empty"), (b"id,name\n1,\xff\xfe\n", "UTF-8"),
        ("id,name,kind\n1,x,planet\n", "planet"), ('id,name\n1,"x\n', "no CSV"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | bytes, says: str
) -> None:
    said = refused(capsys, "names", "search", table(tmp_path, "l.csv", text), table(tmp_path, "q.csv", ASKED))
    assert says in said["why"]
    assert said["remedy"]


def test_a_list_without_file_or_with_an_unknown_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = table(tmp_path, "q.csv", ASKED)
    assert "cannot be read" in refused(capsys, "screen", str(tmp_path / "none.csv"), asked)["why"]
    wrong = table(tmp_path, "l.csv", "id,name,answer\n1,x,arrest\n")
    assert "arrest" in refused(capsys, "screen", wrong, asked)["why"]


def test_rows_before_a_bad_one_are_answered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = table(tmp_path, "l.csv", LIST)
    asked = table(tmp_path, "q.csv", "id,name,birth\nq1,Kim Cheolsu,1988\nq2,x,never\n")
    assert main(["names", "search", names, asked]) == 2
    said = capsys.readouterr()
    assert [json.loads(line)["query"] for line in said.out.splitlines()] == ["q1"]
    assert "line 3" in said.err
