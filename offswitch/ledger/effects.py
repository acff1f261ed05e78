"""Every effect under its send-once key. A key has one row for ever; that is what sends once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from operator import attrgetter
from types import ModuleType
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, bindparam, case, func, literal_column, select, text, update
from sqlalchemy.sql import ClauseElement

from offswitch.ledger.audit import Audit
from offswitch.ledger.rows import Rows
from offswitch.ledger.tables import ACTIVE, COUNTED, OPEN, effects, entries, events, leases
from offswitch.model.effect import MACHINE, Effect, Stage

_COLUMNS = tuple(f.name for f in fields(Effect))
_IN_ORDER = [effects.c[name] for name in _COLUMNS]
_values_of = attrgetter(*_COLUMNS)
_STATE = _COLUMNS.index("state")
_STAGES = {stage.value: stage for stage in Stage}
_COUNTED = (Stage.RESERVED.value, Stage.PERFORMED.value, Stage.UNKNOWN.value)
_RESERVING = ("state", "token", "slot", "at", "rule", "reason", "actor", "revision", "digest", "connector", "plan", "variant")
_SETTLING = ("state", "reason", "reference", "at", "tries")


def _add_or_reserve(dialect: ModuleType) -> ClauseElement:
    adding = dialect.insert(effects).values({name: bindparam(name) for name in _COLUMNS})
    upsert: ClauseElement = adding.on_conflict_do_update(
        index_elements=[effects.c.key],
        set_={name: getattr(adding.excluded, name) for name in _RESERVING},
        where=effects.c.state == literal_column(f"'{Stage.PLANNED.value}'"),
    )
    return upsert


def _outcome(_dialect: ModuleType) -> ClauseElement:
    reserved = effects.c.state == literal_column(f"'{Stage.RESERVED.value}'")
    ours = (effects.c.key == bindparam("b_key"), effects.c.token == bindparam("b_token"), reserved)
    return update(effects).where(*ours).values({name: bindparam(name) for name in _SETTLING})


_WRITE, _SETTLE = Rows(_add_or_reserve), Rows(_outcome)
_ids: BindParameter[list[str]] = bindparam("ids", expanding=True)
_OF_ENTRIES = select(*_IN_ORDER).where(effects.c.entry_id.in_(_ids)).order_by(effects.c.at)
_AT_STEPS = _OF_ENTRIES.where(effects.c.step.in_(bindparam("steps", expanding=True)))
_SENT = (
    select(effects.c.contact_id, effects.c.at)
    .where(text(COUNTED), effects.c.contact_id.in_(_ids), effects.c.at > bindparam("since"), effects.c.state.in_(_COUNTED))
    .order_by(effects.c.at.desc())
)
_MESSAGES = (
    select(effects.c.contact_id, effects.c.at, effects.c.flow)
    .where(text(COUNTED), effects.c.contact_id.in_(_ids), effects.c.state.in_(_COUNTED))
    .order_by(effects.c.at)
)
_QUEUED = (
    select(*_IN_ORDER)
    .where(text(OPEN), effects.c.flow == bindparam("flow"), effects.c.state == Stage.PLANNED.value, effects.c.body.is_not(None))
    .where(effects.c.step.not_in(bindparam("without", expanding=True)))
    .order_by(effects.c.at)
    .limit(bindparam("limit"))
)
_BEGUN_IN = (Stage.RESERVED.value, Stage.PERFORMED.value, Stage.UNKNOWN.value, Stage.FAILED.value)
_LONGEST_BATCH = timedelta(minutes=15)  # a lease holds for a minute at a time, and a batch has at most ten windows
_RATE_LOCK = 7_237_104_926  # a number that nothing else in the database locks
_FIRST = select(leases.c.token).where(leases.c.taken <= bindparam("before")).order_by(leases.c.token.desc()).limit(1)
_BEGUN = select(func.count(), func.min(effects.c.at)).where(
    effects.c.token.is_not(None),
    effects.c.token > func.coalesce(_FIRST.scalar_subquery(), 0),
    text(COUNTED),
    effects.c.at > bindparam("since", type_=effects.c.at.type),
    effects.c.state.in_(_BEGUN_IN),
)
_BEGUN_BY = _BEGUN.where(effects.c.flow == bindparam("flow"))
_answered = (
    select(func.max(events.c.at))
    .where(events.c.contact_id == effects.c.contact_id, events.c.kind.in_(bindparam("answers", expanding=True)))
    .correlate(effects)
    .scalar_subquery()
)
_UNANSWERED = (
    select(effects.c.contact_id, effects.c.at, effects.c.flow, effects.c.action)
    .where(text(COUNTED), effects.c.contact_id.in_(_ids), effects.c.state.in_(_COUNTED), effects.c.at > func.coalesce(_answered, 0))
    .order_by(effects.c.at.desc())
)


class Effects:
    """The effect rows of one transaction."""

    def __init__(self, connection: Connection, log: Audit) -> None:
        self._connection = connection
        self._log = log

    def write(self, rows: Sequence[Effect]) -> int:
        """Add effects. One that is there already changes only while it is `planned`. Returns how many were written."""
        self._log.wrote(effects, [effect.key for effect in rows])
        return _WRITE.run(self._connection, [_row(effect) for effect in rows])

    def settle(self, rows: Sequence[tuple[Effect, Stage, str, str]], now: datetime) -> int:
        """Write down how reserved effects ended, as (effect, stage, reason, reference). Returns how many were still ours."""
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
        self._log.wrote(effects, [effect.key for effect, *_ in rows])
        return _SETTLE.run(self._connection, values)

    def put(self, effect: Effect) -> None:
        """Write one effect as it is now, as people's commands and recovery do."""
        self._connection.execute(update(effects).where(effects.c.key == effect.key).values(_row(effect)))
        self._log.wrote(effects, [effect.key])

    def of_entries(self, ids: Iterable[str]) -> dict[str, list[Effect]]:
        """Effects by entry, in the order they were written."""
        return _by_entry(self._connection.execute(_OF_ENTRIES, {"ids": list(ids)}))

    def at_steps(self, ids: Iterable[str], steps: Iterable[str]) -> dict[str, list[Effect]]:
        """The same for some steps alone: what was done at others needs no reading when a step is decided."""
        return _by_entry(self._connection.execute(_AT_STEPS, {"ids": list(ids), "steps": list(steps)}))

    def under(self, token: int) -> list[Effect]:
        """What is still reserved under a token."""
        query = select(*_IN_ORDER).where(effects.c.token == token, effects.c.state == Stage.RESERVED.value)
        return [_effect(row) for row in self._connection.execute(query)]

    def queued(self, flow: str, limit: int, without: Sequence[str] = ()) -> list[Effect]:
        """CRM writes that wait to be performed, oldest first, leaving out those of some steps."""
        rows = self._connection.execute(_QUEUED, {"flow": flow, "without": list(without), "limit": limit})
        return [_effect(row) for row in rows]

    def unknown(self, flow: str) -> list[Effect]:
        """What may have been done and nobody knows."""
        query = select(*_IN_ORDER).where(text(OPEN), effects.c.flow == flow, effects.c.state == Stage.UNKNOWN.value)
        return [_effect(row) for row in self._connection.execute(query.order_by(effects.c.at))]

    def sent(self, ids: Iterable[str], since: datetime) -> dict[str, tuple[datetime, ...]]:
        """When these contacts were sent messages that count, newest first, by machine and by hand, in all flows."""
        found: dict[str, list[datetime]] = {}
        for contact_id, at in self._connection.execute(_SENT, {"ids": list(ids), "since": since}):
            found.setdefault(contact_id, []).append(at)
        return {contact: tuple(times) for contact, times in found.items()}

    def messages(self, ids: Iterable[str]) -> dict[str, list[tuple[datetime, str]]]:
        """Every message that these contacts were sent, by machine and by hand, oldest first: when, and by which flow."""
        found: dict[str, list[tuple[datetime, str]]] = {}
        for contact_id, at, flow in self._connection.execute(_MESSAGES, {"ids": list(ids)}):
            found.setdefault(contact_id, []).append((at, flow))
        return found

    def lock_rate(self) -> None:
        """Until the commit nobody else counts what was begun. A store with one writer needs no lock."""
        if self._connection.dialect.name != "sqlite":
            self._connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _RATE_LOCK})

    def begun(self, since: datetime, flow: str = "") -> tuple[int, datetime | None]:
        """How many messages the machine has begun since then, in one flow or all, and when the first of them.

        Found by their tokens, which grow with time: nothing is read of what is older than a batch can be.
        """
        said = {"since": since, "before": since - _LONGEST_BATCH}
        count, first = self._connection.execute(_BEGUN_BY if flow else _BEGUN, {**said, "flow": flow} if flow else said).one()
        return count, first

    def unanswered(self, ids: Iterable[str], answers: Iterable[str]) -> dict[str, list[tuple[datetime, str, str]]]:
        """When these contacts were sent messages since the last event of these kinds, newest first, with flow and action."""
        found: dict[str, list[tuple[datetime, str, str]]] = {}
        for contact_id, at, flow, action in self._connection.execute(_UNANSWERED, {"ids": list(ids), "answers": list(answers)}):
            found.setdefault(contact_id, []).append((at, flow, action))
        return found

    def had(self, flow: str, step: str, action: str) -> int:
        """How many of those who stand at this step have had this action done before, at whatever step."""
        before = select(effects.c.key).where(effects.c.entry_id == entries.c.id, effects.c.action == action, effects.c.state.in_(_COUNTED))
        query = select(func.count()).select_from(entries).where(text(ACTIVE), entries.c.flow == flow, entries.c.step == step)
        return self._connection.scalar(query.where(before.exists())) or 0

    def tally(self, flow: str) -> list[Row[Any]]:
        """Counts `n` by step, action, state, `by` (machine or hand) and reason."""
        by = case((effects.c.actor == MACHINE, MACHINE), else_="hand").label("by")
        columns = (effects.c.step, effects.c.action, effects.c.state, by, effects.c.reason)
        query = select(*columns, func.count().label("n")).where(effects.c.flow == flow)
        return list(self._connection.execute(query.group_by(*columns).order_by(*columns)))

    def all(self) -> Iterable[Row[Any]]:
        """Every effect row."""
        return self._connection.execute(select(effects).order_by(effects.c.at, effects.c.key))


def _by_entry(rows: Iterable[Row[Any]]) -> dict[str, list[Effect]]:
    found: dict[str, list[Effect]] = {}
    for effect in map(_effect, rows):
        found.setdefault(effect.entry_id, []).append(effect)
    return found


def _effect(row: Row[Any]) -> Effect:
    values = list(row)
    values[_STATE] = _STAGES[values[_STATE]]
    return Effect(*values)


def _row(effect: Effect) -> dict[str, Any]:
    row = dict(zip(_COLUMNS, _values_of(effect), strict=True))
    row["state"] = effect.state.value
    return row
