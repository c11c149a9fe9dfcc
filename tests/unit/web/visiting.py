"""People at the pages of any node, without a browser: signed in by a session, reading for a task, forms urlencoded."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from starlette.testclient import TestClient
from starlette.types import ASGIApp

from spean.app import build_app
from spean.door.access import Access
from spean.node import Node
from spean.node.entry.people import Who


@cache
def app_of(node: Node) -> ASGIApp:
    """The application of a node, made once."""
    return build_app(node)


@dataclass
class Visitor:
    """One person in a browser of her own."""

    node: Node
    who: Who
    client: TestClient

    def get(self, path: str, status: int = 200) -> str:
        """A page with its entities resolved and white space folded."""
        answer = self.client.get(path)
        assert answer.status_code == status, f"{answer.status_code} {words_of(answer.text)[-3000:]}"
        return words_of(answer.text)

    def post(self, path: str, fields: Any = (), status: int = 303) -> Any:
        """A form sent without a script; the answer."""
        pairs = list(fields.items()) if isinstance(fields, dict) else list(fields)
        body = "&".join(f"{quote(name, safe='')}={quote(str(value), safe='')}" for name, value in pairs)
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "origin": origin(self.node),
            "sec-fetch-site": "same-origin",
        }
        answer = self.client.post(path, content=body, headers=headers)
        assert answer.status_code == status, f"{answer.status_code} {words_of(answer.text)[-3000:]}"
        return answer

    def give(self, path: str, content: bytes, status: int = 303, file: str = "a.csv", **fields: str) -> Any:
        """A form with a file, sent without a script; the answer."""
        parts = [(f'name="{key}"', value.encode()) for key, value in fields.items()]
        parts.append((f'name="file"; filename="{file}"', content))
        body = b"".join(
            b"--b7\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + value + b"\r\n"
            for head, value in parts
        )
        headers = {
            "content-type": "multipart/form-data; boundary=b7", "origin": origin(self.node), "sec-fetch-site": "same-origin",
        }  # fmt: skip
        answer = self.client.post(path, content=body + b"--b7--\r\n", headers=headers)
        assert answer.status_code == status, f"{answer.status_code} {words_of(answer.text)[-3000:]}"
        return answer

    def sent(self, path: str, fields: Any = (), status: int = 422) -> str:
        """The page that a form comes back with."""
        return words_of(self.post(path, fields, status).text)


def words_of(text: str) -> str:
    """The page as one line, with its tags."""
    return re.sub(r"\s+", " ", html.unescape(text))


def main_of(page: str) -> str:
    """The part of a page that is its own."""
    return page[page.index('id="main"') : page.index("</main>")]


def origin(node: Node) -> str:
    return node.settings.url


def visit(node: Node, *roles: Any, task: str = "Night shift", name: str = "", unit: str = "") -> Visitor:
    """A new person with these roles, signed in; with ``task=""`` she has not said for what she reads."""
    number = len(node.people.list())
    user = node.people.add(
        name or f"Person {number}", unit=unit or node.settings.units[0], roles=tuple(map(str, roles))
    )
    session = node.signing_in.sign_in_link(node.people.token(user, use="link"))
    client = TestClient(app_of(node), base_url=origin(node), raise_server_exceptions=False, follow_redirects=False)
    client.cookies.set(Access(node).cookie, session)
    if task:
        client.cookies.set(f"spean-{node.me}-task", quote(task))
    return Visitor(node, node.people.authenticate(session, through="session"), client)
