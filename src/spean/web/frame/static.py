"""What the browser loads beside pages: style, script, fonts. Read once, named by their hash, kept by the browser for a year."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

FOLDER = Path(__file__).parent.parent / "static"
TYPES = {
    ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".woff2": "font/woff2",
    ".svg": "image/svg+xml", ".wav": "audio/wav", ".webmanifest": "application/manifest+json",
}  # fmt: skip
"""What may be served; other files of the folder (sources, licences) stay there."""
YEAR = 365 * 24 * 3600


@cache
def version() -> str:
    """Changes when any served file changes."""
    digest = hashlib.sha256()
    for name in sorted(_files()):
        digest.update(name.encode() + b"\0" + (FOLDER / name).read_bytes())
    return digest.hexdigest()[:12]


def address(name: str) -> str:
    """Where the browser finds the file ``name``; raises ``KeyError`` when there is none."""
    if name not in _files():
        raise KeyError(name)
    return f"/static/{version()}/{name}"


WORKER = "-worker.js"
WORKER_POLICY = "default-src 'none'; script-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""A worker lives by the policy of its own file, not by its page's: it may load our scripts and reach nothing else."""


@cache
def _files() -> frozenset[str]:
    return frozenset(
        str(path.relative_to(FOLDER).as_posix())
        for path in FOLDER.rglob("*")
        if path.is_file() and path.suffix in TYPES
    )


@cache
def _compressed(name: str) -> bytes:
    return gzip.compress((FOLDER / name).read_bytes(), 9, mtime=0)


def serve(request: Request) -> Response:
    """One file. The version in its address only makes browsers fetch it anew."""
    name = str(request.path_params["name"])
    if name not in _files():
        return Response(status_code=404)
    kind = TYPES[Path(name).suffix]
    headers = {
        "cache-control": f"public, max-age={YEAR}, immutable",
        "vary": "accept-encoding",
        "cross-origin-resource-policy": "same-origin",
    }
    if name.endswith(WORKER):
        headers["content-security-policy"] = WORKER_POLICY
    if kind != "font/woff2" and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(_compressed(name), headers={**headers, "content-encoding": "gzip"}, media_type=kind)
    return Response((FOLDER / name).read_bytes(), headers=headers, media_type=kind)


ROUTE = Route("/static/{version}/{name:path}", serve)
"""The route of all of them."""
