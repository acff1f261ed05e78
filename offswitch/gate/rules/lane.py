"""An entry outside the rollout stays with people for good: nobody is welcomed a month late because a ramp went up."""

from __future__ import annotations

from offswitch.gate.case import Case
from offswitch.model.verdict import Answer, Lane, Verdict, Work


def lane(case: Case) -> Verdict | None:
    """Hand over what was admitted in the people's lane."""
    if case.lane is Lane.MACHINE:
        return None
    return Verdict(Answer.HAND_OVER, "rollout", case.lane_reason, work=Work.BY_HAND)
