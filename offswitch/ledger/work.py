"""What people took, did, approved or skipped. Nothing is written here before they do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from offswitch.ledger.audit import Audit
from offswitch.ledger.dialect import dialect_of
from offswitch.ledger.tables import effects, entries, work
from offswitch.model.effect import MACHINE, Stage
from offswitch.model.entry import State

_NOT_DONE = ("", "approve", "got-it", "did-not")  # what people answer for the machine to go on, or about what it did
_BY_MACHINE = (Stage.RESERVED.value, Stage.PERFORMED.value, Stage.UNKNOWN.value)


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One person's hand on one visit. `draft` keeps what they saw when they took it."""

    entry_id: str
    step: str
    visit: int
    taken_by: str = ""
    taken_at: datetime | None = None
    outcome: str = ""
    done_by: str = ""
    done_at: datetime | None = None
    note: str = ""
    minutes: int | None = None
    draft: Mapping[str, Any] = field(default_factory=dict)


class WorkRows:
    """The work rows of one transaction."""

    def __init__(self, connection: Connection, log: Audit) -> None:
        self._connection = connection
        self._log = log

    def put(self, row: WorkRow) -> None:
        """Write what a person did, over what they did before to the same visit."""
        dialect = dialect_of(self._connection.dialect.name)
        values = {name: getattr(row, name) for name in row.__slots__}
        keys = ("entry_id", "step", "visit")
        changing = {name: value for name, value in values.items() if name not in keys}
        self._connection.execute(dialect.insert(work).values(values).on_conflict_do_update(index_elements=keys, set_=changing))
        self._log.wrote(work, [(row.entry_id, row.step, str(row.visit))])

    def of_entries(self, ids: Iterable[str]) -> dict[tuple[str, str, int], WorkRow]:
        """Work rows by entry, step and visit."""
        rows = self._connection.execute(select(work).where(work.c.entry_id.in_(list(ids))))
        return {(row.entry_id, row.step, row.visit): WorkRow(*row) for row in rows}

    def done_by_outcome(self, flow: str) -> dict[str, int]:
        """How many items people closed, by outcome."""
        query = select(work.c.outcome, func.count().label("n")).join(entries, entries.c.id == work.c.entry_id)
        rows = self._connection.execute(query.where(entries.c.flow == flow, work.c.outcome != "").group_by(work.c.outcome))
        return {row.outcome: row.n for row in rows}

    def paths(self, flow: str, most: int) -> list[tuple[str, ...]]:
        """What people answered at each step, `step:outcome`, in each of the newest entries that they finished by hand.

        An entry counts when it is finished, a person did at least one of its steps, and the machine did nothing outside for it.
        """
        machine = select(effects.c.key).where(
            effects.c.entry_id == work.c.entry_id, effects.c.actor == MACHINE, effects.c.state.in_(_BY_MACHINE)
        )
        newest = (
            select(work.c.entry_id)
            .join(entries, entries.c.id == work.c.entry_id)
            .where(entries.c.flow == flow, entries.c.state == State.FINISHED.value, work.c.outcome.not_in((*_NOT_DONE, "skip")))
            .where(~machine.exists())
            .group_by(work.c.entry_id)
            .order_by(func.max(work.c.done_at).desc(), work.c.entry_id)
            .limit(most)
        )
        query = select(work.c.entry_id, work.c.step, work.c.outcome).where(work.c.entry_id.in_(newest), work.c.outcome.not_in(_NOT_DONE))
        found: dict[str, list[str]] = {}
        for entry_id, step, outcome in self._connection.execute(query.order_by(work.c.done_at, work.c.visit, work.c.step)):
            found.setdefault(entry_id, []).append(f"{step}:{outcome}")
        return [tuple(path) for path in found.values()]

    def minutes(self, flow: str, since: datetime) -> list[int]:
        """How long people said that they took, one number per item closed since then."""
        query = select(work.c.minutes).join(entries, entries.c.id == work.c.entry_id)
        query = query.where(entries.c.flow == flow, work.c.minutes.is_not(None), work.c.done_at > since)
        return list(self._connection.scalars(query))

    def all(self) -> Iterable[Row[Any]]:
        """Every work row."""
        return self._connection.execute(select(work).order_by(work.c.entry_id, work.c.step, work.c.visit))
