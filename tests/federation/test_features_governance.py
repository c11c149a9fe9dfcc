"""The features of DOMAIN 6.O that this ground carries: who may do what, who looked at what, whose key is believed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from federation.filling import filled
from federation.showing import LIST, MARKS, Rest, ask, concluded, publish
from federation.world import World
from spean.core.errors import Refusal
from spean.core.marks import Purpose
from spean.core.roles import Role
from spean.core.world import DAY, MINUTE, iso
from spean.exchange.make import Signer
from spean.ledger.merkle import Head, grow
from spean.node.node import PROCEDURES
from spean.node.work import DOMESTIC, Work
from spean.procedures.declare import Procedure, Transition
from spean.procedures.forms import schema
from spean.store.rows import RecordRow


@pytest.fixture
def three(tmp_path: Path) -> World:
    """KH, KR and TH under one agreement, ``world.treaty``."""
    return concluded(tmp_path, ("KH", "KR", "TH"))


# O1 ---------------------------------------------------------------------------------------------------------------


def forbidden_cases() -> Iterator[tuple[Procedure, Transition, Role]]:
    """Of each act that is for some roles only: one role that may not; and each act of a person for a service."""
    for procedure in PROCEDURES:
        for transition in procedure.by_kind.values():
            if transition.kind == "correct" or transition.is_timer or transition.auto:
                continue
            others = [
                role for role in Role if transition.roles and role not in transition.roles and role != Role.SERVICE
            ]
            if others:
                yield procedure, transition, others[0]
            elif transition.human:
                yield procedure, transition, Role.SERVICE


def placed(world: World, procedure: Procedure, transition: Transition, number: int) -> str:
    """A record of KR in which this would be KR's act."""
    state = procedure.state_names[0] if transition.sources == ("*",) else transition.sources[0]
    parties = {each.name: ("KR",) if each.name == transition.by[0] else ("KH",) for each in procedure.parties}
    opener = next(parties[each.name][0] for each in procedure.parties if each.opens)
    now = world.clock.now()
    row = RecordRow(
        id=f"{opener}:{procedure.name}:01JNF{number:021d}", procedure=procedure.name, version=procedure.version, state=state, parties=parties,
        heads=(), done={}, opened_at=now, entered_at=now, changed_at=now, entered_by="",
    )  # fmt: skip
    with world.nodes["KR"].writing() as work:
        work.save(row)
    return row.id


def test_o1_every_forbidden_act_is_refused_with_its_rule_changes_nothing_and_is_logged(money: World) -> None:
    """O1: matrix generated from the declarations, role × act: forbidden = 403 with the rule, nothing written, and logged with who
    tried it."""
    kr = Rest(money, "KR")
    node = money.nodes["KR"]
    people = {role: node.people.add(f"The {role}", unit="desk", roles=(str(role),), kind="service" if role is Role.SERVICE else "person")
              for role in Role}  # fmt: skip
    tokens = {role: node.people.token(row) for role, row in people.items()}
    cases = list(forbidden_cases())
    assert len(cases) > 50
    for number, (procedure, transition, role) in enumerate(cases):
        shape = schema(transition.form)
        body: dict[str, Any] = {"form": filled(shape, shape.get("$defs", {}))}
        if transition.opens:
            to = [] if procedure.own else ["KH"]
            path, body = f"/records/{procedure.name}", {**body, "to": to, "marks": marks_for(money, procedure)}
        else:
            path = f"/records/{placed(money, procedure, transition, number)}/{transition.kind}"
            body["marks"] = marks_for(money, procedure)
        before = written(money)
        status, said = kr("POST", path, body, tokens[role])
        rule = ("R1" if transition.adverse else "D8") if role is Role.SERVICE else "O1"
        assert (status, said.get("rule")) == (403, rule), (procedure.name, transition.kind, role, said)
        assert said["why"]
        assert said["remedy"]
        assert written(money) == before
        with node.store.read() as tx:
            noted = tx.facts.recent(kind="refused", limit=1000)
            readers = tx.access.of_subject(noted[0].record)
        assert len(noted) == number + 1
        assert people[role].id in {each.user for each in readers if each.act == "refused"}


