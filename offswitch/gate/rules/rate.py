"""The machine begins at most so many messages in any rolling window, all workers together."""

from __future__ import annotations

from offswitch.gate.case import RECORD, Case
from offswitch.model.verdict import Answer, Verdict


def rate(case: Case) -> Verdict | None:
    """Defer to the instant when there is room again. Service mail counts and waits too: a provider doesn't tell them apart."""
    if not case.begun or case.purpose == RECORD:
        return None
    full = [one for one in case.begun if one.count >= one.limit.count]
    if not full:
        return None
    last = max(full, key=lambda one: one.room)
    return Verdict(Answer.DEFER, "rate", f"{last.count} begun already, at most {last.limit}", last.room)
