"""The finder reads what errors, alarms and clauses say, whatever way the text takes to them."""

from __future__ import annotations

import pytest

from spean.web.language.finder import MOST, find

HEAD = "class SpeanError(Exception): ...\nclass Refusal(SpeanError): ...\n"


def found(code: str, path: str = "room/file.py") -> set[str]:
    return set(find({"core/errors.py": HEAD, path: code}))


@pytest.mark.parametrize(
    ("code", "sentences"),
    [
        ("raise Refusal('R1', 'no way', remedy='ask')", {"no way", "ask"}),
        ("raise Refusal('R1', f'{a} is {b.c}', remedy='')", {"{0} is {1}"}),
        ("raise Refusal('R1', f'{a} {\"is\" if x else \"are\"} out', remedy='')", {"{0} is out", "{0} are out"}),
        ("raise Refusal('R1', f'since {a or \"long ago\"}', remedy='')", {"since {0}", "since long ago"}),
        ("def f():\n    text = f'late by {x}'\n    alarms.raise_('k', 'key', 'warning', text, 5)", {"late by {0}"}),
        ("WAY = 'the usual way'\nraise Refusal('R1', f'use {WAY}', remedy='')", {"use the usual way"}),
        (
            "def bad(why):\n    return Refusal('R1', why, remedy='ask')\nbad('too much of it')",
            {"too much of it", "ask"},
        ),
        ("raise Refusal('R1', words(), remedy='')\ndef words():\n    return f'{x} said so'", {"{0} said so"}),
        (
            "raise Refusal('R1', _T[k], remedy='')\n_T = {'a': 'first text', 'b': 'second text'}",
            {"first text", "second text"},
        ),
        ("raise ValueError('it is too short')", {"it is too short"}),
        ("class Odd(Refusal): ...\nraise Odd('an odd thing')", {"an odd thing"}),
        ("raise Refusal('R1', 'a {brace}', remedy='')", {"a {{brace}}"}),
        ("raise KeyError('for programmers only')", set()),
        ("log('not said to anybody')", set()),
        ("raise Refusal('R26', f'{a}', remedy='')", set()),
    ],
)
def test_what_is_said_is_found(code: str, sentences: set[str]) -> None:
    assert found(code) == sentences


def test_a_parameter_that_takes_few_plain_texts_is_spelled_out() -> None:
    code = (
        "def _no(what, value):\n    return Refusal('R1', f'{what} {value} is not admitted', remedy='')\n"
        "_no('purpose', p)\n_no('data', d)\n"
    )
    assert found(code) == {"purpose {0} is not admitted", "data {0} is not admitted", "purpose", "data"}


def test_a_text_that_goes_to_another_file_is_followed() -> None:
    sources = {
        "core/errors.py": HEAD,
        "core/say.py": "def no(why):\n    raise Refusal('R1', why, remedy='')",
        "node/act.py": "from spean.core.say import no\nno(f'{x} cannot act')",
    }
    assert find(sources) == {"{0} cannot act": {"node/act.py"}}


def test_a_file_of_words_is_taken_whole_but_its_docstrings() -> None:
    code = '"""A docstring here."""\n_A = {"k": "draft"}\ndef f(x):\n    """And one here."""\n    return True, f"it is {x}"'
    assert found(code, "agreements/explain.py") == {"draft", "it is {0}"}


def test_choices_are_bounded() -> None:
    choice = '{"aa" if x else "bb"}'
    assert len(found(f"raise Refusal('R1', f'so {choice * 8}', remedy='')")) == MOST
