"""One run in virtual time: events, passes and the operator's rounds, each at its moment, until the horizon."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from offswitch.act.desk import LEASE
from offswitch.drill.crew import Crew
from offswitch.drill.operator import Operator
from offswitch.drill.people import KNOCKED, START, Happening
from offswitch.drill.stage import Stage
from offswitch.drill.truth import Truth
from offswitch.drill.world import World
from offswitch.failpoints import watched
from offswitch.intake.receive import receive
from offswitch.journey.journey import Journey
from offswitch.ledger.base import names_from
from offswitch.model.entry import State
from offswitch.model.submission import Submission
from offswitch.worklist.query import worklist

HORIZON = timedelta(days=30)
FIRST_ROUND = timedelta(hours=2, minutes=32)
ROUND = timedelta(hours=8)  # between two rounds of the operator
LISTS = timedelta(days=1)  # the files for the day when nothing works, besides those that are looked at
LONGEST = timedelta(hours=12)  # a pass at least so often, whatever the ledger says is due
AGAIN = LEASE + timedelta(seconds=5)  # after a death, when the lease is over
WATCHDOG = timedelta(minutes=30)  # starts a worker that died, while each of them dies
EVERY = timedelta(minutes=5)  # a worker looks so often


class Killed(BaseException):
    """Ends a worker as a signal would: nothing in the engine may catch it."""


@dataclass
class Course:
    """A stage with its world, and everything that has happened so far.

    `moves` are what somebody does at a moment. `hook` hears of every failpoint of the flow under test. `broken`: every worker
    dies, so nobody tries again at once. `beside`: the neighbour flow runs too. `said` are notes for the report.
    `armed` happens once, in the middle of the next batch of the flow under test.
    """

    stage: Stage
    world: World
    beside: bool = True
    moves: list[tuple[datetime, Callable[[], None]]] = field(default_factory=list)
    hook: Callable[[str, str], None] | None = None
    after_death: Callable[[Course], None] | None = None
    broken: bool = False
    deaths: int = 0
    kept: str = ""
    kept_company: str = ""
    armed: Callable[[], None] | None = None
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.crew = Crew(self.stage, self.world)
        self.operator = Operator(self.world)
        self._script = list(self.world.population.script)
        self._round_at = START + FIRST_ROUND
        self._listed = START - LISTS

    @cached_property
    def truth(self) -> Truth:
        """What the world knows of each person."""
        return Truth(self.stage, self.world, self.crew.crm, self.stage.journey)

    @cached_property
    def truth_beside(self) -> Truth:
        """The same for the neighbour flow."""
        return Truth(self.stage, self.world, self.crew.crm, self.stage.neighbour)

    @property
    def journeys(self) -> list[Journey]:
        """The flows that run: the one under test, and the one beside it where that matters."""
        return list(self.stage.journeys.values()) if self.beside else [self.stage.journey]

    @property
    def now(self) -> datetime:
        """Virtual time."""
        return self.stage.clock.now()

    def close(self) -> None:
        """Let go of everything."""
        self.crew.close()

    def run(self) -> None:
        """From the first event to the horizon, or until nothing can happen any more."""
        self._hear(self._script_until(START))
        end = START + HORIZON
        while (moment := self._next_moment()) <= end and (self._script or self.moves or any(map(self._open, self.journeys))):
            self._go_on(moment)
        for _ in range(3):  # the operator's last rounds, so that the end is an end
            self.stage.clock.advance(AGAIN)
            self.passes()
            if not self._round():
                return

    def passes(self) -> None:
        """A pass of each flow; one that dies is taken over when its lease is over."""
        for journey in self.journeys:
            if journey is not self.stage.neighbour or self._neighbour_looks():
                self._pass(journey)

    def keep_policies(self) -> None:
        """Remember the files as they are, for the way back."""
        self.kept = self.stage.policy.read_text(encoding="utf-8")
        self.kept_company = self.stage.company.read_text(encoding="utf-8")

    def move_at(self, at: datetime, move: Callable[[], None]) -> None:
        """Somebody does something then."""
        self.moves.append((at, move))

    def switched(self, what: str, scope: str, *, off: bool) -> None:
        """Tell the world."""
        self.world.switch(what, scope, off=off)

    def overtake(self) -> None:
        """While one worker stands still, its lease runs out and another one makes a pass."""
        self.stage.clock.advance(AGAIN)
        self.crew.overtake(self.stage.journey)

    def deploy(self, journey: Journey) -> None:
        """From now on workers run this code."""
        self.stage.journey = journey
        self.crew.restart(self.crew.stop_word)

    def _go_on(self, moment: datetime) -> None:
        self.stage.clock.advance(max(moment - self.now, timedelta(0)))
        self._hear(self._script_until(self.now))
        for move in sorted((move for move in self.moves if move[0] <= self.now), key=lambda move: move[0]):
            self.moves.remove(move)
            move[1]()
        self.passes()
        if self.now >= self._round_at:
            if self._round():
                self.passes()
            while self._round_at <= self.now:  # at the same times in every run of a seed, whatever happens to the flow
                self._round_at += ROUND

    def _next_moment(self) -> datetime:
        with self.crew.ledger.read() as book:
            pending = [entry for journey in self.journeys for entry in book.entries.pending(journey.name)]
        times = [_full(entry.due) for entry in pending if entry.state is not State.WORKLIST]
        times += [self.now + (WATCHDOG if self.broken else LONGEST), self._round_at]
        times += [*(one.at for one in self._script[:1]), *(at for at, _ in self.moves)]
        return min((at for at in times if at > self.now), default=self.now + EVERY)

    def _script_until(self, until: datetime) -> list[Happening]:
        due = list(itertools.takewhile(lambda one: one.at <= until, self._script))
        del self._script[: len(due)]
        return due

    def _hear(self, happenings: list[Happening]) -> None:
        for one in happenings:
            person = self.world.person(one.who)
            contact = {"name": person.name, "language": person.language, "country": person.country, "zone": person.zone, **person.fields}
            submission = Submission(one.id, one.kind, one.said, "drill", one.email, contact, one.consent, one.data, one.id, (), one.dated)
            with names_from(_names_of(one)), self.crew.ledger.write() as book:
                receive(book, submission, self.now)
            self.world.tell(one)

    def _neighbour_looks(self) -> bool:
        """At the neighbour's own times, so that nothing but a fault lets the flow under test change its minutes."""
        knocked = any(heard == self.now for heard, one in self.world.told[-50:] if one.kind == KNOCKED)
        return knocked or (_full(self.now) == self.now and self._open(self.stage.neighbour))

    def _open(self, journey: Journey) -> bool:
        """Is anybody inside this flow?"""
        with self.crew.ledger.read() as book:
            return bool(book.entries.pending(journey.name))

    def _pass(self, journey: Journey) -> None:
        try:
            self.world.between = self._strike if self.armed and journey is self.stage.journey else None
            with self._watched(journey):
                self.crew.work(journey)
            self.world.passes.setdefault(journey.name, []).append(self.now)
        except Killed:
            self._died()
            self.stage.clock.advance(AGAIN)
            self._hear(self._script_until(self.now))
            if not self.broken:
                self._pass(journey)

    def _strike(self) -> None:
        """Between two letters of one batch."""
        strike, self.armed, self.world.between = self.armed, None, None
        if strike is not None:
            strike()

    def _round(self) -> int:
        """The operator works through what is on the list; how many items were answered."""
        before = len(self.world.deeds)
        for journey in self.journeys:
            try:
                with self._watched(journey):
                    self._work_the_list(journey)
            except Killed:
                self._died()
        return len(self.world.deeds) - before

    def _work_the_list(self, journey: Journey) -> None:
        desk = self.crew.desk(journey)
        for item in worklist(desk):
            with self.crew.named():
                self.operator.work(desk, item)
        if journey is self.stage.journey and self.now - self._listed >= LISTS:
            self._listed = self.now
            self.crew.list_work(journey)

    def _died(self) -> None:
        self.deaths += 1
        self.crew.die()
        if self.after_death is not None:
            self.after_death(self)

    @contextmanager
    def _watched(self, journey: Journey) -> Iterator[None]:
        if self.hook is None or journey is not self.stage.journey:
            yield
            return
        with watched(self.hook):
            yield


def _names_of(one: Happening) -> Callable[[], str]:
    """Names for what one happening adds, whatever happened before it: somebody's bucket hangs on their id."""
    names = (f"{one.who:06x}{one.id.replace('-', '')}{n:x}" for n in itertools.count())
    return lambda: next(names)


def _full(moment: datetime) -> datetime:
    """The worker's first look at or after this moment."""
    return moment + (START - moment) % EVERY
