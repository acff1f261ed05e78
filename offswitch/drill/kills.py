"""Where a worker can die, and courses that let it die there: once, or every time until somebody repairs it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from offswitch.drill.course import Course, Killed
from offswitch.failpoints import POINTS
from offswitch.journey.graph import graph_of
from offswitch.journey.journey import Journey
from offswitch.ledger.base import Ledger
from offswitch.model.entry import OVER

AROUND_MAIL = (
    "before claim", "after claim", "before intent", "after intent", "begun", "accepted", "after accept",
    "before record", "in record", "after record",
)  # fmt: skip
AROUND_WRITE = ("begun", "accepted", "after accept")
OUTAGE = timedelta(hours=6)


@dataclass(frozen=True, order=True, slots=True)
class Boundary:
    """A failpoint and what it stands around: `step/action`, a step for what a person does, or nothing."""

    point: str
    around: str = ""

    def __str__(self) -> str:
        return f"{self.point} ({self.around})" if self.around else self.point


def required(journey: Journey, seen: Iterable[Boundary]) -> frozenset[Boundary]:
    """Every boundary around every message of the journey, whether somebody comes there or not; and all that was seen."""
    nodes = graph_of(journey).nodes.values()
    mail = {Boundary(point, f"{node.name}/send:{message}") for node in nodes for message in node.sends for point in AROUND_MAIL}
    elsewhere = {Boundary(point) for point in POINTS if point in ("in policy", "in snapshot")}
    return frozenset({*mail, *elsewhere, *seen})


@dataclass
class Watcher:
    """Hears of every failpoint of one course and says which boundaries it is. `deadly` are those at which the worker dies."""

    course: Course
    deadly: set[Boundary] = field(default_factory=set)
    outage: timedelta = timedelta(0)
    seen: set[Boundary] = field(default_factory=set)
    died: set[Boundary] = field(default_factory=set)
    dying: tuple[Boundary, datetime] | None = None
    outages: list[tuple[datetime, datetime]] = field(default_factory=list)
    _held: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.course.hook = self.reached
        graph = graph_of(self.course.stage.journey)
        self._sends = {node.name: tuple(f"{node.name}/send:{message}" for message in node.sends) for node in graph.nodes.values()}

    def reached(self, point: str, at: str) -> None:
        """The hook. Raises Killed."""
        here = self._boundaries(point, at)
        self.seen.update(here)
        if self.dying is not None:
            self._still_dying(here)
            return
        hit = sorted(self.deadly.intersection(here))
        if hit:
            if self.outage:
                self.dying = hit[0], self.course.now + self.outage
                self.course.broken = True
                self.outages.append((self.course.now, self.course.now + self.outage))
                self.deadly.discard(hit[0])
                self._die({hit[0]})
            self.deadly.difference_update(here)
            self._die(set(hit))

    def _still_dying(self, here: set[Boundary]) -> None:
        assert self.dying is not None
        boundary, until = self.dying
        if self.course.now >= until:
            self.dying = None
            self.course.broken = False
        elif boundary in here:
            self._die({boundary})

    def _die(self, where: set[Boundary]) -> None:
        self.died |= where
        one = min(where)
        self.course.world.killed(one.point, one.around)
        raise Killed(str(one))

    def _boundaries(self, point: str, at: str) -> set[Boundary]:
        if at and point in AROUND_MAIL:
            _, step, _, action = at.split("/", 3)
            return {Boundary(point, f"{step}/{action}")}
        if point == "in worklist":
            return {Boundary(point, self.course.operator.at)}
        if point not in AROUND_MAIL:
            return {Boundary(point)}
        if point in ("before claim", "after claim"):
            self._held = _steps(self.course.crew.ledger, self.course.stage.journey.name, self.course.now, held=point == "after claim")
        around = {action for step in self._held for action in self._sends.get(step, ())}
        return {Boundary(point, action) for action in around}


def _steps(ledger: Ledger, flow: str, now: datetime, *, held: bool) -> tuple[str, ...]:
    """The steps of a batch: what is due before it is claimed, what is held afterwards."""
    with ledger.read() as book:
        rows = [row for row in book.entries.all() if row.flow == flow and row.state not in OVER]
    found = [row.step for row in rows if (row.token is not None if held else row.due <= now and row.token is None)]
    return tuple(dict.fromkeys(found))
