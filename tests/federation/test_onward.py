"""Passing on between nodes: consent asked and spent, marks that stay, recall that reaches the copy, and who is told (A5, R26, D5)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from federation.test_hostile import forged as lied
from federation.world import World
from spean.core.errors import InvalidInput, NotFound, Refusal
from spean.core.fact import Fact
from spean.core.world import DAY
from spean.exchange.codec import decode_header
from spean.node.acts.acting import Done, Intent, Marks
from spean.node.acts.onward import PassedOn
from spean.node.node import Node
from spean.store.rows import FactRow

WHY = "the money was paid out there"
ENTRY = {"kind": "wallet", "value": "TInvented", "chain": "tron"}


class Case:
    """KR's list reaches KH, who wants to give an entry to TH."""

    def __init__(
        self, folder: Path, names: tuple[str, ...] = ("KR", "KH", "TH"), handling: str = "H2", **terms: Any
    ) -> None:
        self.world = World(names, folder)
        self.instrument = self.world.agreement(names[:3], **terms)
        self.list = self.open("KR", "KH", self.instrument, handling)
        self.fact = self.world.act("KR", "entry", ENTRY, record=self.list.record).fact
        self.world.settle()

    def open(self, owner: str, holder: str, instrument: str, handling: str = "H2", **marks: Any) -> Done:
        form = {"title": "Wallets", "source": "desk", "data": "wallet"}
        given = {
            "purpose": "investigate-fraud",
            "data": "wallet",
            "handling": handling,
            "instrument": instrument,
            **marks,
        }
        return self.world.act(owner, "open", form, procedure="circular", to=[holder], **given)

    def pass_on(self, to: str = "TH", fact: str = "", **marks: Any) -> PassedOn:
        node = self.world.nodes["KH"]
        return node.onward.pass_on(self.world.officers["KH"], fact or self.fact, to, WHY, Marks(**marks))

    def refused(self, to: str = "TH", fact: str = "", **marks: Any) -> Refusal:
        with pytest.raises(Refusal) as caught:
            self.pass_on(to, fact, **marks)
        return caught.value

    def asked(self, owner: str = "KR") -> list[str]:
        """Requests for consent that the owner has not answered."""
        with self.world.nodes[owner].store.read() as tx:
            return [row.id for row in tx.records.list(procedure="onward-consent", state="asked")]

    def asked_for(self, node: str) -> str:
        """The unanswered request for consent to pass on to ``node``; any if there is none."""
        kr, asked = self.world.nodes["KR"], self.asked()
        for row in self.facts("KR", "ask"):
            form = kr.projector.form(row, kr.content_keys.get([row.id])[row.id])
            if row.record in asked and form is not None and form.node == node:
                return row.record
        return asked[0]

    def grant(self, record: str = "", **more: Any) -> Done:
        self.world.settle()
        form: dict[str, Any] = {"node": "TH", "purpose": "investigate-fraud", "days": 5, **more}
        done = self.world.act("KR", "grant", form, record=record or self.asked_for(form["node"]), targets=[self.fact])
        self.world.settle()
        return done

    def passed(self) -> PassedOn:
        """One passing on with consent, arrived."""
        self.refused()
        self.grant()
        done = self.pass_on()
        self.world.settle()
        return done

    def facts(self, node: str, kind: str) -> list[FactRow]:
        with self.world.nodes[node].store.read() as tx:
            return tx.facts.recent(kind=kind)

    def sent(self) -> tuple[Node, FactRow, Any]:
        """KH's node, what it has passed on last, and the form of that."""
        node, row = self.world.nodes["KH"], self.facts("KH", "pass-on")[0]
        return node, row, node.projector.form(row, node.content_keys.get([row.id])[row.id])

    def holders(self, node: str = "KR", fact: str = "") -> dict[str, tuple[str, str]]:
        found = self.world.nodes[node].recalling.holding(fact or self.fact)
        return {each.node: (each.status, each.outcome) for each in found}


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