def marks_for(world: World, procedure: Procedure) -> dict[str, str]:
    among_peers = {"agreement": "agreement", "key-rotation": "key", "desk": "directory"}
    if procedure.name in among_peers:
        return {
            "purpose": "coordinate",
            "data": among_peers[procedure.name],
            "subject": "none",
            "instrument": "peering",
        }
    if (
        procedure.name == "onward-transfer"
    ):  # the agreement's onward rule speaks first; danger to life does not wait for it
        return {"purpose": "danger-to-life", "data": "wallet", "instrument": world.treaty}
    return {"purpose": "investigate-fraud", "data": "wallet", "instrument": world.treaty}


def written(world: World) -> tuple[int, int, int]:
    """What KR has written: its exchange log, its domestic log without notes of refusals, its outbox."""
    with world.nodes["KR"].store.read() as tx:
        queued = sum(count.queued for count in tx.outbox.counts().values())
        notes = len(tx.facts.recent(kind="refused", limit=1000))
        return tx.log.head("exchange").size, tx.log.head(DOMESTIC).size - notes, queued


@pytest.mark.parametrize("purpose", list(Purpose))
def test_o1_a_purpose_that_the_agreement_does_not_name_leaves_nothing(three: World, purpose: Purpose) -> None:
    """O1, R26: role × record × purpose: what the agreement's purposes do not name does not leave; danger to life always does."""
    before = written(three)
    named = three.nodes["KR"].registry.get(three.treaty).purposes
    if purpose in named or purpose is Purpose.DANGER_TO_LIFE:
        assert ask(three, "KR", "KH", marks={"purpose": purpose}).recipients == ("KH",)
        return
    with pytest.raises(Refusal) as caught:
        ask(three, "KR", "KH", marks={"purpose": purpose})
    assert caught.value.rule == "R26"
    assert written(three) == before


# O2 ---------------------------------------------------------------------------------------------------------------


def test_o2_reads_and_searches_are_logged_with_user_reason_and_time(three: World) -> None:
    """O2, R38: a read or search without a reason is refused; with one it stands in the domestic log with user, reason and time;
    the auditor's own look is logged, too."""
    record, _ = publish(three, "KH")
    three.settle()
    kh = Rest(three, "KH")
    for path in (f"/records/{record}", "/search?words=TWrong"):
        status, said = kh("GET", path)
        assert (status, said["rule"]) == (422, "R38")
    assert kh("GET", f"/records/{record}?reason=case+KH-2026-7")[0] == 200
    _, found = kh("GET", "/search?words=TWrong&reason=a+victim+named+it")
    assert [each["record"] for each in found["facts"]] == [record]
    read = {"act": "read", "user": three.officers["KH"].id, "at": iso(three.clock.now())}
    for looks in (1, 2):
        _, readers = kh("GET", f"/records/{record}/readers")
        assert [{name: each[name] for name in read} for each in readers["readers"]] == [read] * looks
    node = three.nodes["KH"]
    with node.reading() as tx:
        rows = [row for kind in ("read", "search") for row in tx.facts.recent(kind=kind)]
        assert {row.log for row in rows} == {DOMESTIC}
        forms = [
            node.reading_desk.fact_view(Work(node, tx), row, node.content_keys.get([row.id])[row.id]).form
            for row in rows
        ]
    assert {form["reason"] for form in forms if form} == {"case KH-2026-7", "a victim named it", "audit of its readers"}


@pytest.mark.parametrize("then", ["nothing", "it grows again"])
def test_o2_a_deletion_in_one_nodes_log_is_noticed_by_others(three: World, then: str) -> None:
    """O2: somebody deletes an inconvenient read from KR's domestic log: its partners notice, keep both signed checkpoints, and
    say so; whether the log stays short or grows again past its old size."""
    record, _ = publish(three, "KH")
    desk = three.nodes["KR"].reading_desk
    desk.record(three.officers["KR"], record, reason="the case")
    cadence(three)
    with three.nodes["KR"].store.read() as tx:
        before = tx.log.head(DOMESTIC)
        kept = tx.log.leaf_ids(DOMESTIC, 0, before.size)
    desk.record(three.officers["KR"], record, reason="none of my business")
    cadence(three)
    assert three.alarms("KH") == three.alarms("TH") == []
    rewrite(three, "KR", kept[:-1])
    if then == "it grows again":
        for number in range(40):
            desk.record(three.officers["KR"], record, reason=f"case {number}")
    cadence(three)
    for partner in ("KH", "TH"):
        told = three.alarms(partner, "shrunken-log") + three.alarms(partner, "forked-log")
        assert told, f"{partner} noticed nothing"
        assert "KR" in told[0]
        with three.nodes[partner].store.read() as tx:
            assert len(tx.witness.history(three.nodes["KR"].settings.domestic_origin)) >= 2


