"""The chains whose addresses we know: name, CAIP-2 id, and how an address is checked and brought to its one form."""

from __future__ import annotations

import re
from binascii import crc32
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from spean.entities.values import base58, bech32
from spean.entities.values.keccak import keccak_256

Check = Callable[[str], str]
"""Address → its one form; ``ValueError`` with the reason."""

_EVM = re.compile(r"0x[0-9a-fA-F]{40}")
_CRC_OF_BYRON = re.compile(rb"\x82\xd8\x18(?:\x58(.))?(.*)\x1a(....)", re.DOTALL)


class Chain(NamedTuple):
    """``caip2`` is registered with chainagnostic.org unless ``registered`` is false: then the namespace is our own."""

    name: str
    caip2: str
    check: Check
    registered: bool = True


def evm(text: str) -> str:
    """Small letters. Mixed letters carry a checksum (EIP-55), which must hold; all small or all capital ones carry none."""
    if _EVM.fullmatch(text) is None:
        raise ValueError("it is not 0x and 40 hex digits")
    digits = text[2:]
    if digits not in (digits.lower(), digits.upper()) and text != checksummed(text):
        raise ValueError("the checksum in its capital letters (EIP-55) does not hold")
    return text.lower()


def checksummed(text: str) -> str:
    """An address of an EVM chain with its checksum in capital letters (EIP-55), as people expect to see it."""
    digits = text[2:].lower()
    marks = keccak_256(digits.encode()).hex()
    return "0x" + "".join(
        char.upper() if int(mark, 16) > 7 else char for char, mark in zip(digits, marks, strict=False)
    )


def _versioned(text: str, versions: dict[bytes, bytes], alphabet: str = base58.BITCOIN) -> str:
    """Base58Check with twenty bytes after one of ``versions``; an old version becomes the one that it maps to."""
    raw = base58.check_decode(text, alphabet)
    known = versions.get(raw[:-20])
    if known is None:
        raise ValueError("it is an address of another chain")
    return text if known == raw[:-20] else base58.check_encode(known + raw[-20:], alphabet)


def _utxo(text: str, *, versions: dict[bytes, bytes], prefix: str = "") -> str:
    if prefix and text[: len(prefix) + 1].lower() == prefix + "1":
        bech32.witness(text, prefix)
        return text.lower()
    return _versioned(text, versions)


def _same(*versions: str) -> dict[bytes, bytes]:
    return {bytes.fromhex(version): bytes.fromhex(version) for version in versions}


def _cash(text: str) -> str:
    """CashAddr without prefix; an address in Bitcoin's form becomes one, since both name the same hash."""
    if text[:1] in "13":
        raw = base58.check_decode(text)
        if raw[0] not in (0, 5) or len(raw) != 21:
            raise ValueError("it is an address of another chain")
        return bech32.cash_encode(0 if raw[0] == 0 else 1, raw[1:], "bitcoincash")
    bech32.cash_decode(text, "bitcoincash")
    return text.lower().removeprefix("bitcoincash:")


def _solana(text: str) -> str:
    """32 bytes. Solana's addresses carry no checksum: a mistyped letter is not noticed."""
    if not 32 <= len(text) <= 44 or len(base58.decode(text)) != 32:
        raise ValueError("it is not 32 bytes in Base58")
    return text


def _monero(text: str) -> str:
    if len(text) not in (95, 106):
        raise ValueError("a Monero address has 95 letters, or 106 with a payment id")
    raw = base58.monero_decode(text)
    if keccak_256(raw[:-4])[:4] != raw[-4:]:
        raise ValueError("the checksum does not hold")
    if raw[0] not in ((18, 42) if len(text) == 95 else (19,)):
        raise ValueError("it is an address of another network")
    return text


def _cosmos(text: str, *, prefix: str, size: int) -> str:
    found, values, code = bech32.decode(text)
    if found != prefix or code != "bech32" or len(bech32.regroup(values)) != size:
        raise ValueError("prefix or length is of another chain")
    return text.lower()


