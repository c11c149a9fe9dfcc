"""A partner that lies: every invention is refused with its step and rule, alarmed where due, and changes nothing (docs/protocol.md, 4, 5)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from federation.test_steps import altered, flipped, item
from federation.world import World
from spean.core.errors import SpeanError
from spean.core.ids import record_id
from spean.core.world import DAY, iso
from spean.exchange.codec import decode_header
from spean.exchange.make import HeaderFields, make_fact
from spean.exchange.page import Page
from spean.exchange.receive import PageRefused
from spean.ledger.checkpoint import Checkpoint, sign_checkpoint
from spean.node.folding import body_document
from spean.node.instruments import touch_register
from spean.store.rows import CheckpointRow


def forged(
    world: World,
    liar: str,
    to: str,
    form: dict[str, Any],
    *,
    like: str,
    key: Any = None,
    body: bytes = b"",
    **changes: Any,
) -> str:
    """A fact that ``liar`` makes without asking its own engine: the header of fact ``like`` with ``changes``; its name."""
    node = world.nodes[liar]
    with node.writing() as work:
        header = decode_header(work.fact(like).payload)
        fields = {name: getattr(header, name) for name in HeaderFields.__annotations__}
        fields.update({"time": work.time, **changes})
        content = body or body_document("Somebody", canonical_form(node, header.procedure, str(fields["kind"]), form))
        made = make_fact(fields, content, key or node.signer, node.entropy)
        work.add(made.fact, made.key, status="effective")
        work.send(to, made.fact.id)
    return made.fact.id


def canonical_form(node: Any, procedure: str, kind: str, form: dict[str, Any]) -> bytes:
    """The form as the engine would write it, when it knows the act."""
    declared = node.engine.procedure(procedure)
    raw = msgspec.json.encode(form)
    try:
        return bytes(node.engine.encode(node.engine.decode(declared, kind, raw)))
    except SpeanError:
        return raw


def refusal(world: World, liar: str, fact: str) -> tuple[str, int, str]:
    """What the receiver's signed receipt says: status, step, rule."""
    with world.nodes[liar].store.read() as tx:
        (receipt,) = tx.receipts.of_fact(fact)
    return receipt.status, receipt.step, receipt.rule


def untouched(world: World, node: str, fact: str, record: str, state: str) -> None:
    assert world.status(node, fact) in ("", "refused")
    assert world.state(node, record) == state
    world.nodes[node].logs.verify()


# 1 envelope signature -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["payload", "signature"])
def test_1_a_flipped_byte_refuses_the_page_and_the_next_try_heals(pair: World, part: str) -> None:
    asked = pair.ask("KH", "KR")
    altered(pair, lambda page: item(page, **{part: flipped(getattr(page.items[-1], part))}), times=1)
    with pytest.raises(PageRefused) as refused:
        pair.nodes["KR"].pulling.once("KH")
    assert refused.value.step == 1
    untouched(pair, "KR", asked.fact, asked.record, "")
    assert pair.alarms("KR", "step-1")
    pair.nodes["KR"].pulling.once("KH")
    assert pair.state("KR", asked.record) == "sent"


def test_1_an_unknown_key_refuses_the_page(pair: World) -> None:
    asked = pair.ask("KH", "KR")
    altered(pair, lambda page: item(page, key_id="0123456789abcdef"))
    with pytest.raises(PageRefused, match="never announced"):
        pair.nodes["KR"].pulling.once("KH")
    untouched(pair, "KR", asked.fact, asked.record, "")


def test_1_a_revoked_key_is_refused_with_a_receipt(pair: World) -> None:
    asked = pair.ask("KH", "KR")
    korea = pair.nodes["KR"]
    with korea.writing() as work:
        work.tx.peers.revoke_key(pair.nodes["KH"].keys.sign_id, work.now)
        touch_register(work.tx)
    (fate,) = korea.pulling.once("KH")
    assert (fate.status, fate.step, fate.rule) == ("refused", 1, "O9")
    untouched(pair, "KR", asked.fact, asked.record, "")
    assert pair.alarms("KR", "refused")


