"""The first four hours of the story: report, trace, requests, holds, a wrong hold and its release; and what goes wrong on the way."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from spean.core.errors import InvalidInput
from spean.demo.minutes import files as f
from spean.demo.minutes.files import File, Files
from spean.demo.minutes.stage import COUNTRIES, Player, Stage, desk_form, refused
from spean.node.money.model import UNNAMED

Say = Callable[[str], None]
REASON = "case V-KR-0417"
CONTACT = {"contact_name": "Duty officer", "contact_phone": "+82 2 1394"}
HELD_USD = 12_300_000
"""What ends up held of 125,400.00: 123,000.00, at the trader's rate of one to one."""


@dataclass(slots=True)
class Told:
    """What happened, for checks and the JSON object. Times are milliseconds of the machine, clocks those of the story."""

    case: str = ""
    missing: list[str] = field(default_factory=list)
    first_request_ms: int = -1
    """From the report's first word to the request on the other desk: the machine's part; nobody's thinking is in it."""
    hops: dict[str, str] = field(default_factory=dict)
    """Account → record of its hop."""
    positions: dict[str, int] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    held_usd: int = 0
    refusals: dict[str, str] = field(default_factory=dict)
    """What was refused, by which rule."""
    silent_alarm: bool = False
    replayed: bool = False
    warned: bool = False
    wrongly_held_minutes: int = -1
    states: dict[str, str] = field(default_factory=dict)
    reminders: list[str] = field(default_factory=list)
    preserved: str = ""
    paid: dict[str, int] = field(default_factory=dict)
    restitution: str = ""


