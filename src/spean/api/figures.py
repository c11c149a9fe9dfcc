"""Figures of the desk."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as FromQuery

from spean.api.bodies import Nothing
from spean.api.guarded import Answer, StrictRoute
from spean.node import Node


def routes(node: Node, guarded: type[StrictRoute]) -> APIRouter:
    """Figures that are counted from records."""
    router = APIRouter(prefix="/api/v1/figures", route_class=guarded, tags=["figures"])

    @router.get("/late-answers", summary="Answers of each node that came in time, late, or are not due yet (A4)")
    def late_answers(_: Annotated[Nothing, FromQuery()]) -> Answer:
        return Answer({"late_answers": node.figures.late_answers()})

    @router.get(
        "/holds",
        summary="Holds of each country: made, lapsed without order, wrong, and hours until those were free (R36)",
    )
    def holds(_: Annotated[Nothing, FromQuery()]) -> Answer:
        return Answer({"holds": node.figures.holds()})

    return router
