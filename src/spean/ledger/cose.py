"""The public key of a passkey as its authenticator writes it: a COSE_Key (RFC 9052 section 7) of three kinds.

    ES256   EC2, P-256, ECDSA with SHA-256        (RFC 9053: kty 2, alg -7, crv 1)
    EdDSA   OKP, Ed25519                          (kty 1, alg -8, crv 6)
    RS256   RSA of 2048 to 4096 bits, PKCS #1 v1.5 with SHA-256    (RFC 8812: kty 3, alg -257)

Only what these need of CBOR (RFC 8949) is read: one map of small integers to integers and byte strings, each in its
shortest form, each key once, nothing before or after. So a key has one byte string, and the reader little to break.
"""

from __future__ import annotations

from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from spean.core.errors import VerificationFailed

MAX_KEY = 1024
"""Bytes of a key: one of RSA with 4096 bits has less than 600."""
_MAX_FIELDS = 5
_UNSIGNED, _NEGATIVE, _BYTES, _MAP = 0, 1, 2, 5
_KTY, _ALG = 1, 3
_CURVE, _X, _Y = -1, -2, -3
_MODULUS, _EXPONENT = -1, -2
_ES256 = {_KTY: 2, _ALG: -7, _CURVE: 1}
_EDDSA = {_KTY: 1, _ALG: -8, _CURVE: 6}
_RS256 = {_KTY: 3, _ALG: -257}
_MAX_EXPONENT = 2**32

_Public = ec.EllipticCurvePublicKey | Ed25519PublicKey | rsa.RSAPublicKey
_Fields = dict[int, int | bytes]


class Key(NamedTuple):
    """A public key that was read: the name of its algorithm, and the key itself."""

    algorithm: str
    public: _Public

    def verify(self, signature: bytes, message: bytes) -> None:
        """Raise ``VerificationFailed`` unless ``signature`` is this key's over ``message``."""
        try:
            if isinstance(self.public, ec.EllipticCurvePublicKey):
                self.public.verify(signature, message, ec.ECDSA(hashes.SHA256()))
            elif isinstance(self.public, rsa.RSAPublicKey):
                self.public.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
            else:
                self.public.verify(signature, message)
        except (InvalidSignature, ValueError):
            raise VerificationFailed(
                "The passkey did not sign this", why="the signature is another's", rule="R1"
            ) from None


def read_key(data: bytes) -> Key:
    """The key in a COSE_Key. Raises ``VerificationFailed`` for everything that is not exactly one of the three kinds."""
    if len(data) > MAX_KEY:
        raise _bad(f"it has {len(data)} bytes; {MAX_KEY} are allowed")
    fields = _Reader(data).fields()
    try:
        return _key(fields)
    except ValueError as wrong:
        raise _bad(str(wrong)[:120]) from None


def _key(fields: _Fields) -> Key:
    if _is(fields, _ES256, (_X, _Y)):
        x, y = (_number(fields[name], 32) for name in (_X, _Y))
        return Key("ES256", ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key())
    if _is(fields, _EDDSA, (_X,)):
        raw = fields[_X]
        assert isinstance(raw, bytes)
        return Key("EdDSA", Ed25519PublicKey.from_public_bytes(raw))
    if _is(fields, _RS256, (_MODULUS, _EXPONENT)):
        modulus, exponent = (_number(fields[name]) for name in (_MODULUS, _EXPONENT))
        if not 2048 <= modulus.bit_length() <= 4096 or not exponent < _MAX_EXPONENT:
            raise ValueError("an RSA key of another size")
        return Key("RS256", rsa.RSAPublicNumbers(exponent, modulus).public_key())
    raise ValueError("a kind of key that is not read here: ES256, EdDSA and RS256 are")


def _is(fields: _Fields, fixed: dict[int, int], raw: tuple[int, ...]) -> bool:
    return (
        set(fields) == {*fixed, *raw}
        and all(fields[name] == value for name, value in fixed.items())
        and all(isinstance(fields[name], bytes) for name in raw)
    )


def _number(value: int | bytes, length: int | None = None) -> int:
    assert isinstance(value, bytes)
    if not value or (length is not None and len(value) != length) or (length is None and value[0] == 0):
        raise ValueError("a number of another length")
    return int.from_bytes(value, "big")


class _Reader:
    """Reads one flat map."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def fields(self) -> _Fields:
        kind, count = self._head()
        if kind != _MAP or count > _MAX_FIELDS:
            raise _bad("it is no map of a key's fields")
        found: _Fields = {}
        for _ in range(count):
            name, value = self._value(), self._value()
            if not isinstance(name, int) or name in found:
                raise _bad("a field's name is no number, or stands twice")
            found[name] = value
        if self._at != len(self._data):
            raise _bad("something follows the key")
        return found

    def _value(self) -> int | bytes:
        kind, number = self._head()
        if kind == _UNSIGNED:
            return number
        if kind == _NEGATIVE:
            return -1 - number
        if kind == _BYTES:
            return self._take(number)
        raise _bad("a field that is neither a number nor bytes")

    def _head(self) -> tuple[int, int]:
        """Major type and argument (RFC 8949 section 3), in the shortest form only; no indefinite lengths."""
        first = self._take(1)[0]
        kind, number = first >> 5, first & 31
        if number < 24:
            return kind, number
        if number > 25:
            raise _bad("a number that is too long")
        number = int.from_bytes(self._take(1 << (number - 24)), "big")
        if number < (24 if first & 31 == 24 else 256):
            raise _bad("a number that is not in its shortest form")
        return kind, number

    def _take(self, count: int) -> bytes:
        part = self._data[self._at : self._at + count]
        if len(part) != count:
            raise _bad("it is cut short")
        self._at += count
        return part


def _bad(why: str) -> VerificationFailed:
    return VerificationFailed("The passkey's public key cannot be read", why=why, rule="R1")
