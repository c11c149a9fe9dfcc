"""Alarms out of band: to a local web sink and a local mail sink; sent only when every way took it."""

from __future__ import annotations

import asyncio
import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from spean.api.outofband import FIRST_WAIT, OutOfBand


class Sink:
    """What came in, and what the sink answers."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.mails: list[str] = []
        self.status = 204
        self.refuse_mail = False
        self.elsewhere = 0


@pytest.fixture
def sink() -> Sink:
    return Sink()


def _running(server: socketserver.BaseServer) -> Iterator[str]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def web(sink: Sink) -> Iterator[str]:
    """Address of a web server that keeps what is posted."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.path == "/elsewhere":
                sink.elsewhere += 1
            else:
                sink.got.append(json.loads(body))
            self.send_response(sink.status)
            self.send_header("location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    yield from _running(HTTPServer(("127.0.0.1", 0), Handler))


@pytest.fixture
def mail(sink: Sink) -> Iterator[str]:
    """Address of a mail server that keeps what it takes (RFC 5321, as much as a client needs)."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 sink\r\n")
            while line := self.rfile.readline():
                verb = line[:4].upper()
                if verb == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    lines = list(iter(self.rfile.readline, b".\r\n"))
                    sink.mails.append(b"".join(lines).decode())
                if verb == b"RCPT" and sink.refuse_mail:
                    self.wfile.write(b"451 not now\r\n")
                    continue
                self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 yes\r\n")
                if verb == b"QUIT":
                    return

    yield from _running(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler))


def alarm(desk: Any, key: str = "KH:1", severity: str = "critical") -> None:
    with desk.node.writing() as work:
        text = "KH has not acknowledged 3 facts, the oldest for 3 minutes: call its desk"
        work.tx.alarms.raise_("not-delivered", key, severity, text, work.now)


def test_an_alarm_goes_out_by_every_way_and_once(
    make_desk: Callable[..., Any], sink: Sink, web: str, mail: str
) -> None:
    desk = make_desk(
        webhook=f"http://{web}/hook?room=duty",
        mail_server=mail,
        mail_from="node@kr.example",
        mail_to=("duty@kr.example",),
    )
    sender = OutOfBand(desk.node)
    assert sender.send_due() == 0
    alarm(desk)
    alarm(desk, "KH:2", "info")
    assert sender.send_due() == 1
    assert sender.send_due() == 0
    (posted,) = sink.got
    assert (posted["node"], posted["kind"], posted["severity"]) == ("KR", "not-delivered", "critical")
    assert posted["at"] == "2026-03-04T01:00:00.000Z"
    (letter,) = sink.mails
    assert "Subject: [spean KR] critical: not-delivered" in letter
    assert "To: duty@kr.example" in letter
    assert "call its desk" in letter
    sent = [row.kind for row in desk.node.reading_desk.alarms() if row.sent_at is not None]
    assert sent == ["not-delivered"]


@pytest.mark.parametrize("status", [302, 404, 500])
def test_what_is_not_taken_is_not_sent_and_tried_again_later(
    make_desk: Callable[..., Any], sink: Sink, web: str, status: int
) -> None:
    desk = make_desk(webhook=f"http://{web}/hook")
    sender = OutOfBand(desk.node)
    alarm(desk)
    sink.status = status
    assert sender.send_due() == 0
    assert sender.send_due() == 0
    assert (len(sink.got), sink.elsewhere) == (1, 0)
    sink.status = 200
    desk.clock.advance(FIRST_WAIT - 1)
    assert sender.send_due() == 0
    desk.clock.advance(1)
    assert sender.send_due() == 1
    assert desk.node.clockwork.unsent() == []


def test_the_way_that_took_it_is_not_bothered_again(
    make_desk: Callable[..., Any], sink: Sink, web: str, mail: str
) -> None:
    desk = make_desk(webhook=f"http://{web}/hook", mail_server=mail, mail_to=("duty@kr.example",))
    sender = OutOfBand(desk.node)
    alarm(desk)
    sink.refuse_mail = True
    assert sender.send_due() == 0
    assert len(desk.node.clockwork.unsent()) == 1
    sink.refuse_mail = False
    desk.clock.advance(FIRST_WAIT)
    assert sender.send_due() == 1
    assert (len(sink.got), len(sink.mails)) == (1, 1)


def test_nobody_listens(make_desk: Callable[..., Any]) -> None:
    desk = make_desk(webhook="http://127.0.0.1:1/hook", mail_server="127.0.0.1:1", mail_to=("duty@kr.example",))
    alarm(desk)
    assert OutOfBand(desk.node).send_due() == 0
    assert len(desk.node.clockwork.unsent()) == 1


def test_the_loop_sends(make_desk: Callable[..., Any], sink: Sink, web: str) -> None:
    desk = make_desk(webhook=f"http://{web}/hook")
    alarm(desk)

    async def until_sent() -> None:
        loop = asyncio.create_task(OutOfBand(desk.node).keep_sending())
        async with asyncio.timeout(5):
            while desk.node.clockwork.unsent():
                await asyncio.sleep(0.01)
        loop.cancel()

    asyncio.run(until_sent())
    assert len(sink.got) == 1


def test_what_nobody_acknowledges_goes_to_the_next_ones_once(
    make_desk: Callable[..., Any], sink: Sink, web: str, mail: str
) -> None:
    desk = make_desk(
        webhook=f"http://{web}/duty", webhook_escalation=f"http://{web}/chief", mail_server=mail,
        mail_to=("duty@kr.example",), mail_escalate_to=("chief@kr.example",),
    )  # fmt: skip
    sender = OutOfBand(desk.node)
    alarm(desk)
    alarm(desk, "KH:2", "warning")
    assert sender.send_due() == 2
    desk.clock.advance(desk.node.settings.escalate_ms - 1)
    assert sender.send_due() == 0
    desk.clock.advance(1)
    assert sender.send_due() == 1
    assert [each["escalated"] for each in sink.got] == [False, False, True]
    assert "NOT ACKNOWLEDGED, critical: not-delivered" in sink.mails[-1]
    assert "To: chief@kr.example" in sink.mails[-1]
    critical = next(row for row in desk.node.reading_desk.alarms() if row.severity == "critical")
    assert critical.escalated_at == desk.clock.now()
    assert sender.send_due() == 0
    desk.clock.advance(desk.node.settings.escalate_warning_ms)
    assert (sender.send_due(), sender.send_due()) == (1, 0)


def test_who_acknowledges_in_time_keeps_it_at_the_desk(make_desk: Callable[..., Any], sink: Sink, web: str) -> None:
    desk = make_desk(webhook=f"http://{web}/duty")
    sender = OutOfBand(desk.node)
    alarm(desk)
    assert sender.send_due() == 1
    (row,) = desk.node.reading_desk.alarms()
    who = desk.node.people.authenticate(desk.token("duty-officer"), through="api")
    desk.node.reading_desk.acknowledge(who, row.id)
    desk.clock.advance(desk.node.settings.escalate_ms * 2)
    assert sender.send_due() == 0
    assert desk.node.escalating.standing().count == 0


def test_an_escalation_that_fails_is_tried_again_and_counts_only_when_taken(
    make_desk: Callable[..., Any], sink: Sink, web: str
) -> None:
    desk = make_desk(webhook_escalation=f"http://{web}/chief")
    sender = OutOfBand(desk.node)
    alarm(desk)
    desk.clock.advance(desk.node.settings.escalate_ms)
    sink.status = 500
    assert sender.send_due() == 0
    assert desk.node.reading_desk.alarms()[0].escalated_at is None
    sink.status = 204
    desk.clock.advance(FIRST_WAIT)
    assert sender.send_due() == 1


def test_no_person_is_named_outside(make_desk: Callable[..., Any], sink: Sink, web: str, mail: str) -> None:
    desk = make_desk(webhook=f"http://{web}/duty", mail_server=mail, mail_to=("duty@kr.example",))
    with desk.node.writing() as work:
        for kind in ("sign-in-guesses", "recovery", "refused", "refused-by-peer", "peer-revoked", "a-kind-of-later"):
            work.tx.alarms.raise_(kind, "1", "critical", "KH: Chan Sophea, +855 12 345 678, was refused", work.now)
    assert OutOfBand(desk.node).send_due() == 6
    said = "".join(json.dumps(each) for each in sink.got) + "".join(sink.mails)
    assert len(sink.got) == len(sink.mails) == 6
    assert "Sophea" not in said
    assert "345" not in said
    assert "open its page of alarms" in said
