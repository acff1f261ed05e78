"""The entries of a flow as a rehearsal would have them, laid over those of the ledger.

What differs is kept in a nameless file that goes with the connection, so that a large population costs no memory.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from heapq import merge

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import StaticPool

from offswitch.act.remap import Edits
from offswitch.ledger.audit import Audit
from offswitch.ledger.base import Book
from offswitch.ledger.entries import Entries
from offswitch.ledger.tables import entries
from offswitch.model.entry import Entry

PAGE = 500


class Overlay:
    """Reads see what was put here before what the ledger has. Nothing is written to the ledger."""

    def __init__(self, book: Book, flow: str, connection: Connection) -> None:
        self._flow = flow
        self._below = book.entries
        self._connection = connection
        self._here = Entries(connection, Audit(connection))

    def put(self, changed: Sequence[Entry]) -> None:
        """How these entries would be. Nobody holds them in a rehearsal."""
        if not changed:
            return
        self._connection.exec_driver_sql("DELETE FROM entries WHERE id = ?", [(entry.id,) for entry in changed])
        Entries(self._connection, Audit(self._connection)).add_all([replace(entry, token=None) for entry in changed])

    def of_contacts(self, people: Sequence[str]) -> dict[str, list[Entry]]:
        """All entries of these contacts, oldest first, by contact."""
        found = {person: {entry.id: entry for entry in theirs} for person, theirs in self._below.of_contacts(self._flow, people).items()}
        for person, theirs in self._here.of_contacts(self._flow, people).items():
            found.setdefault(person, {}).update({entry.id: entry for entry in theirs})
        return {person: sorted(theirs.values(), key=lambda entry: entry.entered) for person, theirs in found.items()}

    def free(self, now: datetime) -> Iterator[Entry]:
        """Whom a worker would claim now, in its order. Not to be written to meanwhile."""
        return self._pages(now)

    def pending(self) -> Iterator[Entry]:
        """Everybody who is not over, by due time."""
        return self._pages(None)

    def edited(self, edits: Edits) -> Iterator[list[Entry]]:
        """Page by page, those whom removed steps or new waits may concern."""
        for below in (True, False):
            after: tuple[datetime, str] | None = None
            source = self._below if below else self._here
            while found := source.edited(self._flow, edits.gone, edits.waits, after, PAGE):
                after, names = found[-1], [name for _, name in found]
                there = source.get(names)
                own = self._here.get(names) if below else {}
                yield [there[name] for name in names if name not in own]

    def _pages(self, now: datetime | None) -> Iterator[Entry]:
        def below() -> Iterator[Entry]:
            for page in self._page(self._below, now):
                own = self._here.get([entry.id for entry in page])
                yield from (entry for entry in page if entry.id not in own)

        def here() -> Iterator[Entry]:
            for page in self._page(self._here, now):
                yield from page

        return merge(below(), here(), key=lambda entry: (entry.due, entry.id))

    def _page(self, source: Entries, now: datetime | None) -> Iterator[list[Entry]]:
        after: tuple[datetime, str] | None = None
        while page := source.page(self._flow, after, PAGE, free_at=now):
            after = (page[-1].due, page[-1].id)
            yield page


@contextmanager
def overlay(book: Book, flow: str) -> Iterator[Overlay]:
    """An empty one for this flow; it is gone afterwards."""
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect("", isolation_level=None), poolclass=StaticPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = OFF")
        connection.exec_driver_sql("PRAGMA synchronous = OFF")
        entries.create(connection)
        yield Overlay(book, flow, connection)
    engine.dispose()


def chunks(found: Iterable[Entry], size: int) -> Iterator[list[Entry]]:
    """Lists of at most this many."""
    chunk: list[Entry] = []
    for entry in found:
        chunk.append(entry)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
