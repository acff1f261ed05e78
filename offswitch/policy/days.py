"""A day in a policy file: when somebody answered, or until when something holds."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from offswitch.policy.plain import short, western
from offswitch.policy.values import checked, refuse

_EASTMOST = timedelta(hours=14)  # somewhere the day has begun already
_MOST_AHEAD = timedelta(days=7)
_LAST_YEAR = 2076  # as far as the calendar of Umm al-Qura is calculated


def day(value: Any) -> date:
    """`2026-11-01`."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        raise refuse("is a list or section", "write one day such as 2026-11-01")
    if western(value) != value:
        raise refuse(f"is {value}", f"write {western(value)}, with the digits 0 to 9")
    found = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", value)
    if not found:
        raise refuse(f"is {short(value)}, not a day", "write year, month and day such as 2026-11-01")
    year, month, number = int(found[1]), int(found[2]), int(found[3])
    if not (year and 1 <= month <= 12):
        raise refuse(f"is {value}, a month that there is not", "months go from 01 to 12: write year, month and day such as 2026-11-01")
    last = monthrange(year, month)[1]
    if not 1 <= number <= last:
        raise refuse(f"is {value}, a day that there is not", f"that month has the days 01 to {last}")
    return date(year, month, number)


def past_day(value: Any) -> date:
    """A day that has begun, anywhere on earth, by this machine's clock."""
    found, latest = day(value), today()
    if found > latest:
        raise refuse(f"is {found}, in the future", f"write the day on which it was said, at the latest {latest}")
    return found


def day_ahead(value: Any) -> date:
    """A day at most a week from now. One that is past is over, but no mistake."""
    found, latest = day(value), today() + _MOST_AHEAD
    if found > latest:
        raise refuse(f"is {found}, more than 7 days ahead", f"write a day until {latest}")
    return found


def gregorian_day(value: Any) -> date:
    """A day of this century by the Gregorian calendar."""
    found = day(value)
    if 1300 <= found.year < 1600:
        raise refuse(f"is {found}, by the Hijri calendar as it seems", "write the Gregorian day such as 2027-03-09")
    if not 2000 <= found.year <= _LAST_YEAR:
        raise refuse(f"is {found}", f"write a day from 2000-01-01 to {_LAST_YEAR}-12-31")
    return found


def today() -> date:
    """The latest date that it is anywhere."""
    return (datetime.now(UTC) + _EASTMOST).date()


PastDay = Annotated[date, checked(past_day)]
DayAhead = Annotated[date, checked(day_ahead)]
GregorianDay = Annotated[date, checked(gregorian_day)]
