"""Matching on the two desks: a look-up with hits, candidates in two states, a watch, a list, a group at the border."""

from __future__ import annotations

from browser.served import Served
from spean.candidates.look_ups import Hit
from spean.candidates.model import Band, Category, How
from spean.core.world import DAY
from spean.node.acts.acting import Marks

MARKS = Marks(purpose="investigate-fraud", data="identity", subject="victim")
TABLE = b"id,name,birth,document\n1A,Sok Dara,1988-04-02,\n1B,Nobody Known,1970,\n1C,,,\n"


class Same:
    """Records of KR's matching desk by name."""

    def __init__(self, kr: Served, person: str, agreement: str) -> None:
        self._kr = kr
        who, desk = kr.who(), kr.node.matching
        form = {"names": ["សុខ ដារ៉ា", "Sok Dara"], "birth": "1988-04-02", "selectors": [{"type": "phone", "value": "+855 12 555 142"}], "nodes": [],
                "why": "she answered a job offer and is missing since (played)"}  # fmt: skip
        self.look_up = desk.asking.ask(who, form, MARKS)
        self.marked = desk.asking.ask(who, {**form, "mark": "journalist"}, MARKS)
        own = Hit(reference=person, category=Category.PERSON, how=How.NAME, band=Band.STRONG, score=970)
        self.own = desk.candidates.raise_own(who, self.look_up, own, MARKS)
        theirs = Hit(node="KH", reference="9f" * 16, category=Category.PHONE, how=How.BLIND, band=Band.SAME)
        self.abroad = desk.candidates.raise_with("KH", theirs, self.look_up, "somebody-else", MARKS, agreement)
        assert self.abroad, [alarm.text for alarm in kr.node.reading_desk.alarms()]
        watch = {
            "type": "phone",
            "value": "+855 12 555 999",
            "nodes": [],
            "until": kr.node.clock.now() + 30 * DAY,
            "reason": "her last number (played)",
        }
        self.watch = desk.watching.watch(who, watch, MARKS)
        told = {"name": "Open list (played)", "publisher": "A publisher (played)", "version": "7", "date": "2026-02-11"}
        self.list = desk.lists.bring(who, b"id,name\n1,Chen Zhi\n2,Sok Dara\n", **told).done.record
        reason = {"until": kr.node.clock.now() + 30 * DAY, "instructions": "Ask whether she is well.", "contact_name": "Protection desk",
                  "contact_phone": "+82 2 1366", "reason": "her family looks for her"}  # fmt: skip
        kr.act(person, "protect", reason)
        self.group = desk.groups.start(who, "bus.csv", TABLE, reason="the night bus", wait=True).id
