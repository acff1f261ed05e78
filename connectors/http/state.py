"""What is known of one provider at one moment, as a value and as the bytes that processes pass to each other."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from math import isfinite
from zlib import crc32

from connectors.http.breaker import WELL, Breaker
from connectors.http.pace import Limit, Pace
from connectors.http.retry_after import LONGEST

_LAYOUT = struct.Struct("<8s8dI120s")  # pace 3, breaker 3, clock 2; failures; why
_SUM = struct.Struct("<I")
_KIND = b"traffic1"
SIZE = _LAYOUT.size + _SUM.size
_FAR = LONGEST + 60.0  # seconds: nothing here is ever meant for later than that


@dataclass(frozen=True, slots=True)
class State:
    """`ahead`: seconds by which the provider's clock was ahead of ours at `heard`; 0.0 where it was never heard."""

    pace: Pace
    breaker: Breaker = WELL
    ahead: float = 0.0
    heard: float = 0.0

    def to_bytes(self) -> bytes:
        """SIZE bytes, with a sum over them."""
        pace, breaker = self.pace, self.breaker
        numbers = (pace.tokens, pace.seen, pace.paused_until, breaker.until, breaker.probe_until, breaker.opened, self.ahead, self.heard)
        written = _LAYOUT.pack(_KIND, *numbers, breaker.failures, breaker.why.encode("ascii", "replace"))
        return written + _SUM.pack(crc32(written))


def state_of(written: bytes, now: float) -> State | None:
    """The state that these bytes hold; None when they are damaged, or speak of a time that can't be."""
    if len(written) != SIZE or _SUM.unpack_from(written, _LAYOUT.size) != (crc32(written[: _LAYOUT.size]),):
        return None
    kind, tokens, seen, paused, until, probe, opened, ahead, heard, failures, why = _LAYOUT.unpack_from(written)
    past, coming = (seen, opened, heard), (paused, until, probe)
    if kind != _KIND or not all(map(isfinite, (tokens, ahead, *past, *coming))) or max(past) > now + 1 or max(coming) > now + _FAR:
        return None
    words = why.rstrip(b"\0").decode("ascii", "replace")
    return State(Pace(tokens, seen, paused), Breaker(failures, until, probe, opened, words), ahead, heard)


def fresh(limit: Limit, now: float) -> State:
    """Of a provider that nobody has called yet."""
    return State(Pace(limit.calls, now))


def sound(state: State | None, limit: Limit, now: float) -> State:
    """The state itself where it can be right for this limit; else a fresh one."""
    if state is None or state.pace.tokens < -_FAR * limit.calls / limit.seconds:
        return fresh(limit, now)
    return state
