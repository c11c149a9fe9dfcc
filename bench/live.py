"""Live pages: from a partner's commit to the officer's screen, and fifty officers on one node.

Usage: python bench/live.py [--facts 25] [--officers 50] [--seconds 30] [--no-browser] [--json]
Goals: partner's commit to screen p95 at most 2 s; fifty officers with open pages p95 at most 200 ms and no error. The two nodes are
processes of their own. The screen is a real Chromium: the time ends when the new line stands in the document. Each officer holds a
stream open, looks at desk, a record, a form and a list in turn with 1 to 5 seconds of thought between, and one in ten looks
is followed by an act. Every two seconds the partner sends a request, and all fifty desks ask for their lines anew at the same moment.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import httpx2

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from browser.furnished import REQUEST, Furnished
from browser.served import Pair, until

SCREEN_MS, PAGE_MS = 2_000.0, 200.0
TIMEOUT = 30.0
LIMITS = httpx2.Limits(keepalive_expiry=4.0)
"""Below the server's own patience with a quiet connection, so that a request never meets its end, which a browser would ask again."""
NEWS_S = 2.0
"""Seconds between two requests that the partner sends meanwhile."""


class World:
    """The federation in a process of its own; told what to do over a pipe."""

    def __init__(self, folder: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(folder, theirs), daemon=True)
        self._process.start()
        self.told: dict[str, Any] = self._pipe.recv()

    def ask(self, what: str, **words: Any) -> Any:
        """What the process answers."""
        self._pipe.send((what, words))
        return self._pipe.recv()

    def stop(self) -> None:
        self._pipe.send(("stop", {}))
        self._process.join(20)
        if self._process.is_alive():
            self._process.kill()


def _serve(folder: Path, pipe: Connection) -> None:
    world = Furnished(Pair(folder))
    node = world.kr.node
    sessions = []
    for number in range(200):
        user = node.people.add(f"Officer {number}", unit="desk", roles=("duty-officer", "analyst"))
        sessions.append(node.signing_in.sign_in_link(node.people.token(user, use="link")))
    told = {"url": world.kr.url, "port": world.kr.port, "sessions": sessions, "records": list(world.requests.values())}  # fmt: skip
    world.kr.stop()  # from here on the officers' node is a process of its own, as its keeper starts it
    command = [sys.executable, "-m", "spean", "--home", str(world.kr.home), "serve"]
    served = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: _answers(world.kr.port), "KR")
    pipe.send(told)
    while True:
        what, _ = pipe.recv()
        if what == "stop":
            served.terminate()
            served.wait(20)
            world.kh.stop()
            return
        if what == "ask":  # the partner opens a request; the time is that of its commit
            done = world.kh.open("information-request", "send", REQUEST, "KR", world.marks)
            pipe.send((done.record, time.time() * 1000))


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def screen(world: World, facts: int, program: str) -> list[float]:
    """From KH's commit to the line on KR's desk in Chromium, ms."""
    from playwright.sync_api import sync_playwright

    found = []
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        context = chromium.new_context(viewport={"width": 1366, "height": 768})
        context.add_cookies(
            [{"name": "spean-KR", "value": world.told["sessions"][0], "domain": "kr.localhost", "path": "/"}]
        )
        page = context.new_page()
        page.goto(world.told["url"] + "/")
        for _ in range(facts):
            record, committed = world.ask("ask")
            shown = page.wait_for_function(
                "(href) => document.querySelector(`a[href='${href}']`) ? Date.now() : 0",
                arg=f"/records/{record}",
                polling=10,
            ).json_value()
            found.append(float(shown) - committed)
        chromium.close()
    return found


