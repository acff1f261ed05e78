"""Going on without a burst: what waited for the end of a stop is let go so many at a time, as the policy's `release` says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from offswitch.act.desk import Desk
from offswitch.act.report import Report
from offswitch.journey.journey import Journey
from offswitch.ledger.backlog import Off
from offswitch.ledger.base import Book
from offswitch.ledger.stops import Period
from offswitch.policy.schema import Cap, DelayClock, Effective, Late


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would happen if a flow went on now: `due` and `stored` (triggers) go out, `late` ones a person sees first.

    `with_people` have been taken, or are on the worklist for another reason than the stop, and stay there.
    """

    due: int
    stored: int
    late: int
    with_people: int
    cap: Cap

    @property
    def acted_on(self) -> int:
        """How many the machine would look at: the size of what somebody lets go."""
        return self.due + self.stored + self.late

    @property
    def takes(self) -> timedelta:
        """From the first to the last of them."""
        turns = -(-(self.due + self.stored) // self.cap.count)
        return max(turns - 1, 0) * self.cap.window


def outlook(book: Book, journey: Journey, policy: Effective, now: datetime) -> Outlook:
    """As the ledger stands now."""
    off = _switched_off(book.stops.unreleased(journey.name), policy, now)
    due, late = book.backlog.count(journey.name, now, late_after(policy), off=off)
    stored = book.events.count_unseen(journey.name, journey.starts_on.kind)
    return Outlook(due, stored, late, book.entries.with_people(journey.name), policy.release)


def release(desk: Desk, report: Report) -> None:
    """Let go what waited, when nothing stops the flow any more. Until then nobody claims anything, in whatever process."""
    with desk.ledger.read() as book:
        if not desk.switchboard.look(book).resuming:
            return
    with desk.ledger.write() as book:
        standing, now = desk.switchboard.look(book), desk.clock.now()
        if standing.resuming and standing.policy is not None:
            _let_go(book, desk.journey.name, standing.policy, now, report)


def _let_go(book: Book, flow: str, policy: Effective, now: datetime, report: Report) -> None:
    off = _switched_off(book.stops.unreleased(flow), policy, now)
    if off is not None and (anew := book.backlog.count_anew(flow, off)):
        report.add("waits counted anew", f"delay_clock: {policy.delay_clock.value}", anew)
    if later := _spread(book, flow, policy, now, None):
        report.notice(f"release {flow}", f"{flow} goes on: {policy.release} go out, {later:,} wait for their turn")
    book.stops.release(flow, now)


def keep_pace(book: Book, desk: Desk, now: datetime) -> None:
    """A pass that is late, or a night of quiet hours, never makes two turns into one."""
    flow, standing = desk.journey.name, desk.switchboard.look(book)
    if standing.policy is None or standing.halt is not None or standing.stops or standing.unreleased:
        return
    released = book.stops.released(flow)
    if released is not None:
        book.backlog.shift(flow, now)
        _spread(book, flow, standing.policy, now, released)


def late_after(policy: Effective) -> timedelta | None:
    """Beyond which lateness a message is not sent by itself; None when it is sent all the same."""
    return None if policy.late_then is Late.SEND else policy.late_after


def _spread(book: Book, flow: str, policy: Effective, now: datetime, since: datetime | None) -> int:
    """More than one window takes is spread; how many wait for a later turn. `since`: only what has been let go before counts."""
    cap, late = policy.release, late_after(policy)
    due, _ = book.backlog.count(flow, now, late, since)
    if due <= cap.count and since is not None:
        return 0
    return book.backlog.spread(flow, now, cap.count, cap.window, late, f"{due:,} waited for the end of a stop: {cap} go out")


def _switched_off(periods: list[Period], policy: Effective, now: datetime) -> Off | None:
    """The time that waits are counted without; None where they are counted by the clock on the wall."""
    off = [period for period in periods if period.switched]
    if not off or policy.delay_clock is DelayClock.WALL:
        return None
    closed = max(period.closed or now for period in off)
    return Off(min(period.opened for period in off), closed, policy.delay_clock is DelayClock.RESTART)
