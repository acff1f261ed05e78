"""A suppressed address (hard bounce, complaint, erased, asked for) gets nothing on that channel, whatever the purpose."""

from __future__ import annotations

from offswitch.gate.case import Case
from offswitch.model.verdict import Answer, Verdict


def suppression(case: Case) -> Verdict | None:
    """Exit when nothing but this channel is left, else skip this one."""
    if not case.suppressed or case.action.channel not in case.suppressed:
        return None
    reason = f"this address is suppressed for {case.action.channel}"
    left = any(channel not in case.suppressed for _, channel in case.onward)
    return Verdict(Answer.SKIP if left else Answer.EXIT, "suppression", reason)
