"""May this trigger make an entry, and in whose lane? Looked at once, when it arrives. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from offswitch.gate.bucket import WHOLE, bucket
from offswitch.gate.standing import Standing
from offswitch.model.verdict import Admission, Lane
from offswitch.policy.schema import Outside, Rollout, Stored, Switch


@dataclass(frozen=True, slots=True)
class Trigger:
    """One event that could start a journey. `before` says why this contact may not enter again, if so.

    `rung` is the flow's place on its ladder, `inside` how many the rollout has taken so far.
    """

    contact_id: str
    at: datetime
    now: datetime
    before: str = ""
    rung: int = 0
    inside: int = 0


def admit(standing: Standing, trigger: Trigger) -> Admission:
    """Machine, people, or no. Outside the rollout is final; every other reason for people ends when it ends."""
    if trigger.before:
        return Admission(None, "again", trigger.before)
    policy = standing.policy
    if policy is None:
        return Admission(Lane.PEOPLE, "policy", standing.trouble or "there is no policy for this flow")
    if not _in_rollout(policy.rollout, trigger):
        if policy.rollout.outside is Outside.NONE:
            return Admission(None, "rollout", "outside the rollout", final=True)
        return Admission(Lane.PEOPLE, "rollout", "outside the rollout", final=True)
    if policy.inflow.how is Stored.ADMIT_IF_FRESH and trigger.now - trigger.at > policy.inflow.fresh:
        return Admission(Lane.PEOPLE, "inflow", "the trigger is too old to be acted on unseen", final=True)
    if policy.switch is Switch.CLOSING:
        return Admission(Lane.PEOPLE, "stop", "the flow is closing", final=True)
    if standing.halt is not None:
        return Admission(Lane.PEOPLE, standing.halt.rule, standing.halt.reason)
    return Admission(Lane.MACHINE)


def _in_rollout(rollout: Rollout, trigger: Trigger) -> bool:
    rung = rollout.steps[min(trigger.rung, len(rollout.steps) - 1)]
    place = bucket(rollout.salt, trigger.contact_id)
    if rung.ppm is not None:
        return place < rung.ppm
    # A number of contacts is filled by arrival, only from below the next percentage, so that the rungs nest.
    following = next((later.ppm for later in rollout.steps[trigger.rung + 1 :] if later.ppm is not None), WHOLE)
    return place < following and trigger.inside < (rung.contacts or 0)