class Minutes:
    """Plays it."""

    def __init__(self, stage: Stage, files: Files, say: Say) -> None:
        self._stage, self._files, self._say = stage, files, say
        self.told = Told()

    def play(self) -> Told:
        """All of the first hours."""
        self._desks()
        self._report()
        self._first_request()
        self._through_cambodia()
        self._to_thailand()
        self._wrong_hold()
        self._second_attempt()
        return self.told

    # helpers ------------------------------------------------------------------------------------------------

    def player(self, name: str) -> Player:
        return self._stage.players[name]

    def _at(self, minute: float) -> None:
        self._stage.move(self._files.at(minute))

    def _load(self, node: str, documents: list[File]) -> None:
        loaded(self.player(node), documents)

    def sheet(self) -> dict[str, Any]:
        """The case's money, as Korea's analyst sees it."""
        found: dict[str, Any] = self.player("KR").get(f"/money/cases/{self.told.case}", reason=REASON)
        return found

    def _traced(self, wanted: dict[str, int]) -> None:
        """Trace until the money stands where it should; a node that is asked answers by itself."""
        desk = self.player("KR")

        def seen() -> bool:
            places = self.sheet()["places"]
            self.told.positions = {
                place["account"]: sum(each["amount"] for each in place["located"])
                for place in places
                if place["located"]
            }
            return all(self.told.positions.get(account) == amount for account, amount in wanted.items())

        desk.post(f"/money/cases/{self.told.case}/trace", {})
        desk.wait("the trace", seen)

    def _send(self, *accounts: str) -> None:
        """Requests to hold, sent in parallel."""
        found = [place for place in self.sheet()["places"] if place["account"] in accounts]
        places = [{"node": place["node"], "account": place["account"]} for place in found]
        sent = self.player("KR").post(f"/money/cases/{self.told.case}/send", {"places": places, **CONTACT})
        for each in sent:
            if each["refused"]:
                raise InvalidInput("send", str(each["refused"]), remedy="see the rule")
            self.told.hops[each["account"]] = each["record"]

    # the story ----------------------------------------------------------------------------------------------

    def _desks(self) -> None:
        """The directory says who answers for which bank and which deposit address."""
        for node in COUNTRIES:
            others = [name for name in ("INT", *COUNTRIES) if name != node]
            self.player(node).open("desk", desk_form(node), others, instrument="peering", purpose="coordinate", data="directory",
                                   subject="none")  # fmt: skip
        for node in COUNTRIES:
            self.player(node).wait(
                "the desks", lambda node=node: len(self.player(node).get("/directory")["desks"]) >= 3
            )

    def _report(self) -> None:
        """01:41: the duty officer opens the report; what is missing is named, then it is complete."""
        self._load("KR", self._files.of_korea())
        self._at(101)
        desk, start = self.player("KR"), time.monotonic()
        form = report(self._files, self._stage.now())
        incomplete = {**form, "payments": [{**form["payments"][0], "account": "", "uetr": "", "amount": 0}]}
        marks = {"purpose": "stop-fraud", "data": "account", "subject": "victim"}
        self.told.case = str(desk.open("fraud-report", incomplete, [], **marks)["record"])
        why = refused(lambda: desk.act(self.told.case, "validate", {}))
        self.told.missing = [str(why["why"])]
        desk.act(self.told.case, "complete", form)
        desk.act(self.told.case, "validate", {})
        self.told.first_request_ms = round((time.monotonic() - start) * 1000)
        self._say(f"01:41  KR takes the report down; incomplete it is refused: {why['why']}")

    def _first_request(self) -> None:
        """01:42: the trace of hops 1 and 2 comes from Korea's own files, and the request is on Cambodia's desk."""
        self._at(102)
        start = time.monotonic()
        self._traced({f.FIRST: 12_540_000})
        self._send(f.FIRST)
        record = self.told.hops[f.FIRST]
        self.player("KH").wait_state(record, "sent")
        self.told.first_request_ms += round((time.monotonic() - start) * 1000)
        self._say(
            f"01:42  125,400.00 USD traced to {f.FIRST}; KH's desk has the request ({self.told.first_request_ms} ms after the report)"
        )
        forged = refused(lambda: self._stage.forge("KH", "KR"))
        self.told.refusals["forged"] = str(forged.get("rule", forged))
        self._say(
            f"01:42  somebody else calls KH in KR's name with a key of her own: refused ({forged.get('why', forged)})"
        )

    def _through_cambodia(self) -> None:
        """01:43: Cambodia reads its banks' files; its node answers Korea's question; C holds 32,000."""
        self._at(103)
        kh = self.player("KH")
        first = self.told.hops[f.FIRST]
        kh.act(first, "acknowledge", {"reference": "KH-2026-0304"})
        self._load("KH", self._files.of_cambodia())
        self._traced({f.C: 3_200_000, f.SOK: 115_000, f.TRADER: 9_185_000})
        self._send(f.C)
        kh.act(first, "too-late", {"last": {
            "moved_at": self._files.at(87), "amount": 3_200_000, "institution": f.ABK, "account": f.C}})  # fmt: skip
        self._hold(f.C, f.ABK, balance=3_510_000)
        self._say(
            "01:43  KH's node tells where it went, and nothing else; ABK holds 32,000.00 of it, the rest of the account is free"
        )

    def _hold(self, account: str, bank: str, *, balance: int, amount: int = 0) -> None:
        """The desk acknowledges and orders; the bank's fraud desk looks, and a named person holds."""
        record, desk, fraud = self.told.hops[account], self.player(_node(bank)), self.player(bank)
        desk.wait_state(record, "sent")
        desk.act(record, "acknowledge", {})
        desk.post(f"/money/requests/{record}/order", {"what": "hold", **CONTACT})
        (order,) = [each for each in fraud.get("/bank/orders") if each["record"] == record]
        money = {"currency": order["amount"]["currency"], "digits": order["amount"]["digits"]}
        fraud.post(f"/bank/orders/{record}/verify", {"form": {"balance": balance, "name": "not-shown", **money}})
        self._sign_hold(record, bank, amount or order["amount"]["amount"], money, order["amount"]["amount"])
        self.player("KR").wait_state(record, "held")
        self.told.held[account] = amount or order["amount"]["amount"]

    def _sign_hold(self, record: str, bank: str, amount: int, money: dict[str, Any], claimed: int) -> None:
        notice = {"by": "message", "language": "km" if _node(bank) == "KH" else "th", **CONTACT}
        form = {
            "amount": amount, **money, "claimed": claimed, "rule": "fifo", "basis": "order of the national centre",
            "until": self._stage.now() + 72 * 3_600_000, "notice": notice, "reason": "money of a victim of fraud lies here",
        }  # fmt: skip
        self.player(bank).sign(record, "hold", form, door="/bank/orders")

    def _to_thailand(self) -> None:
        """01:45–01:49: through the trader's book and the chain to an exchange in Thailand, which is off-line at first."""
        self._at(105)
        self._load("KH", self._files.of_the_trader())
        self._load("TH", self._files.of_the_trader()[1:])
        self._traced({f.TRADER: 35_000, f.WALLET: 500_000_000, f.DEPOSIT: 91_000_000_000})
        direct = refused(lambda: self.player("KH").open(
            "trace-question", question(), ["TH"], purpose="stop-fraud", data="account", subject="other", instrument=self._stage.agreement,
        ))  # fmt: skip
        self.told.refusals["suspended"] = str(direct["rule"])
        self._say(
            f"01:45  91,000 USDT lie at SIAMX in Thailand. KH may not ask TH itself: {direct['rule']}, {direct['why']}"
        )
        self._stage.cut("TH")
        self._at(106)
        self._send(f.DEPOSIT)
        self._at(110)
        desk = self.player("KR")
        self.told.silent_alarm = bool(desk.wait("the alarm", lambda: _alarms(desk, "not-delivered", "TH")))
        self._say("01:50  TH is off-line: after three minutes KR's desk rings and names the telephone to call")
        self._at(113)
        self._stage.mend("TH")
        self.player("TH").wait_state(self.told.hops[f.DEPOSIT], "sent")
        self.told.replayed = True
        self._hold(f.DEPOSIT, f.SIAMX, balance=95_400_000_000)
        self._say(
            "01:53  TH is back after seven minutes and has the request; SIAMX holds 91,000 USDT, by a person with her name"
        )

    def _wrong_hold(self) -> None:
        """01:52: a merchant who sold rice; no more than his 1,150 can be held; he complains and is free within four hours."""
        self._at(114)
        self._send(f.SOK)
        record = self.told.hops[f.SOK]
        kh, bank = self.player("KH"), self.player(f.PPB)
        kh.wait_state(record, "sent")
        kh.act(record, "acknowledge", {})
        kh.post(f"/money/requests/{record}/order", {"what": "hold", **CONTACT})
        money = {"currency": "USD", "digits": 2}
        bank.post(f"/bank/orders/{record}/verify", {"form": {"balance": 1_240_000, "name": "not-shown", **money}})
        more = refused(lambda: self._sign_hold(record, f.PPB, 960_000, money, 115_000))
        self.told.refusals["more than the claim"] = str(more["rule"])
        self._sign_hold(record, f.PPB, 115_000, money, 115_000)
        self._say(f"01:54  9,600 of merchant Sok's money cannot be held: {more['rule']}, {more['why']}; 1,150 are")
        self._at(190)
        kh.act(record, "complain", {"by": "account-holder", "received_at": self._stage.now(), "language": "km",
                                    "text": "ខ្ញុំលក់អង្ករ។ I sold rice and know nobody of these people."})  # fmt: skip
        self._at(305)
        self.player("KH+").act(record, "release", {
            "wrong": True, "reason": "goods were delivered in good faith",
            "apology": "The hold was a mistake. The money is free; we are sorry.",
        })  # fmt: skip
        kh.post(f"/money/requests/{record}/order", {"what": "release", **CONTACT})
        bank.post(f"/bank/orders/{record}/freed", {"form": {"freed_at": self._stage.now()}})
        self.player("KR").wait_state(record, "released")
        self.player("KR").act(record, "take-note", {"told": []})
        self.told.wrongly_held_minutes = 305 - 114
        self._say(
            "05:05  his complaint of 03:10 is decided by another person: free, with an apology; everybody who was told confirms"
        )

    def _second_attempt(self) -> None:
        """The victim is about to pay once more: the desk is warned before the money is gone."""
        self._at(306)
        self._load("KR", self._files.second_attempt())
        desk = self.player("KR")
        self.told.warned = bool(desk.wait("the warning", lambda: _alarms(desk, "repeat-victim", "")))
        self.told.held_usd = self.told.held[f.C] + self.told.held[f.DEPOSIT] // 10_000
        self._say(
            f"05:06  the victim pays the same account again: call her. Held now: {self.told.held_usd / 100:,.2f} of 125,400.00"
        )


