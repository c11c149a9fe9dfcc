"""Explorers' exports: both models, tables and JSON; amounts of any size exact; forged symbols not believed."""

# ruff: noqa: E501  (exports are long)
from __future__ import annotations

import json
from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spean.core.errors import InvalidInput, SpeanError, TooMuch
from spean.formats.chain.documents import MOST_JSON
from spean.formats.chain.read import read
from spean.formats.identity import once
from spean.formats.model import Item, Payment, Rejected

ALICE, BOB = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"
TETHER = "0xdAC17F958D2ee523a2206206994597C13D831ec7"
TRON_A, TRON_B, TRON_USDT = (
    "TAYhjpL8pPs8T84FSM329nffQpc6jD8GBM",
    "TAoLw5yD5XUoHWeBZRSZ1ExK9HMv2CiPvP",
    "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
)
HASH = "0x" + "ab" * 32
ETHER = 10**18


def took(raw: object, chain: str, **how: dict[str, int]) -> list[Item]:
    made = raw if isinstance(raw, bytes) else raw.encode() if isinstance(raw, str) else json.dumps(raw).encode()
    return list(read([made], chain, **how))  # type: ignore[arg-type]


def moved(found: list[Item]) -> list[tuple[str, str, int, str, str]]:
    assert all(isinstance(item, Payment) for item in found), found
    return [
        (item.payer.rpartition(":")[2], item.payee.rpartition(":")[2], item.amount_minor, item.currency, item.kind)
        for item in found
        if isinstance(item, Payment)
    ]


def etherscan(**change: str) -> dict[str, object]:
    row = {
        "blockNumber": "1", "timeStamp": "1772588160", "hash": HASH, "from": ALICE.lower(), "to": BOB.lower(), "value": str(91_500 * 10**6),
        "contractAddress": TETHER.lower(), "tokenName": "Tether USD", "tokenSymbol": "USDT", "tokenDecimal": "6", "gasUsed": "21000", "gasPrice": "7",
    }  # fmt: skip
    return {"status": "1", "message": "OK", "result": [{**row, **change}]}


def test_tokens_of_etherscan() -> None:
    (payment,) = took(etherscan(), "ethereum")
    assert moved([payment]) == [(ALICE.lower(), BOB.lower(), 91_500_000_000, "USDT", "transfer")]
    assert isinstance(payment, Payment)
    assert payment.payer.startswith("eip155:1:")
    assert payment.time_ms == 1_772_588_160_000
    assert payment.references.hash == HASH


def test_a_symbol_is_only_a_name() -> None:
    """Worthless tokens are called USDT to deceive; what counts is the contract."""
    (payment,) = took(etherscan(contractAddress=BOB.lower()), "ethereum")
    assert isinstance(payment, Payment)
    assert payment.currency == BOB.lower()


def test_decimals_come_from_issuer_export_or_analyst_and_never_from_a_guess() -> None:
    (bad,) = took(etherscan(tokenDecimal="18"), "ethereum")
    assert isinstance(bad, Rejected)
    assert bad.rule == "token"
    unknown = etherscan(contractAddress=BOB.lower(), tokenDecimal="")
    (bad,) = took(unknown, "ethereum")
    assert isinstance(bad, Rejected)
    assert bad.field == "decimals"
    (good,) = took(unknown, "ethereum", decimals={BOB.lower(): 4})
    assert isinstance(good, Payment)


def test_coins_and_fees_of_etherscan() -> None:
    huge = str(2**255)
    found = took(etherscan(contractAddress="", tokenDecimal="", tokenSymbol="", value=huge), "ethereum")
    assert moved(found) == [
        (ALICE.lower(), "", 147_000, "ETH", "fee"),
        (ALICE.lower(), BOB.lower(), 2**255, "ETH", "transfer"),
    ]


def test_a_failed_transaction_moves_only_its_fee() -> None:
    fee, told = took(etherscan(contractAddress="", isError="1"), "ethereum")
    assert isinstance(fee, Payment)
    assert fee.kind == "fee"
    assert isinstance(told, Rejected)
    assert told.rule == "failed"


