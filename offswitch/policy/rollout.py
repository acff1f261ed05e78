"""How a flow's share of people grows: so many contacts, then shares of everybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from offswitch.policy.plain import short
from offswitch.policy.share import Share, share
from offswitch.policy.values import Duration, Line, Name, Section, Truth, checked, percent, refuse, whole, word


class Outside(StrEnum):
    """What becomes of those whom the rollout has not reached."""

    WORKLIST = "worklist"
    NONE = "none"


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


class Rollout(Section):
    """How the machine's share grows. `salt` shuffles people into buckets; it is the flow's name where none is written."""

    steps: Rungs
    """The ladder: numbers of contacts first, then percentages, each more than the one before."""
    salt: Line = ""
    """Shuffles people into buckets; the flow's name where none is written. Never change it after the first message."""
    outside: Annotated[Outside, word(Outside)] = Outside.WORKLIST
    """What becomes of those whom the rollout has not reached yet."""
    hold: Duration = timedelta(hours=24)
    """Each step lasts at least this long."""
    matures_after: Duration = timedelta(hours=48)
    """By then most complaints have come: only messages older than this say something about a step."""
    matured: Annotated[Share, checked(share)] = Share(500_000)
    """This share of a step's messages must be that old before the next step."""
    min_matured: Annotated[int, whole(1, 1_000_000)] = 200
    """So many messages of a step must be that old; on a step of fewer contacts, one for each of them."""
    by_itself: Truth = True
    """Whether the rollout goes up by itself while its guardrails see no harm. Without guardrails it never does."""
    tier: Annotated[int, whole(1, 9)] | None = None
    """A flow waits for all flows of lower tiers: first welcome, then what follows. Until they are stable the machine takes nobody."""
    after: tuple[Name, ...] = ()
    """Flows that this one waits for, by name."""
    stable: Duration = timedelta(days=14)
    """How long those must have been on, on their last step and without a breach."""
    holdout: Annotated[Share, checked(share)] | None = None
    """This share of people never enters, for comparison. Leave it out where a flow sends service messages."""
