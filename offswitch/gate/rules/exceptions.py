"""People for whom the flow's rule doesn't hold: the first exception that fits decides, and "can't tell" is for a person."""

from __future__ import annotations

from offswitch.gate.case import RECORD, Case
from offswitch.model.verdict import Answer, Verdict, Work
from offswitch.policy.exceptions import Then

_ANSWERS = {Then.SKIP: Answer.SKIP, Then.EXIT: Answer.EXIT}


def exceptions(case: Case) -> Verdict | None:
    """Hand over, skip or exit as the exception says; a message that a person has approved is handed over no second time."""
    found = case.told.exception
    if case.purpose == RECORD:
        return None
    if case.told.unsure:
        return Verdict(Answer.HAND_OVER, "exceptions", f"perhaps an exception; {case.told.unsure}", work=Work.TRIAGE)
    if found is None:
        return None
    if found.then in _ANSWERS:
        return Verdict(_ANSWERS[found.then], "exceptions", found.why)
    return None if case.approved else Verdict(Answer.HAND_OVER, "exceptions", found.why, work=Work.APPROVAL)
