"""Finds the sentences that the code says to people, in its syntax tree, for the catalogue (build time and tests).

A sentence is what reaches an error (``Refusal("R26", why, remedy=…)``), an alarm, a decision or a clause of an
agreement. An f-string becomes a pattern: ``f"{node} is no partner"`` → ``{0} is no partner``. Where the code chooses
between words (``'is' if one else 'are'``) each choice gives a pattern of its own. Names are followed to their
assignments, calls to the functions of the same file, and parameters back to the callers.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product

HOLE = None
"""A place where a value stands."""
MOST = 24
"""Readings of one expression that are kept: enough for all in the code (a test sees that none is cut)."""

_FEW = 6
"""Different texts that a parameter may take to be spelled out."""

Reading = tuple[str | None, ...]

_SKIPPED = {
    "Refusal": 1,
    "InvalidInput": 1,
    "StepFailed": 1,
    "raise_": 3,
    "Clause": 3,
    "Notice": 1,
    "Rejected": 3,
    "replace": 9,
}
"""Leading arguments that are no sentence: a rule's number, a field's name, an alarm's kind, key and severity."""
_TAKEN = {"raise_": 4}
_SPEAKING = ("raise_", "Decision", "Clause", "Route", "Incomplete", "Notice", "Rejected", "replace", "refused")
_WORDED = frozenset({"why", "remedy", "what", "text", "reason", "says"})
_NUMBER = re.compile(r"[A-Z]\d+|[a-z]+(-\{\d\}|[._]\S*)|/\S*")
"""What looks like a text and is a rule's number, a name in the code or a path."""
_WHOLE = ("agreements/explain.py", "agreements/differences.py", "procedures/permissions.py", "procedures/clocks.py")
"""Files whose every text is for people."""


@dataclass(slots=True)
class _File:
    """One source file: its tree, functions and the names given to values in it."""

    path: str
    tree: ast.Module
    functions: dict[str, list[ast.FunctionDef]] = field(default_factory=dict)
    constants: dict[str, list[ast.expr]] = field(default_factory=dict)
    imported: dict[str, str] = field(default_factory=dict)
    """Name → the path of the file that it comes from."""
    modules: dict[str, str] = field(default_factory=dict)
    """Name → the path of the file that it is, when it is a module."""


@dataclass(slots=True)
class _Search:
    """What is known while searching: the names of errors, and which parameters of which functions are said."""

    files: list[_File]
    errors: set[str]
    speakers: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """(path, function or class) → its parameters that reach a person."""
    tellers: set[tuple[str, str]] = field(default_factory=set)
    """(path, function) whose return value reaches a person."""
    found: dict[str, set[str]] = field(default_factory=dict)


def find(sources: dict[str, str]) -> dict[str, set[str]]:
    """Sentence or pattern → the files that say it. ``sources`` maps paths such as ``node/entry/people.py`` to their text."""
    files = [_file(path, text) for path, text in sources.items()]
    search = _Search(files, _error_names(files))
    while True:
        before = (sum(map(len, search.speakers.values())), len(search.tellers))
        search.found.clear()
        for file in files:
            _search_file(search, file)
        if (sum(map(len, search.speakers.values())), len(search.tellers)) == before:
            return search.found


def _file(path: str, text: str) -> _File:
    file = _File(path, ast.parse(text))
    for node in ast.walk(file.tree):
        if isinstance(node, ast.FunctionDef):
            file.functions.setdefault(node.name, []).append(node)
        elif isinstance(node, ast.ImportFrom) and node.module is not None and node.module.startswith("spean."):
            path_of = node.module.removeprefix("spean.").replace(".", "/") + ".py"
            file.imported.update((each.asname or each.name, path_of) for each in node.names)
            folder = path_of.removesuffix(".py")
            file.modules.update((each.asname or each.name, f"{folder}/{each.name}.py") for each in node.names)
    for statement in file.tree.body:
        _assigned(statement, file.constants)
    return file


def _error_names(files: Iterable[_File]) -> set[str]:
    bases = {"SpeanError", "ValueError"}  # a lower room's ValueError is the reason of a higher room's error
    classes = [node for file in files for node in ast.walk(file.tree) if isinstance(node, ast.ClassDef)]
    while True:
        more = {each.name for each in classes if any(getattr(base, "id", "") in bases for base in each.bases)}
        if more <= bases:
            return bases
        bases |= more


