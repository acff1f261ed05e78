"""How much, how late and when a person hears from us."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from offswitch.policy.plain import short
from offswitch.policy.values import Cap, Duration, Section, cap, checked, refuse, whole, word

Caps = Annotated[tuple[Annotated[Cap, checked(cap)], ...], Field(min_length=1)]


class Late(StrEnum):
    """What becomes of a message that is too late."""

    REVIEW = "review"
    SEND = "send"
    SKIP = "skip"


def per_time(value: Any) -> Cap:
    """`300 per minute`, `5000 per hour`."""
    try:
        return cap(value)
    except PydanticCustomError as error:
        raise refuse(f"is {short(str(value))}", "write how many in what time such as 300 per minute") from error


class Limits(Section):
    """How often a person hears from us, whatever flow, channel or colleague it comes from."""

    per_contact: Caps | None = None
    """At most so many messages in any rolling window, by machine and by hand, on all channels. Service mail is counted, not limited."""
    rate: Annotated[Cap, checked(per_time)] | None = None
    """At most so many messages that the machine begins in any rolling window, to all people together. All workers count as one."""


@dataclass(frozen=True, slots=True)
class Times:
    """So many times as long."""

    tenths: int

    def __str__(self) -> str:
        return f"{self.tenths / 10:g}x"


def times(value: Any) -> Times:
    """`2x`, `1.5x`."""
    if isinstance(value, Times):
        return value
    found = re.fullmatch(r"([0-9]{1,2})(?:\.([0-9]))?x", value) if isinstance(value, str) and value.isascii() else None
    tenths = int(found[1]) * 10 + int(found[2] or 0) if found else 0
    if not 10 <= tenths <= 100:
        raise refuse(f"is {short(str(value))}", "write 2x, or another number of times from 1x to 10x such as 1.5x")
    return Times(tenths)


class Silence(Section):
    """Less for whoever doesn't answer. A click, a reply, a form, a booking or a goal is an answer; an open is none."""

    after: Annotated[int, whole(2, 50)]
    """After so many messages without an answer, from whatever flow, the pauses grow."""
    slower: Annotated[Times, checked(times)]
    """How many times as long as the longest pause so far the next one is, at least."""
    stop: Annotated[int, whole(3, 100)]
    """After so many messages without an answer nothing is sent any more until the person answers."""

    @model_validator(mode="after")
    def _stops_last(self) -> Silence:
        if self.stop <= self.after:
            raise refuse(f"is {self.stop}, no more than `after`", f"write a number above {self.after}", "stop")
        return self

    def __str__(self) -> str:
        return f"{self.after} {self.slower} {self.stop}"


class Lateness(Section):
    """A message later than `after` is not sent by itself."""

    after: Duration
    """How late is too late. Time put off by limits and quiet hours doesn't count."""
    then: Annotated[Late, word(Late)]
    """Whether a person looks first, it is sent all the same, or it is left out."""
