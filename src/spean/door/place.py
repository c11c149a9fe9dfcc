"""Where in the code an error came from, for the log: never its message, since that may quote what somebody typed."""

from __future__ import annotations

import traceback


def place(error: BaseException) -> str:
    """The innermost four functions with their lines."""
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-4:]))
