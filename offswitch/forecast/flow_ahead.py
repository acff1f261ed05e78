"""One flow in virtual time: its entries, its standing and its place on the ladder, all in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush

from offswitch.act.collect import Door
from offswitch.act.decide import Visit, visit_of
from offswitch.act.desk import Desk
from offswitch.act.periods import time_off
from offswitch.forecast.world import World
from offswitch.gate.standing import Standing
from offswitch.journey.code import names
from offswitch.ledger.stops import Period
from offswitch.model.effect import Effect
from offswitch.model.engagement import engagement
from offswitch.model.entry import OVER, Entry, State
from offswitch.model.event import Happened
from offswitch.model.facts import Facts, Known
from offswitch.policy.conditions import Holds
from offswitch.policy.facts import Person
from offswitch.policy.schema import Effective

_GOING = (State.WAITING, State.HELD)
_NOBODY: frozenset[tuple[str, str]] = frozenset()


@dataclass(slots=True)
class FlowAhead:
    """`known` are all entries by contact, `effects` what was done in each entry's present visit.

    `off` are the times of the past in which the flow was off; `parked` is what waits for people, or for good.
    """

    desk: Desk
    standing: Standing
    policy: Effective
    world: World
    rung: int = 0
    rung_since: datetime | None = None
    inside: int = 0
    turn: str = ""
    off: Sequence[Period] = ()
    known: dict[str, list[Entry]] = field(default_factory=dict)
    effects: dict[str, list[Effect]] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    parked: set[str] = field(default_factory=set)
    asks_engagement: bool = False
    _due: list[tuple[datetime, str]] = field(default_factory=list)
    _facts: dict[str, tuple[int, datetime, Mapping[str, Known]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.asks_engagement = self.policy.facts.about_messages or names(self.desk.journey, "engaged", "ignored")

    @property
    def name(self) -> str:
        """The flow's."""
        return self.desk.journey.name

    @property
    def sends(self) -> Sequence[int]:
        """When the machine sent in this flow, as `micros`."""
        return self.world.sends[self.name]

    @property
    def next_due(self) -> datetime | None:
        """When somebody is due next, as far as is known now."""
        while self._due and not self._waits_for(*self._due[0]):
            heappop(self._due)
        return self._due[0][0] if self._due else None

    def load(self, entries: Iterable[Entry]) -> None:
        """Entries as the ledger has them."""
        for entry in entries:
            if entry.id not in self.entries:
                self.known.setdefault(entry.contact_id, []).append(entry)
                self._index(entry)

    def put(self, entry: Entry) -> None:
        """The entry as it is now."""
        before = self.entries[entry.id]
        theirs = self.known[entry.contact_id]
        theirs[theirs.index(before)] = entry
        if entry.place != before.place or entry.state in OVER:
            self.effects.pop(entry.id, None)
        self._index(entry)

    def park(self, entry: Entry) -> None:
        """Nobody looks at it again before something happens to it."""
        self.parked.add(entry.id)

    def due(self, now: datetime) -> list[Entry]:
        """Who is due, in a worker's order."""
        found: dict[str, Entry] = {}
        while (at := self.next_due) is not None and at <= now:
            entry = self.entries[heappop(self._due)[1]]
            found[entry.id] = entry
        return sorted(found.values(), key=lambda entry: (entry.due, entry.id))

    def running(self, who: str) -> list[Entry]:
        """This contact's entries that are not over."""
        return [entry for entry in self.known.get(who, ()) if entry.state not in OVER]

    def collect(self, events: Sequence[Happened], door: Door) -> None:
        """Let the events happen to this flow, as a pass does."""
        for happened in events:
            door.take(happened)
        for entry in [*door.changed.values(), *door.new.values()]:
            before = self.entries.get(entry.id)
            if before is None or entry.place != before.place or entry.state in OVER:
                self.effects.pop(entry.id, None)
            self._index(entry)
        self.inside = door.inside

    def door(self, people: Iterable[str], now: datetime, off: Sequence[Period], taken: Mapping[str, str]) -> Door:
        """The door that events of these people come to now."""
        audience = self._audience(people, now)
        turn = "" if self.rung else self.turn
        return Door(self.desk, self.standing, now, self.known, self.rung, self.inside, off, turn, audience, taken)

    def visits(self, entries: Sequence[Entry], now: datetime) -> list[Visit]:
        """Everybody's decision now, from the facts as they are in virtual time."""
        known = self._find([entry.contact_id for entry in entries], now)
        journey = self.desk.journey
        return [visit_of(journey, one, self._facts_of(one, known[one.contact_id], now), self.effects.get(one.id, [])) for one in entries]

    def given_up(self, entries: Sequence[Entry], now: datetime) -> frozenset[str]:
        """Those past `give_up_after`, as a pass sees them: the time in which the flow was off doesn't count."""
        limit = self.desk.journey.give_up_after
        if limit is None or self.standing.halt is not None:
            return frozenset()
        old = [entry for entry in entries if now - entry.entered >= limit]
        return frozenset(entry.id for entry in old if now - entry.entered - time_off(self.off, entry.entered, now) >= limit)

    def pending(self, until: datetime) -> int:
        """How many are due by then, or with people."""
        return sum(one.state not in OVER and (one.due <= until or one.state is State.WORKLIST) for one in self.entries.values())

    def _index(self, entry: Entry) -> None:
        self.entries[entry.id] = entry
        self.parked.discard(entry.id)
        if entry.state in _GOING:
            heappush(self._due, (entry.due, entry.id))

    def _waits_for(self, at: datetime, name: str) -> bool:
        entry = self.entries[name]
        return entry.due == at and entry.state in _GOING and name not in self.parked

    def _audience(self, people: Iterable[str], now: datetime) -> Mapping[str, Holds]:
        if self.policy.facts.audience is None:
            return {}
        asked, world = [who for who in dict.fromkeys(people) if not self.running(who)], self.world
        known = self._find(asked, now)
        return {who: self.policy.facts.fits(Person(world.contacts[who], now, world.events.get(who, ()), known[who])) for who in asked}

    def _find(self, people: Sequence[str], now: datetime) -> Mapping[str, Mapping[str, Known]]:
        """What the journey needs to know. It is asked anew only of those to whom something has happened since."""
        events = self.world.events
        new = [who for who in dict.fromkeys(people) if who not in self._facts or self._facts[who][0] != len(events.get(who, ()))]
        if new:
            contacts = {who: self.world.contacts[who] for who in new}
            found = self.desk.needs.find(self.desk.journey.needs, contacts, {who: events.get(who, ()) for who in new}, now)
            self._facts.update((who, (len(events.get(who, ())), now, found.get(who, {}))) for who in new)
        return {who: _as_of(*self._facts[who][1:], now) for who in people}

    def _facts_of(self, entry: Entry, known: Mapping[str, Known], now: datetime) -> Facts:
        world, who, journey = self.world, entry.contact_id, self.desk.journey
        events = world.events.get(who, ())
        return Facts(
            now=now,
            contact=world.contacts[who],
            consent=world.consent.get(who, _NOBODY),
            events=events,
            trigger=entry.event_id,
            known=known,
            visit=entry.visit,
            about=journey.about,
            subject=entry.subject,
            engagement=engagement(journey.name, world.messages.get(who, ()), events) if self.asks_engagement else None,
        )


def _as_of(asked: datetime, known: Mapping[str, Known], now: datetime) -> Mapping[str, Known]:
    """What was true then by somebody's word of then is told anew each time; what has a time of its own keeps it."""
    if now - asked < timedelta(minutes=1) or not known:
        return known
    return {name: replace(one, at=now) if one.at == asked else one for name, one in known.items()}
