"""Asking an extract about a traveller, and writing down what was asked so that only the node can read it (B5, R38)."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from spean.core.errors import InvalidInput, VerificationFailed
from spean.exchange.seal import SEALED_SIZE, open_key, seal_key
from spean.matching.private import people
from spean.screening.answer import told
from spean.screening.extract import Chance, Extract, Header, Met
from spean.screening.model import AnswerKind, Basis, Entry, Match, Thresholds, Told, Traveller

AMONG = 20_000
"""Persons among whom a name in an extract stands out, when its keys are weighed."""
LIMITS = Thresholds(verify=500, protect=350, stop=1001)
"""Without a line a name never says *stop*: only the same document does."""
MOST_LINES = 20_000
_KINDS: dict[str, AnswerKind] = {"verify": "verify", "protect": "protect", "stop": "stop"}


class Query(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One question as it is brought in later."""

    at: int
    by: str
    """The officer's name, as the device knows it."""
    reason: str
    words: str
    answer: str


@dataclass(frozen=True, slots=True)
class Brought:
    """What a log of queries holds: those that could be read, and lines that could not."""

    queries: tuple[Query, ...]
    unreadable: int


def keys_of(traveller: Traveller) -> dict[bytes, tuple[int, Basis]]:
    """Match keys of a person, each with its weight and on what it rests: for the table and for the question alike."""
    found: dict[bytes, tuple[int, Basis]] = {}
    for number, _ in traveller.documents:
        plain = "".join(char for char in number.upper() if char.isalnum())
        if plain:
            found[b"d:" + plain.encode()] = (100, "document")
    for name in traveller.names:
        try:
            several = people.derived(name, traveller.birth)
        except InvalidInput:
            continue
        for each in several:
            weight = people.percent(people.weight(name, [each.says], AMONG))
            basis: Basis = "name-and-birth" if each.says.date == "ymd" else "name"
            if weight > found.get(each.value, (0, basis))[0]:
                found[each.value] = (weight, basis)
    return found


def ask(extract: Extract, traveller: Traveller, now: int) -> Told:
    """What the extract answers. Raises ``Refusal`` after its end and with a clock that was moved back."""
    return told(matches(extract, traveller, now), now, LIMITS)


def matches(extract: Extract, traveller: Traveller, now: int) -> list[Match]:
    """The entries that the traveller's keys open."""
    return [_match(met) for met in extract.ask(keys_of(traveller), now)]


def _match(met: Met) -> Match:
    answer = met.answer
    entry = Entry(reference=f"#{met.entry}", kind=_KINDS.get(answer.kind, "nothing"), instructions=answer.instructions,
                  contact=answer.contact, until=answer.until, languages=answer.languages)  # fmt: skip
    return Match(entry=entry, score=min(999, met.weight * 10), basis=met.basis)


def line(header: Header, query: Query, chance: Chance) -> str:
    """One query, sealed to the node that made the extract: the device cannot read it back."""
    key = chance(32)
    sealed = seal_key(key, bytes.fromhex(header.log_key), _info(header))
    words = AESGCM(key).encrypt(bytes(12), msgspec.json.encode(query), sealed)
    return base64.b64encode(sealed + words).decode()


def lines(text: str, id: str, private: Iterable[X25519PrivateKey]) -> Brought:
    """The queries of a log, opened with the node's keys. ``id``: of the extract with which they were made."""
    keys, found, unreadable = list(private), [], 0
    for each in _lines(text):
        try:
            found.append(_opened(each, id, keys))
        except (VerificationFailed, ValueError, InvalidTag):
            unreadable += 1
    return Brought(tuple(found), unreadable)


def _lines(text: str) -> Iterator[str]:
    several = [each.strip() for each in text.splitlines() if each.strip()]
    if len(several) > MOST_LINES:
        raise InvalidInput("file", f"more than {MOST_LINES} queries", remedy="bring them in in parts")
    yield from several


def _opened(text: str, id: str, keys: list[X25519PrivateKey]) -> Query:
    data = base64.b64decode(text, validate=True)
    sealed, words = data[:SEALED_SIZE], data[SEALED_SIZE:]
    for private in keys:
        try:
            key = open_key(sealed, private, _info_of(id))
        except VerificationFailed:
            continue
        return msgspec.json.decode(AESGCM(key).decrypt(bytes(12), words, sealed), type=Query)
    raise VerificationFailed(
        "The query does not open", why="it was made with another extract", remedy="name the right one"
    )


def _info(header: Header) -> bytes:
    return _info_of(header.id)


def _info_of(id: str) -> bytes:
    return b"spean/extract-log/1\0" + id.encode()
