"""Every effect under its send-once key. A key has one row for ever; that is what sends once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from offswitch.ledger.tables import COUNTED, OPEN, effects
from offswitch.model.effect import MACHINE, Effect, Stage

_COLUMNS = tuple(f.name for f in fields(Effect))
_RESERVING = ("state", "token", "slot", "at", "rule", "reason", "actor", "revision", "digest", "connector", "plan")
_outcome = (
    update(effects)
    .where(effects.c.key == bindparam("b_key"), effects.c.token == bindparam("b_token"), effects.c.state == Stage.RESERVED.value)
    .values({name: bindparam(name) for name in ("state", "reason", "reference", "at", "tries")})
)


class Effects:
    """The effect rows of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        insert = dialect.insert(effects)
        self._write = insert.on_conflict_do_update(
            index_elements=[effects.c.key],
            set_={name: getattr(insert.excluded, name) for name in _RESERVING},
            where=effects.c.state == Stage.PLANNED.value,
        )

    def write(self, rows: Sequence[Effect]) -> int:
        """Add effects. One that is there already changes only while it is `planned`. Returns how many were written."""
        return self._connection.execute(self._write, [_row(effect) for effect in rows]).rowcount if rows else 0

    def settle(self, rows: Sequence[tuple[Effect, Stage, str, str]], now: datetime) -> int:
        """Write down how reserved effects ended, as (effect, stage, reason, reference). Returns how many were still ours."""
        if not rows:
            return 0
        values = [
            {
                "b_key": effect.key,
                "b_token": effect.token,
                "state": stage.value,
                "reason": reason,
                "reference": reference,
                "at": effect.at if stage is Stage.PLANNED else now,  # what is tried again keeps its place in the queue
                "tries": effect.tries + 1,
            }
            for effect, stage, reason, reference in rows
        ]
        return self._connection.execute(_outcome, values).rowcount

    def put(self, effect: Effect) -> None:
        """Write one effect as it is now, as people's commands and recovery do."""
        self._connection.execute(update(effects).where(effects.c.key == effect.key).values(_row(effect)))

    def of_entries(self, ids: Iterable[str]) -> dict[str, list[Effect]]:
        """Effects by entry, in the order they were written."""
        found: dict[str, list[Effect]] = {}
        for row in self._connection.execute(select(effects).where(effects.c.entry_id.in_(list(ids))).order_by(effects.c.at)):
            found.setdefault(row.entry_id, []).append(_effect(row))
        return found

    def under(self, token: int) -> list[Effect]:
        """What is still reserved under a token."""
        query = select(effects).where(effects.c.token == token, effects.c.state == Stage.RESERVED.value)
        return [_effect(row) for row in self._connection.execute(query)]

    def queued(self, flow: str, limit: int, without: Sequence[str] = ()) -> list[Effect]:
        """CRM writes that wait to be performed, oldest first, leaving out those of some steps."""
        query = select(effects).where(text(OPEN), effects.c.flow == flow, effects.c.state == Stage.PLANNED.value)
        query = query.where(effects.c.body.is_not(None), effects.c.step.not_in(list(without)))
        return [_effect(row) for row in self._connection.execute(query.order_by(effects.c.at).limit(limit))]

    def unknown(self, flow: str) -> list[Effect]:
        """What may have been done and nobody knows."""
        query = select(effects).where(text(OPEN), effects.c.flow == flow, effects.c.state == Stage.UNKNOWN.value)
        return [_effect(row) for row in self._connection.execute(query.order_by(effects.c.at))]

    def sent(self, ids: Iterable[str], since: datetime) -> dict[str, tuple[datetime, ...]]:
        """When these contacts were sent messages that count, newest first, by machine and by hand, in all flows."""
        counted = (Stage.RESERVED.value, Stage.PERFORMED.value, Stage.UNKNOWN.value)
        query = select(effects.c.contact_id, effects.c.at).where(
            text(COUNTED), effects.c.contact_id.in_(list(ids)), effects.c.at > since, effects.c.state.in_(counted)
        )
        found: dict[str, list[datetime]] = {}
        for contact_id, at in self._connection.execute(query.order_by(effects.c.at.desc())):
            found.setdefault(contact_id, []).append(at)
        return {contact: tuple(times) for contact, times in found.items()}

    def tally(self, flow: str) -> list[Row[Any]]:
        """Counts `n` by step, action, state, `by` (machine or hand) and reason."""
        by = case((effects.c.actor == MACHINE, MACHINE), else_="hand").label("by")
        columns = (effects.c.step, effects.c.action, effects.c.state, by, effects.c.reason)
        query = select(*columns, func.count().label("n")).where(effects.c.flow == flow)
        return list(self._connection.execute(query.group_by(*columns).order_by(*columns)))

    def all(self) -> Iterable[Row[Any]]:
        """Every effect row."""
        return self._connection.execute(select(effects).order_by(effects.c.at, effects.c.key))


def _effect(row: Row[Any]) -> Effect:
    values = {name: getattr(row, name) for name in _COLUMNS}
    values["state"] = Stage(row.state)
    return Effect(**values)


def _row(effect: Effect) -> dict[str, Any]:
    row = {name: getattr(effect, name) for name in _COLUMNS}
    row["state"] = effect.state.value
    return row
