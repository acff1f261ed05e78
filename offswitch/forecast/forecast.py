"""What comes out of a forecast: figures by day, what they rest on, and what will not go as somebody may think."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from offswitch.act.desk import Desk
from offswitch.forecast.asked import Asked
from offswitch.forecast.habits import Deed, Habit
from offswitch.forecast.newcomers import Kind
from offswitch.forecast.prepare import prepare
from offswitch.forecast.simulate import Simulation
from offswitch.forecast.tally import Loss
from offswitch.gate.standing import Standing
from offswitch.ledger.base import names_from
from offswitch.metrics.e_process import sends_to_see
from offswitch.model.entry import OVER
from offswitch.model.verdict import Work
from offswitch.policy.schema import Metric

K = TypeVar("K")
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the company's calendar. `minutes` is what the items would take; `others` the mails of other flows."""

    date: date
    mails: int
    by_hand: int
    entered: int
    items: Mapping[Work, int]
    minutes: int
    others: int


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the rollout. `on` is when it could come at the earliest, `waits` else the condition that it waits for, and its words.

    `now`: it is there already.
    """

    number: int
    size: str
    on: date | None = None
    now: bool = False
    waits: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Sight:
    """How many sends show twice the ceiling (in 8 of 10 cases), and when as many will have gone out; None: not in this time."""

    metric: Metric
    ceiling: str
    sends: int
    on: date | None
    days: int | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """One flow, from now on. `at_once`: mails of the very first pass. `inside`: who is left at the end, by step and state.

    `strangers`: newcomers of whom nobody knows what they are like. `others`: how many mails each other flow sends.
    """

    flow: str
    about: str
    made: datetime
    asked: Asked
    zone: str
    in_the_way: tuple[str, ...]
    days: tuple[Day, ...]
    hours: tuple[int, ...]
    at_once: int
    messages: Mapping[str, int]
    habits: Mapping[str, Habit]
    kinds: tuple[Kind, ...]
    strangers: bool
    deeds: Mapping[Deed, int]
    put_off: Mapping[str, int]
    left_out: Mapping[str, int]
    refused: Mapping[str, int]
    lost: Mapping[Loss, int]
    ended: Mapping[str, int]
    inside: Mapping[tuple[str, str], int]
    others: Mapping[str, int]
    capacity: int | None
    per_item: float
    people: int
    steps: tuple[Step, ...]
    sights: tuple[Sight, ...]
    by_itself: bool

    @property
    def mails(self) -> int:
        """All that the machine would send."""
        return sum(day.mails for day in self.days)

    @property
    def busiest(self) -> Day:
        """The day with the most mails."""
        return max(self.days, key=lambda day: day.mails)

    @property
    def crowded(self) -> tuple[Day, ...]:
        """The days with more work than people can take over."""
        return tuple(day for day in self.days if self.capacity is not None and day.minutes > self.capacity)


def foresee(desks: Mapping[str, Desk], flow: str, about: str, asked: Asked, watch: Callable[[int], Callable[[int], None]]) -> Forecast:
    """Run everybody's journey on from now. Reads one instant of the ledger, and writes nothing.

    `watch` is told how many hours there are, and gives what is told how many are over.
    """
    numbers = iter(range(1 << 60))
    with names_from(lambda: f"~{next(numbers):012}"):
        with desks[flow].ledger.read() as book:
            simulation, real = prepare(book, desks, flow, asked, desks[flow].clock.now())
        start = simulation.now
        simulation.run(watch(int((simulation.until - start) / HOUR)))
    return _forecast(simulation, real, about, asked, start)


def _forecast(ran: Simulation, real: Standing, about: str, asked: Asked, start: datetime) -> Forecast:
    flow, tally = ran.flows[real.flow], ran.tally
    name, ladder = flow.name, ran.ladders[flow.name]
    days = tuple(_day(ran, name, number) for number in range(asked.days))
    messages = _mine(tally.messages, name)
    starts = {one.desk.journey.starts_on.kind for one in ran.flows.values()}
    return Forecast(
        flow=name,
        about=about,
        made=start,
        asked=asked,
        zone=str(tally.zone),
        in_the_way=(*(str(stop) for stop in real.stops), *real.objections),
        days=days,
        hours=tuple(tally.hours[name, hour] for hour in range(24)),
        at_once=tally.at_once[name],
        messages=messages,
        habits={message: ran.readers.habits.of(name, message) for message in messages},
        kinds=tuple(replace(kind, models=()) for kind in ran.newcomers.kinds if kind.kind in starts),
        strangers=any(kind.per_day and not kind.models for kind in ran.newcomers.kinds),
        deeds=_mine(tally.deeds, name),
        put_off=_mine(tally.put_off, name),
        left_out=_mine(tally.left_out, name),
        refused=_mine(tally.refused, name),
        lost=dict(tally.lost.most_common()),
        ended=_mine(tally.ended, name),
        inside=dict(Counter((one.step, one.state.value) for one in flow.entries.values() if one.state not in OVER).most_common()),
        others={other: sum(_mine(tally.mails, other).values()) for other in sorted(ran.flows) if other != name},
        capacity=flow.policy.capacity,
        per_item=ladder.base.per_item,
        people=len(ran.world.contacts),
        steps=tuple(_steps(ran, name)),
        sights=tuple(_sight(ran, name, metric, days) for metric in flow.policy.guardrails),
        by_itself=flow.policy.grows_by_itself,
    )


def _mine(counter: Counter[tuple[str, K]], name: str) -> dict[K, int]:
    """This flow's share of a count, the largest first."""
    return {what: many for (flow, what), many in counter.most_common() if flow == name}


def _day(ran: Simulation, name: str, number: int) -> Day:
    tally, per_item = ran.tally, ran.ladders[name].base.per_item
    items = {work: many for work in Work if (many := tally.items[name, number, work])}
    entered = sum(tally.arrivals[name, number, what] for what in ("entered", "entered for people"))
    return Day(
        date=tally.first + timedelta(days=number),
        mails=tally.mails[name, number],
        by_hand=tally.by_hand[name, number],
        entered=entered,
        items=items,
        minutes=round(sum(items.values()) * per_item),
        others=sum(tally.mails[other, number] for other in ran.flows if other != name),
    )


def _steps(ran: Simulation, name: str) -> Iterator[Step]:
    flow, ladder = ran.flows[name], ran.ladders[name]
    first = min(ladder.came, default=flow.rung + 1) - 1
    for number, rung in enumerate(flow.policy.rollout.steps):
        if number <= first:
            yield Step(number, str(rung), now=number == first)
        elif number in ladder.came:
            yield Step(number, str(rung), on=ladder.came[number].astimezone(ran.tally.zone).date())
        else:
            yield Step(number, str(rung), waits=ladder.waits if number == flow.rung + 1 else ("", ""))


def _sight(ran: Simulation, name: str, metric: Metric, days: Sequence[Day]) -> Sight:
    policy, sent = ran.flows[name].policy, 0
    ceiling = policy.guardrails[metric]
    needed = sends_to_see(ceiling.ppm, len(policy.guardrails), 2)
    for number, day in enumerate(days, start=1):
        sent += day.mails
        if sent >= needed:
            return Sight(metric, str(ceiling), needed, day.date, number)
    return Sight(metric, str(ceiling), needed, None, None)
