"""What a file is, by its first bytes: names of files lie, and a wrong reader's complaint helps nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from spean.core.errors import InvalidInput

Kind = Literal["csv", "parquet"]
_PACKED = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bzip2", b"\xfd7zXZ": "xz"}
_SUFFIXES: dict[str, Kind] = {".csv": "csv", ".parquet": "parquet", ".pq": "parquet"}


def named(path: Path) -> bool:
    """Whether its name is that of a ledger's file; hidden files are none."""
    return path.suffix.lower() in _SUFFIXES and not path.name.startswith(".") and path.is_file()


def kind_of(path: Path) -> Kind:
    """Raises ``InvalidInput`` for a file that is packed, or not there."""
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "is no file on a disk" if path.exists() else "is not there"
        raise InvalidInput("file", f"{path.name} {what}", remedy="name a CSV or Parquet file")
    with path.open("rb") as file:
        head = file.read(8)
    for mark, packed in _PACKED.items():
        if head.startswith(mark):
            raise InvalidInput("file", f"{path.name} is packed ({packed})", remedy="unpack it first")
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InvalidInput("file", f"{path.name} is text in UTF-16", remedy="save it as UTF-8")
    return _SUFFIXES.get(path.suffix.lower(), "csv")


def not_utf8(path: Path) -> InvalidInput:
    """The error that names the first line that is not UTF-8."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                why = f"{path.name} line {number}: byte {error.start + 1} is not UTF-8"
                return InvalidInput("file", why, remedy="save the file as UTF-8")
    return InvalidInput("file", f"{path.name} is not UTF-8", remedy="save the file as UTF-8")
