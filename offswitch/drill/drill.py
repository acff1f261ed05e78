"""The drill of one flow: which runs it takes, and what they add up to."""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TypeVar

from offswitch.drill.kills import OUTAGE, Boundary
from offswitch.drill.result import Found, usual
from offswitch.drill.runs import FEW, SLACK, Ran, Task, journey_of, make
from offswitch.drill.stage import subject_of
from offswitch.drill.tally import Tally
from offswitch.drill.ways import WAYS
from offswitch.project.settings import Settings

WORKERS_PEOPLE = 22
ALONE = ("", "flow", "step")  # what is off then concerns no other flow
SHORT = timedelta(hours=1)
Tell = Callable[[str], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asked for. `population` None: as many as fit."""

    seed: int = 7
    population: int | None = None
    quick: bool = False
    processes: bool = True
    ledger: str = "sqlite"

    @property
    def people(self) -> int:
        """How many people the large runs have."""
        return self.population or usual(self.quick)


def drill(settings: Settings, flow: str, wish: Wish, tell: Tell = lambda _: None) -> Found:
    """Every run, and their sum. Reads the user's files; writes nothing of theirs. Raises Refused and ConfigError."""
    began, apart = monotonic(), replace(settings, environment={})
    base = Task(flow, "clean", wish.seed, FEW, wish.ledger, name="an undisturbed run")
    first = make(apart, base)  # here, so that a broken policy is told before anything else starts
    if first.outcome is None:  # it broke down: there is nothing to compare with
        return _sum(settings, flow, wish, [first], monotonic() - began)
    tasks = tasks_of(base, wish, first)
    ran = [first, *_all(apart, tasks, lambda done: tell(f"{flow}: {done + 1} of {len(tasks) + 1} runs"))]
    while left := _left(base, wish, ran):
        more = _all(apart, left, lambda done: tell(f"{flow}: {done} of {len(left)} runs for what others did not come to"))
        ran += more
        if not any(one.died or one.ways for one in more):
            break
    return _sum(settings, flow, wish, ran, monotonic() - began)


def tasks_of(base: Task, wish: Wish, first: Ran) -> list[Task]:
    """The runs after the undisturbed one, which has shown at what boundaries a worker can die."""
    return [*_processes(base, wish), *_plain(base, wish), *_killing(base, wish, first), *_switching(base, wish)]


def _processes(base: Task, wish: Wish) -> Iterator[Task]:
    """Real workers: first in line, because they take longest."""
    if wish.processes:
        yield replace(base, what="processes", people=WORKERS_PEOPLE, quick=wish.quick, name="real worker processes")


def _plain(base: Task, wish: Wish) -> Iterator[Task]:
    """The same again, and the whole population with the neighbour beside it."""
    yield replace(base, name="the same again")
    yield replace(base, people=wish.people, beside=True, name=f"{wish.people} people")


def _killing(base: Task, wish: Wish, first: Ran) -> Iterator[Task]:
    """Once at each boundary, and every time until a repair. In a hurry several share a run."""
    together = len(first.seen) if wish.quick else 4
    for deadly in _parts(sorted(first.seen), together):
        yield replace(base, what="kill", deadly=frozenset(deadly), name=_killed(deadly, "once"))
    lasting = _few_of(sorted(first.seen)) if wish.quick else sorted(first.seen)
    for deadly in _parts(lasting, len(lasting) if wish.quick else 3):
        outage = SHORT if wish.quick else OUTAGE
        yield replace(base, what="kill", deadly=frozenset(deadly), outage=outage, name=_killed(deadly, "until a repair"))


def _few_of(boundaries: Sequence[Boundary]) -> list[Boundary]:
    """One of each point."""
    return list({one.point: one for one in reversed(boundaries)}.values())


def _killed(deadly: Sequence[Boundary], how: str) -> str:
    return f"killed {how} at {deadly[0]}" + (f" and {len(deadly) - 1} more" if len(deadly) > 1 else "")


def _switching(base: Task, wish: Wish) -> Iterator[Task]:
    """Every way. Those that reach other flows too have runs of their own: there the neighbour may differ."""
    people = FEW if wish.quick else wish.people
    yield replace(base, people=people, beside=True, name="with the neighbour")
    size = 8 if wish.quick else 3
    alone, strikes = [way for way in WAYS if way.scope in ALONE and not way.strikes], [way for way in WAYS if way.strikes]
    for ways in (strikes, *_parts(alone, size), *_parts([way for way in WAYS if way.scope not in ALONE], size)):
        names = tuple(way.name for way in ways)
        yield replace(base, what="ways", people=people, beside=True, ways=names, name=f"off: {', '.join(names)}")


def _left(base: Task, wish: Wish, ran: Sequence[Ran]) -> list[Task]:
    """Runs for boundaries and ways that the others did not come to.

    Where several share a run, one can take another's moment; and what few people never come to, more people may.
    """
    deadly = _needed(ran) - _died(ran)
    people = FEW if deadly <= ran[0].seen else wish.people
    kill = replace(base, what="kill", people=people, deadly=deadly, name=_killed(sorted(deadly), "once")) if deadly else None
    ways = [replace(base, what="ways", beside=True, ways=(way,), name=f"off: {way}") for way in _never(ran)]
    return [*([kill] if kill else []), *ways]


def _needed(ran: Sequence[Ran]) -> frozenset[Boundary]:
    """Around every message of the journey, and all else that the undisturbed run came to."""
    return ran[0].required


def _died(ran: Sequence[Ran]) -> frozenset[Boundary]:
    return frozenset[Boundary]().union(*(one.died for one in ran))


def _parts(items: Sequence[T], size: int) -> list[Sequence[T]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def _all(settings: Settings, tasks: Sequence[Task], tell: Callable[[int], None]) -> list[Ran]:
    """Every run, in the order of the tasks; as many at once as there are processors. `tell` hears how many are done."""
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(min(len(tasks), os.cpu_count() or 1), context) as pool:
        runs = [pool.submit(make, settings, task) for task in tasks]
        for done, _ in enumerate(as_completed(runs), start=1):
            tell(done)
        return [one.result() for one in runs]


def _sum(settings: Settings, flow: str, wish: Wish, ran: Sequence[Ran], seconds: float) -> Found:
    tally = Tally()
    _compared(tally, ran)
    checks = sum((one.checks for one in ran), tally.checks)
    needed, never = _needed(ran), _never(ran)
    return Found(
        flow=flow,
        subject=subject_of(settings, journey_of(settings.flows, flow)),
        seed=wish.seed,
        population=wish.people,
        quick=wish.quick,
        ledger=wish.ledger,
        processes=wish.processes,
        at=datetime.now(UTC),
        by=settings.user,
        checks=Counter({name: count for name, count in checks.items() if count}),
        violations=tuple(violation for one in ran for violation in one.violations) + tuple(tally.violations),
        boundaries=len(needed) + len(never),
        missed=tuple(str(one) for one in sorted(needed - _died(ran))) + never,
        ways=Counter(way for one in ran for way in one.ways),
        said=tuple(dict.fromkeys(said for one in ran for said in one.said)),
        runs=len(ran),
        deaths=sum(one.deaths for one in ran),
        letters=sum(one.letters for one in ran),
        people=max(one.people for one in ran),
        loose=sum(one.loose for one in ran),
        seconds=seconds,
    )


def _never(ran: Sequence[Ran]) -> tuple[str, ...]:
    """Ways to switch off for which the moment never came."""
    done = {way for one in ran for way in one.ways}
    return tuple(dict.fromkeys(way for one in ran for way in one.task.ways if way not in done))


def _compared(tally: Tally, ran: Sequence[Ran]) -> None:
    """Killed runs against the undisturbed one, one seed twice, the neighbour with and without."""
    clean = next((one.outcome for one in ran if one.task.name == "an undisturbed run"), None)
    beside = next((one.outcome for one in ran if one.task.name == "with the neighbour"), None)
    if clean is None or beside is None:
        return
    for one in ran:
        if one.outcome is None:
            continue
        tally.run = one.task.name
        if one.task.what == "kill" and one.task.people == FEW:
            tally.compare(one.outcome, clean, SLACK + one.task.outage * len(one.task.deadly))
        if one.task.name == "the same again":
            tally.repeated(one.outcome, clean)
        if one.task.what == "ways" and {way.scope for way in WAYS if way.name in one.task.ways} <= set(ALONE):
            tally.beside(one.outcome, beside)
