"""The clock that all workers share, and whether this machine's agrees with it."""

from __future__ import annotations

from datetime import datetime, timedelta

from offswitch.act.desk import Desk
from offswitch.errors import Refused
from offswitch.ledger.base import Book

MOST = timedelta(seconds=2)


def shared_instant(desk: Desk, book: Book) -> datetime:
    """Now, as leases count it. Raises Refused when this machine is more than two seconds off: its quiet hours and caps are wrong."""
    before = desk.clock.now()
    instant = book.instant(before)
    after = desk.clock.now()  # the question itself may take its time
    if before - MOST <= instant <= after + MOST:
        return instant
    off = before - instant if before > instant else instant - after
    side = "ahead of" if before > instant else "behind"
    raise Refused(f"this machine's clock is {off.total_seconds():,.0f} s {side} the ledger's, so it sends nothing: set it right (NTP)")
