"""Two real ``spean serve`` processes on loopback, TLS with pinned certificates, spoken to through REST (A3, A4)."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from federation.showing import ANSWER, REQUEST
from federation.world import agreement_text
from spean.core.world import SystemEntropy, from_iso
from spean.exchange.identity import read_identity
from spean.keys.root import new_root, root_public
from spean.node import admit, create, open_node
from spean.node.settings import Settings
from spean.peers.pinned import pinned_context

REALM = "processes.spean"
ROLES = ("duty-officer", "investigator", "legal", "secretariat", "auditor")
MARKS = {"purpose": "investigate-fraud", "data": "wallet"}
PATIENCE = 60.0
"""Seconds after which something that should have come is missed."""


class Served:
    """A node that is served by a process of its own."""

    def __init__(self, name: str, home: Path, port: int) -> None:
        self.name, self.home, self.port = name, home, port
        self.token = ""
        self.process: subprocess.Popen[bytes] | None = None
        self.line: httpx2.Client | None = None

    def start(self) -> None:
        """Returns when it answers."""
        with (self.home / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "spean", "--home", str(self.home), "serve"], stdout=log, stderr=log
            )
        pem = read_identity((self.home / "identity").read_bytes()).tls
        self.line = httpx2.Client(
            base_url=f"https://127.0.0.1:{self.port}", verify=pinned_context(pem), timeout=30, trust_env=False,
            headers={"authorization": f"Bearer {self.token}", "host": f"{self.name.lower()}.localhost:{self.port}"},
        )  # fmt: skip
        self.wait("an answer", lambda: self.answers())

    def answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.home / "serve.log").read_text()[-2000:]
        try:
            return self.ask("GET", "/peers")[0] == 200
        except httpx2.TransportError:
            return False

    def end(self, sign: int) -> None:
        if self.line is not None:
            self.line.close()
        if self.process is not None and self.process.poll() is None:
            os.kill(self.process.pid, sign)
            self.process.wait(20)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        assert self.line is not None
        answer = self.line.request(method, f"/api/v1{path}", json=body)
        return answer.status_code, answer.json()

    def done(self, path: str, form: dict[str, Any], **more: Any) -> dict[str, Any]:
        """An act that must succeed."""
        status, said = self.ask("POST", path, {"form": form, **more})
        assert status == 201, said
        found: dict[str, Any] = said
        return found

    def request(self, to: str, number: int, **more: Any) -> dict[str, Any]:
        form = {**REQUEST, "reference": f"case {number}", **more}
        return self.done("/records/information-request", form, to=[to], marks=MARKS)

    def states(self, procedure: str = "information-request") -> dict[str, str]:
        found = self.ask("GET", f"/records?procedure={procedure}&limit=1000")[1]["records"]
        return {each["id"]: each["state"] for each in found}

    def wait(self, what: str, seen: Callable[[], Any]) -> None:
        until = time.monotonic() + PATIENCE
        while not seen():
            assert time.monotonic() < until, f"{self.name}: {what} did not come"
            time.sleep(0.02)

    def log_holds(self) -> bool:
        """``spean log verify`` over our own log."""
        command = [sys.executable, "-m", "spean", "--home", str(self.home), "log", "verify"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Served]]:
    """KR and KH, each its own process, with an agreement in force."""
    folder = tmp_path_factory.mktemp("processes")
    root = new_root(folder / "root.json", REALM, SystemEntropy())
    served = [Served(name, folder / name, free_port()) for name in ("KR", "KH")]
    for each in served:
        create(each.home, Settings(
            node=each.name, name=f"Desk of {each.name}", realm=REALM, root=root_public(root), units=("desk",),
            url=f"https://{each.name.lower()}.localhost:{each.port}", listen=f"127.0.0.1:{each.port}",
        ))  # fmt: skip
        admit(each.home, root)
    for each, other in (served, served[::-1]):
        node = open_node(each.home)
        node.peering.admit((other.home / "identity").read_bytes())
        each.token = node.people.token(node.people.add(f"Officer {each.name}", unit="desk", roles=ROLES))
        node.close()
    for each in served:
        each.start()
    conclude(*served)
    yield served[0], served[1]
    for each in served:
        each.end(signal.SIGTERM)


def conclude(kr: Served, kh: Served) -> None:
    peering = {"purpose": "coordinate", "data": "agreement", "subject": "none", "instrument": "peering"}
    proposed = kr.done("/records/agreement", agreement_text(("KH", "KR")), to=["KH"], marks=peering)
    record = proposed["record"]
    kr.done(f"/records/{record}/submit", {"reason": "the text is final"})
    for each in (kr, kh):
        each.wait("the text", lambda each=each: each.states("agreement").get(record) == "legal-review")
        signature = {"capacity": "Director", "authority": "Full powers"}
        each.done(f"/records/{record}/sign", signature, targets=[proposed["fact"]])
    for each in (kr, kh):
        each.wait("the agreement", lambda each=each: each.states("agreement").get(record) == "in-force")


def test_a4_a_request_is_asked_and_answered_through_rest_over_pinned_tls(pair: tuple[Served, Served]) -> None:
    """A4 between two processes: urgency without reason is refused, a refusal needs a listed ground, the answer comes back."""
    kr, kh = pair
    status, said = kr.ask(
        "POST", "/records/information-request", {"form": {**REQUEST, "urgency": "urgent"}, "to": ["KH"], "marks": MARKS}
    )
    assert (status, said["rule"]) == (403, "A4")
    record = kr.request("KH", 0, urgency="urgent", urgency_reason="the money moves on")["record"]
    kh.wait("the request", lambda: record in kh.states())
    kh.done(f"/records/{record}/acknowledge", {})
    status, said = kh.ask("POST", f"/records/{record}/refuse", {"form": {"ground": "no-time", "reason": "we are busy"}})
    assert (status, said["field"]) == (422, "ground")
    kh.done(f"/records/{record}/accept", {})
    kh.done(f"/records/{record}/answer", ANSWER)
    kr.wait("the answer", lambda: kr.states()[record] == "answered")
    _, figures = kr.ask("GET", "/figures/late-answers")
    assert {"holder": "KH", "urgency": "urgent", "in_time": 1, "late": 0, "pending": 0} in figures["late_answers"]
    facts = kr.ask("GET", f"/records/{record}?reason=the+case")[1]["facts"]
    assert [each["kind"] for each in facts] == ["send", "acknowledge", "accept", "answer"]
    assert [each["status"] for each in facts[0]["receipts"]] == ["accepted"]


def test_the_lines_are_pinned(pair: tuple[Served, Served]) -> None:
    """A caller that trusts the other node's certificate, or the machine's authorities, does not get through."""
    kr, kh = pair
    other = pinned_context(read_identity((kh.home / "identity").read_bytes()).tls)
    for context in (other, True):
        with httpx2.Client(verify=context, trust_env=False) as stranger, pytest.raises(httpx2.ConnectError):
            stranger.get(f"https://127.0.0.1:{kr.port}/health")


@pytest.mark.parametrize("killed_after", [3, 11])
def test_a3_nothing_is_lost_and_nothing_comes_twice_when_the_receiver_is_killed(
    pair: tuple[Served, Served], killed_after: int
) -> None:
    """A3: kill -9 of the receiver in the middle; after its restart everything is there once, in order, and the sender has a
    receipt "delivered at" for each; what the receiver had acknowledged to its own officer before is not lost either."""
    kr, kh = pair
    before = set(kh.states())
    sent = [kr.request("KH", number)["record"] for number in range(killed_after)]
    kh.wait("the first", lambda: sent[0] in kh.states())
    answered = kh.done(f"/records/{sent[0]}/acknowledge", {})["record"]
    sent += [kr.request("KH", number)["record"] for number in range(killed_after, killed_after + 5)]
    kh.end(signal.SIGKILL)
    sent += [kr.request("KH", number)["record"] for number in range(killed_after + 5, killed_after + 15)]
    kh.start()
    kh.wait("everything", lambda: set(sent) <= set(kh.states()))
    assert set(kh.states()) - before == set(sent), "nothing else, nothing twice"
    kr.wait("the officer's act of before the kill", lambda: kr.states()[answered] == "acknowledged")
    kr.wait("all receipts", lambda: all(delivered(kr, record) for record in sent[-1:] + sent[:1]))
    times = [delivered(kr, record) for record in sent]
    assert all(times)
    assert len({fact for record in sent for fact in facts_of(kh, record)}) == len(sent) + 1
    assert kr.ask("GET", "/peers")[1]["peers"][0]["backlog"] == 0
    assert in_order(kh, sent)
    assert kr.log_holds()
    assert kh.log_holds()


def delivered(node: Served, record: str) -> int:
    """When the receiver accepted the record's opening fact, by its one signed receipt; 0 while there is none."""
    opening = node.ask("GET", f"/records/{record}?reason=the+case")[1]["facts"][0]
    times = [
        from_iso(each["at"])
        for each in opening["receipts"]
        if (each["direction"], each["status"]) == ("in", "accepted")
    ]
    assert len(times) <= 1
    return times[0] if times else 0


