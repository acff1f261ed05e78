"""One person's approval of a flow is good for so many messages in a rolling window; for more a second one says yes."""

from __future__ import annotations

from offswitch.gate.case import RECORD, Case
from offswitch.gate.standing import AGAIN
from offswitch.model.verdict import Answer, Verdict

MASS = "mass"


def mass(case: Case) -> Verdict | None:
    """Defer until there is room, and look again every hour, so that it goes on soon after the second yes.

    A deferral and not a hold, because what is held grows late; what waits here is never late and never given up. What a
    person has approved by itself doesn't wait, and counts.
    """
    begun = case.mass
    if begun is None or case.purpose == RECORD or case.approved or not begun.full:
        return None
    return Verdict(Answer.DEFER, MASS, f"more than {begun.limit}: a second person has to approve", min(begun.room, case.now + AGAIN))
