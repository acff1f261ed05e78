"""The breaker of one connector: when the other side fails again and again, calls are held for a while and none is dropped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Position(StrEnum):
    """`open`: calls are held. `half-open`: one call is out to see whether the other side is back."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True)
class Condition:
    """How a breaker stands: failures in a row, and for how many seconds it still holds."""

    position: Position
    failures: int
    seconds: float


class Breaker:
    """Opens after `limit` failures in a row, for `rest` seconds; then lets one call through. Shared by threads."""

    def __init__(self, limit: int, rest: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._rest = rest
        self._clock = clock
        self._failures = 0
        self._until = 0.0
        self._probe_until = 0.0
        self._lock = threading.Lock()

    @property
    def condition(self) -> Condition:
        """How it stands now."""
        with self._lock:
            return self._condition()

    def enter(self) -> float:
        """0.0 for a call that may go, which must end in `well`, `badly` or `unused`; else the seconds to hold it."""
        with self._lock:
            now = self._condition()
            if now.position is Position.CLOSED:
                return 0.0
            wait = max(now.seconds, self._probe_until - self._clock())
            if wait > 0:
                return wait
            self._probe_until = self._clock() + self._rest  # a probe that never reports back doesn't hold the others for ever
            return 0.0

    def well(self) -> None:
        """The other side works, whatever it thought of the call."""
        with self._lock:
            self._failures = 0
            self._probe_until = 0.0

    def badly(self) -> None:
        """No answer, or one that says that the other side is broken."""
        with self._lock:
            self._failures += 1
            self._probe_until = 0.0
            if self._failures >= self._limit:
                self._until = self._clock() + self._rest

    def unused(self) -> None:
        """The call told nothing about the other side: it was not made after all."""
        with self._lock:
            self._probe_until = 0.0

    def _condition(self) -> Condition:
        if self._failures < self._limit:
            return Condition(Position.CLOSED, self._failures, 0.0)
        left = max(self._until - self._clock(), 0.0)
        return Condition(Position.OPEN if left else Position.HALF_OPEN, self._failures, left)
