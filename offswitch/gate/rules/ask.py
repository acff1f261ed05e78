"""Nobody is asked for more than the stage that they have come to allows."""

from __future__ import annotations

from offswitch.gate.case import Case
from offswitch.model.verdict import Answer, Verdict, Work


def ask(case: Case) -> Verdict | None:
    """Skip what asks too much; where the stage is not known, a person finds out. Without a funnel, nothing."""
    policy = case.standing.policy
    if not case.ask or policy is None or not policy.facts.max_ask:
        return None
    stage = case.told.stage
    most = policy.facts.max_ask.get(stage)
    if most is None:
        return Verdict(Answer.HAND_OVER, "ask", f"not known: stage; it asks {case.ask} of 4", work=Work.TRIAGE)
    if case.ask <= most:
        return None
    return Verdict(Answer.SKIP, "ask", f"asks {case.ask} of 4; at the stage {stage} at most {most}")
