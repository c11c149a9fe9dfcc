"""All store implementations behave the same: outbox, receipts, partners, witnesses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from spean.core.errors import NotFound
from spean.store import Store
from spean.store.rows import CheckpointRow, FactRow, OutboxRow, PeerKeyRow, PeerRow, ReceiptRow

FACTS = [
    FactRow(
        id=name * 32,
        record="KR:a:1",
        procedure="a",
        kind="ask",
        origin="KR",
        track="shared",
        at=1,
        payload=b"{}",
        key_id="k",
        signature=b"s",
        content=None,
        status="effective",
    )
    for name in ("aa", "bb", "cc")
]
A, B, C = (row.id for row in FACTS)


@pytest.fixture
def store(store: Store) -> Store:
    """A store with three facts in it."""
    with store.write() as tx:
        tx.facts.add(FACTS)
    return store


def receipt(**more: object) -> ReceiptRow:
    row = ReceiptRow(
        fact=A,
        peer="TH",
        direction="out",
        status="accepted",
        step=0,
        rule="",
        reason="",
        at=5,
        payload=b"{}",
        key_id="k",
        signature=b"s",
        seq=1,
    )
    return replace(row, **more)  # type: ignore[arg-type]


def peer(node: str, **more: object) -> PeerRow:
    row = PeerRow(node=node, name=node, url="https://x", identity=b"doc", status="active", added_at=1)
    return replace(row, **more)  # type: ignore[arg-type]


def test_the_outbox_counts_without_gaps_for_each_peer(store: Store) -> None:
    with store.write() as tx:
        assert tx.outbox.top("TH") == 0
        assert tx.outbox.add("TH", [(A, "", "", ""), (B, "batch", "KH", C)], 5) == 1
        assert tx.outbox.add("KH", [(A, "", "", "")], 6) == 1
        assert tx.outbox.add("TH", [], 7) == 3
    with store.write() as tx:
        assert tx.outbox.add("TH", [(C, "", "", "")], 7) == 3
        assert (tx.outbox.top("TH"), tx.outbox.top("KH")) == (3, 1)
    with store.read() as tx:
        assert tx.outbox.page("TH", 0, 2) == [
            OutboxRow(peer="TH", seq=1, fact=A, queued_at=5),
            OutboxRow(peer="TH", seq=2, fact=B, queued_at=5, batch="batch", forward_for="KH", wrap=C),
        ]
        assert [row.seq for row in tx.outbox.page("TH", 2, 9)] == [3]


def test_a_number_of_a_failed_act_is_given_again(store: Store) -> None:
    with pytest.raises(ValueError, match="non-hexadecimal"), store.write() as tx:
        tx.exports.add("x" * tx.outbox.add("TH", [(A, "", "", "")], 5), "USB", 1, "u")
    with store.write() as tx:
        assert tx.outbox.add("TH", [(B, "", "", "")], 5) == 1


def test_receipts_close_outbox_rows(store: Store) -> None:
    with store.write() as tx:
        tx.outbox.add("TH", [(A, "", "", ""), (B, "", "", ""), (C, "", "", "")], 5)
        tx.outbox.add("KH", [(A, "", "", "")], 3)
        tx.outbox.receipt("TH", [(1, "accepted"), (3, "refused")], 9)
        tx.outbox.mark_alarmed("TH", 2, 77)
    with store.read() as tx:
        assert [row.seq for row in tx.outbox.unreceipted("TH", 0, 9)] == [2]
        oldest = tx.outbox.oldest_unreceipted()
        assert list(oldest) == ["KH", "TH"]
        assert oldest["TH"] == (2, 5, 77)
        assert oldest["KH"] == (1, 3, None)
        assert tx.outbox.holders(A) == [("KH", ""), ("TH", "accepted")]
        counts = tx.outbox.counts()
        assert {name: (count.queued, count.open) for name, count in counts.items()} == {"KH": (1, 1), "TH": (3, 1)}
        assert tx.receipts.late(5) == {"KH": 1}
        assert tx.receipts.late(6) == {"KH": 1, "TH": 1}
        first = tx.outbox.page("TH", 0, 1)[0]
        assert (first.receipt, first.receipted_at) == ("accepted", 9)


def test_what_lacks_a_receipt_is_found_behind_what_has_one(store: Store) -> None:
    with store.write() as tx:
        tx.outbox.add("TH", [(A, "", "", "")] * 6, 5)
        for answered, left in (([2, 4], [1, 3, 5, 6]), ([1], [3, 5, 6]), ([3, 6], [5]), ([5], [])):
            tx.outbox.receipt("TH", [(seq, "accepted") for seq in answered], 9)
            assert [row.seq for row in tx.outbox.unreceipted("TH", 0, 9)] == left
            assert [waiting.seq for waiting in tx.outbox.oldest_unreceipted().values()] == left[:1]
            assert tx.outbox.counts()["TH"].open == len(left)
        assert tx.outbox.add("TH", [(A, "", "", "")], 5) == 7
        assert tx.outbox.oldest_unreceipted()["TH"].seq == 7


def test_a_receipt_is_kept_once_and_sent_in_order(store: Store) -> None:
    waiting, accepted = receipt(status="waiting", seq=4), receipt(status="accepted", seq=4, at=8)
    with store.write() as tx:
        tx.receipts.add([waiting, receipt(fact=B, seq=5), receipt(direction="in", peer="KH", seq=9)])
        tx.receipts.add([waiting])
        tx.receipts.add([accepted])
    with store.read() as tx:
        sent = tx.receipts.to_send("TH", 0, 9)
        assert [(row.fact, row.status) for row in sent] == [(A, "waiting"), (B, "accepted"), (A, "accepted")]
        assert tx.receipts.to_send("TH", sent[1].n, 9) == [sent[2]]
        assert tx.receipts.to_send("TH", 0, 1) == sent[:1]
        assert [row.direction for row in tx.receipts.of_fact(A)] == ["out", "in", "out"]
        assert replace(tx.receipts.of_fact(B)[0], n=0) == receipt(fact=B, seq=5)


def test_a_receipt_for_a_fact_that_is_not_here_is_kept(store: Store) -> None:
    with store.write() as tx:
        tx.receipts.add([receipt(fact="dd" * 32, status="refused", step=1)])
        tx.receipts.add([receipt(fact="dd" * 32, status="refused", step=1)])
        tx.facts.add([replace(FACTS[0], id="dd" * 32)])
        tx.receipts.add([receipt(fact="dd" * 32, status="accepted")])
        assert [row.status for row in tx.receipts.of_fact("dd" * 32)] == ["refused", "accepted"]


def test_peers_are_saved_seen_and_listed(store: Store) -> None:
    with store.write() as tx:
        tx.peers.save(peer("TH", status="invited"))
        tx.peers.save(peer("KH", in_seq=4, last_contact=9, last_error="e", failures=2, clock_offset=-5, version="v"))
        tx.peers.save(peer("TH"))
        tx.peers.seen("TH", in_seq=7, last_contact=11)
        with pytest.raises(NotFound):
            tx.peers.seen("LA", failures=1)
        with pytest.raises(TypeError, match="colour"):
            tx.peers.seen("TH", colour=1)
    with store.read() as tx:
        assert tx.peers.get("TH") == peer("TH", in_seq=7, last_contact=11)
        assert [row.node for row in tx.peers.list()] == ["KH", "TH"]
        assert tx.peers.list()[0].clock_offset == -5
        with pytest.raises(NotFound, match="LA"):
            tx.peers.get("LA")


def test_a_revoked_key_stays_revoked(store: Store) -> None:
    sign = PeerKeyRow(node="TH", key_id="1", use="sign", public=b"p", valid_from=5)
    log = PeerKeyRow(node="TH", key_id="2", use="log", public=b"q", valid_from=4)
    with store.write() as tx:
        tx.peers.add_key(sign)
        tx.peers.add_key(log)
        tx.peers.revoke_key("1", 50)
        tx.peers.revoke_key("1", 90)
        tx.peers.add_key(sign)
        tx.peers.expire_key("2", 70)
        for change in (tx.peers.revoke_key, tx.peers.expire_key):
            with pytest.raises(NotFound):
                change("3", 1)
    with store.read() as tx:
        assert tx.peers.keys("TH") == [replace(log, valid_until=70), replace(sign, revoked_at=50)]
        assert tx.peers.keys("TH", "sign") == tx.peers.key("1")
        assert tx.peers.keys("KH") == []


def test_two_roots_of_one_size_are_both_kept(store: Store) -> None:
    def seen(size: int, root: bytes, at: int) -> CheckpointRow:
        return CheckpointRow(origin="spean/KR", size=size, root=root, note=b"note", at=at, seen_from="TH")

    with store.write() as tx:
        assert tx.witness.latest("spean/KR") is None
        for row in (seen(5, b"r" * 32, 1), seen(5, b"r" * 32, 2), seen(5, b"q" * 32, 3), seen(3, b"p" * 32, 4)):
            tx.witness.save(row)
        tx.witness.add_cosignature("spean/KR", 5, "TH", "line", 9)
        tx.witness.add_cosignature("spean/KR", 5, "TH", "other", 9)
        tx.witness.add_cosignature("spean/KR", 5, "KH", "second", 9)
    with store.read() as tx:
        assert tx.witness.at_size("spean/KR", 5) == [seen(5, b"r" * 32, 1), seen(5, b"q" * 32, 3)]
        latest = tx.witness.latest("spean/KR")
        assert latest is not None
        assert latest.size == 5
        assert tx.witness.cosignatures("spean/KR", 5) == {"KH": "second", "TH": "line"}
        assert tx.witness.cosignatures("spean/KR", 3) == {}
