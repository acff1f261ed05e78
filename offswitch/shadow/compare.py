"""A whole dry run beside people's work: shares, reasons and examples, read person by person in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median

from offswitch.ledger.base import Book
from offswitch.ledger.shadow import ShadowRow
from offswitch.shadow.match import AGREED, DIFFERENT, Compared, Match, compared

PAGE = 500  # people at once
EXAMPLES = 3  # of each kind


@dataclass(slots=True)
class Comparison:
    """What one dry run shows. `later` are the seconds that people were behind the machine, negative where before."""

    flow: str
    decisions: int = 0
    people: int = 0
    days: set[date] = field(default_factory=set)
    first: datetime | None = None
    steps: Counter[tuple[str, Match]] = field(default_factory=Counter)
    reasons: Counter[tuple[Match, str]] = field(default_factory=Counter)
    later: list[float] = field(default_factory=list)
    examples: dict[Match, list[Compared]] = field(default_factory=dict)

    @property
    def agreed(self) -> int:
        """Messages about which people and the machine were of one mind."""
        return sum(map(self.count, AGREED))

    @property
    def different(self) -> int:
        """Messages about which they were not."""
        return sum(map(self.count, DIFFERENT))

    @property
    def agreement(self) -> float | None:
        """The share of what can be compared; None while nothing can."""
        total = self.agreed + self.different
        return self.agreed / total if total else None

    @property
    def middle(self) -> timedelta | None:
        """How much later people were in the middle; None while nobody has done anything."""
        return timedelta(seconds=median(self.later)) if self.later else None

    def count(self, match: Match) -> int:
        """How often the two went together so."""
        return sum(count for (_, what), count in self.steps.items() if what is match)

    def decided(self, rows: Iterable[ShadowRow]) -> None:
        """One person's decisions."""
        self.people += 1
        for row in rows:
            self.decisions += 1
            self.days.add(row.at.date())
            self.first = row.at if self.first is None else min(self.first, row.at)

    def add(self, one: Compared) -> None:
        """One thing that both have come to, or one of them."""
        self.steps[one.step, one.match] += 1
        if one.why:
            self.reasons[one.match, one.why] += 1
        if one.match is Match.BOTH_SENT:
            self.later.append(one.later.total_seconds())
        some = self.examples.setdefault(one.match, [])
        if len(some) < EXAMPLES:
            some.append(one)


def compare(book: Book, flow: str, since: datetime) -> Comparison:
    """All that was decided since then, as people's work stands now."""
    found = Comparison(flow)
    for rows, theirs in _people(book, flow, since):
        found.decided(rows)
        for one in theirs:
            found.add(one)
    return found


def _people(book: Book, flow: str, since: datetime) -> Iterator[tuple[list[ShadowRow], Iterator[Compared]]]:
    after = ""
    while people := book.shadow.people(flow, since, after, PAGE):
        after = people[-1]
        rows: dict[str, list[ShadowRow]] = {}
        for row in book.shadow.about(flow, people, since):
            rows.setdefault(row.contact_id, []).append(row)
        entries = book.entries.of_contacts(flow, people)
        effects = book.effects.of_entries([entry.id for theirs in entries.values() for entry in theirs])
        for person, decided in rows.items():
            mine = {entry.event_id: entry for entry in entries.get(person, ())}
            yield decided, compared(decided, mine, effects)
