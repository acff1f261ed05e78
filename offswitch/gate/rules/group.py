"""Of the flows of one exclusive group only one acts for a person: the one with the highest priority."""

from __future__ import annotations

from offswitch.gate.case import UNLIMITED, Case
from offswitch.gate.standing import AGAIN
from offswitch.model.verdict import Answer, Verdict


def group(case: Case) -> Verdict | None:
    """Defer while the person is in a flow of the same group with a higher priority."""
    policy = case.standing.policy
    if not case.ahead or policy is None or not policy.pace.group or case.purpose in UNLIMITED:
        return None
    other = next((one.rival.flow for one in case.ahead if one.rival.grouped and one.rival.priority > policy.pace.priority), "")
    if not other:
        return None
    return Verdict(Answer.DEFER, "group", f"the flow {other} of the group {policy.pace.group} goes first", case.now + AGAIN)
