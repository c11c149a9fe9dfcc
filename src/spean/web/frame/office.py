"""The office behind the pages: lets people in, runs handlers, renders their pages, turns errors into pages."""

from __future__ import annotations

import gzip
import logging
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from spean.core.errors import NotFound, Refusal, SpeanError, Unauthenticated
from spean.door.access import Access
from spean.door.incoming import pieces
from spean.door.place import place
from spean.door.workers import run_upload
from spean.node import Node
from spean.node.wire.watch import Watch
from spean.web.frame.live import stamp
from spean.web.frame.markup import Markup
from spean.web.frame.pages import Answer, Declared, Go, Page, Pages, Shown
from spean.web.frame.problem import kept_page, problem_page, prove_page, why_page
from spean.web.frame.shell import shell_of
from spean.web.frame.visit import NeedsReason, Visit, parse_form

HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; media-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "permissions-policy": "camera=(), microphone=(), geolocation=(), publickey-credentials-get=(self), publickey-credentials-create=(self)",
    "referrer-policy": "same-origin",
    "vary": "accept-encoding, cookie, x-spean",
}
"""Of every page. ``same-origin`` and not ``no-referrer``: with that a form's POST would name no origin."""
PROOF = "proof"
"""The rule of a refusal that a fresh proof of the person lifts: it is a question, so it is not written down."""
SMALL = 1000
"""Bytes below which compressing gains nothing."""
UNFORESEEN = SpeanError("Something went wrong here", remedy="tell the administrator of this node")
_log = logging.getLogger("spean.web")


class Office:
    """Pages of one node."""

    def __init__(self, node: Node, access: Access, watch: Watch) -> None:
        self.node = node
        self.access = access
        self.watch = watch
        self.markup = Markup(node)
        self.task_cookie = f"spean-{node.me}-task"

    def routes(self, collected: Iterable[Pages]) -> list[BaseRoute]:
        """Plain routes for every declared page."""
        return [self._route(each) for pages in collected for each in pages.declared]

    def _route(self, declared: Declared) -> Route:
        async def endpoint(request: Request) -> Response:
            if declared.stream:
                return await run_upload(self.answer, declared, request, b"")
            body = await request.body() if declared.method == "POST" else b""
            return await run_in_threadpool(self.answer, declared, request, body)

        endpoint.__name__ = declared.handler.__name__
        handler: Callable[[Request], Awaitable[Response]] = endpoint
        return Route(declared.path, handler, methods=[declared.method])

    def answer(self, declared: Declared, request: Request, body: bytes) -> Response:
        """The whole way of one request."""
        visit = Visit(self, request, [])
        try:
            if declared.stream:
                visit.incoming = pieces(request)
            elif declared.method == "POST":
                visit.pairs = parse_form(body)
            self._let_in(declared, visit)
            if declared.method == "GET" and visit.someone is not None:
                visit.stamp = stamp(self.node, visit.about)
            return self._give(visit, declared.handler(visit))
        except NeedsReason:
            return self.render(visit, why_page(visit))
        except Unauthenticated as nobody:
            return self.render(visit, kept_page(visit, nobody), 401)
        except SpeanError as error:
            return self._refused(visit, error)
        except Exception as error:
            _log.error("%s at %s", type(error).__name__, place(error))
            return self.render(visit, problem_page(visit, UNFORESEEN), 500)

    def nowhere(self) -> Route:
        """The last route: a page that says that nothing is here, with the way back."""

        async def endpoint(request: Request) -> Response:
            if request.url.path.startswith(("/api/", "/exchange/")):
                raise HTTPException(404)  # programs are answered as programs
            return await run_in_threadpool(self.missing, request)

        return Route("/{path:path}", endpoint, methods=["GET"])

    def missing(self, request: Request) -> Response:
        """Nothing is at this path."""
        visit = Visit(self, request, [])
        try:
            visit.someone = self.access.caller(request)
        except SpeanError:
            visit.someone = None
        error = NotFound("Nothing is at this address", remedy="go to the desk, or search")
        return self.render(visit, problem_page(visit, error), 404)

    def _let_in(self, declared: Declared, visit: Visit) -> None:
        if not declared.stranger:
            visit.someone = self.access.caller(visit.request, form=True)
            return
        try:
            visit.someone = self.access.caller(visit.request, form=True)
        except Unauthenticated:
            visit.someone = None
        if declared.method == "POST":
            self.access.check_own_page(visit.request, form=True)

    def _refused(self, visit: Visit, error: SpeanError) -> Response:
        if isinstance(error, Refusal) and error.rule == PROOF and visit.someone is not None:
            return self.render(visit, prove_page(visit, error), error.status)
        if isinstance(error, Refusal) and visit.someone is not None:
            doing = f"{visit.request.method} {visit.path}"
            self.node.reading_desk.note_refusal(visit.someone, error, doing)
        return self.render(visit, problem_page(visit, error), error.status)

    def _give(self, visit: Visit, answer: Answer) -> Response:
        if isinstance(answer, Go):
            return self._go(visit, answer.path)
        if isinstance(answer, Shown):
            return self.render(visit, answer.page, answer.status)
        if isinstance(answer, Page):
            return self.render(visit, answer)
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        self._set_cookies(visit, answer)
        return answer

    def _go(self, visit: Visit, path: str) -> Response:
        """To another page. Our script is told where, so that it does not fetch the page twice."""
        target = quote(path, safe="/?&=:%#+,;@~!$'()*")
        if visit.by_script:
            response = Response(status_code=204, headers={**HEADERS, "x-spean-go": target})
        else:
            response = RedirectResponse(target, 303, dict(HEADERS))
        self._set_cookies(visit, response)
        return response

    def render(self, visit: Visit, page: Page, status: int = 200) -> Response:
        """The page as HTML, compressed when the browser takes it."""
        text = self.markup.render(page, shell_of(visit, page), visit.reader)
        body, headers = text.encode(), dict(HEADERS)
        if len(body) > SMALL and "gzip" in visit.request.headers.get("accept-encoding", ""):
            body = gzip.compress(body, 5, mtime=0)
            headers["content-encoding"] = "gzip"
        response = Response(body, status, headers, "text/html; charset=utf-8")
        self._set_cookies(visit, response)
        return response

    def _set_cookies(self, visit: Visit, response: Response) -> None:
        for name, value, seconds in visit.cookies:
            self.access.set_plain_cookie(response, name, value, seconds)
