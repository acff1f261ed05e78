"""Compares the log with itself and with the rows, in bounded memory."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from operator import itemgetter
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.exc import SQLAlchemyError

from offswitch.ledger.audit import BEFORE, Head, chained
from offswitch.ledger.base import Book
from offswitch.ledger.digests import COVERED, Covered
from offswitch.ledger.tables import effects, entries, leases
from offswitch.model.effect import Stage

AT_MOST = 1_000  # troubles that are told one by one
_AT_ONCE = 50_000  # rows in one heap
_SCRATCH = """
    CREATE TABLE said (sort TEXT, key TEXT, n INTEGER, digest TEXT, PRIMARY KEY (sort, key)) WITHOUT ROWID;
    CREATE TABLE here (sort TEXT, key TEXT, digest TEXT, PRIMARY KEY (sort, key)) WITHOUT ROWID;
"""
_SAID = "INSERT INTO said VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = excluded.n, digest = excluded.digest"
_HERE = "INSERT OR REPLACE INTO here VALUES (?, ?, ?)"
_DIFFERENT = (
    ("changed", "n", "FROM said JOIN here USING (sort, key) WHERE said.digest <> here.digest"),
    ("missing", "n", "FROM said LEFT JOIN here USING (sort, key) WHERE said.digest IS NOT NULL AND here.digest IS NULL"),
    ("added", "0", "FROM here LEFT JOIN said USING (sort, key) WHERE said.digest IS NULL"),
)
_RUNNING = select(leases.c.token).where(leases.c.ended.is_(None))
_HELD = {
    "entries": select(entries.c.id).where(entries.c.token.is_not(None), entries.c.token.not_in(_RUNNING)),
    "effects": select(effects.c.key).where(
        effects.c.state == Stage.RESERVED.value, or_(effects.c.token.is_(None), effects.c.token.not_in(_RUNNING))
    ),
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is not as the log says.

    `what`: `changed`, `missing` or `added` behind the log's back; `held` under a lease that is over; `log`: a row of the log
    itself; `file`: the store says so. `n` is the log's last row about it, 0 for none.
    """

    what: str
    table: str
    key: str
    n: int = 0
    detail: str = ""


@dataclass(slots=True)
class Verified:
    """What was compared, and every trouble up to a thousand; `count` is of all of them."""

    head: Head = field(default_factory=lambda: Head(0, ""))
    rows: int = 0
    before: int = 0  # rows of the base line: older than the log
    count: int = 0
    troubles: list[Trouble] = field(default_factory=list)

    def add(self, trouble: Trouble) -> None:
        """One more."""
        self.count += 1
        if self.count <= AT_MOST:
            self.troubles.append(trouble)


def verify(book: Book) -> Verified:
    """Read everything once: the store's own check, the chain, every row against the log's last word about it."""
    found = Verified()
    with closing(sqlite3.connect("")) as scratch:  # a file of its own that nobody else sees
        scratch.executescript(_SCRATCH)
        with _reading(found, "audit"):
            _keep(scratch, _SAID, _said(book, found))
        for name, covered in COVERED.items():
            with _reading(found, name):
                _keep(scratch, _HERE, _here(book, found, name, covered))
        if found.rows and not found.head.n:
            found.add(Trouble("log", "audit", "", 0, "it is empty, and the ledger is not"))
        else:
            _compare(scratch, found)
    for name, query in _HELD.items():
        with _reading(found, name):
            for (key,) in book.connection.execute(query):
                found.add(Trouble("held", name, key))
    _own_check(book, found)
    return found


def _said(book: Book, found: Verified) -> Iterator[tuple[str, str, int, str | None]]:
    """What the log says of each row; the chain is followed on the way."""
    for row in book.audit.rows():
        n, at, by, flow, what, rows, hashed = row
        try:
            if n != found.head.n + 1:
                found.add(Trouble("log", "audit", str(n), n, f"the row before it is {found.head.n}"))
            elif hashed != chained(found.head.hash, n, at, by, flow, what, rows):
                found.add(Trouble("log", "audit", str(n), n, "its hash doesn't fit"))
            said = [(str(table), str(key), n, digest) for table, keys in json.loads(rows).items() for key, digest in keys.items()]
        except (ValueError, TypeError, AttributeError) as error:
            found.add(Trouble("log", "audit", str(n), n, f"can't be read: {error}"))
            said = []
        found.head = Head(n, hashed)
        found.before += len(said) if what == BEFORE else 0
        yield from ((table, key, n, digest if digest is None else str(digest)) for table, key, n, digest in said)


def _here(book: Book, found: Verified, name: str, covered: Covered) -> Iterator[tuple[str, str, str]]:
    for key, digest in covered.every(book.connection):
        found.rows += 1
        yield name, str(key), digest


def _keep(scratch: sqlite3.Connection, statement: str, rows: Iterator[tuple[Any, ...]]) -> None:
    """In sorted heaps: a tree grows quickest from left to right."""
    while heap := sorted(islice(rows, _AT_ONCE), key=itemgetter(0, 1)):
        scratch.executemany(statement, heap)


def _compare(scratch: sqlite3.Connection, found: Verified) -> None:
    for what, n, which in _DIFFERENT:
        for table, key, last in scratch.execute(f"SELECT sort, key, {n} {which} ORDER BY sort, key"):
            found.add(Trouble(what, table, key, last))


def _own_check(book: Book, found: Verified) -> None:
    if book.connection.dialect.name != "sqlite":
        return
    with _reading(found, "file"):
        for (answer,) in book.connection.exec_driver_sql("PRAGMA integrity_check"):
            if answer != "ok":
                found.add(Trouble("file", "", "", 0, answer))


@contextmanager
def _reading(found: Verified, name: str) -> Iterator[None]:
    """What can't be read is a trouble, too, and hides no other."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, UnicodeError) as error:  # the last one for a schema that can't be read
        found.add(Trouble("file", name, "", 0, f"can't be read: {getattr(error, 'orig', error)}"))
