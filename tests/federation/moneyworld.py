"""KR, KH and TH with an agreement, desks and ledgers: documents with invented accounts, reports, and how money is followed there."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from federation.world import PEERING_MARKS, REAL, Image, World
from spean.core.world import iso

THREE = ("KR", "KH", "TH")
BANKS = {"KR": "HNBKKRSE", "KH": "MKBAKHPP", "TH": "SIAMTHBK"}
START = 1_772_586_000_000


@dataclass(frozen=True, slots=True)
class Paid:
    """One transfer between accounts such as ``KR1``: the first two letters say the country. ``amount`` is in cents."""

    number: int
    payer: str
    payee: str
    amount: int
    at: int
    currency: str = "USD"
    became: tuple[int, str] | None = None
    """What arrives, when it is converted."""

    @property
    def id(self) -> str:
        return f"uetr:{uetr(self.number)}"


def uetr(number: int) -> str:
    """An invented UETR."""
    return str(UUID(int=number, version=4))


def account(name: str) -> str:
    """As documents name it."""
    return f"{BANKS[name[:2]]}/{name}"


def document(payments: Iterable[Paid]) -> bytes:
    """A pacs.008 with these payments."""
    return (
        "<Document xmlns='urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08'><FIToFICstmrCdtTrf><GrpHdr><MsgId>M</MsgId>"
        f"<CreDtTm>2026-03-04T00:00:00Z</CreDtTm></GrpHdr>{''.join(map(_transaction, payments))}</FIToFICstmrCdtTrf></Document>"
    ).encode()


def _transaction(paid: Paid) -> str:
    minor, currency = paid.became or (paid.amount, paid.currency)
    instructed = (
        f"<InstdAmt Ccy='{paid.currency}'>{_text(paid.amount, paid.currency)}</InstdAmt>" if paid.became else ""
    )
    sides = "".join(
        f"<{side}><Nm>Holder of {name}</Nm></{side}><{side}Acct><Id><Othr><Id>{name}</Id></Othr></Id></{side}Acct>"
        f"<{side}Agt><FinInstnId><BICFI>{BANKS[name[:2]]}</BICFI></FinInstnId></{side}Agt>"
        for side, name in (("Dbtr", paid.payer), ("Cdtr", paid.payee))
    )
    return (
        f"<CdtTrfTxInf><PmtId><EndToEndId>E{paid.number}</EndToEndId><UETR>{uetr(paid.number)}</UETR></PmtId>"
        f"<IntrBkSttlmAmt Ccy='{currency}'>{_text(minor, currency)}</IntrBkSttlmAmt><AccptncDtTm>{iso(paid.at)}</AccptncDtTm>"
        f"{instructed}{sides}</CdtTrfTxInf>"
    )


def _text(minor: int, currency: str) -> str:
    return str(minor) if currency == "KRW" else f"{minor // 100}.{minor % 100:02d}"


@cache
def _concluded(quota: int) -> tuple[Image, str]:
    with tempfile.TemporaryDirectory() as folder:
        world = World([*THREE, "INT"], Path(folder), engine=REAL)
        terms: dict[str, Any] = {"quotas": {"stop-fraud": quota}} if quota else {}
        treaty = world.agreement(THREE, mediators=["INT"], **terms)
        for name in THREE:
            form = {"name": f"Desk of {name}", "always_open": True, "countries": [name], "bic_prefixes": [BANKS[name]]}
            others = [other for other in world.nodes if other != name]
            world.act(name, "publish", form, procedure="desk", to=others, **PEERING_MARKS)
        world.settle()
        return world.image(), treaty


class MoneyWorld(World):
    """A fresh copy of it. ``quota``: how many records each pair may open a month for stopping fraud."""

    def __init__(self, folder: Path, quota: int = 0) -> None:
        image, treaty = _concluded(quota)
        super().__init__([*THREE, "INT"], folder, seed=5, image=image, engine=REAL)
        self.treaty = treaty
        for name in THREE:
            self.disks[name].settings = replace(
                self.disks[name].settings, institutions={BANKS[name]: f"Bank of {name}", "OTHER": "Another"}
            )
            self.boot(name)
        self.clock.advance(max(0, START + 3_600_000 - self.clock.now()))
        self.analysts = {
            name: self.person(name, f"Analyst {name}", "financial-analyst", "duty-officer") for name in THREE
        }

    def load(self, node: str, payments: Sequence[Paid]) -> None:
        """The payments that touch the node's accounts come in by file."""
        mine = [each for each in payments if node in (each.payer[:2], each.payee[:2])]
        if mine:
            state = self.nodes[node].money.take_file(self.analysts[node], "p.xml", [document(mine)], wait=True)
            assert state.state == "done", state
            assert not state.rejected, state

    def load_all(self, payments: Sequence[Paid], *without: str) -> None:
        for node in THREE:
            if node not in without:
                self.load(node, payments)

    def report(self, node: str, paid: Paid, **more: Any) -> str:
        """A victim reports a payment; the report is complete and validated."""
        told = {"transferred_at": paid.at, "amount": paid.amount, "currency": paid.currency, "digits": 0 if paid.currency == "KRW" else 2,
                "sender_account": account(paid.payer), "account": account(paid.payee), "uetr": uetr(paid.number)}  # fmt: skip
        form = {"victim": "V-KR-0417", "reported_at": self.clock.now(), "payments": [told], "contact_phone": "+82 2 1394",
                "contact_name": "Duty officer", **more}  # fmt: skip
        who = self.analysts[node]
        done = self.act(
            node,
            "report",
            form,
            procedure="fraud-report",
            who=who,
            purpose="stop-fraud",
            data="account",
            subject="victim",
        )
        self.act(node, "validate", {}, record=done.record, who=who)
        return done.record

    def again(self, payment: Paid, **changes: Any) -> Paid:
        return replace(payment, **changes)


def acknowledged(world: MoneyWorld, first: Paid) -> str:
    """A request of KR about a payment of its victim that an officer of TH has acknowledged; its record."""
    case = world.report("KR", first)
    (sent,) = world.nodes["KR"].money.send(world.analysts["KR"], case, [("TH", account("TH1"))])
    assert sent.done is not None
    world.settle()
    world.act("TH", "acknowledge", {}, record=sent.done.record, who=world.analysts["TH"])
    return sent.done.record
