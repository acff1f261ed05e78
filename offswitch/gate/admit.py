"""May this trigger make an entry, and in whose lane? Looked at once, when it arrives. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from offswitch.gate.bucket import WHOLE, bucket
from offswitch.gate.readiness import PILOT_CONTACTS, PILOT_PPM
from offswitch.gate.standing import Standing
from offswitch.model.verdict import Admission, Lane
from offswitch.policy.conditions import Holds
from offswitch.policy.schema import Inflow, Outside, Rollout, Stored, Switch

FITS = Holds(yes=True)
# Why somebody is people's for good, beside the rollout.
PERHAPS, MAYBE_ANSWERED = "perhaps not for them", "may have been answered already, before the ledger was restored"
STALE, MISSED, CLOSING = "the trigger is too old to be acted on unseen", "came while the flow was off", "the flow is closing"
_LEFT_OUT = {Outside.WORKLIST: Lane.PEOPLE, Outside.NONE: None}


@dataclass(frozen=True, slots=True)
class Trigger:
    """One event that could start a journey. `before` says why this contact may not enter again, if so.

    `rung` is the flow's place on its ladder, `inside` how many the rollout has taken so far. `missed`: it came while the
    flow was off. `turn`: which flows this one waits for, on its first rung. `audience`: is it
    somebody whom the flow is for? `taken`: which other flow of the same exclusive group has this person.
    """

    contact_id: str
    at: datetime
    now: datetime
    before: str = ""
    rung: int = 0
    inside: int = 0
    missed: bool = False
    turn: str = ""
    audience: Holds = FITS
    taken: str = ""


def admit(standing: Standing, trigger: Trigger) -> Admission:
    """Machine, people, or no. Outside the rollout is final; every other reason for people ends when it ends."""
    if (never := _never(standing, trigger)) is not None:
        return never
    policy = standing.policy
    if policy is None:
        return Admission(Lane.PEOPLE, "policy", standing.trouble or "there is no policy for this flow")
    if outside := _outside(standing, policy.rollout, trigger):
        return Admission(_LEFT_OUT[policy.rollout.outside], "rollout", outside, final=True)
    if standing.lost_until is not None and trigger.at <= standing.lost_until:
        return Admission(Lane.PEOPLE, "restored", MAYBE_ANSWERED, final=True)
    if (stored := _inflow(standing, policy.inflow, trigger)) is not None:
        return stored
    if trigger.audience.yes is None:
        return Admission(Lane.PEOPLE, "audience", f"{PERHAPS}; {trigger.audience.unknown}", final=True)
    if policy.switch is Switch.CLOSING:
        return Admission(Lane.PEOPLE, "stop", CLOSING, final=True)
    if standing.halt is not None:
        return Admission(Lane.PEOPLE, standing.halt.rule, standing.halt.reason)
    return Admission(Lane.MACHINE)


def _never(standing: Standing, trigger: Trigger) -> Admission | None:
    """Why there is no entry, whatever the flow's lane; None: there may be one."""
    if trigger.before:
        return Admission(None, "again", trigger.before)
    if standing.retiring is not None:
        return Admission(None, "retired", "the flow is retired")
    if trigger.audience.yes is False:
        return Admission(None, "audience", "not one of those whom the flow is for", final=True)
    if trigger.taken:
        return Admission(None, "exclusive group", f"is in the flow {trigger.taken} of the same group", final=True)
    if standing.policy is not None and _held_out(standing.policy.rollout, trigger.contact_id):
        return Admission(None, "holdout", "never enters, for comparison", final=True)
    return None


def _inflow(standing: Standing, inflow: Inflow, trigger: Trigger) -> Admission | None:
    """What becomes of a trigger that the flow could not take in its time; None: it enters like any other."""
    missed = trigger.missed or standing.halt is not None
    if inflow.how is Stored.ADMIT_IF_FRESH and trigger.now - trigger.at > inflow.fresh:
        return Admission(Lane.PEOPLE, "inflow", STALE, final=True)
    if inflow.how is Stored.WORKLIST and missed:
        return Admission(Lane.PEOPLE, "inflow", MISSED, final=True)
    if inflow.how is Stored.IGNORE and missed:
        return Admission(None, "inflow", MISSED)
    return None


def _held_out(rollout: Rollout, contact_id: str) -> bool:
    return rollout.holdout is not None and holdout_bucket(rollout, contact_id) < rollout.holdout.ppm


def holdout_bucket(rollout: Rollout, contact_id: str) -> int:
    """By a salt of its own: who is in the holdout says nothing about who is in the rollout early."""
    return bucket(f"{rollout.salt}\x1fholdout", contact_id)


def _outside(standing: Standing, rollout: Rollout, trigger: Trigger) -> str:
    """Why the rollout doesn't take them, or ""."""
    if trigger.turn:
        return trigger.turn
    if not _in_rollout(rollout, trigger):
        return "outside the rollout"
    return "outside the pilot" if standing.pilot and not _in_pilot(rollout, trigger) else ""


def _in_pilot(rollout: Rollout, trigger: Trigger) -> bool:
    """Of a rung that counts contacts so many at most, of any other so small a share."""
    if rollout.steps[min(trigger.rung, len(rollout.steps) - 1)].ppm is None:
        return trigger.inside < PILOT_CONTACTS
    return bucket(rollout.salt, trigger.contact_id) < PILOT_PPM


def _in_rollout(rollout: Rollout, trigger: Trigger) -> bool:
    rung = rollout.steps[min(trigger.rung, len(rollout.steps) - 1)]
    place = bucket(rollout.salt, trigger.contact_id)
    if rung.ppm is not None:
        return place < rung.ppm
    # A number of contacts is filled by arrival, only from below the next percentage, so that the rungs nest.
    following = next((later.ppm for later in rollout.steps[trigger.rung + 1 :] if later.ppm is not None), WHOLE)
    return place < following and trigger.inside < (rung.contacts or 0)
