"""How far the changes that people make in CRMs have been taken in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, or_, select, update

from offswitch.ledger.audit import Audit
from offswitch.ledger.tables import registers


@dataclass(frozen=True, slots=True)
class Register:
    """One CRM: the cursor up to which its changes are here, and when it was asked last.

    `edited`: the newest change that was taken; `strangers`: changes about people whom nobody here knows.
    """

    crm: str
    cursor: str
    asked: datetime
    edited: datetime | None
    strangers: int


class Registers:
    """The rows about CRMs of one transaction."""

    def __init__(self, connection: Connection, log: Audit) -> None:
        self._connection = connection
        self._log = log

    def of(self, crm: str) -> Register | None:
        """What is known of one CRM; None when it was never asked."""
        row = self._connection.execute(select(registers).where(registers.c.crm == crm)).first()
        return Register(row.crm, row.cursor, row.asked, row.edited, row.strangers) if row else None

    def begin(self, crm: str, now: datetime) -> None:
        """It is about to be asked for the first time."""
        self._connection.execute(insert(registers).values(crm=crm, cursor="", asked=now, strangers=0))
        self._log.wrote(registers, [crm])

    def claim(self, crm: str, now: datetime, every: timedelta) -> bool:
        """May I ask it now? Not when somebody has within this time. A clock that was set back asks at once."""
        long_ago = or_(registers.c.asked <= now - every, registers.c.asked > now)
        found = self._connection.execute(update(registers).where(registers.c.crm == crm, long_ago).values(asked=now))
        return found.rowcount > 0

    def take(self, crm: str, cursor: tuple[str, str], edited: datetime | None, strangers: int) -> bool:
        """Go on from the first to the second cursor, with what was taken; False when somebody else has gone on meanwhile."""
        known = self.of(crm)
        if known is None or known.cursor != cursor[0]:
            return False
        newest = max(filter(None, (known.edited, edited)), default=None)
        values = {"cursor": cursor[1], "edited": newest, "strangers": known.strangers + strangers}
        self._connection.execute(update(registers).where(registers.c.crm == crm).values(values))
        self._log.wrote(registers, [crm])
        return True