def test_1_what_is_addressed_to_somebody_else_is_refused(three: World) -> None:
    asked = three.ask("KH", "KR")
    envelope = decode_header(fact_row(three, "KH", asked.fact).payload).envelope
    fact = forged(three, "KH", "INT", {}, like=asked.fact, envelope=replace(envelope, recipients=("KR",)))
    three.settle()
    assert refusal(three, "KH", fact)[:2] == ("refused", 1)


def test_1_a_fact_from_the_future_is_refused(pair: World) -> None:
    asked = pair.ask("KH", "KR")
    pair.settle()
    later = iso(pair.clock.now() + DAY)
    fact = forged(
        pair,
        "KH",
        "KR",
        {"reason": "no longer needed"},
        like=asked.fact,
        kind="withdraw",
        builds_on=(asked.fact,),
        time=later,
    )
    pair.settle()
    assert refusal(pair, "KH", fact)[:2] == ("refused", 1)
    untouched(pair, "KR", fact, asked.record, "sent")


def test_a_replayed_page_and_a_refused_fact_that_comes_again_change_nothing(pair: World) -> None:
    pages: list[Page] = []
    altered(pair, lambda page: pages.append(page) or page)
    asked = pair.ask("KH", "KR")
    wrong = forged(pair, "KH", "KR", {}, like=asked.fact, kind="accept", builds_on=(asked.fact,))
    pair.settle()
    korea = pair.nodes["KR"]
    size = korea.logs.verify().size
    with korea.writing() as work:
        work.tx.peers.seen("KH", in_seq=pages[0].after)
    korea.pulling.once("KH")
    for page in pages[:-1]:
        with pytest.raises(PageRefused):
            korea.receiving.take("KH", page)
    assert korea.logs.verify().size == size
    assert pair.status("KR", wrong) == "refused"
    assert pair.state("KR", asked.record) == "sent"


# 2 inclusion ----------------------------------------------------------------------------------------------------


def test_2_a_forged_proof_refuses_the_page(pair: World) -> None:
    asked = pair.ask("KH", "KR")
    altered(pair, lambda page: msgspec.structs.replace(page, proof=[flipped(each) for each in page.proof]))
    with pytest.raises(PageRefused) as refused:
        pair.nodes["KR"].pulling.once("KH")
    assert refused.value.step == 2
    untouched(pair, "KR", asked.fact, asked.record, "")


def shown(world: World, liar: str, size: int, root: bytes) -> bytes:
    """A checkpoint of the liar's log, really signed by the liar, that says what it likes."""
    node = world.nodes[liar]
    return sign_checkpoint(Checkpoint(node.settings.log_origin, size, root), node.keys.log)


def test_2_a_log_that_shrank_is_refused_and_alarmed(pair: World) -> None:
    known = pair.nodes["KH"].logs.verify()
    pair.ask("KH", "KR")
    altered(pair, lambda page: msgspec.structs.replace(page, checkpoint=shown(pair, "KH", known.size - 1, known.root)))
    with pytest.raises(PageRefused) as refused:
        pair.nodes["KR"].pulling.once("KH")
    assert (refused.value.step, refused.value.rule) == (2, "shrunken-log")
    assert pair.alarms("KR", "shrunken-log")


def test_2_a_rewritten_log_is_refused_and_alarmed(pair: World) -> None:
    pair.ask("KH", "KR")
    altered(
        pair,
        lambda page: msgspec.structs.replace(page, checkpoint=shown(pair, "KH", page.items[-1].index + 1, b"\7" * 32)),
    )
    with pytest.raises(PageRefused) as refused:
        pair.nodes["KR"].pulling.once("KH")
    assert (refused.value.step, refused.value.rule) == (2, "forked-log")
    assert pair.alarms("KR", "forked-log")


