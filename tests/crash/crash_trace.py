"""System calls of the workload as a log of what happened to its files, in order."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

CALLS = (
    "openat,open,creat,close,write,pwrite64,pwritev,pwritev2,writev,ftruncate,truncate,fallocate,fsync,fdatasync,"
    "unlink,unlinkat,rename,renameat,renameat2,link,linkat,dup,dup2,dup3,sendfile,copy_file_range,msync,sync,syncfs"
)
_LINE = re.compile(r"(?:\d+\s+)?(\w+)\((.*)\)\s+= (-?\d+)")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_NAMED = {
    "openat",
    "open",
    "creat",
    "unlink",
    "unlinkat",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "truncate",
}


@dataclass(frozen=True, slots=True)
class Op:
    """One thing that happened to the file ``name`` (or to the folder, or an acknowledgement in ``data``)."""

    kind: Literal["create", "write", "truncate", "sync", "unlink", "sync-folder", "ack"]
    name: str
    offset: int = 0
    data: bytes = b""


def why_not() -> str:
    """Why crash points cannot be recorded here; empty when they can."""
    if shutil.which("strace") is None:
        return "NO STRACE: crash points are not tested; install the package strace"
    tried = subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else f"STRACE MAY NOT TRACE HERE: {tried.stderr.strip()[:200]}"


def record(folder: Path, seed: int) -> tuple[list[Op], dict[str, bytes]]:
    """Run the workload in ``folder`` under strace: what it did, and the content keys of its facts."""
    node, trace = folder / "node", folder / "trace"
    node.mkdir(mode=0o700)
    workload = Path(__file__).with_name("crash_workload.py")
    strace = ["strace", "-f", "-qq", "-xx", "-s", "4000000", "-e", f"trace={CALLS}", "-o", str(trace)]
    command = [*strace, sys.executable, "-B", str(workload), str(node), str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"the workload failed: {done.stderr[-2000:]}")
    with trace.open() as lines:
        ops = list(_parse(lines, str(node)))
    if sum(op.kind == "ack" for op in ops) != done.stdout.count("\n"):
        raise RuntimeError("an acknowledgement is missing in the trace")
    secrets = (line.split() for line in (folder / "secrets").read_text().splitlines())
    return ops, {name: bytes.fromhex(key) for name, key in secrets}


def _parse(lines: Iterable[str], folder: str) -> Iterator[Op]:
    """Follow the file descriptors of one process; anything unforeseen stops the test rather than weaken it."""
    files: dict[int, str] = {}
    for line in lines:
        if "unfinished" in line or "resumed" in line:
            raise RuntimeError("the workload has threads; its calls cannot be put in order")
        found = _LINE.match(line)
        if found is None or found[3].startswith("-"):
            continue
        call, rest, result = found[1], found[2], int(found[3])
        if call in _NAMED:
            name = _bytes(rest).decode()
            if not name.startswith(folder):
                if call == "openat":
                    files.pop(result, None)
                continue
            short = name[len(folder) + 1 :]
            if short.endswith("-shm"):  # shared memory, not a file that lasts: SQLite builds it anew
                files.pop(result, None)
                continue
            if call == "openat":
                files[result] = short
                if "O_CREAT" in rest:
                    yield Op("create", short)
                if "O_TRUNC" in rest:
                    yield Op("truncate", short)
            elif call in ("unlink", "unlinkat"):
                yield Op("unlink", short)
            else:
                raise RuntimeError(f"{call} of {short} is not modelled")
            continue
        yield from _on_descriptor(call, rest, result, files)


def _on_descriptor(call: str, rest: str, result: int, files: dict[int, str]) -> Iterator[Op]:
    number = re.match(r"\d+", rest)
    descriptor = -1 if number is None else int(number[0])
    name = files.get(descriptor)
    if call == "close":
        files.pop(descriptor, None)
    elif call == "write" and descriptor == 1:
        yield Op("ack", "", data=_bytes(rest)[:result])
    elif name is None:
        return
    elif call == "pwrite64":
        yield Op("write", name, int(rest.rsplit(", ", 1)[1]), _bytes(rest)[:result])
    elif call == "ftruncate":
        yield Op("truncate", name, int(rest.rsplit(", ", 1)[1]))
    elif call in ("fsync", "fdatasync"):
        yield Op("sync-folder" if name == "" else "sync", name)
    else:
        raise RuntimeError(f"{call} on {name} is not modelled")


def _bytes(rest: str) -> bytes:
    """The first string among a call's arguments."""
    found = _TEXT.search(rest)
    if found is None:
        raise RuntimeError(f"no string in {rest[:100]}")
    return bytes.fromhex(found[1].replace("\\x", ""))
