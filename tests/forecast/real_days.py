"""What really happens, day by day, and what was foreseen: brought to one form so that they can be compared."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from offswitch.forecast.asked import Asked
from offswitch.forecast.forecast import Forecast
from offswitch.forecast.habits import Deed
from offswitch.journey.journey import Journey
from offswitch.model.effect import Stage
from offswitch.project.forecast import make_forecast
from tests.act.rig import Rig

NOTHING = dict.fromkeys(Deed, 0.0)  # nobody does anything with a message
RIYADH = ZoneInfo("Asia/Riyadh")


def together(rig: Rig, *journeys: Journey) -> None:
    """These are the flows of the project."""
    rig.project.flows.journeys.update({one.name: one for one in journeys})


def foreseen(rig: Rig, journey: Journey, days: int, *, every: timedelta, said: dict[Deed, float] | None = None, **more: Any) -> Forecast:
    """The forecast with passes as seldom as those of `live`, and nobody new unless it is said."""
    asked = Asked(days, NOTHING | (said or {}), every=every, **{"inflow": 0.0, **more})
    return make_forecast(rig.project, journey, asked, lambda _all: lambda _done: None)


def live(rig: Rig, days: int, *journeys: Journey, every: timedelta) -> None:
    """Real passes of the real engine until midnight in Riyadh, so many days from now."""
    last = rig.clock.now().astimezone(RIYADH).date() + timedelta(days=days)
    while rig.clock.now().astimezone(RIYADH).date() < last:
        for journey in sorted(journeys, key=lambda one: one.name):
            rig.run(journey)
        rig.clock.advance(every)


def sent_by_day(rig: Rig, journey: Journey) -> dict[str, int]:
    """How many messages the machine sent on which day of the company's calendar."""
    sends = (one for one in rig.effects(journey, Stage.PERFORMED) if one.counts)
    return dict(sorted(Counter(str(one.at.astimezone(RIYADH).date()) for one in sends).items()))


def foreseen_by_day(forecast: Forecast) -> dict[str, int]:
    """The same of a forecast."""
    return {str(day.date): day.mails for day in forecast.days if day.mails}
