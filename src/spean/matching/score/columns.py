"""The arrays in which words are kept."""

from __future__ import annotations

from typing import Any

import numpy as np

from spean.matching.score.frequency import POPULATIONS
from spean.matching.score.letters import LONGEST, PLAIN

_WIDE = len(POPULATIONS)


class Columns:
    """Arrays that grow together."""

    def __init__(self) -> None:
        self.codes = np.zeros((256, LONGEST), np.uint8)
        self.plain = np.zeros((256, PLAIN), np.uint8)
        self.sign = np.zeros(256, np.uint64)
        self.sound = np.zeros(256, np.uint64)
        self.mask = np.zeros(256, np.uint32)
        self.sounds = np.zeros(256, np.uint8)
        self.own = np.zeros(256, np.int32)
        self.script = np.zeros(256, np.uint8)
        self.kind = np.zeros(256, np.uint8)
        self.first = np.zeros(256, np.int32)
        self.many = np.zeros(256, np.uint8)
        self.bits = np.zeros((256, _WIDE), np.uint8)
        self.customs = np.zeros((256, _WIDE), np.uint8)
        self.reading = np.zeros(256, np.int32)
        self.surprise = np.zeros(256, np.float32)
        self._filled = {"spelling": 0, "word": 0, "reading": 0}

    def put(self, what: str, upto: int, **columns: Any) -> None:
        """Append rows of the named arrays, which then have ``upto`` rows."""
        start = self._filled[what]
        for name, values in columns.items():
            array = getattr(self, name)
            if upto > len(array):
                wide = np.zeros((max(upto, 2 * len(array)), *array.shape[1:]), array.dtype)
                wide[:start] = array[:start]
                setattr(self, name, wide)
                array = wide
            array[start:upto] = values
        self._filled[what] = upto
