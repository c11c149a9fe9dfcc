"""A played officer's desk: the REST interface of one demo node, called as anybody would call it.

What a person does on the desk's page, confirming an adverse act with her passkey, is done here with a played passkey.
"""

from __future__ import annotations

import base64
import http.client
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

from spean.demo.passkey import SoftPasskey

TIMEOUT = 30.0
PAUSE = 0.02


class Refused(Exception):
    """The node said no: its explanation."""

    def __init__(self, status: int, diagnostics: dict[str, Any]) -> None:
        super().__init__(f"{status} {diagnostics}")
        self.status = status
        self.diagnostics = diagnostics


class Desk:
    """One officer at one node."""

    def __init__(self, node: str, port: int, token: str, device: SoftPasskey) -> None:
        self.node = node
        self._port = port
        self._token = token
        self._device = device
        self._line: http.client.HTTPConnection | None = None

    def get(self, path: str, **query: str) -> Any:
        """A GET; keyword arguments become the query."""
        words = "&".join(f"{name}={quote(value)}" for name, value in query.items())
        return self._ask("GET", f"{path}?{words}" if words else path)

    def post(self, path: str, body: Any) -> Any:
        """A POST of JSON."""
        return self._ask("POST", path, body)

    def open(self, procedure: str, form: dict[str, Any], to: list[str], **marks: Any) -> Any:
        """Open a record; what came of it."""
        return self.post(f"/records/{procedure}", {"form": form, "to": to, "marks": marks})

    def act(self, record: str, kind: str, form: dict[str, Any] | None = None, targets: list[str] | None = None) -> Any:
        """Act in a record."""
        return self.post(f"/records/{record}/{kind}", {"form": form or {}, "targets": targets or []})

    def sign(self, record: str, kind: str, form: dict[str, Any], door: str = "/records") -> Any:
        """An act against somebody: look at what is to be signed, confirm it with the passkey, act (R1). ``door``: a bank's desk has
        its own."""
        body = {"form": form}
        prepared = self.post(f"{door}/{record}/{kind}/prepare", body)
        challenge = prepared["challenge"]
        assertion = self._device.assertion(base64.urlsafe_b64decode(challenge + "=" * (-len(challenge) % 4)))
        return self.post(f"{door}/{record}/{kind}", {**body, "officer": assertion, "at": prepared["at"]})

    def upload(self, name: str, data: bytes, **known: str) -> Any:
        """A file for the ledgers: its bytes are the body."""
        query = urlencode({"name": name, **known})
        return self._answered("POST", f"/money/imports/file?{query}", data, "application/octet-stream")

    def bring_list(self, data: bytes, **told: str) -> Any:
        """A version of a published list: its bytes are the body."""
        return self._answered("POST", f"/lists/file?{urlencode(told)}", data, "application/octet-stream")

    def state(self, record: str) -> str:
        """The record's state here; empty while nothing of it has arrived. A list shows no content, so this is no read."""
        found = self.get("/records", procedure=record.split(":")[1], limit="1000")["records"]
        return next((str(each["state"]) for each in found if each["id"] == record), "")

    def wait(self, what: str, seen: Callable[[], Any], seconds: float = 60.0) -> Any:
        """Look until ``seen`` gives something; raises ``TimeoutError`` naming what did not come."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = seen()
            if found:
                return found
            time.sleep(PAUSE)
        raise TimeoutError(f"{self.node}: {what} did not come within {seconds:.0f} s")

    def wait_state(self, record: str, *states: str) -> str:
        """Wait until the record is in one of the states here."""
        return str(self.wait(f"{record} {' or '.join(states)}", lambda: self.state(record) in states))

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        return self._answered(method, path, None if body is None else json.dumps(body).encode(), "application/json")

    def _answered(self, method: str, path: str, data: bytes | None, kind: str) -> Any:
        headers = {"authorization": f"Bearer {self._token}", "host": f"{self.node.lower()}.localhost:{self._port}"}
        if data is not None:
            headers["content-type"] = kind
        answer = self._send(method, f"/api/v1{path}", data, headers)
        text = answer.read()
        known = json.loads(text) if text else {}
        if answer.status >= 400:
            raise Refused(answer.status, known)
        return known

    def _send(self, method: str, path: str, data: bytes | None, headers: dict[str, str]) -> http.client.HTTPResponse:
        """One kept connection; a connection that the node closed while idle is opened again."""
        for last in (False, True):
            if self._line is None:
                self._line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT)
            try:
                self._line.request(method, path, body=data, headers=headers)
                return self._line.getresponse()
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                self._line = None
                if last:
                    raise
        raise AssertionError("the loop returns or raises")
