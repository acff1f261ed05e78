"""The workers of a course, which may die and are started again, and an observer, who is no worker and never dies."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace

from offswitch.act.desk import Desk
from offswitch.act.run import run
from offswitch.drill.stage import Stage
from offswitch.drill.world import World, WorldCrm, WorldMailer
from offswitch.journey.journey import Journey
from offswitch.ledger.base import Ledger, names_from
from offswitch.messages.library import Library
from offswitch.project.flows import Flows
from offswitch.project.lists import write_list
from offswitch.project.project import Project
from offswitch.project.switchboard import FlowSwitchboard


@dataclass
class Crew:
    """One worker for each flow at a time. `stop_word` is what OFFSWITCH_STOP says in their environment."""

    stage: Stage
    world: World
    stop_word: str = ""
    _desks: dict[str, Desk] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)
    _boards: dict[str, FlowSwitchboard] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.mailer, self.crm = WorldMailer(self.world), WorldCrm(self.world)
        self._names = (f"{n:011x}" for n in itertools.count(1_000_000))
        self._texts = Library(self.stage.settings.messages)
        self._observer = self._project()
        self.project = self._project()

    @property
    def ledger(self) -> Ledger:
        """The copy's ledger, through a worker's connection."""
        return self.project.ledger

    @property
    def claims(self) -> Ledger:
        """The same through the observer's."""
        return self._observer.ledger

    def board(self, journey: Journey) -> FlowSwitchboard:
        """The switches as the observer sees them."""
        if journey.name not in self._boards:
            self._boards[journey.name] = self._observer.switchboard(journey)
        return self._boards[journey.name]

    def desk(self, journey: Journey) -> Desk:
        """A worker's desk, the same until the worker ends."""
        if journey.name not in self._desks:
            self._desks[journey.name] = self._stack.enter_context(self.project.desk(journey))
        return self._desks[journey.name]

    def work(self, journey: Journey) -> None:
        """One pass."""
        with self.named():
            run(self.desk(journey))

    def list_work(self, journey: Journey) -> None:
        """The files for the day when nothing works."""
        write_list(self.project, self.desk(journey))

    def overtake(self, journey: Journey) -> None:
        """Another worker makes a pass, while ours stands still."""
        other = self._project()
        with other.desk(journey) as desk, self.named():
            run(desk)
        other.ledger.close()

    def die(self) -> None:
        """What the process had in memory is gone; files and ledger are as they were."""
        for desk in self._desks.values():
            desk.marks.close(forget=False)
        self._desks, self._stack = {}, ExitStack()
        self.ledger.close()
        self.project = self._project()

    def restart(self, stop_word: str) -> None:
        """New workers, after the old ones have ended by themselves."""
        self.stop_word = stop_word
        self._end()
        self.project = self._project()

    def close(self) -> None:
        """Everybody goes home."""
        self._end()
        self._observer.ledger.close()

    @contextmanager
    def named(self) -> Iterator[None]:
        """New rows get names that are the same in every run of a seed."""
        with names_from(lambda: next(self._names)):
            yield

    def _end(self) -> None:
        self._stack.close()
        self._desks, self._stack = {}, ExitStack()
        self.ledger.close()

    def _project(self) -> Project:
        settings = replace(self.stage.settings, stop=self.stop_word)
        project = Project(settings, self.stage.clock, self.mailer, self.crm)
        project.flows = Flows(self.stage.journeys)
        project.library = self._texts  # compiled texts are no state: a new process would have the same
        return project
