"""Passes of all flows in virtual time, one after the other, through the same steps, gate and moves as live ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count

from offswitch.act.collect import Door
from offswitch.forecast.colleagues import Colleagues
from offswitch.forecast.flow_ahead import FlowAhead
from offswitch.forecast.flow_pass import FlowPass
from offswitch.forecast.ladder import Ladder
from offswitch.forecast.newcomers import DAY, Newcomers
from offswitch.forecast.readers import Readers
from offswitch.forecast.tally import Tally
from offswitch.forecast.world import World
from offswitch.gate.rival import Beside, claims, keeps
from offswitch.intake.receive import asks, reconsidered
from offswitch.ledger.stops import Period
from offswitch.model.entry import OVER
from offswitch.model.event import Happened

EVERY = timedelta(minutes=5)  # as the schedules of the deployments have it
_LOOKS = timedelta(hours=1)  # how often the ladder is looked at while nothing happens
_UNDOING = ("contact.unsubscribed", "message.bounced", "message.complained")


@dataclass(slots=True)
class Simulation:
    """`now` is the instant of the pass; the first is at the start, the others `every` so often while there is something to do."""

    flows: dict[str, FlowAhead]
    ladders: dict[str, Ladder]
    world: World
    newcomers: Newcomers
    readers: Readers
    colleagues: Colleagues
    tally: Tally
    now: datetime
    until: datetime
    every: timedelta = EVERY
    outside: dict[str, list[tuple[str, str, str, datetime, datetime, str]]] = field(default_factory=dict)
    _agenda: list[tuple[datetime, int, Happened]] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=count)
    _day: int = -1

    def run(self, tell: Callable[[int], None]) -> None:
        """From the start to the end. `tell` hears of the hours that are over."""
        start = self.now
        while self.now < self.until:
            self._newcomers(start)
            self._pass()
            if self.now == start:
                self.tally.at_once.update({name: many for (name, _), many in self.tally.mails.items()})
            tell(int((self.now - start) / timedelta(hours=1)))
            self.now = self._following(start)

    def expect(self, events: Sequence[Happened]) -> None:
        """These will happen."""
        for happened in events:
            heappush(self._agenda, (happened.at, next(self._numbers), happened))

    def beside(self, flows: Sequence[str], people: Sequence[str]) -> Beside:
        """Where these contacts stand in these flows now, as the ledger would say it."""
        wanted = [one for who in people for one in self.outside.get(who, ()) if one[1] in flows]
        for name in flows:
            if (flow := self.flows.get(name)) is not None:
                theirs = (one for who in people for one in flow.running(who))
                wanted += [(one.contact_id, name, one.id, one.due, one.since or one.due, one.state.value) for one in theirs]
        return wanted

    def _pass(self) -> None:
        happened = self._happened()
        for flow in self.flows.values():
            self.tell(flow, happened)
            FlowPass(flow, self.readers, self.colleagues, self.tally, self.now, self.beside, self.expect).run()
            self.ladders[flow.name].climb(self.now)

    def _happened(self) -> list[Happened]:
        """What has happened since the last pass, which is known to everybody from now on."""
        found = []
        while self._agenda and self._agenda[0][0] <= self.now:
            happened = heappop(self._agenda)[2]
            self.world.happen(happened)
            found.append(happened)
            if happened.kind in _UNDOING:
                for flow in self.flows.values():
                    for entry in [one for one in flow.running(happened.contact_id) if asks(one)]:
                        flow.put(reconsidered(entry, self.now))
        return found

    def tell(self, flow: FlowAhead, happened: Sequence[Happened], off: Sequence[Period] = ()) -> None:
        """Let these events happen to a flow. `off`: when all of it was off."""
        if not happened:
            return
        newly = [one.contact_id for one in happened if one.kind == flow.desk.journey.starts_on.kind]
        door = flow.door(newly, self.now, off, self._taken(flow, newly))
        flow.collect(happened, door)
        self._count(flow.name, door)

    def _count(self, flow: str, door: Door) -> None:
        """What became of the events at this flow's door."""
        day = self.tally.day(self.now)
        for (what, reason), many in door.report.counts.items():
            self.tally.arrivals[flow, day, what] += many
            if what == "not entered":
                self.tally.refused[flow, reason] += many
        self.tally.ended.update((flow, entry.reason) for entry in door.changed.values() if entry.state in OVER)

    def _taken(self, flow: FlowAhead, people: Sequence[str]) -> dict[str, str]:
        """Whom another flow of its group has."""
        group = [rival for rival in flow.standing.rivals if rival.grouped]
        if not group or not people:
            return {}
        theirs = claims(group, self.beside([rival.flow for rival in group], people))
        mine = flow.policy.pace.priority
        return {who: other for who, found in theirs.items() if (other := keeps(mine, found))}

    def _newcomers(self, start: datetime) -> None:
        while start + (self._day + 1) * DAY <= self.now:
            self._day += 1
            self.expect(list(self.newcomers.of_day(self._day)))

    def _following(self, start: datetime) -> datetime:
        """The next pass that has something to do."""
        dues = (flow.next_due for flow in self.flows.values())
        climbing = any(flow.rung < len(flow.policy.rollout.steps) - 1 and flow.policy.grows_by_itself for flow in self.flows.values())
        times = [due for due in dues if due is not None]
        times += [self.until, start + (self._day + 1) * DAY, *([self.now + _LOOKS] if climbing else [])]
        times += [self._agenda[0][0]] if self._agenda else []
        times += [at] if (at := self.colleagues.next_answer) is not None else []
        wanted = max(min(times), self.now + self.every)
        return start + -(-(wanted - start) // self.every) * self.every
