"""A second case, left to whoever tries the demo: traced and asked for; the bank's desk has the order and has not answered."""

from __future__ import annotations

from typing import Any

from spean.demo.minutes.files import CPB, HNB, SECOND_PAYEE, SECOND_PAYER, Files
from spean.demo.minutes.stage import Stage
from spean.demo.minutes.story import CONTACT, loaded


def leave(stage: Stage) -> tuple[str, str]:
    """The case at KR, and the request at TH whose order waits at the bank's desk."""
    now = stage.now()
    files = Files(now - 20 * 60_000)
    for node in ("KR", "TH"):
        loaded(stage.players[node], files.second_case())
    paid = {
        "transferred_at": files.at(0), "amount": 48_500_00, "currency": "USD", "digits": 2, "sender_institution": HNB,
        "sender_account": SECOND_PAYER, "institution": CPB, "account": SECOND_PAYEE, "uetr": files.second_uetr, "channel": "bank-transfer",
    }  # fmt: skip
    form: dict[str, Any] = {
        "victim": "V-KR-0521", "reported_at": now, "through": "1394", "scam_type": "job", "payments": [paid],
        "story": "A deposit for a job that does not exist.", **CONTACT,
    }  # fmt: skip
    asker, holder = stage.players["KR"], stage.players["TH"]
    case = str(asker.open("fraud-report", form, [], purpose="stop-fraud", data="account", subject="victim")["record"])
    asker.act(case, "validate", {})
    asker.post(f"/money/cases/{case}/trace", {})
    (sent,) = asker.post(f"/money/cases/{case}/send", {"places": [], **CONTACT})
    record = str(sent["record"])
    holder.wait_state(record, "sent")
    holder.act(record, "acknowledge", {"reference": "TH-2026-0521"})
    holder.post(f"/money/requests/{record}/order", {"what": "hold", **CONTACT})
    return case, record