class Officer:
    """One of fifty."""

    def __init__(self, world: World, number: int, until: float) -> None:
        self._told = world.told
        self._until = until
        self._dice = random.Random(number)
        headers = {
            "cookie": f"spean-KR={world.told['sessions'][number]}; spean-KR-task=bench", "accept-encoding": "gzip",
            "host": world.told["url"].removeprefix("http://"), "origin": world.told["url"], "sec-fetch-site": "same-origin",
        }  # fmt: skip
        self._client = httpx2.AsyncClient(
            base_url=f"http://127.0.0.1:{world.told['port']}", headers=headers, timeout=TIMEOUT
        )
        self.times: list[float] = []
        self.refreshes: list[float] = []
        self.errors: list[str] = []
        self.events = 0

    async def work(self) -> None:
        """Pages with thought between, beside an open stream."""
        listening = asyncio.create_task(self._listen())
        await asyncio.sleep(self._dice.uniform(0, 5))
        while time.monotonic() < self._until:
            await self._look()
            await asyncio.sleep(self._dice.uniform(1, 5))
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await self._client.aclose()

    async def _listen(self) -> None:
        async with self._client.stream("GET", "/live?of=desk", timeout=None) as stream:
            if stream.status_code != 200:
                self.errors.append(f"stream {stream.status_code}")
            async for line in stream.aiter_lines():
                if line == "event: changed":  # the page asks for itself anew, as in a browser
                    self.events += 1
                    await self._timed("GET", "/", self.refreshes)

    async def _look(self) -> None:
        record = self._dice.choice(self._told["records"])
        paths = ["/", f"/records/{record}", "/new/information-request", "/?procedure=circular", "/?turn=ours"]
        await self._timed("GET", self._dice.choice(paths), self.times)
        if self._dice.random() < 0.1:
            await self._timed("POST", f"/records/{record}/note", self.times, {"f.text": "seen in the bench"})

    async def _timed(self, method: str, path: str, times: list[float], form: dict[str, str] | None = None) -> None:
        start = time.perf_counter()
        try:
            answer = await self._client.request(method, path, data=form)
        except httpx2.HTTPError as failed:
            self.errors.append(f"{method} {path}: {type(failed).__name__}")
            return
        times.append((time.perf_counter() - start) * 1000)
        if answer.status_code not in (200, 303):
            self.errors.append(f"{method} {path}: {answer.status_code}")


async def crowd(world: World, officers: int, seconds: float) -> list[Officer]:
    """All of them at once."""
    until = time.monotonic() + seconds
    people = [Officer(world, number + 1, until) for number in range(officers)]

    async def news() -> None:
        while time.monotonic() < until:
            await asyncio.to_thread(world.ask, "ask")
            await asyncio.sleep(NEWS_S)

    await asyncio.gather(news(), *(each.work() for each in people))
    return people


def _row(what: str, times: list[float], goal: float) -> dict[str, Any]:
    return {"what": what, "p50": statistics.median(times), "p95": p95(times), "goal": goal}


def p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


def run(facts: int, officers: int, seconds: float, browser: bool) -> dict[str, Any]:
    program = next(
        filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"))),
        "",
    )
    rows = []
    with tempfile.TemporaryDirectory(prefix="spean-bench-") as folder:
        world = World(Path(folder))
        try:
            if browser and program:
                times = screen(world, facts, program)
                rows.append(_row(f"partner's commit to the screen ({len(times)} facts)", times, SCREEN_MS))
            people = asyncio.run(crowd(world, officers, seconds))
        finally:
            world.stop()
    looks = [each for officer in people for each in officer.times]
    errors = [each for officer in people for each in officer.errors]
    rows.append(_row(f"{officers} officers, {len(looks)} looks and acts", looks, PAGE_MS))
    refreshes = [each for officer in people for each in officer.refreshes]
    rows.append(_row(f"their pages brought up to date, all at once ({len(refreshes)})", refreshes, SCREEN_MS))
    ok = all(row["p95"] <= row["goal"] for row in rows) and not errors
    return {
        "rows": rows, "errors": errors[:20], "error_count": len(errors), "events": sum(each.events for each in people),
        "load": round(os.getloadavg()[0], 1), "ok": ok,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--facts", type=int, default=25)
    parser.add_argument("--officers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--no-browser", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = run(options.facts, options.officers, options.seconds, not options.no_browser)
    if options.json:
        print(json.dumps(result))
        return
    print(f"live pages, two nodes on SQLite (load of the machine: {result['load']})")
    for row in result["rows"]:
        print(f"{row['what']:58} p50 {row['p50']:>7,.0f} ms   p95 {row['p95']:>7,.0f} ms   goal {row['goal']:,.0f} ms")
    print(f"errors: {result['error_count']}; changes told over the streams: {result['events']:,}")
    for error in result["errors"]:
        print(f"  {error}")
    print("all goals met" if result["ok"] else "a goal was MISSED")


if __name__ == "__main__":
    main()
