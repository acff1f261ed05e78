"""What waits when a flow goes on after a stop: counted, and let go so many at a time, in the ledger so that every worker shares it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Integer, and_, case, func, literal, or_, select, text, type_coerce, update
from sqlalchemy.sql.dml import Update

from offswitch.ledger.audit import Audit
from offswitch.ledger.columns import micros
from offswitch.ledger.tables import ACTIVE, effects, entries
from offswitch.model.effect import Stage
from offswitch.model.entry import State
from offswitch.model.verdict import Lane

RULE = "release"  # of an entry that has been let go, at a later time
_MICROSECOND = timedelta(microseconds=1)


def _number(value: Any) -> ColumnElement[int]:
    return type_coerce(value, BigInteger)


_due, _since, _put_off, _ramp, _arrived, _wait = (
    _number(entries.c[name]) for name in ("due", "since", "put_off", "ramp", "arrived", "wait")
)
_LATER = entries.c.rule == RULE
# Reserved under a lease: on its way. What a worker has only claimed is taken from it.
_ON_ITS_WAY = (
    select(effects.c.key)
    .where(effects.c.entry_id == entries.c.id, effects.c.token == entries.c.token, effects.c.state == Stage.RESERVED.value)
    .exists()
)
_GOING = and_(entries.c.state.in_((State.WAITING.value, State.HELD.value)), entries.c.lane == Lane.MACHINE.value, entries.c.taken_by == "")


@dataclass(frozen=True, slots=True)
class Off:
    """When a flow was off, for the waits that are counted anew: `restart` from the end of it, else without it."""

    opened: datetime
    closed: datetime
    restart: bool


class Backlog:
    """The entries of one transaction that a release is about: the machine's own, in nobody's hands.

    `late_after`: what is later than this goes to a person or nowhere, so it takes nobody's place; None where it is sent.
    """

    def __init__(self, connection: Connection, log: Audit) -> None:
        self._connection = connection
        self._log = log

    def count(
        self, flow: str, now: datetime, late_after: timedelta | None, since: datetime | None = None, off: Off | None = None
    ) -> tuple[int, int]:
        """How many are due that may go out, and how many are due but too late.

        `since`: only those that were first due by then. `off`: without those whose wait will be counted anew.
        """
        late = _late(now, late_after)
        due = and_(_GOING, _due <= micros(now), *([_since <= micros(since)] if since else []))
        if off is not None:
            due = and_(due, ~_anew(off))
        counted = select(func.count().filter(~late), func.count().filter(late)).where(text(ACTIVE), entries.c.flow == flow, due)
        row = self._connection.execute(counted).one()
        return row[0], row[1]

    def spread(self, flow: str, now: datetime, count: int, window: timedelta, late_after: timedelta | None, reason: str) -> int:
        """Of what is due, and of what an earlier release has put off, `count` go now, and `count` more after each `window`.

        In the order of their due times. What the first window takes stays as it is. Returns how many wait for a later one.
        """
        free = or_(entries.c.token.is_(None), ~_ON_ITS_WAY)
        mine = and_(_GOING, or_(_due <= micros(now), _LATER), ~_late(now, late_after), free)
        place = (func.row_number().over(order_by=(entries.c.due, entries.c.id)) - 1).label("place")
        line = select(entries.c.id, place).where(text(ACTIVE), entries.c.flow == flow, mine).subquery()
        turn = line.c.place // literal(count, Integer)
        moment = literal(micros(now), BigInteger) + turn * literal(window // _MICROSECOND, BigInteger)
        delay = moment - case((_due > micros(now), _due), else_=literal(micros(now), BigInteger))
        moving = update(entries).where(entries.c.id == line.c.id, or_(turn > 0, _due > micros(now)))
        moved = self._move(moving, moment, delay, rule=RULE, reason=reason, state=State.WAITING.value, token=None)
        return sum(due > now for due in moved)

    def shift(self, flow: str, now: datetime) -> None:
        """A turn that is taken late moves all that follow: two turns are never less than a window apart."""
        later = and_(text(ACTIVE), entries.c.flow == flow, _GOING, _LATER)
        first = self._connection.scalar(select(func.min(_due)).where(later, _due <= micros(now), entries.c.token.is_(None)))
        if first is not None and first < micros(now):
            behind = literal(micros(now) - first, BigInteger)
            self._move(update(entries).where(later), _due + behind, behind)

    def turns(self, flow: str, now: datetime) -> tuple[int, datetime]:
        """How many still wait for their turn after a stop, and when the last of them has it."""
        waiting = select(func.count(), func.max(entries.c.due)).where(
            text(ACTIVE), entries.c.flow == flow, _GOING, _LATER, _due > micros(now)
        )
        wait, until = self._connection.execute(waiting).one()
        return wait, until or now

    def put_back(self, flow: str, now: datetime) -> None:
        """Off again: what was still to go is due as it was before. What it has waited for its turn stays put off."""
        left = case((_due > micros(now), _due - micros(now)), else_=literal(0, BigInteger))
        later = (text(ACTIVE), entries.c.flow == flow, _GOING, _LATER)
        self._move(update(entries).where(*later), _since, -left, rule="", reason="")

    def count_anew(self, flow: str, off: Off) -> int:
        """Waits that the stop fell into go on without it, or begin again. Absolute times stay. Returns how many there were."""
        opened, closed = micros(off.opened), literal(micros(off.closed), BigInteger)
        pause = closed - case((_arrived > opened, _arrived), else_=literal(opened, BigInteger))
        moment = closed + _wait if off.restart else _due + pause
        moving = update(entries).where(text(ACTIVE), entries.c.flow == flow, _anew(off)).values(due=moment, since=moment)
        return len(self._done(moving))

    def _move(self, moving: Update, due: ColumnElement[int], delay: ColumnElement[int], **more: Any) -> list[datetime]:
        return self._done(moving.values(due=due, put_off=_put_off + delay, ramp=_ramp + delay, **more))

    def _done(self, moving: Update) -> list[datetime]:
        """When those that have been moved are due now."""
        moved = self._connection.execute(moving.returning(entries.c.id, entries.c.due)).all()
        self._log.wrote(entries, [row.id for row in moved])
        return [row.due for row in moved]


def _late(now: datetime, after: timedelta | None) -> ColumnElement[bool]:
    if after is None:
        return literal(0) == 1
    return _since + _put_off + after // _MICROSECOND < micros(now)


def _anew(off: Off) -> ColumnElement[bool]:
    """Waits that were not over when the flow went off, in nobody's hands and approved by nobody."""
    waits = and_(entries.c.state == State.WAITING.value, entries.c.taken_by == "", entries.c.approved == "", _wait > 0)
    return and_(waits, _since > micros(off.opened), _arrived < micros(off.closed))
