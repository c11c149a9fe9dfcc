"""The line itself: how long a head of a request may be, and how long it may take to come.

httptools counts neither. A head that is too long, or a connection that stays silent, is closed before anything of the
application is asked; bodies are limited in ``limits``.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD = 32 * 1024
"""Bytes of request line and headers."""
HEAD_SECONDS = 15.0
"""From the first byte of a connection or request to the end of its headers."""
_TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with a bounded head."""

    head_seconds = HEAD_SECONDS

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._head = 0
        self._tail = b""
        self._in_head = True
        self._silence: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast(asyncio.Transport, transport))
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_came()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._in_head:
            if self._silence is None:
                self._expect_head()
            if self._too_long(data):
                self._head_came()
                self.transport.write(_TOO_LONG)
                self.transport.close()
                return
        super().data_received(data)

    def on_headers_complete(self) -> None:
        self._head_came()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_head, self._head, self._tail = True, 0, b""
        super().on_message_complete()

    def _too_long(self, data: bytes) -> bool:
        """Count this read's part of the head; the rest of the read may be body."""
        window = self._tail + data
        end = window.find(b"\r\n\r\n")
        self._head += len(data)
        self._tail = window[-3:]
        before = self._head - len(window)
        return (self._head if end < 0 else before + end) > MAX_HEAD

    def _expect_head(self) -> None:
        self._silence = self.loop.call_later(self.head_seconds, self._give_up)

    def _head_came(self) -> None:
        self._in_head = False
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