def test_without_consent_it_is_refused_written_down_and_asked(case: Case) -> None:
    refused = case.refused()
    assert (refused.rule, "KR is asked" in refused.remedy) == ("A5", True)
    (attempt,) = case.facts("KH", "attempt")
    assert (attempt.track, attempt.log, attempt.record) == ("local", "domestic", case.list.record)
    case.world.settle()
    assert len(case.asked()) == 1
    assert case.facts("TH", "pass-on") == []
    again = case.refused()
    assert case.asked()[0] in again.remedy
    case.world.settle()
    assert len(case.asked()) == 1, "asking again and again does not make more requests"
    assert len(case.facts("KH", "attempt")) == 2


def test_after_consent_one_passes_and_a_second_needs_another(case: Case) -> None:
    done = case.passed()
    (row,) = case.facts("TH", "pass-on")
    assert (row.id, row.status) == (done.done.fact, "effective")
    envelope = decode_header(row.payload).envelope
    original = decode_header(case.facts("KR", "entry")[0].payload).envelope
    assert envelope is not None
    assert original is not None
    assert replace(envelope, recipients=original.recipients) == original, "handling, TLP, grades and review day stay"
    assert {case.world.state(node, done.consent) for node in ("KR", "KH")} == {"used"}
    assert case.holders() == {"KH": ("holds", ""), "TH": ("holds", "")}
    second = case.refused()
    assert "KR is asked" in second.remedy
    case.world.settle()
    assert len(case.facts("TH", "pass-on")) == 1
    assert len(case.asked()) == 1


def test_a_refused_consent_is_not_asked_again_by_itself(case: Case) -> None:
    case.refused()
    case.world.settle()
    form = {"ground": "endangers-a-person", "reason": "the informant would be known"}
    case.world.act("KR", "refuse", form, record=case.asked()[0])
    case.world.settle()
    refused = case.refused()
    assert "KR refused" in refused.why
    case.world.settle()
    assert case.asked() == []
    case.world.act("KH", "ask", {"node": "TH", "purpose": "investigate-fraud", "reason": "the informant is safe now"},
                   procedure="onward-consent", to=["KR"], targets=[case.fact], purpose="investigate-fraud", data="wallet",
                   handling="H2", instrument=case.instrument)  # fmt: skip
    case.grant()
    assert case.pass_on().done.recipients == ("TH",)


@pytest.mark.parametrize("terms", [{"node": "VN"}, {"purpose": "stop-fraud"}])
def test_a_consent_for_something_else_does_not_help(case: Case, terms: dict[str, Any]) -> None:
    case.refused()
    case.grant(**terms)
    assert "has not consented" in case.refused().why


def test_a_consent_that_has_expired_does_not_help(case: Case) -> None:
    case.refused()
    record = case.grant(days=1).record
    case.world.clock.advance(DAY + 1)
    case.world.settle()
    assert case.world.state("KH", record) == "expired"
    assert "KR is asked" in case.refused().remedy


def test_another_purpose_needs_consent_even_where_the_item_is_free(tmp_path: Path) -> None:
    case = Case(tmp_path, handling="H0", onward="parties")
    assert "for stop-fraud" in case.refused(purpose="stop-fraud").why
    case.grant(purpose="stop-fraud")
    assert case.pass_on(purpose="stop-fraud").consent
    assert case.pass_on().consent == "", "for the owner's purpose it is free"


def test_where_no_consent_is_needed_the_owner_is_told(tmp_path: Path) -> None:
    case = Case(tmp_path, handling="H0", onward="parties")
    done = case.pass_on()
    case.world.settle()
    assert (done.consent, done.done.record.split(":")[1]) == ("", "onward-transfer")
    assert case.world.status("TH", done.done.fact) == "effective"
    assert case.holders() == {"KH": ("holds", ""), "TH": ("holds", "")}
    (told,) = case.facts("KR", "tell")
    assert case.world.state("KR", told.record) == "told"
    case.world.nodes["KR"].recalling.withdraw(case.world.officers["KR"], case.fact, "wrong wallet")
    case.world.settle()
    assert case.holders() == {"KH": ("confirmed", "erased"), "TH": ("confirmed", "erased")}


