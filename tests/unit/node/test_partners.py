"""Partners as people look after them: health, what waits, rights of inviting and revoking."""

from __future__ import annotations

from pathlib import Path

import pytest

from federation.simulation import NAMES, beginning
from federation.world import World
from spean.core.errors import InvalidInput, NotFound, Refusal
from spean.core.world import MINUTE


@pytest.fixture
def three(tmp_path: Path) -> World:
    """KH, KR and INT with an agreement in force, under which INT may mediate."""
    image, treaty = beginning(3)
    world = World(NAMES[:3], tmp_path, image=image)
    world.treaty = treaty
    world.settle()
    return world


def test_what_waits_for_a_partner_is_told_until_its_receipt_comes(three: World) -> None:
    partners = three.nodes["KR"].partners
    calm = {each.row.node: each for each in partners.health()}["KH"]
    assert (calm.backlog, calm.oldest, calm.silent) == (0, None, False)
    three.cut.add(frozenset(("KR", "KH")))
    sent = three.clock.now()
    done = three.ask("KR", "KH")
    three.clock.advance(3 * MINUTE)
    late = {each.row.node: each for each in partners.health()}["KH"]
    assert (late.backlog, late.oldest, late.silent) == (1, sent, True)
    (waits,) = partners.partner(three.officers["KR"], "KH").waiting
    assert (waits.fact, waits.record, waits.kind, waits.closed) == (done.fact, done.record, "send", False)
    three.cut.clear()
    three.settle()
    well = {each.row.node: each for each in partners.health()}["KH"]
    assert (well.backlog, well.silent) == (0, False)
    assert 0 < well.witnessed <= well.ours
    assert well.seen > 0


def test_a_suspended_agreement_stands_on_the_partners_page_with_what_it_holds_back(three: World) -> None:
    marks = {"instrument": three.treaty, "purpose": "warn", "data": "wallet", "subject": "other"}
    form = {"title": "A list", "source": "a published list", "data": "wallet"}
    record = three.act("KR", "open", form, procedure="circular", to=("KH", "INT"), **marks).record
    three.settle()
    three.act("KH", "suspend-pair", {"other": "KR", "reason": "talks are on"}, record=three.treaty)
    three.settle()
    detail = three.nodes["KR"].partners.partner(three.officers["KR"], "KH")
    assert [(each.agreement, each.suspension.by) for each in detail.resting] == [(three.treaty, "KH")]
    three.act("KR", "entry", {"kind": "wallet", "value": "0x01", "chain": "ethereum"}, record=record)
    assert [
        (each.kind, each.closed) for each in three.nodes["KR"].partners.partner(three.officers["KR"], "KH").waiting
    ] == [("entry", True)]


def test_keys_and_words_are_those_of_the_partners_own_invitation(three: World) -> None:
    detail = three.nodes["KR"].partners.partner(three.officers["KR"], "KH")
    assert detail.words == three.nodes["KH"].partners.invite(three.officers["KH"]).words
    assert {key.use for key in detail.keys} == {"sign", "seal", "log", "tls"}
    assert [each[0] for each in detail.shared] == [three.treaty]
    with pytest.raises(NotFound):
        three.nodes["KR"].partners.partner(three.officers["KR"], "VN")


def test_only_an_administrator_invites_looks_accepts_and_revokes(three: World) -> None:
    node = three.nodes["KR"]
    offer = three.nodes["KH"].partners.invite(three.officers["KH"])
    officer = three.person("KR", "Han Ji", "duty-officer")
    for verb in (
        lambda: node.partners.invite(officer),
        lambda: node.partners.look(officer, offer.text),
        lambda: node.partners.accept(officer, offer.text, offer.words),
        lambda: node.partners.revoke(officer, "KH", "its keys were stolen"),
    ):
        with pytest.raises(Refusal):
            verb()
    admin = three.officers["KR"]
    assert node.partners.look(admin, f" {offer.text}\n").identity.node == "KH"
    with pytest.raises(Refusal):
        node.partners.accept(admin, offer.text, "other words than these")
    heard = offer.words.replace("-", " ").upper()
    assert node.partners.accept(admin, offer.text, heard).node == "KH"
    with pytest.raises(InvalidInput):
        node.partners.revoke(admin, "KH", " ")
    assert node.partners.revoke(admin, "KH", "its keys were stolen").status == "revoked"
    assert node.partners.health()[-1].row.status == "revoked"
