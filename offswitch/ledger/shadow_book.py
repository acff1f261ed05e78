"""The ledger as the dry run of one flow sees it: its own entries and messages are the shadow's, all else is real."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from types import ModuleType

from sqlalchemy import Connection, Text, and_, bindparam, func, literal, select, text, tuple_
from sqlalchemy.sql import ClauseElement, Select

from offswitch.ledger.audit import Audit
from offswitch.ledger.base import Book
from offswitch.ledger.columns import Moment
from offswitch.ledger.effects import Effects
from offswitch.ledger.entries import Entries
from offswitch.ledger.entry_rows import COLUMNS, GOING, entry_of, row_of
from offswitch.ledger.rows import Rows
from offswitch.ledger.shadow import Shadow
from offswitch.ledger.shadow_tables import shadow_entries
from offswitch.ledger.stops import Period, Stops
from offswitch.ledger.tables import ACTIVE, COUNTED, effects, entries, events
from offswitch.model.effect import Effect, Stage
from offswitch.model.entry import OVERDUE, Entry, State
from offswitch.model.verdict import Lane, Work

_IN_ORDER = [shadow_entries.c[name] for name in COLUMNS]
_ABOUT_ALL = ("approval", "readiness", "review")  # what a dry run needs none of
_TWINS = (
    select(entries.c.id)
    .join(shadow_entries, and_(shadow_entries.c.flow == entries.c.flow, shadow_entries.c.event_id == entries.c.event_id))
    .where(entries.c.flow == bindparam("flow"), entries.c.contact_id.in_(bindparam("ids", expanding=True)))
)
_LIVE = select(effects.c.contact_id, effects.c.at, effects.c.flow, effects.c.action).where(
    text(COUNTED),
    effects.c.contact_id.in_(bindparam("ids", expanding=True)),
    effects.c.state.in_((Stage.RESERVED.value, Stage.PERFORMED.value, Stage.UNKNOWN.value)),
    effects.c.entry_id.not_in(_TWINS),
)


def _written(dialect: ModuleType) -> ClauseElement:
    adding = dialect.insert(shadow_entries).values({name: bindparam(name) for name in COLUMNS})
    new = {name: getattr(adding.excluded, name) for name in COLUMNS if name != "id"}
    upsert: ClauseElement = adding.on_conflict_do_update(index_elements=["id"], set_=new)
    return upsert


_PUT = Rows(_written)


class ShadowBook(Book):
    """A view of one transaction; what is written through it is the shadow's alone."""

    def __init__(self, book: Book, flow: str) -> None:
        super().__init__(book.connection)
        self._log = book.audit
        self._flow = flow

    @cached_property
    def audit(self) -> Audit:
        """The log of the whole transaction."""
        return self._log

    @cached_property
    def entries(self) -> ShadowEntries:
        """Where everybody would stand."""
        return ShadowEntries(self.connection, self.audit)

    @cached_property
    def effects(self) -> ShadowEffects:
        """What would have been done."""
        return ShadowEffects(self.connection, self.audit, self._flow)

    @cached_property
    def stops(self) -> ShadowStops:
        """What would have been off."""
        return ShadowStops(self.connection, self.audit)


class ShadowEntries(Entries):
    """The shadow's rows where the flow's own are asked for; `beside` asks for other flows, and those are real."""

    def put_all(self, changed: Sequence[Entry]) -> None:
        """Write them, new or not. Nobody holds a shadow entry."""
        _PUT.run(self._connection, [{**row_of(entry), "token": None} for entry in changed])
        self._log.wrote(shadow_entries, [entry.id for entry in changed])

    def get(self, ids: Iterable[str]) -> dict[str, Entry]:
        """Shadow entries by id."""
        return {entry.id: entry for entry in self._found(select(*_IN_ORDER).where(shadow_entries.c.id.in_(list(ids))))}

    def of_contacts(self, flow: str, ids: Iterable[str]) -> dict[str, list[Entry]]:
        """All shadow entries of these contacts in one flow, oldest first, by contact."""
        found: dict[str, list[Entry]] = {}
        theirs = (shadow_entries.c.contact_id.in_(list(ids)), shadow_entries.c.flow == flow)
        for entry in self._found(select(*_IN_ORDER).where(*theirs).order_by(shadow_entries.c.entered)):
            found.setdefault(entry.contact_id, []).append(entry)
        return found

    def inside(self, flow: str) -> int:
        """How many the rollout would have taken."""
        theirs = (shadow_entries.c.flow == flow, shadow_entries.c.lane == Lane.MACHINE.value)
        return self._connection.scalar(select(func.count()).where(*theirs)) or 0

    def overdue(self, flow: str, now: datetime) -> list[Entry]:
        """Hand-overs whose time would be over and that lead somewhere by themselves."""
        asked = (shadow_entries.c.flow == flow, shadow_entries.c.state == State.WORKLIST.value, shadow_entries.c.work == Work.STEP.value)
        query = select(*_IN_ORDER).where(text(ACTIVE), *asked, shadow_entries.c.due <= now, shadow_entries.c.or_when.is_not(None))
        return [entry for entry in self._found(query) if OVERDUE in entry.or_when]

    def page(self, flow: str, after: tuple[datetime, str] | None, limit: int, free_at: datetime | None = None) -> list[Entry]:
        """The next so many who are not over, by due time and id. `free_at`: only those the machine would look at then."""
        query = select(*_IN_ORDER).where(text(ACTIVE), shadow_entries.c.flow == flow)
        if free_at is not None:
            query = query.where(shadow_entries.c.state.in_(GOING), shadow_entries.c.due <= free_at)
        return self._found(_behind(query, after).limit(limit))

    def with_people_page(self, flow: str, after: tuple[datetime, str] | None, limit: int) -> list[Entry]:
        """The next so many of whom a person would have been asked."""
        asked = (shadow_entries.c.flow == flow, shadow_entries.c.state == State.WORKLIST.value)
        return self._found(_behind(select(*_IN_ORDER).where(text(ACTIVE), *asked), after).limit(limit))

    def _found(self, query: Select[tuple[object, ...]]) -> list[Entry]:
        return [entry_of(row) for row in self._connection.execute(query)]


