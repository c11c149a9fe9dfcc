"""One partner lies with its own true keys: it invents facts, alters pages and receipts, shows old pages and a log that shrank."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from spean.core.errors import SpeanError
from spean.core.ids import record_id
from spean.core.world import DAY, iso
from spean.exchange.codec import decode_header
from spean.exchange.make import HeaderFields, make_fact
from spean.exchange.page import Page, Pull
from spean.exchange.receive import PageRefused
from spean.ledger.checkpoint import Checkpoint, sign_checkpoint
from spean.node.folding import body_document
from spean.node.node import Node
from spean.store.rows import FactRow

if TYPE_CHECKING:
    from federation.simulation import History

REASONED = body_document("Nobody", b'{"reason":"there is no reason"}')


class Liar:
    """Lies now and then. ``inventions`` must count nowhere; what ``must_be_noticed`` must have raised an alarm."""

    def __init__(self, history: History, rng: random.Random, name: str) -> None:
        self.name = name
        self.inventions: dict[str, str] = {}
        self._history = history
        self._rng = rng
        self._next = ""
        self._old: dict[str, Page] = {}
        self._shown: list[str] = []

    def face(self, asker: str) -> Node:
        """The node that answers ``asker``."""
        del asker
        return self._history.nodes[self.name]

    def lie(self) -> None:
        """Invent a fact, or make up one's mind to alter the next page or the next receipts."""
        kind = self._rng.choice(("party", "name", "body", "future", "agreement", "flip", "old", "shrink", "receipt"))
        if kind in ("flip", "old", "shrink", "receipt"):
            self._next = kind
            return
        with self._history.mortal():
            try:
                self._invent(kind)
            except SpeanError:
                return  # a full disk spares the others a lie

    def _invent(self, kind: str) -> None:
        node = self._history.nodes[self.name]
        with node.writing() as work:
            own = [
                row
                for row in work.tx.facts.recent(limit=200, origin=self.name)
                if row.kind == "send" and row.log == "exchange"
            ]
            if not own:
                return
            like = self._rng.choice(own)
            header = decode_header(like.payload)
            fields = {name: getattr(header, name) for name in HeaderFields.__annotations__}
            fields.update(
                {
                    "time": work.time,
                    "kind": "withdraw",
                    "builds_on": (like.id,),
                    "targets": (),
                    **self._wrong(kind, node, like),
                }
            )
            body = b'{"by":"x","form":{"reason":"long enough","more":[]}}' if kind == "body" else REASONED
            made = make_fact(fields, body, node.signer, node.entropy)
            work.add(made.fact, made.key, status="effective")
            work.send(self._rng.choice(header.envelope.recipients), made.fact.id)
        self.inventions[made.fact.id] = kind
        self._history.tell("lie", f"{self.name} invents: {kind}")

    def _wrong(self, kind: str, node: Node, like: FactRow) -> dict[str, object]:
        """What is wrong about the invention."""
        header = decode_header(like.payload)
        if kind == "party":
            return {"kind": "acknowledge"}
        if kind == "name":
            other = self._rng.choice([name for name in self._history.nodes if name != self.name])
            return {
                "kind": "send",
                "builds_on": (),
                "record": record_id(other, header.procedure, node.clock, node.entropy),
            }
        if kind == "future":
            return {"time": iso(node.clock.now() + DAY)}
        if kind == "agreement":
            unknown = record_id(self.name, "agreement", node.clock, node.entropy)
            return {"kind": "acknowledge", "envelope": replace(header.envelope, instrument=unknown)}
        return {}

    def asks(self, node: str, request: Pull) -> Pull:
        """Its own pulls: a receipt may be forged."""
        if self._next != "receipt" or not request.receipts:
            return request
        self._next = ""
        self._history.tell("lie", f"{self.name} forges a receipt for {node}")
        first = request.receipts[0]
        return msgspec.structs.replace(
            request, receipts=[msgspec.structs.replace(first, signature=bytes(64)), *request.receipts[1:]]
        )

    def answers(self, asker: str, page: Page) -> Page:
        """Pages that it gives: altered, old, or under a checkpoint of a log that shrank."""
        kind, self._next = self._next, "" if self._next != "receipt" else self._next
        old = self._old.get(asker)
        self._old[asker] = page
        if kind == "flip" and page.items:
            last = page.items[-1]
            bent = msgspec.structs.replace(
                last, payload=last.payload[:-2] + bytes([last.payload[-2] ^ 1]) + last.payload[-1:]
            )
            return msgspec.structs.replace(page, items=[*page.items[:-1], bent])
        if kind == "old" and old is not None:
            return old
        return self._shrunk(page) if kind == "shrink" else page

    def _shrunk(self, page: Page) -> Page:
        node = self._history.nodes[self.name]
        note = sign_checkpoint(Checkpoint(node.settings.log_origin, 1, bytes(32)), node.keys.log)
        return msgspec.structs.replace(page, checkpoint=note)

    def stop(self) -> None:
        """The last lie goes straight to somebody, so that no line can lose it: a log that shrank."""
        self._next = ""
        node = self._history.nodes[self.name]
        for name in self._history.honest:
            other = self._history.nodes[name]
            try:
                pull, _ = other.pulling.request(self.name, 0)
                page = node.serving.page(name, pull)
                if pull.known_size > 1 and not page.items:
                    other.receiving.take(self.name, self._shrunk(page))
            except PageRefused:
                self._shown.append(name)
                return
            except SpeanError:
                continue

    def must_be_noticed(self) -> list[tuple[tuple[str, ...], str]]:
        """Kinds of alarm of which one must be there, and why."""
        return [(("shrunken-log",), f"{self.name} showed {name} a log that shrank") for name in self._shown]
