"""What a marketer says about one flow."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, PlainValidator

from offswitch.policy.off_and_on import DelayClockWord, InflowWord, Minutes, OnResume, RemovedWord, WhenOffWord
from offswitch.policy.plain import short
from offswitch.policy.values import (
    Cap,
    Duration,
    Line,
    Name,
    Person,
    Prose,
    QuietHours,
    Section,
    cap,
    checked,
    percent,
    quiet_hours_or_none,
    refuse,
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


class Late(StrEnum):
    """What becomes of a message that is too late."""

    REVIEW = "review"
    SEND = "send"
    SKIP = "skip"


class Outside(StrEnum):
    """What becomes of those whom the rollout has not reached."""

    WORKLIST = "worklist"
    NONE = "none"


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


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a rollout: a number of contacts, or a share in parts per million."""

    contacts: int | None = None
    ppm: int | None = None

    def __str__(self) -> str:
        if self.ppm is None:
            return f"{self.contacts} contacts"
        return f"{self.ppm / 10_000:g}%"


def rung(value: Any) -> Rung:
    """`{contacts: 50}` or `5%`."""
    if isinstance(value, Rung):
        return value
    if isinstance(value, dict) and list(value) == ["contacts"] and isinstance(value["contacts"], str):
        if value["contacts"].isascii() and value["contacts"].isdecimal() and 0 < int(value["contacts"]) <= 1_000_000:
            return Rung(contacts=int(value["contacts"]))
        raise refuse(f"is {short(value['contacts'])} contacts", "write a whole number from 1 to 1000000")
    if isinstance(value, str):
        return Rung(ppm=percent(value))
    raise refuse("is not a step", "write 5% or {contacts: 50}")


def _rising(rungs: tuple[Rung, ...]) -> tuple[Rung, ...]:
    """Numbers of contacts first, then shares, each larger than the one before: so the steps nest."""
    order = [(one.ppm is not None, one.ppm if one.ppm is not None else one.contacts or 0) for one in rungs]
    for place, (before, after) in enumerate(pairwise(order), start=1):
        if after <= before:
            fix = "write numbers of contacts first, then percentages, each larger than the one before"
            raise refuse("is no step up", fix, place)
    return rungs


Rungs = Annotated[tuple[Annotated[Rung, checked(rung)], ...], Field(min_length=1), AfterValidator(_rising)]
Caps = Annotated[tuple[Annotated[Cap, checked(cap)], ...], Field(min_length=1)]
Humans = Annotated[tuple[Annotated[Human, word(Human)], ...], Field(min_length=1)]


class Rollout(Section):
    """How the machine's share grows. `salt` shuffles people into buckets; it is the flow's name where none is written."""

    steps: Rungs
    salt: Line = ""
    outside: Annotated[Outside, word(Outside)] = Outside.WORKLIST


class StepPolicy(Section):
    """One step by itself."""

    switch: Annotated[OnOff, word(OnOff)] = OnOff.ON
    when_off: WhenOffWord | None = None


class Limits(Section):
    """How often a person hears from us, whatever flow, channel or colleague it comes from."""

    per_contact: Caps


class Lateness(Section):
    """A message later than `after` is not sent by itself."""

    after: Duration
    then: Annotated[Late, word(Late)]


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
