"""What a PostgreSQL ledger looks at before every effect: stops in force and leases that hold, as of a moment ago."""

from __future__ import annotations

from collections.abc import Callable
from select import POLLIN, poll
from threading import Lock
from time import monotonic
from typing import Any

import psycopg
from sqlalchemy.exc import OperationalError

FRESH = 0.05  # seconds: a line that is cut says nothing, so what it said last is soon not believed any more
_MARK = """
    SELECT count(*), coalesce(max(id), 0), ARRAY(SELECT token FROM leases WHERE ended IS NULL)
    FROM stops WHERE ended IS NULL
"""


class Watch:
    """A connection of its own that hears of every exclusive transaction as soon as it is committed.

    While nothing is heard a look costs a call of `poll`, some microseconds; the tables are read after every word, and at
    least every 50 ms. Threads may share it.
    """

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]], channel: str) -> None:
        self._connect = connect
        self._channel = channel
        self._lock = Lock()
        self._connection: psycopg.Connection[Any] | None = None
        self._line = poll()
        self._old = True
        self._read = 0.0
        self._stops = (0, 0)
        self._leases: frozenset[int] = frozenset()

    def mark(self, token: int) -> tuple[int, int, bool]:
        """How many stops, the newest one's number, whether the lease holds. Raises OperationalError: then nothing is known."""
        with self._lock:
            try:
                connection = self._connection or self._listen()
                if self._old or self._line.poll(0) or monotonic() - self._read > FRESH:
                    self._look(connection)
            except psycopg.Error as error:
                self._hang_up()
                raise OperationalError(_MARK, None, error) from error
            return (*self._stops, token in self._leases)

    def forget(self) -> None:
        """We have written ourselves: read anew before the next answer."""
        self._old = True

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            self._hang_up()

    def _listen(self) -> psycopg.Connection[Any]:
        connection = self._connection = self._connect()
        connection.add_notify_handler(self._heard)
        connection.execute(f"LISTEN {self._channel}")
        self._line = poll()
        self._line.register(connection.fileno(), POLLIN)
        self._old = True
        return connection

    def _look(self, connection: psycopg.Connection[Any]) -> None:
        """What is heard during the question may be newer than its answer: then the next look asks again."""
        self._old, self._read = False, monotonic()
        count, newest, leases = connection.execute(_MARK).fetchone() or (0, 0, [])
        self._stops, self._leases = (count, newest), frozenset(leases)

    def _heard(self, _word: psycopg.Notify) -> None:
        self._old = True

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
