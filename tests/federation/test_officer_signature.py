"""R1: an adverse act carries its officer's own signature. Everything that could get round it is tried, at both ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from federation.hold import HOLD
from federation.passkeys import act_signed, fresh, public_key, register
from federation.test_hostile import forged, refusal, untouched
from federation.world import REASON, World
from spean.core.errors import InvalidInput, Refusal
from spean.core.world import MINUTE, SeededEntropy
from spean.demo.passkey import SoftPasskey
from spean.exchange.codec import decode_header
from spean.exchange.make import HeaderFields
from spean.exchange.officer import as_json, attach, challenge, given
from spean.exchange.seal import decrypt_content
from spean.ledger.evidence import decode
from spean.ledger.evidence_check import verify_evidence
from spean.node.acts.acting import Intent
from spean.node.acts.assertions import AGE, Prepared, Unsigned
from spean.node.entry.people import Who
from spean.node.folding import body_document
from spean.procedures.declare import move, party
from spean.procedures.engine import Engine

HELD = {"amount": 5, "reason": REASON}


@pytest.fixture
def asked(pair: World) -> str:
    """KR's order for a hold, which KH has read: the hold is KH's turn."""
    return ordered(pair)


def ordered(world: World, to: str = "KH", by: str = "KR", **marks: Any) -> str:
    order = world.act(by, "order", {"account": "1", "amount": 5}, procedure="stop-payment", to=(to,),
                      instrument=world.treaty, purpose="stop-fraud", data="account", **marks)  # fmt: skip
    world.settle()
    world.act(to, "acknowledge", {"reason": REASON}, record=order.record)
    world.settle()
    return order.record


def intent(record: str, **changes: Any) -> Intent:
    return replace(Intent(kind="hold", form=HELD, record=record), **changes)


def unsigned(world: World, record: str, **changes: Any) -> Prepared:
    """What KH's node wants signed."""
    with pytest.raises(Unsigned) as caught:
        world.nodes["KH"].acting.act(world.officers["KH"], intent(record, **changes))
    assert caught.value.rule == "R1"
    return caught.value.prepared


def device(world: World, node: str = "KH") -> SoftPasskey:
    return world.devices[world.officers[node].id]


def refused(world: World, what: Intent, who: Who | None = None) -> str:
    """Why KH's node refuses; it must be R1, and nothing may have changed."""
    node = world.nodes["KH"]
    before = world.state("KH", what.record)
    with node.reading() as tx:
        size = tx.log.head("exchange").size
    with pytest.raises(Refusal) as caught:
        node.acting.act(who or world.officers["KH"], what)
    assert caught.value.rule == "R1"
    assert not isinstance(caught.value, Unsigned)
    with node.reading() as tx:
        assert tx.log.head("exchange").size == size
    assert world.state("KH", what.record) == before
    return caught.value.why


# at the officer's own node ----------------------------------------------------------------------------------------


def test_without_a_signature_nothing_happens_and_the_refusal_says_what_to_sign(pair: World, asked: str) -> None:
    node, who = pair.nodes["KH"], pair.officers["KH"]
    prepared = unsigned(pair, asked)
    assert "desk's page" in str(Unsigned(prepared))
    assert (prepared.rp_id, len(prepared.challenge), len(prepared.credentials)) == ("kh.localhost", 32, 1)
    assert (prepared.state, prepared.reached, prepared.record) == ("held", ("KR",), asked)
    assert REASON.encode() in prepared.words
    assert pair.state("KH", asked) == "acknowledged"
    assert node.acting.prepare(who, intent(asked)).challenge == prepared.challenge, "the same moment, the same act"
    for _ in range(3):
        node.acting.prepare(who, intent(asked))
    assert pair.state("KH", asked) == "acknowledged"
    node.logs.verify()


