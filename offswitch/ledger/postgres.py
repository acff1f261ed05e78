"""The ledger in a PostgreSQL database, for workers on several machines.

One advisory lock gives SQLite's order back where it counts: whoever writes alone holds it alone, workers at their batches
share it. So events and stops appear in the order of their numbers, and what was written for one writer stays right. Workers
beside each other take their locks in one order (their lease, refused addresses, contacts by id, new effects) and skip entries
that are locked: they can't deadlock, and nothing here is ever tried a second time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any, cast

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import OperationalError, ProgrammingError

from offswitch.ledger.base import Book
from offswitch.ledger.columns import moment
from offswitch.ledger.watch import Watch

WRITERS = 0x0FF5  # the key of the advisory lock
CHANGES = "offswitch"  # where those who watch hear of it
_BUSY = "30s"  # as long as SQLite waits
FROZEN = "10s"  # a worker that holds a transaction and says nothing for so long loses it
_SESSION = {
    "lock_timeout": _BUSY,
    "idle_in_transaction_session_timeout": "15min",  # a reader is in nobody's way, but for the vacuum
    "synchronous_commit": "on",  # trust no commit that isn't on disk
    "tcp_user_timeout": "10s",
}
_LINE = {
    "connect_timeout": 10, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3, "tcp_user_timeout": 10_000,
    "application_name": "offswitch", "client_encoding": "utf8",
}  # fmt: skip
_ALONE = f"pg_notify('{CHANGES}', ''), pg_advisory_xact_lock({WRITERS})"
_BESIDE = f"pg_advisory_xact_lock_shared({WRITERS})"
_NOW = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
_CANT = ("25", "XX")  # read only, told to go, or damaged: the driver calls these internal errors


class PostgresLedger:
    """Never creates tables by itself: `offswitch.ledger.migrate.upgrade` does. `virtual`: leases run by the callers' clocks."""

    def __init__(self, url: str, *, virtual: bool = False) -> None:
        self._engine = engine_of(url)
        self._reads = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._virtual = virtual
        self._watch = Watch(self._line, CHANGES)

    def head(self) -> str | None:
        """The number of the schema, None where there is no ledger yet."""
        with self._reads.connect() as connection:
            try:
                return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
            except ProgrammingError:
                return None

    @contextmanager
    def read(self) -> Iterator[Book]:
        """A consistent view."""
        with self._reads.connect() as connection:
            yield self._book(connection)

    @contextmanager
    def write(self) -> Iterator[Book]:
        """An exclusive transaction: all of it, or nothing."""
        with self._transaction(_ALONE) as book:
            yield book

    @contextmanager
    def share(self) -> Iterator[Book]:
        """Beside other workers, never beside `write`."""
        with self._transaction(_BESIDE) as book:
            yield book

    def stop_mark(self, token: int = 0) -> tuple[int, int, bool]:
        """Read anew when somebody has written alone, or 50 ms after the last time."""
        return self._watch.mark(token)

    def close(self) -> None:
        """Let go of every connection."""
        self._watch.close()
        self._engine.dispose()

    def _line(self) -> psycopg.Connection[Any]:
        """A connection beside the pool."""
        found = self._engine.raw_connection()
        line: Any = found.driver_connection
        found.detach()
        line.autocommit = True
        return cast("psycopg.Connection[Any]", line)

    @contextmanager
    def _transaction(self, lock: str) -> Iterator[Book]:
        with self._engine.begin() as connection:
            connection.exec_driver_sql(f"SELECT set_config('idle_in_transaction_session_timeout', '{FROZEN}', true), {lock}")
            book = self._book(connection)
            yield book
            book.audit.seal()
        self._watch.forget()

    def _book(self, connection: Connection) -> Book:
        return Book(connection, None if self._virtual else partial(_now, connection))


def engine_of(url: str) -> Engine:
    """Connections that are tried before they are used. What the URL says of them counts more than what we do."""
    address = make_url(url.replace("postgres://", "postgresql://", 1)).set(drivername="postgresql+psycopg")
    ours = {name: value for name, value in _LINE.items() if name not in address.query}
    options = [*(f"-c {name}={value}" for name, value in _SESSION.items()), str(address.query.get("options", ""))]
    engine = create_engine(address, pool_pre_ping=True, connect_args={**ours, "options": " ".join(options)})
    event.listen(engine, "handle_error", _as_operational)
    return engine


def _now(connection: Connection) -> datetime:
    """The database's clock, which all workers share; not the start of the transaction, which may have waited for its lock."""
    return moment(connection.exec_driver_sql(_NOW).scalar_one())


def _as_operational(context: ExceptionContext) -> None:
    """One kind of error for a store that can't be used, as the protocol says."""
    error = context.original_exception
    if isinstance(error, psycopg.InternalError) and (error.sqlstate or "")[:2] in _CANT:
        raise OperationalError(context.statement, None, error, connection_invalidated=context.is_disconnect) from error
