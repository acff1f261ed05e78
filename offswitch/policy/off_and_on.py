"""What a policy says about being off, going on again, and changes under way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any

from offswitch.policy.plain import short
from offswitch.policy.values import Cap, Section, cap, checked, duration, likely, named, refuse, whole, word


class WhenOff(StrEnum):
    """Where due work goes while the machine may not do it."""

    HAND_OVER = "hand_over"
    HOLD = "hold"


class DelayClock(StrEnum):
    """What time a person's wait counts when the flow was off in it. Absolute times are never moved."""

    WALL = "wall"  # all of it: what came due meanwhile is due
    ACTIVE = "active"  # only while the flow was on: the wait grows by the time off
    RESTART = "restart"  # from the beginning, when the flow goes on


class Stored(StrEnum):
    """What becomes of a trigger that came while the flow could not take it."""

    ADMIT = "admit"
    ADMIT_IF_FRESH = "admit_if_fresh"
    WORKLIST = "worklist"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Inflow:
    """`admit`, `worklist`, `ignore`, or `{admit_if_fresh: 72h}`: what is older goes to people."""

    how: Stored = Stored.ADMIT_IF_FRESH
    fresh: timedelta = timedelta(hours=72)

    def __str__(self) -> str:
        return self.how.value


class OnResume(Section):
    """How a backlog is let go. What is left out is the company's, or the default of `effective`."""

    without_asking: Annotated[int, whole(0, 1_000_000)] | None = None
    """With at most so much due work the flow goes on by itself; else it waits for `offswitch on`."""
    second_person_above: Annotated[int, whole(0, 1_000_000)] | None = None
    """With more due work than this, a second person has to agree."""
    release: Annotated[Cap, checked(cap)] | None = None
    """How fast the backlog goes out."""


@dataclass(frozen=True, slots=True)
class Removed:
    """Where people go who stand on a step that is not there any more: to a step, out, or to a person."""

    to: str
    step: str = ""

    def __str__(self) -> str:
        return f"move to {self.step}" if self.to == "move_to" else self.to.replace("_", " ")


def inflow(value: Any) -> Inflow:
    """A word, or `{admit_if_fresh: 72h}`."""
    if isinstance(value, Inflow):
        return value
    if isinstance(value, dict) and list(value) == ["admit_if_fresh"]:
        return Inflow(Stored.ADMIT_IF_FRESH, duration(value["admit_if_fresh"]))
    words = [kind.value for kind in Stored if kind is not Stored.ADMIT_IF_FRESH]
    if isinstance(value, str) and value in words:
        return Inflow(Stored(value))
    raise refuse("is no way to take stored triggers", f"write {{admit_if_fresh: 72h}}, or one word: {', '.join(words)}")


def removed(value: Any) -> Removed:
    """`exit`, `hand_over`, or `{move_to: step}`."""
    if isinstance(value, Removed):
        return value
    if isinstance(value, dict) and list(value) == ["move_to"]:
        return Removed("move_to", named(value["move_to"]))
    if value in ("exit", "hand_over"):
        return Removed(value)
    raise refuse("says nothing about those who stand there", f"write {{move_to: step}}; {likely(str(value), ['exit', 'hand_over'])}")


def minutes_per_day(value: Any) -> int:
    """`240 minutes per day`: what people can take over."""
    if isinstance(value, int):
        return value
    number, _, unit = value.partition(" ") if isinstance(value, str) else ("", "", "")
    if unit == "minutes per day" and number.isascii() and number.isdecimal() and 0 < int(number) <= 1_000_000:
        return int(number)
    raise refuse(f"is {short(str(value))}", "write a number such as 240 minutes per day")


WhenOffWord = Annotated[WhenOff, word(WhenOff)]
DelayClockWord = Annotated[DelayClock, word(DelayClock)]
InflowWord = Annotated[Inflow, checked(inflow)]
RemovedWord = Annotated[Removed, checked(removed)]
Minutes = Annotated[int, checked(minutes_per_day)]