def loaded(desk: Player, documents: list[File]) -> None:
    """Files into the node's ledgers; where the analyst is asked about columns, she answers."""
    for each in documents:
        state = desk.upload(each.name, each.data, source=each.source, grade=str(each.grade), **(each.answers or {}))
        path = f"/money/imports/{state['id']}"
        state = desk.wait(f"{each.name} is read", lambda path=path: _settled(desk.get(path)))
        if state["state"] == "asking":
            desk.post(f"{path}/confirm", {"answers": {}})
            state = desk.wait(f"{each.name} is read", lambda path=path: _finished(desk.get(path)))
        if state["state"] != "done" or state["rejected"]:
            raise InvalidInput("file", f"{each.name}: {state}", remedy="see the import's rows")


def report(files: Files, now: int) -> dict[str, Any]:
    """What the victim tells: invented."""
    paid = {
        "transferred_at": files.at(f.HOP_1.minute), "amount": int(f.HOP_1.amount), "currency": "KRW", "digits": 0,
        "sender_institution": f.HNB, "sender_account": f.VICTIM, "institution": f.KMB, "account": f.MULE, "uetr": f.HOP_1.uetr,
        "channel": "bank-transfer",
    }  # fmt: skip
    return {
        "victim": "V-KR-0417", "reported_at": now, "through": "1394", "scam_type": "romance-investment", "payments": [paid],
        "story": "Seven weeks of messages from “Daniel Lim”, then an investment.", "complaint_reference": "SMPA-2026-0417", **CONTACT,
    }  # fmt: skip


