"""What the text or the policy needs and nobody knows is a question for a person, not a hole in a message."""

from __future__ import annotations

from offswitch.gate.case import RECORD, Case
from offswitch.model.verdict import Answer, Verdict, Work


def facts(case: Case) -> Verdict | None:
    """A triage item while something is lacking."""
    lacking = case.lacking or (case.told.lacking if case.purpose != RECORD else "")
    return Verdict(Answer.HAND_OVER, "facts", lacking, work=Work.TRIAGE) if lacking else None
