"""Off periods: a flow that was off goes on by itself only when little is waiting; else a person says so."""

from __future__ import annotations

from datetime import datetime

from offswitch.act.desk import Desk
from offswitch.act.report import Report
from offswitch.gate.standing import WAITS
from offswitch.journey.journey import Journey
from offswitch.ledger.base import Book


def keep_periods(book: Book, desk: Desk, now: datetime, report: Report) -> None:
    """Open a period for everything that stops the flow, or a part of it; close those whose cause has gone, unless it waits."""
    flow = desk.journey.name
    standing = desk.switchboard.look(book)
    periods, causes = book.stops.periods(flow), standing.causes
    new = {cause: reason for cause, reason in causes.items() if cause not in periods}
    for cause, reason in new.items():
        book.stops.open_period(flow, cause, reason, now)
        report.notice(f"stop {flow} {cause}", reason)
    if new and standing.halt is not None:
        book.backlog.put_back(flow, now)  # off again in the middle of a release
    ended = [cause for cause in periods if cause not in causes]
    if ended and not any(stop.source == WAITS for stop in standing.stops):
        book.stops.close_periods(flow, ended, "by itself: little was waiting", now)
        report.notice(f"resume {flow}", f"{flow} goes on")


def waiting(book: Book, journey: Journey, now: datetime) -> int:
    """What the machine would look at now: due entries, and triggers that are stored."""
    return book.entries.due_now(journey.name, now) + book.events.count_unseen(journey.name, journey.starts_on.kind)
