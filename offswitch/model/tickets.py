"""Is support still busy with somebody?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from offswitch.events import TicketOpened, TicketSolved
from offswitch.model.event import Happened


def open_ticket(events: Iterable[Happened]) -> datetime | None:
    """When the newest ticket that nobody has solved was opened; None when there is none. A ticket may be opened again."""
    found: dict[str, datetime] = {}
    for happened in sorted((one for one in events if one.kind in (TicketOpened.kind, TicketSolved.kind)), key=lambda one: one.at):
        number = str(happened.data.get("number", ""))
        if happened.kind == TicketOpened.kind:
            found[number] = happened.at
        else:
            found.pop(number, None)
    return max(found.values(), default=None)
