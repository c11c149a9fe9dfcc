"""The public list of sanctioned wallet addresses that the demonstration circulates (data/sanctioned-wallets/README.md).

The files name a currency; a token such as USDT lives on several chains, so the chain follows from the form of the
address where the form is telling, and from the currency elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files

_FILE = re.compile(r"sanctioned_addresses_([A-Z]{3,4})\.txt")

_CHAINS = {
    "ARB": "arbitrum",
    "BCH": "bitcoin-cash",
    "BNB": "bnb-beacon",
    "BSC": "bnb-smart",
    "BSV": "bitcoin-sv",
    "BTG": "bitcoin-gold",
    "DASH": "dash",
    "ETC": "ethereum-classic",
    "ETH": "ethereum",
    "LTC": "litecoin",
    "SOL": "solana",
    "TRX": "tron",
    "USDC": "ethereum",
    "USDT": "ethereum",
    "XBT": "bitcoin",
    "XMR": "monero",
    "XRP": "xrp-ledger",
    "XVG": "verge",
    "ZEC": "zcash",
}
_TELLING = (
    # A token's address shows its chain; OFAC also lists a Tron address under Bitcoin.
    (re.compile(r"T[1-9A-HJ-NP-Za-km-z]{33}"), frozenset({"USDT", "USDC", "XBT"}), "tron"),
    (re.compile(r"[13][1-9A-HJ-NP-Za-km-z]{25,34}"), frozenset({"USDT"}), "bitcoin"),
)


@dataclass(frozen=True, slots=True)
class Wallet:
    """One address with every currency under which it was published; ``tickers`` is sorted."""

    chain: str
    """A plain word, such as ``bitcoin`` or ``tron``; of several chains the one most used."""
    address: str
    """As published; letter case matters on most chains."""
    tickers: tuple[str, ...]

    @property
    def name(self) -> str:
        """Chain and address in one word, in the manner of CAIP-10: ``tron:T…``."""
        return f"{self.chain}:{self.address}"


def read_wallets() -> list[Wallet]:
    """All distinct addresses of the list, each once, in order of chain and address."""
    tickers: dict[str, set[str]] = {}
    for ticker, address in _lines():
        tickers.setdefault(address, set()).add(ticker)
    wallets = [Wallet(_chain(address, found), address, tuple(sorted(found))) for address, found in tickers.items()]
    return sorted(wallets, key=lambda wallet: (wallet.chain, wallet.address))


def _lines() -> list[tuple[str, str]]:
    """Every line of every file as (ticker, address)."""
    folder = files("spean.demo").joinpath("data", "sanctioned-wallets")
    lines = []
    for file in folder.iterdir():
        named = _FILE.fullmatch(file.name)
        if named is not None:
            text = file.read_text(encoding="ascii")
            lines += [(named[1], line.strip()) for line in text.splitlines() if line.strip()]
    return lines


def _chain(address: str, tickers: set[str]) -> str:
    for form, of, chain in _TELLING:
        if tickers & of and form.fullmatch(address):
            return chain
    chains = sorted(_CHAINS[ticker] for ticker in tickers)
    return "ethereum" if "ethereum" in chains else chains[0]
