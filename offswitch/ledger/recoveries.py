"""Times that the ledger has lost because a backup was restored: what was done in them may be done again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from offswitch.ledger.audit import Audit
from offswitch.ledger.stop_tables import recoveries
from offswitch.ledger.tables import events, leases, runs, work

_LOST_UNTIL = select(func.max(recoveries.c.until))


@dataclass(frozen=True, slots=True)
class Recovery:
    """Nothing is known of what happened between `since` and `until`. `by` took the risk of going on, `agreed_by` agreed."""

    since: datetime
    until: datetime
    gone: int
    by: str
    agreed_by: str
    why: str
    at: datetime


class Recoveries:
    """The recovery rows of one transaction."""

    def __init__(self, connection: Connection, log: Audit) -> None:
        self._connection = connection
        self._log = log

    def lost_until(self) -> datetime | None:
        """The end of the last time that was lost, None when nothing ever was."""
        found: datetime | None = self._connection.scalar(_LOST_UNTIL)
        return found

    def newest(self, before: datetime) -> datetime | None:
        """When the last thing was written that is older than this: a copy is at least as new."""
        columns = (runs.c.started, leases.c.taken, events.c.received, work.c.done_at)
        found = [self._connection.scalar(select(func.max(column)).where(column < before)) for column in columns]
        return max((one for one in found if one is not None), default=None)

    def add(self, recovery: Recovery) -> None:
        """Somebody took the risk."""
        row = {name: getattr(recovery, name) for name in recovery.__slots__}
        self._log.wrote(recoveries, self._connection.scalars(insert(recoveries).values(row).returning(recoveries.c.id)))
