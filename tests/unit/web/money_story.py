"""The money of DOMAIN 8.1 as pages are told of it, for tests of pages alone: invented accounts and people."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from spean.node.money.model import Edge, Hop, HopState, ImportState, MoneySheet, Order, Place, Sum, Unanswered

CASE = "KR:fraud-report:01JNF0000000000000000C8A1E"
HOP_C = "KR:stop-payment:01JNF0000000000000000000HC"
HOP_W = "KR:stop-payment:01JNF0000000000000000000HW"
VICTIM, MULE, MKB = "HNBKKRSE/110233418402", "HNBKKRSE/302771209918", "MKBAKHPP/0071000055"
A, B, C, SOK = "PPBKKHPP/88120412", "PPBKKHPP/88120431", "ABKAKHPP/5000107", "PPBKKHPP/88120477"
WALLET = "tron:0x2b6653dc:TFictWa11etAddressForPagesX7Kq"
SIAM = "tron:0x2b6653dc:TSiamxDep0sitForPages000009mWd"


def krw(amount: int) -> Sum:
    return Sum(amount=amount, currency="KRW", digits=0)


def usd(amount: int) -> Sum:
    """Whole dollars."""
    return Sum(amount=amount * 100, currency="USD", digits=2)


def usdt(amount: int) -> Sum:
    """Whole tokens."""
    return Sum(amount=amount * 1_000_000, currency="USDT", digits=6)


def edge(number: int, payer: str, payee: str, hop: int, amount: Sum, at: int, **more: Any) -> Edge:
    fields: dict[str, Any] = {
        "payment": f"pay-{number:04d}", "payer": payer, "payee": payee, "node": "KH", "hop": hop, "located": amount,
        "claimed": amount, "time": at, "document": f"camt.054.001.08, Ntry[{number}]", "source": "B", "grade": 2,
        "reference": f"MKB-2026-{number:04d}", "fact": "",
    }  # fmt: skip
    return Edge(**{**fields, **more})


def place(account: str, node: str, name: str, hop: int, located: Sum | None, **more: Any) -> Place:
    rests = () if located is None else (located,)
    fields: dict[str, Any] = {
        "account": account, "node": node, "name": name, "hop": hop, "located": rests, "claimed": rests, "lowest": None,
        "record": "",
    }  # fmt: skip
    return Place(**{**fields, **more})


def hop(account: str, node: str, number: int, state: HopState, amount: Sum, now: int, **more: Any) -> Hop:
    none = replace(amount, amount=0)
    fields: dict[str, Any] = {
        "case": CASE, "record": "", "node": node, "institution": account.split("/")[0], "account": account, "hop": number,
        "state": state, "located": amount, "claimed": amount, "asked": amount, "held": none, "lost": none, "rule": "fifo",
        "since": now - 900_000, "due_at": None, "due": "", "next": "", "value": 0,
    }  # fmt: skip
    return Hop(**{**fields, **more})


def hops(now: int) -> tuple[Hop, ...]:
    """C is held, TH is to be asked, A was too late, B has not answered, Sok complains."""
    return (
        hop(C, "KH", 3, "held", usd(32_000), now, record=HOP_C, held=usd(32_000), due_at=now + 70 * 3_600_000, due="lapse"),
        hop(B, "KH", 3, "sent", usd(39_850), now, record=f"{HOP_C[:-2]}HB", due_at=now + 130_000, due="escalate"),
        hop(A, "KH", 3, "too-late", usd(52_000), now, record=f"{HOP_C[:-2]}HA", lost=usd(52_000)),
        hop(SOK, "KH", 4, "disputed", usd(1_150), now, record=f"{HOP_C[:-2]}HS", held=usd(1_150),
            due_at=now + 3 * 3_600_000, due="complaint-overdue", next="uphold"),
        hop(SIAM, "TH", 5, "to-send", usdt(91_000), now, institution="SIAMX", next="send", value=91_000_000_000),
        hop(WALLET, "", 4, "to-send", usdt(500), now, institution="", next="send", value=500_000),
    )  # fmt: skip


def sheet(now: int, **more: Any) -> MoneySheet:
    """The whole case as KR's desk sees it at 01:46."""
    at = now - 2_640_000
    edges = (
        edge(
            1,
            VICTIM,
            MULE,
            1,
            krw(184_000_000),
            at,
            node="KR",
            document="camt.053.001.08, Stmt[1]/Ntry[7]",
            source="A",
            grade=1,
        ),
        edge(2, MULE, MKB, 2, krw(184_000_000), at + 1_020_000, node="KR", converted=usd(125_400), source="A", grade=1),
        edge(3, MKB, A, 3, usd(52_000), at + 1_320_000),
        edge(4, MKB, B, 3, usd(41_000), at + 1_380_000),
        edge(5, MKB, C, 3, usd(32_000), at + 1_500_000),
        edge(6, B, SOK, 4, usd(1_150), at + 1_680_000, document="", fact="ab" * 32),
        edge(7, A, WALLET, 4, usd(52_000), at + 2_040_000, converted=usdt(51_802), document="bank-csv, line 12"),
        edge(
            8,
            B,
            WALLET,
            4,
            usd(39_850),
            at + 2_050_000,
            converted=usdt(39_698),
            document="bank-csv, line 13",
            claimed=usd(30_000),
        ),
        edge(9, WALLET, SIAM, 5, usdt(91_000), at + 2_520_000, node="TH", document="chain:tron, 4"),
    )
    places = (
        place(VICTIM, "KR", "Han Seo-yun", 0, None), place(MULE, "KR", "김 도윤", 1, None), place(MKB, "KH", "Chan V.", 2, usd(400), lowest=usd(400)),
        place(A, "KH", "Ly P.", 3, None), place(B, "KH", "Ly P.", 3, None),
        place(C, "KH", "សុខ ដារ៉ា", 3, usd(32_000), lowest=usd(32_000), record=HOP_C),
        place(SOK, "KH", "Sok (rice)", 4, usd(1_150)), place(WALLET, "", "", 4, usdt(500)), place(SIAM, "TH", "K. P.", 5, usdt(91_000)),
    )  # fmt: skip
    every = hops(now)
    fields: dict[str, Any] = {
        "case": CASE, "reference": "V-KR-0417", "payment": "pay-0001", "reported": krw(184_000_000), "locate": "lifo",
        "claim": "fifo", "traced_at": now - 4_000, "again": "pay-0009", "edges": edges, "places": places,
        "unanswered": (Unanswered(node="VN", amount=usd(400), why="no answer within 60 seconds"),), "hops": every,
        "asked": (usd(125_000),), "held": (usd(33_150),), "lost": (usd(52_000),),
    }  # fmt: skip
    return MoneySheet(**{**fields, **more})


def state(name: str, now: int, **more: Any) -> ImportState:
    fields: dict[str, Any] = {
        "id": name, "name": f"{name}.csv", "document": "bank-csv", "state": "done", "bytes_read": 1_000_000,
        "bytes_all": 1_000_000, "taken": 12_041, "twice": 3, "rejected": 0, "late": 0, "why": "", "by": "Lee Hana", "at": now,
        "source": "B", "grade": 2,
    }  # fmt: skip
    return ImportState(**{**fields, **more})


def order(now: int, **more: Any) -> Order:
    fields: dict[str, Any] = {
        "record": HOP_C, "account": C, "holder_name": "សុខ ដារ៉ា", "amount": usd(32_000), "basis": "Law on fraud, art. 12 (played)",
        "expires_at": now + 72 * 3_600_000, "ordered_at": now - 60_000, "contact": "Phnom Penh desk, +855 12 345 678",
        "reference": "KH-2026-0311", "state": "acknowledged", "held": usd(0), "signed": "cd" * 32,
    }  # fmt: skip
    return Order(**{**fields, **more})
