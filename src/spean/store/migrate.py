"""From nothing, or from an older version, to the tables of this version.

A new database is created from the metadata in one go, without loading alembic; an older one is taken through the
migrations in this package. A test holds both to the same result.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from spean.core.errors import Unavailable
from spean.sql.statement import create
from spean.store import schema

LOGS = ("domestic", "exchange")
"""The logs that every node has; on PostgreSQL their rows are also the writers' lock."""
_VERSION_TABLE = (
    "CREATE TABLE alembic_version "
    "(version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)
_TURN = 7_325_771
"""Number of the advisory lock that lets one replica migrate at a time."""


def version(connection: Connection) -> str | None:
    """The revision of the tables, None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def migrate(connection: Connection) -> None:
    """Bring the tables to this version, in the caller's transaction. Raises ``Unavailable`` for a newer database."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})
    found = version(connection)
    if found == schema.REVISION:
        return
    if found is None:
        _create(connection)
    else:
        _upgrade(connection, found)


def _create(connection: Connection) -> None:
    create(connection, schema.metadata)
    connection.execute(text(_VERSION_TABLE))
    connection.execute(text("INSERT INTO alembic_version (version_num) VALUES (:now)"), {"now": schema.REVISION})
    connection.execute(schema.logs.insert(), [{"log": log, "size": 0, "frontier": b""} for log in LOGS])


def _upgrade(connection: Connection, found: str) -> None:
    from alembic import command  # loading it takes longer than creating every table
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from alembic.util.exc import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    try:
        ScriptDirectory.from_config(config).get_revision(found)
    except CommandError as error:
        raise Unavailable(
            f"The database has version {found}, which this program does not know",
            why="it was written by a newer version of Spean",
            remedy="start the newer version, or restore a backup of this one",
        ) from error
    command.upgrade(config, "head")
