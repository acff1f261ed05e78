"""The runs that a drill is made of: each sets a stage, lets a course go, judges it, and gives values back."""

from __future__ import annotations

import gc
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from pathlib import Path

from offswitch.drill.course import Course
from offswitch.drill.invariants.same import Outcome, outcome_of
from offswitch.drill.kills import AROUND_MAIL, Boundary, Watcher, required
from offswitch.drill.look import Look, Violation
from offswitch.drill.people import Population, make_few, make_plain, make_population
from offswitch.drill.processes import QUICK_POINTS, RealCourse, sink
from offswitch.drill.small import small_pages
from offswitch.drill.stage import Stage, set_stage
from offswitch.drill.switching import Switching
from offswitch.drill.tally import Tally
from offswitch.drill.ways import WAYS
from offswitch.drill.world import World
from offswitch.errors import ConfigError, Refused
from offswitch.journey.journey import Journey
from offswitch.project.flows import load_flows
from offswitch.project.settings import Settings

FEW = 14  # people in a run that is made often
SLACK = timedelta(hours=30)  # what a short delay can grow to: quiet hours, a cap of a day, the operator's round


@dataclass(frozen=True, slots=True)
class Task:
    """One run, in values: it may be made in another process. `what`: clean, kill, ways, or processes."""

    flow: str
    what: str
    seed: int
    people: int
    ledger: str = "sqlite"
    deadly: frozenset[Boundary] = frozenset()
    outage: timedelta = timedelta(0)
    ways: tuple[str, ...] = ()
    beside: bool = False
    quick: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a run."""

    task: Task
    checks: Counter[str] = field(default_factory=Counter)
    violations: tuple[Violation, ...] = ()
    outcome: Outcome | None = None
    seen: frozenset[Boundary] = frozenset()
    died: frozenset[Boundary] = frozenset()
    required: frozenset[Boundary] = frozenset()
    deaths: int = 0
    letters: int = 0
    people: int = 0
    loose: int = 0
    ways: tuple[str, ...] = ()
    said: tuple[str, ...] = ()


@cache
def journey_of(flows: Path, name: str) -> Journey:
    """The user's journey."""
    return load_flows(flows).get(name)


def make(settings: Settings, task: Task) -> Ran:
    """Make the run. One that breaks down is a finding too. Raises ConfigError and Refused."""
    try:
        with small_pages(), _seldom_swept():
            return _RUNS[task.what](settings, task)
    except (ConfigError, Refused):
        raise
    except Exception as error:  # noqa: BLE001 - whatever the engine raises here it would have raised in earnest
        frame = traceback.extract_tb(error.__traceback__)[-1]
        what = f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}: {error} [{task.name}]"
        return Ran(task, Counter(ends=1), (Violation("ends", what),))


@contextmanager
def _seldom_swept() -> Iterator[None]:
    """A run makes little garbage in circles: looking for it as often as usual would cost a sixth of the time."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def _course(settings: Settings, task: Task) -> Iterator[Course]:
    journey = journey_of(settings.flows, task.flow)
    with set_stage(settings, journey, ledger=task.ledger) as stage:
        course = Course(stage, World(_people(stage, task), stage.clock), beside=task.beside)
        try:
            yield course
        finally:
            course.close()


def _people(stage: Stage, task: Task) -> Population:
    if task.people > FEW:
        return make_population(stage.journey, task.people, task.seed, stage.scoring())
    return make_few(stage.journey, task.people, task.seed, stage.scoring(), days=len(task.ways) or 3)


def _clean(settings: Settings, task: Task) -> Ran:
    """Nothing happens to anybody but what they do themselves."""
    with _course(settings, task) as course:
        watcher = Watcher(course)
        course.run()
        return _judged(course, task, Tally(task.name), watcher)


def _kill(settings: Settings, task: Task) -> Ran:
    """A worker dies at each of the deadly boundaries."""
    with _course(settings, task) as course:
        watcher, tally = Watcher(course, set(task.deadly), task.outage), Tally(task.name)
        died: set[Boundary] = set()

        def look(course: Course) -> None:
            if watcher.died - died:  # the first time at each boundary, not at each of a hundred deaths there
                died.update(watcher.died)
                tally.check_now(Look(course))

        course.after_death = look
        course.run()
        return _judged(course, task, tally, watcher)


def _ways(settings: Settings, task: Task) -> Ran:
    """Off and on again, in the ways that the task names."""
    with _course(settings, task) as course:
        tally = Tally(task.name)
        switching = Switching(course, tally)
        switching.begin([way for way in WAYS if way.name in task.ways])
        course.run()
        switching.judge()
        ran = _judged(course, task, tally, Watcher(course))
        return replace(ran, ways=tuple(switching.done), said=tuple(course.said))


def _processes(settings: Settings, task: Task) -> Ran:
    """Real worker processes, killed at the task's points."""
    journey = journey_of(settings.flows, task.flow)
    with set_stage(settings, journey, ledger=task.ledger) as stage, sink(stage.root) as port:
        world = World(make_plain(journey, task.people, task.seed, stage.scoring()), stage.clock)
        waves = 1 if task.quick else 100
        points = QUICK_POINTS if task.quick else AROUND_MAIL
        course = RealCourse(stage, world, beside=False, flows=settings.flows, port=port, points=points, waves=waves)
        try:
            course.run()
            ran = _judged(course, task, Tally(task.name), Watcher(course))
            return replace(ran, ways=tuple(course.tried.elements()), required=frozenset())
        finally:
            course.close()


def _judged(course: Course, task: Task, tally: Tally, watcher: Watcher) -> Ran:
    look = Look(course)
    tally.note("ends", ())
    tally.check_end(look)
    return Ran(
        task=task,
        checks=tally.checks,
        violations=tuple(tally.violations),
        outcome=outcome_of(look),
        seen=frozenset(watcher.seen),
        died=frozenset(watcher.died),
        required=required(course.stage.journey, watcher.seen),
        deaths=course.deaths,
        letters=len(look.mails),
        people=len(look.world.population.people),
        loose=sum(stand.where.value == "loose" for stand in look.stands.values()),
    )


_RUNS: dict[str, Callable[[Settings, Task], Ran]] = {"clean": _clean, "kill": _kill, "ways": _ways, "processes": _processes}