def test_what_an_agreement_never_lets_go_on_is_not_asked_for(tmp_path: Path) -> None:
    case = Case(tmp_path, onward="never")
    refused = case.refused()
    assert (refused.rule, "never passed on" in refused.why) == ("A5", True)
    case.world.settle()
    assert case.asked() == []
    assert len(case.facts("KH", "attempt")) == 1


def test_danger_to_life_passes_and_is_reviewed(tmp_path: Path) -> None:
    case = Case(tmp_path, onward="never")
    done = case.pass_on(purpose="danger-to-life")
    case.world.settle()
    assert case.world.status("TH", done.done.fact) == "effective"
    assert case.world.alarms("TH", "R47")


def test_a_recall_reaches_the_copy_and_its_answer_comes_back(case: Case) -> None:
    done = case.passed()
    case.world.nodes["KR"].recalling.withdraw(case.world.officers["KR"], case.fact, "wrong wallet")
    case.world.settle()
    assert case.holders() == {"KH": ("confirmed", "erased"), "TH": ("confirmed", "erased")}
    for name in ("KH", "TH"):
        node = case.world.nodes[name]
        with node.store.read() as tx:
            row = tx.facts.get(done.done.fact)
        assert (row.status, row.content, node.content_keys.get([row.id])) == ("withdrawn", None, {})
    assert case.world.alarms("KR", "derived") == case.world.alarms("KH", "derived") == []
    assert "withdrawn" in case.refused().why


def test_a_legal_hold_at_the_third_node_is_reported_to_the_owner(case: Case) -> None:
    done = case.passed()
    th = case.world.nodes["TH"]
    th.recalling.legal_hold(case.world.officers["TH"], done.done.record, "court order 7", "2027-01-01")
    case.world.nodes["KR"].recalling.withdraw(case.world.officers["KR"], case.fact, "wrong wallet")
    case.world.settle()
    assert case.holders() == {"KH": ("confirmed", "erased"), "TH": ("confirmed", "restricted")}


def test_a_recall_is_not_confirmed_while_the_third_node_is_away(case: Case) -> None:
    case.passed()
    case.world.cut.add(frozenset(("KH", "TH")))
    case.world.nodes["KR"].recalling.withdraw(case.world.officers["KR"], case.fact, "wrong wallet")
    case.world.settle()
    assert case.holders() == {"KH": ("asked", ""), "TH": ("asked", "")}
    case.world.cut.clear()
    case.world.settle()
    assert case.holders() == {"KH": ("confirmed", "erased"), "TH": ("confirmed", "erased")}


def test_a_correction_takes_the_old_copy_back_and_the_new_version_may_go(case: Case) -> None:
    case.passed()
    kr = case.world.nodes["KR"]
    corrected = kr.recalling.correct(
        case.world.officers["KR"], case.fact, {**ENTRY, "value": "TRight"}, "a typing error"
    )
    case.world.settle()
    assert case.holders()["TH"] == ("confirmed", "erased")
    assert "has not consented" in case.refused(fact=corrected.correction).why


def test_withdrawing_the_consent_takes_back_what_went_under_it(case: Case) -> None:
    done = case.passed()
    (granted,) = case.facts("KR", "grant")
    case.world.nodes["KR"].recalling.withdraw(case.world.officers["KR"], granted.id, "given in error")
    case.world.settle()
    assert case.world.status("TH", done.done.fact) == "withdrawn"
    assert case.holders("KR", granted.id)["TH"] == ("confirmed", "erased")


def test_erasing_the_fact_erases_the_copy_that_we_sent(case: Case) -> None:
    done = case.passed()
    kh = case.world.nodes["KH"]
    kh.recalling.erase(case.world.officers["KH"], case.fact, "retention is over")
    assert kh.content_keys.get([case.fact, done.done.fact]) == {}
    assert case.world.status("TH", done.done.fact) == "effective", "the receiver keeps to its own retention"