def test_signed_it_is_done_here_and_believed_there_and_both_show_it(pair: World, asked: str) -> None:
    done = pair.act("KH", "hold", HELD, record=asked)
    pair.settle()
    assert pair.state("KR", asked) == pair.state("KH", asked) == "held"
    assert pair.alarms("KR") == []
    for name in ("KH", "KR"):
        detail = pair.nodes[name].reading_desk.record(pair.officers[name], asked, reason=REASON)
        shown = {fact.row.kind: fact.officer for fact in detail.facts if fact.row.track == "shared"}
        assert shown["acknowledge"] is None
        assert shown["hold"] is not None
        assert (shown["hold"].algorithm, shown["hold"].origin) == ("ES256", "http://kh.localhost:1")
    assert pair.status("KR", done.fact) == "effective"


def test_judged_before_it_is_signed(pair: World, asked: str) -> None:
    node, who = pair.nodes["KH"], pair.officers["KH"]
    for wrong, error in (
        (intent(asked, form={"amount": 0, "reason": REASON}), InvalidInput),
        (intent(asked, kind="prolong", form={"reason": REASON}), Refusal),
    ):
        with pytest.raises(error) as caught:
            node.acting.prepare(who, wrong)
        assert not isinstance(caught.value, Unsigned)


def test_a_colleague_cannot_lend_a_passkey(pair: World, asked: str) -> None:
    other = pair.person("KH", "Another officer", "duty-officer")
    prepared = unsigned(pair, asked)
    lent = pair.devices[other.id].assertion(prepared.challenge)
    assert "no passkey of Officer KH" in refused(pair, intent(asked, officer=lent, at=prepared.at))
    own = device(pair).assertion(prepared.challenge)
    assert "no passkey of Another" in refused(pair, intent(asked, officer=own, at=prepared.at), other)


def test_two_devices_of_one_officer_both_serve_and_one_officers_act_is_not_anothers(pair: World, asked: str) -> None:
    second = register(pair.nodes["KH"], pair.officers["KH"], seed=77)
    prepared = unsigned(pair, asked)
    assert len(prepared.credentials) == 2
    done = intent(asked, officer=second.assertion(prepared.challenge), at=prepared.at)
    assert pair.nodes["KH"].acting.act(pair.officers["KH"], done).state == "held"


@pytest.mark.parametrize(
    "change",
    [
        lambda record, other: {"form": {"amount": 500, "reason": REASON}},
        lambda record, other: {"form": {"amount": 5, "reason": REASON + " "}},
        lambda record, other: {"record": other},
        lambda record, other: {"kind": "refuse", "form": {"reason": REASON}},
        lambda record, other: {"targets": ("ab" * 32,)},
    ],
)
def test_what_was_signed_is_not_something_else(
    pair: World, asked: str, change: Callable[[str, str], dict[str, Any]]
) -> None:
    other = ordered(pair)
    prepared = unsigned(pair, asked)
    assertion = device(pair).assertion(prepared.challenge)
    why = refused(pair, replace(intent(asked, officer=assertion, at=prepared.at), **change(asked, other)))
    assert "something else" in why


def test_marks_are_signed_too(pair: World, asked: str) -> None:
    prepared = unsigned(pair, asked)
    assertion = device(pair).assertion(prepared.challenge)
    marks = replace(intent(asked).marks, tlp="GREEN")
    assert "something else" in refused(pair, intent(asked, officer=assertion, at=prepared.at, marks=marks))


def test_time_is_signed_and_short(pair: World, asked: str) -> None:
    prepared = unsigned(pair, asked)
    assertion = device(pair).assertion(prepared.challenge)
    assert "something else" in refused(pair, intent(asked, officer=assertion, at=prepared.at - 1))
    assert "last five minutes" in refused(pair, intent(asked, officer=assertion, at=prepared.at + 1))
    with pytest.raises(InvalidInput, match="at"):
        pair.nodes["KH"].acting.act(pair.officers["KH"], intent(asked, officer=assertion))
    pair.clock.advance(AGE + 1)
    assert "last five minutes" in refused(pair, intent(asked, officer=assertion, at=prepared.at))


def test_what_was_prepared_may_be_looked_at_for_a_while(pair: World, asked: str) -> None:
    prepared = unsigned(pair, asked)
    assertion = device(pair).assertion(prepared.challenge)
    pair.clock.advance(AGE)
    done = pair.nodes["KH"].acting.act(pair.officers["KH"], intent(asked, officer=assertion, at=prepared.at))
    pair.settle()
    assert pair.status("KR", done.fact) == "effective"


