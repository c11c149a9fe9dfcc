"""Who asks: bearer token or session cookie; protection of cookies against other sites; a brake on wrong secrets.

A cookie is sent by the browser whether or not our own page asked for it, so what changes something and rests on a
cookie must come from our own origin (Origin or Sec-Fetch-Site) and, but for a page's plain form, carry ``X-Spean: 1``.
A bearer token needs neither: no other site can make a browser send one.
"""

from __future__ import annotations

import ipaddress
import threading
from collections import OrderedDict
from hashlib import sha256
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

from spean.core.errors import Refusal, TooMuch, Unauthenticated
from spean.core.world import DAY, HOUR, MINUTE, SECOND, Clock
from spean.node import Node
from spean.node.entry.people import Who

MOST_FAILURES = 10
"""Wrong secrets from one address within a minute before it must wait."""
_REMEMBERED = 4096
_MAX_SECRET = 128
_DEVICE_SECONDS = 365 * DAY // SECOND
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Brake:
    """Counts wrong secrets by address. A secret that was right within the hour is never braked, so one careless
    program does not lock out the colleagues behind the same address."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._good: OrderedDict[bytes, int] = OrderedDict()

    def check(self, address: str, secret: str) -> None:
        """Raise ``TooMuch`` (429) while the address must wait."""
        now = self._clock.now()
        with self._lock:
            count, since = self._failures.get(address, (0, now))
            known = now - self._good.get(_digest(secret), -HOUR) < HOUR
            if known or count < MOST_FAILURES or now - since >= MINUTE:
                return
        wait = TooMuch("Too many wrong secrets", why=f"over {MOST_FAILURES} within a minute", remedy="wait a minute")
        wait.status = 429
        raise wait

    def failed(self, address: str) -> None:
        """Note a wrong secret."""
        now = self._clock.now()
        with self._lock:
            count, since = self._failures.pop(address, (0, now))
            self._failures[address] = (count + 1, since) if now - since < MINUTE else (1, now)
            while len(self._failures) > _REMEMBERED:
                self._failures.popitem(last=False)

    def passed(self, secret: str) -> None:
        """Note a right secret; only its hash is kept."""
        with self._lock:
            self._good.pop(_digest(secret), None)
            self._good[_digest(secret)] = self._clock.now()
            while len(self._good) > _REMEMBERED:
                self._good.popitem(last=False)


class Access:
    """Finds out who asks, and hands out and takes back session cookies."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._brake = Brake(node.clock)
        tls = node.settings.tls
        # The name holds the node, so that nodes on one machine (other ports, same host) do not mix their cookies.
        self.cookie = f"{'__Host-' if tls else ''}spean-{node.me}"
        self._device = f"{self.cookie}-device"
        self._secure = tls
        self.session_seconds = node.settings.session_absolute_ms // SECOND
        self._own_hosts = frozenset({urlsplit(node.settings.url).netloc.lower(), node.settings.listen.lower()})

    def caller(self, request: HTTPConnection, *, form: bool = False) -> Who:
        """Who asks; ``form``: it may be a page's plain form.

        Raises ``Unauthenticated``, ``TooMuch`` (429) or ``Refusal`` for a request from elsewhere.
        """
        secret, by_cookie = self._secret(request)
        address = address_of(request)
        self._brake.check(address, secret)
        try:
            who = self._node.people.authenticate(secret, through="session" if by_cookie else "api")
        except Unauthenticated:
            self._brake.failed(address)
            raise
        self._brake.passed(secret)
        if by_cookie and request.scope["method"] not in _SAFE:
            self.check_own_page(request, form=form)
        request.state.who = who
        check_place(who, request.scope["path"])
        return who

    def refused(self, request: HTTPConnection, refusal: Refusal) -> None:
        """Write down what a known caller was not allowed to do (O1)."""
        who: Who | None = getattr(request.state, "who", None)
        if who is not None:
            doing = f"{request.scope['method']} {request.scope['path']}"
            self._node.reading_desk.note_refusal(who, refusal, doing)

    def sign_in(self, request: HTTPConnection, link: str, *, form: bool = False) -> str:
        """Turn a one-time link into a session's secret."""
        self.check_own_page(request, form=form)
        address = address_of(request)
        self._brake.check(address, link)
        try:
            return self._node.signing_in.sign_in_link(link[:_MAX_SECRET], address=address)
        except Unauthenticated:
            self._brake.failed(address)
            raise

    def sign_out(self, request: HTTPConnection) -> None:
        """End the session or token with which the request came."""
        self._node.people.drop(self._secret(request)[0])

    def set_cookie(self, response: Response, secret: str) -> None:
        """The session's cookie: not for scripts, not for other sites, ended with the session."""
        seconds = self._node.settings.session_absolute_ms // SECOND
        response.set_cookie(
            self.cookie, secret, max_age=seconds, path="/", secure=self._secure, httponly=True, samesite="strict"
        )

    def secret_of(self, request: HTTPConnection) -> str:
        """The secret with which the request came; raises ``Unauthenticated`` when it came with none."""
        return self._secret(request)[0]

    def know_device(self, response: Response, secret: str) -> None:
        """Leave a mark on the device of a good sign-in: it opens nothing, but strangers' guesses do not brake it."""
        self.set_plain_cookie(response, *self.device_cookie(secret))

    def device_cookie(self, secret: str) -> tuple[str, str, int]:
        """That mark as a cookie: name, value, seconds."""
        return self._device, self._node.signing_in.device_for(secret), _DEVICE_SECONDS

    def device_of(self, request: HTTPConnection) -> str:
        """That mark, '' where there is none. Whether it is ours, the node says."""
        return request.cookies.get(self._device, "")[:_MAX_SECRET]

    def set_plain_cookie(self, response: Response, name: str, value: str, seconds: int) -> None:
        """Another cookie of ours that scripts need not see. 0 forgets it, -1 keeps it as long as the browser runs."""
        if seconds == 0:
            response.delete_cookie(name, path="/", secure=self._secure, httponly=True, samesite="strict")
            return
        age = None if seconds < 0 else seconds
        response.set_cookie(name, value, max_age=age, path="/", secure=self._secure, httponly=True, samesite="strict")

    def drop_cookie(self, response: Response) -> None:
        """Make the browser forget the cookie."""
        response.delete_cookie(self.cookie, path="/", secure=self._secure, httponly=True, samesite="strict")

    def _secret(self, request: HTTPConnection) -> tuple[str, bool]:
        header = request.headers.get("authorization")
        if header is not None:
            scheme, _, secret = header.partition(" ")
            if scheme.lower() != "bearer" or not 0 < len(secret.strip()) <= _MAX_SECRET:
                raise _nobody()
            return secret.strip(), False
        found = request.cookies.get(self.cookie, "")
        if not 0 < len(found) <= _MAX_SECRET:
            raise _nobody()
        return found, True

    def check_own_page(self, request: HTTPConnection, *, form: bool = False) -> None:
        """``X-Spean: 1`` (unless a plain ``form``), and every word that the browser says about where the request comes
        from is *here*. A browser names the origin of every POST, so silence is refused."""
        site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
        hosts = self._own_hosts | {request.headers.get("host", "").lower()}
        own_origin = origin is None or (
            urlsplit(origin).scheme == request.url.scheme and urlsplit(origin).netloc.lower() in hosts - {""}
        )
        said = site is not None or origin is not None
        if (form or request.headers.get("x-spean") == "1") and said and own_origin and site in (None, "same-origin"):
            return
        raise Refusal(
            "O1",
            "the request does not come from this node's own page",
            remedy="send X-Spean: 1 and Origin from the node's page, or use a token (Authorization: Bearer …)",
        )


BANK_PLACES = ("/bank", "/api/v1/bank", "/account", "/api/v1/passkeys", "/api/v1/password", "/api/v1/session",
               "/sign-out", "/live", "/task")  # fmt: skip
"""All that a bank's fraud desk reaches: its orders, and how it signs in itself. Everything else is nobody's of a bank."""


def check_place(who: Who, path: str) -> None:
    """Refuse a bank's desk outside its own places (O1): desk, alarms, directory and search are not its business."""
    inside = path == "/" or any(path == place or path.startswith(f"{place}/") for place in BANK_PLACES)
    if who.only_bank and not inside:
        raise Refusal("O1", "a bank's desk sees the orders to its institution and nothing else", remedy="go to /bank")


def address_of(request: HTTPConnection) -> str:
    """From where the request comes; an IPv6 caller is its /64, since it has 2⁶⁴ addresses to choose from."""
    host = request.client.host if request.client is not None else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 6:
        return str(ipaddress.ip_network((int(address), 64), strict=False))
    return host


def _digest(secret: str) -> bytes:
    return sha256(secret.encode(errors="replace")).digest()


def _nobody() -> Unauthenticated:
    return Unauthenticated("Nobody known asks", why="no token and no session", remedy="sign in, or send a token")