def test_a_third_node_that_is_no_partner_of_the_owner_believes_its_admitted_identity(tmp_path: Path) -> None:
    case = Case(tmp_path, ("KR", "KH", "TH", "LA"))
    world = case.world
    for one, other in (("KR", "LA"), ("LA", "KR")):
        world.nodes[one].peering.revoke(world.officers[one], other, "no channel any more")
    la = world.add("VN")
    for other in ("KH",):
        la.peering.admit(world.nodes[other].identity_document())
        world.nodes[other].peering.admit(la.identity_document())
    treaty = world.agreement(("KH", "VN"))
    case.refused("VN", instrument=treaty)
    case.grant(node="VN")
    done = case.pass_on("VN", instrument=treaty)
    world.settle()
    assert world.status("VN", done.done.fact) == "effective"
    with world.nodes["KR"].store.read() as tx:
        assert "VN" not in {row.node for row in tx.peers.list()}
    world.nodes["KR"].recalling.withdraw(world.officers["KR"], case.fact, "wrong wallet")
    world.settle()
    assert case.holders()["VN"] == ("confirmed", "erased")


def test_whose_owner_was_revoked_is_not_believed(case: Case) -> None:
    case.refused()
    case.grant()
    case.world.nodes["TH"].peering.revoke(case.world.officers["TH"], "KR", "its keys were stolen")
    done = case.pass_on()
    case.world.settle()
    row = case.facts("TH", "pass-on")[0]
    assert (row.id, row.status, row.step) == (done.done.fact, "refused", 5)
    assert "not believed here" in row.reason


def forged(case: Case, **change: Any) -> FactRow:
    """KH's node is bent: it judges nothing that it passes on. What TH makes of it."""
    done = case.passed()
    kh, sent, form = case.sent()
    kh.carried.check = lambda *_: None  # type: ignore[method-assign]
    kh.onward.passed = lambda *_: None  # type: ignore[method-assign]
    body = {
        name: {field: getattr(getattr(form, name), field) for field in ("payload", "key_id", "signature", "salt", "body")}
        for name in ("original", "consent")
    }  # fmt: skip
    body.update({"identity": form.identity, "reason": WHY})
    body["original"].update(change.pop("original", {}))
    if change.get("procedure") == "onward-transfer":
        del body["consent"]
    targets = decode_header(sent.payload).targets if "consent" in body else (case.fact,)
    envelope = decode_header(sent.payload).envelope
    assert envelope is not None
    marks = {
        name: getattr(envelope, name)
        for name in ("purpose", "data", "subject", "handling", "tlp", "source", "grade", "nature", "review")
    }
    intent = Intent(kind="pass-on", procedure=change.pop("procedure", "consented-transfer"), form=body, to=("TH",), targets=targets,
                    marks=Marks(**{**marks, **change, "instrument": case.instrument}))  # fmt: skip
    again = kh.acting.act(case.world.officers["KH"], intent)
    assert again.fact != done.done.fact
    case.world.settle()
    return next(row for row in case.facts("TH", "pass-on") if row.id == again.fact)


@pytest.mark.parametrize(("change", "why"), [
    ({}, "consent is spent"),
    ({"handling": "H0"}, "handling H2 stays"),
    ({"subject": "suspect"}, "subject none stays"),
    ({"tlp": "GREEN"}, "TLP:AMBER stays"),
    ({"purpose": "stop-fraud"}, "the consent is for investigate-fraud"),
    ({"original": {"signature": "ab" * 64}}, "did not sign"),
    ({"original": {"key_id": "sign-unknown"}}, "not believed"),
    ({"procedure": "onward-transfer"}, "consent of KR"),
    ({"procedure": "onward-transfer", "handling": "H0"}, "consent"),
])  # fmt: skip
def test_a_bent_holder_gets_nothing_past_the_receiver(case: Case, change: dict[str, Any], why: str) -> None:
    if change.get("procedure") == "onward-transfer":
        with pytest.raises(Refusal, match="consent"):
            forged(case, **change)  # the agreement's own onward rule says so before anything is made
        return
    row = forged(case, **change)
    assert (row.status, row.step) == ("refused", 5)
    assert why in row.reason


