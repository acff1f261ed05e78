"""What a connector says after it was asked to act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    """How an attempt ended. Only `unknown` leaves a doubt; the others are certain."""

    PERFORMED = "performed"
    RETRY = "retry"  # surely not done; the same key may be tried again
    REJECTED = "rejected"  # surely not done and never will be, for this contact
    BROKEN = "broken"  # surely not done; the fault is ours or the provider's, for everybody
    UNKNOWN = "unknown"  # may have been done
    LAPSED = "lapsed"  # the permit ended before the first byte


class Guarantee(StrEnum):
    """What a provider does when it gets the same key twice."""

    NATIVE_KEY = "native_key"  # it drops the second, for as long as it says
    NATURAL_UPSERT = "natural_upsert"  # the same write twice is one
    LOOK_UP = "look_up"  # it can be asked whether the key arrived
    NONE = "none"  # it does it again


@dataclass(frozen=True, slots=True)
class Receipt:
    """`reference` is the provider's own name for the effect; `reason` one line for people, without personal data.

    `address_refused`: the provider says that this address can't get mail, so nobody should try again.
    """

    key: str
    outcome: Outcome
    reason: str = ""
    reference: str = ""
    retry_at: datetime | None = None
    address_refused: bool = False
