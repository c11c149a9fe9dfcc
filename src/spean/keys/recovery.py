"""A recovery file: a node's private keys, which two of three named persons open together and no one alone (R4).

    secret_i  16 random bytes a person, shown once as words, written down by hand, kept nowhere else
    data      AES-256-GCM(file key, the private keys)
    wrap_ij   AES-256-GCM(HKDF-SHA256(secret_i ‖ secret_j, salt, "spean/recovery/1 wrap" ‖ i ‖ j), file key), one for each pair
    check_i   8 bytes of HKDF-SHA256(secret_i, salt, "spean/recovery/1 check" ‖ i): so that wrong words are named by person

Every ciphertext is bound to the whole head of the file (node, time, key, people, checks). A file key is random and each
wrapping key wraps one thing once, so nonces are zero. One secret alone leaves 2¹²⁸ possibilities for the other, and the
checks do not help to guess: a secret is not a password.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from spean.core.errors import InvalidInput, Unauthenticated, VerificationFailed
from spean.core.world import Entropy
from spean.keys.files import from_bytes, to_bytes
from spean.keys.node import NodeKeys
from spean.keys.words import parse_secret, secret_words

FORMAT = "spean-node-recovery"
VERSION = 1
MAX_FILE = 1 << 20
PEOPLE = 3
SECRET = 16
_CONTEXT = b"spean/recovery/1"
_NONCE = bytes(12)
_PAIRS = tuple(combinations(range(PEOPLE), 2))
_MAX_NAME = 80


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a recovery file says without being opened. ``made`` in milliseconds."""

    format: str
    version: int
    node: str
    sign_id: str
    """The signing key that the node had: another one now means that the file is out of date."""
    made: int
    people: tuple[str, str, str]
    salt: str
    checks: tuple[str, str, str]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    head: Head
    wraps: tuple[str, str, str]
    data: str


@dataclass(frozen=True, slots=True)
class Share:
    """What one person writes down. Never logged, never kept."""

    person: str
    words: str

    def __repr__(self) -> str:
        return f"Share({self.person})"


_ENCODER = msgspec.json.Encoder(order="sorted")
_DECODER = msgspec.json.Decoder(_File)


def make(
    keys: NodeKeys, node: str, people: Sequence[str], now: int, entropy: Entropy
) -> tuple[bytes, tuple[Share, ...]]:
    """The file for these keys at ``now`` (ms), and the three shares. Raises ``InvalidInput`` unless three are named."""
    names = tuple(name.strip() for name in people)
    fit = all(0 < len(name) <= _MAX_NAME and name.isprintable() for name in names)
    if len(names) != PEOPLE or len({name.casefold() for name in names}) != PEOPLE or not fit:
        raise InvalidInput("people", "three different persons are named", remedy='--people "A" "B" "C"')
    salt, file_key = entropy.bytes(32), entropy.bytes(32)
    secrets = [entropy.bytes(SECRET) for _ in names]
    checks = tuple(_text(_check(secret, salt, place)) for place, secret in enumerate(secrets))
    head = Head(FORMAT, VERSION, node, keys.sign_id, now, _three(names), _text(salt), _three(checks))
    bound = _ENCODER.encode(head)
    wraps = tuple(
        _text(AESGCM(_wrapping(secrets[one], secrets[two], salt, one, two)).encrypt(_NONCE, file_key, bound))
        for one, two in _PAIRS
    )
    data = _text(AESGCM(file_key).encrypt(_NONCE, to_bytes(keys), bound))
    document = _ENCODER.encode(_File(head, _three(wraps), data))
    return document + b"\n", tuple(
        Share(name, secret_words(secret)) for name, secret in zip(names, secrets, strict=True)
    )


def read(document: bytes) -> Head:
    """What the file says of itself; believed only once it is opened. Raises ``VerificationFailed``."""
    return _file(document).head


def open_with(document: bytes, words: Mapping[str, str]) -> NodeKeys:
    """The keys, opened with the words of two of the persons, by name.

    Raises ``InvalidInput`` (not two of them, or words that are none), ``Unauthenticated`` naming the person whose
    words are wrong, or ``VerificationFailed`` (the file was altered).
    """
    file = _file(document)
    head = file.head
    places = sorted(_place(head, person) for person in words)
    if len(places) != 2 or places[0] == places[1]:
        raise InvalidInput("people", "two of the three open it together", remedy=f"two of {', '.join(head.people)}")
    try:
        salt = _raw(head.salt)
        secrets = {_place(head, person): _secret(head, person, text, salt) for person, text in words.items()}
        one, two = places
        wrap = AESGCM(_wrapping(secrets[one], secrets[two], salt, one, two))
        bound = _ENCODER.encode(head)
        file_key = wrap.decrypt(_NONCE, _raw(file.wraps[_PAIRS.index((one, two))]), bound)
        keys = from_bytes(AESGCM(file_key).decrypt(_NONCE, _raw(file.data), bound))
    except (InvalidTag, ValueError) as error:
        raise _altered("the words are right, but its contents are not what was sealed") from error
    if keys.sign_id != head.sign_id:
        raise _altered("it holds other keys than it says")
    return keys


def _secret(head: Head, person: str, text: str, salt: bytes) -> bytes:
    place = _place(head, person)
    try:
        secret = parse_secret(text, SECRET)
    except InvalidInput as wrong:
        raise InvalidInput(f"words of {head.people[place]}", wrong.why, remedy=wrong.remedy) from None
    if not bytes_eq(_check(secret, salt, place), _raw(head.checks[place])):
        raise Unauthenticated(f"The words of {head.people[place]} are not those of this file",
                              why="they are of another file, or one of them is wrong",
                              remedy="look at the paper again, and at the date on it")  # fmt: skip
    return secret


def _place(head: Head, person: str) -> int:
    found = [place for place, name in enumerate(head.people) if name.casefold() == person.strip().casefold()]
    if len(found) != 1:
        raise InvalidInput(
            "people", f"{person[:_MAX_NAME]!r} holds no words of this file", remedy=f"one of {', '.join(head.people)}"
        )
    return found[0]


def _file(document: bytes) -> _File:
    if len(document) > MAX_FILE:
        raise _altered(f"it has over {MAX_FILE} bytes")
    try:
        file = _DECODER.decode(document)
        head = file.head
        if (head.format, head.version) != (FORMAT, VERSION):
            raise ValueError(f"it has format {head.format[:40]!r} version {head.version}; this program reads {VERSION}")
        for text in (head.salt, *head.checks, *file.wraps, file.data):
            _raw(text)
    except (msgspec.MsgspecError, UnicodeError, ValueError, RecursionError) as error:
        raise _altered(str(error)[:200]) from error
    return file


def _check(secret: bytes, salt: bytes, place: int) -> bytes:
    return HKDF(hashes.SHA256(), 8, salt, _CONTEXT + b" check" + bytes([place])).derive(secret)


def _wrapping(first: bytes, second: bytes, salt: bytes, one: int, two: int) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt, _CONTEXT + b" wrap" + bytes([one, two])).derive(first + second)


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()


def _raw(text: str) -> bytes:
    return b64decode(text, validate=True)


def _altered(why: str) -> VerificationFailed:
    return VerificationFailed("This is no recovery file, or it was altered", why=why, remedy="take another copy of it")


def _three(texts: Sequence[str]) -> tuple[str, str, str]:
    first, second, third = texts
    return first, second, third
