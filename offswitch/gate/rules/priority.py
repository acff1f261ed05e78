"""Where a limit has no room for all the flows that want the same person, the first in rank has it, whoever is looked at first."""

from __future__ import annotations

from offswitch.gate.case import UNLIMITED, Case
from offswitch.gate.standing import AGAIN
from offswitch.model.verdict import Answer, Verdict


def priority(case: Case) -> Verdict | None:
    """Defer when those who go first want all the room that a limit has left.

    What they want within the limit's window counts; what has not gone out for so long is not about to.
    """
    policy = case.standing.policy
    if not case.ahead or policy is None or case.purpose in UNLIMITED:
        return None
    for limit in policy.caps:
        left = limit.count - sum(at > case.now - limit.window for at in case.sent)
        wanting = [one for one in case.ahead if one.going and one.rival.on and abs(one.due - case.now) <= limit.window]
        if wanting and len(wanting) >= left:
            first = min(wanting, key=lambda one: one.rank)
            reason = f"the flow {first.rival.flow} goes first; room for {left} under {limit}"
            return Verdict(Answer.DEFER, "priority", reason, max(case.now + AGAIN, first.due))
    return None
