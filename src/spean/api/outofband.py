"""Alarms out of band (A3, O9): by webhook and by mail, since a partner that is cut off cannot be told by line.

What nobody acknowledges in time goes out a second time, to the escalation addresses where there are any (``escalating``). A message
names no person and holds no words of a fact.

An alarm counts as sent only when every configured way took it. A way that fails is tried again, later each time; the
others are not bothered twice by the same process. After a restart an alarm may come again, with the same ``id``.
"""

from __future__ import annotations

import asyncio
import logging
import smtplib
import ssl
from collections.abc import Callable, Iterable
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import httpcore2
import msgspec

from spean.core.errors import SpeanError, Unavailable
from spean.core.world import MINUTE, SECOND, iso
from spean.node import Node
from spean.node.care.escalating import outside
from spean.node.settings import Settings

LOOK_SECONDS = 2.0
TIMEOUT = 10.0
FIRST_WAIT = 5 * SECOND
LONGEST_WAIT = 5 * MINUTE
SMTP_PORT = 25
_LINE_ERRORS = (
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.TimeoutException,
    httpcore2.ConnectionNotAvailable,
    httpcore2.UnsupportedProtocol,
)
_log = logging.getLogger("spean.outofband")

Alarm = Any
"""An alarm as the node hands it out (``clockwork.unsent``)."""
Way = Callable[[Alarm], None]


def ways(settings: Settings, *, escalated: bool = False) -> dict[str, Way]:
    """The configured ways, by name."""
    found: dict[str, Way] = {}
    if settings.webhook:
        found["webhook"] = lambda alarm: post(settings, alarm, escalated=escalated)
    if settings.mail_server and settings.mail_to:
        found["mail"] = lambda alarm: mail(settings, alarm, escalated=escalated)
    return found


def _escalation(settings: Settings) -> Settings:
    """The same with the addresses of the next ones; where none are set, those of before are told again."""
    return replace(
        settings,
        webhook=settings.webhook_escalation or settings.webhook,
        mail_to=settings.mail_escalate_to or settings.mail_to,
    )


class _Round:
    """One telling of alarms: by which ways, and which of them took which alarm already."""

    def __init__(self, name: str, ways: dict[str, Way]) -> None:
        self.name = name
        self.ways = ways
        self.taken: dict[int, set[str]] = {}


class OutOfBand:
    """Sends what ``clockwork.unsent`` and ``escalating.due`` hold."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._first = _Round("", ways(node.settings))
        self._next = _Round("escalated ", ways(_escalation(node.settings), escalated=True))
        self._wait: dict[str, tuple[int, int]] = {}
        """Per way that fails: not before this moment, and how long it waited last (ms)."""

    def send_due(self) -> int:
        """Send all that is unsent, then what is to be escalated; returns how many alarms were taken by every way."""
        return self._send(self._first, self._node.clockwork.unsent, self._node.clockwork.sent) + self._send(
            self._next, self._node.escalating.due, self._node.escalating.done
        )

    def _send(self, round_: _Round, due: Callable[[], Iterable[Alarm]], done: Callable[[Alarm], None]) -> int:
        if not round_.ways:
            return 0
        sent = 0
        for alarm in due():
            taken = round_.taken.setdefault(alarm.id, set())
            for name, way in round_.ways.items():
                if name not in taken and self._try(round_.name + name, way, alarm):
                    taken.add(name)
            if taken == round_.ways.keys():
                done(alarm)
                del round_.taken[alarm.id]
                sent += 1
        return sent

    def _try(self, name: str, way: Way, alarm: Alarm) -> bool:
        now = self._node.clock.now()
        not_before, waited = self._wait.get(name, (0, 0))
        if now < not_before:
            return False
        try:
            way(alarm)
        except Unavailable as failed:
            wait = min(waited * 2, LONGEST_WAIT) or FIRST_WAIT
            self._wait[name] = (now + wait, wait)
            _log.warning("alarm %d by %s: %s", alarm.id, name, failed.why)
            return False
        self._wait.pop(name, None)
        return True

    async def keep_sending(self) -> None:
        """Look every two seconds, as long as the server runs."""
        while True:
            try:
                await asyncio.to_thread(self.send_due)
            except SpeanError as away:
                _log.warning("alarms: %s", away.what)
            await asyncio.sleep(LOOK_SECONDS)


def post(settings: Settings, alarm: Alarm, *, escalated: bool = False) -> None:
    """POST the alarm as JSON to the webhook and nowhere else: redirects are not followed, no proxy is asked.

    Raises ``Unavailable`` unless the answer is 2xx.
    """
    body = msgspec.json.encode({
        "node": settings.node, "id": alarm.id, "kind": alarm.kind, "severity": alarm.severity, "text": outside(alarm),
        "at": iso(alarm.at), "escalated": escalated,
    })  # fmt: skip
    waits = {"connect": TIMEOUT, "read": TIMEOUT, "write": TIMEOUT, "pool": TIMEOUT}
    headers = [(b"content-type", b"application/json"), (b"user-agent", b"spean")]
    try:
        with httpcore2.ConnectionPool(retries=0, max_connections=1) as pool, pool.stream(
            "POST", settings.webhook, headers=[(b"host", _host(settings.webhook)), *headers], content=body,
            extensions={"timeout": waits},
        ) as answer:  # fmt: skip
            status = answer.status
    except _LINE_ERRORS as down:
        raise Unavailable("The webhook cannot be reached", why=type(down).__name__) from down
    if not 200 <= status < 300:
        raise Unavailable("The webhook did not take it", why=f"it answered {status}")


def _host(url: str) -> bytes:
    return httpcore2.URL(url).host + (b"" if (port := httpcore2.URL(url).port) is None else b":%d" % port)


def mail(settings: Settings, alarm: Alarm, *, escalated: bool = False) -> None:
    """Mail the alarm, over TLS when the server offers it. Raises ``Unavailable`` unless it takes it for everybody."""
    message = EmailMessage()
    again = "NOT ACKNOWLEDGED, " if escalated else ""
    message["Subject"] = f"[spean {settings.node}] {again}{alarm.severity}: {alarm.kind}"
    message["From"] = settings.mail_from or f"spean@{settings.node.lower()}.invalid"
    message["To"] = ", ".join(settings.mail_to)
    message["Message-ID"] = (
        f"<alarm-{alarm.id}-{alarm.at}{'-again' if again else ''}@{settings.node.lower()}.{settings.realm}>"
    )
    message.set_content(f"{outside(alarm)}\n\n{iso(alarm.at)}, node {settings.node}, alarm {alarm.id}\n")
    host, _, port = settings.mail_server.partition(":")
    try:
        with smtplib.SMTP(host, int(port or SMTP_PORT), timeout=TIMEOUT) as line:
            line.ehlo()
            if line.has_extn("starttls"):
                line.starttls(context=ssl.create_default_context())
                line.ehlo()
            refused = line.send_message(message)
    except (OSError, smtplib.SMTPException) as down:
        raise Unavailable("The mail server does not take it", why=type(down).__name__) from down
    if refused:
        raise Unavailable("The mail server does not take it", why=f"{len(refused)} addresses were refused")
