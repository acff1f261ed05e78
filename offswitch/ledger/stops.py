"""Stop rows, off periods, and the workers that have to see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.sql import ClauseElement

from offswitch.ledger.audit import Audit
from offswitch.ledger.rows import Rows
from offswitch.ledger.stop_tables import off_periods, stops
from offswitch.ledger.tables import cursors, leases, workers

WORKER_LASTS = timedelta(seconds=60)  # after its last sign of life
LAPSED = "itself: its time is over"  # who ends a stop with an end


@dataclass(frozen=True, slots=True)
class StopRow:
    """A stop in the ledger. `automatic` ones are cleared only by a named person's release; `until` is when it ends by itself."""

    id: int
    scope: str
    name: str
    reason: str
    automatic: bool
    by: str
    at: datetime
    until: datetime | None = None

    @property
    def flow(self) -> str:
        """The one flow that it is about, or "" for all."""
        return "" if self.scope in ("company", "channel", "connector") else self.name.partition("/")[0]

    @property
    def cause(self) -> str:
        """What the off period that it opens is called."""
        return self.scope if self.scope == "retirement" else f"{self.scope} {self.name.rpartition('/')[2]}".strip()


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that runs flows. `revision` and `halted` are what it last said it had seen."""

    id: str
    host: str
    pid: int
    flow: str
    seen: datetime
    until: datetime
    revision: str = ""
    halted: bool = False

    @property
    def ended(self) -> bool:
        """Did it end by itself? Then it has set its time to that instant; who dies leaves it as it was."""
        return self.until != self.seen + WORKER_LASTS


@dataclass(frozen=True, slots=True)
class Period:
    """A time in which a cause kept the machine from a flow or a part of it; `closed` None: it still does."""

    cause: str
    opened: datetime
    closed: datetime | None

    def holds(self, moment: datetime) -> bool:
        """Was it off at this instant?"""
        return self.opened <= moment and (self.closed is None or moment <= self.closed)

    @property
    def whole(self) -> bool:
        """Was it all of the flow?"""
        return self.cause.partition(" ")[0] not in ("channel", "connector", "step", "mode")

    @property
    def switched(self) -> bool:
        """Did somebody switch it off? Not: a broken file, a missing approval, a retirement that was undone."""
        return self.cause.partition(" ")[0] in ("company", "flow")


_NOW = select(stops).where(stops.c.ended.is_(None)).order_by(stops.c.id)
_PERIODS = select(off_periods.c.cause, off_periods.c.opened, off_periods.c.closed).where(off_periods.c.flow == bindparam("flow"))
_UNRELEASED = _PERIODS.where(off_periods.c.released.is_(None)).order_by(off_periods.c.id)
_SINCE = _PERIODS.where(or_(off_periods.c.closed.is_(None), off_periods.c.closed > bindparam("since")))


def _alive(dialect: ModuleType) -> ClauseElement:
    adding = dialect.insert(workers).values({name: bindparam(name) for name in Worker.__slots__})
    seen = {name: getattr(adding.excluded, name) for name in ("seen", "until", "revision", "halted", "flow")}
    upsert: ClauseElement = adding.on_conflict_do_update(index_elements=["id"], set_=seen)
    return upsert


_BEAT = Rows(_alive)


class Stops:
    """The stop rows of one transaction."""

    def __init__(self, connection: Connection, log: Audit) -> None:
        self._connection = connection
        self._log = log

    def now(self) -> list[StopRow]:
        """Every stop that has not ended."""
        return [_row(row) for row in self._connection.execute(_NOW)]

    def add(
        self, scope: str, name: str, *, reason: str, by: str, at: datetime, automatic: bool = False, until: datetime | None = None
    ) -> StopRow:
        """Stop something, and return what is in force. The same stop may be in force already: then only its end moves, never nearer."""
        same = (stops.c.scope == scope, stops.c.name == name, stops.c.automatic == automatic)
        there = self._connection.execute(_NOW.where(*same)).first()
        if there is None:
            row = {
                "scope": scope,
                "name": name,
                "reason": reason,
                "automatic": automatic,
                "by": by,
                "at": at,
                "ended_by": "",
                "until": until,
            }
            writing = self._connection.execute(insert(stops).values(row).returning(*stops.c)).one()
        elif there.until is None or (until is not None and until <= there.until):
            return _row(there)
        else:
            later = {"until": until, "by": by, "reason": reason or there.reason}
            writing = self._connection.execute(update(stops).where(stops.c.id == there.id).values(later).returning(*stops.c)).one()
        self._log.wrote(stops, [writing.id])
        return _row(writing)

    def end(self, scope: str, name: str, *, by: str, at: datetime) -> int:
        """End the manual stops of one thing. Automatic ones stay."""
        return self._end(by, at, stops.c.scope == scope, stops.c.name == name, stops.c.automatic.is_(False))

    def lift(self, name: str, source: str, *, by: str, at: datetime) -> int:
        """A named person's release: end the automatic stops that `source` has put on a flow. Returns how many."""
        return self._end(by, at, stops.c.scope == "flow", stops.c.name == name, stops.c.automatic, stops.c.by == source)

    def lapse(self, at: datetime) -> int:
        """End the stops whose time is over, like a person would. Until somebody calls this they hold."""
        return self._end(LAPSED, at, stops.c.until <= at)

    def _end(self, by: str, at: datetime, *which: ColumnElement[bool]) -> int:
        """A stop that no pass has seen was there all the same: it leaves the off period that a pass would have opened."""
        ending = update(stops).where(stops.c.ended.is_(None), *which).values(ended=at, ended_by=by)
        ended = [_row(row) for row in self._connection.execute(ending.returning(*stops.c))]
        self._log.wrote(stops, [row.id for row in ended])
        for row in ended:
            for flow in [row.flow] if row.flow else self._flows():
                if row.cause not in self.periods(flow):
                    self.open_period(flow, row.cause, row.reason, row.at)
        return len(ended)

    def _flows(self) -> list[str]:
        """Every flow that has looked at events. Dry runs and lists of opt-outs remember where they are beside them, and are none."""
        return [name for name in self._connection.scalars(select(cursors.c.flow)) if " " not in name]

    def lifted(self, name: str, source: str) -> datetime | None:
        """When such a stop of a flow was last released."""
        same = (stops.c.scope == "flow", stops.c.name == name, stops.c.automatic, stops.c.by == source)
        found: datetime | None = self._connection.scalar(select(func.max(stops.c.ended)).where(*same))
        return found

    def periods(self, flow: str) -> dict[str, datetime]:
        """The open off periods of a flow: since when, by cause."""
        return {period.cause: period.opened for period in self.unreleased(flow) if period.closed is None}

    def unreleased(self, flow: str) -> list[Period]:
        """The off periods of a flow that are open, or closed while what waited has not been let go yet."""
        return [Period(*row) for row in self._connection.execute(_UNRELEASED, {"flow": flow})]

    def periods_since(self, flow: str, moment: datetime) -> list[Period]:
        """The off periods that reach beyond an instant."""
        return [Period(*row) for row in self._connection.execute(_SINCE, {"flow": flow, "since": moment})]

    def released(self, flow: str) -> datetime | None:
        """When what waited was last let go."""
        found: datetime | None = self._connection.scalar(select(func.max(off_periods.c.released)).where(off_periods.c.flow == flow))
        return found

    def release(self, flow: str, at: datetime) -> None:
        """What waited for the closed periods has been let go."""
        closed = (off_periods.c.flow == flow, off_periods.c.closed.is_not(None), off_periods.c.released.is_(None))
        letting = update(off_periods).where(*closed).values(released=at)
        self._log.wrote(off_periods, self._connection.scalars(letting.returning(off_periods.c.id)))

    def open_period(self, flow: str, cause: str, reason: str, at: datetime) -> None:
        """The flow, or a part of it, is off from now."""
        opening = insert(off_periods).values(flow=flow, cause=cause, reason=reason, opened=at, closed_by="")
        self._log.wrote(off_periods, self._connection.scalars(opening.returning(off_periods.c.id)))

    def close_periods(self, flow: str, causes: Iterable[str], by: str, at: datetime) -> None:
        """The flow goes on after these."""
        still = (off_periods.c.flow == flow, off_periods.c.cause.in_(list(causes)), off_periods.c.closed.is_(None))
        closing = update(off_periods).where(*still).values(closed=at, closed_by=by)
        self._log.wrote(off_periods, self._connection.scalars(closing.returning(off_periods.c.id)))

    def beat(self, worker: Worker) -> None:
        """A worker is alive and has seen this much."""
        _BEAT.run(self._connection, [{name: getattr(worker, name) for name in worker.__slots__}])

    def gone(self, worker_id: str, at: datetime) -> None:
        """A worker has ended by itself."""
        self._connection.execute(update(workers).where(workers.c.id == worker_id).values(until=at))

    def live(self, now: datetime) -> list[Worker]:
        """Workers whose time has not run out."""
        rows = self._connection.execute(select(workers).where(workers.c.until > now).order_by(workers.c.seen))
        return [Worker(*row) for row in rows]

    def known(self, ids: Iterable[str]) -> list[Worker]:
        """Workers by id, alive or not."""
        return [Worker(*row) for row in self._connection.execute(select(workers).where(workers.c.id.in_(list(ids))))]

    def sweep(self, before: datetime) -> list[str]:
        """Forget workers that were gone by this instant and left no batch behind; returns who they were."""
        left = select(leases.c.token).where(leases.c.worker == workers.c.id, leases.c.ended.is_(None))
        return list(self._connection.scalars(delete(workers).where(workers.c.until < before, ~left.exists()).returning(workers.c.id)))

    def last_seen(self, flow: str) -> datetime | None:
        """When a worker of this flow was last seen."""
        found: datetime | None = self._connection.scalar(select(func.max(workers.c.seen)).where(workers.c.flow == flow))
        return found


def _row(row: Row[Any]) -> StopRow:
    return StopRow(row.id, row.scope, row.name, row.reason, row.automatic, row.by, row.at, row.until)
