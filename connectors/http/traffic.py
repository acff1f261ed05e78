"""What all calls of this machine to one provider share: a breaker, a pace, and how far the two clocks are apart."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from connectors.http.breaker import WELL, Breaker, Condition, Rule
from connectors.http.outcome import Answer
from connectors.http.pace import Limit
from connectors.http.retry_after import LONGEST, date_of
from connectors.http.slate import Slate, boot
from connectors.http.state import SIZE, State, sound, state_of
from offswitch.gate.permit import uptime

T = TypeVar("T")
_LISTEN = 60.0  # seconds between two looks at the provider's clock


@dataclass(frozen=True, slots=True)
class Service:
    """What is known of a provider. Limits: `calls` per `seconds`. `tries` for what may be repeated, within the deadline.

    `unprocessed`: statuses of 5xx that the provider documents as "not processed"; without that word they leave a doubt.
    After `failures` in a row calls are held for `rest` seconds. `hold`: for how many seconds an error that says "your limit is
    used up" in the provider's own words wants to be left alone, whatever its status; None for every other answer.
    """

    name: str
    calls: float = 100
    seconds: float = 10
    tries: int = 4
    unprocessed: frozenset[int] = frozenset()
    failures: int = 5
    rest: float = 30
    hold: Callable[[Answer], float | None] = lambda _: None


class Traffic:
    """One provider's breaker and pace at one address. Each method costs microseconds and never raises."""

    def __init__(self, service: Service, slate: Slate) -> None:
        self.slate = slate
        self._limit = Limit(service.calls, service.seconds)
        self._rule = Rule(service.failures, service.rest)
        self._listen_at = 0.0

    @property
    def condition(self) -> Condition:
        """How the breaker stands now."""
        return self._state(uptime()).breaker.condition(uptime())

    def reserve(self, cost: float, patience: float) -> float:
        """Seconds to wait before a call: see Pace."""

        def edit(state: State, now: float) -> tuple[State, float]:
            pace, wait = state.pace.reserve(self._limit, now, cost, patience)
            return replace(state, pace=pace), wait

        return self._change(edit)

    def pause(self, seconds: float) -> None:
        """Nobody calls for so long, at most a day."""
        self._change(lambda state, now: (replace(state, pace=state.pace.pause(now, min(seconds, LONGEST))), None))

    def paused(self) -> float:
        """Seconds that the provider's pause still lasts."""
        now = uptime()
        return self._state(now).pace.paused(now)

    def enter(self) -> float:
        """Seconds to hold a call: see Breaker."""
        if not self._state(uptime()).breaker.until:
            return 0.0  # nearly always: a look costs less than a change

        def edit(state: State, now: float) -> tuple[State, float]:
            breaker, wait = state.breaker.enter(self._rule, now)
            return replace(state, breaker=breaker), wait

        return self._change(edit)

    def well(self) -> None:
        """The other side works."""
        if self._state(uptime()).breaker != WELL:
            self._turn(lambda breaker, _: breaker.well())

    def badly(self, why: str) -> None:
        """It does not; `why` in words of ours."""
        self._turn(lambda breaker, now: breaker.badly(self._rule, now, why))

    def unused(self) -> None:
        """The call was not made after all."""
        self._turn(lambda breaker, _: breaker.unused())

    def heard(self, date: str) -> None:
        """What the provider's clock says, looked at once a minute."""
        if uptime() < self._listen_at or (theirs := date_of(date)) is None:
            return
        self._listen_at = uptime() + _LISTEN
        ahead = (theirs - datetime.now(UTC)).total_seconds()
        self._change(lambda state, now: (replace(state, ahead=ahead, heard=now), None))

    def _turn(self, turn: Callable[[Breaker, float], Breaker]) -> None:
        self._change(lambda state, now: (replace(state, breaker=turn(state.breaker, now)), None))

    def _state(self, now: float) -> State:
        return sound(state_of(self.slate.read(), now), self._limit, now)

    def _change(self, edit: Callable[[State, float], tuple[State, T]]) -> T:
        def rewrite(written: bytes) -> tuple[bytes, T]:
            now = uptime()  # read under the lock, so that it never goes back between two processes
            state, told = edit(sound(state_of(written, now), self._limit, now), now)
            return state.to_bytes(), told

        return self.slate.change(rewrite)


_known: dict[tuple[Service, Path], Traffic] = {}
_lock = threading.Lock()


def folder() -> Path:
    """Where processes of this machine meet."""
    return Path(os.environ.get("OFFSWITCH_HOME") or ".offswitch").absolute() / "traffic"


def traffic_to(service: Service, base_url: str) -> Traffic:
    """The one Traffic of this process to a provider at an address."""
    name = re.sub(r"[^\w-]", "_", service.name)
    path = folder() / f"{name}-{sha256(base_url.encode()).hexdigest()[:12]}.{boot()}"
    with _lock:
        found = _known.get((service, path))
        if found is None:
            found = _known[(service, path)] = Traffic(service, Slate(path, SIZE))
        return found


def states(where: Path | None = None) -> dict[str, State]:
    """What the processes of this machine know, by the provider's name; of several addresses the one called last."""
    now, found = uptime(), dict[str, State]()
    for path in sorted((where or folder()).glob(f"*-*.{boot()}")):
        try:
            state = state_of(path.read_bytes(), now)
        except OSError:
            continue
        name = path.stem.rpartition("-")[0]
        if state is not None and (name not in found or found[name].pace.seen <= state.pace.seen):
            found[name] = state
    return found


def conditions() -> dict[str, Condition]:
    """How the breakers of this machine stand, by the provider's name; those of this process alone where there is no folder."""
    alone = {service.name: traffic.condition for (service, _), traffic in list(_known.items()) if traffic.slate.trouble}
    return {name: state.breaker.condition(uptime()) for name, state in states().items()} | alone
