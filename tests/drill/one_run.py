"""Runs of a drill, made by whatever engine is on the path, as a process of their own: what they found is printed as JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from datetime import timedelta

from offswitch.drill.kills import Boundary
from offswitch.drill.runs import FEW, Task, make
from offswitch.project.settings import Settings


@dataclass(frozen=True)
class Run:
    """A part of a run that the quick drill makes: of its flow, some of its boundaries or ways, with the neighbour or without."""

    flow: str = "welcome"
    what: str = "clean"
    deadly: tuple[tuple[str, str], ...] = ()
    outage: int = 0  # hours
    ways: tuple[str, ...] = ()
    beside: bool = False

    def task(self) -> Task:
        """As the drill names it."""
        deadly = frozenset(Boundary(point, around) for point, around in self.deadly)
        outage = timedelta(hours=self.outage)
        return Task(self.flow, self.what, 7, FEW, deadly=deadly, outage=outage, ways=self.ways, beside=self.beside, name=str(self))

    def __str__(self) -> str:
        return json.dumps(asdict(self))


def violations(run: Run) -> list[tuple[str, str]]:
    """Invariant and words."""
    return [(one.invariant, one.what) for one in make(Settings(), run.task()).violations]


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    runs = [Run(**{**one, "deadly": tuple(map(tuple, one["deadly"])), "ways": tuple(one["ways"])}) for one in asked]
    sys.stdout.write(json.dumps([violations(run) for run in runs]))
