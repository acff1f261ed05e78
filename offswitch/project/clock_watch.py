"""A clock that somebody set: refused, not obeyed. Only this machine's own clock is watched.

A clock that goes back lets caps forget and leases live on; one that leaps ahead makes everything due at once.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from offswitch.act.marks import NO_BOOT_ID, boot_id
from offswitch.clock import Clock, SystemClock
from offswitch.gate.permit import uptime
from offswitch.ledger.base import Book

BEHIND = timedelta(minutes=2)  # by which machines may differ
AHEAD = timedelta(minutes=5)  # by which a clock may be corrected between two passes
DRIFT = timedelta(seconds=60)  # within one pass
_WHAT_TO_DO = "Nothing is sent. Set the clock right; if it is right, run `offswitch reconcile --clock`"


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the clocks said at the last pass here. `forgiven`: times in the ledger up to this one are known to be wrong."""

    boot: str
    up: float
    at: datetime
    forgiven: datetime | None = None


class ClockWatch:
    """One machine's. `path` is where the last pass is remembered; it may be lost, then this watch begins anew."""

    def __init__(self, clock: Clock, path: Path) -> None:
        self._clock = clock
        self._path = path
        self._watched = isinstance(clock, SystemClock)
        self._counts_sleep = hasattr(time, "CLOCK_BOOTTIME") and boot_id() != NO_BOOT_ID
        self._began = clock.now(), uptime()

    def refusal(self, book: Book) -> str:
        """Why this clock can't be right, measured by what the ledger and this machine remember; "" when it may be."""
        if not self._watched:
            return ""
        now, seen = self._clock.now(), self._seen()
        newest = book.history.newest_time()
        if newest and now < newest - BEHIND and not (seen and seen.forgiven and newest <= seen.forgiven):
            return self._words(now, f"the ledger has a pass of {_said(newest)}")
        if seen is None:
            return ""
        if now < seen.at - BEHIND:
            return self._words(now, f"the last pass here was at {_said(seen.at)}")
        should = self._should_be(seen)
        if should and now > should + AHEAD:
            return self._words(now, f"going by the time that has passed since the last pass it is {_said(should)}")
        return ""

    def jump(self) -> str:
        """Whether the clock was set since this watch began. Costs well under a microsecond. Sleep is no jump."""
        if not (self._watched and self._counts_sleep):
            return ""
        wall, up = self._began
        drift = (self._clock.now() - wall).total_seconds() - (uptime() - up)
        if abs(drift) <= DRIFT.total_seconds():
            return ""
        side = "ahead" if drift > 0 else "back"
        return f"this machine's clock was set {side} by {abs(drift):,.0f} s while the flow ran; the rest waits for the next pass"

    def keep(self, book: Book, *, forgive: bool = False) -> None:
        """This clock is right. `forgive`: a person says so, whatever the ledger holds. Raises OSError."""
        if not self._watched:
            return
        before = self._seen()
        now, forgiven = self._clock.now(), before.forgiven if before else None
        if forgive:
            newest = book.history.newest_time()
            forgiven = newest if newest and newest > now else forgiven
        seen = asdict(_Seen(boot_id(), uptime(), now, forgiven))
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        draft.write_text(json.dumps(seen, default=str), encoding="ascii")
        draft.replace(self._path)

    def _seen(self) -> _Seen | None:
        try:
            kept = json.loads(self._path.read_bytes())
            forgiven = datetime.fromisoformat(kept["forgiven"]) if kept["forgiven"] else None
            return _Seen(str(kept["boot"]), float(kept["up"]), datetime.fromisoformat(kept["at"]), forgiven)
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def _should_be(self, seen: _Seen) -> datetime | None:
        """What the clock has to say by the counter that nobody sets; None after a restart of the machine."""
        if not self._counts_sleep or seen.boot != boot_id():
            return None
        return seen.at + timedelta(seconds=uptime() - seen.up)

    def _words(self, now: datetime, but: str) -> str:
        return f"this machine's clock says {_said(now)}, but {but}. {_WHAT_TO_DO}"


def _said(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
