"""What a marketer says about one flow."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, PlainValidator

from offswitch.policy.calendar import Blackouts, OnWeekends
from offswitch.policy.conditions import AudienceText
from offswitch.policy.exceptions import ExceptionRule, OtherwiseWord, RequiredFact
from offswitch.policy.experiments import Experiments
from offswitch.policy.guardrails import Guardrails
from offswitch.policy.human import Humans
from offswitch.policy.launch import Growth, MassCap
from offswitch.policy.limits import Lateness, Limits, Silence
from offswitch.policy.occasions import OccasionName
from offswitch.policy.off_and_on import DelayClockWord, InflowWord, Minutes, OnResume, RemovedWord, WhenOffWord
from offswitch.policy.overrides import Overrides
from offswitch.policy.readiness import Readiness
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
    """Whether a flow runs. `closing`: nobody enters, those inside finish. `dry-run`: off, and every decision is made in shadow."""

    ON = "on"
    OFF = "off"
    CLOSING = "closing"
    DRY_RUN = "dry-run"


class OnOff(StrEnum):
    """A switch of two positions."""

    ON = "on"
    OFF = "off"


class StepPolicy(Section):
    """One step by itself."""

    switch: Annotated[OnOff, word(OnOff)] = OnOff.ON
    """Whether this step runs. off: its due work goes where `when_off` says; the rest of the flow goes on."""
    when_off: WhenOffWord | None = None
    """Where the due work of this step goes while it is off."""


class FlowPolicy(Section):
    """`policies/<flow>.yaml`. A key that is None here takes the company's value."""

    switch: Annotated[Switch, word(Switch)]
    """Whether the flow runs. off: nothing is sent, and due work goes where `when_off` says. closing: nobody enters, those inside finish.
    dry-run: off, and what the machine would do is written down beside what people do (`offswitch shadow FLOW`)."""
    owner: Person
    """Who answers for this flow. One of the people of company.yaml."""
    team: Name
    """Who works the list when the flow is off. One of the teams of company.yaml."""
    runbook: Prose
    """How a person does this work by hand, for somebody who doesn't know this tool."""
    minutes_per_item: Annotated[int, whole(1, 1_440)]
    """Minutes that one item takes by hand."""
    rollout: Rollout
    """How the machine's share of people grows."""
    when_off: WhenOffWord | None = None
    """Where due work goes while the flow is off: to people, or it waits."""
    steps: dict[Name, StepPolicy] = Field(default_factory=dict)
    """What holds for single steps, by name."""
    limits: Limits | None = None
    """How often a person hears from this flow, besides the company's limits."""
    quiet_hours: Annotated[QuietHours | Literal["none"], PlainValidator(quiet_hours_or_none)] | None = None
    """When nobody is disturbed, by the clock of the person who gets the message. Service e-mail passes."""
    late: Lateness | None = None
    """What becomes of a message that is too late."""
    max_defer: Duration | None = None
    """A message that limits have put off for longer than this altogether is not sent."""
    held_max: Duration | None = None
    """What is held for longer than this becomes work for people."""
    unapproved_after: Duration | None = None
    """After a change that nobody has approved, people take over when this time is over."""
    inflow: InflowWord | None = None
    """What becomes of triggers that came while the flow could not take them."""
    on_resume: OnResume | None = None
    """How a backlog is let go when the flow goes on after a stop."""
    delay_clock: DelayClockWord | None = None
    """What a person's wait counts while the flow is off."""
    capacity: Minutes | None = None
    """How much of this flow's work people can take over in a day. No step up beyond it."""
    removed_steps: dict[Name, RemovedWord] = Field(default_factory=dict)
    """Where people go who stand on a step that the code no longer has."""
    reschedule: dict[Name, Duration] = Field(default_factory=dict)
    """Steps whose waits are counted anew, for those who wait already."""
    humans_decide: Humans = ()
    """Words of your own for kinds of message that a person approves one by one, besides the company's and those that always hold."""
    mass: MassCap | None = None
    """So many messages of this flow in a time one approver can answer for; more waits for a second one's word."""
    approved_for: Duration | None = None
    """How long an approval holds. Then somebody reads the plan again."""
    approved_growth: Growth | None = None
    """By how much more people than the plan showed may enter before somebody reads it again; any: however many."""
    guardrails: Guardrails | None = None
    """How much harm stops the flow. A ceiling that is left out is the company's."""
    audience: AudienceText | None = None
    """Who may enter: a condition over facts, or the name of a segment. Looked at once; whoever can't be told goes to people."""
    required_facts: tuple[RequiredFact, ...] = ()
    """What must be known of a person before anything is sent, and how old it may be; else a person finds out."""
    exceptions: tuple[ExceptionRule, ...] = ()
    """People for whom the rule doesn't hold, the first that fits first. Looked at before every message."""
    otherwise: OtherwiseWord | None = None
    """What holds for everybody who is no exception. Required where there are exceptions."""
    readiness: Readiness | None = None
    """What people have answered before this flow goes live, by name and day, with evidence."""
    review: Duration | None = None
    """So often somebody signs that they have looked (`offswitch review FLOW`); else people do the work. First counted from the approval."""
    overrides: Overrides = ()
    """Rules of pace that don't hold for a few days."""
    weekends: Annotated[OnWeekends, word(OnWeekends)] = OnWeekends.SEND
    """quiet: marketing waits for the next working day in the person's country. The weekends stand in company.yaml."""
    blackouts: Blackouts = ()
    """Days on which this flow sends no marketing, besides the company's."""
    occasion: Annotated[OccasionName, word(OccasionName)] | None = None
    """The occasion that this flow's messages are for, such as Eid greetings: its days don't keep them back. Everything else does."""
    silence: Silence | None = None
    """Less and less for whoever doesn't answer. Counts the marketing of all flows."""
    priority: Annotated[int, whole(1, 100)] = 50
    """Which flow comes first when two want the same person and the limits have room for one: the higher number."""
    exclusive_group: Name = ""
    """Of the flows of one group only one acts for a person at a time. Any name; the same in each of them."""
    experiments: Experiments = Field(default_factory=dict)
    """Texts of one message that are tried out against each other, by message: everybody draws one, for good (docs/experiments.md)."""
