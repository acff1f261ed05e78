"""What people do with the work that a flow gives them: each item is answered a while after it was asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush

from offswitch.forecast.draws import draw
from offswitch.forecast.tally import Tally
from offswitch.model.entry import OVERDUE, Entry
from offswitch.model.plan import HandOver, Next
from offswitch.model.verdict import Work

ANSWERS = timedelta(hours=4)  # after an item has come up; as long as nobody says otherwise
_NEVER = (Work.TRIAGE, Work.UNKNOWN)  # what nobody can foresee the answer of stays with people


@dataclass(slots=True)
class Colleagues:
    """Every answer that a step offers is as likely as the others. What nobody knows stays where it is."""

    tally: Tally
    seed: int
    after: timedelta = ANSWERS
    _waiting: dict[str, list[tuple[datetime, str, str, Work]]] = field(default_factory=dict)

    def ask(self, flow: str, entry: Entry, work: Work, now: datetime) -> None:
        """A new item on somebody's list."""
        self.tally.items[flow, self.tally.day(now), work] += 1
        if work in _NEVER:
            return
        at = now + self.after
        overdue = entry.due if work is Work.STEP and OVERDUE in entry.or_when else at
        heappush(self._waiting.setdefault(flow, []), (max(min(at, overdue), now), entry.id, entry.place, work))

    def answered(self, flow: str, now: datetime) -> Iterator[tuple[str, str, Work]]:
        """What is answered by now: entry, its place when it was asked, and which kind of item it was."""
        waiting = self._waiting.get(flow, [])
        while waiting and waiting[0][0] <= now:
            _, name, place, work = heappop(waiting)
            yield name, place, work

    @property
    def next_answer(self) -> datetime | None:
        """When somebody answers next."""
        return min((waiting[0][0] for waiting in self._waiting.values() if waiting), default=None)

    def choose(self, entry: Entry, wish: HandOver) -> Next:
        """One of the answers that the step offers."""
        ways = list(wish.outcomes.values())
        return ways[int(draw(self.seed, "answer", entry.contact_id, entry.flow, entry.place) * len(ways))]
