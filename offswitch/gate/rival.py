"""Which other flows may want the same person, and who of them goes first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from offswitch.model.entry import State


@dataclass(frozen=True, slots=True)
class Rival:
    """Another flow. `grouped`: of the same exclusive group. `on`: does it send?"""

    flow: str
    priority: int
    grouped: bool
    on: bool = True


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody's running entry in a rival flow. `since`: when its visit was first due, whatever put it off afterwards."""

    rival: Rival
    entry_id: str
    due: datetime
    since: datetime
    going: bool

    @property
    def rank(self) -> tuple[int, datetime, str]:
        """The higher priority goes first, then the older wish; in the end the name, so that any order of looking agrees."""
        return rank(self.rival.priority, self.since, self.entry_id)


def rank(priority: int, since: datetime, entry_id: str) -> tuple[int, datetime, str]:
    """The place of an entry among all that want the same person: the smallest goes first."""
    return -priority, since, entry_id


Beside = Sequence[tuple[str, str, str, datetime, datetime, str]]


def claims(rivals: Sequence[Rival], beside: Beside) -> dict[str, tuple[Claim, ...]]:
    """By contact, from what the ledger says of their entries in these flows."""
    by_name = {rival.flow: rival for rival in rivals}
    found: dict[str, tuple[Claim, ...]] = {}
    for contact, flow, entry_id, due, since, state in beside:
        claim = Claim(by_name[flow], entry_id, due, since, state in (State.WAITING, State.HELD))
        found[contact] = (*found.get(contact, ()), claim)
    return found


def keeps(mine: int, theirs: Sequence[Claim]) -> str:
    """Which flow of the same group has this person and doesn't give way to a priority, or ""."""
    return next((one.rival.flow for one in theirs if one.rival.grouped and one.rival.priority >= mine), "")
