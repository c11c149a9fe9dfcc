"""Wallets as CAIP-10 names, ``namespace:reference:address``, with every checksum verified (https://chainagnostic.org/CAIPs/caip-10)."""

from __future__ import annotations

from functools import lru_cache

from spean.entities.values.base import ValueType
from spean.entities.values.chains import BY_ID, BY_NAME, CHAINS, Chain

_REMEMBERED = 1 << 16


class Wallet(ValueType):
    """Understands CAIP-10, ``tron:T…`` with our name of a chain, and a bare address whose form is telling."""

    name = "wallet"

    def clean(self, text: str) -> str:
        text = self.bounded(text).strip()
        known, _, address = text.rpartition(":")
        if known == "bitcoincash":
            known, address = "bitcoin-cash", text
        if known:
            return self.on(known, address)
        found = self.chains(address)
        if not found:
            raise self.refused(
                "it is no address of a chain known here", "compare it letter by letter; its capitals matter"
            )
        if len(found) > 1:
            names = ", ".join(chain.name for chain in found)
            raise self.refused(f"it fits several chains: {names}", f"say which, e.g. {found[0].name}:{address}")
        return self.on(found[0].caip2, address)

    def on(self, chain: str, address: str) -> str:
        """The CAIP-10 name of an address on a chain that is given by its CAIP-2 id or our name."""
        known = BY_ID.get(chain) or BY_NAME.get(chain)
        if known is None:
            raise self.refused(f"the chain {chain[:40]!r} is not known here", "use one of " + ", ".join(BY_NAME))
        try:
            return f"{known.caip2}:{_checked(known.name, address.strip())}"
        except ValueError as error:
            raise self.refused(
                f"no address of {known.name}: {error}", "compare it letter by letter; its capitals matter"
            ) from None

    def chains(self, address: str) -> list[Chain]:
        """All chains on which such an address can be, the most used first."""
        return [chain for chain in CHAINS if self._fits(chain, self.bounded(address).strip())]

    def _fits(self, chain: Chain, address: str) -> bool:
        try:
            _checked(chain.name, address)
        except ValueError:
            return False
        return True

    def keys(self, clean: str) -> tuple[str, ...]:
        """The address: one key pair has the same one on every chain that works like Ethereum."""
        return (clean.rpartition(":")[2],)

    def agree(self, one: str, other: str) -> bool:
        """Equal, or the same address on two chains that work like Ethereum."""
        return one == other or (one[:7] == other[:7] == "eip155:" and self.keys(one) == self.keys(other))

    def mask(self, text: str) -> str:
        whole = self.clean(text)
        address = whole.rpartition(":")[2]
        return f"{whole.removesuffix(address)}{address[:6]}…{address[-4:]}"


@lru_cache(maxsize=_REMEMBERED)
def _checked(name: str, address: str) -> str:
    return BY_NAME[name].check(address)


WALLET = Wallet()
