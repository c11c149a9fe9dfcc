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
