"""Takes the pictures of the README: plays the demonstration, opens its pages in Chromium and saves small PNG files.

Usage: python scripts/pictures.py [--to docs/pictures]
Everything on them is played: invented people, a public list, four nodes on this machine.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from struct import pack, unpack
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from spean.demo.federation import Federation, Played
from spean.demo.known import BIRTH, Scene
from spean.demo.minutes import second, served
from spean.demo.minutes.files import CPB, Files
from spean.demo.minutes.stage import DESK
from spean.demo.minutes.story import Minutes
from spean.demo.story import Story, Told

MOST_BYTES = 150_000
TASK = "Night shift, incoming requests"
WIDE, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}


class Camera:
    """One officer's browser at one node."""

    def __init__(self, browser: Browser, played: Played, session: str, folder: Path) -> None:
        self._browser = browser
        self._played = played
        self._session = session
        self._folder = folder

    def take(
        self,
        name: str,
        path: str,
        *,
        night: bool = False,
        phone: bool = False,
        before: Callable[[Page], None] | None = None,
    ) -> None:
        """Open ``path`` and save what is seen as ``name``.png."""
        scheme = "dark" if night else "light"
        context = self._browser.new_context(
            viewport=PHONE if phone else WIDE, color_scheme=scheme, reduced_motion="reduce"
        )
        prefix = f"spean-{self._played.name}"
        for cookie, value in (
            (prefix, self._session),
            (f"{prefix}-task", TASK.replace(" ", "%20").replace(",", "%2C")),
        ):
            context.add_cookies(
                [{"name": cookie, "value": value, "domain": f"{self._played.name.lower()}.localhost", "path": "/"}]
            )
        page = context.new_page()
        answer = page.goto(self._played.url + path)
        if answer is None or answer.status != 200:
            log = (self._played.home / "serve.log").read_text()[-3000:]
            raise SystemExit(f"{path} is not shown: {answer and answer.status}\n{log}")
        if before is not None:
            before(page)
        page.wait_for_timeout(700)  # letters of China and Korea are asked for once the page has stood
        page.evaluate("document.fonts.ready")
        file = self._folder / f"{name}.png"
        file.write_bytes(small(page.screenshot()))
        if file.stat().st_size > MOST_BYTES:
            raise SystemExit(f"{file} has {file.stat().st_size} bytes, more than {MOST_BYTES}")
        print(f"{file}  {file.stat().st_size // 1000} kB", file=sys.stderr)
        context.close()


def small(png: bytes) -> bytes:
    """The same picture with a palette of at most 256 colours. Chromium writes eight bits for each of red, green and blue (PNG, ISO 15948)."""
    width, height, rows = _pixels(png)
    counts: dict[bytes, int] = {}
    flat = b"".join(rows)
    for at in range(0, len(flat), 3):
        colour = flat[at : at + 3]
        counts[colour] = counts.get(colour, 0) + 1
    common = sorted(counts, key=lambda colour: -counts[colour])[:255]
    places = {colour: place for place, colour in enumerate(common)}
    for colour in counts:
        if colour not in places:
            places[colour] = min(range(len(common)), key=lambda place: _distance(common[place], colour))
    lines = b"".join(b"\0" + bytes(places[row[at : at + 3]] for at in range(0, len(row), 3)) for row in rows)
    head = pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", head), (b"PLTE", b"".join(common)), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _distance(one: bytes, other: bytes) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))


def _pixels(png: bytes) -> tuple[int, int, list[bytes]]:
    """Width, height and the rows of a PNG of true colour, three bytes a pixel."""
    at, data, head = 8, b"", b""
    while at < len(png):
        (length,) = unpack(">I", png[at : at + 4])
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        head = body if kind == b"IHDR" else head
        data += body if kind == b"IDAT" else b""
        at += 12 + length
    width, height, depth, colour, _, _, interlaced = unpack(">IIBBBBB", head)
    if (depth, interlaced) != (8, 0) or colour not in (2, 6):
        raise SystemExit("a PNG of another kind than Chromium writes")
    size = 3 if colour == 2 else 4
    raw, rows, above = zlib.decompress(data), [], bytearray(width * size)
    for line in range(height):
        start = line * (width * size + 1)
        above = _unfiltered(raw[start], bytearray(raw[start + 1 : start + 1 + width * size]), above, size)
        rows.append(bytes(above) if size == 3 else b"".join(bytes(above[x : x + 3]) for x in range(0, len(above), 4)))
    return width, height, rows


