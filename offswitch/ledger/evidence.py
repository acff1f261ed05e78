"""What the machine's messages of one flow led to: sends, and what people did after them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, BindParameter, Connection, Text, and_, bindparam, case, cast, func, literal, select, text, type_coerce

from offswitch.ledger.columns import Span
from offswitch.ledger.consent import REFUSED
from offswitch.ledger.tables import COUNTED, HARM, HARMFUL, SENT, contacts, effects, entries, events, suppressions
from offswitch.model.effect import MACHINE, Stage
from offswitch.model.entry import State

CLAIMS = timedelta(days=14)  # what comes later is no answer to a message
_flow: BindParameter[str] = bindparam("flow")
_since: BindParameter[datetime] = bindparam("since", type_=effects.c.at.type)
_OURS = (effects.c.flow == _flow, text(COUNTED), effects.c.actor == MACHINE, effects.c.at > _since)
# One text instead of a row each: a hundred thousand rows take three times as long.
_SENDS = select(func.aggregate_strings(cast(type_coerce(effects.c.at, BigInteger), Text), ",")).where(
    effects.c.flow == _flow, text(SENT), effects.c.at > _since
)

_latest = effects.alias("latest")
CLAIMED = (  # the latest message before an event: the one that the event belongs to
    select(_latest.c.key)
    .where(
        text(f"latest.{COUNTED}"),
        _latest.c.contact_id == events.c.contact_id,
        _latest.c.at <= events.c.at,
        _latest.c.at > events.c.at - literal(CLAIMS, Span()),
        _latest.c.state == Stage.PERFORMED.value,
    )
    .order_by(_latest.c.at.desc())
    .limit(1)
    .correlate(events)
    .scalar_subquery()
)
_send = effects.alias("send")
_ANSWERS = (
    select(events.c.contact_id, events.c.at, _send.c.at.label("sent"), _send.c.actor, events.c.data)
    .join_from(events, _send, _send.c.key == CLAIMED)
    .where(events.c.kind == bindparam("kind"), events.c.at > _since, _send.c.flow == _flow, _send.c.at > _since)
    .order_by(events.c.at, events.c.seq)
)
_HARMED = _ANSWERS.where(text(HARMFUL))
_REFUSED = (
    select(effects.c.contact_id, effects.c.at, effects.c.at.label("sent"), effects.c.actor, literal(None).label("data"))
    .join_from(effects, contacts, contacts.c.id == effects.c.contact_id)
    .join(suppressions, and_(suppressions.c.address == contacts.c.address, suppressions.c.at == effects.c.at))
    .where(*_OURS, effects.c.state == Stage.FAILED.value, suppressions.c.reason == REFUSED)
    .order_by(effects.c.at)
)


_BY_MESSAGE = (
    select(_send.c.action, events.c.kind, func.count(_send.c.key.distinct()))
    .join_from(events, _send, _send.c.key == CLAIMED)
    .where(events.c.kind.in_(bindparam("kinds", expanding=True)), events.c.at > _since, _send.c.flow == _flow, _send.c.at > _since)
    .group_by(_send.c.action, events.c.kind)
)
_SENT_BY_MESSAGE = select(effects.c.action, func.count()).where(effects.c.flow == _flow, text(SENT), effects.c.at > _since)
_REFUSED_BY_MESSAGE = _REFUSED.with_only_columns(effects.c.action, func.count()).order_by(None).group_by(effects.c.action)


class Followed(NamedTuple):
    """Something that a contact did at `at`, after the message that they got at `sent` from the machine or, by name, a person."""

    contact_id: str
    at: datetime
    sent: datetime
    actor: str
    data: Any


class Evidence:
    """The evidence in one transaction. Only what is later than `since` counts."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def sends(self, flow: str, since: datetime) -> list[int]:
        """When the machine sent messages that count, in order, as `micros`: there are many."""
        found = self._connection.scalar(_SENDS, {"flow": flow, "since": since})
        return sorted(map(int, found.split(","))) if found else []

    def followed(self, flow: str, kind: str, since: datetime) -> list[Followed]:
        """Events of a kind, each after a message of this flow, if no later message of any flow or person claims it."""
        query = _HARMED if kind in HARM else _ANSWERS
        return [Followed(*row) for row in self._connection.execute(query, {"flow": flow, "kind": kind, "since": since})]

    def refused(self, flow: str, since: datetime) -> list[Followed]:
        """Messages that the provider refused because of their address. Not those that it refused for another reason."""
        return [Followed(*row) for row in self._connection.execute(_REFUSED, {"flow": flow, "since": since})]

    def by_message(self, flow: str, kinds: Iterable[str], since: datetime) -> dict[tuple[str, str], int]:
        """How many messages events of these kinds followed, by action and kind."""
        rows = self._connection.execute(_BY_MESSAGE, {"flow": flow, "kinds": list(kinds), "since": since})
        return {(action, kind): count for action, kind, count in rows}

    def sends_by_message(self, flow: str, since: datetime) -> dict[str, int]:
        """How many messages the machine sent, by action."""
        rows = self._connection.execute(_SENT_BY_MESSAGE.group_by(effects.c.action), {"flow": flow, "since": since})
        return dict(rows.tuples().all())

    def refused_by_message(self, flow: str, since: datetime) -> dict[str, int]:
        """How many messages the provider refused because of their address, by action."""
        return dict(self._connection.execute(_REFUSED_BY_MESSAGE, {"flow": flow, "since": since}).tuples().all())

    def mark(self, kinds: Iterable[str], after: int) -> tuple[int, int, int]:
        """Whether there may be new evidence: the newest event, the newest of these kinds after a number, refused addresses."""
        newest = select(func.coalesce(func.max(events.c.seq), 0)).scalar_subquery()
        mine = select(func.coalesce(func.max(events.c.seq), 0)).where(events.c.seq > after, events.c.kind.in_(list(kinds)))
        count = select(func.count()).select_from(suppressions).scalar_subquery()
        found = self._connection.execute(select(newest, mine.scalar_subquery(), count)).one()
        return found[0], found[1], found[2]

    def outcomes(self, flow: str, lane: str, reason: str, goal: str) -> tuple[int, int]:
        """Of the journeys that are over in a lane (given for this reason): how many reached the goal, and how many there are."""
        over = (entries.c.flow == flow, entries.c.lane == lane, entries.c.lane_reason == reason, entries.c.ended.is_not(None))
        reached = func.sum(case((and_(entries.c.state == State.FINISHED.value, entries.c.reason == goal), 1), else_=0))
        row = self._connection.execute(select(func.coalesce(reached, 0), func.count()).where(*over)).one()
        return int(row[0]), row[1]
