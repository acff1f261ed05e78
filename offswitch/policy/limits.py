"""How much, how late and when a person hears from us."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from offswitch.policy.values import Cap, Duration, Section, cap, checked, word

Caps = Annotated[tuple[Annotated[Cap, checked(cap)], ...], Field(min_length=1)]


class Late(StrEnum):
    """What becomes of a message that is too late."""

    REVIEW = "review"
    SEND = "send"
    SKIP = "skip"


class Limits(Section):
    """How often a person hears from us, whatever flow, channel or colleague it comes from."""

    per_contact: Caps
    """At most so many messages in any rolling window, by machine and by hand, on all channels. Service mail is counted, not limited."""


class Lateness(Section):
    """A message later than `after` is not sent by itself."""

    after: Duration
    """How late is too late. Time put off by limits and quiet hours doesn't count."""
    then: Annotated[Late, word(Late)]
    """Whether a person looks first, it is sent all the same, or it is left out."""
