"""An entry as a row, and the statements that are asked for every window: built once."""

from __future__ import annotations

from dataclasses import fields
from operator import attrgetter
from types import ModuleType
from typing import Any

from sqlalchemy import Row, Text, bindparam, func, insert, null, or_, select, text, tuple_, update
from sqlalchemy.sql import ClauseElement

from offswitch.ledger.columns import Moment
from offswitch.ledger.rows import Rows
from offswitch.ledger.tables import ACTIVE, entries
from offswitch.model.entry import Entry, State
from offswitch.model.verdict import Lane, Work

GOING = (State.WAITING.value, State.HELD.value)
_CHANGING = (
    "step", "visits", "state", "rule", "reason", "work", "due", "since", "put_off", "or_when", "approved", "taken_by",
    "ended", "arrived", "wait", "version", "ramp", "doubts",
)  # fmt: skip
_SAME = ("id", "flow", "contact_id", "subject", "event_id", "lane_reason", "token", "entered")
COLUMNS = tuple(field.name for field in fields(Entry))
IN_ORDER = [entries.c[name] for name in COLUMNS]
_STATE, _WORK, _LANE, _TOKEN, _VERSION = (COLUMNS.index(name) for name in ("state", "work", "lane", "token", "version"))
_changing_of = attrgetter(*_CHANGING)
_STATES = {state.value: state for state in State}
_WORKS = {"": None, **{work.value: work for work in Work}}
_LANES = {lane.value: lane for lane in Lane}


def _changed(_dialect: ModuleType) -> ClauseElement:
    return (
        update(entries).where(entries.c.id == bindparam("b_id")).values({**{name: bindparam(name) for name in _CHANGING}, "token": null()})
    )


def _released(_dialect: ModuleType) -> ClauseElement:
    changed: Any = _changed(_dialect)
    let_go: ClauseElement = changed.where(entries.c.token == bindparam("b_token"))
    return let_go


def _added(_dialect: ModuleType) -> ClauseElement:
    return insert(entries).values({column.name: bindparam(column.name) for column in entries.c})


# Behind one place in the order of claims. As a row: else an index walks past everybody who is due at the same instant, at every page.
BEHIND = tuple_(entries.c.due, entries.c.id) > tuple_(bindparam("after", type_=Moment), bindparam("after_id", type_=Text))
ADD, PUT, RELEASE = Rows(_added), Rows(_changed), Rows(_released)
HOLD = update(entries).where(entries.c.id.in_(bindparam("ids", expanding=True)))
HELD = select(entries.c.id).where(entries.c.token == bindparam("token"))
OF_FLOW = select(*IN_ORDER).where(text(ACTIVE), entries.c.flow == bindparam("flow")).order_by(entries.c.due, entries.c.id)
PENDING_BY = OF_FLOW.where(or_(entries.c.due <= bindparam("until"), entries.c.state == State.WORKLIST.value))
_DUE = OF_FLOW.where(entries.c.state.in_(GOING), entries.c.due <= bindparam("now"))
FREE = (
    _DUE.where(entries.c.token.is_(None), entries.c.taken_by == "")
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)  # SQLite has one writer
)
FREE_BEHIND = FREE.where(
    BEHIND,
)
DUE_NOW = select(func.count()).where(
    text(ACTIVE),
    entries.c.flow == bindparam("flow"),
    entries.c.state.in_(GOING),
    entries.c.due <= bindparam("now"),
    entries.c.lane == Lane.MACHINE.value,
    entries.c.taken_by == "",
)
PAST_THEIR_TIME = select(*IN_ORDER).where(
    text(ACTIVE),
    entries.c.flow == bindparam("flow"),
    entries.c.state == State.WORKLIST.value,
    entries.c.work == Work.STEP.value,
    entries.c.due <= bindparam("now"),
    entries.c.or_when.is_not(None),
)


def entry_of(row: Row[Any], token: int | None = None, version: str = "") -> Entry:
    """From a row of `COLUMNS`."""
    values = list(row)
    values[_STATE], values[_WORK], values[_LANE] = _STATES[values[_STATE]], _WORKS[values[_WORK]], _LANES[values[_LANE]]
    if token is not None:
        values[_TOKEN], values[_VERSION] = token, version
    return Entry(*values)


def changing(entry: Entry) -> dict[str, Any]:
    """The values that a move may change, by column."""
    row = dict(zip(_CHANGING, _changing_of(entry), strict=True))
    row["state"] = entry.state.value
    row["work"] = entry.work.value if entry.work else ""
    row["since"] = entry.since or entry.due
    return row


def row_of(entry: Entry) -> dict[str, Any]:
    """Values by column."""
    return {**changing(entry), **{name: getattr(entry, name) for name in _SAME}, "lane": entry.lane.value}