def question() -> dict[str, Any]:
    """A question about a slice of the payment to the exchange, as a desk would type it."""
    return {
        "case": "by hand", "rule": "fifo", "currency": "USDT", "digits": 6, "need": "the next hop of stolen money",
        "parts": [{"payment": f"hash:{f.transaction(f.TO_WALLET)}", "start": 0, "end": 1_000_000}],
    }  # fmt: skip


def _node(bank: str) -> str:
    return "TH" if bank == f.SIAMX else "KH"


def _settled(state: dict[str, Any]) -> dict[str, Any] | None:
    return state if state["state"] in ("asking", "done", "failed") else None


def _finished(state: dict[str, Any]) -> dict[str, Any] | None:
    return state if state["state"] in ("done", "failed") else None


def _alarms(desk: Player, kind: str, about: str) -> list[Any]:
    return [each for each in desk.get("/alarms")["alarms"] if each["kind"] == kind and about in each["text"]]


def checks(told: Told) -> dict[str, bool]:
    """What DOMAIN 8.1 says must be true at the end."""
    return {
        "report": bool(told.missing) and told.case != "",
        "first request": 0 <= told.first_request_ms <= 60_000,
        "traced": told.positions == {
            UNNAMED: 40_000, f.C: 3_200_000, f.SOK: 115_000, f.TRADER: 35_000, f.WALLET: 500_000_000, f.DEPOSIT: 91_000_000_000,
        },
        "held": told.held_usd == HELD_USD,
        "refused": told.refusals.keys() == {"forged", "suspended", "more than the claim"} and told.refusals["suspended"] == "A9"
        and told.refusals["more than the claim"] == "R50",
        "off-line": told.silent_alarm and told.replayed,
        "released": told.wrongly_held_minutes == 191,
        "warned": told.warned,
        "clocks": told.reminders == ["remind-early", "remind-late"] and told.states == {"KH": "confirmed", "TH": "confirmed"},
        "preserved": told.preserved != "",
        "given back": sum(told.paid.values()) == HELD_USD,
    }  # fmt: skip
