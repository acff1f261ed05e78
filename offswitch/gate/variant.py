"""Which text of a message a person gets while texts are tried out: drawn once, the same for life, whatever else changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from offswitch.gate.bucket import WHOLE, bucket
from offswitch.policy.experiments import OWN, Experiment


def drawn(flow: str, message: str, experiment: Experiment, contact_id: str) -> str:
    """The text that this person drew, in equal shares. It hangs on nothing but the salt: no rollout and no further day moves it."""
    salt = "\x1f".join((flow, message, experiment.salt or experiment.starts.isoformat()))
    return experiment.variants[bucket(salt, contact_id) * len(experiment.variants) // WHOLE]


def text_for(experiments: Mapping[str, Experiment], flow: str, message: str, contact_id: str, day: date) -> tuple[str, str]:
    """Which text this person gets on this day, and the one that they drew: "" where nothing is tried out."""
    one = experiments.get(message)
    if one is None:
        return OWN, ""
    if one.runs_on(day):
        lot = drawn(flow, message, one, contact_id)
        return lot, lot
    return one.winner or OWN, ""
