"""What a reviewer reads before saying yes: who would get what, when and why, what is refused, and what stands in the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from offswitch.errors import Problem
from offswitch.messages.letter import Letter
from offswitch.model.capacity import ByHand
from offswitch.model.contact import Contact
from offswitch.model.verdict import Work
from offswitch.policy.schema import Effective
from offswitch.review.inflight import StepEdit, Stranded


class What(StrEnum):
    """What would become of one person at one step."""

    SEND = "send"
    WRITE = "write"
    DEFER = "defer"
    HOLD = "hold"
    SKIP = "skip"
    EXIT = "exit"
    HAND_OVER = "hand over"
    FINISH = "finish"
    MOVE = "move"


REFUSED = (What.SKIP, What.EXIT)
LATER = (What.DEFER, What.HOLD)


@dataclass(frozen=True, slots=True)
class Line:
    """One person at one step. `fresh`: would enter only now. `then` and `then_at` say what comes next; `then_at` None: it ends."""

    contact: Contact
    entry_id: str
    fresh: bool
    step: str
    visit: int
    what: What
    rule: str = ""
    reason: str = ""
    until: datetime | None = None
    work: Work | None = None
    message: str = ""
    language: str = ""
    subject: str = ""
    then: str = ""
    then_at: datetime | None = None


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
    """Lines that share step, verdict and reason."""

    step: str
    what: What
    rule: str
    reason: str
    work: Work | None
    count: int


@dataclass(frozen=True, slots=True)
class PlanOfWork:
    """The dry run of one flow. Nothing in here was done.

    `due` entries wait in the ledger; `listed` items are with people already; `busy` entries are in a worker's hands at
    this moment and left out; `writes` counts changes of the customer register by name. `edits` is what code, texts and
    policy change for those inside, `stranded` whom nothing says where to go: with them there is no approval. `by_hand` is
    what people would have to do in a day if the flow were off.
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
    lines: tuple[Line, ...]
    writes: Mapping[str, int]
    samples: tuple[Sample, ...]
    warnings: tuple[Problem, ...]
    due: int
    listed: int
    busy: int
    edits: tuple[StepEdit, ...]
    stranded: Stranded | None
    by_hand: ByHand

    def of(self, *kinds: What) -> tuple[Line, ...]:
        """The lines of these kinds."""
        return tuple(line for line in self.lines if line.what in kinds)

    @property
    def groups(self) -> tuple[Group, ...]:
        """Lines counted by step, verdict and reason, in the order of the journey, the largest first."""
        found = Counter((line.step, line.what, line.rule, line.reason, line.work) for line in self.lines)
        order = [step.name for step in self.steps]
        groups = [Group(*key, count) for key, count in found.items()]
        return tuple(
            sorted(groups, key=lambda one: (order.index(one.step) if one.step in order else len(order), -one.count, one.what, one.reason))
        )

    @property
    def minutes(self) -> int:
        """What the work that would be handed over takes by hand, by the policy's own estimate."""
        return len(self.of(What.HAND_OVER)) * self.policy.minutes_per_item

    @property
    def asks_first(self) -> bool:
        """Is more due than may go out without a person's word after the flow was off?"""
        return self.due > self.policy.without_asking
