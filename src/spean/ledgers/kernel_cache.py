"""Which compiled kernels may be loaded from disk.

The compiler keeps what it compiled beside the source, as Python keeps its own bytecode there, or else in the user's cache
folder, and reads it as pickles: whoever can write there can run code. Beside the source that is nobody new, since they
could change the program. So a folder counts only if it belongs to root or to us and not everybody may write to it;
otherwise kernels are compiled anew in each process, half a minute of work.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

from spean.tracing import compiled


def is_ours(folder: Path) -> bool:
    """Whether nobody but root and we decide what lies in it. A folder that is not there yet will be made by us."""
    for each in (folder, *folder.parents):
        try:
            about = each.stat()
        except FileNotFoundError:
            continue
        return about.st_uid in (0, os.geteuid()) and not about.st_mode & stat.S_IWOTH
    return False


def only_ours() -> list[Path]:
    """Read no kernel from a folder that others may write to; the folders that are left out."""
    left_out = set()
    for kernel in compiled.KERNELS:
        cache: Any = kernel._cache
        folder = getattr(cache, "cache_path", None)
        if folder is not None and not is_ours(Path(folder)):
            cache.disable()
            left_out.add(Path(folder))
    return sorted(left_out)
