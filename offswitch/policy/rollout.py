"""How a flow's share of people grows: so many contacts, then shares of everybody."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from offswitch.policy.plain import short
from offswitch.policy.values import Line, Section, checked, percent, refuse, word


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
