"""What people were alerted to, so that one trouble is one alert an hour, whoever sees it first."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, insert, or_, select, update

from offswitch.ledger.audit import Audit
from offswitch.ledger.tables import alerts

QUIET = timedelta(hours=1)
AGAIN = timedelta(minutes=5)  # after an attempt that reached nobody


class Alerts:
    """The alert rows of one transaction."""

    def __init__(self, connection: Connection, log: Audit) -> None:
        self._connection = connection
        self._log = log

    def claim(self, reason: str, text: str, now: datetime) -> int | None:
        """The number of a new alert, not sent yet; None when people know of this reason, or somebody is telling them."""
        told = and_(alerts.c.sent, alerts.c.at > now - QUIET)
        trying = alerts.c.at > now - AGAIN
        query = select(func.count()).where(alerts.c.reason == reason, alerts.c.at <= now, or_(told, trying))
        if self._connection.scalar(query):
            return None
        row = {"reason": reason, "text": text, "at": now, "sent": False}
        number: int = self._connection.execute(insert(alerts).values(row).returning(alerts.c.id)).scalar_one()
        self._log.wrote(alerts, [number])
        return number

    def sent(self, numbers: Collection[int]) -> None:
        """Somebody was reached."""
        self._connection.execute(update(alerts).where(alerts.c.id.in_(numbers)).values(sent=True))
        self._log.wrote(alerts, numbers)
