"""What people do with the messages that they get: drawn for each person and message, told as events that come later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from offswitch.forecast.draws import draws, spread
from offswitch.forecast.flow_ahead import FlowAhead
from offswitch.forecast.habits import AFTER, KINDS, Deed, Habits
from offswitch.forecast.newcomers import MADE_UP, Newcomers
from offswitch.gate.case import SERVICE
from offswitch.model.engagement import BELONGS
from offswitch.model.entry import Entry
from offswitch.model.event import Happened

_PLACES = {deed: place for place, deed in enumerate(Deed)}  # which of the draws decides


@dataclass(frozen=True, slots=True)
class Readers:
    """The same person does the same with the same message at every run of one seed."""

    habits: Habits
    newcomers: Newcomers
    seed: int

    def read(self, flow: FlowAhead, entry: Entry, message: str, now: datetime) -> list[tuple[Deed, Happened]]:
        """What this person will do with it. A message that bounces is read by nobody."""
        about = (entry.contact_id, flow.name, message, entry.subject, entry.visit)
        chances, rates = draws(self.seed, *about), self.habits.of(flow.name, message).rates
        does = [deed for deed in Deed if chances[_PLACES[deed]] < rates[deed].share and _can(flow, message, deed)]
        if Deed.BOUNCE in does:
            does = [Deed.BOUNCE]
        return list(self._events(flow, entry, does, about, now)) if does else []

    def _events(
        self, flow: FlowAhead, entry: Entry, does: list[Deed], about: tuple[object, ...], now: datetime
    ) -> Iterator[tuple[Deed, Happened]]:
        waits, who = draws(self.seed, "wait", *about), entry.contact_id
        for deed in does:
            at = now + min(timedelta(seconds=spread(waits[_PLACES[deed]], AFTER[deed].total_seconds())), BELONGS)
            if deed is Deed.GOAL and flow.desk.journey.goal is not None:
                yield deed, self._goal(flow, entry, flow.desk.journey.goal.kind, at, waits[-1])
            elif deed is not Deed.GOAL:
                name = f"{MADE_UP}{'-'.join(map(str, about))}-{deed}"
                yield deed, Happened(name, KINDS[deed], at, who, {}, "forecast", at)

    def _goal(self, flow: FlowAhead, entry: Entry, kind: str, at: datetime, number: float) -> Happened:
        happened, field = self.newcomers.like(kind, entry.contact_id, at, number), flow.desk.journey.about
        data = {**happened.data, field: entry.subject} if field in happened.data else happened.data
        return Happened(happened.id, kind, at, entry.contact_id, data, happened.source, at)


def _can(flow: FlowAhead, message: str, deed: Deed) -> bool:
    """Service mail has nothing to unsubscribe from, and not every journey has a goal."""
    if deed is Deed.GOAL:
        return flow.desk.journey.goal is not None
    return deed is not Deed.UNSUBSCRIBE or flow.desk.texts.front(message).purpose != SERVICE
