"""What a page weighs: HTML and scripts of every page, and the first paint on a slow line in a real Chromium.

Usage: python bench/pages.py [--no-browser] [--json]
Goals: HTML at most 60 kB and script at most 60 kB, both compressed; first paint at most 0.5 s on a line of 1 Mbit/s with 40 ms
on the way. The pages are those of a furnished federation of two nodes, as the tests in tests/browser use it. First paint is
measured twice: on the very first visit, and on the next page, when style, script and fonts are kept by the browser.
"""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx2

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from browser.furnished import Furnished
from browser.places import PLACES
from browser.served import Pair
from spean.web.frame.static import FOLDER

GOAL_KB, PAINT_MS = 60.0, 500.0
LINE = {"offline": False, "latency": 40, "downloadThroughput": 125_000, "uploadThroughput": 125_000}
"""1 Mbit/s both ways."""
PAINT = """() => new Promise((done) => {
  const painted = () => performance.getEntriesByName("first-contentful-paint")[0];
  if (painted()) { done(painted().startTime); return; }
  new PerformanceObserver((list) => { for (const each of list.getEntriesByName("first-contentful-paint")) done(each.startTime); })
    .observe({type: "paint", buffered: true});
})"""


def weigh(world: Furnished) -> list[dict[str, Any]]:
    """One row for each page: bytes of its HTML, plain and compressed, and of the scripts it loads, compressed."""
    rows = []
    headers = {"cookie": f"spean-KR={world.kr.session()}; spean-KR-task=bench"}
    with httpx2.Client(base_url=f"http://127.0.0.1:{world.kr.port}", headers=headers) as client:
        for place in PLACES:
            for path in place.addresses(world):
                html = client.get(path).content
                scripts = {
                    part.split('"')[0].split("/", 2)[2] for part in html.decode().split('<script src="/static')[1:]
                }
                rows.append({
                    "page": place.path, "path": path, "html": len(html), "gzip": len(gzip.compress(html, 5)),
                    "script": sum(len(gzip.compress((FOLDER / name).read_bytes(), 9)) for name in scripts),
                })  # fmt: skip
    return rows


def paint(world: Furnished, program: str) -> dict[str, list[float]]:
    """First contentful paint in ms of the desk and a record over a line of 1 Mbit/s: with nothing kept, and with everything kept."""
    from playwright.sync_api import sync_playwright

    paths = ["/", f"/records/{world.requests['answered']}", "/new/information-request"]
    found: dict[str, list[float]] = {"cold": [], "warm": []}
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for path in paths:
            context = chromium.new_context(viewport={"width": 1366, "height": 768})
            for name, value in (("spean-KR", world.kr.session()), ("spean-KR-task", "bench")):
                context.add_cookies([{"name": name, "value": value, "domain": "kr.localhost", "path": "/"}])
            page = context.new_page()
            line = context.new_cdp_session(page)
            line.send("Network.enable")
            line.send("Network.emulateNetworkConditions", LINE)
            for kind in ("cold", "warm"):
                page.goto(world.kr.url + path)
                found[kind].append(page.evaluate(PAINT))
            context.close()
        chromium.close()
    return found


def run(browser: bool) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="spean-bench-") as folder:
        world = Furnished(Pair(Path(folder)))
        try:
            rows = weigh(world)
            program = next(
                filter(
                    None,
                    map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")),
                ),
                "",
            )
            painted = paint(world, program) if browser and program else {}
        finally:
            world.stop()
    heavy = max(row["gzip"] for row in rows) / 1000
    script = max(row["script"] for row in rows) / 1000
    ok = heavy <= GOAL_KB and script <= GOAL_KB and all(max(times) <= PAINT_MS for times in painted.values())
    return {"rows": rows, "html_kb": heavy, "script_kb": script, "paint": painted, "ok": ok}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--no-browser", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = run(not options.no_browser)
    if options.json:
        print(json.dumps(result))
        return
    worst: dict[str, dict[str, Any]] = {}
    for row in result["rows"]:
        if row["html"] > worst.get(row["page"], {"html": -1})["html"]:
            worst[row["page"]] = row
    print(f"{'page (its heaviest example)':40} {'HTML kB':>8} {'gzip kB':>8} {'script gzip kB':>15}")
    for row in worst.values():
        print(f"{row['page']:40} {row['html'] / 1000:>8.1f} {row['gzip'] / 1000:>8.1f} {row['script'] / 1000:>15.1f}")
    print(
        f"heaviest: HTML {result['html_kb']:.1f} kB, script {result['script_kb']:.1f} kB compressed (goal {GOAL_KB:.0f} each)"
    )
    for kind, times in result["paint"].items():
        said = ", ".join(f"{each:.0f}" for each in times)
        print(f"first paint on 1 Mbit/s, {kind} (desk, record, form): {said} ms (goal {PAINT_MS:.0f})")
    print("all goals met" if result["ok"] else "a goal was MISSED")


if __name__ == "__main__":
    main()
