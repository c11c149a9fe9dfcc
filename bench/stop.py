"""From a victim's report to the first request on the other desk, and messages to banks.

Usage: python bench/stop.py [--reports 20] [--payments 20000] [--json]
Goals: report to first stop request delivered at the other node at most 5 s, without the time in which people think; camt.056 rendered
and validated at least 1,000 a second (CPU). Two of four served nodes with real lines and stores; the asker's ledger holds ``--payments``
payments beside the victims'. Each report is taken down, validated, traced and sent over REST as pages do it; the time ends when the
request stands in the other node's store. What people do in between, reading and deciding, takes no time here.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from formats import writing
from spean.core.world import SystemClock, iso
from spean.demo.federation import Federation
from spean.demo.minutes.files import HNB, MKB, File
from spean.demo.minutes.stage import desk_form
from spean.demo.minutes.story import CONTACT, loaded
from spean.demo.story import MEMORANDUM

GOAL_MS, GOAL_RATE = 5_000.0, 1_000.0
AMOUNT = 1_000_000


def uetr(number: int) -> str:
    return f"{number:08x}-0417-4000-a000-{number:012x}"


def documents(reports: int, payments: int) -> list[File]:
    """One file of payments within the country, one of the victims' abroad."""
    now = SystemClock().now() - 3_600_000
    inner = [(f"{HNB}/1{n % 9973:08d}", f"{HNB}/2{n * 7 % 9973:08d}", reports + n, now + n) for n in range(payments)]
    outer = [(f"{HNB}/9{n:08d}", f"{MKB}/5{n:08d}", n, now + payments + n) for n in range(reports)]
    return [File("inner.xml", _order(inner)), File("victims.xml", _order(outer))]


def _order(rows: list[tuple[str, str, int, int]]) -> bytes:
    body = "".join(_transfer(*row) for row in rows)
    head = f"<GrpHdr><MsgId>B{len(rows)}</MsgId><CreDtTm>{iso(rows[0][3])}</CreDtTm></GrpHdr>"
    text = f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"><FIToFICstmrCdtTrf>{head}{body}</FIToFICstmrCdtTrf></Document>'
    return f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode()


def _transfer(payer: str, payee: str, number: int, at: int) -> str:
    sides = "".join(
        f"<{side}Acct><Id><Othr><Id>{account}</Id></Othr></Id></{side}Acct><{side}Agt><FinInstnId><BICFI>{bank}</BICFI></FinInstnId></{side}Agt>"
        for side, (bank, _, account) in (("Dbtr", payer.partition("/")), ("Cdtr", payee.partition("/")))
    )
    return (
        f"<CdtTrfTxInf><PmtId><EndToEndId>E{number}</EndToEndId><UETR>{uetr(number)}</UETR></PmtId>"
        f'<IntrBkSttlmAmt Ccy="USD">{AMOUNT // 100}.00</IntrBkSttlmAmt><AccptncDtTm>{iso(at)}</AccptncDtTm>{sides}</CdtTrfTxInf>'
    )


def agree(federation: Federation) -> None:
    """An agreement among all, and the directory."""
    desks = {name: played.desk for name, played in federation.nodes.items()}
    marks = {"instrument": "peering", "data": "agreement", "purpose": "coordinate", "subject": "none"}
    done = desks["INT"].open("agreement", MEMORANDUM, ["KH", "KR", "TH"], **marks)
    desks["INT"].act(done["record"], "submit", {"reason": "the text is final"})
    for desk in desks.values():
        desk.wait_state(done["record"], "legal-review")
        desk.act(done["record"], "sign", {"capacity": "Director", "authority": "Full powers"}, [done["fact"]])
    for desk in desks.values():
        desk.wait_state(done["record"], "in-force")
    others = [name for name in desks if name != "KH"]
    desks["KH"].open("desk", desk_form("KH"), others, **{**marks, "data": "directory"})
    desks["KR"].wait("the directory", lambda: desks["KR"].get("/directory")["desks"])


def one(federation: Federation, number: int) -> dict[str, float]:
    """One report; milliseconds of each part of the way."""
    asker, holder = federation.nodes["KR"].desk, federation.nodes["KH"].desk
    now = SystemClock().now()
    paid = {
        "transferred_at": now - 3_000_000, "amount": AMOUNT, "currency": "USD", "digits": 2, "uetr": uetr(number),
        "sender_account": f"{HNB}/9{number:08d}", "account": f"{MKB}/5{number:08d}", "channel": "bank-transfer",
    }  # fmt: skip
    form = {"victim": f"V-{number}", "reported_at": now, "payments": [paid], **CONTACT}
    marks = [time.perf_counter()]
    case = asker.open("fraud-report", form, [], purpose="stop-fraud", data="account", subject="victim")["record"]
    asker.act(case, "validate", {})
    marks.append(time.perf_counter())
    asker.post(f"/money/cases/{case}/trace", {})
    marks.append(time.perf_counter())
    (sent,) = asker.post(f"/money/cases/{case}/send", {"places": [], **CONTACT})
    marks.append(time.perf_counter())
    holder.wait_state(sent["record"], "sent")
    marks.append(time.perf_counter())
    names = ("report", "trace", "send", "deliver")
    parts = {name: (end - start) * 1000 for name, start, end in zip(names, marks, marks[1:], strict=False)}
    return {**parts, "all": (marks[-1] - marks[0]) * 1000}


def measure(reports: int, payments: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="spean-bench-") as folder:
        federation = Federation(Path(folder) / "nodes")
        try:
            federation.make()
            federation.start()
            agree(federation)
            start = time.perf_counter()
            loaded(federation.nodes["KR"].desk, documents(reports, payments))
            filled = time.perf_counter() - start
            found = [one(federation, number) for number in range(reports)]
        finally:
            federation.stop()
    names = tuple(found[0])
    rows = {name: [round(statistics.median(v), 1), round(sorted(v)[-max(1, len(v) // 20)], 1)]
            for name in names for v in [[each[name] for each in found]]}  # fmt: skip
    rate = writing(500)["camt.056"]
    return {
        "reports": reports, "payments": payments, "import_per_s": round((payments + reports) / filled), "ms": rows,
        "camt056_per_cpu_s": round(rate), "load": round(os.getloadavg()[0], 1),
        "ok": rows["all"][1] <= GOAL_MS and rate >= GOAL_RATE,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=20)
    parser.add_argument("--payments", type=int, default=20_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = measure(options.reports, options.payments)
    if options.json:
        print(json.dumps(result))
        return
    print(
        f"{result['reports']} reports beside {result['payments']:,} payments (load {result['load']}); files came in at {result['import_per_s']:,}/s"
    )
    print(f"{'part of the way':16} {'p50 ms':>8} {'p95 ms':>8}")
    for name, (median, high) in result["ms"].items():
        print(f"{name:16} {median:>8} {high:>8}" + (f"   goal {GOAL_MS:.0f}" if name == "all" else ""))
    print(f"camt.056 rendered and validated: {result['camt056_per_cpu_s']:,} a CPU second (goal {GOAL_RATE:,.0f})")
    print("all goals met" if result["ok"] else "a goal was MISSED")


if __name__ == "__main__":
    main()
