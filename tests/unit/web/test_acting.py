"""The desk, a record and its acts: what a tired officer reads, does, and does twice (A4, A7, R38)."""

from __future__ import annotations

from typing import Any

import pytest

from spean.core.roles import Role
from spean.node.acts.acting import Intent, Marks

AGREEMENT = "KR:agreement:01JNF000000000000000000000"
MARKS = {"m.instrument": AGREEMENT, "m.purpose": "stop-fraud", "m.data": "wallet", "m.subject": "victim"}
REQUEST = {
    "f.offence": "fraud", "f.facts": "Twelve victims paid into one wallet.", "f.need": "It is named in seven statements.",
    "f.proportionality": "One question and no other data.", "f.urgency": "normal", "f.language": "en",
    "f.items.0.selector": "wallet", "f.items.0.value": "TFICT01", "f.items.0.chain": "tron",
    "f.items.0.question": "Do you know it?", "to": "KH",
}  # fmt: skip


@pytest.fixture
def officer(desk: Any) -> Any:
    return desk.signed_in(Role.DUTY_OFFICER)


def records(desk: Any) -> int:
    with desk.node.reading() as tx:
        return len(tx.records.list(procedure="information-request"))


def opened(desk: Any, officer: Any, **more: str) -> str:
    sent = officer.post("/new/information-request", {**REQUEST, **MARKS, "once": "01JNF0000000000000000000AA", **more})
    assert sent.status_code == 303, sent.text
    return str(sent.headers["location"]).split("/records/")[1].split("?")[0].replace("%3A", ":")


def test_a_request_is_opened_once_however_often_it_is_sent(desk: Any, officer: Any) -> None:
    before = records(desk)
    first, second = opened(desk, officer), opened(desk, officer)
    assert first == second
    assert records(desk) == before + 1
    other = desk.signed_in(Role.DUTY_OFFICER)
    assert opened(desk, other) != first, "the mark of a form is one person's"


def test_the_desk_has_the_request_with_its_clock_and_whom_it_waits_for(desk: Any, officer: Any, page: Any) -> None:
    record = opened(desk, officer, once="01JNF0000000000000000000AB")
    shown = page(officer.get("/"))
    assert record[-6:] in shown
    assert "waits for KH" in shown
    read = page(officer.get(f"/records/{record}"))
    for words in (
        "Twelve victims paid into one wallet.",
        "TLP:AMBER",
        "It is the turn of KH.",
        "acknowledge",
        "on its way to KH",
    ):
        assert words in read, words


def test_reading_needs_a_reason_and_what_was_typed_comes_back_after_it(desk: Any, page: Any) -> None:
    user = desk.user(Role.DUTY_OFFICER)
    record = opened(desk, desk.by_link(user), once="01JNF0000000000000000000AC")
    fresh = desk.browser()
    assert fresh.post("/sign-in/link", {"secret.link": desk.node.people.token(user, use="link")}).status_code == 303
    assert "Why do you read this?" in page(fresh.get(f"/records/{record}"))
    asked = fresh.post("/search", {"words": "ហាងទូរស័ព្ទ សុខា"})
    assert "Why do you read this?" in page(asked)
    assert desk.access("search") == 0
    resumed = fresh.post("/task", {"task": "Case 7", "back": "/search", "kept": "words=TFICT01&again=1"})
    assert 'name="words" value="TFICT01"' in resumed.text


def test_a_day_of_the_buddhist_era_is_kept_as_iso(desk: Any, page: Any) -> None:
    """A7: a Thai officer types 2570, the fact says 2027."""
    user = desk.user(Role.DUTY_OFFICER)
    officer = desk.by_link(user)
    desk.node.people.prefer(officer.who(), calendar="buddhist", time_zone="Asia/Bangkok")
    form = officer.get("/new/information-request").text
    assert 'type="date"' not in form, "a date picker knows one calendar only"
    year = 2570 - 543
    record = opened(desk, officer, **{"m.review": "01/02/2570", "once": "01JNF0000000000000000000AD"})
    with desk.node.reading() as tx:
        assert f'"review":"{year}-02-01"'.encode() in tx.facts.of_record(record)[0].payload
    assert "1 February 2570" in page(officer.get(f"/records/{record}"))
    wrong = officer.post("/new/information-request", {**REQUEST, **MARKS, "m.review": "31/02/2570"})
    assert wrong.status_code == 422
    assert "31/02/2570" in wrong.text, "what was typed is still there"


def test_every_fault_is_named_at_once_and_nothing_typed_is_lost(desk: Any, officer: Any, page: Any) -> None:
    before = records(desk)
    sent = officer.post("/new/information-request", {**REQUEST, **MARKS, "f.facts": "short", "f.need": ""})
    assert sent.status_code == 422
    said = page(sent)
    assert "2 things are not right yet" in said
    assert "At least 10 characters; 5 are here." in said
    assert "TFICT01" in sent.text
    assert records(desk) == before


