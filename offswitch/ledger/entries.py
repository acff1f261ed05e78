"""Where each contact stands in each flow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select, text, update

from offswitch.ledger.audit import Audit
from offswitch.ledger.entry_rows import (
    ADD,
    BEHIND,
    DUE_NOW,
    FREE,
    FREE_BEHIND,
    GOING,
    HELD,
    HOLD,
    IN_ORDER,
    OF_FLOW,
    PAST_THEIR_TIME,
    PENDING_BY,
    PUT,
    RELEASE,
    changing,
    entry_of,
    row_of,
)
from offswitch.ledger.tables import ACTIVE, entries
from offswitch.model.entry import OVERDUE, Entry, State
from offswitch.model.verdict import Lane, Work


class Entries:
    """The entry rows of one transaction."""

    def __init__(self, connection: Connection, log: Audit) -> None:
        self._connection = connection
        self._log = log

    def add(self, entry: Entry) -> None:
        """A new entry."""
        ADD.run(self._connection, [row_of(entry)])
        self._log.wrote(entries, [entry.id])

    def add_all(self, new: Sequence[Entry]) -> None:
        """Many new entries."""
        ADD.run(self._connection, [row_of(entry) for entry in new])
        self._log.wrote(entries, [entry.id for entry in new])

    def claim(self, flow: str, now: datetime, token: int, limit: int, after: tuple[datetime, str] | None, version: str = "") -> list[Entry]:
        """Due entries that nobody holds, in order of their due time, now held under this token.

        `after` is the last entry of the batch before, so that one pass looks at everybody once. `version` is the code that
        looks at them now.
        """
        which: dict[str, Any] = {"flow": flow, "now": now, "limit": limit}
        if after is None:
            rows = self._connection.execute(FREE, which).all()
        else:
            rows = self._connection.execute(FREE_BEHIND, {**which, "after": after[0], "after_id": after[1]}).all()
        if rows:
            self._connection.execute(HOLD.values(token=token, version=version), {"ids": [row.id for row in rows]})
        self._log.wrote(entries, [row.id for row in rows if row.version != version])
        return [entry_of(row, token, version) for row in rows]

    def release(self, changed: Sequence[Entry]) -> int:
        """Write entries back and let them go. Rows whose token is no longer ours stay as they are; returns how many were ours."""
        self._log.wrote(entries, [entry.id for entry in changed])
        return RELEASE.run(self._connection, [{**changing(entry), "b_id": entry.id, "b_token": entry.token} for entry in changed])

    def put(self, entry: Entry) -> None:
        """Write back an entry whatever held it: an event or a person has changed it, and a worker's word no longer counts."""
        PUT.run(self._connection, [{**changing(entry), "b_id": entry.id}])
        self._log.wrote(entries, [entry.id])

    def put_all(self, changed: Sequence[Entry]) -> None:
        """The same for many."""
        PUT.run(self._connection, [{**changing(entry), "b_id": entry.id} for entry in changed])
        self._log.wrote(entries, [entry.id for entry in changed])

    def held(self, token: int) -> frozenset[str]:
        """Which entries a token still holds: since they were claimed, an event or a person may have taken some away."""
        return frozenset([found for (found,) in self._connection.execute(HELD, {"token": token})])

    def let_go(self, token: int) -> None:
        """Nobody holds what this token held."""
        self._connection.execute(update(entries).where(entries.c.token == token).values(token=None))

    def overdue(self, flow: str, now: datetime) -> list[Entry]:
        """Entries whose hand-over was due before now and leads somewhere by itself, untaken."""
        rows = self._connection.execute(PAST_THEIR_TIME, {"flow": flow, "now": now})
        return [entry for entry in map(entry_of, rows) if OVERDUE in entry.or_when and not entry.taken_by]

    def asked(self, flow: str) -> list[Entry]:
        """Entries of which a step has asked a person something."""
        theirs = (text(ACTIVE), entries.c.flow == flow, entries.c.state == State.WORKLIST.value, entries.c.work == Work.STEP.value)
        return [entry_of(row) for row in self._connection.execute(select(*IN_ORDER).where(*theirs))]

    def get(self, ids: Iterable[str]) -> dict[str, Entry]:
        """Entries by id."""
        rows = self._connection.execute(select(*IN_ORDER).where(entries.c.id.in_(list(ids))))
        return {row.id: entry_of(row) for row in rows}

    def of_contact(self, contact_id: str, flow: str = "") -> list[Entry]:
        """All entries of one contact, oldest first."""
        query = select(*IN_ORDER).where(entries.c.contact_id == contact_id)
        if flow:
            query = query.where(entries.c.flow == flow)
        return [entry_of(row) for row in self._connection.execute(query.order_by(entries.c.entered))]

    def of_contacts(self, flow: str, ids: Iterable[str]) -> dict[str, list[Entry]]:
        """All entries of these contacts in one flow, oldest first, by contact."""
        found: dict[str, list[Entry]] = {}
        query = select(*IN_ORDER).where(entries.c.flow == flow, entries.c.contact_id.in_(list(ids)))
        for row in self._connection.execute(query.order_by(entries.c.entered)):
            found.setdefault(row.contact_id, []).append(entry_of(row))
        return found

    def beside(self, flows: Iterable[str], ids: Iterable[str]) -> list[tuple[str, str, str, datetime, datetime, str]]:
        """Who of these contacts stands in these flows and is not over: contact, flow, id, due, since when first due, state."""
        columns = (entries.c.contact_id, entries.c.flow, entries.c.id, entries.c.due, entries.c.since, entries.c.state)
        query = select(*columns).where(text(ACTIVE), entries.c.contact_id.in_(list(ids)), entries.c.flow.in_(list(flows)))
        return list(self._connection.execute(query).tuples())

    def pending(self, flow: str, until: datetime | None = None) -> list[Entry]:
        """Every entry that is not over and due by then, in order of its due time."""
        query = OF_FLOW if until is None else PENDING_BY
        return [entry_of(row) for row in self._connection.execute(query, {"flow": flow, "until": until} if until else {"flow": flow})]

    def page(self, flow: str, after: tuple[datetime, str] | None, limit: int, free_at: datetime | None = None) -> list[Entry]:
        """The next so many who are not over, by due time and id, behind `after`. `free_at`: only whom a worker could claim then."""
        query = select(*IN_ORDER).where(text(ACTIVE), entries.c.flow == flow)
        if free_at is not None:
            query = query.where(entries.c.state.in_(GOING), entries.c.due <= free_at, entries.c.token.is_(None), entries.c.taken_by == "")
        if after is not None:
            query = query.where(BEHIND.params(after=after[0], after_id=after[1]))
        return [entry_of(row) for row in self._connection.execute(query.order_by(entries.c.due, entries.c.id).limit(limit))]

    def edited(
        self, flow: str, gone: Iterable[str], waits: Mapping[str, timedelta], after: tuple[datetime, str] | None, limit: int
    ) -> list[tuple[datetime, str]]:
        """Due time and id of entries in nobody's hands at steps that are gone, or with another wait than these, in that order."""
        other = [
            and_(entries.c.step == step, entries.c.state == State.WAITING.value, entries.c.wait != wait, entries.c.rule == "")
            for step, wait in waits.items()
        ]
        query = select(entries.c.due, entries.c.id).where(text(ACTIVE), entries.c.flow == flow)
        query = query.where(entries.c.token.is_(None), entries.c.taken_by == "", or_(entries.c.step.in_(list(gone)), *other))
        if after is not None:
            query = query.where(BEHIND.params(after=after[0], after_id=after[1]))
        return [(due, name) for due, name in self._connection.execute(query.order_by(entries.c.due, entries.c.id).limit(limit))]

    def by_step(self, flow: str) -> dict[str, int]:
        """How many entries that are not over stand at each step."""
        query = select(entries.c.step, func.count()).where(text(ACTIVE), entries.c.flow == flow).group_by(entries.c.step)
        return dict(self._connection.execute(query).tuples().all())

    def leading_to(self, flow: str) -> dict[str, int]:
        """For each step, for how many entries an event that they wait for leads there."""
        query = select(entries.c.or_when, func.count()).where(text(ACTIVE), entries.c.flow == flow, entries.c.or_when.is_not(None))
        found: Counter[str] = Counter()
        for or_when, count in self._connection.execute(query.group_by(entries.c.or_when)):
            found.update(dict.fromkeys({step for kind, step in or_when.items() if kind != OVERDUE}, count))
        return dict(found)

    def by_flow(self) -> dict[str, int]:
        """How many entries that are not over there are in each flow."""
        query = select(entries.c.flow, func.count()).where(text(ACTIVE)).group_by(entries.c.flow)
        return dict(self._connection.execute(query).tuples().all())

    def due_by(self, flow: str, until: datetime) -> int:
        """How many entries are due by then or with people already, in whosever lane."""
        query = select(func.count()).where(text(ACTIVE), entries.c.flow == flow)
        return self._connection.scalar(query.where(or_(entries.c.due <= until, entries.c.state == State.WORKLIST.value))) or 0

    def due_now(self, flow: str, now: datetime) -> int:
        """How many entries the machine would look at now."""
        return self._connection.scalar(DUE_NOW, {"flow": flow, "now": now}) or 0

    def with_people(self, flow: str) -> int:
        """How many entries somebody has taken, or that ask for a person, whether the flow is on or not."""
        theirs = or_(entries.c.taken_by != "", entries.c.state == State.WORKLIST.value)
        return self._connection.scalar(select(func.count()).where(text(ACTIVE), entries.c.flow == flow, theirs)) or 0

    def places(self, flow: str) -> dict[tuple[str, str], int]:
        """How many entries that are not over stand where, by step and state."""
        query = select(entries.c.step, entries.c.state, func.count()).where(text(ACTIVE), entries.c.flow == flow)
        rows = self._connection.execute(query.group_by(entries.c.step, entries.c.state).order_by(entries.c.step, entries.c.state))
        return {(step, state): count for step, state, count in rows}

    def census(self, flow: str, now: datetime) -> list[Row[Any]]:
        """How many who are not over stand where: step, state, version, whether taken, whether a worker holds them, whether due, count."""
        marks = (entries.c.taken_by != "", entries.c.token.is_not(None), entries.c.due <= now)
        what = (entries.c.step, entries.c.state, entries.c.version, *marks)
        return list(self._connection.execute(select(*what, func.count()).where(text(ACTIVE), entries.c.flow == flow).group_by(*what)))

    def some(self, flow: str, limit: int) -> list[Entry]:
        """The next so many who are not over, those in somebody's hands first."""
        query = select(*IN_ORDER).where(text(ACTIVE), entries.c.flow == flow)
        return [entry_of(row) for row in self._connection.execute(query.order_by(entries.c.taken_by == "", entries.c.due).limit(limit))]

    def exit_all(self, flow: str, rule: str, reason: str, now: datetime, limit: int) -> int:
        """End the journeys of so many who are not over yet, whoever holds them. Returns how many there were."""
        some = select(entries.c.id).where(text(ACTIVE), entries.c.flow == flow).limit(limit)
        over = {"state": State.EXITED.value, "rule": rule, "reason": reason, "work": "", "or_when": {}, "taken_by": "", "ended": now}
        ending = update(entries).where(entries.c.id.in_(some)).values(**over, token=None)
        ended = self._connection.scalars(ending.returning(entries.c.id)).all()
        self._log.wrote(entries, ended)
        return len(ended)

    def inside(self, flow: str) -> int:
        """How many entries the rollout has taken so far."""
        return self._connection.scalar(select(func.count()).where(entries.c.flow == flow, entries.c.lane == Lane.MACHINE.value)) or 0

    def entered_since(self, flow: str, at: datetime) -> int:
        """How many the rollout has taken after this instant."""
        query = select(func.count()).where(entries.c.flow == flow, entries.c.lane == Lane.MACHINE.value, entries.c.entered > at)
        return self._connection.scalar(query) or 0

    def counts(self, flow: str) -> dict[tuple[str, str], int]:
        """How many entries stand where, by state and reason."""
        query = select(entries.c.state, entries.c.reason, func.count()).where(entries.c.flow == flow)
        rows = self._connection.execute(query.group_by(entries.c.state, entries.c.reason))
        return {(state, reason): count for state, reason, count in rows}

    def standings(self, flow: str, now: datetime) -> list[Row[Any]]:
        """How many entries that are not over stand where: state, lane, whether due, count."""
        due = (entries.c.due <= now).label("is_due")
        query = select(entries.c.state, entries.c.lane, due, func.count())
        query = query.where(text(ACTIVE), entries.c.flow == flow)
        return list(self._connection.execute(query.group_by(entries.c.state, entries.c.lane, due)))

    def all(self) -> Iterable[Row[Any]]:
        """Every entry row."""
        return self._connection.execute(select(entries).order_by(entries.c.id))
