"""Live without reload: a stream that says *something here has changed*; the page then asks for its own parts anew.

The stream carries no content, so it needs no reason and shows nothing that the page itself would not (R38). Of alarms it says how
many nobody has acknowledged, the worst severity and the newest one's number, so that a page can ring (``static/alarms.js``).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from spean.core.errors import NotFound, SpeanError
from spean.core.roles import Role
from spean.node import Node
from spean.node.care.escalating import Standing
from spean.node.views.reading import ACCESSES
from spean.node.work import EXCHANGE

if TYPE_CHECKING:
    from spean.web.frame.office import Office

BREATH = 20.0
"""Seconds after which a quiet stream says that it still lives, so that nothing on the way cuts it."""
MOST_STREAMS = 512
APART = 0.03
FARTHEST = 1.5
"""Seconds between two streams that are told of the same change, and between the first and the last: one officer hears at once, and
fifty pages that ask anew do not all ask at the same moment."""
BANK = "bank:"
"""Before the code of an institution whose orders a page is about."""
SUPERVISOR = "supervisor:"
"""Before what the page of a supervisor is about: there is more to ring for."""
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


class Live:
    """The streams of one node."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._open = 0
        self._begun = 0
        self._looks: tuple[object, dict[str, asyncio.Task[tuple[str, Standing]]]] = (None, {})

    def route(self) -> Route:
        """``/live?of=desk`` or ``/live?of=<record>``."""
        return Route("/live", self._answer, methods=["GET"])

    async def _answer(self, request: Request) -> Response:
        try:
            who = await run_in_threadpool(self._office.access.caller, request)
        except SpeanError as refused:
            return Response(status_code=refused.status)
        if self._open >= MOST_STREAMS:
            return Response(status_code=503, headers={"retry-after": "30"})
        of = f"bank:{who.user.unit}" if who.only_bank else request.query_params.get("of", "desk")[:200]
        if Role.AUDITOR in who.roles:
            of = SUPERVISOR + of
        return StreamingResponse(self._stream(request, of), headers=HEADERS, media_type="text/event-stream")

    async def _stream(self, request: Request, of: str) -> AsyncIterator[str]:
        """One event a change. A session that has ended ends its stream at the next breath."""
        self._open += 1
        self._begun += 1
        place = self._begun
        try:
            news = self._office.watch.news
            known, standing = await run_in_threadpool(look, self._office.node, of)
            yield f"retry: 2000\nevent: hello\ndata: {known}\n\n"
            yield f"event: alarm\ndata: {_told(standing)}\n\n"
            while not self._office.node.stopping:
                changed = await self._office.watch.wait(BREATH, news)
                if not changed:
                    await run_in_threadpool(self._office.access.caller, request)
                    yield ": still here\n\n"
                    continue
                await asyncio.sleep(self._turn(place))
                news = self._office.watch.news
                now, alarms = await self._look(of)
                if alarms != standing:
                    standing = alarms
                    yield f"event: alarm\ndata: {_told(standing)}\n\n"
                if now != known:
                    known = now
                    yield f"event: changed\ndata: {known}\n\n"
        except SpeanError:
            yield "event: ended\ndata: sign in again\n\n"
        finally:
            self._open -= 1

    async def _look(self, of: str) -> tuple[str, Standing]:
        """What is there now: looked at once for all streams of one page, until something changes again."""
        news = self._office.watch.news
        if self._looks[0] is not news:
            self._looks = (news, {})
        known = self._looks[1]
        if of not in known:
            known[of] = asyncio.ensure_future(run_in_threadpool(look, self._office.node, of))
        return await asyncio.shield(known[of])

    def _turn(self, place: int) -> float:
        """Seconds by which this stream is told later than the first of those that are open."""
        spread = min(FARTHEST, APART * (self._open - 1))
        return spread * (place % self._open) / self._open


def look(node: Node, of: str) -> tuple[str, Standing]:
    """What a stream needs to know at each change. A bank's desk is told of its orders, and of no alarm of ours."""
    if of.startswith(BANK):
        return stamp(node, of), Standing(count=0, worst="", newest=0)
    if of.startswith(SUPERVISOR):
        return stamp(node, of.removeprefix(SUPERVISOR)), node.escalating.standing(supervisor=True)
    return stamp(node, of), node.escalating.standing()


def _told(standing: Standing) -> str:
    return json.dumps({"count": standing.count, "worst": standing.worst, "newest": standing.newest})


def stamp(node: Node, of: str) -> str:
    """Differs whenever the page about ``of`` would show something else."""
    if of.startswith(BANK):
        return node.money.banks.stamp(of.removeprefix(BANK))
    with node.reading() as tx:
        alarms = "-".join(f"{count}.{newest}" for _, (count, newest) in sorted(tx.alarms.standing().items()))
        if of == "desk":
            return f"{tx.log.head(EXCHANGE).size}-{alarms}"
        try:
            if of.startswith("import:"):
                file = tx.money.one_import(of.removeprefix("import:"))
                return f"{file.state}-{file.bytes_read}-{file.taken}-{file.rejected}-{alarms}"
            return "-".join(map(str, (*tx.records.stamp(of, but=ACCESSES), alarms)))
        except NotFound:
            return f"0-{alarms}"
