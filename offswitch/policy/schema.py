"""The schema of `policies/*.yaml`, under one name for all who read it."""

from __future__ import annotations

from offswitch.policy.authority import Authority, Role
from offswitch.policy.company import AlertTargets, Colleague, CompanyPolicy, Sender
from offswitch.policy.effective import Effective, canonical, effective
from offswitch.policy.field_owner import FieldOwner
from offswitch.policy.flow import FlowPolicy, OnOff, StepPolicy, Switch
from offswitch.policy.guardrails import Guardrails, Metric, OnBreach
from offswitch.policy.human import ALWAYS_HUMAN, Human
from offswitch.policy.limits import Late, Lateness, Limits
from offswitch.policy.mode import Course, Kept, Mode
from offswitch.policy.off_and_on import DelayClock, Inflow, OnResume, Removed, Stored, WhenOff
from offswitch.policy.readiness import Asked, Readiness, Thresholds
from offswitch.policy.rollout import Outside, Rollout, Rung
from offswitch.policy.scoring import ScoringPolicy
from offswitch.policy.share import Share
from offswitch.policy.strictness import not_looser
from offswitch.policy.values import Cap, QuietHours

__all__ = [
    "ALWAYS_HUMAN",
    "AlertTargets",
    "Asked",
    "Authority",
    "Cap",
    "Colleague",
    "CompanyPolicy",
    "Course",
    "DelayClock",
    "Effective",
    "FieldOwner",
    "FlowPolicy",
    "Guardrails",
    "Human",
    "Inflow",
    "Kept",
    "Late",
    "Lateness",
    "Limits",
    "Metric",
    "Mode",
    "OnBreach",
    "OnOff",
    "OnResume",
    "Outside",
    "QuietHours",
    "Readiness",
    "Removed",
    "Role",
    "Rollout",
    "Rung",
    "ScoringPolicy",
    "Sender",
    "Share",
    "StepPolicy",
    "Stored",
    "Switch",
    "Thresholds",
    "WhenOff",
    "canonical",
    "effective",
    "not_looser",
]
