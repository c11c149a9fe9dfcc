"""What the index offers to whoever looks for facts: numbers, newest first; each is opened and looked at by its reader."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING

from spean.core.postings import SIZE, as_bits, below, bucket_of, first_of, newest_first
from spean.node.views.indexing import hasher
from spean.store.rows import SearchBucket

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.store import Tx

_AT_ONCE = 16
"""Buckets that are asked about in one question to the database at most."""


def offers(
    ground: Ground,
    tx: Tx,
    wanted: Sequence[Sequence[set[str]]],
    known: dict[int, SearchBucket],
    top: int,
    after: int = 0,
    fresh: int | None = None,
) -> Iterator[int]:
    """Numbers of facts beyond ``after`` up to ``top`` that may match, newest first: by the index, and all that are not indexed yet.

    ``wanted``: of each part at least one alternative, of which all terms are there. ``fresh``: so many of those that are not indexed at
    least, where they are more; a bucket's are offered together.
    """
    bucket, count = bucket_of(top), 1
    last = bucket_of(after + 1)
    while bucket >= last and top > after:
        group = range(bucket, max(bucket - count, last - 1), -1)
        for each, bits, new in _bits(ground, tx, wanted, [known.get(b) or _nothing(b) for b in group]):
            within = below(top - first_of(each) + 1)
            if fresh is None or fresh > 0:
                bits |= new
                fresh = None if fresh is None else fresh - (new & within).bit_count()
            for position in newest_first(bits & within):
                if first_of(each) + position <= after:
                    break
                yield first_of(each) + position
        bucket, count = group[-1] - 1, min(count * 2, _AT_ONCE)


def _bits(
    ground: Ground, tx: Tx, wanted: Sequence[Sequence[set[str]]], buckets: Sequence[SearchBucket]
) -> Iterator[tuple[int, int, int]]:
    """For each bucket the positions that may match by the index, and those that are not indexed yet."""
    keys = ground.indexing.keys(each.key for each in buckets)
    hashed: dict[int, dict[str, bytes]] = {}
    for each in buckets:
        if key := keys.get(each.key):
            make = hasher(key)
            hashed[each.bucket] = {term: make(term) for way in wanted for all_ in way for term in all_}
    names = {one for terms in hashed.values() for one in terms.values()}
    found = tx.search.look_up(hashed, names) if names else {}
    for each in buckets:
        bits = 0
        if each.bucket in hashed:
            bits = _matching(wanted, {
                term: as_bits(found.get((each.bucket, name), b"")) for term, name in hashed[each.bucket].items()
            })  # fmt: skip
        unread = each.upto if each.bucket in hashed or not each.key else first_of(each.bucket) - 1
        yield each.bucket, bits, below(SIZE) ^ below(unread - first_of(each.bucket) + 1)


def _matching(wanted: Sequence[Sequence[set[str]]], bits: dict[str, int]) -> int:
    """Positions that hold, of each part of the question, all terms of one of its alternatives."""
    return reduce(and_, (reduce(or_, (reduce(and_, (bits[term] for term in way)) for way in part)) for part in wanted))


def _nothing(bucket: int) -> SearchBucket:
    return SearchBucket(bucket=bucket, key="", upto=first_of(bucket) - 1)
