"""Selectors: one form for equal values, errors that say what to do, masks that show no whole value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spean.core.errors import InvalidInput
from spean.demo.wallets import read_wallets
from spean.entities.values import base58
from spean.entities.values.account import account_name, bank_code
from spean.entities.values.bank import BIC, IBAN
from spean.entities.values.base import ValueType
from spean.entities.values.phone import PHONE, Phone
from spean.entities.values.wallet import WALLET

TRON = "TAYhjpL8pPs8T84FSM329nffQpc6jD8GBM"
ALIKE = [
    (IBAN, "DE89 3704 0044 0532 0130 00", "de89370400440532013000", "DE89370400440532013000"),
    (BIC, "DEUTDEFFXXX", "deut de ff", "DEUTDEFF"),
    (PHONE, "+855 12 345 678", "+855(12)345-678", "+85512345678"),
    (Phone("KH"), "012 345 678", "+855 12345678", "+85512345678"),
    (WALLET, TRON, f"tron:{TRON}", f"tron:0x2b6653dc:{TRON}"),
    (WALLET, "bnb-smart:0x4F47BC496083C727C5FBE3CE9CDF2B0F6496270C", "eip155:56:0x4f47bc496083c727c5fbe3ce9cdf2b0f6496270c",
     "eip155:56:0x4f47bc496083c727c5fbe3ce9cdf2b0f6496270c"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "one", "other", "clean"), ALIKE)
def test_equal_values_have_one_form_and_a_mask_that_hides(kind: ValueType, one: str, other: str, clean: str) -> None:
    assert kind.clean(one) == kind.clean(other) == kind.clean(clean) == clean
    assert kind.compare(one, other)
    kind.validate(one)
    assert kind is BIC or ("…" in kind.mask(one) and clean not in kind.mask(one))


@pytest.mark.parametrize(
    ("kind", "text"),
    [(IBAN, "DE88370400440532013000"), (IBAN, ""), (BIC, "DEUT"), (PHONE, "012345678"), (PHONE, "+1"), (WALLET, TRON[:-1] + "N"),
     (WALLET, "nochain:abc"), (WALLET, "x" * 500), (WALLET, ""), (WALLET, "0x" + "0" * 40)],
)  # fmt: skip
def test_what_is_none_is_refused_with_a_remedy(kind: ValueType, text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        kind.clean(text)
    assert caught.value.remedy
    assert caught.value.rule == kind.name


def test_a_bare_address_of_several_chains_asks_which() -> None:
    with pytest.raises(InvalidInput, match="several chains") as caught:
        WALLET.clean("0x4f47bc496083c727c5fbe3ce9cdf2b0f6496270c")
    assert "ethereum:0x" in caught.value.remedy


def test_the_early_form_of_litecoin_is_the_later_one() -> None:
    later = next(
        wallet.address for wallet in read_wallets() if wallet.chain == "litecoin" and wallet.address.startswith("M")
    )
    early = base58.check_encode(b"\x05" + base58.check_decode(later)[1:])
    assert early.startswith("3")
    assert WALLET.on("litecoin", early) == WALLET.on("litecoin", later)


def test_one_changed_letter_is_noticed_where_the_chain_has_a_checksum() -> None:
    for wallet in read_wallets()[::7]:
        lower = wallet.address.lower() == wallet.address
        if wallet.chain == "solana" or (wallet.address.startswith("0x") and lower) or len(wallet.address) == 64:
            continue
        at = len(wallet.address) // 2
        swapped = wallet.address[:at] + ("2" if wallet.address[at] != "2" else "3") + wallet.address[at + 1 :]
        with pytest.raises(InvalidInput):
            WALLET.on(wallet.chain, swapped)


@given(st.binary(min_size=1, max_size=80))
def test_base58_goes_there_and_back(data: bytes) -> None:
    assert base58.decode(base58.encode(data)) == data
    assert base58.decode(base58.encode(data, base58.RIPPLE), base58.RIPPLE) == data


@given(st.text(max_size=220))
def test_any_text_is_a_value_or_refused(text: str) -> None:
    for kind in (WALLET, PHONE, IBAN, BIC):
        try:
            clean = kind.clean(text)
        except InvalidInput:
            continue
        assert kind.clean(clean) == clean


def test_accounts_are_one_word() -> None:
    assert account_name("DE89 3704 0044 0532 0130 00", "1", "X") == "DE89370400440532013000"
    assert account_name("", "110-222 402", bank_code("HNBKKRSEXXX")) == "HNBKKRSE/110222402"
    assert account_name("", "110222402", "") == "110222402"
    assert account_name("", " - ", "HNBKKRSE") == ""
    assert bank_code("nsb 12") == "NSB12"