def _assigned(node: ast.AST, into: dict[str, list[ast.expr]]) -> None:
    """Note the values that names get in one statement."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            _pair(target, node.value, into)
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr | ast.AugAssign) and node.value is not None:
        _pair(node.target, node.value, into)


def _pair(target: ast.expr, value: ast.expr, into: dict[str, list[ast.expr]]) -> None:
    if isinstance(target, ast.Name):
        into.setdefault(target.id, []).append(value)
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        for each, part in zip(target.elts, value.elts, strict=True):
            _pair(each, part, into)
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.IfExp):
        _pair(target, value.body, into)
        _pair(target, value.orelse, into)
    elif isinstance(target, ast.Attribute):
        into.setdefault(f".{target.attr}", []).append(value)


class _Scope:
    """One function (or a file's top level) while its sentences are read."""

    def __init__(self, search: _Search, file: _File, node: ast.FunctionDef | ast.Module, owner: str) -> None:
        self.search = search
        self.file = file
        self.node = node
        self.owner = owner
        self.names: dict[str, list[ast.expr]] = {}
        self.parameters: tuple[str, ...] = ()
        if isinstance(node, ast.FunctionDef):
            arguments = node.args
            listed = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
            self.parameters = tuple(each.arg for each in listed)
        for inner in _own(node):
            _assigned(inner, self.names)

    def say(self, expression: ast.expr) -> None:
        """The value of ``expression`` reaches a person: keep its readings."""
        plain = isinstance(expression, ast.Constant)
        for reading in self.readings(expression, frozenset()):
            pattern = _pattern(reading)
            if pattern and (plain or " " in pattern) and _NUMBER.fullmatch(pattern) is None:
                self.search.found.setdefault(pattern, set()).add(self.file.path)

    def readings(self, node: ast.expr, seen: frozenset[str]) -> list[Reading]:
        """Every way in which the expression may read, at most ``MOST``."""
        if isinstance(node, ast.Constant):
            return [(node.value,)] if isinstance(node.value, str) else [(HOLE,)]
        if isinstance(node, ast.JoinedStr):
            return _joined([self.readings(part, seen) for part in node.values])
        if isinstance(node, ast.FormattedValue):
            inner = self.readings(node.value, seen)
            return inner if node.conversion == -1 and node.format_spec is None else [(HOLE,)]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return _joined([self.readings(node.left, seen), self.readings(node.right, seen)])
        if isinstance(node, ast.IfExp):
            return _distinct([*self.readings(node.body, seen), *self.readings(node.orelse, seen)])
        if isinstance(node, ast.BoolOp):
            return _distinct([each for value in node.values for each in self.readings(value, seen)])
        if isinstance(node, ast.Name):
            return self._name(node.id, seen)
        if isinstance(node, ast.Call):
            return self._call(node, seen)
        if isinstance(node, ast.Subscript):
            return self._element(node, seen)
        return [(HOLE,)]

    def _name(self, name: str, seen: frozenset[str]) -> list[Reading]:
        values = self.names.get(name) or self.file.constants.get(name)
        if name in self.parameters:
            self.search.speakers.setdefault((self.file.path, self.owner), set()).add(name)
            values = values or self._passed(name)
        if not values or name in seen or len(values) > 8:
            return [(HOLE,)]
        return _distinct([each for value in values for each in self.readings(value, seen | {name})])

    def _passed(self, parameter: str) -> list[ast.expr]:
        """What the calls in this file pass to our own private function, when all of them pass a few plain texts."""
        if not self.owner.startswith("_") or self.owner.startswith("__"):
            return []
        given: list[ast.expr] = []
        for node in ast.walk(self.file.tree):
            if isinstance(node, ast.Call) and _called(node) == self.owner:
                given += _argument(node, self.parameters, parameter)
        texts = [each for each in given if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        return list(texts) if len(texts) == len(given) and len({each.value for each in texts}) <= _FEW else []

    def _call(self, node: ast.Call, seen: frozenset[str]) -> list[Reading]:
        name = _called(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "join":
            self._joined_parts(node)
        elif name in self.file.functions:
            self.search.tellers.add((self.file.path, name))
        elif isinstance(node.func, ast.Name) and name in self.file.imported:
            self.search.tellers.add((self.file.imported[name], name))
        return [(HOLE,)]

    def _joined_parts(self, node: ast.Call) -> None:
        for argument in node.args:
            if isinstance(argument, ast.GeneratorExp | ast.ListComp):
                self.say(argument.elt)

    def _element(self, node: ast.Subscript, seen: frozenset[str]) -> list[Reading]:
        """A value out of a table whose values are texts; the beginning of a text that is cut."""
        if isinstance(node.slice, ast.Slice):
            return self.readings(node.value, seen) if isinstance(node.value, ast.Name) else [(HOLE,)]
        for value in self._tables(node.value):
            for each in value.values:
                if each is not None:
                    self.say(each)
        return [(HOLE,)]

    def _tables(self, node: ast.expr) -> Iterator[ast.Dict]:
        if isinstance(node, ast.Dict):
            yield node
        elif isinstance(node, ast.Name):
            for value in self.names.get(node.id, []) + self.file.constants.get(node.id, []):
                if isinstance(value, ast.Dict):
                    yield value


def _argument(node: ast.Call, parameters: tuple[str, ...], wanted: str) -> list[ast.expr]:
    """The value that a call gives to the parameter ``wanted``."""
    bound = parameters[1:] if parameters[:1] in (("self",), ("cls",)) else parameters
    by_place = [value for parameter, value in zip(bound, node.args, strict=False) if parameter == wanted]
    return by_place + [each.value for each in node.keywords if each.arg == wanted]


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function or file without those of the functions inside it."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child
            yield from _own(child)


def _search_file(search: _Search, file: _File) -> None:
    _search_scope(_Scope(search, file, file.tree, ""))
    for owner, node in _functions(file.tree, ""):
        _search_scope(_Scope(search, file, node, owner))


def _functions(node: ast.AST, inside: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Every function with the name by which it is called: a class's own name for its ``__init__``."""
    for child in ast.iter_child_nodes(node):
        within = child.name if isinstance(child, ast.ClassDef) else inside
        if isinstance(child, ast.FunctionDef):
            yield (inside if child.name == "__init__" else child.name), child
        yield from _functions(child, within)


def _search_scope(scope: _Scope) -> None:
    tells = isinstance(scope.node, ast.FunctionDef) and (scope.file.path, scope.node.name) in scope.search.tellers
    whole = scope.file.path.endswith(_WHOLE)
    for node in _own(scope.node):
        if isinstance(node, ast.Call):
            for argument in _said(scope.search, scope.file, node):
                scope.say(argument)
        elif isinstance(node, ast.Return | ast.Yield) and tells and node.value is not None:
            for value in node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]:
                scope.say(value)
    if whole:
        for text in _texts(scope.node):
            scope.say(text)


def _said(search: _Search, file: _File, node: ast.Call) -> Iterator[ast.expr]:
    """The arguments of a call that reach a person."""
    name = _called(node)
    if name in search.errors or name in _SPEAKING:
        yield from node.args[_SKIPPED.get(name, 0) : _TAKEN.get(name)]
        yield from (each.value for each in node.keywords if each.arg in _WORDED)
    elif name == "__init__" and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Call):
        yield from (*node.args[:1], *(each.value for each in node.keywords if each.arg in _WORDED))
    else:
        yield from _spoken(search, file, node, name)


def _spoken(search: _Search, file: _File, node: ast.Call, name: str) -> Iterator[ast.expr]:
    """The arguments of a call to one of our own functions that says them."""
    path = file.path if name in file.functions else file.imported.get(name, file.path)
    if isinstance(node.func, ast.Attribute):
        owner = getattr(node.func.value, "id", "")
        path = file.path if owner in ("self", "cls") else file.modules.get(owner, "")
    said = search.speakers.get((path, name))
    if not said:
        return
    yield from (each.value for each in node.keywords if each.arg in said)
    definitions = [each for one in search.files if one.path == path for each in one.functions.get(name, ())]
    for definition in definitions:
        parameters = [each.arg for each in (*definition.args.posonlyargs, *definition.args.args)]
        bound = parameters[1:] if parameters[:1] in (["self"], ["cls"]) else parameters
        yield from (value for parameter, value in zip(bound, node.args, strict=False) if parameter in said)


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Name):
        return node.func.id
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""


def _texts(node: ast.AST) -> Iterator[ast.expr]:
    """The texts of a file of words: f-strings, constants with a space, and values of tables; no docstrings."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.Expr | ast.ClassDef | ast.Compare):
            continue
        if isinstance(child, ast.JoinedStr):
            yield child
        elif isinstance(child, ast.Constant):
            if isinstance(child.value, str) and " " in child.value.strip():
                yield child
        elif isinstance(child, ast.Dict):
            yield from (each for each in child.values if isinstance(each, ast.Constant))
        else:
            yield from _texts(child)


def _joined(parts: list[list[Reading]]) -> list[Reading]:
    readings: list[Reading] = [()]
    for choices in parts:
        readings = [before + choice for before, choice in product(readings, choices)][:MOST]
    return _distinct(readings)


def _distinct(readings: list[Reading]) -> list[Reading]:
    return list(dict.fromkeys(readings))[:MOST]


def _pattern(reading: Reading) -> str:
    """The reading as a message with numbered places; empty when it says nothing in words."""
    literal = "".join(part for part in reading if part is not None)
    if re.search(r"[^\W\d_]{2}|e\.g\.", literal) is None:
        return ""
    parts: list[str] = []
    count = 0
    for index, part in enumerate(reading):
        if part is not None:
            parts.append(part.replace("{", "{{").replace("}", "}}"))
        elif index == 0 or reading[index - 1] is not None:
            parts.append(f"{{{count}}}")
            count += 1
    return "".join(parts).strip()
