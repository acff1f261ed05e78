"""The standing of a flow as it would be if it were approved and switched on now."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath

from offswitch.gate.standing import Standing, Stop
from offswitch.policy.schema import Switch
from offswitch.review.plan import Obstacle


def as_if_on(standing: Standing) -> Standing:
    """Without the stops that `offswitch on FLOW` ends and without the missing approval; every other stop stays."""
    policy = replace(standing.policy, switch=Switch.ON) if standing.policy else None
    kept = tuple(stop for stop in standing.stops if not _ends(stop))
    return replace(standing, policy=policy, stops=kept, unapproved="", unapproved_long=False)


def obstacles(standing: Standing) -> tuple[Obstacle, ...]:
    """All that keeps the machine from acting today."""
    found = [Obstacle(str(stop), not _ends(stop)) for stop in standing.stops]
    if standing.policy is not None and standing.policy.switch is Switch.CLOSING:
        found.append(Obstacle(f"flow {standing.flow} is closing: nobody enters", False))
    if standing.unapproved:
        found.append(Obstacle(standing.unapproved, False))
    if standing.unready:
        found.append(Obstacle(standing.unready, True))
    return tuple(found)


def _ends(stop: Stop) -> bool:
    """Is it this flow's own, by hand or by its own stop file? The stop file for everything is not."""
    if stop.scope != "flow" or stop.automatic:
        return False
    return stop.source != "stop file" or PurePath(stop.reason).name.endswith(f"-{stop.name}")
