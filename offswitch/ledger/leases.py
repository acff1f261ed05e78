"""Who is working on what, for how long. One row per batch; its number is the fencing token and only grows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from offswitch.ledger.tables import leases

_EXTEND = (
    update(leases)
    .where(leases.c.token == bindparam("b_token"), leases.c.ended.is_(None), leases.c.until > bindparam("now"))
    .values(until=bindparam("longer"))
)
_END = update(leases).where(leases.c.token == bindparam("b_token")).values(ended=bindparam("now"))
_LAPSED = select(leases).where(leases.c.flow == bindparam("flow"), leases.c.ended.is_(None), leases.c.until <= bindparam("now"))


@dataclass(frozen=True, slots=True)
class Lease:
    """A batch in a worker's hands."""

    token: int
    worker: str
    flow: str
    until: datetime


class Leases:
    """The lease rows of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take(self, worker: str, flow: str, now: datetime, until: datetime) -> Lease:
        """A new lease with a token larger than any before."""
        row = {"worker": worker, "flow": flow, "taken": now, "until": until}
        token = self._connection.execute(insert(leases).values(row).returning(leases.c.token)).scalar_one()
        return Lease(token, worker, flow, until)

    def extend(self, lease: Lease, now: datetime, until: datetime) -> bool:
        """Keep a lease longer. False when it has been ended or has lapsed: then nothing of it is ours any more."""
        return self._connection.execute(_EXTEND, {"b_token": lease.token, "now": now, "longer": until}).rowcount == 1

    def end(self, token: int, now: datetime) -> None:
        """The batch is over, or taken away."""
        self._connection.execute(_END, {"b_token": token, "now": now})

    def lapsed(self, flow: str, now: datetime) -> list[Lease]:
        """Leases whose time ran out without an end."""
        rows = self._connection.execute(_LAPSED, {"flow": flow, "now": now})
        return [Lease(row.token, row.worker, row.flow, row.until) for row in rows]

    def of_worker(self, worker: str) -> list[Lease]:
        """Leases that a worker never ended."""
        query = select(leases).where(leases.c.worker == worker, leases.c.ended.is_(None))
        return [Lease(row.token, row.worker, row.flow, row.until) for row in self._connection.execute(query)]

    def sweep(self, before: datetime) -> int:
        """Forget batches that ended before this instant. Tokens go on growing all the same."""
        return self._connection.execute(delete(leases).where(leases.c.ended < before)).rowcount
