"""A body as it comes, for a handler in its worker thread: a file of gigabytes needs no memory."""

from __future__ import annotations

from collections.abc import Iterator

from anyio import from_thread
from starlette.requests import ClientDisconnect, Request

from spean.core.errors import InvalidInput


def pieces(request: Request) -> Iterator[bytes]:
    """The bytes of a request's body, piece by piece. Raises ``InvalidInput`` when the line is cut."""
    stream = request.stream()

    async def following() -> bytes | None:
        return await anext(stream, None)

    try:
        while (piece := from_thread.run(following)) is not None:
            yield piece
    except ClientDisconnect:
        raise InvalidInput("file", "the line was cut before all of it came", remedy="send it again") from None
