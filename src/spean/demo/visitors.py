"""Whoever tries the demo by hand: invented people at each node, a sign-in link for each, and what there is to try."""

from __future__ import annotations

from dataclasses import dataclass

from spean.demo.federation import Federation, Played
from spean.demo.known import Known
from spean.demo.minutes.files import CPB
from spean.demo.story import request
from spean.node.entry.people import Who

DESK = ("duty-officer", "financial-analyst", "investigator", "analyst", "legal", "secretariat")


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person whom nobody plays: the one in front of the screen does."""

    node: str
    name: str
    does: str
    roles: tuple[str, ...]
    unit: str = "desk"
    language: str = ""
    time_zone: str = ""
    calendar: str = ""


VISITORS = (
    Visitor("KH", "Chan Sreymom", "duty officer", DESK, time_zone="Asia/Phnom_Penh"),
    Visitor("KR", "Park Minho", "duty officer", DESK, time_zone="Asia/Seoul"),
    Visitor("TH", "Malee Suda", "duty officer", DESK, time_zone="Asia/Bangkok", calendar="buddhist"),
    Visitor("INT", "Claire Dubois", "duty officer, in French", DESK, language="fr", time_zone="Europe/Paris"),
    Visitor("TH", "Ploy Chanthara", "fraud desk of Chao Phraya Bank", ("bank-desk",), unit=CPB, time_zone="Asia/Bangkok"),
    Visitor("KH", "Chea Sreyneang", "border officer", ("border-officer",), time_zone="Asia/Phnom_Penh"),
    Visitor("KR", "Kim Seo-yeon", "auditor", ("auditor",), time_zone="Asia/Seoul"),
    Visitor("KR", "Choi Jiwoo", "administrator", ("administrator",), time_zone="Asia/Seoul"),
)  # fmt: skip
"""Invented people."""


def furnish(federation: Federation, played: Played) -> None:
    """Make the node's visitors."""
    node = federation.open(played)
    try:
        for each in VISITORS:
            if each.node == played.name:
                row = node.people.add(each.name, unit=each.unit, roles=each.roles)
                node.people.prefer(
                    Who(user=row, through="node"), language=each.language or "en", time_zone=each.time_zone,
                    calendar=each.calendar or "gregorian",
                )  # fmt: skip
    finally:
        node.close()


def links(federation: Federation) -> list[tuple[Visitor, str]]:
    """A one-time link for each visitor; it holds for a quarter of an hour and signs in once."""
    found = []
    for each in VISITORS:
        played = federation.nodes[each.node]
        node = federation.open(played)
        try:
            secret = node.people.token(node.people.find(each.name), use="link")
        finally:
            node.close()
        found.append((each, f"{played.url}/sign-in/link/{secret}"))
    return found


def leave_a_request(federation: Federation, agreement: str) -> str:
    """Korea asks Cambodia, and nobody answers: that is left to the visitor. Returns the record."""
    desk = federation.nodes["KR"].desk
    marks = {"instrument": agreement, "purpose": "stop-fraud", "data": "wallet", "subject": "suspect", "handling": "H2"}
    record = str(desk.open("information-request", request(), ["KH"], **marks)["record"])
    federation.nodes["KH"].desk.wait_state(record, "sent")
    return record


def to_try(federation: Federation, record: str, case: str, minutes: str, known: Known) -> tuple[tuple[str, str], ...]:
    """What to do in the browser, each with where it begins. ``minutes``: the story's case; ``case``: the one that is left to you."""
    kh, kr, th = (federation.nodes[name].url for name in ("KH", "KR", "TH"))
    return (
        ("KH: what runs out next? Read Korea's request, see who would receive an answer and why, and answer it", f"{kh}/records/{record}"),
        ("KR, in a second window beside it: watch the answer arrive without reloading", f"{kr}/records/{record}"),
        ("KR: where did V-KR-0417's money go, by both rules? What is held, what is lost?", f"{kr}/money/{minutes}"),
        ("TH, as the bank's desk: an order waits; look at the account, hold the amount with your passkey, or say why not", f"{th}/bank"),
        ("KR beside it: the hop of V-KR-0521 is held before your eyes", f"{kr}/money/{case}"),
        ("KH: correct your answer (*correct* beside it), and see who still holds the old one", f"{kh}/records/{record}"),
        ("KR: who knows 속 다라? What was found elsewhere, without content; ask for it", f"{kr}/same/look-ups/{known.look_up}"),
        ("KH, as the border officer: type *Sok Dara*, born 1990-05-17, and see PROTECT; then *Somkiat Prasertsuk*, born 1979-11-03, who is only on "
         "a published list: VERIFY, with the list's version", f"{kh}/border"),
        ("KH: what is said of her, by whom, and what stands around her", f"{kh}/entities/{known.entity}"),
        ("KR, as the auditor: who read what, and why?", f"{kr}/audit"),
    )  # fmt: skip
