from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send

from spean.door.limits import PARTNERS, SECURITY_HEADERS, Limits
from spean.exchange.page import PULL_TYPE

MIB = 1024 * 1024


class Caller:
    """Plays a server towards the middleware and counts how many bytes it took."""

    def __init__(self, chunks: Iterable[bytes] = (b"",)) -> None:
        self._chunks = iter(chunks)
        self._next = next(self._chunks, None)
        self.taken = 0
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""

    async def receive(self) -> Message:
        if self._next is None:
            return {"type": "http.disconnect"}
        chunk, self._next = self._next, next(self._chunks, None)
        self.taken += len(chunk)
        return {"type": "http.request", "body": chunk, "more_body": self._next is not None}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.body += message.get("body", b"")

    @property
    def told(self) -> dict[str, str]:
        told: dict[str, str] = json.loads(self.body)
        return told


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    body = await Request(scope, receive).body()
    await JSONResponse({"length": len(body)})(scope, receive, send)


def ask(
    chunks: Iterable[bytes] = (b"",),
    *,
    path: str = "/api/records",
    method: str = "POST",
    headers: dict[str, str] | None = None,
    scheme: str = "http",
    app: Callable[..., Any] = echo,
) -> Caller:
    given = {"content-type": "application/json", **(headers or {})}
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"",
        "scheme": scheme, "headers": [(name.encode(), value.encode()) for name, value in given.items() if value],
    }  # fmt: skip
    caller = Caller(chunks)
    asyncio.run(Limits(app)(scope, caller.receive, caller.send))
    return caller


def test_an_ordinary_body_reaches_the_application_whole() -> None:
    caller = ask([b'{"a":', b"1}"])
    assert (caller.status, caller.told) == (200, {"length": 7})
    assert ask(method="GET", headers={"content-type": ""}).status == 200


def test_a_hundred_megabytes_announced_are_refused_without_reading_one() -> None:
    caller = ask((b"x" * MIB for _ in range(100)), headers={"content-length": str(100 * MIB)})
    assert (caller.status, caller.taken) == (413, 0)
    assert caller.headers["connection"] == "close"
    assert caller.told["error"] == "TooMuch"
    assert caller.told["remedy"]


def test_a_hundred_megabytes_unannounced_are_refused_after_the_limit() -> None:
    caller = ask((b"x" * 65_536 for _ in range(1600)), headers={"transfer-encoding": "chunked"})
    assert caller.status == 413
    assert caller.taken <= MIB + 65_536


def test_a_length_that_lies_does_not_help() -> None:
    caller = ask((b"x" * 65_536 for _ in range(1600)), headers={"content-length": "10"})
    assert caller.status == 413
    assert caller.taken <= MIB + 65_536


def test_partners_may_send_sixteen_mebibytes_of_their_own_types_only() -> None:
    own = {"content-type": PULL_TYPE}
    assert ask([b"x" * 2 * MIB], path="/exchange/v1/pull", headers=own).status == 200
    assert ask([b"x" * 17 * MIB], path="/exchange/v1/pull", headers=own).status == 413
    assert ask([b"{}"], path="/exchange/v1/pull").status == 415
    assert ask([b"x"], headers=own).status == 415


@pytest.mark.parametrize(
    "media", ["text/xml", "application/json;charset=utf-16", "multipart/form-data; boundary=x", "", "application/jsonp"]
)
def test_a_wrong_content_type_is_415_and_unread_when_announced(media: str) -> None:
    caller = ask([b"<a/>"], headers={"content-type": media, "content-length": "4"})
    assert (caller.status, caller.taken) == (415, 0)
    assert "application/json" in caller.told["remedy"]


def test_utf_8_may_be_said() -> None:
    assert ask([b"{}"], headers={"content-type": "Application/JSON; charset=UTF-8"}).status == 200


def test_a_compressed_body_is_415() -> None:
    assert ask([b"{}"], headers={"content-encoding": "gzip"}).status == 415


def test_ten_thousand_levels_are_422_before_any_parser_sees_them() -> None:
    async def never(*_: object) -> None:
        raise AssertionError("the application was called")

    caller = ask([b"[" * 10_000 + b"]" * 10_000], app=never)
    assert caller.status == 422
    assert "64 levels" in caller.told["why"]
    assert ask([b"[" * 64 + b"]" * 64]).status == 200


def test_a_sender_that_leaves_or_dawdles_holds_nothing() -> None:
    called = False

    async def app(*_: object) -> None:
        nonlocal called
        called = True

    left = ask([], app=app)
    assert (left.status, called) == (0, False)

    async def dawdle() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    caller = Caller()
    scope = {"type": "http", "method": "POST", "path": "/", "scheme": "http", "headers": []}
    asyncio.run(Limits(app, read_seconds=0.01)(scope, dawdle, caller.send))
    assert (caller.status, called) == (408, False)


def test_every_answer_carries_the_security_headers_unless_it_set_its_own() -> None:
    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        await Response("x", headers={"content-security-policy": "own"})(scope, receive, send)

    for caller in (ask(), ask([b"x" * 2 * MIB]), ask(headers={"content-type": "x/y", "content-length": "3"})):
        assert SECURITY_HEADERS.items() <= caller.headers.items()
        assert "strict-transport-security" not in caller.headers
    assert ask(app=page).headers["content-security-policy"] == "own"
    assert "strict-transport-security" in ask(scheme="https").headers


def test_what_is_not_http_passes_untouched() -> None:
    seen: list[str] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope["type"])

    caller = Caller()
    asyncio.run(Limits(app)({"type": "lifespan"}, caller.receive, caller.send))
    assert seen == ["lifespan"]


def test_the_application_still_learns_that_the_caller_left() -> None:
    seen: list[str] = []

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        seen.extend([(await receive())["type"], (await receive())["type"]])

    ask([b"{}"], app=app)
    assert seen == ["http.request", "http.disconnect"]


def test_no_path_can_be_left_without_a_limit() -> None:
    with pytest.raises(ValueError, match="every path"):
        Limits(echo, [PARTNERS])
