"""Brings a ledger to the newest schema. The only module that imports Alembic."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.engine import make_url

from offswitch.errors import Refused

_HERE = Path(__file__).parent / "migrations"
_MIGRATING = 0x0FF51  # the key of PostgreSQL's lock


def upgrade(url: str, to: str = "head") -> None:
    """Create or migrate the tables. Raises Refused when the ledger is newer than this program."""
    config = configuration()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    with _alone(url) as connection:  # two processes may start with a fresh ledger at once
        if _version(connection) not in {None, *known}:
            raise Refused("the ledger was written by a newer Offswitch: upgrade the program, or use another OFFSWITCH_LEDGER")
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def configuration() -> Config:
    """Where Alembic finds the migrations."""
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    return config


def _alone(url: str) -> AbstractContextManager[Connection]:
    return _sqlite(url) if url.startswith("sqlite") else _postgres(url)


@contextmanager
def _sqlite(url: str) -> Iterator[Connection]:
    path = Path(make_url(url).database or "ledger")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock, _connection(create_engine(url)) as connection:
        flock(lock, LOCK_EX)
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        connection.commit()
        yield connection


@contextmanager
def _postgres(url: str) -> Iterator[Connection]:
    from offswitch.ledger.postgres import engine_of

    with _connection(engine_of(url)) as connection:  # the lock goes with it
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
        if encoding != "UTF8":
            raise Refused(f"the database keeps its texts as {encoding}: make one with ENCODING 'UTF8'")
        connection.exec_driver_sql(f"SELECT set_config('lock_timeout', '0', false), pg_advisory_lock({_MIGRATING})")
        connection.commit()
        yield connection


@contextmanager
def _connection(engine: Engine) -> Iterator[Connection]:
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _version(connection: Connection) -> str | None:
    version: str | None = None
    if inspect(connection).has_table("alembic_version"):
        version = connection.scalar(text("SELECT version_num FROM alembic_version"))
    connection.rollback()
    return version
