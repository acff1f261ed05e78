"""What the ledger knows of texts that are tried out: who got which, and what they did afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Connection, bindparam, func, select, text

from offswitch.ledger.consent import REFUSED
from offswitch.ledger.evidence import CLAIMED
from offswitch.ledger.tables import COUNTED, contacts, effects, events, suppressions
from offswitch.model.effect import Stage

_flow: BindParameter[str] = bindparam("flow")
_action: BindParameter[str] = bindparam("action")
_since: BindParameter[datetime] = bindparam("since", type_=effects.c.at.type)
_before: BindParameter[datetime] = bindparam("before", type_=effects.c.at.type)
_SENT = (
    select(effects.c.contact_id, effects.c.at, effects.c.variant, effects.c.actor)
    .where(text(COUNTED), effects.c.flow == _flow, effects.c.action == _action, effects.c.state == Stage.PERFORMED.value)
    .where(effects.c.at >= _since, effects.c.at < _before)
    .order_by(effects.c.at, effects.c.key)
)
_DREW = _SENT.where(effects.c.variant.is_not(None))
_EVER = select(events.c.contact_id, events.c.at).where(events.c.kind == bindparam("kind"), events.c.at >= _since)
_send = effects.alias("send")
_ANSWERED = (
    select(events.c.contact_id, events.c.at, events.c.kind, events.c.data, _send.c.at.label("sent"), _send.c.variant)
    .join_from(events, _send, _send.c.key == CLAIMED)
    .where(events.c.kind.in_(bindparam("kinds", expanding=True)), events.c.at >= _since)
    .where(_send.c.flow == _flow, _send.c.action == _action, _send.c.at >= _since, _send.c.at < _before)
    .order_by(events.c.at, events.c.seq)
)
_REFUSED = (
    select(effects.c.variant, func.count(effects.c.contact_id.distinct()))
    .join_from(effects, contacts, contacts.c.id == effects.c.contact_id)
    .join(suppressions, (suppressions.c.address == contacts.c.address) & (suppressions.c.at == effects.c.at))
    .where(effects.c.flow == _flow, effects.c.action == _action, effects.c.variant.is_not(None), suppressions.c.reason == REFUSED)
    .where(effects.c.state == Stage.FAILED.value, effects.c.at >= _since, effects.c.at < _before)
    .group_by(effects.c.variant)
)


class Drawn(NamedTuple):
    """A message that was sent at `at`, by the machine or, by name, a person; "" for a text that nobody drew."""

    contact_id: str
    at: datetime
    variant: str
    actor: str


class Answered(NamedTuple):
    """What somebody did at `at`, after the message that they got at `sent`."""

    contact_id: str
    at: datetime
    kind: str
    data: Any
    sent: datetime
    variant: str


class Trials:
    """The trials in one transaction. A span of time begins with `since` and ends right before `before`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def sent(self, flow: str, action: str, since: datetime, before: datetime) -> list[Drawn]:
        """Every message of this action, oldest first."""
        return [Drawn(*row) for row in self._connection.execute(_SENT, _span(flow, action, since, before))]

    def drew(self, flow: str, action: str, since: datetime, before: datetime) -> list[Drawn]:
        """Those whose text was drawn, oldest first."""
        return [Drawn(*row) for row in self._connection.execute(_DREW, _span(flow, action, since, before))]

    def events(self, kind: str, since: datetime) -> list[tuple[str, datetime]]:
        """Whoever did this, and when."""
        return list(self._connection.execute(_EVER, {"kind": kind, "since": since}).tuples())

    def answered(self, flow: str, action: str, kinds: Iterable[str], since: datetime, before: datetime) -> list[Answered]:
        """What people did after these messages, before they got another one."""
        said = {**_span(flow, action, since, before), "kinds": list(kinds)}
        return [Answered(*row) for row in self._connection.execute(_ANSWERED, said)]

    def refused(self, flow: str, action: str, since: datetime, before: datetime) -> dict[str, int]:
        """By text, how many people's addresses the provider refused at once."""
        return dict(self._connection.execute(_REFUSED, _span(flow, action, since, before)).tuples().all())


def _span(flow: str, action: str, since: datetime, before: datetime) -> dict[str, Any]:
    return {"flow": flow, "action": action, "since": since, "before": before}
