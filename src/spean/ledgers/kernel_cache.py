"""Which compiled kernels may be loaded from disk.

The compiler keeps what it compiled beside the source, as Python keeps its own bytecode there, or else in the user's cache
folder, and reads it as pickles: whoever can write there can run code. Beside the source that is nobody new, since they
could change the program. So a folder counts only if it belongs to root or to us and not everybody may write to it;
otherwise kernels are compiled anew in each process, half a minute of work.

A kernel that calls another one, or uses a constant, of another file holds it compiled in, while the compiler looks at the
kernel's own file only. So beside the kernels stands what all these files were when they were compiled (``STAMP``); where
that is something else, they are thrown away.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from types import ModuleType
from typing import Any

STAMP = "kernels.stamp"


def is_ours(folder: Path) -> bool:
    """Whether nobody but root and we decide what lies in it. A folder that is not there yet will be made by us."""
    for each in (folder, *folder.parents):
        try:
            about = each.stat()
        except FileNotFoundError:
            continue
        return about.st_uid in (0, os.geteuid()) and not about.st_mode & stat.S_IWOTH
    return False


def only_ours(kernels: Sequence[Any], uses: Sequence[ModuleType]) -> list[Path]:
    """Read no kernel from a folder that others may write to, and none that is made of what has changed.

    ``uses``: the modules besides their own whose functions and constants the kernels have in them. The folders that are left out.
    """
    folders: dict[Path, list[Any]] = {}
    for kernel in kernels:
        folder = getattr(kernel._cache, "cache_path", None)
        if folder is not None:
            folders.setdefault(Path(folder), []).append(kernel._cache)
    stamp = _stamp(kernels, uses)
    left_out = [
        folder for folder, caches in folders.items() if not is_ours(folder) or not _current(folder, caches, stamp)
    ]
    for folder in left_out:
        for cache in folders[folder]:
            cache.disable()
    return sorted(left_out)


def _stamp(kernels: Sequence[Any], uses: Sequence[ModuleType]) -> bytes:
    """A hash over the files of all kernels, and of what they use."""
    names = {kernel.py_func.__code__.co_filename for kernel in kernels}
    state = blake2b(digest_size=16)
    for name in sorted({*names, *(str(module.__file__) for module in uses)}):
        path = Path(name)
        state.update(path.read_bytes() if path.is_file() else name.encode())
    return state.hexdigest().encode()


def _current(folder: Path, caches: list[Any], stamp: bytes) -> bool:
    """Throw away kernels that were made of something else; False where they cannot be thrown away."""
    path = folder / STAMP
    try:
        if path.is_file() and path.read_bytes() == stamp:
            return True
        folder.mkdir(parents=True, exist_ok=True)
        for cache in caches:
            cache.flush()
        new = path.with_name(f"{STAMP}.{os.getpid()}")
        new.write_bytes(stamp)
        new.replace(path)
    except OSError:
        return False
    return True
