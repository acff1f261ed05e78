"""Which policies were in force, where each ramp stands, and what ran."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from offswitch.ledger.audit import Audit
from offswitch.ledger.tables import leases, revisions, rungs, runs


class History:
    """The revision, rung and run rows of one transaction."""

    def __init__(self, connection: Connection, log: Audit) -> None:
        self._connection = connection
        self._log = log

    def last_policy(self, flow: str) -> Row[tuple[int, str, str, datetime]] | None:
        """The newest valid policy of a flow: number, digest, text, when."""
        query = select(revisions.c.n, revisions.c.digest, revisions.c.policy, revisions.c.at).where(revisions.c.flow == flow)
        return self._connection.execute(query.order_by(revisions.c.n.desc()).limit(1)).first()

    def add_policy(self, flow: str, digest: str, policy: str, at: datetime) -> None:
        """A new valid policy is in force."""
        adding = insert(revisions).values(flow=flow, digest=digest, policy=policy, at=at)
        self._log.wrote(revisions, self._connection.scalars(adding.returning(revisions.c.n)))

    def rung(self, flow: str) -> int:
        """Where the flow stands on its ladder, counted from 0."""
        return self._connection.scalar(select(rungs.c.rung).where(rungs.c.flow == flow).order_by(rungs.c.n.desc()).limit(1)) or 0

    def rung_since(self, flow: str) -> datetime | None:
        """When it last came to a rung, or a person released it there; None while it has never moved."""
        found: datetime | None = self._connection.scalar(select(rungs.c.at).where(rungs.c.flow == flow).order_by(rungs.c.n.desc()).limit(1))
        return found

    def set_rung(self, flow: str, rung: int, *, by: str, why: str, at: datetime) -> None:
        """Step up or down the ladder."""
        adding = insert(rungs).values(flow=flow, rung=rung, by=by, why=why, at=at)
        self._log.wrote(rungs, self._connection.scalars(adding.returning(rungs.c.n)))

    def start_run(self, run_id: str, flow: str, at: datetime) -> None:
        """A pass begins."""
        self._connection.execute(insert(runs).values(id=run_id, flow=flow, started=at))

    def end_run(self, run_id: str, at: datetime, report: Mapping[str, Any]) -> None:
        """A pass ended, with this report."""
        self._connection.execute(update(runs).where(runs.c.id == run_id).values(ended=at, report=dict(report)))
        if report:
            self._log.wrote(runs, [run_id])

    def last_run(self, flow: str) -> Row[Any] | None:
        """The newest pass of a flow."""
        return self._connection.execute(select(runs).where(runs.c.flow == flow).order_by(runs.c.started.desc()).limit(1)).first()

    def first_run(self, flow: str) -> datetime | None:
        """When the first pass of a flow began."""
        found: datetime | None = self._connection.scalar(select(func.min(runs.c.started)).where(runs.c.flow == flow))
        return found

    def sweep(self, before: datetime) -> int:
        """Forget passes before this instant that did nothing. What did something is in the log; of each flow the first and last stay."""
        other = runs.alias("other")
        earlier = select(other.c.id).where(other.c.flow == runs.c.flow, other.c.started < runs.c.started)
        later = select(other.c.id).where(other.c.flow == runs.c.flow, other.c.started > runs.c.started)
        idle = (runs.c.started < before, runs.c.report.is_(None), earlier.exists(), later.exists())
        return self._connection.execute(delete(runs).where(*idle)).rowcount

    def newest_time(self) -> datetime | None:
        """When the last pass or batch began, by the clock of whoever ran it. The names of passes are in order of time."""
        queries = (select(runs.c.started).order_by(runs.c.id.desc()), select(leases.c.taken).order_by(leases.c.token.desc()))
        found = [self._connection.scalar(query.limit(1)) for query in queries]
        return max((one for one in found if one is not None), default=None)
