"""How fast one provider may be called: a token bucket, and pauses that the provider asks for. Values only; times by `uptime()`."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Limit:
    """`calls` per `seconds`, all at once where they were saved up."""

    calls: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Pace:
    """The calls that were saved up at `seen`, and until when nobody calls at all."""

    tokens: float
    seen: float
    paused_until: float = 0.0

    def reserve(self, limit: Limit, now: float, cost: float, patience: float) -> tuple[Pace, float]:
        """Seconds to wait before a call that counts as `cost`. Its place is taken only when that is at most `patience`.

        Places are given in the order of asking, so a large batch is not overtaken for ever by small calls.
        """
        rate = limit.calls / limit.seconds
        tokens = min(limit.calls, self.tokens + max(now - self.seen, 0.0) * rate)
        wait = max((cost - tokens) / rate, self.paused_until - now, 0.0)
        return Pace(tokens - cost if wait <= patience else tokens, now, self.paused_until), wait

    def pause(self, now: float, seconds: float) -> Pace:
        """Nobody calls for so long: the provider said so to one of us."""
        return replace(self, paused_until=max(self.paused_until, now + seconds))

    def paused(self, now: float) -> float:
        """Seconds that the provider's pause still lasts."""
        return max(self.paused_until - now, 0.0)
