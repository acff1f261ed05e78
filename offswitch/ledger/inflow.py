"""Who began journeys lately: the real triggers that a forecast takes its made-up newcomers from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime

from sqlalchemy import Connection, func, select

from offswitch.ledger.tables import admissions, consent, events
from offswitch.model.event import Happened

_HAPPENED = [events.c[field.name] for field in fields(Happened)]
_ids_of_goals = select(admissions.c.event_id).where(admissions.c.event_id == events.c.id, admissions.c.outcome == "goal")


class Inflow:
    """The triggers in one transaction. What was somebody's goal in another flow is none: that flow leads there."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count(self, kind: str, since: datetime) -> int:
        """How many events of this kind were received since then."""
        query = select(func.count()).select_from(events).where(events.c.kind == kind, events.c.received > since, ~_ids_of_goals.exists())
        return self._connection.scalar(query) or 0

    def newest(self, kind: str, since: datetime, limit: int) -> list[Happened]:
        """The newest of them, newest first."""
        query = select(*_HAPPENED).where(events.c.kind == kind, events.c.received > since, ~_ids_of_goals.exists())
        return [Happened(*row) for row in self._connection.execute(query.order_by(events.c.seq.desc()).limit(limit))]

    def agreed(self, moments: Mapping[str, datetime]) -> dict[str, frozenset[tuple[str, str]]]:
        """What these contacts agreed to, each at a moment of their own: later words don't count."""
        said: dict[str, dict[tuple[str, str], bool]] = {}
        for contact_id, purpose, channel, given, at in self._said(moments):
            if at <= moments[contact_id]:
                said.setdefault(contact_id, {})[purpose, channel] = given
        return {contact: frozenset(key for key, given in words.items() if given) for contact, words in said.items()}

    def _said(self, ids: Iterable[str]) -> Iterable[tuple[str, str, str, bool, datetime]]:
        columns = (consent.c.contact_id, consent.c.purpose, consent.c.channel, consent.c.given, consent.c.at)
        query = select(*columns).where(consent.c.contact_id.in_(list(ids)))
        return self._connection.execute(query.order_by(consent.c.at, consent.c.given.desc(), consent.c.seq)).tuples()
