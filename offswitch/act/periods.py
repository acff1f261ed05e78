"""Off periods: a flow that was off goes on by itself only when little is waiting; else a person says so."""

from __future__ import annotations

from datetime import datetime

from offswitch.act.desk import Desk
from offswitch.act.report import Report
from offswitch.ledger.base import Book


def keep_period(book: Book, desk: Desk, now: datetime, report: Report) -> None:
    """Open a period when something stops the flow; close it when nothing does and at most `without_asking` are due."""
    flow = desk.journey.name
    standing = desk.switchboard.look(book)
    off = book.stops.off_since(flow)
    stops = [stop for stop in standing.stops if stop.source != WAITS]
    if stops and off is None:
        book.stops.open_period(flow, str(stops[0]), now)
        report.notice(f"stop {flow}", str(stops[0]))
    elif not stops and off is not None and may_resume(book, desk, now):
        book.stops.close_period(flow, "by itself: little was waiting", now)
        report.notice(f"resume {flow}", f"{flow} goes on")


WAITS = "waiting for people"


def may_resume(book: Book, desk: Desk, now: datetime) -> bool:
    """Is so little due that nobody needs to be asked?"""
    policy = desk.switchboard.look(book).policy
    return policy is not None and book.entries.due_now(desk.journey.name, now) <= policy.without_asking
