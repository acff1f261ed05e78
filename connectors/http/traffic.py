"""What all calls of this process to one provider share: a breaker and a pace."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from connectors.http.breaker import Breaker, Condition
from connectors.http.pace import Pace


@dataclass(frozen=True, slots=True)
class Service:
    """What is known of a provider. Limits: `calls` per `seconds`. `tries` for what may be repeated, within the deadline.

    `unprocessed`: statuses of 5xx that the provider documents as "not processed"; without that word they leave a doubt.
    After `failures` in a row calls are held for `rest` seconds.
    """

    name: str
    calls: float = 100
    seconds: float = 10
    tries: int = 4
    unprocessed: frozenset[int] = frozenset()
    failures: int = 5
    rest: float = 30


class Traffic:
    """One provider's breaker and pace."""

    def __init__(self, service: Service) -> None:
        self.breaker = Breaker(service.failures, service.rest)
        self.pace = Pace(service.calls, service.seconds)


_known: dict[tuple[Service, str], Traffic] = {}
_lock = threading.Lock()


def traffic_to(service: Service, base_url: str) -> Traffic:
    """The one Traffic of this process to a provider at an address."""
    with _lock:
        return _known.setdefault((service, base_url), Traffic(service))


def conditions() -> dict[str, Condition]:
    """How the breakers of this process stand, by the provider's name."""
    with _lock:
        return {service.name: traffic.breaker.condition for (service, _), traffic in _known.items()}
