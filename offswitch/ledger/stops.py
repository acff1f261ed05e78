"""Stop rows, off periods, and the workers that have to see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType

from sqlalchemy import Connection, bindparam, func, insert, select, update
from sqlalchemy.sql import ClauseElement

from offswitch.ledger.rows import Rows
from offswitch.ledger.stop_tables import off_periods, stops
from offswitch.ledger.tables import workers


@dataclass(frozen=True, slots=True)
class StopRow:
    """A stop in the ledger. `automatic` ones are cleared only by a named person's release."""

    id: int
    scope: str
    name: str
    reason: str
    automatic: bool
    by: str
    at: datetime


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


_NOW = select(stops).where(stops.c.ended.is_(None)).order_by(stops.c.id)
_PERIODS = select(off_periods.c.cause, off_periods.c.opened).where(off_periods.c.flow == bindparam("flow"), off_periods.c.closed.is_(None))


def _alive(dialect: ModuleType) -> ClauseElement:
    adding = dialect.insert(workers).values({name: bindparam(name) for name in Worker.__slots__})
    seen = {name: getattr(adding.excluded, name) for name in ("seen", "until", "revision", "halted", "flow")}
    upsert: ClauseElement = adding.on_conflict_do_update(index_elements=["id"], set_=seen)
    return upsert


_BEAT = Rows(_alive)


class Stops:
    """The stop rows of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def now(self) -> list[StopRow]:
        """Every stop that has not ended."""
        rows = self._connection.execute(_NOW)
        return [StopRow(row.id, row.scope, row.name, row.reason, row.automatic, row.by, row.at) for row in rows]

    def add(self, scope: str, name: str, *, reason: str, by: str, at: datetime, automatic: bool = False) -> None:
        """Stop something, unless the same stop is in force already."""
        same = (stops.c.scope == scope, stops.c.name == name, stops.c.automatic == automatic, stops.c.ended.is_(None))
        if self._connection.scalar(select(stops.c.id).where(*same)) is None:
            row = {"scope": scope, "name": name, "reason": reason, "automatic": automatic, "by": by, "at": at, "ended_by": ""}
            self._connection.execute(insert(stops).values(row))

    def end(self, scope: str, name: str, *, by: str, at: datetime) -> int:
        """End the manual stops of one thing. Automatic ones stay."""
        same = (stops.c.scope == scope, stops.c.name == name, stops.c.automatic.is_(False), stops.c.ended.is_(None))
        return self._connection.execute(update(stops).where(*same).values(ended=at, ended_by=by)).rowcount

    def periods(self, flow: str) -> dict[str, datetime]:
        """The open off periods of a flow: since when, by cause."""
        return {row.cause: row.opened for row in self._connection.execute(_PERIODS, {"flow": flow})}

    def open_period(self, flow: str, cause: str, reason: str, at: datetime) -> None:
        """The flow, or a part of it, is off from now."""
        self._connection.execute(insert(off_periods).values(flow=flow, cause=cause, reason=reason, opened=at, closed_by=""))

    def close_periods(self, flow: str, causes: Iterable[str], by: str, at: datetime) -> None:
        """The flow goes on after these."""
        still = (off_periods.c.flow == flow, off_periods.c.cause.in_(list(causes)), off_periods.c.closed.is_(None))
        self._connection.execute(update(off_periods).where(*still).values(closed=at, closed_by=by))

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

    def last_seen(self, flow: str) -> datetime | None:
        """When a worker of this flow was last seen."""
        found: datetime | None = self._connection.scalar(select(func.max(workers.c.seen)).where(workers.c.flow == flow))
        return found
