"""The fonts are those that VENDOR.md names, and the style sheets name nothing else."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

import spean.web

FONTS = Path(spean.web.__file__).parent / "static" / "fonts"
SHEETS = ("fonts.css", "fonts-cjk.css")


def listed() -> dict[str, tuple[int, str]]:
    rows = re.findall(r"^\| ([\w.-]+) \| (\d+) \| `([0-9a-f]{64})` \|$", (FONTS / "VENDOR.md").read_text("utf-8"), re.M)
    return {name: (int(size), digest) for name, size, digest in rows}


def test_every_file_is_listed_with_its_hash() -> None:
    there = {path.name: path for path in FONTS.iterdir() if path.name not in (*SHEETS, "VENDOR.md")}
    assert set(there) == set(listed())
    for name, (size, digest) in listed().items():
        content = there[name].read_bytes()
        assert (len(content), sha256(content).hexdigest()) == (size, digest), name


def test_the_sheets_name_our_files_and_only_them() -> None:
    named = [name for sheet in SHEETS for name in re.findall(r'url\("([^"]*)"\)', (FONTS / sheet).read_text("utf-8"))]
    assert len(named) == len(set(named))
    assert set(named) == {path.name for path in FONTS.glob("*.woff2")}
    assert all("//" not in (FONTS / sheet).read_text("utf-8") for sheet in SHEETS)


def test_each_face_has_a_range_and_does_not_block_the_text() -> None:
    for sheet in SHEETS:
        faces = (FONTS / sheet).read_text("utf-8").split("@font-face")[1:]
        assert all("unicode-range: U+" in face and "font-display: swap" in face for face in faces)


def test_the_first_sheet_is_small_and_all_fonts_stay_under_twelve_megabytes() -> None:
    assert (FONTS / "fonts.css").stat().st_size < 4_000
    assert sum(path.stat().st_size for path in FONTS.glob("*.woff2")) < 12_000_000


def test_the_licence_lies_beside_the_fonts() -> None:
    licences = list(FONTS.glob("LICENSE-*.txt"))
    assert len(licences) == 7
    assert all("SIL Open Font License, Version 1.1" in path.read_text("utf-8") for path in licences)
