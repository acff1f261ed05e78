"""Courses that are switched off in one way after the other, looked at while they are off, and resumed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from offswitch.drill.course import Course
from offswitch.drill.invariants.storm import Resumed, no_storm
from offswitch.drill.look import Look
from offswitch.drill.people import START
from offswitch.drill.stage import OPERATOR
from offswitch.drill.tally import Tally
from offswitch.drill.ways import Way, first_sending
from offswitch.policy.schema import WhenOff
from offswitch.worklist.query import worklist

FIRST = START + timedelta(hours=9, minutes=20)  # some have come, and more will
SETTLES = timedelta(seconds=15)  # a broken file counts as off when a save in progress would be over
BETWEEN = timedelta(hours=18)
BRIEF = timedelta(minutes=10)  # kept free for a way that is over at once
LOOKS = (0.02, 0.5)  # when, in parts of the time that it is off


@dataclass
class Switching:
    """Schedules ways on a course. `tally` hears what was checked; `resumed` is what waited at the end of each stop."""

    course: Course
    tally: Tally
    done: list[str] = field(default_factory=list)
    resumed: list[Resumed] = field(default_factory=list)

    def begin(self, ways: list[Way]) -> None:
        """One way after the other, each with time to resume before the next."""
        if ways:
            self.course.move_at(START if ways[0].strikes else FIRST, lambda: self._off(ways[0], ways[1:]))

    def judge(self) -> None:
        """When the course is over: did what waited come back in good order?"""
        if self.resumed:
            self.tally.note("storm", no_storm(Look(self.course), self.resumed))

    def _scope(self, way: Way) -> str:
        names = {"flow": f"flow {self.course.stage.journey.name}", "step": f"step {first_sending(self.course)}"}
        return names.get(way.scope, way.scope)

    def _off(self, way: Way, rest: list[Way]) -> None:
        self.course.keep_policies()
        if way.strikes:
            self.course.armed = lambda: self._struck(way, rest)
        else:
            self._struck(way, rest)

    def _struck(self, way: Way, rest: list[Way]) -> None:
        course = self.course
        course.operator.leaves = True
        way.off(course)
        if way.scope:
            course.switched(way.name, self._scope(way), off=True)
        self.done.append(way.name)
        for part in LOOKS if way.lasts else ():
            course.move_at(course.now + SETTLES + (way.lasts or BRIEF) * part, lambda: self._look(way))
        course.move_at(course.now + (way.lasts or BRIEF), lambda: self._on(way, rest))

    def _look(self, way: Way) -> None:
        """What must hold while it is off."""
        course = self.course
        course.passes()
        look = Look(course)
        hands_over = way.lists and look.truth.policy.when_off is WhenOff.HAND_OVER
        self.tally.check_now(look)
        journey = course.stage.journey
        self.tally.check_list(look, worklist(course.crew.desk(journey)), handed_over=hands_over)
        course.crew.list_work(journey)
        self.tally.check_files(look, handed_over=hands_over)

    def _on(self, way: Way, rest: list[Way]) -> None:
        course = self.course
        course.operator.leaves = False
        if way.lasts is not None and way.lists:
            self.resumed.append(Resumed.at(Look(course), way.name))
        if way.scope:
            course.switched(way.name, self._scope(way), off=False)
        if way.lasts is not None:
            way.on(course)
        resume(course)
        if rest:
            course.move_at(course.now + (BRIEF if rest[0].strikes else BETWEEN), lambda: self._off(rest[0], rest[1:]))


def resume(course: Course) -> None:
    """`offswitch on`: a person has seen how much is due, and lets it go."""
    for journey in course.journeys:
        course.passes()
        with course.crew.ledger.write() as book:
            standing = course.crew.desk(journey).switchboard.look(book)
            ended = [cause for cause in book.stops.periods(journey.name) if cause not in standing.causes]
            book.stops.close_periods(journey.name, ended, f"by {OPERATOR}", course.now)
