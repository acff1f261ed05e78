"""What stands in the way of a flow today."""

from __future__ import annotations

from offswitch.gate.as_if_on import ends
from offswitch.gate.reasons import reason_in
from offswitch.gate.standing import Standing
from offswitch.policy.schema import Switch
from offswitch.review.plan import Obstacle
from offswitch.review.words import Language, key_in

_CHANGED = "changed since approval: "


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


def in_words(language: Language, text: str) -> str:
    """What stands in the way, with the policy's keys in plain words."""
    if not text.startswith(_CHANGED):
        return reason_in(language, text)
    keys = text.removeprefix(_CHANGED).split(", ")
    return reason_in(language, _CHANGED + ("؛ " if language == "ar" else "; ").join(key_in(language, key) for key in keys))