def test_a_record_that_moved_meanwhile_is_looked_at_again(pair: World, asked: str) -> None:
    prepared = unsigned(pair, asked)
    assertion = device(pair).assertion(prepared.challenge)
    pair.act("KH", "correct", {"reason": REASON, "replacement": {"reason": "read at once"}}, record=asked,
             targets=[own(pair, asked, "acknowledge")])  # fmt: skip
    assert "something else" in refused(pair, intent(asked, officer=assertion, at=prepared.at))


def own(world: World, record: str, kind: str) -> str:
    with world.nodes["KH"].reading() as tx:
        return next(row.id for row in tx.facts.of_record(record) if row.kind == kind)


def test_a_signature_serves_once(pair: World, asked: str) -> None:
    prepared = unsigned(pair, asked)
    once = intent(asked, officer=device(pair).assertion(prepared.challenge), at=prepared.at)
    node, who = pair.nodes["KH"], pair.officers["KH"]
    node.acting.act(who, once)
    why = refused(pair, once)
    assert "something else" in why
    again = Intent(kind="prolong", form={"reason": REASON}, record=asked)
    act_signed(node, who, again, device(pair))
    act_signed(node, who, again, device(pair))
    with node.reading() as tx:
        assert sum(row.kind == "prolong" for row in tx.facts.of_record(asked)) == 2, "each signed by itself"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda device: setattr(device, "flags", 0x01), "not verified"),
        (lambda device: setattr(device, "flags", 0x04), "nobody was present"),
        (lambda device: setattr(device, "origin", "http://kr.localhost:1"), "was made on"),
        (lambda device: setattr(device, "origin", "http://kh.localhost"), "was made on"),
        (lambda device: setattr(device, "rp_id", "localhost"), "another site"),
    ],
)
def test_a_passkey_used_otherwise_is_refused(pair: World, asked: str, change: Callable[[Any], None], why: str) -> None:
    prepared = unsigned(pair, asked)
    other = fresh(device(pair))
    change(other)
    assert why in refused(pair, intent(asked, officer=other.assertion(prepared.challenge), at=prepared.at))


def test_a_copied_passkey_is_noticed(pair: World, asked: str) -> None:
    copied = fresh(device(pair))
    pair.act("KH", "hold", HELD, record=asked)
    with pytest.raises(Unsigned) as caught:
        pair.nodes["KH"].acting.act(pair.officers["KH"], Intent(kind="prolong", form={"reason": REASON}, record=asked))
    prepared = caught.value.prepared
    late = Intent(
        kind="prolong",
        form={"reason": REASON},
        record=asked,
        officer=copied.assertion(prepared.challenge),
        at=prepared.at,
    )
    assert "may have been copied" in refused(pair, late)


@pytest.mark.parametrize("officer", [{}, {"id": "AA"}, {"id": 7, "response": None}, {"id": "AA", "response": {}}])
def test_what_is_no_assertion_is_refused_with_words(pair: World, asked: str, officer: dict[str, Any]) -> None:
    at = pair.nodes["KH"].clock.now()
    with pytest.raises(InvalidInput, match="officer"):
        pair.nodes["KH"].acting.act(pair.officers["KH"], intent(asked, officer=officer, at=at))
    assert pair.state("KH", asked) == "acknowledged"


def test_no_service_acts_against_anybody_however_it_signs(pair: World, asked: str) -> None:
    node = pair.nodes["KH"]
    row = node.people.add("Bank", unit="desk", roles=("duty-officer",), kind="service")
    service = Who(user=row, through="api")
    its = register(node, service)
    for what in (intent(asked), intent(asked, officer=its.assertion(b"x" * 32), at=node.clock.now())):
        with pytest.raises(Refusal) as caught:
            node.acting.act(service, what)
        assert caught.value.rule == "R1"
        assert not isinstance(caught.value, Unsigned)
    with pytest.raises(Refusal, match="named human"):
        node.acting.prepare(service, intent(asked))
    assert pair.state("KH", asked) == "acknowledged"


