"""HTTP message signatures of partners' requests: RFC 9421 with content digests (RFC 9530), one fixed profile.

Covered components: ``@method``, ``@authority``, ``@path``, ``@query``, and with a body ``content-digest`` and
``content-type``. Parameters, in this order: created, expires (at most 60 s later), nonce, alg="ed25519",
keyid="<node>/<key id>", tag="spean". Only this exact profile is accepted, so the parser is one pattern and nothing
can be left unsigned.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest

from spean.core.errors import TooMuch, Unauthenticated, VerificationFailed
from spean.core.world import SECOND
from spean.exchange.make import Signer
from spean.ledger import ed25519

LIFE = 60
"""Seconds that a signature lives, and that two clocks may differ."""
NONCES_PER_NODE = 20_000
_COVERED = ("@method", "@authority", "@path", "@query")
_COVERED_BODY = (*_COVERED, "content-digest", "content-type")
_INPUT = re.compile(
    r'spean=(?P<params>\((?P<names>[a-z@" -]{1,120})\);created=(?P<created>\d{1,12});expires=(?P<expires>\d{1,12})'
    r';nonce="(?P<nonce>[A-Za-z0-9_-]{16,64})";alg="ed25519";keyid="(?P<node>[A-Z][A-Z0-9]{1,7})/(?P<key>[!#-\[\]-~]{1,100})";tag="spean")'
)
_SIGNATURE = re.compile(r"spean=:(?P<value>[A-Za-z0-9+/]{86}==):")

KeyOf = Callable[[str, str], bytes | None]
"""The public key (32 bytes) of a node and key id, when it is believed now, else None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is signed of a request. ``headers`` have names in small letters; ``query`` comes without ``?``."""

    method: str
    authority: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class Nonces:
    """The nonces seen, bounded per node: only a request whose signature holds enters, so no stranger fills it."""

    def __init__(self, per_node: int = NONCES_PER_NODE) -> None:
        self._per_node = per_node
        self._seen: dict[str, OrderedDict[str, int]] = {}

    def use(self, node: str, nonce: str, *, until: int, now: int) -> None:
        """Remember ``nonce`` until then (seconds). Raises ``Unauthenticated`` if seen, ``TooMuch`` when full."""
        seen = self._seen.setdefault(node, OrderedDict())
        while seen and next(iter(seen.values())) < now:
            seen.popitem(last=False)
        if nonce in seen:
            raise _refused("the same signed request came before", "sign each request afresh")
        if len(seen) >= self._per_node:
            flood = TooMuch("Too many requests", why=f"{len(seen)} in a minute", remedy="wait a minute")
            flood.status = 429
            raise flood
        seen[nonce] = until


def digest_header(body: bytes) -> str:
    """The ``Content-Digest`` of ``body``."""
    return f"sha-256=:{b64encode(sha256(body).digest()).decode()}:"


def signature_base(components: Sequence[tuple[str, str]], params: str) -> bytes:
    """The bytes that are signed (RFC 9421 section 2.5)."""
    lines = [f'"{name}": {value}' for name, value in components]
    return "\n".join([*lines, f'"@signature-params": {params}']).encode()


def sign_request(request: Request, node: str, signer: Signer, *, now: int, nonce: bytes) -> dict[str, str]:
    """The headers to add: ``Content-Digest`` (with a body), ``Signature-Input``, ``Signature``.

    ``request.headers`` must hold ``content-type`` when there is a body. ``now`` in milliseconds; ``nonce`` at
    least 12 fresh random bytes.
    """
    created = now // SECOND
    added = {"content-digest": digest_header(request.body)} if _has_body(request) else {}
    names = " ".join(f'"{name}"' for name in _names(request))
    text = b64encode(nonce, b"-_").decode().rstrip("=")
    params = (
        f'({names});created={created};expires={created + LIFE};nonce="{text}"'
        f';alg="ed25519";keyid="{node}/{signer.key_id}";tag="spean"'
    )
    base = signature_base(_components(request, {**request.headers, **added}), params)
    signature = b64encode(signer.private.sign(base)).decode()
    return {**added, "signature-input": f"spean={params}", "signature": f"spean=:{signature}:"}


def verify_request(request: Request, key_of: KeyOf, nonces: Nonces, *, authorities: frozenset[str], now: int) -> str:
    """Check a partner's request and return the name of the node that signed it.

    ``authorities`` are the names under which this node is reached: a request signed for another node is refused.
    Raises ``Unauthenticated``, or ``VerificationFailed`` when digest or signature do not fit, or ``TooMuch``.
    """
    found = _INPUT.fullmatch(request.headers.get("signature-input", ""))
    value = _SIGNATURE.fullmatch(request.headers.get("signature", ""))
    if found is None or value is None:
        raise _refused("not signed in the profile of Spean", "sign it as docs/protocol.md says (RFC 9421)")
    if found["names"] != " ".join(f'"{name}"' for name in _names(request)):
        raise _refused("another set of components is signed", f"sign exactly {', '.join(_names(request))}")
    if request.authority.lower() not in authorities:
        raise _refused(f"signed for {request.authority[:80]}, which is not this node", "send it to the right node")
    seconds = now // SECOND
    _check_age(int(found["created"]), int(found["expires"]), seconds)
    node, key = found["node"], found["key"]
    public = key_of(node, key)
    if public is None:
        raise _refused(f"key {key} of {node} is unknown or revoked", "announce the key first, or accept the peer")
    if _has_body(request):
        _check_digest(request)
    base = signature_base(_components(request, request.headers), found["params"])
    ed25519.verify(public, b64decode(value["value"]), base)
    nonces.use(node, found["nonce"], until=int(found["created"]) + LIFE + 1, now=seconds)
    return node


def _check_age(created: int, expires: int, now: int) -> None:
    if not created < expires <= created + LIFE:
        raise _refused("it lives longer than allowed", f"let it expire within {LIFE} seconds")
    if abs(now - created) > LIFE or now > expires + LIFE:
        raise _refused(f"made {abs(now - created)} seconds from now", "set the clock of the node that sends")


def _check_digest(request: Request) -> None:
    if not compare_digest(request.headers.get("content-digest", "").encode(), digest_header(request.body).encode()):
        raise VerificationFailed(
            "The body is not the signed one",
            why="its SHA-256 differs from Content-Digest",
            remedy="send it again",
            rule="RFC 9530",
        )


def _has_body(request: Request) -> bool:
    return request.method not in {"GET", "HEAD"} or request.body != b""


def _names(request: Request) -> tuple[str, ...]:
    return _COVERED_BODY if _has_body(request) else _COVERED


def _components(request: Request, headers: Mapping[str, str]) -> list[tuple[str, str]]:
    derived = {
        "@method": request.method,
        "@authority": request.authority.lower(),
        "@path": request.path,
        "@query": f"?{request.query}",
    }
    return [(name, derived[name] if name in derived else headers.get(name, "").strip()) for name in _names(request)]


def _refused(why: str, remedy: str) -> Unauthenticated:
    return Unauthenticated("The request is not accepted as a partner's", why=why, remedy=remedy, rule="RFC 9421")
