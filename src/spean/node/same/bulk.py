"""Many sealed facts at once, newest first: read in one sweep over their numbers, opened under keys that were read in one sweep, too.

What one fact costs otherwise (a row object, a look-up for its key, its header, every field of its form) is left out: of an entity only
names, birth dates and the values that are weighed beside them are taken. The result is what ``dossier.load`` would say of the same facts;
a test holds both together.
"""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from spean.core.errors import InvalidInput
from spean.entities.kinds import KIND_NAMES, properties
from spean.entities.values.words import tidy
from spean.exchange.seal import SALT_SIZE
from spean.node.same.selecting import NAMING, carries

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.store import Tx

_ZERO = bytes(12)
_NAME, _BIRTH = 1, 2
_LONGEST_NAME = 400


class Opened(NamedTuple):
    """A fact with its body (JSON, without the salt)."""

    n: int
    id: bytes
    record: str
    procedure: str
    kind: str
    body: bytes


class Told(NamedTuple):
    """What an entity's record says of somebody: the part of ``model.Named`` that is compared, its values as they were written."""

    record: str
    thing: str
    names: tuple[str, ...]
    births: tuple[str, ...]
    values: tuple[tuple[str, str], ...]


@contextmanager
def without_pauses() -> Iterator[None]:
    """Let the collector of cycles wait for the end of a batch: of thousands of small objects none is in a cycle, and looking is a quarter of
    the work."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def opened(ground: Ground, tx: Tx, after: int, upto: int, procedures: Collection[str]) -> Iterator[Opened]:
    """The facts of these procedures, numbered beyond ``after`` up to ``upto``, that count and can be opened, the newest first."""
    rows = tx.facts.contents(after, upto, procedures)
    keys = ground.content_keys.near([row[1] for row in rows])
    for n, id, record, procedure, kind, content in rows:
        key = keys.get(id)
        if key is None:
            continue
        try:
            plain = AESGCM(key).decrypt(_ZERO, content, id)
        except InvalidTag:
            continue
        yield Opened(n, id, record, procedure, kind, plain[SALT_SIZE:])


def form_of(body: bytes) -> Any:
    """The form of a body as plain values; None for what is none."""
    try:
        return msgspec.json.decode(body)["form"]
    except (msgspec.MsgspecError, UnicodeError, KeyError, TypeError):
        return None


class _Said(msgspec.Struct, gc=False):
    property: str
    value: str


class _Form(msgspec.Struct, gc=False):
    kind: str = ""
    statements: tuple[_Said, ...] = ()
    statement: str = ""


class _Body(msgspec.Struct, gc=False):
    form: _Form


_decoder = msgspec.json.Decoder(_Body)
_TAKEN = frozenset({"open", "state", "withdraw-statement", "close"})


class Entities:
    """Puts entities together from their facts, given newest first: a record is whole when its opening comes, which is its oldest fact."""

    def __init__(self) -> None:
        self._waiting: dict[str, _Later] = {}

    def take(self, fact: Opened) -> Told | None:
        """The entity, once its opening comes; None before, and for one that is closed."""
        if fact.kind not in _TAKEN:
            return None
        try:
            form = _decoder.decode(fact.body).form
        except (msgspec.MsgspecError, UnicodeError):
            return None
        if fact.kind == "open":
            later = self._waiting.pop(fact.record, None)
            if form.kind not in KIND_NAMES or (later is not None and later.closed):
                return None
            return self._told(fact, form, later)
        later = self._waiting.setdefault(fact.record, _Later())
        if fact.kind == "state":
            later.states.append((fact.id, form.statements))
        elif fact.kind == "close":
            later.closed = True
        else:
            later.withdrawn.add(form.statement)
        return None

    def left(self) -> list[str]:
        """Records of which something was said, but not yet how they were opened."""
        return list(self._waiting)

    def _told(self, fact: Opened, form: _Form, later: _Later | None) -> Told:
        names: list[str] = []
        births: list[str] = []
        values: list[tuple[str, str]] = []
        several, known = [(fact.id, form.statements)], _properties()
        withdrawn: set[str] = set()
        if later is not None:
            several += later.states[::-1]
            withdrawn = later.withdrawn
        for id, statements in several:
            for place, said in enumerate(statements):
                what = known.get(said.property)
                if what is None or (withdrawn and f"{id.hex()}:{place}" in withdrawn):
                    continue
                if what == _NAME:
                    names.append(tidy(said.value) if len(said.value) <= _LONGEST_NAME else said.value)
                elif what == _BIRTH:
                    births.append(_birth(said.value))
                else:
                    values.append((what, said.value))
        return Told(fact.record, form.kind, _once(names), _once(births), _once(values))


class _Later:
    """What was said of a record after its opening."""

    __slots__ = ("closed", "states", "withdrawn")

    def __init__(self) -> None:
        self.states: list[tuple[bytes, tuple[_Said, ...]]] = []
        self.withdrawn: set[str] = set()
        self.closed = False


def mentions(fact: Opened) -> bool:
    """Whether a fact of another procedure may say names."""
    return fact.procedure in NAMING and carries(fact.procedure, fact.kind)


def _once(found: list[Any]) -> tuple[Any, ...]:
    return tuple(found) if len(found) < 2 else tuple(dict.fromkeys(found))


@lru_cache(maxsize=1 << 16)
def _birth(value: str) -> str:
    try:
        return properties()["birth-date"].values.clean(value)
    except InvalidInput:
        return value


@cache
def _properties() -> dict[str, Any]:
    """Property → that it is a name, the birth date, or the type under which its values are weighed."""
    from spean.matching.score.evidence import KINDS

    found: dict[str, Any] = {}
    for name, each in properties().items():
        if each.type == "name":
            found[name] = _NAME
        elif name == "birth-date":
            found[name] = _BIRTH
        elif each.selector in KINDS:
            found[name] = each.selector
        elif name in KINDS:
            found[name] = name
    return found
