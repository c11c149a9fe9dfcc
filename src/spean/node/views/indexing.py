"""The search index: filled behind the facts, in order of arrival, by a step that may be repeated or interrupted anywhere.

A fact is indexed within a second of its commit, not in its transaction: cutting words costs about as much as signing, and
intake must not wait for it. Search looks through what is not indexed yet by itself. One mechanism serves own facts,
received ones, batches, a restored node and a database of an older version: the index knows how far it is.

At rest a term is a keyed hash, and each bucket of facts has a key of its own, kept like a content key and in the same store.
Erasing a fact drops the terms of its bucket in the same transaction and destroys their key with the fact's; the bucket is then
indexed anew under another key. So an old backup, whose index nobody can reach into, does not tell either (docs/design.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import msgspec

from spean.core.errors import InvalidInput, TooMuch, VerificationFailed
from spean.core.postings import added, bucket_of, first_of, last_of
from spean.core.tokens import MOST_TERMS, terms
from spean.exchange.seal import decrypt_content
from spean.matching import heard as listening
from spean.node.folding import open_body
from spean.node.same.dossier import kinds_of
from spean.node.same.selecting import ENTITY, index_terms, things
from spean.node.views.reading import ACCESSES
from spean.store.rows import SearchBucket, SearchSource

if TYPE_CHECKING:
    from spean.keys import ContentKeys
    from spean.node.ground import Ground
    from spean.store import Store, Tx

WORDLESS = frozenset(
    {("private-question", "ask"), ("private-question", "answer"), ("holding", "change"), ("holding", "announce")}
)
"""Facts that machines write for one another: numbers and noise that nobody searches for."""
AT_ONCE = 1_000
"""Facts of one step: one short transaction."""
HURRIED, IDLE = 200, 4_000
"""Facts of a tick while more new ones have come since the last than that, and otherwise: intake goes first."""
TERMS = "5"
"""The version of what a fact's terms are; an index of another version is dropped and filled anew in the background."""
MOST_SOUNDS = 1_000
"""Sound keys of one fact at most."""
_VERSION = "search_terms"
REBUILT = "its bucket of the search index is built anew"
_HASH = 8
"""Bytes of a hashed term."""


