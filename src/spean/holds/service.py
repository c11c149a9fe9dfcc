"""What a hop amounts to now, what its account's holder is told, and the public count of wrong holds (R35, R36, R51)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from spean.core.world import HOUR, iso
from spean.holds.model import Confirmation, Easing, Hold, Prolonging, Release, Returned, StopRequest
from spean.procedures.acts import Act

RUNNING = frozenset({"held", "disputed", "confirmed", "seized", "allocated", "paid-out"})
"""States in which money is stopped."""
SECURED = RUNNING | {"returned"}
"""States in which money is not lost to the victim."""
_LATER = ("hold", "review", "extend", "confirm")
"""What names an end, in the order in which it can follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One hop in amounts of its currency. ``until`` is the end of the hold in ms; 0 while nothing is held."""

    asked: int
    held: int
    """What is stopped, or came back, in its present state."""
    lost: int
    """Asked and neither stopped nor on its way."""
    currency: str
    digits: int
    until: int
    whole_account: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongHold:
    """A hold that should not have been: of how much, and for how long (ms)."""

    holder: str
    currency: str
    digits: int
    amount: int
    lasted: int
    complained: int | None
    """From the complaint to the release; None when nobody complained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldFigures:
    """A country's holds (R36): how many were made, lapsed without order, were wrong, and the hours until those were free."""

    holder: str
    holds: int
    lapsed: int
    wrong: int
    hours_to_release: tuple[float, ...]
    """Of the wrong ones, from hold to release, the shortest first."""
    overdue: int
    """Complaints that were not decided in time."""


def standing(acts: Sequence[Act], state: str) -> Standing | None:
    """The hop from its acts that count; None while the request cannot be read."""
    forms = {act.kind: act.body for act in sorted(acts, key=lambda act: (act.time, act.id)) if act.body is not None}
    request = forms.get("send")
    if not isinstance(request, StopRequest):
        return None
    hold, back = forms.get("hold"), forms.get("report-return")
    held = 0
    if state in RUNNING and isinstance(hold, Hold):
        held = held_of(acts, hold)
    elif state == "returned" and isinstance(back, Returned):
        held = back.amount
    pending = state in ("sent", "acknowledged")
    return Standing(
        asked=request.asked, held=held, lost=0 if pending else max(0, request.asked - held), currency=request.currency,
        digits=request.digits, until=end_of(acts) if state in ("held", "disputed", "confirmed") else 0,
        whole_account=isinstance(hold, Hold) and hold.scope == "whole-account",
    )  # fmt: skip


def held_of(acts: Iterable[Act], hold: Hold) -> int:
    """What is held after all easing; in whatever order it was eased, the least counts."""
    return min([hold.amount, *(act.body.stays for act in acts if isinstance(act.body, Easing))])


def end_of(acts: Iterable[Act]) -> int:
    """When the hold ends by itself, by the last act that names an end; 0 when none is readable."""
    last = max(
        (act for act in acts if isinstance(act.body, Hold | Prolonging | Confirmation)),
        key=lambda act: (act.time, _LATER.index(act.kind), act.id),
        default=None,
    )
    return 0 if last is None or last.body is None else int(last.body.until)


def notice(hold: Hold, account: str) -> tuple[tuple[str, str], ...]:
    """What the holder of the account is told at once (R51), as lines of name and value: amount, basis, end, whom to ask."""
    return (
        ("account", account),
        ("amount", amount_words(hold.amount, hold.digits, hold.currency)),
        ("basis", hold.basis),
        ("until", iso(hold.until)),
        ("contact", f"{hold.notice.contact_name}, {hold.notice.contact_phone}"),
        ("rest", "frozen by a judge's decision" if hold.scope == "whole-account" else "free to use"),
    )


def amount_words(amount: int, digits: int, currency: str) -> str:
    """Minor units as people write them: 115000 with two digits is ``1150.00 USD``."""
    text = str(amount).zfill(digits + 1)
    return f"{text[:-digits]}.{text[-digits:]} {currency}" if digits else f"{text} {currency}"


def payment_names(request: StopRequest) -> tuple[str, ...]:
    """By what two requests are about one payment on one account: its name in the ledger, or what banks and chains call it."""
    told = ("payment", request.payment), ("uetr", request.uetr), ("hash", request.transaction_hash)
    return tuple("\n".join((kind, request.account, name.casefold())) for kind, name in told if name)


def wrong_hold(acts: Sequence[Act]) -> WrongHold | None:
    """The hold of these acts if it was released as wrong."""
    found = {act.kind: act for act in acts}
    made, free = found.get("hold"), found.get("release")
    if made is None or free is None or not isinstance(free.body, Release) or not free.body.wrong:
        return None
    hold = made.body if isinstance(made.body, Hold) else None
    complaints = [act.time for act in acts if act.kind == "complain"]
    return WrongHold(
        holder=made.node, currency="" if hold is None else hold.currency, digits=0 if hold is None else hold.digits,
        amount=0 if hold is None else hold.amount, lasted=free.time - made.time,
        complained=free.time - min(complaints) if complaints else None,
    )  # fmt: skip


def figures(records: Iterable[Sequence[Act]]) -> tuple[HoldFigures, ...]:
    """The public count per country, over all hops with their acts that count."""
    counts: dict[str, dict[str, int]] = {}
    hours: dict[str, list[float]] = {}
    for acts in records:
        made = next((act for act in acts if act.kind == "hold"), None)
        if made is None:
            continue
        kinds = {act.kind for act in acts}
        wrong = wrong_hold(acts)
        count = counts.setdefault(made.node, {"holds": 0, "lapsed": 0, "wrong": 0, "overdue": 0})
        count["holds"] += 1
        count["lapsed"] += "lapse" in kinds
        count["wrong"] += wrong is not None
        count["overdue"] += "complaint-overdue" in kinds
        if wrong is not None:
            hours.setdefault(made.node, []).append(wrong.lasted / HOUR)
    return tuple(
        HoldFigures(holder=holder, hours_to_release=tuple(sorted(hours.get(holder, ()))), **count)
        for holder, count in sorted(counts.items())
    )