def test_a_holder_whose_agreement_is_free_cannot_loosen_the_marks_to_avoid_consent(tmp_path: Path) -> None:
    case = Case(tmp_path, onward="parties")
    row = forged(case, procedure="onward-transfer", handling="H0")
    assert (row.status, row.step) == ("refused", 5)
    assert "handling H2 stays" in row.reason


def test_our_own_rules_hold_for_whoever_fills_the_form_in_by_hand(case: Case) -> None:
    case.passed()
    _, sent, form = case.sent()
    fields = ("payload", "key_id", "signature", "salt", "body")
    body = {name: {field: getattr(getattr(form, name), field) for field in fields} for name in ("original", "consent")}
    with pytest.raises(Refusal, match="spent"):
        case.world.act("KH", "pass-on", {**body, "reason": WHY}, procedure="consented-transfer", to=["TH"],
                       targets=decode_header(sent.payload).targets, purpose="investigate-fraud", data="wallet", handling="H2",
                       instrument=case.instrument, review="2027-03-04")  # fmt: skip


def test_while_the_owner_cannot_be_told_nothing_is_passed_on(tmp_path: Path) -> None:
    case = Case(tmp_path, handling="H0", onward="parties")
    case.world.act("KR", "suspend-pair", {"other": "KH", "reason": "a review"}, record=case.instrument)
    case.world.settle()
    refused = case.refused()
    assert (refused.rule, "could not be told" in refused.why) == ("D5", True)
    assert case.facts("TH", "pass-on") == []


def test_a_suspension_between_owner_and_receiver_holds_for_what_is_passed_on(case: Case) -> None:
    case.refused()
    case.grant()
    case.world.act("KR", "suspend-pair", {"other": "TH", "reason": "a review"}, record=case.instrument)
    case.world.settle()
    assert "suspended for KR–TH" in case.refused().why


def test_what_cannot_be_passed_on(case: Case) -> None:
    world = case.world
    world.settle()
    world.act("KR", "publish", {"entries": 1, "reason": WHY}, record=case.list.record)
    world.settle()
    own = world.act("KH", "acknowledge", {}, record=case.list.record).fact
    assert "our own" in case.refused(fact=own).why
    (text,) = [row for row in case.facts("KH", "propose") if row.origin == "KR"]
    assert "stays between its parties" in case.refused(fact=text.id).why
    assert "KR's own" in case.refused("KR").why or "not" in case.refused("KR").why
    with pytest.raises(NotFound):
        case.pass_on(fact="ab" * 32)
    with pytest.raises(InvalidInput):
        case.pass_on("th")
    analyst = world.person("KH", "Legal only", "legal")
    with pytest.raises(Refusal) as caught:
        world.nodes["KH"].onward.pass_on(analyst, case.fact, "TH", WHY)
    assert caught.value.rule == "O1"
    done = case.passed()
    with pytest.raises(Refusal, match="stays between its parties"):
        world.nodes["TH"].onward.pass_on(world.officers["TH"], done.done.fact, "KR", WHY)


def test_it_goes_by_a_mediator_and_both_are_recalled(tmp_path: Path) -> None:
    case = Case(tmp_path, ("KR", "KH", "TH", "INT"), mediators=["INT"])
    world = case.world
    world.act("KH", "suspend-pair", {"other": "TH", "reason": "a review"}, record=case.instrument)
    world.settle()
    case.refused(via="INT")
    case.grant()
    done = case.pass_on(via="INT")
    world.settle()
    assert done.done.recipients == ("INT",)
    assert world.status("TH", done.done.fact) == "effective"
    world.nodes["KR"].recalling.withdraw(world.officers["KR"], case.fact, "wrong wallet")
    world.settle(30)
    assert case.holders() == {
        "KH": ("confirmed", "erased"),
        "INT": ("confirmed", "erased"),
        "TH": ("confirmed", "erased"),
    }


