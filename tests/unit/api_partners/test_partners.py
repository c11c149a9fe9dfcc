"""The partners' routes without a line: who may ask what, and what a refusal looks like."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import httpx2
import pytest
from starlette.applications import Starlette

from spean.api.partners import partner_routes
from spean.core.errors import NotFound, Refusal, StepFailed, Unauthenticated
from spean.exchange import httpsig
from spean.exchange.page import GIVE_BACK_TYPE, PAGE_TYPE, PULL_TYPE, GiveBack, Pull, decode_hashes, encode

PULL = Pull(3, 1500, 10, 0, [], b"", [], 1)


@dataclass
class Gate:
    """Believes the header ``x-peer``; signatures are tested elsewhere."""

    seen: list[tuple[object, ...]] = field(default_factory=list)

    async def authenticate(self, request: httpsig.Request) -> str:
        self.seen.append(("asked", request.method, request.authority, request.path, request.query, request.body))
        if "x-peer" not in request.headers:
            raise Unauthenticated("Nobody known asks", why="no signature", remedy="sign it", rule="RFC 9421")
        return request.headers["x-peer"]

    async def serve_pull(self, peer: str, pull: Pull, wait_ms: int) -> bytes:
        if peer == "TH":
            raise StepFailed(3, "suspended", remedy="through INT")
        self.seen.append((peer, pull, wait_ms))
        return b"page for " + peer.encode()

    async def serve_checkpoint(self, peer: str) -> bytes:
        return b"note"

    async def serve_tile(self, peer: str, path: str) -> bytes:
        return path.encode()

    async def serve_consistency(self, peer: str, old: int, new: int, log: str) -> list[bytes]:
        if new > 9:
            raise NotFound("The log is not that long")
        return [bytes([old]) * 32, bytes([new]) * 32]

    async def serve_identity(self) -> bytes:
        return b"identity"

    async def serve_parcel(self, peer: str, name: str, start: int) -> bytes:
        if peer == "TH":
            raise NotFound("No such parcel for you")
        return f"{name[:4]} from {start}".encode()

    async def serve_give_back(self, peer: str, request: GiveBack) -> bytes:
        raise Refusal("D5", f"{peer} has not been restored", remedy="ask for a pull")


def ask(gate: Gate, method: str, path: str, body: bytes = b"", **headers: str) -> httpx2.Response:
    async def asking() -> httpx2.Response:
        transport = httpx2.ASGITransport(Starlette(routes=partner_routes(gate)))
        async with httpx2.AsyncClient(transport=transport, base_url="http://kr.localhost:8001") as client:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.request(method, path, content=body, headers=named)

    return asyncio.run(asking())


def test_a_pull_is_answered_for_who_asks_and_for_nobody_else() -> None:
    gate = Gate()
    answer = ask(gate, "POST", "/exchange/v1/pull", encode(PULL), x_peer="KH", content_type=PULL_TYPE)
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, b"page for KH", PAGE_TYPE)
    assert gate.seen == [
        ("asked", "POST", "kr.localhost:8001", "/exchange/v1/pull", "", encode(PULL)),
        ("KH", PULL, 1500),
    ]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "pull"),
        ("POST", "give-back"),
        ("GET", "checkpoint"),
        ("GET", "consistency?old=1&new=2"),
        ("GET", "tile/0/000"),
    ],
)
def test_whoever_is_not_proved_gets_nothing(method: str, path: str) -> None:
    gate = Gate()
    answer = ask(gate, method, f"/exchange/v1/{path}")
    assert answer.status_code == 401
    assert answer.json()["rule"] == "RFC 9421"
    assert len(gate.seen) == 1


def test_the_identity_is_public() -> None:
    assert ask(Gate(), "GET", "/exchange/v1/identity").content == b"identity"


def test_checkpoint_proofs_and_hash_tiles() -> None:
    gate = Gate()
    assert ask(gate, "GET", "/exchange/v1/checkpoint", x_peer="KH").content == b"note"
    proof = ask(gate, "GET", "/exchange/v1/consistency?old=3&new=7", x_peer="KH")
    assert decode_hashes(proof.content) == [b"\3" * 32, b"\7" * 32]
    for tile in ("tile/0/000", "tile/1/x001/x234/067", "tile/63/000.p/255", "tile/0/x999/999.p/1"):
        assert ask(gate, "GET", f"/exchange/v1/{tile}", x_peer="KH").content == tile.encode()


@pytest.mark.parametrize(
    "path",
    ["tile/entries/000", "tile/64/000", "tile/0/00", "tile/0/000.p/0", "tile/0/x00/000", "tile/0/000/x001", "feed/TH"],
)
def test_no_other_path_is_served(path: str) -> None:
    answer = ask(Gate(), "GET", f"/exchange/v1/{path}", x_peer="KH")
    assert (answer.status_code, answer.json()["error"]) == (404, "NotFound")


def test_errors_carry_rule_step_and_remedy() -> None:
    step = ask(Gate(), "POST", "/exchange/v1/pull", encode(PULL), x_peer="TH", content_type=PULL_TYPE)
    assert (step.status_code, step.json()["step"], step.json()["remedy"]) == (403, "3", "through INT")
    body = encode(GiveBack(0, 1, 1))
    rule = ask(Gate(), "POST", "/exchange/v1/give-back", body, x_peer="KH", content_type=GIVE_BACK_TYPE)
    assert (rule.status_code, rule.json()["rule"]) == (403, "D5")
    assert ask(Gate(), "GET", "/exchange/v1/consistency?old=1&new=10", x_peer="KH").status_code == 404


@pytest.mark.parametrize(
    "query", ["", "old=1", "old=7&new=3", "old=-1&new=3", "old=x&new=3", "old=1&new=" + "9" * 17, "old=٣&new=7"]
)
def test_senseless_sizes_are_422(query: str) -> None:
    assert ask(Gate(), "GET", f"/exchange/v1/consistency?{query}", x_peer="KH").status_code == 422


@pytest.mark.parametrize(("media", "body"), [(GIVE_BACK_TYPE, encode(PULL)), (PULL_TYPE, b"\xff"), (PULL_TYPE, b"")])
def test_another_message_or_garbage_is_422(media: str, body: bytes) -> None:
    gate = Gate()
    answer = ask(gate, "POST", "/exchange/v1/pull", body, x_peer="KH", content_type=media)
    assert answer.status_code == 422
    assert len(gate.seen) == 1


PARCEL = "ab" * 32


def test_a_parcel_is_fetched_from_a_byte_on_by_whom_a_fact_names_it() -> None:
    found = ask(Gate(), "GET", f"/exchange/v1/parcel/{PARCEL}?from=256", x_peer="KH")
    assert (found.status_code, found.content) == (200, b"abab from 256")
    assert ask(Gate(), "GET", f"/exchange/v1/parcel/{PARCEL}?from=0", x_peer="TH").status_code == 404
    assert ask(Gate(), "GET", f"/exchange/v1/parcel/{PARCEL}?from=0").status_code == 401


@pytest.mark.parametrize("path", ["parcel/x?from=0", f"parcel/{PARCEL.upper()}?from=0", f"parcel/{PARCEL}/tile?from=0"])
def test_other_names_are_no_parcels(path: str) -> None:
    assert ask(Gate(), "GET", f"/exchange/v1/{path}", x_peer="KH").status_code == 404


@pytest.mark.parametrize("start", ["", "?from=", "?from=-1", "?from=x", "?from=99999999999999999"])
def test_a_parcel_begins_at_a_number(start: str) -> None:
    assert ask(Gate(), "GET", f"/exchange/v1/parcel/{PARCEL}{start}", x_peer="KH").status_code == 422
