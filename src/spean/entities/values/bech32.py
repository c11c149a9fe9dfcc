"""Bech32 (BIP-173), Bech32m (BIP-350), witness programs, and CashAddr. Every function raises ``ValueError`` with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUES = {letter: value for value, letter in enumerate(_LETTERS)}
_BECH32 = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CASH = (0x98F2BC8E61, 0x79B76D99E2, 0xF33E5FB3C4, 0xAE2EABE2A8, 0x1E4F43E470)
_ENDS: dict[int, Literal["bech32", "bech32m"]] = {1: "bech32", 0x2BC830A3: "bech32m"}


def _remainder(values: Iterable[int], generators: Sequence[int], bits: int) -> int:
    rest, low = 1, (1 << (bits - 5)) - 1
    for value in values:
        top = rest >> (bits - 5)
        rest = (rest & low) << 5 ^ value
        for place, generator in enumerate(generators):
            if top >> place & 1:
                rest ^= generator
    return rest


def decode(text: str, most: int = 90) -> tuple[str, list[int], Literal["bech32", "bech32m"]]:
    """Prefix, values of five bits without the checksum, and which of the two codes it is."""
    if any(not 33 <= ord(char) <= 126 for char in text):
        raise ValueError("a letter is out of range")
    if text.lower() != text and text.upper() != text:
        raise ValueError("capitals and small letters are mixed")
    text = text.lower()
    at = text.rfind("1")
    if at < 1 or len(text) - at < 7 or len(text) > most:
        raise ValueError("the length or the separator is wrong")
    prefix = text[:at]
    try:
        values = [_VALUES[char] for char in text[at + 1 :]]
    except KeyError as error:
        raise ValueError(f"{error.args[0]!r} is no letter of Bech32") from None
    expanded = [ord(char) >> 5 for char in prefix] + [0] + [ord(char) & 31 for char in prefix]
    code = _ENDS.get(_remainder(expanded + values, _BECH32, 30))
    if code is None:
        raise ValueError("the checksum does not hold")
    return prefix, values[:-6], code


def regroup(values: Iterable[int]) -> bytes:
    """Groups of five bits to bytes; what is left over must be fewer than five zeros."""
    number, bits, found = 0, 0, bytearray()
    for value in values:
        number, bits = (number << 5 | value) & 0xFFF, bits + 5
        if bits >= 8:
            bits -= 8
            found.append(number >> bits & 255)
    if bits >= 5 or number & ((1 << bits) - 1):
        raise ValueError("the padding is not zero")
    return bytes(found)


def witness(text: str, prefix: str) -> tuple[int, bytes]:
    """Version and program of a segregated witness address with ``prefix`` (``bc``)."""
    found, values, code = decode(text)
    if found != prefix:
        raise ValueError(f"the prefix is {found[:10]!r}, not {prefix!r}")
    if not values or values[0] > 16:
        raise ValueError("no witness version")
    program = regroup(values[1:])
    if not 2 <= len(program) <= 40 or (values[0] == 0 and len(program) not in (20, 32)):
        raise ValueError("the program has a wrong length")
    if code != ("bech32" if values[0] == 0 else "bech32m"):
        raise ValueError("the checksum is of the other code")
    return values[0], program


def cash_decode(text: str, prefix: str) -> tuple[int, bytes]:
    """Kind (0 key, 1 script) and hash of a CashAddr, given with or without its prefix."""
    if text.lower() != text and text.upper() != text:
        raise ValueError("capitals and small letters are mixed")
    body = text.lower().removeprefix(prefix + ":")
    if not 40 <= len(body) <= 112 or any(char not in _VALUES for char in body):
        raise ValueError("the letters are not those of CashAddr")
    values = [_VALUES[char] for char in body]
    if _remainder([ord(char) & 31 for char in prefix] + [0] + values, _CASH, 40) != 1:
        raise ValueError("the checksum does not hold")
    raw = regroup(values[:-8])
    kind, size = raw[0] >> 3, (20, 24, 28, 32, 40, 48, 56, 64)[raw[0] & 7]
    if raw[0] & 128 or kind > 3 or len(raw) != size + 1:
        raise ValueError("the length does not fit its version")
    return kind, raw[1:]


def cash_encode(kind: int, found: bytes, prefix: str) -> str:
    """The CashAddr of a hash of twenty bytes, without prefix."""
    number = int.from_bytes(bytes([kind << 3]) + found, "big") << 2
    values = [number >> shift & 31 for shift in range(165, -1, -5)]
    rest = _remainder([ord(char) & 31 for char in prefix] + [0] + values + [0] * 8, _CASH, 40) ^ 1
    return "".join(_LETTERS[value] for value in [*values, *(rest >> shift & 31 for shift in range(35, -1, -5))])
