"""How many requests are worked on at the same moment, in threads.

Python runs one thread at a time, so forty pages at once are not done sooner than a few, each only waits for all the others (``bench/live.py``:
with fifty officers 95 of 100 pages came within 710 ms with forty threads). A body that is read while it comes, over a line that may be slow, has
threads of its own, so that no upload keeps a page waiting.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import current_default_thread_limiter, run_sync

WORKERS = 2
UPLOADS = 16
_uploads = CapacityLimiter(UPLOADS)
Result = TypeVar("Result")


def limit() -> None:
    """Hold from now on; called in the server's loop."""
    current_default_thread_limiter().total_tokens = WORKERS


async def run_upload(act: Callable[..., Result], *arguments: Any, **named: Any) -> Result:
    """Run ``act``, which reads a body as it comes, in a thread of its own kind."""
    return await run_sync(partial(act, *arguments, **named), limiter=_uploads)
