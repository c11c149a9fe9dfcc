"""The registers as pages: agreements, directory, partners, procedures, terms. What they say, for whom, and bad input."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from federation.simulation import NAMES, beginning
from federation.world import PEERING_MARKS, REAL, World, agreement_text
from spean.core.roles import Role
from spean.core.world import MINUTE
from spean.node.node import PROCEDURES
from spean.web.language.terms import LANGUAGES, terms
from unit.web.visiting import Visitor, main_of, visit


@pytest.fixture
def three(tmp_path: Path) -> World:
    """KH, KR and INT with an agreement in force, under which INT may mediate."""
    image, treaty = beginning(3)
    world = World(NAMES[:3], tmp_path, image=image)
    world.treaty = treaty
    world.settle()
    return world


def plain(page: str) -> str:
    """What the page says, without tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", main_of(page)).split())


def proved(visitor: Visitor) -> Visitor:
    """The same person, who has just proved again that it is she."""
    with visitor.node.store.write() as tx:
        tx.people.prove_token(visitor.who.session, visitor.node.clock.now())
    return visitor


def suspended(world: World) -> None:
    world.act("KH", "suspend-pair", {"other": "KR", "reason": "talks are on"}, record=world.treaty)
    world.settle()


# agreements ------------------------------------------------------------------------------------------------------


def test_the_register_lists_filters_and_shows_peering(three: World) -> None:
    officer = visit(three.nodes["KR"], Role.DUTY_OFFICER)
    page = officer.get("/agreements")
    assert f'href="/agreements/{three.treaty}"' in page
    assert 'href="/agreements/peering"' in page
    assert "Propose an agreement" not in page
    assert "Propose an agreement" in visit(three.nodes["KR"], Role.LEGAL).get("/agreements")
    assert three.treaty not in officer.get("/agreements?state=draft")
    assert three.treaty in officer.get("/agreements?partner=KH&state=in-force")
    assert three.treaty not in officer.get("/agreements?partner=VN")
    assert "has accepted, as we have" in officer.get("/agreements/peering")


def test_a_suspension_says_not_available_and_what_to_use(three: World) -> None:
    suspended(three)
    page = plain(visit(three.nodes["KR"], Role.DUTY_OFFICER).get(f"/agreements/{three.treaty}"))
    assert "Not available between us and KH" in page
    assert "Suspended by KH since" in page
    assert "talks are on" in page
    assert "Use the way through INT under" in page
    assert "KH : suspend pair" in page  # the history says who and when
    seen = plain(visit(three.nodes["INT"], Role.DUTY_OFFICER).get(f"/agreements/{three.treaty}"))
    assert "It rests between KH–KR" in seen
    assert "Not available" not in seen


def test_an_amendment_is_compared_and_its_effects_told_in_lines(three: World) -> None:
    text = agreement_text(("KH", "KR", "INT"), mediators=["INT"])
    three.act(
        "KH",
        "amend",
        {"text": {**text, "data": [*text["data"], "place"]}, "reason": "places are needed"},
        record=three.treaty,
    )
    three.settle()
    jurist = visit(three.nodes["KR"], Role.LEGAL)
    page = jurist.get(f"/agreements/{three.treaty}")
    said = plain(page)
    assert "Our signature is missing" in said
    assert "kind of data: adds place" in said
    assert "would begin to pass" in said
    assert "our signature is missing" in jurist.get("/agreements")
    assert page.count("would begin to pass") == 1
    ended = plain(jurist.get(f"/agreements/{three.treaty}?old=now&new=ended"))
    assert "would no longer pass" in ended
    assert "Nothing: the same" in plain(jurist.get(f"/agreements/{three.treaty}?old=now&new=now"))
    jurist.get(f"/agreements/{three.treaty}?old=now&new=gossip", 404)
    jurist.get("/agreements/KR:agreement:01JNF000000000000000000000", 404)


def test_asking_the_agreements_names_each_partner_with_reason(three: World) -> None:
    officer = visit(three.nodes["KR"], Role.DUTY_OFFICER)
    asked = "/agreements?purpose=stop-fraud&data={}&subject=suspect&tlp=GREEN&handling=H0"
    assert "receives it" in officer.get(asked.format("wallet"))
    refused = plain(officer.get(asked.format("health")))
    assert "does not receive it" in refused
    assert "health is not admitted" in refused
    officer.get(asked.format("gossip"), 422)
    suspended(three)
    assert "through INT" in plain(officer.get(asked.format("wallet")))


