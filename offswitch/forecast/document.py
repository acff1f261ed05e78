"""The forecast as JSON: `offswitch.forecast/1`, as docs/forecast.md has it."""

from __future__ import annotations

from typing import Any

from offswitch.forecast.forecast import Day, Forecast
from offswitch.policy.values import written

SCHEMA = "offswitch.forecast/1"


def as_json(forecast: Forecast) -> dict[str, Any]:
    """Every figure. No person is named in it."""
    return {
        "schema": SCHEMA,
        "flow": forecast.flow,
        "made": forecast.made.isoformat(),
        "zone": forecast.zone,
        "seed": forecast.asked.seed,
        "in_the_way": list(forecast.in_the_way),
        "people": forecast.people,
        "mails": forecast.mails,
        "at_once": forecast.at_once,
        "days": [_day(day) for day in forecast.days],
        "hours": list(forecast.hours),
        "other_flows": dict(forecast.others),
        **_events(forecast),
        "work": {
            "capacity": forecast.capacity,
            "minutes_per_item": forecast.per_item,
            "too_much_on": [day.date.isoformat() for day in forecast.crowded],
        },
        **_growth(forecast),
        "rests_on": _rests(forecast),
    }


def _events(forecast: Forecast) -> dict[str, Any]:
    return {
        "put_off": dict(forecast.put_off),
        "left_out": dict(forecast.left_out),
        "not_entered": dict(forecast.refused),
        "collisions": [{"loser": one.loser, "winner": one.winner, "rule": one.rule, "count": many} for one, many in forecast.lost.items()],
        "ended": dict(forecast.ended),
        "inside": [{"step": step, "state": state, "count": many} for (step, state), many in forecast.inside.items()],
    }


def _growth(forecast: Forecast) -> dict[str, Any]:
    return {
        "rollout": {
            "by_itself": forecast.by_itself,
            "steps": [
                {"number": one.number + 1, "size": one.size, "now": one.now, "on": one.on and one.on.isoformat(), "waits_for": one.waits[1]}
                for one in forecast.steps
            ],
        },
        "guardrails": [
            {
                "metric": one.metric.value,
                "ceiling": one.ceiling,
                "twice_shows_after_sends": one.sends,
                "on": one.on and one.on.isoformat(),
                "after_days": one.days,
            }
            for one in forecast.sights
        ],
    }


def _day(day: Day) -> dict[str, Any]:
    items = {kind.value: many for kind, many in day.items.items()}
    figures = {"mails": day.mails, "by_hand": day.by_hand, "entered": day.entered, "items": items, "minutes": day.minutes}
    return {"date": day.date.isoformat(), **figures, "other_flows": day.others}


def _rests(forecast: Forecast) -> dict[str, Any]:
    return {
        "messages": {
            name: {
                "sent": many,
                "opened": forecast.habits[name].opened,
                "rates": {deed.value: rate.to_json() for deed, rate in forecast.habits[name].rates.items()},
            }
            for name, many in forecast.messages.items()
        },
        "inflow": [kind.to_json() for kind in forecast.kinds],
        "answers_after": written(forecast.asked.answers),
        "answers_source": "said" if forecast.asked.answers_said else "assumed",
        "pass_every": written(forecast.asked.every),
        "foreseen_deeds": {deed.value: many for deed, many in forecast.deeds.items()},
    }
