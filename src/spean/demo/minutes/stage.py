"""Where the story is played: desks that act, a clock that moves, lines that are cut. The demo plays on served nodes, a test in one process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from spean.demo.desk import Refused
from spean.demo.minutes import files

DESK = ("duty-officer", "financial-analyst", "investigator", "analyst", "legal", "secretariat")
INSTITUTIONS = {
    "KR": {files.HNB: "Hanbit National Bank (played)", files.KMB: "Kumo Bank (played)"},
    "KH": {files.MKB: "Mekong Bank (played)", files.PPB: "Phnom Penh Bank (played)", files.ABK: "Angkor Bank (played)"},
    "TH": {files.SIAMX: "SIAMX exchange (played)", files.CPB: "Chao Phraya Bank (played)"},
}
"""Node → its banks and exchanges, all invented."""
COUNTRIES = tuple(INSTITUTIONS)


@dataclass(frozen=True, slots=True)
class Role:
    """Somebody who is played, with a passkey of her own."""

    node: str
    name: str
    unit: str
    roles: tuple[str, ...]


SECOND = {
    "KR": Role("KR", "Jung Haneul", "desk", DESK), "KH": Role("KH", "Keo Bopha", "desk", DESK), "TH": Role("TH", "Somchai Dee", "desk", DESK),
}  # fmt: skip
"""The second person of each desk: four eyes (R4)."""
BANKS = {
    files.ABK: Role("KH", "Chea Vanna", files.ABK, ("bank-desk",)),
    files.PPB: Role("KH", "Ly Sophal", files.PPB, ("bank-desk",)),
    files.SIAMX: Role("TH", "Arthit P.", files.SIAMX, ("bank-desk",)),
}
"""The fraud desks of banks; each reaches only what is ordered of its own institution."""
PLAYED = (*SECOND.values(), *BANKS.values())


class Player(Protocol):
    """A person at a desk, as ``demo.desk.Desk``."""

    node: str

    def get(self, path: str, **query: str) -> Any: ...
    def post(self, path: str, body: Any) -> Any: ...
    def open(self, procedure: str, form: dict[str, Any], to: list[str], **marks: Any) -> Any: ...
    def act(
        self, record: str, kind: str, form: dict[str, Any] | None = None, targets: list[str] | None = None
    ) -> Any: ...
    def sign(self, record: str, kind: str, form: dict[str, Any], door: str = "/records") -> Any: ...
    def state(self, record: str) -> str: ...
    def upload(self, name: str, data: bytes, **known: str) -> Any: ...
    def wait(self, what: str, seen: Any, seconds: float = 60.0) -> Any: ...
    def wait_state(self, record: str, *states: str) -> str: ...


class Stage(Protocol):
    """The players, by node, ``NODE+`` for the second person, and institution."""

    players: dict[str, Player]
    agreement: str

    def move(self, moment: int) -> None:
        """The clock of every node shows ``moment`` (ms UTC) now."""

    def now(self) -> int:
        """What it shows."""

    def cut(self, node: str) -> None:
        """Nobody reaches ``node``."""

    def mend(self, node: str) -> None:
        """It is back."""

    def forge(self, node: str, of: str) -> None:
        """Somebody with a key that nobody admitted calls ``node`` and says to be ``of``; raises ``Refused``."""


def refused(act: Any) -> dict[str, Any]:
    """The explanation with which an act is refused; ``AssertionError`` when it is not."""
    try:
        act()
    except Refused as found:
        return found.diagnostics
    raise AssertionError("it should have been refused")


def desk_form(node: str) -> dict[str, Any]:
    """What a node says of its desk in the directory."""
    phones = {"KR": "+8221394", "KH": "+85523997", "TH": "+6621441"}
    form: dict[str, Any] = {
        "name": f"Anti-scam desk of {node} (played)", "always_open": True, "countries": [node], "phone": phones[node],
        "bic_prefixes": [code for code in INSTITUTIONS[node] if len(code) == 8],
    }  # fmt: skip
    if node == "TH":
        form["wallets"] = [
            {"chain": "tron", "address": each, "holder": files.SIAMX} for each in files.EXCHANGE_ADDRESSES
        ]
    return form
