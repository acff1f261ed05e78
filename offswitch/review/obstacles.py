"""What stands in the way of a flow today."""

from __future__ import annotations

from offswitch.gate.as_if_on import ends
from offswitch.gate.standing import Standing
from offswitch.policy.schema import Switch
from offswitch.review.plan import Obstacle


def obstacles(standing: Standing) -> tuple[Obstacle, ...]:
    """All that keeps the machine from acting today."""
    found = [Obstacle(str(stop), not ends(stop)) for stop in standing.stops]
    if standing.policy is not None and standing.policy.switch is Switch.CLOSING:
        found.append(Obstacle(f"flow {standing.flow} is closing: nobody enters", False))
    if standing.unapproved:
        found.append(Obstacle(standing.unapproved, False))
    if standing.unready:
        found.append(Obstacle(standing.unready, True))
    if standing.unreviewed:
        found.append(Obstacle(standing.unreviewed, True))
    return tuple(found)
