"""What a reviewer reads before saying yes: who would get what, when and why, what is refused, and what stands in the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from offswitch.errors import Problem
from offswitch.gate.rules.mass import MASS
from offswitch.messages.letter import Letter
from offswitch.model.capacity import ByHand
from offswitch.model.contact import Contact
from offswitch.model.verdict import Work
from offswitch.policy.schema import Effective
from offswitch.review.inflight import StepEdit, Stranded
from offswitch.review.line import Counted, Line, What
from offswitch.review.roll import Roll
from offswitch.review.trials import Trial


@dataclass(frozen=True, slots=True)
class Sample:
    """One rendered draft. `origin` is due (it would go out now), later (how it would look in its time) or made up."""

    id: str
    message: str
    language: str
    step: str
    origin: str
    traits: tuple[str, ...]
    contact: Contact
    letter: Letter


@dataclass(frozen=True, slots=True)
class StepView:
    """A step as a reader sees it. `inside` is how many stand here now, by state."""

    name: str
    about: str
    sends: tuple[str, ...]
    asks: tuple[str, ...]
    leads_to: tuple[str, ...]
    ends: tuple[str, ...]
    inside: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class EventView:
    """A kind of event, and what its author says of it."""

    kind: str
    about: str


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that stops the flow today. `stays`: neither the approval nor `offswitch on` ends it."""

    text: str
    stays: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """One difference to what was approved. `voids`: it is not stricter, so it needs a new approval."""

    key: str
    before: str
    now: str
    voids: bool


@dataclass(frozen=True, slots=True)
class Approved:
    """The approval on file; `valid` while what is there now is covered by it."""

    by: str
    requested_by: str
    on: str
    valid: bool


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What collecting would do with stored events: `outcome` is machine, people, no, goal, exit, moved or joined."""

    outcome: str
    rule: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Group:
    """So many lines that share step, verdict and reason."""

    step: str
    what: What
    rule: str
    reason: str
    work: Work | None
    count: int


@dataclass(frozen=True, slots=True)
class PlanOfWork:
    """The dry run of one flow. Nothing in here was done.

    `roll` has everybody, `reached` of whom would get something.

    `due` entries wait in the ledger; `listed` items are with people already; `busy` entries are in a worker's hands at
    this moment and left out; `writes` counts changes of the customer register by name. `edits` is what code, texts and
    policy change for those inside, `stranded` whom nothing says where to go: with them there is no approval. `by_hand` is
    what people would have to do in a day if the flow were off. `rung` counts the rollout's steps from 0.
    """

    flow: str
    about: str
    made: datetime
    digest: str
    starts_on: EventView
    goal: EventView | None
    policy: Effective
    obstacles: tuple[Obstacle, ...]
    approved: Approved | None
    changes: tuple[Changed, ...]
    steps: tuple[StepView, ...]
    arrivals: tuple[Arrivals, ...]
    reached: int
    roll: Roll
    writes: Mapping[str, int]
    samples: tuple[Sample, ...]
    warnings: tuple[Problem, ...]
    due: int
    listed: int
    busy: int
    edits: tuple[StepEdit, ...]
    stranded: Stranded | None
    by_hand: ByHand
    rung: int = 0
    trials: tuple[Trial, ...] = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        """The first lines of each kind."""
        return tuple(self.roll.at_hand)

    @property
    def counts(self) -> Mapping[Counted, int]:
        """How many lines there are, by step, verdict and reason."""
        return self.roll.counts

    def first(self, *kinds: What) -> tuple[Line, ...]:
        """The first lines of these kinds: all of them where there are not many."""
        return tuple(line for line in self.lines if line.what in kinds)

    def count(self, *kinds: What) -> int:
        """How many lines there are of these kinds."""
        return sum(count for key, count in self.counts.items() if key.what in kinds)

    @property
    def groups(self) -> tuple[Group, ...]:
        """All lines counted, in the order of the journey, the largest first."""
        order = [step.name for step in self.steps]
        groups = [Group(*key, count) for key, count in self.counts.items()]
        return tuple(
            sorted(groups, key=lambda one: (order.index(one.step) if one.step in order else len(order), -one.count, one.what, one.reason))
        )

    @property
    def stays(self) -> bool:
        """Does something stop it that neither the approval nor `offswitch on` ends?"""
        return any(one.stays for one in self.obstacles)

    @property
    def beyond_one(self) -> int:
        """Messages that wait because one approver can't answer for so many."""
        return sum(count for key, count in self.counts.items() if key.rule == MASS)

    @property
    def messages(self) -> int:
        """What would go out at once, if two had approved."""
        return self.count(What.SEND) + self.beyond_one

    @property
    def audience(self) -> int:
        """For how many people an approval would be: who is inside, whose forms wait, and who will come as they come now."""
        inside = sum(sum(step.inside.values()) for step in self.steps)
        entering = sum(one.count for one in self.arrivals if one.outcome == "machine")
        return inside + entering + round(self.by_hand.inflow * (self.policy.launch.lasts / timedelta(days=1)))

    @property
    def minutes(self) -> int:
        """What the work that would be handed over takes by hand, by the policy's own estimate."""
        return self.count(What.HAND_OVER) * self.policy.minutes_per_item

    @property
    def asks_first(self) -> bool:
        """Is more due than may go out without a person's word after the flow was off?"""
        return self.due > self.policy.without_asking
