"""The worklist: a query over entries, effects and the switches, so that it is pending work by construction."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from offswitch.act.decide import Visit
from offswitch.act.desk import Desk
from offswitch.act.gather import gather
from offswitch.act.judge import crowd
from offswitch.act.steady import steady
from offswitch.gate.standing import Standing
from offswitch.ledger.base import Book
from offswitch.ledger.work import WorkRow
from offswitch.model.entry import OVER, Entry, State
from offswitch.model.verdict import Lane
from offswitch.model.work import WorkItem, item_id
from offswitch.policy.authority import Authority
from offswitch.policy.effective import NOBODY
from offswitch.worklist.as_if_off import as_if_off, as_people_see
from offswitch.worklist.item import item_of, long_ago
from offswitch.worklist.look import Judged, see

HORIZON = timedelta(hours=72)
CHUNK = 500  # entries that are looked at together


def worklist(desk: Desk, horizon: timedelta | None = HORIZON) -> list[WorkItem]:
    """What people have to do for this flow, due first. `horizon` None shows everything that is planned."""
    now, desk = desk.clock.now(), steady(desk)
    with desk.ledger.read() as book:
        standing = as_people_see(desk.switchboard.look(book))
        entries = book.entries.pending(desk.journey.name, None if horizon is None else now + horizon)
        mine = [entry for entry in entries if _may_be_work(entry, standing, now)]
        with _kept():
            found = [item for chunk in chunks(mine) for item in _items(desk, book, standing, chunk, now)]
    return sorted(found, key=lambda item: (item.due, item.id))


@dataclass(frozen=True, slots=True)
class Found:
    """One item with what it was made from. `judged` has the gate's answer for every action still to do, `authority` who may decide."""

    item: WorkItem
    visit: Visit
    judged: Sequence[Judged]
    row: WorkRow | None
    authority: Authority = NOBODY


def find_item(desk: Desk, book: Book, name: str, now: datetime, entry_id: str = "") -> Found:
    """The item of this id, read in this transaction; `entry_id` saves looking for it. Raises KeyError when there is none (any more).

    What the machine would still do by itself counts too: a person may have done it first.
    """
    entry = _entry_of(desk, book, name, entry_id)
    standings = list(_standings(desk, book))
    visit = gather(book, desk.journey, [entry], now, desk.needs, standings[0].facts)[0]
    row = book.work.of_entries([entry.id]).get((entry.id, entry.step, entry.visit))
    people = None
    for standing in standings:
        people = people or crowd(book, standing, [entry.contact_id], now)
        seen = see(desk, standing, visit, people, now)
        item = item_of(seen, row)
        if item is not None:
            return Found(item, visit, seen.judged, row, standing.policy.authority if standing.policy else NOBODY)
    raise KeyError(name)


def has_item(desk: Desk, book: Book, name: str) -> bool:
    """Does somebody of this flow stand where this item is from?"""
    try:
        _entry_of(desk, book, name, "")
    except KeyError:
        return False
    return True


def chunks(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Lists that a query can name one by one."""
    rest = iter(entries)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


@contextmanager
def _kept() -> Iterator[None]:
    """Nothing that is made in here is garbage, and looking for it takes a third of the time of a long list."""
    looks = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looks:
            gc.enable()


def _items(desk: Desk, book: Book, standing: Standing, entries: list[Entry], now: datetime) -> Iterator[WorkItem]:
    people = crowd(book, standing, [entry.contact_id for entry in entries], now)
    rows = book.work.of_entries([entry.id for entry in entries])
    for visit in gather(book, desk.journey, entries, now, desk.needs, standing.facts):
        at = visit.entry
        item = item_of(see(desk, standing, visit, people, now), rows.get((at.id, at.step, at.visit)))
        if item is not None:
            yield item


def _standings(desk: Desk, book: Book) -> Iterator[Standing]:
    standing = as_people_see(desk.switchboard.look(book))
    yield standing
    yield as_if_off(standing)


def _entry_of(desk: Desk, book: Book, name: str, entry_id: str) -> Entry:
    """Where somebody stands for whom this item was made."""
    flow = desk.journey.name
    known = book.entries.get([entry_id]).values() if entry_id else book.entries.pending(flow)
    here = [entry for entry in known if entry.flow == flow and entry.state not in OVER and name_of_item(entry) == name]
    if len(here) != 1:  # two of one name are not told apart: nobody may be marked done for somebody else
        raise KeyError(name)
    return here[0]


def name_of_item(entry: Entry) -> str:
    """What the item of this visit is called, if there is one."""
    return item_id(entry.id, entry.step, entry.visit)


def _may_be_work(entry: Entry, standing: Standing, now: datetime) -> bool:
    """Cheap and generous: whoever the machine surely goes on with by itself is left out."""
    if entry.state is State.WORKLIST or entry.taken_by or entry.lane is Lane.PEOPLE or standing.stops or standing.halt:
        return True
    return entry.state is State.HELD and long_ago(entry, standing, now)