class Indexing:
    """Fills and drops the index of one node, and knows its keys."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._keys: dict[str, bytes] = {}
        self._seen = 0
        self._renewed = False

    # filling ------------------------------------------------------------------------------------------------

    def tick(self) -> int:
        """Index some of what has come; returns how many facts. The clockwork calls it a few times a second."""
        with self._ground.store.read() as tx:
            newest = tx.search.newest()
        come, self._seen = newest - self._seen, newest
        left, done = (HURRIED if come > HURRIED else IDLE), 0
        while done < left and (count := self.step(min(AT_ONCE, left - done))):
            done += count
        return done

    def step(self, limit: int = AT_ONCE) -> int:
        """Index up to ``limit`` facts, the newest bucket first; returns at least 1, or 0 when nothing is left."""
        self.renew()
        store = self._ground.store
        with store.read() as tx:
            newest = tx.search.newest()
            was = next(unfinished(tx.search.buckets(), newest), None)
            if was is None:
                return 0
            to = min(last_of(was.bucket), newest)
            sources = tx.search.sources(was.upto, to, limit)
        if was.key and not self.keys([was.key]):
            self._drop([was])
            return 1
        words = self._words(sources)
        now = replace(was, upto=to if len(sources) < limit else sources[-1].n)
        if words and not was.key:
            now = replace(now, key=self._new_key())
        with store.write() as tx:
            tx.search.open([was.bucket])
            if tx.search.advance(was, now) and words:
                gone = tx.search.without_content(was.upto, now.upto)  # erased since they were read
                found = {n: each for n, each in words.items() if n not in gone}
                self._write(tx, was.bucket, self._keys[now.key], found)
        return max(len(sources), 1)

    def _words(self, sources: Sequence[SearchSource]) -> dict[int, set[str]]:
        """The terms of each fact that has words."""
        wanted = [
            each for each in sources
            if each.content is not None and each.kind not in ACCESSES and (each.procedure, each.kind) not in WORDLESS
        ]  # fmt: skip
        keys = self._ground.content_keys.get(each.id for each in wanted)
        kinds = self._kinds(wanted)
        found = {}
        for each in wanted:
            if (form := opened(each.id, each.content, keys.get(each.id))) is not None:
                found[each.n] = (
                    _terms_of(form)
                    | {narrowed(name, getattr(each, name)) for name in NARROWED}
                    | {
                        narrowed(THING, kind)
                        for kind in things(each.procedure, each.kind, form, kinds.get(each.record, ""))
                    }
                    | index_terms(each.procedure, each.kind, form)
                )
        return found

    def _kinds(self, sources: Sequence[SearchSource]) -> dict[str, str]:
        """Kinds of the entities of which these facts say more than their opening did."""
        records = {each.record for each in sources if each.procedure == ENTITY and each.kind != "open"}
        if not records:
            return {}
        with self._ground.store.read() as tx:
            return kinds_of(self._ground, tx, records)

    def _write(self, tx: Tx, bucket: int, key: bytes, words: dict[int, set[str]]) -> None:
        positions: dict[str, list[int]] = defaultdict(list)
        first = first_of(bucket)
        for n, found in words.items():
            position = n - first
            for term in found:
                positions[term].append(position)
        hashed = hasher(key)
        new = {hashed(term): where for term, where in positions.items()}
        known = tx.search.look_up([bucket], new)
        tx.search.put(bucket, {term: added(known.get((bucket, term), b""), where) for term, where in new.items()})

    # keys ---------------------------------------------------------------------------------------------------

    def keys(self, names: Iterable[str]) -> dict[str, bytes]:
        """The keys of buckets by name; one that was destroyed is not among them."""
        wanted = [name for name in names if name]
        missing = [name for name in wanted if name not in self._keys]
        if missing:
            self._keys.update(self._ground.content_keys.get(missing))
        return {name: self._keys[name] for name in wanted if name in self._keys}

    def _new_key(self) -> str:
        """A fresh key, durable before the first term under it is: a key without terms is harmless."""
        entropy = self._ground.entropy
        name, key = entropy.bytes(32).hex(), entropy.bytes(32)
        self._ground.content_keys.put([(name, key)])
        self._keys[name] = key
        return name

    # dropping -----------------------------------------------------------------------------------------------

    def forget(self, tx: Tx, facts: Iterable[str]) -> list[str]:
        """Drop what could tell the words of these facts, in the transaction that erases them.

        Returns the names of the keys that the caller destroys with those of the facts.
        """
        names = tx.search.forget(facts)
        for name in names:
            self._keys.pop(name, None)
        return names

    def renew(self) -> None:
        """Drop, once a process, what was indexed under another version of terms; filling then begins by itself."""
        if self._renewed:
            return
        with self._ground.store.read() as tx:
            fits, buckets = tx.meta.get(_VERSION) == TERMS, tx.search.buckets()
        if not fits:
            self._drop(buckets)
        self._renewed = True

    def _drop(self, buckets: Iterable[SearchBucket]) -> int:
        """Drop the terms of buckets; with all of them the version of terms is this one."""
        given = list(buckets)
        with self._ground.store.write() as tx:
            names = tx.search.clear(given)
            if len(given) == len(tx.search.buckets()):
                tx.meta.set(_VERSION, TERMS)
        for name in names:
            self._keys.pop(name, None)
        if names:
            self._ground.content_keys.destroy(names, self._ground.clock.now(), REBUILT)
        return len(names)

    def rebuild(self, progress: Callable[[int, int], None] | None = None) -> int:
        """Index everything anew, under new keys; returns how many facts were looked at. May be interrupted at any time.

        ``progress`` is told how many are done and how many are left.
        """
        with self._ground.store.read() as tx:
            buckets = tx.search.buckets()
        if self._drop(buckets):
            self._ground.store.scrub()
        done = 0
        while count := self.step():
            done += count
            if progress is not None:
                progress(done, self.behind())
        return done

    def behind(self) -> int:
        """How many facts are not indexed yet."""
        with self._ground.store.read() as tx:
            return behind(tx.search.buckets(), tx.search.newest())


def unfinished(buckets: Iterable[SearchBucket], newest: int) -> Iterator[SearchBucket]:
    """Buckets with facts that are not indexed, the newest first; ``newest`` is the last fact's number."""
    known = {each.bucket: each for each in buckets}
    if newest <= 0:
        return
    for bucket in range(bucket_of(newest), -1, -1):
        row = known.get(bucket) or SearchBucket(bucket=bucket, key="", upto=first_of(bucket) - 1)
        if row.upto < min(last_of(bucket), newest):
            yield row


