"""Coins and tokens with their decimals. A token is its contract; its symbol is only a name that anybody may give to a worthless one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from spean.core.errors import InvalidInput
from spean.formats.money import EXPONENTS


class Token(NamedTuple):
    """What an amount is counted in: ``unit`` is a payment's currency."""

    unit: str
    decimals: int


COINS: dict[str, Token] = {
    "bitcoin": Token("BTC", 8),
    "bitcoin-cash": Token("BCH", 8),
    "litecoin": Token("LTC", 8),
    "dogecoin": Token("DOGE", 8),
    "ethereum": Token("ETH", 18),
    "ethereum-classic": Token("ETC", 18),
    "bnb-smart": Token("BNB", 18),
    "polygon": Token("POL", 18),
    "arbitrum": Token("ETH", 18),
    "optimism": Token("ETH", 18),
    "base": Token("ETH", 18),
    "avalanche": Token("AVAX", 18),
    "tron": Token("TRX", 6),
}
TOKENS: dict[tuple[str, str], Token] = {
    ("ethereum", "0xdac17f958d2ee523a2206206994597c13d831ec7"): Token("USDT", 6),
    ("ethereum", "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"): Token("USDC", 6),
    ("ethereum", "0x6b175474e89094c44da98b954eedeac495271d0f"): Token("DAI", 18),
    ("bnb-smart", "0x55d398326f99059ff775485246999027b3197955"): Token("USDT", 18),
    ("bnb-smart", "0x8ac76a51cc950d9822d68b83fe1ad97b32cd580d"): Token("USDC", 18),
    ("polygon", "0xc2132d05d31c914a87c6611c10748aeb04b58e8f"): Token("USDT", 6),
    ("polygon", "0x3c499c542cef5e3811e1192ce70d8cc03d5c3359"): Token("USDC", 6),
    ("arbitrum", "0xfd086bc7cd5c481dcc9c85ebe478a1c0b69fcbb9"): Token("USDT", 6),
    ("arbitrum", "0xaf88d065e77c8cc2239327c5edb3a432268e5831"): Token("USDC", 6),
    ("tron", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"): Token("USDT", 6),
    ("tron", "TEkxiTehnzSmSe2XqrBj4w32RUN966rdz8"): Token("USDC", 6),
}  # fmt: skip
"""Contracts as their issuers publish them."""
_MOST_DECIMALS = 36
FINEST = 8
"""Decimals in which amounts are counted at most, so that sums of an account stay exact in 64 bits: one payment may be a thousand million
whole tokens. It is the unit of Bitcoin; every node counts in it, and what lies beneath is kept beside the payment (``Payment.rest``)."""
_LISTED = frozenset((*COINS.values(), *TOKENS.values()))


def coin(chain: str) -> Token:
    """The chain's own coin; raises ``InvalidInput`` for a chain whose exports are not read."""
    found = COINS.get(chain)
    if found is None:
        raise InvalidInput(
            "chain", f"exports of {chain[:40]!r} are not read here", remedy="use " + ", ".join(COINS), rule="chain"
        )
    return found


def named_token(chain: str, unit: str) -> Token:
    """The chain's coin or the one known token of that name on it; raises ``InvalidInput`` when there is none."""
    known = [COINS[chain]] if chain in COINS else []
    known += [each for (on, _), each in TOKENS.items() if on == chain]
    for each in known:
        if each.unit == unit:
            return each
    raise InvalidInput(
        "currency",
        f"{unit[:12]!r} is no coin or token of {chain} that is known here",
        remedy="give the chain's export",
        rule="token",
    )


def token(chain: str, contract: str, stated: str, given: Mapping[str, int]) -> Token:
    """The token of a contract in its one form. ``stated``: decimals as the export says; ``given``: as the analyst says.

    Raises ``InvalidInput`` when nobody knows the decimals, or when the export contradicts the issuer.
    """
    known = TOKENS.get((chain, contract))
    told = int(stated) if stated.isascii() and stated.isdecimal() and len(stated) < 3 else given.get(contract)
    if known is not None:
        if told is not None and told != known.decimals:
            raise InvalidInput(
                "decimals",
                f"the export says {told}, the issuer of {known.unit} says {known.decimals}",
                remedy="check the export",
                rule="token",
            )
        return known
    if told is None or told > _MOST_DECIMALS:
        raise InvalidInput(
            "decimals",
            f"the decimals of {contract[:60]} are not known",
            remedy="look them up and give them",
            rule="token",
        )
    return Token(contract, told)


def listed(token: Token) -> bool:
    """Whether a coin or token is one of those above; of any other the contract alone is its name."""
    return token in _LISTED


# units of ledgers ---------------------------------------------------------------------------------------------------


def unit_name(token: Token, chain: str) -> str:
    """The currency whose ledger takes a token of ``chain``: ``USDT``; ``USDT@bnb-smart`` where its decimals are other than elsewhere;
    ``<contract>@<chain>/<decimals>`` when nobody lists it here, since nothing else tells them. Amounts of two names never mix."""
    if token not in _LISTED:
        return f"{token.unit}@{chain}/{token.decimals}"
    elsewhere = [each.decimals for each in _LISTED if each.unit == token.unit]
    return token.unit if token.decimals == min(elsewhere) else f"{token.unit}@{chain}"


def known_decimals(currency: str) -> int | None:
    """Decimals of a currency (ISO 4217), coin or token by the name of its ledger; None for one that is not known here."""
    unit, _, place = currency.partition("@")
    if not place and unit in EXPONENTS:
        return EXPONENTS[unit]
    chain, _, told = place.partition("/")
    if told.isascii() and told.isdecimal() and len(told) < 3:
        return int(told)
    coins = [(on, token) for (on, _), token in TOKENS.items()] + list(COINS.items())
    found = {token.decimals for on, token in coins if token.unit == unit and (not chain or on == chain)}
    return min(found, default=None)


def decimals(currency: str) -> int:
    """The same; 0 for one that is not known here."""
    return known_decimals(currency) or 0


def digits(currency: str) -> int:
    """Decimals in which ledgers, requests and sheets count it: its own, at most ``FINEST``."""
    return min(decimals(currency), FINEST)


def counted_name(unit: str, places: int) -> str:
    """The name of a ledger in which ``unit``, as requests name it, is counted with ``places`` decimals."""
    chains = {chain for chain, _ in TOKENS} | set(COINS)
    for name in (unit, *(f"{unit}@{chain}" for chain in sorted(chains))):
        if known_decimals(name) is not None and digits(name) == places:
            return name
    return f"{unit}@/{places}"


def cut(amount: int, places: int, wanted: int) -> tuple[int, int]:
    """An amount with ``places`` decimals as whole units of ``wanted`` decimals, and what is left of it in its own."""
    if places <= wanted:
        return amount * int(10 ** (wanted - places)), 0
    whole, rest = divmod(amount, int(10 ** (places - wanted)))
    return whole, rest
