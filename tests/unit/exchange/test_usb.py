from __future__ import annotations

import pytest

from spean.core.errors import InvalidInput, SpeanError, TooMuch, VerificationFailed
from spean.exchange.make import Signer
from spean.exchange.page import MAX_PAGE
from spean.exchange.usb import decode_file, encode_file
from spean.ledger import ed25519

CONTENT = b"the bytes of a page\nwith lines\n"


def file_of(signer: Signer, **changes: object) -> bytes:
    values: dict[str, object] = {"kind": "page", "sender": "KR", "receiver": "KH", "signer": signer, "now": 1}
    return encode_file(CONTENT, **{**values, "first": 5, "last": 9, **changes})  # type: ignore[arg-type]


def opened(signer: Signer, data: bytes) -> bytes:
    known = {"KR": {signer.key_id: ed25519.public_of(signer.private)}}
    header, content = decode_file(data, lambda node: known.get(node, {}), receiver="KH")
    assert (header.kind, header.sender, header.first, header.last) == ("page", "KR", 5, 9)
    return content


def test_a_file_gives_back_exactly_its_bytes(signer: Signer) -> None:
    assert opened(signer, file_of(signer)) == CONTENT


def test_every_flipped_byte_and_every_truncation_is_noticed(signer: Signer) -> None:
    data = file_of(signer)
    for place in range(len(data)):
        altered = bytearray(data)
        altered[place] ^= 1
        with pytest.raises((InvalidInput, VerificationFailed)):
            opened(signer, bytes(altered))
        with pytest.raises((InvalidInput, VerificationFailed)):
            opened(signer, data[:place])
    with pytest.raises(VerificationFailed):
        opened(signer, data + b"more")


def test_a_file_of_a_stranger_or_for_another_is_refused(signer: Signer) -> None:
    with pytest.raises(VerificationFailed, match="unknown"):
        opened(signer, file_of(signer, sender="TH"))
    with pytest.raises(InvalidInput, match="for TH"):
        opened(signer, file_of(signer, receiver="TH"))


@pytest.mark.parametrize("data", [b"", b"\n\n", b"x" * 5000, b"{}\nAAAA\n", b"[" * 1900 + b"\nAAAA\n"])
def test_garbage_is_no_file(signer: Signer, data: bytes) -> None:
    with pytest.raises(SpeanError):
        opened(signer, data)


def test_a_file_too_long_is_refused_unread(signer: Signer) -> None:
    with pytest.raises(TooMuch):
        opened(signer, b"\0" * (MAX_PAGE + 5000))
