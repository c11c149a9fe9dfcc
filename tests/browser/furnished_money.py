"""Money on the two desks: files, a followed case with requests in several states, an order for a bank, a restitution."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from browser.served import Served, until
from federation.moneyworld import BANKS, Paid, account, document, uetr
from spean.core.world import HOUR, MINUTE
from spean.node.acts.acting import Intent, Marks
from spean.node.entry.people import Who

OWN = Marks(purpose="stop-fraud", data="account", subject="victim")
TABLE = b"Date;Payer;Payee;Amount\n04.03.2026 10:00;1102-33-8402;3027-71-9918;1.250,00\n04.03.2026 10:01;3027-71-9918;8812-04-1200;900,00\n"
GOAML = (
    "<report><schema_version>5.0.2</schema_version><rentity_id>7</rentity_id><currency_code_local>KRW</currency_code_local><transaction>"
    "<transactionnumber>T1</transactionnumber><date_transaction>2026-03-04T08:00:00</date_transaction><amount_local>2.5</amount_local>"
    "<t_from><from_account><swift>HNBKKRSE</swift><account>110233840277</account><account_name>김 도윤</account_name></from_account></t_from>"
    "<t_to><to_person><first_name>Sok</first_name><last_name>Dara</last_name><phones><phone><tph_number>+85512345678</tph_number></phone>"
    "</phones></to_person></t_to></transaction></report>"
).encode()
DAMAGED = b"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'><BkToCstmrStmt>"


class Money:
    """What KR's officers see of money; names of cases, files, records."""

    def __init__(self, kr: Served, kh: Served, marks: Marks) -> None:
        self.kr, self.kh = kr, kh
        self._marks = replace(marks, data="account")
        start = kr.node.clock.now() - HOUR
        self._story = (
            Paid(1, "KR11023402", "KR30271918", 12_540_000, start), Paid(2, "KR30271918", "KH00711155", 12_540_000, start + 17 * MINUTE),
            Paid(3, "KH00711155", "KH88040012", 5_200_000, start + 22 * MINUTE), Paid(4, "KH00711155", "KH88040031", 4_100_000, start + 23 * MINUTE),
        )  # fmt: skip
        self.files = self._give()
        self.idle = self._report("V-KR-0500")
        self.case = self._report("V-KR-0417")
        self.sent = self._follow()
        self.ordered = self._order()
        self.asked = self._ask()
        self.restitution = self._restitution()

    @property
    def who(self) -> Who:
        return self.kr.who()

    def _give(self) -> dict[str, str]:
        """Files that are read, that wait for an answer, that are damaged."""
        take = self.kr.node.money.take_file
        read = take(self.who, "statement.xml", [document(self._story[:2])], wait=True)
        self.kh.node.money.take_file(self.kh.who(), "statement.xml", [document(self._story[1:])], wait=True)
        asking = take(self.who, "ตารางธนาคาร.csv", [TABLE], hints={"keeper": BANKS["KR"]}, wait=True)
        failed = take(self.who, "broken.xml", [DAMAGED], "C", 3, wait=True)
        report = take(self.who, "str.xml", [GOAML], wait=True)
        assert report.named, report
        return {"report": report.id} | {each.state: each.id for each in (read, asking, failed)}

    def _report(self, victim: str) -> str:
        paid = self._story[0]
        told = {"transferred_at": paid.at, "amount": paid.amount, "currency": "USD", "digits": 2, "sender_account": account(paid.payer),
                "account": account(paid.payee), "uetr": uetr(paid.number)}  # fmt: skip
        form = {"victim": victim, "reported_at": paid.at + 40 * MINUTE, "payments": [told], "contact_name": "Duty officer",
                "contact_phone": "+82 2 1394"}  # fmt: skip
        acting = self.kr.node.acting
        record = acting.act(self.who, Intent(kind="report", procedure="fraud-report", form=form, marks=OWN)).record
        self.kr.act(record, "validate")
        return record

    def _follow(self) -> str:
        """The money of the case; one of its places was asked, and its desk has read it."""
        money = self.kr.node.money
        money.trace(self.who, self.case)
        places = until(lambda: self._abroad(), "KH's answer about the way of the money")
        (sent, *_) = money.send(self.who, self.case, [places[0]])
        assert sent.done is not None, sent.error
        self.kh.wait(sent.done.record, "sent")
        self.kh.act(sent.done.record, "acknowledge")
        self.kr.wait(sent.done.record, "acknowledged")
        return sent.done.record

    def _abroad(self) -> list[tuple[str, str]]:
        sheet = self.kr.node.money.sheet(self.who, self.case, reason="to furnish the desks")
        found = [(hop.node, hop.account) for hop in sheet.hops if hop.state == "to-send" and hop.next]
        return found if len(found) > 1 else []

    def _order(self) -> str:
        """A request of KH that KR's desk has ordered of a bank."""
        now = self.kh.node.clock.now()
        form: dict[str, Any] = {
            "case": "KH:fraud-report:played", "hop": 2, "victim": "V-KH-0003", "reported_at": now, "transferred_at": now - HOUR,
            "arrived_at": now - HOUR, "amount": 300_000, "currency": "USD", "digits": 2, "payment": "uetr:played", "part_from": 0,
            "part_to": 300_000, "institution": BANKS["KR"], "account": f"{BANKS['KR']}/302771209918", "holder_name": "김 도윤",
            "channel": "remittance", "scam_type": "job", "located": 300_000, "claimed": 300_000, "rule": "fifo", "asked": 300_000,
            "basis": "Law on fraud, article 12 (played)", "contact_name": "Phnom Penh desk", "contact_phone": "+855 12 345 678",
        }  # fmt: skip
        record = self.kh.open("stop-payment", "send", form, "KR", replace(self._marks, subject="suspect")).record
        self.kr.wait(record, "sent")
        self.kr.act(record, "acknowledge")
        self.kr.node.money.order(self.who, record, contact_name="Seoul desk", contact_phone="+82 2 1394")
        return record

    def _ask(self) -> str:
        """KR's desk asks the same bank about the account: one question is answered in part, one is open; the open one."""
        about = ["holder", "signatories", "opened", "balance", "statement"]
        form = {"institution": BANKS["KR"], "account": f"{BANKS['KR']}/302771209918", "about": about,
                "since": self.kr.node.clock.now() - 24 * HOUR, "basis": "Act, art. 4 (played)", "contact_name": "Seoul desk",
                "contact_phone": "+82 2 1394", "due_at": self.kr.node.clock.now() + HOUR}  # fmt: skip
        acting = self.kr.node.acting
        first, second = (
            acting.act(self.who, Intent(kind="inquire", form=form, record=self.ordered)).fact for _ in range(2)
        )
        said = {"inquiry": first, "status": "complete", "holders": [{"name": "김 도윤"}]}
        acting.act(self.who, Intent(kind="answered", form=said, record=self.ordered))
        return second

    def _restitution(self) -> str:
        now = self.kr.node.clock.now()
        form = {"title": "Han and others", "currency": "USD", "digits": 2, "rule": "fifo", "basis": "Act on restitution (played)",
                "holdings": [{"record": self.sent, "node": "KH", "amount": 100_000}], "claims_until": now + HOUR}  # fmt: skip
        record = self.kr.open("restitution", "open", form, "KH", replace(self._marks, subject="victim")).record
        for number, victim in enumerate(("V-KR-0417", "V-KR-0002")):
            part = {"holding": 0, "amount": 80_000, "arrived_at": now - number}
            self.kr.act(
                record,
                "claim",
                {
                    "victim": victim,
                    "transfer": f"t-{number}",
                    "paid_at": now - HOUR,
                    "amount": 90_000,
                    "traced": [part],
                },
            )
        return record
