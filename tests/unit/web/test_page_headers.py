"""What goes with every page and every served file: headers, cookies, methods (docs/asvs.md, V3)."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import spean.web
from spean.core.roles import Role
from spean.web.frame.static import FOLDER, TYPES, address
from spean.web.routes import MODULES

PATHS = [
    each.path for module in MODULES for each in module.pages.declared if each.method == "GET" and "{" not in each.path
]
SCRIPTS = [
    path for path in sorted((Path(spean.web.__file__).parent / "static").rglob("*.js")) if "vendor" not in path.parts
]
POLICY = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'",
}  # fmt: skip


@pytest.mark.parametrize("path", [*PATHS, "/nowhere"])
def test_every_page_carries_the_headers(path: str, desk: Any) -> None:
    for browser in (desk.browser(), desk.signed_in(Role.DUTY_OFFICER)):
        headers = browser.get(path).headers
        policy = {each.strip() for each in headers["content-security-policy"].split(";")}
        assert policy >= POLICY
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] in ("same-origin", "no-referrer")
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in headers


def test_with_tls_the_browser_is_told_to_stay_with_it(desk: Any) -> None:
    safe = TestClient(desk.app, base_url="https://kr.localhost:8443")
    seconds = re.search(r"max-age=(\d+)", safe.get("/sign-in").headers["strict-transport-security"])
    assert seconds is not None
    assert int(seconds[1]) >= 365 * 24 * 3600


def test_no_page_repeats_the_sessions_secret(desk: Any) -> None:
    browser = desk.signed_in(Role.DUTY_OFFICER)
    for path in PATHS:
        assert browser.secret not in browser.get(path).text, path


def test_the_longest_task_fits_into_its_cookie(desk: Any) -> None:
    browser = desk.signed_in(Role.DUTY_OFFICER)
    answer = browser.post("/task", {"task": "ហ" * 300, "back": "/"})
    assert answer.status_code == 303
    pair = answer.headers["set-cookie"].split(";")[0]
    assert len(pair) <= 4096


def test_looking_changes_nothing_but_the_note_of_the_look(desk: Any) -> None:
    browser = desk.signed_in(Role.DUTY_OFFICER, Role.AUDITOR, Role.ADMINISTRATOR)

    def state() -> tuple[int, int, int]:
        with desk.node.reading() as tx:
            return (
                tx.log.head("exchange").size,
                len(tx.people.list()),
                sum(each.queued for each in tx.outbox.counts().values()),
            )

    before = state()
    for path in PATHS:
        browser.get(path)
    assert state() == before


def test_cookies_of_two_nodes_do_not_mix(desk: Any) -> None:
    browser = desk.signed_in(Role.DUTY_OFFICER)
    assert {cookie.name for cookie in browser.client.cookies.jar} <= {"spean-KR", "spean-KR-task", "spean-KR-device"}


def test_served_files_are_those_of_the_package(desk: Any) -> None:
    served = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.suffix in TYPES}
    stranger = desk.browser()
    for name in served:
        assert stranger.get(address(name)).content == (FOLDER / name).read_bytes()
    assert stranger.get(address("spean.js").replace("spean.js", "../office.py")).status_code == 404
    assert stranger.get(address("spean.js").replace("spean.js", "vendor/VENDOR.md")).status_code == 404


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_keep_their_names_to_themselves(script: Path) -> None:
    """Everything stands within a function, declared; so no element's name or id can stand in for a value."""
    code = [line for line in script.read_text().splitlines() if line and not line.startswith(("//", " ", "/*", "*"))]
    assert code[0] == '"use strict";'
    assert re.match(r"\((async )?(\(\) =>|function)|import |export ", code[1]), code[1]


def test_password_fields_hide_and_take_pasted_words(desk: Any) -> None:
    found = []
    for browser in (desk.browser(), desk.signed_in(Role.DUTY_OFFICER)):
        for path in PATHS:
            found += re.findall(r"<input[^>]*password[^>]*>", browser.get(path).text)
    assert found
    for field in found:
        if 'type="checkbox"' in field or 'type="hidden"' in field:
            continue
        assert 'type="password"' in field
        assert 'autocomplete="current-password"' in field or 'autocomplete="new-password"' in field


def test_opening_a_link_signs_nobody_in_until_the_button_is_pressed(desk: Any, page: Callable[[Any], str]) -> None:
    link = desk.node.people.token(desk.user(Role.ANALYST), use="link")
    browser = desk.browser()
    assert "Sign in" in page(browser.get(f"/sign-in/link/{link}"))
    assert browser.secret == ""
    assert browser.get("/").status_code == 401
