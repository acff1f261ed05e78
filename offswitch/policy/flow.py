"""What a marketer says about one flow."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, PlainValidator

from offswitch.policy.limits import Lateness, Limits
from offswitch.policy.off_and_on import DelayClockWord, InflowWord, Minutes, OnResume, RemovedWord, WhenOffWord
from offswitch.policy.rollout import Rollout
from offswitch.policy.values import (
    Duration,
    Name,
    Person,
    Prose,
    QuietHours,
    Section,
    quiet_hours_or_none,
    whole,
    word,
)


class Switch(StrEnum):
    """Whether a flow runs. `closing`: nobody enters, those inside finish."""

    ON = "on"
    OFF = "off"
    CLOSING = "closing"


class OnOff(StrEnum):
    """A switch of two positions."""

    ON = "on"
    OFF = "off"


class Human(StrEnum):
    """What people decide, never the machine: the word in a message's front matter (`decides: offer`)."""

    DECISION = "decision"
    OFFER = "offer"
    PRICE = "price"
    CLOSING = "closing"
    COMPENSATION = "compensation"
    MAJOR_DONOR = "major_donor"
    MASS = "mass"
    AI_TEXT = "ai_text"


Humans = Annotated[tuple[Annotated[Human, word(Human)], ...], Field(min_length=1)]


class StepPolicy(Section):
    """One step by itself."""

    switch: Annotated[OnOff, word(OnOff)] = OnOff.ON
    when_off: WhenOffWord | None = None


class FlowPolicy(Section):
    """`policies/<flow>.yaml`. A key that is None here takes the company's value."""

    switch: Annotated[Switch, word(Switch)]
    owner: Person
    team: Name
    runbook: Prose
    minutes_per_item: Annotated[int, whole(1, 1_440)]
    rollout: Rollout
    when_off: WhenOffWord | None = None
    steps: dict[Name, StepPolicy] = Field(default_factory=dict)
    limits: Limits | None = None
    quiet_hours: Annotated[QuietHours | Literal["none"], PlainValidator(quiet_hours_or_none)] | None = None
    late: Lateness | None = None
    max_defer: Duration | None = None
    held_max: Duration | None = None
    unapproved_after: Duration | None = None
    inflow: InflowWord | None = None
    on_resume: OnResume | None = None
    delay_clock: DelayClockWord | None = None
    capacity: Minutes | None = None
    removed_steps: dict[Name, RemovedWord] = Field(default_factory=dict)
    reschedule: dict[Name, Duration] = Field(default_factory=dict)
    humans_decide: Humans | None = None
