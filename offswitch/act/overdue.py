"""Hand-overs whose time is over and whose step says where that leads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from offswitch.act.desk import Desk
from offswitch.act.moves import moved
from offswitch.act.report import Report
from offswitch.ledger.base import Book
from offswitch.model.entry import OVERDUE, Entry


def move_overdue(book: Book, desk: Desk, now: datetime, report: Report) -> None:
    """Move them."""
    for entry, there in overdue(book, desk, now):
        book.entries.put(there)
        report.add("overdue", entry.reason)


def overdue(book: Book, desk: Desk, now: datetime) -> Iterator[tuple[Entry, Entry]]:
    """Each of them as it is and as it would be. What somebody has taken is theirs; a flow that is being retired stands still."""
    standing = desk.switchboard.look(book)
    if standing.retiring is not None or standing.restored is not None:
        return
    for entry in book.entries.overdue(desk.journey.name, now):
        step = desk.journey.steps.get(entry.or_when[OVERDUE])
        if step is not None:
            contact = book.contacts.get([entry.contact_id])[entry.contact_id]
            yield entry, moved(entry, step, now, desk.switchboard.zone(contact))