def test_a_correction_of_an_adverse_act_is_signed_like_it(pair: World, asked: str) -> None:
    node, who = pair.nodes["KH"], pair.officers["KH"]
    fact = pair.act("KH", "hold", HELD, record=asked).fact
    pair.settle()
    more = {"amount": 5000, "reason": REASON}
    with pytest.raises(Unsigned):
        node.recalling.correct(who, fact, more, REASON)
    service = Who(user=node.people.add("Bank", unit="desk", roles=("duty-officer",), kind="service"), through="api")
    with pytest.raises(Refusal, match="named human"):
        node.recalling.correct(service, fact, more, REASON)
    prepared = node.recalling.prepare_correction(who, fact, more, REASON)
    signature = {"officer": device(pair).assertion(prepared.challenge), "at": prepared.at}
    with pytest.raises(Refusal, match="something else"):
        node.recalling.correct(who, fact, {**more, "amount": 5001}, REASON, **signature)
    corrected = node.recalling.correct(who, fact, more, REASON, **signature)
    pair.settle()
    assert pair.status("KR", corrected.correction) == "effective"
    assert pair.status("KR", fact) == "corrected"


def test_an_opening_act_may_be_adverse(pair: World) -> None:
    wanted = replace(
        HOLD, name="wanted", transitions=tuple(
            move("order", "-> sent", by="asker", form=HOLD.by_kind["hold"].form, adverse=True) if each.kind == "order"
            else move("withdraw", "sent | acknowledged -> withdrawn", by="asker", form=each.form, prevails=1) if each.kind == "withdraw"
            else each for each in HOLD.transitions
        ), parties=(party("asker", opens=True), party("holder")),
    )  # fmt: skip
    for node in pair.nodes.values():
        node.engine = Engine((*node.engine.procedures, wanted))
    node, who = pair.nodes["KH"], pair.officers["KH"]
    marks = replace(intent("").marks, instrument=pair.treaty, purpose="stop-fraud", data="account")
    opening = Intent(kind="order", procedure="wanted", form=HELD, to=("KR",), marks=marks)
    prepared = node.acting.prepare(who, opening)
    signed = replace(opening, officer=device(pair).assertion(prepared.challenge), at=prepared.at)
    with pytest.raises(Refusal, match="something else"):
        node.acting.act(who, signed)
    for wrong in ("KR" + prepared.record[2:], prepared.record.replace("wanted", "stop-payment"), "x"):
        with pytest.raises(InvalidInput):
            node.acting.act(who, replace(signed, opens=wrong))
    done = node.acting.act(who, replace(signed, opens=prepared.record))
    assert done.record == prepared.record
    with pytest.raises(InvalidInput, match="opens"):
        node.acting.act(who, replace(signed, opens=prepared.record))
    pair.settle()
    assert pair.state("KR", done.record) == "sent"


# at the partner -----------------------------------------------------------------------------------------------------


def lie(world: World, record: str, sign: Callable[[HeaderFields, bytes], bytes] | None, *, kind: str = "hold",
        form: dict[str, Any] | None = None, to: str = "KR", **changes: Any) -> str:  # fmt: skip
    """KH's node itself lies: a hold that no engine of its own has seen, with a body of ``sign``; the fact's name."""
    node = world.nodes["KH"]
    with node.reading() as tx:
        rows = tx.facts.of_record(record)
        heads = tx.records.get(record).heads
    like = next(row.id for row in rows if row.origin == "KH")
    words = body_document(
        "Somebody", bytes(node.engine.encode(node.engine.decode(HOLD, kind, msgspec.json.encode(form or HELD))))
    )
    header = decode_header(next(row.payload for row in rows if row.id == like))
    fields = HeaderFields(**{name: getattr(header, name) for name in HeaderFields.__annotations__})  # type: ignore[typeddict-item]
    told: dict[str, Any] = {
        "kind": kind,
        "builds_on": heads,
        "time": decode_header(rows[0].payload).time,
        "targets": (),
        **changes,
    }
    fields.update(told)  # type: ignore[typeddict-item]
    body = words if sign is None else sign(fields, words)
    return forged(world, "KH", to, {}, like=like, body=body, **told)


