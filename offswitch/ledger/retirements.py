"""Flows that are being ended for good: who said so, and until when it can be undone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from offswitch.ledger.audit import Audit
from offswitch.ledger.stop_tables import retirements


@dataclass(frozen=True, slots=True)
class Retirement:
    """`done` is when everybody's journey was ended; before `until` it can be undone."""

    id: int
    flow: str
    by: str
    agreed_by: str
    why: str
    at: datetime
    until: datetime
    done: datetime | None


class Retirements:
    """The retirement rows of one transaction."""

    def __init__(self, connection: Connection, log: Audit) -> None:
        self._connection = connection
        self._log = log

    def add(self, flow: str, *, by: str, agreed_by: str, why: str, at: datetime, until: datetime) -> None:
        """From now on the flow is being retired."""
        row = {"flow": flow, "by": by, "agreed_by": agreed_by, "why": why, "at": at, "until": until, "undone_by": ""}
        self._log.wrote(retirements, self._connection.scalars(insert(retirements).values(row).returning(retirements.c.id)))

    def of(self, flow: str) -> Retirement | None:
        """The one in force, if there is one."""
        query = select(retirements).where(retirements.c.flow == flow, retirements.c.undone.is_(None))
        row = self._connection.execute(query.order_by(retirements.c.id.desc()).limit(1)).first()
        return Retirement(row.id, row.flow, row.by, row.agreed_by, row.why, row.at, row.until, row.done) if row else None

    def undo(self, retirement: Retirement, *, by: str, at: datetime) -> None:
        """The flow stays after all."""
        self._connection.execute(update(retirements).where(retirements.c.id == retirement.id).values(undone=at, undone_by=by))
        self._log.wrote(retirements, [retirement.id])

    def finish(self, retirement: Retirement, at: datetime) -> None:
        """Everybody's journey has been ended."""
        self._connection.execute(update(retirements).where(retirements.c.id == retirement.id).values(done=at))
        self._log.wrote(retirements, [retirement.id])
