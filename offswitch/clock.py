"""The time, handed in: nothing else in the engine asks for it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time in UTC."""

    def now(self) -> datetime:
        """The present instant."""
        ...


class SystemClock:
    """This machine's clock."""

    def now(self) -> datetime:
        """The present instant."""
        return datetime.now(UTC)
