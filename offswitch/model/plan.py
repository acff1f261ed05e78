"""What a step decides: go on by itself, ask a person, or end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias
from zoneinfo import ZoneInfo

from offswitch.model.action import Action

if TYPE_CHECKING:
    from offswitch.model.event import Event
    from offswitch.model.facts import Facts


def minutes(n: float) -> timedelta:
    """n x 60 seconds."""
    return timedelta(minutes=n)


def hours(n: float) -> timedelta:
    """n x 60 minutes."""
    return timedelta(hours=n)


def days(n: float) -> timedelta:
    """n x 24 hours, whatever the clocks on the wall do."""
    return timedelta(days=n)


@dataclass(frozen=True, slots=True)
class Local:
    """A time on the wall in the contact's zone: the first `clock` (HH:MM) not before `after` has passed."""

    clock: str
    after: timedelta = timedelta(0)

    def moment(self, start: datetime, zone: ZoneInfo) -> datetime:
        """The instant this means, counted from `start`."""
        hour, _, minute = self.clock.partition(":")
        earliest = (start + self.after).astimezone(zone)
        wall = earliest.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
        if wall < earliest:
            wall = (earliest + timedelta(days=1)).replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
        return wall.astimezone(start.tzinfo)


def local(clock: str, after: timedelta = timedelta(0)) -> Local:
    """Wall time in the contact's zone: `local("09:00", after=days(2))`."""
    return Local(clock, after)


@dataclass(frozen=True, slots=True)
class Step:
    """A named pure function of a journey. Steps are equal when journey and name are."""

    journey: str
    name: str
    decide: Callable[[Facts], Decision] = field(compare=False, repr=False)

    def __call__(self, facts: Facts) -> Decision:
        """Decide for one person."""
        return self.decide(facts)


@dataclass(frozen=True, slots=True)
class Finish:
    """The journey is over for this contact, with a reason."""

    reason: str


def finish(reason: str) -> Finish:
    """End the journey. The reason is shown in metrics and `why`."""
    return Finish(reason)


Next: TypeAlias = "Step | Finish"
Wait: TypeAlias = "timedelta | Local"


@dataclass(frozen=True, slots=True, init=False)
class Plan:
    """Do these actions in this order, then go to `then`, after a wait or at an instant.

    `or_when` ends the wait early when an event of a kind arrives. `then` is required, so a dead end is a type error.
    """

    actions: tuple[Action, ...]
    then: Next
    after: Wait
    at: datetime | None
    or_when: Mapping[str, Step]
    if_past: str

    def __init__(
        self,
        *actions: Action,
        then: Next,
        after: Wait = timedelta(0),
        at: datetime | None = None,
        or_when: Mapping[type[Event], Step] | None = None,
        if_past: str = "skip",
    ) -> None:
        if at is not None and after != timedelta(0):
            raise ValueError("a plan waits either after= or until at=, not both")
        names = [action.name for action in actions]
        if len(set(names)) != len(names):
            raise ValueError(f"two actions of one step have the same name: {sorted(names)}")
        put: dict[str, Any] = {"actions": actions, "then": then, "after": after, "at": at, "if_past": if_past}
        put["or_when"] = {kind.kind: step for kind, step in (or_when or {}).items()}
        for name, value in put.items():
            object.__setattr__(self, name, value)


@dataclass(frozen=True, slots=True)
class HandOver:
    """A person does this. `outcomes` maps what they may answer to where the entry goes.

    Past `due` it is overdue and stays where it is, unless `overdue` names a step.
    """

    title: str
    outcomes: Mapping[str, Next]
    due: timedelta
    after: Wait = timedelta(0)
    overdue: Step | None = None


def hand_over(
    title: str,
    *,
    then: Next | None = None,
    outcomes: Mapping[str, Next] | None = None,
    due: timedelta = timedelta(days=1),
    after: Wait = timedelta(0),
    overdue: Step | None = None,
) -> HandOver:
    """Ask a person. `then=x` is short for `outcomes={"done": x}`; the two exclude each other."""
    if (then is None) == (outcomes is None):
        raise ValueError("hand_over() takes either then= or outcomes=")
    if outcomes is None:
        assert then is not None
        outcomes = {"done": then}
    return HandOver(title, dict(outcomes), due, after, overdue)


Decision: TypeAlias = Plan | HandOver | Finish
