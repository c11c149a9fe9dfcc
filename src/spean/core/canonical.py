"""One byte string for one value: sorted keys, no spaces, UTF-8 (RFC 8785 for the values that we allow).

Only text, integers, booleans, null, lists and objects with ASCII keys exist in signed bytes; there are no
floats, so number formatting cannot differ between implementations.
"""

from __future__ import annotations

import json
from typing import Any


def canonical(value: Any) -> bytes:
    """The canonical JSON bytes of ``value``. Raises ``TypeError`` for floats and other foreign values."""
    _check(value, depth=0)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def _check(value: Any, depth: int) -> None:
    if depth > 64:
        raise TypeError("nested deeper than 64 levels")
    if value is None or isinstance(value, str | int):
        return
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise TypeError(f"key {key!r} is not ASCII text")
            _check(item, depth + 1)
    elif isinstance(value, list | tuple):
        for item in value:
            _check(item, depth + 1)
    else:
        raise TypeError(f"{type(value).__name__} has no canonical form")
