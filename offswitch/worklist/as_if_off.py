"""The standing of a flow as it would be if nothing worked any more from this instant: all that is due is people's."""

from __future__ import annotations

from dataclasses import replace

from offswitch.gate.standing import Standing, Stop
from offswitch.policy.schema import WhenOff

DEAD = Stop("company", "", "nothing works any more")
BY_ITSELF = "the machine does this by itself as long as it lives"


def as_if_off(standing: Standing) -> Standing:
    """Also what would be held, or wait for a mended file, an approval or an answer, is handed over."""
    if standing.policy is None:
        return standing
    policy = replace(standing.policy, when_off=WhenOff.HAND_OVER, step_when_off={})
    return replace(standing, policy=policy, trouble="", unapproved="", unready="", unreviewed="", stops=(*standing.stops, DEAD))


def as_people_see(standing: Standing) -> Standing:
    """While a file is being saved nothing happens, but the list stays what the last valid files make it."""
    saving = bool(standing.trouble) and not standing.trouble_settled
    return replace(standing, trouble="") if saving else standing