# directory -------------------------------------------------------------------------------------------------------

DESK: dict[str, Any] = {
    "name": "Anti-scam desk", "languages": ["km", "en"], "phone_prefixes": ["+855"], "countries": ["KH"], "time_zone": "Asia/Phnom_Penh",
    "account_prefixes": ["0071"], "phone": "+85523111222",
    "roster": [
        {"starts": "2026-01-01T00:00:00+07:00", "ends": "2027-01-01T00:00:00+07:00", "officer": "Chan Vanna", "phone": "+85512000111"},
        {"starts": "2026-01-01T00:00:00Z", "ends": "2027-01-01T00:00:00Z", "officer": "Keo Pisey", "rank": 1},
        {"starts": "2025-01-01T00:00:00Z", "ends": "2025-02-01T00:00:00Z", "officer": "Ly Sreymom", "rank": 0},
    ],
}  # fmt: skip


def published(world: World) -> str:
    marks = {**PEERING_MARKS, "data": "directory"}
    record = world.act("KH", "publish", DESK, procedure="desk", to=("KR", "INT"), **marks).record
    world.settle()
    return record


def test_a_number_proposes_the_desk_and_the_rosters_next(three: World) -> None:
    record = published(three)
    officer = visit(three.nodes["KR"], Role.DUTY_OFFICER)
    page = plain(officer.get("/directory?kind=phone&value=%2B85512345678"))
    assert "because: telephone prefix +855" in page
    assert "Silent? Next is Keo Pisey" in page
    assert "Chan Vanna" in page
    assert "account prefix 0071" in plain(officer.get("/directory?kind=account&value=0071-222-55"))
    assert "No desk has said" in officer.get("/directory?kind=country&value=FR")
    assert 'value="+855x"' in officer.get("/directory?kind=phone&value=%2B855x")
    assert "Phone: not accepted" in officer.get("/directory?kind=phone&value=%2B855x")
    assert "not accepted" in officer.get("/directory?kind=gossip&value=x")
    one = officer.get(f"/directory/{record}")
    assert "1 shift is over" in one
    assert "Ly Sreymom" not in one
    assert 'href="tel:+85512000111"' in one
    officer.get("/directory/KH:desk:01JNF000000000000000000000", 404)


def test_the_roster_is_told_by_the_readers_clock_and_changed_by_its_keepers_only(three: World) -> None:
    record = published(three)
    node = three.nodes["KH"]
    keeper, analyst = visit(node, Role.DUTY_OFFICER), visit(node, Role.ANALYST)
    change = f'href="/records/{record}/roster"'
    assert change in keeper.get(f"/directory/{record}")
    assert change not in analyst.get(f"/directory/{record}")
    assert change not in visit(three.nodes["KR"], Role.DUTY_OFFICER).get(f"/directory/{record}")
    node.people.prefer(keeper.who, language="en", time_zone="Asia/Seoul", calendar="gregorian", theme="day")
    page = keeper.get(f"/directory/{record}")
    assert "1 January 2027, 02:00 (31 December 2026, 17:00 UTC)" in page
    assert "UTC+9" in page


# partners --------------------------------------------------------------------------------------------------------


def test_a_silent_partner_and_what_waits_for_it_are_told(three: World) -> None:
    officer = visit(three.nodes["KR"], Role.DUTY_OFFICER)
    assert "silent" not in plain(officer.get("/partners"))
    three.cut.add(frozenset(("KR", "KH")))
    done = three.ask("KR", "KH")
    three.clock.advance(3 * MINUTE)
    said = plain(officer.get("/partners"))
    assert "silent" in said
    assert "1 fact the oldest for 3 minutes" in said
    page = officer.get("/partners/KH")
    assert f'href="/records/{done.record}#f-{done.fact[:16]}"' in page
    assert "signing facts" in page
    assert f'href="/agreements/{three.treaty}"' in page
    officer.get("/partners/VN", 404)


