"""A request for one hop and what may be answered, for the tests of holds."""

from __future__ import annotations

from typing import Any

from spean.core.world import HOUR, MINUTE
from spean.holds.clocks import profiles
from spean.holds.model import (
    Channel,
    Complaint,
    Confirmation,
    Hold,
    Notice,
    Prolonging,
    Receipt,
    Release,
    ScamType,
    StopRequest,
    Verification,
)
from spean.holds.procedures import STOP_PAYMENT
from spean.procedures.acts import LocalAct
from spean.procedures.forms import Form
from spean.procedures.rehearse import Rehearsal

REASON = "the account got the victim's money"
NOTICE = Notice(by="app", language="km", contact_name="Officer Dara", contact_phone="+855 23 726 158")


def request(**more: Any) -> StopRequest:
    given: dict[str, Any] = {
        "case": "KR:fraud-report:01JNF000000000000000000000", "hop": 3, "victim": "V-KR-0417", "reported_at": 1,
        "transferred_at": 1, "arrived_at": 1, "amount": 3_200_000, "currency": "USD", "digits": 2, "payment": "uetr:1",
        "part_from": 0, "part_to": 3_200_000, "institution": "ABKHKHPP", "account": "ABKHKHPP/500007",
        "channel": Channel.BANK_TRANSFER, "scam_type": ScamType.ROMANCE_INVESTMENT, "located": 3_200_000,
        "claimed": 3_200_000, "rule": "fifo", "asked": 3_200_000, "basis": "Law on fraud, art. 7",
        "contact_name": "Officer Kim", "contact_phone": "+82 2 1394",
    }  # fmt: skip
    return StopRequest(**{**given, **more})


def hold(now: int, **more: Any) -> Hold:
    given: dict[str, Any] = {
        "amount": 3_200_000, "currency": "USD", "digits": 2, "claimed": 3_200_000, "rule": "fifo",
        "basis": "Banking law, art. 12", "until": now + 72 * HOUR, "notice": NOTICE, "reason": REASON,
    }  # fmt: skip
    return Hold(**{**given, **more})


class Hop(Rehearsal):
    """A hop of KR at KH, whose desk looks at accounts."""

    def look(self, balance: int = 10**9, name: Any = "matches", currency: str = "USD", digits: int = 2) -> None:
        """The bank says what lies there."""
        seen = Verification(balance=balance, currency=currency, digits=digits, name=name)
        self.local = (*self.local, LocalAct("verify", "kh-bank", "KH", self.now, body=seen))

    def approve(self, kind: str, actor: str = "kh-2") -> None:
        """A second person agrees."""
        self.local = (*self.local, LocalAct("approve", actor, "KH", self.now, kind))

    def held(self, **more: Any) -> Hop:
        """Hold it now."""
        self.look(more.pop("balance", 10**9), more.pop("name", "matches"))
        self.do("KH", "hold", hold(self.now, **more))
        return self

    def wait(self, ms: int) -> Hop:
        """Let time pass; clocks that are due fire, in their order."""
        until = self.now + ms
        while self.timers and self.timers[0].due_at <= until:
            self.tick()
        self.now = until
        return self


def hop(country: str = "generic", **more: Any) -> Hop:
    """A request that KH has read, under a country's clocks."""
    play = Hop(STOP_PAYMENT, "KR", ("KH",), national=dict(profiles()[country]))
    play.do("KR", "send", request(**more))
    play.do("KH", "acknowledge", Receipt())
    play.now += MINUTE
    return play


def prolonged(now: int, repetition: int, length: int) -> Prolonging:
    return Prolonging(until=now + length, repetition=repetition, basis="Decree 2, art. 4", reason=REASON)


def order(now: int, **more: Any) -> Confirmation:
    given: dict[str, Any] = {
        "authority": "Court of Phnom Penh", "reference": "2026/77", "issued_at": now, "until": now + 180 * 24 * HOUR,
        "amount": 3_200_000, "reason": REASON,
    }  # fmt: skip
    return Confirmation(**{**given, **more})


def complaint(now: int) -> Complaint:
    return Complaint(by="account-holder", received_at=now, text="I sold rice for this money.", language="km")


def release(**more: Any) -> Release:
    return Release(**{"wrong": False, "reason": REASON, **more})


def kinds(play: Rehearsal) -> list[str]:
    return [act.kind for act in play.acts]


def body(play: Rehearsal, kind: str) -> Form | None:
    return next((act.body for act in reversed(play.acts) if act.kind == kind), None)
