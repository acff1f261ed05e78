"""What holds for the whole organisation, and for every flow that says nothing else."""

from __future__ import annotations

from datetime import time, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from offswitch.policy.flow import Human, Humans, OnOff
from offswitch.policy.limits import Late, Lateness, Limits
from offswitch.policy.off_and_on import DelayClock, DelayClockWord, Inflow, InflowWord, OnResume, WhenOff, WhenOffWord
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

Switches = dict[Name, Annotated[OnOff, word(OnOff)]]


class Role(StrEnum):
    """What a colleague may do."""

    OWNER = "owner"
    APPROVER = "approver"
    OPERATOR = "operator"
    COMPLIANCE = "compliance"


class Sender(Section):
    """Who writes. `names` and `postal_addresses` hold the same in other languages, by language code."""

    name: Line
    email: Email
    reply_to: Annotated[str, checked(answerable)]
    postal_address: Prose
    names: dict[Language, Line] = Field(default_factory=dict)
    postal_addresses: dict[Language, Prose] = Field(default_factory=dict)


class Colleague(Section):
    """A person who owns, approves, operates or watches."""

    name: Line
    roles: Annotated[tuple[Annotated[Role, word(Role)], ...], Field(min_length=1)]


class AlertTargets(Section):
    """Whom the system calls when it needs somebody."""

    emails: tuple[Person, ...] = ()
    webhook: Url | None = None


class CompanyPolicy(Section):
    """`policies/company.yaml`. What a flow leaves out is taken from here."""

    switch: Annotated[OnOff, word(OnOff)]
    zone: Zone
    sender: Sender
    unsubscribe_url: Url
    people: Annotated[dict[Person, Colleague], Field(min_length=1)]
    teams: Annotated[dict[Name, Annotated[tuple[Person, ...], Field(min_length=1)]], Field(min_length=1)]
    channels: Switches = Field(default_factory=dict)
    connectors: Switches = Field(default_factory=dict)
    country_zones: dict[Country, Zone] = Field(default_factory=dict)
    privacy_url: Url | None = None
    alerts: AlertTargets = AlertTargets()
    when_off: WhenOffWord = WhenOff.HAND_OVER
    limits: Limits = Limits(per_contact=(Cap(1, timedelta(days=1)), Cap(3, timedelta(days=7))))
    quiet_hours: Annotated[QuietHours | str, checked(quiet_hours_or_none)] = QuietHours(time(21), time(9))
    late: Lateness = Lateness(after=timedelta(hours=72), then=Late.REVIEW)
    max_defer: Duration = timedelta(days=7)
    held_max: Duration = timedelta(hours=24)
    unapproved_after: Duration = timedelta(hours=4)
    inflow: InflowWord = Inflow()
    on_resume: OnResume = OnResume()
    delay_clock: DelayClockWord = DelayClock.WALL
    humans_decide: Humans = tuple(Human)
