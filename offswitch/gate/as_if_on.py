"""The standing of a flow as it would be if it were ready, approved and switched on now."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath

from offswitch.gate.standing import MODE, Standing, Stop
from offswitch.policy.schema import Switch


def as_if_on(standing: Standing) -> Standing:
    """Without the stops that `offswitch on FLOW` ends and without what people have yet to say; every other stop stays.

    Approval, readiness and review are people's word: they give it when they have seen what would happen.
    """
    policy = replace(standing.policy, switch=Switch.ON) if standing.policy else None
    kept = tuple(stop for stop in standing.stops if not ends(stop))
    return replace(standing, policy=policy, stops=kept, unapproved="", unapproved_long=False, unready="", unreviewed="")


def as_if_free(standing: Standing) -> Standing:
    """The same without whatever else stops all of the flow. A step, a channel or a connector that is off stays off."""
    there = as_if_on(standing)
    kept = tuple(stop for stop in there.stops if stop.scope not in ("company", "flow", MODE))
    return replace(there, stops=kept, trouble="", unreleased=False, lost_until=None)


def as_dry_run(standing: Standing) -> Standing:
    """As `as_if_on`, and as if it were more than a pilot and approved by two: a dry run is there to find out whether it should be."""
    there = as_if_on(standing)
    return replace(there, pilot=False, mass=None, unreleased=False)


def ends(stop: Stop) -> bool:
    """Is it this flow's own, by hand or by its own stop file? The stop file for everything is not."""
    if stop.scope != "flow" or stop.automatic:
        return False
    return stop.source != "stop file" or PurePath(stop.reason).name.endswith(f"-{stop.name}")
