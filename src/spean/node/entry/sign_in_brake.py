"""Brakes on guessing that lock nobody out who was here before.

Wrong attempts are counted by account and address, by address, by known device, and by account over all *unknown* devices. A device
is known when it carries the secret that a good sign-in left there: it has a budget of its own, so a stranger who spends everybody
else's cannot keep the officer out. A passkey cannot be guessed; for it only the address counts. All in memory and bounded.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from hashlib import sha256

from spean.core.errors import TooMuch
from spean.core.world import DAY, HOUR, MINUTE, Clock

REMEMBERED = 8192
"""Counters of a kind that are kept; the oldest go first."""


class Budget:
    """At most ``most`` within ``span`` milliseconds for each key. Not safe for threads on its own."""

    def __init__(self, most: int, span: int) -> None:
        self._most = most
        self._span = span
        self._spent: OrderedDict[bytes, tuple[int, int]] = OrderedDict()

    def left(self, key: bytes, now: int) -> bool:
        """Whether anything is left."""
        count, since = self._spent.get(key, (0, now))
        return count < self._most or not 0 <= now - since < self._span

    def spend(self, key: bytes, now: int) -> bool:
        """Count one; True when it was the last of the budget."""
        count, since = self._spent.pop(key, (0, now))
        fresh = 0 <= now - since < self._span
        self._spent[key] = (count + 1, since) if fresh else (1, now)
        while len(self._spent) > REMEMBERED:
            self._spent.popitem(last=False)
        return fresh and count + 1 == self._most

    def forget(self, key: bytes) -> None:
        """Give the key its whole budget back."""
        self._spent.pop(key, None)


class SignInBrake:
    """Asked before, and told after, every attempt to sign in. ``device`` is the id of a known device of that account, '' otherwise."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._pair = Budget(10, 15 * MINUTE)
        self._address = Budget(30, 15 * MINUTE)
        self._device = Budget(10, 15 * MINUTE)
        self._account = Budget(100, DAY)
        self._asked = Budget(60, MINUTE)
        self._notes = Budget(1000, HOUR)

    def check(self, name: str, address: str, device: str) -> None:
        """Raise ``TooMuch`` (429) while this way is closed for guesses at the account ``name``."""
        now = self._clock.now()
        with self._lock:
            if device:
                free = self._device.left(_key(device), now)
            else:
                free = (
                    self._pair.left(_key(name, address), now)
                    and self._address.left(_key(address), now)
                    and self._account.left(_key(name), now)
                )
        if not free:
            raise too_many("use a passkey, a device where you signed in before, or wait a quarter of an hour")

    def check_address(self, address: str) -> None:
        """Raise ``TooMuch`` (429) while the address must wait: for links and passkeys, which name no account."""
        now = self._clock.now()
        with self._lock:
            free = self._address.left(_key(address), now)
        if not free:
            raise too_many("wait a quarter of an hour")

    def asked(self, address: str) -> None:
        """Count a question that costs us a row (a challenge); raises ``TooMuch`` (429) for too many."""
        now = self._clock.now()
        with self._lock:
            free = self._asked.left(_key(address), now)
            self._asked.spend(_key(address), now)
        if not free:
            raise too_many("wait a minute")

    def failed(self, name: str, address: str, device: str) -> bool:
        """Count a wrong attempt; True when the account's budget for all unknown devices ended just now."""
        now = self._clock.now()
        with self._lock:
            if device:
                self._device.spend(_key(device), now)
                return False
            self._address.spend(_key(address), now)
            if not name:
                return False
            self._pair.spend(_key(name, address), now)
            return self._account.spend(_key(name), now)

    def passed(self, name: str, address: str, device: str) -> None:
        """Whoever is in has not guessed: the pair and the device start anew. The address does not: it may be a stranger's with one account."""
        with self._lock:
            self._pair.forget(_key(name, address))
            self._device.forget(_key(device))

    def may_note(self) -> bool:
        """Whether a failed attempt may still be written down one by one: a flood must not fill the log."""
        now = self._clock.now()
        with self._lock:
            free = self._notes.left(b"", now)
            self._notes.spend(b"", now)
        return free


def too_many(remedy: str) -> TooMuch:
    """The answer to whoever must wait."""
    wait = TooMuch("Too many attempts", why="wrong ones before this one", remedy=remedy)
    wait.status = 429
    return wait


def _key(*parts: str) -> bytes:
    return sha256("\x00".join(parts).encode(errors="replace")).digest()
