"""Care of a database: backup while running, and restore."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL

from spean.core.errors import Conflict, Unavailable
from spean.sql.engine import Engines, checked_url, create_private, sync_folder

_PAGES = 2_048
_SERVER_FOLDERS = "/usr/lib/postgresql"


def backup(engines: Engines, target: Path) -> None:
    """Write a consistent copy to ``target``, which must not exist. Raises ``Conflict`` or ``Unavailable``."""
    if target.exists():
        raise Conflict(f"{target} exists", why="a backup never overwrites another", remedy="give a new name")
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    create_private(part)
    try:
        if engines.kind == "postgres":
            _run("pg_dump", engines.url, "--format=custom", "--no-owner", f"--file={part}")
        else:
            _copy(engines, part)
        with part.open("rb") as handle:
            os.fsync(handle.fileno())
        part.rename(target)
        sync_folder(target.parent)
    finally:
        part.unlink(missing_ok=True)


def restore(source: Path | str, url: str) -> None:
    """Fill the *empty* database ``url`` from a backup. The caller replays erasures before it serves (D4).

    Raises ``Conflict`` when there is a database already and ``Unavailable`` when the backup cannot be read.
    """
    parsed, backup_file = checked_url(url), Path(source)
    if not backup_file.is_file():
        raise Unavailable(f"There is no backup {backup_file}", remedy="give the path of a file made by spean backup")
    if parsed.get_backend_name() == "postgresql":
        careful = ("--exit-on-error", "--single-transaction", "--no-owner")
        _run("pg_restore", parsed, *careful, f"--dbname={_dsn(parsed)}", str(backup_file))
        return
    target = Path(str(parsed.database))
    if target.exists() and target.stat().st_size:
        raise Conflict(f"{target} exists", why="a restore never overwrites a database", remedy="move the old one away")
    _check(backup_file)
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    create_private(part)
    shutil.copyfile(backup_file, part)
    with part.open("rb") as handle:
        os.fsync(handle.fileno())
    for leftover in ("-wal", "-shm"):
        target.with_name(target.name + leftover).unlink(missing_ok=True)
    part.rename(target)
    sync_folder(target.parent)


def _copy(engines: Engines, part: Path) -> None:
    """SQLite's online backup: pages are copied in portions, and writing goes on between them."""
    with engines.reader.connect() as connection:
        source: Any = connection.connection.driver_connection
        target = sqlite3.connect(part, isolation_level=None)
        try:
            source.backup(target, pages=_PAGES)
        finally:
            target.close()


def _check(backup_file: Path) -> None:
    source = sqlite3.connect(f"file:{backup_file}?mode=ro&immutable=1", uri=True)
    try:
        answer = source.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        answer = str(error)
    finally:
        source.close()
    if answer != "ok":
        raise Unavailable(f"The backup {backup_file} is damaged", why=answer, remedy="take an older one")


def _dsn(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=True).replace(":***@", "@")


def _run(program: str, url: URL, *arguments: str) -> None:
    """Run a PostgreSQL tool; the password goes by environment, never by the list of processes."""
    environment = dict(os.environ)
    if url.password:
        environment["PGPASSWORD"] = str(url.password)
    command = [find_tool(program), *arguments]
    if program == "pg_dump":
        command.append(_dsn(url))
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - PostgreSQL's own program, no shell
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        raise Unavailable(f"{program} failed", why=last[0], remedy="see that its version is not older than the server")


def find_tool(program: str) -> str:
    """The newest PostgreSQL ``program`` on the path or in Debian's folders; raises ``Unavailable``."""
    found = sorted(Path(_SERVER_FOLDERS).glob(f"*/bin/{program}"), key=lambda path: int(path.parts[-3].split(".")[0]))
    name = str(found[-1]) if found else shutil.which(program)
    if name is None:
        raise Unavailable(f"{program} is not installed", remedy="install PostgreSQL's client programs")
    return name
