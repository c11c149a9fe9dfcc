"""What happens before one's eyes: a circulated list, a correction and a withdrawal, a request, a suspension and the way round it.

Every step is an officer's act through the REST interface of a running node, and every claim is read back from the nodes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from spean.demo.desk import Desk, Refused
from spean.demo.wallets import read_wallets

Say = Callable[[str], None]
ALL = ("INT", "KH", "KR", "TH")
MEMORANDUM = {
    "title": "Memorandum on stopping online fraud (played)", "parties": list(ALL), "mediators": ["INT"],
    "purposes": ["stop-fraud", "investigate-fraud", "investigate-laundering", "recover-assets", "warn", "coordinate"],
    "data": ["wallet", "account", "phone", "payment", "indicator"], "subjects": ["none", "suspect", "victim", "other"],
    "tlp_ceiling": "AMBER", "handling": ["H0", "H1", "H2"], "onward": "consent", "retention_days": 365, "starts": "2026-01-01",
    "articles": {"4": "Wallet addresses, accounts and numbers may be exchanged to stop fraud.", "9": "INT may mediate."},
    "cites": {"purpose": "4", "mediator": "9"},
}  # fmt: skip
REASON = "demo: shown before one's eyes"


@dataclass(slots=True)
class Told:
    """What the story measured; becomes the JSON object."""

    list_entries: dict[str, int] = field(default_factory=dict)
    correction_ms: int = -1
    withdrawn: bool = False
    withdrawal_ms: int = -1
    request: dict[str, int] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    mediated: list[str] = field(default_factory=list)
    amendment: dict[str, str] = field(default_factory=dict)
    agreement: str = ""
    circular: str = ""
    fact: str = ""
    entries: list[str] = field(default_factory=list)
    """Names of the list's entries, for counting their receipts in INT's store afterwards."""


def conclude(desks: dict[str, Desk], proposer: str, text: dict[str, Any]) -> str:
    """An agreement that ``proposer`` proposes and every party signs; its record, in force at all of them."""
    parties, desk = text["parties"], desks[proposer]
    others = [name for name in parties if name != proposer]
    done = desk.open(
        "agreement", text, others, instrument="peering", data="agreement", purpose="coordinate", subject="none"
    )
    record = str(done["record"])
    desk.act(record, "submit", {"reason": "the text is final"})
    for name in parties:
        desks[name].wait_state(record, "legal-review")
        signed = {"capacity": "Director of cooperation", "authority": "Full powers (played)"}
        desks[name].act(record, "sign", signed, [done["fact"]])
    for name in parties:
        desks[name].wait_state(record, "in-force")
    return record


class Story:
    """Plays it."""

    def __init__(self, desks: dict[str, Desk], say: Say) -> None:
        self._desks = desks
        self._say = say
        self.told = Told()

    def play(self) -> Told:
        self.agree()
        entries = self._circulate()
        self._correct(entries)
        self._withdraw(entries)
        self._ask()
        self._suspend_and_mediate()
        return self.told

    # 1 ------------------------------------------------------------------------------------------------------

    def agree(self) -> None:
        """All four conclude an agreement; without it nothing would leave."""
        start = time.monotonic()
        self.told.agreement = conclude(self._desks, "INT", MEMORANDUM)
        self._say(f"1  INT, KH, KR and TH have signed an agreement; it is in force at all four ({_ms(start)} ms)")

    # 2 ------------------------------------------------------------------------------------------------------

    def _circulate(self) -> list[dict[str, Any]]:
        """INT sends the published list to all."""
        publisher = self._desks["INT"]
        form = {
            "title": "Digital-currency addresses under sanctions",
            "source": "OFAC, published list",
            "source_version": "December 2025",
            "data": "wallet",
        }
        done = publisher.open(
            "circular",
            form,
            ["KH", "KR", "TH"],
            instrument=self.told.agreement,
            purpose="warn",
            data="wallet",
            subject="other",
            tlp="GREEN",
        )
        record = self.told.circular = done["record"]
        start = time.monotonic()
        forms = [
            {"kind": "wallet", "value": each.address, "chain": each.chain, "tags": list(each.tickers)}
            for each in read_wallets()
        ]
        facts = publisher.post(f"/records/{record}/entry/batch", forms)["facts"]
        publication = {
            "reason": "named by the published list of its source", "entries": len(forms), "statement": "as published by its source",
        }  # fmt: skip
        publisher.sign(record, "publish", publication)
        self._say(
            f"2  INT's officer has signed the publication of {len(forms)} addresses with a (played) passkey of her own"
        )
        for name in ("KH", "KR", "TH"):
            desk = self._desks[name]
            desk.wait_state(record, "published")
            self._say(f"2  {name} has verified the list of {len(forms)} addresses ({_ms(start)} ms after INT began)")
            desk.act(record, "acknowledge", {"note": "taken into our watch"})
        publisher.wait("all receipts", lambda: self._backlog() == 0)
        for name in ALL:
            self.told.list_entries[name] = self._entries(name, record)
        self.told.entries = facts
        self._say(f"2  INT holds signed receipts of all three; entries at each node: {self.told.list_entries}")
        return [{"fact": fact, "form": form} for fact, form in zip(facts, forms, strict=True)]

    def _backlog(self) -> int:
        return sum(peer["backlog"] for peer in self._desks["INT"].get("/peers")["peers"])

    def _entries(self, name: str, record: str) -> int:
        facts = self._desks[name].get(f"/records/{record}", reason=REASON)["facts"]
        return sum(
            1
            for fact in facts
            if fact["kind"] == "entry" and fact["status"] == "effective" and fact["form"] is not None
        )

    # 3, 4 ---------------------------------------------------------------------------------------------------

    def _correct(self, entries: list[dict[str, Any]]) -> None:
        """One entry was wrong: all recipients show the correction, and say so."""
        entry = entries[10]
        right = {**entry["form"], "note": "checked again by its publisher"}
        start = time.monotonic()
        self._desks["INT"].post(f"/facts/{entry['fact']}/correct", {"replacement": right, "reason": "note was missing"})
        self._confirmed(entry["fact"])
        self.told.correction_ms = _ms(start)
        self.told.fact = entries[0]["fact"]
        self._say(
            f"3  one entry corrected; KH, KR and TH erased the old one and signed that they did ({self.told.correction_ms} ms)"
        )

    def _withdraw(self, entries: list[dict[str, Any]]) -> None:
        """One entry is taken back."""
        entry = entries[20]
        start = time.monotonic()
        self._desks["INT"].act(
            self.told.circular, "withdraw-entry", {"reason": "no longer on the list"}, [entry["fact"]]
        )
        outcomes = self._confirmed(entry["fact"])
        self.told.withdrawal_ms = _ms(start)
        self.told.withdrawn = set(outcomes) == {"erased"} and all(
            self._gone(name, entry["fact"]) for name in ("KH", "KR", "TH")
        )
        self._say(f"4  one entry withdrawn; nobody holds it any more ({self.told.withdrawal_ms} ms)")

    def _confirmed(self, fact: str) -> list[str]:
        desk = self._desks["INT"]

        def all_answered() -> list[str] | None:
            recalls = desk.get(f"/facts/{fact}/holders")["recalls"]
            done = [each["outcome"] for each in recalls if each["status"] == "confirmed"]
            return done if len(done) == 3 else None

        found: list[str] = desk.wait("all confirmations", all_answered)
        return found

    def _gone(self, name: str, fact: str) -> bool:
        facts = self._desks[name].get(f"/records/{self.told.circular}", reason=REASON)["facts"]
        return all(each["form"] is None for each in facts if each["id"] == fact)

    # 5 ------------------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        """KR asks KH; KH's played officer answers."""
        start = time.monotonic()
        done = self._desks["KR"].open("information-request", request(), ["KH"], instrument=self.told.agreement, purpose="stop-fraud",
                                      data="wallet", subject="suspect")  # fmt: skip
        record = done["record"]
        self._desks["KH"].wait_state(record, "sent")
        self.told.request["asked_ms"] = _ms(start)
        self._say(f"5  KR's request is on KH's desk with its clock ({self.told.request['asked_ms']} ms)")
        start = time.monotonic()
        self._answer("KH", record)
        self._desks["KR"].wait_state(record, "answered")
        self.told.request["answered_ms"] = _ms(start)
        self._say(
            f"5  KH's officer answered; KR reads it ({self.told.request['answered_ms']} ms for four acts and the way back)"
        )

    def _answer(self, name: str, record: str) -> None:
        desk = self._desks[name]
        desk.get(f"/records/{record}", reason="answering the request")
        desk.act(record, "acknowledge", {"reference": "KH-2026-0311"})
        desk.act(record, "accept", {})
        desk.act(
            record, "answer", {"findings": [{"item": 0, "known": True, "text": "Seen in one report of this week."}]}
        )

    # 6 ------------------------------------------------------------------------------------------------------

    def _suspend_and_mediate(self) -> None:
        """KH suspends the pair KH–TH; TH is refused directly, and goes through INT."""
        agreement = self.told.agreement
        self._desks["KH"].act(agreement, "suspend-pair", {"other": "TH", "reason": "played suspension"})
        self._desks["TH"].wait("the suspension", lambda: self._suspended("TH"))
        self._desks["INT"].wait("the suspension", lambda: self._suspended("INT"))
        marks: dict[str, Any] = {
            "instrument": agreement,
            "purpose": "stop-fraud",
            "data": "wallet",
            "subject": "suspect",
        }
        try:
            self._desks["TH"].open("information-request", request(), ["KH"], **marks)
        except Refused as refused:
            words = refused.diagnostics
            self.told.refused = {"rule": words["rule"], "reason": words["why"], "remedy": words.get("remedy", "")}
            self._say(f"6  KH–TH is suspended. TH's direct request is refused by rule {words['rule']}: {words['why']}")
            self._say(f"6  … and what would make it pass: {words.get('remedy', '')}")
        start = time.monotonic()
        record = self._desks["TH"].open("information-request", request(), ["KH"], **marks, via="INT")["record"]
        passed = ["TH"]
        for name in ("INT", "KH"):
            self._desks[name].wait_state(record, "sent")
            passed.append(name)
        self._answer("KH", record)
        self._desks["TH"].wait_state(record, "answered")
        self.told.mediated = passed
        self._say(
            f"6  the same request went {' → '.join(passed)}, and the answer came back the same way ({_ms(start)} ms)"
        )

    def _suspended(self, name: str) -> bool:
        found = self._desks[name].get(f"/agreements/{self.told.agreement}")
        return bool(found["suspended"])


def request() -> dict[str, Any]:
    """What Korea asks Cambodia."""
    wallet = read_wallets()[30]
    return {
        "offence": "fraud", "facts": "A victim's money was moved to this address within an hour of the transfer.",
        "items": [{"selector": "wallet", "value": wallet.address, "chain": wallet.chain, "question": "Is it known, and where is it held?"}],
        "need": "The next hop decides where a stop request has to go.", "proportionality": "One address, no person is asked about.",
        "urgency": "urgent-direct", "urgency_reason": "The money moves on within minutes.",
    }  # fmt: skip


def _ms(start: float) -> int:
    return round((time.monotonic() - start) * 1000)
