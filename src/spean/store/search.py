"""Which facts hold a term: an inverted index in buckets, the same on both engines.

A row says, for one bucket of consecutive facts and one hashed term, which of them hold it. So every question costs a few
row look-ups a bucket, whether its words stand in one fact or in all; the newest bucket is asked first, and a list
that is full is never sorted or ranked. The index keeps no order of terms within a fact: what it offers is verified on
the opened content, and whoever steals it cannot read sentences off it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update

from spean.core.postings import bucket_of, first_of
from spean.sql.statement import Insert, Sql, chunks
from spean.store import schema
from spean.store.rows import SearchBucket, SearchSource

_f = schema.facts.c
_b = schema.search_buckets.c
_t = schema.search_terms.c
_NEWEST = select(func.max(_f.n))
_BUCKETS = select(_b.bucket, _b.key, _b.upto).order_by(_b.bucket.desc())
_ADD_BUCKET = Insert(schema.search_buckets, "bucket key upto", "ON CONFLICT DO NOTHING")
_ADVANCE = (
    update(schema.search_buckets)
    .where(_b.bucket == bindparam("of"), _b.upto == bindparam("was"), _b.key == bindparam("was_key"))
    .values(upto=bindparam("to_upto"), key=bindparam("to_key"))
)
_RESET = update(schema.search_buckets).where(_b.bucket == bindparam("of")).values(upto=bindparam("start"), key=b"")
_DROP = delete(schema.search_terms).where(_t.bucket == bindparam("of"))
_SOURCES = (
    select(_f.n, _f.id, _f.record, _f.procedure, _f.kind, _f.origin, _f.track, _f.content, schema.records.c.purpose)
    .select_from(schema.facts.outerjoin(schema.records, schema.records.c.id == _f.record))
    .where(_f.n > bindparam("after"), _f.n <= bindparam("to"))
    .order_by(_f.n)
    .limit(bindparam("limit"))
)
_ERASED = select(_f.n).where(_f.n > bindparam("after"), _f.n <= bindparam("to"), _f.content.is_(None))
_NUMBERS = select(_f.n).where(_f.id.in_(bindparam("ids", expanding=True)))
_LOOK_UP = select(_t.bucket, _t.term, _t.facts).where(
    _t.bucket.in_(bindparam("buckets", expanding=True)), _t.term.in_(bindparam("terms", expanding=True))
)
_PUT = Insert(
    schema.search_terms, "bucket term facts", 'ON CONFLICT ("bucket", "term") DO UPDATE SET "facts" = excluded."facts"'
)


class SearchGroup:
    """``tx.search``."""

    __slots__ = ("_sql",)

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def newest(self) -> int:
        """The largest running number of a fact, 0 when there is none."""
        row = self._sql.row(_NEWEST)
        return 0 if row is None or row[0] is None else int(row[0])

    def buckets(self) -> list[SearchBucket]:
        """How far each bucket is indexed, the newest first."""
        return [SearchBucket(bucket=row[0], key=row[1].hex(), upto=row[2]) for row in self._sql.rows(_BUCKETS)]

    def open(self, buckets: Iterable[int]) -> None:
        """Begin buckets of which nothing is indexed yet; those that are begun stay as they are."""
        self._sql.insert(_ADD_BUCKET, [(bucket, b"", first_of(bucket) - 1) for bucket in buckets])

    def sources(self, after: int, to: int, limit: int) -> list[SearchSource]:
        """Facts numbered beyond ``after`` up to ``to``, in order."""
        rows = self._sql.rows(_SOURCES, {"after": after, "to": to, "limit": limit})
        return [
            SearchSource(
                n=n, id=id_.hex(), record=record, procedure=procedure, kind=kind, origin=origin, track=track, content=content,
                purpose=purpose or "",
            )
            for n, id_, record, procedure, kind, origin, track, content, purpose in rows
        ]  # fmt: skip

    def without_content(self, after: int, to: int) -> set[int]:
        """Numbers beyond ``after`` up to ``to`` of facts whose content is gone."""
        return {row[0] for row in self._sql.rows(_ERASED, {"after": after, "to": to})}

    def advance(self, was: SearchBucket, now: SearchBucket) -> bool:
        """Note how far a bucket is indexed; False, and nothing changed, when somebody else has moved it meanwhile."""
        values: dict[str, Any] = {"of": was.bucket, "was": was.upto, "was_key": bytes.fromhex(was.key)}
        return self._sql.run(_ADVANCE, {**values, "to_upto": now.upto, "to_key": bytes.fromhex(now.key)}) == 1

    def look_up(self, buckets: Iterable[int], terms: Iterable[bytes]) -> dict[tuple[int, bytes], bytes]:
        """The positions of each of these terms in each of these buckets, where there are any."""
        names = list(buckets)
        return {
            (row[0], row[1]): row[2]
            for part in chunks(terms)
            for row in self._sql.rows(_LOOK_UP, {"buckets": names, "terms": part})
        }

    def put(self, bucket: int, terms: Mapping[bytes, bytes]) -> None:
        """Write the positions of terms, in place of those that stood there."""
        self._sql.insert(_PUT, [(bucket, term, terms[term]) for term in sorted(terms)])

    def forget(self, facts: Iterable[str]) -> list[str]:
        """Drop the terms of every bucket in which one of ``facts`` is indexed; the names of their keys, to be destroyed.

        The index of such a bucket is built anew, from what is left, under a new key: then not even an old backup's copy
        of it says which words an erased fact held.
        """
        numbers = [
            row[0]
            for part in chunks(bytes.fromhex(id_) for id_ in facts)
            for row in self._sql.rows(_NUMBERS, {"ids": part})
        ]
        known = {each.bucket: each for each in self.buckets()} if numbers else {}
        hit = {bucket_of(n) for n in numbers if bucket_of(n) in known and known[bucket_of(n)].upto >= n}
        return self.clear(known[bucket] for bucket in sorted(hit))

    def clear(self, buckets: Iterable[SearchBucket]) -> list[str]:
        """Drop the terms of these buckets; the names of their keys."""
        names = []
        for each in buckets:
            self._sql.run(_DROP, {"of": each.bucket})
            self._sql.run(_RESET, {"of": each.bucket, "start": first_of(each.bucket) - 1})
            names += [each.key] if each.key else []
        return names
