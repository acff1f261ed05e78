"""Less for whoever doesn't answer: growing pauses between messages, then none at all."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from offswitch.gate.case import UNLIMITED, Case
from offswitch.model.verdict import Answer, Verdict
from offswitch.policy.limits import Silence

LEAST = timedelta(days=1)  # a pause that is shorter than this doubles to nothing


def silence(case: Case) -> Verdict | None:
    """Skip for the silent; for those who begin to be, defer until the pause is long enough."""
    policy = case.standing.policy
    if policy is None or policy.pace.silence is None or case.purpose in UNLIMITED:
        return None
    count, wish = len(case.unanswered), policy.pace.silence
    if count < wish.after:
        return None
    if count >= wish.stop:
        return Verdict(Answer.SKIP, "silence", f"silent: {count} messages without an answer")
    until = pause_until(wish, case.unanswered)
    if until is None or until <= case.now:
        return None
    return Verdict(Answer.DEFER, "silence", f"{count} messages without an answer: pauses grow {wish.slower}", until)


def pause_until(wish: Silence, unanswered: tuple[datetime, ...]) -> datetime | None:
    """When the pause after the newest message is over: so many times as long as the longest one so far. None: no pause.

    `unanswered`: the times of the messages since the last answer, newest first.
    """
    if len(unanswered) < wish.after:
        return None
    longest = max((later - earlier for later, earlier in pairwise(unanswered)), default=LEAST)
    return unanswered[0] + max(longest, LEAST) * wish.slower.tenths / 10
