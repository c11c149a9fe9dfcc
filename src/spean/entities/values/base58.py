"""Base58 and Base58Check (Bitcoin), and Monero's Base58 in blocks. Every function raises ``ValueError`` with the reason."""

from __future__ import annotations

from hashlib import sha256

BITCOIN = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
RIPPLE = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
_BLOCKS = {0: 0, 2: 1, 3: 2, 5: 3, 6: 4, 7: 5, 9: 6, 10: 7, 11: 8}
"""Characters of a Monero block → its bytes."""


def decode(text: str, alphabet: str = BITCOIN) -> bytes:
    """The bytes of ``text``; leading zeros are leading first letters."""
    number = 0
    for char in text:
        digit = alphabet.find(char)
        if digit < 0:
            raise ValueError(f"{char!r} is no letter of Base58")
        number = number * 58 + digit
    zeros = len(text) - len(text.lstrip(alphabet[0]))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def encode(data: bytes, alphabet: str = BITCOIN) -> str:
    """The inverse of ``decode``."""
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = alphabet[digit] + text
    return alphabet[0] * (len(data) - len(data.lstrip(b"\0"))) + text


def _checksum(data: bytes) -> bytes:
    return sha256(sha256(data).digest()).digest()[:4]


def check_decode(text: str, alphabet: str = BITCOIN) -> bytes:
    """Version and payload; four bytes of double SHA-256 must hold."""
    if not 20 <= len(text) <= 60:
        raise ValueError("the length is not that of an address")
    raw = decode(text, alphabet)
    if _checksum(raw[:-4]) != raw[-4:]:
        raise ValueError("the checksum does not hold")
    return raw[:-4]


def check_encode(data: bytes, alphabet: str = BITCOIN) -> str:
    """The inverse of ``check_decode``."""
    return encode(data + _checksum(data), alphabet)


def monero_decode(text: str) -> bytes:
    """Blocks of eleven letters are eight bytes each; the last one may be shorter."""
    found = b""
    for start in range(0, len(text), 11):
        block = text[start : start + 11]
        size = _BLOCKS.get(len(block))
        number = int.from_bytes(decode(block), "big")
        if size is None or number >= 1 << (8 * size):
            raise ValueError("a block does not fit its bytes")
        found += number.to_bytes(size, "big")
    return found