def _cardano(text: str) -> str:
    """Shelley in Bech32 (CIP-19), Byron in Base58 over CBOR with CRC-32."""
    if not text.lower().startswith(("addr1", "stake1")):
        return _byron(text)
    prefix, values, code = bech32.decode(text, most=200)
    raw = bech32.regroup(values)
    kind, network = (raw[0] >> 4, raw[0] & 15) if raw else (-1, -1)
    fits = (
        (prefix == "stake" and kind in (14, 15) and len(raw) == 29)
        or (prefix == "addr" and ((kind < 4 and len(raw) == 57) or (kind in (4, 5) and len(raw) > 31) or (kind in (6, 7) and len(raw) == 29)))
    )  # fmt: skip
    if code != "bech32" or network != 1 or not fits:
        raise ValueError("it is not an address of the main network")
    return text.lower()


def _byron(text: str) -> str:
    if not 50 <= len(text) <= 150:
        raise ValueError("the length is not that of a Cardano address")
    found = _CRC_OF_BYRON.fullmatch(base58.decode(text))
    if (
        found is None
        or (found[1] is not None and found[1][0] != len(found[2]))
        or crc32(found[2]) != int.from_bytes(found[3], "big")
    ):
        raise ValueError("the checksum does not hold")
    return text


def _zcash(text: str) -> str:
    """Transparent, Sapling or unified; of a unified one only the outer checksum is verified."""
    if text.startswith("t"):
        return _versioned(text, _same("1cb8", "1cbd"))
    prefix, values, code = bech32.decode(text, most=1000)
    if (prefix, code) not in (("zs", "bech32"), ("u", "bech32m")) or (
        prefix == "zs" and len(bech32.regroup(values)) != 43
    ):
        raise ValueError("it is not an address of the main network")
    return text.lower()


def _litecoin(text: str) -> str:
    """``3…`` of the early years becomes ``M…``: both name the same script."""
    return _utxo(text, versions={**_same("30", "32"), b"\x05": b"\x32"}, prefix="ltc")


CHAINS: tuple[Chain, ...] = (
    Chain(
        "bitcoin", "bip122:000000000019d6689c085ae165831e93", partial(_utxo, versions=_same("00", "05"), prefix="bc")
    ),
    Chain("ethereum", "eip155:1", evm),
    Chain("tron", "tron:0x2b6653dc", partial(_versioned, versions=_same("41"))),
    Chain("solana", "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp", _solana),
    Chain("bnb-smart", "eip155:56", evm),
    Chain("polygon", "eip155:137", evm),
    Chain("arbitrum", "eip155:42161", evm),
    Chain("optimism", "eip155:10", evm),
    Chain("base", "eip155:8453", evm),
    Chain("avalanche", "eip155:43114", evm),
    Chain("ethereum-classic", "eip155:61", evm),
    Chain("litecoin", "bip122:12a765e31ffd4059bada1e25190f6e98", _litecoin),
    Chain("dogecoin", "bip122:1a91e3dace36e2be3bf030a65679fe82", partial(_versioned, versions=_same("1e", "16"))),
    Chain("xrp-ledger", "xrpl:0", partial(_versioned, versions=_same("00"), alphabet=base58.RIPPLE)),
    Chain("cardano", "cip34:1-764824073", _cardano),
    Chain("monero", "monero:mainnet", _monero, registered=False),
    Chain("bitcoin-cash", "bip122:000000000000000000651ef99cb9fcbe", _cash),
    Chain("bitcoin-sv", "bip122:000000000000000001d956714215d96f", partial(_utxo, versions=_same("00", "05"))),
    Chain("bitcoin-gold", "btg:mainnet", partial(_utxo, versions=_same("26", "17"), prefix="btg"), registered=False),
    Chain("dash", "bip122:00000ffd590b1485b3caadc19b22e637", partial(_versioned, versions=_same("4c", "10"))),
    Chain("zcash", "bip122:00040fe8ec8471911baa1db1266ea15d", _zcash),
    Chain("verge", "verge:mainnet", partial(_versioned, versions=_same("1e", "21")), registered=False),
    Chain("bnb-beacon", "cosmos:Binance-Chain-Tigris", partial(_cosmos, prefix="bnb", size=20)),
)
"""In the order in which a bare address is tried: the most used first."""
BY_NAME = {chain.name: chain for chain in CHAINS}
BY_ID = {chain.caip2: chain for chain in CHAINS}
