"""A form with a file, read piece by piece: whatever the pieces, the same fields and the same bytes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spean.core.errors import InvalidInput, SpeanError, TooMuch
from spean.web.frame.upload import MOST_VALUE, read_upload

TYPE = "multipart/form-data; boundary=----x7"


def body(file: bytes, *, boundary: bytes = b"----x7", name: str = "bank.csv", **fields: str) -> bytes:
    parts = [f'Content-Disposition: form-data; name="{key}"\r\n\r\n{value}'.encode() for key, value in fields.items()]
    parts.append(
        f'Content-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'.encode()
        + file
    )
    return b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + boundary + b"--\r\n"


def cut(whole: bytes, size: int) -> Iterator[bytes]:
    for at in range(0, len(whole), size):
        yield whole[at : at + size]


PIECES = st.lists(st.sampled_from([b"\r\n", b"--", b"----x7", b"\r\n------x", b"a", b"\0", b"-", b"\r"]), max_size=30)


@given(PIECES.map(b"".join), st.integers(1, 70))
def test_bytes_come_through_however_they_are_cut(file: bytes, size: int) -> None:
    if b"\r\n------x7" in b"\r\n" + file:
        return  # a browser chooses a boundary that stands nowhere in the file
    got = read_upload(TYPE, cut(body(file, source="B", grade="2"), size))
    assert (got.fields, got.name) == ({"source": "B", "grade": "2"}, "bank.csv")
    assert b"".join(got.chunks) == file


def test_a_large_file_is_never_whole_in_memory() -> None:
    def endless() -> Iterator[bytes]:
        whole = body(b"")
        head, tail = whole[: whole.index(b"\r\n\r\n") + 4], whole[whole.index(b"\r\n\r\n") + 4 :]
        yield head
        for _ in range(2000):
            yield b"x" * 4096
        yield tail

    sizes = [len(chunk) for chunk in read_upload(TYPE, endless()).chunks]
    assert sum(sizes) == 2000 * 4096
    assert max(sizes) < 10_000


def test_a_long_name_is_cut_and_the_file_is_there() -> None:
    got = read_upload(TYPE, cut(body(b"x", name="n" * 2000 + ".csv"), 70))
    assert (got.name, b"".join(got.chunks)) == ("n" * 255, b"x")


def test_names_of_files_in_any_script() -> None:
    got = read_upload(TYPE, cut(body(b"x", name='ធនាគារ \\"1\\".csv'), 7))
    assert got.name == 'ធនាគារ "1".csv'


@pytest.mark.parametrize(
    ("kind", "whole", "error"),
    [
        ("multipart/form-data", body(b"x"), InvalidInput),
        (TYPE, body(b"x")[:-20], InvalidInput),
        (TYPE, b"", InvalidInput),
        (TYPE, b"------x7--\r\n", InvalidInput),
        (TYPE, b"------x7 rest", InvalidInput),
        (TYPE, b"------x7\r\n" + b"h" * 20_000, InvalidInput),
        (TYPE, b"------x7\r\nContent-Disposition: form-data\r\n\r\nx\r\n------x7--\r\n", InvalidInput),
        (TYPE, body(b"x", source="y" * (MOST_VALUE + 1)), TooMuch),
        (TYPE, body(b"x", **{f"f{n}": "1" for n in range(50)}), TooMuch),
    ],
)  # fmt: skip
def test_damaged_forms_are_refused(kind: str, whole: bytes, error: type[SpeanError]) -> None:
    with pytest.raises(error):
        list(read_upload(kind, cut(whole, 11)).chunks)