def behind(buckets: Iterable[SearchBucket], newest: int) -> int:
    """How many facts the index lacks; gaps between running numbers count as facts."""
    return sum(min(last_of(each.bucket), newest) - max(each.upto, 0) for each in unfinished(buckets, newest))


def drop_unreadable(store: Store, content: ContentKeys) -> int:
    """After a restore: drop buckets whose key is gone or no longer fits, so that they are built anew; returns how many."""
    with store.write() as tx:
        buckets = [each for each in tx.search.buckets() if each.key]
        keys = content.get(each.key for each in buckets)
        return len(tx.search.clear(each for each in buckets if each.key not in keys))


# terms ----------------------------------------------------------------------------------------------------------

NARROWED = ("procedure", "kind", "origin", "track", "purpose")
"""What a search can be narrowed by. Each value is a term like a word, so it costs the same."""
THING = "thing"
"""The kind of thing that a fact is about narrows as well; what it is stands in the form, not in the row."""


def narrowed(name: str, value: str) -> str:
    """The term that says it; no text holds such a one."""
    return f"\0{name}={value}"


def sounding(key: str) -> str:
    """The term that says that a word of this sound key is there; no text holds such a one."""
    return f"\1{key}"


def hasher(key: bytes) -> Callable[[str], bytes]:
    """How a term stands in a bucket of that key (BLAKE2b, RFC 7693, keyed)."""
    start = blake2b(key=key, digest_size=_HASH)

    def hashed(term: str) -> bytes:
        state = start.copy()
        state.update(term.encode("utf-8", "surrogatepass"))
        return state.digest()

    return hashed


def texts(form: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text and number of a form with the path of its field, e.g. ``items.0.value``."""
    if isinstance(form, dict):
        for name, value in form.items():
            yield from texts(value, f"{path}.{name}" if path else name)
    elif isinstance(form, list):
        for place, value in enumerate(form):
            yield from texts(value, f"{path}.{place}" if path else str(place))
    elif isinstance(form, str):
        yield path, form
    elif isinstance(form, int | float) and not isinstance(form, bool):
        yield path, str(form)


def opened(fact: str, content: bytes | None, key: bytes | None) -> Any | None:
    """The form in a fact's content; None when it is erased or cannot be read."""
    if content is None or key is None:
        return None
    try:
        return msgspec.json.decode(open_body(decrypt_content(key, content, fact)[1])[1])
    except (VerificationFailed, InvalidInput, TooMuch, msgspec.DecodeError):
        return None


def _terms_of(form: Any) -> set[str]:
    found: set[str] = set()
    heard: set[str] = set()
    for _, text in texts(form):
        found |= terms(text)
        if len(heard) < MOST_SOUNDS:
            heard |= listening.keys(text)
        if len(found) > MOST_TERMS:
            found = set(sorted(found)[:MOST_TERMS])
            break
    return found.union(map(sounding, sorted(heard)[:MOST_SOUNDS]))
