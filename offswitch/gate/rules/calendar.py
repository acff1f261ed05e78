"""No marketing on weekends, in blackouts and on occasions, by the calendar on the contact's own wall."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from offswitch.gate.case import UNLIMITED, Case
from offswitch.gate.rules.quiet_hours import quiet_until
from offswitch.model.verdict import Answer, Verdict
from offswitch.policy.calendar import Calendar
from offswitch.policy.values import QuietHours

AHEAD = 400  # days; what rests for longer than that is put off for too long whatever the policy says


def calendar(case: Case) -> Verdict | None:
    """Defer to the next working day's first minute outside of quiet hours."""
    policy = case.standing.policy
    if policy is None or case.purpose in UNLIMITED:
        return None
    days = policy.pace.calendar
    reason = days.rest(_today(case.zone, case.now), case.country)
    if not reason:
        return None
    return Verdict(Answer.DEFER, "calendar", reason, opens(days, policy.quiet, case.country, case.zone, case.now))


def opens(days: Calendar, quiet: QuietHours | None, country: str, zone: ZoneInfo, now: datetime) -> datetime:
    """The first instant of a later day that is neither a day of rest nor in quiet hours."""
    today = _today(zone, now)
    for ahead in range(1, AHEAD):
        day = today + timedelta(days=ahead)
        if not days.rest(day, country) and (found := _first_minute(day, quiet, zone)) is not None:
            return found
    return now + timedelta(days=AHEAD)


@lru_cache(maxsize=4096)
def _today(zone: ZoneInfo, now: datetime) -> date:
    return now.astimezone(zone).date()


@lru_cache(maxsize=4096)
def _first_minute(day: date, quiet: QuietHours | None, zone: ZoneInfo) -> datetime | None:
    """When the day begins for us; None when all of it is quiet, or a change of the clock has left it out."""
    at = datetime.combine(day, time(0), zone).astimezone(UTC)
    while quiet is not None and at.astimezone(zone).date() == day and (until := quiet_until(quiet.start, quiet.end, zone, at)) is not None:
        at = until
    return at if at.astimezone(zone).date() == day else None
