"""Keep the catalogue of the pages' words complete (Babel, at build time only).

python scripts/words.py            take in new messages, drop unused ones, compile; exit 1 while something is untranslated
python scripts/words.py --check    change nothing; exit 1 if a message is missing, untranslated, fuzzy, unused or has
                                   other placeholders than its source, or if the compiled file is stale
python scripts/words.py --missing  print what is untranslated, one JSON list [context, message, plural] a line
python scripts/words.py --take F   put translations from F, JSON lines [context, message, translation, …plurals], in

Messages come from templates and Python of the pages (``_("…")``), from the declarations of procedures and closed
lists, and from the sentences that errors, alarms and agreements say (spean.web.language.finder).
"""

from __future__ import annotations

import ast
import io
import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from spean.node.node import PROCEDURES
from spean.web.language.catalogue import FOLDER, LANGUAGES, SOURCE
from spean.web.language.declared import declared, worded
from spean.web.language.finder import find

ROOT = Path(__file__).resolve().parent.parent
CODE = ROOT / "src" / "spean"
SILENT = ("cli", "demo", "api", "batch")
"""Rooms that say nothing on a page."""
TEMPLATE = FOLDER / "messages.pot"
_KEYWORDS = {
    "_": None, "gettext": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
_PLACE = re.compile(r"\{\w*\}|%\(\w+\)[sd]|%[sd]")
_JINJA = {"trimmed": "true", "silent": "false", "extensions": "jinja2.ext.do"}

Key = tuple[str, str]
_NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)
"""The same words give the same compiled file on every day."""


def sources() -> dict[str, str]:
    """The files whose sentences may reach a page."""
    paths = ((path, path.relative_to(CODE).as_posix()) for path in sorted(CODE.rglob("*.py")))
    return {name: path.read_text("utf-8") for path, name in paths if not name.startswith(SILENT)}


def template() -> Catalog:
    """All messages that the pages may show, with the files that say them."""
    catalogue = Catalog(project="Spean", fuzzy=False)
    for context, text in declared(PROCEDURES):
        _add(catalogue, context, text, "declarations")
    code = sources()
    for text, files in find(code).items():
        _add(catalogue, "sentence", text, *files)
    for kind, file in _alarm_kinds(code):
        _add(catalogue, "alarm", worded(kind), file)
    for method, pattern in (("python", "*.py"), ("jinja2.ext:babel_extract", "*.html")):
        for path in sorted((CODE / "web").rglob(pattern)):
            _extract(catalogue, method, path)
    return catalogue


def _add(catalogue: Catalog, context: str, text: str, *files: str) -> None:
    if text:
        catalogue.add(text, context=context or None, locations=[(file, None) for file in sorted(files)])


def _extract(catalogue: Catalog, method: str, path: Path) -> None:
    name = path.relative_to(CODE).as_posix()
    with path.open("rb") as file:
        for _, message, comments, context in extract(method, file, _KEYWORDS, ("Note:",), _JINJA):
            catalogue.add(message, None, [(name, None)], auto_comments=comments, context=context)


