"""Nobody gets more than so many messages in a rolling window, from all flows, channels and people together."""

from __future__ import annotations

from datetime import datetime

from offswitch.gate.case import RECORD, SERVICE, Case
from offswitch.model.verdict import Answer, Verdict


def cap(case: Case) -> Verdict | None:
    """Defer to the instant when every window has room again."""
    policy = case.standing.policy
    if policy is None or not case.sent or case.purpose in (SERVICE, RECORD):
        return None
    until: datetime | None = None
    words = ""
    for limit in policy.caps:
        if len(case.sent) < limit.count:
            continue
        room = case.sent[limit.count - 1] + limit.window  # when the oldest of the newest `count` leaves the window
        if room > case.now and (until is None or room > until):
            until, words = room, f"already {limit.count} in {_span(limit.window.total_seconds())}"
    return None if until is None else Verdict(Answer.DEFER, "cap", words, until)


def _span(seconds: float) -> str:
    hours = seconds / 3600
    return f"{hours / 24:g} d" if hours % 24 == 0 else f"{hours:g} h"
