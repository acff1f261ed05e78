"""What is overdue with people, counted without writing a single draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from offswitch.act.gather import gather
from offswitch.gate.standing import Standing
from offswitch.journey.journey import Journey
from offswitch.ledger.base import Book
from offswitch.model.contact import Contact
from offswitch.model.entry import Entry, State
from offswitch.model.event import Happened
from offswitch.model.facts import Known
from offswitch.model.plan import HandOver
from offswitch.model.verdict import Answer, Lane
from offswitch.model.work import MOMENT


@dataclass(frozen=True, slots=True)
class Overdue:
    """`handed`: what the machine would have done by then. `asked`: what a step asks of a person, past the time that it gives."""

    handed: int
    asked: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.handed + self.asked


def overdue(book: Book, journey: Journey, standing: Standing, now: datetime, grace: timedelta = timedelta(0)) -> Overdue:
    """How many items are past due, by more than `grace` where the step itself sets no time."""
    grace = max(grace, MOMENT)
    theirs = sum(
        n for state, lane, due, n in book.entries.standings(journey.name, now - grace) if due and _people_have(state, lane, standing)
    )
    asked = book.entries.asked(journey.name)
    counted = sum(1 for entry in asked if entry.due <= now - grace)  # these are among `theirs`
    late = sum(1 for at in _times(book, journey, asked, now) if now - at >= MOMENT)
    return Overdue(theirs - counted, late)


def _people_have(state: str, lane: str, standing: Standing) -> bool:
    handed = standing.halt is not None and standing.halt.answer is Answer.HAND_OVER
    return state == State.WORKLIST.value or lane == Lane.PEOPLE.value or handed


def _times(book: Book, journey: Journey, entries: Sequence[Entry], now: datetime) -> list[datetime]:
    """By when each was asked for. A step that can't say so without asking other systems: when it asked."""
    found = []
    for start in range(0, len(entries), 500):
        for visit in gather(book, journey, entries[start : start + 500], now, _NoNeeds()):
            asked = visit.entry.since or visit.entry.due
            found.append(asked + visit.decided.due if isinstance(visit.decided, HandOver) else asked)
    return found


class _NoNeeds:
    def find(
        self, names: Sequence[str], contacts: Mapping[str, Contact], events: Mapping[str, Sequence[Happened]], now: datetime
    ) -> Mapping[str, Mapping[str, Known]]:
        """Nothing: a count must not wait for a CRM."""
        return {}
