"""Arrays on disk: written whole or not at all, mapped for reading, with a checksum for each block of 4 MiB."""

from __future__ import annotations

import mmap
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from spean.core.errors import InvalidInput

Array = Any
BLOCK = 4 << 20


def write(path: Path, data: Array | bytes) -> dict[str, Any]:
    """Write and sync a new file; what the index says of it."""
    view = _bytes(data)
    sums = []
    with path.open("xb") as file:
        for at in range(0, len(view), BLOCK):
            sums.append(zlib.crc32(view[at : at + BLOCK]))
            file.write(view[at : at + BLOCK])
        file.flush()
        os.fsync(file.fileno())
    return {"bytes": len(view), "sums": sums}


def _bytes(data: Array | bytes) -> memoryview:
    return memoryview(data if isinstance(data, bytes) else np.ascontiguousarray(data).reshape(-1).view(np.uint8).data)


def sync_folder(folder: Path) -> None:
    """Make names of files in it durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def replace(path: Path, data: bytes) -> None:
    """Put ``data`` in place of a file at once: whoever reads sees the old or the new one."""
    new = path.with_name(path.name + ".new")
    with new.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    sync_folder(path.parent)


def mapped(path: Path, kind: str, width: int, about: Mapping[str, Any], check: bool) -> Array:
    """A file as an array of ``kind``, ``width`` to a row, mapped privately: what is written to it stays in memory.

    Raises ``InvalidInput`` for a file that is missing, cut short or changed, with the place.
    """
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        raise _damaged(path, "is missing") from None
    if size != about["bytes"]:
        raise _damaged(path, f"has {size} bytes instead of {about['bytes']}")
    if size == 0:
        data = np.zeros(0, kind)
    else:
        with path.open("rb") as file:
            data = np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY), kind)
    if check:
        verify(path, data, about)
    return data.reshape(-1, width) if width > 1 else data


def scattered(array: Array, is_so: bool = True) -> None:
    """Tell the system how a mapped array is read from now on: a few places of it, or (False) much in a row.

    Systems read megabytes around each place that is missed; a trace needs a line of 64 bytes here and there.
    """
    holder = array
    while not isinstance(holder, mmap.mmap):
        holder = holder.obj if isinstance(holder, memoryview) else holder.base
        if holder is None:  # nothing is mapped: an empty file
            return
    holder.madvise(mmap.MADV_RANDOM if is_so else mmap.MADV_NORMAL)


def verify(path: Path, data: Array, about: Mapping[str, Any]) -> None:
    """Compare every block with its checksum. Raises ``InvalidInput`` with the first that differs."""
    view = _bytes(data)
    blocks = range(0, len(view), BLOCK)
    if len(blocks) != len(about["sums"]):
        raise _damaged(path, "has another number of blocks than checksums")
    for at, right in zip(blocks, about["sums"], strict=True):
        if zlib.crc32(view[at : at + BLOCK]) != right:
            raise _damaged(path, f"does not match its checksum in bytes {at} to {min(at + BLOCK, len(view)) - 1}")


def _damaged(path: Path, why: str) -> InvalidInput:
    return InvalidInput("index", f"{path.parent.name}/{path.name} {why}", remedy="rebuild the index from its truth")
