"""Rules of pace that two people lift for a few days, with a reason. Nothing else can be lifted: no consent, no stop."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, model_validator

from offswitch.policy.days import GregorianDay
from offswitch.policy.readiness import two_people
from offswitch.policy.values import Line, Person, Section, refuse, word

MOST_DAYS = 7


class Lifts(StrEnum):
    """What can be lifted: when, how often, how fast."""

    QUIET_HOURS = "quiet_hours"
    WEEKENDS = "weekends"
    BLACKOUTS = "blackouts"
    OCCASIONS = "occasions"
    SILENCE = "silence"
    CAP = "cap"  # the limits per person, of flow and company
    CAPACITY = "capacity"
    TIER = "tier"  # `tier` and `after`
    HOLD = "hold"  # `hold` and `matured` of the rollout; how many messages guardrails need stays


class Override(Section):
    """A rule that doesn't hold for some days. Every report says so."""

    of: Annotated[Lifts, word(Lifts)]
    """Which rule."""
    by: Annotated[tuple[Person, ...], AfterValidator(two_people)]
    """The two people who agreed; one of them is an approver."""
    on: GregorianDay
    """The first day, by the company's clock."""
    until: GregorianDay
    """The last day, which belongs to it; at most 7 days altogether."""
    why: Line
    """The reason, as people read it in every report."""

    @model_validator(mode="after")
    def _few_days(self) -> Override:
        if self.until < self.on:
            raise refuse(f"is {self.until}, before {self.on}", "the first day stands in `on`, the last one in `until`", "until")
        last = self.on + timedelta(days=MOST_DAYS - 1)
        if self.until > last:
            raise refuse(f"is {self.until}, more than {MOST_DAYS} days", f"write a day until {last}", "until")
        return self

    def __str__(self) -> str:
        return f"{self.of} {self.on} to {self.until} by {' and '.join(sorted(self.by))}: {self.why}"


def _apart(overrides: tuple[Override, ...]) -> tuple[Override, ...]:
    for place, one in enumerate(overrides):
        for other in overrides[:place]:
            if one.of is other.of and one.on <= other.until and other.on <= one.until:
                raise refuse(f"lifts {one.of} on days on which it is lifted already", "make one of the two", place)
    return overrides


Overrides = Annotated[tuple[Override, ...], AfterValidator(_apart)]


def lapsed(overrides: tuple[Override, ...], today: date) -> Iterator[tuple[int, Override]]:
    """Those that are over, with their places: they change nothing any more."""
    return ((place, one) for place, one in enumerate(overrides) if one.until < today)
