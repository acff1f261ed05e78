"""The breaker of one provider: when it fails again and again, calls are held for a while and none is dropped. Values only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Position(StrEnum):
    """`open`: calls are held. `half-open`: one call is out, or may go, to see whether the other side is back."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True)
class Condition:
    """How a breaker stands: failures in a row, for how many seconds it still holds, since how many it is not closed, and why."""

    position: Position
    failures: int
    seconds: float
    since: float = 0.0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """Opens after `failures` in a row, for `rest` seconds; then lets one call through."""

    failures: int
    rest: float


@dataclass(frozen=True, slots=True)
class Breaker:
    """Times by `uptime()`; `until` and `opened` are 0.0 while it is closed. `why`: the last failure, in words of ours."""

    failures: int = 0
    until: float = 0.0
    probe_until: float = 0.0
    opened: float = 0.0
    why: str = ""

    def enter(self, rule: Rule, now: float) -> tuple[Breaker, float]:
        """0.0 for a call that may go, which must end in `well`, `badly` or `unused`; else the seconds to hold it."""
        if not self.until:
            return self, 0.0
        wait = max(self.until, self.probe_until) - now
        if wait > 0:
            return self, wait
        return replace(self, probe_until=now + rule.rest), 0.0  # a probe that never reports back doesn't hold the others for ever

    def well(self) -> Breaker:
        """The other side works, whatever it thought of the call."""
        return WELL

    def badly(self, rule: Rule, now: float, why: str = "") -> Breaker:
        """No answer, or one that says that the other side is broken."""
        failures = self.failures + 1
        if failures < rule.failures:
            return replace(self, failures=failures, probe_until=0.0, why=why)
        return Breaker(failures, now + rule.rest, 0.0, self.opened or now, why)

    def unused(self) -> Breaker:
        """The call told nothing about the other side: it was not made after all."""
        return replace(self, probe_until=0.0)

    def condition(self, now: float) -> Condition:
        """How it stands now."""
        if not self.until:
            return Condition(Position.CLOSED, self.failures, 0.0, 0.0, self.why)
        left = max(self.until - now, 0.0)
        return Condition(Position.OPEN if left else Position.HALF_OPEN, self.failures, left, max(now - self.opened, 0.0), self.why)


WELL = Breaker()
