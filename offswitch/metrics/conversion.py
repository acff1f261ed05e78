"""Does the machine do worse than the people who do the same work for those outside the rollout?"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, lgamma

from offswitch.journey.journey import Journey
from offswitch.ledger.base import Book
from offswitch.model.verdict import Lane

GOAL, OUTSIDE = "goal reached", "outside the rollout"  # the reasons that entries carry
ENOUGH = 20  # journeys that are over, in each lane
ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Conversion:
    """Of the journeys that are over, those that reached the goal: the machine's, and people's outside the rollout."""

    machine: int
    of_machine: int
    people: int
    of_people: int

    @property
    def worse(self) -> bool:
        """Is the machine significantly worse? Fisher's exact test, one-sided; with fewer than 20 journeys on a side nobody knows."""
        if min(self.of_machine, self.of_people) < ENOUGH:
            return False
        return at_most(self.machine, self.of_machine, self.machine + self.people, self.of_machine + self.of_people) <= ALPHA

    def __str__(self) -> str:
        return f"goal reached by {self.machine} of {self.of_machine} with the machine, {self.people} of {self.of_people} with people"


def at_most(hits: int, drawn: int, marked: int, total: int) -> float:
    """The chance of so few hits among those drawn if lanes don't matter (hypergeometric)."""
    least = max(0, drawn + marked - total)
    ways = _ways(total, drawn)
    return sum(exp(_ways(marked, k) + _ways(total - marked, drawn - k) - ways) for k in range(least, hits + 1))


def _ways(n: int, k: int) -> float:
    """ln of n over k."""
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def conversion(book: Book, journey: Journey) -> Conversion:
    """As the ledger stands now."""
    machine = book.evidence.outcomes(journey.name, Lane.MACHINE.value, "", GOAL)
    people = book.evidence.outcomes(journey.name, Lane.PEOPLE.value, OUTSIDE, GOAL)
    return Conversion(*machine, *people)
