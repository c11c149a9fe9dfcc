"""The seven receiving steps, one by one, with their numbers (docs/protocol.md section 4): what is refused, held or waiting says so
in its receipt, alarms where due, and changes nothing that it should not."""

from __future__ import annotations

import msgspec
import pytest

from federation.world import World
from spean.exchange.page import Item, Page, decode_page, encode
from spean.exchange.receive import PageRefused


def altered(world: World, change, times: int = 10**6) -> None:
    """Pass the pages that travel to KR through ``change``, as often as ``times``."""
    left = [times]

    def tamper(sender: str, receiver: str, data: bytes) -> bytes:
        if receiver != "KR" or not left[0]:
            return data
        page = decode_page(data)
        if not page.items:
            return data
        left[0] -= 1
        return encode(change(page))

    world.tamper = tamper


def item(page: Page, **changes: object) -> Page:
    """The page with its last item changed."""
    last: Item = msgspec.structs.replace(page.items[-1], **changes)
    return msgspec.structs.replace(page, items=[*page.items[:-1], last])


def flipped(data: bytes) -> bytes:
    return bytes([data[0] ^ 1]) + data[1:]


def test_4_content_that_the_line_damaged_is_asked_for_again(pair: World) -> None:
    asked = pair.ask("KH", "KR")
    altered(pair, lambda page: item(page, content=flipped(page.items[-1].content)), times=1)
    with pytest.raises(PageRefused, match="Step 4 failed"):
        pair.nodes["KR"].pulling.once("KH")
    assert pair.status("KR", asked.fact) == ""
    assert len(pair.alarms("KR", "step-4")) == 1
    assert [fate.status for fate in pair.nodes["KR"].pulling.once("KH")] == ["accepted"]


@pytest.mark.parametrize("field", ["content", "sealed"])
def test_4_content_that_stays_wrong_is_refused(pair: World, field: str) -> None:
    asked = pair.ask("KH", "KR")
    altered(pair, lambda page: item(page, **{field: flipped(getattr(page.items[-1], field))}))
    with pytest.raises(PageRefused, match="Step 4 failed"):
        pair.nodes["KR"].pulling.once("KH")
    (fate,) = pair.nodes["KR"].pulling.once("KH")
    assert (fate.status, fate.step) == ("refused", 4)
    assert pair.status("KR", asked.fact) == "refused"
    assert pair.state("KR", asked.record) == ""


def test_5_a_fact_that_is_recalled_while_it_is_quarantined_comes_in_without_its_words(pair: World) -> None:
    asked = pair.ask("KH", "KR")
    pair.act("KR", "suspend-pair", {"other": "KH", "reason": "a reason"}, record=pair.treaty)
    suspension = pair.nodes["KR"].registry.get(pair.treaty).suspended
    pair.settle()
    assert pair.status("KR", asked.fact) == "quarantined"
    pair.nodes["KH"].recalling.withdraw(pair.officers["KH"], asked.fact, "it was wrong")
    pair.settle()
    with pair.nodes["KR"].reading() as tx:
        row = tx.facts.get(asked.fact)
    assert (row.status, row.content, row.index) == ("quarantined", None, None)
    assert suspension
    resume(pair, "KR")
    assert pair.status("KR", asked.fact) == "withdrawn"
    assert pair.nodes["KH"].recalling.holding(asked.fact)[0].outcome == "erased"
    pair.nodes["KR"].logs.verify()


def resume(world: World, node: str) -> None:
    """Lift what ``node`` suspended under the world's agreement."""
    with world.nodes[node].reading() as tx:
        found = [
            row.id for row in tx.facts.of_record(world.treaty) if row.kind == "suspend-pair" and row.origin == node
        ]
    world.act(node, "resume-pair", {"reason": "a reason"}, record=world.treaty, targets=(found[-1],))
    world.settle()


@pytest.mark.parametrize("kind", ["announce", "revoke"])
def test_5_a_key_announcement_without_its_words_changes_no_key(pair: World, kind: str) -> None:
    node = pair.nodes["KH"]
    before = [key.key_id for key in pair.nodes["KR"].sign_keys("KH")]
    if kind == "revoke":
        node.rotating.rotate(pair.officers["KH"], "a rotation")
        pair.settle()
        before = [key.key_id for key in pair.nodes["KR"].sign_keys("KH")]
        node.rotating.revoke(pair.officers["KH"], before[0], pair.clock.now(), "it was copied")
    else:
        node.rotating.rotate(pair.officers["KH"], "a rotation")
    altered(pair, lambda page: item(page, content=None, sealed=None))
    assert [fate.status for fate in pair.nodes["KR"].pulling.once("KH")] == ["accepted"]
    keys = pair.nodes["KR"].sign_keys("KH")
    assert [key.key_id for key in keys] == before
    assert not any(key.revoked_at for key in keys)


def test_3_what_a_mediator_may_not_carry_now_is_held_there_until_the_pair_resumes(three: World) -> None:
    asked = three.ask("KH", "KR", via="INT")
    three.act("INT", "suspend-pair", {"other": "KR", "reason": "a reason"}, record=three.treaty)
    three.settle()
    assert (three.status("INT", asked.fact), three.status("KR", asked.fact)) == ("quarantined", "")
    resume(three, "INT")
    assert three.state("KR", asked.record) == "sent"


def test_a_mediator_that_is_itself_a_recipient_carries_on_to_the_others(three: World) -> None:
    opened = three.act("KH", "open", {"title": "A list", "source": "a source", "data": "wallet"}, procedure="circular", to=("INT", "KR"),
                       instrument=three.treaty, purpose="warn", data="wallet", via="INT")  # fmt: skip
    three.settle()
    assert three.state("INT", opened.record) == three.state("KR", opened.record) == "compiling"
