"""Everybody whom a plan concerns, line by line: counted, the first of each kind at hand, all of them on the disk."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from offswitch.review.line import Counted, Line, What

AT_HAND = 1_000  # lines of each kind that a plan holds itself
_TABLE = """CREATE TABLE lines (
    contact, name, email, entry, step, visit, what, rule, reason, until, work, message, language, subject, upcoming, upcoming_at
)"""
COLUMNS = (
    "contact", "name", "email", "entry", "step", "visit", "what", "rule", "reason", "until", "work", "message", "language", "subject",
    "then", "then_at",
)  # fmt: skip
Row = tuple[str | int | None, ...]


@dataclass(slots=True)
class Roll:
    """`counts` by step, verdict and reason. What it keeps on the disk has no name there, and goes when it does."""

    counts: Counter[Counted] = field(default_factory=Counter)
    at_hand: list[Line] = field(default_factory=list)
    _kinds: Counter[What] = field(default_factory=Counter)
    _rows: list[Row] = field(default_factory=list)
    _file: sqlite3.Connection = field(default_factory=lambda: sqlite3.connect("", isolation_level=None))

    def __post_init__(self) -> None:
        for statement in ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", _TABLE, "CREATE INDEX sent ON lines (contact, message)"):
            self._file.execute(statement)

    def add(self, line: Line) -> None:
        """One more line."""
        self.counts[Counted(line.step, line.what, line.rule, line.reason, line.work)] += 1
        self._kinds[line.what] += 1
        if self._kinds[line.what] <= AT_HAND:
            self.at_hand.append(line)
        self._rows.append(_row(line))
        if len(self._rows) >= AT_HAND:
            self._write()

    def sent_to(self, people: Sequence[str]) -> Counter[str]:
        """How many messages these contacts would have got so far."""
        self._write()
        places = ", ".join("?" * len(people))
        query = f"SELECT contact, count(*) FROM lines WHERE contact IN ({places}) AND what = 'send' GROUP BY contact"  # noqa: S608
        return Counter(dict(self._file.execute(query, list(people)).fetchall()))

    def recipients(self) -> Iterator[tuple[str, str]]:
        """Who would get which message, each once, in order: contact and message."""
        self._write()
        yield from self._file.execute("SELECT DISTINCT contact, message FROM lines WHERE what = 'send' ORDER BY contact, message")

    def reached(self) -> int:
        """How many people would get something."""
        self._write()
        found: int = self._file.execute("SELECT count(DISTINCT contact) FROM lines WHERE what = 'send'").fetchone()[0]
        return found

    def everybody(self) -> Iterator[Row]:
        """All lines in the order in which they came, as `COLUMNS` names them."""
        self._write()
        yield from self._file.execute("SELECT * FROM lines ORDER BY rowid")

    def close(self) -> None:
        """Let go of the disk."""
        self._file.close()

    def _write(self) -> None:
        if self._rows:
            self._file.execute("BEGIN")
            self._file.executemany("INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", self._rows)
            self._file.execute("COMMIT")
            self._rows.clear()


def _row(line: Line) -> Row:
    who = line.contact
    when = (_iso(line.until), str(line.work) if line.work else "")
    ahead = (line.message, line.language, line.subject, line.then, _iso(line.then_at))
    entry = "" if line.fresh else line.entry_id
    return (who.id, who.name, who.email, entry, line.step, line.visit, line.what.value, line.rule, line.reason, *when, *ahead)


def _iso(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None
