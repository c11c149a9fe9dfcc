"""What a command works with: the node's home, who asks, and how to answer."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spean.cli.show import as_json, clean
from spean.core.errors import InvalidInput, Refusal, Unauthenticated

if TYPE_CHECKING:
    from spean.node.entry.people import Who
    from spean.node.node import Node

SERVICE_HOME = Path("/var/lib/spean")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cli:
    """One invocation."""

    home: Path
    json: bool = False
    token_file: str = ""
    command: str = ""
    """The command, as it stands in the log when it is refused."""

    def say(self, value: Any, text: str) -> None:
        """Answer: ``value`` for a program, ``text`` for a person."""
        print(as_json(value) if self.json else clean(text))

    def tell(self, text: str) -> None:
        """A remark for a person, beside the answer."""
        print(clean(text), file=sys.stderr)

    @contextmanager
    def node(self) -> Iterator[Node]:
        """The node in our home, closed at the end. A served node may run beside it: they share the store."""
        from spean.node.node import open_node

        node = open_node(self.home, passphrase=passphrase())
        try:
            yield node
        finally:
            node.close()

    def who(self, node: Node) -> Who:
        """The person who asks, known by an API token. Raises ``Unauthenticated``."""
        return node.people.authenticate(self._token(), through="cli")

    @contextmanager
    def desk(self) -> Iterator[tuple[Node, Who]]:
        """The node, and the person who acts or reads."""
        with self.node() as node:
            who = self.who(node)
            try:
                yield node, who
            except Refusal as refused:
                node.reading_desk.note_refusal(who, refused, f"spean {self.command}".strip())
                raise

    def _token(self) -> str:
        if self.token_file:
            return read_text(self.token_file, "token file").strip()
        token = os.environ.get("SPEAN_TOKEN", "").strip()
        if not token:
            raise Unauthenticated("Nobody asks", why="no token was given",
                                  remedy="set SPEAN_TOKEN or give --token-file; spean user token makes one")  # fmt: skip
        return token


def default_home() -> Path:
    """``SPEAN_HOME``; else the service's folder where there is one; else ``~/.spean``."""
    named = os.environ.get("SPEAN_HOME")
    if named:
        return Path(named)
    return SERVICE_HOME if SERVICE_HOME.is_dir() else Path.home() / ".spean"


def passphrase() -> str | None:
    """The passphrase of the node's keys: from a file only, never from a command line that others can list."""
    named = os.environ.get("SPEAN_PASSPHRASE_FILE")
    if not named:
        return None
    text = read_text(named, "SPEAN_PASSPHRASE_FILE").rstrip("\r\n")
    if not text:
        raise InvalidInput("SPEAN_PASSPHRASE_FILE", f"{named} is empty", remedy="write the passphrase into it")
    return text


def read_text(path: str, what: str) -> str:
    """A text file, or standard input for ``-``. Raises ``InvalidInput`` naming it."""
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise InvalidInput(what, f"{path} cannot be read: {error}", remedy="name a readable file") from error


def read_bytes(path: str, what: str, most: int) -> bytes:
    """A file of at most ``most`` bytes; raises ``InvalidInput``."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise InvalidInput(what, f"{path} cannot be read: {error}", remedy="name a readable file") from error
    if len(data) > most:
        raise InvalidInput(what, f"{path} has over {most} bytes", remedy="name the right file")
    return data


def write_new(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Write a new file, durable, never over another. Raises ``InvalidInput``."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except OSError as error:
        raise InvalidInput("file", f"{path}: {error.strerror}", remedy="name a new file") from error
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
