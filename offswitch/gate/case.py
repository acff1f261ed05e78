"""All that the rules may look at when they judge one action."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from offswitch.gate.rival import Claim
from offswitch.gate.standing import Standing
from offswitch.model.action import Action
from offswitch.model.verdict import Lane
from offswitch.policy.fact_rules import NOTHING, Told
from offswitch.policy.values import Cap

RECORD = "record"  # the purpose of what only our own books see: CRM writes, notes, tasks
SERVICE = "service"
MARKETING = "marketing"
UNLIMITED = (SERVICE, RECORD)  # what needs no consent, and what the limits of marketing pass by


@dataclass(slots=True)
class Begun:
    """How many messages the machine has begun in the window of a rate, and when the first of these leaves it."""

    limit: Cap
    count: int
    room: datetime

    @property
    def full(self) -> bool:
        """Has nothing more room in it?"""
        return self.count >= self.limit.count


@dataclass(slots=True)
class Case:
    """One action of one entry, at one instant. Values only.

    `since`: when the visit was first due. `sent`: when messages that count were sent to this person, newest first, by
    machine and by hand, in all flows. `onward`: what this entry could still send from here, as (purpose, channel).
    `ramp`: how much of `put_off` a release after a stop, or the lack of a second approver, has cost. `lacking`: what the
    text needs and nobody knows.
    `down_until`: the connector fails until then. `told`: what the policy's facts say of this person. `ask`: how much the
    message asks, 0 to 4. `begun`: what counts for the rates. `unanswered`: when marketing was sent since this person's last
    answer, newest first. `ahead`: what other flows want of this person that goes before this. `mass`: what
    counts against one person's approval, None where two have given it. `ticket`: since when one of this person's is open.
    """

    standing: Standing
    action: Action
    step: str
    purpose: str
    now: datetime
    since: datetime
    zone: ZoneInfo
    connector: str = ""
    consent: frozenset[tuple[str, str]] = frozenset()
    suppressed: frozenset[str] = frozenset()
    sent: tuple[datetime, ...] = ()
    onward: frozenset[tuple[str, str]] = frozenset()
    put_off: timedelta = timedelta(0)
    ramp: timedelta = timedelta(0)
    lane: Lane = Lane.MACHINE
    lane_reason: str = ""
    approved: bool = False
    decides: str = ""
    lacking: str = ""
    down: str = ""
    down_until: datetime | None = None
    told: Told = NOTHING
    ask: int = 0
    country: str = ""
    begun: Sequence[Begun] = ()
    unanswered: tuple[datetime, ...] = ()
    ahead: tuple[Claim, ...] = ()
    mass: Begun | None = None
    ticket: datetime | None = None