def facts_of(node: Served, record: str) -> list[str]:
    return [each["id"] for each in node.ask("GET", f"/records/{record}?reason=the+case")[1]["facts"]]


def in_order(node: Served, records: list[str]) -> bool:
    """Whether the openings stand in the node's log in the order in which they were sent."""
    places = [node.ask("GET", f"/records/{record}?reason=the+case")[1]["facts"][0]["index"] for record in records]
    return places == sorted(places) and len(set(places)) == len(places)


def test_a_private_question_is_answered_within_five_seconds(pair: tuple[Served, Served]) -> None:
    """B1 over the line: table fetched, question logged at both ends, hit with the owner's desk and no content."""
    asker, holder = pair
    number = "+85512345678"
    listed = {"title": "Numbers", "source": "desk", "data": "phone"}
    marks = {"purpose": "stop-fraud", "data": "phone", "subject": "other"}
    record = holder.done("/records/circular", listed, to=["KR"], marks=marks)["record"]
    holder.done(f"/records/{record}/entry", {"kind": "phone", "value": number})
    agreement = next(iter(holder.states("agreement")))
    offered = {
        "instrument": agreement, "category": "phone", "purposes": ["stop-fraud"], "subjects": ["other"], "desk": "cyber desk of KH",
        "contact": "+855 23 000 000", "reason": "agreed in the working group",
    }  # fmt: skip
    assert holder.ask("POST", "/private/holdings", offered)[0] == 201
    asker.wait("the table", lambda: [each["state"] for each in asker.ask("GET", "/private/holdings")[1]] == ["ready"])
    question = {
        "terms": [{"type": "phone", "value": number}], "purpose": "stop-fraud", "subject": "other", "reason": "a report of today",
        "seconds": 5,
    }  # fmt: skip
    status, asked = asker.ask("POST", "/private/questions", question)
    assert status == 201, asked
    (answer,) = asked["answers"]
    assert (answer["node"], answer["state"]) == ("KH", "answered")
    (hit,) = answer["hits"]
    assert (hit["desk"], hit["category"]) == ("cyber desk of KH", "phone")
    assert holder.ask("GET", f"/private/references/{hit['reference']}")[1] == {"records": [record]}
    assert holder.states("private-question") == {answer["record"]: "answered"}
