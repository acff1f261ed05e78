"""Everything that the invariants compare at one moment: the world, the oracle's stands, and what the engine claims."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from offswitch.drill.course import Course
from offswitch.drill.oracle import Names, entries_of, where_all
from offswitch.drill.stand import Stand
from offswitch.drill.truth import Truth
from offswitch.drill.world import Mail, World
from offswitch.journey.journey import Journey
from offswitch.metrics.account import Account, account


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that must never be. `invariant` names which; `what` is for people; `who` numbers the person, 0 for nobody."""

    invariant: str
    what: str
    who: int = 0
    at: datetime | None = None


@dataclass(frozen=True)
class Look:
    """A look at a course as it stands. The ledger is read for its claims only."""

    course: Course
    beside: bool = False  # of the neighbour flow

    @property
    def world(self) -> World:
        """The truth."""
        return self.course.world

    @property
    def now(self) -> datetime:
        """Virtual time."""
        return self.course.now

    @property
    def truth(self) -> Truth:
        """What the world knows of each person."""
        return self.course.truth_beside if self.beside else self.course.truth

    def account(self, journey: Journey) -> Account:
        """What the engine reports of a flow."""
        with self.course.crew.claims.read() as book:
            return account(book, journey, self.course.crew.board(journey).look(book), self.now)

    @cached_property
    def rows(self) -> list[Any]:
        """Every entry that the ledger claims to have."""
        with self.course.crew.claims.read() as book:
            return list(book.entries.all())

    @cached_property
    def flow_of(self) -> Mapping[str, str]:
        """The flow of each entry."""
        return {row.id: row.flow for row in self.rows}

    @cached_property
    def names(self) -> Names:
        """Whose each entry of the flow under test is."""
        return entries_of(self.rows, self.truth)

    @cached_property
    def stands(self) -> Mapping[str, Stand]:
        """Where each entry must be, by its id."""
        return dict(zip(self.names, where_all(self.truth, self.names, self.now), strict=True))

    @cached_property
    def mails(self) -> list[Mail]:
        """What the provider took from the flow under test."""
        return [mail for mail in self.world.accepted if self.flow_of.get(mail.parts[0]) == self.truth.journey.name]

    def who(self, mail: Mail) -> int:
        """Whose mail it is, 0 for nobody we know."""
        person = self.world.person_of(mail.to)
        return person.number if person else 0

    def name(self, who: int) -> str:
        """A person as reports name them."""
        return self.world.person(who).email if who else "nobody we know"
