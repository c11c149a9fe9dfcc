"""REST for officers and their programs, under ``/api/v1``; and ``/health`` for monitoring."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI
from fastapi import Query as FromQuery

from spean import __version__
from spean.api import (
    audit,
    entities,
    facts,
    figures,
    hand_over,
    money,
    openapi,
    people,
    private,
    problems,
    records,
    registers,
    screening,
)
from spean.api.bodies import Nothing
from spean.api.guarded import Answer, StrictRoute, guarded
from spean.core.errors import SpeanError
from spean.door.access import Access
from spean.node import Node


def officers_app(node: Node, access: Access, **options: Any) -> FastAPI:
    """The application of officers' routes. Nothing of it answers a stranger but ``/health`` and signing in."""
    app = FastAPI(title="Spean", version=__version__, openapi_url=None, docs_url=None, redoc_url=None, **options)
    problems.install(app)
    guard = guarded(access)
    for router in (
        _health(node), people.routes(node, access, guard), records.routes(node, guard), facts.routes(node, guard),
        registers.routes(node, guard), figures.routes(node, guard), hand_over.routes(node, guard),
        audit.routes(node, guard), money.routes(node, guard),
        entities.routes(node, guard), private.routes(node, guard), screening.routes(node, guard),
        _description(app, node, guard),
    ):  # fmt: skip
        app.include_router(router)
    return app


def _health(node: Node) -> APIRouter:
    router = APIRouter(route_class=StrictRoute, tags=["health"])

    @router.get("/health", summary="Is it well? Says nothing else.")
    def health() -> Answer:
        try:
            with node.reading():
                pass
        except SpeanError:
            return Answer({"ok": False, "version": __version__}, 503)
        return Answer({"ok": True, "version": __version__})

    return router


def _description(app: FastAPI, node: Node, guard: type[StrictRoute]) -> APIRouter:
    router = APIRouter(prefix="/api/v1", route_class=guard, tags=["description"])

    @cache
    def made() -> dict[str, Any]:
        return openapi.document(app, node)

    @router.get("/openapi.json", summary="This interface, derived from the declared procedures")
    def description(_: Annotated[Nothing, FromQuery()]) -> Answer:
        return Answer(made())

    return router