TABLE = (
    '"Transaction Hash","Blockno","UnixTimestamp","DateTime (UTC)","From","To","TokenValue","USDValueDayOfTx","ContractAddress","TokenName","TokenSymbol"\n'
    f'"{HASH}","1","1772588160","2026-03-04 01:36:00","{ALICE}","{BOB}","91,500.000001","91,500","{TETHER}","Tether USD","USDT"\n'
    f'"{HASH}","1","1772588160","2026-03-04 01:36:00","{ALICE}","{BOB}","0.0000001","0","{TETHER}","Tether USD","USDT"\n'
    f'"{HASH}","1","1772588160","2026-03-04 01:36:00","{ALICE[:-1]}D","{BOB}","1","0","{TETHER}","Tether USD","USDT"\n'
)  # fmt: skip


def test_tables_of_etherscan_with_bad_rows() -> None:
    first, second, third = took(TABLE, "ethereum")
    assert moved([first]) == [(ALICE.lower(), BOB.lower(), 91_500_000_001, "USDT", "transfer")]
    assert isinstance(second, Rejected)
    assert (second.line, second.rule) == (3, "iso4217-digits")
    assert isinstance(third, Rejected)
    assert (third.line, third.rule) == (4, "wallet")


def test_a_table_of_coins_with_its_fee() -> None:
    table = (
        '"Txhash","UnixTimestamp","From","To","ContractAddress","Value_IN(BNB)","Value_OUT(BNB)","TxnFee(BNB)","Status","ErrCode"\n'
        f'"{HASH}","1772588160","{ALICE}","{BOB}","","0","1.5","0.000021","",""\n'
    )
    assert moved(took(table, "bnb-smart")) == [
        (ALICE.lower(), "", 21 * 10**12, "BNB", "fee"),
        (ALICE.lower(), BOB.lower(), 3 * ETHER // 2, "BNB", "transfer"),
    ]


TRONSCAN = {
    "total": 1,
    "token_transfers": [
        {"transaction_id": "cd" * 32, "block_ts": 1772588160000, "from_address": TRON_A, "to_address": TRON_B, "quant": "91000000000", "confirmed": True,
         "contractRet": "SUCCESS", "finalResult": "SUCCESS", "tokenInfo": {"tokenId": TRON_USDT, "tokenAbbr": "USDT", "tokenDecimal": 6}},
    ],
}  # fmt: skip
TRONGRID = {
    "data": [
        {"transaction_id": "cd" * 32, "block_timestamp": 1772588160000, "from": TRON_A, "to": TRON_B, "type": "Transfer", "value": "91000000000",
         "token_info": {"symbol": "USDT", "address": TRON_USDT, "decimals": 6, "name": "Tether USD"}},
    ],
    "success": True,
}  # fmt: skip


def test_both_explorers_of_tron_tell_one_payment_which_is_loaded_once() -> None:
    both = [*took(TRONSCAN, "tron"), *took(TRONGRID, "tron")]
    assert moved(both) == [(TRON_A, TRON_B, 91_000_000_000, "USDT", "transfer")] * 2
    assert [type(item) for item in once(both, lambda name: False)] == [Payment, Rejected]


# unspent outputs ------------------------------------------------------------------------------------------------

IN_1, IN_2 = "1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
OUT_1, OUT_2 = "16w1D5WRVKJuZUsSRzdLp9w3YGcgoxDXb", "1KXrWXciRDZUpQwQmuM1DbwsKDLYAYsVLR"


def esplora(paid: list[int], got: list[int]) -> dict[str, object]:
    return {
        "txid": "ef" * 32, "fee": sum(paid) - sum(got), "status": {"confirmed": True, "block_time": 1772588160},
        "vin": [{"txid": "aa" * 32, "vout": 0, "prevout": {"scriptpubkey_address": [IN_1, IN_2][at % 2], "value": value}} for at, value in enumerate(paid)],
        "vout": [{"scriptpubkey_address": [OUT_1, OUT_2][at % 2], "value": value} for at, value in enumerate(got)],
    }  # fmt: skip


def test_a_transaction_is_an_account_between_inputs_and_outputs() -> None:
    found = moved(took([esplora([70, 50], [100, 15])], "bitcoin"))
    through = "tx-" + "ef" * 32
    assert found == [
        (IN_1, through, 70, "BTC", "transfer"), (IN_2, through, 50, "BTC", "transfer"), (through, OUT_1, 100, "BTC", "transfer"),
        (through, OUT_2, 15, "BTC", "transfer"), (through, "", 5, "BTC", "fee"),
    ]  # fmt: skip


def test_blockchain_com_and_esplora_name_the_same_payments() -> None:
    other = {
        "txs": [
            {"hash": "ef" * 32, "time": 1772588160, "inputs": [{"prev_out": {"addr": IN_1, "value": 70}}, {"prev_out": {"addr": IN_2, "value": 50}}],
             "out": [{"addr": OUT_1, "value": 100}, {"addr": OUT_2, "value": 15}]},
        ]
    }  # fmt: skip
    one, two = took(esplora([70, 50], [100, 15]), "bitcoin"), took(other, "bitcoin")
    assert [item.id for item in one if isinstance(item, Payment)] == [
        item.id for item in two if isinstance(item, Payment)
    ]


@given(
    st.lists(st.integers(0, 10**15), min_size=1, max_size=5), st.lists(st.integers(0, 10**15), min_size=1, max_size=5)
)
@settings(deadline=None)
def test_every_unit_is_accounted_for(paid: list[int], got: list[int]) -> None:
    found = took([esplora(paid, got)], "bitcoin")
    if sum(got) > sum(paid):
        assert [item.rule for item in found if isinstance(item, Rejected)] == ["sum"]
        return
    balance: dict[str, int] = defaultdict(int)
    for payer, payee, amount, _, _ in moved(found):
        balance[payer] -= amount
        balance[payee] += amount
    assert balance["tx-" + "ef" * 32] == 0
    assert sum(balance.values()) == 0
    assert -(balance[IN_1] + balance[IN_2]) == sum(paid)


def test_new_coins_come_from_nowhere_and_unconfirmed_ones_not_at_all() -> None:
    coinbase = {**esplora([], [625]), "vin": [{"is_coinbase": True, "prevout": None}]}
    assert moved(took([coinbase], "bitcoin")) == [("", OUT_1, 625, "BTC", "transfer")]
    (told,) = took([{**esplora([5], [5]), "status": {"confirmed": False}}], "bitcoin")
    assert isinstance(told, Rejected)
    assert told.rule == "unconfirmed"


def test_tables_of_outputs_tell_where_money_went_on() -> None:
    header = "block_id\ttransaction_hash\tindex\ttime\tvalue\trecipient\tis_spent\tspending_transaction_hash\tspending_time\n"
    row = f"1\t{'ef' * 32}\t0\t2026-03-04 01:36:00\t100\t{OUT_1}\t1\t{'aa' * 32}\t2026-03-04 01:44:00\n"
    assert moved(took(header + row, "bitcoin")) == [
        ("tx-" + "ef" * 32, OUT_1, 100, "BTC", "transfer"), (OUT_1, "tx-" + "aa" * 32, 100, "BTC", "transfer"),
    ]  # fmt: skip


# damage ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("raw", [b"", b"{", b"[" * 100_000, b'{"result": NaN}', b"one column\n1\n", b"\xff\xfe\x00"])
def test_what_is_no_export_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        took(raw, "ethereum")
    assert caught.value.remedy


def test_an_endless_document_is_refused() -> None:
    with pytest.raises(TooMuch):
        list(read((b"[" + b" " * 10_000_000 for _ in range(MOST_JSON // 10_000_000 + 2)), "ethereum"))


def test_a_chain_that_is_not_read_is_named() -> None:
    with pytest.raises(InvalidInput, match="chain"):
        took(etherscan(), "monero")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from([ALICE, HASH, TETHER, "1772588160", "5"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["hash", "from", "to", "value", "vin", "vout", "prevout", "txid", "timeStamp",
                                                                              "status", "block_time", "result", "tokenInfo"]), inner, max_size=6),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(values, st.binary(max_size=200), st.sampled_from(["ethereum", "tron", "bitcoin"]))
def test_any_document_is_rows_rejected_or_an_error_of_ours(value: object, junk: bytes, chain: str) -> None:
    for raw in (json.dumps(value).encode(), junk, TABLE.encode()[: len(junk) * 3] + junk):
        try:
            for item in read([raw], chain):
                assert isinstance(item, Payment | Rejected)
        except SpeanError as error:
            assert error.remedy  # noqa: PT017
