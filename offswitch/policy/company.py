"""What holds for the whole organisation, and for every flow that says nothing else."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Annotated

from pydantic import Field

from offswitch.policy.authority import Ceilings, Role
from offswitch.policy.calendar import Blackouts, Occasions, Weekends
from offswitch.policy.field_owner import FieldOwner, crm_field
from offswitch.policy.flow import OnOff
from offswitch.policy.guardrails import Guardrails
from offswitch.policy.human import Humans
from offswitch.policy.launch import APPROVED_FOR, GROWTH, MASS, Growth, MassCap
from offswitch.policy.limits import Late, Lateness, Limits, Silence
from offswitch.policy.mode import Keep, Kept, Mode, ModeWord
from offswitch.policy.off_and_on import DelayClock, DelayClockWord, Inflow, InflowWord, OnResume, WhenOff, WhenOffWord
from offswitch.policy.overrides import Overrides
from offswitch.policy.readiness import Thresholds
from offswitch.policy.values import (
    Cap,
    Country,
    Duration,
    Email,
    Language,
    Line,
    Name,
    Person,
    Prose,
    QuietHours,
    Section,
    Url,
    Zone,
    answerable,
    checked,
    quiet_hours_or_none,
    word,
)
from offswitch.policy.vocabulary import FieldKind, field_name

Switches = dict[Name, Annotated[OnOff, word(OnOff)]]


class Sender(Section):
    """Who writes. `names` and `postal_addresses` hold the same in other languages, by language code."""

    name: Line
    """The name that people see as the sender."""
    email: Email
    """The address that messages come from."""
    reply_to: Annotated[str, checked(answerable)]
    """Where answers go: an address that somebody reads."""
    postal_address: Prose
    """The postal address at the foot of every message."""
    names: dict[Language, Line] = Field(default_factory=dict)
    """The sender's name in other languages, by language code."""
    postal_addresses: dict[Language, Prose] = Field(default_factory=dict)
    """The postal address in other languages, by language code."""


class Colleague(Section):
    """A person who owns, approves, operates or watches."""

    name: Line
    """How the colleague is called."""
    roles: Annotated[tuple[Annotated[Role, word(Role)], ...], Field(min_length=1)]
    """What the colleague may do."""


class AlertTargets(Section):
    """Whom the system calls when it needs somebody."""

    emails: tuple[Person, ...] = ()
    """Who is written to when something needs a person."""
    webhook: Url | None = None
    """Where alerts are posted to."""


class CompanyPolicy(Section):
    """`policies/company.yaml`. What a flow leaves out is taken from here."""

    switch: Annotated[OnOff, word(OnOff)]
    """The switch for everything. off: no flow sends; due work goes where each flow says."""
    mode: ModeWord = Mode()
    """normal, or in one place for all flows: freeze stops all but what `keep` names, crisis lets marketing wait until it is over."""
    keep: Keep = tuple(Kept)
    """What goes on in a freeze and in a crisis."""
    zone: Zone
    """The time zone of people of whom nothing else is known."""
    sender: Sender
    """Who writes."""
    unsubscribe_url: Url
    """Where `offswitch serve` answers; every unsubscribe link leads there."""
    people: Annotated[dict[Person, Colleague], Field(min_length=1)]
    """Your colleagues, by e-mail address."""
    teams: Annotated[dict[Name, Annotated[tuple[Person, ...], Field(min_length=1)]], Field(min_length=1)]
    """Who works a flow's list, by name of the team."""
    channels: Switches = Field(default_factory=dict)
    """A switch for each channel."""
    connectors: Switches = Field(default_factory=dict)
    """A switch for each connected system."""
    country_zones: dict[Country, Zone] = Field(default_factory=dict)
    """The time zone of each country, for people whose own zone is not known."""
    privacy_url: Url | None = None
    """Your privacy page, linked in every message."""
    alerts: AlertTargets = AlertTargets()
    """Whom the system calls when it needs somebody."""
    when_off: WhenOffWord = WhenOff.HAND_OVER
    """Where due work goes while a flow is off: to people, or it waits."""
    limits: Limits = Limits(per_contact=(Cap(1, timedelta(days=1)), Cap(3, timedelta(days=7))))
    """How often one person hears from all flows together."""
    quiet_hours: Annotated[QuietHours | str, checked(quiet_hours_or_none)] = QuietHours(time(21), time(9))
    """When nobody is disturbed, by the clock of the person who gets the message."""
    late: Lateness = Lateness(after=timedelta(hours=72), then=Late.REVIEW)
    """What becomes of a message that is too late."""
    max_defer: Duration = timedelta(days=7)
    """A message that limits have put off for longer than this altogether is not sent."""
    held_max: Duration = timedelta(hours=24)
    """What is held for longer than this becomes work for people."""
    unapproved_after: Duration = timedelta(hours=4)
    """After a change that nobody has approved, people take over when this time is over."""
    inflow: InflowWord = Inflow()
    """What becomes of triggers that came while a flow could not take them."""
    on_resume: OnResume = OnResume()
    """How a backlog is let go when a flow goes on after a stop."""
    delay_clock: DelayClockWord = DelayClock.WALL
    """What a person's wait counts while a flow is off."""
    humans_decide: Humans = ()
    """Words of your own for kinds of message that a person approves one by one, besides those that always hold."""
    authority: dict[Annotated[Role, word(Role)], Ceilings] = Field(default_factory=dict)
    """Up to which amount each role may decide, by class; any: every amount, 0: none. A class named nowhere is decided as ever."""
    mass: MassCap = MASS
    """So many messages of one flow in a time one approver can answer for; more waits for a second one's word."""
    approved_for: Duration = APPROVED_FOR
    """How long an approval holds. Then somebody reads the plan again."""
    approved_growth: Growth = GROWTH
    """By how much more people than the plan showed may enter before somebody reads it again; any: however many."""
    guardrails: Guardrails = Guardrails()
    """How much harm stops a flow."""
    fields: dict[Annotated[str, checked(field_name)], Annotated[FieldKind, word(FieldKind)]] = Field(default_factory=dict)
    """What else is known of a contact, besides name, country and language: text, number, yes_no or date. Conditions may ask for it."""
    field_owner: dict[Annotated[str, checked(crm_field)], Annotated[FieldOwner, word(FieldOwner)]] = Field(default_factory=dict)
    """Who owns a field of the CRM: people, machine or crm. A flow writes a field of people only while it is empty, one of crm never."""
    readiness: Thresholds | None = None
    """What every flow must show before it goes live. Left out: only flows with a section of their own are asked."""
    review: Duration | None = None
    """So often somebody signs for each flow that they have looked at it. Left out: only flows that say so themselves are asked."""
    overrides: Overrides = ()
    """Rules of pace that don't hold for a few days, in any flow."""
    weekends: Weekends = Field(default_factory=dict)
    """The days on which people rest, by country; `default` for all others. Flows that say `weekends: quiet` keep them."""
    blackouts: Blackouts = ()
    """Days on which no flow sends marketing, in the local time of each person."""
    occasions: Occasions = ()
    """Feasts and national days on which no flow sends marketing. A feast that nobody has confirmed takes a day more at either end."""
    silence: Silence | None = None
    """Less and less for whoever doesn't answer."""