@pytest.mark.parametrize("terms", [{}, {"handling": "H0", "onward": "parties"}])
def test_after_a_disaster_the_owner_is_told_what_was_lost_on_its_way(tmp_path: Path, terms: dict[str, Any]) -> None:
    case = Case(tmp_path, **terms)
    kh = case.world.nodes["KH"]
    if not terms:
        case.refused()
        case.grant()
    tell, kh.onward.passed = kh.onward.passed, lambda *_: None  # type: ignore[method-assign]
    done = case.pass_on()
    kh.onward.passed = tell  # type: ignore[method-assign]
    case.world.settle()
    assert case.holders() == {"KH": ("holds", "")}
    with kh.writing() as work:
        row = work.fact(done.done.fact)
        assert row is not None
        fact = Fact(
            id=row.id,
            header=decode_header(row.payload),
            payload=row.payload,
            key_id=row.key_id,
            signature=b"",
            content=None,
        )
        kh.reactions.replay(work, fact, None)
        kh.reactions.replay(work, fact, None)
    case.world.settle()
    assert case.holders() == {"KH": ("holds", ""), "TH": ("holds", "")}
    kh.onward.tell_again(done.done.fact)
    case.world.settle()
    assert len(case.facts("KR", "use") + case.facts("KR", "tell")) == 1


def published(case: Case) -> str:
    """KR's officer publishes the list; the name of that adverse act."""
    fact = case.world.act("KR", "publish", {"entries": 1, "reason": WHY}, record=case.list.record).fact
    case.world.settle()
    return fact


def consented(case: Case, fact: str) -> PassedOn:
    """An adverse act of KR passed on by KH with KR's consent, and arrived."""
    with pytest.raises(Refusal, match="not consented"):
        case.pass_on(fact=fact)
    case.world.settle()
    form = {"node": "TH", "purpose": "investigate-fraud", "days": 5}
    case.world.act("KR", "grant", form, record=case.asked_for("TH"), targets=[fact])
    case.world.settle()
    done = case.pass_on(fact=fact)
    case.world.settle()
    return done


@pytest.mark.parametrize("known", [True, False])
def test_an_adverse_act_is_passed_on_with_its_officers_signature(tmp_path: Path, known: bool) -> None:
    """Also to a node that knows the owner only by the admitted identity that travels with it."""
    case = Case(tmp_path, ("KR", "KH", "TH"))
    fact = published(case)
    if not known:
        forget(case.world, "TH", "KR")
    done = consented(case, fact)
    assert case.world.status("TH", done.done.fact) == "effective", case.world.alarms("TH")


def forget(world: World, node: str, partner: str) -> None:
    """``node`` has never been a partner of ``partner``."""
    peering = world.nodes[node].peering
    load = peering.load

    def without(tx: Any) -> None:
        load(tx)
        peering._cache.pop(partner, None)

    peering.load = without  # type: ignore[method-assign]
    with world.nodes[node].reading() as tx:
        without(tx)


def test_an_adverse_act_that_no_officer_signed_is_not_passed_on(case: Case) -> None:
    """KR lies, and KH does not look: TH does."""
    world = case.world
    kh = world.nodes["KH"]
    judge = kh.assertions.judge
    kh.assertions.judge = lambda *_: None  # type: ignore[method-assign]
    with world.nodes["KR"].reading() as tx:
        heads = tx.records.get(case.list.record).heads
    fact = lied(world, "KR", "KH", {"entries": 1, "reason": WHY}, like=case.list.fact, kind="publish", builds_on=heads)
    world.settle()
    assert world.status("KH", fact) == "effective"
    kh.assertions.judge = judge  # type: ignore[method-assign]
    kh.carried.check = lambda *_: None  # type: ignore[method-assign]
    done = consented(case, fact)
    row = case.facts("TH", "pass-on")[0]
    assert (row.id, row.status, row.step) == (done.done.fact, "refused", 5)
    assert "no officer signed it" in row.reason