def test_inviting_and_revoking_are_the_administrators(three: World) -> None:
    node = three.nodes["KR"]
    officer, admin = visit(node, Role.DUTY_OFFICER), visit(node, Role.ADMINISTRATOR)
    for path in ("/partners/invite", "/partners/accept"):
        assert path not in officer.get("/partners")
        assert path in admin.get("/partners")
        officer.get(path, 403)
    assert "spean1." in admin.get("/partners/invite")
    assert "/revoke" not in officer.get("/partners/KH")
    officer.post("/partners/KH/revoke", {"reason": "its keys were stolen"}, 403)
    assert "a fresh proof that it is you" in admin.sent("/partners/KH/revoke", {"reason": "its keys were stolen"}, 403)
    proved(admin)
    assert "3 to 500 characters" in admin.sent("/partners/KH/revoke", {"reason": "x"})
    admin.post("/partners/KH/revoke", {"reason": "its keys were stolen"})
    assert "Revoked: nothing from it is believed" in admin.get("/partners/KH")
    assert node.peering.active() == ("INT",)


def test_an_invitation_is_looked_at_compared_and_accepted(three: World) -> None:
    offer = three.nodes["KH"].peering.invite()
    admin = visit(three.nodes["KR"], Role.ADMINISTRATOR)
    looked = admin.sent("/partners/accept", {"text": offer.text}, 200)
    assert "Desk of KH" in looked
    assert offer.words not in looked  # they are heard, not copied
    heard = {"text": offer.text, "heard": "quite other words"}
    assert "a fresh proof that it is you" in admin.sent("/partners/accept", heard, 403)
    proved(admin)
    wrong = admin.sent("/partners/accept", heard, 403)
    assert "the words differ" in wrong
    assert "quite other words" in wrong  # nothing typed is lost
    assert "not accepted" in admin.sent("/partners/accept", {"text": "spean1.nonsense"}, 200)
    done = admin.post("/partners/accept", {"text": offer.text, "heard": offer.words.replace("-", " ").upper()})
    assert done.headers["location"] == "/partners/KH"


# procedures ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Visitor:
    """A duty officer at one node, for pages that only show."""
    image, _ = beginning(2)
    return visit(
        World(NAMES[:2], tmp_path_factory.mktemp("reader"), image=image, engine=REAL).nodes["KR"], Role.DUTY_OFFICER
    )


@pytest.mark.parametrize("procedure", PROCEDURES, ids=lambda each: each.name)
def test_every_procedure_has_a_page_with_all_its_states_acts_and_rules(reader: Visitor, procedure: Any) -> None:
    page = reader.get(f"/procedures/{procedure.name}")
    assert f'href="/procedures/{procedure.name}"' in reader.get("/procedures")
    for kind, transition in procedure.by_kind.items():
        assert f'id="act-{kind}"' in page
        for rule in transition.rules:
            assert rule.text in page
    for doc in procedure.states.values():
        assert doc in page
    picture = page[page.index("<svg xmlns") : page.index("</svg>", page.index("<svg xmlns"))]
    assert "var(--ink)" in picture
    assert not re.search(r"#[0-9a-f]{6}", picture)  # it follows day and night
    assert " style=" not in main_of(page)


def test_an_unknown_procedure_is_not_found(reader: Visitor) -> None:
    reader.get("/procedures/gossip", 404)


# terms -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["hold", "gel", "ការបង្កក", "동결", "冻结", "phong toa"])
def test_a_term_is_found_in_any_language_and_shown_in_all(reader: Visitor, word: str) -> None:
    page = reader.get(f"/terms?q={word}")
    card = page[page.index('id="term-hold"') :]
    card = card[: card.index("</article>")]
    for language in LANGUAGES:
        assert f'lang="{language}"' in card, language
    assert "were not checked by native speakers" in page


def test_terms_come_in_sheets_and_what_is_nowhere_is_said(reader: Visitor) -> None:
    keys: set[str] = set()
    for sheet in range(1, 1 + -(-len(terms()) // 24)):
        page = reader.get(f"/terms?sheet={sheet}")
        assert len(page) < 60_000
        keys |= set(re.findall(r'<h2 id="term-([a-z0-9-]+)"', page))
    assert keys == {term.key for term in terms()}
    assert "No term holds this." in reader.get("/terms?q=zzzzzz")
    reader.get("/terms?sheet=x", 422)
    assert 'id="term-' in reader.get("/terms?sheet=999")
