"""Nobody gets more than so many messages in a rolling window, from all flows, channels and people together."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

from offswitch.gate.case import UNLIMITED, Case
from offswitch.model.verdict import Answer, Verdict


def cap(case: Case) -> Verdict | None:
    """Defer to the instant when every window has room again."""
    policy = case.standing.policy
    if not case.sent or policy is None or case.purpose in UNLIMITED:
        return None
    until: datetime | None = None
    words = ""
    for limit in policy.caps:
        if len(case.sent) < limit.count:
            continue
        room = case.sent[limit.count - 1] + limit.window  # when the oldest of the newest `count` leaves the window
        if room > case.now and (until is None or room > until):
            until, words = room, f"already {limit.count} in {_span(limit.window)}"
    return None if until is None else Verdict(Answer.DEFER, "cap", words, until)


@lru_cache(maxsize=256)
def _span(window: timedelta) -> str:
    hours = window.total_seconds() / 3600
    return f"{hours / 24:g} d" if hours % 24 == 0 else f"{hours:g} h"
