"""The tables that migrations make are those of the metadata, on both engines."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, text

import spean.store
from spean.core.errors import InvalidInput, Unavailable
from spean.store import Store, schema

MIGRATIONS = Path(spean.store.__file__).parent / "migrations"


def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    return made


def shape(connection: Connection) -> set[str]:
    """Tables, columns and indexes as the engine itself tells them."""
    if connection.dialect.name == "sqlite":
        sql = "SELECT coalesce(sql, name) FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
        return {"".join(str(row[0]).split()).replace('"', "") for row in connection.execute(text(sql))}
    sql = (
        "SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default, is_identity) "
        "FROM information_schema.columns WHERE table_schema = 'public' UNION "
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'"
    )
    return {str(row[0]) for row in connection.execute(text(sql))}


def through_alembic(engine: Engine, to: str = "head") -> None:
    with engine.begin() as connection:
        made = config()
        made.attributes["connection"] = connection
        command.upgrade(made, to)


@pytest.fixture
def engine(shared_url: str) -> Engine:
    return create_engine(shared_url)


def test_migrations_and_metadata_agree(engine: Engine) -> None:
    through_alembic(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, schema.metadata) == []
        by_migrations = shape(connection)
        logs = connection.execute(text("SELECT log, size FROM logs ORDER BY log")).all()
    with engine.begin() as connection:
        schema.metadata.drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))
    with Store.open(engine.url.render_as_string(hide_password=False)) as store:
        store.migrate()
    with engine.connect() as connection:
        assert shape(connection) == by_migrations
        assert connection.execute(text("SELECT log, size FROM logs ORDER BY log")).all() == logs
    engine.dispose()


def test_the_version_in_the_code_is_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(config()).get_current_head() == schema.REVISION


def test_a_migrated_database_is_as_good_as_a_created_one(engine: Engine) -> None:
    through_alembic(engine)
    with Store.open(engine.url.render_as_string(hide_password=False)) as store:
        assert store.version() == schema.REVISION
        store.migrate()
        with store.write() as tx:
            tx.meta.set("a", "b")
    engine.dispose()


def test_what_an_older_database_holds_stays(engine: Engine) -> None:
    through_alembic(engine, "0001")
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO users (id, name, kind, unit, roles, created_at) VALUES ('u1', 'Mina', 'person', 'desk', :r, 7)"
            ),
            {"r": '["officer"]'},
        )
        connection.execute(
            text(
                'INSERT INTO tokens (digest, "use", "user", created_at, expires_at, last_used_at) VALUES (:d, :s, :u, 1, 9, 1)'
            ),
            {"d": b"t" * 32, "s": "session", "u": "u1"},
        )
        connection.execute(
            text("INSERT INTO alarms (kind, key, severity, text, at) VALUES ('late', 'TH', 'warning', 'x', 3)")
        )
    with Store.open(engine.url.render_as_string(hide_password=False)) as store:
        store.migrate()
        assert store.version() == schema.REVISION
        with store.read() as tx:
            user, token, (alarm,) = tx.people.get("u1"), tx.people.token(b"t" * 32), tx.alarms.list()
        assert (user.name, user.roles, user.time_zone, user.theme) == ("Mina", ("officer",), "", "")
        assert token is not None
        assert (token.user, token.method, token.strong_at) == ("u1", "", 0)
        assert (alarm.text, alarm.escalated_at) == ("x", None)
    engine.dispose()


def test_a_new_database_is_made_quickly_and_once(url: str) -> None:
    with Store.open("sqlite://") as first:
        first.migrate()
    with Store.open(url) as store:
        assert store.version() is None
        start = time.process_time()
        store.migrate()
        assert time.process_time() - start < (1 if url.startswith("postgres") else 0.1)
        assert store.version() == schema.REVISION
        store.migrate()


def test_a_newer_database_is_left_alone(engine: Engine) -> None:
    url = engine.url.render_as_string(hide_password=False)
    with Store.open(url) as store:
        store.migrate()
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with Store.open(url) as store, pytest.raises(Unavailable, match="version 9999") as caught:
        store.migrate()
    assert "newer version" in caught.value.why


@pytest.mark.parametrize("url", ["mysql://x/y", "postgresql+nodriver://x/y", "not a url"])
def test_another_database_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput, match="database"):
        Store.open(url)
