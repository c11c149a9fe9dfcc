"""Administration: rights are given by one person with a fresh proof, never to oneself; lost ways in by two people (R4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from spean.core.roles import Role
from spean.core.world import DAY, MINUTE
from spean.node.entry.account_log import account_record

REASON = "I saw her passport at the desk this morning"


@pytest.fixture
def fresh(make_desk: Callable[..., Any]) -> Any:
    return make_desk()


def notes(desk: Any, user: str) -> list[str]:
    with desk.node.reading() as tx:
        return [row.act for row in tx.access.of_subject(account_record("KR", user))]


def once(response: Any) -> str:
    found = re.search(r'<code class="once">([^<]+)</code>', response.text)
    assert found is not None
    return str(found[1])


PATHS = ("/administration", "/administration/users", "/administration/health", "/recoveries")


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ADMINISTRATOR, Role.SERVICE)])
def test_only_an_administrator_administers(desk: Any, role: Role) -> None:
    browser = desk.signed_in(role)
    user = browser.who().id
    allowed = {"/recoveries"} if role in (Role.LEGAL, Role.AUDITOR) else set()
    for path in (*PATHS, f"/administration/users/{user}"):
        assert browser.get(path).status_code == (200 if path in allowed else 403), path
    for path in ("users", "drill", f"users/{user}/rights", f"users/{user}/disable", f"users/{user}/link", f"users/{user}/token",
                 f"users/{user}/token/end", f"users/{user}/recovery"):  # fmt: skip
        assert browser.post(f"/administration/{path}", {"roles": "administrator", "unit": "desk"}).status_code == 403, (
            path
        )
    assert ('href="/administration"' in browser.get("/account").text) is False


def test_an_administrator_sees_the_machine_but_no_contents(desk: Any, page: Any) -> None:
    browser, _ = desk.with_passkey(Role.ADMINISTRATOR)
    said = page(browser.get("/administration"))
    for words in ("signs facts", "Last backup ! due never", "spean key rotate", "nothing is pending", desk.node.keys.sign_id,
                  "names the present keys"):  # fmt: skip
        assert words in said, words
    assert browser.get("/new/information-request").status_code == 200
    opened = browser.get("/records/KR:circular:01JNF000000000000000000000")
    assert opened.status_code in (403, 404)


def test_health_says_what_the_doctor_says(desk: Any, page: Any) -> None:
    browser, _ = desk.with_passkey(Role.ADMINISTRATOR)
    said = page(browser.get("/administration/health"))
    assert "the key files have no passphrase" in said
    assert "none was made by this node yet" in said
    assert "last entries and checkpoint verified" in said
    assert said.index("! look") < said.index("✓ well")


def test_a_user_is_added_with_a_proof_and_gets_a_link_once(fresh: Any, page: Any, goes: Any) -> None:
    browser, _ = fresh.with_passkey(Role.ADMINISTRATOR)
    form = {
        "name": "Sok Dara",
        "unit": "night",
        "kind": "person",
        "roles": ["analyst", "duty-officer"],
        "languages": "km en",
    }
    shown = goes(browser.post("/administration/users", form))
    user = next(each for each in fresh.node.people.list() if each.name == "Sok Dara")
    assert shown == f"/administration/users/{user.id}?done=added"
    assert (user.unit, user.roles, user.languages) == ("night", ("analyst", "duty-officer"), ("km", "en"))
    link = once(browser.post(f"/administration/users/{user.id}/link"))
    assert link not in browser.get(shown).text
    officer = fresh.browser()
    assert goes(officer.post("/sign-in/link", {"secret.link": link.rpartition("/")[2]})).startswith("/account/passkey")
    assert notes(fresh, user.id)[:2] == ["user-add", "user-link"]


def test_rights_need_a_fresh_proof_and_what_was_typed_stays(fresh: Any, page: Any, field: Any) -> None:
    browser, _ = fresh.with_passkey(Role.ADMINISTRATOR)
    user = fresh.user(Role.ANALYST)
    fresh.clock.advance(6 * MINUTE)
    form = {"name": "Sok Dara", "unit": "desk", "roles": ["administrator"]}
    for path in (
        "users",
        f"users/{user.id}/rights",
        f"users/{user.id}/link",
        f"users/{user.id}/token",
        f"users/{user.id}/recovery",
    ):
        fields = {**form, "days": "1", "label": "program", "reason": REASON}
        asked = browser.post(f"/administration/{path}", fields)
        assert (asked.status_code, "Prove that it is you" in page(asked)) == (403, True), path
        assert "name=Sok+Dara" in field(asked, "kept")
    assert fresh.node.people.find(user.id).roles == ("analyst",)
    assert fresh.access("refused") == 0, "a question for a proof is no refusal"
    assert browser.post(f"/administration/users/{user.id}/disable").status_code == 303, "to stop somebody is quick"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": "  "}, "a name has 1 to 120"), ({"roles": ["king"]}, "is no role"), ({"unit": "moon"}, "is no unit here"),
        ({"roles": []}, "without a role"), ({"kind": "robot"}, "neither person nor service"), ({"name": "Present Already"}, "is here already"),
    ],
)  # fmt: skip
def test_a_bad_form_is_shown_again_with_what_was_typed(desk: Any, page: Any, change: dict[str, Any], says: str) -> None:
    browser, _ = desk.with_passkey(Role.ADMINISTRATOR)
    if not any(each.name == "Present Already" for each in desk.node.people.list()):
        desk.user(Role.ANALYST, name="Present Already")
    before = len(desk.node.people.list())
    form = {"name": "Kept Name", "unit": "night", "kind": "service", "roles": ["analyst"], "languages": "km", **change}
    shown = browser.post("/administration/users", form)
    assert shown.status_code in (409, 422)
    assert says in page(shown)
    assert 'value="km"' in shown.text
    assert len(desk.node.people.list()) == before


def test_roles_change_at_once_and_never_ones_own(fresh: Any, page: Any, goes: Any) -> None:
    browser, _ = fresh.with_passkey(Role.ADMINISTRATOR)
    officer = fresh.signed_in(Role.ANALYST)
    user = officer.who().id
    goes(browser.post(f"/administration/users/{user}/rights", {"unit": "night", "roles": ["auditor"]}))
    assert (officer.who().user.unit, officer.who().user.roles) == ("night", ("auditor",))
    assert notes(fresh, user)[-1] == "user-change"
    me = browser.who().id
    for path in ("rights", "disable"):
        refused = browser.post(
            f"/administration/users/{me}/{path}", {"unit": "desk", "roles": ["administrator", "analyst"]}
        )
        assert refused.status_code == 403
        assert "R4" in page(refused)
    assert browser.who().user.roles == ("administrator",)
    own = page(browser.get(f"/administration/users/{me}"))
    assert "Nobody changes the own roles" in own
    assert "End the rights" not in own


def test_a_user_without_rights_is_out_at_once_and_stays_in_the_list(fresh: Any, page: Any, goes: Any) -> None:
    browser, _ = fresh.with_passkey(Role.ADMINISTRATOR)
    officer = fresh.signed_in(Role.ANALYST, name="Leaving Soon")
    user = officer.who().id
    goes(browser.post(f"/administration/users/{user}/disable"))
    assert officer.get("/").status_code == 401
    assert "Leaving Soon" not in page(browser.get("/administration/users"))
    assert "Leaving Soon" in page(browser.get("/administration/users?all=1"))
    again = browser.post(f"/administration/users/{user}/rights", {"unit": "desk", "roles": ["analyst"]})
    assert again.status_code == 403
    assert "is disabled" in page(again)


def test_tokens_are_shown_once_listed_and_ended(fresh: Any, page: Any, goes: Any) -> None:
    browser, _ = fresh.with_passkey(Role.ADMINISTRATOR)
    service = fresh.user(Role.SERVICE, name="Bank bridge", kind="service")
    at = f"/administration/users/{service.id}"
    for days in ("0", "367", "x", ""):
        wrong = browser.post(f"{at}/token", {"label": "bank bridge", "days": days})
        assert wrong.status_code == 422
        assert 'value="bank bridge"' in wrong.text
    secret = once(browser.post(f"{at}/token", {"label": "bank bridge", "days": "30"}))
    assert fresh.node.people.authenticate(secret).id == service.id
    shown = browser.get(at)
    assert "bank bridge" in page(shown)
    assert secret not in shown.text
    (id,) = re.findall(r'name="id" value="([0-9a-f]{16})"', shown.text)
    goes(browser.post(f"{at}/token/end", {"id": id}))
    assert "None." in page(browser.get(at))
    assert notes(fresh, service.id)[-2:] == ["user-token", "token-end"]
    fresh.clock.advance(31 * DAY)


def test_nobody_alone_goes_around_an_authenticator_two_people_do(fresh: Any, page: Any, goes: Any) -> None:
    admin, _ = fresh.with_passkey(Role.ADMINISTRATOR)
    officer, _ = fresh.with_passkey(Role.ANALYST, name="Lost Everything")
    legal, _ = fresh.with_passkey(Role.LEGAL)
    user = officer.who().id
    alone = admin.post(f"/administration/users/{user}/link")
    assert alone.status_code == 403
    assert "R4" in page(alone)
    short = admin.post(f"/administration/users/{user}/recovery", {"reason": "short"})
    assert short.status_code == 422
    assert ">short</textarea>" in short.text
    assert goes(admin.post(f"/administration/users/{user}/recovery", {"reason": REASON})) == "/recoveries?done=asked"
    shown = admin.get("/recoveries")
    assert REASON in page(shown)
    assert "somebody else decides" in page(shown)
    assert "/approve" not in shown.text
    (path,) = set(re.findall(r'action="(/recoveries/[^"]+/approve)"', legal.get("/recoveries").text))
    own = admin.post(path)
    assert own.status_code == 403
    assert "who asks does not approve" in page(own)
    link = once(legal.post(path))
    assert legal.post(path).status_code == 409
    owner = fresh.browser()
    assert goes(owner.post("/sign-in/link", {"secret.link": link.rpartition("/")[2]})).startswith("/account/passkey")
    assert officer.get("/").status_code == 401, "what was held before has ended"
    assert owner.who().id == user
    assert "used" in page(legal.get("/recoveries"))


def test_backups_and_drills_are_remembered(fresh: Any, page: Any, goes: Any, tmp_path: Any) -> None:
    browser, _ = fresh.with_passkey(Role.ADMINISTRATOR)
    fresh.node.restoring.backup(tmp_path / "backup")
    assert "backup the last one is of" in page(browser.get("/administration/health"))
    said = page(browser.get("/administration"))
    assert "Last backup ! due never" not in said
    assert "Last copy of the keys ! due never" in said
    assert browser.post("/administration/drill", {"words": "short"}).status_code == 422
    words = "From last night's backup in 41 minutes; nothing failed."
    assert goes(browser.post("/administration/drill", {"words": words})) == "/administration?done=drill"
    assert "Last drill ! due never" not in page(browser.get("/administration"))
    assert notes(fresh, browser.who().id)[-1] == "drill"
    fresh.clock.advance(3 * DAY)
    later = fresh.node.machines.look(browser_who(fresh, browser))
    assert later.backup.late
    assert not later.drill.late


def browser_who(desk: Any, browser: Any) -> Any:
    """The administrator, after the session has ended."""
    from spean.node.entry.people import Who

    user = next(each for each in desk.node.people.list() if each.roles == ("administrator",))
    return Who(user=user, through="cli")
