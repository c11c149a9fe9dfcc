"""Three nodes know one invented person, each by its own spelling: found from each of them without showing whom they ask about (A7, B1, B5).

Then a published list, invented as well: its hit has name, version and date, and is *verify* at the most (B7).

Every step goes through the REST interface of a running node.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from spean.core.world import DAY, SystemClock
from spean.demo.desk import Desk
from spean.demo.story import conclude

Say = Callable[[str], None]
SPELLINGS = {"KH": "សុខ ដារ៉ា", "TH": "สุข ดารา", "KR": "속 다라"}
"""One invented person, as each node has written the name down."""
BIRTH = "1990-05-17"
WHY = "demo: she answered a job offer abroad and is missing since"
MEMORANDUM = {
    "title": "Memorandum on persons who are missing (played)", "parties": list(SPELLINGS), "purposes": ["investigate-trafficking"],
    "data": ["identity"], "subjects": ["none", "victim", "other"], "tlp_ceiling": "AMBER", "handling": ["H0", "H1"], "retention_days": 365,
    "starts": "2026-01-01", "articles": {"2": "Parties may ask whether a missing person is known."}, "cites": {"purpose": "2"},
}  # fmt: skip
MARKS = {"purpose": "investigate-trafficking", "data": "identity", "subject": "victim"}
_GRADED = {"source": "B", "grade": 2, "nature": "fact"}
LIST = {
    "name": "Recruiters to beware of (invented)", "publisher": "Association of invented consumers", "version": "2026.3", "date": "2026-03-01",
    "source": "https://consumers.example/recruiters.csv", "licence": "CC0-1.0",
}  # fmt: skip
"""A published list that nobody publishes."""
ENTRIES = """id,kind,name,aliases,birth_date,passport_number
R-1,person,Somkiat Prasertsuk,สมเกียรติ ประเสริฐสุข,1979-11-03,TH:AA7654321
R-2,person,CHEN Zhiming,陈志明,1985-02-14,
R-3,organisation,Golden Ficus Overseas Jobs Ltd,,,
"""
LISTED = {
    "names": ["Somkiat Prasertsuk"],
    "birth": "1979-11-03",
    "documents": [{"number": "AA7654321", "issuer": "TH"}],
}
NAMESAKE = {"names": ["Somkiat Jaidee"], "birth": "1996-06-21"}
SHOWN = f"{LIST['version']}, {LIST['date']}"
WITHIN = 60.0
"""Seconds in which candidates have to be there (DOMAIN 3.2)."""


@dataclass(slots=True)
class Known:
    """What this part measured."""

    found: dict[str, list[str]] = field(default_factory=dict)
    """Asking node → nodes that know her."""
    found_ms: dict[str, int] = field(default_factory=dict)
    content: list[str] = field(default_factory=list)
    """Words of an answer that should not be there."""
    border: str = ""
    listed: dict[str, Any] = field(default_factory=dict)
    """What the border answers about somebody on the list: its one word, and the list with its version."""
    namesake: str = ""
    entity: str = ""
    look_up: str = ""


def checks(told: Known) -> dict[str, bool]:
    """What was promised, and whether it is so."""
    others = {node: sorted(set(SPELLINGS) - {node}) for node in SPELLINGS}
    return {
        "found from each node": told.found == others,
        "within a minute": bool(told.found_ms) and max(told.found_ms.values()) <= WITHIN * 1000,
        "without content": not told.content,
        "the border protects": told.border == "protect",
        "a list alone stops nobody": told.listed
        == {"answer": "verify", "lists": [{"name": LIST["name"], "version": SHOWN}]},
        "whoever shares a first name with a list goes on": told.namesake == "nothing",
    }


class Scene:
    """Plays it."""

    def __init__(self, desks: dict[str, Desk], say: Say) -> None:
        self._desks = {node: desks[node] for node in SPELLINGS}
        self._agreement = ""
        self._say = say
        self.told = Known()

    def play(self) -> Known:
        self._agreement = conclude(self._desks, "KH", MEMORANDUM)
        for node, desk in self._desks.items():
            self._enter(node, desk)
        for desk in self._desks.values():
            self._offer(desk)
        self._say("  three nodes have entered one invented person: " + ", ".join(SPELLINGS.values()))
        for node, desk in self._desks.items():
            self._ask(node, desk)
        self._border()
        self._list()
        return self.told

    def _enter(self, node: str, desk: Desk) -> None:
        statements = [
            {"property": "name", "value": SPELLINGS[node], **_GRADED},
            {"property": "birth-date", "value": BIRTH, **_GRADED},
        ]
        form = {"kind": "person", "category": "victim", "statements": statements}
        record = str(desk.open("entity", form, [], **MARKS)["record"])
        if node == "KH":
            self.told.entity = record
            told = {
                "instructions": "Take her aside, offer a seat and an interpreter; she is not suspected of anything.",
                "contact_name": "Protection desk (played)", "contact_phone": "+85523555010", "until": SystemClock().now() + 30 * DAY,
                "reason": "her family reported her missing",
            }  # fmt: skip
            desk.act(record, "protect", told)

    def _offer(self, desk: Desk) -> None:
        body = {
            "instrument": self._agreement, "category": "person", "purposes": ["investigate-trafficking"], "subjects": ["victim"],
            "desk": f"cyber desk of {desk.node} (played)", "contact": "+85523555011", "reason": "agreed by the working group",
        }  # fmt: skip
        desk.post("/private/holdings", body)

    def _ask(self, node: str, desk: Desk) -> None:
        """A look-up that shows nobody whom it is about; asked again until the others' tables have come."""
        others = sorted(set(SPELLINGS) - {node})
        begun = time.monotonic()
        form = {
            "names": [SPELLINGS[node]], "birth": BIRTH, "nodes": others, "why": WHY,
            "marks": {**MARKS, "instrument": self._agreement},
        }  # fmt: skip
        record = str(desk.post("/look-ups", form)["record"])
        hits = desk.wait("the partners' answers", lambda: self._hits(desk, record, others), WITHIN)
        self.told.found[node] = sorted({hit["node"] for hit in hits})
        self.told.found_ms[node] = round((time.monotonic() - begun) * 1000)
        self.told.content += [str(hit) for hit in hits if hit["names"] or hit["births"]]
        self.told.look_up = record if node == "KR" else self.told.look_up
        self._say(
            f"  {node} asks for {SPELLINGS[node]}: {' and '.join(self.told.found[node])} know her, after "
            f"{self.told.found_ms[node] / 1000:.1f} s; the answers hold a desk and a reference, no content"
        )

    def _hits(self, desk: Desk, record: str, others: list[str]) -> list[dict[str, Any]]:
        """The hits of others once each of them has one; until then nothing, and the question is asked again."""
        view = desk.get(f"/look-ups/{record}", reason=WHY)
        hits: list[dict[str, Any]] = [hit for hit in view["hits"] if hit["node"]]
        if {hit["node"] for hit in hits} == set(others):
            return hits
        if not view["waits"] and not view["open"]:  # who had no table yet is silent, and is asked again
            desk.post(f"/look-ups/{record}/search", None)
        time.sleep(0.3)
        return []

    def _border(self) -> None:
        desk = self._desks["KH"]
        body = {"names": ["Sok Dara"], "birth": BIRTH, "reason": "demo: a traveller at the counter"}
        answer = desk.wait("the border's answer", lambda: self._answer(desk, body), WITHIN)
        self.told.border = str(answer)
        self._say(f"  KH's border types “Sok Dara”, born {BIRTH}: {answer}")

    def _answer(self, desk: Desk, body: dict[str, Any]) -> str:
        answer = str(desk.post("/screen", body)["answer"])
        return "" if answer == "nothing" else answer

    def _list(self) -> None:
        """A published list is taken in with its version and source; somebody on it is to be verified, and nothing more (B7)."""
        desk = self._desks["KH"]
        brought = desk.bring_list(ENTRIES.encode(), **LIST)
        why = {"reason": "demo: a traveller at the counter"}
        found = desk.post("/screen", {**LISTED, **why})
        self.told.listed = {"answer": found["answer"], "lists": found["lists"]}
        self.told.namesake = str(desk.post("/screen", {**NAMESAKE, **why})["answer"])
        self._say(
            f"  KH takes in “{LIST['name']}”, version {SHOWN}, {brought['taken']} entries from {LIST['source']}; the border about "
            f"{LISTED['names'][0]}, whose very passport is on it: {found['answer']}; a list is no ground to stop anybody"
        )
