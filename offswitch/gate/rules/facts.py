"""What the text needs and nobody knows is a question for a person, not a hole in a message."""

from __future__ import annotations

from offswitch.gate.case import Case
from offswitch.model.verdict import Answer, Verdict, Work


def facts(case: Case) -> Verdict | None:
    """A triage item while something is lacking."""
    if not case.lacking:
        return None
    return Verdict(Answer.HAND_OVER, "facts", case.lacking, work=Work.TRIAGE)
