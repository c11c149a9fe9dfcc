"""What foreign documents cost: rows read a second in each format, cancellation requests written and validated a second, memory of a long statement.

    python bench/formats.py [--rows N] [--gigabytes G] [--amlsim FILE] [--json]

Documents are generated. Processor time, median of three; memory is the growth of the process's peak while a statement of G gigabytes
streams through (G = 0 leaves it out). The goal: at least 1,000 camt.056 a second.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from spean.formats import amlsim
from spean.formats.bank_csv.read import read as read_table
from spean.formats.bank_csv.recognise import confirmed, recognise
from spean.formats.chain.read import read as read_chain
from spean.formats.iso.read import read as read_iso
from spean.formats.iso.write import (
    CancellationAnswer,
    CancellationRequest,
    InformationRequest,
    Institution,
    auth_001,
    camt_029,
    camt_056,
)
from spean.formats.model import Money, Payment, References

UETR = "{:08x}-0f6d-4c1a-9d53-0c3f5a7e90a1"
KNOWN = References(uetr=UETR.format(1), end_to_end="E2E-7", message="M-1")
ONE, OTHER = Institution("HNBKKRSE"), Institution("MKBAKHPP")
GOAL = 1_000
HEAD = "<GrpHdr><MsgId>M</MsgId><CreDtTm>2026-03-04T00:00:00Z</CreDtTm></GrpHdr>"


def document(name: str, before: str, record: Callable[[int], str], after: str, rows: int) -> Iterator[bytes]:
    """A message of ``rows`` records, in pieces of about 64 KB."""
    yield f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:{name}">{before}'.encode()
    waiting: list[str] = []
    size = 0
    for at in range(rows):
        waiting.append(record(at))
        size += len(waiting[-1])
        if size > 1 << 16:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    yield ("".join(waiting) + after + "</Document>").encode()


def transfer(at: int) -> str:
    return (
        f"<CdtTrfTxInf><PmtId><EndToEndId>E-{at}</EndToEndId><UETR>{UETR.format(at)}</UETR></PmtId>"
        f'<IntrBkSttlmAmt Ccy="USD">{at}.50</IntrBkSttlmAmt><IntrBkSttlmDt>2026-03-04</IntrBkSttlmDt><ChrgBr>SHAR</ChrgBr>'
        f"<Dbtr><Nm>Payer {at}</Nm></Dbtr><DbtrAcct><Id><Othr><Id>{at % 997}</Id></Othr></Id></DbtrAcct>"
        "<DbtrAgt><FinInstnId><BICFI>HNBKKRSE</BICFI></FinInstnId></DbtrAgt><CdtrAgt><FinInstnId><BICFI>MKBAKHPP</BICFI></FinInstnId></CdtrAgt>"
        f"<Cdtr><Nm>Payee {at}</Nm></Cdtr><CdtrAcct><Id><Othr><Id>{at % 1009}</Id></Othr></Id></CdtrAcct>"
        "<RmtInf><Ustrd>rent</Ustrd></RmtInf></CdtTrfTxInf>"
    )


def entry(at: int) -> str:
    return (
        f'<Ntry><NtryRef>{at}</NtryRef><Amt Ccy="USD">{at + 1}.50</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
        "<BookgDt><DtTm>2026-03-04T08:24:00Z</DtTm></BookgDt><ValDt><Dt>2026-03-04</Dt></ValDt>"
        "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>XBCT</SubFmlyCd></Fmly></Domn></BkTxCd>"
        f"<NtryDtls><TxDtls><Refs><EndToEndId>E-{at}</EndToEndId><UETR>{UETR.format(at)}</UETR></Refs><Amt Ccy='USD'>{at + 1}.50</Amt>"
        f"<RltdPties><Cdtr><Pty><Nm>Payee {at}</Nm></Pty></Cdtr><CdtrAcct><Id><Othr><Id>{at % 1009}</Id></Othr></Id></CdtrAcct></RltdPties>"
        "<RltdAgts><CdtrAgt><FinInstnId><BICFI>PPBKKHPP</BICFI></FinInstnId></CdtrAgt></RltdAgts>"
        "<RmtInf><Ustrd>invoice and thanks</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
    )


def order(rows: int) -> Iterator[bytes]:
    return document(
        "pacs.008.001.08", f"<FIToFICstmrCdtTrf>{HEAD}", lambda at: transfer(at + 1), "</FIToFICstmrCdtTrf>", rows
    )


def statement(rows: int) -> Iterator[bytes]:
    before = (
        f"<BkToCstmrStmt>{HEAD}<Stmt><Id>S</Id><Acct><Id><Othr><Id>0071</Id></Othr></Id>"
        "<Svcr><FinInstnId><BICFI>MKBAKHPP</BICFI></FinInstnId></Svcr></Acct>"
    )
    return document("camt.053.001.08", before, entry, "</Stmt></BkToCstmrStmt>", rows)


def table(rows: int) -> bytes:
    lines = (f'04/03/2026 08:24:{at % 60:02d},"{at + 1:,}.50",,{at}.00,{at % 1009},R-{at},rent\n' for at in range(rows))
    return (
        "Date,Debit,Credit,Balance,Counterparty account,Reference,Description\n14/03/2026 08:24:00,1.00,,1.00,1,R,x\n"
        + "".join(lines)
    ).encode()


def tokens(rows: int) -> bytes:
    one, two, usdt = "0x" + "5a" * 20, "0x", "0xdac17f958d2ee523a2206206994597c13d831ec7"
    lines = (f"0x{at:064x},1772588160,{one},{two}{at % 1009:040x},{at + 1}.5,{usdt},USDT\n" for at in range(rows))
    return ("Txhash,UnixTimestamp,From,To,TokenValue,ContractAddress,TokenSymbol\n" + "".join(lines)).encode()


def outputs(rows: int) -> bytes:
    record = {
        "vin": [{"prevout": {"scriptpubkey_address": "1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu", "value": 100}}],
        "vout": [{"scriptpubkey_address": "1KXrWXciRDZUpQwQmuM1DbwsKDLYAYsVLR", "value": 95}], "status": {"block_time": 1772588160},
    }  # fmt: skip
    return json.dumps([{**record, "txid": f"{at:064x}"} for at in range(rows // 3)]).encode()


def ledger(rows: int) -> bytes:
    return (
        "sourceNodeId,targetNodeId,value,time\n"
        + "".join(f"{at % 997},{at % 1009},{at + 1}.5,{at // 500}\n" for at in range(rows))
    ).encode()


def rate(act: Callable[[], int]) -> float:
    """Things a second of processor time, median of three."""
    found = []
    for _ in range(3):
        start = time.process_time()
        count = act()
        found.append(count / (time.process_time() - start))
    return statistics.median(found)


def counted(items: Iterable[object]) -> int:
    """How many payments; anything else would be a fault of this bench."""
    count = 0
    for item in items:
        if not isinstance(item, Payment):
            raise TypeError(f"not a payment: {item}")
        count += 1
    return count


def _count_iso(raw: list[bytes]) -> int:
    return counted(read_iso(raw))


def _count_chain(raw: bytes, chain: str) -> int:
    return counted(read_chain([raw], chain))


def reading(rows: int) -> dict[str, float]:
    """Payments a second, by format."""
    iso = {"pacs.008": list(order(rows)), "camt.053": list(statement(rows))}
    found = {name: rate(partial(_count_iso, raw)) for name, raw in iso.items()}
    bank = table(rows)
    mapping = confirmed(recognise(bank), currency="USD", account="1")
    found["bank CSV"] = rate(lambda: counted(read_table([bank], mapping)))
    for name, chain, raw in (("token CSV", "ethereum", tokens(rows)), ("UTXO JSON", "bitcoin", outputs(rows))):
        found[name] = rate(partial(_count_chain, raw, chain))
    made = ledger(rows)
    found["AMLSim CSV"] = rate(lambda: counted(amlsim.read([made])))
    return found


def writing(count: int) -> dict[str, float]:
    """Messages rendered and validated a second."""
    asked_back = CancellationRequest(
        "KR-1",
        "CASE-1",
        ONE,
        OTHER,
        1_772_586_060_000,
        KNOWN,
        Money(12_540_000, "USD"),
        1_772_586_060_000,
        text=("hold 320.00",),
    )
    answer = CancellationAnswer(
        "B-1", "CASE-1", OTHER, ONE, 1_772_586_060_000, KNOWN, "RJCR", "AM04", Money(100, "USD")
    )
    asked = InformationRequest("I-1", "Art. 5", True, 1, 1_772_586_060_000, "0071", False, OTHER, (("KYC", ""),))

    def many(act: Callable[[], bytes]) -> Callable[[], int]:
        return lambda: sum(1 for _ in range(count) if act())

    acts: dict[str, Callable[[], bytes]] = {
        "camt.056": lambda: camt_056(asked_back),
        "camt.029": lambda: camt_029(answer),
        "auth.001": lambda: auth_001(asked),
    }
    return {name: rate(many(act)) for name, act in acts.items()}


def streaming(gigabytes: float) -> dict[str, float]:
    """A long statement: megabytes that the peak grows by, seconds, and payments."""
    rows = int(gigabytes * (1 << 30) / len(entry(1_000_000)))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    size = 0

    def measured() -> Iterator[bytes]:
        nonlocal size
        for piece in statement(rows):
            size += len(piece)
            yield piece

    start = time.process_time()
    count = counted(read_iso(measured()))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return {
        "gigabytes": size / (1 << 30),
        "payments": count,
        "seconds, generating included": time.process_time() - start,
        "peak grown by, MB": grown,
    }


def main() -> int:
    """The tables, or one line of JSON."""
    parser = argparse.ArgumentParser(description="What foreign documents cost.")
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--gigabytes", type=float, default=1.0)
    parser.add_argument("--amlsim", type=Path, help="a transactions.csv of AMLSim, read as well")
    parser.add_argument("--json", action="store_true")
    how = parser.parse_args()
    memory = streaming(how.gigabytes) if how.gigabytes else {}
    found: dict[str, dict[str, float]] = {"streaming": memory, "read": reading(how.rows), "written": writing(2_000)}
    if how.amlsim:
        raw = how.amlsim.read_bytes()
        found["read"]["AMLSim, sample"] = rate(lambda: counted(amlsim.read([raw])))
    if how.json:
        print(json.dumps(found))
    else:
        for title, table_ in found.items():
            print(title)
            for name, value in table_.items():
                print(f"  {name:32} {value:>16,.1f}")
    return 0 if found["written"]["camt.056"] >= GOAL else 1


if __name__ == "__main__":
    raise SystemExit(main())
