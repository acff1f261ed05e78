"""Some classes of message are a person's decision: offers, prices, closing, compensation."""

from __future__ import annotations

from offswitch.gate.case import Case
from offswitch.model.verdict import Answer, Verdict, Work


def person(case: Case) -> Verdict | None:
    """An approval item, unless this visit is approved."""
    policy = case.standing.policy
    if not case.decides or case.approved or (policy is not None and case.decides not in policy.humans_decide):
        return None
    return Verdict(Answer.HAND_OVER, "person", f"a person decides: {case.decides}", work=Work.APPROVAL)
