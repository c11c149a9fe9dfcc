"""The list that the demonstration circulates is whole, named once per address, and always in the same order."""

from collections import Counter
from importlib.resources import files

from spean.demo.wallets import read_wallets


def test_758_lines_name_745_distinct_addresses() -> None:
    wallets = read_wallets()
    assert len(wallets) == len({wallet.address for wallet in wallets}) == 745
    assert sum(len(wallet.tickers) for wallet in wallets) == 758


def test_the_order_is_by_chain_and_address() -> None:
    names = [(wallet.chain, wallet.address) for wallet in read_wallets()]
    assert names == sorted(names)


def test_an_address_of_several_currencies_keeps_all_of_them() -> None:
    by_address = {wallet.address: wallet for wallet in read_wallets()}
    assert by_address["0x983a81ca6FB1e441266D2FbcB7D8E530AC2E05A2"].tickers == ("ETH", "USDC", "USDT")
    assert by_address["0xd882cfc20f52f2599d84b8e8d58c7fb62cfe344b"].chain == "ethereum"


def test_the_chain_follows_the_form_of_a_token_address() -> None:
    tether = Counter(wallet.chain for wallet in read_wallets() if "USDT" in wallet.tickers)
    assert tether == {"tron": 78, "ethereum": 8, "bitcoin": 7}


def test_every_wallet_has_a_name_of_chain_and_address() -> None:
    for wallet in read_wallets():
        chain, _, address = wallet.name.partition(":")
        assert (chain, address) == (wallet.chain, wallet.address)
        assert chain.replace("-", "").isalpha()
        assert address.isalnum()


def test_source_and_licence_lie_beside_the_data() -> None:
    text = files("spean.demo").joinpath("data", "sanctioned-wallets", "README.md").read_text(encoding="utf-8")
    assert "OFAC" in text
    assert "MIT" in text
