"""The days after: reminders, the order that comes two hours before the hold ends, preservation, and the money's way back to three victims."""

from __future__ import annotations

from typing import Any

from spean.core.world import DAY, HOUR
from spean.demo.minutes import files as f
from spean.demo.minutes.files import Files
from spean.demo.minutes.stage import Stage
from spean.demo.minutes.story import REASON, Say, Told

COURT = {"authority": "Municipal court (played)", "reference": "O-2026-311"}
SHARES = {"V-KR-0417": 10_460_000, "V-KR-0388": 1_240_000, "V-KR-0402": 600_000}
"""Of the 123,000.00: the victim of the story, and two earlier ones whose money lay in the same accounts."""


class Later:
    """Plays the days after the first hours."""

    def __init__(self, stage: Stage, files: Files, say: Say, told: Told) -> None:
        self._stage, self._files, self._say, self.told = stage, files, say, told
        self._players = stage.players

    def play(self, end: int) -> None:
        """``end``: the moment at which the story's clock is the machine's again."""
        self._preserve()
        self._orders()
        self._give_back(end)

    def _preserve(self) -> None:
        """The messages of "Daniel Lim" are to be kept: the six elements, a receipt, sixty days."""
        form = {
            "authority": "Seoul Metropolitan Police (played)", "offence": "fraud", "custodian": "the messenger's regional office",
            "facts": "A victim was talked into an investment over seven weeks.", "data": "Messages of the account “Daniel Lim” since January.",
            "relation": "They show who asked for the payments.", "necessity": "The messages are deleted after 90 days.",
            "formal_request": "intended", "reference": self.told.case[-10:],
        }  # fmt: skip
        marks = {
            "purpose": "stop-fraud",
            "data": "indicator",
            "subject": "suspect",
            "instrument": self._stage.agreement,
        }
        record = str(self._players["KR"].open("preservation", form, ["TH"], **marks)["record"])
        holder = self._players["TH"]
        holder.wait_state(record, "requested")
        until = self._stage.now() + 61 * DAY
        holder.act(
            record,
            "preserve",
            {"until": until, "custodian": "the messenger's regional office (played)", "reference": "PR-88"},
        )
        self._players["KR"].wait_state(record, "preserved")
        self.told.preserved = record
        self._say(
            "+45 min  the chat logs are preserved for 61 days at their regional office; two weeks before the end the desk is reminded"
        )

    def _orders(self) -> None:
        """+48 h and +68 h: the desk is reminded; +70 h and +71 h: the orders arrive; at +72 h nothing lapses that has an order."""
        ours, theirs = self.told.hops[f.C], self.told.hops[f.DEPOSIT]
        held = self._files.at(103)
        kh = self._players["KH"]
        for hours, kind in ((48, "remind-early"), (68, "remind-late")):
            self._stage.move(held + hours * HOUR + 60_000)
            kh.wait(kind, lambda kind=kind: kind in self._kinds("KH", ours))
            self.told.reminders.append(kind)
            self._say(f"+{hours} h  no order yet: KH's desk is reminded ({kind})")
        self._stage.move(held + 70 * HOUR)
        self._confirm("KH+", ours, 3_200_000)
        self._stage.move(held + 71 * HOUR)
        self._confirm("TH+", theirs, 91_000_000_000)
        self._stage.move(held + 72 * HOUR + 10 * 60_000)
        for name, record in (("KH", ours), ("TH", theirs)):
            self._players["KR"].wait_state(record, "confirmed")
            self.told.states[name] = self._players[name].state(record)
        self._say("+72 h  both holds stand on a court's order; without one they would have ended by themselves")

    def _confirm(self, player: str, record: str, amount: int) -> None:
        now = self._stage.now()
        form = {
            **COURT,
            "issued_at": now - HOUR,
            "until": now + 180 * DAY,
            "amount": amount,
            "reason": "the order is attached",
        }
        self._players[player].sign(record, "confirm", form)

    def _kinds(self, name: str, record: str) -> list[str]:
        return [fact["kind"] for fact in self._players[name].get(f"/records/{record}", reason=REASON)["facts"]]

    def _give_back(self, end: int) -> None:
        """The state takes the money into custody by two persons; a written rule divides it; each cent is explained and paid."""
        self._stage.move(end - 2 * HOUR)
        parts = ((f.C, "KH", 3_200_000, 3_200_000), (f.DEPOSIT, "TH", 91_000_000_000, 9_100_000))
        for account, node, amount, _ in parts:
            self._seize(node, self.told.hops[account], amount)
        holdings = [
            {"record": self.told.hops[account], "node": node, "amount": worth, "rate": "" if amount == worth else "91,000 USDT at 1.00"}
            for account, node, amount, worth in parts
        ]  # fmt: skip
        lead = self._players["KR"]
        opening = {
            "title": "Restitution V-KR-0417 and two others", "currency": "USD", "digits": 2, "rule": "fifo", "holdings": holdings,
            "basis": "judgment 2026-KA-19 (played)", "claims_until": self._stage.now() + HOUR,
        }  # fmt: skip
        marks = {
            "purpose": "recover-assets",
            "data": "payment",
            "subject": "victim",
            "instrument": self._stage.agreement,
        }
        record = str(lead.open("restitution", opening, ["KH", "TH"], **marks)["record"])
        self.told.restitution = record
        claims = [lead.act(record, "claim", self._claim(victim))["fact"] for victim in SHARES]
        self._stage.move(end)
        lines = self._lines(dict(zip(SHARES, claims, strict=True)))
        lead.act(record, "propose", {"lines": lines, "left": [0, 0], "reason": "as the written rule divides it"})
        self._players["KR+"].act(record, "approve", {"kind": "decide", "reason": "checked line by line"})
        lead.act(
            record,
            "decide",
            {"authority": "Seoul court (played)", "appeal_to": "the court of appeal", "reason": "undisputed"},
        )
        for number, line in enumerate(lines):
            paid = {"claim": line["claim"], "holding": line["holding"], "amount": line["amount"], "paid_at": self._stage.now(),
                    "proof": f"PAY-{number + 1}"}  # fmt: skip
            lead.act(record, "pay", paid)
            self.told.paid[line["victim"]] = self.told.paid.get(line["victim"], 0) + line["amount"]
        lead.act(record, "close", {"reason": "every line is paid"})
        total = sum(self.told.paid.values())
        self._say(f"later  {total / 100:,.2f} are given back by a written rule: " + ", ".join(
            f"{victim} {amount / 100:,.2f}" for victim, amount in self.told.paid.items()))  # fmt: skip

    def _seize(self, node: str, record: str, amount: int) -> None:
        self._players[f"{node}+"].act(record, "approve", {"kind": "seize", "reason": "the order is in force"})
        self._players[node].sign(
            record, "seize", {**COURT, "amount": amount, "custody": "state account 1 (played)", "reason": "by order"}
        )

    def _claim(self, victim: str) -> dict[str, Any]:
        """The victim's payment with what of it was traced into the holdings: the earlier victims' money came first."""
        own = victim == "V-KR-0417"
        traced = (
            [{"holding": 0, "amount": 3_200_000, "arrived_at": self._files.at(87)},
             {"holding": 1, "amount": 9_100_000, "arrived_at": self._files.at(104)}] if own
            else [{"holding": 1, "amount": SHARES[victim], "arrived_at": self._files.at(60)}]
        )  # fmt: skip
        paid = {"V-KR-0417": 12_540_000, "V-KR-0388": 1_500_000, "V-KR-0402": 600_000}[victim]
        return {
            "victim": victim,
            "transfer": f"uetr of {victim}",
            "paid_at": self._files.at(50),
            "amount": paid,
            "traced": traced,
            "case": "",
        }

    def _lines(self, claims: dict[str, str]) -> list[dict[str, Any]]:
        """The lines as the rule gives them, drawn up by the same arithmetic as every node checks them with."""
        from spean.restitution.model import Claim, Holding, TracedPart
        from spean.restitution.service import allocate

        forms = {victim: self._claim(victim) for victim in claims}
        made = {
            claims[victim]: Claim(**{**form, "traced": tuple(TracedPart(**part) for part in form["traced"])})
            for victim, form in forms.items()
        }  # fmt: skip
        holdings = (
            Holding(record=self.told.hops[f.C], node="KH", amount=3_200_000),
            Holding(record=self.told.hops[f.DEPOSIT], node="TH", amount=9_100_000, rate="91,000 USDT at 1.00"),
        )
        lines, _ = allocate(holdings, made, "fifo", ("USD", 2))
        return [
            {
                "claim": line.claim,
                "victim": line.victim,
                "holding": line.holding,
                "amount": line.amount,
                "why": line.why,
            }
            for line in lines
        ]
