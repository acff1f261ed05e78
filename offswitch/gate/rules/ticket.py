"""Nobody who waits for an answer of our support is asked for anything meanwhile."""

from __future__ import annotations

from datetime import timedelta

from offswitch.gate.case import UNLIMITED, Case
from offswitch.model.verdict import Answer, Verdict

LONGEST = timedelta(days=7)
LOOK_AGAIN = timedelta(hours=1)  # a solved ticket lets the message go soon after


def ticket(case: Case) -> Verdict | None:
    """Defer marketing while a ticket of this person is open; skip what waited for that a week."""
    if case.ticket is None or case.purpose in UNLIMITED:
        return None
    over = max(case.since, case.ticket) + LONGEST
    if case.now >= over:
        return Verdict(Answer.SKIP, "ticket", "a ticket is open, and it waited 7 days")
    return Verdict(Answer.DEFER, "ticket", "a ticket is open", min(case.now + LOOK_AGAIN, over))
