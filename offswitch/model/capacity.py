"""How many minutes a day people would work on a flow by hand if it were off, and how many they have."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ByHand:
    """minutes a day = (pending + newcomers a day x steps on their first day) x minutes per item.

    `pending`: items that are due in the next 24 hours, or are with people or stored. `inflow`: triggers a day, the mean over
    `days`, of which `share` is this flow's business at its rung of the rollout (1: all of them, because the rest is done by
    hand). `steps`: the most items that one newcomer makes on the first day. `per_item`: the median of `measured` items as
    people timed them; where `measured` is 0, the policy's own estimate. `capacity` None: nobody has written one.
    """

    pending: int
    inflow: float
    days: float
    share: float
    steps: int
    per_item: float
    measured: int
    capacity: int | None

    @property
    def minutes(self) -> int:
        """Minutes a day, rounded."""
        return round((self.pending + self.inflow * self.share * self.steps) * self.per_item)

    @property
    def too_much(self) -> bool:
        """Is it more than people can take over?"""
        return self.capacity is not None and self.minutes > self.capacity
