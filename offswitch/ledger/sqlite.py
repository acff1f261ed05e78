"""The ledger in one SQLite file, with a write-ahead log and every commit on disk before it counts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from offswitch.errors import ConfigError, Problem
from offswitch.ledger.base import Book

_BUSY_SECONDS = 30
_STOP_MARK = """
    SELECT count(*), coalesce(max(id), 0), EXISTS (SELECT 1 FROM leases WHERE token = ? AND ended IS NULL)
    FROM stops WHERE ended IS NULL
"""


class SqliteLedger:
    """Never creates tables by itself: `offswitch.ledger.migrate.upgrade` does."""

    def __init__(self, url: str) -> None:
        path = make_url(url).database
        if not path or path == ":memory:":
            raise ConfigError(Problem(url, 0, 0, "the ledger must be a file", "set OFFSWITCH_LEDGER to sqlite:///path/to/ledger.sqlite"))
        self.path = Path(path)
        self._engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS})
        event.listen(self._engine, "connect", _prepare)
        event.listen(self._engine, "begin", _begin_ourselves)
        self._looking = Lock()
        self._watch: sqlite3.Connection | None = None
        self._version = (-1, 0)
        self._mark = (0, 0, False)

    @contextmanager
    def read(self) -> Iterator[Book]:
        """A consistent view."""
        with self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            try:
                yield Book(connection)
            finally:
                connection.rollback()

    @contextmanager
    def write(self) -> Iterator[Book]:
        """An exclusive transaction: all of it, or nothing."""
        with self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                book = Book(connection)
                yield book
                book.audit.seal()
                connection.commit()
            finally:
                connection.rollback()  # does nothing after the commit

    def share(self) -> AbstractContextManager[Book]:
        """As `write`: a SQLite file has one writer."""
        return self.write()

    def stop_mark(self, token: int = 0) -> tuple[int, int, bool]:
        """Read from the tables only when SQLite's data version, on a connection that writes nothing, has moved. For threads too."""
        with self._looking:  # else what one thread saw before a stop could stand under the version that another saw after it
            try:
                if self._watch is None:
                    self._watch = sqlite3.connect(self.path, check_same_thread=False, timeout=_BUSY_SECONDS)
                version = (self._watch.execute("PRAGMA data_version").fetchone()[0], token)
                if version != self._version:
                    count, newest, held = self._watch.execute(_STOP_MARK, (token,)).fetchone()
                    self._mark = (count, newest, bool(held))
                    self._version = version
            except sqlite3.Error as error:
                raise OperationalError(_STOP_MARK, None, error) from error
            return self._mark

    def close(self) -> None:
        """Let go of the file."""
        if self._watch is not None:
            self._watch.close()
            self._watch = None
            self._version = (-1, 0)
        self._engine.dispose()


def _prepare(connection: Any, _record: Any) -> None:
    """Leave transactions to us, and trust no commit that isn't on disk."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY", "cache_size=-65536"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_ourselves(_connection: Any) -> None:
    """SQLAlchemy's own BEGIN would be a deferred one: `read` and `write` say which they need."""
