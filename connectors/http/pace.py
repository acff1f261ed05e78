"""How fast one connector may call: a token bucket that all threads share, and pauses that the provider asks for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Pace:
    """`calls` per `seconds`, all at once where they were saved up."""

    def __init__(self, calls: float, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = calls
        self._rate = calls / seconds
        self._clock = clock
        self._tokens = calls
        self._seen = clock()
        self._paused_until = self._seen
        self._lock = threading.Lock()

    def reserve(self, cost: float, patience: float) -> float:
        """Seconds to wait before a call that counts as `cost`. Its place is taken only when that is at most `patience`.

        Places are given in the order of asking, so a large batch is not overtaken for ever by small calls.
        """
        with self._lock:
            now = self._clock()
            self._tokens = min(self._most, self._tokens + (now - self._seen) * self._rate)
            self._seen = now
            wait = max((cost - self._tokens) / self._rate, self._paused_until - now, 0.0)
            if wait <= patience:
                self._tokens -= cost
            return wait

    def pause(self, seconds: float) -> None:
        """Nobody calls for so long: the provider said so to one of us."""
        with self._lock:
            self._paused_until = max(self._paused_until, self._clock() + seconds)

    def paused(self) -> float:
        """Seconds that the provider's pause still lasts."""
        with self._lock:
            return max(self._paused_until - self._clock(), 0.0)
