"""Mutation score of the verifiers: change the code in one place at a time, and see whether a test notices.

    python scripts/mutate.py [--json] [--jobs N] [--module NAME ...]

A mutant *survives* when all tests pass with it. Every mutant runs the tests of its module in a forked process, in
which the module is compiled from its changed syntax tree; no file is touched. What is changed: comparisons, and/or/not,
arithmetic and bit operators, whole numbers by one, text and bytes, conditions to true and to false, slices, min/max and
any/all, returned values, and raise statements and bare calls, which are left out. What is not: docstrings, annotations,
decorators, and the words of errors. Exit status 1 when a module's score is under 95 %.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib
import importlib.abc
import importlib.machinery
import json
import os
import resource
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.util import spec_from_loader
from pathlib import Path
from types import ModuleType

HOUSE = Path(__file__).resolve().parent.parent
GOAL = 95.0
SECONDS = 40
"""CPU time after which a mutant is taken to loop; that counts as noticed, and is told apart."""

UNIT, PROTOCOL = "tests/unit/ledger", "tests/protocol"
TESTS = {
    "spean.ledger.verify": [f"{UNIT}/test_verify.py", f"{PROTOCOL}/test_vectors_merkle.py"],
    "spean.ledger.note": [f"{UNIT}/test_note.py", f"{UNIT}/test_checkpoint.py", f"{PROTOCOL}/test_vectors_log.py"],
    "spean.ledger.checkpoint": [f"{UNIT}/test_checkpoint.py", f"{PROTOCOL}/test_vectors_log.py"],
}

COMPARE: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
BINARY: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
}
TWINS = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True)
class Mutant:
    """One change of one module: ``site`` numbers the node, ``new`` is what stands there instead."""

    module: str
    line: int
    old: str
    new: str
    site: int
    node: ast.AST


@dataclass(frozen=True)
class Survivor:
    """A change that no test noticed."""

    line: int
    old: str
    new: str


@dataclass(frozen=True)
class Score:
    """What the tests of one module are worth."""

    module: str
    mutants: int
    looped: int
    survivors: list[Survivor]

    @property
    def score(self) -> float:
        return round(100 * (1 - len(self.survivors) / self.mutants), 1)


def mutants_of(module: str) -> list[Mutant]:
    """All changes of a module, in the order of its lines."""
    tree = ast.parse(_path(module).read_bytes())
    found = []
    kept = _untouched(tree)
    for site, node in enumerate(ast.walk(tree)):
        if id(node) in kept:
            continue
        for new in changes(node):
            line = getattr(node, "lineno", 0)
            found.append(Mutant(module, line, ast.unparse(node), ast.unparse(new), site, new))
    return sorted(found, key=lambda mutant: mutant.line)


def _untouched(tree: ast.Module) -> set[int]:
    """Ids of the nodes that stay: docstrings, annotations, decorators, imports and the words of errors."""
    return {id(one) for node in ast.walk(tree) for root in _kept_below(node) for one in ast.walk(root)}


def _kept_below(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield from node.decorator_list
    if isinstance(node, ast.FunctionDef):
        yield from (found for found in (node.returns,) if found is not None)
        if node.name.startswith(("_bad", "_failed")):
            yield from node.body
    if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
        yield node.annotation
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield node
    if isinstance(node, ast.Raise) and node.exc is not None:
        yield node.exc


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """What may stand in place of ``node``."""
    if isinstance(node, ast.Compare):
        yield from _compare(node)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        yield from node.values
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield node.operand
    elif isinstance(node, ast.BinOp) and type(node.op) in BINARY:
        yield ast.BinOp(node.left, BINARY[type(node.op)](), node.right)
    elif isinstance(node, ast.AugAssign) and type(node.op) in BINARY:
        yield ast.AugAssign(node.target, BINARY[type(node.op)](), node.value)
    elif isinstance(node, ast.Constant):
        yield from _constant(node)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TWINS:
        yield ast.Call(ast.Name(TWINS[node.func.id], ast.Load()), node.args, node.keywords)
    elif isinstance(node, ast.Slice):
        yield from _slice(node)
    else:
        yield from _statement(node)


def _statement(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        for value in (True, False):
            changed = copy.copy(node)
            changed.test = ast.Constant(value)
            yield changed
    elif isinstance(node, ast.comprehension):
        for at in range(len(node.ifs)):
            yield ast.comprehension(node.target, node.iter, node.ifs[:at] + node.ifs[at + 1 :], node.is_async)
    elif isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield ast.Return(ast.Constant(None))
    elif isinstance(node, ast.Raise) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        yield ast.Pass()


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _compare(node: ast.Compare) -> Iterator[ast.AST]:
    for at, op in enumerate(node.ops):
        for other in COMPARE[type(op)]:
            yield ast.Compare(node.left, [*node.ops[:at], other(), *node.ops[at + 1 :]], node.comparators)


def _constant(node: ast.Constant) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
        yield ast.Constant(value - 1)
    elif isinstance(value, str):
        yield ast.Constant(value + "X")
    elif isinstance(value, bytes):
        yield ast.Constant(value + b"X")


def _slice(node: ast.Slice) -> Iterator[ast.AST]:
    if node.lower is not None:
        yield ast.Slice(None, node.upper, node.step)
    if node.upper is not None:
        yield ast.Slice(node.lower, None, node.step)


class _Loader(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from a changed syntax tree."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(
        self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        return spec_from_loader(name, self) if name == self._mutant.module else None

    def exec_module(self, module: ModuleType) -> None:
        tree = _applied(self._mutant)
        exec(compile(tree, str(_path(self._mutant.module)), "exec"), module.__dict__)  # noqa: S102 - our own source


def _applied(mutant: Mutant) -> ast.Module:
    tree = ast.parse(_path(mutant.module).read_bytes())
    target = list(ast.walk(tree))[mutant.site]
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if value is target:
                setattr(parent, field, mutant.node)
            elif isinstance(value, list):
                setattr(parent, field, [mutant.node if one is target else one for one in value])
    return ast.fix_missing_locations(tree)


def _path(module: str) -> Path:
    return HOUSE / "src" / Path(*module.split(".")).with_suffix(".py")


def start(mutant: Mutant, tests: list[str]) -> int:
    """Run the tests in a forked process; its exit status is 0 when they all pass. Returns the process id."""
    child = os.fork()
    if child != 0:
        return child
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    status = 3
    try:
        status = _run(mutant, tests)
    finally:
        os._exit(status)


def _run(mutant: Mutant, tests: list[str]) -> int:
    import pytest
    from hypothesis import Phase, settings

    sys.meta_path.insert(0, _Loader(mutant))
    settings.register_profile("mutate", derandomize=True, database=None, phases=(Phase.explicit, Phase.generate))
    settings.load_profile("mutate")
    return int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--no-header", *tests]))


def judge(mutants: list[Mutant], jobs: int) -> tuple[list[Mutant], int]:
    """Run all mutants, ``jobs`` at a time; returns the survivors, and how many looped."""
    running: dict[int, Mutant] = {}
    alive: list[Mutant] = []
    looped = 0
    todo = list(reversed(mutants))
    while todo or running:
        while todo and len(running) < jobs:
            mutant = todo.pop()
            running[start(mutant, TESTS[mutant.module])] = mutant
        child, status = os.wait()
        mutant = running.pop(child)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0:
            alive.append(mutant)
        looped += os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL)
        if not todo or len(todo) % 25 == 0:
            print(f"  {len(mutants) - len(todo) - len(running)} of {len(mutants)}", file=sys.stderr)
    return sorted(alive, key=lambda mutant: (mutant.module, mutant.line)), looped


def main() -> int:
    """Measure, print, and say by the exit status whether the goal is reached."""
    parser = argparse.ArgumentParser(description="Mutation score of the ledger's verifiers.")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time (default 2)")
    parser.add_argument("--module", action="append", choices=sorted(TESTS), help="only this module; may be repeated")
    options = parser.parse_args()
    os.chdir(HOUSE)
    for heavy in ("cryptography.hazmat.primitives.asymmetric.ed25519", "hypothesis.strategies", "pytest", "sqlalchemy"):
        importlib.import_module(heavy)  # once here, so that no child has to
    scores = [_measure(module, options.jobs) for module in options.module or TESTS]
    if options.json:
        modules = [{**asdict(one), "survived": len(one.survivors), "score": one.score} for one in scores]
        print(json.dumps({"goal": GOAL, "modules": modules}, ensure_ascii=False))
    else:
        _print(scores)
    return 0 if all(one.score >= GOAL for one in scores) else 1


def _measure(module: str, jobs: int) -> Score:
    # Site 0 is the module itself, which nothing contains: recompiled like every mutant, and unchanged.
    same = Mutant(module, 0, "", "", 0, ast.Pass())
    _, status = os.waitpid(start(same, TESTS[module]), 0)
    if status != 0:
        raise SystemExit(f"the tests of {module} fail without any change (wait status {status})")
    mutants = mutants_of(module)
    alive, looped = judge(mutants, jobs)
    return Score(module, len(mutants), looped, [Survivor(one.line, one.old, one.new) for one in alive])


def _print(scores: list[Score]) -> None:
    print(f"{'module':<28}{'mutants':>9}{'looped':>8}{'survived':>10}{'score':>9}   goal {GOAL:.0f} %")
    for score in scores:
        print(f"{score.module:<28}{score.mutants:>9}{score.looped:>8}{len(score.survivors):>10}{score.score:>8} %")
    for score in scores:
        for one in score.survivors:
            print(f"  {score.module}:{one.line}  {one.old}  ->  {one.new}")


if __name__ == "__main__":
    sys.exit(main())
