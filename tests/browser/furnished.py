"""What lies on the two desks when a test begins: an agreement, requests in several states both ways, a list, a correction, an alarm."""

from __future__ import annotations

from dataclasses import replace

from browser.furnished_known import Known
from browser.furnished_money import Money
from browser.furnished_same import Same
from browser.served import Pair, Served, until
from spean.core.errors import Refusal
from spean.node.acts.acting import Marks

PEERING = Marks(instrument="peering", data="agreement", purpose="coordinate", subject="none")
TEXT = {
    "title": "Memorandum on stopping fraud (played)", "parties": ["KH", "KR"], "purposes": ["stop-fraud", "investigate-fraud", "warn"],
    "data": ["wallet", "phone", "account"], "subjects": ["none", "suspect", "victim", "other"], "tlp_ceiling": "AMBER",
    "handling": ["H0", "H1"], "retention_days": 365, "starts": "2026-01-01", "articles": {"4": "Wallets may be asked about."},
    "cites": {"purpose": "4"},
}  # fmt: skip
FACTS = "A victim in Incheon sent her savings to a wallet that a friend from the internet had named."
REQUEST = {
    "offence": "fraud", "facts": FACTS,
    "items": [{"selector": "wallet", "value": "TPlayedWallet0001", "chain": "tron", "question": "Who owns it? Shop: ហាងទូរស័ព្ទ សុខា"}],
    "need": "The wallet is the only trace that is left.", "proportionality": "One wallet, one question.",
    "urgency": "urgent-direct", "urgency_reason": "The money moves on within minutes.",
}  # fmt: skip
LIST = {"title": "Wallets named by victims", "source": "desk of Seoul (played)", "data": "wallet"}
SIGNED = {"capacity": "Director of cooperation", "authority": "Full powers (played)"}


class Furnished:
    """A pair of nodes and the names of what lies there."""

    def __init__(self, pair: Pair) -> None:
        self.kr, self.kh = pair.kr, pair.kh
        self._pair = pair
        self.agreement = self._agree()
        self.requests = {
            state: self.ask(state) for state in ("sent", "acknowledged", "accepted", "answered", "refused")
        }
        self.asked = {state: self.ask(state, back=True) for state in ("sent", "accepted")}
        """The requests of KH that wait at KR's desk."""
        self.fact = ""
        self.list = self._circulate()
        self.draft = self.kr.open("agreement", "propose", {**TEXT, "title": "A draft (played)"}, "KH", PEERING).record
        self.desk = self._desk()
        self.theirs = self._opening(self.asked["accepted"])
        """A fact of KH that KR may ask to pass on."""
        self.note = self.kr.node.handing_over.hand_over(
            self.kr.who(), "Quiet night; the wallet of Incheon waits for KH."
        ).fact
        self._try_forbidden()
        self.money = Money(self.kr, self.kh, self.marks)
        self.known = Known(self.kr)
        self.same = Same(self.kr, self.known.same, self.agreement)

    def stop(self) -> None:
        """End both nodes."""
        self._pair.stop()

    @property
    def marks(self) -> Marks:
        """Marks under which everything here may travel."""
        return Marks(instrument=self.agreement, purpose="stop-fraud", data="wallet", subject="suspect")

    def ask(self, state: str, *, back: bool = False) -> str:
        """A request of KR to KH, or back, brought into that state at both ends."""
        asker, holder = (self.kh, self.kr) if back else (self.kr, self.kh)
        record = asker.open("information-request", "send", REQUEST, holder.name, self.marks).record
        holder.wait(record, "sent")
        if state != "sent":
            holder.act(record, "acknowledge", {"reference": f"{holder.name}-2026-0311"})
        if state in ("accepted", "answered"):
            holder.act(record, "accept")
        if state == "answered":
            holder.act(record, "answer", {"findings": [{"item": 0, "known": True, "text": "Seen in one report."}]})
        if state == "refused":
            holder.act(
                record, "refuse", {"ground": "not-held-or-obtainable", "reason": "the exchange left the country"}
            )
        asker.wait(record, state)
        return record

    def _agree(self) -> str:
        done = self.kr.open("agreement", "propose", TEXT, "KH", PEERING)
        self.kr.act(done.record, "submit", {"reason": "the text is final"})
        for served in (self.kr, self.kh):
            served.wait(done.record, "legal-review")
            served.act(done.record, "sign", SIGNED, (done.fact,))
        for served in (self.kr, self.kh):
            served.wait(done.record, "in-force")
        return done.record

    def _circulate(self) -> str:
        """A published list of three wallets; the second entry is corrected, the third withdrawn."""
        record = self.kr.open("circular", "open", LIST, "KH", self.marks).record
        forms = [{"kind": "wallet", "value": f"TPlayedWallet{n:04d}", "chain": "tron"} for n in range(1, 4)]
        facts = [self.kr.act(record, "entry", form).fact for form in forms]
        self.fact = facts[0]
        self.kr.sign(record, "publish", {"reason": "named by victims", "entries": 3, "statement": "as victims told"})
        self.kh.wait(record, "published")
        recalling, who = self.kr.node.recalling, self.kr.who()
        recalling.correct(who, facts[1], {**forms[1], "value": "TPlayedWallet0009"}, "a digit was wrong")
        recalling.withdraw(who, facts[2], "named by mistake")
        until(lambda: all(_erased(self.kr, fact) for fact in facts[1:]), "the confirmations of both recalls")
        return record

    def _desk(self) -> str:
        """KH's desk in the directory, as KR sees it."""
        form = {
            "name": "Phnom Penh desk (played)",
            "languages": ["km", "en"],
            "phone": "+85512345678",
            "always_open": True,
            "countries": ["KH"],
        }
        record = self.kh.open("desk", "publish", form, "KR", replace(PEERING, data="directory")).record
        self.kr.wait(record, "published")
        return record

    def _opening(self, record: str) -> str:
        found = self.kr.node.reading_desk.record(self.kr.who(), record, reason="to furnish the desks")
        return found.facts[0].row.id

    def _try_forbidden(self) -> None:
        """An act that no agreement permits, so that the log holds a refusal."""
        marks = Marks(instrument=self.agreement, purpose="stop-fraud", data="document", subject="suspect")
        try:
            self.kr.open("information-request", "send", REQUEST, "KH", marks)
        except Refusal as refused:
            self.kr.node.reading_desk.note_refusal(self.kr.who(), refused, "POST /new/information-request")
        else:
            raise AssertionError("the agreement does not cover documents")


def _erased(served: Served, fact: str) -> bool:
    found = served.node.recalling.holding(fact)
    return bool(found) and all(each.outcome == "erased" for each in found)
