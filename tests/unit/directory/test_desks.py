"""The directory proposes the right foreign desk, and the roster's next when it is silent (A2)."""

from __future__ import annotations

from typing import Any

import pytest

from spean.core.errors import InvalidInput, Refusal
from spean.core.world import HOUR, from_iso
from spean.directory import service
from spean.directory.model import Closure, Desk, Roster, Shift, WalletHint
from spean.directory.procedures import DESK
from spean.directory.service import KnownDesk, Selector
from spean.procedures.generic import Correction
from spean.procedures.rehearse import Rehearsal

NOW = from_iso("2026-03-04T01:41:00Z")


def shift(start: str, end: str, officer: str, rank: int = 0) -> Shift:
    return Shift(starts=f"2026-03-{start}:00:00+07:00", ends=f"2026-03-{end}:00:00+07:00", officer=officer, rank=rank)


ROSTER = (shift("04T08", "04T16", "Chan"), shift("04T08", "04T16", "Dara", 1), shift("04T16", "05T00", "Sophea"))
KH = KnownDesk("KH", "r-kh", Desk(
    name="Phnom Penh desk", languages=("km", "en"), time_zone="Asia/Phnom_Penh", countries=("KH",),
    phone_prefixes=("+855",), account_prefixes=("0071",), bic_prefixes=("MKBKKHPP",), roster=ROSTER,
))  # fmt: skip
TH = KnownDesk("TH", "r-th", Desk(
    name="Bangkok desk", countries=("TH",), phone_prefixes=("+66",), always_open=True,
    wallets=(WalletHint(chain="tron", address="T-SIAMX", holder="SIAMX"), WalletHint(chain="bsc", holder="Chain desk")),
))  # fmt: skip
DE = KnownDesk("DE", "r-de", Desk(name="Liaison", countries=("DE",), iban_countries=("DE",), phone_prefixes=("+49",)))
MOBILE = KnownDesk("KH", "r-kh2", Desk(name="Mobile unit", phone_prefixes=("+85512",)))
ALL = (DE, KH, MOBILE, TH)


@pytest.mark.parametrize(("selector", "desks", "why"), [
    (Selector("phone", "+66 81 234 5678"), ["r-th"], "telephone prefix +66"),
    (Selector("phone", "+85512345678"), ["r-kh2", "r-kh"], "telephone prefix +85512"),
    (Selector("iban", "DE89 3704 0044 0532 0130 00"), ["r-de"], "IBANs of DE"),
    (Selector("bic", "MKBKKHPP"), ["r-kh"], "bank code MKBKKHPP"),
    (Selector("account", "0071-123-55"), ["r-kh"], "account prefix 0071"),
    (Selector("wallet", "T-SIAMX-DEPOSIT-9", "tron"), ["r-th"], "wallets of SIAMX"),
    (Selector("wallet", "0xabc", "BSC"), ["r-th"], "wallets of Chain desk"),
    (Selector("country", "kh"), ["r-kh"], "answers for KH"),
    (Selector("wallet", "unknown", "tron"), [], ""),
    (Selector("account", "999"), [], ""),
])  # fmt: skip
def test_the_right_desk_is_proposed(selector: Selector, desks: list[str], why: str) -> None:
    found = service.propose(ALL, selector, NOW)
    assert [each.desk.record for each in found] == desks
    assert not found or found[0].why == why


@pytest.mark.parametrize("selector", [
    Selector("phone", "081 234 5678"), Selector("phone", "+66 1"), Selector("iban", "DE89 3704 0044 0532 0130 01"),
    Selector("bic", "NOPE"), Selector("country", "Siam"),
])  # fmt: skip
def test_what_is_no_number_is_said_so(selector: Selector) -> None:
    with pytest.raises(InvalidInput) as caught:
        service.propose(ALL, selector, NOW)
    assert caught.value.field == selector.kind
    assert caught.value.remedy


def test_open_desks_come_first_and_tell_who_is_on_duty() -> None:
    (proposal,) = service.propose([KH], Selector("country", "KH"), NOW)
    assert proposal.on_duty is not None
    assert (proposal.on_duty.officer, proposal.open) == ("Chan", True)
    night = service.propose([KH], Selector("country", "KH"), NOW + 20 * HOUR)[0]
    assert (night.on_duty, night.open) == (None, False)
    twin = KnownDesk("AA", "r-aa", Desk(name="Twin", countries=("KH",)))
    both = service.propose([twin, KH], Selector("country", "KH"), NOW)
    assert [each.desk.record for each in both] == ["r-kh", "r-aa"]


def test_the_rosters_next_replaces_the_silent() -> None:
    def following(at: int) -> str | None:
        found = service.next_on_roster(KH.desk, silent_since=NOW, now=at)
        return None if found is None else found.officer

    assert following(NOW + HOUR) == "Dara"
    assert following(NOW + 9 * HOUR) == "Sophea"
    alone = Desk(name="x", roster=(ROSTER[0], ROSTER[2]))
    later = service.next_on_roster(alone, silent_since=NOW, now=NOW)
    assert later is not None
    assert later.officer == "Sophea"
    assert service.next_on_roster(Desk(name="x", roster=ROSTER[:1]), NOW, NOW) is None


def test_a_desk_is_what_its_record_says_now() -> None:
    play = Rehearsal(DESK, "KH", ("KR", "TH"))
    first = play.do("KH", "publish", KH.desk)
    assert service.current(play.record, play.acts) == KH.desk
    play.do("KH", "roster", Roster(roster=ROSTER[:1]), actor_kind="service")
    play.do("KH", "update", Desk(name="Moved desk", roster=ROSTER[:2]))
    play.do("KH", "roster", Roster(roster=ROSTER[2:]), actor_kind="service")
    found = service.current(play.record, play.acts[::-1])
    assert found is not None
    assert (found.name, found.roster) == ("Moved desk", ROSTER[2:])
    right = Correction(reason="typing error", replacement=Desk(name="Right desk"))
    play.do("KH", "correct", right, targets=(play.acts[2].id,))
    corrected = service.current(play.record, play.acts)
    assert corrected is not None
    assert (corrected.name, corrected.roster) == ("Right desk", ROSTER[2:])
    assert service.current(play.record, [act for act in play.acts if act.id != first.id]) is None
    play.do("KH", "close", Closure(reason="merged into another"))
    assert service.current(play.record, play.acts) is None


@pytest.mark.parametrize("wrong", [shift("05T00", "04T00", "x"), Shift(starts="x" * 20, ends="y" * 20, officer="x")])
def test_a_shift_that_ends_before_it_starts_is_refused(wrong: Shift) -> None:
    body: Any = Desk(name="Desk", roster=(wrong,))
    with pytest.raises(InvalidInput) as caught:
        Rehearsal(DESK, "KH", ("KR",)).do("KH", "publish", body)
    assert caught.value.field == "roster.0"


def test_only_the_owner_publishes() -> None:
    play = Rehearsal(DESK, "KH", ("KR",))
    play.do("KH", "publish", KH.desk)
    with pytest.raises(Refusal):
        play.do("KR", "update", TH.desk)
