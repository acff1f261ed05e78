"""Off periods: a flow that was off goes on by itself only when little is waiting; else a person says so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from offswitch.act.desk import Desk
from offswitch.act.report import Report
from offswitch.gate.standing import WAITS, Standing
from offswitch.journey.journey import Journey
from offswitch.ledger.base import Book
from offswitch.ledger.stops import Period
from offswitch.model.entry import Entry


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


def tell_in_time(book: Book, desk: Desk, now: datetime, report: Report) -> None:
    """Say once a day, before the pass is written down, that the flow's readiness is about to run out, or a review is due."""
    flow, standing = desk.journey.name, desk.switchboard.look(book)
    soon = {name: text for name, text in (("readiness", standing.expiring), ("review", standing.reminder)) if text}
    last = book.history.last_run(flow) if soon else None
    if last is None or last.started.date() < now.date():
        for name, text in soon.items():
            report.notice(f"{name} {flow}", f"{flow}: {text}")


def waiting(book: Book, journey: Journey, now: datetime) -> int:
    """What the machine would look at now: due entries, and triggers that are stored."""
    return book.entries.due_now(journey.name, now) + book.events.count_unseen(journey.name, journey.starts_on.kind)


def given_up(book: Book, journey: Journey, standing: Standing, entries: Sequence[Entry], now: datetime) -> frozenset[str]:
    """Those past `give_up_after`, not counting the time in which the flow was off: nobody vanishes because it was switched off."""
    limit = journey.give_up_after
    if limit is None or standing.halt is not None:
        return frozenset()
    old = [entry for entry in entries if now - entry.entered >= limit]
    periods = book.stops.periods_since(journey.name, min(entry.entered for entry in old)) if old else []
    return frozenset(entry.id for entry in old if now - entry.entered - time_off(periods, entry.entered, now) >= limit)


def time_off(periods: Iterable[Period], since: datetime, until: datetime) -> timedelta:
    """How much of this time the whole flow was off, whatever for, each instant counted once."""
    total, counted = timedelta(0), since
    for period in sorted((one for one in periods if one.whole), key=lambda one: one.opened):
        begins, ends = max(period.opened, counted), min(period.closed or until, until)
        if ends > begins:
            total, counted = total + (ends - begins), ends
    return total