def by(
    device: SoftPasskey, what: Callable[[HeaderFields, bytes], bytes] = challenge
) -> Callable[[HeaderFields, bytes], bytes]:
    """A body that ``device`` has signed over ``what``."""

    def sign(fields: HeaderFields, words: bytes) -> bytes:
        made = device.create({"user": {"id": "AA"}, "challenge": "AA"})
        return attach(words, as_json(given(device.assertion(what(fields, words)), public_key(made))))

    return sign


def soft(origin: str = "http://kh.localhost:1", rp_id: str = "kh.localhost", flags: int = 0x05) -> SoftPasskey:
    made = SoftPasskey(rp_id, origin, SeededEntropy(5))
    made.flags = flags
    return made


def test_a_forger_who_keeps_the_rules_is_believed_so_the_refusals_below_are_for_their_reason(
    pair: World, asked: str
) -> None:
    fact = lie(pair, asked, by(soft()))
    pair.settle()
    assert pair.status("KR", fact) == "effective"


def other_words(fields: HeaderFields, words: bytes) -> bytes:
    return challenge(fields, words.replace(b'"amount":5', b'"amount":4'))


def other_record(fields: HeaderFields, words: bytes) -> bytes:
    return challenge({**fields, "record": fields["record"][:-1] + "0"}, words)


def other_time(fields: HeaderFields, words: bytes) -> bytes:
    return challenge({**fields, "time": "2026-03-04T01:41:00.000Z"}, words)


def other_node(fields: HeaderFields, words: bytes) -> bytes:
    return challenge({**fields, "node": "TH"}, words)


def other_head(fields: HeaderFields, words: bytes) -> bytes:
    return challenge({**fields, "builds_on": ()}, words)


@pytest.mark.parametrize(
    "sign",
    [
        None,
        by(soft(origin="http://kr.localhost:1")),
        by(soft(origin="https://kh.localhost:1")),
        by(soft(rp_id="kr.localhost")),
        by(soft(flags=0x01)),
        by(soft(), other_words),
        by(soft(), other_record),
        by(soft(), other_time),
        by(soft(), other_node),
        by(soft(), other_head),
    ],
    ids=["none", "origin", "scheme", "rp", "unverified", "words", "record", "time", "node", "head"],
)
def test_5_a_partners_adverse_act_without_its_officers_signature_is_refused(pair: World, asked: str, sign: Any) -> None:
    fact = lie(pair, asked, sign)
    pair.settle()
    assert refusal(pair, "KH", fact) == ("refused", 5, "R1")
    untouched(pair, "KR", fact, asked, "acknowledged")
    assert pair.alarms("KR", "refused")


def test_5_a_signature_is_not_carried_to_another_act(pair: World, asked: str) -> None:
    """A hostile partner takes the signature of an act that its officer did sign, for another one."""
    done = pair.act("KH", "hold", HELD, record=asked)
    pair.settle()
    node = pair.nodes["KH"]
    with node.writing() as work:
        row = work.fact(done.fact)
        body = decrypt_content(work.key(done.fact), row.content, done.fact)[1]
    assertion = body[body.index(b',"officer":') + len(b',"officer":') : -1]
    fact = lie(pair, asked, lambda fields, words: attach(words, assertion), kind="prolong", form={"reason": REASON})
    pair.settle()
    assert refusal(pair, "KH", fact) == ("refused", 5, "R1")
    assert pair.status("KR", done.fact) == "effective"


@pytest.mark.parametrize("body", [b'{"by":"S","form":FORM,"officer":null}', b'{"by":"S","form":FORM,"officer":{}}',
                                  b'{"officer":{},"by":"S","form":FORM}'])  # fmt: skip
def test_4_a_signature_has_one_form_only(pair: World, asked: str, body: bytes) -> None:
    fact = lie(pair, asked, lambda fields, words: body.replace(b"FORM", words[words.index(b'"form":') + 7 : -1]))
    pair.settle()
    assert refusal(pair, "KH", fact)[:2] == ("refused", 4)
    untouched(pair, "KR", fact, asked, "acknowledged")


