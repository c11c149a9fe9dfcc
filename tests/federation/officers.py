"""Honest officers at random: they open records, do what is their turn, correct, withdraw, suspend, rotate keys.

What an officer was told to have happened is remembered: it must still be there at the end. A refusal is a good answer.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from federation.world import PEERING_MARKS, World, agreement_text
from spean.core.errors import SpeanError
from spean.node.acts.acting import Done, Intent, Marks
from spean.node.node import Node
from spean.procedures.engine import Offer
from spean.store.rows import FactRow, RecordRow

WORDS = "a reason that another officer can check"
FINDINGS = {"findings": [{"item": 0, "known": True, "text": "held since March"}]}
FORMS: dict[str, Callable[[random.Random], dict[str, Any]]] = {
    "send": lambda rng: {
        "offence": "fraud", "facts": WORDS, "need": WORDS, "proportionality": WORDS,
        "items": [{"selector": "phone", "value": f"+855{rng.randrange(10**8)}", "question": "who uses it"}],
        **({"urgency": "urgent", "urgency_reason": WORDS} if rng.random() < 0.3 else {}),
    },
    "acknowledge": lambda rng: {"reason": WORDS},
    "ask-clarification": lambda rng: {"text": WORDS},
    "clarify": lambda rng: {"text": WORDS},
    "accept": lambda rng: {},
    "execute": lambda rng: {},
    "answer-part": lambda rng: FINDINGS,
    "answer": lambda rng: FINDINGS,
    "give-feedback": lambda rng: {"useful": True},
    "order": lambda rng: {"account": f"A{rng.randrange(10**6)}", "amount": rng.randrange(1, 10**6)},
    "hold": lambda rng: {"amount": rng.randrange(1, 10**6), "reason": WORDS},
    "open": lambda rng: {"title": "A list", "source": "a published list", "data": "wallet"},
    "entry": lambda rng: {"kind": "wallet", "value": f"0x{rng.getrandbits(64):016x}", "chain": "ethereum"},
    "sign": lambda rng: {"capacity": "Director", "authority": "Full powers"},
    "publish": lambda rng: {"name": "Duty desk", "languages": ["en"]},
    "update": lambda rng: {"name": f"Desk {rng.randrange(100)}"},
    "roster": lambda rng: {"roster": []},
}  # fmt: skip
REASON_ONLY = {
    "submit",
    "object",
    "abandon",
    "resume-pair",
    "withdraw",
    "release",
    "prolong",
    "close",
    "withdraw-entry",
}
SPECIAL = {
    ("circular", "publish"): {"entries": 1, "reason": WORDS}, ("circular", "acknowledge"): {},
    ("information-request", "acknowledge"): {}, ("information-request", "refuse"): {"ground": "essential-security", "reason": WORDS},
    ("stop-payment", "refuse"): {"reason": WORDS},
}  # fmt: skip
NEVER = {
    "leave",
    "denounce",
    "amend",
    "redraft",
    "withdraw-amendment",
    "retire",
    "revoke",
    "announce",
    "review",
    "approve",
    "correct",
}
CORRECTABLE = {"send", "entry", "answer", "order"}
CALM = {"stop-payment": 2, "agreement": 0}
"""How gladly an officer goes on with a record of this procedure; 1 when not listed."""


@dataclass(frozen=True, slots=True)
class Told:
    """What an officer was told: the fact is written, and on its way to all its recipients but those ``behind``."""

    node: str
    fact: str
    record: str
    behind: tuple[str, ...] = ()


class Officers:
    """Acts at random, node by node."""

    def __init__(self, world: World, rng: random.Random, agreement: str) -> None:
        self._world = world
        self._rng = rng
        self._agreement = agreement
        self.told: list[Told] = []
        self.half_done: list[str] = []
        """Acts that were refused and left something behind."""
        self.recalled: list[tuple[str, str]] = []
        """(owner, fact) of every recall of which an officer was told that it is under way."""

    def act(self, name: str) -> str:
        """One act at the node ``name``, and what came of it in a few words."""
        node = self._world.nodes[name]
        kinds = (self._open, self._go_on, self._recall, self._treaty, self._keys, self._own_track)
        deed = self._rng.choices(kinds, weights=(30, 45, 9, 6, 2, 3))[0]
        before = self._size(node)
        try:
            return deed(node)
        except SpeanError as refused:
            if self._size(node) != before:
                self.half_done.append(f"{name}: {deed.__name__[1:]} was refused and wrote all the same: {refused}")
            return f"{deed.__name__[1:]} refused: {str(refused)[:90]}"

    def _size(self, node: Node) -> int:
        with node.reading() as tx:
            return tx.log.head("exchange").size

    # opening ----------------------------------------------------------------------------------------------------

    def _open(self, node: Node) -> str:
        rng = self._rng
        others = [name for name in self._world.nodes if name != node.me]
        marks = self._marks(node)
        kind = rng.choices(("request", "hold", "circular", "desk", "treaty"), weights=(40, 25, 20, 4, 5))[0]
        if kind == "request":
            return self._do(node, "send", procedure="information-request", to=(rng.choice(others),), marks=marks)
        if kind == "hold":
            return self._do(node, "order", procedure="stop-payment", to=(rng.choice(others),), marks=marks)
        if kind == "circular":
            to = tuple(rng.sample(others, rng.randint(1, len(others))))
            return self._do(node, "open", procedure="circular", to=to, marks=marks)
        peering = Marks(**{**PEERING_MARKS, "data": "directory" if kind == "desk" else "agreement"})
        if kind == "desk":
            return self._do(node, "publish", procedure="desk", to=tuple(others), marks=peering)
        with_whom = rng.sample(others, rng.randint(1, len(others)))
        text = agreement_text([node.me, *with_whom], title=f"Text {rng.randrange(100)}")
        return self._do(node, "propose", text, procedure="agreement", to=tuple(with_whom), marks=peering)

    def _marks(self, node: Node) -> Marks:
        """Mostly lawful; sometimes what no agreement permits, which must be refused here already."""
        rng = self._rng
        if rng.random() < 0.05:
            return Marks(instrument=self._agreement, purpose="investigate-fraud", data="health")
        purpose = "danger-to-life" if rng.random() < 0.04 else rng.choice(("investigate-fraud", "stop-fraud", "warn"))
        handling = rng.choice(("H0", "H1", "H2"))
        via = "INT" if "INT" in self._world.nodes and node.me != "INT" and rng.random() < 0.15 else None
        return Marks(
            instrument=self._agreement, purpose=purpose, data="phone", subject="suspect", handling=handling, via=via
        )

    # going on ---------------------------------------------------------------------------------------------------

    def _records(self, node: Node, procedure: str | None = None) -> list[RecordRow]:
        with node.reading() as tx:
            rows = tx.records.list(procedure=procedure, open_only=True, limit=200)
        return [row for row in rows if row.procedure not in ("recall", "key-rotation")]

    def _go_on(self, node: Node) -> str:
        rows = [row for row in self._records(node) if row.id != self._agreement]
        if not rows:
            return self._open(node)
        weights = [CALM.get(row.procedure, 1) + 1 for row in rows]
        return self._in(node, self._rng.choices(rows, weights=weights)[0])

    def _in(self, node: Node, row: RecordRow) -> str:
        with node.writing() as work:
            context = node.projector.context(work, row.id)
            offers = node.engine.offers(node.projector.view(row), node.me, self._world.officers[node.me].roles, context)
        chosen = [offer for offer in offers if offer.kind not in NEVER and not offer.transition.local]
        chosen = [offer for offer in chosen if offer.kind != "suspend-pair" or self._rng.random() < 0.2]
        if not chosen:
            return "nothing to do"
        offer = self._rng.choice(chosen)
        if offer.kind == "entry":
            return self._batch(node, row)
        targets = self._targets(node, row, offer)
        return self._do(node, offer.kind, self._form(row, offer), record=row.id, targets=targets)

    def _form(self, row: RecordRow, offer: Offer) -> dict[str, Any]:
        if offer.kind == "suspend-pair":
            mine = [node for nodes in row.parties.values() for node in nodes]
            return {"other": self._rng.choice(mine), "reason": WORDS}
        if (row.procedure, offer.kind) in SPECIAL:
            return SPECIAL[row.procedure, offer.kind]
        return {"reason": WORDS} if offer.kind in REASON_ONLY else FORMS[offer.kind](self._rng)

    def _targets(self, node: Node, row: RecordRow, offer: Offer) -> tuple[str, ...]:
        if offer.kind == "sign":
            return row.done.get("text", ())
        wanted = {"withdraw-entry": "entry", "resume-pair": "suspend-pair"}.get(offer.kind)
        if wanted is None:
            return ()
        own = [fact for fact in self._facts(node, row.id) if fact.kind == wanted and fact.origin == node.me]
        return (self._rng.choice(own).id,) if own else ()

    def _batch(self, node: Node, row: RecordRow) -> str:
        forms = [FORMS["entry"](self._rng) for _ in range(self._rng.randint(1, 5))]
        done = node.acting.act_batch(self._world.officers[node.me], row.id, "entry", forms)
        for each in done:
            self._tell(node.me, each)
        return f"a batch of {len(done)} in {row.id[-6:]}"

    # recalls, treaties, keys, own track -------------------------------------------------------------------------

    def _facts(self, node: Node, record: str) -> list[FactRow]:
        with node.reading() as tx:
            return tx.facts.of_record(record)

    def _recall(self, node: Node) -> str:
        with node.reading() as tx:
            rows = tx.facts.recent(limit=60, origin=node.me, track="shared")
        rows = [row for row in rows if row.kind in CORRECTABLE and row.status in ("effective", "overtaken")]
        if not rows:
            return self._open(node)
        row, who = self._rng.choice(rows), self._world.officers[node.me]
        how = self._rng.choice(("correct", "withdraw", "erase", "hold"))
        if how == "hold":
            return self._legal_hold(node)
        if how == "correct":
            recalled = node.recalling.correct(who, row.id, FORMS[row.kind](self._rng), WORDS)
            self.told.append(Told(node.me, recalled.correction, row.record))
        else:
            recalled = (node.recalling.withdraw if how == "withdraw" else node.recalling.erase)(who, row.id, WORDS)
        self.recalled.append((node.me, row.id))
        for _, record in sorted(recalled.records.items() if recalled is not None else ()):
            self.told.append(Told(node.me, "", record))
        return f"{how} {row.kind} {row.id[:8]}"

    def _legal_hold(self, node: Node) -> str:
        rows = [row for row in self._records(node) if row.procedure in ("information-request", "circular")]
        if not rows:
            return "nothing to hold for a court"
        row = self._rng.choice(rows)
        node.recalling.legal_hold(self._world.officers[node.me], row.id, "order of a court", "2027-01-01")
        return f"legal hold on {row.id[-6:]}"

    def _treaty(self, node: Node) -> str:
        rows = self._records(node, "agreement")
        return self._in(node, self._rng.choice(rows)) if rows else "no treaty"

    def _keys(self, node: Node) -> str:
        done = node.rotating.rotate(self._world.officers[node.me], WORDS)
        self._tell(node.me, done)
        if self._rng.random() < 0.4:
            self._revoke_old(node)
            return "rotate and revoke"
        return "rotate keys"

    def _revoke_old(self, node: Node) -> None:
        old = [key for key in node.sign_keys(node.me) if key.key_id != node.keys.sign_id]
        try:
            self._tell(
                node.me, node.rotating.revoke(self._world.officers[node.me], old[-1].key_id, node.clock.now(), WORDS)
            )
        except SpeanError:
            return  # the rotation stands by itself

    def _own_track(self, node: Node) -> str:
        rows = self._records(node)
        if not rows:
            return "nothing to note"
        row, who = self._rng.choice(rows), self._world.officers[node.me]
        if self._rng.random() < 0.5:
            node.reading_desk.record(who, row.id, reason=WORDS)
            return f"read {row.id[-6:]}"
        return self._do(node, "note", {"text": WORDS}, record=row.id)

    # doing ------------------------------------------------------------------------------------------------------

    def _do(self, node: Node, kind: str, form: dict[str, Any] | None = None, *, record: str = "", procedure: str = "",
            to: tuple[str, ...] = (), targets: tuple[str, ...] = (), marks: Marks | None = None) -> str:  # fmt: skip
        form = FORMS[kind](self._rng) if form is None else form
        intent = Intent(
            kind=kind, form=form, record=record, procedure=procedure, to=to, targets=targets, marks=marks or Marks()
        )
        done = self._world.perform(node.me, intent)
        self._tell(node.me, done)
        return f"{kind} {done.record[-6:]} → {done.state}"

    def _tell(self, node: str, done: Done) -> None:
        self.told.append(Told(node, done.fact, done.record, done.behind))
