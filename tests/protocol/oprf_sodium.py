"""RFC 9497, suite ristretto255-SHA512, mode 1 (VOPRF), a second time: over libsodium (``rbcl``), straight from the text of the RFC.

For tests alone: it is here so that the package which the product uses is not its own judge. Names are those of the RFC.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import rbcl

ORDER = 2**252 + 27742317777372353535851937790883648493
_MODE = 1
CONTEXT = b"OPRFV1-" + bytes([_MODE]) + b"-ristretto255-SHA512"
GENERATOR = rbcl.crypto_scalarmult_ristretto255_base(bytes([1]) + bytes(31))
IDENTITY = bytes(32)


def i2osp(number: int, size: int) -> bytes:
    return number.to_bytes(size, "big")


def scalar(number: int) -> bytes:
    return (number % ORDER).to_bytes(32, "little")


def number(scalar_: bytes) -> int:
    return int.from_bytes(scalar_, "little")


def expand_message_xmd(message: bytes, dst: bytes, size: int) -> bytes:
    """RFC 9380, 5.3.1, with SHA-512."""
    rounds = -(-size // 64)
    dst += i2osp(len(dst), 1)
    first = hashlib.sha512(bytes(128) + message + i2osp(size, 2) + b"\0" + dst).digest()
    blocks = [hashlib.sha512(first + b"\1" + dst).digest()]
    for place in range(2, rounds + 1):
        mixed = bytes(a ^ b for a, b in zip(first, blocks[-1], strict=True))
        blocks.append(hashlib.sha512(mixed + bytes([place]) + dst).digest())
    return b"".join(blocks)[:size]


def hash_to_group(message: bytes) -> bytes:
    found: bytes = rbcl.crypto_core_ristretto255_from_hash(expand_message_xmd(message, b"HashToGroup-" + CONTEXT, 64))
    return found


def hash_to_scalar(message: bytes, dst: bytes = b"HashToScalar-") -> int:
    return int.from_bytes(expand_message_xmd(message, dst + CONTEXT, 64), "little") % ORDER


def times(k: int, point: bytes) -> bytes:
    found: bytes = rbcl.crypto_scalarmult_ristretto255(scalar(k), point)
    return found


def plus(one: bytes, other: bytes) -> bytes:
    found: bytes = rbcl.crypto_core_ristretto255_add(one, other)
    return found


def minus_times(s: int, a: bytes, c: int, b: bytes) -> bytes:
    """s·a + c·b."""
    return plus(times(s, a), times(c, b))


def derive_key_pair(seed: bytes, info: bytes) -> tuple[int, bytes]:
    """3.2.1."""
    for counter in range(256):
        k = hash_to_scalar(seed + i2osp(len(info), 2) + info + i2osp(counter, 1), b"DeriveKeyPair")
        if k:
            return k, times(k, GENERATOR)
    raise AssertionError("no key can be derived")


def blind(value: bytes, r: int) -> bytes:
    """3.3.2."""
    return times(r, hash_to_group(value))


def composites(k: int | None, public: bytes, cs: Sequence[bytes], ds: Sequence[bytes]) -> tuple[bytes, bytes]:
    """2.2.1, ComputeComposites and its fast form."""
    seed = hashlib.sha512(
        i2osp(32, 2) + public + i2osp(len(b"Seed-" + CONTEXT), 2) + b"Seed-" + CONTEXT
    ).digest()  # fmt: skip
    m = z = IDENTITY
    for place, (c, d) in enumerate(zip(cs, ds, strict=True)):
        transcript = i2osp(64, 2) + seed + i2osp(place, 2) + i2osp(32, 2) + c + i2osp(32, 2) + d + b"Composite"
        weight = hash_to_scalar(transcript)
        m = plus(times(weight, c), m)
        if k is None:
            z = plus(times(weight, d), z)
    return m, (z if k is None else times(k, m))


def challenge(public: bytes, m: bytes, z: bytes, t2: bytes, t3: bytes) -> int:
    parts = b"".join(i2osp(32, 2) + part for part in (public, m, z, t2, t3))
    return hash_to_scalar(parts + b"Challenge")


def generate_proof(k: int, public: bytes, cs: Sequence[bytes], ds: Sequence[bytes], r: int) -> bytes:
    """2.2.1."""
    m, z = composites(k, public, cs, ds)
    c = challenge(public, m, z, times(r, GENERATOR), times(r, m))
    return scalar(c) + scalar(r - c * k)


def proof_holds(public: bytes, cs: Sequence[bytes], ds: Sequence[bytes], proof: bytes) -> bool:
    """2.2.2."""
    m, z = composites(None, public, cs, ds)
    c, s = number(proof[:32]), number(proof[32:])
    t2 = minus_times(s, GENERATOR, c, public)
    t3 = minus_times(s, m, c, z)
    return challenge(public, m, z, t2, t3) == c


def finalize(value: bytes, r: int, evaluated: bytes) -> bytes:
    """3.3.2, once the proof holds."""
    unblinded = times(pow(r, -1, ORDER), evaluated)
    return output(value, unblinded)


def output(value: bytes, point: bytes) -> bytes:
    return hashlib.sha512(i2osp(len(value), 2) + value + i2osp(32, 2) + point + b"Finalize").digest()


def evaluate(k: int, value: bytes) -> bytes:
    """What the holder of the key computes alone (3.3.1, Evaluate)."""
    return output(value, times(k, hash_to_group(value)))
