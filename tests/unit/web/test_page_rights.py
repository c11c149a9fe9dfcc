"""Role × page, from the routes themselves (O1): nobody is let in where she is not meant to be, and no page shows a way that is closed.

People of every role walk through the pages by the links that they are shown. Each link must open; what a role is not shown
it may ask for all the same, and is then answered with a page that says why not, never with an error.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from browser.furnished import Furnished
from browser.places import PLACES, Place
from browser.served import Pair
from spean.core.roles import Role
from spean.door.access import Access
from spean.web.frame.pages import Declared
from spean.web.routes import MODULES

POSTS: list[Declared] = [each for module in MODULES for each in module.pages.declared if each.method == "POST"]
MOST_PAGES = 90
"""Pages that one person looks at on her walk."""
OPENS = {200, 303}
ANSWERED = {200, 303, 403, 404, 422}
"""What a signed-in person of any role may get from a page: shown, sent on, refused with its reason, or not there for her."""
OWN_PAGE = {"sec-fetch-site": "same-origin"}


class Walker:
    """Somebody of one role in a browser."""

    def __init__(self, world: Furnished, role: Role | None) -> None:
        node = world.kr.node
        headers = {**OWN_PAGE, "origin": world.kr.url}
        self.client = TestClient(world.kr.app, base_url=world.kr.url, follow_redirects=False, headers=headers)
        if role is not None:
            user = node.people.add(f"Walker {role}", unit="desk", roles=(str(role),))
            secret = node.signing_in.sign_in_link(node.people.token(user, use="link"))
            self.client.cookies.set(Access(node).cookie, secret)
            self.client.cookies.set(f"spean-{node.me}-task", "walk")

    def status(self, path: str) -> int:
        return int(self.client.get(path).status_code)

    def walk(self) -> dict[str, tuple[int, str]]:
        """Every page that is reached from the desk by links: its status, and on which page the link stood."""
        waiting, seen = [("/", "the beginning")], {}
        while waiting and len(seen) < MOST_PAGES:
            path, origin = waiting.pop(0)
            if path in seen:
                continue
            answer = self.client.get(path)
            seen[path] = (answer.status_code, origin)
            kind = answer.headers.get("content-type", "")
            if answer.status_code == 200 and kind.startswith("text/html"):
                waiting += [(link, path) for link in links(answer.text) if link not in seen]
        return seen


def links(text: str) -> Iterator[str]:
    """Addresses within the node that a page offers, in order."""
    for found in re.findall(r'<a\b[^>]*\bhref="([^"]+)"', text):
        parts = urlsplit(html.unescape(found))
        if (
            not parts.scheme
            and not parts.netloc
            and parts.path.startswith("/")
            and not parts.path.startswith("/static/")
        ):
            yield parts.path + (f"?{parts.query}" if parts.query else "")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    """Two served nodes with everything on their desks."""
    made = Furnished(Pair(tmp_path_factory.mktemp("rights")))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def walkers(world: Furnished) -> dict[Role | None, Walker]:
    """One person of each role, and a stranger."""
    return {role: Walker(world, role) for role in (None, *Role)}


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.path)
def test_a_stranger_sees_only_what_is_declared_for_strangers(
    place: Place, world: Furnished, walkers: dict[Role | None, Walker]
) -> None:
    for path in place.addresses(world):
        assert walkers[None].status(path) == (200 if place.stranger else 401), path


def typed(declared: Declared) -> dict[str, Any]:
    """A form as its page would send it: with a file, or plain."""
    return {"files": {"file": ("typed.csv", b"a,b")}} if declared.stream else {"data": {"f.text": "typed"}}


@pytest.mark.parametrize("declared", POSTS, ids=lambda declared: declared.path)
def test_a_stranger_does_nothing(declared: Declared, world: Furnished, walkers: dict[Role | None, Walker]) -> None:
    path = re.sub(r"\{\w+(:\w+)?\}", "x", declared.path)
    answer = walkers[None].client.post(path, **typed(declared))
    expected = {303, 401, 422} if declared.stranger else {401}
    assert answer.status_code in expected, answer.text[:500]
    assert not answer.headers.get("location", "/sign-in").startswith("/records")


@pytest.mark.parametrize("declared", POSTS, ids=lambda declared: declared.path)
def test_nothing_is_done_for_another_sites_page(
    declared: Declared, world: Furnished, walkers: dict[Role | None, Walker]
) -> None:
    path = re.sub(r"\{\w+(:\w+)?\}", "x", declared.path)
    headers = {"origin": "https://elsewhere.example", "sec-fetch-site": "cross-site"}
    answer = walkers[Role.DUTY_OFFICER].client.post(path, headers=headers, **typed(declared))
    assert answer.status_code == 403


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.path)
def test_every_role_is_answered_on_every_page(
    place: Place, role: Role, world: Furnished, walkers: dict[Role | None, Walker]
) -> None:
    for path in place.addresses(world):
        assert walkers[role].status(path) in ANSWERED, path


@pytest.mark.parametrize("role", Role)
def test_whatever_is_shown_as_a_link_opens(role: Role, walkers: dict[Role | None, Walker]) -> None:
    closed = {path: found for path, found in walkers[role].walk().items() if found[0] not in OPENS}
    assert not closed


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.SERVICE])
def test_who_keeps_the_node_alive_reads_no_record(
    role: Role, world: Furnished, walkers: dict[Role | None, Walker]
) -> None:
    for record in (*world.requests.values(), world.list):
        answer = walkers[role].client.get(f"/records/{record}")
        assert answer.status_code == 403
        assert "TPlayedWallet" not in answer.text


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ADMINISTRATOR, Role.SERVICE)])
def test_no_record_offers_an_act_that_the_node_refuses_to_that_role(
    role: Role, world: Furnished, walkers: dict[Role | None, Walker]
) -> None:
    """Each act of each record is sent with an empty form: that may be a fault of the form, but never one of rights."""
    walker = walkers[role]
    for record in (*world.requests.values(), *world.asked.values(), world.list, world.agreement, world.draft):
        page = walker.client.get(f"/records/{record}").text
        for path in {link for link in links(page) if link.startswith(f"/records/{record}/")}:
            assert walker.status(path) == 200, path
            answer = walker.client.post(path, data={"again": "1"})
            assert not re.search(r'class="number">O1<', answer.text), path
            assert answer.status_code in {200, 303, 422}, (path, answer.status_code)
