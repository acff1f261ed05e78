"""May this action happen now? The one gate, for live runs, plans and worklists alike. Pure."""

from __future__ import annotations

from offswitch.gate.case import Case
from offswitch.gate.rules import asked
from offswitch.gate.rules.mass import MASS
from offswitch.model.verdict import ALLOW, Answer, Verdict


def act(case: Case) -> Verdict:
    """The first rule that objects wins; none objecting means allow.

    A deferral that would put the action off for longer than the policy's `max_defer` altogether is a skip. What a release
    after a stop costs doesn't count: nobody is dropped because many waited. Nor does waiting for a second approver.
    """
    for rule in asked(case.standing.idle):
        verdict = rule(case)
        if verdict is not None:
            return _bounded(case, verdict) if verdict.answer is Answer.DEFER else verdict
    return ALLOW


def _bounded(case: Case, verdict: Verdict) -> Verdict:
    policy = case.standing.policy
    if policy is None or verdict.until is None or verdict.rule == MASS:
        return verdict
    if case.put_off - case.ramp + (verdict.until - case.now) <= policy.max_defer:
        return verdict
    return Verdict(Answer.SKIP, verdict.rule, f"put off for too long: {verdict.reason}")
