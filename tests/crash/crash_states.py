"""The states in which a disk may be found after the power went, for each moment of a recorded run.

A disk may keep or lose every write since the file's last sync, in any combination; tear one in two; grow a file
without its data; and lose or keep names that were made or removed since the folder's last sync.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from crash_trace import Op

Fate = Literal["lost", "kept", "some", "shuffled", "torn", "zeroed"]
FATES: tuple[Fate, ...] = ("lost", "kept", "some", "shuffled", "torn", "zeroed")
SECTOR = 512


@dataclass(slots=True)
class File:
    """What is surely on the disk, and what was written since."""

    sure: bytearray = field(default_factory=bytearray)
    pending: list[Op] = field(default_factory=list)

    def settle(self) -> None:
        for op in self.pending:
            apply(self.sure, op)
        self.pending.clear()


@dataclass(frozen=True, slots=True)
class State:
    """One possible disk: bytes by file name, and what had been acknowledged before."""

    files: dict[str, bytes]
    acks: tuple[str, ...]
    moment: int
    fate: Fate


def apply(content: bytearray, op: Op) -> None:
    """Do a write or a truncation to ``content``; a hole reads as zeros."""
    if op.kind == "truncate":
        del content[op.offset :]
        content.extend(bytes(op.offset - len(content)))
    else:
        content.extend(bytes(max(0, op.offset - len(content))))
        content[op.offset : op.offset + len(op.data)] = op.data


class Disk:
    """Follows the recorded run. Names and contents last separately, as on a real disk."""

    def __init__(self) -> None:
        self.now: dict[str, File] = {}
        self.sure_names: dict[str, File] = {}
        self.acks: list[str] = []

    def step(self, op: Op) -> None:
        if op.kind == "ack":
            self.acks += op.data.decode().splitlines()
        elif op.kind == "create":
            self.now.setdefault(op.name, File())
        elif op.kind == "unlink":
            self.now.pop(op.name, None)
        elif op.kind == "sync-folder":
            self.sure_names = dict(self.now)
        elif op.kind == "sync":
            self.now[op.name].settle()
        else:
            self.now[op.name].pending.append(op)

    def after_crash(self, fate: Fate, moment: int, chance: random.Random) -> State:
        """A disk on which what is not sure met with ``fate``."""
        files: dict[str, bytes] = {}
        for name in sorted({*self.now, *self.sure_names}):
            choices = [self.now.get(name), self.sure_names.get(name)]
            # A name is sure when both agree; else the fate, or chance, decides which of the two is on the disk.
            pick = {"lost": 1, "kept": 0}.get(fate, chance.randrange(2))
            file = choices[pick]
            if file is not None:
                files[name] = bytes(_survived(file, fate, chance))
        return State(files, tuple(self.acks), moment, fate)


def _survived(file: File, fate: Fate, chance: random.Random) -> bytearray:
    content = bytearray(file.sure)
    pending = list(file.pending)
    if fate == "lost":
        return content
    if fate in ("some", "shuffled"):
        keep = chance.random()
        pending = [op for op in pending if chance.random() < keep]
    if fate == "shuffled":
        chance.shuffle(pending)
    if fate in ("torn", "zeroed") and pending:
        pending = pending[: chance.randrange(len(pending)) + 1]
        pending[-1] = _damaged(pending[-1], fate, chance)
    for op in pending:
        apply(content, op)
    return content


def _damaged(op: Op, fate: Fate, chance: random.Random) -> Op:
    """The write cut at a sector, or anywhere, or with zeros in place of its data."""
    if fate == "zeroed" or not op.data:
        return Op(op.kind, op.name, op.offset, bytes(len(op.data)))
    cut = chance.randrange(len(op.data) + 1)
    if chance.random() < 0.5:
        end = (op.offset + cut) // SECTOR * SECTOR
        cut = max(0, end - op.offset)
    return Op(op.kind, op.name, op.offset, op.data[:cut])


def states(ops: list[Op], count: int, chance: random.Random) -> Iterator[State]:
    """``count`` different states (disk and acknowledgements), spread over all writes and syncs of the run.

    The run is gone through again for those that a moment could not give; fewer come when it has no more to give.
    """
    seen, given = set[int](), -1
    while given < len(seen) < count:
        given = len(seen)
        yield from _pass(ops, count - given, chance, seen)


def _pass(ops: list[Op], count: int, chance: random.Random, seen: set[int]) -> Iterator[State]:
    moments = [at for at, op in enumerate(ops) if op.kind != "create"]
    todo = _spread(moments, count, chance)
    disk, owed = Disk(), 0
    for at, op in enumerate(ops):
        disk.step(op)
        owed += todo.get(at, 0)
        for fate in chance.sample(FATES, len(FATES)) * 3:
            if owed == 0:
                break
            state = disk.after_crash(fate, at, chance)
            mark = hash((len(state.acks), tuple(sorted(state.files.items()))))
            if mark not in seen:
                seen.add(mark)
                owed -= 1
                yield state


def _spread(moments: list[int], count: int, chance: random.Random) -> dict[int, int]:
    each, more = divmod(count, len(moments))
    extra = set(chance.sample(moments, more))
    return {at: each + (at in extra) for at in moments}
