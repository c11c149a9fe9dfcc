"""Published vectors of address formats: BIP-173, BIP-350, EIP-55, CIP-19, CashAddr, and the list of OFAC.

Sources: the test sections of bitcoin/bips (BSD-2-Clause), ethereum/EIPs 55 (CC0), cardano-foundation/CIPs 19 (CC BY 4.0),
bitcoincashorg/bitcoincash.org ``cashaddr.md`` (MIT); the list of sanctioned wallets as in the demonstration (MIT).
"""

from __future__ import annotations

import pytest

from spean.core.errors import InvalidInput
from spean.demo.wallets import read_wallets
from spean.entities.values import bech32
from spean.entities.values.chains import checksummed, evm
from spean.entities.values.keccak import keccak_256
from spean.entities.values.wallet import WALLET

BECH32 = [
    "A12UEL5L", "a12uel5l", "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
    "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
    "11qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqc8247j",
    "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w", "?1ezyfcl",
]  # fmt: skip
BECH32M = [
    "A1LQFN3A", "a1lqfn3a", "an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11sg7hg6",
    "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
    "11llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllludsr8",
    "split1checkupstagehandshakeupstreamerranterredcaperredlc445v", "?1v759aa",
]  # fmt: skip
NEITHER = [
    " 1nwldj5", "\x7f1axkwrx", "\x801eym55h", "an84characterslonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1569pvx",
    "pzry9x0s0muk", "1pzry9x0s0muk", "x1b4n0q5v", "li1dgmt3", "de1lg7wt\xff", "A1G7SGD8", "10a06t8", "1qzzfhee",
    " 1xj0phk", "\x7f1g6xzxy", "\x801vctc34", "an84characterslonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11d6pts4",
    "qyrz8wqd2c9m", "1qyrz8wqd2c9m", "y1b0jsk6g", "lt1igcx5c0", "in1muywd", "mm1crxm3i", "au1s5cgom", "M1VUXWEZ", "16plkw9", "1p2gdwpf",
]  # fmt: skip
WITNESS = {
    "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4": "0014751e76e8199196d454941c45d1b3a323f1433bd6",
    "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7": "00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262",
    "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y":
        "5128751e76e8199196d454941c45d1b3a323f1433bd6751e76e8199196d454941c45d1b3a323f1433bd6",
    "BC1SW50QGDZ25J": "6002751e",
    "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs": "5210751e76e8199196d454941c45d1b3a323",
    "tb1qqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesrxh6hy": "0020000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433",
    "tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c": "5120000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0": "512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
}  # fmt: skip
NO_WITNESS = [
    "tc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq5zuyut", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
    "tb1z0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqglt7rf", "BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL",
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh", "tb1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq24jc47",
    "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4", "BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R",
    "bc1pw5dgrnzv", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav", "BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P",
    "tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq47Zagq", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf",
    "tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vpggkg4j", "bc1gmk9yu",
    # BIP-173, those that BIP-350 did not replace
    "tc1qw508d6qejxtdg4y5r3zarvary0c5xw7kg3g4ty", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "bc1rw5uspcuh",
    "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7k7grplx", "BC1SW50QA3JX3S", "bc1zw508d6qejxtdg4y5r3zarvaryvg6kdaj",
]  # fmt: skip
EIP55 = [
    "0x52908400098527886E0F7030069857D2E4169EE7", "0x8617E340B3D01FA5F11F306F4090FD50E238070D", "0xde709f2102306220921060314715629080e2fb77",
    "0x27b1fdb04752bbc536007a920d24acb045561c26", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
]  # fmt: skip
CIP19 = [
    "addr1qx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer3n0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgse35a3x",
    "addr1z8phkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gten0d3vllmyqwsx5wktcd8cc3sq835lu7drv2xwl2wywfgs9yc0hh",
    "addr1yx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzerkr0vd4msrxnuwnccdxlhdjar77j6lg0wypcc9uar5d2shs2z78ve",
    "addr1x8phkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gt7r0vd4msrxnuwnccdxlhdjar77j6lg0wypcc9uar5d2shskhj42g",
    "addr1gx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer5pnz75xxcrzqf96k", "addr128phkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gtupnz75xxcrtw79hu",
    "addr1vx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzers66hrl8", "addr1w8phkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gtcyjy7wx",
    "stake1uyehkck0lajq8gr28t9uxnuvgcqrc6070x3k9r8048z8y5gh6ffgw", "stake178phkx6acpnf78fuvxn0mkew3l0fd058hzquvz7w36x4gtcccycj5",
]  # fmt: skip
CASH = {
    "1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu": "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
    "1KXrWXciRDZUpQwQmuM1DbwsKDLYAYsVLR": "bitcoincash:qr95sy3j9xwd2ap32xkykttr4cvcu7as4y0qverfuy",
    "16w1D5WRVKJuZUsSRzdLp9w3YGcgoxDXb": "bitcoincash:qqq3728yw0y47sqn6l2na30mcw6zm78dzqre909m2r",
    "3CWFddi6m4ndiGyKqzYvsFYagqDLPVMTzC": "bitcoincash:ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq",
    "3LDsS579y7sruadqu11beEJoTjdFiFCdX4": "bitcoincash:pr95sy3j9xwd2ap32xkykttr4cvcu7as4yc93ky28e",
    "31nwvkZwyPdgzjBJZXfDmSWsC4ZLKpYyUw": "bitcoincash:pqq3728yw0y47sqn6l2na30mcw6zm78dzq5ucqzc37",
}