def _unfiltered(kind: int, row: bytearray, above: bytearray, size: int) -> bytearray:
    """Undo a row's filter (PNG, clause 9)."""
    for x in range(len(row)):
        left, up = row[x - size] if x >= size else 0, above[x]
        corner = above[x - size] if x >= size else 0
        guess = (0, left, up, (left + up) // 2, _paeth(left, up, corner))[kind] if kind else 0
        row[x] = (row[x] + guess) & 0xFF
    return row


def _paeth(left: int, up: int, corner: int) -> int:
    near = left + up - corner
    distances = (abs(near - left), abs(near - up), abs(near - corner))
    return (left, up, corner)[distances.index(min(distances))]


def refuse(page: Page, agreement: str) -> None:
    """Fill in a request that no agreement permits, and send it."""
    typed = {
        "f.facts": "A victim's savings went to this address within an hour.", "f.items.0.value": "TPlayedWallet0007",
        "f.items.0.question": "Who holds it?", "f.need": "The next hop decides where a stop request has to go.",
        "f.proportionality": "One address, no person is asked about.",
    }  # fmt: skip
    chosen = {
        "f.offence": "fraud", "f.items.0.selector": "wallet", "m.purpose": "stop-fraud", "m.data": "document", "m.subject": "suspect",
        "m.instrument": agreement,
    }  # fmt: skip
    for name, value in chosen.items():
        page.locator(f"[id='{name}']").select_option(value)
    for name, value in typed.items():
        page.locator(f"[id='{name}']").fill(value)
    page.locator("input[name=to][value=KR]").check()
    page.locator("#send").click()
    page.locator("main .rule").first.wait_for()


def ask(federation: Federation, told: Told) -> str:
    """A request of KR that waits at KH's desk; its name."""
    desks = {name: played.desk for name, played in federation.nodes.items()}
    form = {
        "offence": "fraud", "facts": "A victim in Incheon sent her savings to a wallet that a friend from the internet had named.",
        "items": [{"selector": "wallet", "value": "TPlayedWallet0001", "chain": "tron", "question": "Who owns it? Shop: ហាងទូរស័ព្ទ សុខា"}],
        "need": "The wallet is the only trace that is left.", "proportionality": "One wallet, one question.",
        "urgency": "urgent-direct", "urgency_reason": "The money moves on within minutes.",
    }  # fmt: skip
    marks: dict[str, Any] = {
        "instrument": told.agreement,
        "purpose": "stop-fraud",
        "data": "wallet",
        "subject": "suspect",
    }
    for urgency in ("normal", "urgent", "urgent-direct"):
        record = str(desks["KR"].open("information-request", {**form, "urgency": urgency}, ["KH"], **marks)["record"])
        desks["KH"].wait_state(record, "sent")
    return record


def session(
    federation: Federation, played: Played, name: str, unit: str = "desk", roles: tuple[str, ...] = DESK
) -> str:
    """A session of somebody who is new at the node (the played ones sign in by their passkeys)."""
    node = federation.open(played)
    try:
        officer = node.people.add(name, unit=unit, roles=roles)
        return node.signing_in.sign_in_link(node.people.token(officer, use="link"))
    finally:
        node.close()


def known(federation: Federation, secret: str, browser: Browser, folder: Path) -> None:
    """One invented person in three scripts: what KR found without showing her, what stands around her at KH, and KH's border."""
    told = Scene({name: played.desk for name, played in federation.nodes.items()}, lambda _: None).play()
    korea, cambodia = federation.nodes["KR"], federation.nodes["KH"]
    Camera(browser, korea, session(federation, korea, "Yoon Ara"), folder).take(
        "look-up", f"/same/look-ups/{told.look_up}"
    )
    Camera(browser, cambodia, secret, folder).take("entity-night", f"/entities/{told.entity}", night=True)
    officer = session(federation, cambodia, "Ouk Veasna", roles=("border-officer",))
    Camera(browser, cambodia, officer, folder).take("border", "/border", before=protect)


def protect(page: Page) -> None:
    """Ask about the traveller at the counter."""
    page.locator("#name").fill("Sok Dara")
    page.locator("#birth").fill(BIRTH)
    page.locator("#send").click()
    page.wait_for_load_state()


def money(federation: Federation, files: Files, told: Told, browser: Browser, folder: Path) -> None:
    """The story “Minutes” up to its fourth hour: board and sheet at KR, an order at a bank's desk in TH."""
    stage = served.Served(federation, told.agreement)
    case = Minutes(stage, files, lambda _: None).play().case
    second.leave(stage)
    korea, thailand = federation.nodes["KR"], federation.nodes["TH"]
    camera = Camera(browser, korea, session(federation, korea, "Han Sora"), folder)
    camera.take("hold-board", "/money")
    camera.take("money-night", f"/money/{case}", night=True)
    secret = session(federation, thailand, "Ploy Chanthara", CPB, ("bank-desk",))
    Camera(browser, thailand, secret, folder).take("bank", "/bank")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", default="docs/pictures", type=Path)
    folder: Path = parser.parse_args().to
    program = next(
        filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"))),
        "",
    )
    if not program:
        raise SystemExit("no Chromium here; scripts/system.sh installs it where it may")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="spean-pictures-") as home:
        files = Files(served.beginning())
        federation = Federation(Path(home) / "demo", begins=files.at(60))
        federation.make()
        secret = session(federation, federation.nodes["KH"], "Chan Bopha")
        federation.start()
        try:
            told = Story({name: played.desk for name, played in federation.nodes.items()}, lambda _: None).play()
            record = ask(federation, told)
            with sync_playwright() as play:
                browser = play.chromium.launch(
                    executable_path=program, args=["--no-sandbox"] if os.geteuid() == 0 else []
                )
                camera = Camera(browser, federation.nodes["KH"], secret, folder)
                camera.take("desk-day", "/")
                camera.take("record-night", f"/records/{record}", night=True)
                camera.take("refusal", "/new/information-request", before=lambda page: refuse(page, told.agreement))
                camera.take("telephone", f"/records/{record}", phone=True)
                camera.take("proofs", f"/facts/{told.fact}")
                known(federation, secret, browser, folder)
                money(federation, files, told, browser, folder)
                browser.close()
        finally:
            federation.stop()
    print(json.dumps({"pictures": sorted(path.name for path in folder.glob("*.png"))}))


if __name__ == "__main__":
    main()