def _alarm_kinds(code: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name, text in code.items():
        if "raise_(" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "raise_" and node.args:
                kind = node.args[0]
                if isinstance(kind, ast.Constant) and isinstance(kind.value, str):
                    yield kind.value, name


def key(message: Message) -> Key:
    """Context and (singular) English text."""
    text = message.id if isinstance(message.id, str) else message.id[0]
    return (message.context or "", text)


def messages(catalogue: Catalog) -> dict[Key, Message]:
    """The messages without the catalogue's head."""
    return {key(message): message for message in catalogue if message.id}


def folder(language: str) -> Path:
    """Where the catalogue of a language lies."""
    return FOLDER / language / "LC_MESSAGES"


def read(language: str) -> Catalog:
    """The committed catalogue; an empty one when there is none yet."""
    path = folder(language) / "spean.po"
    if not path.exists():
        return Catalog(locale=language, project="Spean", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def strings(message: Message) -> tuple[str, ...]:
    """The translations: one, or one for each plural form."""
    if message.string is None:
        return ("",)
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def faults(message: Message) -> str:
    """What is wrong with a translation, in words; empty when it is good."""
    if message.fuzzy:
        return "fuzzy"
    if not all(strings(message)) or (message.pluralizable and len(strings(message)) < 2):
        return "not translated"
    source = [message.id] if isinstance(message.id, str) else list(message.id)
    wanted = {place for text in source for place in _PLACE.findall(text)}
    for text in strings(message):
        places = set(_PLACE.findall(text))
        if places != wanted and not (message.pluralizable and places <= wanted):
            return f"other placeholders: {text!r}"
    return ""


def merged(language: str, wanted: Catalog) -> Catalog:
    """The messages of ``wanted`` with the translations that we have. Dates are left out: the same words, the same file."""
    had = messages(read(language))
    new = Catalog(locale=language, project="Spean", fuzzy=False)
    for each, message in messages(wanted).items():
        old = had.get(each)
        kept = old.string if old is not None and old.pluralizable == message.pluralizable else None
        new.add(message.id, kept, message.locations, auto_comments=message.auto_comments, context=message.context)
    return new


def po_bytes(catalogue: Catalog) -> bytes:
    """The text form, in a stable order and without dates."""
    buffer = io.BytesIO()
    write_po(
        buffer, catalogue, width=0, sort_output=True, include_lineno=False, omit_header=False, ignore_obsolete=True
    )
    lines = buffer.getvalue().decode().splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(_CHANGING)).encode()


_CHANGING = ('"POT-Creation-Date', '"PO-Revision-Date', '"Generated-By', '"Last-Translator', '"Report-Msgid', "# FIRST")


def mo_bytes(catalogue: Catalog) -> bytes:
    """The compiled form of what ``po_bytes`` says."""
    buffer = io.BytesIO()
    plain = Catalog(
        locale=catalogue.locale, project="Spean", fuzzy=False, creation_date=_NO_DATE, revision_date=_NO_DATE
    )
    for message in messages(catalogue).values():
        plain.add(message.id, message.string, context=message.context)
    write_mo(buffer, plain)
    return buffer.getvalue()


def problems() -> list[str]:
    """Everything that ``--check`` complains about."""
    wanted = template()
    found = []
    for language in _languages():
        there = read(language)
        have, want = messages(there), messages(wanted)
        found += [f"{language}: missing: {each}" for each in want.keys() - have.keys()]
        found += [f"{language}: unused: {each}" for each in have.keys() - want.keys()]
        found += [f"{language}: {fault}: {key(message)}" for message in have.values() if (fault := faults(message))]
        compiled = folder(language) / "spean.mo"
        if not compiled.exists() or compiled.read_bytes() != mo_bytes(there):
            found.append(f"{language}: spean.mo is not made from spean.po: run scripts/words.py")
    return sorted(found)


def update(translations: dict[Key, tuple[str, ...]] | None = None) -> int:
    """Take new messages (and ``translations``) in, write and compile; how many remain to be translated."""
    wanted = template()
    TEMPLATE.parent.mkdir(parents=True, exist_ok=True)
    TEMPLATE.write_bytes(po_bytes(wanted))
    open_ = 0
    for language in _languages():
        catalogue = merged(language, wanted)
        for each, message in messages(catalogue).items():
            given = (translations or {}).get(each)
            if given is not None:
                message.string = given if message.pluralizable else given[0]
        folder(language).mkdir(parents=True, exist_ok=True)
        (folder(language) / "spean.po").write_bytes(po_bytes(catalogue))
        (folder(language) / "spean.mo").write_bytes(mo_bytes(read(language)))
        open_ += sum(1 for message in messages(catalogue).values() if faults(message))
    return open_


def _languages() -> list[str]:
    return [each for each in LANGUAGES if each != SOURCE]


def _missing() -> Iterator[str]:
    for language in _languages():
        for each, message in messages(merged(language, template())).items():
            if faults(message):
                plural = message.id[1] if message.pluralizable else ""
                yield json.dumps([*each, plural], ensure_ascii=False)


def _taken(path: Path) -> dict[Key, tuple[str, ...]]:
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    return {(row[0], row[1]): tuple(row[2:]) for row in rows}


def main() -> int:
    """Update, check, list or take in; the exit status."""
    if "--check" in sys.argv:
        found = problems()
        print("\n".join(found) or "complete")
        return 1 if found else 0
    if "--missing" in sys.argv:
        print("\n".join(_missing()))
        return 0
    open_ = update(_taken(Path(sys.argv[sys.argv.index("--take") + 1])) if "--take" in sys.argv else None)
    print(f"{open_} messages are to be translated: spean.po" if open_ else "complete")
    return 1 if open_ else 0


if __name__ == "__main__":
    sys.exit(main())
