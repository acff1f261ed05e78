"""Who comes in from now on: as many a day as lately, each a made-up copy of somebody who really came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from offswitch.forecast.draws import draw
from offswitch.forecast.habits import Source
from offswitch.forecast.world import World
from offswitch.ledger.base import Book
from offswitch.ledger.inflow import Inflow
from offswitch.model.contact import Contact
from offswitch.model.event import KINDS, Event, Happened

LOOKS_BACK = timedelta(days=28)
KEPT = 1_000  # real triggers of one kind that newcomers are copies of
DAY = timedelta(days=1)
MADE_UP = "~"  # how the name of somebody begins who isn't there


@dataclass(frozen=True, slots=True)
class Model:
    """Somebody who really came, as they were when they came: `before` is what had happened to them until then."""

    trigger: Happened
    contact: Contact
    agreed: frozenset[tuple[str, str]]
    before: tuple[Happened, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of trigger: `per_day` newcomers, counted over the last `days`, unless somebody `said` how many."""

    kind: str
    per_day: float
    days: float
    models: tuple[Model, ...]
    source: Source = Source.MEASURED

    def to_json(self) -> dict[str, Any]:
        """For other tools."""
        return {"event": self.kind, "per_day": round(self.per_day, 2), "over_days": round(self.days, 1), "source": self.source.value}


def kind_of(book: Book, kind: str, now: datetime, said: float | None) -> Kind:
    """As the ledger has it now. `said`: so many a day, whatever it has."""
    inflow, since = Inflow(book.connection), now - LOOKS_BACK
    _, first = book.events.received_since(kind, since)
    days = min(max((now - first) / DAY, 1.0), LOOKS_BACK / DAY) if first else LOOKS_BACK / DAY
    triggers = inflow.newest(kind, since, KEPT)
    people = [one.contact_id for one in triggers]
    contacts, events = book.contacts.get(people), book.events.of_contacts(people)
    agreed = inflow.agreed({one.contact_id: one.received for one in triggers})
    models = tuple(
        Model(
            one,
            contacts.get(one.contact_id) or Contact(one.contact_id),
            agreed.get(one.contact_id, frozenset()),
            tuple(other for other in events.get(one.contact_id, ()) if other.received <= one.received and other.id != one.id),
        )
        for one in triggers
    )
    if said is not None:
        return Kind(kind, said, days, models, Source.SAID)
    return Kind(kind, inflow.count(kind, since) / days, days, models)


@dataclass(slots=True)
class Newcomers:
    """Makes them up, a day at a time. Of a kind that never came lately nobody is made up but strangers who agree to nothing."""

    kinds: Sequence[Kind]
    seed: int
    start: datetime
    world: World
    _made: dict[str, int] = field(default_factory=dict)

    def of_day(self, number: int) -> Iterator[Happened]:
        """Their triggers on one day of 24 hours from the start, each at the time of day of its model."""
        opens = self.start + number * DAY
        for kind in self.kinds:
            until = round((number + 1) * kind.per_day)
            for count in range(self._made.get(kind.kind, 0), until):
                yield self._newcomer(kind, count, opens)
            self._made[kind.kind] = max(until, self._made.get(kind.kind, 0))

    def like(self, kind: str, who: str, at: datetime, number: float) -> Happened:
        """An event of this kind as it happens to others: with the data of one that really happened."""
        models = next((one.models for one in self.kinds if one.kind == kind), ())
        model = models[int(number * len(models))].trigger if models else None
        data = shifted(kind, model.data, at - model.at) if model else {}
        return Happened(f"{MADE_UP}{kind}-{who}-{at.isoformat()}", kind, at, who, data, "forecast", at)

    def _newcomer(self, kind: Kind, count: int, opens: datetime) -> Happened:
        who = f"{MADE_UP}{kind.kind}-{count:08}"
        if not kind.models:
            at = opens + draw(self.seed, who, "hour") * DAY
            self.world.add(Contact(who), frozenset(), ())
            return Happened(f"{who}-trigger", kind.kind, at, who, {}, "forecast", at)
        model = kind.models[int(draw(self.seed, who, "model") * len(kind.models))]
        at = at_time_of(model.trigger.received, opens)
        later = at - model.trigger.received
        before = [_moved(one, who, later, f"{who}-{place}") for place, one in enumerate(model.before)]
        self.world.add(replace(model.contact, id=who), model.agreed, before)
        return _moved(model.trigger, who, later, f"{who}-trigger")


def at_time_of(model: datetime, opens: datetime) -> datetime:
    """The instant of the 24 hours from `opens` at which the clock (UTC) says what it said then."""
    clock = time.fromisoformat(model.astimezone(UTC).time().isoformat())
    at = datetime.combine(opens.astimezone(UTC).date(), clock, UTC)
    return at if at >= opens else at + DAY


def shifted(kind: str, data: Mapping[str, Any], later: timedelta) -> dict[str, Any]:
    """The payload with its times as much later: who booked a call for tomorrow does so again."""
    cls: type[Event] | None = KINDS.get(kind)
    times = {one.name for one in fields(cls) if one.type in (datetime, "datetime")} - {"at"} if cls else set()
    return {name: _later(value, later) if name in times else value for name, value in data.items()}


def _moved(happened: Happened, who: str, later: timedelta, name: str) -> Happened:
    data = shifted(happened.kind, happened.data, later)
    at = happened.at + later
    return replace(happened, id=name, contact_id=who, at=at, received=happened.received + later, data=data)


def _later(value: Any, later: timedelta) -> Any:
    try:
        return (datetime.fromisoformat(value) + later).isoformat()
    except (TypeError, ValueError):
        return value
