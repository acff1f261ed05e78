"""Is a rate above its ceiling? A test that may be looked at after every event, and how many sends it needs.

The exact beta-mixture e-process: the likelihood of what was seen if the rate is above the ceiling, averaged over a beta prior
(a = 1, b = 1 / (3 ceiling)) cut off below it, against the likelihood at the ceiling itself. By Ville's inequality it ever
reaches 1/alpha with probability alpha at most, however often somebody looks, as long as the true rate is not above.
Signals that lag only make it smaller. It is the one-sided beta-binomial mixture of Howard et al. (2021), arXiv:1810.08240.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from math import comb, log, log1p

from offswitch.metrics.beta import log_beta, log_tail

ALPHA = 0.05  # all guards of a flow together, over the whole test
POWER = 0.8
MILLION = 1_000_000
_FAR = 1 << 40  # more sends than anybody counts


def log_e(ppm: int, sends: int, events: int) -> float:
    """ln E after `events` of `sends`, for a ceiling in parts per million. Falls with every send, rises with every event."""
    p, a = ppm / MILLION, 1.0
    b = 1 / (3 * p)
    seen = log_beta(a + events, b + sends - events) - log_beta(a, b)
    above = log_tail(p, a + events, b + sends - events) - log_tail(p, a, b)
    return seen + above - events * log(p) - (sends - events) * log1p(-p)


def first_breach(ppm: int, guards: int, sends_at: Iterable[int]) -> tuple[int, int] | None:
    """With how many events, of how many sends, the test first said stop; None if it never did.

    `sends_at` holds how many sends there were when the first, second … event came.
    """
    counts = enumerate(sends_at, start=1)
    return next(((events, sends) for events, sends in counts if broken(ppm, guards, sends, events)), None)


def broken(ppm: int, guards: int, sends: int, events: int) -> bool:
    """Is this enough to stop? `guards` share the false alarms among them (Bonferroni). A rate at or below the ceiling never is."""
    sends = max(sends, events)
    return events * MILLION > sends * ppm and log_e(ppm, sends, events) >= _bound(guards)


@lru_cache(maxsize=4096)
def last_send(ppm: int, guards: int, events: int) -> int:
    """Up to how many sends so many events are too many; less than `events` where they never are."""
    low, high = events - 1, max(events, 1)
    while high < _FAR and broken(ppm, guards, high, events):
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if broken(ppm, guards, middle, events) else (low, middle)
    return low


@lru_cache(maxsize=4096)
def stop_at(ppm: int, guards: int, sends: int) -> int:
    """The fewest events that are too many of so many sends."""
    low, high = 0, 1
    while high < sends and not broken(ppm, guards, sends, high):
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if broken(ppm, guards, sends, middle) else (middle, high)
    return high


@lru_cache(maxsize=256)
def sends_to_see(ppm: int, guards: int, times: int) -> int:
    """How many sends show a rate of `times` the ceiling with a power of 80 %, looking after every send; exact but for rounding up.

    The chance to have stopped is followed over chunks of sends that hold 0.02 events at the ceiling on average.
    """
    chunk = max(1, round(0.02 * MILLION / ppm))
    rate = min(times * ppm / MILLION, 1.0)
    jumps = [comb(chunk, k) * rate**k * (1 - rate) ** (chunk - k) for k in range(min(chunk, 5) + 1)]
    going, sends = {0: 1.0}, 0
    while sum(going.values()) > 1 - POWER:
        sends += chunk
        after: dict[int, float] = {}
        for events, chance in going.items():
            for more, weight in enumerate(jumps):
                if not more or sends > last_send(ppm, guards, events + more):
                    after[events + more] = after.get(events + more, 0.0) + chance * weight
        going = {events: chance for events, chance in after.items() if chance > 1e-12}
    return sends


def _bound(guards: int) -> float:
    return log(guards / ALPHA)
