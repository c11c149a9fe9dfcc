"""Of several Latin names that may be one of another script, which one its letters fit best.

The index compares a word by its dozen likeliest readings; here each of the few names that are left is held against all readings of the
name asked for (``names.fitting``). Only what the names say is weighed anew: birth dates and all else stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spean.matching.names.fitting import misfit
from spean.matching.names.lattice import NEVER
from spean.matching.names.model import Kind, Script
from spean.matching.names.parts import read
from spean.matching.names.writing import fold
from spean.matching.score.score import Judged

MOST = 6
"""Names that are held against one asked for."""
WITHIN = 5.0
"""Bits behind the likeliest name up to which another one is held against the name asked for."""
SCRIPTS: frozenset[Script] = frozenset({"hangul", "khmer", "lao", "thai", "burmese", "kana", "arabic", "cyrillic"})


def refit(asked: str, kind: Kind, names: Sequence[str], judged: Judged) -> bool:
    """Weigh these names anew; ``judged`` has them in the same order, and is changed. Whether anything was."""
    alone = judged.total - judged.birth
    best = float(alone.max(initial=-np.inf))
    some = [at for at, name in enumerate(names) if best - alone[at] < WITHIN and name.isascii()]
    if len(some) < 2:
        return False
    parts = [part for part in read(asked, kind=kind).parts if part.role != "title"]
    scripts = {part.script for part in parts}
    if len(scripts) != 1 or not scripts <= SCRIPTS:
        return False
    script, words = parts[0].script, [part.written for part in parts]
    least, bits = np.inf, []
    for at in some:
        bits.append(misfit(words, script, _words(names[at]), least + WITHIN))
        least = min(least, bits[-1])
    if least >= NEVER:  # none can be told from another
        return False
    _change(judged, np.array(some), best - np.minimum(np.array(bits) - least, WITHIN) - alone[some])
    return True


def _words(latin: str) -> list[str]:
    return [folded for each in latin.replace("-", " ").replace(",", " ").split() if (folded := fold(each))]


def _change(judged: Judged, rows: NDArray[np.intp], more: NDArray[np.float32]) -> None:
    judged.total[rows] += more
    judged.names[rows] += more
