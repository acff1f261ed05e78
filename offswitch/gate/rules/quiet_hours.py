"""Nobody is disturbed at night, by the clock on their own wall. Service e-mail makes no noise and passes."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from offswitch.gate.case import RECORD, SERVICE, Case
from offswitch.model.verdict import Answer, Verdict


def quiet_hours(case: Case) -> Verdict | None:
    """Defer to the end of the quiet window in the contact's zone."""
    policy = case.standing.policy
    if policy is None or policy.quiet is None or case.purpose == RECORD:
        return None
    if case.purpose == SERVICE and case.action.channel == "email":
        return None
    until = quiet_until(policy.quiet.start, policy.quiet.end, case.zone, case.now)
    if until is None:
        return None
    return Verdict(Answer.DEFER, "quiet hours", f"quiet hours in {case.zone.key}", until)


@lru_cache(maxsize=4096)
def quiet_until(start: time, end: time, zone: ZoneInfo, now: datetime) -> datetime | None:
    """When the quiet window around `now` ends, or None outside it. The window may cross midnight and a clock change."""
    wall = now.astimezone(zone)
    clock = wall.time()
    inside = start <= clock < end if start <= end else clock >= start or clock < end
    if not inside:
        return None
    day = wall.date() + timedelta(days=1) if start > end and clock >= start else wall.date()
    until = datetime.combine(day, end, zone).astimezone(now.tzinfo)
    return until if until > now else now + timedelta(minutes=1)
