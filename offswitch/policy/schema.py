"""The schema of `policies/*.yaml`, under one name for all who read it."""

from __future__ import annotations

from offswitch.policy.company import AlertTargets, Colleague, CompanyPolicy, Role, Sender
from offswitch.policy.effective import ALWAYS_HUMAN, Effective, canonical, effective
from offswitch.policy.flow import FlowPolicy, Human, OnOff, StepPolicy, Switch
from offswitch.policy.limits import Late, Lateness, Limits
from offswitch.policy.off_and_on import DelayClock, Inflow, OnResume, Removed, Stored, WhenOff
from offswitch.policy.rollout import Outside, Rollout, Rung
from offswitch.policy.scoring import ScoringPolicy
from offswitch.policy.strictness import not_looser
from offswitch.policy.values import Cap, QuietHours

__all__ = [
    "ALWAYS_HUMAN",
    "AlertTargets",
    "Cap",
    "Colleague",
    "CompanyPolicy",
    "DelayClock",
    "Effective",
    "FlowPolicy",
    "Human",
    "Inflow",
    "Late",
    "Lateness",
    "Limits",
    "OnOff",
    "OnResume",
    "Outside",
    "QuietHours",
    "Removed",
    "Role",
    "Rollout",
    "Rung",
    "ScoringPolicy",
    "Sender",
    "StepPolicy",
    "Stored",
    "Switch",
    "WhenOff",
    "canonical",
    "effective",
    "not_looser",
]
