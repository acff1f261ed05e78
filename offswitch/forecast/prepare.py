"""Reads one instant of the ledger into memory: where everybody stands who is not over, and what waits to be looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from offswitch.act.collect import CHUNK, missed_by, stale_until
from offswitch.act.desk import Desk
from offswitch.act.steady import steady
from offswitch.forecast.asked import Asked
from offswitch.forecast.colleagues import Colleagues
from offswitch.forecast.flow_ahead import FlowAhead
from offswitch.forecast.habits import Habits
from offswitch.forecast.ladder import Ladder
from offswitch.forecast.newcomers import Newcomers, kind_of
from offswitch.forecast.placeholders import Placeholders
from offswitch.forecast.readers import Readers
from offswitch.forecast.simulate import Simulation
from offswitch.forecast.tally import Tally
from offswitch.forecast.world import PAGE, World
from offswitch.gate.as_if_on import as_if_free
from offswitch.gate.standing import Standing
from offswitch.ledger.base import Book
from offswitch.metrics.capacity import by_hand
from offswitch.model.contact import Contact
from offswitch.model.entry import Entry, State
from offswitch.model.verdict import Work

_EVER = timedelta(days=3650)


def prepare(book: Book, desks: Mapping[str, Desk], flow: str, asked: Asked, now: datetime) -> tuple[Simulation, Standing]:
    """The simulation, ready to run, and how the flow really stands. Other flows take part while they are on."""
    world, real = World(), {name: desk.switchboard.look(book) for name, desk in desks.items()}
    flows = {
        name: _flow(book, replace(desk, texts=Placeholders(desk.texts)), as_if_free(real[name]) if name == flow else real[name], world, now)
        for name, desk in desks.items()
        if real[name].policy is not None and (name == flow or real[name].halt is None)
    }
    habits, kinds = Habits(asked.said), {one.desk.journey.starts_on.kind for one in flows.values()}
    mine = flows[flow].desk.journey
    kinds |= {mine.goal.kind} if mine.goal else set()
    for one in flows.values():
        habits.measure(book, one.desk.journey, now)
    world.sends[""] = sorted(at for one in flows.values() for at in one.sends)
    zone = desks[flow].switchboard.zone(Contact(""))
    tally = Tally(now.astimezone(zone).date(), zone)
    starts = {one.desk.journey.starts_on.kind for one in flows.values()}
    inflow = {mine.starts_on.kind: asked.inflow, **dict.fromkeys(kinds - starts, 0.0)}  # of a mere goal only the models are wanted
    found = [kind_of(book, kind, now, inflow.get(kind)) for kind in sorted(kinds)]
    newcomers = Newcomers(found, asked.seed, now, world)
    simulation = Simulation(
        flows=flows,
        ladders={name: _ladder(book, one, now) for name, one in flows.items()},
        world=world,
        newcomers=newcomers,
        readers=Readers(habits, newcomers, asked.seed),
        colleagues=Colleagues(tally, asked.seed, asked.answers),
        tally=tally,
        now=now,
        until=end_of(tally, asked.days),
        every=asked.every,
    )
    for one in flows.values():
        _collect(book, simulation, one)
        _people(simulation, one)
    simulation.outside = _outside(book, simulation, {*desks} - {*flows})
    return simulation, real[flow]


def end_of(tally: Tally, days: int) -> datetime:
    """Midnight on the company's wall after so many days, the first among them."""
    last = tally.first + timedelta(days=days)
    return datetime(last.year, last.month, last.day, tzinfo=tally.zone).astimezone(ZoneInfo("UTC"))


def _flow(book: Book, desk: Desk, standing: Standing, world: World, now: datetime) -> FlowAhead:
    assert standing.policy is not None
    name = desk.journey.name
    since = book.stops.lifted(name, "guardrail")
    world.sends[name] = list(book.evidence.sends(name, since or now - _EVER))
    flow = FlowAhead(
        steady(desk),
        standing,
        standing.policy,
        world,
        rung=book.history.rung(name),
        rung_since=book.history.rung_since(name),
        inside=book.entries.inside(name),
        turn=desk.switchboard.turn(book),
        off=[replace(one, closed=one.closed or now) for one in book.stops.periods_since(name, now - _EVER)],
    )
    for page in _pages(book, name):
        _load(book, flow, [entry.contact_id for entry in page], now)
        flow.effects.update(book.effects.at_steps([entry.id for entry in page], {entry.step for entry in page}))
    return flow


def _load(book: Book, flow: FlowAhead, people: list[str], now: datetime) -> None:
    """These people with all of their entries, because who was here before may not enter again."""
    flow.world.load(book, people, now)
    for theirs in book.entries.of_contacts(flow.name, people).values():
        flow.load(replace(entry, token=None) for entry in theirs)


def _pages(book: Book, flow: str) -> Iterator[list[Entry]]:
    after: tuple[datetime, str] | None = None
    while page := book.entries.page(flow, after, PAGE):
        after = (page[-1].due, page[-1].id)
        yield page


def _ladder(book: Book, flow: FlowAhead, now: datetime) -> Ladder:
    began = flow.rung_since or book.history.first_run(flow.name) or now
    return Ladder(flow, began, by_hand(book, flow.desk.journey, flow.policy, now), {})


def _collect(book: Book, simulation: Simulation, flow: FlowAhead) -> None:
    """What is stored and this flow has not looked at, as its next pass will."""
    now, name = simulation.now, flow.name
    after = None if book.events.has_cursor(name) else stale_until(book, flow.policy, now)
    while unseen := book.events.unseen(name, CHUNK, after):
        events = [happened for _, happened in unseen]
        _load(book, flow, list(dict.fromkeys(one.contact_id for one in events)), now)
        simulation.tell(flow, events, missed_by(book, name, unseen))
        after = unseen[-1][0]


def _people(simulation: Simulation, flow: FlowAhead) -> None:
    """What people have on their lists already."""
    for entry in list(flow.entries.values()):
        if entry.state is State.WORKLIST:
            simulation.colleagues.ask(flow.name, entry, entry.work or Work.TRIAGE, simulation.now)
        elif entry.taken_by and entry.state in (State.WAITING, State.HELD):
            flow.put(replace(entry, taken_by=""))
            flow.park(entry)
            simulation.colleagues.ask(flow.name, entry, Work.BY_HAND, simulation.now)


def _outside(book: Book, simulation: Simulation, absent: set[str]) -> dict[str, list[tuple[str, str, str, datetime, datetime, str]]]:
    """Who stands in flows that are off: they may hold somebody whom another flow of their group wants."""
    wanted = {rival.flow for flow in simulation.flows.values() for rival in flow.standing.rivals} & absent
    found: dict[str, list[tuple[str, str, str, datetime, datetime, str]]] = {}
    people = [*simulation.world.contacts] if wanted else []
    for start in range(0, len(people), PAGE):
        for row in book.entries.beside(wanted, people[start : start + PAGE]):
            found.setdefault(row[0], []).append(row)
    return found