def cadence(world: World) -> None:
    """Let the time for the next checkpoint of the domestic log come, and partners see it."""
    world.clock.advance(16 * MINUTE)
    world.settle()
    world.settle()


def rewrite(world: World, name: str, leaves: list[bytes]) -> None:
    """What a bent administrator does by hand in the database: the domestic log holds these leaves and no others."""
    node = world.nodes[name]
    grown, _ = grow(Head(), leaves, lambda level, index, width: b"")
    with node.store._engines.writer.begin() as connection:  # past every door
        connection.execute(text("DELETE FROM leaves WHERE log = 'domestic'"))
        for index, leaf in enumerate(leaves):
            values = {"idx": index, "id": leaf, "padding": b"x"}
            connection.execute(
                text("INSERT INTO leaves (log, idx, id, padding) VALUES ('domestic', :idx, :id, :padding)"), values
            )
        frontier = b"".join(grown.frontier)
        connection.execute(text("UPDATE logs SET size = :size, frontier = :frontier WHERE log = 'domestic'"),
                           {"size": grown.size, "frontier": frontier})  # fmt: skip
        connection.execute(text("UPDATE meta SET value = :none WHERE key = 'domestic'"), {"none": '{"at":0,"size":0}'})


# O9 ---------------------------------------------------------------------------------------------------------------


def test_o9_a_revoked_key_takes_effect_everywhere_and_affected_records_are_listed(three: World) -> None:
    """O9: a revoked node key takes effect everywhere within five minutes; the records that rest on it are listed; what the thief
    signs afterwards is refused at step 1."""
    stolen = three.nodes["KR"].signer
    early, _ = publish(three, "KH", "TH")
    three.settle()
    three.clock.advance(DAY)
    since = three.clock.now()
    late, entry = publish(three, "KH", "TH")
    three.settle()
    started = three.clock.now()
    three.nodes["KR"].rotating.rotate(three.officers["KR"], "a laptop is missing")
    revoked = three.nodes["KR"].rotating.revoke(three.officers["KR"], stolen.key_id, since, "a laptop is missing")
    three.settle()
    assert three.clock.now() - started < 5 * MINUTE
    with three.nodes["KR"].store.read() as tx:
        assert tx.records.get(revoked.record).done["acknowledge"] == ("KH", "TH")
    for partner in ("KH", "TH"):
        affected = three.nodes[partner].rotating.affected("KR", stolen.key_id, since)
        assert {each.record for each in affected} >= {late}
        assert early not in {each.record for each in affected}
        assert entry in {each.fact for each in affected}
        (alarm,) = three.alarms(partner, "key-revoked")
        assert f"{len(affected)} facts rest on it" in alarm
    thief(three, stolen)
    for partner in ("KH", "TH"):
        with three.nodes[partner].store.read() as tx:
            (forged,) = [row for row in tx.facts.recent(origin="KR", kind="open") if row.status == "refused"]
        assert (forged.step, forged.key_id) == (1, stolen.key_id)
    honest, _ = publish(three, "KH", "TH")
    three.settle()
    assert three.state("KH", honest) == three.state("TH", honest) == "compiling"


def thief(world: World, stolen: Signer) -> None:
    """Somebody with the old key writes in KR's name."""
    node = world.nodes["KR"]
    own, node.signer = node.signer, stolen
    world.act(
        "KR",
        "open",
        {**LIST, "title": "Forged"},
        procedure="circular",
        to=["KH", "TH"],
        instrument=world.treaty,
        **MARKS,
    )
    node.signer = own
    world.settle()


def test_o9_a_partner_that_is_away_is_named_until_it_believes_the_revocation(three: World) -> None:
    """O9: … and who has not taken it in after five minutes is named by an alarm."""
    old = three.nodes["KR"].signer.key_id
    three.nodes["KR"].rotating.rotate(three.officers["KR"], "a laptop is missing")
    three.settle()
    three.cut.add(frozenset(("KR", "TH")))
    three.nodes["KR"].rotating.revoke(three.officers["KR"], old, three.clock.now(), "a laptop is missing")
    three.settle()
    three.clock.advance(5 * MINUTE)
    three.settle()
    assert any("no acknowledge by TH in time" in text for text in three.alarms("KR", "timer"))
    three.cut.clear()
    three.settle()
    assert three.alarms("TH", "key-revoked")
