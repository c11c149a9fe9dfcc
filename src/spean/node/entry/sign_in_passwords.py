"""Passwords: what is refused, how they are hashed, and that hashing cannot exhaust the machine.

Argon2id with OWASP's first parameters (46 MiB, one pass, one lane). Two at once; some wait in line; the rest are told to come again.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from spean.core.errors import InvalidInput
from spean.core.world import Entropy
from spean.node.entry.common_passwords import COMMON
from spean.node.entry.sign_in_brake import too_many

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 12, 256
MEMORY_KIB, PASSES, LANES = 47_104, 1, 1
AT_ONCE, IN_LINE = 2, 16
_PATIENCE = 10.0
_SALT = 16
_LEET = str.maketrans("0134578@$!", "oleastbasi")


def normal(password: str) -> str:
    """The same password from every keyboard (NFC); nothing is cut off."""
    return unicodedata.normalize("NFC", password)


def check_strength(password: str, *own: str) -> None:
    """Refuse what is too short, too long, common, or made of the person's ``own`` words. No rule asks for digits or signs (NIST SP 800-63B)."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise _weak(f"it has {len(password)} characters", f"use {SHORTEST} to {LONGEST} characters")
    bare = _bare(password)
    if len(set(password.casefold())) < 4:
        raise _weak("it repeats a few characters", "use several words that do not belong together")
    if _runs(password.casefold()):
        raise _weak("it is a row of the keyboard or the alphabet", "use several words that do not belong together")
    if bare and not _without(bare, COMMON):
        raise _weak("it is made of the most common words", "use several words that do not belong together")
    for name in own:
        parts = [part for part in re.split(r"\W+", _folded(name)) if len(part) >= 3]
        if len(_without(bare, parts)) < min(len(bare), SHORTEST // 2):
            raise _weak("it is made of your own name or the node's", "use words that nobody connects with you")


class Hasher:
    """Argon2id, a few at a time."""

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._line = threading.BoundedSemaphore(AT_ONCE + IN_LINE)
        self._argon: PasswordHasher | None = None
        self._nobody = ""

    def hash(self, password: str) -> str:
        """The hash with its salt and parameters. Raises ``TooMuch`` (429) when too many wait."""
        with self._turn() as argon:
            return argon.hash(normal(password), salt=self._entropy.bytes(_SALT))

    def holds(self, hash: str, password: str) -> tuple[bool, bool]:
        """Whether the password is right, and whether its hash should be made anew. An empty ``hash`` costs the same and is never right."""
        from argon2.exceptions import Argon2Error, InvalidHashError

        with self._turn() as argon:
            try:
                right = argon.verify(hash or self._nobody, normal(password)) and bool(hash)
            except (Argon2Error, InvalidHashError):
                right = False
            return right, right and argon.check_needs_rehash(hash)

    @contextmanager
    def _turn(self) -> Iterator[PasswordHasher]:
        if not self._line.acquire(blocking=False):
            raise too_many("come again in a few seconds")
        try:
            if not self._turns.acquire(timeout=_PATIENCE):
                raise too_many("come again in a few seconds")
            try:
                yield self._made()
            finally:
                self._turns.release()
        finally:
            self._line.release()

    def _made(self) -> PasswordHasher:
        """Loaded when first needed, since most processes never hash."""
        if self._argon is None:
            from argon2 import PasswordHasher

            argon = PasswordHasher(PASSES, MEMORY_KIB, LANES, 32, _SALT)
            self._nobody = argon.hash("nobody", salt=self._entropy.bytes(_SALT))
            self._argon = argon
        return self._argon


def _weak(why: str, remedy: str) -> InvalidInput:
    return InvalidInput("password", why, remedy=remedy, rule="password")


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _bare(password: str) -> str:
    """The letters of a password as guessing programs see them: no case, no added digits and signs, letters for look-alikes."""
    stripped = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", _folded(password))
    return re.sub(r"[\W_]+", "", stripped.translate(_LEET))


def _without(text: str, words: Iterable[str]) -> str:
    for word in words:
        text = text.replace(word, "")
    return text


def _runs(text: str) -> bool:
    """All of it runs along a row, up or down, in pieces of at least four."""
    rows = (
        "01234567890",
        "abcdefghijklmnopqrstuvwxyz",
        "qwertyuiop",
        "asdfghjkl",
        "zxcvbnm",
        "azertyuiop",
        "qsdfghjklm",
    )
    pieces = {line[at : at + 4] for row in rows for line in (row, row[::-1]) for at in range(len(line) - 3)}
    covered = [False] * len(text)
    for at in range(len(text) - 3):
        if text[at : at + 4] in pieces:
            covered[at : at + 4] = [True] * 4
    return covered.count(False) <= 2