def test_2_two_logs_shown_to_two_partners_are_found_by_gossip(three: World) -> None:
    """KH shows INT another log of the same size than it shows KR; when INT and KR next speak, one of them finds it."""
    three.ask("KH", "KR")
    three.settle()
    other = three.nodes["INT"]
    origin = three.nodes["KH"].settings.log_origin
    with three.nodes["KR"].store.read() as tx:
        true = tx.witness.latest(origin)
    with other.writing() as work:
        work.tx.sql.run(_forget(), {"o": origin, "s": true.size})
        note = shown(three, "KH", true.size, b"\5" * 32)
        work.tx.witness.save(
            CheckpointRow(origin=origin, size=true.size, root=b"\5" * 32, note=note, at=work.now, seen_from="KH")
        )
    three.cut.add(frozenset(("KH", "INT")))
    three.settle()
    three.pull("KR", "INT")
    three.pull("INT", "KR")
    found = three.alarms("KR", "forked-log") + three.alarms("INT", "forked-log")
    assert any("KH shows" in text for text in found)


# 3 agreement ----------------------------------------------------------------------------------------------------


def test_3_what_the_receiver_has_not_agreed_to_is_refused(pair: World) -> None:
    """The sender's register lies about the ceiling; the receiver's does not."""
    liar = pair.nodes["KH"]
    liar.registry = liar.registry.with_instrument(replace(liar.registry.get(pair.treaty), tlp_ceiling="RED"))
    asked = pair.ask("KH", "KR", tlp="RED")
    pair.settle()
    assert refusal(pair, "KH", asked.fact) == ("refused", 3, "A5")
    untouched(pair, "KR", asked.fact, asked.record, "")
    assert pair.alarms("KH", "refused-by-peer")


def test_3_under_an_unknown_agreement_it_waits_and_shows_nothing(pair: World) -> None:
    asked = pair.ask("KH", "KR")
    envelope = decode_header(fact_row(pair, "KH", asked.fact).payload).envelope
    node = pair.nodes["KH"]
    record = record_id("KH", "information-request", node.clock, node.entropy)
    unknown = replace(envelope, instrument=record_id("KH", "agreement", node.clock, node.entropy))
    fact = forged(pair, "KH", "KR", {}, like=asked.fact, record=record, envelope=unknown)
    pair.settle()
    assert refusal(pair, "KH", fact)[:2] == ("waiting", 3)
    assert pair.state("KR", record) == ""


# 4 schema -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [
    b'{"by":"x","form":{"reason":"long enough","more":1}}', b'{"by":"x","form":{"reason":' + b"[" * 10_000 + b"]" * 10_000 + b"}}",
    b'{"by":"x","form":{}}', b'{"form":{"reason":"long enough"}}', b"\xff\xfe", b'{"by":"x","form":{"reason":"a"},"form":{"reason":"bbbb"}}',
])  # fmt: skip
def test_4_a_body_that_is_not_its_form_is_refused(pair: World, body: bytes) -> None:
    asked = pair.ask("KH", "KR")
    pair.settle()
    fact = forged(pair, "KH", "KR", {}, like=asked.fact, kind="withdraw", builds_on=(asked.fact,), body=body)
    pair.settle()
    assert refusal(pair, "KH", fact)[:2] == ("refused", 4)
    untouched(pair, "KR", fact, asked.record, "sent")


def test_4_an_unknown_version_or_act_is_kept_and_said_so(pair: World) -> None:
    asked = pair.ask("KH", "KR")
    pair.settle()
    newer = forged(pair, "KH", "KR", {}, like=asked.fact, kind="teleport", builds_on=(asked.fact,))
    pair.settle()
    assert refusal(pair, "KH", newer)[0] == "unknown"
    assert pair.status("KR", newer) == "unknown"
    assert pair.state("KR", asked.record) == "sent"


# 5 procedure ----------------------------------------------------------------------------------------------------


