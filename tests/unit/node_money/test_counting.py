"""Amounts of tokens as ledgers count them: unit × amount + rest is what the chain says, always; the parts of a trace and the rest are all."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spean.formats.chain.read import read
from spean.formats.chain.tokens import COINS, FINEST, TOKENS, Token, counted_name, cut, decimals, digits, unit_name
from spean.formats.model import Balance, Money, Payment, Rejected, Source
from spean.node.money.counting import counted, money_words, not_followed
from spean.tracing.engine import ledger_of, trace
from spean.tracing.model import MAX_AMOUNT, Rule, Transfer
from unit.node_money.moneydesk import Desk

ALICE, BOB, CAROL = (
    "eip155:1:0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
    "eip155:1:0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359",
    "eip155:1:0xd1220a0cf47c7b9be7a2e6ba89f429762e7b9adb",
)
CONTRACT = "0xdbf03b407c01e7cd3cbea99509d93f8dddc8c6fb"


def paid(
    amount: int, currency: str = "ETH", payer: str = ALICE, payee: str = BOB, time: int = 1, **more: object
) -> Payment:
    made = Payment(f"p{time}", time, payer, payee, amount, currency, "", Source("ethereum-json", 0))
    return replace(made, **more)  # type: ignore[arg-type]  # fields by name


@given(st.integers(0, 2**256), st.integers(0, 36))
def test_nothing_is_rounded(amount: int, places: int) -> None:
    whole = counted(paid(amount, CONTRACT, decimals=places))
    unit = 10 ** max(0, places - FINEST)
    assert whole.amount_minor * unit + whole.rest == amount
    assert 0 <= whole.rest < unit
    assert (decimals(whole.currency), digits(whole.currency)) == (places, min(places, FINEST))


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 10**20)), min_size=1, max_size=30),
    st.sampled_from(["fifo", "lifo", "haircut"]),
)
@settings(max_examples=100, deadline=None)
def test_parts_and_rest_of_a_traced_payment_are_the_amount(moves: list[tuple[int, int, int]], rule: Rule) -> None:
    accounts = (ALICE, BOB, CAROL)
    several = [
        counted(paid(amount, "ETH", accounts[one], accounts[other], n)) for n, (one, other, amount) in enumerate(moves)
    ]
    ledger = ledger_of([Transfer(p.id, p.time_ms, p.payer, p.payee, p.amount_minor, p.currency) for p in several], {})
    for payment, (_, _, amount) in zip(several, moves, strict=True):
        parts = sum(each.amount or 0 for each in trace(ledger, payment.id, rule).positions)
        assert parts * 10**10 + payment.rest == amount


def test_currencies_of_states_and_coarse_coins_are_not_touched() -> None:
    for currency, amount in (
        ("USD", 12_345),
        ("KRW", 7),
        ("IQD", 1_234),
        ("BTC", 2_100_000_000_000_000),
        ("USDT", 10**17),
    ):
        payment = paid(amount, currency)
        assert counted(payment) is payment
        assert not_followed(payment) is None
    assert counted("anything else") == "anything else"


def test_every_listed_coin_and_token_has_a_ledger_of_its_own_unit() -> None:
    everywhere = [(chain, token) for chain, token in COINS.items()] + [
        (chain, token) for (chain, _), token in TOKENS.items()
    ]
    for chain, token in everywhere:
        name = unit_name(token, chain)
        assert decimals(name) == token.decimals, name
        assert digits(counted_name(token.unit, digits(name))) == digits(name)
    assert unit_name(Token("USDT", 18), "bnb-smart") == "USDT@bnb-smart"
    assert unit_name(Token("USDT", 6), "tron") == "USDT"
    assert unit_name(Token(CONTRACT, 4), "polygon") == f"{CONTRACT}@polygon/4"
    assert counted_name("USDT", 8) in ("USDT@bnb-smart",)
    assert digits(counted_name(CONTRACT, 5)) == 5


def test_conversions_charges_and_balances_are_counted_too() -> None:
    wei = 1_500_000_000_000_000_001
    made = counted(paid(250_000, "USD", instructed=Money(wei, "ETH"), charges=(Money(wei, "ETH"), Money(5, "USD"))))
    assert (made.amount_minor, made.rest, made.instructed, made.charges) == (
        250_000, 0, Money(150_000_000, "ETH"), (Money(150_000_000, "ETH"), Money(5, "USD")),
    )  # fmt: skip
    balance = counted(Balance(ALICE, 1, wei, "ETH", "opening", Source("table", 1)))
    assert (balance.amount_minor, balance.currency) == (150_000_000, "ETH")


def test_a_cut_amount_is_given_back_in_any_unit() -> None:
    assert cut(123, 2, 8) == (123_000_000, 0)
    assert cut(12_345, 4, 2) == (123, 45)
    assert money_words(1_254_000, "USD") == "12540.00 USD"
    assert money_words(150_000_001, "USDT@bnb-smart") == "1.50000001 USDT"


def wei(value: int, number: int = 1, **more: str) -> dict[str, str]:
    return {"hash": "0x" + f"{number:02x}" * 32, "timeStamp": str(1_772_588_160 + number), "from": ALICE[9:], "to": BOB[9:],
            "value": str(value), "contractAddress": "", **more}  # fmt: skip


def test_the_reader_says_the_decimals_of_a_token_that_nobody_lists() -> None:
    listed, other = read(
        [json.dumps({"result": [wei(1), wei(1, 2, contractAddress=CONTRACT, tokenDecimal="9")]}).encode()], "ethereum"
    )
    assert isinstance(listed, Payment)
    assert isinstance(other, Payment)
    assert (listed.decimals, other.decimals) == (None, 9)


def test_sums_beyond_64_bits_are_refused_with_account_rule_and_remedy(desk: Desk) -> None:
    """Forty-six payments of a thousand million whole tokens pass through one account; the next would not stay exact."""
    rows = [wei(MAX_AMOUNT * 10**10, number, contractAddress=CONTRACT, tokenDecimal="18") for number in range(1, 48)]
    many = desk.give(json.dumps({"result": rows}), name="e.json", chain="ethereum")
    assert (many.state, many.taken, many.rejected) == ("done", 0, 47), many
    bad = desk.money.import_rows(desk.analyst, many.id, reason="my file")[0]
    assert (bad.field, bad.rule) == ("amount", "ledger-sum")
    assert "coarser unit" in bad.remedy
    few = desk.give(json.dumps({"result": rows[:46]}), name="e.json", chain="ethereum")
    assert (few.taken, few.rejected) == (46, 0)
    ledger = desk.money.ledgers.ledger(f"{CONTRACT}@ethereum/18")
    assert ledger is not None
    assert ledger.balance(BOB) == 46 * MAX_AMOUNT


def test_many_large_payments_of_different_accounts_are_no_reason_to_refuse(desk: Desk) -> None:
    wallets = [f"0x{number:040x}" for number in range(1, 201)]
    rows = [
        wei(MAX_AMOUNT * 10**10, n % 250, **{"from": one, "to": two})
        for n, (one, two) in enumerate(zip(wallets[::2], wallets[1::2], strict=True))
    ]
    state = desk.give(json.dumps({"result": rows}), name="e.json", chain="ethereum")
    assert (state.taken, state.rejected) == (100, 0), desk.money.import_rows(desk.analyst, state.id, reason="my file")[
        :1
    ]


@pytest.mark.parametrize("value", [0, 10**9])
def test_dust_below_one_unit_stands_in_the_store_and_moves_nothing(desk: Desk, value: int) -> None:
    state = desk.give(json.dumps({"result": [wei(value)]}), name="e.json", chain="ethereum")
    ledger = desk.money.ledgers.ledger("ETH")
    if value == 0:
        assert (state.taken, state.rejected) == (0, 1)
        return
    assert ledger is not None
    name = ledger.names.payment(0)
    told = desk.money.payments([name])[name].payment
    assert (told.amount_minor, told.rest, ledger.balance(BOB)) == (0, value, 0)


def test_other_items_pass() -> None:
    bad = Rejected(1, "x", "y", "z")
    assert counted(bad) is bad
