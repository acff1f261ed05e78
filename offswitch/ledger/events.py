"""Everything that happened, kept before anybody decides what it means; and what each flow made of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from offswitch.ledger.audit import Audit
from offswitch.ledger.tables import admissions, cursors, events
from offswitch.model.event import Happened

_IN_ORDER = [events.c[field.name] for field in fields(Happened)]
_OF_CONTACTS = (
    select(*_IN_ORDER)
    .where(events.c.contact_id.in_(bindparam("ids", expanding=True)))
    .order_by(events.c.contact_id, events.c.at, events.c.seq)
)
_CURSOR = select(cursors.c.seq).where(cursors.c.flow == bindparam("flow"))
_AFTER = select(events).where(events.c.seq > bindparam("after")).order_by(events.c.seq).limit(bindparam("limit"))
_SEEN = select(func.coalesce(func.max(cursors.c.seq), 0)).where(cursors.c.flow == bindparam("flow")).scalar_subquery()
_UNSEEN = select(func.count()).where(events.c.kind == bindparam("kind"), events.c.seq > _SEEN)


class Events:
    """The event rows of one transaction. A store must not show an event before one with a smaller number."""

    def __init__(self, connection: Connection, log: Audit) -> None:
        self._connection = connection
        self._log = log

    def digest_of(self, event_id: str) -> str | None:
        """The digest of an event that is already here, None when it is new."""
        return self._connection.scalar(select(events.c.digest).where(events.c.id == event_id))

    def add(self, happened: Happened, digest: str) -> None:
        """Keep a new event."""
        self._connection.execute(
            insert(events).values(
                id=happened.id,
                source=happened.source,
                kind=happened.kind,
                contact_id=happened.contact_id,
                at=happened.at,
                received=happened.received,
                data=dict(happened.data),
                digest=digest,
            )
        )
        self._log.wrote(events, [happened.id])

    def unseen(self, flow: str, limit: int = 1000, after: int | None = None) -> list[tuple[int, Happened]]:
        """Events that this flow has not looked at, or those after a number, oldest first, with their numbers."""
        if after is None:
            after = self.cursor(flow) or 0
        rows = self._connection.execute(_AFTER, {"after": after, "limit": limit})
        return [(row.seq, _happened(row)) for row in rows]

    def has_cursor(self, flow: str) -> bool:
        """Has this flow ever looked at events?"""
        return self.cursor(flow) is not None

    def begin(self, flow: str, seq: int) -> None:
        """A flow that is new here looks at what came after this number."""
        self._connection.execute(insert(cursors).values(flow=flow, seq=seq, began=seq))
        self._log.wrote(cursors, [flow])

    def seen(self, flow: str, seq: int) -> None:
        """Everything up to this number has been looked at for this flow."""
        self._connection.execute(update(cursors).where(cursors.c.flow == flow).values(seq=seq))
        self._log.wrote(cursors, [flow])

    def end(self, name: str) -> None:
        """They look at nothing any more."""
        self._connection.execute(delete(cursors).where(cursors.c.flow == name))
        self._log.wrote(cursors, [name])

    def cursor(self, name: str) -> int | None:
        """Up to where a flow has looked, or a reader that is no flow: those have a blank in their names."""
        found: int | None = self._connection.scalar(_CURSOR, {"flow": name})
        return found

    def seen_by(self, name: str, number: int) -> None:
        """They have looked at everything up to this number."""
        if self.cursor(name) is None:
            self.begin(name, 0)
        self.seen(name, number)

    def last_before(self, moment: datetime) -> int:
        """The number of the newest event received before this instant, 0 for none."""
        return self._connection.scalar(select(func.max(events.c.seq)).where(events.c.received < moment)) or 0

    def of_contacts(self, ids: Iterable[str]) -> dict[str, tuple[Happened, ...]]:
        """All events of these contacts, oldest first."""
        found: dict[str, list[Happened]] = {}
        for row in self._connection.execute(_OF_CONTACTS, {"ids": list(ids)}):
            happened = Happened(*row)
            found.setdefault(happened.contact_id, []).append(happened)
        return {contact: tuple(rows) for contact, rows in found.items()}

    def settle(self, rows: Sequence[dict[str, Any]]) -> None:
        """Write down what a flow made of events."""
        if rows:
            self._connection.execute(insert(admissions), rows)
            self._log.wrote(admissions, [(row["event_id"], row["flow"]) for row in rows])

    def all_outcomes(self) -> Iterable[Row[Any]]:
        """Every answer that a flow gave to an event."""
        return self._connection.execute(select(admissions).order_by(admissions.c.at, admissions.c.event_id))

    def answers(self, flow: str, contact_id: str, kind: str) -> Sequence[Row[Any]]:
        """What became of one contact's triggers in this flow, oldest first."""
        query = select(admissions).join(events, events.c.id == admissions.c.event_id).order_by(admissions.c.at, admissions.c.event_id)
        theirs = (admissions.c.flow == flow, events.c.kind == kind, events.c.contact_id == contact_id)
        return self._connection.execute(query.where(*theirs)).all()

    def trigger_outcomes(self, flow: str, kind: str) -> dict[tuple[str, str], int]:
        """What became of the events of one kind in this flow, by outcome and reason."""
        query = select(admissions.c.outcome, admissions.c.reason, func.count()).join(events, events.c.id == admissions.c.event_id)
        rows = self._connection.execute(
            query.where(admissions.c.flow == flow, events.c.kind == kind).group_by(admissions.c.outcome, admissions.c.reason)
        )
        return {(outcome, reason): count for outcome, reason, count in rows}

    def count_received(self, flow: str, kind: str) -> int:
        """How many events of this kind were received since this flow began to look."""
        began = select(func.coalesce(func.max(cursors.c.began), 0)).where(cursors.c.flow == flow).scalar_subquery()
        return self._connection.scalar(select(func.count()).where(events.c.kind == kind, events.c.seq > began)) or 0

    def count_unseen(self, flow: str, kind: str) -> int:
        """How many events of this kind are stored and not yet looked at."""
        return self._connection.scalar(_UNSEEN, {"flow": flow, "kind": kind}) or 0

    def received_since(self, kind: str, since: datetime) -> tuple[int, datetime | None]:
        """How many events of this kind were received since then, and when the first of all was."""
        times = select(func.min(events.c.received)).where(events.c.kind == kind)
        count = select(func.count()).where(events.c.kind == kind, events.c.received > since)
        return self._connection.scalar(count) or 0, self._connection.scalar(times)

    def all(self) -> Iterable[Row[Any]]:
        """Every event, in order of arrival."""
        return self._connection.execute(select(events).order_by(events.c.seq))


def _happened(row: Row[Any]) -> Happened:
    return Happened(row.id, row.kind, row.at, row.contact_id, row.data or {}, row.source, row.received)