def test_5_a_move_by_the_wrong_party_is_refused(pair: World) -> None:
    """KH asked; to accept is KR's act."""
    asked = pair.ask("KH", "KR")
    pair.settle()
    fact = forged(pair, "KH", "KR", {}, like=asked.fact, kind="acknowledge", builds_on=(asked.fact,))
    pair.settle()
    assert refusal(pair, "KH", fact)[:2] == ("refused", 5)
    untouched(pair, "KR", fact, asked.record, "sent")


def test_5_a_move_in_the_wrong_state_is_refused(pair: World) -> None:
    asked = pair.ask("KH", "KR")
    pair.settle()
    fact = forged(pair, "KH", "KR", {"useful": True}, like=asked.fact, kind="give-feedback", builds_on=(asked.fact,))
    pair.settle()
    assert refusal(pair, "KH", fact)[:2] == ("refused", 5)
    untouched(pair, "KR", fact, asked.record, "sent")


def test_5_a_service_cannot_do_what_needs_a_person(pair: World) -> None:
    """R1 and D8, at the receiver too."""
    asked = pair.ask("KH", "KR")
    pair.settle()
    fact = forged(
        pair,
        "KH",
        "KR",
        {"reason": "a machine says so"},
        like=asked.fact,
        kind="withdraw",
        builds_on=(asked.fact,),
        actor_kind="service",
    )
    pair.settle()
    assert refusal(pair, "KH", fact) == ("refused", 5, "D8")


def test_5_nobody_opens_a_record_in_anothers_name(three: World) -> None:
    asked = three.ask("KH", "KR")
    node = three.nodes["KH"]
    stolen = record_id("INT", "information-request", node.clock, node.entropy)
    fact = forged(three, "KH", "KR", {}, like=asked.fact, record=stolen, body=content_of(three, "KH", asked.fact))
    three.settle()
    assert refusal(three, "KH", fact)[:2] == ("refused", 5)
    assert three.state("KR", stolen) == ""


def test_5_a_fact_without_its_predecessor_waits_until_it_comes(pair: World) -> None:
    asked = pair.ask("KH", "KR")
    pair.settle()
    first = forged(
        pair,
        "KH",
        "INT",
        {"text": "unsent"},
        like=asked.fact,
        kind="withdraw",
        builds_on=(asked.fact,),
        body=reasoned(),
    )
    second = forged(pair, "KH", "KR", {}, like=asked.fact, kind="withdraw", builds_on=(first,), body=reasoned())
    pair.settle()
    assert refusal(pair, "KH", second)[:2] == ("waiting", 5)
    assert pair.state("KR", asked.record) == "sent"
    with pair.nodes["KH"].writing() as work:
        work.send("KR", first)
    pair.settle()
    assert pair.state("KR", asked.record) == "withdrawn"


def test_5_a_forged_receipt_is_alarmed_and_counts_for_nothing(pair: World) -> None:
    asked = pair.ask("KH", "KR")
    pull, _ = pair.nodes["KR"].pulling.request("KH", 0)
    pair.nodes["KR"].pulling.once("KH")
    honest, _ = pair.nodes["KR"].pulling.request("KH", 0)
    lie = msgspec.structs.replace(
        honest.receipts[0], payload=honest.receipts[0].payload.replace(b"accepted", b"unknown\x20")
    )
    pair.nodes["KH"].serving.take_pull("KR", msgspec.structs.replace(pull, receipts=[lie]))
    assert pair.nodes["KH"].reading_desk.holders(asked.fact) == [("KR", "")]
    assert pair.alarms("KH", "receipt")


def fact_row(world: World, node: str, fact: str) -> Any:
    with world.nodes[node].store.read() as tx:
        return tx.facts.get(fact)


def content_of(world: World, node: str, fact: str) -> bytes:
    from spean.exchange.seal import decrypt_content

    row = fact_row(world, node, fact)
    return decrypt_content(world.nodes[node].content_keys.get([fact])[fact], row.content, fact)[1]


def reasoned() -> bytes:
    return body_document("Somebody", b'{"reason":"no longer needed"}')


def _forget() -> Any:
    from sqlalchemy import text

    return text("DELETE FROM checkpoints WHERE origin = :o AND size = :s")
