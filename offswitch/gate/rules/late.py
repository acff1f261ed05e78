"""What is this late is not sent unseen: the person may long be somewhere else."""

from __future__ import annotations

from offswitch.gate.case import RECORD, Case
from offswitch.model.verdict import Answer, Verdict, Work
from offswitch.policy.schema import Late


def late(case: Case) -> Verdict | None:
    """Review, skip or send, as the policy says. Time spent put off by caps and quiet hours doesn't count."""
    policy = case.standing.policy
    if policy is None or case.purpose == RECORD or case.now - case.since - case.put_off <= policy.late_after:
        return None
    behind = case.now - case.since - case.put_off
    reason = f"{behind.days * 24 + behind.seconds // 3600} hours late"
    if policy.late_then is Late.SEND:
        return None
    if policy.late_then is Late.SKIP:
        return Verdict(Answer.SKIP, "late", reason)
    return Verdict(Answer.HAND_OVER, "late", reason, work=Work.LATE)
