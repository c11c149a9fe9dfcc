"""Refusals as answers: every error leaves as its ``diagnostics`` (rule, reason, remedy), and nothing else does.

What nobody foresaw is answered with 500 and no details; the log gets the kind of error and the place in the code, never
its message, since a message may quote what somebody typed.
"""

from __future__ import annotations

import logging
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from spean.core.errors import InvalidInput, NotFound, SpeanError
from spean.door.place import place

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = {429: "60", 503: "5"}
_UNFORESEEN = SpeanError("Something went wrong here", remedy="tell the administrator of this node")
_log = logging.getLogger("spean.api")


class WrongMethod(SpeanError):
    """The path is there, but not for this method."""

    status = 405


def answer(error: SpeanError) -> Response:
    """The error as a person and a program read it (RFC 9457 media type; the fields are ``diagnostics``)."""
    headers = {}
    if error.status == 401:
        headers["www-authenticate"] = "Bearer"
    if error.status in RETRY_SECONDS:
        headers["retry-after"] = RETRY_SECONDS[error.status]
    return Response(msgspec.json.encode(error.diagnostics()), error.status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Make ``app`` answer all errors so."""

    async def known(_: Request, error: Any) -> Response:
        return answer(error)

    async def invalid(_: Request, error: Any) -> Response:
        return answer(_first_fault(error))

    async def routing(_: Request, error: Any) -> Response:
        refused = answer(_routing(error))
        refused.headers.update(error.headers or {})  # 405 says which methods there are
        return refused

    async def unforeseen(_: Request, error: Any) -> Response:
        del error  # the framework raises it again after this answer, and ``LastResort`` logs it
        return answer(_UNFORESEEN)

    app.add_exception_handler(SpeanError, known)
    app.add_exception_handler(Exception, unforeseen)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, routing)


def _first_fault(error: RequestValidationError) -> InvalidInput:
    """The first wrong field; the value itself is not repeated."""
    first = error.errors()[0]
    where = [str(part) for part in first["loc"] if part not in ("body", "query", "path", "header")]
    unknown = first["type"] == "extra_forbidden"
    remedy = "leave the field out" if unknown else "see the description: /api/v1/openapi.json"
    return InvalidInput(".".join(where) or "body", str(first["msg"]), remedy=remedy, rule="R28" if unknown else "form")


def _routing(error: HTTPException) -> SpeanError:
    if error.status_code == 405:
        return WrongMethod("Not with this method", remedy="see the description: /api/v1/openapi.json")
    if error.status_code == 404:
        return NotFound("Nothing is at this path", remedy="see the description: /api/v1/openapi.json")
    return InvalidInput("body", "not readable", remedy="send one JSON value")


class LastResort:
    """Pure ASGI middleware: whatever the application did not foresee becomes a bare 500."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            if scope["type"] != "http":
                raise
            _log.error("%s at %s", type(error).__name__, place(error))
            if not started:
                await answer(_UNFORESEEN)(scope, receive, send)
