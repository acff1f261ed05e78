"""Hand-overs whose time is over and whose step says where that leads."""

from __future__ import annotations

from datetime import datetime

from offswitch.act.desk import Desk
from offswitch.act.moves import moved
from offswitch.act.report import Report
from offswitch.ledger.base import Book
from offswitch.model.entry import OVERDUE


def move_overdue(book: Book, desk: Desk, now: datetime, report: Report) -> None:
    """Move them. An item that somebody has taken is theirs and stays."""
    for entry in book.entries.overdue(desk.journey.name, now):
        step = desk.journey.steps.get(entry.or_when[OVERDUE])
        if step is not None:
            contact = book.contacts.get([entry.contact_id])[entry.contact_id]
            book.entries.put(moved(entry, step, now, desk.switchboard.zone(contact)))
            report.add("overdue", entry.reason)
