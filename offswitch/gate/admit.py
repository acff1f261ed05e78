"""May this trigger make an entry, and in whose lane? Looked at once, when it arrives. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from offswitch.gate.bucket import WHOLE, bucket
from offswitch.gate.standing import Standing
from offswitch.model.verdict import Admission, Lane
from offswitch.policy.schema import Inflow, Outside, Rollout, Stored, Switch


@dataclass(frozen=True, slots=True)
class Trigger:
    """One event that could start a journey. `before` says why this contact may not enter again, if so.

    `rung` is the flow's place on its ladder, `inside` how many the rollout has taken so far. `missed`: it came while the
    flow was off.
    """

    contact_id: str
    at: datetime
    now: datetime
    before: str = ""
    rung: int = 0
    inside: int = 0
    missed: bool = False


def admit(standing: Standing, trigger: Trigger) -> Admission:
    """Machine, people, or no. Outside the rollout is final; every other reason for people ends when it ends."""
    if trigger.before:
        return Admission(None, "again", trigger.before)
    if standing.retiring is not None:
        return Admission(None, "retired", "the flow is retired")
    policy = standing.policy
    if policy is None:
        return Admission(Lane.PEOPLE, "policy", standing.trouble or "there is no policy for this flow")
    if not _in_rollout(policy.rollout, trigger):
        if policy.rollout.outside is Outside.NONE:
            return Admission(None, "rollout", "outside the rollout", final=True)
        return Admission(Lane.PEOPLE, "rollout", "outside the rollout", final=True)
    if standing.lost_until is not None and trigger.at <= standing.lost_until:
        return Admission(Lane.PEOPLE, "restored", "may have been answered already, before the ledger was restored", final=True)
    if (stored := _inflow(standing, policy.inflow, trigger)) is not None:
        return stored
    if policy.switch is Switch.CLOSING:
        return Admission(Lane.PEOPLE, "stop", "the flow is closing", final=True)
    if standing.halt is not None:
        return Admission(Lane.PEOPLE, standing.halt.rule, standing.halt.reason)
    return Admission(Lane.MACHINE)


def _inflow(standing: Standing, inflow: Inflow, trigger: Trigger) -> Admission | None:
    """What becomes of a trigger that the flow could not take in its time; None: it enters like any other."""
    missed = trigger.missed or standing.halt is not None
    if inflow.how is Stored.ADMIT_IF_FRESH and trigger.now - trigger.at > inflow.fresh:
        return Admission(Lane.PEOPLE, "inflow", "the trigger is too old to be acted on unseen", final=True)
    if inflow.how is Stored.WORKLIST and missed:
        return Admission(Lane.PEOPLE, "inflow", "came while the flow was off", final=True)
    if inflow.how is Stored.IGNORE and missed:
        return Admission(None, "inflow", "came while the flow was off")
    return None


def _in_rollout(rollout: Rollout, trigger: Trigger) -> bool:
    rung = rollout.steps[min(trigger.rung, len(rollout.steps) - 1)]
    place = bucket(rollout.salt, trigger.contact_id)
    if rung.ppm is not None:
        return place < rung.ppm
    # A number of contacts is filled by arrival, only from below the next percentage, so that the rungs nest.
    following = next((later.ppm for later in rollout.steps[trigger.rung + 1 :] if later.ppm is not None), WHOLE)
    return place < following and trigger.inside < (rung.contacts or 0)