def test_5_a_signature_where_none_is_needed_must_hold_as_well(pair: World, asked: str) -> None:
    fact = lie(pair, asked, by(soft(), other_head), kind="refuse", form={"reason": REASON})
    pair.settle()
    assert refusal(pair, "KH", fact) == ("refused", 5, "R1")


def test_5_no_foreign_service_corrects_what_acts_against_somebody(pair: World, asked: str) -> None:
    done = pair.act("KH", "hold", HELD, record=asked)
    pair.settle()
    node = pair.nodes["KH"]
    raw = msgspec.json.encode({"reason": REASON, "replacement": {"amount": 9, "reason": REASON}})
    form = bytes(node.engine.encode(node.engine.decode(HOLD, "correct", raw, corrects="hold")))
    for kind, sign in (("service", None), ("person", None)):
        fact = forged(pair, "KH", "KR", {}, like=done.fact, body=body_document("S", form), kind="correct", targets=(done.fact,),
                      builds_on=(done.fact,), actor_kind=kind)  # fmt: skip
        pair.settle()
        assert refusal(pair, "KH", fact) == ("refused", 5, "R1"), (kind, sign)
    assert pair.status("KR", done.fact) == "effective"


def test_an_adverse_act_goes_by_a_mediator_who_checks_it_too(three: World) -> None:
    record = ordered(three, to="KH", by="KR", via="INT")
    three.act("KH", "hold", HELD, record=record)
    three.settle()
    assert three.state("KR", record) == three.state("INT", record) == "held"
    assert [text for name in three.nodes for text in three.alarms(name, "refused")] == []


def test_5_a_mediator_does_not_carry_an_unsigned_one(three: World) -> None:
    record = ordered(three, to="KH", by="KR", via="INT")
    fact = lie(three, record, None, to="INT")
    three.settle()
    assert refusal(three, "KH", fact) == ("refused", 5, "R1")
    assert three.state("KR", record) == "acknowledged"


def test_an_erased_act_stands_and_who_gets_it_without_words_is_told(pair: World, asked: str) -> None:
    pair.cut.add(frozenset(("KH", "KR")))
    done = pair.act("KH", "hold", HELD, record=asked)
    pair.nodes["KH"].recalling.erase(pair.officers["KH"], done.fact, REASON)
    pair.cut.clear()
    pair.settle()
    assert pair.state("KH", asked) == "held"
    assert pair.status("KR", done.fact) in ("effective", "withdrawn")
    assert pair.alarms("KR", "officer-unseen")


def test_what_was_believed_stays_when_its_words_are_erased(pair: World, asked: str) -> None:
    done = pair.act("KH", "hold", HELD, record=asked)
    pair.settle()
    pair.nodes["KH"].recalling.erase(pair.officers["KH"], done.fact, REASON)
    pair.settle()
    assert pair.state("KR", asked) == pair.state("KH", asked) == "held"
    detail = pair.nodes["KR"].reading_desk.record(pair.officers["KR"], asked, reason=REASON)
    (hold,) = [fact for fact in detail.facts if fact.row.kind == "hold"]
    assert (hold.form, hold.officer) == (None, None)
    assert pair.alarms("KR", "officer-unseen") == []


def test_a_release_needs_no_passkey(pair: World, asked: str) -> None:
    pair.act("KH", "hold", HELD, record=asked)
    pair.clock.advance(MINUTE)
    released = Intent(kind="release", form={"reason": REASON}, record=asked)
    pair.nodes["KH"].acting.act(pair.officers["KH"], released)
    pair.settle()
    assert pair.state("KR", asked) == "released"


def test_the_evidence_file_of_either_node_shows_it_to_a_court(pair: World, asked: str) -> None:
    done = pair.act("KH", "hold", HELD, record=asked)
    pair.settle()
    shown = []
    for name in ("KH", "KR"):
        file = pair.nodes[name].logs.evidence(pair.officers[name], done.fact, reason=REASON)
        report = verify_evidence(decode(file), None)
        assert report.officer is not None
        assert report.officer.origin == "http://kh.localhost:1"
        shown.append(report.officer.key)
    assert shown[0] == shown[1]
