"""Marketing needs a yes for this purpose and channel; service mail that somebody asked for does not."""

from __future__ import annotations

from offswitch.gate.case import SERVICE, UNLIMITED, Case
from offswitch.model.verdict import Answer, Verdict


def consent(case: Case) -> Verdict | None:
    """Skip without consent; exit when no action that may still be sent remains on the way."""
    if case.purpose in UNLIMITED or (case.purpose, case.action.channel) in case.consent:
        return None
    reason = f"no consent for {case.purpose} by {case.action.channel}"
    left = any(purpose == SERVICE or (purpose, channel) in case.consent for purpose, channel in case.onward)
    return Verdict(Answer.SKIP if left else Answer.EXIT, "consent", reason)
