"""Routes that know who asks before they read what is asked; strict JSON; answers encoded once."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import msgspec
from fastapi import Depends
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from spean.core.errors import InvalidInput, Refusal
from spean.door.access import Access
from spean.node.entry.people import Who


def of_type(media_type: str) -> dict[str, Any]:
    """How a route says that it answers with something else than JSON."""
    return {"response_class": Response, "responses": {200: {"description": "OK", "content": {media_type: {}}}}}


Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Answer(Response):
    """JSON, straight from dictionaries, rows and structs."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return msgspec.json.encode(content)


class StrictRequest(Request):
    """Its JSON is read by msgspec: no NaN, no lone surrogates, and what is wrong is a refusal with words."""

    def parse(self, body: bytes) -> None:
        """Read the body once; raises ``InvalidInput``."""
        try:
            self._json = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeError, RecursionError, ValueError) as wrong:
            raise InvalidInput("body", f"not JSON: {wrong}"[:200], remedy="send one JSON value in UTF-8") from None

    async def json(self) -> Any:
        if not hasattr(self, "_json"):  # an empty body: let the framework say so
            raise json.JSONDecodeError("empty", "", 0)
        return self._json


class StrictRoute(APIRoute):
    """A route that anybody may ask, with strict JSON."""

    reads = True
    """False: the body is no JSON, and its handler takes it as it comes."""

    def get_route_handler(self) -> Handler:
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            strict = StrictRequest(request.scope, request.receive)
            await self.admit(strict)
            body = await strict.body() if self.reads else b""
            if body:
                strict.parse(body)
            return await inner(strict)

        return handler

    async def admit(self, request: Request) -> None:
        """Anybody may."""


def guarded(access: Access) -> type[StrictRoute]:
    """A route class for those who can say who they are: that is asked first, so a stranger learns nothing else."""

    class Guarded(StrictRoute):
        def get_route_handler(self) -> Handler:
            inner = super().get_route_handler()

            async def handler(request: Request) -> Response:
                try:
                    return await inner(request)
                except Refusal as refused:
                    await run_in_threadpool(access.refused, request, refused)
                    raise

            return handler

        async def admit(self, request: Request) -> None:
            request.state.who = await run_in_threadpool(access.caller, request)

    return Guarded


def _who(request: Request) -> Who:
    who: Who = request.state.who
    return who


Caller = Annotated[Who, Depends(_who)]
"""The one who asks, already proved."""
