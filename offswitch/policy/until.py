"""Until when something is off, as people type it: a length of time, a day, or a day and a time."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from offswitch.policy.days import day
from offswitch.policy.plain import short, western
from offswitch.policy.values import duration, refuse

_LONGEST = timedelta(days=366)
_FORMS = "write 3d, 12h, a day such as 2026-12-01, or a day and a time such as 2026-12-01T09:00"


def until(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """`3d`; `2026-12-01`, the last day, by the clock of `zone`; `2026-12-01T09:00`. In UTC, ahead of `now`, by a year at most.

    An hour that a change of the clock leaves out is the one after it. Raises PydanticCustomError.
    """
    words = western(text.strip())
    if re.fullmatch(r"[0-9]+\s?[smhd]", words):
        return now + duration(words)
    found = re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([01][0-9]|2[0-3]):([0-5][0-9]))?", words)
    if not found:
        raise refuse(f"is {short(text)}", _FORMS)
    last = day(found[1])
    wall = datetime.combine(last, time(int(found[2]), int(found[3]))) if found[2] else datetime.combine(last + timedelta(days=1), time(0))
    end = wall.replace(tzinfo=zone).astimezone(UTC)
    if end <= now:
        raise refuse(f"is {short(text)}, which is over", "write a time that is still to come")
    if end - now > _LONGEST:
        raise refuse(f"is {short(text)}, more than a year ahead", "leave it out: then it is off until somebody says `offswitch on`")
    return end
