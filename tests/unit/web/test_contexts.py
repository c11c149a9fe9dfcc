"""Templates against what they are given: each page's fields are exactly the names that its template takes; nothing inline; no bare words."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes
from jinja2.meta import find_referenced_templates

import spean.web
from spean.web.frame.pages import Page

WEB = Path(spean.web.__file__).parent
TEMPLATES = {path.name: path.read_text() for path in sorted((WEB / "templates").glob("*.html"))}
SCRIPTS = [path for path in sorted((WEB / "static").rglob("*.js")) if "vendor" not in path.parts]
LANGUAGE = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)
HOLE = "\N{OBJECT REPLACEMENT CHARACTER}"
"""Stands where a template puts in a value."""
UNSAFE = (
    "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "http://", "https://",
    "localStorage", "document.cookie",
)  # fmt: skip
"""What would make code of a text, reach elsewhere, or leave words on the machine when the browser is closed."""
SAYS = frozenset({"aria-label", "title", "placeholder", "alt", "aria-description"})
"""Attributes that a person reads or hears."""
SAME_EVERYWHERE = frozenset({"Spean", "TLP", "UTC", "Enter", "Ctrl", "Esc"})
"""Words that are the same in every language: names, marks, and what stands on keys."""


def every_page() -> list[type[Page]]:
    """All classes of pages, of every module of the room."""
    for module in pkgutil.walk_packages([str(WEB)], "spean.web."):
        importlib.import_module(module.name)
    return sorted(_below(Page), key=lambda each: each.__qualname__)


def _below(kind: type[Page]) -> Iterator[type[Page]]:
    # A dataclass with slots is made anew from the class that was written; the first one stays known and is left out.
    for each in kind.__subclasses__():
        if getattr(importlib.import_module(each.__module__), each.__name__, None) is each:
            yield each
        yield from _below(each)


@cache
def parsed(name: str) -> nodes.Template:
    return LANGUAGE.parse(TEMPLATES[name])


@cache
def reached(name: str) -> frozenset[str]:
    """The template and all that it extends, includes or imports."""
    found = {name}
    for other in find_referenced_templates(parsed(name)):
        assert other is not None, f"{name} names a template only when it is rendered"
        found |= reached(other)
    return frozenset(found)


def taken(name: str) -> set[str]:
    """The names that a template and those behind it take from ``page``."""
    found = set()
    for each in reached(name):
        for node in parsed(each).find_all(nodes.Getattr):
            if isinstance(node.node, nodes.Name) and node.node.name == "page":
                found.add(node.attr)
    return found


PAGES = every_page()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
def test_the_fields_of_a_page_are_exactly_what_its_template_takes(page: type[Page]) -> None:
    assert page.template in TEMPLATES
    whole = "base.html" in reached(page.template)  # a part that replaces another has no heading of its own
    assert taken(page.template) == {field.name for field in fields(page)} - (set() if whole else {"title"})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
def test_a_page_is_declared_as_the_others_are(page: type[Page]) -> None:
    parameters = page.__dataclass_params__  # type: ignore[attr-defined]
    assert parameters.frozen
    assert page.__doc__
    assert not page.__doc__.startswith(page.__name__ + "("), "say in a sentence what the page is"


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_page_is_never_handed_on_whole(name: str) -> None:
    """A macro is given values; with the whole page nobody could say which fields are used."""
    under_a_dot = {id(node.node) for node in parsed(name).find_all(nodes.Getattr)}
    whole = [node for node in parsed(name).find_all(nodes.Name) if node.name == "page" and id(node) not in under_a_dot]
    assert not whole, [node.lineno for node in whole]


def test_every_template_is_some_pages() -> None:
    used = frozenset().union(*(reached(page.template) for page in PAGES))
    assert set(TEMPLATES) - used == set()


class Markup(HTMLParser):
    """Reads a template's HTML: its tags, and the words that stand in it as they are."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self._inside: list[str] = []
        self.feed(_literal(source))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        self.tags.append((tag, known))
        self.texts += [value for name, value in known.items() if name in SAYS]
        if tag in ("script", "style", "kbd"):
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.texts.append(data)


def _literal(source: str) -> str:
    """What stands in the template as it is; a hole for each value, nothing for statements and comments."""
    source = re.sub(r"\{%-?\s*trans.*?endtrans\s*-?%\}", HOLE, source, flags=re.DOTALL)
    # A block that is put together for a tag holds attributes, so it is read as a tag's inside.
    source = re.sub(
        r"\{%\s*set \w+\s*%\}(\s[a-z-]+=.*?|\{% if.*?)\{%\s*endset\s*%\}", r"<i \1>", source, flags=re.DOTALL
    )
    found, inside = [], ""
    for _, token, value in LANGUAGE.lex(source):
        if token.endswith("_begin") and token != "raw_begin":
            inside = token
        elif token.endswith("_end"):
            found.append(HOLE if inside == "variable_begin" else "")
            inside = ""
        elif token == "data" and not inside:
            found.append(value)
    return "".join(found)


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_template_has_style_script_or_handlers_in_it(name: str) -> None:
    for tag, attributes in Markup(TEMPLATES[name]).tags:
        assert tag not in ("style", "iframe", "object", "embed", "base"), tag
        assert tag != "script" or attributes.get("src") == HOLE, "a script is a file of ours, named by static()"
        for attribute, value in attributes.items():
            assert attribute != "style", f"<{tag} style>"
            assert not attribute.startswith(("on", "hx-on", "hx-vals", "hx-vars")), f"<{tag} {attribute}>"
            assert not re.match(r"(?i)\s*(https?:|//|javascript:|data:)", value), f"<{tag} {attribute}={value!r}>"
            assert attribute != "target", "every page opens where it was asked for"


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_word_that_is_shown_goes_through_the_catalogue(name: str) -> None:
    words = {word for text in Markup(TEMPLATES[name]).texts for word in re.findall(r"[A-Za-z]{2,}", text)}
    assert words - SAME_EVERYWHERE == set()


@pytest.mark.parametrize("name", TEMPLATES)
def test_nothing_is_shown_unescaped(name: str) -> None:
    """``safe`` is for what the template itself put together; nothing else passes around the escaping."""
    for node in parsed(name).find_all(nodes.Filter):
        if node.name == "safe":
            assert isinstance(node.node, nodes.Name), f"line {node.lineno}"
            made = {each.target.name for each in parsed(name).find_all(nodes.AssignBlock) if isinstance(each.target, nodes.Name)}  # fmt: skip
            assert node.node.name in made, f"line {node.lineno}: {node.node.name} comes from elsewhere"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_put_text_into_the_page_and_never_code(script: Path) -> None:
    text = script.read_text()
    assert '"use strict";' in text
    for way in UNSAFE:
        assert way not in text, way
