"""The forecast of one flow of an opened project: all of its flows take part, for they share people and limits."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack

from offswitch.errors import Refused
from offswitch.forecast.asked import Asked
from offswitch.forecast.forecast import Forecast, foresee
from offswitch.journey.journey import Journey
from offswitch.project.plan import said_of
from offswitch.project.project import Project


def make_forecast(project: Project, journey: Journey, asked: Asked, watch: Callable[[int], Callable[[int], None]]) -> Forecast:
    """What would happen from now on if nothing were changed but that this flow is on. Nothing is performed, and nothing written.

    Raises ConfigError for a policy that can't be used.
    """
    if said_of(project, journey).policy is None:
        raise Refused(f"there is no valid policy for {journey.name}: see `offswitch check`")
    about = (sys.modules[journey.first.decide.__module__].__doc__ or "").strip().partition("\n")[0]
    with ExitStack() as opened:
        journeys = {**project.flows.journeys, journey.name: journey}
        desks = {name: opened.enter_context(project.desk(one)) for name, one in sorted(journeys.items())}
        return foresee(desks, journey.name, about, asked, watch)
