"""The append-only log: one row per transaction that changed something, each bound to the one before by its hash."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice

from sqlalchemy import BigInteger, Connection, Row, bindparam, insert, select, text, type_coerce
from sqlalchemy import Table as SqlTable

from offswitch.ledger.columns import micros
from offswitch.ledger.digests import COVERED, Key
from offswitch.ledger.rows import Rows
from offswitch.ledger.tables import PEOPLE, audit
from offswitch.model.effect import MACHINE

BEFORE = "was here before the log"
_AT_ONCE = 2_000  # digests in one row of the base line
_LOCK = 7_237_104_925  # a number that nothing else in the database locks
_ROWS = select(*[type_coerce(column, BigInteger) if column is audit.c.at else column for column in audit.c]).order_by(audit.c.n)
_HEAD = select(audit.c.n, audit.c.hash).order_by(audit.c.n.desc()).limit(1)
_HASH_AT = select(audit.c.hash).where(audit.c.n == bindparam("n"))
_APPEND = Rows(lambda _dialect: insert(audit).values({column.name: bindparam(column.name) for column in audit.c}))
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode
Written = Mapping[str, Mapping[str, str | None]]  # by table: key to digest, null for a row that is gone


@dataclass(frozen=True, slots=True)
class Head:
    """The newest row of the log: its number and its hash; 0 and "" while nothing is in it."""

    n: int
    hash: str


@dataclass(frozen=True, slots=True)
class Deed:
    """Who did what, in row `n` of the log."""

    n: int
    at: datetime
    by: str
    flow: str
    what: str


class Audit:
    """The log, as one transaction sees and extends it.

    The nouns say which rows they wrote. Right before the commit `seal` reads those rows back, so that the log never claims
    what was not written.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._wrote: dict[str, set[Key]] = {}
        self._by, self._what, self._flow = MACHINE, "", ""
        self.sealed: tuple[Head, Head] | None = None  # what was newest before this transaction, and what it has added

    def head(self) -> Head:
        """The newest row of the log."""
        row = self._connection.execute(_HEAD).first()
        return Head(row.n, row.hash) if row else Head(0, "")

    def hash_at(self, n: int) -> str | None:
        """The hash of one row, None where there is none."""
        return self._connection.scalar(_HASH_AT, {"n": n})

    def say(self, by: str, what: str, flow: str = "") -> None:
        """Who does what in this transaction, in plain words. A person's deed is kept even if it changes no row."""
        self._by, self._what, self._flow = by, what, flow

    def wrote(self, table: SqlTable, keys: Iterable[Key]) -> None:
        """These rows may have been added, changed or deleted."""
        self._wrote.setdefault(table.name, set()).update(keys)

    def seal(self) -> None:
        """Add this transaction to the log. To be called once, as the last thing before the commit.

        Where transactions run side by side, they queue up here, so that the order of the log is the order of the commits.
        They can't deadlock: whoever is in front needs no other lock any more, only its commit.
        """
        written = {name: COVERED[name].some(self._connection, keys) for name, keys in sorted(self._wrote.items()) if keys}
        self._wrote.clear()
        if not written and self._by == MACHINE:
            return
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        head = self.head()
        if head.n == 0:
            head = self._opening(written)
        self.sealed = head, self._append(head, self._by, self._what, self._flow, written)

    def begin(self) -> None:
        """Begin the log, if it has not begun: what is there already becomes its base line."""
        if self.head().n == 0:
            self._opening({})

    def deeds(self, limit: int, flow: str = "", by: str = "") -> list[Deed]:
        """The last things that people did, oldest first."""
        query = select(audit.c.n, audit.c.at, audit.c.by, audit.c.flow, audit.c.what).where(text(PEOPLE))
        if flow:
            query = query.where(audit.c.flow == flow)
        if by:
            query = query.where(audit.c.by == by)
        return [Deed(*row) for row in reversed(self._connection.execute(query.order_by(audit.c.n.desc()).limit(limit)).all())]

    def at(self, n: int) -> Deed | None:
        """Who did what in one row, a person or the machine."""
        row = self._connection.execute(select(audit.c.n, audit.c.at, audit.c.by, audit.c.flow, audit.c.what).where(audit.c.n == n)).first()
        return Deed(*row) if row else None

    def rows(self) -> Iterator[Row[tuple[int, int, str, str, str, str, str]]]:
        """The whole log as it is stored, oldest first, without holding it."""
        yield from self._connection.execute(_ROWS, execution_options={"yield_per": 100})

    def _opening(self, written: Written) -> Head:
        """A log that begins in a ledger that is older first says what is there."""
        head = Head(0, "")
        for name, covered in COVERED.items():
            new = written.get(name, {})
            old = ((key, digest) for key, digest in covered.every(self._connection) if key not in new)
            while rows := dict(islice(old, _AT_ONCE)):
                head = self._append(head, MACHINE, BEFORE, "", {name: rows})
        return head

    def _append(self, head: Head, by: str, what: str, flow: str, written: Written) -> Head:
        n, at, rows = head.n + 1, datetime.now(UTC), _encode(written)
        row = {"n": n, "at": at, "by": by, "flow": flow, "what": what, "rows": rows}
        head = Head(n, chained(head.hash, n, micros(at), by, flow, what, rows))
        _APPEND.run(self._connection, [{**row, "hash": head.hash}])
        return head


def chained(before: str, n: int, at: int, by: str, flow: str, what: str, rows: str) -> str:
    """The hash of a row: SHA-256 of the hash before it and its own fields as a JSON array, a line feed, and `rows` as it is stored."""
    return sha256(f"{_encode([before, n, at, by, flow, what])}\n{rows}".encode()).hexdigest()