class ShadowEffects(Effects):
    """Messages of other flows count as they are; those of this flow are what it would have sent instead of people."""

    def __init__(self, connection: Connection, log: Audit, flow: str) -> None:
        super().__init__(connection, log)
        self._flow = flow
        self._shadow = Shadow(connection, log)

    def at_steps(self, ids: Iterable[str], steps: Iterable[str]) -> dict[str, list[Effect]]:
        """What would have been done at these steps, by shadow entry."""
        found: dict[str, list[Effect]] = {}
        for row in self._shadow.at_steps(ids, steps):
            found.setdefault(row.entry_id, []).append(row.effect())
        return found

    def sent(self, ids: Iterable[str], since: datetime) -> dict[str, tuple[datetime, ...]]:
        """When these contacts would have been sent messages that count, newest first."""
        return {contact: tuple(at for at, _, _ in theirs) for contact, theirs in self._messages(ids, since).items()}

    def messages(self, ids: Iterable[str]) -> dict[str, list[tuple[datetime, str]]]:
        """Every message that they would have had, oldest first: when, and by which flow."""
        return {contact: [(at, flow) for at, flow, _ in reversed(theirs)] for contact, theirs in self._messages(ids).items()}

    def unanswered(self, ids: Iterable[str], answers: Iterable[str]) -> dict[str, list[tuple[datetime, str, str]]]:
        """The same since their last answer, newest first."""
        people = list(ids)
        query = select(events.c.contact_id, func.max(events.c.at)).where(events.c.contact_id.in_(people), events.c.kind.in_(list(answers)))
        last = dict(self._connection.execute(query.group_by(events.c.contact_id)).tuples().all())
        found = self._messages(people)
        return {who: [one for one in theirs if who not in last or one[0] > last[who]] for who, theirs in found.items()}

    def begun(self, since: datetime, flow: str = "") -> tuple[int, datetime | None]:
        """What the machine has begun, and what it would have begun."""
        (live, first), (ours, mine) = super().begun(since, flow), self._shadow.begun(self._flow, since)
        return live + ours, min((one for one in (first, mine) if one is not None), default=None)

    def _messages(self, ids: Iterable[str], since: datetime | None = None) -> Mapping[str, list[tuple[datetime, str, str]]]:
        people = list(ids)
        live = _LIVE if since is None else _LIVE.where(effects.c.at > since)
        rows = [*self._connection.execute(live, {"ids": people, "flow": self._flow}).tuples()]
        rows += self._shadow.messages(self._flow, people, since)
        found: defaultdict[str, list[tuple[datetime, str, str]]] = defaultdict(list)
        for contact, at, flow, action in sorted(rows, key=lambda row: row[1], reverse=True):
            found[contact].append((at, flow, action))
        return dict(found)


class ShadowStops(Stops):
    """Without the times that a dry run doesn't know: what `switch: dry-run` and a missing approval have cost."""

    def periods_since(self, flow: str, moment: datetime) -> list[Period]:
        """The off periods that would have been."""
        return [one for one in super().periods_since(flow, moment) if one.cause not in (f"flow {flow}", *_ABOUT_ALL)]


def _behind(query: Select[tuple[object, ...]], after: tuple[datetime, str] | None) -> Select[tuple[object, ...]]:
    due, name = shadow_entries.c.due, shadow_entries.c.id
    if after is not None:
        query = query.where(tuple_(due, name) > tuple_(literal(after[0], Moment), literal(after[1], Text)))
    return query.order_by(due, name)