@pytest.mark.parametrize("text", BECH32)
def test_bech32(text: str) -> None:
    assert bech32.decode(text)[2] == "bech32"


@pytest.mark.parametrize("text", BECH32M)
def test_bech32m(text: str) -> None:
    assert bech32.decode(text)[2] == "bech32m"


@pytest.mark.parametrize("text", NEITHER)
def test_neither(text: str) -> None:
    with pytest.raises(ValueError):
        bech32.decode(text)


@pytest.mark.parametrize(("text", "script"), WITNESS.items())
def test_witness_programs(text: str, script: str) -> None:
    version, program = bech32.witness(text, text[:2].lower())
    assert bytes([version + 0x50 if version else 0, len(program)]) + program == bytes.fromhex(script)
    if text[:2].lower() == "bc":
        assert WALLET.clean(f"bitcoin:{text}") == f"bip122:000000000019d6689c085ae165831e93:{text.lower()}"


@pytest.mark.parametrize("text", NO_WITNESS)
def test_no_witness_programs(text: str) -> None:
    with pytest.raises(ValueError):
        bech32.witness(text, "tb" if text.startswith("tb") else "bc")
    with pytest.raises(InvalidInput):
        WALLET.on("bitcoin", text)


@pytest.mark.parametrize("text", EIP55)
def test_checksums_in_capitals(text: str) -> None:
    assert evm(text) == text.lower()
    assert checksummed(text) == text or text[2:] in (text[2:].lower(), text[2:].upper())
    if text[2:] not in (text[2:].lower(), text[2:].upper()):
        at = next(at for at in range(2, 42) if text[at].isalpha())
        with pytest.raises(ValueError, match="EIP-55"):
            evm(text[:at] + text[at].swapcase() + text[at + 1 :])


@pytest.mark.parametrize(
    ("data", "digest"),
    [(b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
     (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
     (b"Transfer(address,address,uint256)", "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef")],
)  # fmt: skip
def test_keccak(data: bytes, digest: str) -> None:
    assert keccak_256(data).hex() == digest


@pytest.mark.parametrize("text", CIP19)
def test_cardano(text: str) -> None:
    assert WALLET.clean(text) == f"cip34:1-764824073:{text}"
    with pytest.raises(InvalidInput):
        WALLET.on("cardano", text[:-1] + ("q" if text[-1] != "q" else "p"))


def test_byron_of_cardano() -> None:
    text = "Ae2tdPwUPEZDuM3S8RBo5RYn25Tv4rEiu9MYephhjqL2ZxFAeoUzTXcVcpZ"
    assert WALLET.on("cardano", text).endswith(text)
    with pytest.raises(InvalidInput):
        WALLET.on("cardano", text[:-1] + "a")


@pytest.mark.parametrize(("old", "new"), CASH.items())
def test_both_forms_of_bitcoin_cash_are_one(old: str, new: str) -> None:
    assert (
        WALLET.clean(new)
        == WALLET.on("bitcoin-cash", old)
        == "bip122:000000000000000000651ef99cb9fcbe:" + new.partition(":")[2]
    )
    with pytest.raises(InvalidInput):
        WALLET.clean(new[:-1] + ("q" if new[-1] != "q" else "p"))


def test_the_published_list_of_sanctioned_wallets() -> None:
    """745 addresses. One entry under Monero has 64 hex digits: a key or payment id, which no address is; so 744 validate."""
    wallets = read_wallets()
    failed = []
    for wallet in wallets:
        try:
            named = WALLET.on(wallet.chain, wallet.address)
            assert WALLET.clean(named) == named
            assert wallet.chain in [chain.name for chain in WALLET.chains(wallet.address)]
        except InvalidInput:
            failed.append(wallet.address)
    assert len(wallets) == 745
    assert failed == ["5be5543ff73456ab9f2d207887e2af87322c651ea1a873c5b25b7ffae456c320"]