def test_a_refusal_says_the_rule_the_reason_and_the_remedy(desk: Any, officer: Any, page: Any) -> None:
    """A4: *urgent* without a reason; the form stays as it was."""
    sent = officer.post("/new/information-request", {**REQUEST, **MARKS, "f.urgency": "urgent"})
    assert sent.status_code == 403
    said = page(sent)
    for words in ("A4", "an urgent request says why it is urgent", "give the reason, or send it as normal"):
        assert words in said, words
    assert "TFICT01" in sent.text
    assert desk.access("refused") > 0


def test_who_would_receive_it_is_asked_anew_while_the_marks_change(officer: Any, page: Any) -> None:
    yes = page(officer.post("/new/information-request/receivers", {**REQUEST, **MARKS}))
    assert "KH receives it" in yes
    no = page(
        officer.post("/new/information-request/receivers", {**REQUEST, **MARKS, "m.instrument": "KR:agreement:none"})
    )
    assert "KH does not receive it" in no


def test_an_act_of_another_party_is_no_form_here(desk: Any, officer: Any, page: Any) -> None:
    record = opened(desk, officer, once="01JNF0000000000000000000AE")
    sent = officer.post(f"/records/{record}/acknowledge", {})
    assert sent.status_code == 403
    assert "It is the turn of KH." in page(officer.get(f"/records/{record}"))
    for kind in ("fly", "overdue", "send", "correct"):
        assert officer.get(f"/records/{record}/{kind}").status_code in (403, 404)


def test_a_post_from_elsewhere_does_nothing(desk: Any, officer: Any) -> None:
    before = records(desk)
    for headers in ({}, {"origin": "http://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
        sent = officer.client.post("/new/information-request", data={**REQUEST, **MARKS}, headers=headers)
        assert sent.status_code == 403, headers
    assert records(desk) == before


def test_the_answers_form_has_a_line_for_each_question(desk: Any, officer: Any) -> None:
    """What KH asks stands beside the form with which KR answers; showing it is a read."""
    form = {
        name.removeprefix("f."): value for name, value in REQUEST.items() if name.startswith("f.") and ".0." not in name
    }
    items = [{"selector": "phone", "value": "+85512345678", "question": "Whose is it?"}] * 2
    record = desk.node.acting.act(
        officer.who(),
        Intent(kind="send", procedure="information-request", form={**form, "items": items}, to=("KH",),
               marks=Marks(instrument=AGREEMENT, purpose="stop-fraud", data="phone", subject="other")),
    ).record  # fmt: skip
    before = desk.access("read")
    shown = officer.get(f"/records/{record}/withdraw").text
    assert "Whose is it?" in shown
    assert desk.access("read") == before + 1


def test_a_report_of_our_own_is_opened_and_gone_on_with_and_goes_to_nobody(desk: Any, officer: Any, page: Any) -> None:
    shown = page(officer.get("/new/fraud-report"))
    assert "Nobody: it stays at this node." in shown
    fields = {"f.victim": "V-KR-9", "f.reported_at": "2026-03-04T01:41", "f.scam_type": "investment", "m.purpose": "stop-fraud",
              "m.data": "payment", "m.subject": "victim"}  # fmt: skip
    sent = officer.post("/new/fraud-report", fields)
    assert sent.status_code == 303, page(sent)
    record = str(sent.headers["location"]).split("/records/")[1].split("?")[0]
    read = page(officer.get(f"/records/{record}"))
    assert "V-KR-9" in read
    assert "on its way" not in read
    assert "Nobody: it stays at this node." in page(officer.get(f"/records/{record}/close"))


def test_a_form_that_would_be_refused_says_so_instead_of_having_a_button(desk: Any, officer: Any, page: Any) -> None:
    record = opened(desk, officer, once="01JNF0000000000000000000BA")
    not_ours = page(officer.get(f"/records/{record}/accept"))
    assert "Not possible now" in not_ours
    assert "accept is not its act" in not_ours
    assert 'id="send"' not in officer.get(f"/records/{record}/accept").text
    too_early = page(officer.get(f"/records/{record}/give-feedback"))
    assert "give-feedback is not possible in state sent" in too_early
    assert "it is possible in answered" in too_early
    ours = officer.get(f"/records/{record}/withdraw").text
    assert 'id="send"' in ours
    assert "Not possible now" not in ours


def test_a_form_for_another_role_has_no_button_either(desk: Any, page: Any) -> None:
    auditor = desk.signed_in(Role.AUDITOR)
    shown = auditor.get("/new/information-request")
    assert 'id="send"' not in shown.text
    assert "needs the role" in page(shown)
