"""How much harm is too much: ceilings for what people do who didn't want a message, and what happens above them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from offswitch.policy.share import Share, ceiling
from offswitch.policy.values import Section, checked, word

Ceiling = Annotated[Share, checked(ceiling)]


class Metric(StrEnum):
    """What a contact may do after a message; each contact counts once."""

    COMPLAINT = "complaint"
    UNSUBSCRIBE = "unsubscribe"
    BOUNCE = "bounce"


class OnBreach(StrEnum):
    """What the machine does above a ceiling. Whatever it is, only a named person's release ends it."""

    STOP = "stop"  # off; `when_off` says who gets the work
    STEP_BACK = "step_back"  # held, and one step of the rollout down
    HOLD = "hold"  # held


class Guardrails(Section):
    """What share of the machine's messages may do harm. With them a rollout goes up by itself while no harm is seen."""

    complaint: Ceiling | None = None
    """At most this share of messages may be marked as spam."""
    unsubscribe: Ceiling | None = None
    """At most this share of messages may lead to an opt-out."""
    bounce: Ceiling | None = None
    """At most this share of messages may bounce for good."""
    on_breach: Annotated[OnBreach, word(OnBreach)] | None = None
    """What the machine does above a ceiling: stop, hold everything, or hold and go one step of the rollout back."""

    @property
    def ceilings(self) -> dict[Metric, Share]:
        """Those that are written."""
        said: dict[Metric, Share | None] = {metric: getattr(self, metric.value) for metric in Metric}
        return {metric: one for metric, one in said.items() if one is not None}
